"""One layer through GDAL's writers, checked afterwards: GDAL does not always say that it failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import starmap
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio import raw

from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.exporting import (
    Column,
    ColumnKind,
    Outlines,
    unwritable,
    without_nul,
)

GDAL_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.CRSError,
)


def write_layer(
    path: Path, columns: Sequence[Column], outlines: Outlines, *, target: Path, **options: Any
) -> None:
    """Write rows as the one layer of a new dataset, EPSG:4490, UTF-8.

    Parameters
    ----------
    path : Path
        The dataset; nothing is there yet.
    columns : sequence of Column
        What each row says; NUL is removed from texts.
    outlines : ndarray of object
        Polygon, multipolygon or None a row, lon/lat in EPSG:4490.
    target : Path
        Where it will stand, for messages.
    **options : object
        Further words for ``pyogrio.raw.write``: driver, layer, geometry type, options.

    Raises
    ------
    FormatError
        If it cannot be written, or what is read back is not the same.
    """
    try:
        raw.write(
            path,
            shapely.to_wkb(outlines),
            [_array(column) for column in columns],
            [without_nul(column.name) for column in columns],
            field_mask=[_missing(column) for column in columns],
            crs="EPSG:4490",
            encoding="UTF-8",
            **options,
        )
        alike = _comes_back(path, columns, outlines)
    except (*GDAL_ERRORS, OSError) as error:
        raise unwritable(target, error) from error
    if not alike:
        msg = f"文件 {target} 写入后读回的内容与原内容不符，已丢弃；磁盘可能已满"
        raise FormatError(msg)


def _comes_back(path: Path, columns: Sequence[Column], outlines: Outlines) -> bool:
    """Compare what every format keeps: rings may turn, blanks around a text may go."""
    try:
        meta, _, wkb, cells = raw.read(path)
    except UnicodeDecodeError:
        return False
    names = [without_nul(column.name) for column in columns]
    if names and list(meta["fields"]) != names:
        return False
    found = shapely.from_wkb(wkb, on_invalid="ignore")
    return (
        np.array_equal(shapely.get_num_coordinates(found), shapely.get_num_coordinates(outlines))
        and np.array_equal(shapely.bounds(found), shapely.bounds(outlines), equal_nan=True)
        and all(starmap(_same, zip(columns, cells, strict=False)))
    )


def _same(column: Column, found: np.ndarray) -> bool:
    if column.kind is ColumnKind.TEXT:
        return [_kept(value) for value in column.values] == [_kept(value) for value in found]
    if column.kind is ColumnKind.DAY:
        days = np.array(column.values, dtype="datetime64[D]")
        return np.array_equal(found.astype("datetime64[D]"), days, equal_nan=True)
    # dBASE keeps 15 decimals.
    wanted = np.array(column.values, dtype=np.float64)
    return np.allclose(found.astype(np.float64), wanted, rtol=1e-12, atol=1e-15, equal_nan=True)


def _kept(value: str | None) -> str:
    return without_nul(value or "").strip(" ")


def _array(column: Column) -> np.ndarray:
    return _ARRAYS[column.kind](column.values)


def _missing(column: Column) -> np.ndarray | None:
    if column.kind is not ColumnKind.INTEGER:
        return None
    return np.array([value is None for value in column.values], dtype=bool)


def _texts(values: tuple[Any, ...]) -> np.ndarray:
    found = np.empty(len(values), dtype=object)
    found[:] = [None if value is None else without_nul(value) for value in values]
    return found


_ARRAYS: dict[ColumnKind, Callable[[tuple[Any, ...]], np.ndarray]] = {
    ColumnKind.TEXT: _texts,
    ColumnKind.DAY: lambda values: np.array(values, dtype="datetime64[D]"),
    ColumnKind.REAL: lambda values: np.array(values, dtype=np.float64),
    ColumnKind.INTEGER: lambda values: np.array([v or 0 for v in values], dtype=np.int64),
}
