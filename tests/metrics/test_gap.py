"""What closes a gap, and what keeps a parcel from production."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.status import Account
from dongtou_geo.metrics.gap import (
    anniversary,
    closing,
    due_words,
    idle_from,
    near_until,
    obstacle,
    sampled,
    year_before,
)

DAY = date(2024, 6, 30)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@dataclass(frozen=True)
class Facts:
    status: Account
    origin: Origin = Origin.LAND
    contribution_m2: float = 2000.0
    stopped_m2: float = 0.0
    halted_on: date | None = None
    stopped_on: date | None = None
    due_kind: str | None = None
    due_on: date | None = None


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (Facts(Account.PLANNED), "待批准"),
        (Facts(Account.APPROVED), "批而未征"),
        (Facts(Account.APPROVED, Origin.FILLED_SEA), "批而未填"),
        (Facts(Account.ACQUIRED), "征而未供"),
        (Facts(Account.ACQUIRED, Origin.FILLED_SEA), "填而未供"),
        (Facts(Account.SUPPLIED), "供而未动工，约定动工未填报"),
        (
            Facts(Account.SUPPLIED, due_kind="start", due_on=date(2024, 7, 30)),
            "供而未动工，约定动工还有 30 天",
        ),
        (
            Facts(Account.SUPPLIED, due_kind="start", due_on=date(2023, 7, 1)),
            "供而未动工，约定动工已过 365 天",
        ),
        (
            Facts(Account.SUPPLIED, due_kind="start", due_on=date(2023, 6, 30)),
            "供而未动工，约定动工已过 366 天；疑似闲置，自 2024-06-30",
        ),
        (
            Facts(Account.SUPPLIED, due_kind="complete", due_on=date(2020, 6, 30)),
            "供而未动工，约定动工未填报，约定竣工已过 1,461 天",
        ),
        (
            Facts(Account.BUILDING, due_kind="complete", due_on=DAY),
            "在建，约定竣工即当日",
        ),
        (
            Facts(Account.BUILDING, halted_on=date(2023, 1, 1)),
            "停工，自 2023-01-01，约定竣工未填报",
        ),
        (
            Facts(Account.COMPLETED, due_kind="produce", due_on=date(2024, 6, 29)),
            "建成未投产，约定投产已过 1 天",
        ),
        (
            Facts(Account.COMPLETED, stopped_m2=2000.0, stopped_on=date(2022, 8, 1)),
            "投产后停产，自 2022-08-01",
        ),
        (
            Facts(Account.COMPLETED, stopped_m2=1000.0, stopped_on=date(2022, 8, 1)),
            "用而未尽，余 1.5 亩，投产后停产，自 2022-08-01",
        ),
        (Facts(Account.PART_USED), "用而未尽，余 3.0 亩"),
        (
            Facts(Account.IN_PRODUCTION, stopped_m2=2000.0, stopped_on=date(2022, 8, 1)),
            "部分停产 3.0 亩，自 2022-08-01",
        ),
    ],
)
def test_an_obstacle_in_the_words_of_the_field(facts: Facts, words: str) -> None:
    assert obstacle(facts, DAY).text == words


def test_only_supplied_land_without_a_start_is_suspected() -> None:
    due = date(2020, 1, 1)
    assert idle_from(Account.SUPPLIED, "start", due, DAY) == date(2021, 1, 1)
    assert idle_from(Account.SUPPLIED, "complete", due, DAY) is None
    assert idle_from(Account.BUILDING, "start", due, DAY) is None
    assert idle_from(Account.SUPPLIED, "start", None, DAY) is None
    assert idle_from(Account.SUPPLIED, "start", date.max, DAY) is None


@given(DAYS, st.integers(-800, 800))
def test_a_day_is_past_for_a_year_from_its_anniversary_on(day: date, away: int) -> None:
    as_of = day + timedelta(days=away)
    assert (day <= year_before(as_of)) == (anniversary(day) <= as_of)
    assert 365 <= (anniversary(day) - day).days <= 366


def test_a_year_from_29_february_ends_on_28_february() -> None:
    assert anniversary(date(2020, 2, 29)) == date(2021, 2, 28)
    assert year_before(date(2021, 2, 28)) == date(2020, 2, 29)
    assert near_until(DAY) == date(2024, 9, 28)
    assert due_words("start", None, DAY) == "约定动工未填报"


@given(
    st.sampled_from([0.9, 1.0]),
    st.floats(1.0, 1e5),
    st.floats(0.0, 1.2),
    st.lists(st.floats(0.01, 1e4), max_size=30),
)
def test_the_first_parcels_that_reach_the_target_and_no_fewer(
    rate: float, planned: float, share: float, added: list[float]
) -> None:
    producing = share * planned
    sums = list(accumulate(added))
    found = closing(rate, planned, producing, sums)
    goal, dust = rate * planned, 1e-6 * planned
    assert found.gap_mu == pytest.approx(goal - producing)
    assert found.added_mu + found.spare_mu == pytest.approx(sum(added))
    if found.parcels is None:
        assert producing + sum(added) < goal
        assert found.short_mu == pytest.approx(goal - producing - sum(added), abs=dust)
    elif found.parcels == 0:
        assert producing >= goal - dust
        assert found.added_mu == 0.0
    else:
        assert producing + sums[found.parcels - 1] >= goal - dust
        assert producing + ([0.0, *sums])[found.parcels - 1] < goal
        assert found.added_mu == sums[found.parcels - 1]
        assert found.short_mu == 0.0


def test_plots_that_add_up_to_the_very_target_meet_it() -> None:
    sums = list(accumulate([0.1] * 90))
    assert closing(0.9, 10.0, 0.0, sums).parcels == 90


@given(st.integers(0, 2_000), st.integers(1, 300), st.lists(st.integers(-5, 2_100), max_size=9))
def test_a_curve_keeps_its_ends_and_what_must_be_there(
    count: int, most: int, kept: list[int]
) -> None:
    places = sampled(count, most, kept)
    assert places == sorted(set(places))
    assert {0, count - 1} <= set(places) if count else not places
    assert {place for place in kept if 0 <= place < count} <= set(places)
    assert len(places) <= most + 2 + len(kept)


def test_before_the_first_year_the_calendar_begins() -> None:
    assert year_before(date(1, 6, 30)) == date.min
