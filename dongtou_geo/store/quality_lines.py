"""What the lines of every parcel say together: which steps are told, and when the last one came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, and_, case, func, or_, select

from dongtou_geo.domain.day import SHANGHAI
from dongtou_geo.domain.event import STAGE_CHAIN, EventKind
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.store import schema

_E, _P = schema.events, schema.parcels
# Every status from which the stage of a split or merged parcel is known, with that stage's place.
_OPENED = {account: place for place, account in enumerate(STATUSES[1:], start=1)} | {
    Account.PART_USED: len(STAGE_CHAIN)
}


def lines_of(as_of: date, numbers: Sequence[str] | None = None) -> CTE:
    """Return what each parcel's standing lines say together: one pass over all lines.

    Parameters
    ----------
    as_of : date
        Lines that took effect by then.
    numbers : sequence of str, optional
        Of these parcels only.

    Returns
    -------
    CTE
        ``parcel_no``; the last day of every step of the chain and of ``withdraw``; how far the
        parcel was when a split or merge opened it; whether a step names no paper.
    """
    chain = [kind.value for kind in STAGE_CHAIN]
    opened = case(*((_E.c.open_stage == stage.value, at) for stage, at in _OPENED.items()), else_=0)
    bare = and_(_E.c.kind.in_(chain), blank(_E.c.source_doc))
    query = select(
        _E.c.parcel_no,
        *(
            func.max(case((_E.c.kind == kind, _E.c.effective_on))).label(kind)
            for kind in [*chain, EventKind.WITHDRAW.value]
        ),
        func.max(opened).label("opened"),
        func.max(case((bare, 1), else_=0)).label("undocumented"),
    ).where(_E.c.effective_on <= as_of, _E.c.kind != EventKind.VOID.value, ~cancelled())
    if numbers is not None:
        query = query.where(_E.c.parcel_no.in_(numbers))
    return query.group_by(_E.c.parcel_no).cte("quality_lines")


def missing_stages(lines: CTE) -> dict[str, ColumnElement[bool]]:
    """Tell for every step but the last whether it has no line though a later one has.

    Parameters
    ----------
    lines : CTE
        As ``lines_of`` returns it, joined with the register.

    Notes
    -----
    The same rule as at intake: filled sea is not expropriated, so 征收 is never missing there.
    What was taken back began again at 征而未供: only later lines count.
    """
    back = lines.c[EventKind.WITHDRAW.value]

    def there(kind: EventKind) -> ColumnElement[bool]:
        on = lines.c[kind.value]
        return and_(on.is_not(None), or_(back.is_(None), on >= back))

    found: dict[str, ColumnElement[bool]] = {}
    for place, kind in enumerate(STAGE_CHAIN[:-1]):
        later = or_(*(there(other) for other in STAGE_CHAIN[place + 1 :]))
        gone = [~there(kind), or_(lines.c.opened <= place, back.is_not(None)), later]
        if kind in (EventKind.APPROVE, EventKind.ACQUIRE):
            gone.append(back.is_(None))
        if kind is EventKind.ACQUIRE:
            gone.append(_P.c.origin != Origin.FILLED_SEA.value)
        found[kind.value] = and_(*gone)
    return found


def newest_lines(connection: Connection, as_of: date) -> CTE:
    """Return each parcel's newest line by the end of a day; ids are in the order of recording.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.
    """
    newest = newest_id(connection, evening(as_of))
    return (
        select(_E.c.parcel_no, func.max(_E.c.event_id).label("last_id"))
        .where(_E.c.event_id <= newest)
        .group_by(_E.c.parcel_no)
        .cte("quality_last")
    )


def newest_id(connection: Connection, before: datetime) -> int:
    """Return the last line that was recorded before a moment; 0 = none.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    before : datetime
        Aware moment.
    """
    query = select(_E.c.event_id).where(_E.c.recorded_at < before)
    return connection.execute(query.order_by(_E.c.event_id.desc()).limit(1)).scalar() or 0


def evening(day: date) -> datetime:
    """Return the moment at which a day ends here.

    Parameters
    ----------
    day : date
        The day, in Asia/Shanghai.
    """
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def cancelled() -> ColumnElement[bool]:
    """Return whether a line of ``events`` was corrected or voided.

    Notes
    -----
    As ``domain.event.standing``: a void correction cancels nothing, a corrected one still does.
    """
    lines, voids, again = _E.alias("lines"), _E.alias("voids"), _E.alias("again")
    undone = select(again.c.supersedes).where(
        again.c.kind == EventKind.VOID.value, again.c.supersedes.is_not(None)
    )
    void = select(voids.c.supersedes).where(
        voids.c.kind == EventKind.VOID.value,
        voids.c.supersedes.is_not(None),
        voids.c.event_id.not_in(undone),
    )
    gone = select(lines.c.supersedes).where(
        lines.c.supersedes.is_not(None), lines.c.event_id.not_in(void)
    )
    return _E.c.event_id.in_(gone)


def blank(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether a text is not filled in.

    Parameters
    ----------
    column : ColumnElement
        The text.
    """
    return or_(column.is_(None), func.trim(column) == "")
