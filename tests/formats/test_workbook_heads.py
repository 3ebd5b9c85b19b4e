import pytest
from openpyxl.utils import range_boundaries

from dongtou_geo.domain.ledger_field import LEDGER_FIELDS
from dongtou_geo.formats.workbook_cells import Block, Grid
from dongtou_geo.formats.workbook_heads import (
    find_head,
    known_field,
    plain_heading,
    unique_name,
)


def grid(*rows: list, merged: tuple[str, ...] = (), hidden: tuple[int, ...] = ()) -> Grid:
    made = Grid("表")
    for number, row in enumerate(rows, start=1):
        made.add_row(number, list(row))
    for reference in merged:
        left, top, right, bottom = range_boundaries(reference)
        assert left and top and right and bottom
        made.merged.append(Block(top, left, bottom, right))
    made.hidden_rows = set(hidden)
    return made.close()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("* 用地面积\n（亩）", "用地面积"),
        ("地 块 编 号：", "地块编号"),
        ("ＤＫＢＨ", "dkbh"),
        ("合同\u200b编号\ufeff", "合同编号"),
        ("投产日期【必填】", "投产日期"),
    ],
)
def test_plain_heading(text: str, plain: str) -> None:
    assert plain_heading(text) == plain


def test_every_name_of_every_field_is_known() -> None:
    for field in LEDGER_FIELDS.values():
        for text in (field.name, field.label, field.heading, *field.aliases):
            assert known_field(text) == field.name, text


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("面积 亩", "ledger_area_mu"),
        ("面积（公顷）", "ledger_area_mu"),
        ("总投资 万元", "total_investment_wan"),
        ("出让地块编号/宗地号", "parcel_no"),
        ("不动产单元号", "parcel_no"),
        ("不动产权证号", None),
        ("地块合同编号", None),
        ("序号", None),
        ("亩", None),
        ("", None),
        ("地块编号" * 100, None),
    ],
)
def test_known_field(text: str, field: str | None) -> None:
    assert known_field(text) == field


def names(made: Grid) -> list[str]:
    head = find_head(made)
    assert head is not None
    return list(head.names.values())


def test_head_in_the_first_row() -> None:
    head = find_head(grid(["地块编号", "园区"], ["A", "南塘"]))
    assert head is not None
    assert (head.top, head.bottom, head.number_column) == (1, 1, 1)
    assert head.names == {1: "地块编号", 2: "园区"}
    assert head.facts == {}


def test_title_over_all_columns_names_none() -> None:
    made = grid(
        ["洞头区台账"], ["地块编号", "园区", "备注"], ["A", "南塘", None], merged=("A1:C1",)
    )
    assert names(made) == ["地块编号", "园区", "备注"]


def test_groups_and_units_are_joined() -> None:
    made = grid(
        ["地块编号", "面积", None, "供地", None],
        [None, "亩", "公顷", "合同编号", "供应日期"],
        ["A", 1, 2, "x", "y"],
        merged=("A1:A2", "B1:C1", "D1:E1"),
    )
    assert names(made) == ["地块编号", "面积 亩", "面积 公顷", "供地 合同编号", "供地 供应日期"]


def test_parts_that_only_their_writer_knows_are_joined_too() -> None:
    made = grid(
        ["某某工业区台账"],
        ["地块编号", "面积", None, "日期"],
        [None, "台账（亩）", "合同（亩）", "批准"],
        ["A", 10, 11, "2019-01-01"],
        merged=("A1:D1", "A2:A3", "B2:C2"),
    )
    head = find_head(made)
    assert head is not None
    assert (head.top, head.bottom) == (2, 3)
    assert names(made) == ["地块编号", "面积 台账（亩）", "面积 合同（亩）", "日期 批准"]


def test_head_of_three_rows() -> None:
    made = grid(
        ["地块编号", "规模", None, None, "日期", None],
        [None, "面积", None, "总投资", "供应日期", "投产日期"],
        [None, "亩", "公顷", "万元", None, None],
        ["A", 1, 2, 3, None, None],
        merged=("A1:A3", "B1:D1", "B2:C2", "E1:F1", "E2:E3", "F2:F3"),
    )
    assert names(made) == [
        "地块编号", "规模 面积 亩", "规模 面积 公顷", "规模 总投资 万元", "日期 供应日期", "日期 投产日期",
    ]  # fmt: skip


def test_units_below_the_head_without_merging() -> None:
    made = grid(["地块编号", "用地单位", "面积"], [None, None, "（亩）"], ["A", "甲", 3])
    head = find_head(made)
    assert head is not None
    assert (head.bottom, head.names[3]) == (2, "面积 （亩）")


def test_data_below_the_head_stays_data() -> None:
    # No number and only words: a parcel that lacks its number, not a second row of the head.
    made = grid(["地块编号", "用地单位", "备注"], [None, "甲公司", "缺编号"])
    head = find_head(made)
    assert head is not None
    assert head.bottom == 1


def test_block_that_reaches_into_the_data_takes_no_parcel_along() -> None:
    made = grid(["地块编号", None, "园区"], ["A", None, None], merged=("C1:C2",))
    head = find_head(made)
    assert head is not None
    assert head.bottom == 1


def test_head_is_the_row_that_knows_most() -> None:
    made = grid(
        ["地块编号", "备注", "（示例）"],
        [],
        ["地块编号", "用地单位", "投产日期", "备注"],
        ["A", "甲", None, None],
    )
    head = find_head(made)
    assert head is not None
    assert head.top == 3


def test_side_title_down_the_table_is_no_heading() -> None:
    made = grid(
        ["附表", "地块编号", "用地单位"],
        [None, "A", "甲"],
        [None, "B", "乙"],
        merged=("A1:A3",),
    )
    head = find_head(made)
    assert head is not None
    assert (head.top, head.number_column) == (1, 2)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("单位：亩", "亩"),
        ("（单位:亩、万元）", "亩、万元"),
        ("面积单位：㎡", "m2"),
        ("计量单位： 公顷", "公顷"),
        ("填报单位：亩产办", None),
        ("单位：洞头分局", None),
    ],
)
def test_unit_above_the_head(text: str, unit: str | None) -> None:
    head = find_head(grid(["台账", None, text], ["地块编号", "面积"], ["A", 1]))
    assert head is not None
    assert head.facts.get("单位") == unit


def test_hidden_rows_name_nothing() -> None:
    made = grid(
        ["parcel_no", "occupant", "note"], ["地块编号", "用地单位"], ["A", "甲"], hidden=(1,)
    )
    head = find_head(made)
    assert head is not None
    assert head.top == 2


def test_no_head_without_parcel_number_or_second_field() -> None:
    assert find_head(grid(["用地单位", "面积"], ["甲", 1])) is None
    assert find_head(grid(["地块编号", "姓名"], ["A", "甲"])) is None
    assert find_head(grid()) is None


def test_head_far_below_row_thirty_is_not_looked_for() -> None:
    rows = [["封面"] for _ in range(40)]
    assert find_head(grid(*rows[:29], ["地块编号", "园区"])) is not None
    assert find_head(grid(*rows, ["地块编号", "园区"])) is None


def test_number_column_is_not_the_running_number() -> None:
    head = find_head(grid(["编号", "地块编号", "园区"], [1, "A", "x"]))
    assert head is not None
    assert head.number_column == 2


def test_names_are_unique_and_short() -> None:
    assert unique_name("面积", ["面积", "面积(2)"]) == "面积(3)"
    long = unique_name("长" * 600, ["长" * 500])
    assert (len(long), long[-4:]) == (500, "长(2)")
    assert names(grid(["地块编号", "面积", "面积"], ["A", 1, 2])) == ["地块编号", "面积", "面积(2)"]
