"""The land account: events in, the accounts that a parcel's m2 sit in out.

Notes
-----
Area is money: each m2 of a living parcel sits in exactly one account, and an event moves it.
``transitions`` is the only place that knows what an event does; postings, balances, colours
on the map and the figures of a park all follow from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from dongtou_geo.domain.event import STAGE_CHAIN, Event, EventKind, Opening
from dongtou_geo.domain.status import Account
from dongtou_geo.errors import EventError

# Areas come from drawings; a difference this small is the drawing's, not the land's.
AREA_TOLERANCE_M2 = 1.0
# No parcel is larger than the whole district with its sea; more is a slip of the unit.
LARGEST_M2 = 3e9


@dataclass(frozen=True, slots=True)
class ParcelState:
    """Where a parcel stands after an event.

    Parameters
    ----------
    parcel_no : str
        The parcel.
    on : date
        The day from which this holds.
    since : date
        The day on which the present status was reached.
    park_id : str or None
        The park it counts into; None = 园区外.
    area_m2 : float
        Counted area; 0 once ended.
    stage : Account
        The stage reached, before production is split off.
    producing_m2, stopped_m2 : float
        Area in production, and area that produced and was stopped (停产).
    halted : bool
        Building was halted (停工).
    adjusted_m2 : float
        Once ended by a split or merge: what its area differs from what its children took over.
    """

    parcel_no: str
    on: date
    since: date
    park_id: str | None
    area_m2: float
    stage: Account
    producing_m2: float = 0.0
    stopped_m2: float = 0.0
    halted: bool = False
    adjusted_m2: float = 0.0

    @property
    def ended(self) -> bool:
        """Tell whether the parcel has left the ledger."""
        return self.stage is Account.OUTSIDE

    @property
    def status(self) -> Account:
        """Return the one status shown for the parcel as a whole."""
        if self.producing_m2 > 0:
            return Account.PART_USED if Account.PART_USED in self.split() else Account.IN_PRODUCTION
        return Account.COMPLETED if self.stopped_m2 > 0 else self.stage

    def split(self) -> dict[Account, float]:
        """Return the m2 in each account; they sum to the parcel's area.

        Returns
        -------
        dict of Account to float
            Only accounts that hold land; empty once ended.
        """
        if self.ended:
            return {}
        if self.producing_m2 <= 0 and self.stopped_m2 <= 0:
            return {self.stage: self.area_m2}
        rest_m2 = self.area_m2 - self.producing_m2 - self.stopped_m2
        parts = {Account.IN_PRODUCTION: self.producing_m2, Account.COMPLETED: self.stopped_m2}
        if rest_m2 > _tolerance(self.area_m2):
            parts[Account.PART_USED] = rest_m2
        else:
            # A sliver of drawing error is no land that waits: it follows the larger part.
            larger = max(parts, key=lambda account: parts[account])
            parts[larger] += rest_m2
        return {account: area for account, area in parts.items() if area > 0}


_STAGE_OF = {
    EventKind.APPROVE: Account.APPROVED,
    EventKind.ACQUIRE: Account.ACQUIRED,
    EventKind.SUPPLY: Account.SUPPLIED,
    EventKind.START: Account.BUILDING,
    EventKind.COMPLETE: Account.COMPLETED,
}


def transitions(events: Sequence[Event]) -> Iterator[ParcelState]:
    """Run one parcel's standing events and yield its state after each.

    Parameters
    ----------
    events : sequence of Event
        All of one parcel, as ``standing`` returns them.

    Yields
    ------
    ParcelState
        The state from that event's day on. Several may fall on one day: the last counts.

    Raises
    ------
    EventError
        If the first event is no registration, or an event follows the parcel's end.
    """
    state: ParcelState | None = None
    for event in events:
        state = _opened(event) if state is None else _moved(state, event)
        yield state


def state_on(events: Sequence[Event], as_of: date) -> ParcelState | None:
    """Return a parcel's state on a day.

    Parameters
    ----------
    events : sequence of Event
        All of one parcel, as ``standing`` returns them.
    as_of : date
        The day; events of the day itself count.

    Returns
    -------
    ParcelState or None
        None before the parcel was registered or after it ended.
    """
    states = list(transitions([e for e in events if e.effective_on <= as_of]))
    return states[-1] if states and not states[-1].ended else None


def postings(
    before: ParcelState | None, after: ParcelState
) -> dict[tuple[str | None, Account], float]:
    """Return what one event moved, as postings that sum to zero.

    Parameters
    ----------
    before : ParcelState or None
        The state before; None = the parcel did not exist.
    after : ParcelState
        The state after.

    Returns
    -------
    dict of (park id, Account) to float
        m2 gained or lost; land that enters or leaves the ledger is posted against ``outside``.
    """
    moved: dict[tuple[str | None, Account], float] = {}
    for sign, state in ((-1.0, before), (1.0, after)):
        if state is None:
            continue
        for account, area_m2 in state.split().items():
            _add(moved, (state.park_id, account), sign * area_m2)
            _add(moved, (state.park_id, Account.OUTSIDE), -sign * area_m2)
        _add(moved, (state.park_id, Account.ADJUSTMENT), sign * state.adjusted_m2)
        _add(moved, (state.park_id, Account.OUTSIDE), -sign * state.adjusted_m2)
    return {key: area_m2 for key, area_m2 in moved.items() if area_m2 != 0.0}


def _add(
    moved: dict[tuple[str | None, Account], float], key: tuple[str | None, Account], area_m2: float
) -> None:
    moved[key] = moved.get(key, 0.0) + area_m2


def _opened(event: Event) -> ParcelState:
    if event.kind is not EventKind.REGISTER or event.area_m2 is None:
        msg = f"地块 {event.parcel_no} 的第一条记录是“{event.kind.label}”，应为带面积的“登记”"
        raise EventError(msg)
    area_m2, opening = _parcel_area(event), event.opening or Opening()
    producing_m2 = _snapped(min(opening.producing_m2, area_m2), area_m2)
    return ParcelState(
        parcel_no=event.parcel_no,
        on=event.effective_on,
        since=event.effective_on,
        park_id=event.park_id,
        area_m2=area_m2,
        stage=opening.stage,
        producing_m2=producing_m2,
        stopped_m2=min(opening.stopped_m2, area_m2 - producing_m2),
        halted=opening.halted,
    )


def _moved(state: ParcelState, event: Event) -> ParcelState:
    if state.ended:
        msg = (
            f"地块 {event.parcel_no} 已于 {state.on} 注销，"
            f"其后不能再有“{event.kind.label}”（{event.effective_on}）"
        )
        raise EventError(msg)
    after = replace(_MOVES.get(event.kind, _staged)(state, event), on=event.effective_on)
    changed = after.status is not state.status
    return replace(after, since=event.effective_on if changed else state.since)


def _staged(state: ParcelState, event: Event) -> ParcelState:
    if event.kind not in _STAGE_OF:
        msg = f"地块 {event.parcel_no} 已登记，不能再次“{event.kind.label}”（{event.effective_on}）"
        raise EventError(msg)
    # A new stage of a plant that has stopped altogether (it is rebuilt, say) takes its land along.
    stopped_m2 = state.stopped_m2 if state.producing_m2 > 0 else 0.0
    return replace(state, stage=_STAGE_OF[event.kind], stopped_m2=stopped_m2, halted=False)


def _produced(state: ParcelState, event: Event) -> ParcelState:
    area_m2 = _part_area(event, whole_m2=state.area_m2)
    if area_m2 > state.area_m2 + AREA_TOLERANCE_M2:
        msg = (
            f"地块 {event.parcel_no} 的投产面积 {area_m2:.2f} m² 大于地块面积"
            f" {state.area_m2:.2f} m²，应不大于地块面积"
        )
        raise EventError(msg)
    producing_m2 = _snapped(area_m2, state.area_m2)
    stopped_m2 = _snapped(min(state.stopped_m2, state.area_m2 - producing_m2), state.area_m2)
    return replace(
        state,
        stage=Account.COMPLETED,
        producing_m2=producing_m2,
        stopped_m2=stopped_m2,
        halted=False,
    )


def _stopped(state: ParcelState, event: Event) -> ParcelState:
    area_m2 = _snapped(_part_area(event, whole_m2=state.producing_m2), state.producing_m2)
    return replace(
        state,
        producing_m2=state.producing_m2 - area_m2,
        stopped_m2=state.stopped_m2 + area_m2,
    )


def _restarted(state: ParcelState, event: Event) -> ParcelState:
    area_m2 = _snapped(_part_area(event, whole_m2=state.stopped_m2), state.stopped_m2)
    return replace(
        state,
        producing_m2=state.producing_m2 + area_m2,
        stopped_m2=state.stopped_m2 - area_m2,
    )


def _withdrawn(state: ParcelState, _event: Event) -> ParcelState:
    return replace(state, stage=Account.ACQUIRED, producing_m2=0.0, stopped_m2=0.0, halted=False)


def _redrawn(state: ParcelState, event: Event) -> ParcelState:
    area_m2 = _parcel_area(event)
    used_m2 = state.producing_m2 + state.stopped_m2
    used_whole = state.area_m2 - used_m2 <= _tolerance(state.area_m2)
    if used_whole and state.stopped_m2 <= 0:
        # Used whole, it stays used whole: the survey changed the figure, not the plant.
        return replace(state, area_m2=area_m2, producing_m2=area_m2)
    if area_m2 < state.producing_m2 - AREA_TOLERANCE_M2:
        msg = (
            f"地块 {event.parcel_no} 重绘后的面积 {area_m2:.2f} m² 小于投产面积"
            f" {state.producing_m2:.2f} m²，应不小于它；请先更正投产面积"
        )
        raise EventError(msg)
    producing_m2 = min(state.producing_m2, area_m2)
    rest_m2 = area_m2 - producing_m2
    stopped_m2 = rest_m2 if used_whole else min(state.stopped_m2, rest_m2)
    return replace(state, area_m2=area_m2, producing_m2=producing_m2, stopped_m2=stopped_m2)


def _ended(state: ParcelState, _event: Event) -> ParcelState:
    return replace(
        state, stage=Account.OUTSIDE, area_m2=0.0, producing_m2=0.0, stopped_m2=0.0, halted=False
    )


def _handed_over(state: ParcelState, event: Event) -> ParcelState:
    # A drawn line never cuts to the mm: up to the tolerance the children simply are the parent.
    differs_m2 = state.area_m2 - _part_area(event, whole_m2=state.area_m2)
    adjusted_m2 = differs_m2 if abs(differs_m2) > AREA_TOLERANCE_M2 else 0.0
    return replace(_ended(state, event), adjusted_m2=adjusted_m2)


def _parcel_area(event: Event) -> float:
    area_m2 = event.area_m2
    if area_m2 is None or not 0 < area_m2 <= LARGEST_M2:
        msg = (
            f"地块 {event.parcel_no}“{event.kind.label}”的面积 {area_m2} m² 无效，"
            f"应为大于 0 的数，且不大于 {LARGEST_M2:.0f} m²"
        )
        raise EventError(msg)
    return area_m2


def _part_area(event: Event, *, whole_m2: float) -> float:
    area_m2 = whole_m2 if event.area_m2 is None else event.area_m2
    if not math.isfinite(area_m2) or area_m2 < 0:
        msg = (
            f"地块 {event.parcel_no}“{event.kind.label}”的面积 {area_m2} m² 无效，应为不小于 0 的数"
        )
        raise EventError(msg)
    return area_m2


def _snapped(part_m2: float, whole_m2: float) -> float:
    """Take a part for none or for the whole where only the drawing's tolerance says otherwise."""
    tolerance_m2 = _tolerance(whole_m2)
    if part_m2 >= whole_m2 - tolerance_m2:
        return whole_m2
    return part_m2 if part_m2 > tolerance_m2 else 0.0


def _tolerance(whole_m2: float) -> float:
    """Return 1 m2, or less for a parcel registered with 1 m2 until its area is known."""
    return min(AREA_TOLERANCE_M2, whole_m2 / 100)


_MOVES: dict[EventKind, Callable[[ParcelState, Event], ParcelState]] = {
    EventKind.PRODUCE: _produced,
    EventKind.STOP: _stopped,
    EventKind.RESTART: _restarted,
    EventKind.WITHDRAW: _withdrawn,
    EventKind.REDRAW: _redrawn,
    EventKind.SPLIT: _handed_over,
    EventKind.MERGE: _handed_over,
    EventKind.END: _ended,
    EventKind.HALT: lambda state, _event: replace(state, halted=True),
    EventKind.RESUME: lambda state, _event: replace(state, halted=False),
    EventKind.MOVE_PARK: lambda state, event: replace(state, park_id=event.park_id),
}


def stage_order_problems(stages: Mapping[EventKind, date | None]) -> list[str]:
    """Name every pair of stage dates that runs backwards.

    Parameters
    ----------
    stages : mapping of EventKind to date or None
        The dates of a parcel's stages; None or absent = not given.

    Returns
    -------
    list of str
        One Chinese sentence a reversed pair; empty when the order holds.
    """
    dated = [(kind, on) for kind in STAGE_CHAIN if (on := stages.get(kind)) is not None]
    return [
        f"{later.label}日期 {later_on} 早于{earlier.label}日期 {earlier_on}"
        for (earlier, earlier_on), (later, later_on) in pairwise(dated)
        if later_on < earlier_on
    ]
