"""KML: longitude and latitude, and columns that nobody filled in left out."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from dongtou_geo.formats.arrived import Arrived
from dongtou_geo.formats.geojson import LON_LAT
from dongtou_geo.formats.vector import read_layer, unique_names

DRIVER = "LIBKML"
_DATA_NAME = re.compile(r"""(<(?:[\w.-]+:)?Data\s(?:[^<>]*?\s)?name\s*=\s*)(["'])([^<]*?)\2""")
# What GDAL adds to every placemark, with the value that stands for "not said".
_ALWAYS_THERE: dict[str, tuple[object, ...]] = {
    "id": (),
    "description": (),
    "timestamp": (),
    "begin": (),
    "end": (),
    "altitudeMode": (),
    "tessellate": (-1, 0, 1),
    "extrude": (-1, 0, 1),
    "visibility": (-1, 0, 1),
    "drawOrder": (),
    "icon": (),
    "snippet": (),
}


def with_plain_names(path: Path, folder: Path) -> tuple[Path, dict[str, str]]:
    """Give untyped extended data names that GDAL keeps; of Chinese ones it leaves underscores.

    Parameters
    ----------
    path : Path
        KML in UTF-8.
    folder : Path
        Temporary folder.

    Returns
    -------
    Path
        The file, or a copy with other names.
    dict of str to str
        The names as they were, by those that now stand for them.
    """
    text = path.read_text("utf-8-sig")
    names: dict[str, str] = {}

    def plain(found: re.Match[str]) -> str:
        name = html.unescape(found[3])
        return f'{found[1]}"{names.setdefault(name, f"dongtou_geo_{len(names)}")}"'

    changed = _DATA_NAME.sub(plain, text)
    if not names:
        return path, {}
    copy = folder / f"named{path.suffix}"
    copy.write_text(changed, "utf-8", newline="")
    return copy, {plain: name for name, plain in names.items()}


def read_kml(
    path: Path, layer: str, *, names: Mapping[str, str], name: str, shown_as: str
) -> Arrived:
    """Read one folder of a KML file.

    Parameters
    ----------
    path : Path
        The file under a plain name, in UTF-8.
    layer : str
        GDAL's name of the folder.
    names : mapping of str to str
        Columns to be called otherwise, from ``with_plain_names``.
    name : str
        The file for people.
    shown_as : str
        Name of the layer for people.

    Returns
    -------
    Arrived
        The placemarks; ``Name`` and the extended data as columns.

    Raises
    ------
    FormatError
        If it cannot be read.
    """
    arrived = read_layer(path, DRIVER, layer, name=name, shown_as=shown_as)
    said = [str(column) for column in arrived.cells if not _unsaid(arrived.cells[column])]
    cells = arrived.cells[said]
    cells.columns = unique_names(names.get(column, column) for column in said)
    return replace(arrived, cells=cells, declared_crs=LON_LAT)


def _unsaid(column: pd.Series) -> bool:
    nothing = _ALWAYS_THERE.get(str(column.name))
    return nothing is not None and bool((column.isna() | column.isin(nothing)).all())
