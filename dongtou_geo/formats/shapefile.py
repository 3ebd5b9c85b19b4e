"""Shapefiles: the files that belong together, and the encoding that nobody wrote down."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj

from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.dbf import Dbf, is_number, read_header
from dongtou_geo.formats.encodings import TextEncoding, chosen, decoded_text, demanded
from dongtou_geo.formats.gdal_gate import arrow_table, linked, only, words
from dongtou_geo.formats.row_problems import RowProblems
from dongtou_geo.formats.vector import (
    arc_tolerance,
    decoded_column,
    frame_of,
    keep_as_they_stand,
    split_geometry,
)
from dongtou_geo.formats.wkb import outlines_of

SIBLINGS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
# The header of .shp and .shx: its length in 16-bit words stands big-endian at byte 24.
HEADER_BYTES = 100
# One character a byte, both ways: GDAL passes text through and the bytes can be had back.
_BYTES_AS_TEXT = "ISO-8859-1"
_ENOUGH_CELLS = 20_000


def siblings_of(path: Path) -> dict[str, Path]:
    """Find the files that make one Shapefile with a ``.shp``.

    Parameters
    ----------
    path : Path
        The ``.shp``.

    Returns
    -------
    dict of str to Path
        By suffix in lower case; whatever case the files have.
    """
    stem = path.stem.casefold()
    near = {
        other.suffix.casefold(): other
        for other in path.parent.iterdir()
        if other.stem.casefold() == stem and other.suffix.casefold() in SIBLINGS
    }
    return {**near, ".shp": path}


def read_shapefile(
    files: dict[str, Path], folder: Path, *, shown_as: str, encoding: str = "auto"
) -> Arrived:
    """Read a Shapefile.

    Parameters
    ----------
    files : dict of str to Path
        Its files by suffix; ``.shp`` and ``.dbf`` must be there, ``.shx``, ``.prj`` and ``.cpg``
        may be missing.
    folder : Path
        Temporary folder.
    shown_as : str
        Name of the layer.
    encoding : str, default "auto"
        Of its texts.

    Returns
    -------
    Arrived
        The layer, with the encoding and why it was taken; a number or day column that holds
        something else is an object column, with that as text.

    Raises
    ------
    FormatError
        If a file is missing, damaged or cut short, or files do not belong together.

    Notes
    -----
    With ``auto`` the ``.cpg`` counts, else the language driver byte of the ``.dbf``, and both only
    while the bytes do not contradict them; else the bytes decide (``encodings.chosen``).
    """
    wanted = demanded(encoding)
    dbf = _checked(files, shown_as)
    encoded, table = split_geometry(_raw_table(files, folder, shown_as))
    shapes = (folder / "source.shx").stat().st_size // 8 - HEADER_BYTES // 8
    if shapes != dbf.records or table.num_rows != dbf.living:
        msg = f"“{shown_as}”的图形（.shp）有 {shapes} 个，属性（.dbf）有 {dbf.records} 行，不是同一套文件"
        raise FormatError(msg)
    rows = np.arange(1, table.num_rows + 1, dtype=np.int64)
    problems = RowProblems(rows)
    crs = _declared(files.get(".prj"), problems)
    outlines = None
    if encoded is not None:
        outlines = outlines_of(encoded, arc_tolerance(crs), problems)
    taken = wanted or _encoding_of(files.get(".cpg"), dbf, table)
    cells = _decoded(table, taken.codec, problems)
    _keep_misfits(dbf, taken.codec, cells)
    return Arrived(
        shown_as, cells, rows, outlines, declared_crs=crs, encoding=taken.label,
        encoding_reason=taken.reason, problems=problems.all(),
    )  # fmt: skip


def _checked(files: dict[str, Path], name: str) -> Dbf:
    shp = files[".shp"]
    size = shp.stat().st_size
    with shp.open("rb") as file:
        head = file.read(HEADER_BYTES)
    announced = struct.unpack_from(">i", head, 24)[0] * 2 if len(head) == HEADER_BYTES else -1
    if announced < HEADER_BYTES or size < announced:
        msg = f"“{name}”的图形文件（.shp）不完整：应有 {max(announced, HEADER_BYTES)} 字节，只有 {size} 字节，请重新发送"
        raise FormatError(msg)
    if ".dbf" not in files:
        msg = f"缺少“{name}.dbf”（属性表）：Shapefile 由同名的 .shp、.shx、.dbf、.prj 组成，请一并发送或压缩成 zip"
        raise FormatError(msg)
    return read_header(files[".dbf"], name)


def _declared(prj: Path | None, problems: RowProblems) -> str | None:
    """What the .prj says; GDAL would refuse the whole file for a broken one."""
    text = prj.read_text("utf-8", errors="replace").strip("\ufeff \t\r\n\x00") if prj else ""
    if not text:
        return None
    try:
        crs = pyproj.CRS.from_wkt(text)
    except pyproj.exceptions.CRSError:
        message = "坐标系文件（.prj）无法识别，按没有声明坐标系处理"
        problems.note("prj_unreadable", message, warning=True)
        return None
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else text


def _raw_table(files: dict[str, Path], folder: Path, name: str) -> Any:
    wanted = [".shp", ".dbf", *([".shx"] if _is_sound_index(files.get(".shx")) else [])]
    for suffix in wanted:
        linked(files[suffix], folder, f"source{suffix}")
    restore = {"SHAPE_RESTORE_SHX": "NO" if ".shx" in wanted else "YES"}
    with words(name), only("ESRI Shapefile", restore):
        # Numbers of 19 digits would become floats without ADJUST_TYPE.
        _, table = arrow_table(
            folder / "source.shp", 0, name=name, encoding=_BYTES_AS_TEXT, ADJUST_TYPE="YES"
        )
    return table


def _is_sound_index(shx: Path | None) -> bool:
    """Whether there is an index as long as it says; GDAL makes another one from the outlines."""
    if shx is None:
        return False
    with shx.open("rb") as file:
        head = file.read(HEADER_BYTES)
    if len(head) < HEADER_BYTES:
        return False
    announced = struct.unpack_from(">i", head, 24)[0] * 2
    return bool(shx.stat().st_size == announced and (announced - HEADER_BYTES) % 8 == 0)


def _encoding_of(cpg: Path | None, dbf: Dbf, table: Any) -> TextEncoding:
    said = cpg.read_bytes()[:100].decode("utf-8-sig", "replace").strip(" \t\r\n\x00") if cpg else ""
    pieces = [name.encode("latin-1") for name in table.column_names]
    for column in table.columns:
        if pa.types.is_string(column.type):
            cells = column.drop_null().slice(0, _ENOUGH_CELLS)
            pieces += [text.encode("latin-1") for text in cells.unique().to_pylist()]
    if said:
        return chosen(pieces, declared=said, declared_by=".cpg 文件")
    return chosen(pieces, declared=dbf.code_page, declared_by="DBF 语言标识")


def _decoded(table: Any, codec: str, problems: RowProblems) -> pd.DataFrame:
    names = [decoded_text(name.encode("latin-1"), codec)[0] for name in table.column_names]
    columns = [
        decoded_column(column, codec, name, problems, latin_1=True)
        if pa.types.is_string(column.type)
        else column
        for name, column in zip(names, table.columns, strict=True)
    ]
    return frame_of(pa.table(columns, names=names), problems)


def _keep_misfits(dbf: Dbf, codec: str, cells: pd.DataFrame) -> None:
    """Put back what its column does not hold; GDAL made zeros of words and cut off decimals."""
    if len(cells.columns) == len(dbf.fields):
        for position, found in dbf.misfits().items():
            numeric = dbf.fields[position].kind != "D"
            values = {
                row: float(raw) if numeric and is_number(raw) else decoded_text(raw, codec)[0]
                for row, raw in found.items()
            }
            keep_as_they_stand(cells, position, values)
