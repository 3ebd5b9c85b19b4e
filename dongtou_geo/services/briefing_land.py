"""汇报: the parcels that a sheet's map draws."""

from __future__ import annotations

from datetime import date

from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.lots import LotQuery, lot_outlines, lot_total

# A map a hand wide shows no more than this; half of them would be a lie, so then none is drawn.
MOST_OUTLINES = 3_000


def park_outlines(ledger: Ledger | None, park_id: str, as_of: date) -> list[tuple[bytes, str]]:
    """Return the outlines of a park's parcels with their status on a day.

    Parameters
    ----------
    ledger : Ledger or None
        None = no ledger.
    park_id : str
        The park.
    as_of : date
        The day.

    Returns
    -------
    list of (bytes, str)
        WKB in EPSG:4490 and status; empty where there are more than ``MOST_OUTLINES``.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    if ledger is None:
        return []
    with ledger.reading() as snapshot:
        wanted = LotQuery(as_of, (park_id,))
        if lot_total(snapshot.connection, wanted).parcels > MOST_OUTLINES:
            return []
        found = lot_outlines(snapshot.connection, wanted, MOST_OUTLINES)
    return [(wkb, status.value) for _number, wkb, status in found]
