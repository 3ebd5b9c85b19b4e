"""Tables out: XLSX and CSV in which every text stays a text."""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from dongtou_geo.formats.csv_text import guarded
from dongtou_geo.formats.exporting import whole_characters
from dongtou_geo.formats.workbook_cells import LONGEST_EXACT

NOTES_SHEET = "说明"
LONGEST_SHEET_NAME = 31

# Before that day Excel's calendar has a 29 February that never was.
_FIRST_DAY = date(1900, 3, 1)
# A code, a date, or the first sign of a formula: Excel must not turn it into something else.
_AS_TEXT = re.compile(r"\s*[=+\-@＝＋－＠]|\d[\w.,:/+%\-]*\Z")
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_WIDTH_ROWS = 200
_NARROWEST, _WIDEST = 8, 48


def xlsx_text(text: str) -> str:
    """Escape what XML cannot hold, as Excel does.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Control characters as ``_x0001_``, what looks like such an escape as ``_x005F_…``; halves
        of a character pair, which no file can hold, as U+FFFD.

    Notes
    -----
    ISO/IEC 29500-1, 22.9.2.19 (ST_Xstring).
    """
    escaped = _ESCAPE_LIKE.sub("_x005F_", whole_characters(text))
    return _NOT_XML.sub(lambda match: f"_x{ord(match[0]):04X}_", escaped)


def write_workbook(
    path: Path,
    sheet: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    notes: Sequence[str] = (),
) -> None:
    """Write a table as an XLSX workbook.

    Parameters
    ----------
    path : Path
        The file; replaced if it exists.
    sheet : str
        Name of the table's worksheet; what Excel forbids in names becomes ``_``.
    headings : sequence of str
        One a column.
    rows : iterable of sequence of object
        Text, numbers, bool, dates, None or NaN (empty); streamed.
    notes : sequence of str
        Lines for a second sheet 说明: the standing line, credits, 示例, the date of the figures.
    """
    write_sheets(path, [Sheet(sheet, headings, rows)], notes=notes)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a workbook, as ``write_workbook`` takes it."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[object]]


def write_sheets(
    target: Path | BinaryIO, sheets: Iterable[Sheet], *, notes: Sequence[str] = ()
) -> None:
    """Write tables as one XLSX workbook, a worksheet each.

    Parameters
    ----------
    target : Path or binary file
        Where to; a file that exists is replaced.
    sheets : iterable of Sheet
        The tables, streamed.
    notes : sequence of str
        Lines for a last sheet 说明.
    """
    book = Workbook(write_only=True)
    for sheet in sheets:
        _write_sheet(book, sheet)
    if notes:
        taken = {name.casefold() for name in book.sheetnames}
        _write_notes(book.create_sheet(_other_name(NOTES_SHEET, taken)), notes)
    book.save(target)


def _write_sheet(book: Workbook, sheet: Sheet) -> None:
    taken = {name.casefold() for name in book.sheetnames}
    page = book.create_sheet(_other_name(sheet_name(sheet.name), taken))
    headings, stream = sheet.headings, iter(sheet.rows)
    opening = [[cell_value(value) for value in row] for row in islice(stream, _WIDTH_ROWS)]
    _set_widths(page, headings, opening)
    # A write-only sheet writes its view before the first row.
    page.freeze_panes = "A2"
    page.append([_heading(page, text) for text in headings])
    count = 1
    for row in chain(opening, ([cell_value(value) for value in row] for row in stream)):
        page.append([_cell(page, value) for value in row])
        count += 1
    page.auto_filter.ref = f"A1:{get_column_letter(max(len(headings), 1))}{count}"


def write_csv(path: Path, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as CSV that Excel opens with its Chinese intact: UTF-8 with BOM, CRLF.

    Parameters
    ----------
    path : Path
        The file; replaced if it exists.
    headings : sequence of str
        One a column.
    rows : iterable of sequence of object
        Text, numbers, bool, dates, None or NaN (empty).

    Notes
    -----
    A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV
    injection); reading takes it off again. Numbers stay as they are, negative ones too.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        for row in chain([headings], rows):
            writer.writerow([_csv_text(cell_value(value)) for value in row])


def cell_value(value: object) -> object:
    """Return a value as a cell can hold it.

    Parameters
    ----------
    value : object
        Anything out of a frame.

    Returns
    -------
    object
        str, int, float, bool, date, datetime without zone, or None; whatever a number or date
        cell would spoil (long codes, days before 1900-03-01, moments with a zone) as text.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return _number(value)
    return _day(value) if isinstance(value, date) else str(value)


def _number(value: float) -> object:
    if isinstance(value, int):
        return value if abs(value) < LONGEST_EXACT else str(value)
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)


def _day(value: date) -> object:
    if not isinstance(value, datetime):
        return value if value >= _FIRST_DAY else str(value)
    moment = value.to_pydatetime(warn=False) if isinstance(value, pd.Timestamp) else value
    spoilt = moment.tzinfo is not None or moment.date() < _FIRST_DAY
    return moment.isoformat(sep=" ") if spoilt else moment


def sheet_name(name: str) -> str:
    """Return a name that Excel accepts for a worksheet: up to 31 characters, none forbidden."""
    safe = _NOT_IN_SHEET_NAME.sub("_", whole_characters(_NOT_XML.sub("_", name)))
    # Excel counts UTF-16 units.
    while len(safe.encode("utf-16-le")) // 2 > LONGEST_SHEET_NAME:
        safe = safe[:-1]
    return safe.strip("'") or "Sheet1"


def put_text(cell: Any, text: str) -> None:
    """Write a text into a cell of openpyxl so that it can never become a formula.

    Parameters
    ----------
    cell : Cell
        A cell of a workbook that is being written.
    text : str
        Any text.
    """
    cell.value = xlsx_text(text)
    # openpyxl takes "=…" for a formula and "#N/A" for an error.
    cell.data_type = "s"
    if _AS_TEXT.match(text):
        # Else it would turn into a formula or a number when somebody edits the cell.
        cell.number_format = "@"
        cell.quotePrefix = True


def column_width(texts: Iterable[str]) -> float:
    """Return the width that shows texts whole, in Excel's unit, the width of a digit."""
    widest = max((_width(line) for text in texts for line in text.splitlines()), default=0)
    return min(max(widest + 2, _NARROWEST), _WIDEST)


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in line[:_WIDEST])


def _set_widths(
    page: Worksheet, headings: Sequence[str], opening: Sequence[Sequence[object]]
) -> None:
    for place, heading in enumerate(headings):
        texts: Iterator[str] = (str(row[place]) for row in opening if place < len(row))
        letter = get_column_letter(place + 1)
        # The filter's arrow stands on the heading.
        page.column_dimensions[letter].width = column_width(chain([heading + "  "], texts))


def _heading(page: Worksheet, text: str) -> Any:
    cell = WriteOnlyCell(page)
    put_text(cell, text)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _cell(page: Worksheet, value: object) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        cell = WriteOnlyCell(page)
        put_text(cell, value)
        return cell
    if not isinstance(value, date):
        return value
    day: Any = WriteOnlyCell(page)
    day.value = value
    day.number_format = "yyyy-mm-dd hh:mm:ss" if isinstance(value, datetime) else "yyyy-mm-dd"
    return day


def _write_notes(page: Worksheet, notes: Sequence[str]) -> None:
    page.column_dimensions["A"].width = 100
    for note in notes:
        cell = WriteOnlyCell(page)
        put_text(cell, note)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        page.append([cell])


def _other_name(name: str, taken: Collection[str]) -> str:
    names = chain([name], (f"{name[: LONGEST_SHEET_NAME - 3]}{count}" for count in range(1, 1000)))
    return next(other for other in names if other.casefold() not in taken)


def _csv_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(whole_characters(value))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
