"""A worksheet as it stands: its cells, merged blocks, and what its sender hid.

Every reader (XLSX, XLS, CSV) fills the same ``Grid``; where the table lies in it and what the
cells mean is decided after that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from openpyxl.utils import get_column_letter

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.formats.arrived import FormatError

MAX_ROWS = 1_048_576
MAX_COLUMNS = 2_000
# Ten times what 100,000 rows of a ledger hold; each may take 100 bytes of memory.
MAX_CELLS = 20_000_000
MAX_MERGED_CELLS = 5_000_000
# Excel keeps 15 digits of a number: from here on the last digits of a code are gone.
LONGEST_EXACT = 1e15

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell whose value is not there to be read.

    Parameters
    ----------
    code : str
        ``formula_without_value`` or ``cell_error``.
    text : str
        What stands in the cell instead: ``#REF!``, or "".
    """

    code: str
    text: str = ""


Cell = str | int | float | bool | date | datetime | None
Value = Cell | Fault


@dataclass(frozen=True, slots=True)
class Block:
    """Rows ``top`` to ``bottom`` and columns ``left`` to ``right``, from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def address(self) -> str:
        """Return the block as Excel writes it: ``B5:B7``."""
        first = f"{get_column_letter(self.left)}{self.top}"
        return f"{first}:{get_column_letter(self.right)}{self.bottom}"


@dataclass(slots=True)
class Grid:
    """One worksheet.

    Parameters
    ----------
    name : str
        The sheet's name.
    rows : dict of int to list of Value
        Rows with values by worksheet row, ascending; the list begins with column A.
    merged : list of Block
        Merged blocks of more than one cell.
    hidden_rows, hidden_columns : set of int
        What the sender hid.
    filtered : list of Block
        Where a filter is in force: rows hidden there are hidden by it.
    """

    name: str
    rows: dict[int, list[Value]] = field(default_factory=dict)
    merged: list[Block] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filtered: list[Block] = field(default_factory=list)
    _cells: int = 0

    def add_row(self, row: int, values: list[Value]) -> None:
        """Place the cells of a row.

        Parameters
        ----------
        row : int
            Worksheet row, from 1.
        values : list of Value
            From column A on; None where nothing stands.

        Raises
        ------
        FormatError
            If the sheet holds more than any ledger does.
        """
        while values and values[-1] is None:
            values.pop()
        if not values:
            return
        if not 1 <= row <= MAX_ROWS or len(values) > MAX_COLUMNS:
            msg = (
                f"工作表“{self.name}”第 {row} 行有 {len(values)} 列，"
                f"最多只能读 {MAX_ROWS} 行、{MAX_COLUMNS} 列，请删去表外的内容"
            )
            raise FormatError(msg)
        self._cells += len(values)
        if self._cells > MAX_CELLS:
            msg = f"工作表“{self.name}”超过 {MAX_CELLS} 个单元格，请分成几个文件"
            raise FormatError(msg)
        self.rows[row] = values

    def close(self) -> Grid:
        """Put the rows in order and check the merged blocks; return the grid itself.

        Raises
        ------
        FormatError
            If merged blocks cover more cells than any ledger has.
        """
        if any(later < row for row, later in zip(self.rows, list(self.rows)[1:], strict=False)):
            self.rows = dict(sorted(self.rows.items()))
        last = max(self.rows, default=0)
        covered = 0
        for block in self.merged:
            height = min(block.bottom, last) - block.top + 1
            covered += max(height, 0) * (min(block.right, MAX_COLUMNS) - block.left + 1)
        if covered > MAX_MERGED_CELLS:
            msg = f"工作表“{self.name}”的合并单元格多于 {MAX_MERGED_CELLS} 个，请取消合并后再导入"
            raise FormatError(msg)
        return self

    def at(self, row: int, column: int) -> Value:
        """Return the value of a cell, None where nothing stands."""
        cells = self.rows.get(row, [])
        return cells[column - 1] if column <= len(cells) else None

    def address(self, row: int, column: int) -> str:
        """Name a cell as its sender finds it: ``Sheet1!D17``."""
        return f"{self.name}!{get_column_letter(column)}{row}"


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook that is open for reading.

    Parameters
    ----------
    sheets : dict of str to bool
        Names of the worksheets in order; False = hidden by the sender.
    grid : callable
        Reads the worksheet of that name.
    problems : tuple of IntakeProblem
        About the file as a whole.
    encoding, encoding_reason : str or None
        Of text files.
    """

    sheets: dict[str, bool]
    grid: Callable[[str], Grid]
    problems: tuple[IntakeProblem, ...] = ()
    encoding: str | None = None
    encoding_reason: str | None = None


def blank(value: Value) -> bool:
    """Tell whether a reader of the sheet would see nothing in the cell."""
    return value is None or (isinstance(value, str) and not value.strip())


def tidy_number(value: float) -> Value:
    """Return a number as a worksheet means it: whole ones as int, none that are not finite."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return Fault("cell_error", str(value))
        if value.is_integer() and abs(value) < LONGEST_EXACT:
            return int(value)
    return value


def number_of(text: str) -> Value:
    """Read the text of a number cell; a fault if it is no number."""
    if not _NUMBER.fullmatch(text):
        return Fault("cell_error", text)
    # Longer ones are no exact numbers to the program that wrote them either.
    exact = text.lstrip("+-").isdecimal() and len(text) <= 19
    return int(text) if exact else tidy_number(float(text))


def tidy_day(value: date | time | timedelta) -> Value:
    """Return a date cell's value: a date, a datetime where it names a time, a time as text."""
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
        return value.date() if value.time() == time() else value
    return value if isinstance(value, date) else str(value)


def rows_with_values(grid: Grid) -> Iterator[tuple[int, list[Value]]]:
    """Yield number and cells of the rows in which something stands, top down."""
    for number, cells in grid.rows.items():
        if not all(blank(value) for value in cells):
            yield number, cells
