"""Keeping the books: what events move is posted in the transaction that writes them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import Connection, Table, bindparam, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from dongtou_geo.domain.account import ParcelState
from dongtou_geo.domain.status import Account
from dongtou_geo.store import postgis, schema

# Balances are whole numbers, so that adding and taking away leaves nothing behind: 1e-8 m2 each.
# A million parcels of 1 ha are 1e18 of them, within a 64-bit column.
GRAINS_PER_M2 = 10**8
# Beside the accounts: land without an outline (未落图), counted once more.
UNMAPPED = "unmapped"
OUTSIDE_PARKS = ""

Key = tuple[str, str]
Deltas = dict[Key, dict[date, int]]


def post(deltas: Deltas, states: Iterable[ParcelState], sign: int, *, unmapped: bool) -> None:
    """Add what a parcel's states moved to the deltas.

    Parameters
    ----------
    deltas : dict
        Grains by (park, account) and day; added to.
    states : iterable of ParcelState
        One parcel, in order.
    sign : {-1, 1}
        -1 takes back what an earlier run posted.
    unmapped : bool
        The parcel has no outline.
    """
    before: dict[Key, int] = {}
    for state in states:
        after = holdings(state, unmapped=unmapped)
        for key in before.keys() | after.keys():
            moved = sign * (after.get(key, 0) - before.get(key, 0))
            if moved:
                day = deltas.setdefault(key, {})
                day[state.on] = day.get(state.on, 0) + moved
        before = after


def holdings(state: ParcelState, *, unmapped: bool) -> dict[Key, int]:
    """Return the grains that a parcel's state holds in each (park, account); they sum to zero.

    Parameters
    ----------
    state : ParcelState
        The state.
    unmapped : bool
        The parcel has no outline; its land is then counted once more, outside the sum.
    """
    park = state.park_id or OUTSIDE_PARKS
    held = {(park, a.value): round(m2 * GRAINS_PER_M2) for a, m2 in state.split().items()}
    land = sum(held.values())
    adjusted = round(state.adjusted_m2 * GRAINS_PER_M2)
    if unmapped:
        held[park, UNMAPPED] = land
    held[park, Account.ADJUSTMENT.value] = adjusted
    held[park, Account.OUTSIDE.value] = -land - adjusted
    return held


def write(connection: Connection, deltas: Deltas) -> None:
    """Write deltas into the day and month tables.

    Parameters
    ----------
    connection : Connection
        Inside the transaction that writes the events.
    deltas : dict
        Grains by (park, account) and day.
    """
    moved = {key: {day: g for day, g in days.items() if g} for key, days in deltas.items()}
    day_rows = [
        {"park_id": park, "account": account, "day": day, "grains": grains}
        for (park, account), days in moved.items()
        for day, grains in days.items()
    ]
    if not day_rows:
        return
    _add(connection, schema.balance_days, day_rows)
    month_rows = [
        row for key, days in moved.items() if days for row in _months(connection, key, days)
    ]
    _put(connection, schema.balance_months, month_rows)
    _forget_empty_months(connection, moved)


def clear(connection: Connection) -> None:
    """Empty every derived table, before all of them are built anew."""
    for table in (schema.parcel_states, schema.balance_days, schema.balance_months):
        connection.execute(delete(table))


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _months(connection: Connection, key: Key, days: Mapping[date, int]) -> list[dict[str, object]]:
    """Return the month ends of one account that change: the month of each delta, and all later."""
    table = schema.balance_months
    query = select(table.c.month_end, table.c.grains).where(
        table.c.park_id == key[0], table.c.account == key[1]
    )
    sums = {row.month_end: int(row.grains) for row in connection.execute(query)}
    changes: dict[date, int] = {}
    for day, grains in days.items():
        changes[month_end(day)] = changes.get(month_end(day), 0) + grains
    first, held, added = min(changes), 0, 0
    rows: list[dict[str, object]] = []
    for end in sorted(sums.keys() | changes.keys()):
        held = sums.get(end, held)
        added += changes.get(end, 0)
        if end >= first:
            row = {"month_end": end, "grains": held + added}
            rows.append({"park_id": key[0], "account": key[1], **row})
    return rows


def _add(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    statement = _upsert(connection, table)
    keys = [column.name for column in table.primary_key]
    added = table.c.grains + statement.excluded.grains
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_={"grains": added}), rows
    )
    # Only the rows just touched can have come to nothing.
    gone = [table.c[key] == bindparam(f"gone_{key}") for key in keys]
    connection.execute(
        delete(table).where(table.c.grains == 0, *gone),
        [{f"gone_{key}": row[key] for key in keys} for row in rows],
    )


def _forget_empty_months(connection: Connection, moved: Deltas) -> None:
    """Drop the sums of months in which, after a correction, nothing moves any more."""
    touched = [
        {"gone_park": park, "gone_account": account, "first": end.replace(day=1), "last": end}
        for (park, account), days in moved.items()
        for end in {month_end(day) for day in days}
    ]
    months, days = schema.balance_months, schema.balance_days
    remaining = select(days.c.day).where(
        days.c.park_id == bindparam("gone_park"),
        days.c.account == bindparam("gone_account"),
        days.c.day.between(bindparam("first"), bindparam("last")),
    )
    connection.execute(
        delete(months).where(
            months.c.park_id == bindparam("gone_park"),
            months.c.account == bindparam("gone_account"),
            months.c.month_end == bindparam("last"),
            ~remaining.exists(),
        ),
        touched,
    )


def _put(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    statement = _upsert(connection, table)
    keys = [column.name for column in table.primary_key]
    newer = {"grains": statement.excluded.grains}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=newer), rows)


def _upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_rows(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    """Insert rows where there are any."""
    if connection.dialect.name == "postgresql" and len(rows) >= postgis.MANY:
        postgis.copy_in(connection, table, rows)
    elif rows:
        connection.execute(insert(table), rows)
