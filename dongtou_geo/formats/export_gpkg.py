"""GeoPackage: every row, typed, with outlines and notes in one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dongtou_geo.formats.export_gdal import write_layer
from dongtou_geo.formats.exporting import (
    Outlines,
    Written,
    checked_outlines,
    columns_of,
    published,
    without_nul,
)


def write_gpkg(
    path: Path,
    cells: pd.DataFrame,
    outlines: Outlines,
    *,
    layer: str,
    notes: Sequence[str] = (),
    overwrite: bool = False,
) -> Written:
    """Write parcels as a GeoPackage 1.3 in EPSG:4490.

    Parameters
    ----------
    path : Path
        The file.
    cells : DataFrame
        One row a parcel, columns named as they are to be written.
    outlines : ndarray of object
        Polygon, multipolygon or None (未落图) a row, lon/lat in EPSG:4490.
    layer : str
        Name of the layer.
    notes : sequence of str
        What must go with the data: standing line, credits, date, ledger version.
    overwrite : bool
        Whether a file that is there may be replaced.

    Returns
    -------
    Written
        All rows; those without outline have a NULL geometry.

    Raises
    ------
    FormatError
        If the file exists already or cannot be written; nothing is left then.

    Notes
    -----
    Version 1.3 (OGC 12-128r17), not the writer's newest, so that GDAL 3.6 opens it without a
    warning. The notes stand as description in ``gpkg_contents`` and as the layer's metadata. NUL
    is removed from texts; nothing else changes.
    """
    shapes, columns = checked_outlines(cells, outlines), columns_of(cells)
    said = without_nul("\n".join(notes))
    taken = {column.name.lower() for column in columns}
    with published(path, overwrite=overwrite) as part:
        write_layer(
            part,
            columns,
            shapes,
            target=path,
            driver="GPKG",
            layer=without_nul(layer),
            geometry_type="MultiPolygon",
            promote_to_multi=True,
            dataset_options={"VERSION": "1.3"},
            layer_options={
                "IDENTIFIER": without_nul(layer),
                "DESCRIPTION": said,
                "FID": _free("fid", taken),
                "GEOMETRY_NAME": _free("geom", taken),
            },
            layer_metadata={"NOTES": said} if said else None,
        )
    return Written(len(cells))


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
