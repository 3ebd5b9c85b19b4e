"""What happened to a parcel, when, and when we learnt it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dongtou_geo.domain.status import Account


class EventKind(StrEnum):
    """The kinds of event the ledger knows."""

    REGISTER = "register"
    APPROVE = "approve"
    ACQUIRE = "acquire"
    SUPPLY = "supply"
    START = "start"
    COMPLETE = "complete"
    PRODUCE = "produce"
    HALT = "halt"
    RESUME = "resume"
    STOP = "stop"
    RESTART = "restart"
    WITHDRAW = "withdraw"
    REDRAW = "redraw"
    MOVE_PARK = "move_park"
    SPLIT = "split"
    MERGE = "merge"
    END = "end"
    VOID = "void"

    @property
    def label(self) -> str:
        """Return the Chinese word shown to users."""
        return _LABELS[self]

    @property
    def rank(self) -> int:
        """Return the order of kinds that fall on the same day."""
        return _RANK[self]


_LABELS = {
    EventKind.REGISTER: "登记",
    EventKind.APPROVE: "批准",
    EventKind.ACQUIRE: "征收",
    EventKind.SUPPLY: "供应",
    EventKind.START: "动工",
    EventKind.COMPLETE: "竣工",
    EventKind.PRODUCE: "投产",
    EventKind.HALT: "停工",
    EventKind.RESUME: "复工",
    EventKind.STOP: "停产",
    EventKind.RESTART: "复产",
    EventKind.WITHDRAW: "收回",
    EventKind.REDRAW: "重绘",
    EventKind.MOVE_PARK: "调整园区",
    EventKind.SPLIT: "分割",
    EventKind.MERGE: "合并",
    EventKind.END: "注销",
    EventKind.VOID: "作废",
}
# On one day a new outline comes before what is measured against it, and land taken back before
# it is supplied again; otherwise stages follow the pipeline, however late they were entered.
_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (
            EventKind.REGISTER,
            EventKind.REDRAW,
            EventKind.MOVE_PARK,
            EventKind.APPROVE,
            EventKind.ACQUIRE,
            EventKind.WITHDRAW,
            EventKind.SUPPLY,
            EventKind.START,
            EventKind.COMPLETE,
            EventKind.PRODUCE,
            EventKind.HALT,
            EventKind.RESUME,
            EventKind.STOP,
            EventKind.RESTART,
            EventKind.SPLIT,
            EventKind.MERGE,
            EventKind.END,
            EventKind.VOID,
        )
    )
}

# The chain that a parcel runs through; a reversed order of dates is an error.
STAGE_CHAIN: tuple[EventKind, ...] = (
    EventKind.APPROVE,
    EventKind.ACQUIRE,
    EventKind.SUPPLY,
    EventKind.START,
    EventKind.COMPLETE,
    EventKind.PRODUCE,
)


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a parcel stands from its first day: a child goes on where its parent stood.

    Parameters
    ----------
    stage : Account
        The stage reached.
    producing_m2, stopped_m2 : float
        Area in production, and area that produced and was stopped, m2.
    halted : bool
        Building was halted (停工).
    """

    stage: Account = Account.PLANNED
    producing_m2: float = 0.0
    stopped_m2: float = 0.0
    halted: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One appended line of the ledger.

    Parameters
    ----------
    event_id : int
        Position in the ledger; later lines have larger ids.
    parcel_no : str
        The parcel it happened to.
    kind : EventKind
        What happened.
    effective_on : date
        When it happened on the ground.
    recorded_at : datetime
        When we learnt it, UTC.
    recorded_by : str
        Who entered it.
    source_doc : str or None
        The paper it rests on.
    area_m2 : float or None
        register, redraw: the parcel's counted area; produce: all area in production from that
        day on; stop, restart: the area concerned; split, merge: what its children took over
        from it. None = the whole. Square metres.
    park_id : str or None
        register, move_park: the park, None = 园区外.
    supersedes : int or None
        The event this one replaces (or, for void, cancels).
    reason : str or None
        Why it was corrected, or a note.
    related_no : str or None
        register: the parcel it was split from; merge: the parcel it became part of.
    opening : Opening or None
        register: where the parcel stands from its first day; None = planned.
    import_id : str or None
        The import it came with.
    month_only : bool
        Only the month of ``effective_on`` is known.
    """

    event_id: int
    parcel_no: str
    kind: EventKind
    effective_on: date
    recorded_at: datetime
    recorded_by: str
    source_doc: str | None = None
    area_m2: float | None = None
    park_id: str | None = None
    supersedes: int | None = None
    reason: str | None = None
    related_no: str | None = None
    opening: Opening | None = None
    import_id: str | None = None
    month_only: bool = False

    @property
    def day_text(self) -> str:
        """Return the day as it is known: a month where only that was written."""
        return f"{self.effective_on:%Y-%m}" if self.month_only else self.effective_on.isoformat()


def standing(events: Iterable[Event], *, known_at: datetime | None = None) -> list[Event]:
    """Select the events that stand by the knowledge of a moment, in order of effect.

    Parameters
    ----------
    events : iterable of Event
        Any number of ledger lines, of one parcel or of many.
    known_at : datetime, optional
        Lines recorded later are unknown and so cancel nothing either; None = all are known.

    Returns
    -------
    list of Event
        Neither superseded nor void, ordered by day, then stage, then id. A void correction
        leaves the event that it had replaced; a corrected correction does not.
    """
    known = [e for e in events if known_at is None or e.recorded_at <= known_at]
    replaced: set[int] = set()
    void: set[int] = set()
    kept = []
    # Latest first: whatever cancels an event was recorded after it.
    for event in sorted(known, key=lambda e: e.event_id, reverse=True):
        if event.event_id in void:
            continue  # as if never recorded: what it replaced stands again
        if event.supersedes is not None:
            (void if event.kind is EventKind.VOID else replaced).add(event.supersedes)
        if event.kind is not EventKind.VOID and event.event_id not in replaced:
            kept.append(event)
    return sorted(kept, key=lambda e: (e.effective_on, e.kind.rank, e.event_id))
