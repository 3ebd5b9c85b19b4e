"""Tables of the ledger. Events and former entries are only appended: triggers refuse all else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    event,
    func,
)
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

SCHEMA_VERSION = 4
SRID = 4490


def _text(length: int) -> String:
    """Return text that sorts by code point in every database, whatever language it speaks."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC as ISO text, equal in every database and sortable as it stands."""

    impl = _text(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write the moment in UTC, always with microseconds so that text order is time order."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Read the moment back as an aware datetime."""
        return None if value is None else datetime.fromisoformat(value)


class _PostgisOutline(UserDefinedType[bytes]):
    """PostGIS geometry, handed in and out as WKB."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """Return the column's type."""
        return f"geometry(Geometry,{SRID})"

    def bind_expression(self, bindvalue: BindParameter[bytes]) -> ColumnElement[bytes]:
        """Read what is written as WKB."""
        return func.ST_GeomFromWKB(bindvalue, SRID, type_=self)

    def column_expression(self, column: ColumnElement[bytes]) -> ColumnElement[bytes]:
        """Hand out WKB, in the byte order that the outline was most likely written in."""
        return func.ST_AsBinary(column, "NDR", type_=self)


class OutlineWkb(TypeDecorator[bytes]):
    """A parcel's outline as WKB: bytes in SQLite, a geometry in PostGIS."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[bytes]:
        """Choose by database."""
        return _PostgisOutline() if dialect.name == "postgresql" else LargeBinary()


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", _text(64), primary_key=True),
    Column("value", _text(500), nullable=False),
)


def _register() -> list[Column[Any]]:
    """Return the columns of a register entry beside its number."""
    return [
        Column("origin", _text(16), nullable=False),
        Column("area_basis", _text(16), nullable=False),
        Column("geometry_wkb", OutlineWkb),
        Column("ledger_area_mu", Float),
        Column("contract_area_mu", Float),
        Column("title_area_mu", Float),
        Column("land_use_code", _text(500)),
        Column("occupant", _text(500)),
        Column("handed_over_on", Date),
        Column("agreed_start_on", Date),
        Column("agreed_complete_on", Date),
        Column("agreed_produce_on", Date),
        Column("area_started_m2", Float),
        Column("total_investment_wan", Float),
        Column("invested_wan", Float),
        Column("supply_mode", _text(500)),
        Column("contract_no", _text(500)),
        Column("supervision_no", _text(500)),
        Column("responsible_unit", _text(500)),
        Column("note", _text(500)),
    ]


parcels = Table("parcels", metadata, Column("parcel_no", _text(64), primary_key=True), *_register())

events = Table(
    "events",
    metadata,
    Column("event_id", Integer, primary_key=True, autoincrement=True),
    Column("parcel_no", _text(64), ForeignKey("parcels.parcel_no"), nullable=False, index=True),
    Column("kind", _text(16), nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("recorded_by", _text(500), nullable=False),
    Column("source_doc", _text(500)),
    Column("area_m2", Float),
    Column("park_id", _text(64)),
    Column("supersedes", Integer, ForeignKey("events.event_id")),
    Column("reason", _text(500)),
    Column("related_no", _text(64)),
    Column("open_stage", _text(16)),
    Column("open_producing_m2", Float),
    Column("open_stopped_m2", Float),
    Column("open_halted", Boolean),
    Column("import_id", _text(32), ForeignKey("imports.import_id"), index=True),
    Column("month_only", Boolean),
    sqlite_autoincrement=True,
)

imports = Table(
    "imports",
    metadata,
    Column("import_id", _text(32), primary_key=True),
    Column("file", _text(500), nullable=False),
    Column("sha256", _text(64), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("recorded_by", _text(500), nullable=False),
    Column("undone_at", UtcDateTime),
    Column("undone_by", _text(500)),
)

# What a register entry said before it was changed, counted from 1: with replaced_at, which outline
# was in force at any moment of knowledge. import_id is the import that made the change, or whose
# change this one took back.
parcel_versions = Table(
    "parcel_versions",
    metadata,
    Column("parcel_no", _text(64), ForeignKey("parcels.parcel_no"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("replaced_at", UtcDateTime, nullable=False),
    Column("replaced_by", _text(500), nullable=False),
    Column("import_id", _text(32), ForeignKey("imports.import_id"), index=True),
    *_register(),
)

# What became of the plan's projects. A project is known by its number in the annex, which lies in
# geodata/ and not in the ledger: whoever writes checks that it is there.
project_events = Table(
    "project_events",
    metadata,
    Column("event_id", Integer, primary_key=True, autoincrement=True),
    Column("project_no", Integer, nullable=False, index=True),
    Column("kind", _text(16), nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("day_precision", _text(16), nullable=False),
    Column("source_doc", _text(500), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("recorded_by", _text(500), nullable=False),
    Column("stage", _text(16)),
    Column("invested_wan", Float),
    Column("supersedes", Integer, ForeignKey("project_events.event_id")),
    Column("reason", _text(500)),
    sqlite_autoincrement=True,
)

# What follows is derived from the events, in the transaction that writes them; `verify` rebuilds
# and compares it. Nothing else writes here.

# Every state that a parcel has been in; until_on is the day from which the next one holds. Whole
# rows lie in the order of the key (SQLite: WITHOUT ROWID), so that no index beside it is needed.
parcel_states = Table(
    "parcel_states",
    metadata,
    Column("parcel_no", _text(64), primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("until_on", Date, nullable=False),
    Column("since_on", Date, nullable=False),
    Column("park_id", _text(64)),
    Column("status", _text(16), nullable=False),
    Column("area_m2", Float, nullable=False),
    Column("producing_m2", Float, nullable=False),
    Column("stopped_m2", Float, nullable=False),
    Column("halted", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# What moved on a day, in grains (see GRAINS_PER_M2); park_id "" is 园区外, for a primary key cannot
# be null. The day comes first: what is asked for is the days since a month's end, of all at once.
balance_days = Table(
    "balance_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("park_id", _text(64), primary_key=True),
    Column("account", _text(16), primary_key=True),
    Column("grains", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# The sum at the end of each month in which something moved, and the highest sum after any of its
# days: the first day that reached a goal lies in the first month whose peak did.
balance_months = Table(
    "balance_months",
    metadata,
    Column("park_id", _text(64), primary_key=True),
    Column("account", _text(16), primary_key=True),
    Column("month_end", Date, primary_key=True),
    Column("grains", BigInteger, nullable=False),
    Column("peak_grains", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

_REFUSAL = "{table} are only ever appended"
# REPLACE deletes without asking a DELETE trigger, so a key that is taken is refused on its own.
_TAKEN = {
    "events": "event_id = NEW.event_id",
    "parcel_versions": "parcel_no = NEW.parcel_no AND version = NEW.version",
    "project_events": "event_id = NEW.event_id",
}
SQLITE_TRIGGERS = {
    f"{table}_no_{verb.lower()}": (
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL.format(table=table)}'); END"
    )
    for table, taken in _TAKEN.items()
    for verb, when in (
        ("UPDATE", ""),
        ("DELETE", ""),
        ("INSERT", f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})"),  # noqa: S608 # names of ours
    )
}
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION {table}_appended() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
)
POSTGRESQL_TRIGGERS = {
    name: (
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
        f"FOR EACH {each} EXECUTE FUNCTION {table}_appended()"
    )
    for table in _TAKEN
    for name, verb, each in (
        (f"{table}_appended", "UPDATE OR DELETE", "ROW"),
        (f"{table}_not_emptied", "TRUNCATE", "STATEMENT"),
    )
}


def guards(table: str, dialect: str) -> list[str]:
    """Return the statements that keep a table's rows from being changed.

    Parameters
    ----------
    table : {"events", "parcel_versions", "project_events"}
        Which.
    dialect : {"sqlite", "postgresql"}
        For which database.
    """
    sqlite = dialect == "sqlite"
    triggers = SQLITE_TRIGGERS if sqlite else POSTGRESQL_TRIGGERS
    own = [sql for sql in triggers.values() if f" ON {table} " in sql]
    return own if sqlite else [_FUNCTION.format(table=table), *own]


for _table in (events, parcel_versions, project_events):
    for _dialect in ("sqlite", "postgresql"):
        for _statement in guards(_table.name, _dialect):
            event.listen(_table, "after_create", DDL(_statement).execute_if(dialect=_dialect))
