"""Version 4: what became of the plan's projects."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table, and what keeps its rows from being changed."""
    op.create_table(
        "project_events",
        sa.Column("event_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("project_no", sa.Integer, nullable=False),
        sa.Column("kind", _text(16), nullable=False),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("day_precision", _text(16), nullable=False),
        sa.Column("source_doc", _text(500), nullable=False),
        sa.Column("recorded_at", _text(32), nullable=False),
        sa.Column("recorded_by", _text(500), nullable=False),
        sa.Column("stage", _text(16)),
        sa.Column("invested_wan", sa.Float),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("project_events.event_id")),
        sa.Column("reason", _text(500)),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_project_events_project_no", "project_events", ["project_no"])
    _guard(op.get_bind().dialect.name)


def _text(length: int) -> Any:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _guard(dialect: str) -> None:
    table = "project_events"
    refusal = f"{table} are only ever appended"
    if dialect == "postgresql":
        op.execute(
            f"CREATE OR REPLACE FUNCTION {table}_appended() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
        )
        for name, verb, each in (
            (f"{table}_appended", "UPDATE OR DELETE", "ROW"),
            (f"{table}_not_emptied", "TRUNCATE", "STATEMENT"),
        ):
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION {table}_appended()"
            )
        return
    taken = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE event_id = NEW.event_id)"  # noqa: S608 # names of ours
    for verb, when in (("UPDATE", ""), ("DELETE", ""), ("INSERT", taken)):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {when} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
