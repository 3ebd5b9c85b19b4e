"""What is known of one place, one project or one parcel: everything its panel shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dongtou_geo.catalog import plan
from dongtou_geo.catalog.industries import load_layout
from dongtou_geo.domain.account import ParcelState
from dongtou_geo.domain.data_note import DataNote
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.layout import Layout
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.domain.places import Park, Project, Reclamation, Zone
from dongtou_geo.domain.progress import Progress, rate_of
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.domain.target import Target
from dongtou_geo.services.parcel_table import parcel_story
from dongtou_geo.services.progress import (
    Books,
    LedgerView,
    PlanBook,
    plan_book,
    progress,
    unreported,
)
from dongtou_geo.store import lots
from dongtou_geo.store.lots import Lot, LotQuery

CURVE_START = date(2013, 1, 1)
PROJECT_PREFIX = "project_"
PARCEL_PREFIX = "parcel:"
# So many parcels of a status the panel lists; the whole list is a proof or 地块台账 away.
LISTED = 20
# Past so many parcels a list of the largest would cost more than it tells.
LISTED_UP_TO = 5_000


@dataclass(frozen=True, slots=True)
class Atlas:
    """All that geodata/ says of the plan, read once."""

    book: PlanBook
    reclamation: tuple[Reclamation, ...]
    projects: tuple[Project, ...]
    notes: tuple[DataNote, ...]
    groups: dict[str, str]
    layout: Layout

    @property
    def place_names(self) -> dict[str, str]:
        """Return the name of every zone, park and reclamation area by id."""
        places: list[Zone | Park | Reclamation] = [*self.book.zones, *self.book.parks]
        return {place.id: place.name for place in [*places, *self.reclamation]}


@dataclass(frozen=True, slots=True)
class DistrictDossier:
    """The whole district: every platform's row, and the projects that no map can place."""

    rows: list[Progress]
    unplaced: list[Project]
    notes: list[DataNote]


@dataclass(frozen=True, slots=True)
class ZoneDossier:
    """One zone: its sum, its parks and its projects."""

    zone: Zone
    row: Progress
    parks: list[Progress]
    unreported: tuple[int, float]
    projects: list[Project]
    notes: list[DataNote]


@dataclass(frozen=True, slots=True)
class StatusLots:
    """The parcels that hold land of one status: how many, how much, and the largest of them."""

    parcels: int
    counted_m2: float
    largest: list[Lot]


@dataclass(frozen=True, slots=True)
class ParkDossier:
    """One park: target words, figures, curve, projects and notes."""

    park: Park
    zone_name: str
    row: Progress
    phrases: tuple[Target, ...]
    curve: list[tuple[date, float | None]]
    projects: list[Project]
    lots: dict[Account, StatusLots]
    notes: list[DataNote]


@dataclass(frozen=True, slots=True)
class ReclamationDossier:
    """One reclamation area."""

    area: Reclamation
    parent_name: str | None
    parts: list[Reclamation]
    notes: list[DataNote]


@dataclass(frozen=True, slots=True)
class ProjectDossier:
    """One of the 43 projects."""

    project: Project
    place_name: str | None
    group_names: tuple[str, ...]
    notes: list[DataNote]


@dataclass(frozen=True, slots=True)
class ParcelDossier:
    """One parcel on a date: its state, and every event that stands."""

    parcel: Parcel
    park_name: str | None
    state: ParcelState | None
    ended_on: date | None
    events: list[Event]

    @property
    def ended_word(self) -> str:
        """Return what became of a parcel that is no more: land that was divided is still there."""
        kinds = {event.kind for event in self.events if event.effective_on == self.ended_on}
        words = {EventKind.SPLIT: "已分割", EventKind.MERGE: "已合并"}
        return next((word for kind, word in words.items() if kind in kinds), "已注销")


Dossier = (
    DistrictDossier
    | ZoneDossier
    | ParkDossier
    | ReclamationDossier
    | ProjectDossier
    | ParcelDossier
)


def load_atlas() -> Atlas:
    """Read the plan from geodata/.

    Raises
    ------
    DatasetError
        If a file cannot be read.
    """
    return Atlas(
        book=plan_book(),
        reclamation=tuple(plan.load_reclamation()),
        projects=tuple(plan.load_projects()),
        notes=tuple(plan.load_data_notes()),
        groups={group.id: group.name for group in plan.load_project_groups()},
        layout=load_layout(),
    )


def open_dossier(
    atlas: Atlas, view: LedgerView, feature_id: str | None, as_of: date
) -> Dossier | None:
    """Gather what is known of a feature on a date.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    view : LedgerView
        The ledger.
    feature_id : str or None
        Id as in the address; None = the district.
    as_of : date
        The day.

    Returns
    -------
    Dossier or None
        None where there is no such feature.
    """
    if feature_id is None:
        return _district(atlas, view, as_of)
    if feature_id.startswith(PARCEL_PREFIX):
        return _parcel(atlas, view, feature_id.removeprefix(PARCEL_PREFIX), as_of)
    parks = {park.id: park for park in atlas.book.parks}
    zones = {zone.id: zone for zone in atlas.book.zones}
    areas = {area.id: area for area in atlas.reclamation}
    projects = {f"{PROJECT_PREFIX}{project.no}": project for project in atlas.projects}
    found: Dossier | None = None
    if feature_id in parks:
        found = _park(atlas, view, parks[feature_id], as_of)
    elif feature_id in zones:
        found = _zone(atlas, view, zones[feature_id], as_of)
    elif feature_id in areas:
        found = _reclamation(atlas, areas[feature_id])
    elif feature_id in projects:
        found = _project(atlas, projects[feature_id])
    return found


def is_known(atlas: Atlas, view: LedgerView, feature_id: str) -> bool:
    """Tell whether there is such a feature, without gathering what is known of it.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    view : LedgerView
        The ledger.
    feature_id : str
        Id as in the address.
    """
    if feature_id.startswith(PARCEL_PREFIX):
        if view.ledger is None:
            return False
        with view.ledger.reading() as snapshot:
            return snapshot.parcel(feature_id.removeprefix(PARCEL_PREFIX)) is not None
    if feature_id.startswith(PROJECT_PREFIX):
        return any(f"{PROJECT_PREFIX}{p.no}" == feature_id for p in atlas.projects)
    return feature_id in atlas.place_names


def curve(view: Books, park: Park, until: date) -> list[tuple[date, float | None]]:
    """Return a park's 投产率(规划口径) at every month's end.

    Parameters
    ----------
    view : Books
        The ledger.
    park : Park
        The park.
    until : date
        Last day; it closes the curve itself.

    Returns
    -------
    list of (date, float or None)
        Fractions; None while nothing is recorded.
    """
    with view.books() as (balances, _stamp):
        changed, last = balances.months(park.id, until), balances.on(park.id, until)
    rates = [(day, rate_of(holding, park.planned_mu)) for day, holding in changed]
    found: list[tuple[date, float | None]] = []
    rate, at = None, 0
    for day in _month_ends(CURVE_START, until):
        while at < len(rates) and rates[at][0] <= day:
            rate, at = rates[at][1], at + 1
        found.append((day, rate))
    return [*found, (until, rate_of(last, park.planned_mu))]


def _month_ends(start: date, until: date) -> list[date]:
    ends: list[date] = []
    year, month = start.year, start.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        end = date.fromordinal(date(year, month, 1).toordinal() - 1)
        if end >= until:
            return ends
        ends.append(end)


def _notes(atlas: Atlas, *keys: str) -> list[DataNote]:
    found = [note for key in keys for note in plan.notes_for(atlas.notes, key)]
    return list({note.id: note for note in found}.values())


def _district(atlas: Atlas, view: LedgerView, as_of: date) -> DistrictDossier:
    unplaced = [project for project in atlas.projects if not project.on_map]
    return DistrictDossier(progress(atlas.book, view, as_of=as_of), unplaced, list(atlas.notes))


def _zone(atlas: Atlas, view: LedgerView, zone: Zone, as_of: date) -> ZoneDossier:
    sums = {row.id: row for row in progress(atlas.book, view, as_of=as_of, by="zone")}
    parks = [row for row in progress(atlas.book, view, as_of=as_of) if row.zone_id == zone.id]
    silent = unreported(parks).get(zone.id, (0, 0.0))
    projects = [project for project in atlas.projects if project.zone_id == zone.id]
    notes = _notes(atlas, f"zone:{zone.id}")
    return ZoneDossier(zone, sums[zone.id], parks, silent, projects, notes)


def _park(atlas: Atlas, view: LedgerView, park: Park, as_of: date) -> ParkDossier:
    row = next(row for row in progress(atlas.book, view, as_of=as_of) if row.id == park.id)
    target = atlas.book.targets.get(park.id)
    return ParkDossier(
        park=park,
        zone_name=atlas.place_names[park.zone_id],
        row=row,
        phrases=target.phrases if target else (),
        curve=curve(view, park, as_of) if row.recorded_mu > 0 else [],
        projects=[project for project in atlas.projects if project.park_id == park.id],
        lots=_lots(view, park.id, as_of),
        notes=_notes(atlas, f"park:{park.id}"),
    )


def _lots(view: LedgerView, park_id: str, as_of: date) -> dict[Account, StatusLots]:
    if view.ledger is None:
        return {}
    found = {}
    with view.ledger.reading() as snapshot:
        totals = lots.lot_totals(snapshot.connection, LotQuery(as_of, (park_id,)))
        few = sum(total.parcels for total in totals.values()) <= LISTED_UP_TO
        for account in STATUSES:
            total = totals[account]
            if total.parcels:
                wanted = LotQuery(as_of, (park_id,), accounts=(account,))
                largest = lots.lots(snapshot.connection, wanted, limit=LISTED) if few else []
                found[account] = StatusLots(total.parcels, total.counted_m2, largest)
    return found


def _reclamation(atlas: Atlas, area: Reclamation) -> ReclamationDossier:
    parts = [part for part in atlas.reclamation if part.parent_id == area.id]
    name = atlas.place_names.get(area.parent_id)
    return ReclamationDossier(area, name, parts, _notes(atlas, f"recl:{area.id}"))


def _project(atlas: Atlas, project: Project) -> ProjectDossier:
    name = atlas.place_names.get(project.park_id or project.zone_id or "")
    kinds = [project.group, project.subgroup]
    groups = tuple(atlas.groups[kind] for kind in kinds if kind in atlas.groups)
    return ProjectDossier(project, name, groups, _notes(atlas, f"project:{project.no}"))


def _parcel(atlas: Atlas, view: LedgerView, parcel_no: str, as_of: date) -> ParcelDossier | None:
    story = parcel_story(view.ledger, parcel_no) if view.ledger else None
    if story is None:
        return None
    state, last = story.on(as_of), story.states[-1:]
    ended_on = next((s.on for s in last if s.ended and s.on <= as_of), None)
    name = atlas.place_names.get(state.park_id or "") if state else None
    return ParcelDossier(story.parcel, name, state, ended_on, story.events)
