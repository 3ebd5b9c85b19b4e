"""When each line was entered and by whom, and the numbered events that follow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from random import Random

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.services.sample.chain import DATA_UNTIL, Life, Line, workday

# 18:00 in Shanghai on the sample's last day: nothing is known after it.
_CLOSING = datetime.combine(DATA_UNTIL, time(10), tzinfo=UTC)
_OFFICE_OPENS = time(1)  # 09:00 in Shanghai
_OFFICE_MINUTES = 8 * 60

_LATE_SHARE = 0.06
_DAYS_USUAL, _DAYS_LATE, _DAYS_TO_CORRECT = (1, 14), (90, 300), (40, 240)


def entered(life: Life, clerks: tuple[str, ...], rng: Random) -> None:
    """Set when and by whom each line of a parcel was entered.

    Parameters
    ----------
    life : Life
        Its lines are put in order of effect.
    clerks : tuple of str
        Who enters for this park.
    rng : Random
        Seeded.
    """
    life.lines.sort(key=lambda line: (line.on, line.kind.rank))
    register = life.lines[0]
    for line in sorted(life.lines, key=lambda line: line.replaces is not None):
        if line.kind is EventKind.REGISTER:
            days = rng.randint(0, 3)
        elif line.replaces is None and rng.random() < _LATE_SHARE:
            days = rng.randint(*_DAYS_LATE)
        else:
            days = rng.randint(*_DAYS_USUAL)
        line.recorded_at = _office_hour(line, days, rng)
        line.recorded_by = rng.choice(clerks)
        if register.recorded_at is not None:
            # Nothing is known of a parcel before its registration.
            line.recorded_at = max(line.recorded_at, register.recorded_at)


def _office_hour(line: Line, days: int, rng: Random) -> datetime:
    after = line.on
    if line.replaces is not None and line.replaces.recorded_at is not None:
        after = line.replaces.recorded_at.date()
        days = rng.randint(*_DAYS_TO_CORRECT)
    day = workday(after + timedelta(days=days))
    moment = datetime.combine(day, _OFFICE_OPENS, tzinfo=UTC)
    return min(moment + timedelta(minutes=rng.randint(0, _OFFICE_MINUTES)), _CLOSING)


def numbered(lives: Iterable[Life]) -> list[Event]:
    """Number all lines in the order in which they were entered.

    Parameters
    ----------
    lives : iterable of Life
        Every line with its moment of entry.

    Returns
    -------
    list of Event
        Ids from 1; a correcting line has a larger id than the line it replaces.
    """
    lines = [(life.parcel_no, line) for life in lives for line in life.lines]
    lines.sort(key=lambda pair: (pair[1].recorded_at, pair[0], pair[1].on, pair[1].kind.rank))
    ids = {id(line): number for number, (_, line) in enumerate(lines, start=1)}
    return [_event(parcel_no, line, ids) for parcel_no, line in lines]


def _event(parcel_no: str, line: Line, ids: dict[int, int]) -> Event:
    assert line.recorded_at is not None
    return Event(
        event_id=ids[id(line)],
        parcel_no=parcel_no,
        kind=line.kind,
        effective_on=line.on,
        recorded_at=line.recorded_at,
        recorded_by=line.recorded_by,
        source_doc=line.source_doc,
        area_m2=line.area_m2,
        park_id=line.park_id,
        supersedes=None if line.replaces is None else ids[id(line.replaces)],
        reason=line.reason,
    )
