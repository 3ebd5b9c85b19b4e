"""Shapefile, zipped: what dBASE cannot hold is shortened, and said in files beside it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from dongtou_geo.formats.export_gdal import write_layer
from dongtou_geo.formats.exporting import (
    Column,
    ColumnKind,
    Outlines,
    Written,
    checked_outlines,
    columns_of,
    inert,
    parcel_names,
    published,
    without_nul,
)

NAME_BYTES = 10
TEXT_BYTES = 254
_NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]')
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def write_shapefile_zip(
    path: Path,
    cells: pd.DataFrame,
    outlines: Outlines,
    *,
    layer: str,
    notes: Sequence[str] = (),
    overwrite: bool = False,
) -> Written:
    """Write parcels as a zipped Shapefile in EPSG:4490, UTF-8.

    Parameters
    ----------
    path : Path
        The ``.shp.zip``.
    cells : DataFrame
        One row a parcel, columns named as they are to be written.
    outlines : ndarray of object
        Polygon, multipolygon or None (未落图) a row, lon/lat in EPSG:4490.
    layer : str
        Name of the layer, and of the files in the zip.
    notes : sequence of str
        What must go with the data: standing line, credits, date, ledger version.
    overwrite : bool
        Whether a file that is there may be replaced.

    Returns
    -------
    Written
        The rows with an outline; the others are in ``未落图.csv`` of the zip.

    Raises
    ------
    FormatError
        If the file exists already or cannot be written; nothing is left then.

    Notes
    -----
    dBASE holds names of 10 bytes and texts of 254 bytes, drops blanks around a text, and knows
    no difference between an empty text and none (ESRI Shapefile Technical Description, 1998).
    Names and texts are cut between characters: ``字段说明.txt`` gives the full names,
    ``说明.txt`` the notes and every text that was cut.
    """
    shapes, columns = checked_outlines(cells, outlines), columns_of(cells)
    drawn, names = ~shapely.is_missing(shapes), parcel_names(cells)
    shorts = short_names([column.name for column in columns])
    kept = [_rows(column, drawn) for column in columns]
    fitted = [replace(_fitted(c), name=short) for c, short in zip(kept, shorts, strict=True)]
    left_out = tuple(name for name, inside in zip(names, drawn, strict=True) if not inside)
    inside = [name for name, there in zip(names, drawn, strict=True) if there]
    stem = file_stem(layer)
    with published(path, overwrite=overwrite) as part:
        folder = part.with_name("shape")
        folder.mkdir()
        write_layer(
            folder / f"{stem}.shp",
            fitted,
            shapes[drawn],
            target=path,
            driver="ESRI Shapefile",
            layer=stem,
            geometry_type="Polygon",
        )
        texts = {
            "说明.txt": "\n".join(_explained(notes, left_out, _cuts(kept, inside))) + "\n",
            "字段说明.txt": "\n".join(_full_names(shorts, columns)) + "\n",
        }
        if left_out:
            texts["未落图.csv"] = _table([_rows(column, ~drawn) for column in columns])
        _zip(part, folder, stem, texts)
    return Written(int(drawn.sum()), left_out)


def short_names(names: Sequence[str]) -> list[str]:
    """Cut names to 10 bytes of UTF-8, between characters, and keep them apart.

    Parameters
    ----------
    names : sequence of str
        Full names.

    Returns
    -------
    list of str
        One a name, no two alike even when case is ignored; a number ends those that would be.
    """
    short: list[str] = []
    taken: set[str] = set()
    for name in names:
        plain = without_nul(name) or "字段"
        candidate, number = cut(plain, NAME_BYTES), 0
        while candidate.casefold() in taken:
            number += 1
            ending = f"_{number}"
            candidate = cut(plain, NAME_BYTES - len(ending)) + ending
        taken.add(candidate.casefold())
        short.append(candidate)
    return short


def cut(text: str, size: int) -> str:
    """Cut a text to a number of bytes of UTF-8, never inside a character.

    Parameters
    ----------
    text : str
        Any text.
    size : int
        Bytes at most.

    Returns
    -------
    str
        The text, or its beginning.
    """
    return text.encode("utf-8")[:size].decode("utf-8", errors="ignore")


def file_stem(layer: str) -> str:
    """Turn a layer's name into a file name that every system takes.

    Parameters
    ----------
    layer : str
        Any name.

    Returns
    -------
    str
        At most 100 bytes, without separators, signs or ends that Windows refuses.
    """
    stem = cut(_NOT_IN_FILE_NAMES.sub("_", without_nul(layer)), 100).strip(" .")
    return stem or "地块"


def _rows(column: Column, chosen: np.ndarray) -> Column:
    values = (value for value, there in zip(column.values, chosen, strict=True) if there)
    return replace(column, values=tuple(values))


def _fitted(column: Column) -> Column:
    if column.kind is not ColumnKind.TEXT:
        return column
    values = (None if v is None else cut(without_nul(v), TEXT_BYTES) for v in column.values)
    return replace(column, values=tuple(values))


def _cuts(columns: Sequence[Column], names: Sequence[str]) -> list[str]:
    found = []
    for column in columns:
        if column.kind is ColumnKind.TEXT:
            for name, value in zip(names, column.values, strict=True):
                size = len(without_nul(value or "").encode("utf-8"))
                if size > TEXT_BYTES:
                    found.append(
                        f"地块“{name}”的“{column.name}”原长 {size} 字节，已截断为 {TEXT_BYTES} 字节以内"
                    )
    return found


def _explained(notes: Sequence[str], left_out: Sequence[str], cuts: Sequence[str]) -> list[str]:
    lines = [without_nul(note) for note in notes]
    lines += [
        "坐标系：CGCS2000 经纬度（EPSG:4490）；文字编码：UTF-8",
        "字段名按 10 字节截短，全名见“字段说明.txt”",
    ]
    if left_out:
        lines.append(f"未落图 {len(left_out)} 宗，无图形，见“未落图.csv”")
    return lines + [without_nul(line) for line in cuts]


def _full_names(shorts: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """List short and full names; not as CSV, which readers of the zip take for a second layer."""
    names = (" ".join(without_nul(column.name).split()) for column in columns)
    lines = (f"{short}\t{name}" for short, name in zip(shorts, names, strict=True))
    return ["字段名\t全名", *lines]


def _table(columns: Sequence[Column]) -> str:
    rows = zip(*(column.values for column in columns), strict=True)
    return _csv([column.name for column in columns], rows)


def _csv(heading: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([inert(without_nul(name)) for name in heading])
    for row in rows:
        writer.writerow(
            [inert(without_nul(cell)) if isinstance(cell, str) else cell for cell in row]
        )
    return file.getvalue()


def _zip(path: Path, folder: Path, stem: str, texts: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending in _PARTS:
            archive.write(folder / f"{stem}{ending}", f"{stem}{ending}")
        for name, text in texts.items():
            # With a byte order mark: Excel and old editors take it for the local code page else.
            archive.writestr(name, text.encode("utf-8-sig"), zipfile.ZIP_DEFLATED)
