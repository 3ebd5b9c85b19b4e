"""The clerk's own workbook back, with every bad cell coloured and commented."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.styles.colors import Color
from openpyxl.utils import coordinate_to_tuple, get_column_letter

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.problem import Severity
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.workbook import open_book, read_workbook, told_in_chinese
from dongtou_geo.formats.workbook_cells import MAX_COLUMNS, MAX_ROWS, Fault, Grid, Value
from dongtou_geo.formats.workbook_writing import put_text, sheet_name, xlsx_text
from dongtou_geo.formats.workbook_xlsx import check_sizes

AUTHOR = "dongtou_geo"
# Shades that nobody picks by hand: a cell that has one of them was coloured here.
FILLS = {
    Severity.ERROR: "FFFFB3B1",
    Severity.WARNING: "FFFFE2A8",
    Severity.INFO: "FFBFE0FB",
}
# openpyxl holds the whole workbook to change it: some 9 bytes of memory a byte of sheet.
MAX_SHEETS_BYTES = 160 << 20
# Each comment is a drawn shape; Excel stalls over more. The colour is on every cell all the same.
MAX_COMMENTS = 5_000

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_LONGEST_COMMENT = 2_000
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_OURS = re.compile(r"【(?:错误|警告|提示)】")
_FORMER = re.compile(r"\n〔原批注 (.*?)〕\n(.*?)(?=\n〔原底色 |\Z)", re.DOTALL)
_FORMER_FILL = re.compile(r"\n〔原底色 ([^〕\n]*)〕\Z")
_COLOR = re.compile(r"(rgb|theme|indexed):([0-9A-F]{1,8}):(-?\d(?:\.\d+)?(?:e-\d+)?)")


@dataclass(slots=True)
class _Marks:
    """What is to be said about the cells of each worksheet."""

    book: Any
    sheets: dict[str, Any]
    said: dict[tuple[str, int, int], list[IntakeProblem]] = field(default_factory=dict)


def write_marked(source: Path, target: Path, problems: Sequence[IntakeProblem]) -> tuple[str, ...]:
    """Write a copy of a workbook in which each problem is marked where its sender finds it.

    Parameters
    ----------
    source : Path
        .xlsx, .xlsm, .xls or .csv; not changed. Marks of a former round are taken off first.
    target : Path
        The .xlsx file to write; replaced if it exists.
    problems : sequence of IntakeProblem
        With a cell: that cell; with a row: the row's first cell; else the sheet's first cell.

    Returns
    -------
    tuple of str
        What could not be kept (macros, drawn shapes, …), one Chinese sentence each.

    Raises
    ------
    FormatError
        If the source cannot be read or is too large to be changed, or the target is no .xlsx.
    """
    if target.suffix.lower() != ".xlsx":
        msg = f"标注后的文件应存为 .xlsx，而不是 {target.name}"
        raise FormatError(msg)
    with source.open("rb") as file:
        zipped = file.read(4) == b"PK\x03\x04"
    if zipped:
        book, remarks = _loaded(source)
        sheets = {page.title: page for page in book.worksheets}
        for page in book.worksheets:
            _unmark(book, page)
    else:
        book, sheets = _rebuilt(source)
        remarks = [f"{source.suffix} 文件已改存为 .xlsx，单元格内容不变"]
    marks = _Marks(book, sheets)
    _place(marks, source, problems)
    if _mark(marks):
        remarks.append(
            f"有问题的单元格多于 {MAX_COMMENTS} 个，其余只标颜色、不加批注，请对照问题清单"
        )
    book.save(target)
    return tuple(remarks)


def _loaded(source: Path) -> tuple[Any, list[str]]:
    remarks: list[str] = []
    with told_in_chinese(source), source.open("rb") as file:
        with zipfile.ZipFile(file) as archive:
            check_sizes(archive)
            remarks += _not_kept(archive)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            book = load_workbook(file, rich_text=True)
    if any("extension is not supported" in str(warning.message) for warning in told):
        remarks.append("部分条件格式、数据验证是较新的 Excel 扩展，未能保留")
    return book, remarks


def _not_kept(archive: zipfile.ZipFile) -> Iterator[str]:
    sheets = [i for i in archive.infolist() if i.filename.startswith("xl/worksheets/")]
    size = sum(info.file_size for info in sheets)
    if size > MAX_SHEETS_BYTES:
        msg = f"工作表共 {size >> 20} MB，太大，无法在原表上标注，请对照问题清单修改"
        raise FormatError(msg)
    names = archive.namelist()
    if any(name.endswith("vbaProject.bin") for name in names):
        yield "文件中的宏未保留，已存为不带宏的 .xlsx"
    drawings = [name for name in names if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)]
    if any(b"<xdr:sp" in archive.read(name) for name in drawings):
        yield "文件中的文本框、图形未能保留"


def _rebuilt(source: Path) -> tuple[Any, dict[str, Any]]:
    """Build an XLSX with the cells of a workbook of another kind."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheets = {}
    with open_book(source) as opened:
        for name, visible in opened.sheets.items():
            page = book.create_sheet(sheet_name(name))
            page.sheet_state = "visible" if visible else "hidden"
            _fill(page, opened.grid(name))
            sheets[name] = page
    return book, sheets


def _fill(page: Any, grid: Grid) -> None:
    for row, cells in grid.rows.items():
        for column, value in enumerate(cells, start=1):
            if value is not None:
                _put(page.cell(row, column), value)
    for block in grid.merged:
        page.merge_cells(block.address)
    for row in grid.hidden_rows:
        page.row_dimensions[row].hidden = True
    for column in grid.hidden_columns:
        page.column_dimensions[get_column_letter(column)].hidden = True


def _put(cell: Any, value: Value) -> None:
    if isinstance(value, str):
        put_text(cell, value)
    else:
        cell.value = value.text if isinstance(value, Fault) else value


def _unmark(book: Any, page: Any) -> None:
    """Take off the colours and comments of a former round, wherever sorting has moved them."""
    ours = {place for place, fill in enumerate(book._fills) if _rgb(fill) in FILLS.values()}
    for cell in list(page._cells.values()):
        if isinstance(cell, MergedCell):
            continue
        coloured = cell._style.fillId in ours
        comment = cell.comment
        # LibreOffice drops authors; the shade tells our comment then.
        by_us = comment is not None and (comment.author == AUTHOR or coloured)
        if by_us and _OURS.match(comment.text):
            former = _FORMER.search(comment.text)
            cell.comment = Comment(former[2], former[1]) if former else None
            fill = _FORMER_FILL.search(comment.text)
            if coloured:
                cell.fill = _fill_from(fill[1]) if fill else PatternFill()
        elif coloured:
            cell.fill = PatternFill()


def _rgb(fill: Any) -> str | None:
    color = getattr(fill, "fgColor", None)
    return color.rgb if color is not None and color.type == "rgb" else None


def _place(marks: _Marks, source: Path, problems: Sequence[IntakeProblem]) -> None:
    """Find the cell that each problem is about."""
    firsts: dict[str, dict[int, int]] = {}
    main = None
    for problem in problems:
        name, _, place = (problem.cell or "").rpartition("!")
        at = _coordinate(place) if name in marks.sheets else None
        if at is None:
            main = main or _main_sheet(marks, source, problems)
            name = main
            if name not in firsts:
                firsts[name] = _first_columns(marks.sheets[name])
            row = problem.row if problem.row and problem.row <= MAX_ROWS else 1
            at = row, firsts[name].get(row, 1) if problem.row else 1
        key = (name, *_anchor(marks.sheets[name], *at))
        marks.said.setdefault(key, []).append(problem)


def _coordinate(place: str) -> tuple[int, int] | None:
    if not _PLACE.fullmatch(place):
        return None
    row, column = coordinate_to_tuple(place)
    return (row, column) if row <= MAX_ROWS and column <= MAX_COLUMNS else None


def _main_sheet(marks: _Marks, source: Path, problems: Sequence[IntakeProblem]) -> str:
    """Name the sheet that rows without a cell belong to: the one with the table."""
    for problem in problems:
        name = (problem.cell or "").rpartition("!")[0]
        if name in marks.sheets:
            return name
    try:
        return read_workbook(source).layer
    except DongtouGeoError:
        return next(iter(marks.sheets))


def _first_columns(page: Any) -> dict[int, int]:
    first: dict[int, int] = {}
    for (row, column), cell in page._cells.items():
        if cell.value is not None and column < first.get(row, MAX_COLUMNS + 1):
            first[row] = column
    return first


def _anchor(page: Any, row: int, column: int) -> tuple[int, int]:
    """Return the cell that shows: of a merged block only the first one does."""
    if isinstance(page._cells.get((row, column)), MergedCell):
        for block in page.merged_cells.ranges:
            rows = block.min_row <= row <= block.max_row
            if rows and block.min_col <= column <= block.max_col:
                return block.min_row, block.min_col
    return row, column


def _mark(marks: _Marks) -> bool:
    """Colour and comment the cells; tell whether some had to go without a comment."""
    ordered = sorted(marks.said.items(), key=lambda item: min(_WEIGHT[p.severity] for p in item[1]))
    for turn, ((name, row, column), problems) in enumerate(ordered):
        cell = marks.sheets[name].cell(row, column)
        said = sorted(problems, key=lambda problem: _WEIGHT[problem.severity])
        if turn < MAX_COMMENTS:
            cell.comment = _comment(said, cell)
        cell.fill = PatternFill("solid", fgColor=FILLS[said[0].severity])
    return len(ordered) > MAX_COMMENTS


def _comment(said: Sequence[IntakeProblem], cell: Any) -> Comment:
    lines = [f"【{p.severity.label}】{_plain(p.message)}" for p in said]
    text = "\n".join(dict.fromkeys(lines))[:_LONGEST_COMMENT]
    height = 24 + 18 * sum(len(line) // 22 + 1 for line in text.splitlines())
    if cell.comment is not None:
        text += f"\n〔原批注 {cell.comment.author}〕\n{cell.comment.text}"
    if (former := _fill_as_text(cell.fill)) is not None:
        text += f"\n〔原底色 {former}〕"
    return Comment(text, AUTHOR, height=min(height, 400), width=320)


def _plain(message: str) -> str:
    """Keep a message from being taken for what stood in the cell before, or for markup."""
    return xlsx_text(message.replace("〔原", "（原"))


def _fill_as_text(fill: Any) -> str | None:
    """Write down a cell's own fill, to be put back in the next round."""
    kind = getattr(fill, "patternType", None)
    if kind is None:
        return None
    return f"{kind} {_color_as_text(fill.fgColor)} {_color_as_text(fill.bgColor)}"


def _color_as_text(color: Color) -> str:
    return f"{color.type}:{color.value}:{color.tint}"


def _fill_from(text: str) -> PatternFill:
    kind, *colors = text.split(" ")
    looks: dict[str, Any] = {"patternType": kind}
    try:
        for name, color in zip(("fgColor", "bgColor"), colors, strict=True):
            looks[name] = _color(color)
        return PatternFill(**looks)
    except ValueError:
        # The comment stood in a file that anybody may have edited.
        return PatternFill()


def _color(text: str) -> Color:
    found = _COLOR.fullmatch(text)
    if found is None:
        raise ValueError(text)
    looks: dict[str, Any] = {found[1]: found[2] if found[1] == "rgb" else int(found[2])}
    return Color(tint=float(found[3]), **looks)
