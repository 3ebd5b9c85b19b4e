"""The largest single parcel of each park in one status on a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select

from dongtou_geo.domain.status import Account
from dongtou_geo.store import schema

_S = schema.parcel_states


def largest_by_park(
    connection: Connection, as_of: date, status: Account
) -> dict[str | None, tuple[str, float]]:
    """Find it for all parks in one look.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    as_of : date
        The day.
    status : Account
        The status of the whole parcel.

    Returns
    -------
    dict
        Park id (None = 园区外) to number and m2; of equals the first number.
    """
    place = func.row_number().over(
        partition_by=_S.c.park_id, order_by=(_S.c.area_m2.desc(), _S.c.parcel_no)
    )
    ranked = (
        select(_S.c.park_id, _S.c.parcel_no, _S.c.area_m2, place.label("place"))
        .where(_S.c.from_on <= as_of, _S.c.until_on > as_of, _S.c.status == status.value)
        .subquery()
    )
    rows = connection.execute(
        select(ranked.c.park_id, ranked.c.parcel_no, ranked.c.area_m2).where(ranked.c.place == 1)
    )
    return {row.park_id: (row.parcel_no, float(row.area_m2)) for row in rows}
