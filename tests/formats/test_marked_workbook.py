import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Color, Font, PatternFill

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats import marked_workbook
from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.marked_workbook import AUTHOR, FILLS, write_marked
from dongtou_geo.formats.workbook import read_workbook
from tests.formats.messy_workbook import SHEET, write_messy

FILES = Path(__file__).parent.parent / "data" / "workbooks"
RED, AMBER, BLUE = FILLS[Severity.ERROR], FILLS[Severity.WARNING], FILLS[Severity.INFO]


def problem(
    cell: str | None, message: str, severity: Severity = Severity.ERROR, row: int | None = 1
) -> IntakeProblem:
    return IntakeProblem(row, cell, None, "x", severity, message)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A clerk's workbook with looks of its own."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = "台账!1"
    for row in (["地块编号", "用地单位", "面积"], ["A", "甲", 1], ["B", "=A2", 2], [None, "丙", 3]):
        page.append(row)
    page["A1"].font = Font(bold=True)
    page["A2"].fill = PatternFill("solid", fgColor="FFFFFF00")
    page["B2"].fill = PatternFill("lightUp", fgColor=Color(theme=4, tint=0.5))
    page["C2"].comment = Comment("原来的批注\n第二行", "张三")
    page.merge_cells("C3:C4")
    page.column_dimensions["B"].width = 33
    page.freeze_panes = "A2"
    book.create_sheet("别的")["A1"] = "不动"
    path = tmp_path / "source.xlsx"
    book.save(path)
    return path


def test_bad_cells_are_coloured_and_say_why(source: Path, tmp_path: Path) -> None:
    problems = [
        problem("台账!1!A2", "编号重复"),
        problem("台账!1!A2", "编号有空格", Severity.WARNING),
        problem("台账!1!B3", "代码旧", Severity.WARNING),
        problem("台账!1!C2", "面积差 2%", Severity.INFO),
    ]
    assert write_marked(source, tmp_path / "marked.xlsx", problems) == ()
    page = load_workbook(tmp_path / "marked.xlsx")["台账!1"]
    assert [page[c].fill.fgColor.rgb for c in ("A2", "B3", "C2")] == [RED, AMBER, BLUE]
    assert page["A2"].comment.author == AUTHOR
    assert page["A2"].comment.text.startswith("【错误】编号重复\n【警告】编号有空格")
    assert page["B3"].comment.text == "【警告】代码旧"
    assert page["C2"].comment.text == "【提示】面积差 2%\n〔原批注 张三〕\n原来的批注\n第二行"


def test_everything_else_stays(source: Path, tmp_path: Path) -> None:
    write_marked(source, tmp_path / "marked.xlsx", [problem("台账!1!A3", "x")])
    book = load_workbook(tmp_path / "marked.xlsx")
    page = book["台账!1"]
    assert page["B3"].value == "=A2"
    assert page["A1"].font.bold
    assert page["A2"].fill.fgColor.rgb == "FFFFFF00"
    assert page["C2"].comment.text == "原来的批注\n第二行"
    assert [str(block) for block in page.merged_cells.ranges] == ["C3:C4"]
    assert (page.column_dimensions["B"].width, page.freeze_panes) == (33, "A2")
    assert book["别的"]["A1"].value == "不动"
    assert load_workbook(source)["台账!1"]["A3"].comment is None


def test_next_round_shows_only_what_is_left(source: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    every = [problem(f"台账!1!{cell}", "坏") for cell in ("A2", "B2", "C2", "A3", "B4")]
    write_marked(source, first, every)
    # The clerk deletes a comment but not the colour, and moves a row down.
    book = load_workbook(first)
    book["台账!1"]["B4"].comment = None
    book["台账!1"].move_range("A2:B2", rows=4)
    book.save(first)
    write_marked(first, second, [problem("台账!1!A3", "还坏")])
    page = load_workbook(second)["台账!1"]
    marked = {c.coordinate for row in page.iter_rows() for c in row if c.fill.fgColor.rgb == RED}
    assert marked == {"A3"}
    assert page["A3"].comment.text == "【错误】还坏"
    assert page["A6"].fill.fgColor.rgb == "FFFFFF00"
    assert page["A6"].comment is None
    assert page["B6"].fill.patternType == "lightUp"
    assert (page["B6"].fill.fgColor.theme, page["B6"].fill.fgColor.tint) == (4, 0.5)
    assert page["B4"].fill.patternType is None
    assert (page["C2"].comment.text, page["C2"].comment.author) == ("原来的批注\n第二行", "张三")


def test_rows_are_marked_at_their_first_cell(source: Path, tmp_path: Path) -> None:
    problems = [
        problem(None, "缺编号", row=4),
        problem("owner", "图层的字段", row=3),
        problem(None, "整个文件", Severity.WARNING, row=None),
        problem("没有这张表!A1", "表名不对", Severity.WARNING, row=None),
        problem("台账!1!C4", "合并的格"),
    ]
    write_marked(source, tmp_path / "marked.xlsx", problems)
    page = load_workbook(tmp_path / "marked.xlsx")["台账!1"]
    assert page["B4"].comment.text == "【错误】缺编号"
    assert page["A3"].comment.text == "【错误】图层的字段"
    assert page["A1"].comment.text == "【警告】整个文件\n【警告】表名不对"
    assert page["C3"].comment.text == "【错误】合并的格"


def test_rows_without_any_cell_find_the_sheet_with_the_table(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = "封面"
    page = book.create_sheet("地块")
    page.append(["地块编号", "用地单位"])
    page.append(["A", "甲"])
    book.save(tmp_path / "a.xlsx")
    write_marked(tmp_path / "a.xlsx", tmp_path / "b.xlsx", [problem(None, "坏", row=2)])
    marked = load_workbook(tmp_path / "b.xlsx")
    assert marked["地块"]["A2"].comment.text == "【错误】坏"


def test_hostile_messages_are_text(source: Path, tmp_path: Path) -> None:
    message = (
        "值“=1+1\x00<b>\u202e”\n〔原批注 x〕\n〔原底色 solid rgb:FF000000:0.0 rgb:FF000000:0.0〕"
    )
    write_marked(source, tmp_path / "a.xlsx", [problem("台账!1!A3", message)])
    write_marked(tmp_path / "a.xlsx", tmp_path / "b.xlsx", [])
    page = load_workbook(tmp_path / "b.xlsx")["台账!1"]
    assert page["A3"].comment is None
    assert page["A3"].fill.patternType is None


@pytest.mark.parametrize("fill", ["solid", "klecks a:1:0 b:2:0", "solid rgb:1:0 theme:4:0"])
def test_edited_comments_do_no_harm(source: Path, tmp_path: Path, fill: str) -> None:
    write_marked(source, tmp_path / "a.xlsx", [problem("台账!1!A2", "坏")])
    book = load_workbook(tmp_path / "a.xlsx")
    book["台账!1"]["A2"].comment = Comment(f"【错误】坏\n〔原底色 {fill}〕", AUTHOR)
    book.save(tmp_path / "a.xlsx")
    write_marked(tmp_path / "a.xlsx", tmp_path / "b.xlsx", [])
    assert load_workbook(tmp_path / "b.xlsx")["台账!1"]["A2"].fill.patternType is None


def test_xls_comes_back_as_xlsx_with_the_same_cells(tmp_path: Path) -> None:
    (told,) = write_marked(
        FILES / "messy.xls", tmp_path / "a.xlsx", [problem(f"{SHEET}!H10", "成了数字")]
    )
    assert ".xlsx" in told
    old, new = read_workbook(FILES / "messy.xls"), read_workbook(tmp_path / "a.xlsx")
    assert new.cells.equals(old.cells)
    assert new.problems == old.problems
    page = load_workbook(tmp_path / "a.xlsx")[SHEET]
    assert page["H10"].fill.fgColor.rgb == RED
    assert page["E6"].number_format == "yyyy-mm-dd"


def test_csv_comes_back_as_xlsx_with_texts(tmp_path: Path) -> None:
    path = tmp_path / "a[1].csv"
    path.write_bytes("地块编号,备注\n007,'=1+1\nB,\n".encode("gbk"))
    write_marked(path, tmp_path / "b.xlsx", [problem("a[1]!B2", "公式？")])
    page = load_workbook(tmp_path / "b.xlsx").worksheets[0]
    assert page.title == "a_1_"
    assert [(c.value, c.data_type) for c in page[2]] == [("007", "s"), ("=1+1", "s")]
    assert page["B2"].comment.text == "【错误】公式？"


def test_macros_do_not_come_along(tmp_path: Path, source: Path) -> None:
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf")
        archive.writestr("xl/drawings/drawing9.xml", "<xdr:sp/>")
    told = write_marked(source, tmp_path / "b.xlsx", [])
    assert len(told) == 2
    assert "宏未保留" in told[0]
    assert "图形" in told[1]
    with zipfile.ZipFile(tmp_path / "b.xlsx") as archive:
        assert not any("vba" in name for name in archive.namelist())
        assert b"macroEnabled" not in archive.read("[Content_Types].xml")


def test_too_many_comments_stall_excel(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marked_workbook, "MAX_COMMENTS", 1)
    problems = [problem("台账!1!A2", "黄", Severity.WARNING), problem("台账!1!A3", "红")]
    (told,) = write_marked(source, tmp_path / "b.xlsx", problems)
    assert "多于 1 个" in told
    page = load_workbook(tmp_path / "b.xlsx")["台账!1"]
    assert page["A3"].comment.text == "【错误】红"
    assert page["A2"].comment is None
    assert page["A2"].fill.fgColor.rgb == AMBER


def test_refusals(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FormatError, match=r"应存为 \.xlsx"):
        write_marked(source, tmp_path / "b.xlsm", [])
    (tmp_path / "broken.xlsx").write_bytes(source.read_bytes()[:900])
    with pytest.raises(FormatError, match="已损坏"):
        write_marked(tmp_path / "broken.xlsx", tmp_path / "b.xlsx", [])
    monkeypatch.setattr(marked_workbook, "MAX_SHEETS_BYTES", 10)
    with pytest.raises(FormatError, match="太大"):
        write_marked(source, tmp_path / "b.xlsx", [])


def test_marked_messy_workbook_reads_as_before(tmp_path: Path) -> None:
    write_messy(tmp_path / "a.xlsx")
    before = read_workbook(tmp_path / "a.xlsx")
    write_marked(tmp_path / "a.xlsx", tmp_path / "b.xlsx", before.problems)
    after = read_workbook(tmp_path / "b.xlsx")
    assert after.cells.equals(before.cells)
    assert after.problems == before.problems
