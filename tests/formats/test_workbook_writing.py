from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from dongtou_geo.formats.workbook import read_workbook, sheets_of
from dongtou_geo.formats.workbook_writing import (
    cell_value,
    column_width,
    sheet_name,
    write_csv,
    write_workbook,
    xlsx_text,
)

HOSTILE = [
    '=HYPERLINK("http://x.test","y")',
    "<script>alert(1)</script>",
    "'; DROP TABLE parcels; --",
    "a\u202eb",
    "一\n二",
    "一\r\n二",
    "\r",
    "𠮷䶮",
    "'=x",
    "''+1",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "_x000D_",
    "_x005F_",
    "ax005F_b",
    "\x00\x01\x1f\x7f",
    "  两边有空格  ",
    "#N/A",
    "#REF!",
    "3303052019B00016",
    "12345678901234567890",
    'a,b;c\t"d"',
    "\ufffe\uffff",
    "x\u0085y\u2028z",
    "TRUE",
    "1E5",
    "长" * 2000,
]


def xlsx(path: Path, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    write_workbook(path / "a.xlsx", "台账", headings, rows, notes=["示例"])
    return path / "a.xlsx"


def in_csv(path: Path, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    write_csv(path / "a.csv", headings, rows)
    return path / "a.csv"


@pytest.mark.parametrize("write", [xlsx, in_csv])
def test_texts_come_back_exactly(tmp_path: Path, write: Callable[..., Path]) -> None:
    rows = [[f"A{place}", text] for place, text in enumerate(HOSTILE)]
    arrived = read_workbook(write(tmp_path, ["地块编号", "备注"], rows))
    assert arrived.cells["备注"].tolist() == HOSTILE
    assert arrived.problems == ()


def test_no_text_is_a_formula(tmp_path: Path) -> None:
    path = xlsx(tmp_path, ["地块编号", "=备注"], [[text, text] for text in HOSTILE])
    page = load_workbook(path)["台账"]
    kinds = {cell.data_type for row in page.iter_rows() for cell in row}
    assert kinds == {"s"}
    formula, plain = page["A2"], page["A3"]
    assert (formula.number_format, formula.quotePrefix) == ("@", True)
    assert (plain.number_format, plain.quotePrefix) == ("General", False)
    assert page["A22"].number_format == "@"  # a code of digits and letters stays as it is


def test_values_keep_their_kind(tmp_path: Path) -> None:
    row = ["A", 12.5, -3, date(2019, 5, 20), datetime(2019, 5, 20, 8, 30), True, None, 10**16]
    heads = ["地块编号", "面积", "x", "投产日期", "时间", "b", "备注", "大数"]
    path = xlsx(tmp_path, heads, [row])
    assert read_workbook(path).cells.iloc[0].tolist() == [*row[:-1], "10000000000000000"]
    page = load_workbook(path)["台账"]
    assert page["D2"].number_format == "yyyy-mm-dd"
    assert page["E2"].number_format == "yyyy-mm-dd hh:mm:ss"
    assert page["B2"].data_type == "n"


def test_looks_of_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = ([f"NT-{n}", "温州某某制造有限公司"] for n in range(300))
    write_workbook(path, "台/账?", ["地块编号", "用地单位"], rows, notes=["=1+1", "示例"])
    book = load_workbook(path)
    page = book.worksheets[0]
    assert (page.title, page.max_row) == ("台_账_", 301)
    assert page["A1"].font.bold
    assert not page["A2"].font.bold
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:B301"
    # Ten Chinese characters are twenty digits wide.
    assert 22 <= page.column_dimensions["B"].width <= 24
    notes = book["说明"]
    assert [cell.value for cell in notes["A"]] == ["=1+1", "示例"]
    assert notes["A1"].data_type == "s"


def test_sheet_named_like_the_notes(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", "说明", ["地块编号", "备注"], [], notes=["x"])
    assert sheets_of(tmp_path / "a.xlsx") == ["说明", "说明1"]
    assert read_workbook(tmp_path / "a.xlsx").cells.shape == (0, 2)


def test_workbook_without_notes_has_one_sheet(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", "表", ["地块编号"], [["A"]])
    assert sheets_of(tmp_path / "a.xlsx") == ["表"]


def test_csv_is_what_excel_opens(tmp_path: Path) -> None:
    path = in_csv(tmp_path, ["地块编号", "面积"], [["=A", -1.5], [None, np.nan], ["B", True]])
    expected = "\ufeff地块编号,面积\r\n'=A,-1.5\r\n,\r\nB,TRUE\r\n"
    assert path.read_bytes().decode() == expected


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (np.int64(5), 5),
        (np.float64("nan"), None),
        (float("inf"), "inf"),
        (pd.NaT, None),
        (pd.NA, None),
        (pd.Timestamp("2019-05-20 08:00"), datetime(2019, 5, 20, 8)),
        (datetime(2019, 5, 20, tzinfo=UTC), "2019-05-20 00:00:00+00:00"),
        (date(1850, 1, 1), "1850-01-01"),
        (date(1900, 3, 1), date(1900, 3, 1)),
        (-(10**15), "-1000000000000000"),
        (("x",), "('x',)"),
    ],
)
def test_cell_value(value: object, cell: object) -> None:
    assert cell_value(value) == cell
    assert type(cell_value(value)) is type(cell)


def test_half_characters_become_whole() -> None:
    assert xlsx_text("a\ud842b") == "a\ufffdb"
    assert xlsx_text("_x0041_\r") == "_x005F_x0041__x000D_"


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a[b]:*?/\\", "a_b______"), ("长" * 40, "长" * 31), ("𠮷" * 40, "𠮷" * 15), ("''", "Sheet1")],
)
def test_sheet_name(name: str, safe: str) -> None:
    assert sheet_name(name) == safe


def test_column_width_counts_chinese_twice() -> None:
    assert column_width(["中文", "abcde"]) == 8
    assert column_width(["中文中文中文"]) == 14
    assert column_width(["x" * 500]) == 48
    assert column_width([]) == 8
