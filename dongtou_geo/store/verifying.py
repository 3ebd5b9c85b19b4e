"""ledger verify: is the file sound, and do the books say what the events say."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import Any, cast

from sqlalchemy import Connection, inspect, select, text

from dongtou_geo.domain.account import ParcelState, transitions
from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.event import Event, standing
from dongtou_geo.domain.problem import Problem, Severity
from dongtou_geo.errors import EventError, LedgerError
from dongtou_geo.store import posting, schema, writing
from dongtou_geo.store.rows import state_rows
from dongtou_geo.store.sqlite_files import damage

# Of each kind of finding; a broken ledger may have millions.
SHOWN = 20
PARCELS_AT_A_TIME = 20_000

_SQLITE_TRIGGERS = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
_POSTGRESQL_TRIGGERS = text("""
    SELECT tgname AS name, pg_get_triggerdef(oid) AS sql FROM pg_trigger
    WHERE tgrelid = 'events'::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')
""")
_EMPTY = text("""
    SELECT parcel_no FROM parcels
    WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.parcel_no = parcels.parcel_no)
    ORDER BY parcel_no
""")
_ELSEWHERE = text("""
    SELECT later.event_id, later.parcel_no, later.supersedes, earlier.parcel_no AS other
    FROM events later JOIN events earlier ON earlier.event_id = later.supersedes
    WHERE earlier.parcel_no <> later.parcel_no OR earlier.event_id >= later.event_id
    ORDER BY later.event_id
""")
_UNBALANCED = text(f"""
    SELECT park_id, day, SUM(grains) AS grains FROM balance_days
    WHERE account <> '{posting.UNMAPPED}' GROUP BY park_id, day HAVING SUM(grains) <> 0
    ORDER BY park_id, day
""")  # noqa: S608 # a constant of ours

BookKey = tuple[str, str, date]
_STATE_COLUMNS = schema.parcel_states.c.keys()


@dataclass(slots=True)
class _Replay:
    """What the events give when every parcel is run once more."""

    deltas: posting.Deltas = field(default_factory=dict)
    whole: bool = True


def problems_of(connection: Connection, name: str) -> list[Problem]:
    """Check a ledger from the file up to the books.

    Parameters
    ----------
    connection : Connection
        A reading transaction of a ledger whose identity was checked.
    name : str
        The ledger in the findings.

    Returns
    -------
    list of Problem
        Empty when all is well; of each kind the first ones, and how many more there are.
    """
    damaged = list(_damage(connection))
    checks = (_triggers, _indices, _references, _books)
    findings = damaged or chain.from_iterable(check(connection) for check in checks)
    return [replace(found, file=name) for found in _few(findings)]


def _found(
    code: str,
    message: str,
    *,
    feature: str | None = None,
    field_name: str | None = None,
    value: object = None,
    expected: object = None,
    severity: Severity = Severity.ERROR,
) -> Problem:
    return Problem(
        file="",
        feature=feature,
        field=field_name,
        value=None if value is None else str(value),
        expected=None if expected is None else str(expected),
        code=code,
        severity=severity,
        message=message,
    )


def _few(findings: Iterable[Problem]) -> Iterator[Problem]:
    counts: Counter[tuple[str, Severity]] = Counter()
    for found in findings:
        counts[found.code, found.severity] += 1
        if counts[found.code, found.severity] <= SHOWN:
            yield found
    for (code, severity), number in counts.items():
        if number > SHOWN:
            more = f"同类问题另有 {number - SHOWN} 条，未逐一列出"
            yield _found(code, more, value=number, severity=severity)


# The file


def _damage(connection: Connection) -> Iterator[Problem]:
    if connection.dialect.name != "sqlite":
        return  # PostgreSQL checks pages and references by itself
    raw = cast("sqlite3.Connection", connection.connection.driver_connection)
    for said in damage(raw):
        yield _found("file_damaged", f"台账文件已损坏：{said}；请从备份恢复", value=said)


def _triggers(connection: Connection) -> Iterator[Problem]:
    sqlite = connection.dialect.name == "sqlite"
    wanted = schema.SQLITE_TRIGGERS if sqlite else schema.POSTGRESQL_TRIGGERS
    query = _SQLITE_TRIGGERS if sqlite else _POSTGRESQL_TRIGGERS
    present = {row.name: _words(row.sql) for row in connection.execute(query)}
    for name, sql in wanted.items():
        if present.get(name) != _words(sql):
            message = f"保护记录不被改动的触发器 {name} 缺失、被停用或被改动"
            yield _found("trigger_missing", message, feature=name)


def _words(sql: str) -> set[str]:
    """Return the words of a statement; PostgreSQL gives them back in an order of its own."""
    return set(sql.replace("public.", "").split())


def _indices(connection: Connection) -> Iterator[Problem]:
    looked_at = inspect(connection)
    for table in schema.metadata.sorted_tables:
        present = {index["name"] for index in looked_at.get_indexes(table.name)}
        for index in sorted(str(index.name) for index in table.indexes):
            if index not in present:
                message = f"表 {table.name} 的索引 {index} 缺失，查询会变慢"
                yield _found("index_missing", message, feature=index, severity=Severity.WARNING)


# The events


def _references(connection: Connection) -> Iterator[Problem]:
    for row in connection.execute(_ELSEWHERE):
        message = (
            f"地块 {row.parcel_no} 的第 {row.event_id} 号记录更正的是"
            f"地块 {row.other} 的第 {row.supersedes} 号，应为本地块更早的记录"
        )
        yield _found("supersedes_elsewhere", message, feature=row.parcel_no, value=row.supersedes)
    for number in connection.execute(_EMPTY).scalars():
        message = f"地块 {number} 没有任何记录，不计入任何数字"
        yield _found("no_events", message, feature=number, severity=Severity.WARNING)


def _events(connection: Connection, numbers: Sequence[str]) -> Iterator[Problem | list[Event]]:
    """Yield the events of each parcel that has any; where a line cannot be read, which."""
    try:
        yield from events_by_parcel(writing.events_of(connection, numbers)).values()
    except (LedgerError, ValueError, TypeError, KeyError) as error:
        if len(numbers) > 1:
            half = len(numbers) // 2
            yield from _events(connection, numbers[:half])
            yield from _events(connection, numbers[half:])
            return
        message = f"地块 {numbers[0]} 有读不懂的记录：{error}"
        yield _found("event_unreadable", message, feature=numbers[0], value=error)


# The books


def _books(connection: Connection) -> Iterator[Problem]:
    query = select(schema.parcels.c.parcel_no).order_by(schema.parcels.c.parcel_no)
    numbers, replay = list(connection.execute(query).scalars()), _Replay()
    for start in range(0, len(numbers), PARCELS_AT_A_TIME):
        yield from _parcels(connection, numbers[start : start + PARCELS_AT_A_TIME], replay)
    yield from _unbalanced(connection)
    if replay.whole:
        days = _daily(replay.deltas)
        yield from _differing("day_book_differs", "当日变动", _stored(connection, "day"), days)
        ends = _running(_monthly(days))
        yield from _differing(
            "month_book_differs", "月末余额", _running(_stored(connection, "month_end")), ends
        )


def _parcels(connection: Connection, numbers: Sequence[str], replay: _Replay) -> Iterator[Problem]:
    unmapped = writing.unmapped_of(connection, numbers)
    stored = _stored_states(connection, numbers)
    for own in _events(connection, numbers):
        if isinstance(own, Problem):
            replay.whole = False
            stored.pop(own.feature or "", None)
            yield own
            continue
        number = own[0].parcel_no
        kept = stored.pop(number, [])
        try:
            states = list(transitions(standing(own)))
        except EventError as error:
            replay.whole = False
            yield _found("events_do_not_fit", str(error), feature=number)
            continue
        posting.post(replay.deltas, states, 1, unmapped=number in unmapped)
        if kept != _state_tuples(states):
            yield _state_differs(number)
    for number in stored:
        yield _state_differs(number)


def _state_differs(number: str) -> Problem:
    return _found("state_differs", f"地块 {number} 的状态表与其记录不符", feature=number)


def _state_tuples(states: list[ParcelState]) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in _STATE_COLUMNS) for row in state_rows(states)]


def _stored_states(
    connection: Connection, numbers: Sequence[str]
) -> dict[str, list[tuple[Any, ...]]]:
    table = schema.parcel_states
    query = select(table).where(table.c.parcel_no.in_(numbers)).order_by(*table.primary_key)
    stored: dict[str, list[tuple[Any, ...]]] = {}
    for row in connection.execute(query):
        stored.setdefault(row.parcel_no, []).append(tuple(row))
    return stored


def _unbalanced(connection: Connection) -> Iterator[Problem]:
    for row in connection.execute(_UNBALANCED):
        off_m2 = int(row.grains) / posting.GRAINS_PER_M2
        message = f"{row.park_id or '园区外'} 在 {row.day} 的借贷不平，差 {off_m2} m²"
        yield _found("unbalanced", message, feature=row.park_id, value=off_m2, expected=0)


def _daily(deltas: posting.Deltas) -> dict[BookKey, int]:
    return {
        (*key, day): grains
        for key, days in deltas.items()
        for day, grains in days.items()
        if grains
    }


def _monthly(days: dict[BookKey, int]) -> dict[BookKey, int]:
    """Return month-end balances of day-by-day deltas."""
    held: Counter[tuple[str, str]] = Counter()
    ends: dict[BookKey, int] = {}
    for park, account, day in sorted(days):
        held[park, account] += days[park, account, day]
        ends[park, account, posting.month_end(day)] = held[park, account]
    return ends


def _running(ends: dict[BookKey, int]) -> dict[BookKey, int]:
    """Leave out month ends that only repeat the balance before."""
    held: dict[tuple[str, str], int] = {}
    kept: dict[BookKey, int] = {}
    for (park, account, end), grains in sorted(ends.items()):
        if held.get((park, account), 0) != grains:
            kept[park, account, end] = held[park, account] = grains
    return kept


def _stored(connection: Connection, day: str) -> dict[BookKey, int]:
    table = schema.balance_days if day == "day" else schema.balance_months
    rows = connection.execute(select(table))
    return {(row.park_id, row.account, row._mapping[day]): int(row.grains) for row in rows}


def _differing(
    code: str, what: str, stored: dict[BookKey, int], expected: dict[BookKey, int]
) -> Iterator[Problem]:
    for key in sorted(stored.keys() | expected.keys()):
        found, wanted = stored.get(key, 0), expected.get(key, 0)
        if found != wanted:
            park, account, day = key
            found_m2, wanted_m2 = (n / posting.GRAINS_PER_M2 for n in (found, wanted))
            message = (
                f"{park or '园区外'} 账户 {account} 在 {day} 的{what}记为 {found_m2} m²，"
                f"按记录应为 {wanted_m2} m²"
            )
            yield _found(
                code,
                message,
                feature=park or None,
                field_name=account,
                value=found_m2,
                expected=wanted_m2,
            )
