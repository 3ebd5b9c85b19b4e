"""Whatever a file holds, reading ends in rows, in a refusal, or in a question."""

import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.exceptions import IllegalCharacterError

from dongtou_geo.domain.ledger_field import LEDGER_FIELDS
from dongtou_geo.formats.arrived import Arrived, ChoiceNeededError, FormatError
from dongtou_geo.formats.boundary_txt import read_boundary_txt
from dongtou_geo.formats.workbook import read_workbook
from dongtou_geo.formats.workbook_writing import write_csv, write_workbook

# Enough to find what breaks, few enough to be quick; each writes and reads a file.
quick = settings(max_examples=40, deadline=None)

HEAD = ["地块编号", "用地单位", "面积", "投产日期", "备注", "x"]
headings = st.sampled_from([field.heading for field in LEDGER_FIELDS.values()])
words = st.sampled_from(
    ["合计", "备注：x", "单位：亩", "=1+1", "#REF!", "3.3E+18", "填表人：张三", "1"]
)
texts = st.one_of(headings, words, st.text(max_size=30))
numbers = st.one_of(st.integers(-(10**20), 10**20), st.floats())
days = st.one_of(st.dates(), st.datetimes(datetime(1900, 3, 1)))
cells = st.one_of(st.none(), texts, numbers, st.booleans(), days)
grids = st.lists(st.lists(cells, max_size=6), max_size=12)
blocks = st.lists(st.tuples(*[st.integers(1, 8)] * 4), max_size=4)


def reads(path: Path, read: Callable[..., Arrived] = read_workbook) -> Arrived | None:
    try:
        arrived = read(path)
    except (FormatError, ChoiceNeededError) as refusal:
        assert str(refusal)
        return None
    assert len(arrived.row_numbers) == len(arrived.cells)
    assert arrived.cells.columns.is_unique
    for name in arrived.cells:
        for value in arrived.cells[name]:
            assert value is None or isinstance(value, str | int | float | bool | date)
    for problem in arrived.problems:
        assert problem.message
    return arrived


def put(page: Any, row: int, column: int, value: object) -> None:
    """Write a cell as it is; what openpyxl does not write is not there."""
    try:
        page.cell(row, column).value = value
    except (IllegalCharacterError, ValueError):
        page.cell(row, column).value = None


@quick
@given(
    grid=grids,
    head=st.none() | st.integers(0, 3),
    merged=blocks,
    hidden=st.sets(st.integers(1, 12), max_size=3),
)
def test_any_grid_ends_in_rows_or_a_refusal(
    grid: list[list[object]],
    head: int | None,
    merged: list[tuple[int, int, int, int]],
    hidden: set[int],
) -> None:
    if head is not None:
        grid = [*grid[:head], list(HEAD), *grid[head:]]
    book = Workbook()
    page = book.worksheets[0]
    for row, values in enumerate(grid, start=1):
        for column, value in enumerate(values, start=1):
            if not isinstance(value, date) or value >= type(value)(1900, 3, 1):
                put(page, row, column, value)
    for number in hidden:
        page.row_dimensions[number].hidden = True
    for top, left, height, width in merged:
        page.merge_cells(None, top, left, top + height, left + width)
    with tempfile.TemporaryDirectory() as folder:
        book.save(Path(folder) / "a.xlsx")
        reads(Path(folder) / "a.xlsx")


@quick
@given(grid=grids)
def test_any_table_that_we_write_reads_back(grid: list[list[object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_workbook(Path(folder) / "a.xlsx", "台账", HEAD, grid, notes=["示例"])
        write_csv(Path(folder) / "a.csv", HEAD, grid)
        assert reads(Path(folder) / "a.xlsx") is not None
        assert reads(Path(folder) / "a.csv") is not None


whole_texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@quick
@given(notes=st.lists(whole_texts.filter(str.strip), min_size=1, max_size=8))
def test_any_text_comes_back_exactly(notes: list[str]) -> None:
    rows = [[f"A{place}", "甲", text] for place, text in enumerate(notes)]
    with tempfile.TemporaryDirectory() as folder:
        write_workbook(Path(folder) / "a.xlsx", "台账", ["地块编号", "用地单位", "备注"], rows)
        write_csv(Path(folder) / "a.csv", ["地块编号", "用地单位", "备注"], rows)
        for name in ("a.xlsx", "a.csv"):
            arrived = read_workbook(Path(folder) / name)
            assert arrived.cells["备注"].tolist() == notes, name


lines = st.one_of(
    st.sampled_from(
        [
            "[属性描述]", "[地块坐标]", "带号=40", "5,1.0,A,甲,面,,,,@", "5，1，B，，面", "J1,1,3078000,40612000",
            "J2,1,3078100.5,40612000", "3,1,3078100,40612100", "J1,2,3O78000,1", "@", ",,,,,,,,@", "1,2", "J1 1 1 1",
        ]
    ),
    st.text(max_size=40),
    st.lists(st.one_of(st.floats().map(str), st.integers().map(str)), max_size=6).map(",".join),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(
    text=st.lists(lines, max_size=20).map("\n".join), codec=st.sampled_from(["utf-8", "gb18030"])
)
def test_any_text_given_as_boundary_text(text: str, codec: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_bytes(text.encode(codec, "replace"))
        arrived = reads(path, read_boundary_txt)
        if arrived is not None:
            assert arrived.outlines is not None
            assert len(arrived.outlines) == len(arrived.cells)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for start in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x08"):
            path = Path(folder) / "a.xls"
            path.write_bytes(start + data)
            reads(path)
        path.write_bytes(data)
        reads(path, read_boundary_txt)
