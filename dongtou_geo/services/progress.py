"""Progress of every park or zone on a date, by the knowledge of a moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from dongtou_geo.catalog import plan
from dongtou_geo.domain.account import ParcelState, transitions
from dongtou_geo.domain.balance import BalanceReader, Balances, events_by_parcel
from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.event import Event, standing
from dongtou_geo.domain.parcel import AreaBasis, Parcel
from dongtou_geo.domain.places import Park, Zone
from dongtou_geo.domain.progress import LedgerStamp, Progress, progress_by_park, progress_by_zone
from dongtou_geo.domain.target import ParkTarget, by_park
from dongtou_geo.store.balances import StoredBalances
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
    timeline : dict of str to list of ParcelState
        Every state each parcel has been in, in order.
    """

    stamp: LedgerStamp
    parcels: dict[str, Parcel]
    events: dict[str, list[Event]]
    balances: Balances
    timeline: dict[str, list[ParcelState]]

    def state_on(self, parcel_no: str, as_of: date) -> ParcelState | None:
        """Return a parcel's state on a day; None before registration and after the end."""
        states = self.timeline.get(parcel_no, [])
        index = bisect_right(states, as_of, key=lambda state: state.on)
        return states[index - 1] if index and not states[index - 1].ended else None

    def states(self, parcel_no: str) -> list[ParcelState]:
        """Return every state a parcel has been in, in order."""
        return self.timeline.get(parcel_no, [])


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
        return LedgerView(LedgerStamp(), {}, {}, Balances([]), {})
    with ledger.reading() as snapshot:
        lines, register, stamp = snapshot.events(), snapshot.parcels(), snapshot.stamp()
    parcels = {parcel.parcel_no: parcel for parcel in register}
    unmapped = frozenset(
        no for no, parcel in parcels.items() if parcel.area_basis is AreaBasis.LEDGER
    )
    events = standing(lines, known_at=known_at)
    own = events_by_parcel(events)
    return LedgerView(
        stamp=stamp if known_at is None else _stamp_then(stamp, lines, known_at),
        parcels=parcels,
        events=own,
        balances=Balances(events, unmapped=unmapped),
        timeline={number: list(transitions(some)) for number, some in own.items()},
    )


def unreported(rows: Iterable[Progress]) -> dict[str | None, tuple[int, float]]:
    """Count the platforms of each zone for which nothing is recorded.

    Parameters
    ----------
    rows : iterable of Progress
        One a park.

    Returns
    -------
    dict of str to (int, float)
        Zone id to how many, and their planned 亩: a zone's rate counts them in its denominator,
        so it must say so beside the figure.
    """
    found: dict[str | None, tuple[int, float]] = {}
    for row in rows:
        if row.id is not None and row.recorded_mu == 0:
            count, planned_mu = found.get(row.zone_id, (0, 0.0))
            found[row.zone_id] = (count + 1, planned_mu + (row.planned_mu or 0.0))
    return found


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


def progress_of(
    ledger: Ledger | None,
    book: PlanBook,
    *,
    as_of: date | None,
    today: date,
    known_at: datetime | None = None,
    by: str = "park",
) -> list[Progress]:
    """Score every park, or sum every zone, straight from the ledger's books.

    Parameters
    ----------
    ledger : Ledger or None
        None = no ledger: nothing is recorded.
    book : PlanBook
        What the plan asks.
    as_of : date, optional
        The day; by default the sample's 数据截止, else today.
    today : date
        Today in Asia/Shanghai.
    known_at : datetime, optional
        Aware moment; replays the events known then. None = today's knowledge, from the books.
    by : {"park", "zone"}
        What a row stands for.

    Returns
    -------
    list of Progress
        In the plan's order; land outside the parks closes the list.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    if ledger is None or known_at is not None:
        view = ledger_view(ledger, known_at=known_at)
        return _scored(
            book, view.balances, as_of or _default_day(view.stamp, today), view.stamp, by
        )
    with ledger.reading() as snapshot:
        stamp = snapshot.stamp()
        balances = StoredBalances(snapshot.connection)
        return _scored(book, balances, as_of or _default_day(stamp, today), stamp, by)


def _default_day(stamp: LedgerStamp, today: date) -> date:
    return stamp.data_until if stamp.sample and stamp.data_until else today


def _scored(
    book: PlanBook, balances: BalanceReader, as_of: date, stamp: LedgerStamp, by: str
) -> list[Progress]:
    if by == "zone":
        return progress_by_zone(book.zones, book.parks, balances, as_of=as_of, stamp=stamp)
    return progress_by_park(book.parks, book.targets, balances, as_of=as_of, stamp=stamp)


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
    return _scored(book, view.balances, as_of, view.stamp, by)
