"""XLS, the workbook of Excel 97 to 2003, which many offices still send."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import xlrd
from xlrd.xldate import xldate_as_datetime

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.workbook_cells import (
    Block,
    Book,
    Fault,
    Grid,
    Value,
    tidy_day,
    tidy_number,
)
from dongtou_geo.formats.workbook_xlsx import macros_ignored

# 65,536 rows of 256 columns do not reach it.
MAX_XLS_BYTES = 256 << 20

_PASSWORD = "文件有密码，无法读取，请用 Excel 打开、取消密码后再导入"  # noqa: S105 - a message
# Storages are named in UTF-16 in the container's directory.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MACROS = "_VBA_PROJECT_CUR".encode("utf-16-le")


def open_xls(path: Path) -> Book:
    """Open a workbook of the binary kind.

    Parameters
    ----------
    path : Path
        The file; its name does not matter.

    Returns
    -------
    Book
        Its problems name macros, which are never run.

    Raises
    ------
    FormatError
        If the workbook has a password, or is no workbook.

    Notes
    -----
    A filter's hidden rows cannot be told from rows that were hidden by hand: xlrd does not read
    filters. A formula's result is always stored in this format.
    """
    if path.stat().st_size > MAX_XLS_BYTES:
        msg = f"文件大于 {MAX_XLS_BYTES >> 20} MB，请另存为 .xlsx 或分成几个文件再导入"
        raise FormatError(msg)
    content = path.read_bytes()
    if _ENCRYPTED in content:
        raise FormatError(_PASSWORD)
    try:
        # It reports oddities on stdout unless told where to.
        book = xlrd.open_workbook(
            file_contents=content, formatting_info=True, logfile=io.StringIO()
        )
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise FormatError(_PASSWORD) from error
        raise
    sheets = {sheet.name: sheet.visibility == 0 for sheet in book.sheets()}
    problems: tuple[IntakeProblem, ...] = (macros_ignored(),) if _MACROS in content else ()
    return Book(sheets, lambda name: _grid(book, book.sheet_by_name(name)), problems)


def _grid(book: Any, sheet: Any) -> Grid:
    grid = Grid(sheet.name)
    for row in range(sheet.nrows):
        cells = zip(sheet.row_types(row), sheet.row_values(row), strict=True)
        grid.add_row(row + 1, [_value(kind, value, book.datemode) for kind, value in cells])
    for top, bottom, left, right in sheet.merged_cells:
        if bottom - top > 1 or right - left > 1:
            grid.merged.append(Block(top + 1, left + 1, bottom, right))
    grid.hidden_rows = {row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden}
    grid.hidden_columns = {column + 1 for column, info in sheet.colinfo_map.items() if info.hidden}
    return grid.close()


def _value(kind: int, value: Any, datemode: int) -> Value:
    if kind == xlrd.XL_CELL_NUMBER:
        return tidy_number(value)
    if kind == xlrd.XL_CELL_DATE:
        return _day(value, datemode)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        return Fault("cell_error", xlrd.error_text_from_code.get(value, f"错误 {value}"))
    return (str(value) or None) if kind == xlrd.XL_CELL_TEXT else None


def _day(value: float, datemode: int) -> Value:
    try:
        moment = xldate_as_datetime(value, datemode)
    except (OverflowError, ValueError):
        return Fault("cell_error", f"{value}（日期格式，超出日期范围）")
    return str(moment.time()) if 0 <= value < 1 else tidy_day(moment)
