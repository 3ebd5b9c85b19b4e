"""Adding to a ledger: events, parcels, imports and the books, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from dongtou_geo.domain.account import transitions
from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.event import Event, standing
from dongtou_geo.domain.parcel import AreaBasis, Parcel
from dongtou_geo.store import posting, schema
from dongtou_geo.store.rows import event_of, event_row, parcel_row, state_rows

# SQLite takes 32,766 variables a statement.
IN_ONE_QUERY = 20_000


@dataclass(frozen=True, slots=True)
class ImportStamp:
    """One import: which file, from whom, when."""

    import_id: str
    file: str
    sha256: str
    recorded_at: datetime
    recorded_by: str


def add(connection: Connection, parcels: Sequence[Parcel], events: Sequence[Event]) -> list[int]:
    """Write parcels and events, and keep the books.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    parcels : sequence of Parcel
        New register entries.
    events : sequence of Event
        New lines; an id that is positive is kept, else the ledger gives one.

    Returns
    -------
    list of int
        The ids of the events, in order.

    Raises
    ------
    EventError
        If a parcel's events do not fit together; the transaction must then be rolled back.
    """
    posting.insert_rows(connection, schema.parcels, [parcel_row(parcel) for parcel in parcels])
    new = {parcel.parcel_no for parcel in parcels}
    touched = sorted({event.parcel_no for event in events})
    known = [number for number in touched if number not in new]
    before = events_of(connection, known)
    unmapped = unmapped_of(connection, touched)
    deltas: posting.Deltas = {}
    _post(deltas, before, -1, unmapped)
    numbered = _numbered(connection, events)
    posting.insert_rows(connection, schema.events, [event_row(event) for event in numbered])
    states = _post(deltas, [*before, *numbered], 1, unmapped)
    _replace_states(connection, known, states)
    posting.write(connection, deltas)
    return [event.event_id for event in numbered]


def rebuild(connection: Connection) -> None:
    """Build every derived table anew from the events.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    """
    posting.clear(connection)
    numbers = list(connection.execute(select(schema.parcels.c.parcel_no)).scalars())
    deltas: posting.Deltas = {}
    for some in _portions(numbers):
        states = _post(deltas, events_of(connection, some), 1, unmapped_of(connection, some))
        posting.insert_rows(connection, schema.parcel_states, states)
    posting.write(connection, deltas)


def events_of(connection: Connection, numbers: Sequence[str]) -> list[Event]:
    """Read the events of some parcels, in the order of recording.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    numbers : sequence of str
        Parcel numbers.
    """
    table, found = schema.events, []
    for some in _portions(numbers):
        query = select(table).where(table.c.parcel_no.in_(some)).order_by(table.c.event_id)
        found += [event_of(row) for row in connection.execute(query).mappings()]
    return found


def unmapped_of(connection: Connection, numbers: Sequence[str]) -> set[str]:
    """Return which of some parcels have no outline.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    numbers : sequence of str
        Parcel numbers.
    """
    table = schema.parcels
    found: set[str] = set()
    for some in _portions(numbers):
        query = select(table.c.parcel_no).where(
            table.c.parcel_no.in_(some), table.c.area_basis == AreaBasis.LEDGER.value
        )
        found |= set(connection.execute(query).scalars())
    return found


def _post(
    deltas: posting.Deltas, events: Iterable[Event], sign: int, unmapped: set[str]
) -> list[dict[str, object]]:
    """Post what events moved and return the rows of their parcels' states."""
    rows: list[dict[str, object]] = []
    for number, own in events_by_parcel(standing(events)).items():
        states = list(transitions(own))
        posting.post(deltas, states, sign, unmapped=number in unmapped)
        rows += state_rows(states)
    return rows


def _replace_states(
    connection: Connection, known: Sequence[str], states: list[dict[str, object]]
) -> None:
    table = schema.parcel_states
    for some in _portions(known):
        connection.execute(delete(table).where(table.c.parcel_no.in_(some)))
    posting.insert_rows(connection, table, states)


def _portions(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(numbers), IN_ONE_QUERY):
        yield numbers[start : start + IN_ONE_QUERY]


def _numbered(connection: Connection, events: Iterable[Event]) -> list[Event]:
    """Give ids to the events that have none; nobody else writes meanwhile."""
    last = connection.execute(select(func.max(schema.events.c.event_id))).scalar() or 0
    numbered = []
    for event in events:
        given = event if event.event_id > 0 else replace(event, event_id=last + 1)
        last = max(last, given.event_id)
        numbered.append(given)
    return numbered
