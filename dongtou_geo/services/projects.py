"""重大项目: the 43 with place, money, status and what contradicts itself; sums over some of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dongtou_geo.catalog.project_events import load_project_reports
from dongtou_geo.domain.data_note import DataNote, notes_for
from dongtou_geo.domain.places import LocationBasis, Project
from dongtou_geo.domain.project_event import (
    ProjectEvent,
    ProjectLine,
    ProjectState,
    PublicReport,
    order_problem,
    project_state,
    standing_project_events,
)
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.project_events import project_events


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project as the page shows it on a day.

    Parameters
    ----------
    project : Project
        The annex's facts.
    group_name : str
        The subgroup where there is one.
    place : str
        Park or zone, or why there is none.
    basis : str
        What the plan says of the place.
    state : ProjectState
        Status, rolling stage and investment on the day.
    reports : tuple of PublicReport
        Everything that was read of it.
    events : tuple of ProjectEvent
        Every line of the ledger on it, in the order of recording.
    notes : tuple of DataNote
        What is wrong or unclear with the plan's figures of it.
    contradictions : tuple of str
        Lines that cannot all be true.
    """

    project: Project
    group_name: str
    place: str
    basis: str
    state: ProjectState
    reports: tuple[PublicReport, ...]
    events: tuple[ProjectEvent, ...]
    notes: tuple[DataNote, ...]
    contradictions: tuple[str, ...]

    @property
    def standing(self) -> list[ProjectEvent]:
        """Return the ledger's lines that stand, in order of effect."""
        return standing_project_events(self.events)

    @property
    def is_presumed(self) -> bool:
        """Tell whether the plan names no place and the zone was presumed from the name."""
        basis = self.project.location_basis
        return basis is LocationBasis.NOT_STATED and self.project.zone_id is not None

    @property
    def last_id(self) -> int:
        """Return the newest line's id: what a clerk has seen."""
        return self.events[-1].event_id if self.events else 0


@dataclass(frozen=True, slots=True)
class ProjectTotals:
    """Sums over some projects, 万元.

    Parameters
    ----------
    count : int
        How many projects.
    total_wan : float
        Total investment of those that give one.
    undecided : tuple of int
        Numbers of those without (待定): not counted, so that the sum is a lower bound.
    plan_wan : float
        十三五 investment.
    invested : int
        How many have their cumulative investment recorded.
    invested_wan, invested_of_wan : float
        That investment, and the total investment of the same projects.
    """

    count: int
    total_wan: float
    undecided: tuple[int, ...]
    plan_wan: float
    invested: int
    invested_wan: float
    invested_of_wan: float

    @property
    def known_total_wan(self) -> float | None:
        """Return the total investment, or None where every project's is 待定."""
        return None if self.count and self.count == len(self.undecided) else self.total_wan


def project_rows(atlas: Atlas, ledger: Ledger | None, as_of: date) -> list[ProjectRow]:
    """Gather every project of the annex with what became of it.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    ledger : Ledger or None
        None = no ledger: public reports alone.
    as_of : date
        The day.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    reports: dict[int, list[PublicReport]] = defaultdict(list)
    for report in load_project_reports():
        reports[report.project_no].append(report)
    events: dict[int, list[ProjectEvent]] = defaultdict(list)
    if ledger is not None:
        with ledger.reading() as snapshot:
            for event in project_events(snapshot.connection):
                events[event.project_no].append(event)
    return [
        _row(atlas, project, reports[project.no], events[project.no], as_of)
        for project in atlas.projects
    ]


def state_of(ledger: Ledger | None, project_no: int, as_of: date) -> ProjectState:
    """Return where one project stands on a day, for a panel that shows nothing else of it.

    Parameters
    ----------
    ledger : Ledger or None
        None = no ledger: public reports alone.
    project_no : int
        The annex's number.
    as_of : date
        The day.
    """
    reports = [report for report in load_project_reports() if report.project_no == project_no]
    if ledger is None:
        return project_state(reports, (), as_of)
    with ledger.reading() as snapshot:
        events = project_events(snapshot.connection, project_no)
    return project_state(reports, standing_project_events(events), as_of)


def totals(rows: Sequence[ProjectRow]) -> ProjectTotals:
    """Sum some projects.

    Parameters
    ----------
    rows : sequence of ProjectRow
        Which.

    Notes
    -----
    表4 counts a total that is 待定 as nothing, but its 十三五 investment in full (DQ-23).
    """
    known = [row.project for row in rows if row.project.total_investment_wan is not None]
    told = [row for row in rows if row.state.invested is not None]
    return ProjectTotals(
        count=len(rows),
        total_wan=sum(project.total_investment_wan or 0.0 for project in known),
        undecided=tuple(r.project.no for r in rows if r.project.total_investment_wan is None),
        plan_wan=sum(row.project.plan_investment_wan for row in rows),
        invested=len(told),
        invested_wan=sum(invested_wan(row) or 0.0 for row in told),
        invested_of_wan=sum(row.project.total_investment_wan or 0.0 for row in told),
    )


def invested_wan(row: ProjectRow) -> float | None:
    """Return what was invested up to the day, 万元; None = 未填报.

    Parameters
    ----------
    row : ProjectRow
        The project.
    """
    return row.state.invested.invested_wan if row.state.invested else None


def largest(rows: Iterable[ProjectRow], count: int = 3) -> list[ProjectRow]:
    """Return the projects with the most 十三五 investment.

    Parameters
    ----------
    rows : iterable of ProjectRow
        Among which.
    count : int
        How many.
    """
    return sorted(rows, key=lambda row: -row.project.plan_investment_wan)[:count]


def shortfalls(rows: Iterable[ProjectRow], count: int = 3) -> list[tuple[ProjectRow, float]]:
    """Return the projects that miss most of their total investment, with what they miss, 万元.

    Parameters
    ----------
    rows : iterable of ProjectRow
        Among which; only those whose investment is recorded can be asked.
    count : int
        How many.
    """
    missing = []
    for row in rows:
        invested, total = invested_wan(row), row.project.total_investment_wan
        if invested is not None and total is not None and total > invested:
            missing.append((row, total - invested))
    return sorted(missing, key=lambda pair: -pair[1])[:count]


def _row(
    atlas: Atlas,
    project: Project,
    reports: Sequence[PublicReport],
    events: Sequence[ProjectEvent],
    as_of: date,
) -> ProjectRow:
    standing = standing_project_events(events)
    state = project_state(reports, standing, as_of)
    counted: list[ProjectLine] = [*(r for r in reports if r.counts), *standing]
    wrong = order_problem(counted)
    return ProjectRow(
        project=project,
        group_name=atlas.groups.get(project.subgroup or project.group, project.group),
        place=_place(atlas, project),
        basis=_basis(project),
        state=state,
        reports=tuple(reports),
        events=tuple(events),
        notes=tuple(notes_for(atlas.notes, f"project:{project.no}")),
        contradictions=(wrong,) if wrong else (),
    )


def _place(atlas: Atlas, project: Project) -> str:
    name = atlas.place_names.get(project.park_id or project.zone_id or "")
    if name:
        return name
    whole = {
        LocationBasis.DISTRICT_WIDE: "全区性",
        LocationBasis.OFFSHORE: "区外海上",
        LocationBasis.MULTI_SITE: "多处地块",
    }
    return whole.get(project.location_basis, "无片区")


def _basis(project: Project) -> str:
    if project.location_basis is LocationBasis.NOT_STATED:
        return "规划未写明" if project.zone_id is None else "规划未写明，推定"
    return project.location_basis.label
