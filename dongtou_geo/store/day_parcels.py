"""The parcels alive on one day, in columns with their outlines: what a map of that day is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, String, case, cast, select

from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.store import schema

_P, _S = schema.parcels, schema.parcel_states
_CODES = {account.value: code for code, account in enumerate(STATUSES)}
_AT_A_TIME = 50_000


@dataclass(frozen=True, slots=True)
class DayParcels:
    """Parcels alive on a day, one row each, by number.

    Parameters
    ----------
    numbers : list of str
        Parcel numbers, ascending.
    park_ids : list of str or None
        None = 园区外.
    since : list of str
        ISO day since which the status holds.
    status : ndarray of uint8
        Place in ``STATUSES``.
    filled_sea : ndarray of bool
        Filled sea rather than land.
    halted, stopped : ndarray of bool
        停工, 停产.
    area_m2 : ndarray of float
        What each counts with.
    outlines : ndarray of bytes or None
        WKB, EPSG:4490 lon/lat; None = 未落图.
    """

    numbers: list[str]
    park_ids: list[str | None]
    since: list[str]
    status: NDArray[np.uint8]
    filled_sea: NDArray[np.bool_]
    halted: NDArray[np.bool_]
    stopped: NDArray[np.bool_]
    area_m2: NDArray[np.float64]
    outlines: NDArray[np.object_]

    def __len__(self) -> int:
        """Return how many parcels there are."""
        return len(self.numbers)

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Tell which parcels have an outline."""
        return np.fromiter((o is not None for o in self.outlines), bool, len(self))


def no_parcels() -> DayParcels:
    """Return what a map of no ledger is made of."""
    return _columns([])


def parcels_on(connection: Connection, as_of: date) -> DayParcels:
    """Read every parcel that is alive on a day.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    as_of : date
        The day.

    Returns
    -------
    DayParcels
        By number.
    """
    query = (
        select(
            _S.c.parcel_no,
            _S.c.park_id,
            cast(_S.c.since_on, String),
            case(_CODES, value=_S.c.status),
            case((_P.c.origin == Origin.FILLED_SEA.value, 1), else_=0),
            case((_S.c.halted.is_(True), 1), else_=0),
            case((_S.c.stopped_m2 > 0, 1), else_=0),
            _S.c.area_m2,
            _P.c.geometry_wkb,
        )
        .select_from(_S.join(_P, _P.c.parcel_no == _S.c.parcel_no))
        .where(
            _S.c.from_on <= as_of,
            _S.c.until_on > as_of,
            _S.c.status != Account.OUTSIDE.value,
        )
        .order_by(_S.c.parcel_no)
    )
    result = connection.execute(query)
    assert result.cursor is not None
    rows: list[tuple[object, ...]] = []
    # Rows as the driver gives them: SQLAlchemy's own take longer to make than to read.
    while some := result.cursor.fetchmany(_AT_A_TIME):
        rows += some
    result.close()
    return _columns(rows)


def _columns(rows: list[tuple[object, ...]]) -> DayParcels:
    number, park, since, status, sea, halted, stopped, area, outline = (
        zip(*rows, strict=True) if rows else [()] * 9
    )
    outlines = np.empty(len(rows), dtype=object)
    outlines[:] = [None if shape is None else bytes(shape) for shape in outline]
    return DayParcels(
        numbers=list(number),
        park_ids=list(park),
        since=[str(day)[:10] for day in since],
        status=np.array(status, dtype=np.uint8),
        filled_sea=np.array(sea, dtype=bool),
        halted=np.array(halted, dtype=bool),
        stopped=np.array(stopped, dtype=bool),
        area_m2=np.array(area, dtype=np.float64),
        outlines=outlines,
    )
