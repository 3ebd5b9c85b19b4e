"""Tables of the ledger. Events are only ever appended: triggers refuse anything else."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Float,
    ForeignKey,
    Index,
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

SCHEMA_VERSION = 2
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

parcels = Table(
    "parcels",
    metadata,
    Column("parcel_no", _text(64), primary_key=True),
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
)

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

# What follows is derived from the events, in the transaction that writes them; `verify` rebuilds
# and compares it. Nothing else writes here.

# Every state that a parcel has been in; until_on is the day from which the next one holds.
parcel_states = Table(
    "parcel_states",
    metadata,
    Column("parcel_no", _text(64), ForeignKey("parcels.parcel_no"), primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("until_on", Date, nullable=False),
    Column("since_on", Date, nullable=False),
    Column("park_id", _text(64)),
    Column("status", _text(16), nullable=False),
    Column("area_m2", Float, nullable=False),
    Column("producing_m2", Float, nullable=False),
    Column("stopped_m2", Float, nullable=False),
    Column("halted", Boolean, nullable=False),
    Index("ix_parcel_states_until_park", "until_on", "park_id", "status"),
)

# What moved on a day, and the sum at a month's end, in grains (see GRAINS_PER_M2); park_id "" is
# 园区外, for a primary key cannot be null.
balance_days = Table(
    "balance_days",
    metadata,
    Column("park_id", _text(64), primary_key=True),
    Column("account", _text(16), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("grains", BigInteger, nullable=False),
    # The days since the last month's end, of every park and account at once.
    Index("ix_balance_days_day", "day"),
)

balance_months = Table(
    "balance_months",
    metadata,
    Column("park_id", _text(64), primary_key=True),
    Column("account", _text(16), primary_key=True),
    Column("month_end", Date, primary_key=True),
    Column("grains", BigInteger, nullable=False),
)

_REFUSAL = "events are only ever appended"
# REPLACE deletes without asking a DELETE trigger, so an id that is taken is refused on its own.
_TAKEN = "WHEN EXISTS (SELECT 1 FROM events WHERE event_id = NEW.event_id)"
SQLITE_TRIGGERS = {
    f"events_no_{verb.lower()}": (
        f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events {when} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    )
    for verb, when in (("UPDATE", ""), ("DELETE", ""), ("INSERT", _TAKEN))
}
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION events_appended() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
)
POSTGRESQL_TRIGGERS = {
    "events_appended": (
        "CREATE TRIGGER events_appended BEFORE UPDATE OR DELETE ON events "
        "FOR EACH ROW EXECUTE FUNCTION events_appended()"
    ),
    "events_not_emptied": (
        "CREATE TRIGGER events_not_emptied BEFORE TRUNCATE ON events "
        "FOR EACH STATEMENT EXECUTE FUNCTION events_appended()"
    ),
}
for _dialect, _statements in (
    ("sqlite", SQLITE_TRIGGERS.values()),
    ("postgresql", (_FUNCTION, *POSTGRESQL_TRIGGERS.values())),
):
    for _statement in _statements:
        event.listen(events, "after_create", DDL(_statement).execute_if(dialect=_dialect))
