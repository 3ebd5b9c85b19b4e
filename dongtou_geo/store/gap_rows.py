"""Parcels that are not in production yet, in the order in which they close a park's gap.

Notes
-----
The order, as decision 0011 words it: the stage nearest production first; within a stage those that
go on before those that were halted or stopped; then the next agreed date, the earliest first and
none last; then the larger area; the number decides between equals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Label,
    ScalarSelect,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
)

from dongtou_geo.domain.account import AREA_TOLERANCE_M2
from dongtou_geo.domain.parcel import AreaBasis, Origin
from dongtou_geo.domain.status import Account
from dongtou_geo.store import schema
from dongtou_geo.store.reading import portions

_P, _S = schema.parcels, schema.parcel_states
# The step that a contract's next agreed date is about, by the status reached.
START, COMPLETE, PRODUCE = "start", "complete", "produce"
# How far a parcel is from production: 0 stands nearest.
NEAREST_FIRST: tuple[tuple[Account, ...], ...] = (
    (Account.COMPLETED, Account.PART_USED, Account.IN_PRODUCTION),
    (Account.BUILDING,),
    (Account.SUPPLIED,),
    (Account.ACQUIRED,),
    (Account.APPROVED,),
    (Account.PLANNED,),
)


@dataclass(frozen=True, slots=True)
class GapRow:
    """One parcel that could close a gap; areas in m2.

    Parameters
    ----------
    contribution_m2 : float
        Area not yet in production.
    since_on : date
        Since when it has the status.
    halted_on, stopped_on : date or None
        Since when it is 停工, and since when a part of it or all is 停产; None = it is not.
    due_kind : {"start", "complete", "produce"} or None
        The first step still to come whose day was agreed.
    due_on : date or None
        That day.
    """

    parcel_no: str
    park_id: str | None
    status: Account
    origin: Origin
    area_basis: AreaBasis
    area_m2: float
    producing_m2: float
    stopped_m2: float
    contribution_m2: float
    since_on: date
    halted_on: date | None
    stopped_on: date | None
    due_kind: str | None
    due_on: date | None
    occupant: str | None
    responsible_unit: str | None
    contract_no: str | None


@dataclass(slots=True)
class GapOrder:
    """The parcels of one park in the order that closes its gap, as two columns.

    Parameters
    ----------
    numbers : list of str
        Parcel numbers.
    contribution_m2 : list of float
        What each could add, m2.
    tiers : list of int
        Place of its stage in ``NEAREST_FIRST``.
    """

    numbers: list[str] = field(default_factory=list)
    contribution_m2: list[float] = field(default_factory=list)
    tiers: list[int] = field(default_factory=list)


def orders(connection: Connection, as_of: date, park_ids: Sequence[str]) -> dict[str, GapOrder]:
    """Return the order of some parks' parcels, the light columns only.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.
    park_ids : sequence of str
        The parks; one without such parcels is there with an empty order.
    """
    found = {park_id: GapOrder() for park_id in park_ids}
    query = (
        select(_S.c.park_id, _S.c.parcel_no, _contribution(), _tier())
        .select_from(JOINED)
        .where(alive(as_of), _S.c.park_id.in_(list(park_ids)), _contribution() > 0)
        .order_by(_S.c.park_id, *_keys())
    )
    for park_id, number, contribution_m2, tier in connection.execute(query):
        order = found[park_id]
        order.numbers.append(number)
        order.contribution_m2.append(contribution_m2)
        order.tiers.append(tier)
    return found


def rows_of(connection: Connection, as_of: date, numbers: Sequence[str]) -> Iterator[GapRow]:
    """Yield all that the list says of some parcels, in the order in which they are named.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.
    numbers : sequence of str
        Parcel numbers; one that is not in the ledger on that day is left out.
    """
    columns = (
        _S.c.parcel_no, _S.c.park_id, _S.c.status, _P.c.origin, _P.c.area_basis, _S.c.area_m2,
        _S.c.producing_m2, _S.c.stopped_m2, _contribution(), _S.c.since_on,
        case((_S.c.halted.is_(True), _run_began(as_of, halted=True))).label("halted_on"),
        case((_S.c.stopped_m2 > 0, _run_began(as_of, halted=False))).label("stopped_on"),
        _due_kind(), _due_on(), _P.c.occupant, _P.c.responsible_unit, _P.c.contract_no,
    )  # fmt: skip
    for some in portions(numbers):
        query = select(*columns).select_from(JOINED)
        query = query.where(alive(as_of), _S.c.parcel_no.in_(some))
        found = {row.parcel_no: row for row in connection.execute(query)}
        yield from (_row(found[number]) for number in some if number in found)


def outlines(
    connection: Connection, as_of: date, numbers: Sequence[str]
) -> list[tuple[str, Account, bytes]]:
    """Return number, status and outline (WKB, EPSG:4490) of those parcels that are drawn.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.
    numbers : sequence of str
        Parcel numbers, a few hundred at most.
    """
    query = (
        select(_S.c.parcel_no, _S.c.status, _P.c.geometry_wkb)
        .select_from(JOINED)
        .where(alive(as_of), _S.c.parcel_no.in_(numbers), _P.c.geometry_wkb.is_not(None))
        .order_by(_S.c.parcel_no)
    )
    return [
        (row.parcel_no, Account(row.status), bytes(row.geometry_wkb))
        for row in connection.execute(query)
    ]


JOINED: FromClause = _S.join(_P, _P.c.parcel_no == _S.c.parcel_no)
# A parcel of which a part produces or did is split; any other stands whole in its status.
USED = or_(_S.c.producing_m2 > 0, _S.c.stopped_m2 > 0)
REST = _S.c.area_m2 - _S.c.producing_m2 - _S.c.stopped_m2
# ParcelState.split takes a rest up to this for the drawing's: it follows the larger part.
_SLIVER = case(
    (_S.c.area_m2 / 100 < AREA_TOLERANCE_M2, _S.c.area_m2 / 100), else_=AREA_TOLERANCE_M2
)
HAS_REST = _SLIVER < REST


def alive(as_of: date) -> ColumnElement[bool]:
    """Return the condition that a state holds on a day, and that the parcel has not ended."""
    return and_(_S.c.from_on <= as_of, _S.c.until_on > as_of, _S.c.status != Account.OUTSIDE.value)


def _contribution() -> Label[float]:
    return case(
        (not_(USED), _S.c.area_m2),
        (HAS_REST, _S.c.area_m2 - _S.c.producing_m2),
        (_S.c.producing_m2 >= _S.c.stopped_m2, _S.c.stopped_m2),
        else_=_S.c.area_m2 - _S.c.producing_m2,
    ).label("contribution_m2")


def _tier() -> Label[int]:
    place = {status.value: i for i, some in enumerate(NEAREST_FIRST) for status in some}
    return case(place, value=_S.c.status, else_=len(NEAREST_FIRST)).label("tier")


def _due() -> list[tuple[ColumnElement[bool], str, ColumnElement[Any]]]:
    """Return what is still to come, in the order in which it comes: condition, step, day.

    Agreed dates bind from the supply on. One that has produced has kept its date of production:
    for its rest the ledger knows of no other.
    """
    status = _S.c.status
    supplied, building = status == Account.SUPPLIED.value, status == Account.BUILDING.value
    waits = and_(status == Account.COMPLETED.value, _S.c.stopped_m2 <= 0)
    return [
        (and_(supplied, _P.c.agreed_start_on.is_not(None)), START, _P.c.agreed_start_on),
        (
            and_(or_(supplied, building), _P.c.agreed_complete_on.is_not(None)),
            COMPLETE,
            _P.c.agreed_complete_on,
        ),
        (
            and_(or_(supplied, building, waits), _P.c.agreed_produce_on.is_not(None)),
            PRODUCE,
            _P.c.agreed_produce_on,
        ),
    ]


def _due_kind() -> Label[str | None]:
    return case(*((met, literal(kind)) for met, kind, _ in _due())).label("due_kind")


def _due_on() -> Label[date | None]:
    return case(*((met, day) for met, _, day in _due())).label("due_on")


def _keys() -> list[ColumnElement[Any]]:
    blocked = case((or_(_S.c.halted.is_(True), _S.c.stopped_m2 > 0), 1), else_=0)
    due_on = _due_on().element
    undated = case((due_on.is_(None), 1), else_=0)
    return [
        _tier().element, blocked, undated, due_on, _contribution().element.desc(), _S.c.parcel_no,
    ]  # fmt: skip


def _run_began(as_of: date, *, halted: bool) -> ScalarSelect[date]:
    """Return since when a parcel has been halted (or stopped) without a break."""
    run, other = _S.alias(), _S.alias()

    def flagged(states: FromClause) -> ColumnElement[bool]:
        return states.c.halted.is_(True) if halted else states.c.stopped_m2 > 0

    resumed = (
        select(func.max(other.c.until_on))
        .where(other.c.parcel_no == _S.c.parcel_no, other.c.from_on <= as_of)
        .where(not_(flagged(other)))
        .correlate(_S)
        .scalar_subquery()
    )
    return (
        select(func.min(run.c.from_on))
        .where(run.c.parcel_no == _S.c.parcel_no, run.c.from_on <= as_of, flagged(run))
        .where(run.c.from_on >= func.coalesce(resumed, literal(date.min, Date)))
        .correlate(_S)
        .scalar_subquery()
    )


def _row(row: Any) -> GapRow:
    given = {name: getattr(row, name) for name in GapRow.__slots__}
    given |= {
        "status": Account(row.status),
        "origin": Origin(row.origin),
        "area_basis": AreaBasis(row.area_basis),
    }
    return GapRow(**given)
