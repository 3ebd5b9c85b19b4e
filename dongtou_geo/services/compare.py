"""对比: what moved between two dates or two knowledge times, read from the ledger."""

from __future__ import annotations

from datetime import date, datetime

from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.metrics.compare import Comparison, Look, compared
from dongtou_geo.store import tracing
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.ledger import Ledger

__all__ = ["Comparison", "Look", "compare"]


def compare(
    ledger: Ledger,
    before: tuple[date, datetime | None],
    after: tuple[date, datetime | None],
) -> Comparison:
    """Compare two looks at a ledger.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    before, after : (date, datetime or None)
        A day, and an aware moment by whose knowledge it is seen; None = by all we know. A ``Look``
        says the same.

    Returns
    -------
    Comparison
        Per park what stood and what moved, the parcels that moved, and the first day as it was
        told then and is known now.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    first, second = Look(*before), Look(*after)
    days = sorted([first.as_of, second.as_of])
    moments = [look.known_at for look in (first, second) if look.known_at is not None]
    with ledger.reading() as snapshot:
        numbers = tracing.touched(
            snapshot.connection, (days[0], days[1]), min(moments, default=None)
        )
        lines = events_by_parcel(snapshot.events(numbers))
        books = StoredBalances(snapshot.connection)
        held = {park: books.on(park, first.as_of).by_status_m2 for park in books.park_ids}
    return compared(lines, held, first, second)
