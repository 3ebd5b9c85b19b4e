"""Making a ledger, and opening one that exists."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, insert
from sqlalchemy.exc import SQLAlchemyError

from dongtou_geo.domain.os_words import os_words
from dongtou_geo.errors import LedgerError
from dongtou_geo.store import migrating, postgis, schema
from dongtou_geo.store.address import shown, sqlite_path
from dongtou_geo.store.engine import WRITING, cause, engine_of
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.shares import refuse_share


def create(url: str, identity: LedgerIdentity | None = None) -> Ledger:
    """Make an empty ledger, with its parent folders.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.
    identity : LedgerIdentity, optional
        What the ledger says of itself; a new id by default.

    Returns
    -------
    Ledger
        The new ledger.

    Raises
    ------
    LedgerError
        If one exists there already, or the place cannot be written.
    """
    chosen = identity or LedgerIdentity(ledger_id=uuid.uuid4().hex[:12])
    return made(url, lambda connection: _identify(connection, chosen))


def made(url: str, fill: Callable[[Connection], None]) -> Ledger:
    """Make a ledger with what it holds from the start; all of it, or nothing.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.
    fill : callable
        Writes the identity and whatever else into the new tables.

    Returns
    -------
    Ledger
        The new ledger.

    Raises
    ------
    LedgerError
        As for ``create``, or raised by ``fill``.
    """
    path = sqlite_path(url)
    engine = engine_of(url).execution_options(**WRITING)
    if path is not None:
        refuse_share(path)
        _claim(path)
    try:
        with engine.begin() as connection:
            if path is None:
                postgis.prepare(connection, shown(url))
            schema.metadata.create_all(connection, checkfirst=False)
            fill(connection)
    except BaseException as error:
        if path is not None:
            path.unlink(missing_ok=True)
        if not isinstance(error, SQLAlchemyError | sqlite3.Error):
            raise
        msg = f"台账 {shown(url)} 未能建立：{cause(error)}"
        raise LedgerError(msg) from None
    return Ledger(url)


def open_ledger(url: str) -> Ledger:
    """Open an existing ledger; one of an older version is backed up and brought up to date.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.

    Returns
    -------
    Ledger
        The ledger, its identity checked.

    Raises
    ------
    LedgerError
        If there is none, the database is no ledger, or cannot be brought up to date.
    """
    path = sqlite_path(url)
    if path is not None:
        if not path.is_file():
            msg = f"台账 {path} 不存在；可用 ledger new 新建，或 sample 生成示例台账"
            raise LedgerError(msg)
        refuse_share(path)
    ledger = Ledger(url)
    with ledger.reading() as snapshot:
        snapshot.identity()
        version = migrating.version_of(snapshot.connection)
    if version < schema.SCHEMA_VERSION:
        migrating.migrate(url)
    return ledger


def _identify(connection: Connection, identity: LedgerIdentity) -> None:
    rows = {"ledger_id": identity.ledger_id, "schema_version": str(schema.SCHEMA_VERSION)}
    if identity.sample:
        rows["sample"] = "true"
    if identity.data_until:
        rows["data_until"] = identity.data_until.isoformat()
    connection.execute(insert(schema.meta), [{"key": k, "value": v} for k, v in rows.items()])


def _claim(path: Path) -> None:
    """Create the file only if nobody else has: two `ledger new` at once must not both win."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"台账 {path} 无法建立：上级文件夹建不了（{os_words(error)}）"
        raise LedgerError(msg) from None
    try:
        path.open("xb").close()
    except FileExistsError:
        msg = f"台账 {path} 已存在，不会覆盖；请换一个文件名"
        raise LedgerError(msg) from None
    except OSError as error:
        msg = f"台账 {path} 无法建立：{os_words(error)}"
        raise LedgerError(msg) from error
