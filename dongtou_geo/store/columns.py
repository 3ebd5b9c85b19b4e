"""Whole columns into a table: many rows, as quickly as each of a ledger's homes takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, Connection, Date, Float, Table

from dongtou_geo.store import postgis, schema

# A column: one value a row, or one for all. Days are datetime64[D], numbers float64 (NaN = null).
Values = Any
Columns = Mapping[str, Values]
Days = NDArray[np.datetime64]

# SQLite is given many rows in one statement, up to the variables that it takes.
_ROWS, _VARIABLES = 100, 32_766
_STATEMENTS = 50
_CALENDAR = 100_000
# SQLite takes NaN for null, in a column of text too; None, Python's sqlite3 looks at for long.
_NULL = float("nan")
_POSTGRESQL_TYPES = ((Date, "date"), (Float, "float8"))


def insert_columns(connection: Connection, table: Table, columns: Columns, count: int) -> None:
    """Add rows that are given as columns.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    table : Table
        Where to.
    columns : mapping of str to values
        By name; text and bytes as lists, anything else as arrays or lists, a single value for all
        rows. What is left out is null.
    count : int
        How many rows.
    """
    if not count:
        return
    if connection.dialect.name == "postgresql":
        rows = _postgresql_rows(connection, table, columns)
        postgis.copy_rows_in(connection, table, list(columns), islice(rows, count))
        return
    _insert_sqlite(connection, table, columns, count, "")


def put_columns(connection: Connection, table: Table, columns: Columns, count: int) -> None:
    """Write rows of a table without text beside its key, new or in place of those of the same key.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    table : Table
        Where to.
    columns : mapping of str to values
        All columns of the table.
    count : int
        How many rows, no key twice.
    """
    if not count:
        return
    keys = ", ".join(column.name for column in table.primary_key)
    others = [column.name for column in table.columns if not column.primary_key]
    newer = ", ".join(f"{name} = excluded.{name}" for name in others)
    conflict = f" ON CONFLICT ({keys}) DO UPDATE SET {newer}"
    if connection.dialect.name != "postgresql":
        _insert_sqlite(connection, table, columns, count, conflict)
        return
    arrays, words = _arrays(table, columns)
    into = f"INSERT INTO {table.name} ({', '.join(columns)})"
    sql = f"{into} SELECT * FROM unnest({words}){conflict}"  # noqa: S608 # names of ours
    connection.exec_driver_sql(sql, arrays)


def delete_keys(connection: Connection, table: Table, keys: Columns, count: int) -> None:
    """Take rows away.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    table : Table
        Where from.
    keys : mapping of str to values
        All columns of the primary key.
    count : int
        How many rows.
    """
    if not count:
        return
    if connection.dialect.name == "postgresql":
        arrays, words = _arrays(table, keys)
        names = ", ".join(keys)
        sql = (
            f"DELETE FROM {table.name} WHERE ({names}) IN "  # noqa: S608 # names of ours
            f"(SELECT * FROM unnest({words}))"
        )
        connection.exec_driver_sql(sql, arrays)
        return
    where = " AND ".join(f"{name} = ?" for name in keys)
    rows = zip(*(_plain_list(values) for values in keys.values()), strict=True)
    connection.exec_driver_sql(f"DELETE FROM {table.name} WHERE {where}", list(rows))  # noqa: S608 # names of ours


def day_texts(days: Days, *, missing: object = None) -> list[Any]:
    """Return days as SQLite keeps them.

    Parameters
    ----------
    days : ndarray of datetime64[D]
        Days.
    missing : object
        What stands for NaT.
    """
    unknown = np.isnat(days)
    number = np.where(unknown, 0, days.astype(np.int64))
    first, last = (int(number.min()), int(number.max())) if len(number) else (0, 0)
    if last - first < _CALENDAR:
        # So few days that each is written once, whether it is there or not.
        distinct, place = np.arange(first, last + 1), number - first
    else:
        distinct, place = np.unique(number, return_inverse=True)
    texts = np.array(np.datetime_as_string(distinct.astype("M8[D]")), dtype=object)[place]
    if unknown.any():
        texts[unknown] = missing
    return texts.tolist()  # type: ignore[no-any-return] # numpy


def days_of(values: Iterable[date | str]) -> Days:
    """Return days as a database handed them out, as an array.

    Parameters
    ----------
    values : iterable of date or str
        Dates from PostgreSQL, ISO text from SQLite.

    Raises
    ------
    ValueError
        If a text is no date.
    """
    return np.array(list(values), dtype="datetime64[D]")


# SQLite


def _insert_sqlite(
    connection: Connection, table: Table, columns: Columns, count: int, conflict: str
) -> None:
    given = {name: values for name, values in columns.items() if not _is_null(values)}
    marks, bound = [], []
    for name, values in given.items():
        mark, own = _sqlite_column(connection, table.c[name], values)
        marks.append(mark)
        bound += [] if own is None else [own]
    head = f"INSERT INTO {table.name} ({', '.join(given)}) VALUES "  # noqa: S608 # names of ours
    row = f"({', '.join(marks)})"
    flat = iter(_interleaved(bound))
    length = min(_ROWS, _VARIABLES // len(bound), count) * len(bound)
    whole = count * len(bound) // length
    given_rows = [tuple(islice(flat, length)) for _ in range(whole)]
    given_rows += filter(None, [tuple(flat)])
    sql = head + ",".join([row] * (length // len(bound))) + conflict
    for start in range(0, whole, _STATEMENTS):
        connection.exec_driver_sql(sql, given_rows[start : min(start + _STATEMENTS, whole)])
    for rest in given_rows[whole:]:
        connection.exec_driver_sql(
            head + ",".join([row] * (len(rest) // len(bound))) + conflict, rest
        )


def _interleaved(columns: list[list[Any]]) -> list[Any]:
    """Return the values of rows one after the other."""
    flat: list[Any] = [None] * (len(columns) * len(columns[0]))
    for place, values in enumerate(columns):
        flat[place :: len(columns)] = values
    return flat


def _is_null(values: Values) -> bool:
    if isinstance(values, list | tuple):
        return all(value is None for value in values)
    return values is None


def _is_many(values: Values) -> bool:
    return isinstance(values, list | tuple | np.ndarray)


def _sqlite_column(
    connection: Connection, column: Column[Any], values: Values
) -> tuple[str, list[Any] | None]:
    """Return how a column stands in a statement, and its values as SQLite takes them quickest."""
    turn = _turned(connection, column)
    if not _is_many(values):
        return _literal(turn(values) if turn else values), None
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return "?", day_texts(values, missing=_NULL)
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        return "?", (values.astype(np.int8) if values.dtype.kind == "b" else values).tolist()
    if isinstance(column.type, Float):
        return "?", np.array(values, dtype=np.float64).tolist()
    if turn:
        return "?", [_NULL if value is None else turn(value) for value in values]
    return "?", [_NULL if value is None else value for value in values]


def _literal(value: float | str) -> str:
    """Write a value of all rows into the statement: bound with each row it would cost most of it."""
    if isinstance(value, str):
        # A NUL would end the statement; as a number it stands for itself.
        parts = [f"'{part}'" for part in value.replace("'", "''").split("\0")]
        return "||char(0)||".join(parts)
    return repr(value + 0)


def _turned(connection: Connection, column: Column[Any]) -> Callable[[Any], Any] | None:
    if isinstance(column.type, schema.OutlineWkb):
        return bytearray  # which sqlite3 takes as it is; bytes it would first look at twice
    return column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)


# PostgreSQL


def _postgresql_rows(
    connection: Connection, table: Table, columns: Columns
) -> Iterator[tuple[Any, ...]]:
    own = []
    for name, values in columns.items():
        turn = postgis.written(table.c[name], connection.dialect)
        if not _is_many(values):
            own.append(repeat(turn(values) if turn else values))
            continue
        plain = _plain_list(values)
        own.append([turn(v) for v in plain] if turn else plain)  # type: ignore[arg-type] # lists, too, can be zipped
    return zip(*own, strict=False)


def _plain_list(values: Values) -> list[Any]:
    """Return a column as Python's own values; NaN and NaT are None."""
    if not isinstance(values, np.ndarray):
        return list(values or ())
    if values.dtype.kind == "M":
        return values.astype("datetime64[D]").astype(object).tolist()  # type: ignore[no-any-return] # numpy
    if values.dtype.kind == "f" and np.isnan(values).any():
        return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124
    return values.tolist()  # type: ignore[no-any-return] # numpy


def _arrays(table: Table, columns: Columns) -> tuple[tuple[list[Any], ...], str]:
    words = ", ".join(f"%s::{_array_type(table.c[name])}[]" for name in columns)
    return tuple(_plain_list(values) for values in columns.values()), words


def _array_type(column: Column[Any]) -> str:
    found = (name for kind, name in _POSTGRESQL_TYPES if isinstance(column.type, kind))
    return next(found, "bigint" if column.type.python_type is int else "text")
