"""The ledgers of version 1: a register, events, and nothing derived from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_REFUSAL = "BEGIN SELECT RAISE(ABORT, 'events are only ever appended'); END"


def upgrade() -> None:
    """Make an empty ledger of version 1."""
    op.create_table(
        "meta",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("value", sa.String(500), nullable=False),
    )
    _create_parcels()
    _create_events()
    op.bulk_insert(
        sa.table("meta", sa.column("key"), sa.column("value")),
        [{"key": "schema_version", "value": "1"}],
    )


def _create_parcels() -> None:
    measures = ("ledger_area_mu", "contract_area_mu", "title_area_mu")
    days = ("handed_over_on", "agreed_start_on", "agreed_complete_on", "agreed_produce_on")
    money = ("area_started_m2", "total_investment_wan", "invested_wan")
    words = ("supply_mode", "contract_no", "supervision_no", "responsible_unit", "note")
    op.create_table(
        "parcels",
        sa.Column("parcel_no", sa.String(64), primary_key=True),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("area_basis", sa.String(16), nullable=False),
        sa.Column("geometry_wkb", sa.LargeBinary),
        *(sa.Column(name, sa.Float) for name in measures),
        sa.Column("land_use_code", sa.String(500)),
        sa.Column("occupant", sa.String(500)),
        *(sa.Column(name, sa.Date) for name in days),
        *(sa.Column(name, sa.Float) for name in money),
        *(sa.Column(name, sa.String(500)) for name in words),
    )


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("event_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("parcel_no", sa.String(64), sa.ForeignKey("parcels.parcel_no"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.String(500), nullable=False),
        sa.Column("source_doc", sa.String(500)),
        sa.Column("area_m2", sa.Float),
        sa.Column("park_id", sa.String(64)),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("events.event_id")),
        sa.Column("reason", sa.String(500)),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_parcel_no", "events", ["parcel_no"])
    taken = "WHEN EXISTS (SELECT 1 FROM events WHERE event_id = NEW.event_id)"
    for verb, when in (("UPDATE", ""), ("DELETE", ""), ("INSERT", taken)):
        op.execute(
            f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events {when} {_REFUSAL}"
        )
