"""The day and month books: moves written into them, in the transaction that writes the events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    delete,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from dongtou_geo.store import schema
from dongtou_geo.store.columns import Days, Values, days_of, delete_keys, put_columns
from dongtou_geo.store.moves import Ints, Moves, Summed, code, starts, whole
from dongtou_geo.store.posting import Key

# Of more accounts than this, all are read: one look through the book is quicker than many.
_ASKED_ONE_BY_ONE = 24
_HALF, _LOW = 32, (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Months:
    """Sums at month ends, by key and month.

    Parameters
    ----------
    key : ndarray of int64
        Position among the keys.
    month : ndarray of int64
        Months since 1970-01.
    grains, peak : ndarray of int64
        The sum at the month's end, and the highest after any day of it on which something moved.
    """

    key: Ints
    month: Ints
    grains: Ints
    peak: Ints


def write(connection: Connection, moves: Moves) -> None:
    """Write moves into the day and month books.

    Parameters
    ----------
    connection : Connection
        Inside the transaction that writes the events.
    moves : Moves
        What moved.

    Raises
    ------
    LedgerError
        If a sum is more than a ledger can hold; the transaction must then be rolled back.
    """
    moved = moves.summed()
    if not len(moved.key):
        return
    firsts = _first_months(moved)
    kept, carried = _days_since(connection, moved.keys, firsts), _sums(connection, moved.keys)
    days = _together(moved, kept)
    _write_days(connection, moved, days)
    _write_months(
        connection, moved.keys, firsts, months_of(days, _before(carried, firsts)), carried
    )


def clear(connection: Connection) -> None:
    """Empty every derived table, before all of them are built anew."""
    for table in (schema.parcel_states, schema.balance_days, schema.balance_months):
        connection.execute(delete(table))


def months_of(days: Summed, carried: Ints) -> Months:
    """Return the months of running sums.

    Parameters
    ----------
    days : Summed
        What moved, whole months of it.
    carried : ndarray of int64
        The sum of each key before its first month.

    Raises
    ------
    LedgerError
        If a sum is more than a ledger can hold.
    """
    month = month_numbers(days.day)
    if not len(month):
        return Months(days.key, month, days.grains, days.grains)
    first = starts(days.key)
    own = days.key[first]
    run = _running(days.grains, first, carried[own])
    begin = starts(days.key, month)
    last = np.append(begin[1:], len(month)) - 1
    return Months(days.key[begin], month[begin], run[last], np.maximum.reduceat(run, begin))


def month_numbers(day: Ints) -> Ints:
    """Return months since 1970-01 of days since 1970-01-01.

    Parameters
    ----------
    day : ndarray of int64
        Days.
    """
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_ends(month: Ints) -> Days:
    """Return the last day of each month.

    Parameters
    ----------
    month : ndarray of int64
        Months since 1970-01.
    """
    following: Days = (month + 1).astype("datetime64[M]").astype("datetime64[D]")
    return following - np.timedelta64(1, "D")


def _running(grains: Ints, first: NDArray[np.intp], carried: Ints) -> Ints:
    """Return sums that begin anew, from what was carried over, at each of some places."""
    length = np.diff(np.append(first, len(grains)))
    halves = []
    for part, base in ((grains >> _HALF, carried >> _HALF), (grains & _LOW, carried & _LOW)):
        run = np.cumsum(part)
        before = run[first] - part[first]
        halves.append(run - np.repeat(before - base, length))
    high, low = halves
    return whole(high + (low >> _HALF), low & _LOW)


def _first_months(moved: Summed) -> Ints:
    """Return the first month in which each key moved; far ahead where it did not."""
    firsts = np.full(len(moved.keys), np.iinfo(np.int64).max)
    np.minimum.at(firsts, moved.key, month_numbers(moved.day))
    return firsts


def _first_day(month: int) -> date:
    return date(1970 + month // 12, month % 12 + 1, 1)


def _days_since(connection: Connection, keys: list[Key], firsts: Ints) -> Summed:
    """Read the day book from each key's first month on."""
    table = schema.balance_days
    wanted = [(key, _first_day(int(month))) for key, month in zip(keys, firsts, strict=True)
              if month != np.iinfo(np.int64).max]  # fmt: skip
    query = select(
        table.c.park_id, table.c.account, type_coerce(table.c.day, NullType()), table.c.grains
    ).where(table.c.day >= min(day for _, day in wanted))
    if len(wanted) <= _ASKED_ONE_BY_ONE:
        asked = [and_(_is(table, key), table.c.day >= day) for key, day in wanted]
        query = query.where(or_(*asked))
    place, when, grains = _read(connection, query, keys)
    since = month_numbers(when) >= firsts[place]
    return Summed(keys, place[since], when[since], grains[since])


def _sums(connection: Connection, keys: list[Key]) -> Months:
    """Read the month book of some keys."""
    table = schema.balance_months
    query = select(
        table.c.park_id, table.c.account, type_coerce(table.c.month_end, NullType()), table.c.grains
    )
    if len(keys) <= _ASKED_ONE_BY_ONE:
        query = query.where(or_(*(_is(table, key) for key in keys)))
    place, when, grains = _read(connection, query, keys)
    return Months(place, month_numbers(when), grains, grains)


def _is(table: Table, key: Key) -> ColumnElement[bool]:
    return and_(table.c.park_id == key[0], table.c.account == key[1])


def _read(
    connection: Connection, query: Select[tuple[object, ...]], keys: list[Key]
) -> tuple[Ints, Ints, Ints]:
    rows = connection.execute(query).all()
    place = {key: number for number, key in enumerate(keys)}
    parks, accounts, days, grains = zip(*rows, strict=True) if rows else ((), (), (), ())
    own = [place.get(key, -1) for key in zip(parks, accounts, strict=True)]
    found = np.array(own, dtype=np.int64)
    some = found >= 0
    when = days_of(days).astype(np.int64)
    return found[some], when[some], np.array(grains, dtype=np.int64)[some]


def _before(carried: Months, firsts: Ints) -> Ints:
    """Return each key's last sum before its first month."""
    before = np.zeros(len(firsts), dtype=np.int64)
    earlier = carried.month < firsts[carried.key]
    key, month, grains = (a[earlier] for a in (carried.key, carried.month, carried.grains))
    order = np.lexsort((month, key))
    before[key[order]] = grains[order]  # of several the last stays
    return before


def _together(moved: Summed, kept: Summed) -> Summed:
    both = Moves()
    for part in (moved, kept):
        both.add(moved.keys, part.key, part.day, part.grains)
    return both.summed()


def _write_days(connection: Connection, moved: Summed, days: Summed) -> None:
    table = schema.balance_days
    present, wanted = code(days.key, days.day), code(moved.key, moved.day)
    place = np.searchsorted(present, wanted)
    stays = np.zeros(len(wanted), dtype=bool)
    inside = place < len(present)
    stays[inside] = present[place[inside]] == wanted[inside]
    # In the order of the table's key: rows of one day lie together.
    order = np.flatnonzero(stays)[np.argsort(moved.day[stays], kind="stable")]
    rows = _key_columns(moved.keys, moved.key[order], "day", moved.day[order].astype("M8[D]"))
    put_columns(connection, table, {**rows, "grains": days.grains[place[order]]}, len(order))
    gone = ~stays  # what cancels leaves no row
    rows = _key_columns(moved.keys, moved.key[gone], "day", moved.day[gone].astype("M8[D]"))
    delete_keys(connection, table, rows, int(gone.sum()))


def _write_months(
    connection: Connection, keys: list[Key], firsts: Ints, months: Months, carried: Months
) -> None:
    table = schema.balance_months
    rows = _key_columns(keys, months.key, "month_end", month_ends(months.month))
    sums = {"grains": months.grains, "peak_grains": months.peak}
    put_columns(connection, table, {**rows, **sums}, len(months.key))
    later = carried.month >= firsts[carried.key]
    key, month = carried.key[later], carried.month[later]
    gone = ~np.isin(code(key, month), code(months.key, months.month))
    rows = _key_columns(keys, key[gone], "month_end", month_ends(month[gone]))
    delete_keys(connection, table, rows, int(gone.sum()))


def _key_columns(keys: list[Key], key: Ints, name: str, when: Days) -> dict[str, Values]:
    parks, accounts = ([own[part] for own in keys] for part in (0, 1))
    return {
        "park_id": [parks[place] for place in key.tolist()],
        "account": [accounts[place] for place in key.tolist()],
        name: when,
    }
