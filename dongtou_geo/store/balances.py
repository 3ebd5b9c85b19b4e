"""What each park holds on any day, read from the ledger's own books.

Notes
-----
A day's holding is one month-end sum and at most 31 days of deltas, however many parcels there
are; so it stays within milliseconds at a million of them.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby

from sqlalchemy import Connection, Date, bindparam, text

from dongtou_geo.domain.balance import EMPTY, Holding
from dongtou_geo.domain.day import month_end
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.store.posting import GRAINS_PER_M2, MOST_GRAINS, UNMAPPED

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
    SELECT park_id, account, CAST(SUM(grains) AS BIGINT) FROM balance_days
    WHERE day > :closed AND day <= :day GROUP BY park_id, account
""").bindparams(bindparam("closed", type_=Date), bindparam("day", type_=Date))
_PRODUCING = f"park_id = :park AND account = '{Account.IN_PRODUCTION.value}'"
_MONTHS = text(f"""
    SELECT month_end, grains FROM balance_months
    WHERE {_PRODUCING} AND month_end <= :until ORDER BY month_end
""").bindparams(bindparam("until", type_=Date))
_ALL_MONTHS = text("""
    SELECT month_end, account, grains FROM balance_months
    WHERE park_id = :park AND month_end <= :until ORDER BY month_end
""").bindparams(bindparam("until", type_=Date))
# The days of the first month that reached the goal on any of them, and what was held before it.
_REACHING = f"""
    SELECT days.day, days.grains, reaching.held FROM (
        SELECT month_end, (
            SELECT before.grains FROM balance_months before
            WHERE before.park_id = months.park_id AND before.account = months.account
            AND before.month_end < months.month_end ORDER BY before.month_end DESC LIMIT 1
        ) AS held
        FROM balance_months months WHERE {_PRODUCING} AND peak_grains >= :goal
        ORDER BY month_end LIMIT 1
    ) reaching JOIN balance_days days ON days.day BETWEEN {{first_day}} AND reaching.month_end
    WHERE {_PRODUCING} AND days.day <= :until ORDER BY days.day
"""
_FIRST_DAY = {
    "sqlite": "date(reaching.month_end, 'start of month')",
    "postgresql": "date_trunc('month', reaching.month_end)::date",
}
_FIRST = {
    dialect: text(_REACHING.format(first_day=first_day.replace(":", r"\:"))).bindparams(
        bindparam("until", type_=Date)
    )
    for dialect, first_day in _FIRST_DAY.items()
}


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
        self._parks: frozenset[str | None] | None = None

    @property
    def park_ids(self) -> frozenset[str | None]:
        """Return the parks that ever held land; None = 园区外."""
        if self._parks is None:
            rows = self._connection.execute(_PARK_IDS)
            self._parks = frozenset(row.park_id or None for row in rows)
        return self._parks

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
        wanted = {"park": park_id, "goal": goal, "until": until}
        moved = 0
        for row in self._connection.execute(_FIRST[self._connection.dialect.name], wanted):
            moved += row.grains
            if (row.held or 0) + moved >= goal:
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

    def months(self, park_id: str | None, until: date) -> list[tuple[date, Holding]]:
        """Return what a park held at each month's end on which that had changed.

        Parameters
        ----------
        park_id : str or None
            The park; None = 园区外.
        until : date
            Later month ends are left out.
        """
        rows = self._connection.execute(_ALL_MONTHS, {"park": park_id or "", "until": until})
        held: dict[str, int] = {}
        found: dict[date, Holding] = {}
        for end, moved in groupby(rows, key=lambda row: _day(row.month_end)):
            held |= {row.account: int(row.grains) for row in moved}
            found[end] = _holding(held)
        return list(found.items())

    def _read(self, day: date) -> dict[str | None, Holding]:
        first = day.replace(day=1)
        # Before the calendar's first month there is none to close.
        before = first - timedelta(days=1) if first > date.min else date.min
        closed = day if month_end(day) == day else before
        grains: dict[str, dict[str, int]] = {}
        for row in self._connection.execute(_ON, {"closed": closed, "day": day}):
            held = grains.setdefault(row.park_id, {})
            if row.grains is not None:
                held[row.account] = held.get(row.account, 0) + int(row.grains)
        # Every park is asked for every account, whatever it held on that day.
        self._parks = frozenset(park or None for park in grains)
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
