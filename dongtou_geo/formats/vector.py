"""A layer as GDAL hands it over in Arrow form, into what arrived: nothing lost, nothing guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyproj
from numpy.typing import NDArray

from dongtou_geo.formats.arcs import METRES_PER_DEGREE, TOLERANCE_M
from dongtou_geo.formats.arrived import Arrived
from dongtou_geo.formats.encodings import decoded_text
from dongtou_geo.formats.gdal_gate import arrow_table, only, words
from dongtou_geo.formats.row_problems import RowProblems
from dongtou_geo.formats.wkb import outlines_of

MAX_NAME_CHARACTERS = 500
GDAL_WARNING = "gdal_warning"
_MAX_WARNINGS = 5
# What these are about becomes a problem of its row elsewhere, or is no problem.
_KNOWN_WARNINGS = (
    "Non closed ring",
    "Invalid content for record",
    "Non-conformant content",
    "Unsupported geometry type detected",
)
_NO_NAME = "未命名"
_NULLABLE = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
}
# A day in China stored as an instant: its midnight is 16:00 UTC of the day before.
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_CHINA = np.timedelta64(8, "h")


def read_layer(
    path: Path, driver: str, layer: str | int, *, name: str, shown_as: str, **options: Any
) -> Arrived:
    """Read one layer with one driver of GDAL.

    Parameters
    ----------
    path : Path
        A file with a plain name.
    driver : str
        GDAL's short name.
    layer : str or int
        Name or position in the file.
    name : str
        The file for people.
    shown_as : str
        Name of the layer for people.
    **options : Any
        Open options of the driver.

    Returns
    -------
    Arrived
        The layer; integers with gaps as pandas' nullable integers, days and times as datetime64
        without zone, lists as JSON text. What GDAL warned of is a warning.

    Raises
    ------
    FormatError
        If GDAL cannot read it.
    """
    with words(name), only(driver) as heard:
        meta, table = arrow_table(path, layer, name=name, **options)
    encoded, table = split_geometry(table)
    rows = np.arange(1, table.num_rows + 1, dtype=np.int64)
    problems = RowProblems(rows)
    crs = declared_crs(meta["crs"])
    cells = frame_of(table, problems)
    outlines = None
    if encoded is not None:
        outlines = outlines_of(encoded, arc_tolerance(crs), problems)
    for warning in list(dict.fromkeys(heard))[:_MAX_WARNINGS]:
        if not any(known in warning for known in _KNOWN_WARNINGS):
            shown = warning.replace(str(path), name)[:300]
            problems.note(GDAL_WARNING, f"读取时 GDAL 提示：{shown}", warning=True)
    return Arrived(shown_as, cells, rows, outlines, declared_crs=crs, problems=problems.all())


def split_geometry(table: Any) -> tuple[NDArray[np.object_] | None, Any]:
    """Take the geometry column out of a table.

    Parameters
    ----------
    table : pyarrow.Table
        As pyogrio reads it.

    Returns
    -------
    ndarray of bytes or None, or None
        WKB a row; None for a table without outlines.
    pyarrow.Table
        The other columns.
    """
    for position in reversed(range(table.num_columns)):
        marks = table.schema.field(position).metadata or {}
        if marks.get(b"ARROW:extension:name", b"").endswith(b".wkb"):
            encoded = np.asarray(table.column(position), dtype=object)
            return encoded, table.remove_column(position)
    return None, table


def frame_of(table: Any, problems: RowProblems) -> pd.DataFrame:
    """Turn a table without geometry into typed cells.

    Parameters
    ----------
    table : pyarrow.Table
        The columns.
    problems : RowProblems
        Takes ``text_undecodable`` (error) and ``column_skipped`` (info).

    Returns
    -------
    DataFrame
        RangeIndex, unique column names.
    """
    columns, kept = [], []
    names = unique_names(table.column_names)
    for name, column in zip(names, table.columns, strict=True):
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            problems.note("column_skipped", f"列“{name}”存的是二进制内容，已跳过", name)
            continue
        columns.append(_plain(column, name, problems))
        kept.append(name)
    if not columns:
        return pd.DataFrame(index=pd.RangeIndex(table.num_rows))
    frame = _to_pandas(pa.table(columns, names=[str(i) for i in range(len(columns))]))
    frame.columns = pd.Index(kept, dtype=object)
    return frame


def _to_pandas(table: Any) -> pd.DataFrame:
    """Keep integers integers: pandas would make floats of those with gaps, and lose digits."""
    gaps = [
        field.name
        for field, column in zip(table.schema, table.columns, strict=True)
        if column.null_count and field.type in _NULLABLE
    ]
    whole = table.drop(gaps).to_pandas(date_as_object=False)
    for name in whole.select_dtypes("float32"):
        # By its own shortest decimal: 12.3 of single precision is not 12.300000190734863.
        whole[name] = whole[name].astype(str).astype("float64")
    if not gaps:
        return whole
    broken = table.select(gaps).to_pandas(types_mapper=_NULLABLE.get)
    return pd.concat([whole, broken], axis=1)[table.column_names]


def _plain(column: Any, name: str, problems: RowProblems) -> Any:
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type)
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            return decoded_column(column, "utf-8", name, problems)
    elif pa.types.is_timestamp(kind):
        return _wall_clock(column)
    elif pa.types.is_nested(kind):
        texts = [_as_json(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    return column


def _as_json(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


def decoded_column(
    column: Any, codec: str, name: str, problems: RowProblems, *, latin_1: bool = False
) -> Any:
    """Decode a column of texts from their bytes.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Of strings, perhaps not valid UTF-8.
    codec : str
        Encoding of the bytes.
    name : str
        The column, for the problems.
    problems : RowProblems
        Takes a ``text_undecodable`` for every text that is broken elsewhere than at its end.
    latin_1 : bool, default False
        The bytes were taken for Latin-1 on their way here.

    Returns
    -------
    pyarrow.ChunkedArray
        Of strings.
    """
    coded = pc.dictionary_encode(column.cast(pa.binary()).combine_chunks())
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0)
    raw = coded.dictionary.to_pylist()
    if latin_1:
        raw = [text.decode("utf-8").encode("latin-1") for text in raw]
    texts = [decoded_text(piece, codec) for piece in raw]
    broken = {code: text for code, (text, clean) in enumerate(texts) if not clean}
    for row, code in enumerate(coded.indices.to_pylist() if broken else ()):
        if code in broken:
            message = f"“{name}”里的文字“{broken[code][:50]}”含有无法识别的字符，请改正后重新导出"
            problems.error(row, name, "text_undecodable", message)
    dictionary = pa.array([text for text, _ in texts], pa.string())
    return pa.chunked_array([dictionary.take(coded.indices)])


def keep_as_they_stand(cells: pd.DataFrame, position: int, misfits: Mapping[int, object]) -> None:
    """Put back what a typed column could not hold; the column's dtype becomes object.

    Parameters
    ----------
    cells : DataFrame
        Changed in place.
    position : int
        Column, from 0.
    misfits : mapping of int to object
        By row, from 0, what the file has there. Nothing happens when there are none.
    """
    if misfits:
        column = cells.iloc[:, position].astype(object)
        column = column.where(column.notna(), None)
        column.iloc[list(misfits)] = list(misfits.values())
        cells.isetitem(position, column.array)


def _wall_clock(column: Any) -> Any:
    """Date and time as written, without zone.

    GeoPackage marks every time as UTC, and most programs write the local time under that mark.
    Only where every value is a midnight of China time was a day turned into UTC.
    """
    zone = column.type.tz
    if zone is None:
        return column
    naive = column.cast(pa.timestamp(column.type.unit))
    offset = _OFFSET.fullmatch(zone)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3])
        shift = np.timedelta64(-minutes if offset[1] == "-" else minutes, "m")
    else:
        local = naive.drop_null().to_numpy() + _CHINA
        days = len(local) and (local == local.astype("datetime64[D]")).all()
        shift = _CHINA if days else np.timedelta64(0, "h")
    return pc.add(naive, pa.scalar(shift.astype(object), pa.duration(column.type.unit)))


def unique_names(names: Iterable[str]) -> list[str]:
    """Make column names short enough to show and different from one another.

    Parameters
    ----------
    names : iterable of str
        As the file has them.

    Returns
    -------
    list of str
        At most 500 characters each; of equal ones the later get ``_2``, ``_3``.
    """
    taken: set[str] = set()
    counts: dict[str, int] = {}
    result = []
    for name in names:
        short = name[:MAX_NAME_CHARACTERS] if name.strip() else _NO_NAME
        unique = short
        while unique in taken:
            counts[short] = counts.get(short, 1) + 1
            end = f"_{counts[short]}"
            unique = short[: MAX_NAME_CHARACTERS - len(end)] + end
        taken.add(unique)
        result.append(unique)
    return result


def declared_crs(found: str | None) -> str | None:
    """Leave out what GDAL puts where a file says nothing of its coordinates.

    Parameters
    ----------
    found : str or None
        pyogrio's word for it.

    Returns
    -------
    str or None
        WKT or ``EPSG:n``.
    """
    return None if not found or "Undefined" in found[:60] else found


def arc_tolerance(crs: str | None) -> float | None:
    """How far 1 cm is in the units of a coordinate system.

    Parameters
    ----------
    crs : str or None
        What the file declares.

    Returns
    -------
    float or None
        In its units; degrees count along the meridian. None where it is not known.
    """
    try:
        axis = pyproj.CRS.from_user_input(crs).axis_info[0] if crs else None
    except (pyproj.exceptions.CRSError, IndexError):
        return None
    if axis is None:
        return None
    if axis.unit_name == "degree":
        return TOLERANCE_M / METRES_PER_DEGREE
    return TOLERANCE_M / (axis.unit_conversion_factor or 1.0)
