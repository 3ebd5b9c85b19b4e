"""The small curve: inside its frame, true to its dates and rates."""

from datetime import date

import pytest

from dongtou_geo.ui.components.sparkline import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, sparkline

START, END = date(2013, 1, 31), date(2026, 6, 30)
Curve = list[tuple[date, float | None]]


def points_of(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in text.split())]


@pytest.mark.parametrize("curve", [[], [(START, None)], [(START, None), (END, None)]])
def test_nothing_recorded_is_no_curve(curve: Curve) -> None:
    assert sparkline(curve, 0.9) is None


def test_the_curve_spans_its_frame() -> None:
    spark = sparkline([(START, 0.0), (END, 1.0)], 0.9)
    assert spark is not None
    assert points_of(spark.points) == [(LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, TOP)]
    assert (spark.last, spark.width, spark.height) == ((WIDTH - RIGHT, TOP), WIDTH, HEIGHT)


def test_what_was_not_recorded_yet_takes_its_time_and_has_no_point() -> None:
    middle = date.fromordinal((START.toordinal() + END.toordinal()) // 2)
    spark = sparkline([(START, None), (middle, 0.5), (END, 0.5)], None)
    assert spark is not None
    (first, _), (last, _) = points_of(spark.points)
    assert first == pytest.approx((LEFT + WIDTH - RIGHT) / 2, abs=0.2)
    assert last == WIDTH - RIGHT
    assert spark.target_y is None


@pytest.mark.parametrize("rate", [1.0, 1.2, 3.0])
def test_a_rate_above_1_stays_inside_and_the_target_keeps_its_place_beside_it(rate: float) -> None:
    spark = sparkline([(START, 0.0), (END, rate)], 0.9)
    assert spark is not None
    assert spark.target_y is not None
    assert spark.last[1] == TOP
    assert TOP < spark.target_y < HEIGHT - BOTTOM
    grid = {label: y for y, label in spark.rates}
    assert set(grid) == {"0%", "50%", "100%"}
    assert grid["100%"] < spark.target_y < grid["50%"]


def test_a_target_above_the_curve_is_inside_too() -> None:
    spark = sparkline([(START, 0.0), (END, 0.1)], 1.0)
    assert spark is not None
    assert spark.target_y == TOP


def test_a_single_day_is_a_point() -> None:
    spark = sparkline([(START, 0.3)], 0.9)
    assert spark is not None
    assert len(points_of(spark.points)) == 1


def test_years_stand_in_order_inside_the_frame() -> None:
    spark = sparkline([(START, 0.0), (END, 0.5)], None)
    assert spark is not None
    years = [year for _, year in spark.years]
    assert years == sorted(years)
    assert years[0] == 2014
    assert all(LEFT <= x <= WIDTH - RIGHT for x, _ in spark.years)


def test_years_of_a_short_curve_do_not_leave_it() -> None:
    spark = sparkline([(date(2020, 3, 31), 0.1), (date(2020, 9, 30), 0.2)], None)
    assert spark is not None
    assert spark.years == []
