"""What is not filled in, parcel by parcel: counted and listed in the database, on any day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    FromClause,
    and_,
    case,
    func,
    or_,
    select,
    true,
)

from dongtou_geo.domain.parcel import AreaBasis
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.store import schema
from dongtou_geo.store.quality_lines import (
    blank,
    evening,
    lines_of,
    missing_stages,
    newest_id,
    newest_lines,
)
from dongtou_geo.store.reading import portions

_P, _S, _E = schema.parcels, schema.parcel_states, schema.events
STALE_DAYS = 180
SUPPLIED_AND_BEYOND = STATUSES[STATUSES.index(Account.SUPPLIED) :]

Flag = Literal[
    "unmapped", "unit", "document", "stage", "occupant", "agreed", "contract", "stale"
]  # fmt: skip
FLAGS: tuple[Flag, ...] = get_args(Flag)
# These are asked for from the supply on: before it there is no contract and no 使用权人.
OF_SUPPLIED: tuple[Flag, ...] = ("occupant", "agreed", "contract")
AGREED = ("agreed_start_on", "agreed_complete_on", "agreed_produce_on")
ALL, SUPPLIED = "all", "supplied"
_PARCEL = _P.c.parcel_no == _S.c.parcel_no


@dataclass(frozen=True, slots=True)
class GapQuery:
    """Which living parcels.

    Parameters
    ----------
    as_of : date
        The day.
    flag : str or None
        What is missing with them, one of ``FLAGS``; None = whatever.
    park_ids : tuple of str or None
        Any of these parks; None = wherever they lie.
    outside_of : tuple of str or None
        Only parcels in none of these parks (园区外).
    supplied_only : bool
        Only parcels that are supplied, or further: those that ``OF_SUPPLIED`` is asked of.
    """

    as_of: date
    flag: Flag | None = None
    park_ids: tuple[str, ...] | None = None
    outside_of: tuple[str, ...] | None = None
    supplied_only: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """How many parcels, and how much land, m2."""

    parcels: int = 0
    area_m2: float = 0.0


@dataclass(frozen=True, slots=True)
class ParkGaps:
    """What one park's parcels lack.

    Parameters
    ----------
    everything, supplied : Share
        All parcels of the park, and those supplied or further.
    by_flag : dict of str to Share
        By what is missing.
    last_id : int or None
        The line recorded last, by the as-of day; None = all lines were recorded after it.
    """

    park_id: str | None
    everything: Share
    supplied: Share
    by_flag: dict[Flag, Share]
    last_id: int | None


@dataclass(frozen=True, slots=True)
class GapLot:
    """One parcel and what it lacks.

    Parameters
    ----------
    missing_stages : tuple of str
        Steps of the chain that have no line though a later one has.
    last_at : datetime or None
        When its last line was recorded, by the as-of day, UTC.
    agreed_missing : tuple of str
        The agreed dates that are not filled in, by field.
    """

    parcel_no: str
    park_id: str | None
    status: Account
    area_m2: float
    occupant: str | None
    responsible_unit: str | None
    contract_no: str | None
    last_at: datetime | None = None
    missing_stages: tuple[str, ...] = ()
    agreed_missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LastLine:
    """A line of the ledger: when it was recorded, UTC, and by whom."""

    recorded_at: datetime
    recorded_by: str


def park_gaps(connection: Connection, as_of: date) -> list[ParkGaps]:
    """Return what the parcels of every park lack on a day.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.
    """
    sums = _sums(connection, _S.join(_P, _PARCEL), as_of, _register_flags())
    lines, last = lines_of(as_of), newest_lines(connection, as_of)
    told = _S.join(_P, _PARCEL).join(lines, lines.c.parcel_no == _S.c.parcel_no)
    sums |= _sums(connection, told, as_of, _line_flags(lines))
    newest = _S.join(last, last.c.parcel_no == _S.c.parcel_no)
    stale = {"stale": _stale(connection, as_of, last)}
    sums |= _sums(connection, newest, as_of, stale)
    ids = select(_S.c.park_id, func.max(last.c.last_id)).select_from(newest)
    last_ids = {
        row[0]: row[1]
        for row in connection.execute(ids.where(_alive(as_of)).group_by(_S.c.park_id))
    }
    parks = [park for key, park in sums if key == ALL]
    none = Share()
    return [
        ParkGaps(
            park, sums[ALL, park], sums[SUPPLIED, park],
            {flag: sums.get((flag, park), none) for flag in FLAGS}, last_ids.get(park),
        )
        for park in parks
    ]  # fmt: skip


def _sums(
    connection: Connection, source: FromClause, as_of: date, asked: dict[str, ColumnElement[bool]]
) -> dict[tuple[str, str | None], Share]:
    columns: list[ColumnElement[Any]] = []
    for condition in asked.values():
        columns += [
            func.sum(case((condition, 1), else_=0)),
            func.sum(case((condition, _S.c.area_m2), else_=0.0)),
        ]
    query = (
        select(_S.c.park_id, *columns)
        .select_from(source)
        .where(_alive(as_of), or_(*asked.values()))
        .group_by(_S.c.park_id)
    )
    return {
        (name, row[0]): Share(int(row[1 + 2 * at]), float(row[2 + 2 * at]))
        for row in connection.execute(query)
        for at, name in enumerate(asked)
    }


def gap_total(connection: Connection, wanted: GapQuery) -> Share:
    """Return how many parcels lack something, and how much land that is.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : GapQuery
        Which.
    """
    source, conditions = _asked(connection, wanted)
    sums = select(func.count().label("parcels"), func.sum(_S.c.area_m2).label("area_m2"))
    row = connection.execute(sums.select_from(source).where(*conditions)).one()
    return Share(row.parcels, float(row.area_m2 or 0.0))


def gap_lots(
    connection: Connection, wanted: GapQuery, *, limit: int | None = None, offset: int = 0
) -> list[GapLot]:
    """Return the parcels that lack something, by number.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : GapQuery
        Which.
    limit : int, optional
        At most so many; None = all.
    offset : int
        How many to pass over.
    """
    source, conditions = _asked(connection, wanted)
    query = (
        select(
            _S.c.parcel_no, _S.c.park_id, _S.c.status, _S.c.area_m2, _P.c.occupant,
            _P.c.responsible_unit, _P.c.contract_no, *(_P.c[name] for name in AGREED),
        )
        .select_from(source)
        .where(*conditions)
        .order_by(_S.c.parcel_no)
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    lots = [
        GapLot(
            row["parcel_no"], row["park_id"], Account(row["status"]), row["area_m2"],
            row["occupant"], row["responsible_unit"], row["contract_no"],
            agreed_missing=tuple(name for name in AGREED if row[name] is None),
        )
        for row in connection.execute(query).mappings()
    ]  # fmt: skip
    return _told(connection, wanted.as_of, lots)


def _told(connection: Connection, as_of: date, lots: list[GapLot]) -> list[GapLot]:
    """Add to the parcels of a page what only their lines can tell."""
    stages: dict[str, tuple[str, ...]] = {}
    last_at: dict[str, datetime] = {}
    for some in portions([lot.parcel_no for lot in lots]):
        lines = lines_of(as_of, some)
        missing = missing_stages(lines)
        query = select(
            lines.c.parcel_no, *(case((gone, 1), else_=0).label(k) for k, gone in missing.items())
        ).select_from(lines.join(_P, _P.c.parcel_no == lines.c.parcel_no))
        for row in connection.execute(query).mappings():
            stages[row["parcel_no"]] = tuple(kind for kind in missing if row[kind])
        known = select(_E.c.parcel_no, func.max(_E.c.recorded_at)).where(
            _E.c.parcel_no.in_(some), _E.c.recorded_at < evening(as_of)
        )
        last_at |= {row[0]: row[1] for row in connection.execute(known.group_by(_E.c.parcel_no))}
    return [
        replace(
            lot,
            missing_stages=stages.get(lot.parcel_no, ()),
            last_at=last_at.get(lot.parcel_no),
        )
        for lot in lots
    ]


def last_lines(connection: Connection, ids: list[int]) -> dict[int, LastLine]:
    """Return when some lines were recorded, and by whom.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    ids : list of int
        A few line numbers.
    """
    query = select(_E.c.event_id, _E.c.recorded_at, _E.c.recorded_by).where(_E.c.event_id.in_(ids))
    return {
        row.event_id: LastLine(row.recorded_at, row.recorded_by)
        for row in connection.execute(query)
    }


def _asked(
    connection: Connection, wanted: GapQuery
) -> tuple[FromClause, list[ColumnElement[bool]]]:
    """Return where to look and what for: at the lines only where the lines must tell."""
    source: FromClause = _S.join(_P, _PARCEL)
    found = [_alive(wanted.as_of)]
    if wanted.flag in ("document", "stage"):
        lines = lines_of(wanted.as_of)
        source = source.join(lines, lines.c.parcel_no == _S.c.parcel_no)
        found.append(_line_flags(lines)[wanted.flag])
    elif wanted.flag == "stale":
        last = newest_lines(connection, wanted.as_of)
        source = source.join(last, last.c.parcel_no == _S.c.parcel_no)
        found.append(_stale(connection, wanted.as_of, last))
    elif wanted.flag is not None:
        found.append(_register_flags()[wanted.flag])
    if wanted.supplied_only:
        found.append(_register_flags()[SUPPLIED])
    if wanted.park_ids is not None:
        found.append(_S.c.park_id.in_(wanted.park_ids))
    if wanted.outside_of is not None:
        found.append(or_(_S.c.park_id.is_(None), _S.c.park_id.not_in(wanted.outside_of)))
    return source, found


def _register_flags() -> dict[str, ColumnElement[bool]]:
    supplied = _S.c.status.in_([status.value for status in SUPPLIED_AND_BEYOND])
    return {
        ALL: true(),
        SUPPLIED: supplied,
        "unmapped": _P.c.area_basis == AreaBasis.LEDGER.value,
        "unit": blank(_P.c.responsible_unit),
        "occupant": and_(supplied, blank(_P.c.occupant)),
        "agreed": and_(supplied, or_(*(_P.c[name].is_(None) for name in AGREED))),
        "contract": and_(supplied, blank(_P.c.contract_no)),
    }


def _line_flags(lines: CTE) -> dict[str, ColumnElement[bool]]:
    return {"document": lines.c.undocumented == 1, "stage": or_(*missing_stages(lines).values())}


def _stale(connection: Connection, as_of: date, last: CTE) -> ColumnElement[bool]:
    bound = newest_id(connection, evening(as_of - timedelta(days=STALE_DAYS + 1)))
    return and_(_S.c.status != Account.IN_PRODUCTION.value, last.c.last_id <= bound)


def _alive(as_of: date) -> ColumnElement[bool]:
    return and_(_S.c.from_on <= as_of, _S.c.until_on > as_of, _S.c.status != Account.OUTSIDE.value)
