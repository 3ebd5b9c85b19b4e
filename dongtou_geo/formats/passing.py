"""What was read in a process of its own, handed over through files: Arrow, WKB and JSON, no pickle.

The process that parses a stranger's file may have been taken over by it, so whatever it leaves
is data to be checked, and nothing in it can name code to run.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyarrow import ipc

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import Arrived, FormatError

_TYPED_FILE = "typed.arrow"  # typed columns, row numbers and outlines
_MIXED_FILE = "mixed.jsonl"  # columns of mixed values, one JSON array a line
_REST_FILE = "rest.json"
_ROWS, _OUTLINES = "row_numbers", "outlines"

_TAG = "type"
_FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda text: timedelta(microseconds=int(text)),
    "bytes": lambda text: base64.b64decode(text, validate=True),
    "nat": lambda _: pd.NaT,
    "na": lambda _: pd.NA,
}


def pack(arrived: Arrived, folder: Path) -> None:
    """Write what a file held into a folder.

    Parameters
    ----------
    arrived : Arrived
        What was read.
    folder : Path
        An existing, empty folder.

    Raises
    ------
    FormatError
        If a cell holds a value of a kind that cells do not have, or the parts differ in length.
    """
    _check_lengths(arrived)
    mixed = _write_typed(arrived, folder / _TYPED_FILE)
    _write_mixed(arrived.cells, mixed, folder / _MIXED_FILE)
    rest = {
        "layer": arrived.layer,
        "columns": list(arrived.cells.columns),
        "mixed": mixed,
        "has_outlines": arrived.outlines is not None,
        "column_letters": arrived.column_letters,
        "declared_crs": arrived.declared_crs,
        "encoding": arrived.encoding,
        "encoding_reason": arrived.encoding_reason,
        "problems": [problem.as_dict() for problem in arrived.problems],
        "facts": arrived.facts,
    }
    (folder / _REST_FILE).write_text(json.dumps(rest), "ascii")


def unpack(folder: Path) -> Arrived:
    """Read what ``pack`` wrote; nothing in the folder is trusted.

    Parameters
    ----------
    folder : Path
        Where ``pack`` wrote.

    Returns
    -------
    Arrived
        Equal to what was packed: values, types, order. The folder may be removed afterwards.

    Raises
    ------
    FormatError
        If something is missing, damaged, or not of the kind it must be.
    """
    try:
        return _unpacked(folder)
    except Exception as error:  # of whatever kind: it is made by whoever made the file
        msg = "读取进程交回的内容已损坏，无法使用；文件可能已损坏，请另存一份后重试"
        raise FormatError(msg) from error


def _check_lengths(arrived: Arrived) -> None:
    lengths = {len(arrived.cells), len(arrived.row_numbers)}
    if arrived.outlines is not None:
        lengths.add(len(arrived.outlines))
    if len(lengths) > 1:
        msg = f"图层“{arrived.layer}”的属性、行号和图形数目不一致：{sorted(lengths)}"
        raise FormatError(msg)


def _write_typed(arrived: Arrived, path: Path) -> list[int]:
    """Write all that Arrow holds exactly; return the positions of the columns it does not."""
    cells, mixed = arrived.cells, []
    arrays: dict[str, pa.Array | pa.ChunkedArray] = {
        _ROWS: pa.array(np.asarray(arrived.row_numbers, dtype=np.int64))
    }
    if arrived.outlines is not None:
        with np.errstate(invalid="ignore"):  # outlines may hold NaN: it is the intake's to refuse
            wkb = shapely.to_wkb(arrived.outlines)
        arrays[_OUTLINES] = pa.array(wkb, type=pa.large_binary())
    described: list[pa.Table] = []
    for position in range(cells.shape[1]):
        column = cells.iloc[:, position]
        table = None if column.dtype == object else _arrow(column, f"c{position}")
        if table is None:
            mixed.append(position)
        else:
            described.append(table)
    table = pa.table(arrays)
    for part in described:
        # pandas' own words on a dtype travel in the metadata of the part's one field.
        name = part.column_names[0]
        field = part.schema.field(0).with_metadata(part.schema.metadata)
        table = table.append_column(field, part.column(name))
    with pa.OSFile(str(path), "wb") as sink, ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return mixed


def _arrow(column: pd.Series, name: str) -> pa.Table | None:
    try:
        return pa.Table.from_pandas(column.to_frame(name), preserve_index=False)
    except (pa.ArrowException, UnicodeError, TypeError):
        return None  # text that is no valid Unicode, or a type only pandas has: value by value


def _write_mixed(cells: pd.DataFrame, positions: list[int], path: Path) -> None:
    with path.open("w", encoding="ascii", newline="\n") as file:
        for position in positions:
            try:
                json.dump(cells.iloc[:, position].tolist(), file, default=_tagged)
            except ValueError as error:
                msg = f"列“{cells.columns[position]}”含无法处理的数值：{error}"
                raise FormatError(msg) from error
            file.write("\n")


def _tagged(value: object) -> object:
    """Turn a value that JSON has no word for into its type and its text."""
    if isinstance(value, np.generic):
        return value.item()
    if value is pd.NaT:
        return {_TAG: "nat", "text": ""}
    if value is pd.NA:
        return {_TAG: "na", "text": ""}
    if isinstance(value, (datetime, date, time)):
        kind = next(k for k in (datetime, date, time) if isinstance(value, k))
        return {_TAG: kind.__name__, "text": value.isoformat()}
    if isinstance(value, timedelta):
        return {_TAG: "timedelta", "text": str(value // timedelta(microseconds=1))}
    if isinstance(value, bytes):
        return {_TAG: "bytes", "text": base64.b64encode(value).decode("ascii")}
    msg = f"类型 {type(value).__name__}"
    raise ValueError(msg)


def _untagged(found: dict[str, Any]) -> object:
    return _FROM_TEXT[found[_TAG]](found["text"])


def _unpacked(folder: Path) -> Arrived:
    rest = json.loads((folder / _REST_FILE).read_text("ascii"))
    # Read, not mapped: Windows removes no file that is mapped, and the folder goes at once.
    with pa.OSFile(str(folder / _TYPED_FILE), "rb") as source:
        table = ipc.open_file(pa.BufferReader(source.read_buffer())).read_all()
    table.validate(full=True)
    row_numbers = np.array(table.column(_ROWS).to_numpy(), dtype=np.int64)
    columns = [_text(name) for name in rest["columns"]]
    series = dict(_typed(table)) | dict(_mixed(folder / _MIXED_FILE, rest["mixed"]))
    if sorted(series) != list(range(len(columns))):
        _refuse("列")
    if any(len(column) != len(row_numbers) for column in series.values()):
        _refuse("行数")
    cells = pd.DataFrame(
        {position: series[position] for position in range(len(columns))},
        index=pd.RangeIndex(len(row_numbers)),
    )
    cells.columns = _names(columns)
    return Arrived(
        layer=_text(rest["layer"]),
        cells=cells,
        row_numbers=row_numbers,
        outlines=_outlines(table) if rest["has_outlines"] is True else None,
        column_letters=_texts(rest["column_letters"]),
        declared_crs=_text_or_none(rest["declared_crs"]),
        encoding=_text_or_none(rest["encoding"]),
        encoding_reason=_text_or_none(rest["encoding_reason"]),
        problems=tuple(_problem(found) for found in rest["problems"]),
        facts=_texts(rest["facts"]),
    )


def _names(columns: list[str]) -> pd.Index:
    try:
        return pd.Index(columns)
    except UnicodeError:  # pandas' own text type takes valid Unicode only
        return pd.Index(columns, dtype=object)


def _typed(table: pa.Table) -> Iterator[tuple[int, pd.Series]]:
    for field in table.schema:
        if field.name not in (_ROWS, _OUTLINES):
            part = pa.table({field.name: table.column(field.name)})
            frame = part.replace_schema_metadata(field.metadata).to_pandas()
            yield int(field.name.removeprefix("c")), frame[field.name]


def _mixed(path: Path, positions: list[int]) -> Iterator[tuple[int, pd.Series]]:
    with path.open(encoding="ascii", newline="\n") as file:
        for position, line in zip(positions, file, strict=True):
            values = json.loads(line, object_hook=_untagged)
            if not isinstance(values, list):
                _refuse("列")
            yield position, pd.Series(values, dtype=object)


def _outlines(table: pa.Table) -> NDArray[np.object_]:
    wkb = table.column(_OUTLINES).to_numpy()
    with np.errstate(invalid="ignore"):
        return np.asarray(shapely.from_wkb(wkb), dtype=object)


def _problem(found: dict[str, Any]) -> IntakeProblem:
    row = found["row"]
    if row is not None and type(row) is not int:
        _refuse("行号")
    return IntakeProblem(
        row=row,
        cell=_text_or_none(found["cell"]),
        parcel_no=_text_or_none(found["parcel_no"]),
        code=_text(found["code"]),
        severity=Severity(found["severity"]),
        message=_text(found["message"]),
    )


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        _refuse("对照表")
    return {_text(key): _text(text) for key, text in value.items()}


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        _refuse("文字")
    return value


def _refuse(what: str) -> NoReturn:
    msg = f"{what}不符"
    raise ValueError(msg)
