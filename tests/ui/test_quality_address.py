"""The address of 数据质量: what it says is shown, what it cannot mean falls back with a remark."""

import pytest

from dongtou_geo.ui.components.quality_address import (
    QualityAddress,
    quality_params,
    read_quality_address,
)

PLACES = ("zone_main", "park_nantang")
THINGS = ("park:park_nantang", "project:15")


def read(params: dict[str, str]) -> QualityAddress:
    return read_quality_address(params, PLACES, THINGS)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"place": "zone_main", "kind": "scope", "bound": "park", "about": "project:15", "q": "a&b"},
        {"part": "outlines", "what": "park", "confidence": "low", "standing": "map"},
        {"part": "recorded", "place": "outside"},
        {"part": "ledger", "issue": "overlap", "q": "南塘-7", "page": "3", "run": "1"},
        {"part": "ledger", "areas": "all"},
    ],
)
def test_an_address_is_read_and_written_alike(params: dict[str, str]) -> None:
    found = read(params)
    assert found.remarks == ()
    assert quality_params(found) == params


@pytest.mark.parametrize(
    ("params", "word"),
    [
        ({"part": "x"}, "部分"),
        ({"place": "park_atlantis"}, "位置"),
        ({"place": "outside"}, "位置"),  # the plan has no place outside its places
        ({"kind": "x"}, "类别"),
        ({"bound": "x"}, "涉及对象"),
        ({"about": "project:99"}, "对象"),
        ({"part": "outlines", "standing": "<b>"}, "上图方式"),
        ({"part": "ledger", "issue": "x"}, "问题"),
        ({"part": "ledger", "page": "-1"}, "页码"),
        ({"part": "ledger", "page": "９"}, "页码"),
        ({"q": "长" * 101}, "100 个字"),
    ],
)
def test_what_it_cannot_mean_falls_back_with_a_remark(params: dict[str, str], word: str) -> None:
    (remark,) = read(params).remarks
    assert word in remark


def test_a_click_turns_a_filter_on_and_off() -> None:
    on = QualityAddress().at("kind:scope")
    assert on.notes.kind == "scope"
    assert on.at("kind:scope").notes.kind == ""
    assert on.at("about:project:15").notes.about == "project:15"
    assert QualityAddress(part="outlines").at("what:park").outlines.kind == "park"


def test_a_part_keeps_the_place_but_not_the_filters() -> None:
    start = read({"place": "zone_main", "kind": "scope"})
    ledger = start.at("part:ledger")
    assert (ledger.part, ledger.place, ledger.notes.kind) == ("ledger", "zone_main", "")
    outside = read({"part": "recorded", "place": "outside"})
    assert outside.at("part:ledger").place == "outside"
    assert outside.at("part:plan").place == ""


def test_another_finding_begins_on_the_first_page() -> None:
    third = read({"part": "ledger", "page": "3"})
    assert third.at("issue:overlap").page == 1
    assert third.at("page:4").page == 4
    assert third.at("compared:all").page == 1
    assert third.at("run:").run
    assert third.at("page:x") == third
    assert third.at("nothing:x") == third
