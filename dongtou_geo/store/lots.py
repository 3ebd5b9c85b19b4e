"""Which parcels hold land in an account on a day, and how much: what a figure of the books rests on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, case, func, or_, select

from dongtou_geo.domain.account import AREA_TOLERANCE_M2
from dongtou_geo.domain.event import Event, standing
from dongtou_geo.domain.parcel import AreaBasis, Origin
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.store import schema
from dongtou_geo.store.reading import events_of

_P, _S, _I = schema.parcels, schema.parcel_states, schema.imports
_REST = _S.c.area_m2 - _S.c.producing_m2 - _S.c.stopped_m2
_SHARE = _S.c.area_m2 / 100.0
_SLIVER = case((_SHARE < AREA_TOLERANCE_M2, _SHARE), else_=AREA_TOLERANCE_M2) >= _REST
_USED = or_(_S.c.producing_m2 > 0, _S.c.stopped_m2 > 0)
# Between which a parcel that was used is divided.
_SHARED = (Account.IN_PRODUCTION, Account.COMPLETED, Account.PART_USED)
_MORE_PRODUCES = _S.c.producing_m2 >= _S.c.stopped_m2


def _amount(account: Account) -> ColumnElement[float]:
    """Return the m2 that a state holds in an account, as ``ParcelState.split`` does.

    The two are compared in a test; a sliver of drawing error follows the larger part.
    """
    whole = case((_S.c.status == account.value, _S.c.area_m2), else_=0.0)
    if account is Account.IN_PRODUCTION:
        sliver = case((and_(_SLIVER, _MORE_PRODUCES), _REST), else_=0.0)
        used = case((_S.c.producing_m2 > 0, _S.c.producing_m2 + sliver), else_=0.0)
    elif account is Account.COMPLETED:
        sliver = case((and_(_SLIVER, ~_MORE_PRODUCES), _REST), else_=0.0)
        used = case((_S.c.stopped_m2 > 0, _S.c.stopped_m2 + sliver), else_=0.0)
    elif account is Account.PART_USED:
        used = case((_SLIVER, 0.0), else_=_REST)
    else:
        return whole
    return case((_USED, used), else_=whole)


@dataclass(frozen=True, slots=True)
class LotQuery:
    """Which land is asked for.

    Parameters
    ----------
    as_of : date
        The day.
    park_ids : tuple of str or None
        Any of these parks; None = wherever it lies.
    outside_of : tuple of str or None
        Only land that lies in none of these parks (园区外).
    accounts : tuple of Account
        Land in any of these accounts.
    unmapped_only : bool
        Only parcels without an outline (未落图).
    text : str
        Part of the number, the occupant or the responsible unit.
    """

    as_of: date
    park_ids: tuple[str, ...] | None = None
    outside_of: tuple[str, ...] | None = None
    accounts: tuple[Account, ...] = STATUSES
    unmapped_only: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Lot:
    """What one parcel holds of the land that was asked for.

    Parameters
    ----------
    counted_m2 : float
        How much of it counts, m2.
    area_m2 : float
        The whole parcel, m2.
    since_on : date
        The day from which its present status holds.
    """

    parcel_no: str
    counted_m2: float
    area_m2: float
    park_id: str | None
    status: Account
    since_on: date
    halted: bool
    stopped_m2: float
    origin: Origin
    area_basis: AreaBasis
    occupant: str | None
    responsible_unit: str | None


@dataclass(frozen=True, slots=True)
class LotTotal:
    """How many parcels hold such land, and how much it is, m2."""

    parcels: int
    counted_m2: float


@dataclass(frozen=True, slots=True)
class Paper:
    """The line of the ledger by which a parcel came to stand where it does.

    Parameters
    ----------
    source_doc : str or None
        The document it rests on.
    recorded_by : str
        Who entered it.
    recorded_at : datetime
        When, UTC.
    file : str or None
        The file it was imported with.
    """

    event_id: int
    effective_on: date
    source_doc: str | None
    recorded_by: str
    recorded_at: datetime
    file: str | None


def lots(
    connection: Connection, wanted: LotQuery, *, limit: int | None = None, offset: int = 0
) -> list[Lot]:
    """Return the parcels that hold such land, the largest share first.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : LotQuery
        Which land.
    limit : int, optional
        At most so many; None = all.
    offset : int
        How many to pass over.
    """
    picked = _picked(wanted, limit, offset)
    register = (_P.c.origin, _P.c.area_basis, _P.c.occupant, _P.c.responsible_unit)
    query = (
        select(picked, *register)
        .select_from(picked.join(_P, _P.c.parcel_no == picked.c.parcel_no))
        .order_by(picked.c.counted_m2.desc(), picked.c.parcel_no)
    )
    return [_lot(row) for row in connection.execute(query)]


def _picked(wanted: LotQuery, limit: int | None, offset: int) -> Subquery:
    """Pick states first: a register entry lies far apart, with its outline."""
    counted = _counted(wanted)
    states = (
        _S.c.parcel_no, _S.c.area_m2, _S.c.park_id, _S.c.status, _S.c.since_on, _S.c.halted,
        _S.c.stopped_m2,
    )  # fmt: skip
    query = _from(select(*states, counted.label("counted_m2")), wanted, counted)
    ordered = query.order_by(counted.desc(), _S.c.parcel_no)
    return ordered.limit(limit).offset(offset).subquery()


def lot_total(connection: Connection, wanted: LotQuery) -> LotTotal:
    """Return how many parcels hold such land, and how much it is.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : LotQuery
        Which land.
    """
    counted = _counted(wanted)
    query = select(func.count().label("parcels"), func.sum(counted).label("counted_m2"))
    row = connection.execute(_from(query, wanted, counted)).one()
    return LotTotal(row.parcels, float(row.counted_m2 or 0.0))


def lot_totals(connection: Connection, wanted: LotQuery) -> dict[Account, LotTotal]:
    """Return the same for each account by itself; a parcel may stand in two.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : LotQuery
        Which land.
    """
    found = dict.fromkeys(wanted.accounts, LotTotal(0, 0.0))
    whole = select(_S.c.status, func.count(), func.sum(_S.c.area_m2))
    grouped = _from(whole, wanted, _S.c.area_m2).where(~_USED).group_by(_S.c.status)
    for status, parcels, area_m2 in connection.execute(grouped):
        if Account(status) in found:
            found[Account(status)] = LotTotal(int(parcels), float(area_m2))
    shared = [account for account in _SHARED if account in found]
    columns: list[ColumnElement[Any]] = []
    for account in shared:
        amount = _amount(account)
        columns += [func.sum(case((amount > 0, 1), else_=0)), func.sum(amount)]
    if shared:
        used = _from(select(*columns), wanted, _S.c.area_m2).where(_USED)
        row: Sequence[Any] = connection.execute(used).one()
        for place, account in enumerate(shared):
            more = LotTotal(int(row[2 * place] or 0), float(row[2 * place + 1] or 0.0))
            own = found[account]
            found[account] = LotTotal(own.parcels + more.parcels, own.counted_m2 + more.counted_m2)
    return found


def lot_outlines(
    connection: Connection, wanted: LotQuery, limit: int
) -> list[tuple[str, bytes, Account]]:
    """Return the outlines of such parcels, the largest share first; those 未落图 are left out.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : LotQuery
        Which land.
    limit : int
        At most so many.

    Returns
    -------
    list of (str, bytes, Account)
        Number, outline as WKB in EPSG:4490, and the status of the whole parcel.
    """
    picked = _picked(wanted, limit, 0)
    query = (
        select(_P.c.parcel_no, _P.c.geometry_wkb, picked.c.status)
        .select_from(picked.join(_P, _P.c.parcel_no == picked.c.parcel_no))
        .where(_P.c.geometry_wkb.is_not(None))
        .order_by(picked.c.counted_m2.desc(), picked.c.parcel_no)
    )
    rows = connection.execute(query)
    return [(row.parcel_no, bytes(row.geometry_wkb), Account(row.status)) for row in rows]


def papers(
    connection: Connection, numbers: Collection[str], since: dict[str, date]
) -> dict[str, Paper]:
    """Return the line by which each parcel came to its present status.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    numbers : collection of str
        Parcels.
    since : dict of str to date
        The day from which each one's status holds.

    Returns
    -------
    dict of str to Paper
        The last line of that day that stands.
    """
    found: dict[str, Event] = {}
    for event in standing(events_of(connection, list(numbers))):
        if event.effective_on == since.get(event.parcel_no):
            found[event.parcel_no] = event
    files = _files(connection, {event.import_id for event in found.values() if event.import_id})
    return {
        number: Paper(
            event.event_id, event.effective_on, event.source_doc, event.recorded_by,
            event.recorded_at, files.get(event.import_id or ""),
        )
        for number, event in found.items()
    }  # fmt: skip


def _files(connection: Connection, import_ids: Collection[str]) -> dict[str, str]:
    query = select(_I.c.import_id, _I.c.file).where(_I.c.import_id.in_(list(import_ids)))
    return {row.import_id: row.file for row in connection.execute(query)}


def _lot(row: object) -> Lot:
    values = {name: getattr(row, name) for name in Lot.__slots__}
    return Lot(
        **{
            **values,
            "status": Account(values["status"]),
            "origin": Origin(values["origin"]),
            "area_basis": AreaBasis(values["area_basis"]),
            "halted": bool(values["halted"]),
        }
    )


def _counted(wanted: LotQuery) -> ColumnElement[float]:
    if set(wanted.accounts) >= set(STATUSES):
        return _S.c.area_m2
    amounts = [_amount(account) for account in wanted.accounts]
    return sum(amounts[1:], start=amounts[0])


def _from(
    query: Select[*tuple[Any, ...]], wanted: LotQuery, counted: ColumnElement[float]
) -> Select[*tuple[Any, ...]]:
    needs_register = wanted.unmapped_only or wanted.text.strip()
    source = _S.join(_P, _P.c.parcel_no == _S.c.parcel_no) if needs_register else _S
    return query.select_from(source).where(*_conditions(wanted, counted))


def _conditions(wanted: LotQuery, counted: ColumnElement[float]) -> list[ColumnElement[bool]]:
    found = [
        _S.c.from_on <= wanted.as_of,
        _S.c.until_on > wanted.as_of,
        _S.c.status != Account.OUTSIDE.value,
        counted > 0,
    ]
    if wanted.park_ids is not None:
        found.append(_S.c.park_id.in_(wanted.park_ids))
    if wanted.outside_of is not None:
        found.append(or_(_S.c.park_id.is_(None), _S.c.park_id.not_in(wanted.outside_of)))
    if wanted.unmapped_only:
        found.append(_P.c.area_basis == AreaBasis.LEDGER.value)
    if wanted.text.strip():
        words = (_P.c.parcel_no, _P.c.occupant, _P.c.responsible_unit)
        found.append(or_(*(w.icontains(wanted.text.strip(), autoescape=True) for w in words)))
    return found
