"""What a parcel's lines must never say together, whoever adds to them: a clerk or an import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dongtou_geo.domain.account import ParcelState, stage_order_problems, transitions
from dongtou_geo.domain.event import STAGE_CHAIN, Event, EventKind, standing
from dongtou_geo.errors import EventError

PARTINGS = frozenset({EventKind.SPLIT, EventKind.MERGE})


def fitting_problems(own: Sequence[Event], added: Sequence[Event]) -> list[str]:
    """Name everything that does not fit if lines are added to a parcel's.

    Parameters
    ----------
    own : sequence of Event
        Every line of the parcel so far, in the order of recording.
    added : sequence of Event
        New lines of the same parcel; their ids do not matter.

    Returns
    -------
    list of str
        Chinese sentences; empty when all fits. What was wrong before is no fault of the new lines.
    """
    before = standing(own)
    after = standing([*own, *numbered(own, added)])
    try:
        list(transitions(after))
    except EventError as error:
        return [str(error)]
    known = order_problems(before)
    return [
        *(problem for problem in order_problems(after) if problem not in known),
        *heir_problems(before, after),
    ]


def numbered(own: Sequence[Event], added: Sequence[Event]) -> list[Event]:
    """Give new lines the ids that the ledger will give them: the highest.

    Parameters
    ----------
    own : sequence of Event
        Every line so far.
    added : sequence of Event
        New lines, in order.
    """
    last = max((event.event_id for event in own), default=0)
    return [replace(event, event_id=last + nth) for nth, event in enumerate(added, start=1)]


def alone_problems(target: Event) -> list[str]:
    """Refuse to change one line of a split or merge: its land would be lost, or counted twice.

    Parameters
    ----------
    target : Event
        The line to be corrected or voided.
    """
    if target.kind not in PARTINGS and target.opening is None:
        return []
    return [
        f"第 {target.event_id} 号“{target.kind.label}”是分割或合并的一部分，"
        "不能单独更正或作废；请撤销整个分割或合并"
    ]


def order_problems(events: Sequence[Event]) -> list[str]:
    """Name stage dates that run backwards, in each life between two withdrawals.

    Parameters
    ----------
    events : sequence of Event
        Standing lines of one parcel, in order.
    """
    problems: list[str] = []
    stages: dict[EventKind, date | None] = {}
    for event in events:
        if event.kind is EventKind.WITHDRAW:
            problems += stage_order_problems(stages)
            stages = {}
        elif event.kind in STAGE_CHAIN:
            # Production may be reported again (a larger part): the first day is the stage's.
            day = stages.get(event.kind)
            stages[event.kind] = min(day, event.effective_on) if day else event.effective_on
    return problems + stage_order_problems(stages)


def heir_problems(before: Sequence[Event], after: Sequence[Event]) -> list[str]:
    """Refuse what would change the state that a split or merge handed over to other parcels.

    Parameters
    ----------
    before, after : sequence of Event
        Standing lines of one parcel, without and with the new ones.
    """
    parting = next((event for event in before if event.kind in PARTINGS), None)
    if parting is None or _handed_over(before, parting) == _handed_over(after, parting):
        return []
    return [
        f"地块 {parting.parcel_no} 已于 {parting.effective_on} {parting.kind.label}"
        f"（第 {parting.event_id} 号），这条记录会改变它交给新地块的面积或状态；"
        f"请先撤销该次{parting.kind.label}，记录后再{parting.kind.label}"
    ]


def _handed_over(events: Sequence[Event], parting: Event) -> ParcelState | None:
    before = [event for event in events if event.kind not in PARTINGS]
    state = list(transitions(before))[-1] if before else None
    return replace(state, on=parting.effective_on, since=parting.effective_on) if state else None
