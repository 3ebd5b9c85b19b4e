"""What in the ledger does not fit together, found by the database; and the land for what it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import CTE, ColumnElement, Connection, FromClause, and_, func, or_, select

from dongtou_geo.domain.event import EventKind
from dongtou_geo.domain.ledger_field import AGREED_FIELDS
from dongtou_geo.domain.status import Account
from dongtou_geo.store import schema
from dongtou_geo.store.quality_lines import cancelled
from dongtou_geo.store.quality_rows import Share

_P, _S, _E, _I = schema.parcels, schema.parcel_states, schema.events, schema.imports
_AT_ONCE = 5_000
Told = Literal["agreed_order", "later"]


@dataclass(frozen=True, slots=True)
class FoundQuery:
    """Which living parcels.

    Parameters
    ----------
    as_of : date
        The day.
    told : {"agreed_order", "later"}
        约定日期倒序; 截至日之后还有记录.
    park_ids : tuple of str or None
        Any of these parks; None = wherever they lie.
    outside_of : tuple of str or None
        Only parcels in none of these parks (园区外).
    text : str
        Part of the parcel's number.
    """

    as_of: date
    told: Told
    park_ids: tuple[str, ...] | None = None
    outside_of: tuple[str, ...] | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A parcel found; area in m2.

    Parameters
    ----------
    agreed : tuple of date or None
        交地、约定动工、约定竣工、约定投产, in this order.
    later_lines : int
        Lines that take effect after the day.
    later_on : date or None
        The first of them.
    """

    parcel_no: str
    park_id: str | None
    area_m2: float
    agreed: tuple[date | None, ...]
    later_lines: int = 0
    later_on: date | None = None


@dataclass(frozen=True, slots=True)
class UndoneImport:
    """An import that was taken back; ``left`` parcels stay in the register without any line."""

    import_id: str
    file: str
    recorded_at: datetime
    recorded_by: str
    undone_at: datetime
    undone_by: str | None
    parcels: int
    left: int


def found_total(connection: Connection, wanted: FoundQuery) -> Share:
    """Return how many parcels are found, and how much land they are.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : FoundQuery
        Which.
    """
    source, conditions, _later = _asked(wanted)
    sums = select(func.count().label("parcels"), func.sum(_S.c.area_m2).label("area_m2"))
    row = connection.execute(sums.select_from(source).where(*conditions)).one()
    return Share(row.parcels, float(row.area_m2 or 0.0))


def found_rows(
    connection: Connection, wanted: FoundQuery, *, limit: int | None = None, offset: int = 0
) -> list[FoundRow]:
    """Return the parcels that are found, by number.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    wanted : FoundQuery
        Which.
    limit : int, optional
        At most so many; None = all.
    offset : int
        How many to pass over.
    """
    source, conditions, later = _asked(wanted)
    extra = [] if later is None else [later.c.lines, later.c.first_on]
    query = (
        select(
            _S.c.parcel_no, _S.c.park_id, _S.c.area_m2,
            *(_P.c[name] for name in AGREED_FIELDS), *extra,
        )
        .select_from(source)
        .where(*conditions)
        .order_by(_S.c.parcel_no)
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    rows: Sequence[Any] = connection.execute(query).all()
    return [FoundRow(row[0], row[1], row[2], tuple(row[3:7]), *row[7:]) for row in rows]


def _asked(wanted: FoundQuery) -> tuple[FromClause, list[ColumnElement[bool]], CTE | None]:
    source: FromClause = _S.join(_P, _P.c.parcel_no == _S.c.parcel_no)
    found, later = [_alive(wanted.as_of)], None
    if wanted.told == "later":
        later = _later(wanted.as_of)
        source = source.join(later, later.c.parcel_no == _S.c.parcel_no)
    else:
        days = [_P.c[name] for name in AGREED_FIELDS]
        # Some neighbours among those given are reversed exactly when some pair is.
        pairs = [days[i] > days[j] for i in range(len(days)) for j in range(i + 1, len(days))]
        found.append(or_(*pairs))
    if wanted.park_ids is not None:
        found.append(_S.c.park_id.in_(wanted.park_ids))
    if wanted.outside_of is not None:
        found.append(or_(_S.c.park_id.is_(None), _S.c.park_id.not_in(wanted.outside_of)))
    if wanted.text.strip():
        found.append(_S.c.parcel_no.icontains(wanted.text.strip(), autoescape=True))
    return source, found, later


def _later(as_of: date) -> CTE:
    return (
        select(
            _E.c.parcel_no,
            func.count().label("lines"),
            func.min(_E.c.effective_on).label("first_on"),
        )
        .where(_E.c.effective_on > as_of, _E.c.kind != EventKind.VOID.value, ~cancelled())
        .group_by(_E.c.parcel_no)
        .cte("quality_later")
    )


def _alive(as_of: date) -> ColumnElement[bool]:
    return and_(_S.c.from_on <= as_of, _S.c.until_on > as_of, _S.c.status != Account.OUTSIDE.value)


def living_count(connection: Connection, as_of: date) -> int:
    """Return how many parcels live on a day.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.
    """
    query = select(func.count()).select_from(_S).where(_alive(as_of))
    return int(connection.execute(query).scalar_one())


def living_numbers(connection: Connection, as_of: date) -> Iterator[tuple[str, str | None]]:
    """Yield the number and park of every parcel that lives on a day.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.
    """
    query = select(_S.c.parcel_no, _S.c.park_id).where(_alive(as_of)).order_by(_S.c.parcel_no)
    for row in connection.execute(query).yield_per(_AT_ONCE):
        yield row[0], row[1]


def living_land(connection: Connection, as_of: date) -> Iterator[Sequence[Any]]:
    """Yield the parcels that live on a day, some thousands at a time.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.

    Yields
    ------
    sequence of Row
        ``parcel_no, park_id, geometry_wkb`` (EPSG:4490) and the three areas on paper, 亩.
    """
    query = (
        select(
            _S.c.parcel_no, _S.c.park_id, _P.c.geometry_wkb, _P.c.ledger_area_mu,
            _P.c.contract_area_mu, _P.c.title_area_mu,
        )
        .select_from(_S.join(_P, _P.c.parcel_no == _S.c.parcel_no))
        .where(_alive(as_of))
        .order_by(_S.c.parcel_no)
    )  # fmt: skip
    yield from connection.execute(query).yield_per(_AT_ONCE).partitions()


def without_lines(
    connection: Connection, *, limit: int | None = None, offset: int = 0
) -> tuple[int, list[str]]:
    """Return how many parcels of the register have no line that stands, and their numbers.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    limit : int, optional
        At most so many numbers; None = all.
    offset : int
        How many to pass over.
    """
    # A parcel has states exactly while a line of it stands.
    bare = ~select(_S.c.parcel_no).where(_S.c.parcel_no == _P.c.parcel_no).exists()
    count = connection.execute(select(func.count()).select_from(_P).where(bare)).scalar_one()
    query = select(_P.c.parcel_no).where(bare).order_by(_P.c.parcel_no)
    return int(count), list(connection.execute(query.limit(limit).offset(offset)).scalars())


def undone_imports(connection: Connection, *, limit: int = 500) -> list[UndoneImport]:
    """Return the imports that were taken back, the last one first.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    limit : int
        At most so many.
    """
    bare = ~select(_S.c.parcel_no).where(_S.c.parcel_no == _E.c.parcel_no).exists()
    query = (
        select(_I)
        .where(_I.c.undone_at.is_not(None))
        .order_by(_I.c.undone_at.desc(), _I.c.import_id)
        .limit(limit)
    )
    found = []
    for row in connection.execute(query).all():
        own = select(_E.c.parcel_no).where(_E.c.import_id == row.import_id).distinct()
        count = connection.execute(select(func.count()).select_from(own.subquery())).scalar_one()
        left = connection.execute(
            select(func.count()).select_from(own.where(bare).subquery())
        ).scalar_one()
        found.append(
            UndoneImport(
                row.import_id, row.file, row.recorded_at, row.recorded_by, row.undone_at,
                row.undone_by, int(count), int(left),
            )
        )  # fmt: skip
    return found
