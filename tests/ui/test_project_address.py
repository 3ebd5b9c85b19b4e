"""The address of 重大项目: written and read back, and what is wrong said in words."""

import pytest

from dongtou_geo.services.project_filter import LONGEST_TEXT, ProjectFilter
from dongtou_geo.ui.project_address import (
    Known,
    ProjectAddress,
    project_address_params,
    read_project_address,
)

KNOWN = Known(["implement", "energy", "invite"], ["zone_north", "zone_west"], range(1, 44))
FULL = ProjectAddress(
    ProjectFilter("energy", "none", (2014, 2020), 0.5, 120.25, "stage:reserve", "南塘 <b>"),
    "total", descending=True, project=17,
)  # fmt: skip


def test_a_bare_address_is_everything_and_writes_nothing() -> None:
    assert read_project_address({}, KNOWN) == ProjectAddress()
    assert project_address_params(ProjectAddress()) == {}


def test_what_is_written_is_read_back() -> None:
    params = project_address_params(FULL)
    assert params == {
        "group": "energy", "zone": "none", "from": "2014", "to": "2020", "min": "0.5",
        "max": "120.25", "status": "stage:reserve", "q": "南塘 <b>", "sort": "-total",
        "project": "17",
    }  # fmt: skip
    assert read_project_address(params, KNOWN) == FULL


@pytest.mark.parametrize(
    ("key", "word", "words"),
    [
        ("group", "x" * 200, "类别“xxx"),
        ("zone", "zone_moon", "片区“zone_moon”不存在"),
        ("status", "built", "状态“built”不存在"),
        ("sort", "-colour", "排序“colour”不存在"),
        ("project", "44", "项目“44”不存在"),
        ("project", "017", "项目“017”不存在"),
        ("from", "1990", "年份“1990”不合适，应在 2012 至 2025 之间"),
        ("to", "２０２０", "年份“２０２０”不合适"),
        ("min", "much", "总投资“much”不合适，应为 0 至 1,000"),
        ("max", "-1", "总投资“-1”不合适"),
        ("max", "nan", "总投资“nan”不合适"),
        ("q", "长" * 30, f"搜索文字超过 {LONGEST_TEXT} 个字"),
    ],
)
def test_a_wrong_word_is_left_out_and_said(key: str, word: str, words: str) -> None:
    found = read_project_address({key: word}, KNOWN)
    (remark,) = found.remarks
    assert words in remark
    assert len(remark) < 90
    assert found.wanted.is_empty or key == "q"
    assert (found.sort, found.project) == ("no", None)


def test_a_span_turned_round_is_left_out() -> None:
    found = read_project_address({"from": "2020", "to": "2014", "min": "5", "max": "1"}, KNOWN)
    assert found.wanted.is_empty
    assert sorted(remark[4:6] for remark in found.remarks) == ["总投", "时期"]


def test_a_second_click_on_a_column_turns_it_round() -> None:
    once = ProjectAddress().sorted_by("plan")
    assert (once.sort, once.descending) == ("plan", False)
    assert once.sorted_by("plan").descending
    assert not once.sorted_by("plan").sorted_by("plan").descending
