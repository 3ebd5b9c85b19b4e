"""Land that is not in production, by account: as the balances count it, parcel by parcel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    and_,
    case,
    func,
    literal_column,
    not_,
    select,
)

from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.status import Account
from dongtou_geo.store import schema
from dongtou_geo.store.gap_rows import HAS_REST, JOINED, REST, USED, alive

_P, _S = schema.parcels, schema.parcel_states


@dataclass(frozen=True, slots=True)
class StageSum:
    """Land of one account, origin and responsible unit that is not in production, m2.

    Parameters
    ----------
    stopped : bool
        It has produced and is 停产; such land stands in 建成未投产, and is told apart in it.
    halted_m2 : float
        How much of it is 停工.
    """

    account: Account
    stopped: bool
    origin: Origin
    responsible_unit: str | None
    parcels: int
    area_m2: float
    halted_m2: float


def stage_sums(connection: Connection, as_of: date, park_id: str) -> list[StageSum]:
    """Return a park's land that is not in production by account, origin and responsible unit.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.
    park_id : str
        The park.

    Notes
    -----
    By account, as balances count: of a parcel that was stopped in part, that part is 建成未投产 and
    the rest 用而未尽, and the parcel is counted in both. Of 建成未投产 what has produced and was
    stopped is a sum of its own.
    """
    parts: list[tuple[ColumnElement[Any], Label[float]]] = [
        (_S.c.status, _own_part()),
        (literal_column(f"'{Account.COMPLETED.value}'"), _completed_part()),
        (literal_column(f"'{Account.PART_USED.value}'"), _part_used_part()),
    ]
    found: dict[tuple[Account, bool, Origin, str | None], StageSum] = {}
    for account, part in parts:
        own, stopped = part.name == "own_m2", part.name == "completed_m2"
        keys = (_P.c.origin, _unit(), *((account,) if own else ()))
        halted = case((_S.c.halted.is_(True), part.element), else_=0.0)
        query = (
            select(account.label("account"), _P.c.origin, _unit())
            .add_columns(func.count().label("parcels"), func.sum(part).label("area_m2"))
            .add_columns(func.sum(halted).label("halted_m2"))
            .select_from(JOINED)
            .where(alive(as_of), _S.c.park_id == park_id, part > 0)
            .group_by(*keys)
        )
        for row in connection.execute(query):
            key = (Account(row.account), stopped, Origin(row.origin), row.unit)
            before = found.get(key, StageSum(*key, 0, 0.0, 0.0))
            found[key] = StageSum(
                *key,
                before.parcels + row.parcels,
                before.area_m2 + row.area_m2,
                before.halted_m2 + row.halted_m2,
            )
    return [found[key] for key in sorted(found, key=lambda key: (*key[:3], key[3] or ""))]


@dataclass(frozen=True, slots=True)
class StageRow:
    """What one parcel holds in an account, m2."""

    parcel_no: str
    status: Account
    origin: Origin
    counted_m2: float
    area_m2: float
    since_on: date
    occupant: str | None
    responsible_unit: str | None


def stage_rows(
    connection: Connection,
    as_of: date,
    park_id: str,
    account: Account,
    *,
    stopped: bool | None = None,
    origin: Origin | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[StageRow]:
    """Return the parcels behind a sum, the largest share first.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.
    park_id : str
        The park.
    account : Account
        Any but 投产.
    stopped : bool or None
        Only what is 停产, or only what is not; None = all of the account.
    origin : Origin or None
        None = land and filled sea.
    limit, offset : int
        Which lines.
    """
    counted = _counted(account, stopped)
    query = (
        select(
            _S.c.parcel_no, _S.c.status, _P.c.origin, counted.label("counted_m2"), _S.c.area_m2,
            _S.c.since_on, _P.c.occupant, _P.c.responsible_unit,
        )
        .select_from(JOINED)
        .where(alive(as_of), _S.c.park_id == park_id, counted > 0)
        .order_by(counted.desc(), _S.c.parcel_no)
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    if origin is not None:
        query = query.where(_P.c.origin == origin.value)
    return [
        StageRow(**{**row, "status": Account(row["status"]), "origin": Origin(row["origin"])})
        for row in connection.execute(query).mappings()
    ]


def _counted(account: Account, stopped: bool | None) -> ColumnElement[float]:
    if stopped:
        return _completed_part().element
    used: dict[Account, ColumnElement[float]] = {
        Account.COMPLETED: _completed_part().element,
        Account.PART_USED: _part_used_part().element,
    }
    own = case((_S.c.status == account.value, _own_part().element), else_=0.0)
    if account is Account.COMPLETED and stopped is False:
        return own
    return own + used[account] if account in used else own


def _own_part() -> Label[float]:
    return case((USED, 0.0), else_=_S.c.area_m2).label("own_m2")


def _completed_part() -> Label[float]:
    follows = and_(not_(HAS_REST), _S.c.producing_m2 < _S.c.stopped_m2)
    return case((not_(USED), 0.0), (follows, _S.c.stopped_m2 + REST), else_=_S.c.stopped_m2).label(
        "completed_m2"
    )


def _part_used_part() -> Label[float]:
    return case((and_(USED, HAS_REST), REST), else_=0.0).label("part_used_m2")


def _unit() -> Label[str | None]:
    # A literal, not a parameter: PostgreSQL must see that both mentions of it are the same.
    blank: ColumnElement[str] = literal_column("''")
    return func.nullif(func.trim(_P.c.responsible_unit, literal_column("' '")), blank).label("unit")
