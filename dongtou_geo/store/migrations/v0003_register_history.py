"""Version 3: what register entries said before, each month's highest sum, months without a day.

The derived tables are made anew: their rows lie in the order of their keys, a month has its peak,
and the index that only slowed the table of parcels is gone.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


class _Geometry(sa.types.UserDefinedType[bytes]):
    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        return "geometry(Geometry,4490)"


def upgrade() -> None:
    """Add the history, and make the derived tables anew; they are filled after the last step."""
    op.add_column("events", sa.Column("month_only", sa.Boolean))
    _create_versions()
    _guard_versions(op.get_bind().dialect.name)
    for table in ("parcel_states", "balance_days", "balance_months"):
        op.drop_table(table)
    _create_states()
    _create_balances()


def _text(length: int) -> Any:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _create_versions() -> None:
    measures = ("ledger_area_mu", "contract_area_mu", "title_area_mu")
    days = ("handed_over_on", "agreed_start_on", "agreed_complete_on", "agreed_produce_on")
    money = ("area_started_m2", "total_investment_wan", "invested_wan")
    words = ("supply_mode", "contract_no", "supervision_no", "responsible_unit", "note")
    op.create_table(
        "parcel_versions",
        sa.Column("parcel_no", _text(64), sa.ForeignKey("parcels.parcel_no"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("replaced_at", _text(32), nullable=False),
        sa.Column("replaced_by", _text(500), nullable=False),
        sa.Column("import_id", _text(32), sa.ForeignKey("imports.import_id")),
        sa.Column("origin", _text(16), nullable=False),
        sa.Column("area_basis", _text(16), nullable=False),
        sa.Column("geometry_wkb", sa.LargeBinary().with_variant(_Geometry(), "postgresql")),
        *(sa.Column(name, sa.Float) for name in measures),
        sa.Column("land_use_code", _text(500)),
        sa.Column("occupant", _text(500)),
        *(sa.Column(name, sa.Date) for name in days),
        *(sa.Column(name, sa.Float) for name in money),
        *(sa.Column(name, _text(500)) for name in words),
    )
    op.create_index("ix_parcel_versions_import_id", "parcel_versions", ["import_id"])


def _guard_versions(dialect: str) -> None:
    table = "parcel_versions"
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
    key = "parcel_no = NEW.parcel_no AND version = NEW.version"
    taken = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key})"  # noqa: S608 # names of ours
    for verb, when in (("UPDATE", ""), ("DELETE", ""), ("INSERT", taken)):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {when} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )


def _create_states() -> None:
    op.create_table(
        "parcel_states",
        sa.Column("parcel_no", _text(64), primary_key=True),
        sa.Column("from_on", sa.Date, primary_key=True),
        sa.Column("until_on", sa.Date, nullable=False),
        sa.Column("since_on", sa.Date, nullable=False),
        sa.Column("park_id", _text(64)),
        sa.Column("status", _text(16), nullable=False),
        sa.Column("area_m2", sa.Float, nullable=False),
        sa.Column("producing_m2", sa.Float, nullable=False),
        sa.Column("stopped_m2", sa.Float, nullable=False),
        sa.Column("halted", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_balances() -> None:
    op.create_table(
        "balance_days",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("park_id", _text(64), primary_key=True),
        sa.Column("account", _text(16), primary_key=True),
        sa.Column("grains", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "balance_months",
        sa.Column("park_id", _text(64), primary_key=True),
        sa.Column("account", _text(16), primary_key=True),
        sa.Column("month_end", sa.Date, primary_key=True),
        sa.Column("grains", sa.BigInteger, nullable=False),
        sa.Column("peak_grains", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
