"""地块台账: the filtered table with its N 宗 / M 亩 / 占比, and one parcel's whole story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dongtou_geo.domain.account import ParcelState, state_on, transitions
from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.event import Event, standing
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.domain.status import Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.store import parcel_query
from dongtou_geo.store.ledger import Ledger, Snapshot
from dongtou_geo.store.parcel_query import ParcelFilter, ParcelRow, SortKey
from dongtou_geo.store.present import entries_of

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Found:
    """How many parcels a filter finds, how much land, and its share of all recorded land."""

    parcels: int
    area_mu: float
    producing_mu: float
    share: float | None


@dataclass(frozen=True, slots=True)
class TablePage:
    """One page of the table, and what the whole filter finds."""

    rows: list[ParcelRow]
    found: Found
    pages: int


@dataclass(frozen=True, slots=True)
class StatusTotal:
    """Parcels and land of one status."""

    parcels: int
    area_mu: float


@dataclass(frozen=True, slots=True)
class ParcelStory:
    """One parcel: register entry, every line ever recorded, those that stand, its states."""

    parcel: Parcel
    lines: list[Event]
    events: list[Event]
    states: list[ParcelState]

    @property
    def last_id(self) -> int:
        """Return the newest line's id: what a clerk has seen."""
        return self.lines[-1].event_id if self.lines else 0

    def on(self, as_of: date) -> ParcelState | None:
        """Return the state on a day, or None before registration and after the end."""
        known = [state for state in self.states if state.on <= as_of]
        return known[-1] if known and not known[-1].ended else None


def table_page(
    ledger: Ledger,
    wanted: ParcelFilter,
    *,
    sort: SortKey = "parcel_no",
    descending: bool = False,
    page: int = 1,
) -> TablePage:
    """Return one page of the table with the totals of its filter.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    wanted : ParcelFilter
        Which parcels.
    sort : {"parcel_no", "area_m2", "since_on", "status"}
        By what.
    descending : bool
        Largest first.
    page : int
        From 1; a page beyond the last shows the last.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    with ledger.reading() as snapshot:
        own = parcel_query.total(snapshot.connection, wanted)
        everything = parcel_query.total(snapshot.connection, ParcelFilter(wanted.as_of))
        pages = max(1, -(-own.parcels // PAGE_ROWS))
        rows = parcel_query.page(
            snapshot.connection,
            wanted,
            sort=sort,
            descending=descending,
            limit=PAGE_ROWS,
            offset=(min(max(page, 1), pages) - 1) * PAGE_ROWS,
        )
    share = own.area_m2 / everything.area_m2 if everything.area_m2 else None
    found = Found(own.parcels, m2_to_mu(own.area_m2), m2_to_mu(own.producing_m2), share)
    return TablePage(rows, found, pages)


def parcel_story(ledger: Ledger, parcel_no: str) -> ParcelStory | None:
    """Return everything the ledger knows of one parcel.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    parcel_no : str
        The parcel.

    Returns
    -------
    ParcelStory or None
        None where there is no such parcel.
    """
    with ledger.reading() as snapshot:
        parcel = snapshot.parcel(parcel_no)
        lines = snapshot.events([parcel_no])
    if parcel is None:
        return None
    events = standing(lines)
    return ParcelStory(parcel, lines, events, list(transitions(events)))


def drawn_on(
    ledger: Ledger, numbers: list[str], as_of: date
) -> list[tuple[str, bytes, ParcelState]]:
    """Return which of some parcels stand on a day, with their outlines.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    numbers : list of str
        Parcels; a few hundred at most, for their lines are replayed.
    as_of : date
        The day.

    Returns
    -------
    list of (str, bytes, ParcelState)
        Number, outline as WKB in EPSG:4490, state; without an outline it is left out.
    """
    with ledger.reading() as snapshot:
        entries = entries_of(snapshot.connection, numbers)
        events = events_by_parcel(standing(snapshot.events(numbers)))
    found = []
    for number, own in events.items():
        state, wkb = state_on(own, as_of), entries[number].geometry_wkb
        if state is not None and wkb is not None:
            found.append((number, wkb, state))
    return found


def totals_by_status(snapshot: Snapshot, as_of: date) -> dict[Account, StatusTotal]:
    """Return parcels and land by the status shown for the whole parcel.

    Parameters
    ----------
    snapshot : Snapshot
        One moment of a ledger.
    as_of : date
        The day.
    """
    found = parcel_query.totals_by_status(snapshot.connection, ParcelFilter(as_of))
    return {
        status: StatusTotal(found[status].parcels, m2_to_mu(found[status].area_m2))
        for status in Account
        if status in found
    }
