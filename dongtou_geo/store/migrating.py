"""Ledgers of an older version: backed up, and brought up to date where they lie."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import SQLAlchemyError

from dongtou_geo.domain.day import SHANGHAI
from dongtou_geo.errors import EventError, LedgerError
from dongtou_geo.store import schema
from dongtou_geo.store.address import shown, sqlite_path
from dongtou_geo.store.engine import WRITING, cause, engine_of
from dongtou_geo.store.sqlite_files import copy_file

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
# Databases came with version 2; there was nothing before it to bring up to date.
FIRST_IN_POSTGRESQL = 2
_VERSION = schema.meta.c.key == "schema_version"


def version_of(connection: Connection) -> int:
    """Return the version of a ledger whose identity was checked.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    """
    return int(connection.execute(select(schema.meta.c.value).where(_VERSION)).scalar_one())


def migrate(url: str) -> Path | None:
    """Bring an older ledger up to date in one transaction; a file after a backup beside it.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.

    Returns
    -------
    Path or None
        The backup; None for a database, or if somebody else was quicker.

    Raises
    ------
    LedgerError
        If the ledger cannot be written, backed up or brought up to date; it is then as before.
    """
    path = sqlite_path(url)
    kept: Path | None = None
    try:
        # The writer's turn comes first: what is backed up is what is brought up to date.
        with engine_of(url).execution_options(**WRITING).begin() as connection:
            version = version_of(connection)
            if version >= schema.SCHEMA_VERSION:
                return None
            if path is not None:
                kept = _set_aside(path, version)
            elif version < FIRST_IN_POSTGRESQL:
                raise _never_was(url)
            upgrade(connection, version)
    except (SQLAlchemyError, EventError, LedgerError) as error:
        if kept is not None:
            kept.unlink(missing_ok=True)
        cure = "请把它复制到可写、有空间的本机文件夹再打开" if path else "请管理员检查数据库"
        msg = (
            f"台账 {shown(url)} 是旧版本建立的，须升级才能打开，但未能升级，内容未改变："
            f"{cause(error)}；{cure}"
        )
        raise LedgerError(msg) from error
    return kept


def _never_was(url: str) -> LedgerError:
    return LedgerError(
        f"台账 {shown(url)} 的结构版本早于本程序（{schema.SCHEMA_VERSION}），"
        "而 PostgreSQL 中没有过更早的版本；请核对数据库是否被改动"
    )


def upgrade(connection: Connection, version: int) -> None:
    """Take every step from a version to today's, then build the books anew.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    version : int
        What the ledger is now.

    Raises
    ------
    EventError
        If a parcel's events do not fit together.
    """
    from dongtou_geo.store import writing  # and what it builds books with is not light either

    take_steps(connection, after=version)
    writing.rebuild(connection)
    today = {"value": str(schema.SCHEMA_VERSION)}
    connection.execute(update(schema.meta).where(_VERSION).values(**today))


def take_steps(connection: Connection, *, after: int, until: int = schema.SCHEMA_VERSION) -> None:
    """Change tables from one version to another.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    after : int
        What is there; 0 = nothing.
    until : int
        What is wanted.
    """
    # Alembic takes a while to import, and only an old ledger needs it.
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(MIGRATIONS, version_locations=[MIGRATIONS])
    found = scripts.iterate_revisions(f"{until:04}", f"{after:04}" if after else "base")
    with Operations.context(MigrationContext.configure(connection)):
        for script in reversed(list(found)):
            script.module.upgrade()


def _set_aside(path: Path, version: int) -> Path:
    now = datetime.now(SHANGHAI)
    kept = path.with_name(f"{path.name}.v{version}-{now:%Y%m%d-%H%M%S}.bak")
    copy_file(path, kept)
    return kept
