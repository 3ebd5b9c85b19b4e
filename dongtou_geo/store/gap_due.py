"""Agreed dates that are near or past: which contract, which step, which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Label,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.status import Account
from dongtou_geo.store import schema
from dongtou_geo.store.gap_rows import COMPLETE, PRODUCE, START

_P, _S = schema.parcels, schema.parcel_states
KINDS = (START, COMPLETE, PRODUCE)
# 90 天内 / 已过 / 已过一年; what is past for a year is past as well.
Window = Literal["soon", "past", "year"]


@dataclass(frozen=True, slots=True)
class DueFilter:
    """Which agreed dates.

    Parameters
    ----------
    as_of : date
        The day.
    until : date
        The last day that is near.
    year_before : date
        The last day that has been past for a year.
    park_id : str or None
        A park; None = the whole ledger, 园区外 too.
    window : {"soon", "past", "year"} or None
        From ``as_of`` to ``until``; before ``as_of``; up to ``year_before``. None = the first two.
    kind : {"start", "complete", "produce"} or None
        About which step; None = any.
    """

    as_of: date
    until: date
    year_before: date
    park_id: str | None = None
    window: Window | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class DueRow:
    """One step of a contract that has not happened though its day is near or past; area in m2."""

    parcel_no: str
    park_id: str | None
    kind: str
    due_on: date
    status: Account
    origin: Origin
    area_m2: float
    since_on: date
    occupant: str | None
    responsible_unit: str | None
    contract_no: str | None


@dataclass(frozen=True, slots=True)
class DueCount:
    """How many steps, and how much land, m2."""

    parcels: int = 0
    area_m2: float = 0.0


def due_rows(
    connection: Connection, wanted: DueFilter, *, limit: int | None = 50, offset: int = 0
) -> list[DueRow]:
    """Return steps that are due, the earliest day first.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : DueFilter
        Which.
    limit : int or None
        At most so many; None = all.
    offset : int
        Which lines.
    """
    steps = _steps()
    due_on = _due_on(steps)
    query = (
        select(
            _S.c.parcel_no, _S.c.park_id, steps.c.kind, due_on, _S.c.status, _P.c.origin,
            _S.c.area_m2, _S.c.since_on, _P.c.occupant, _P.c.responsible_unit, _P.c.contract_no,
        )
        .select_from(_S.join(_P, _P.c.parcel_no == _S.c.parcel_no).join(steps, true()))
        .where(_wanted(wanted, due_on.element, steps))
        .order_by(due_on.element, steps.c.place, _S.c.parcel_no)
    )  # fmt: skip
    if limit is not None:
        query = query.limit(limit).offset(offset)
    return [
        DueRow(**{**row, "status": Account(row["status"]), "origin": Origin(row["origin"])})
        for row in connection.execute(query).mappings()
    ]


def due_counts(connection: Connection, wanted: DueFilter) -> dict[tuple[str, Window], DueCount]:
    """Count the steps that are due by kind and window; a parcel counts once for each of its steps.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : DueFilter
        Which; its window and kind are not looked at.
    """
    steps = _steps()
    due_on = _due_on(steps).element
    windows: dict[Window, ColumnElement[bool]] = {
        "soon": due_on >= wanted.as_of,
        "past": due_on < wanted.as_of,
        "year": due_on <= wanted.year_before,
    }
    sums: list[Label[float]] = []
    for window, inside in windows.items():
        sums += [
            func.sum(case((inside, 1), else_=0)).label(f"{window}_parcels"),
            func.sum(case((inside, _S.c.area_m2), else_=0.0)).label(f"{window}_m2"),
        ]
    everything = DueFilter(wanted.as_of, wanted.until, wanted.year_before, wanted.park_id)
    query = (
        select(steps.c.kind, *sums)
        .select_from(_S.join(_P, _P.c.parcel_no == _S.c.parcel_no).join(steps, true()))
        .where(_wanted(everything, due_on, steps))
        .group_by(steps.c.kind)
    )
    found: dict[tuple[str, Window], DueCount] = {}
    for row in connection.execute(query).mappings():
        for window in windows:
            count = DueCount(int(row[f"{window}_parcels"]), float(row[f"{window}_m2"]))
            found[row["kind"], window] = count
    return found


def undated(connection: Connection, as_of: date, park_id: str | None) -> dict[str, DueCount]:
    """Count the parcels whose next step has no agreed day: nobody can tell whether they are late.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.
    park_id : str or None
        A park; None = the whole ledger.
    """
    silent = {
        START: and_(_S.c.status == Account.SUPPLIED.value, _P.c.agreed_start_on.is_(None)),
        COMPLETE: and_(_S.c.status == Account.BUILDING.value, _P.c.agreed_complete_on.is_(None)),
    }
    sums = [
        column
        for missing in silent.values()
        for column in (
            func.sum(case((missing, 1), else_=0)),
            func.sum(case((missing, _S.c.area_m2), else_=0.0)),
        )
    ]
    joined = _S.join(_P, _P.c.parcel_no == _S.c.parcel_no)
    query = select(*sums).select_from(joined).where(_alive(as_of, park_id))
    row = [value or 0 for value in connection.execute(query).one()]
    return {kind: DueCount(int(row[2 * i]), float(row[2 * i + 1])) for i, kind in enumerate(silent)}


def _steps() -> CTE:
    """Return the three steps as rows: a parcel is looked at once, not once a step."""
    rows: list[Select[str, int]] = [
        select(literal_column(f"'{kind}'").label("kind"), literal_column(str(i)).label("place"))
        for i, kind in enumerate(KINDS)
    ]
    return union_all(*rows).cte("steps")


def _due_on(steps: CTE) -> Label[date | None]:
    """Return the day agreed for a step that is still to come; a withdrawn contract binds no more."""
    status, kind = _S.c.status, steps.c.kind
    built = and_(status == Account.COMPLETED.value, _S.c.stopped_m2 <= 0)
    supplied, building = status == Account.SUPPLIED.value, status == Account.BUILDING.value
    return case(
        (and_(kind == START, supplied), _P.c.agreed_start_on),
        (and_(kind == COMPLETE, or_(supplied, building)), _P.c.agreed_complete_on),
        (and_(kind == PRODUCE, or_(supplied, building, built)), _P.c.agreed_produce_on),
    ).label("due_on")


def _alive(as_of: date, park_id: str | None) -> ColumnElement[bool]:
    alive = and_(_S.c.from_on <= as_of, _S.c.until_on > as_of, _S.c.status != Account.OUTSIDE.value)
    return alive if park_id is None else and_(alive, _S.c.park_id == park_id)


def _wanted(
    wanted: DueFilter, due_on: ColumnElement[date | None], steps: CTE
) -> ColumnElement[bool]:
    found = [_alive(wanted.as_of, wanted.park_id), due_on.is_not(None), due_on <= wanted.until]
    if wanted.kind is not None:
        found.append(steps.c.kind == wanted.kind)
    if wanted.window == "soon":
        found.append(due_on >= wanted.as_of)
    elif wanted.window == "past":
        found.append(due_on < wanted.as_of)
    elif wanted.window == "year":
        found.append(due_on <= wanted.year_before)
    return and_(*found)
