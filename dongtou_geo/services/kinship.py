"""Where a parcel came from, and what became of it, by splits and merges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.services.parcel_table import ParcelStory, parcel_story
from dongtou_geo.store import tracing
from dongtou_geo.store.ledger import Ledger

_PARTINGS = frozenset({EventKind.SPLIT, EventKind.MERGE})


@dataclass(frozen=True, slots=True)
class Kin:
    """A parcel's relations.

    Parameters
    ----------
    parents : tuple of str
        The parcels it was split from or merged of; empty where it was registered by itself.
    born_by : EventKind or None
        The split or merge it came from.
    parting : Event or None
        The split or merge that ended it.
    children : tuple of str
        The parcels that took it over.
    """

    parents: tuple[str, ...] = ()
    born_by: EventKind | None = None
    parting: Event | None = None
    children: tuple[str, ...] = ()


def kin_of(ledger: Ledger, story: ParcelStory) -> Kin:
    """Return a parcel's relations; the ledger is asked only where there are any.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    story : ParcelStory
        The parcel.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    parting = next((event for event in story.events if event.kind in _PARTINGS), None)
    birth = next((event for event in story.events if event.opening is not None), None)
    if birth is None and parting is None:
        return Kin()
    with ledger.reading() as snapshot:
        children = tracing.heirs_of(snapshot.connection, parting) if parting else []
        # A merge names what it became; the child's own line names nobody.
        merged = birth and birth.related_no is None and replace(birth, related_no=birth.parcel_no)
        merges = tracing.partings_into(snapshot.connection, merged) if merged else []
    if birth is not None and birth.related_no is not None:
        return Kin((birth.related_no,), EventKind.SPLIT, parting, _numbers(children))
    born_by = EventKind.MERGE if merges else None
    return Kin(_numbers(merges), born_by, parting, _numbers(children))


def gone_parcel(ledger: Ledger, number: str, as_of: date) -> Event | None:
    """Return what ended a parcel that a table no longer lists.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    number : str
        As somebody typed it.
    as_of : date
        The day that the table shows.

    Returns
    -------
    Event or None
        Its last line; None where there is no such parcel, or it stands, or is not registered yet.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    story = parcel_story(ledger, number) if number else None
    if story is None or story.on(as_of) is not None:
        return None
    known = [event for event in story.events if event.effective_on <= as_of]
    return known[-1] if known else None


def _numbers(events: list[Event]) -> tuple[str, ...]:
    return tuple(sorted({event.parcel_no for event in events}))
