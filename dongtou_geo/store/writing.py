"""Adding to a ledger: events, parcels, register entries and the books, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, func, select

from dongtou_geo.domain.event import Event
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.store import books, register, replaying, schema
from dongtou_geo.store.loading import insert_rows
from dongtou_geo.store.moves import Moves
from dongtou_geo.store.reading import IN_ONE_QUERY, bases_of, portions
from dongtou_geo.store.rows import event_row, parcel_row
from dongtou_geo.store.stamps import ChangeStamp, ImportStamp

__all__ = ["IN_ONE_QUERY", "ChangeStamp", "ImportStamp", "add", "change", "rebuild"]


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
    LedgerError
        If the land is more than a ledger can hold; likewise.
    """
    return _write(connection, [], parcels, events, None)


def change(
    connection: Connection,
    updated: Sequence[Parcel],
    parcels: Sequence[Parcel],
    events: Sequence[Event],
    stamp: ChangeStamp,
) -> list[int]:
    """Change register entries, add others, write events, and keep the books.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    updated : sequence of Parcel
        Entries whose number is in the register; what they said is kept.
    parcels : sequence of Parcel
        New register entries.
    events : sequence of Event
        New lines, as for ``add``.
    stamp : ChangeStamp
        Who changes the entries.

    Returns
    -------
    list of int
        The ids of the events, in order.

    Raises
    ------
    EventError
        If a parcel's events do not fit together; the transaction must then be rolled back.
    LedgerError
        If an entry to change is not in the register or given twice, or the land is more than a
        ledger can hold; likewise.
    """
    return _write(connection, updated, parcels, events, stamp)


def rebuild(connection: Connection) -> None:
    """Build every derived table anew from the events.

    Parameters
    ----------
    connection : Connection
        A writing transaction.

    Raises
    ------
    EventError
        If a parcel's events do not fit together; the transaction must then be rolled back.
    """
    books.clear(connection)
    moves = Moves()
    for portion in replaying.portions_of(connection):
        replaying.post(connection, portion, moves, 1, with_states=True)
    books.write(connection, moves)


def _write(
    connection: Connection,
    updated: Sequence[Parcel],
    parcels: Sequence[Parcel],
    events: Sequence[Event],
    stamp: ChangeStamp | None,
) -> list[int]:
    new = {parcel.parcel_no for parcel in parcels}
    touched = sorted({event.parcel_no for event in events})
    known = [number for number in touched if number not in new]
    switched = _switched(connection, updated, set(touched))
    moves = Moves()
    # What was posted is taken back by what the ledger said, and posted anew by what it says then.
    replaying.post_stored(connection, [*known, *switched], moves, -1)
    _forget_states(connection, known)
    if stamp is not None:
        register.replace_entries(connection, updated, stamp)
    insert_rows(connection, schema.parcels, [parcel_row(parcel) for parcel in parcels])
    numbered = _numbered(connection, events)
    insert_rows(connection, schema.events, [event_row(event) for event in numbered])
    replaying.post_stored(connection, touched, moves, 1, with_states=True)
    replaying.post_stored(connection, switched, moves, 1)
    books.write(connection, moves)
    return [event.event_id for event in numbered]


def _switched(connection: Connection, updated: Sequence[Parcel], touched: set[str]) -> list[str]:
    """Return the parcels without new lines whose land gets, or loses, an outline."""
    bases = bases_of(connection, [parcel.parcel_no for parcel in updated])
    return [
        parcel.parcel_no
        for parcel in updated
        if parcel.parcel_no not in touched and bases.get(parcel.parcel_no) != parcel.area_basis
    ]


def _forget_states(connection: Connection, numbers: Sequence[str]) -> None:
    table = schema.parcel_states
    for some in portions(numbers):
        connection.execute(delete(table).where(table.c.parcel_no.in_(some)))


def _numbered(connection: Connection, events: Iterable[Event]) -> list[Event]:
    """Give ids to the events that have none; nobody else writes meanwhile."""
    last = connection.execute(select(func.max(schema.events.c.event_id))).scalar() or 0
    numbered = []
    for event in events:
        given = event if event.event_id > 0 else replace(event, event_id=last + 1)
        last = max(last, given.event_id)
        numbered.append(given)
    return numbered
