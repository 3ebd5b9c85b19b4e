"""What is particular to PostgreSQL: what a database must bring, and many rows at once."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Table, inspect, text
from sqlalchemy.exc import DBAPIError

from dongtou_geo.errors import LedgerError
from dongtou_geo.store import schema

# From so many rows on COPY is quicker than an INSERT each.
MANY = 500
_WITH_SRID = 0x20000000
_HAS_POSTGIS = text("SELECT count(*) FROM pg_extension WHERE extname = 'postgis'")


def prepare(connection: Connection, name: str) -> None:
    """See that a database can take a new ledger.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    name : str
        The database in messages.

    Raises
    ------
    LedgerError
        If a ledger, or anything of the same name, is there already; if text would not be kept;
        if PostGIS is missing and this user may not install it.
    """
    found = taken(connection)
    if found:
        msg = f"台账 {name} 已存在（库中已有表 {'、'.join(found)}），不会覆盖；请换一个数据库"
        raise LedgerError(msg)
    encoding = connection.execute(text("SHOW server_encoding")).scalar()
    if encoding != "UTF8":
        msg = f"台账 {name} 未能建立：数据库的编码是 {encoding}，应为 UTF8，否则汉字无法保存"
        raise LedgerError(msg)
    if not connection.execute(_HAS_POSTGIS).scalar():
        _install(connection, name)


def taken(connection: Connection) -> list[str]:
    """Return those names of a ledger's tables that the database has already.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    """
    return sorted(schema.metadata.tables.keys() & set(inspect(connection).get_table_names()))


def copy_in(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Add many rows; several times quicker than an INSERT each.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    table : Table
        Where to.
    rows : sequence of dict
        At least one; all with the same keys.
    """
    names = list(rows[0])
    turns = [(name, written(table.c[name], connection.dialect)) for name in names]
    copy_rows_in(
        connection,
        table,
        names,
        ([turn(row[name]) if turn else row[name] for name, turn in turns] for row in rows),
    )


def copy_rows_in(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add many rows that are as PostgreSQL reads them.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    table : Table
        Where to.
    names : sequence of str
        The columns that are given.
    rows : iterable of sequence
        One value a column, as ``written`` gives it.
    """
    import psycopg  # whoever keeps a SQLite file need not load it

    into = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    try:
        with raw.cursor() as cursor, cursor.copy(into) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise DBAPIError(into, None, error) from error


def written(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return how a value of a column is written, or None for as it is.

    Parameters
    ----------
    column : Column
        Of a ledger's table.
    dialect : Dialect
        PostgreSQL's.
    """
    if isinstance(column.type, schema.OutlineWkb):
        return _ewkb
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _ewkb(wkb: bytes | None) -> str | None:
    """Return an outline as PostGIS reads it in text: in hexadecimal, with its SRID inside."""
    if wkb is None or len(wkb) < 5:
        return None if wkb is None else wkb.hex()  # which PostGIS refuses
    order = "<" if wkb[0] == 1 else ">"
    (kind,) = struct.unpack(f"{order}I", wkb[1:5])
    rest = wkb[9:] if kind & _WITH_SRID else wkb[5:]
    return (wkb[:1] + struct.pack(f"{order}II", kind | _WITH_SRID, schema.SRID) + rest).hex()


def _install(connection: Connection, name: str) -> None:
    try:
        connection.execute(text("CREATE EXTENSION postgis"))
    except DBAPIError:
        msg = (
            f"台账 {name} 未能建立：数据库没有 PostGIS，请管理员安装"
            "（如 apt install postgresql-postgis）后在库中执行 CREATE EXTENSION postgis"
        )
        raise LedgerError(msg) from None
