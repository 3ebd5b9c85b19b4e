"""Restating: what each moment's lines changed of a day, and that it adds up."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.status import Account
from dongtou_geo.metrics.restating import Gain, gains, known_split, retold

DAY = date(2020, 6, 30)
THEN = datetime(2020, 7, 10, tzinfo=UTC)
PARK, OTHER = "park_a", "park_b"
PRODUCING = Account.IN_PRODUCTION


def line(number: int, kind: str, on: date, days: int, **given: object) -> Event:
    at = THEN + timedelta(days=days)
    return Event(number, "A", EventKind(kind), on, at, "张三", **given)  # type: ignore[arg-type]


KNOWN = [
    line(1, "register", date(2016, 1, 1), -900, area_m2=1_000.0, park_id=PARK),
    line(2, "produce", date(2019, 1, 1), -400, area_m2=900.0),
]


def test_nothing_later_changes_nothing() -> None:
    reported, tellings = retold(KNOWN, DAY, THEN)
    assert reported == {(PARK, PRODUCING): 900.0, (PARK, Account.PART_USED): 100.0}
    assert tellings == []


def test_a_late_line_is_added_and_a_replacing_one_corrects() -> None:
    lines = [
        *KNOWN,
        line(3, "produce", date(2019, 1, 1), 5, area_m2=600.0, supersedes=2, reason="实测"),
        line(4, "stop", date(2020, 2, 1), 9, area_m2=200.0),
    ]
    reported, (mended, late) = retold(lines, DAY, THEN)
    assert (mended.corrects, late.corrects) == (True, False)
    assert mended.before == reported
    assert mended.after == late.before
    assert late.after == known_split(lines, DAY, None)
    assert mended.gained_m2(PARK, PRODUCING) == pytest.approx(-300.0)
    assert late.gained_m2(PARK, PRODUCING) == pytest.approx(-200.0)
    assert gains([mended, late]) == {
        (PARK, True): Gain(-300.0, 0.0, 1), (PARK, False): Gain(-200.0, 0.0, 1),
    }  # fmt: skip


def test_a_void_corrects() -> None:
    _, (telling,) = retold([*KNOWN, line(3, "void", DAY, 3, supersedes=2, reason="误")], DAY, THEN)
    assert telling.corrects
    assert telling.gained_m2(PARK, PRODUCING) == -900.0
    assert telling.gained_m2(PARK) == 0.0


def test_lines_of_later_days_and_those_that_change_no_figure_are_no_telling() -> None:
    lines = [
        *KNOWN,
        line(3, "stop", DAY + timedelta(days=1), 5),
        line(4, "halt", date(2020, 1, 1), 6),
    ]
    assert retold(lines, DAY, THEN)[1] == []


def test_a_correction_that_takes_a_line_beyond_the_day_is_told() -> None:
    moved = line(3, "produce", DAY + timedelta(days=9), 5, area_m2=900.0, supersedes=2, reason="迟")
    _, (telling,) = retold([*KNOWN, moved], DAY, THEN)
    assert telling.corrects
    assert telling.after == {(PARK, Account.PLANNED): 1_000.0}


def test_another_park_gains_what_the_first_loses() -> None:
    moved = line(3, "move_park", date(2020, 1, 1), 5, park_id=OTHER)
    _, tellings = retold([*KNOWN, moved], DAY, THEN)
    assert gains(tellings) == {
        (PARK, False): Gain(-900.0, -1_000.0, 1), (OTHER, False): Gain(900.0, 1_000.0, 1),
    }  # fmt: skip


def test_what_was_entered_at_one_moment_is_one_telling() -> None:
    lines = [
        line(1, "register", date(2016, 1, 1), 4, area_m2=1_000.0, park_id=PARK),
        line(2, "produce", date(2019, 1, 1), 4),
        line(3, "void", date(2019, 1, 1), 6, supersedes=2, reason="误"),
    ]
    reported, (first, second) = retold(lines, DAY, THEN)
    assert reported == {}
    assert first.gained_m2(PARK, PRODUCING) == 1_000.0
    assert second.gained_m2(PARK, PRODUCING) == -1_000.0
