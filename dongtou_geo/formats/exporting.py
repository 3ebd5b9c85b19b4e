"""What every export shares: kinds of columns, text that a format can hold, and one safe way to a file."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from dongtou_geo.domain.ledger_field import LEDGER_FIELDS, FieldKind
from dongtou_geo.domain.os_words import os_words
from dongtou_geo.formats.arrived import FormatError

Outlines = NDArray[np.object_]

# What XML 1.0 cannot say even as a character reference (section 2.2), and halves of characters.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")
_FULL_DISK_BYTES = 2**20
_OFFICE_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PARCEL_NO = LEDGER_FIELDS["parcel_no"]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an export.

    Parameters
    ----------
    rows : int
        Rows that the file's layer holds.
    left_out : tuple of str
        Parcel numbers of those that it cannot hold: 未落图, where the format needs an outline.
    """

    rows: int
    left_out: tuple[str, ...] = ()


class ColumnKind(StrEnum):
    """What a column holds; formats with types declare it so."""

    TEXT = "text"
    REAL = "real"
    INTEGER = "integer"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is written.

    Parameters
    ----------
    name : str
        Its name.
    kind : ColumnKind
        Kind of every value.
    values : tuple
        One value a row: str, float, int or date by kind, or None.
    """

    name: str
    kind: ColumnKind
    values: tuple[Any, ...]


def columns_of(cells: pd.DataFrame) -> list[Column]:
    """Tell the kind of each column by what it holds; an empty one by the ledger's field.

    Parameters
    ----------
    cells : DataFrame
        One row a parcel; values str, int, float, bool, date, datetime or missing. Mixed columns
        become text.

    Returns
    -------
    list of Column
        In the frame's order.
    """
    return [_column(str(name), cells.iloc[:, at]) for at, name in enumerate(cells.columns)]


def checked_outlines(cells: pd.DataFrame, outlines: Outlines) -> Outlines:
    """Make sure that there is one polygon a row, or none.

    Parameters
    ----------
    cells : DataFrame
        The rows.
    outlines : ndarray of object
        One shapely polygon or multipolygon a row; None = 未落图.

    Returns
    -------
    ndarray of object
        The same in two dimensions, empty outlines as None.

    Raises
    ------
    FormatError
        If the lengths differ, an outline is no polygon, or a coordinate no finite number.
    """
    shapes = np.array(outlines, dtype=object).reshape(-1)
    if len(shapes) != len(cells):
        msg = f"属性 {len(cells)} 行与图形 {len(shapes)} 个不一致，无法导出"
        raise FormatError(msg)
    shapes[shapely.is_empty(shapes)] = None
    drawn = shapes[~shapely.is_missing(shapes)]
    kinds = shapely.get_type_id(drawn)
    if not np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)).all():
        msg = "图形应为面或多面，无法导出其他类型"
        raise FormatError(msg)
    if not np.isfinite(shapely.get_coordinates(drawn)).all():
        msg = "图形坐标含有非数值，无法导出"
        raise FormatError(msg)
    return np.asarray(shapely.force_2d(shapes), dtype=object)


def parcel_names(cells: pd.DataFrame) -> tuple[str, ...]:
    """Name each row by its parcel number, or by its place where it has none.

    Parameters
    ----------
    cells : DataFrame
        With a column ``parcel_no`` or its Chinese name, or without.

    Returns
    -------
    tuple of str
        One name a row.
    """
    for name in (_PARCEL_NO.name, _PARCEL_NO.label):
        if name in cells.columns:
            numbers = [_plain(value) for value in cells[name].tolist()]
            return tuple(
                f"第 {row} 行" if number is None else _words(number)
                for row, number in enumerate(numbers, start=1)
            )
    return tuple(f"第 {row} 行" for row in range(1, len(cells) + 1))


def whole_characters(text: str) -> str:
    """Replace halves of characters, which no encoding can write, by U+FFFD.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Valid Unicode.
    """
    return _HALF.sub("\ufffd", text)


def without_nul(text: str) -> str:
    """Remove NUL, which ends a text wherever C reads it.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Valid Unicode without U+0000.
    """
    return whole_characters(text).replace("\0", "")


def xml_characters(text: str) -> str:
    """Remove the characters that XML 1.0 has no way to write.

    Parameters
    ----------
    text : str
        Any text; not escaped here.

    Returns
    -------
    str
        Text that survives XML once it is escaped.
    """
    return _NOT_XML.sub("", whole_characters(text))


def inert(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would compute.

    Parameters
    ----------
    text : str
        A cell for a CSV file.

    Returns
    -------
    str
        Text that no spreadsheet takes for a formula.
    """
    return f"'{text}" if text.startswith(_OFFICE_FORMULA) else text


@contextmanager
def published(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """Make a file in a folder beside its place, and put it there only once it is complete.

    Parameters
    ----------
    target : Path
        The place.
    overwrite : bool
        Whether a file that is there may be replaced.

    Yields
    ------
    Path
        Where to write, of the same name; whatever else lies beside it is thrown away.

    Raises
    ------
    FormatError
        If something is there already, or it cannot be written; everything is then as before.
    """
    try:
        if not overwrite and _taken(target):
            raise _refused(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".export-", dir=target.parent, ignore_cleanup_errors=True
        ) as folder:
            part = Path(folder) / target.name
            yield part
            _place(part, target, overwrite=overwrite)
    except OSError as error:
        raise unwritable(target, error) from error


def unwritable(target: Path, error: Exception) -> FormatError:
    """Say in Chinese why a file cannot be written.

    Parameters
    ----------
    target : Path
        The place.
    error : Exception
        What happened.

    Returns
    -------
    FormatError
        To be raised from ``error``.
    """
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT) or (number is None and _is_full(target)):
        reason = "磁盘空间不足，请清理后重试"
    elif number == errno.EFBIG:
        reason = "超过单个文件的大小上限"
    elif number in (errno.EACCES, errno.EPERM):
        reason = "没有写入权限，或文件正被其他程序打开"
    elif number == errno.EROFS:
        reason = "所在磁盘只读"
    elif number in (errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY):
        reason = "路径上应为文件夹的是文件，或应为文件的是文件夹"
    else:
        reason = os_words(error) if isinstance(error, OSError) else "写入中断"
    return FormatError(f"文件 {target} 无法写入：{reason}")


def _is_full(target: Path) -> bool:
    try:
        return shutil.disk_usage(target.parent).free < _FULL_DISK_BYTES
    except OSError:
        return False


def _taken(target: Path) -> bool:
    return target.exists() or target.is_symlink()


def _refused(target: Path) -> FormatError:
    return FormatError(f"文件 {target} 已存在；请换一个文件名，或指明覆盖")


def _place(part: Path, target: Path, *, overwrite: bool) -> None:
    with part.open("rb+") as file:  # a full disk may tell only now
        os.fsync(file.fileno())
    if overwrite:
        part.replace(target)
        return
    try:
        os.link(part, target)  # unlike a rename, it never replaces what came in meanwhile
    except FileExistsError:
        raise _refused(target) from None
    except OSError:  # a file system without hard links
        if _taken(target):
            raise _refused(target) from None
        part.rename(target)


def _column(name: str, cells: pd.Series) -> Column:
    values = [_plain(value) for value in cells.tolist()]
    present = [value for value in values if value is not None]
    if not present:
        return Column(name, _KINDS.get(name, ColumnKind.TEXT), tuple(values))
    if all(type(value) is date for value in present):
        return Column(name, ColumnKind.DAY, tuple(values))
    if all(type(value) is int and abs(value) < 2**63 for value in present):
        return Column(name, ColumnKind.INTEGER, tuple(values))
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in present):
        return Column(name, ColumnKind.REAL, tuple(v if v is None else float(v) for v in values))
    return Column(name, ColumnKind.TEXT, tuple(v if v is None else _words(v) for v in values))


def _plain(value: Any) -> Any:
    """Reduce what pandas and numpy make of values; missing ones to None."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date()
    return value


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)


def _kind(kind: FieldKind) -> ColumnKind:
    if kind is FieldKind.DAY:
        return ColumnKind.DAY
    return ColumnKind.TEXT if kind in (FieldKind.TEXT, FieldKind.CHOICE) else ColumnKind.REAL


_KINDS = {
    name: _kind(field.kind)
    for field in LEDGER_FIELDS.values()
    for name in (field.name, field.label, field.heading)
}
