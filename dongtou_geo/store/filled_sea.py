"""How far the filled sea of each park has come on a day: approved, filled and accepted, supplied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, func, select

from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.store import schema

_P, _S = schema.parcels, schema.parcel_states


@dataclass(frozen=True, slots=True)
class SeaLot:
    """One parcel of filled sea, m2."""

    parcel_no: str
    park_id: str | None
    status: Account
    area_m2: float
    since_on: date
    occupant: str | None
    responsible_unit: str | None


def from_stage(stage: Account) -> tuple[Account, ...]:
    """Return a status and all that lie beyond it in the pipeline.

    Parameters
    ----------
    stage : Account
        批而未填 (approved), 填而未供 (acquired: the fill is accepted), 供而未用 (supplied) …
    """
    return STATUSES[STATUSES.index(stage) :]


def sea_by_park(connection: Connection, as_of: date) -> dict[str | None, dict[Account, float]]:
    """Sum the filled sea of every park by the status of whole parcels.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.

    Returns
    -------
    dict
        Park id (None = 园区外) to status to m2; only what there is.
    """
    query = (
        select(_S.c.park_id, _S.c.status, func.sum(_S.c.area_m2).label("m2"))
        .select_from(_S.join(_P, _P.c.parcel_no == _S.c.parcel_no))
        .where(*_on(as_of))
        .group_by(_S.c.park_id, _S.c.status)
    )
    found: dict[str | None, dict[Account, float]] = {}
    for row in connection.execute(query):
        found.setdefault(row.park_id, {})[Account(row.status)] = float(row.m2)
    return found


def sea_lots(
    connection: Connection,
    as_of: date,
    park_ids: Sequence[str] | None,
    statuses: Sequence[Account],
    *,
    limit: int | None = None,
    offset: int = 0,
) -> list[SeaLot]:
    """Return such parcels, the largest first.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.
    park_ids : sequence of str or None
        Which parks; None = 园区外.
    statuses : sequence of Account
        Any of these.
    limit : int, optional
        At most so many; None = all.
    offset : int
        How many to pass over.
    """
    query = (
        select(
            _S.c.parcel_no, _S.c.park_id, _S.c.status, _S.c.area_m2, _S.c.since_on,
            _P.c.occupant, _P.c.responsible_unit,
        )
        .select_from(_S.join(_P, _P.c.parcel_no == _S.c.parcel_no))
        .where(*_on(as_of), *_among(park_ids, statuses))
        .order_by(_S.c.area_m2.desc(), _S.c.parcel_no)
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    return [
        SeaLot(**{**row, "status": Account(row["status"])})
        for row in connection.execute(query).mappings()
    ]


def sea_total(
    connection: Connection,
    as_of: date,
    park_ids: Sequence[str] | None,
    statuses: Sequence[Account],
) -> tuple[int, float]:
    """Count such parcels and sum them, m2.

    Parameters
    ----------
    connection, as_of, park_ids, statuses
        As for ``sea_lots``.
    """
    query = (
        select(func.count(), func.sum(_S.c.area_m2))
        .select_from(_S.join(_P, _P.c.parcel_no == _S.c.parcel_no))
        .where(*_on(as_of), *_among(park_ids, statuses))
    )
    parcels, area_m2 = connection.execute(query).one()
    return int(parcels), float(area_m2 or 0.0)


def _on(as_of: date) -> list[ColumnElement[bool]]:
    return [
        _S.c.from_on <= as_of,
        _S.c.until_on > as_of,
        _S.c.status != Account.OUTSIDE.value,
        _P.c.origin == Origin.FILLED_SEA.value,
    ]


def _among(
    park_ids: Sequence[str] | None, statuses: Sequence[Account]
) -> list[ColumnElement[bool]]:
    where = _S.c.park_id.is_(None) if park_ids is None else _S.c.park_id.in_(park_ids)
    return [where, _S.c.status.in_([status.value for status in statuses])]
