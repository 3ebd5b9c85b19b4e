"""The workbook: whole names as text, every source, and the sums said with what they leave out."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import openpyxl

from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.project_export import EVENT_HEADINGS, HEADINGS, projects_workbook
from dongtou_geo.services.projects import ProjectRow, project_rows

TODAY = date(2026, 6, 30)
LONG = "<b>=1+1</b>" + "长" * 189


def workbook(rows: list[ProjectRow], stamp: LedgerStamp) -> openpyxl.Workbook:
    made = projects_workbook(rows, words="全部", as_of=TODAY, stamp=stamp)
    return openpyxl.load_workbook(BytesIO(made))


def test_every_project_with_its_sources_stands_in_the_workbook() -> None:
    rows = project_rows(load_atlas(), None, TODAY)
    book = workbook(rows, LedgerStamp())
    cells = list(book["重大项目"].values)
    assert cells[0] == HEADINGS
    assert [row[0] for row in cells[1:]] == list(range(1, 44))
    weima, smart = dict(zip(HEADINGS, cells[17], strict=True)), cells[26]
    assert (weima["总投资（万元）"], weima["状态"], weima["状态自"]) == (
        670_000,
        "投产",
        "不晚于 2019-02-28",
    )
    assert weima["状态来源"] == "公开报道 m.21cnev.com 2019-03-07"
    assert "待定" in smart
    assert cells[35][HEADINGS.index("状态")] == "状态未填报"
    assert "霓屿" not in str(cells[35][HEADINGS.index("线索（未核实，不计入状态）")])
    story = list(book["经过"].values)
    assert story[0] == EVENT_HEADINGS
    assert {row[0] for row in story[1:]} == {16, 17, 19, 35, 36}
    notes = " ".join(str(row[0]) for row in book["说明"].values)
    assert "3,198,783 万元" in notes
    assert "第 26、30 项待定" in notes
    assert "非涉密系统" in notes
    assert "示例" not in notes


def test_hostile_names_are_text_and_whole() -> None:
    rows = project_rows(load_atlas(), None, TODAY)[:2]
    hostile = [
        replace(row, project=replace(row.project, name=name))
        for row, name in zip(rows, ("=HYPERLINK(1)", LONG), strict=True)
    ]
    sheet = workbook(hostile, LedgerStamp(sample=True, ledger_version="x"))["重大项目"]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=HYPERLINK(1)", "s")
    assert sheet["B3"].value == LONG
