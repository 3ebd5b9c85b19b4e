"""记事: one event, checked against the parcel it happens to, written with who and from which paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from dongtou_geo.domain.account import ParcelState, transitions
from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.event import STAGE_CHAIN, Event, EventKind, standing
from dongtou_geo.errors import EventError
from dongtou_geo.services.event_rules import (
    alone_problems,
    fitting_problems,
    heir_problems,
    numbered,
)
from dongtou_geo.store.ledger import Ledger

# Kinds that a clerk records on a parcel that exists; split and merge have their own service, and
# a void names an event instead of a day.
RECORDABLE: tuple[EventKind, ...] = tuple(
    kind
    for kind in EventKind
    if kind not in {EventKind.REGISTER, EventKind.SPLIT, EventKind.MERGE, EventKind.VOID}
)
LONGEST_TEXT = 500
WITH_AREA = (EventKind.PRODUCE, EventKind.STOP, EventKind.RESTART, EventKind.REDRAW)


class ConflictError(EventError):
    """Raise when somebody else has recorded on the parcel since it was shown."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a clerk wants to record.

    Parameters
    ----------
    parcel_no : str
        The parcel.
    kind : EventKind
        What happened.
    effective_on : date
        When it happened on the ground.
    source_doc : str or None
        The paper.
    area_m2 : float or None
        As for ``Event``.
    park_id : str or None
        move_park: the new park, None = 园区外.
    supersedes : int or None
        The event that this one corrects.
    reason : str or None
        Why it is corrected; required with ``supersedes``.
    """

    parcel_no: str
    kind: EventKind
    effective_on: date
    source_doc: str | None = None
    area_m2: float | None = None
    park_id: str | None = None
    supersedes: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was recorded, and where the parcel stands now."""

    event: Event
    states: list[ParcelState]


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who records, and at which moment (UTC)."""

    name: str
    now: datetime


def record(
    ledger: Ledger,
    draft: Draft,
    clerk: Clerk,
    *,
    park_ids: Sequence[str],
    seen: int | None = None,
) -> Receipt:
    """Record one event, or refuse it with everything that is wrong with it.

    Parameters
    ----------
    ledger : Ledger
        Where to.
    draft : Draft
        What happened.
    clerk : Clerk
        Who says so.
    park_ids : sequence of str
        The parks there are.
    seen : int, optional
        The parcel's last event id that the clerk saw; a newer one refuses the draft.

    Returns
    -------
    Receipt
        The event with its id.

    Raises
    ------
    EventError
        If the event does not fit; the ledger is as before.
    ConflictError
        If somebody else recorded on the parcel meanwhile.
    LedgerError
        If the ledger cannot be written; it is as before.
    """
    with ledger.writing() as writer:
        own = writer.events([draft.parcel_no])
        check_seen(own, draft.parcel_no, seen)
        event = _event(draft, clerk)
        problems = _problems(own, event, clerk, park_ids)
        _refuse(problems)
        (event_id,) = writer.add([], [event])
        states = _states([*own, replace(event, event_id=event_id)])
    return Receipt(replace(event, event_id=event_id), states)


def void(
    ledger: Ledger,
    parcel_no: str,
    event_id: int,
    reason: str,
    clerk: Clerk,
    *,
    seen: int | None = None,
) -> Receipt:
    """Cancel one event, as if it had never been recorded.

    Parameters
    ----------
    ledger : Ledger
        Where.
    parcel_no : str
        The parcel.
    event_id : int
        The event to cancel.
    reason : str
        Why.
    clerk : Clerk
        Who says so.
    seen : int, optional
        As for ``record``.

    Returns
    -------
    Receipt
        The void, and where the parcel stands now.

    Raises
    ------
    EventError
        If there is no such event, or what remains does not fit together.
    """
    with ledger.writing() as writer:
        own = writer.events([parcel_no])
        check_seen(own, parcel_no, seen)
        target = next((e for e in standing(own) if e.event_id == event_id), None)
        if target is None:
            msg = f"地块 {parcel_no} 没有仍然有效的第 {event_id} 号记录，无法作废"
            raise EventError(msg)
        if not reason.strip():
            msg = f"作废第 {event_id} 号记录须写明理由"
            raise EventError(msg)
        draft = Draft(
            parcel_no, EventKind.VOID, target.effective_on, supersedes=event_id, reason=reason
        )
        event = _event(draft, clerk)
        after = standing([*own, *numbered(own, [event])])
        problems = [*alone_problems(target), *_text_problems(event)]
        _refuse(problems or heir_problems(standing(own), after))
        (given,) = writer.add([], [event])
        states = _states([*own, replace(event, event_id=given)])
    return Receipt(replace(event, event_id=given), states)


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise EventError("；".join(problems))


def _text_problems(event: Event) -> list[str]:
    texts = {"依据文号": event.source_doc, "理由": event.reason}
    return [
        f"{name}有 {len(text)} 个字符，应不超过 {LONGEST_TEXT} 个"
        for name, text in texts.items()
        if text and len(text) > LONGEST_TEXT
    ]


def _event(draft: Draft, clerk: Clerk) -> Event:
    return Event(
        event_id=0,
        parcel_no=draft.parcel_no,
        kind=draft.kind,
        effective_on=draft.effective_on,
        recorded_at=clerk.now,
        recorded_by=clerk.name,
        source_doc=draft.source_doc,
        area_m2=draft.area_m2,
        park_id=draft.park_id,
        supersedes=draft.supersedes,
        reason=draft.reason,
    )


def check_seen(own: Sequence[Event], parcel_no: str, seen: int | None) -> None:
    """Refuse to go on where somebody else recorded on the parcel since it was shown.

    Parameters
    ----------
    own : sequence of Event
        Every line of the parcel.
    parcel_no : str
        Its number.
    seen : int or None
        The last line's id as it was shown; None = do not ask.

    Raises
    ------
    ConflictError
        If there is a newer line.
    """
    newer = [event for event in own if seen is not None and event.event_id > seen]
    if newer:
        last = newer[-1]
        msg = (
            f"地块 {parcel_no} 刚由 {last.recorded_by} 记了“{last.kind.label}”"
            f"（{last.effective_on}），请看过后再提交；您填的内容没有写入"
        )
        raise ConflictError(msg)


def _problems(
    own: Sequence[Event], event: Event, clerk: Clerk, park_ids: Sequence[str]
) -> list[str]:
    if not own:
        return [f"台账里没有地块 {event.parcel_no}；请核对地块编号"]
    problems = list(_plain_problems(own, event, clerk, park_ids))
    if problems:
        return problems
    return fitting_problems(own, [event]) or [
        *_idle_problems(own, event),
        *_twice_problems(own, event),
    ]


def _plain_problems(
    own: Sequence[Event], event: Event, clerk: Clerk, park_ids: Sequence[str]
) -> list[str]:
    problems = _text_problems(event)
    corrects_register = event.kind is EventKind.REGISTER and event.supersedes is not None
    if event.kind not in RECORDABLE and not corrects_register:
        problems.append(f"“{event.kind.label}”不能直接记录")
    if event.effective_on > day_here(clerk.now):
        problems.append(f"日期 {event.effective_on} 晚于今天 {day_here(clerk.now)}")
    first = min((e.effective_on for e in standing(own)), default=None)
    if first and event.effective_on < first and event.supersedes is None:
        problems.append(f"日期 {event.effective_on} 早于地块登记日 {first}；请先更正登记日")
    if event.park_id is not None and event.park_id not in park_ids:
        problems.append(
            f"没有园区“{event.park_id}”，应为{'、'.join(park_ids)}之一，或留空（园区外）"
        )
    if event.kind is EventKind.REDRAW and event.area_m2 is None:
        problems.append("重绘须给出新的面积")
    if event.supersedes is not None:
        problems += _correction_problems(own, event)
    return problems


def _correction_problems(own: Sequence[Event], event: Event) -> list[str]:
    problems = []
    target = next((e for e in standing(own) if e.event_id == event.supersedes), None)
    if target is None:
        problems.append(
            f"地块 {event.parcel_no} 没有仍然有效的第 {event.supersedes} 号记录可以更正"
        )
    else:
        problems += alone_problems(target)
    if not (event.reason or "").strip():
        problems.append("更正须写明理由")
    return problems


def _idle_problems(own: Sequence[Event], event: Event) -> list[str]:
    """Refuse what would change nothing: a stop where nothing produces, say."""
    day = [e for e in standing(own) if e.effective_on <= event.effective_on]
    if event.supersedes is not None or not day:
        return []
    *_, state = transitions(day)
    idle = {
        EventKind.STOP: state.producing_m2 <= 0,
        EventKind.RESTART: state.stopped_m2 <= 0,
        EventKind.RESUME: not state.halted,
        EventKind.HALT: state.halted,
        EventKind.MOVE_PARK: state.park_id == event.park_id,
    }
    if idle.get(event.kind):
        return [
            f"地块 {event.parcel_no} 在 {event.effective_on} 是“{state.status.label}”，"
            f"记“{event.kind.label}”没有意义"
        ]
    return []


def _twice_problems(own: Sequence[Event], event: Event) -> list[str]:
    """Refuse a stage that was reached already: a wrong date is corrected, not added to."""
    if event.supersedes is not None or event.kind not in STAGE_CHAIN[:-1]:
        return []
    life = _life(standing(own), event)
    for earlier in life:
        if earlier.kind is event.kind:
            return [
                f"地块 {event.parcel_no} 已于 {earlier.effective_on} {event.kind.label}"
                f"（第 {earlier.event_id} 号）；日期有误请更正那一条"
            ]
    return []


def _life(events: Sequence[Event], event: Event) -> list[Event]:
    """Return the lines between the two withdrawals around an event, the first included."""
    life: list[Event] = []
    for other in events:
        if other.kind is EventKind.WITHDRAW:
            if (other.effective_on, other.kind.rank) > (event.effective_on, event.kind.rank):
                break
            life = []
        life.append(other)
    return life


def _states(events: Sequence[Event]) -> list[ParcelState]:
    return list(transitions(standing(events)))
