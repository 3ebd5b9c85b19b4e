"""The address of 对比分析: what it says is shown, what it cannot mean falls back with a remark."""

from datetime import date

import pytest

from dongtou_geo.services.changes import last_friday
from dongtou_geo.ui.compare_address import Bounds, compare_params, presets, read_compare

BOUNDS = Bounds(date(2026, 6, 30), date(2026, 11, 24), ("park_nantang", "park_rail"))


def test_a_bare_address_compares_the_last_quarters_end_with_the_day_of_the_page() -> None:
    found = read_compare({}, BOUNDS)
    assert (found.mode, found.first, found.second) == ("days", date(2026, 3, 31), date(2026, 6, 30))
    assert found.remarks == ()
    assert compare_params(found, BOUNDS) == {}


@pytest.mark.parametrize(
    "params",
    [
        {"a": "2025-12-31", "b": "2026-06-30", "park": "park_nantang", "page": "3"},
        {"a": "2025-12-31", "b": "2026-06-30", "park": "outside", "parcel": "南塘-7&x"},
        {"day": "2025-12-31", "then": "2026-01-10", "parcel": "A~1"},
        {"log": "1", "since": "2026-05-01", "who": "张三", "import": "", "page": "2"},
        {"log": "1", "on": "2026-05-01", "doc": ""},
    ],
)
def test_an_address_is_read_and_written_alike(params: dict[str, str]) -> None:
    found = read_compare(params, BOUNDS)
    assert found.remarks == ()
    assert compare_params(found, BOUNDS) == params


def test_reversed_days_are_turned_round_with_a_remark() -> None:
    found = read_compare({"a": "2026-06-30", "b": "2025-12-31"}, BOUNDS)
    assert (found.first, found.second) == (date(2025, 12, 31), date(2026, 6, 30))
    assert any("对调" in remark for remark in found.remarks)


def test_one_day_twice_says_that_nothing_can_have_moved() -> None:
    found = read_compare({"a": "2026-06-30", "b": "2026-06-30"}, BOUNDS)
    assert any("相同" in remark for remark in found.remarks)


@pytest.mark.parametrize("key", ["a", "b", "day", "then", "since"])
@pytest.mark.parametrize("text", ["2027-01-01", "1999-01-01", "<b>", "20251231", "2025-02-30", ""])
def test_a_day_that_cannot_be_is_replaced_with_a_remark(key: str, text: str) -> None:
    bare = BOUNDS.bare
    found = read_compare({key: text}, BOUNDS)
    assert len(found.remarks) == 1
    assert (found.first, found.second) == (bare.first, bare.second)
    assert (found.day, found.then, found.since) == (bare.day, bare.then, bare.since)


def test_unknown_parks_and_pages_fall_back_with_a_remark() -> None:
    found = read_compare({"park": "park_x", "page": "-1"}, BOUNDS)
    assert (found.park, found.page, len(found.remarks)) == (None, None, 2)


def test_an_earlier_second_day_alone_is_compared_with_the_quarter_before_it() -> None:
    found = read_compare({"b": "2020-05-05"}, BOUNDS)
    assert (found.first, found.second) == (date(2020, 3, 31), date(2020, 5, 5))
    assert found.remarks == ()


def test_then_follows_the_day_where_it_is_not_given() -> None:
    assert read_compare({"day": "2025-12-31"}, BOUNDS).then == date(2026, 1, 10)


def test_picking_twice_clears() -> None:
    found = read_compare({"log": "1", "page": "4"}, BOUNDS)
    once = found.picking("person", "张三")
    assert (once.picked, once.page) == ((("person", "张三"),), None)
    assert once.picking("person", "张三").picked == ()
    assert once.picking("person", "李四").picked == (("person", "李四"),)


@pytest.mark.parametrize(
    ("day", "friday"),
    [
        (date(2026, 6, 30), date(2026, 6, 26)),
        (date(2026, 6, 27), date(2026, 6, 26)),
        (date(2026, 6, 26), date(2026, 6, 19)),
    ],
)
def test_last_friday_is_before_the_day(day: date, friday: date) -> None:
    assert last_friday(day) == friday


def test_presets_are_real_days() -> None:
    assert presets(date(2024, 2, 29)) == {
        "上季度末": date(2023, 12, 31), "去年同期": date(2023, 2, 28), "上周五": date(2024, 2, 23),
    }  # fmt: skip
