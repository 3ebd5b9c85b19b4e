"""The ledger's lines in the order of recording: what came since a moment, from whom, by which paper."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    DateTime,
    String,
    and_,
    case,
    cast,
    func,
    select,
    type_coerce,
)

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.store import schema
from dongtou_geo.store.register import FormerEntry, former_entries
from dongtou_geo.store.rows import FOREVER, event_of

OUTSIDE = "outside"
BY_HAND = ""
Grouping = Literal["day", "person", "import", "document"]
_E, _S, _I, _V, _P = (
    schema.events,
    schema.parcel_states,
    schema.imports,
    schema.parcel_versions,
    schema.parcels,
)


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which lines; a field that is None asks for all.

    Parameters
    ----------
    since : datetime
        Aware moment; lines recorded at it or later.
    park_id : str or None
        Of parcels that count into this park now; ``OUTSIDE`` for 园区外.
    day : str or None
        Recorded on this day in Asia/Shanghai, as 2026-01-10.
    person : str or None
        Recorded by.
    import_id : str or None
        Came with this import; ``BY_HAND`` = with none.
    document : str or None
        The paper; "" = none was named.
    """

    since: datetime
    park_id: str | None = None
    day: str | None = None
    person: str | None = None
    import_id: str | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class LogTotal:
    """How many lines and parcels, how much land (m2), and how many lines correct or void others."""

    lines: int
    parcels: int
    area_m2: float
    corrections: int
    voids: int


@dataclass(frozen=True, slots=True)
class LogGroup:
    """Lines that have something in common.

    Parameters
    ----------
    key : str
        A day, a person, an import's id or a paper; "" where there is none.
    lines, parcels : int
        How many, and on how many parcels.
    area_m2 : float
        What these parcels count with now, each once; one that has left with what it last had.
    """

    key: str
    lines: int
    parcels: int
    area_m2: float


@dataclass(frozen=True, slots=True)
class ImportNote:
    """One import as the log names it."""

    import_id: str
    file: str
    sha256: str
    recorded_at: datetime
    recorded_by: str
    undone_at: datetime | None
    undone_by: str | None


def log_total(connection: Connection, wanted: LogFilter) -> LogTotal:
    """Return how much a filter finds.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    wanted : LogFilter
        Which lines.
    """
    void = _E.c.kind == EventKind.VOID.value
    touched = _with_land(
        select(
            _E.c.parcel_no,
            func.count().label("lines"),
            func.sum(case((and_(~void, _E.c.supersedes.is_not(None)), 1), else_=0)).label("mended"),
            func.sum(case((void, 1), else_=0)).label("void"),
        )
        .where(*_conditions(connection, wanted))
        .group_by(_E.c.parcel_no)
    )
    sums = [func.sum(touched.c[name]) for name in ("lines", "area_m2", "mended", "void")]
    row = connection.execute(select(func.count(), *sums).select_from(touched)).one()
    return LogTotal(int(row[1] or 0), int(row[0]), float(row[2] or 0), *map(int, _zeros(row[3:])))


def log_groups(
    connection: Connection, wanted: LogFilter, by: Grouping, *, limit: int
) -> tuple[list[LogGroup], int]:
    """Return what a filter finds in groups, the latest day or the largest group first.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    wanted : LogFilter
        Which lines.
    by : {"day", "person", "import", "document"}
        What the lines of a group have in common.
    limit : int
        At most so many groups.

    Returns
    -------
    tuple of (list of LogGroup, int)
        The groups, and how many there are in all.
    """
    key = _key(connection, by).label("key")
    touched = _with_land(
        select(key, _E.c.parcel_no, func.count().label("lines"))
        .where(*_conditions(connection, wanted))
        .group_by(key, _E.c.parcel_no)
    )
    lines = func.sum(touched.c.lines)
    query = select(touched.c.key, lines, func.count(), func.sum(touched.c.area_m2)).group_by(
        touched.c.key
    )
    first = touched.c.key.desc() if by == "day" else lines.desc()
    rows = connection.execute(query.order_by(first, touched.c.key)).all()
    groups = [
        LogGroup(str(row[0]), int(row[1]), int(row[2]), float(row[3] or 0)) for row in rows[:limit]
    ]
    return groups, len(rows)


def log_page(connection: Connection, wanted: LogFilter, *, limit: int, offset: int) -> list[Event]:
    """Return one page of lines, the last recorded first.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    wanted : LogFilter
        Which lines.
    limit, offset : int
        Which of them.
    """
    query = select(_E).where(*_conditions(connection, wanted)).order_by(_E.c.event_id.desc())
    rows = connection.execute(query.limit(limit).offset(offset)).mappings()
    return [event_of(row) for row in rows]


def lines_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Event]:
    """Return some lines by their number.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    ids : collection of int
        A page of them.
    """
    query = select(_E).where(_E.c.event_id.in_(sorted(ids)))
    return {row["event_id"]: event_of(row) for row in connection.execute(query).mappings()}


def replacing(connection: Connection, ids: Collection[int]) -> dict[int, Event]:
    """Return by which later line each of some lines was replaced or voided.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    ids : collection of int
        A page of lines.
    """
    query = select(_E).where(_E.c.supersedes.in_(sorted(ids))).order_by(_E.c.event_id)
    found = [event_of(row) for row in connection.execute(query).mappings()]
    return {line.supersedes: line for line in found if line.supersedes is not None}


def areas_now(connection: Connection, numbers: Collection[str]) -> dict[str, float]:
    """Return what some parcels count with, m2; one that has left with what it last had.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    numbers : collection of str
        A page of parcels.
    """
    query = (
        select(_S.c.parcel_no, _S.c.area_m2)
        .where(_S.c.parcel_no.in_(sorted(numbers)), _S.c.area_m2 > 0)
        .order_by(_S.c.from_on)
    )
    return {row.parcel_no: row.area_m2 for row in connection.execute(query)}


def import_notes(connection: Connection, ids: Collection[str]) -> dict[str, ImportNote]:
    """Return some imports by their id.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    ids : collection of str
        Which.
    """
    columns = [_I.c[name] for name in ImportNote.__slots__]
    query = select(*columns).where(_I.c.import_id.in_(sorted(ids)))
    return {row.import_id: ImportNote(*row) for row in connection.execute(query)}


def register_changes(
    connection: Connection, since: datetime, *, limit: int
) -> tuple[list[tuple[FormerEntry, Parcel]], int]:
    """Return the latest changes of register entries since a moment, and how many there are.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    since : datetime
        Aware moment.
    limit : int
        At most so many.

    Returns
    -------
    tuple of (list of (FormerEntry, Parcel), int)
        What an entry said before and after each change, and the number of all.
    """
    later = _V.c.replaced_at >= since
    counted = connection.execute(select(func.count()).select_from(_V).where(later)).scalar_one()
    latest = (
        select(_V.c.parcel_no, _V.c.version)
        .where(later)
        .order_by(_V.c.replaced_at.desc(), _V.c.parcel_no, _V.c.version.desc())
        .limit(limit)
    )
    keys = [(row.parcel_no, row.version) for row in connection.execute(latest)]
    from dongtou_geo.store.present import entries_of

    numbers = sorted({number for number, _ in keys})
    former = {
        (entry.parcel.parcel_no, entry.version): entry
        for entry in former_entries(connection, parcel_nos=numbers)
    }
    now = entries_of(connection, numbers)
    found = []
    for number, version in keys:
        after = former.get((number, version + 1))
        found.append((former[number, version], after.parcel if after else now[number]))
    return found, int(counted)


def _with_land(query: Any) -> Any:
    """Give each parcel of a query what it counts with now, or last counted with."""
    per = query.subquery()
    last = (
        select(_S.c.area_m2)
        .where(_S.c.parcel_no == per.c.parcel_no, _S.c.area_m2 > 0)
        .order_by(_S.c.from_on.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(per, last.label("area_m2")).subquery()


def _key(connection: Connection, by: Grouping) -> ColumnElement[str]:
    if by == "day":
        return _day_here(connection)
    column = {"person": _E.c.recorded_by, "import": _E.c.import_id, "document": _E.c.source_doc}[by]
    return func.coalesce(column, "")


def _day_here(connection: Connection) -> ColumnElement[str]:
    """Write the day in Asia/Shanghai on which a line was recorded."""
    written = type_coerce(_E.c.recorded_at, String)
    if connection.dialect.name == "sqlite":
        # 北京时间 has had no summer time since 1991.
        return func.date(written, "+8 hours")
    here = func.timezone("Asia/Shanghai", cast(written, DateTime(timezone=True)))
    return cast(cast(here, Date), String)


def _conditions(connection: Connection, wanted: LogFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_E.c.recorded_at >= wanted.since]
    if wanted.park_id is not None:
        place = (
            _S.c.park_id.is_(None) if wanted.park_id == OUTSIDE else _S.c.park_id == wanted.park_id
        )
        here = select(_S.c.parcel_no).where(_S.c.until_on == FOREVER, place)
        found.append(_E.c.parcel_no.in_(here))
    if wanted.day is not None:
        found.append(_day_here(connection) == wanted.day)
    named = {
        _E.c.recorded_by: wanted.person,
        _E.c.import_id: wanted.import_id,
        _E.c.source_doc: wanted.document,
    }
    for column, value in named.items():
        if value is not None:
            found.append(column.is_(None) if value == "" else column == value)
    return found


def _zeros(values: Any) -> list[Any]:
    return [value or 0 for value in values]
