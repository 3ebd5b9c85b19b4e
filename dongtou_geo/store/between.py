"""Parcels that stand otherwise on another day or by earlier knowledge, found by the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, FromClause, and_, case, func, or_, select

from dongtou_geo.domain.account import ParcelState
from dongtou_geo.domain.event import Event
from dongtou_geo.domain.status import Account
from dongtou_geo.store import schema
from dongtou_geo.store.reading import events_of, portions

_S, _E, _P = schema.parcel_states, schema.events, schema.parcels
_COLUMNS = ("park_id", "status", "area_m2", "producing_m2", "stopped_m2")
_ACCOUNTS = {account.value: account for account in Account}

Split = dict[tuple[str | None, Account], float]


class TwoStates(NamedTuple):
    """A parcel's land by park and account on two days, m2; empty = not in the ledger."""

    parcel_no: str
    before: Split
    after: Split


@dataclass(frozen=True, slots=True)
class ToldLater:
    """A parcel with a line recorded after a moment that may change an earlier day.

    Parameters
    ----------
    parcel_no : str
        The parcel.
    known : bool
        Some of its lines were recorded by then.
    corrected : bool
        A later line replaces or voids another.
    """

    parcel_no: str
    known: bool
    corrected: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """A parcel's outline, EPSG:4490."""

    parcel_no: str
    wkb: bytes


def changed_between(connection: Connection, first: date, second: date) -> Iterator[TwoStates]:
    """Yield the parcels whose state changed after one day and up to another.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    first, second : date
        The days, in order.
    """
    changed = (
        select(_S.c.parcel_no)
        .where(_S.c.from_on > first, _S.c.from_on <= second)
        .distinct()
        .subquery()
    )
    one, other = _S.alias("one"), _S.alias("other")
    joined: FromClause = changed
    for side, day in ((one, first), (other, second)):
        joined = joined.outerjoin(
            side,
            and_(
                side.c.parcel_no == changed.c.parcel_no,
                side.c.from_on <= day,
                side.c.until_on > day,
            ),
        )
    columns = [side.c[name] for side in (one, other) for name in _COLUMNS]
    query = select(changed.c.parcel_no, *columns).select_from(joined)
    for row in connection.execute(query):
        before, after = row[1:6], row[6:11]
        if before != after:
            yield TwoStates(row[0], _split(*before), _split(*after))


def splits_on(connection: Connection, numbers: Sequence[str], day: date) -> dict[str, Split]:
    """Return the land of some parcels on a day by all we know.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    numbers : sequence of str
        Parcels; those that are not in the ledger on that day are left out.
    day : date
        The day.
    """
    columns = [_S.c[name] for name in ("parcel_no", *_COLUMNS)]
    found: dict[str, Split] = {}
    for some in portions(numbers):
        query = select(*columns).where(
            _S.c.parcel_no.in_(some), _S.c.from_on <= day, _S.c.until_on > day
        )
        found |= {row[0]: _split(*row[1:]) for row in connection.execute(query)}
    return {number: split for number, split in found.items() if split}


def told_later(connection: Connection, day: date, moment: datetime) -> list[ToldLater]:
    """Return the parcels of which something about a day was recorded after a moment.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    day : date
        The day that is told anew.
    moment : datetime
        Aware moment of the earlier knowledge.
    """
    late = _E.c.recorded_at > moment
    # A new line of a later day says nothing about this one; one that replaces another may.
    concerned = (
        select(_E.c.parcel_no)
        .where(late, or_(_E.c.effective_on <= day, _E.c.supersedes.is_not(None)))
        .distinct()
    )
    query = (
        select(
            _E.c.parcel_no,
            func.max(case((late, 0), else_=1)),
            func.max(case((and_(late, _E.c.supersedes.is_not(None)), 1), else_=0)),
        )
        .where(_E.c.parcel_no.in_(concerned))
        .group_by(_E.c.parcel_no)
        .order_by(_E.c.parcel_no)
    )
    return [ToldLater(row[0], bool(row[1]), bool(row[2])) for row in connection.execute(query)]


def related_lines(connection: Connection, numbers: Iterable[str]) -> list[Event]:
    """Return all lines of those of some parcels that a split or merge has to do with.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    numbers : iterable of str
        Parcels.
    """
    query = select(_E.c.parcel_no).where(_E.c.related_no.is_not(None)).distinct()
    akin = set(connection.execute(query).scalars())
    return events_of(connection, sorted(akin.intersection(numbers)))


def outlines_of(connection: Connection, numbers: Sequence[str]) -> list[Outline]:
    """Return the outlines of some parcels; those without one (未落图) are left out.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    numbers : sequence of str
        Parcels.
    """
    found = []
    for some in portions(numbers):
        query = (
            select(_P.c.parcel_no, _P.c.geometry_wkb)
            .where(_P.c.parcel_no.in_(some), _P.c.geometry_wkb.is_not(None))
            .order_by(_P.c.parcel_no)
        )
        found += [Outline(row[0], bytes(row[1])) for row in connection.execute(query)]
    return found


def outlines_standing(
    connection: Connection, day: date, park_id: str | None, limit: int
) -> list[Outline]:
    """Return the largest outlines that stand on a day.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    day : date
        The day.
    park_id : str or None
        Of this park only; None = of all.
    limit : int
        At most so many.
    """
    query = (
        select(_P.c.parcel_no, _P.c.geometry_wkb)
        .join(_S, _P.c.parcel_no == _S.c.parcel_no)
        .where(
            _S.c.from_on <= day,
            _S.c.until_on > day,
            _S.c.status != Account.OUTSIDE.value,
            _P.c.geometry_wkb.is_not(None),
        )
        .order_by(_S.c.area_m2.desc(), _S.c.parcel_no)
        .limit(limit)
    )
    if park_id is not None:
        query = query.where(_S.c.park_id == park_id)
    return [Outline(row[0], bytes(row[1])) for row in connection.execute(query)]


def _split(
    park_id: str | None,
    status: str | None,
    area_m2: float,
    producing_m2: float,
    stopped_m2: float,
) -> Split:
    if status is None or status == Account.OUTSIDE.value:
        return {}
    if producing_m2 <= 0 and stopped_m2 <= 0:
        return {(park_id, _ACCOUNTS[status]): area_m2}
    # Which part of a parcel stands in which account is said in one place only.
    state = ParcelState(
        "", date.min, date.min, park_id, area_m2, Account.COMPLETED, producing_m2, stopped_m2
    )
    return {(park_id, account): part for account, part in state.split().items()}
