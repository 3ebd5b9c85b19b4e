"""The chart over time: every rate is inside it, gaps are gaps, target and due day are drawn."""

import json
from datetime import date

import pytest

from dongtou_geo.domain.progress import PLAN_DUE
from dongtou_geo.ui.components.curve_chart import LINES, Line, curve_option

POINTS = [(date(2017, 12, 31), None), (date(2018, 1, 31), 0.0), (date(2018, 2, 28), 0.123456)]
TARGETS = [("目标 90%", 0.9), ("目标 100%", 1.0)]


def option(*lines: Line) -> dict:
    found: dict = json.loads(json.dumps(curve_option(lines, TARGETS, PLAN_DUE), allow_nan=False))
    return found


def marks_of(series: list[dict]) -> list[dict]:
    return [mark for line in series for mark in line.get("markLine", {"data": []})["data"]]


def test_a_lines_points_are_percentages_in_their_months_and_gaps_stay_gaps() -> None:
    chart = option(Line("甲", POINTS))
    (series,) = chart["series"]
    assert chart["xAxis"]["data"] == ["2017-12", "2018-01", "2018-02"]
    assert series["data"] == [None, 0.0, 12.3]
    assert series["connectNulls"] is False
    assert series["name"] == "甲"


def test_targets_and_due_day_are_drawn_once() -> None:
    points = [*POINTS, (PLAN_DUE, 0.5)]
    series = option(Line("甲", points), Line("乙", points))["series"]
    marks = marks_of(series)
    assert [mark["yAxis"] for mark in marks if "yAxis" in mark] == [90.0, 100.0]
    assert [mark["xAxis"] for mark in marks if "xAxis" in mark] == ["2020-12"]
    words = [mark["label"]["formatter"] for mark in marks]
    assert words == ["目标 90%", "目标 100%", "规划到期 2020-12-31"]


def test_a_due_day_after_the_curves_end_is_not_drawn() -> None:
    marks = marks_of(option(Line("甲", POINTS))["series"])
    assert [mark["yAxis"] for mark in marks] == [90.0, 100.0]


def test_lines_are_told_apart_by_more_than_hue() -> None:
    series = option(*(Line(str(i), POINTS) for i in range(len(LINES))))["series"]
    assert len({line["lineStyle"]["color"] for line in series}) == len(LINES)
    assert {line["lineStyle"]["type"] for line in series} == {"solid", "dashed", "dotted"}
    assert all(line["endLabel"]["show"] for line in series)


def test_more_places_than_paints_still_have_a_line_each() -> None:
    series = option(*(Line(str(i), POINTS) for i in range(7)))["series"]
    assert [line["name"] for line in series] == [str(i) for i in range(7)]


@pytest.mark.parametrize("highest", [0.4, 0.999, 1.0, 1.05, 1.437, 2.6])
def test_a_rate_above_1_is_inside_the_chart(highest: float) -> None:
    axis = option(Line("甲", [*POINTS, (date(2019, 1, 31), highest)]))["yAxis"]
    assert axis["min"] == 0
    assert axis["max"] >= max(100, highest * 100)
    assert axis["max"] % axis["interval"] == 0


def test_no_lines_is_an_empty_chart() -> None:
    assert option()["series"] == []
