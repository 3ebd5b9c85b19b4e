"""Lines and facts of some parcels, read for whoever writes or checks them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from dongtou_geo.domain.event import Event
from dongtou_geo.domain.parcel import AreaBasis
from dongtou_geo.store import schema
from dongtou_geo.store.rows import event_of

# SQLite takes 32,766 variables a statement.
IN_ONE_QUERY = 20_000


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
    for some in portions(numbers):
        query = select(table).where(table.c.parcel_no.in_(some)).order_by(table.c.event_id)
        found += [event_of(row) for row in connection.execute(query).mappings()]
    return found


def bases_of(connection: Connection, numbers: Sequence[str]) -> dict[str, AreaBasis]:
    """Return by which area each of some parcels counts; those of the register only.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    numbers : sequence of str
        Parcel numbers.
    """
    table = schema.parcels
    found: dict[str, AreaBasis] = {}
    for some in portions(numbers):
        query = select(table.c.parcel_no, table.c.area_basis).where(table.c.parcel_no.in_(some))
        found |= {row.parcel_no: AreaBasis(row.area_basis) for row in connection.execute(query)}
    return found


def dormant_of(connection: Connection, numbers: Sequence[str]) -> set[str]:
    """Return which of some numbers the register has, but without any line that stands.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    numbers : sequence of str
        Parcel numbers.
    """
    parcels, states = schema.parcels, schema.parcel_states
    found: set[str] = set()
    for some in portions(numbers):
        # A parcel has states exactly while a line of it stands.
        query = select(parcels.c.parcel_no).where(
            parcels.c.parcel_no.in_(some),
            ~select(states.c.parcel_no).where(states.c.parcel_no == parcels.c.parcel_no).exists(),
        )
        found |= set(connection.execute(query).scalars())
    return found


def portions(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield as many parcel numbers at a time as one statement takes.

    Parameters
    ----------
    numbers : sequence of str
        Parcel numbers.
    """
    for start in range(0, len(numbers), IN_ONE_QUERY):
        yield numbers[start : start + IN_ONE_QUERY]
