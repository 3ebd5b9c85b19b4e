"""Rows into a table, one by one or many at once."""

from __future__ import annotations

from sqlalchemy import Connection, Table, insert

from dongtou_geo.store import postgis


def insert_rows(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    """Insert rows where there are any.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    table : Table
        Where to.
    rows : list of dict
        All with the same keys.
    """
    if connection.dialect.name == "postgresql" and len(rows) >= postgis.MANY:
        postgis.copy_in(connection, table, rows)
    elif rows:
        connection.execute(insert(table), rows)
