"""What each park holds on any day, read from the ledger's own books.

Notes
-----
A day's holding is one month-end sum and at most 31 days of deltas, however many parcels there
are; so it stays within milliseconds at a million of them.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, Date, bindparam, text

from dongtou_geo.domain.balance import EMPTY, Holding
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.store.posting import GRAINS_PER_M2, UNMAPPED, month_end

# What a 64-bit column holds; more land than that is never reached.
MOST_GRAINS = 2**63 - 1

_ON = text("""
    SELECT park_id, account, SUM(grains) AS grains FROM (
        SELECT m.park_id, m.account, m.grains FROM balance_months m JOIN (
            SELECT park_id, account, MAX(month_end) AS month_end FROM balance_months
            WHERE month_end <= :closed GROUP BY park_id, account
        ) last ON last.park_id = m.park_id AND last.account = m.account
              AND last.month_end = m.month_end
        UNION ALL
        SELECT park_id, account, grains FROM balance_days WHERE day > :closed AND day <= :day
    ) held GROUP BY park_id, account
""").bindparams(bindparam("closed", type_=Date), bindparam("day", type_=Date))
_MONTHS = text("""
    SELECT month_end, grains FROM balance_months
    WHERE park_id = :park AND account = 'in_production' AND month_end <= :until
    ORDER BY month_end
""").bindparams(bindparam("until", type_=Date))
_FIRST = text("""
    SELECT MIN(day) AS day FROM (
        SELECT day, SUM(grains) OVER (ORDER BY day) AS held FROM balance_days
        WHERE park_id = :park AND account = 'in_production' AND day <= :until
    ) running WHERE held >= :goal
""").bindparams(bindparam("until", type_=Date))


class StoredBalances:
    """The books of one moment of a ledger.

    Parameters
    ----------
    connection : Connection
        An open transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._days: dict[date, dict[str | None, Holding]] = {}

    @property
    def park_ids(self) -> frozenset[str | None]:
        """Return the parks that ever held land; None = 园区外."""
        rows = self._connection.execute(text("SELECT DISTINCT park_id FROM balance_months"))
        return frozenset(row.park_id or None for row in rows)

    def on(self, park_id: str | None, as_of: date) -> Holding:
        """Return what a park holds on a day.

        Parameters
        ----------
        park_id : str or None
            The park; None = 园区外.
        as_of : date
            The day; movements of the day itself count.
        """
        if as_of not in self._days:
            self._days[as_of] = self._read(as_of)
        return self._days[as_of].get(park_id, EMPTY)

    def first_reached(self, park_id: str, producing_m2: float, until: date) -> date | None:
        """Return the first day on which a park had so much land in production.

        Parameters
        ----------
        park_id : str
            The park.
        producing_m2 : float
            The area to reach, m2.
        until : date
            Later days do not count.
        """
        # A grain less for every parcel that was rounded down: plots that add up to the target meet it.
        goal = min(round(producing_m2 * GRAINS_PER_M2 * (1 - 1e-9)), MOST_GRAINS)
        wanted = {"park": park_id, "until": until, "goal": goal}
        found = self._connection.execute(_FIRST, wanted).scalar()
        return _day(found) if found else None

    def producing_curve(self, park_id: str, until: date) -> list[tuple[date, float]]:
        """Return a park's land in production at each month's end on which it changed.

        Parameters
        ----------
        park_id : str
            The park.
        until : date
            Later months are left out.

        Returns
        -------
        list of (date, float)
            Month ends and m2.
        """
        rows = self._connection.execute(_MONTHS, {"park": park_id, "until": until})
        return [(_day(row.month_end), int(row.grains) / GRAINS_PER_M2) for row in rows]

    def _read(self, day: date) -> dict[str | None, Holding]:
        closed = day if month_end(day) == day else day.replace(day=1) - timedelta(days=1)
        grains: dict[str, dict[str, int]] = {}
        for row in self._connection.execute(_ON, {"closed": closed, "day": day}):
            grains.setdefault(row.park_id, {})[row.account] = int(row.grains)
        return {park or None: _holding(held) for park, held in grains.items()}


def _holding(grains: dict[str, int]) -> Holding:
    by_status_m2 = {a: grains.get(a.value, 0) / GRAINS_PER_M2 for a in STATUSES}
    return Holding(
        by_status_m2=by_status_m2,
        unmapped_m2=grains.get(UNMAPPED, 0) / GRAINS_PER_M2,
        has_records=any(by_status_m2.values()),
    )


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
