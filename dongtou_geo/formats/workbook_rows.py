"""The rows of a table in a worksheet: which of them are parcels, and what their cells hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import Arrived
from dongtou_geo.formats.workbook_cells import (
    LONGEST_EXACT,
    Block,
    Fault,
    Grid,
    Value,
    blank,
    rows_with_values,
)
from dongtou_geo.formats.workbook_heads import (
    Head,
    known_field,
    nameless,
    plain_heading,
    unique_name,
)

LONGEST_NUMBER = 64

_NO_PARCEL = frozenset(
    (
        "note_row_skipped",
        "total_row_skipped",
        "section_row_skipped",
        "repeated_head_skipped",
        "numbering_row_skipped",
    )
)

_TOTAL = re.compile(r".{0,20}(?:合计|小计|总计|共计|累计)(?:数|面积)?:?|(?:sub)?total:?")
_NOTE = re.compile(
    r"(?:备注|附注|注|说明|填表说明|填表|填报|制表|编制|审核|复核|审批|负责人|经办|联系|电话|日期|"
    r"单位负责|单位盖章|数据来源|资料来源)[^:]{0,8}:|注\d*[.、]|备注\d*[.、]"
)
_SECTION = re.compile(r"(?:[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十]{1,3}\))")
_COUNTERS = frozenset(("序号", "顺序号", "行号", "no"))
_COUNTING = re.compile(r"\(?(\d{1,4})\)?")
_SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?E\+\d{2,3}", re.IGNORECASE)
_CODE_FIELDS = frozenset(("parcel_no", "contract_no", "supervision_no"))
_CODE_NAME = re.compile(r"(?:代码|编号|编码|监管号|合同号|宗地号|地块号|单元号)$")


@dataclass(slots=True)
class _Body:
    """A table on its way out of the sheet."""

    grid: Grid
    head: Head
    rows: list[tuple[int, list[Value]]]
    problems: list[IntakeProblem] = field(default_factory=list)

    def at(self, cells: Sequence[Value], column: int) -> Value:
        return cells[column - 1] if column <= len(cells) else None

    def number_in(self, cells: Sequence[Value]) -> str | None:
        value = self.at(cells, self.head.number_column)
        return None if blank(value) or isinstance(value, Fault) else str(value).strip()

    def tell(
        self, code: str, message: str, row: int, column: int | None = None, *, error: bool = False
    ) -> None:
        cell = None if column is None else self.grid.address(row, column)
        severity = Severity.ERROR if error else Severity.INFO
        number = None if code in _NO_PARCEL else self.number_in(self.grid.rows.get(row, []))
        self.problems.append(IntakeProblem(row, cell, number, code, severity, message))


def table_of(grid: Grid, head: Head) -> Arrived:
    """Take the table out of a worksheet.

    Parameters
    ----------
    grid : Grid
        The worksheet; values of merged blocks are filled down in it.
    head : Head
        Where the table begins and what its columns are called.

    Returns
    -------
    Arrived
        One row a parcel. Totals, notes, hidden and empty rows are left out, each with an info;
        cells that hold no value are None, with an error.
    """
    counters = [c for c, name in head.names.items() if plain_heading(name) in _COUNTERS]
    rows = [
        (number, cells)
        for number, cells in rows_with_values(grid)
        # Running numbers are often filled in far below the last parcel.
        if number > head.bottom and not _only_counts(cells, counters)
    ]
    body = _Body(grid, head, rows)
    _leave_out_notes(body)
    _leave_out_hidden(body)
    _leave_out_rows_without_parcel(body)
    _fill_merged(body)
    columns = _columns(body)
    cells = {name: _column(body, column, name) for column, name in columns.items()}
    body.problems.sort(key=lambda problem: problem.row or 0)
    return Arrived(
        layer=grid.name,
        cells=pd.DataFrame(cells, index=range(len(body.rows)), dtype=object),
        row_numbers=np.array([number for number, _ in body.rows], dtype=np.int64),
        column_letters={name: get_column_letter(column) for column, name in columns.items()},
        problems=tuple(body.problems),
        facts=dict(head.facts),
    )


def _plain(value: Value) -> str:
    if not isinstance(value, str):
        return ""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", value)).casefold()


def _filled(cells: Sequence[Value]) -> list[int]:
    return [column for column, value in enumerate(cells, start=1) if not blank(value)]


def _only_counts(cells: Sequence[Value], counters: Sequence[int]) -> bool:
    filled = _filled(cells)
    return (
        len(filled) == 1 and filled[0] in counters and str(cells[filled[0] - 1]).strip().isdecimal()
    )


def _leave_out_notes(body: _Body) -> None:
    """Cut the table off where only notes follow: who filled it in, remarks, dates."""
    end = len(body.rows)
    for place in range(len(body.rows) - 1, -1, -1):
        cells = body.rows[place][1]
        if _is_note(body, cells):
            end = place
        elif len(_filled(cells)) > 1 or place + 1 < end:
            # What follows a note and has one cell only is the note's next line.
            break
    for number, cells in body.rows[end:]:
        text = str(next(value for value in cells if not blank(value)))[:40]
        body.tell("note_row_skipped", f"第 {number} 行是表下的说明（{text}），未读入", number)
    del body.rows[end:]


def _is_note(body: _Body, cells: Sequence[Value]) -> bool:
    filled = _filled(cells)
    first = cells[filled[0] - 1]
    if _NOTE.match(_plain(first)):
        return len(filled) < max(4, len(body.head.names) // 2)
    if len(filled) > 1 or not isinstance(first, str):
        return False
    return filled[0] != body.head.number_column or len(first) > LONGEST_NUMBER


def _leave_out_hidden(body: _Body) -> None:
    grid = body.grid
    if not grid.hidden_rows:
        return
    kept, hidden, filtered = [], [], 0
    for number, cells in body.rows:
        if number not in grid.hidden_rows:
            kept.append((number, cells))
        elif any(block.top <= number <= block.bottom for block in grid.filtered):
            kept.append((number, cells))
            filtered += 1
        else:
            hidden.append(number)
    body.rows = kept
    for first, last in _runs(hidden):
        which = f"第 {first} 行" if first == last else f"第 {first} 至 {last} 行"
        message = f"{which}已隐藏，未读入；需要导入请先取消隐藏"
        body.tell("hidden_row_skipped", message, first)
    if filtered:
        message = f"工作表设有筛选，被筛掉的 {filtered} 行照常读入"
        body.problems.append(
            IntakeProblem(None, None, None, "filter_ignored", Severity.INFO, message)
        )


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Join rows that follow each other, as a sender hides them at one stroke."""
    start = previous = None
    for number in numbers:
        if start is None or previous is None:
            start = number
        elif number != previous + 1:
            yield start, previous
            start = number
        previous = number
    if start is not None and previous is not None:
        yield start, previous


def _leave_out_rows_without_parcel(body: _Body) -> None:
    """Leave out totals, lines between groups, repeated heads, and the row that counts columns."""
    heading = {column: plain_heading(name) for column, name in body.head.names.items()}
    wide = {block.top for block in body.grid.merged if block.right - block.left > 1}
    kept = []
    for place, (number, cells) in enumerate(body.rows):
        if (total := _total(body, cells)) is not None:
            text = str(body.at(cells, total)).strip()
            message = f"第 {number} 行是“{text}”，不是地块，未读入"
            body.tell("total_row_skipped", message, number, total)
        elif _repeats(body, cells, heading):
            body.tell("repeated_head_skipped", f"第 {number} 行重复了表头，未读入", number)
        elif _is_section(cells, merged=number in wide):
            body.tell("section_row_skipped", f"第 {number} 行是分组标题，不是地块，未读入", number)
        elif place == 0 and _counts_columns(cells):
            body.tell("numbering_row_skipped", f"第 {number} 行是栏次编号，未读入", number)
        else:
            kept.append((number, cells))
    body.rows = kept


def _total(body: _Body, cells: Sequence[Value]) -> int | None:
    """Return the column that says total, None for a parcel."""
    filled = _filled(cells)
    numbered = body.number_in(cells) is not None
    places = [body.head.number_column, filled[0]] if numbered else filled
    return next((c for c in places if _TOTAL.fullmatch(_plain(body.at(cells, c)))), None)


def _repeats(body: _Body, cells: Sequence[Value], heading: dict[int, str]) -> bool:
    column = body.head.number_column
    if not blank(body.at(cells, column)) and not _same(cells, heading, column):
        return False
    filled = _filled(cells)
    same = [column for column in filled if _same(cells, heading, column)]
    return len(same) > 1 and len(same) * 5 >= len(filled) * 4


def _same(cells: Sequence[Value], heading: dict[int, str], column: int) -> bool:
    value = cells[column - 1]
    text = plain_heading(value) if isinstance(value, str) else ""
    return bool(text) and heading.get(column, "").endswith(text)


def _is_section(cells: Sequence[Value], *, merged: bool) -> bool:
    """Tell a line across the table, such as 一、南塘工业区."""
    filled = [value for value in cells if not blank(value)]
    if len(filled) != 1 or not isinstance(filled[0], str):
        return False
    return merged or bool(_SECTION.match(_plain(filled[0])))


def _counts_columns(cells: Sequence[Value]) -> bool:
    texts = [_plain(str(value)) for value in cells if not blank(value)]
    while texts and texts[0] in ("甲", "乙", "丙", "丁", "栏次"):
        texts.pop(0)
    numbers = [match[1] for text in texts if (match := _COUNTING.fullmatch(text))]
    expected = [str(number) for number in range(1, len(texts) + 1)]
    return len(texts) > 2 and numbers == expected


def _fill_merged(body: _Body) -> None:
    """Give every row of a merged block its value: that is what merging rows means."""
    places = dict(body.rows)
    for block in body.grid.merged:
        if block.bottom <= body.head.bottom:
            continue
        value = body.grid.at(block.top, block.left)
        covered = [row for row in range(block.top, block.bottom + 1) if row in places]
        for row in covered:
            _cover(places[row], block, value)
        if len(covered) > 1 and not blank(value):
            letter = get_column_letter(block.left)
            rows = f"{letter}{block.top}:{letter}{block.bottom}"
            message = f"合并单元格 {rows} 的值“{str(value)[:40]}”已填入其中每一行"
            body.tell("merged_cell_filled", message, covered[0], block.left)


def _cover(cells: list[Value], block: Block, value: Value) -> None:
    if len(cells) < block.left:
        cells.extend([None] * (block.left - len(cells)))
    # Excel shows the first cell only; what lies under the others is not what the sender sees.
    for column in range(block.left, min(block.right, len(cells)) + 1):
        cells[column - 1] = value if column == block.left else None


def _columns(body: _Body) -> dict[int, str]:
    """Name the columns of the table, those without a heading by their letter."""
    names = dict(body.head.names)
    width = max((len(cells) for _, cells in body.rows), default=0)
    for column in range(1, width + 1):
        if column not in names and any(not blank(body.at(c, column)) for _, c in body.rows):
            names[column] = unique_name(nameless(column), names.values())
    for column in sorted(body.grid.hidden_columns & names.keys()):
        letter = get_column_letter(column)
        message = f"{letter} 列（{names[column][:40]}）已隐藏，未读入；需要导入请先取消隐藏"
        cell = body.grid.address(body.head.bottom, column)
        body.problems.append(
            IntakeProblem(None, cell, None, "hidden_column_skipped", Severity.INFO, message)
        )
        del names[column]
    return dict(sorted(names.items()))


def _column(body: _Body, column: int, name: str) -> list[Value]:
    is_code = known_field(name) in _CODE_FIELDS or bool(_CODE_NAME.search(plain_heading(name)))
    values: list[Value] = []
    for number, cells in body.rows:
        value = body.at(cells, column)
        if isinstance(value, Fault):
            body.tell(
                value.code, _fault_message(body, value, number, column), number, column, error=True
            )
            value = None
        elif is_code and _turned_number(value):
            body.tell(
                "code_turned_number",
                _turned_message(body, value, number, column, name),
                number,
                column,
                error=True,
            )
        values.append(value)
    return values


def _fault_message(body: _Body, fault: Fault, row: int, column: int) -> str:
    where = body.grid.address(row, column)
    if fault.code == "formula_without_value":
        return f"{where} 是没有结果的公式，请用 Excel 打开文件、保存后再导入，或改填数值"
    return f"{where} 是错误值 {fault.text[:40]}，应填正确的内容或留空"


def _turned_message(body: _Body, value: Value, row: int, column: int, name: str) -> str:
    return (
        f"{body.grid.address(row, column)} 的“{name[:40]}”成了数字 {value}，Excel 只保留 15 位，"
        "后几位已丢失；请把整列设为“文本”格式后重新填写"
    )


def _turned_number(value: Value) -> bool:
    if isinstance(value, int | float):
        return abs(value) >= LONGEST_EXACT
    return isinstance(value, str) and bool(_SCIENTIFIC.fullmatch(value.strip()))
