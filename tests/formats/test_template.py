from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from dongtou_geo.domain.ledger_field import LEDGER_FIELDS, SUPPLY_MODES
from dongtou_geo.formats.template import template_fields, write_template
from dongtou_geo.formats.workbook import read_workbook, sheets_of
from dongtou_geo.formats.workbook_heads import known_field

PARKS = {"park_nantang": "南塘工业区", "park_yangwen": "杨文工业区, 二期"}


def letter(cell: Any) -> str:
    return str(cell.column_letter)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("template") / "模板.xlsx"
    write_template(made, PARKS)
    return made


def test_template_reads_back_empty(path: Path) -> None:
    arrived = read_workbook(path)
    assert arrived.layer == "地块台账"
    assert arrived.cells.shape == (0, len(LEDGER_FIELDS) - 1)
    assert list(arrived.cells) == [field.heading for field in template_fields()]
    assert [known_field(str(name)) for name in arrived.cells] == [f.name for f in template_fields()]
    assert arrived.problems == ()
    assert sheets_of(path) == ["地块台账", "填写说明", "选项"]


def test_clerk_fills_in_everything_but_the_drawn_area() -> None:
    names = {field.name for field in template_fields()}
    assert set(LEDGER_FIELDS) - names == {"area_m2"}


def test_filled_in_template_reads_back(path: Path, tmp_path: Path) -> None:
    book = load_workbook(path)
    page = book["地块台账"]
    page["A2"], page["B2"], page["F2"] = "NT-01", "南塘工业区", "填海"
    book.save(tmp_path / "a.xlsx")
    cells = read_workbook(tmp_path / "a.xlsx").cells
    assert cells[["地块编号", "园区", "土地来源"]].iloc[0].tolist() == [
        "NT-01",
        "南塘工业区",
        "填海",
    ]


def test_formats_keep_codes_and_dates(path: Path) -> None:
    page = load_workbook(path)["地块台账"]
    letters = {str(cell.value): letter(cell) for cell in page[1]}
    for heading, form in (
        ("地块编号", "@"),
        ("合同编号", "@"),
        ("电子监管号", "@"),
        ("投产日期", "yyyy-mm-dd"),
        ("投产面积（平方米）", "0.####"),
    ):
        assert page.column_dimensions[letters[heading]].number_format == form


def test_lists_offer_what_the_ledger_knows(path: Path) -> None:
    book = load_workbook(path)
    page, choices = book["地块台账"], book["选项"]
    assert choices.sheet_state == "hidden"
    letters = {str(cell.value): letter(cell) for cell in page[1]}
    lists = {}
    for rule in page.data_validations.dataValidation:
        if rule.type == "list":
            sheet, _, cells = str(rule.formula1).rpartition("!")
            assert sheet == "'选项'"
            lists[str(rule.sqref)] = [row[0].value for row in choices[cells.replace("$", "")]]
    assert lists == {
        f"{letters['园区']}2:{letters['园区']}10000": list(PARKS.values()),
        f"{letters['土地来源']}2:{letters['土地来源']}10000": ["陆地", "填海"],
        f"{letters['供应方式']}2:{letters['供应方式']}10000": list(SUPPLY_MODES),
    }


def test_dates_are_validated_but_a_month_may_stay(path: Path) -> None:
    page = load_workbook(path)["地块台账"]
    rules = [rule for rule in page.data_validations.dataValidation if rule.type == "date"]
    assert {rule.formula2 for rule in rules} == {"TODAY()", "DATE(2099,12,31)"}
    assert {rule.errorStyle for rule in rules} == {"warning"}
    ranges = " ".join(str(rule.sqref) for rule in rules).split()
    dated = [letter(cell) for cell in page[1] if str(cell.value).endswith("日期")]
    assert sorted(ranges) == sorted(f"{letter}2:{letter}10000" for letter in dated)


def test_two_columns_carry_a_comment_and_every_field_a_rule(path: Path) -> None:
    book = load_workbook(path)
    comments = {cell.value for cell in book["地块台账"][1] if cell.comment}
    assert comments == {"地块编号", "投产面积（平方米）"}
    rules = {row[0]: row for row in book["填写说明"].iter_rows(values_only=True)}
    for field in template_fields():
        _, needed, unit, meaning, example = rules[field.label]
        assert needed == ("必填" if field.name == "parcel_no" else "选填")
        assert unit == (field.unit or "—")
        assert meaning
        assert example


def test_no_park_no_list(tmp_path: Path) -> None:
    write_template(tmp_path / "a.xlsx", {})
    rules = load_workbook(tmp_path / "a.xlsx")["地块台账"].data_validations.dataValidation
    assert sum(rule.type == "list" for rule in rules) == 2
    assert read_workbook(tmp_path / "a.xlsx").cells.shape[0] == 0
