"""Progress of every park or zone on a date, by the knowledge of a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from dongtou_geo.catalog import plan
from dongtou_geo.domain.balance import BalanceReader, Balances
from dongtou_geo.domain.places import Park, Zone
from dongtou_geo.domain.progress import LedgerStamp, Progress, progress_by_park, progress_by_zone
from dongtou_geo.domain.target import ParkTarget, by_park
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.ledger import Ledger, Snapshot

NO_LEDGER = LedgerStamp()


@dataclass(frozen=True, slots=True)
class PlanBook:
    """What the plan asks: zones, parks and each park's target, read once."""

    zones: tuple[Zone, ...]
    parks: tuple[Park, ...]
    targets: dict[str, ParkTarget]


class Books(Protocol):
    """Whoever knows what each park held on any day."""

    def books(self) -> AbstractContextManager[tuple[BalanceReader, LedgerStamp]]:
        """Read from one moment of the ledger."""
        ...


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The ledger that a page shows: which it is, and where its figures are read from.

    Parameters
    ----------
    stamp : LedgerStamp
        Which ledger, in which state; printed beside every figure.
    ledger : Ledger or None
        None = no ledger: nothing is recorded.

    Notes
    -----
    Nothing of it is kept in memory: whatever a page asks, the ledger's own books answer within
    milliseconds, however many parcels there are.
    """

    stamp: LedgerStamp
    ledger: Ledger | None

    @contextmanager
    def books(self) -> Iterator[tuple[BalanceReader, LedgerStamp]]:
        """Read the balances of one moment, and the stamp of that moment.

        Yields
        ------
        tuple of (BalanceReader, LedgerStamp)
            Usable until the block ends.

        Raises
        ------
        LedgerError
            If the ledger cannot be read.
        """
        if self.ledger is None:
            yield Balances([]), NO_LEDGER
            return
        with self.ledger.reading() as snapshot:
            yield books_of(snapshot)


def books_of(snapshot: Snapshot) -> tuple[BalanceReader, LedgerStamp]:
    """Return the balances and the stamp of one moment.

    Parameters
    ----------
    snapshot : Snapshot
        The moment.
    """
    return StoredBalances(snapshot.connection), snapshot.stamp()


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


def ledger_view(ledger: Ledger | None) -> LedgerView:
    """Return a ledger as it stands now, for pages and commands to read from.

    Parameters
    ----------
    ledger : Ledger or None
        None = no ledger: nothing is recorded.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    return LedgerView(NO_LEDGER if ledger is None else ledger.stamp(), ledger)


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


def progress_of(
    ledger: Ledger | None,
    book: PlanBook,
    *,
    as_of: date | None,
    today: date,
    known_at: datetime | None = None,
    by: str = "park",
) -> list[Progress]:
    """Score every park, or sum every zone.

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
    view: Books = LedgerView(NO_LEDGER, ledger)
    if ledger is not None and known_at is not None:
        from dongtou_geo.services.replay import replayed

        view = replayed(ledger, known_at=known_at)
    with view.books() as (balances, stamp):
        return scored(book, balances, as_of or _default_day(stamp, today), stamp, by)


def progress(book: PlanBook, view: Books, *, as_of: date, by: str = "park") -> list[Progress]:
    """Score every park, or sum every zone, on a date.

    Parameters
    ----------
    book : PlanBook
        What the plan asks.
    view : Books
        What the ledger holds.
    as_of : date
        The day.
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
    with view.books() as (balances, stamp):
        return scored(book, balances, as_of, stamp, by)


def scored(
    book: PlanBook, balances: BalanceReader, as_of: date, stamp: LedgerStamp, by: str = "park"
) -> list[Progress]:
    """Score every park, or sum every zone, from balances that are open already.

    Parameters
    ----------
    book : PlanBook
        What the plan asks.
    balances : BalanceReader
        Of one moment.
    as_of : date
        The day.
    stamp : LedgerStamp
        Of the same moment.
    by : {"park", "zone"}
        What a row stands for.
    """
    if by == "zone":
        return progress_by_zone(book.zones, book.parks, balances, as_of=as_of, stamp=stamp)
    return progress_by_park(book.parks, book.targets, balances, as_of=as_of, stamp=stamp)


def _default_day(stamp: LedgerStamp, today: date) -> date:
    return stamp.data_until if stamp.sample and stamp.data_until else today
