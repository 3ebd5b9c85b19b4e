"""Which lines belong together: of one import, of one split, or new between two moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, or_, select, update

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.store import schema
from dongtou_geo.store.rows import event_of, parcel_row


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import as the ledger keeps it."""

    import_id: str
    file: str
    recorded_at: datetime
    recorded_by: str
    undone_at: datetime | None
    undone_by: str | None


def import_record(connection: Connection, import_id: str) -> ImportRecord | None:
    """Return one import, or None.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    import_id : str
        Which.
    """
    table = schema.imports
    columns = [table.c[name] for name in ImportRecord.__slots__]
    row = connection.execute(select(*columns).where(table.c.import_id == import_id)).one_or_none()
    return ImportRecord(*row) if row else None


def events_of_import(connection: Connection, import_id: str) -> list[Event]:
    """Return every line that came with an import, in the order of recording.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    import_id : str
        Which.
    """
    return _events(connection, schema.events.c.import_id == import_id)


def heirs_of(connection: Connection, parting: Event) -> list[Event]:
    """Return the registrations of the children that a split or merge made.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    parting : Event
        The split or merge, a line of a parent.
    """
    table = schema.events
    made = [
        table.c.kind == EventKind.REGISTER.value,
        table.c.effective_on == parting.effective_on,
        table.c.recorded_at == parting.recorded_at,
    ]
    if parting.kind is EventKind.MERGE:
        return _events(connection, table.c.parcel_no == parting.related_no, *made)
    return _events(connection, table.c.related_no == parting.parcel_no, *made)


def partings_into(connection: Connection, parting: Event) -> list[Event]:
    """Return the merges of all parents that became one parcel together with this one.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    parting : Event
        One of the merges.
    """
    table = schema.events
    return _events(
        connection,
        table.c.kind == EventKind.MERGE.value,
        table.c.related_no == parting.related_no,
        table.c.recorded_at == parting.recorded_at,
    )


def touched(
    connection: Connection, days: tuple[date, date], recorded_after: datetime | None
) -> list[str]:
    """Return the parcels that have a line between two days, or one recorded after a moment.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    days : (date, date)
        From the day after the first, up to the second.
    recorded_after : datetime or None
        Aware moment; None = no line for its recording.
    """
    table = schema.events
    wanted: ColumnElement[bool] = (table.c.effective_on > days[0]) & (
        table.c.effective_on <= days[1]
    )
    if recorded_after is not None:
        wanted = or_(wanted, table.c.recorded_at > recorded_after)
    query = select(table.c.parcel_no).where(wanted).distinct()
    return sorted(connection.execute(query).scalars())


def replace_entries(connection: Connection, parcels: Sequence[Parcel]) -> None:
    """Write register entries anew: of numbers whose every line is void, and so free again.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    parcels : sequence of Parcel
        Entries whose number is in the register.
    """
    table = schema.parcels
    for parcel in parcels:
        where = table.c.parcel_no == parcel.parcel_no
        connection.execute(update(table).where(where).values(parcel_row(parcel)))


def _events(connection: Connection, *where: ColumnElement[bool]) -> list[Event]:
    query = select(schema.events).where(*where).order_by(schema.events.c.event_id)
    return [event_of(row) for row in connection.execute(query).mappings()]
