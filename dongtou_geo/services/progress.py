"""Progress of every park or zone on a date, by the knowledge of a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dongtou_geo.catalog import plan
from dongtou_geo.domain.account import ParcelState, transitions
from dongtou_geo.domain.balance import Balances, events_by_parcel
from dongtou_geo.domain.event import Event, standing
from dongtou_geo.domain.parcel import AreaBasis, Parcel
from dongtou_geo.domain.places import Park, Zone
from dongtou_geo.domain.progress import LedgerStamp, Progress, progress_by_park, progress_by_zone
from dongtou_geo.domain.target import ParkTarget, by_park
from dongtou_geo.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class PlanBook:
    """What the plan asks: zones, parks and each park's target, read once."""

    zones: tuple[Zone, ...]
    parks: tuple[Park, ...]
    targets: dict[str, ParkTarget]


@dataclass(frozen=True, slots=True)
class LedgerView:
    """A ledger read once: its stamp, register, standing events and balances.

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
    """

    stamp: LedgerStamp
    parcels: dict[str, Parcel]
    events: dict[str, list[Event]]
    balances: Balances

    def states(self, parcel_no: str) -> list[ParcelState]:
        """Return every state a parcel has been in, in order."""
        return list(transitions(self.events.get(parcel_no, [])))


def plan_book() -> PlanBook:
    """Read zones, parks and targets from geodata/.

    Raises
    ------
    DatasetError
        If a file cannot be read.
    """
    return PlanBook(
        zones=tuple(plan.load_zones()),
        parks=tuple(plan.load_parks()),
        targets=by_park(plan.load_targets()),
    )


def ledger_view(ledger: Ledger | None, *, known_at: datetime | None = None) -> LedgerView:
    """Read a ledger by the knowledge of a moment.

    Parameters
    ----------
    ledger : Ledger or None
        None = no ledger: nothing is recorded.
    known_at : datetime, optional
        Aware moment; events recorded later are unknown. None = today's knowledge.

    Returns
    -------
    LedgerView
        Everything the pages and commands read from.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    EventError
        If its events do not fit together.
    """
    if ledger is None:
        return LedgerView(LedgerStamp(), {}, {}, Balances([]))
    parcels = {parcel.parcel_no: parcel for parcel in ledger.parcels()}
    unmapped = frozenset(
        no for no, parcel in parcels.items() if parcel.area_basis is AreaBasis.LEDGER
    )
    events = standing(ledger.events(), known_at=known_at)
    return LedgerView(
        stamp=ledger.stamp(),
        parcels=parcels,
        events=events_by_parcel(events),
        balances=Balances(events, unmapped=unmapped),
    )


def progress(book: PlanBook, view: LedgerView, *, as_of: date, by: str = "park") -> list[Progress]:
    """Score every park, or sum every zone, on a date.

    Parameters
    ----------
    book : PlanBook
        What the plan asks.
    view : LedgerView
        What the ledger holds.
    as_of : date
        The day.
    by : {"park", "zone"}
        What a row stands for.

    Returns
    -------
    list of Progress
        In the plan's order; land outside the parks closes the list.
    """
    if by == "zone":
        return progress_by_zone(
            book.zones, book.parks, view.balances, as_of=as_of, stamp=view.stamp
        )
    return progress_by_park(book.parks, book.targets, view.balances, as_of=as_of, stamp=view.stamp)
