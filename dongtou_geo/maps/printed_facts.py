"""What a printed map says of the one thing that was selected."""

from __future__ import annotations

from dongtou_geo.domain import written
from dongtou_geo.domain.places import Project, Reclamation
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.services.dossier import PARCEL_PREFIX
from dongtou_geo.services.map_sheet import MapSheet

Facts = tuple[str, list[tuple[str, str]]]


def title_of(sheet: MapSheet, selected: str | None) -> str | None:
    """Return what stands beside the map's title; None where nothing was selected.

    Parameters
    ----------
    sheet : MapSheet
        What is shown.
    selected : str or None
        Feature id.
    """
    if selected is None:
        return None
    place = sheet.place(selected)
    if isinstance(place, Project):
        return f"项目 {place.no} {place.name}"
    return place.name if place else f"地块 {selected.removeprefix(PARCEL_PREFIX)}"


def facts_of(sheet: MapSheet, selected: str) -> Facts:
    """Return name and facts of a parcel, a project or a reclamation area.

    Parameters
    ----------
    sheet : MapSheet
        What is shown.
    selected : str
        Feature id of any of these.
    """
    place = sheet.place(selected)
    if isinstance(place, Project):
        return _project(place)
    if isinstance(place, Reclamation):
        area = f"约 {written.plain(place.plan_area_value)} {place.plan_area_unit}"
        given = place.plan_area_value is not None
        pairs = [("规划面积", area if given else "规划未给"), ("出处", place.source_ref)]
        return place.name, pairs
    return _parcel(sheet, selected.removeprefix(PARCEL_PREFIX))


def _project(project: Project) -> Facts:
    wan = project.total_investment_wan
    money = written.yi(wan) + ("" if wan is None else " 亿元")
    place = project.location_basis.label
    return f"{project.no} {project.name}", [
        ("总投资（规划）", money),
        ("建设期限", f"{project.start_year}—{project.end_year}"),
        ("用地面积（附表）", project.land_area_text or "规划未给"),
        ("位置依据", f"{place}，{'不代表实地' if project.sensitive else '点位示意'}"),
        ("实际进度", written.UNKNOWN),
    ]


def _parcel(sheet: MapSheet, number: str) -> Facts:
    parcels = sheet.parcels
    row = parcels.numbers.index(number)
    account, sea = STATUSES[parcels.status[row]], bool(parcels.filled_sea[row])
    status = account.filled_sea_label if sea else account.label
    flag = "（停工）" if parcels.halted[row] else "（停产）" if parcels.stopped[row] else ""
    park_id = parcels.park_ids[row]
    return number, [
        ("面积", f"{written.mu(m2_to_mu(float(parcels.area_m2[row])))} 亩"),
        ("状态", status + flag),
        ("该状态自", parcels.since[row]),
        ("土地来源", "填海" if sea else "陆地"),
        ("所属园区", sheet.atlas.place_names.get(park_id, park_id) if park_id else "园区外"),
    ]
