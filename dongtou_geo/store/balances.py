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
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.store.posting import GRAINS_PER_M2, MOST_GRAINS, UNMAPPED, month_end

# ruff: noqa: S608 # what is put into these queries are names and accounts of ours

# The parks, one look each: neither database skips from one key to the next by itself.
_PARKS = """
    WITH RECURSIVE parks(park_id) AS (
        SELECT MIN(park_id) FROM balance_months
        UNION ALL
        SELECT (SELECT MIN(later.park_id) FROM balance_months later
                WHERE later.park_id > parks.park_id)
        FROM parks WHERE parks.park_id IS NOT NULL
    )
"""
_READ = ", ".join(f"('{account}')" for account in (*(a.value for a in STATUSES), UNMAPPED))
_PARK_IDS = text(f"{_PARKS} SELECT park_id FROM parks WHERE park_id IS NOT NULL")
_ON = text(f"""
    {_PARKS}, accounts(account) AS (VALUES {_READ})
    SELECT parks.park_id, accounts.account, (
        SELECT months.grains FROM balance_months months
        WHERE months.park_id = parks.park_id AND months.account = accounts.account
        AND months.month_end <= :closed ORDER BY months.month_end DESC LIMIT 1
    ) AS grains
    FROM parks CROSS JOIN accounts WHERE parks.park_id IS NOT NULL
    UNION ALL
    SELECT park_id, account, SUM(grains) FROM balance_days
    WHERE day > :closed AND day <= :day GROUP BY park_id, account
""").bindparams(bindparam("closed", type_=Date), bindparam("day", type_=Date))
_PRODUCING = f"park_id = :park AND account = '{Account.IN_PRODUCTION.value}'"
_MONTHS = text(f"""
    SELECT month_end, grains FROM balance_months
    WHERE {_PRODUCING} AND month_end <= :until ORDER BY month_end
""").bindparams(bindparam("until", type_=Date))
# The first month that reached the goal on any day, and what the month before it had left.
_REACHING = text(f"""
    SELECT month_end, grains FROM balance_months
    WHERE {_PRODUCING} AND month_end <= (
        SELECT MIN(month_end) FROM balance_months WHERE {_PRODUCING} AND peak_grains >= :goal
    ) ORDER BY month_end DESC LIMIT 2
""")
_DAYS = text(f"""
    SELECT day, grains FROM balance_days
    WHERE day BETWEEN :first AND :last AND {_PRODUCING} ORDER BY day
""").bindparams(bindparam("first", type_=Date), bindparam("last", type_=Date))


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
        rows = self._connection.execute(_PARK_IDS)
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
        wanted = {"park": park_id, "goal": goal}
        months = self._connection.execute(_REACHING, wanted).all()
        if not months:
            return None
        end = _day(months[0].month_end)
        held = sum(month.grains for month in months[1:])
        month = {"park": park_id, "first": end.replace(day=1), "last": min(end, until)}
        for row in self._connection.execute(_DAYS, month):
            held += row.grains
            if held >= goal:
                return _day(row.day)
        return None

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
            if row.grains is not None:
                held = grains.setdefault(row.park_id, {})
                held[row.account] = held.get(row.account, 0) + int(row.grains)
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
