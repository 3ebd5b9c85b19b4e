"""A ledger replayed from its events: what was known at a moment, and what the books must equal."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from dongtou_geo.domain.account import ParcelState, transitions
from dongtou_geo.domain.balance import BalanceReader, Balances, events_by_parcel
from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.event import Event, standing
from dongtou_geo.domain.parcel import AreaBasis, Parcel
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ReplayedLedger:
    """A ledger read whole: its stamp, register, standing events and balances.

    Parameters
    ----------
    stamp : LedgerStamp
        Printed beside every figure.
    parcels : dict of str to Parcel
        Register entries by number.
    events : dict of str to list of Event
        Standing events by parcel number, in order of effect.
    balances : Balances
        Holdings of every park on every day.
    timeline : dict of str to list of ParcelState
        Every state each parcel has been in, in order.

    Notes
    -----
    Its time and memory grow with the events: pages read the ledger's books instead.
    """

    stamp: LedgerStamp
    parcels: dict[str, Parcel]
    events: dict[str, list[Event]]
    balances: Balances
    timeline: dict[str, list[ParcelState]]

    @contextmanager
    def books(self) -> Iterator[tuple[BalanceReader, LedgerStamp]]:
        """Read the balances, as ``LedgerView.books`` does.

        Yields
        ------
        tuple of (BalanceReader, LedgerStamp)
            Of the moment that was replayed.
        """
        yield self.balances, self.stamp

    def state_on(self, parcel_no: str, as_of: date) -> ParcelState | None:
        """Return a parcel's state on a day; None before registration and after the end."""
        states = self.timeline.get(parcel_no, [])
        index = bisect_right(states, as_of, key=lambda state: state.on)
        return states[index - 1] if index and not states[index - 1].ended else None

    def parcels_on(self, park_id: str | None, as_of: date) -> list[tuple[Parcel, ParcelState]]:
        """Return a park's living parcels with their state on a day; None = 园区外."""
        states = ((self.parcels[no], self.state_on(no, as_of)) for no in self.timeline)
        return [
            (parcel, state)
            for parcel, state in states
            if state is not None and state.park_id == park_id
        ]


def replayed(ledger: Ledger, *, known_at: datetime | None = None) -> ReplayedLedger:
    """Read a ledger by the knowledge of a moment.

    Parameters
    ----------
    ledger : Ledger
        Which.
    known_at : datetime, optional
        Aware moment; events recorded later are unknown. None = today's knowledge.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    EventError
        If its events do not fit together.
    """
    with ledger.reading() as snapshot:
        lines, register, stamp = snapshot.events(), snapshot.parcels(), snapshot.stamp()
    parcels = {parcel.parcel_no: parcel for parcel in register}
    unmapped = frozenset(
        no for no, parcel in parcels.items() if parcel.area_basis is AreaBasis.LEDGER
    )
    events = standing(lines, known_at=known_at)
    own = events_by_parcel(events)
    return ReplayedLedger(
        stamp=stamp if known_at is None else _stamp_then(stamp, lines, known_at),
        parcels=parcels,
        events=own,
        balances=Balances(events, unmapped=unmapped),
        timeline={number: list(transitions(some)) for number, some in own.items()},
    )


def _stamp_then(now: LedgerStamp, lines: Iterable[Event], known_at: datetime) -> LedgerStamp:
    """Return the stamp the ledger had at a moment: a figure must not carry a later date."""
    known = [line for line in lines if line.recorded_at <= known_at]
    last_id = max((line.event_id for line in known), default=0)
    last_at = max((line.recorded_at for line in known), default=None)
    ledger_id = (now.ledger_version or "").rpartition("-")[0]
    until = day_here(last_at) if last_at else None
    if now.sample and until and now.data_until:
        until = min(until, now.data_until)
    return replace(now, ledger_version=f"{ledger_id}-{last_id}", data_until=until)
