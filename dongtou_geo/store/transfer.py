"""A ledger's rows carried from one database to another, and compared there one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

import shapely
from sqlalchemy import Connection, Result, Row, Table, select

from dongtou_geo.errors import LedgerError
from dongtou_geo.store import schema
from dongtou_geo.store.loading import insert_rows

AT_A_TIME = 5_000


def copy_rows(source: Connection, target: Connection) -> dict[str, int]:
    """Carry every row of a ledger, ids and all, into empty tables.

    Parameters
    ----------
    source : Connection
        A reading transaction.
    target : Connection
        A writing transaction; its tables are there and empty.

    Returns
    -------
    dict of str to int
        How many rows each table got.

    Raises
    ------
    LedgerError
        If a row did not arrive as it was.
    """
    counts = {table.name: 0 for table in schema.metadata.sorted_tables}
    for table in schema.metadata.sorted_tables:
        names = table.c.keys()
        for rows in _read(source, table).partitions():
            insert_rows(target, table, [dict(zip(names, row, strict=True)) for row in rows])
            counts[table.name] += len(rows)
        _compare(table, _read(source, table), _read(target, table))
    return counts


def _read(connection: Connection, table: Table) -> Result[Any]:
    """Read a table by its key, a portion at a time."""
    query = select(table).order_by(*table.primary_key)
    return connection.execute(query, execution_options={"yield_per": AT_A_TIME})


def _compare(table: Table, source: Iterable[Row[Any]], target: Iterable[Row[Any]]) -> None:
    for given, arrived in zip_longest(source, target):
        if given != arrived and not _same_outline(table, given, arrived):
            row = given if given is not None else arrived
            key = "、".join(str(row._mapping[column]) for column in table.primary_key)
            msg = f"复制出错：表 {table.name} 的 {key} 没有原样到达，目标未写入"
            raise LedgerError(msg)


def _same_outline(table: Table, given: Sequence[Any] | None, arrived: Sequence[Any] | None) -> bool:
    """Tell whether two parcels differ only in how the same outline is written as WKB."""
    names = table.c.keys()
    if "geometry_wkb" not in names or given is None or arrived is None:
        return False
    place = names.index("geometry_wkb")
    plain = [[*row[:place], *row[place + 1 :]] for row in (given, arrived)]
    outlines = [_outline(row[place]) for row in (given, arrived)]
    return plain[0] == plain[1] and outlines[0] == outlines[1] is not None


def _outline(wkb: bytes | None) -> bytes | None:
    if wkb is None:
        return None
    return shapely.to_wkb(shapely.from_wkb(wkb), byte_order=1, flavor="iso")
