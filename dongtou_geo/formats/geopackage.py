"""GeoPackages: SQLite keeps any value in any column, so the values are looked at as well."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.vector import GDAL_WARNING, keep_as_they_stand, read_layer

DRIVER = "GPKG"
_UNKNOWN_TYPE = re.compile("Field format .* not supported|geometry column .* ignored")
# GDAL turns "十亩" in a number column into 0 and "2019.1" in a date column into 1970-01-01.
_SOUND = {
    "f": "typeof({0}) IN ('integer', 'real', 'null')",
    "i": "(typeof({0}) IN ('integer', 'null') OR typeof({0}) = 'real' AND {0} = round({0}))",
    # Counted, 30 February would be 2 March.
    "M": "date(substr({0}, 1, 10), '+0 days') IS substr({0}, 1, 10)",
}


def check_whole(path: Path) -> None:
    """See that a GeoPackage is complete and that nobody is writing to it.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    FormatError
        If it is cut short, or changes wait in a journal beside it.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(100)
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    pages = int.from_bytes(head[28:32], "big")
    # The page count only holds where the two change counters agree.
    if len(head) < 100 or (head[24:28] == head[92:96] and size < page * pages):
        msg = f"“{path.name}”不完整：应有 {page * pages} 字节，只有 {size} 字节，请重新发送"
        raise FormatError(msg)
    for end in ("-wal", "-journal"):
        beside = path.with_name(path.name + end)
        with suppress(OSError):
            if beside.stat().st_size:
                msg = f"“{path.name}”正被其他程序（如 QGIS）写入，请关闭后再试"
                raise FormatError(msg)


def read_geopackage(path: Path, layer: str, *, name: str) -> Arrived:
    """Read one layer or table of a GeoPackage.

    Parameters
    ----------
    path : Path
        The file under a plain name.
    layer : str
        Name of the layer.
    name : str
        The file for people.

    Returns
    -------
    Arrived
        The layer; a column that holds values of another type than its own is an object column,
        with those values as they stand.

    Raises
    ------
    FormatError
        If it cannot be read.
    """
    # IMMUTABLE: neither lock nor journal, whoever else has the file.
    arrived = read_layer(path, DRIVER, layer, name=name, shown_as=layer, IMMUTABLE="YES")
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as database:
        database.text_factory = lambda raw: raw.decode("utf-8", "replace")
        # A view may need functions that only GDAL has.
        with suppress(sqlite3.Error):
            table = _Table(database, layer)
            table.keep_misfits(arrived.cells)
            table.keep_digits(arrived.cells)
            return _with_missed_columns(arrived, table)
    return arrived


class _Table:
    """A table or view as SQLite itself sees it, its rows in the order in which GDAL reads them."""

    def __init__(self, database: sqlite3.Connection, name: str) -> None:
        self._database = database
        self._name = _quoted(name)
        (kind,) = self._row("SELECT type FROM sqlite_master WHERE name = ?", name) or ("",)
        # Without these an index on a column would give its values in another order.
        self._order = " NOT INDEXED ORDER BY rowid" if kind == "table" else ""
        columns = database.execute(f"PRAGMA table_xinfo({self._name})").fetchall()
        shape = self._row(
            "SELECT column_name FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?)", name
        )
        self._singles = {column for _, column, kind, *_ in columns if kind.upper() == "FLOAT"}
        self.columns = {
            column for _, column, _, _, _, key, _ in columns if not key and (column,) != shape
        }

    def keep_misfits(self, cells: pd.DataFrame) -> None:
        """Put back what GDAL changed to fit its column."""
        tests = {
            position: (str(column), _SOUND[cells.dtypes.iloc[position].kind])
            for position, column in enumerate(cells.columns)
            if column in self.columns and cells.dtypes.iloc[position].kind in _SOUND
        }
        sound = " AND ".join(test.format(_quoted(column)) for column, test in tests.values())
        if not sound or not self._row(f"SELECT 1 FROM {self._name} WHERE NOT ({sound}) LIMIT 1"):  # noqa: S608
            return
        for position, (column, test) in tests.items():
            sure = self.values(test.format(_quoted(column)))
            held = self.values(_quoted(column))
            misfits = {row: held[row] for row, fits in enumerate(sure) if not fits}
            keep_as_they_stand(cells, position, misfits)

    def keep_digits(self, cells: pd.DataFrame) -> None:
        """Put back the digits of FLOAT columns: GDAL reads them as single, SQLite keeps double."""
        for position, column in enumerate(cells.columns):
            if column in self._singles and cells.dtypes.iloc[position].kind == "f":
                numbers = pd.Series(self.values(_quoted(str(column))), dtype="float64")
                cells.isetitem(position, numbers.array)

    def values(self, expression: str) -> list[Any]:
        """Compute an expression for every row."""
        query = f"SELECT {expression} FROM {self._name}{self._order}"  # noqa: S608
        return [value for (value,) in self._database.execute(query)]

    def _row(self, query: str, *parameters: str) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._database.execute(query, parameters).fetchone()
        return row


def _with_missed_columns(arrived: Arrived, table: _Table) -> Arrived:
    """Add the columns of types that GDAL does not know, VARCHAR and TIMESTAMP among them."""
    named = {problem.cell for problem in arrived.problems}
    missed = sorted(table.columns - set(arrived.cells.columns) - named)
    found = {column: table.values(_quoted(column)) for column in missed}
    held = {
        column: pd.Series(values, dtype=object)
        for column, values in found.items()
        if len(values) == len(arrived.cells) and not any(isinstance(v, bytes) for v in values)
    }
    if not held:
        return arrived
    problems = tuple(
        problem
        for problem in arrived.problems
        if problem.code != GDAL_WARNING or not _UNKNOWN_TYPE.search(problem.message)
    )
    cells = pd.concat([arrived.cells, pd.DataFrame(held)], axis=1)
    return replace(arrived, cells=cells, problems=problems)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
