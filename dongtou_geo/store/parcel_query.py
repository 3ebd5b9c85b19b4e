"""地块台账 as a table: filtered, sorted and paged in the database, on any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, func, or_, select

from dongtou_geo.domain.parcel import AreaBasis, Origin
from dongtou_geo.domain.status import Account
from dongtou_geo.store import schema

OUTSIDE = "outside"
SortKey = Literal["parcel_no", "area_m2", "since_on", "status"]
_P, _S = schema.parcels, schema.parcel_states
_SORTS: dict[SortKey, ColumnElement[object]] = {
    "parcel_no": _S.c.parcel_no,
    "area_m2": _S.c.area_m2,
    "since_on": _S.c.since_on,
    "status": _S.c.status,
}


@dataclass(frozen=True, slots=True)
class ParcelFilter:
    """Which parcels; an empty field asks for all.

    Parameters
    ----------
    as_of : date
        The day whose states are shown.
    park_id : str or None
        A park, or ``OUTSIDE`` for 园区外.
    statuses : tuple of Account
        Any of these.
    text : str
        Part of the number, the occupant or the responsible unit.
    flag : {"halted", "stopped", "unmapped"} or None
        停工, 停产, 未落图.
    """

    as_of: date
    park_id: str | None = None
    statuses: tuple[Account, ...] = ()
    text: str = ""
    flag: Literal["halted", "stopped", "unmapped"] | None = None


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """One line of the table; areas in m2."""

    parcel_no: str
    park_id: str | None
    status: Account
    area_m2: float
    producing_m2: float
    stopped_m2: float
    halted: bool
    since_on: date
    origin: Origin
    area_basis: AreaBasis
    occupant: str | None
    responsible_unit: str | None
    agreed_complete_on: date | None


@dataclass(frozen=True, slots=True)
class Total:
    """How many parcels, and how much land, m2."""

    parcels: int
    area_m2: float
    producing_m2: float


def page(
    connection: Connection,
    wanted: ParcelFilter,
    *,
    sort: SortKey = "parcel_no",
    descending: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> list[ParcelRow]:
    """Return one page of the table.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : ParcelFilter
        Which parcels.
    sort : {"parcel_no", "area_m2", "since_on", "status"}
        By what; the number decides between equals.
    descending : bool
        Largest first.
    limit, offset : int
        Which lines.
    """
    column = _SORTS[sort]
    query = _joined(
        select(
            _S.c.parcel_no, _S.c.park_id, _S.c.status, _S.c.area_m2, _S.c.producing_m2,
            _S.c.stopped_m2, _S.c.halted, _S.c.since_on, _P.c.origin, _P.c.area_basis,
            _P.c.occupant, _P.c.responsible_unit, _P.c.agreed_complete_on,
        ),
        wanted,
        with_register=True,
    )  # fmt: skip
    ordered = query.order_by(column.desc() if descending else column, _S.c.parcel_no)
    return [
        ParcelRow(
            **{
                **row,
                "status": Account(row["status"]),
                "origin": Origin(row["origin"]),
                "area_basis": AreaBasis(row["area_basis"]),
            }
        )
        for row in connection.execute(ordered.limit(limit).offset(offset)).mappings()
    ]


def total(connection: Connection, wanted: ParcelFilter) -> Total:
    """Return how many parcels a filter finds, and how much land.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : ParcelFilter
        Which parcels.
    """
    row = connection.execute(_joined(select(*_SUMS), wanted)).one()
    return Total(row.parcels, float(row.area_m2 or 0.0), float(row.producing_m2 or 0.0))


def totals_by_status(connection: Connection, wanted: ParcelFilter) -> dict[Account, Total]:
    """Return a filter's parcels and land by the status shown for the whole parcel.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : ParcelFilter
        Which parcels.
    """
    query = _joined(select(_S.c.status, *_SUMS), wanted).group_by(_S.c.status)
    return {
        Account(row.status): Total(row.parcels, float(row.area_m2), float(row.producing_m2))
        for row in connection.execute(query)
    }


_SUMS = (
    func.count().label("parcels"),
    func.sum(_S.c.area_m2).label("area_m2"),
    func.sum(_S.c.producing_m2).label("producing_m2"),
)


def _joined(
    query: Select[*tuple[Any, ...]], wanted: ParcelFilter, *, with_register: bool = False
) -> Select[*tuple[Any, ...]]:
    """Look at the states that a filter wants, and at the register only where it must be."""
    joined: FromClause = _S
    if with_register or wanted.text.strip() or wanted.flag == "unmapped":
        joined = _S.join(_P, _P.c.parcel_no == _S.c.parcel_no)
    return query.select_from(joined).where(and_(*_conditions(wanted)))


def _conditions(wanted: ParcelFilter) -> list[ColumnElement[bool]]:
    found = [
        _S.c.from_on <= wanted.as_of,
        _S.c.until_on > wanted.as_of,
        _S.c.status != Account.OUTSIDE.value,
    ]
    if wanted.park_id == OUTSIDE:
        found.append(_S.c.park_id.is_(None))
    elif wanted.park_id:
        found.append(_S.c.park_id == wanted.park_id)
    if wanted.statuses:
        found.append(_S.c.status.in_([status.value for status in wanted.statuses]))
    if wanted.text.strip():
        # autoescape: a % or _ in what was typed is a letter, not a pattern.
        words = (_P.c.parcel_no, _P.c.occupant, _P.c.responsible_unit)
        found.append(or_(*(w.icontains(wanted.text.strip(), autoescape=True) for w in words)))
    flags = {
        "halted": _S.c.halted.is_(True),
        "stopped": _S.c.stopped_m2 > 0,
        "unmapped": _P.c.area_basis == AreaBasis.LEDGER.value,
    }
    if wanted.flag:
        found.append(flags[wanted.flag])
    return found
