"""What became of a project: dated events with a source; the status follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class ProjectEventKind(StrEnum):
    """The kinds of event that a project knows."""

    PREPARE = "prepare"
    START = "start"
    COMPLETE = "complete"
    PRODUCE = "produce"
    TERMINATE = "terminate"
    STAGE = "stage"
    INVEST = "invest"
    VOID = "void"

    @property
    def label(self) -> str:
        """Return the Chinese word shown to users."""
        return _LABELS[self]


_LABELS = {
    ProjectEventKind.PREPARE: "前期",
    ProjectEventKind.START: "开工",
    ProjectEventKind.COMPLETE: "竣工",
    ProjectEventKind.PRODUCE: "投产",
    ProjectEventKind.TERMINATE: "终止",
    ProjectEventKind.STAGE: "滚动阶段",
    ProjectEventKind.INVEST: "累计完成投资",
    ProjectEventKind.VOID: "作废",
}
# The chain that a project runs through; a termination ends it wherever it stands.
PROJECT_CHAIN: tuple[ProjectEventKind, ...] = (
    ProjectEventKind.PREPARE,
    ProjectEventKind.START,
    ProjectEventKind.COMPLETE,
    ProjectEventKind.PRODUCE,
)
PROJECT_STATUSES: tuple[ProjectEventKind, ...] = (*PROJECT_CHAIN, ProjectEventKind.TERMINATE)
UNREPORTED = "状态未填报"


class RollingStage(StrEnum):
    """The four rolling stages of the district's project bank."""

    IMPLEMENT = "implement"
    ADVANCE = "advance"
    PLAN = "plan"
    RESERVE = "reserve"

    @property
    def label(self) -> str:
        """Return the Chinese word shown to users."""
        return {"implement": "实施", "advance": "推进", "plan": "谋划", "reserve": "储备"}[
            self.value
        ]


class Precision(StrEnum):
    """How well the day of an event is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    BY = "by"

    @property
    def label(self) -> str:
        """Return the Chinese words shown to users."""
        return {"day": "到日", "month": "只知月份", "year": "只知年份", "by": "不晚于此日"}[
            self.value
        ]


class Confidence(StrEnum):
    """How sure it is that a public report speaks of this very project."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def label(self) -> str:
        """Return the Chinese words shown to users."""
        return {"high": "较高", "medium": "中", "low": "低，只作线索"}[self.value]


@dataclass(frozen=True, slots=True)
class Happened:
    """When something happened, as well as it is known.

    Parameters
    ----------
    on : date
        The day; any day of the month or year where only that is known; the last possible day
        where it happened by then.
    precision : Precision
        Which of these.
    """

    on: date
    precision: Precision = Precision.DAY

    @property
    def earliest(self) -> date | None:
        """Return the first day that it can have been, or None where no source says."""
        firsts = {
            Precision.DAY: self.on,
            Precision.MONTH: self.on.replace(day=1),
            Precision.YEAR: date(self.on.year, 1, 1),
        }
        return firsts.get(self.precision)

    @property
    def latest(self) -> date:
        """Return the last day that it can have been: from then on it is certain."""
        if self.precision is Precision.YEAR:
            return date(self.on.year, 12, 31)
        if self.precision is Precision.MONTH:
            return (self.on.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return self.on

    @property
    def text(self) -> str:
        """Return the day as it is known: 2018年, 2018-04, 2018-04-10, 不晚于 2024-07-03."""
        return {
            Precision.DAY: self.on.isoformat(),
            Precision.MONTH: f"{self.on:%Y-%m}",
            Precision.YEAR: f"{self.on.year}年",
            Precision.BY: f"不晚于 {self.on}",
        }[self.precision]


@dataclass(frozen=True, slots=True)
class PublicReport:
    """What a public report says became of a project.

    Parameters
    ----------
    project_no : int
        The annex's number.
    kind : ProjectEventKind
        One of ``PROJECT_STATUSES``.
    happened : Happened
        When.
    source_ref : str
        Address of the report without its scheme: nobody opens it from the intranet.
    reported_on : date
        The report's own date.
    confidence : Confidence
        Whether it speaks of this project; low never sets a status.
    note : str
        What it says, in own words, and what is not settled.
    """

    project_no: int
    kind: ProjectEventKind
    happened: Happened
    source_ref: str
    reported_on: date
    confidence: Confidence
    note: str

    @property
    def counts(self) -> bool:
        """Tell whether it may set a status: a lead must not."""
        return self.confidence is not Confidence.LOW

    @property
    def source_text(self) -> str:
        """Return where it was read, for a line of text."""
        return f"公开报道 {self.source_ref.partition('/')[0]} {self.reported_on}"


@dataclass(frozen=True, slots=True)
class ProjectEvent:
    """One appended line of the ledger on a project.

    Parameters
    ----------
    event_id : int
        Position among the ledger's project events; later lines have larger ids; 0 = not yet given.
    project_no : int
        The annex's number.
    kind : ProjectEventKind
        What happened.
    happened : Happened
        When.
    source_doc : str
        The paper it rests on.
    recorded_at : datetime
        When we learnt it, UTC.
    recorded_by : str
        Who entered it.
    stage : RollingStage or None
        stage: the rolling stage since then.
    invested_wan : float or None
        invest: everything invested up to that day, 万元.
    supersedes : int or None
        The event this one replaces (or, for void, cancels).
    reason : str or None
        Why it was corrected.
    """

    event_id: int
    project_no: int
    kind: ProjectEventKind
    happened: Happened
    source_doc: str
    recorded_at: datetime
    recorded_by: str
    stage: RollingStage | None = None
    invested_wan: float | None = None
    supersedes: int | None = None
    reason: str | None = None

    @property
    def counts(self) -> bool:
        """Tell whether it may set a status: what the office records does."""
        return True

    @property
    def source_text(self) -> str:
        """Return what it rests on, for a line of text."""
        return f"{self.source_doc}（{self.recorded_by} 记入台账）"


ProjectLine = PublicReport | ProjectEvent


@dataclass(frozen=True, slots=True)
class ProjectState:
    """Where a project stands on a day, as far as anybody has said.

    Parameters
    ----------
    status : ProjectLine or None
        The line that the status rests on; None = 状态未填报, which is not 未开工.
    stage : ProjectEvent or None
        The line with the rolling stage in force.
    invested : ProjectEvent or None
        The line with the latest cumulative investment.
    leads : tuple of PublicReport
        Reports that may speak of another project: shown, never counted.
    """

    status: ProjectLine | None = None
    stage: ProjectEvent | None = None
    invested: ProjectEvent | None = None
    leads: tuple[PublicReport, ...] = ()

    @property
    def kind(self) -> ProjectEventKind | None:
        """Return the status, or None where nothing counts."""
        return self.status.kind if self.status else None

    @property
    def label(self) -> str:
        """Return the status in Chinese."""
        return self.status.kind.label if self.status else UNREPORTED


def standing_project_events(events: Iterable[ProjectEvent]) -> list[ProjectEvent]:
    """Select the ledger's lines that stand, in order of effect.

    Parameters
    ----------
    events : iterable of ProjectEvent
        Any number of lines, of one project or of many.

    Returns
    -------
    list of ProjectEvent
        Neither superseded nor void. A void correction leaves the line that it had replaced.
    """
    replaced: set[int] = set()
    void: set[int] = set()
    kept = []
    # Latest first: whatever cancels a line was recorded after it.
    for event in sorted(events, key=lambda e: e.event_id, reverse=True):
        if event.event_id in void:
            continue
        if event.supersedes is not None:
            (void if event.kind is ProjectEventKind.VOID else replaced).add(event.supersedes)
        if event.kind is not ProjectEventKind.VOID and event.event_id not in replaced:
            kept.append(event)
    return sorted(kept, key=lambda e: (e.happened.latest, e.event_id))


def project_state(
    reports: Iterable[PublicReport], events: Iterable[ProjectEvent], as_of: date
) -> ProjectState:
    """Tell where one project stands on a day.

    Parameters
    ----------
    reports : iterable of PublicReport
        Public reports on the project.
    events : iterable of ProjectEvent
        The ledger's lines on it that stand.
    as_of : date
        The day.

    Notes
    -----
    A line counts from the last day that it can have happened on, so that no status is claimed
    before its source does. The furthest stage since the last termination counts, as for parcels;
    of two lines that say the same, the ledger's stands for both.
    """
    known = [event for event in events if event.happened.latest <= as_of]
    told = [report for report in reports if report.happened.latest <= as_of]
    lines: list[ProjectLine] = [report for report in told if report.counts]
    lines += [event for event in known if event.kind in PROJECT_STATUSES]
    return ProjectState(
        status=_status(lines),
        stage=_last(known, ProjectEventKind.STAGE),
        invested=_last(known, ProjectEventKind.INVEST),
        leads=tuple(report for report in told if not report.counts),
    )


def order_problem(lines: Sequence[ProjectLine]) -> str | None:
    """Say which two lines of one project cannot both be true, or None.

    Parameters
    ----------
    lines : sequence of ProjectLine
        Lines that count.

    Notes
    -----
    Only a certain contradiction is one: the later stage's last possible day lies before the
    earlier stage's first. Stages after a termination begin anew.
    """
    ended = [line.happened.latest for line in lines if line.kind is ProjectEventKind.TERMINATE]
    chain = [line for line in lines if line.kind in PROJECT_CHAIN]
    for early in chain:
        for late in chain:
            first = early.happened.earliest
            if first is None or _rank(late.kind) <= _rank(early.kind):
                continue
            if late.happened.latest < first and not any(
                late.happened.latest <= end <= first for end in ended
            ):
                return (
                    f"“{late.kind.label}”（{late.happened.text}，{late.source_text}）早于"
                    f"“{early.kind.label}”（{early.happened.text}，{early.source_text}）"
                )
    return None


def _status(lines: Sequence[ProjectLine]) -> ProjectLine | None:
    ended = [line for line in lines if line.kind is ProjectEventKind.TERMINATE]
    last = max(ended, key=_weight, default=None)
    since = last.happened.latest if last else date.min
    going = [line for line in lines if line.kind in PROJECT_CHAIN and line.happened.latest > since]
    return max(going, key=_weight, default=last)


def _weight(line: ProjectLine) -> tuple[int, bool, date, int]:
    own = isinstance(line, ProjectEvent)
    number = line.event_id if isinstance(line, ProjectEvent) else 0
    return (_rank(line.kind), own, line.happened.latest, number)


def _rank(kind: ProjectEventKind) -> int:
    return PROJECT_STATUSES.index(kind)


def _last(events: Iterable[ProjectEvent], kind: ProjectEventKind) -> ProjectEvent | None:
    own = [event for event in events if event.kind is kind]
    return max(own, key=lambda e: (e.happened.latest, e.event_id), default=None)
