"""GeoJSON after RFC 7946, fine enough for areas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from dongtou_geo.formats.exporting import (
    Column,
    Outlines,
    Written,
    checked_outlines,
    columns_of,
    published,
    whole_characters,
)

# 1e-10 degree is 0.01 mm: seven decimals, as GDAL writes them, move a parcel's area by 3 m2.
DECIMALS = 10


def write_geojson(
    path: Path,
    cells: pd.DataFrame,
    outlines: Outlines,
    *,
    layer: str,
    notes: Sequence[str] = (),
    overwrite: bool = False,
) -> Written:
    """Write parcels as a GeoJSON FeatureCollection, lon/lat, 10 decimals.

    Parameters
    ----------
    path : Path
        The file.
    cells : DataFrame
        One row a parcel, columns named as they are to be written; dates become ISO 8601 text.
    outlines : ndarray of object
        Polygon, multipolygon or None (未落图) a row, lon/lat in EPSG:4490.
    layer : str
        Foreign member ``name``, which GDAL takes for the layer's name.
    notes : sequence of str
        Foreign member ``notes``: standing line, credits, date, ledger version.
    overwrite : bool
        Whether a file that is there may be replaced.

    Returns
    -------
    Written
        All rows; those without outline have ``"geometry": null``.

    Raises
    ------
    FormatError
        If the file exists already or cannot be written; nothing is left then.

    Notes
    -----
    Exterior rings run counter-clockwise, holes clockwise (RFC 7946, 3.1.6). RFC 7946 names WGS 84;
    CGCS2000 differs from it by centimetres, and no figure is changed.
    """
    shapes, columns = checked_outlines(cells, outlines), columns_of(cells)
    shapes = shapely.orient_polygons(shapes, exterior_cw=False)
    shapes = shapely.transform(shapes, lambda lonlat: np.round(lonlat, DECIMALS))
    geometries = shapely.to_geojson(shapes)
    head = {"type": "FeatureCollection", "name": layer, "notes": list(notes)}
    with (
        published(path, overwrite=overwrite) as part,
        part.open("w", encoding="utf-8", newline="\n") as file,
    ):
        file.write(_json(head)[:-1] + ',"features":[')
        ahead = "\n"
        for geometry, row in zip(geometries, _rows(columns, len(cells)), strict=True):
            file.write(f'{ahead}{{"type":"Feature","properties":{_json(row)},')
            file.write(f'"geometry":{geometry or "null"}}}')
            ahead = ",\n"
        file.write("\n]}\n")
    return Written(len(cells))


def _rows(columns: Sequence[Column], count: int) -> Iterator[dict[str, Any]]:
    for row in range(count):
        yield {column.name: column.values[row] for column in columns}


def _json(value: object) -> str:
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, default=date.isoformat, separators=(",", ":")
    )
    return whole_characters(text)
