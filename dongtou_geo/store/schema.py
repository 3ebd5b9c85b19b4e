"""Tables of the ledger. Events are only ever appended: triggers refuse anything else."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    DDL,
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
)
from sqlalchemy.types import TypeDecorator

SCHEMA_VERSION = 1


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC as ISO text, equal in every database and sortable as it stands."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write the moment in UTC, always with microseconds so that text order is time order."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Read the moment back as an aware datetime."""
        return None if value is None else datetime.fromisoformat(value)


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", String(500), nullable=False),
)

parcels = Table(
    "parcels",
    metadata,
    Column("parcel_no", String(64), primary_key=True),
    Column("origin", String(16), nullable=False),
    Column("area_basis", String(16), nullable=False),
    Column("geometry_wkb", LargeBinary),
    Column("ledger_area_mu", Float),
    Column("contract_area_mu", Float),
    Column("title_area_mu", Float),
    Column("land_use_code", String(500)),
    Column("occupant", String(500)),
    Column("handed_over_on", Date),
    Column("agreed_start_on", Date),
    Column("agreed_complete_on", Date),
    Column("agreed_produce_on", Date),
    Column("area_started_m2", Float),
    Column("total_investment_wan", Float),
    Column("invested_wan", Float),
    Column("supply_mode", String(500)),
    Column("contract_no", String(500)),
    Column("supervision_no", String(500)),
    Column("responsible_unit", String(500)),
    Column("note", String(500)),
)

events = Table(
    "events",
    metadata,
    Column("event_id", Integer, primary_key=True, autoincrement=True),
    Column("parcel_no", String(64), ForeignKey("parcels.parcel_no"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("recorded_by", String(500), nullable=False),
    Column("source_doc", String(500)),
    Column("area_m2", Float),
    Column("park_id", String(64)),
    Column("supersedes", Integer, ForeignKey("events.event_id")),
    Column("reason", String(500)),
    sqlite_autoincrement=True,
)

# REPLACE deletes without asking a DELETE trigger, so an id that is taken is refused on its own.
_TAKEN = "WHEN EXISTS (SELECT 1 FROM events WHERE event_id = NEW.event_id)"
for _verb, _when in (("UPDATE", ""), ("DELETE", ""), ("INSERT", _TAKEN)):
    event.listen(
        events,
        "after_create",
        DDL(
            f"CREATE TRIGGER events_no_{_verb.lower()} BEFORE {_verb} ON events {_when} "
            "BEGIN SELECT RAISE(ABORT, 'events are only ever appended'); END"
        ).execute_if(dialect="sqlite"),
    )
