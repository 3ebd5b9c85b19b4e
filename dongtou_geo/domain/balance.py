"""Balances: what each park holds in each account on any day, from dated deltas."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from dongtou_geo.domain.account import ParcelState, transitions
from dongtou_geo.domain.day import month_end
from dongtou_geo.domain.event import Event
from dongtou_geo.domain.status import STATUSES, Account


@dataclass(frozen=True, slots=True)
class Holding:
    """What one park (or 园区外) holds on one day, m2."""

    by_status_m2: Mapping[Account, float]
    unmapped_m2: float
    has_records: bool

    @property
    def recorded_m2(self) -> float:
        """Return all recorded land, whatever its status."""
        return sum(self.by_status_m2.values())

    @property
    def in_production_m2(self) -> float:
        """Return the land in production."""
        return self.by_status_m2[Account.IN_PRODUCTION]


class BalanceReader(Protocol):
    """Whoever knows what each park holds on any day: memory here, the ledger's own tables there."""

    @property
    def park_ids(self) -> frozenset[str | None]:
        """Return the parks that ever held land; None = 园区外."""
        ...

    def on(self, park_id: str | None, as_of: date) -> Holding:
        """Return what a park holds on a day."""
        ...

    def first_reached(self, park_id: str, producing_m2: float, until: date) -> date | None:
        """Return the first day on which a park had so much land in production."""
        ...

    def months(self, park_id: str | None, until: date) -> list[tuple[date, Holding]]:
        """Return what a park held at each month's end on which that had changed."""
        ...


def reaches(amount: float, goal: float) -> bool:
    """Tell whether an amount is at least the goal.

    Parameters
    ----------
    amount, goal : float
        In one unit.

    Notes
    -----
    Plots that add up to the very target meet it: a billionth is a float's, not the land's.
    """
    return amount >= goal - 1e-9 * max(abs(goal), 1.0)


EMPTY = Holding(by_status_m2=dict.fromkeys(STATUSES, 0.0), unmapped_m2=0.0, has_records=False)


@dataclass(slots=True)
class _Series:
    """One park's running holdings, one entry a day on which something moved."""

    days: list[date] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)


class Balances:
    """Holdings of every park on every day, built once from the standing events.

    Parameters
    ----------
    events : iterable of Event
        Standing events of all parcels, as ``standing`` returns them.
    unmapped : frozenset of str
        Numbers of parcels without an outline (未落图).

    Raises
    ------
    EventError
        If an event does not fit its parcel.
    """

    def __init__(self, events: Iterable[Event], *, unmapped: frozenset[str] = frozenset()) -> None:
        self._series: dict[str | None, _Series] = {}
        for park_id, deltas in _deltas_by_park(events, unmapped).items():
            self._series[park_id] = _running(deltas)

    @property
    def park_ids(self) -> frozenset[str | None]:
        """Return the parks that ever held land; None = 园区外."""
        return frozenset(self._series)

    def on(self, park_id: str | None, as_of: date) -> Holding:
        """Return what a park holds on a day.

        Parameters
        ----------
        park_id : str or None
            The park; None = 园区外.
        as_of : date
            The day; movements of the day itself count.

        Returns
        -------
        Holding
            ``EMPTY`` where nothing is recorded by then.
        """
        series = self._series.get(park_id)
        if series is None:
            return EMPTY
        index = bisect_right(series.days, as_of)
        return series.holdings[index - 1] if index else EMPTY

    def first_reached(self, park_id: str, producing_m2: float, until: date) -> date | None:
        """Return the first day on which a park had so much land in production.

        Parameters
        ----------
        park_id : str
            The park.
        producing_m2 : float
            The area to reach, m2.
        until : date
            Later days do not count.
        """
        for day in self.days(park_id):
            if day > until:
                break
            if reaches(self.on(park_id, day).in_production_m2, producing_m2):
                return day
        return None

    def months(self, park_id: str | None, until: date) -> list[tuple[date, Holding]]:
        """Return what a park held at each month's end on which that had changed.

        Parameters
        ----------
        park_id : str or None
            The park; None = 园区外.
        until : date
            Later month ends are left out.
        """
        ends = sorted({month_end(day) for day in self.days(park_id)})
        return [(end, self.on(park_id, end)) for end in ends if end <= until]

    def days(self, park_id: str | None) -> Sequence[date]:
        """Return the days on which a park's holding changed, in order."""
        series = self._series.get(park_id)
        return () if series is None else tuple(series.days)


# What a delta moves: land in an account, or (None) land without an outline.
_Key = Account | None
# Sums run over whole numbers of 2**-40 m2, in which an area of a parcel's size is exact: what went
# in comes out again, however many parcels, and no park keeps a float's dust that reads as recorded.
GRAINS_PER_M2 = 2**40


_Deltas = dict[str | None, dict[date, dict[_Key, int]]]


def _deltas_by_park(events: Iterable[Event], unmapped: frozenset[str]) -> _Deltas:
    deltas: _Deltas = {}
    for parcel_no, own in events_by_parcel(events).items():
        before: ParcelState | None = None
        for after in transitions(own):
            _post(deltas, after.on, before, -1, unmapped=parcel_no in unmapped)
            _post(deltas, after.on, after, 1, unmapped=parcel_no in unmapped)
            before = after
    return deltas


def _post(
    deltas: _Deltas, on: date, state: ParcelState | None, sign: int, *, unmapped: bool
) -> None:
    """Post all of a state, in whole grains: netting floats first would leave dust."""
    if state is None:
        return
    day = deltas.setdefault(state.park_id, {}).setdefault(on, {})
    for account, area_m2 in state.split().items():
        grains = sign * round(area_m2 * GRAINS_PER_M2)
        day[account] = day.get(account, 0) + grains
        if unmapped:
            day[None] = day.get(None, 0) + grains


def events_by_parcel(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Split standing events by parcel, keeping their order."""
    grouped: dict[str, list[Event]] = {}
    for event in events:
        grouped.setdefault(event.parcel_no, []).append(event)
    return grouped


def _running(deltas: dict[date, dict[_Key, int]]) -> _Series:
    series = _Series()
    held: dict[_Key, int] = dict.fromkeys([*STATUSES, None], 0)
    for day in sorted(deltas):
        if not any(deltas[day].values()):
            continue
        for key, grains in deltas[day].items():
            held[key] += grains
        by_status_m2 = {account: held[account] / GRAINS_PER_M2 for account in STATUSES}
        series.days.append(day)
        series.holdings.append(
            Holding(
                by_status_m2=by_status_m2,
                unmapped_m2=held[None] / GRAINS_PER_M2,
                has_records=any(by_status_m2.values()),
            )
        )
    return series
