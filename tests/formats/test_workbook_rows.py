from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.table import Table

from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import Arrived
from dongtou_geo.formats.workbook import read_workbook
from dongtou_geo.formats.workbook_cells import Block, Fault, Grid, Value
from dongtou_geo.formats.workbook_heads import find_head
from dongtou_geo.formats.workbook_rows import table_of

HEAD: list[Value] = ["地块编号", "用地单位", "面积", "备注"]


def arrived(*rows: list[Value], **looks: object) -> Arrived:
    """The table of a sheet named 表 whose head is row 1."""
    grid = Grid("表")
    for number, row in enumerate((list(HEAD), *rows), start=1):
        grid.add_row(number, list(row))
    for name, look in looks.items():
        setattr(grid, name, look)
    head = find_head(grid.close())
    assert head is not None
    return table_of(grid, head)


def told(table: Arrived) -> list[tuple[str, int | None, str | None]]:
    return [(p.code, p.row, p.cell) for p in table.problems]


def numbers(table: Arrived) -> list[object]:
    return table.cells["地块编号"].tolist()


@pytest.mark.parametrize("word", ["合计", "合 计：", "小计", "南塘工业区小计", "总计", "Total"])
def test_totals_are_left_out_and_told(word: str) -> None:
    rows: tuple[list[Value], ...] = ([word, None, 30.0], [None, word, 30.0])
    for row, column in zip(rows, "AB", strict=True):
        table = arrived(["A", "甲", 10.0], row, ["B", "乙", 20.0])
        assert numbers(table) == ["A", "B"]
        assert told(table) == [("total_row_skipped", 3, f"表!{column}3")]


def test_total_word_in_a_parcel_is_no_total() -> None:
    table = arrived(["A", "合计贸易公司", 1], ["B", "乙", 2, "小计"])
    assert numbers(table) == ["A", "B"]
    assert table.problems == ()


@pytest.mark.parametrize(
    "notes",
    [
        [["备注：面积以合同为准"]],
        [["注：1、面积以合同为准"], ["2、日期以批文为准"]],
        [[], ["填表人：张三", None, "审核人：李四", "日期：2019.12"]],
        [["制表：张三"]],
        [[None, "本表由洞头分局提供，数据截至 2019 年 12 月"]],
        [["本表的数据截至 2019 年 12 月底，由洞头分局提供" * 3]],
    ],
)
def test_notes_below_are_left_out_and_told(notes: list[list[Value]]) -> None:
    table = arrived(["A", "甲", 1], ["B", "乙", 2], *notes)
    assert numbers(table) == ["A", "B"]
    assert {p.code for p in table.problems} == {"note_row_skipped"}
    assert {p.severity for p in table.problems} == {Severity.INFO}
    assert len(table.problems) == sum(1 for note in notes if note)


def test_row_without_number_inside_the_table_is_kept() -> None:
    table = arrived(["A", "甲", 1], [None, "乙"], ["C", "丙", 2])
    assert numbers(table) == ["A", None, "C"]
    assert table.row_numbers.tolist() == [2, 3, 4]


def test_last_parcel_with_a_number_alone_is_kept() -> None:
    assert numbers(arrived(["A", "甲", 1], ["B"])) == ["A", "B"]


def test_empty_rows_and_columns_are_skipped_and_blank_texts_kept() -> None:
    table = arrived(["A", " ", 1], [None, "  ", None], [], ["B", "乙", 2])
    assert table.row_numbers.tolist() == [2, 5]
    assert table.cells["用地单位"].tolist() == [" ", "乙"]
    assert "备注" in table.cells


def test_column_without_heading_is_named_by_its_letter() -> None:
    table = arrived(["A", "甲", 1, None, None, "旁注"])
    assert list(table.cells) == [*HEAD, "F列"]
    assert table.column_letters["F列"] == "F"


def test_hidden_rows_are_told_at_one_stroke() -> None:
    rows: list[list[Value]] = [[f"A{n}", "甲", n] for n in range(2, 9)]
    table = arrived(*rows, hidden_rows={3, 4, 5, 7})
    assert table.row_numbers.tolist() == [2, 6, 8]
    assert told(table) == [("hidden_row_skipped", 3, None), ("hidden_row_skipped", 7, None)]
    assert "第 3 至 5 行" in table.problems[0].message


def test_hidden_columns_are_told_where_they_hold_something() -> None:
    table = arrived(["A", "甲", 1, "x"], hidden_columns={3, 9})
    assert list(table.cells) == ["地块编号", "用地单位", "备注"]
    assert told(table) == [("hidden_column_skipped", None, "表!C1")]


def test_filtered_rows_are_read() -> None:
    table = arrived(["A", "甲", 1], ["B", "乙", 2], hidden_rows={3}, filtered=[Block(1, 1, 3, 4)])
    assert numbers(table) == ["A", "B"]
    assert told(table) == [("filter_ignored", None, None)]


def test_filter_of_a_sheet_and_of_a_table_is_ignored(tmp_path: Path) -> None:
    for turn in ("sheet", "table"):
        book = Workbook()
        page = book.worksheets[0]
        for row in (["地块编号", "用地单位"], ["A", "甲"], ["B", "乙"]):
            page.append(row)
        if turn == "sheet":
            page.auto_filter.ref = "A1:B3"
            page.auto_filter.add_filter_column(1, ["甲"])
        else:
            table = Table(displayName="T", ref="A1:B3")
            table.autoFilter = AutoFilter(ref="A1:B3")
            table.autoFilter.add_filter_column(1, ["甲"])
            page.add_table(table)
        page.row_dimensions[3].hidden = True
        book.save(tmp_path / "a.xlsx")
        read = read_workbook(tmp_path / "a.xlsx")
        assert numbers(read) == ["A", "B"], turn
        assert [p.code for p in read.problems] == ["filter_ignored"]


def test_merged_rows_are_filled_down() -> None:
    table = arrived(
        ["A", "甲", 1, "x"],
        ["B", "under", 2],
        ["C", None, 3],
        merged=[Block(2, 2, 4, 2)],
    )
    assert table.cells["用地单位"].tolist() == ["甲", "甲", "甲"]
    assert told(table) == [("merged_cell_filled", 2, "表!B2")]
    assert "B2:B4" in table.problems[0].message


def test_merged_columns_keep_their_value_in_the_first() -> None:
    table = arrived(["A", "甲", "乙", None], merged=[Block(2, 2, 2, 4)])
    assert table.cells.iloc[0].tolist() == ["A", "甲", None, None]
    assert table.problems == ()


def test_tall_rows_merged_in_every_column_are_one_parcel() -> None:
    blocks = [Block(2, column, 3, column) for column in range(1, 5)]
    table = arrived(["A", "甲", 1, "x"], [], ["B", "乙", 2, "y"], merged=blocks)
    assert numbers(table) == ["A", "B"]
    assert table.problems == ()


def test_repeated_head_is_left_out() -> None:
    table = arrived(["A", "甲", 1], list(HEAD), ["B", "乙", 2])
    assert numbers(table) == ["A", "B"]
    assert told(table) == [("repeated_head_skipped", 3, None)]


@pytest.mark.parametrize(
    "row", [[1, 2, 3, 4], ["甲", "1", "2", "3"], ["(1)", "（2）", "(3)", None]]
)
def test_row_that_counts_the_columns_is_left_out(row: list[Value]) -> None:
    table = arrived(row, ["A", "甲", 1])
    assert numbers(table) == ["A"]
    assert told(table) == [("numbering_row_skipped", 2, None)]


def test_lines_between_groups_are_left_out() -> None:
    table = arrived(
        ["一、南塘工业区"],
        ["A", "甲", 1],
        ["杨文工业区"],
        ["（一）续建"],
        ["B", "乙", 2],
        merged=[Block(4, 1, 4, 4)],
    )
    assert numbers(table) == ["A", "B"]
    assert told(table) == [("section_row_skipped", row, None) for row in (2, 4, 5)]


def test_running_numbers_below_the_table_are_no_parcels() -> None:
    grid = Grid("表")
    grid.add_row(1, ["序号", *HEAD])
    grid.add_row(2, [1, "A", "甲"])
    for row in range(3, 30):
        grid.add_row(row, [row - 1])
    head = find_head(grid)
    assert head is not None
    table = table_of(grid, head)
    assert numbers(table) == ["A"]
    assert table.problems == ()


def test_cells_without_value_are_errors_of_their_row() -> None:
    table = arrived(["A", Fault("formula_without_value"), Fault("cell_error", "#REF!"), "x"])
    assert table.cells.iloc[0].tolist() == ["A", None, None, "x"]
    assert [(p.code, p.row, p.cell, p.parcel_no, p.severity.value) for p in table.problems] == [
        ("formula_without_value", 2, "表!B2", "A", "error"),
        ("cell_error", 2, "表!C2", "A", "error"),
    ]
    assert "#REF!" in table.problems[1].message


@pytest.mark.parametrize("value", [1e15, 3.30305e18, 330305001001000012, "3.30305E+18"])
def test_code_that_became_a_number_is_an_error(value: Value) -> None:
    table = arrived([value, "甲", 1e16, "x"])
    assert told(table) == [("code_turned_number", 2, "表!A2")]
    assert "文本" in table.problems[0].message
    assert table.cells["面积"][0] == 1e16


@pytest.mark.parametrize("value", [123456789012345, "330305001001000012", "1E5", date(2019, 1, 1)])
def test_code_that_is_whole_is_none(value: Value) -> None:
    assert arrived([value, "甲", 1]).problems == ()


def test_other_code_columns_are_watched_by_their_name() -> None:
    grid = Grid("表")
    grid.add_row(1, ["地块编号", "用地单位", "项目代码", "投资"])
    grid.add_row(2, ["A", "甲", 2e18, 2e18])
    head = find_head(grid)
    assert head is not None
    assert told(table_of(grid, head)) == [("code_turned_number", 2, "表!C2")]


def test_table_without_rows_has_its_columns() -> None:
    table = arrived()
    assert table.cells.shape == (0, 4)
    assert table.row_numbers.tolist() == []
