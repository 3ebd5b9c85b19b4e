"""XLSX and XLSM, read as data: sheets stream through a SAX parser, nothing is run or followed.

openpyxl knows the workbook (sheets, styles, the 1904 calendar); its own sheet reader is left out,
because under defusedxml it parses in Python, five times slower, and does not tell a formula that
was never calculated from an empty cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from xml.sax.handler import ContentHandler
from zipfile import ZipFile

from defusedxml import sax
from openpyxl.packaging.relationship import get_dependents, get_rels_path
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.xml.constants import SHARED_STRINGS

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.workbook_cells import (
    MAX_COLUMNS,
    Block,
    Book,
    Fault,
    Grid,
    Value,
    number_of,
    tidy_day,
)

# A small file may unpack to anything; sheets of a real ledger stay far below, other parts too.
MAX_SHEET_BYTES = 1 << 30
MAX_PART_BYTES = 64 << 20

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TRUE = ("1", "true")


class _Tags(dict[str, str]):
    """Tags without their prefix, split once each: a sheet has millions."""

    def __missing__(self, name: str) -> str:
        tag = name.rpartition(":")[2]
        if len(self) < 1000:
            self[name] = tag
        return tag


_TAGS = _Tags()


@contextmanager
def open_xlsx(path: Path) -> Iterator[Book]:
    """Open a workbook of the Office Open XML kind.

    Parameters
    ----------
    path : Path
        The file; its name does not matter.

    Yields
    ------
    Book
        Good until the block is left.

    Raises
    ------
    FormatError
        If a part is larger than any ledger's.
    """
    # openpyxl looks at the suffix of a name, and at nothing of an open file.
    with path.open("rb") as file:
        reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        with reader.archive:
            check_sizes(reader.archive)
            reader.read_manifest()
            reader.read_workbook()
            apply_stylesheet(reader.archive, reader.wb)
            yield _book(reader)


def decode_escapes(text: str) -> str:
    """Turn ``_x000D_`` and its like into the characters they stand for.

    Parameters
    ----------
    text : str
        Text of a string item.

    Returns
    -------
    str
        As Excel shows it.

    Notes
    -----
    ISO/IEC 29500-1, 22.9.2.19 (ST_Xstring): what XML cannot hold is written as ``_xHHHH_``, and
    an underscore before such a sequence as ``_x005F_``.
    """
    if "_x" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        code = int(match[1], 16)
        return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)

    return _ESCAPE.sub(character, text)


def check_sizes(archive: ZipFile) -> None:
    """Refuse a workbook that unpacks to more than any ledger.

    Parameters
    ----------
    archive : ZipFile
        The workbook's file.

    Raises
    ------
    FormatError
        Naming the part that is too large.
    """
    for info in archive.infolist():
        sheet = info.filename.startswith("xl/worksheets/") or "sharedStrings" in info.filename
        if info.file_size > (MAX_SHEET_BYTES if sheet else MAX_PART_BYTES):
            if not info.filename.endswith((".xml", ".rels")):
                continue  # pictures and macros stay packed
            megabytes = info.file_size >> 20
            msg = f"文件解压后过大（{info.filename} 有 {megabytes} MB），请分成几个文件再导入"
            raise FormatError(msg)


def _book(reader: ExcelReader) -> Book:
    sheets, parts = {}, {}
    for sheet, rel in reader.parser.find_sheets():
        if "chartsheet" not in rel.Type and rel.target in reader.valid_files:
            sheets[sheet.name] = sheet.state == "visible"
            parts[sheet.name] = rel.target
    strings: list[str] = []

    def grid(name: str) -> Grid:
        if not strings:
            strings.extend(_strings(reader))
        return _grid(reader, name, parts[name], strings)

    return Book(sheets, grid, _macros(reader))


def _macros(reader: ExcelReader) -> tuple[IntakeProblem, ...]:
    if not any(name.endswith("vbaProject.bin") for name in reader.valid_files):
        return ()
    return (macros_ignored(),)


def macros_ignored() -> IntakeProblem:
    """Return the warning that a workbook has macros, which nobody runs here."""
    message = "文件带有宏，未执行，只读取单元格内容；建议另存为不带宏的 .xlsx"
    return IntakeProblem(None, None, None, "macros_ignored", Severity.WARNING, message)


def _strings(reader: ExcelReader) -> list[str]:
    part = reader.package.find(SHARED_STRINGS)
    if part is None:
        return []
    handler = _StringHandler()
    with reader.archive.open(part.PartName[1:]) as source:
        _parse(source, handler)
    return handler.strings


def _parse(source: IO[bytes], handler: ContentHandler) -> None:
    sax.parse(source, handler, forbid_dtd=True)


def _grid(reader: ExcelReader, name: str, part: str, strings: list[str]) -> Grid:
    grid = Grid(name)
    with reader.archive.open(part) as source:
        _parse(source, _SheetHandler(grid, _Values(reader.wb, strings)))
    grid.filtered += _table_filters(reader, part)
    return grid.close()


def _table_filters(reader: ExcelReader, part: str) -> Iterator[Block]:
    rels = get_rels_path(part)
    if rels not in reader.valid_files:
        return
    for rel in get_dependents(reader.archive, rels):
        if rel.Type.endswith("/table") and rel.target in reader.valid_files:
            handler = _FilterHandler()
            with reader.archive.open(rel.target) as source:
                _parse(source, handler)
            yield from handler.filtered


def _block(reference: str) -> Block:
    left, top, right, bottom = range_boundaries(reference)
    return Block(top or 1, left or 1, bottom or 1, right or 1)


class _Values:
    """What the text of a cell means, by its type and style."""

    def __init__(self, workbook: Any, strings: list[str]) -> None:
        self._strings = strings
        self._epoch = workbook.epoch
        # Style numbers arrive as text, once a cell: compared as text.
        self._days = {str(style) for style in workbook._date_formats}
        self._spans = {str(style) for style in workbook._timedelta_formats}

    def value(self, kind: str, style: str, text: str) -> Value:
        if kind == "n":
            number = number_of(text.strip())
            return self._day(number, style) if style in self._days else number
        if kind == "s":
            return self._strings[int(text)]
        if kind == "b":
            return text.strip() in _TRUE
        if kind == "e":
            return Fault("cell_error", text)
        if kind == "d":
            return tidy_day(from_ISO8601(text))
        return decode_escapes(text)

    def _day(self, number: Value, style: str) -> Value:
        if isinstance(number, Fault):
            return number
        try:
            return tidy_day(from_excel(number, self._epoch, timedelta=style in self._spans))
        except (OverflowError, ValueError):
            return Fault("cell_error", f"{number}（日期格式，超出日期范围）")


class _FilterHandler(ContentHandler):
    """Collect the ranges of filters that are in force."""

    def __init__(self) -> None:
        super().__init__()
        self.filtered: list[Block] = []
        self._filter = ""

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - SAX's name
        tag = _TAGS[name]
        if tag == "autoFilter":
            self._filter = attrs.get("ref", "")
        elif tag == "filterColumn" and self._filter:
            self.filtered.append(_block(self._filter))
            self._filter = ""


class _StringHandler(ContentHandler):
    """Collect the strings that cells share, without their looks and without phonetic hints."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._heard = False
        self._spoken = False

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - SAX's name
        tag = _TAGS[name]
        if tag == "si":
            self._pieces = []
        elif tag == "rPh":
            self._spoken = True
        elif tag == "t":
            self._heard = not self._spoken

    def characters(self, content: str) -> None:
        if self._heard:
            self._pieces.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        tag = _TAGS[name]
        if tag == "t":
            self._heard = False
        elif tag == "rPh":
            self._spoken = False
        elif tag == "si":
            self.strings.append(decode_escapes("".join(self._pieces)))


class _SheetHandler(_FilterHandler):
    """Fill a grid from a worksheet part."""

    def __init__(self, grid: Grid, values: _Values) -> None:
        super().__init__()
        self._grid, self._values = grid, values
        self.filtered = grid.filtered
        self._row = self._column = 0
        self._cells: list[Value] = []
        self._columns: dict[str, int] = {}
        self._kind = self._style = ""
        self._formula = self._heard = self._spoken = False
        self._pieces: list[str] = []

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - SAX's name
        tag = _TAGS[name]
        if tag == "c":
            self._open_cell(attrs)
        elif tag in ("v", "t"):
            self._heard = not self._spoken
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._spoken = True
        elif tag == "row":
            self._open_row(attrs)
        elif tag == "mergeCell":
            self._merge(attrs.get("ref", ""))
        elif tag == "col" and attrs.get("hidden") in _TRUE:
            last = min(int(attrs["max"]), MAX_COLUMNS)
            self._grid.hidden_columns.update(range(int(attrs["min"]), last + 1))
        else:
            super().startElement(name, attrs)

    def characters(self, content: str) -> None:
        if self._heard:
            self._pieces.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        tag = _TAGS[name]
        if tag in ("v", "t"):
            self._heard = False
        elif tag == "rPh":
            self._spoken = False
        elif tag == "c":
            self._close_cell()
        elif tag == "row":
            self._grid.add_row(self._row, self._cells)

    def _open_row(self, attrs: Any) -> None:
        self._row = int(attrs.get("r") or self._row + 1)
        self._column = 0
        self._cells = []
        if attrs.get("hidden") in _TRUE:
            self._grid.hidden_rows.add(self._row)

    def _open_cell(self, attrs: Any) -> None:
        letters = (attrs.get("r") or "").rstrip("0123456789")
        if letters:
            if letters not in self._columns:
                self._columns[letters] = column_index_from_string(letters)
            self._column = self._columns[letters]
        else:
            self._column += 1
        self._kind, self._style = attrs.get("t") or "n", attrs.get("s") or "0"
        self._formula = False
        self._pieces = []

    def _close_cell(self) -> None:
        if self._pieces:
            value = self._values.value(self._kind, self._style, "".join(self._pieces))
        elif self._formula and self._kind != "str":
            # A calculated "" is written as a string without text; no value is no value.
            value = Fault("formula_without_value")
        else:
            return
        gap = self._column - 1 - len(self._cells)
        if 0 <= gap <= MAX_COLUMNS:
            self._cells += [None] * gap
            self._cells.append(value)
        else:
            msg = (
                f"工作表“{self._grid.name}”第 {self._row} 行的单元格次序颠倒"
                f"或超过 {MAX_COLUMNS} 列，请删去表外的内容，用 Excel 另存后再导入"
            )
            raise FormatError(msg)

    def _merge(self, reference: str) -> None:
        block = _block(reference)
        if (block.top, block.left) != (block.bottom, block.right):
            self._grid.merged.append(block)
