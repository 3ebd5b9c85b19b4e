import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import Arrived, ChoiceNeededError, FormatError
from dongtou_geo.formats.workbook import read_workbook, sheets_of
from tests.formats.messy_workbook import COLUMNS, ROW_6, ROWS, SHEET, write_messy

FILES = Path(__file__).parent.parent / "data" / "workbooks"


def written(path: Path, *rows: list, title: str = "台账", **more: list) -> Path:
    book = Workbook()
    book.worksheets[0].title = title
    for row in rows:
        book.worksheets[0].append(row)
    for name, others in more.items():
        page = book.create_sheet(name)
        for row in others:
            page.append(row)
    book.save(path)
    return path


HEAD = ["地块编号", "用地单位", "投产日期"]


def codes(arrived: Arrived) -> list[str]:
    return [problem.code for problem in arrived.problems]


def test_messy_workbook_arrives_as_the_office_means_it(tmp_path: Path) -> None:
    path = tmp_path / "messy.xlsx"
    write_messy(path)
    arrived = read_workbook(path)
    assert arrived.layer == SHEET
    assert list(arrived.cells) == COLUMNS
    assert arrived.row_numbers.tolist() == ROWS
    assert arrived.cells.iloc[0].tolist() == ROW_6
    assert {str(dtype) for dtype in arrived.cells.dtypes} == {"object"}
    assert arrived.facts == {"单位": "亩、万元"}
    assert arrived.cell("面积 公顷", 2) == f"{SHEET}!D10"
    assert arrived.cells["用地单位 （企业）"].tolist() == ["甲公司", "甲公司", "丙公司", None]
    assert arrived.outlines is None
    assert arrived.encoding is None
    assert [(p.row, p.code) for p in arrived.problems] == [
        (None, "hidden_column_skipped"),
        (5, "numbering_row_skipped"),
        (6, "merged_cell_filled"),
        (8, "hidden_row_skipped"),
        (9, "total_row_skipped"),
        (10, "formula_without_value"),
        (10, "formula_without_value"),
        (10, "code_turned_number"),
        (11, "formula_without_value"),
        (11, "formula_without_value"),
        (12, "total_row_skipped"),
        (14, "note_row_skipped"),
        (15, "note_row_skipped"),
    ]
    formula = arrived.problems[5]
    assert (formula.cell, formula.parcel_no) == (f"{SHEET}!C10", "YW-01")
    assert formula.severity is Severity.ERROR
    assert "没有结果的公式" in formula.message


def test_old_xls_reads_as_the_xlsx_does(tmp_path: Path) -> None:
    path = tmp_path / "messy.xlsx"
    write_messy(path)
    new, old = read_workbook(path), read_workbook(FILES / "messy.xls")
    formulas = ("面积 亩", "面积 公顷")
    assert old.row_numbers.tolist() == new.row_numbers.tolist()
    assert old.column_letters == new.column_letters
    for column in COLUMNS:
        if column not in formulas:
            assert old.cells[column].tolist() == new.cells[column].tolist(), column
    assert old.cells["面积 亩"].tolist() == [15.5, 20, 30, 12]
    assert [p for p in old.problems if p.severity is Severity.INFO] == [
        p for p in new.problems if p.severity is Severity.INFO
    ]
    errors = [(p.cell, p.code) for p in old.problems if p.severity is Severity.ERROR]
    assert errors == [(f"{SHEET}!H10", "code_turned_number"), (f"{SHEET}!D11", "cell_error")]
    assert sheets_of(FILES / "messy.xls") == [SHEET, "空表", "字典"]


def test_calendar_of_1904_is_respected(tmp_path: Path) -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.worksheets[0].append(HEAD)
    book.worksheets[0].append(["A", "甲", date(2019, 5, 20)])
    book.save(tmp_path / "mac.xlsx")
    assert read_workbook(tmp_path / "mac.xlsx").cells["投产日期"][0] == date(2019, 5, 20)
    # The same numbers of days, counted from 1904 instead of 1900: 1462 days later.
    dates = read_workbook(FILES / "from1904.xls").cells["日期 供应日期"].tolist()
    assert dates[:2] == [date(2016, 3, 2), date(2017, 3, 2)]


def test_cells_keep_their_kind(tmp_path: Path) -> None:
    row = [
        "A",
        "  甲 ",
        2019.1,
        7.0,
        True,
        datetime(2019, 5, 20, 8, 30),
        date(2019, 5, 20),
        "00123",
    ]
    heads = [*HEAD, "面积", "是否标准地", "交地时间", "竣工日期", "备注"]
    arrived = read_workbook(written(tmp_path / "a.xlsx", heads, row))
    assert arrived.cells.iloc[0].tolist() == row
    assert [type(v) for v in arrived.cells.iloc[0]] == [
        str, str, float, int, bool, datetime, date, str,
    ]  # fmt: skip
    assert arrived.problems == ()


def test_empty_sheets_and_sheets_without_table_are_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", ["封面"], 目录=[["台账"]], 地块=[HEAD, ["A", "甲", None]])
    assert sheets_of(path) == ["台账", "目录", "地块"]
    assert read_workbook(path).layer == "地块"


def test_hidden_sheet_is_read_only_when_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", HEAD, ["A", "甲", None], 旧表=[HEAD, ["B", "乙", None]])
    book = load_workbook(path)
    book["旧表"].sheet_state = "hidden"
    book.save(path)
    assert read_workbook(path).cells["地块编号"].tolist() == ["A"]
    assert read_workbook(path, sheet="旧表").cells["地块编号"].tolist() == ["B"]


def test_several_tables_need_a_choice(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", HEAD, ["A", "甲", None], 杨文=[HEAD, ["B", "乙", None]])
    with pytest.raises(ChoiceNeededError, match="--layer") as told:
        read_workbook(path)
    assert (told.value.flag, told.value.options) == ("--layer", ("台账", "杨文"))
    assert read_workbook(path, sheet="杨文").cells["地块编号"].tolist() == ["B"]
    with pytest.raises(ChoiceNeededError, match="没有工作表“南塘”") as told:
        read_workbook(path, sheet="南塘")
    assert told.value.options == ("台账", "杨文")


def test_file_without_table_names_what_was_looked_for(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", ["姓名", "电话"], ["张三", "1"])
    with pytest.raises(FormatError, match=r"前 30 行.*地块编号.*宗地代码.*用地单位"):
        read_workbook(path)
    with pytest.raises(FormatError, match="工作表 台账 的"):
        read_workbook(path, sheet="台账")


@pytest.mark.parametrize("name", ["locked.xls", "locked.xlsx"])
def test_password_is_named(name: str) -> None:
    with pytest.raises(FormatError, match="有密码"):
        read_workbook(FILES / name)


def test_macros_are_told_and_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsm", HEAD, ["A", "甲", None])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf")
    (told,) = read_workbook(path).problems
    assert (told.code, told.severity, told.row) == ("macros_ignored", Severity.WARNING, None)
    old = tmp_path / "a.xls"
    old.write_bytes((FILES / "messy.xls").read_bytes() + "_VBA_PROJECT_CUR".encode("utf-16-le"))
    assert codes(read_workbook(old))[0] == "macros_ignored"


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    workbook = written(tmp_path / "a.xlsx", HEAD, ["A", "甲", None])
    for name in ("b.xls", "b.csv", "b"):
        (tmp_path / name).write_bytes(workbook.read_bytes())
        assert read_workbook(tmp_path / name).cells["用地单位"].tolist() == ["甲"]
    text = tmp_path / "c.xls"
    text.write_bytes("地块编号\t用地单位\nA\t甲\n".encode("gbk"))
    assert read_workbook(text).cells.iloc[0].tolist() == ["A", "甲"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<html><table><tr><td>", "另存为 .xlsx"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "另存为 .xlsx"),
        (b"PK\x03\x04 and no more", "已损坏"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "^a.xls 无法作为工作簿读取，内容已损坏[^(（]*$",
        ),
        (b"", "没有找到表头"),
        (b"\x89\x00\xff\x81" * 50, "编码"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.xls").write_bytes(content)
    with pytest.raises(FormatError, match=told):
        read_workbook(tmp_path / "a.xls")


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"找不到文件 nix\.xlsx"):
        sheets_of(tmp_path / "nix.xlsx")


def test_cut_off_workbook_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "a.xlsx", HEAD, ["A", "甲", None]).read_bytes()
    (tmp_path / "a.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match="没有传完整"):
        read_workbook(tmp_path / "a.xlsx")


def test_encrypted_part_of_a_zip_is_a_password(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", HEAD, ["A", "甲", None])
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + at] |= 1
            place = data.find(mark, place + 4)
    path.write_bytes(data)
    with pytest.raises(FormatError, match="有密码"):
        read_workbook(path)
