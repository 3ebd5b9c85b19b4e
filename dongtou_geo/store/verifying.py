"""ledger verify: is the file sound, and do the books say what the events say."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import cast

from sqlalchemy import Connection, inspect, text

from dongtou_geo.domain.problem import Problem, Severity
from dongtou_geo.store import schema
from dongtou_geo.store.book_checks import book_problems
from dongtou_geo.store.findings import found
from dongtou_geo.store.project_events import project_event_problems
from dongtou_geo.store.sqlite_files import damage

# Of each kind of finding; a broken ledger may have millions.
SHOWN = 20

_SQLITE_TRIGGERS = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
_POSTGRESQL_TRIGGERS = text("""
    SELECT tgname AS name, pg_get_triggerdef(oid) AS sql FROM pg_trigger
    WHERE tgrelid IN ('events'::regclass, 'parcel_versions'::regclass, 'project_events'::regclass)
    AND NOT tgisinternal AND tgenabled IN ('O', 'A')
""")
_EMPTY = text("""
    SELECT parcel_no FROM parcels
    WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.parcel_no = parcels.parcel_no)
    ORDER BY parcel_no
""")
# Versions of an entry are counted from 1 without a gap.
_GAPS = text("""
    SELECT parcel_no, MAX(version) AS last, COUNT(*) AS kept FROM parcel_versions
    GROUP BY parcel_no HAVING MIN(version) <> 1 OR MAX(version) <> COUNT(*) ORDER BY parcel_no
""")
_ELSEWHERE = text("""
    SELECT later.event_id, later.parcel_no, later.supersedes, earlier.parcel_no AS other
    FROM events later JOIN events earlier ON earlier.event_id = later.supersedes
    WHERE earlier.parcel_no <> later.parcel_no OR earlier.event_id >= later.event_id
    ORDER BY later.event_id
""")


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
    checks = (_triggers, _indices, _references, _history, project_event_problems, book_problems)
    findings = damaged or chain.from_iterable(check(connection) for check in checks)
    return [replace(one, file=name) for one in _few(findings)]


def _few(findings: Iterable[Problem]) -> Iterator[Problem]:
    counts: Counter[tuple[str, Severity]] = Counter()
    for one in findings:
        counts[one.code, one.severity] += 1
        if counts[one.code, one.severity] <= SHOWN:
            yield one
    for (code, severity), number in counts.items():
        if number > SHOWN:
            more = f"同类问题另有 {number - SHOWN} 条，未逐一列出"
            yield found(code, more, value=number, severity=severity)


# The file


def _damage(connection: Connection) -> Iterator[Problem]:
    if connection.dialect.name != "sqlite":
        return  # PostgreSQL checks pages and references by itself
    raw = cast("sqlite3.Connection", connection.connection.driver_connection)
    for said in damage(raw):
        yield found("file_damaged", f"台账文件已损坏：{said}；请从备份恢复", value=said)


def _triggers(connection: Connection) -> Iterator[Problem]:
    sqlite = connection.dialect.name == "sqlite"
    wanted = schema.SQLITE_TRIGGERS if sqlite else schema.POSTGRESQL_TRIGGERS
    query = _SQLITE_TRIGGERS if sqlite else _POSTGRESQL_TRIGGERS
    present = {row.name: _words(row.sql) for row in connection.execute(query)}
    for name, sql in wanted.items():
        if present.get(name) != _words(sql):
            message = f"保护记录不被改动的触发器 {name} 缺失、被停用或被改动"
            yield found("trigger_missing", message, feature=name)


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
                yield found("index_missing", message, feature=index, severity=Severity.WARNING)


# The events


def _references(connection: Connection) -> Iterator[Problem]:
    for row in connection.execute(_ELSEWHERE):
        message = (
            f"地块 {row.parcel_no} 的第 {row.event_id} 号记录更正的是"
            f"地块 {row.other} 的第 {row.supersedes} 号，应为本地块更早的记录"
        )
        yield found("supersedes_elsewhere", message, feature=row.parcel_no, value=row.supersedes)
    for number in connection.execute(_EMPTY).scalars():
        message = f"地块 {number} 没有任何记录，不计入任何数字"
        yield found("no_events", message, feature=number, severity=Severity.WARNING)


# The register


def _history(connection: Connection) -> Iterator[Problem]:
    for row in connection.execute(_GAPS):
        message = (
            f"地块 {row.parcel_no} 的登记信息历史有 {row.kept} 个版本，"
            f"而最后一个是第 {row.last} 版，中间缺失"
        )
        yield found("versions_missing", message, feature=row.parcel_no, value=row.kept)
