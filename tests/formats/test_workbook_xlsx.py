"""Sheets written by hand, as other programs than Excel write them, and hostile ones."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.xml.constants import SHARED_STRINGS

from dongtou_geo.formats import workbook_xlsx
from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.workbook import read_workbook
from dongtou_geo.formats.workbook_xlsx import decode_escapes

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>地块编号</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>用地单位</t></is></c>'
    '<c r="C1" t="inlineStr"><is><t>投产日期</t></is></c></row>'
)

# The library's own words are for nobody who sends a workbook.
NO_ENGLISH = r"^a\.xlsx 无法作为工作簿读取，内容已损坏或不是 Excel 写出的，请用 Excel 打开后另存为 \.xlsx 再导入$"


def read(path: Path, rows: str, *, after: str = "", before: str = "", strings: str = "") -> Arrived:
    """Read a workbook whose sheet is this XML; its first style is General, its second a date."""
    plain = path / "plain.xlsx"
    book = Workbook()
    page = book.worksheets[0]
    page["A1"], page["B1"] = date(2019, 1, 1), "text"
    book.save(plain)
    sheet = (
        f'<worksheet xmlns="{MAIN}">{before}<sheetData>{HEAD}{rows}</sheetData>{after}</worksheet>'
    )
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path / "a.xlsx", "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = sheet.encode()
            elif name == "[Content_Types].xml":
                part = (
                    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHARED_STRINGS}"/>'
                )
                data = data.replace(b"</Types>", f"{part}</Types>".encode())
            new.writestr(name, data)
        new.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>')
    return read_workbook(path / "a.xlsx")


def cells(row: str, number: int = 2) -> str:
    return f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>A</t></is></c>{row}</row>'


def test_shared_strings_are_plain_text(tmp_path: Path) -> None:
    strings = (
        "<si><t>甲</t></si>"
        "<si><r><rPr><b/></rPr><t>富</t></r><r><t xml:space='preserve'> 文本</t></r></si>"
        "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>"
        "<si><t>行1_x000D_\n行2 _x005F_x0041_</t></si>"
    )
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}" t="s"><v>{n - 2}</v></c></row>'
        for n in range(2, 6)
    )
    found = read(tmp_path, rows, strings=strings).cells["用地单位"].tolist()
    assert found == ["甲", "富 文本", "東京", "行1\r\n行2 _x0041_"]


def test_string_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=NO_ENGLISH):
        read(tmp_path, cells('<c r="B2" t="s"><v>7</v></c>'))


def test_formulas_are_taken_by_their_value(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        cells(
            '<c r="B2" t="str"><f>X1</f><v>甲</v></c><c r="C2" s="1"><f>TODAY()</f><v>43605</v></c>'
        )
        + cells('<c r="B3" t="str"><f>IF(1,"")</f><v></v></c><c r="C3"><f>X1</f></c>', 3),
    )
    assert found.cells["用地单位"].tolist() == ["甲", None]
    assert found.cells["投产日期"].tolist() == [date(2019, 5, 20), None]
    (told,) = found.problems
    assert (told.code, told.cell) == ("formula_without_value", "Sheet!C3")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="B2" t="b"><v>1</v></c>', True),
        ('<c r="B2" t="d"><v>2019-05-20</v></c>', date(2019, 5, 20)),
        ('<c r="B2" s="1"><v>43605</v></c>', date(2019, 5, 20)),
        ('<c r="B2" s="1"><v>0.5</v></c>', "12:00:00"),
        ('<c r="B2" s="0"><v>43605</v></c>', 43605),
        ("<c><v>5</v></c>", 5),
        ('<c r="B2" t="inlineStr"><is><t> a &lt;b&gt; </t></is></c>', " a <b> "),
    ],
)
def test_kinds_of_cells(tmp_path: Path, cell: str, value: object) -> None:
    found = read(tmp_path, cells(cell))
    assert found.cells["用地单位"].tolist() == [value]
    assert found.problems == ()


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('<c r="B2" t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c r="B2" s="1"><v>99999999999</v></c>', "超出日期范围"),
        ('<c r="B2"><v>abc</v></c>', "abc"),
        ('<c r="B2"><v>1e999</v></c>', "inf"),
    ],
)
def test_cells_that_hold_no_value(tmp_path: Path, cell: str, shown: str) -> None:
    (told,) = read(tmp_path, cells(cell)).problems
    assert (told.code, told.cell) == ("cell_error", "Sheet!B2")
    assert shown in told.message


def test_rows_and_cells_without_addresses_are_counted(tmp_path: Path) -> None:
    row = "<row><c t='inlineStr'><is><t>A</t></is></c><c t='inlineStr'><is><t>甲</t></is></c></row>"
    found = read(tmp_path, row * 2)
    assert found.row_numbers.tolist() == [2, 3]
    assert found.cells["用地单位"].tolist() == ["甲", "甲"]


def test_prefixed_tags_are_read(tmp_path: Path) -> None:
    row = cells('<x:c r="B2" t="str"><x:v>甲</x:v></x:c>').replace("<row", f'<row xmlns:x="{MAIN}"')
    assert read(tmp_path, row).cells["用地单位"].tolist() == ["甲"]


def test_hidden_columns_and_merged_cells(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        cells('<c r="B2" t="str"><v>甲</v></c>') + cells("", 3),
        before='<cols><col min="3" max="16384" hidden="1"/></cols>',
        after='<mergeCells><mergeCell ref="B2:B3"/><mergeCell ref="C2"/></mergeCells>',
    )
    assert found.cells["用地单位"].tolist() == ["甲", "甲"]
    assert [p.code for p in found.problems] == ["hidden_column_skipped", "merged_cell_filled"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ('<row r="1048577"><c r="A1048577"><v>1</v></c></row>', "1048576 行"),
        ('<row r="2"><c r="BZZ2"><v>1</v></c></row>', "2000 列"),
        ('<row r="2"><c r="ZZZZ2"><v>1</v></c></row>', NO_ENGLISH),
        ('<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>', "次序颠倒"),
        ("<row r='2'><c r='A2'>", NO_ENGLISH),
    ],
)
def test_sheets_that_no_program_writes_are_refused(tmp_path: Path, rows: str, told: str) -> None:
    with pytest.raises(FormatError, match=told):
        read(tmp_path, rows)


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    book = tmp_path / "a.xlsx"
    read(tmp_path, "")
    bomb = (
        f'<!DOCTYPE x [<!ENTITY a "地块">]><worksheet xmlns="{MAIN}"><sheetData>'
        '<row r="1"><c r="A1" t="str"><v>&a;</v></c></row></sheetData></worksheet>'
    )
    parts = {}
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = bomb.encode()
    with zipfile.ZipFile(book, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(FormatError, match="（DTD），Excel 不会写出"):
        read_workbook(book)


def test_part_that_unpacks_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_xlsx, "MAX_SHEET_BYTES", 1 << 20)
    with pytest.raises(FormatError, match=r"解压后过大.*sheet1\.xml"):
        read(tmp_path, " " * (2 << 20))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a_x000D_b", "a\rb"),
        ("_x005F_x000D_", "_x000D_"),
        ("_xD842_", "_xD842_"),
        ("_x00_", "_x00_"),
        ("一_x4e00_", "一一"),
    ],
)
def test_decode_escapes(text: str, shown: str) -> None:
    assert decode_escapes(text) == shown
