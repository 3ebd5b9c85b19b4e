from datetime import date, datetime, time, timedelta

import pytest

from dongtou_geo.formats import workbook_cells
from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.workbook_cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    Block,
    Fault,
    Grid,
    Value,
    number_of,
    tidy_day,
    tidy_number,
)


@pytest.mark.parametrize(("row", "columns"), [(MAX_ROWS + 1, 1), (0, 1), (1, MAX_COLUMNS + 1)])
def test_more_than_a_sheet_holds_is_refused(row: int, columns: int) -> None:
    with pytest.raises(FormatError, match="最多只能读 1048576 行、2000 列"):
        Grid("表").add_row(row, ["x"] * columns)


def test_empty_cells_to_the_right_do_not_count() -> None:
    grid = Grid("表")
    grid.add_row(1, ["x", *([None] * (MAX_COLUMNS + 5))])
    grid.add_row(2, [None, None])
    assert grid.rows == {1: ["x"]}


def test_more_cells_than_memory_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_cells, "MAX_CELLS", 10)
    grid = Grid("表")
    grid.add_row(1, ["x"] * 10)
    with pytest.raises(FormatError, match="超过 10 个单元格"):
        grid.add_row(2, ["x"])


def test_endless_merging_is_refused() -> None:
    grid = Grid("表", merged=[Block(1, 1, MAX_ROWS, 2000)] * 3)
    grid.add_row(MAX_ROWS, ["x"])
    with pytest.raises(FormatError, match="合并单元格"):
        grid.close()


def test_rows_come_in_order() -> None:
    grid = Grid("表")
    grid.add_row(5, ["b"])
    grid.add_row(2, ["a"])
    assert list(grid.close().rows) == [2, 5]
    assert (grid.at(2, 1), grid.at(2, 9), grid.at(3, 1)) == ("a", None, None)
    assert grid.address(5, 28) == "表!AB5"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("5.0", 5),
        ("-12.25", -12.25),
        ("1.5E3", 1500),
        ("3.3E+18", 3.3e18),
        ("1000000000000000", 10**15),
        ("12345678901234567890123", 12345678901234567890123.0),
        ("1e400", Fault("cell_error", "inf")),
        ("nan", Fault("cell_error", "nan")),
        ("1_000", Fault("cell_error", "1_000")),
        ("", Fault("cell_error", "")),
    ],
)
def test_number_of(text: str, value: Value) -> None:
    assert number_of(text) == value
    assert type(number_of(text)) is type(value)


def test_whole_numbers_are_int() -> None:
    assert isinstance(tidy_number(7.0), int)
    assert tidy_number(2019.1) == 2019.1
    assert isinstance(tidy_number(1e15), float)


def test_dates_without_a_time_are_dates() -> None:
    assert tidy_day(datetime(2019, 5, 20)) == date(2019, 5, 20)
    assert type(tidy_day(datetime(2019, 5, 20))) is date
    assert tidy_day(datetime(2019, 5, 20, 8)) == datetime(2019, 5, 20, 8)
    assert tidy_day(time(8, 30)) == "08:30:00"
    assert tidy_day(timedelta(hours=30)) == "1 day, 6:00:00"
