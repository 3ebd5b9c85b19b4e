"""变动日志: what changed since a day, who entered it, and from which paper."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta

from dongtou_geo.domain.day import SHANGHAI
from dongtou_geo.domain.event import Event
from dongtou_geo.domain.ledger_field import LEDGER_FIELDS
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.store import change_log
from dongtou_geo.store.change_log import (
    BY_HAND,
    Grouping,
    ImportNote,
    LogFilter,
    LogGroup,
    LogTotal,
)
from dongtou_geo.store.ledger import Ledger, Snapshot

__all__ = ["BY_HAND", "ChangeLog", "LogFilter", "change_log_of", "last_friday", "start_of"]

PAGE_ROWS = 50
_FRIDAY = 4
_MOST = {"day": 31, "person": 20, "import": 20, "document": 12}
_NAMES = {"origin": "土地来源", "area_basis": "面积依据", "geometry_wkb": "图形"}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log.

    Parameters
    ----------
    event : Event
        The line.
    area_mu : float or None
        What its parcel counts with now, 亩; one that has left with what it last had; None where
        no line of it stands.
    replaced : Event or None
        The line that it corrects or voids.
    replaced_by : Event or None
        The later line that corrects or voids it.
    source : ImportNote or None
        The import it came with.
    """

    event: Event
    area_mu: float | None
    replaced: Event | None
    replaced_by: Event | None
    source: ImportNote | None


@dataclass(frozen=True, slots=True)
class Groups:
    """Lines by what they have in common: the first of the groups, and how many there are."""

    shown: list[LogGroup]
    count: int


@dataclass(frozen=True, slots=True)
class EntryChange:
    """A change of a parcel's register entry, with the fields it changed: name, before, after."""

    parcel_no: str
    at: datetime
    by: str
    source: ImportNote | None
    changed: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class ChangeLog:
    """What changed since a moment.

    Parameters
    ----------
    total : LogTotal
        Of the filter.
    groups : dict of str to Groups
        By day, person, import and document, of all since the moment in the park.
    lines : list of LogLine
        One page of the filter's, the last recorded first.
    page, pages : int
        Which page, of how many.
    sources : dict of str to ImportNote
        The imports named, by id.
    entries : list of EntryChange
        The latest changes of register entries, of all parks.
    entry_count : int
        How many such changes there are.
    """

    total: LogTotal
    groups: dict[Grouping, Groups]
    lines: list[LogLine]
    page: int
    pages: int
    sources: dict[str, ImportNote]
    entries: list[EntryChange]
    entry_count: int


def start_of(day: date) -> datetime:
    """Return the first moment of a day in Asia/Shanghai.

    Parameters
    ----------
    day : date
        The day.
    """
    return datetime.combine(day, time(), tzinfo=SHANGHAI)


def last_friday(day: date) -> date:
    """Return the last Friday before a day.

    Parameters
    ----------
    day : date
        Itself a Friday, it means the one a week before.
    """
    return day - timedelta(days=(day.weekday() - _FRIDAY - 1) % 7 + 1)


def change_log_of(ledger: Ledger, wanted: LogFilter, *, page: int = 1) -> ChangeLog:
    """Return what changed since a moment.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    wanted : LogFilter
        Which lines.
    page : int
        From 1; one beyond the last shows the last.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    everything = LogFilter(wanted.since, wanted.park_id)
    with ledger.reading() as snapshot:
        connection = snapshot.connection
        total = change_log.log_total(connection, wanted)
        pages = max(1, -(-total.lines // PAGE_ROWS))
        page = min(max(page, 1), pages)
        events = change_log.log_page(
            connection, wanted, limit=PAGE_ROWS, offset=(page - 1) * PAGE_ROWS
        )
        groups: dict[Grouping, Groups] = {}
        by: Grouping
        for by in ("day", "person", "import", "document"):
            groups[by] = Groups(*change_log.log_groups(connection, everything, by, limit=_MOST[by]))
        former, entry_count = change_log.register_changes(connection, wanted.since, limit=PAGE_ROWS)
        named = {event.import_id for event in events} | {f.import_id for f, _ in former}
        named |= {group.key for group in groups["import"].shown}
        sources = change_log.import_notes(connection, {key for key in named if key})
        lines = _lines(snapshot, events, sources)
    entries = [
        EntryChange(
            was.parcel.parcel_no, was.replaced_at, was.replaced_by,
            sources.get(was.import_id or ""), changed_fields(was.parcel, now),
        )
        for was, now in former
    ]  # fmt: skip
    return ChangeLog(total, groups, lines, page, pages, sources, entries, entry_count)


def changed_fields(was: Parcel, now: Parcel) -> list[tuple[str, str, str]]:
    """Name what differs between two states of a register entry.

    Parameters
    ----------
    was, now : Parcel
        Before and after.

    Returns
    -------
    list of (str, str, str)
        Field, before, after; an outline only says that it changed.
    """
    found = []
    for field in fields(Parcel):
        before, after = getattr(was, field.name), getattr(now, field.name)
        if before == after:
            continue
        name = _NAMES.get(field.name) or LEDGER_FIELDS[field.name].heading
        found.append((name, _written(before), _written(after)))
    return found


def _lines(
    snapshot: Snapshot, events: Collection[Event], sources: dict[str, ImportNote]
) -> list[LogLine]:
    connection = snapshot.connection
    ids = {event.event_id for event in events}
    replaced = change_log.lines_by_id(connection, {e.supersedes for e in events if e.supersedes})
    later = change_log.replacing(connection, ids)
    areas = change_log.areas_now(connection, {event.parcel_no for event in events})
    return [
        LogLine(
            event,
            m2_to_mu(areas[event.parcel_no]) if event.parcel_no in areas else None,
            replaced.get(event.supersedes or 0),
            later.get(event.event_id),
            sources.get(event.import_id or ""),
        )
        for event in events
    ]


def _written(value: object) -> str:
    if value is None:
        return "未填"
    if isinstance(value, bytes):
        return "有图形"
    if isinstance(value, float):
        return f"{value:,.10g}"
    label = getattr(value, "label", None)
    return str(label if label is not None else value)
