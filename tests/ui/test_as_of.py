"""The date's steps lead to quarters' ends, whichever day one stands on."""

import re
from datetime import date, timedelta

import pytest

from dongtou_geo.ui.components.as_of import as_of_html, shifted


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        ("2026-06-30", "2026-03-31", "2026-09-30"),
        ("2026-06-29", "2026-03-31", "2026-06-30"),
        ("2026-07-01", "2026-06-30", "2026-09-30"),
        ("2020-01-01", "2019-12-31", "2020-03-31"),
        ("2019-12-31", "2019-09-30", "2020-03-31"),
        ("2020-12-30", "2020-09-30", "2020-12-31"),
        ("2024-02-29", "2023-12-31", "2024-03-31"),
    ],
)
def test_a_step_leads_to_the_nearest_quarters_end(day: str, before: str, after: str) -> None:
    start = date.fromisoformat(day)
    assert shifted(start, -1) == date.fromisoformat(before)
    assert shifted(start, 1) == date.fromisoformat(after)


def test_steps_always_move_and_never_skip_a_quarter() -> None:
    day = date(2015, 1, 1)
    while day < date(2017, 1, 1):
        back, ahead = shifted(day, -1), shifted(day, 1)
        assert back < day < ahead
        assert (ahead - back).days <= 184
        for end in (back, ahead):
            assert (end + timedelta(days=1)).day == 1
            assert end.month % 3 == 0
        day += timedelta(days=1)


def test_back_and_on_again_is_where_one_was() -> None:
    day = date(2018, 12, 31)
    assert shifted(shifted(day, -1), 1) == shifted(shifted(day, 1), -1) == day


def offered(html: str) -> list[str]:
    """What the buttons tell that lead somewhere."""
    return re.findall(r'data-select="([^"]*)"', html)


@pytest.mark.parametrize(
    ("current", "told", "barred"),
    [
        ("2018-12-31", ["2018-09-30", "2019-03-31", "2026-06-30"], 0),
        # The last day that may be asked for ends the last step.
        ("2026-10-01", ["2026-09-30", "2026-11-24", "2026-06-30"], 0),
        ("2026-11-24", ["2026-09-30", "2026-06-30"], 1),
        ("2026-06-30", ["2026-03-31", "2026-09-30"], 1),
        ("2010-01-01", ["2010-03-31", "2026-06-30"], 1),
    ],
)
def test_a_step_that_leads_nowhere_is_barred(current: str, told: list[str], barred: int) -> None:
    html = as_of_html(date.fromisoformat(current), date(2026, 6, 30), date(2026, 11, 24))
    assert offered(html) == told
    assert html.count(" disabled") == barred
    assert f'value="{current}" data-first="2010-01-01" data-last="2026-11-24"' in html
