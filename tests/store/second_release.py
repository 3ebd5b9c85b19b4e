"""A ledger of version 2, as the second release made it, in either home; its program is gone."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import shapely

OUTLINE = shapely.box(121.1, 27.8, 121.1 + 1 / 3000, 27.81)
AT = "2026-06-01T04:00:00.123456+00:00"
TABLES = """
CREATE TABLE balance_days (park_id VARCHAR(64) NOT NULL, account VARCHAR(16) NOT NULL,
    day DATE NOT NULL, grains BIGINT NOT NULL, PRIMARY KEY (park_id, account, day));
CREATE INDEX ix_balance_days_day ON balance_days (day);
CREATE TABLE balance_months (park_id VARCHAR(64) NOT NULL, account VARCHAR(16) NOT NULL,
    month_end DATE NOT NULL, grains BIGINT NOT NULL, PRIMARY KEY (park_id, account, month_end));
CREATE TABLE imports (import_id VARCHAR(32) NOT NULL, file VARCHAR(500) NOT NULL,
    sha256 VARCHAR(64) NOT NULL, recorded_at VARCHAR(32) NOT NULL,
    recorded_by VARCHAR(500) NOT NULL, undone_at VARCHAR(32), undone_by VARCHAR(500),
    PRIMARY KEY (import_id));
CREATE TABLE meta (key VARCHAR(64) NOT NULL, value VARCHAR(500) NOT NULL, PRIMARY KEY (key));
CREATE TABLE parcels (parcel_no VARCHAR(64) NOT NULL, origin VARCHAR(16) NOT NULL,
    area_basis VARCHAR(16) NOT NULL, geometry_wkb BLOB, ledger_area_mu FLOAT,
    contract_area_mu FLOAT, title_area_mu FLOAT, land_use_code VARCHAR(500),
    occupant VARCHAR(500), handed_over_on DATE, agreed_start_on DATE, agreed_complete_on DATE,
    agreed_produce_on DATE, area_started_m2 FLOAT, total_investment_wan FLOAT,
    invested_wan FLOAT, supply_mode VARCHAR(500), contract_no VARCHAR(500),
    supervision_no VARCHAR(500), responsible_unit VARCHAR(500), note VARCHAR(500),
    PRIMARY KEY (parcel_no));
CREATE TABLE events (event_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    parcel_no VARCHAR(64) NOT NULL, kind VARCHAR(16) NOT NULL, effective_on DATE NOT NULL,
    recorded_at VARCHAR(32) NOT NULL, recorded_by VARCHAR(500) NOT NULL,
    source_doc VARCHAR(500), area_m2 FLOAT, park_id VARCHAR(64), supersedes INTEGER,
    reason VARCHAR(500), related_no VARCHAR(64), open_stage VARCHAR(16),
    open_producing_m2 FLOAT, open_stopped_m2 FLOAT, open_halted BOOLEAN, import_id VARCHAR(32),
    FOREIGN KEY(parcel_no) REFERENCES parcels (parcel_no),
    FOREIGN KEY(supersedes) REFERENCES events (event_id),
    FOREIGN KEY(import_id) REFERENCES imports (import_id));
CREATE INDEX ix_events_import_id ON events (import_id);
CREATE INDEX ix_events_parcel_no ON events (parcel_no);
CREATE TABLE parcel_states (parcel_no VARCHAR(64) NOT NULL, from_on DATE NOT NULL,
    until_on DATE NOT NULL, since_on DATE NOT NULL, park_id VARCHAR(64),
    status VARCHAR(16) NOT NULL, area_m2 FLOAT NOT NULL, producing_m2 FLOAT NOT NULL,
    stopped_m2 FLOAT NOT NULL, halted BOOLEAN NOT NULL, PRIMARY KEY (parcel_no, from_on),
    FOREIGN KEY(parcel_no) REFERENCES parcels (parcel_no));
CREATE INDEX ix_parcel_states_until_park ON parcel_states (until_on, park_id, status);
"""
SQLITE_GUARDS = (
    "CREATE TRIGGER events_no_update BEFORE UPDATE ON events"
    " BEGIN SELECT RAISE(ABORT, 'events are only ever appended'); END",
    "CREATE TRIGGER events_no_delete BEFORE DELETE ON events"
    " BEGIN SELECT RAISE(ABORT, 'events are only ever appended'); END",
    "CREATE TRIGGER events_no_insert BEFORE INSERT ON events"
    " WHEN EXISTS (SELECT 1 FROM events WHERE event_id = NEW.event_id)"
    " BEGIN SELECT RAISE(ABORT, 'events are only ever appended'); END",
)
POSTGRESQL_GUARDS = (
    "CREATE OR REPLACE FUNCTION events_appended() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'events are only ever appended'; END $$",
    "CREATE TRIGGER events_appended BEFORE UPDATE OR DELETE ON events"
    " FOR EACH ROW EXECUTE FUNCTION events_appended()",
    "CREATE TRIGGER events_not_emptied BEFORE TRUNCATE ON events"
    " FOR EACH STATEMENT EXECUTE FUNCTION events_appended()",
)
LINES = (
    "'A', 'register', '2016-01-01', {at}, '张三', NULL, 1000.25, 'park_a', NULL, NULL, 'imp-1'",
    "'B', 'register', '2016-02-01', {at}, '张三', NULL, 500.0, NULL, NULL, NULL, NULL",
    "'A', 'produce', '2018-03-10', {at}, '李四', '批文', 400.5, NULL, NULL, NULL, 'imp-1'",
    "'A', 'produce', '2018-04-10', {at}, '李四', NULL, 400.5, NULL, 3, '日期写错', NULL",
    "'A', 'stop', '2018-04-20', {at}, '李四', NULL, 100.0, NULL, NULL, NULL, NULL",
)
COLUMNS = (
    "parcel_no, kind, effective_on, recorded_at, recorded_by, source_doc, area_m2, park_id,"
    " supersedes, reason, import_id"
)
# The books of that version are not looked at: they are built anew.
ROWS = (
    "INSERT INTO meta VALUES ('schema_version', '2'), ('ledger_id', 'v2')",
    "INSERT INTO parcels (parcel_no, origin, area_basis, geometry_wkb, note) VALUES"
    " ('A', 'land', 'drawn', {outline}, '注'), ('B', 'filled_sea', 'ledger', NULL, NULL)",
    "INSERT INTO imports VALUES ('imp-1', '甲.xlsx', 'ab', {at}, '张三', NULL, NULL)",
    *(f"INSERT INTO events ({COLUMNS}) VALUES ({line})" for line in LINES),
    "INSERT INTO parcel_states VALUES"
    " ('A', '2016-01-01', '9999-12-31', '2016-01-01', NULL, 'planned', 1, 0, 0, {no})",
    "INSERT INTO balance_days VALUES ('park_a', 'planned', '2016-01-01', 7)",
    "INSERT INTO balance_months VALUES ('park_a', 'planned', '2016-01-31', 7)",
)


def in_sqlite(path: Path, *more: str) -> Path:
    """Make the ledger in a file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(TABLES)
        outline = f"X'{OUTLINE.wkb.hex()}'"
        _fill(connection.execute, (*SQLITE_GUARDS, *ROWS, *more), outline, "0")
        connection.commit()
    return path


def in_postgresql(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Make the ledger in a database with PostGIS."""
    tables = re.sub(r"(VARCHAR\(\d+\))", r'\1 COLLATE "C"', TABLES)
    tables = tables.replace("BLOB", "geometry(Geometry,4490)")
    tables = tables.replace("INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", "SERIAL PRIMARY KEY")
    connection.execute(tables.encode())
    outline = f"ST_GeomFromText('{OUTLINE.wkt}', 4490)"
    _fill(
        lambda sql: connection.execute(sql.encode()),
        (*POSTGRESQL_GUARDS, *ROWS),
        outline,
        "false",
    )


def _fill(
    execute: Callable[[str], object], statements: tuple[str, ...], outline: str, no: str
) -> None:
    words = {"{at}": f"'{AT}'", "{outline}": outline, "{no}": no}
    for statement in statements:
        execute(re.sub(r"\{\w+\}", lambda mark: words[mark[0]], statement))
