"""Connections to a ledger's home: a SQLite file, or PostgreSQL with PostGIS."""

from __future__ import annotations

import atexit
import sqlite3
from functools import cache
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from dongtou_geo.errors import LedgerError
from dongtou_geo.store.address import parsed, shown, sqlite_path
from dongtou_geo.store.closed_places import is_closed

# How long a second writer waits for the first before it is told, and how long a server may take
# to answer at all.
BUSY_SECONDS = 10
WRITING = {"writes": True}
# Writers of one PostgreSQL database take turns at this advisory lock ("dongtou" as a number).
TURN = 0x646F6E67746F75
_BACKENDS = ("sqlite", "postgresql")


def engine_of(url: str) -> Engine:
    """Return an engine for a ledger's home; nothing is opened yet.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.

    Raises
    ------
    LedgerError
        If the URL or its driver cannot be used.
    """
    path = sqlite_path(url)
    read = parsed(url)
    if read.get_backend_name() not in _BACKENDS:
        msg = f"台账地址“{shown(url)}”无法使用：台账只能放在 SQLite 文件或 PostgreSQL 中"
        raise LedgerError(msg)
    try:
        return _postgresql_engine(read) if path is None else _sqlite_engine(read, path)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        msg = f"台账地址“{shown(url)}”无法使用：{cause(error)}"
        raise LedgerError(msg) from None


def _sqlite_engine(url: URL, path: Path) -> Engine:
    # NullPool: no connection outlives its use, so that a ledger replaced on disk is seen.
    engine = create_engine(url, poolclass=NullPool, creator=lambda: connected(path))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@cache
def _postgresql_engine(url: URL) -> Engine:
    # A connection takes longer to make than a park's progress to read: a few are kept, and asked
    # before use whether the server is still there.
    engine = create_engine(
        url, pool_pre_ping=True, pool_timeout=BUSY_SECONDS, connect_args=_patience(url)
    )
    event.listen(engine, "begin", _begin_postgresql)
    atexit.register(engine.dispose)
    return engine


def cause(error: BaseException) -> str:
    """Return the first line of what the database said, in words a clerk can use.

    Parameters
    ----------
    error : BaseException
        As raised.
    """
    text = next(iter(str(getattr(error, "orig", None) or error).splitlines()), "")
    for english, chinese in _KNOWN.items():
        if english in text:
            return chinese
    return text or type(error).__name__


def half_character(error: UnicodeEncodeError) -> LedgerError:
    """Return what to say of a text that no database can keep: it holds half of a character.

    Parameters
    ----------
    error : UnicodeEncodeError
        As raised where the text was to be written.

    Raises
    ------
    UnicodeEncodeError
        If it is about anything else.
    """
    if error.reason != "surrogates not allowed":
        raise error
    sign = ord(error.object[error.start])
    around = error.object[max(0, error.start - _AROUND) : error.start + _AROUND]
    shown_text = around.encode("utf-8", "replace").decode()
    return LedgerError(
        f"文字“{shown_text}”中有不成对的代理码 U+{sign:04X}，无法保存，内容未改变；请删去这个字符再提交"
    )


# Letters shown before and after one that cannot be kept.
_AROUND = 15
_BUSY = f"另一处正在写入，等待 {BUSY_SECONDS} 秒仍未结束，请稍后再试"
_KNOWN = {
    "database is locked": _BUSY,
    "readonly database": "文件或文件夹只读，无法写入",
    "disk is full": "磁盘已满",
    "malformed": "文件已损坏",
    "not a database": "文件不是 SQLite 数据库",
    "unable to open database file": "文件无法打开，请检查它和所在文件夹的读写权限",
    "no such table": "其中没有台账的表",
    # PostgreSQL, and the library that speaks to it
    "lock timeout": _BUSY,
    "password authentication failed": "用户名或密码不对",
    "no password supplied": "没有给出密码",
    "Connection refused": "数据库服务器没有启动，或地址、端口不对",
    "resolve host": "找不到数据库服务器，请核对地址",
    "translate host name": "找不到数据库服务器，请核对地址",
    "Name or service not known": "找不到数据库服务器，请核对地址",
    "timeout expired": f"数据库服务器 {BUSY_SECONDS} 秒内没有应答",
    "server closed the connection": "与数据库服务器的连接中断",
    "terminating connection": "与数据库服务器的连接中断",
    "No space left": "数据库服务器的磁盘已满",
    'relation "': "其中没有台账的表",
    'database "': "服务器上没有这个数据库，请管理员先建立",
    'role "': "服务器上没有这个用户",
    "permission denied": "这个用户没有足够的权限",
    "QueuePool limit": "同时使用台账的人太多，请稍后再试",
    "value too long": "有文字超过允许的长度",
    "WKB": "图形不是有效的 WKB",
    "invalid geometry": "图形不是有效的 WKB",
}


def connected(path: Path) -> sqlite3.Connection:
    """Open a SQLite file that exists, as every connection to a ledger is opened.

    Parameters
    ----------
    path : Path
        The file.
    """
    # mode=rw: SQLite would make an empty file where a ledger has vanished.
    # isolation_level=None: the driver begins nothing by itself; _begin_sqlite does.
    mode = "mode=ro&immutable=1" if is_closed(path) else "mode=rw"
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?{mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
    )
    try:
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _patience(url: URL) -> dict[str, int]:
    return {} if "connect_timeout" in url.query else {"connect_timeout": BUSY_SECONDS}


def _begin_sqlite(connection: Connection) -> None:
    # A reader sees one moment from its first look to its last; a writer takes its turn at once
    # instead of failing half-way. Written ahead (a mode kept in the file), readers and a writer do
    # not block each other; set by writers alone, so that a look changes no file.
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    import psycopg  # whoever keeps a SQLite file need not load it

    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    # What is set here goes out with BEGIN: a statement of its own would be another way there and
    # back, and a figure takes few of them.
    if not connection.get_execution_options().get("writes"):
        raw.isolation_level, raw.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
        return
    # READ COMMITTED: what the writer before has written must be seen once the turn is ours, and
    # a stricter level would look at the moment before the wait.
    raw.isolation_level, raw.read_only = psycopg.IsolationLevel.READ_COMMITTED, False
    connection.exec_driver_sql(
        f"SELECT set_config('lock_timeout', '{BUSY_SECONDS}s', true), "
        "set_config('synchronous_commit', 'on', true)"
    )
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")
