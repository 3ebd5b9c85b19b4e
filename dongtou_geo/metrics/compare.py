"""Two looks at the land account: what moved between them, which parcels, and by which papers.

Notes
-----
A look is a day and a moment of knowledge. Between two days land moves; between two moments of
knowledge the same day is told anew (当时上报 / 现核定 / 其中补录更正). Only parcels with a line
between the two looks are replayed: the rest stands in both as the books have it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from dongtou_geo.domain.account import ParcelState, transitions
from dongtou_geo.domain.event import Event, standing
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.metrics.flow import Flow, Lot, flows

# Books and replay round differently in the ninth digit; nothing so small was ever recorded.
_DUST_M2 = 1e-3

Held = Mapping[str | None, Mapping[Account, float]]


class Look(NamedTuple):
    """A day, by the knowledge of a moment; None = by all we know."""

    as_of: date
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ParkChange:
    """One park in both looks, m2.

    Parameters
    ----------
    park_id : str or None
        The park; None = 园区外.
    before_m2, after_m2 : dict of Account to float
        Land by status, all eight keys.
    moved_m2 : dict of (Account, Account) to float
        Land that moved, by where from and where to; ``OUTSIDE`` stands for what entered or left
        the park. after = before + moved in - moved out, for every status.
    """

    park_id: str | None
    before_m2: dict[Account, float]
    after_m2: dict[Account, float]
    moved_m2: dict[tuple[Account, Account], float]


@dataclass(frozen=True, slots=True)
class Move:
    """Land of one parcel that stands elsewhere in the second look.

    Parameters
    ----------
    parcel_no : str
        The parcel; one that left the ledger under its old number.
    came_from : str or None
        Its parent, where it was split from or merged with others between the looks.
    park_before, park_id : str or None
        Its park in either look; None = 园区外.
    before, after : Account
        From which account to which; ``OUTSIDE`` = not in the ledger.
    area_m2 : float
        How much.
    since : date or None
        The day on which the second look's status was reached, or the parcel ended; None where by
        its knowledge the parcel never was.
    events : tuple of Event
        The lines responsible, with their papers, in the order of recording.
    """

    parcel_no: str
    came_from: str | None
    park_before: str | None
    park_id: str | None
    before: Account
    after: Account
    area_m2: float
    since: date | None
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told of a park: land in production and all recorded land, m2."""

    production_m2: float
    recorded_m2: float


@dataclass(frozen=True, slots=True)
class Restatement:
    """One park on the first look's day, as told then and as known in the second look.

    Parameters
    ----------
    park_id : str or None
        The park; None = 园区外.
    reported : Figures
        当时上报.
    confirmed : Figures
        现核定.
    corrections : tuple of Event
        The lines recorded between the two that changed a figure, in the order of recording.
    """

    park_id: str | None
    reported: Figures
    confirmed: Figures
    corrections: tuple[Event, ...]

    @property
    def corrected(self) -> Figures:
        """Return 其中补录更正: what later lines added to the figures."""
        return Figures(
            self.confirmed.production_m2 - self.reported.production_m2,
            self.confirmed.recorded_m2 - self.reported.recorded_m2,
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that two looks tell apart; parks in order of id, 园区外 last."""

    before: Look
    after: Look
    parks: tuple[ParkChange, ...]
    moves: tuple[Move, ...]
    restated: tuple[Restatement, ...]


def compared(
    lines: Mapping[str, Sequence[Event]], held: Held, before: Look, after: Look
) -> Comparison:
    """Compare two looks.

    Parameters
    ----------
    lines : mapping of str to sequence of Event
        Every line ever recorded of each parcel that has one between the looks: effective between
        the two days, or recorded after the earlier knowledge.
    held : mapping of park id to mapping of Account to float
        What all parcels hold on the first look's day by all we know, m2.
    before, after : Look
        The looks.

    Returns
    -------
    Comparison
        Its figures sum up: see ``ParkChange``.
    """
    sights = [
        _Sight(lines, look)
        for look in (Look(before.as_of), before, after, Look(before.as_of, after.known_at))
    ]
    today, first, second, told_anew = sights
    parks = sorted(
        {*held, *(park for sight in sights for park in sight.held)},
        key=lambda park: (park is None, park or ""),
    )
    still = _still(held, today.held, parks)
    moved = _moved(first, second)
    return Comparison(
        before,
        after,
        tuple(_park_change(park, still, first, second, moved) for park in parks),
        tuple(_moves(moved, first, second)),
        tuple(_restatements(parks, still, first, told_anew)),
    )


class _Sight:
    """The parcels with lines between the looks, as one look sees them."""

    def __init__(self, lines: Mapping[str, Sequence[Event]], look: Look) -> None:
        self.look, self.lines = look, lines
        self.seen: dict[str, dict[int, Event]] = {}
        self.states: dict[str, ParcelState] = {}
        self.held: dict[str | None, dict[Account, list[float]]] = {}
        for number, own in lines.items():
            events = standing(own, known_at=look.known_at)
            seen = [event for event in events if event.effective_on <= look.as_of]
            self.seen[number] = {event.event_id: event for event in seen}
            states = list(transitions(seen))
            if states:
                self.states[number] = states[-1]
                for account, area_m2 in states[-1].split().items():
                    park = self.held.setdefault(states[-1].park_id, {})
                    park.setdefault(account, []).append(area_m2)

    def split(self, number: str) -> dict[tuple[str | None, Account], float]:
        """Return the m2 of a parcel by park and account; empty where it is not in the ledger."""
        state = self.states.get(number)
        if state is None:
            return {}
        return {(state.park_id, account): m2 for account, m2 in state.split().items()}

    def since(self, number: str) -> date | None:
        """Return the day from which a parcel stands as it does, or on which it ended."""
        state = self.states.get(number)
        if state is None:
            return None
        return state.on if state.ended else state.since

    def knows(self, line: Event) -> bool:
        return self.look.known_at is None or line.recorded_at <= self.look.known_at


_Held = Mapping[str | None, Mapping[Account, Sequence[float]]]


def _still(
    held: Held, replayed: _Held, parks: Iterable[str | None]
) -> dict[str | None, dict[Account, float]]:
    """Return what stands alike in every look: the books without the parcels that are replayed."""
    still: dict[str | None, dict[Account, float]] = {}
    for park in parks:
        own, books = replayed.get(park, {}), held.get(park, {})
        still[park] = {
            account: _clean(books.get(account, 0.0) - math.fsum(own.get(account, ())))
            for account in STATUSES
        }
    return still


def _clean(area_m2: float) -> float:
    return 0.0 if abs(area_m2) < _DUST_M2 else area_m2


def _total(
    still: Mapping[str | None, Mapping[Account, float]], sight: _Sight, park: str | None
) -> dict[Account, float]:
    own = sight.held.get(park, {})
    return {a: math.fsum([still[park][a], *own.get(a, ())]) for a in STATUSES}


def _park_change(
    park: str | None,
    still: Mapping[str | None, Mapping[Account, float]],
    first: _Sight,
    second: _Sight,
    moved: Iterable[Flow],
) -> ParkChange:
    parts: dict[tuple[Account, Account], list[float]] = {}
    for flow in moved:
        source = flow.source.account if flow.source and flow.source.park_id == park else None
        sink = flow.sink.account if flow.sink and flow.sink.park_id == park else None
        if source or sink:
            key = (source or Account.OUTSIDE, sink or Account.OUTSIDE)
            parts.setdefault(key, []).append(flow.area_m2)
    return ParkChange(
        park,
        _total(still, first, park),
        _total(still, second, park),
        {key: math.fsum(parts[key]) for key in sorted(parts, key=_pipeline)},
    )


_PLACE = {account: place for place, account in enumerate([*STATUSES, Account.OUTSIDE])}


def _pipeline(key: tuple[Account, Account]) -> tuple[int, int]:
    return _PLACE[key[0]], _PLACE[key[1]]


def _moved(first: _Sight, second: _Sight) -> list[Flow]:
    """Lay the looks side by side, a family of split and merged parcels at a time."""
    moved: list[Flow] = []
    for family in _families(first, second):
        lots: list[list[Lot]] = [
            [Lot(number, *key, m2) for number in family for key, m2 in sight.split(number).items()]
            for sight in (first, second)
        ]
        moved += [flow for flow in flows(*lots) if not flow.is_still]
    return moved


def _families(first: _Sight, second: _Sight) -> list[list[str]]:
    """Group the parcels that a split or merge between the looks makes one."""
    group: dict[str, list[str]] = {number: [number] for number in first.lines}
    for number in first.lines:
        for event in _differing(first, second, number):
            kin = event.related_no
            if kin is None or kin not in group or group[kin] is group[number]:
                continue
            joined = group[number] + group[kin]
            group.update(dict.fromkeys(joined, joined))
    return list({id(family): family for family in group.values()}.values())


def _differing(first: _Sight, second: _Sight, number: str) -> list[Event]:
    one, other = first.seen[number], second.seen[number]
    return [event for event in {**one, **other}.values() if _in_one(event, one, other)]


def _in_one(event: Event, one: Mapping[int, Event], other: Mapping[int, Event]) -> bool:
    return (event.event_id in one) is not (event.event_id in other)


def _responsible(first: _Sight, second: _Sight, number: str) -> list[Event]:
    """Name the lines by which two looks at a parcel differ; of a correction, the correcting one."""
    by_id = {line.event_id: line for line in first.lines[number]}
    differing = {event.event_id for event in _differing(first, second, number)}
    told = {
        line.event_id
        for line in by_id.values()
        if first.knows(line) is not second.knows(line) and _replaced(line, by_id) & differing
    }
    found = differing | told
    replaced = {old for event_id in found for old in _replaced(by_id[event_id], by_id)}
    return [by_id[event_id] for event_id in sorted(found - replaced)]


def _replaced(line: Event, by_id: Mapping[int, Event]) -> set[int]:
    """Return the ids of every line that a line replaces or voids, down to the first."""
    chain: set[int] = set()
    below = line.supersedes
    while below is not None and below in by_id:
        chain.add(below)
        below = by_id[below].supersedes
    return chain


def _moves(moved: Iterable[Flow], first: _Sight, second: _Sight) -> list[Move]:
    moves = []
    for flow in moved:
        source, sink = flow.source, flow.sink
        own = sink or source
        assert own is not None
        numbers = list(dict.fromkeys(lot.parcel_no for lot in (sink, source) if lot is not None))
        lines = [event for number in numbers for event in _responsible(first, second, number)]
        moves.append(
            Move(
                parcel_no=own.parcel_no,
                came_from=numbers[1] if len(numbers) > 1 else None,
                park_before=(source or own).park_id,
                park_id=own.park_id,
                before=source.account if source else Account.OUTSIDE,
                after=sink.account if sink else Account.OUTSIDE,
                area_m2=flow.area_m2,
                since=second.since(own.parcel_no),
                events=tuple(sorted(lines, key=lambda event: event.event_id)),
            )
        )
    return sorted(moves, key=lambda m: (m.park_id is None, m.park_id or "", m.parcel_no))


def _restatements(
    parks: Iterable[str | None],
    still: Mapping[str | None, Mapping[Account, float]],
    then: _Sight,
    now: _Sight,
) -> list[Restatement]:
    corrections: dict[str | None, list[Event]] = {}
    for number in then.lines:
        one, other = then.split(number), now.split(number)
        if one != other:
            for park in {park for park, _ in [*one, *other]}:
                corrections.setdefault(park, []).extend(_responsible(then, now, number))
    return [
        Restatement(
            park,
            _figures(_total(still, then, park)),
            _figures(_total(still, now, park)),
            tuple(sorted(corrections.get(park, []), key=lambda event: event.event_id)),
        )
        for park in parks
    ]


def _figures(by_status_m2: Mapping[Account, float]) -> Figures:
    return Figures(by_status_m2[Account.IN_PRODUCTION], math.fsum(by_status_m2.values()))
