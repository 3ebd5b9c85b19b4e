"""How figures are written: once, for screen, paper and slides."""

from datetime import UTC, date, datetime

import pytest

from dongtou_geo.domain.written import day, goal, moment, mu, mu2, percent, plain, wan, yi


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "未填报"),
        (0.0, "0.0"),
        (1224.04, "1,224.0"),
        (0.05, "0.1"),
        (-12.25, "-12.2"),
        (29700, "29,700.0"),
    ],
)
def test_an_area_has_one_decimal_and_none_recorded_is_no_zero(
    value: float | None, text: str
) -> None:
    assert mu(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "未填报"), (0.0, "0.0%"), (0.9, "90.0%"), (0.12345, "12.3%"), (1.0831, "108.3%")],
)
def test_a_rate_is_written_as_percentage_and_never_clipped(value: float | None, text: str) -> None:
    assert percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "待定"), (0.0, "0.00"), (2660937, "266.09"), (1e8, "10,000.00"), (4.0, "0.00")],
)
def test_money_is_written_in_yi_and_undecided_money_in_words(
    value: float | None, text: str
) -> None:
    assert yi(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (1360.0, "1,360"),
        (2.2, "2.2"),
        (15.6, "15.6"),
        (29700000.0, "29,700,000"),
        (0.0, "0"),
    ],
)
def test_a_plan_figure_is_written_as_printed(value: float | None, text: str) -> None:
    assert plain(value) == text


def test_a_day_is_written_as_iso_and_none_as_a_dash() -> None:
    assert (day(date(2018, 12, 31)), day(None)) == ("2018-12-31", "—")


@pytest.mark.parametrize(
    ("value", "text"), [(None, "—"), (0.9, "90%"), (1.0, "100%"), (0.875, "87.5%")]
)
def test_a_target_is_written_as_the_plan_prints_it(value: float | None, text: str) -> None:
    assert goal(value) == text


def test_a_moment_is_written_as_the_clock_here_shows_it() -> None:
    assert moment(datetime(2026, 1, 1, 16, 30, tzinfo=UTC)) == "2026-01-02 00:30"


def test_two_decimals_where_areas_are_compared_and_money_as_the_annex_prints_it() -> None:
    assert (mu2(1224.046), mu2(None)) == ("1,224.05", "未填报")
    assert (wan(67000), wan(None)) == ("67,000 万元", "待定")
