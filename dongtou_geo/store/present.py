"""What the ledger holds now, as a file that comes in is compared with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.domain.status import Account
from dongtou_geo.store import schema
from dongtou_geo.store.rows import FOREVER, parcel_of
from dongtou_geo.store.writing import IN_ONE_QUERY

_MANY = 5_000
_STATES, _PARCELS = schema.parcel_states, schema.parcels


def has_parcels(connection: Connection) -> bool:
    """Tell whether the register holds anything.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    """
    return connection.execute(select(_PARCELS.c.parcel_no).limit(1)).first() is not None


def living_parks(connection: Connection) -> dict[str, str | None]:
    """Return the parcels that have not ended, with the park of each.

    Parameters
    ----------
    connection : Connection
        Any transaction.

    Returns
    -------
    dict of str to str or None
        Park id by parcel number; None = 园区外.
    """
    query = select(_STATES.c.parcel_no, _STATES.c.park_id).where(
        _STATES.c.until_on == FOREVER, _STATES.c.status != Account.OUTSIDE.value
    )
    return {row.parcel_no: row.park_id for row in connection.execute(query)}


def entries_of(connection: Connection, numbers: Sequence[str]) -> dict[str, Parcel]:
    """Return the register entries of some parcels, ended ones too.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    numbers : sequence of str
        Parcel numbers; unknown ones are left out.
    """
    if len(numbers) > _MANY:
        # Asking for each of very many is slower than looking through all that there are.
        there = set(connection.execute(select(_PARCELS.c.parcel_no)).scalars())
        numbers = [number for number in numbers if number in there]
    found: dict[str, Parcel] = {}
    for start in range(0, len(numbers), IN_ONE_QUERY):
        some = numbers[start : start + IN_ONE_QUERY]
        query = select(_PARCELS).where(_PARCELS.c.parcel_no.in_(some))
        for row in connection.execute(query).mappings():
            found[row["parcel_no"]] = parcel_of(row)
    return found


def living_outlines(connection: Connection) -> tuple[list[str], list[bytes]]:
    """Return the outlines of all parcels that have not ended.

    Parameters
    ----------
    connection : Connection
        Any transaction.

    Returns
    -------
    tuple of (list of str, list of bytes)
        Parcel numbers and outlines as WKB, EPSG:4490.
    """
    query = (
        select(_PARCELS.c.parcel_no, _PARCELS.c.geometry_wkb)
        .join(_STATES, _STATES.c.parcel_no == _PARCELS.c.parcel_no)
        .where(
            _STATES.c.until_on == FOREVER,
            _STATES.c.status != Account.OUTSIDE.value,
            _PARCELS.c.geometry_wkb.is_not(None),
        )
    )
    rows = connection.execute(query).all()
    return [row.parcel_no for row in rows], [bytes(row.geometry_wkb) for row in rows]


@dataclass(frozen=True, slots=True)
class PastImport:
    """One import that the ledger remembers.

    Parameters
    ----------
    import_id, file, sha256, recorded_by : str
        As recorded.
    recorded_at : datetime
        UTC.
    events, parcels : int
        Lines that came with it, and on how many parcels.
    undone_at : datetime or None
        When it was undone, UTC.
    undone_by : str or None
        By whom.
    """

    import_id: str
    file: str
    sha256: str
    recorded_at: datetime
    recorded_by: str
    events: int
    parcels: int
    undone_at: datetime | None
    undone_by: str | None


def past_imports(connection: Connection, *, limit: int = 50) -> list[PastImport]:
    """Return the latest imports, the last one first.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    limit : int
        At most so many.
    """
    imports, events = schema.imports, schema.events
    latest = (
        select(imports).order_by(imports.c.recorded_at.desc(), imports.c.import_id).limit(limit)
    )
    rows = connection.execute(latest).mappings().all()
    ids = [row["import_id"] for row in rows]
    counted = (
        select(
            events.c.import_id,
            func.count().label("events"),
            func.count(events.c.parcel_no.distinct()).label("parcels"),
        )
        .where(events.c.import_id.in_(ids))
        .group_by(events.c.import_id)
    )
    counts = {row.import_id: (row.events, row.parcels) for row in connection.execute(counted)}
    return [
        PastImport(
            events=counts.get(row["import_id"], (0, 0))[0],
            parcels=counts.get(row["import_id"], (0, 0))[1],
            **row,
        )
        for row in rows
    ]
