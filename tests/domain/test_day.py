"""Days are written one way, and a day here is a day in Shanghai."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dongtou_geo.domain.day import day_here, parse_day


@given(st.dates())
def test_a_day_written_in_iso_form_is_read_back(day: date) -> None:
    assert parse_day(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2018",
        "2019.1",
        "2018/12/31",
        "18-12-31",
        "20181231",
        "2018-W52-1",
        "2018-1-1",
        "2018-02-29",
        "2018-13-01",
        "0000-01-01",
        "２０１８-12-31",
        " 2018-12-31",
        "2018-12-31\n",
        "2018-12-31T00:00",
        "2018年12月31日",
    ],
)
def test_any_other_writing_is_no_day(text: str) -> None:
    assert parse_day(text) is None


def test_the_day_here_begins_at_sixteen_hours_utc() -> None:
    assert day_here(datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC)) == date(2026, 6, 30)
    assert day_here(datetime(2026, 6, 30, 16, 0, 0, tzinfo=UTC)) == date(2026, 7, 1)
