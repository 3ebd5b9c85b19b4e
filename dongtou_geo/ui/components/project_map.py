"""The projects on a plate: a circle each, large as its investment, pale where its place is not told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from markupsafe import Markup

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import dataset_path
from dongtou_geo.catalog.features import read_records
from dongtou_geo.domain.places import LocationBasis, Project
from dongtou_geo.domain.written import yi
from dongtou_geo.maps.plate import DISTRICT_BOUNDS, PlatePoint, PlateShape, plan_shapes, plate
from dongtou_geo.maps.plate_parts import Sheet, sheet_for
from dongtou_geo.services.projects import ProjectRow

WIDTH_PX, HEIGHT_PX = 388.0, 300.0
# Area goes with investment: 108 亿元 is a circle of 17 px, and from 5 亿元 down all are alike.
RADIUS_PER_ROOT_WAN = 0.0165
SMALLEST_PX = 3.7
GAP_PX = 2.0
DOWN_PX = 15.0
STATED = {
    LocationBasis.NAMED_PARK, LocationBasis.PHASE1_STAR,
    LocationBasis.NAMED_ISLAND, LocationBasis.NAMED_SUBDISTRICT,
}  # fmt: skip
Spot = tuple[float, float]


def project_map(rows: Sequence[ProjectRow], fills: Mapping[str, str], chosen: int | None) -> Markup:
    """Draw the projects that have a place.

    Parameters
    ----------
    rows : sequence of ProjectRow
        Which.
    fills : mapping of str to str
        Colour of each group.
    chosen : int or None
        The project that is open.
    """
    sheet = sheet_for(DISTRICT_BOUNDS, WIDTH_PX, HEIGHT_PX)
    return plate(
        _ground(),
        project_points(rows, fills, spots(), sheet),
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
        chosen=None if chosen is None else f"project:{chosen}",
        title=f"{len(rows)} 个项目的示意位置",
    )


def _ground() -> list[PlateShape]:
    """Return coast, reclamation and zones: only zones are named, other names would hide circles."""
    coast = plan_shapes(zones=False, parks=False, reclamation=False)
    filled = plan_shapes(coast=False, zones=False, parks=False)
    return [
        *(replace(shape, label=None, title=None) for shape in coast),
        *(replace(shape, label=None) for shape in filled),
        *plan_shapes(coast=False, parks=False, reclamation=False),
    ]


def spots(geodata: Path = settings.GEODATA) -> dict[int, Spot]:
    """Return where each project with a place stands, lon/lat in EPSG:4490.

    Parameters
    ----------
    geodata : Path
        Folder of the datasets.

    Raises
    ------
    DatasetError
        If the dataset cannot be read.
    """
    records = read_records(dataset_path(geodata, "projects"))
    return {
        record.integer("no"): (record.geometry["coordinates"][0], record.geometry["coordinates"][1])
        for record in records
        if record.geometry is not None
    }


def project_points(
    rows: Iterable[ProjectRow],
    fills: Mapping[str, str],
    places: Mapping[int, Spot],
    sheet: Sheet,
) -> list[PlatePoint]:
    """Return a circle for every project that has a place.

    Parameters
    ----------
    rows : iterable of ProjectRow
        Which.
    fills : mapping of str to str
        Colour of each group.
    places : mapping of int to (lon, lat)
        Where each stands.
    sheet : Sheet
        The paper: projects at one point stand in a row under it.
    """
    by_place: dict[Spot, list[Project]] = defaultdict(list)
    for row in rows:
        if row.project.no in places:
            by_place[places[row.project.no]].append(row.project)
    return [
        _point(project, spot, fills)
        for place, projects in by_place.items()
        for project, spot in zip(projects, _fanned(place, projects, sheet), strict=True)
    ]


def radius_px(total_wan: float | None) -> float:
    """Return a circle's radius: its area goes with the total investment, 待定 is the smallest.

    Parameters
    ----------
    total_wan : float or None
        万元.
    """
    return round(max(SMALLEST_PX, RADIUS_PER_ROOT_WAN * (total_wan or 0.0) ** 0.5), 1)


def is_stated(project: Project) -> bool:
    """Tell whether the circle may be taken for what the plan says of the place.

    Parameters
    ----------
    project : Project
        Which.
    """
    return project.location_basis in STATED and not project.sensitive


def pale(colour: str) -> str:
    """Return a colour mixed with white, two thirds.

    Parameters
    ----------
    colour : str
        ``#RRGGBB``.
    """
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (255 - part) * 0.66):02X}" for part in parts)


def _point(project: Project, spot: Spot, fills: Mapping[str, str]) -> PlatePoint:
    fill = fills.get(project.group, "#7A7466")
    where = (
        "涉敏感设施，只示所在片区"
        if project.sensitive
        else "点位示意"
        if is_stated(project)
        else "规划未写明地点，点位不代表实地"
    )
    money = yi(project.total_investment_wan)
    unit = "" if project.total_investment_wan is None else " 亿元"
    return PlatePoint(
        lon=spot[0],
        lat=spot[1],
        radius_px=radius_px(project.total_investment_wan),
        fill=fill if is_stated(project) else pale(fill),
        select=f"project:{project.no}",
        title=f"{project.no} {project.name} · 总投资 {money}{unit} · {where}",
    )


def _fanned(place: Spot, projects: Sequence[Project], sheet: Sheet) -> list[Spot]:
    """Put projects at one point into a row under it, so that each can be seen and chosen."""
    if len(projects) == 1:
        return [place]
    radii = [radius_px(project.total_investment_wan) for project in projects]
    across = -(2 * sum(radii) + GAP_PX * (len(radii) - 1)) / 2
    found = []
    for radius in radii:
        lon = place[0] + (across + radius) / sheet.px_per_lon
        found.append((lon, place[1] - DOWN_PX / sheet.px_per_lat))
        across += 2 * radius + GAP_PX
    return found
