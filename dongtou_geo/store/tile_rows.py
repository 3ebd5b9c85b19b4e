"""What the map's tiles are made from: outlines and dated statuses, in columns, whole or in part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Float, Select, String, cast, func, select

from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.store import schema
from dongtou_geo.store.reading import portions

# Days are counted from here, as in the tiles.
FIRST_DAY = date(2000, 1, 1).toordinal()
# The code beside the eight statuses: the parcel has left the ledger.
ENDED = len(STATUSES)
_CODES = {status.value: code for code, status in enumerate(STATUSES)} | {"outside": ENDED}
_AT_A_TIME = 50_000
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
    first = select(_E.c.parcel_no, func.min(_E.c.event_id)).group_by(_E.c.parcel_no)
    ids: dict[str, int] = {}
    for some in _chosen(first, _E.c.parcel_no, numbers):
        ids |= dict(_rows(connection, some))
    known: list[str] = []
    outlines: list[bytes | None] = []
    register = select(_P.c.parcel_no, _P.c.geometry_wkb).order_by(_P.c.parcel_no)
    for some in _chosen(register, _P.c.parcel_no, numbers):
        for number, outline in _rows(connection, some):
            if number in ids:
                known.append(number)
                outlines.append(outline)
    shapes = np.empty(len(known), dtype=object)
    shapes[:] = outlines
    states = _states(connection, {number: row for row, number in enumerate(known)}, numbers)
    order = np.argsort(states[0], kind="stable")
    owner, day, status, area = (column[order] for column in states)
    area_m2 = np.zeros(len(known))
    holds = area > 0
    area_m2[owner[holds]] = area[holds]  # of several the last one stays
    # Tiles tell colours: of states that look alike only the first is needed.
    news = np.ones(len(owner), dtype=bool)
    news[1:] = (owner[1:] != owner[:-1]) | (status[1:] != status[:-1])
    owner, day, status = owner[news], day[news], status[news]
    own = np.fromiter((ids[number] for number in known), dtype=np.uint64, count=len(known))
    return TileRows(
        known, own, shapes, area_m2, owner, day.astype(np.int32), status.astype(np.uint8)
    )


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
    connection: Connection, row_of: dict[str, int], numbers: Sequence[str] | None
) -> list[NDArray[Any]]:
    """Row, day, status and area of every state, in order of day within a row."""
    # As text: a day in SQLite is one, and a date object each would take longer than all the rest.
    query = select(_S.c.parcel_no, cast(_S.c.from_on, String), _S.c.status, _S.c.area_m2)
    parts: list[list[NDArray[Any]]] = []
    for some in _chosen(query.order_by(_S.c.parcel_no, _S.c.from_on), _S.c.parcel_no, numbers):
        result = connection.execution_options(yield_per=_AT_A_TIME).execute(some)
        for rows in result.partitions():
            number, day, status, area = zip(*rows, strict=True)
            size = len(rows)
            parts.append(
                [
                    np.fromiter(map(row_of.__getitem__, number), np.int64, size),
                    np.fromiter(map(_day, day), np.int32, size),
                    np.fromiter(map(_CODES.__getitem__, status), np.uint8, size),
                    np.array(area, dtype=np.float64),
                ]
            )
    if not parts:
        return [np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.uint8), np.empty(0)]
    return [np.concatenate(columns) for columns in zip(*parts, strict=True)]


def _chosen(query: Select[Any], column: Any, numbers: Sequence[str] | None) -> list[Select[Any]]:
    if numbers is None:
        return [query]
    return [query.where(column.in_(some)) for some in portions(numbers)]


def _rows(connection: Connection, query: Select[Any]) -> Any:
    for rows in connection.execution_options(yield_per=_AT_A_TIME).execute(query).partitions():
        yield from rows


@cache
def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - FIRST_DAY
