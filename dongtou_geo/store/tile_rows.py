"""What the map's tiles are made from: outlines and dated statuses, in columns, whole or in part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Float, Select, String, case, cast, func, select

from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.store import schema
from dongtou_geo.store.reading import portions

# The code beside the eight statuses: the parcel has left the ledger.
ENDED = len(STATUSES)
_DIGITS = {word: str(code) for code, word in enumerate([*STATUSES, Account.OUTSIDE])}
# 2018-12-31 and a digit.
_WIDTH = 11
_FIRST_YEAR = 1970
# Fewer than the collector of cycles waits for: it never looks through what is being read.
_AT_A_TIME = 500
_P, _E, _S, _V = schema.parcels, schema.events, schema.parcel_states, schema.parcel_versions


@dataclass(frozen=True, slots=True)
class TileMark:
    """What a reading saw of a ledger: by it the next one knows what has come since.

    Parameters
    ----------
    ledger_id : str
        The ledger.
    last_event : tuple
        The newest line, whole; () where there is none.
    changes : int
        How many former register entries are kept.
    changed_at : str
        When the newest of them was replaced.
    books : tuple of str
        Sums over the books: ledgers of one line of descent that differ, differ here.
    """

    ledger_id: str
    last_event: tuple[Any, ...]
    changes: int
    changed_at: str
    books: tuple[str, ...]

    @property
    def event_id(self) -> int:
        """Return the newest line's number."""
        return int(self.last_event[0]) if self.last_event else 0


@dataclass(frozen=True, slots=True)
class TileRows:
    """Parcels row by row, and state by state.

    Parameters
    ----------
    numbers : list of str
        Parcel numbers, ascending.
    ids : ndarray of uint64
        Number of each parcel's first line: lines are never renumbered, so this never changes.
    outlines : ndarray of bytes or None
        WKB, EPSG:4490.
    area_m2 : ndarray of float
        What each counts with, by its last state that holds land.
    parcel : ndarray of int
        Row of each change of status, ascending.
    from_day : ndarray of int32
        Days since 2000-01-01.
    status : ndarray of uint8
        Place in ``STATUSES``, or ``ENDED``.
    """

    numbers: list[str]
    ids: NDArray[np.uint64]
    outlines: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    parcel: NDArray[np.int64]
    from_day: NDArray[np.int32]
    status: NDArray[np.uint8]


def mark_of(connection: Connection) -> TileMark:
    """Return what tells this state of the ledger from any other.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    """
    key = select(schema.meta.c.value).where(schema.meta.c.key == "ledger_id")
    newest = select(_E).order_by(_E.c.event_id.desc()).limit(1)
    line = connection.execute(newest).one_or_none()
    changes = select(func.count(), func.max(cast(_V.c.replaced_at, String)))
    count, at = connection.execute(changes.select_from(_V)).one()
    books = []
    for table, column in ((schema.balance_months, "peak_grains"), (schema.balance_days, "grains")):
        # Every posting has its counterpart in `outside`: a plain sum would always be nothing.
        land = cast(table.c[column], Float)
        sums = select(func.count(), func.sum(func.abs(land)), func.sum(land))
        found = connection.execute(sums.where(table.c.account != Account.OUTSIDE.value)).one()
        books += [f"{value or 0:.9g}" for value in found]
    return TileMark(
        str(connection.execute(key).scalar()),
        tuple(line) if line else (),
        int(count),
        at or "",
        tuple(books),
    )


def touched_since(connection: Connection, before: TileMark) -> list[str] | None:
    """Return the parcels that anything happened to since a mark.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    before : TileMark
        What an earlier reading saw.

    Returns
    -------
    list of str or None
        Numbers; None where this is not the same ledger grown older.
    """
    now = mark_of(connection)
    line = select(_E).where(_E.c.event_id == before.event_id)
    same = connection.execute(line).one_or_none()
    if now.ledger_id != before.ledger_id or (tuple(same) if same else ()) != before.last_event:
        return None
    later = cast(_V.c.replaced_at, String) > before.changed_at
    changed = connection.execute(select(_V.c.parcel_no).where(later)).scalars().all()
    # Moments come from a clock, and clocks are set back: then the count does not fit.
    if len(changed) != now.changes - before.changes:
        return None
    told = select(_E.c.parcel_no).where(_E.c.event_id > before.event_id).distinct()
    found = sorted({*changed, *connection.execute(told).scalars()})
    return found if found or now == before else None


def read_rows(connection: Connection, numbers: Sequence[str] | None = None) -> TileRows:
    """Read what is drawn of parcels.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    numbers : sequence of str, optional
        Of these parcels only; by default of all.
    """
    first = (
        select(_E.c.event_id)
        .where(_E.c.parcel_no == _P.c.parcel_no)
        .order_by(_E.c.event_id)
        .limit(1)
        .scalar_subquery()
    )
    register = select(_P.c.parcel_no, _P.c.geometry_wkb, first).order_by(_P.c.parcel_no)
    known, outlines, ids = _columns(connection, _chosen(register, _P.c.parcel_no, numbers), 3)
    shapes = _objects(outlines)
    if None in ids:
        # A number without any line is no parcel yet.
        told = [row for row, own in enumerate(ids) if own is not None]
        known, ids, shapes = [known[row] for row in told], [ids[row] for row in told], shapes[told]
    owner, day, status, area_m2 = _states(connection, known, numbers)
    # Tiles tell colours: of states that look alike only the first is needed.
    news = np.ones(len(owner), dtype=bool)
    news[1:] = (owner[1:] != owner[:-1]) | (status[1:] != status[:-1])
    own = np.array(ids, dtype=np.uint64)
    return TileRows(known, own, shapes, area_m2, owner[news], day[news], status[news])


def moved_by_month(connection: Connection) -> dict[str, float]:
    """Return in which months land moved between accounts, and how much.

    Parameters
    ----------
    connection : Connection
        Any transaction.

    Returns
    -------
    dict of str to float
        Month as 2018-12 to grains, entering and leaving both counted.
    """
    table = schema.balance_days
    land = func.sum(func.abs(cast(table.c.grains, Float)))
    query = select(cast(table.c.day, String), land).where(
        table.c.account != Account.OUTSIDE.value, table.c.grains != 0
    )
    found: dict[str, float] = {}
    for day, grains in connection.execute(query.group_by(table.c.day).order_by(table.c.day)):
        month = str(day)[:7]
        found[month] = found.get(month, 0.0) + float(grains)
    return found


def _states(
    connection: Connection, known: list[str], numbers: Sequence[str] | None
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8], NDArray[np.float64]]:
    """Row, day and status of every state in order, and the area of every row.

    A parcel's states come as one text, 2018-12-31 and a digit each: rows that are made one by one
    are what takes time, not the database and not the figures.
    """
    told = cast(_S.c.from_on, String) + case(_DIGITS, value=_S.c.status)
    query = select(
        _S.c.parcel_no,
        _in_order(connection, told),
        func.min(func.nullif(_S.c.area_m2, 0)),
        func.max(_S.c.area_m2),
    )
    ordered = query.group_by(_S.c.parcel_no).order_by(_S.c.parcel_no)
    queries = _chosen(ordered, _S.c.parcel_no, numbers)
    names, texts, low, high = _columns(connection, queries, 4)
    row = _places(known, names)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    owner = np.repeat(row, lengths // _WIDTH)
    day, status = _read("".join(texts))
    del texts
    if not ((owner[1:] > owner[:-1]) | ((owner[1:] == owner[:-1]) & (day[1:] > day[:-1]))).all():
        order = np.lexsort((day, owner))
        owner, day, status = owner[order], day[order], status[order]
    area_m2 = np.zeros(len(known))
    lowest, highest = (np.array(column, dtype=np.float64) for column in (low, high))
    area_m2[row] = highest
    several = [names[place] for place in np.flatnonzero(lowest < highest)]
    last = dict(_last_areas(connection, several))
    area_m2[_places(known, list(last))] = list(last.values())
    return owner, day, status, area_m2


def _places(known: list[str], names: list[str]) -> NDArray[np.int64]:
    """Return where some names stand among all; nothing need be looked up where they are all."""
    if names == known:
        return np.arange(len(known), dtype=np.int64)
    if not names:
        return np.empty(0, dtype=np.int64)
    row_of = {number: row for row, number in enumerate(known)}
    return np.fromiter(map(row_of.__getitem__, names), np.int64, len(names))


def _in_order(connection: Connection, told: ColumnElement[str]) -> ColumnElement[str]:
    # Sorted again when read: not every SQLite can be told an order here.
    if connection.dialect.name == "sqlite":
        return func.group_concat(told, "")
    return func.string_agg(told, "")


def _last_areas(connection: Connection, numbers: list[str]) -> Iterator[tuple[str, float]]:
    query = select(_S.c.parcel_no, _S.c.area_m2).where(_S.c.area_m2 > 0)
    ordered = query.order_by(_S.c.parcel_no, _S.c.from_on)
    # Of several the last one stays.
    for rows in _portions(connection, _chosen(ordered, _S.c.parcel_no, numbers)):
        yield from rows


def _read(text: str) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Days since 2000-01-01, and codes."""
    figures = np.frombuffer(text.encode("ascii"), dtype=np.uint8).reshape(-1, _WIDTH) - ord("0")
    thousands, hundreds, tens, ones, _, month_tens, month, _, day_tens, day, code = figures.T
    years = (thousands * np.int32(10) + hundreds) * np.int32(100) + tens * np.int32(10) + ones
    months = (years - _FIRST_YEAR) * np.int32(12) + month_tens * np.int32(10) + month - np.int32(1)
    lowest = int(months.min(initial=0))
    known = np.arange(lowest, int(months.max(initial=0)) + 1).astype("M8[M]").astype("M8[D]")
    firsts = (known - np.datetime64("2000-01-01")).astype(np.int32)
    return firsts[months - lowest] + day_tens * np.int32(10) + day - np.int32(1), code.copy()


def _chosen(query: Select[Any], column: Any, numbers: Sequence[str] | None) -> list[Select[Any]]:
    if numbers is None:
        return [query]
    return [query.where(column.in_(some)) for some in portions(sorted(numbers))]


def _columns(connection: Connection, queries: list[Select[Any]], width: int) -> list[list[Any]]:
    """Rows turned into lists, a column each."""
    columns: list[list[Any]] = [[] for _ in range(width)]
    for rows in _portions(connection, queries):
        for column, some in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(some)
    return columns


def _objects(values: list[Any]) -> NDArray[np.object_]:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _portions(connection: Connection, queries: list[Select[Any]]) -> Iterator[Sequence[Any]]:
    """Rows as the driver gives them: SQLAlchemy's own take longer to make than to read."""
    for query in queries:
        result = connection.execute(query)
        assert result.cursor is not None
        while rows := result.cursor.fetchmany(_AT_A_TIME):
            yield rows
        result.close()
