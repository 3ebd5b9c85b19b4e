"""Version 2: where a split-off parcel starts, imports, and the books beside the events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns and tables; the books are filled after the last step."""
    op.create_table(
        "imports",
        sa.Column("import_id", sa.String(32), primary_key=True),
        sa.Column("file", sa.String(500), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("recorded_by", sa.String(500), nullable=False),
        sa.Column("undone_at", sa.String(32)),
        sa.Column("undone_by", sa.String(500)),
    )
    _extend_events()
    _create_states()
    _create_balances()


def _extend_events() -> None:
    for column in (
        sa.Column("related_no", sa.String(64)),
        sa.Column("open_stage", sa.String(16)),
        sa.Column("open_producing_m2", sa.Float),
        sa.Column("open_stopped_m2", sa.Float),
        sa.Column("open_halted", sa.Boolean),
        sa.Column("import_id", sa.String(32), sa.ForeignKey("imports.import_id")),
    ):
        op.add_column("events", column, inline_references=True)
    op.create_index("ix_events_import_id", "events", ["import_id"])


def _create_states() -> None:
    op.create_table(
        "parcel_states",
        sa.Column("parcel_no", sa.String(64), sa.ForeignKey("parcels.parcel_no"), primary_key=True),
        sa.Column("from_on", sa.Date, primary_key=True),
        sa.Column("until_on", sa.Date, nullable=False),
        sa.Column("since_on", sa.Date, nullable=False),
        sa.Column("park_id", sa.String(64)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("area_m2", sa.Float, nullable=False),
        sa.Column("producing_m2", sa.Float, nullable=False),
        sa.Column("stopped_m2", sa.Float, nullable=False),
        sa.Column("halted", sa.Boolean, nullable=False),
    )
    op.create_index(
        "ix_parcel_states_until_park", "parcel_states", ["until_on", "park_id", "status"]
    )


def _create_balances() -> None:
    for table, day in (("balance_days", "day"), ("balance_months", "month_end")):
        op.create_table(
            table,
            sa.Column("park_id", sa.String(64), primary_key=True),
            sa.Column("account", sa.String(16), primary_key=True),
            sa.Column(day, sa.Date, primary_key=True),
            sa.Column("grains", sa.BigInteger, nullable=False),
        )
    op.create_index("ix_balance_days_day", "balance_days", ["day"])
