"""The land account: what each event does to a parcel's m2, and that none is lost."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dongtou_geo.domain.account import (
    ParcelState,
    postings,
    stage_order_problems,
    state_on,
    transitions,
)
from dongtou_geo.domain.event import STAGE_CHAIN, Event, EventKind, standing
from dongtou_geo.domain.status import Account
from dongtou_geo.errors import EventError

RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
START = date(2016, 1, 1)
AREA = 10_000.0
Step = tuple[str, Mapping[str, Any]]


def step(kind: str, **given: Any) -> Step:
    return kind, given


def history(
    *steps: Step | str, area_m2: float = AREA, park_id: str | None = "park_a"
) -> list[Event]:
    """A parcel's life, one event a year from its registration on 2016-01-01."""
    life = [step("register", area_m2=area_m2, park_id=park_id)]
    life += [step(s) if isinstance(s, str) else s for s in steps]
    return [
        Event(i + 1, "A-1", EventKind(kind), date(2016 + i, 1, 1), RECORDED, "张三", **given)
        for i, (kind, given) in enumerate(life)
    ]


def last(*steps: Step | str, **given: Any) -> ParcelState:
    return list(transitions(history(*steps, **given)))[-1]


# What each event does


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        ("approve", Account.APPROVED),
        ("acquire", Account.ACQUIRED),
        ("supply", Account.SUPPLIED),
        ("start", Account.BUILDING),
        ("complete", Account.COMPLETED),
        ("produce", Account.IN_PRODUCTION),
    ],
)
def test_a_stage_moves_the_whole_parcel_even_when_earlier_stages_are_missing(
    kind: str, account: Account
) -> None:
    assert last(kind).split() == {account: AREA}
    assert last(kind).status is account


def test_registered_land_is_planned() -> None:
    assert last().split() == {Account.PLANNED: AREA}


def test_the_latest_effective_stage_counts() -> None:
    assert last("start", "supply").status is Account.SUPPLIED


def test_a_part_in_production_leaves_the_rest_part_used() -> None:
    state = last("supply", step("produce", area_m2=4_000.0))
    assert state.split() == {Account.IN_PRODUCTION: 4_000.0, Account.PART_USED: 6_000.0}
    assert state.status is Account.PART_USED


def test_production_names_the_total_not_an_addition() -> None:
    state = last(step("produce", area_m2=4_000.0), step("produce", area_m2=7_000.0))
    assert state.split() == {Account.IN_PRODUCTION: 7_000.0, Account.PART_USED: 3_000.0}


def test_production_of_no_area_stays_completed() -> None:
    assert last(step("produce", area_m2=0.0)).split() == {Account.COMPLETED: AREA}


def test_a_sliver_of_drawing_error_is_no_part_used_land() -> None:
    assert last(step("produce", area_m2=AREA - 1.0)).split() == {Account.IN_PRODUCTION: AREA}
    assert Account.PART_USED in last(step("produce", area_m2=AREA - 1.5)).split()
    steps = ("produce", step("stop", area_m2=5_999.5), step("produce", area_m2=4_000.0))
    assert last(*steps).split() == {Account.IN_PRODUCTION: 4_000.0, Account.COMPLETED: 6_000.0}


def test_production_over_the_parcel_by_drawing_error_is_the_whole() -> None:
    assert last(step("produce", area_m2=AREA + 1.0)).split() == {Account.IN_PRODUCTION: AREA}


def test_production_over_the_parcel_is_refused_with_both_areas() -> None:
    with pytest.raises(EventError, match=r"A-1.*10002\.00.*10000\.00"):
        last(step("produce", area_m2=AREA + 2.0))


def test_building_that_was_halted_stays_building_and_is_flagged() -> None:
    halted = last("start", "halt")
    assert (halted.status, halted.halted) == (Account.BUILDING, True)
    assert last("start", "halt", step("move_park", park_id="park_b")).halted


@pytest.mark.parametrize("kind", ["resume", "complete", "produce", "withdraw", "end"])
def test_a_halt_lasts_until_work_goes_on_or_ends(kind: str) -> None:
    assert not last("start").halted
    assert not last("start", "halt", kind).halted


def test_stopped_area_stands_completed_until_it_restarts() -> None:
    partly = last("produce", step("stop", area_m2=3_000.0))
    assert partly.split() == {Account.IN_PRODUCTION: 7_000.0, Account.COMPLETED: 3_000.0}
    assert partly.status is Account.IN_PRODUCTION
    assert last("produce", "stop").split() == {Account.COMPLETED: AREA}
    assert last("produce", "stop").stopped_m2 == AREA
    again = last("produce", "stop", step("restart", area_m2=2_000.0))
    assert again.split() == {Account.IN_PRODUCTION: 2_000.0, Account.COMPLETED: 8_000.0}
    assert last("produce", "stop", "restart").split() == {Account.IN_PRODUCTION: AREA}


def test_a_stop_of_a_part_producing_parcel_leaves_its_rest_part_used() -> None:
    assert last(step("produce", area_m2=4_000.0), "stop").split() == {
        Account.COMPLETED: 4_000.0,
        Account.PART_USED: 6_000.0,
    }


def test_production_after_a_stop_takes_the_stopped_land_last() -> None:
    state = last("produce", step("stop", area_m2=6_000.0), step("produce", area_m2=3_000.0))
    assert state.split() == {
        Account.IN_PRODUCTION: 3_000.0,
        Account.COMPLETED: 6_000.0,
        Account.PART_USED: 1_000.0,
    }
    assert last("produce", "stop", "produce").split() == {Account.IN_PRODUCTION: AREA}


def test_everything_stopped_in_two_parts_shows_no_production() -> None:
    # 514.94 - 496.74 - 18.2 is 4.6e-14 in floats: dust is no production.
    stops = (step("stop", area_m2=496.74), step("stop", area_m2=18.2))
    state = last("produce", *stops, area_m2=514.94)
    assert state.status is Account.COMPLETED
    assert set(state.split()) == {Account.COMPLETED}


def test_a_stopped_plant_that_is_rebuilt_is_building() -> None:
    assert last("produce", "stop", "start").split() == {Account.BUILDING: AREA}


def test_withdrawn_land_waits_for_supply_again_with_nothing_left_of_its_past() -> None:
    assert last("produce", "withdraw").split() == {Account.ACQUIRED: AREA}
    assert last("produce", "stop", "withdraw").split() == {Account.ACQUIRED: AREA}
    again = last("produce", step("stop", area_m2=1.0e3), "withdraw", "supply")
    assert again.split() == {Account.SUPPLIED: AREA}
    assert last("produce", "withdraw", "restart").split() == {Account.ACQUIRED: AREA}
    part = last("produce", "withdraw", "supply", step("produce", area_m2=1_000.0))
    assert part.split() == {Account.IN_PRODUCTION: 1_000.0, Account.PART_USED: 9_000.0}


def test_a_redraw_changes_the_area_and_keeps_the_stage() -> None:
    assert last("supply", step("redraw", area_m2=12_000.0)).split() == {Account.SUPPLIED: 12_000.0}
    part = last(step("produce", area_m2=4_000.0), step("redraw", area_m2=5_000.0))
    assert part.split() == {Account.IN_PRODUCTION: 4_000.0, Account.PART_USED: 1_000.0}


@pytest.mark.parametrize("area_m2", [4_000.0, 3_999.5])
def test_a_redraw_down_to_the_part_in_production_leaves_nothing_part_used(area_m2: float) -> None:
    state = last(step("produce", area_m2=4_000.0), step("redraw", area_m2=area_m2))
    assert state.split() == {Account.IN_PRODUCTION: area_m2}


def test_a_redraw_cuts_stopped_land_before_producing_land() -> None:
    steps = ("produce", step("stop", area_m2=6_000.0), step("redraw", area_m2=5_000.0))
    assert last(*steps).split() == {Account.IN_PRODUCTION: 4_000.0, Account.COMPLETED: 1_000.0}
    assert last(*steps).stopped_m2 == 1_000.0


@pytest.mark.parametrize("area_m2", [3_000.0, None])
def test_a_redraw_below_the_part_in_production_or_without_area_is_refused(
    area_m2: float | None,
) -> None:
    with pytest.raises(EventError, match=r"A-1.*重绘.*面积"):
        last(step("produce", area_m2=4_000.0), step("redraw", area_m2=area_m2))


@pytest.mark.parametrize("area_m2", [9_800.0, 10_200.0])
def test_a_plant_that_is_used_whole_stays_whole_when_a_survey_redraws_it(area_m2: float) -> None:
    redraw = step("redraw", area_m2=area_m2)
    assert last("produce", redraw).split() == {Account.IN_PRODUCTION: area_m2}
    assert last("produce", "stop", redraw).split() == {Account.COMPLETED: area_m2}


def test_a_parcel_no_larger_than_the_tolerance_keeps_to_the_rules() -> None:
    # Clerks register 1 m2 where the area is not known yet.
    drawn = step("redraw", area_m2=5_000.0)
    assert last(drawn, area_m2=1.0).split() == {Account.PLANNED: 5_000.0}
    assert last("supply", drawn, area_m2=0.8).split() == {Account.SUPPLIED: 5_000.0}
    assert last("produce", area_m2=1.0).split() == {Account.IN_PRODUCTION: 1.0}
    assert last("produce", "stop", area_m2=1.0).split() == {Account.COMPLETED: 1.0}
    assert last(step("produce", area_m2=0.0), area_m2=1.0).split() == {Account.COMPLETED: 1.0}


def test_moving_park_changes_nothing_but_the_park() -> None:
    before = last("supply", "start")
    after = last("supply", "start", step("move_park", park_id="park_b"))
    assert after.park_id == "park_b"
    assert (after.split(), after.since) == (before.split(), before.since)
    assert last(step("move_park", park_id=None)).park_id is None


def test_an_ended_parcel_holds_nothing() -> None:
    state = last("produce", "end")
    assert state.ended
    assert (state.split(), state.area_m2, state.status) == ({}, 0.0, Account.OUTSIDE)


def test_a_status_counts_since_the_day_it_was_reached() -> None:
    assert last("supply", "start", "halt", "resume").since == date(2018, 1, 1)
    assert last("supply", "produce", step("stop", area_m2=5.0)).since == date(2018, 1, 1)


# Histories that do not hold together


@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind is not EventKind.VOID])
def test_nothing_can_follow_the_end(kind: EventKind) -> None:
    with pytest.raises(EventError, match=r"A-1.*2017-01-01.*注销"):
        last("end", step(kind.value, area_m2=1.0))


def test_an_event_before_the_registration_is_refused_and_names_the_parcel() -> None:
    register, supply = history("supply")
    early = Event(9, "A-1", EventKind.SUPPLY, START - timedelta(days=1), RECORDED, "张三")
    with pytest.raises(EventError, match=r"A-1.*供应.*登记"):
        list(transitions(standing([register, supply, early])))


def test_voiding_a_registration_that_others_rest_on_is_refused() -> None:
    void = Event(9, "A-1", EventKind.VOID, START, RECORDED, "张三", supersedes=1)
    with pytest.raises(EventError, match="A-1"):
        list(transitions(standing([*history("supply"), void])))
    assert standing([*history(), void]) == []


def test_a_registration_without_area_and_a_second_one_are_refused() -> None:
    with pytest.raises(EventError, match="面积"):
        list(transitions([Event(1, "A-1", EventKind.REGISTER, START, RECORDED, "张三")]))
    with pytest.raises(EventError, match="登记"):
        last(step("register", area_m2=1.0))


@pytest.mark.parametrize("area_m2", [-5.0, float("nan"), float("inf")])
@pytest.mark.parametrize("kind", ["produce", "stop", "restart", "redraw"])
def test_an_area_that_is_negative_or_no_number_is_refused(kind: str, area_m2: float) -> None:
    with pytest.raises(EventError, match="A-1"):
        last(step("produce", area_m2=6_000.0), "stop", step(kind, area_m2=area_m2))


@pytest.mark.parametrize("area_m2", [0.0, -5.0, float("nan"), float("inf")])
def test_a_parcel_without_a_positive_area_is_refused(area_m2: float) -> None:
    with pytest.raises(EventError, match="A-1"):
        last(area_m2=area_m2)
    with pytest.raises(EventError, match="A-1"):
        last("supply", step("redraw", area_m2=area_m2))


# On a day


def test_a_day_counts_its_own_events_and_none_of_the_next() -> None:
    events = history("supply", "end")
    assert state_on(events, date(2015, 12, 31)) is None
    for day, status in ((START, Account.PLANNED), (date(2017, 12, 31), Account.SUPPLIED)):
        state = state_on(events, day)
        assert state is not None
        assert state.status is status
    assert state_on(events, date(2018, 1, 1)) is None


# Postings

AREAS = st.integers(1, 3_000).map(lambda mu: mu * 2000 / 3)
STEPS = st.builds(
    lambda kind, area_m2, park_id: step(kind.value, area_m2=area_m2, park_id=park_id),
    st.sampled_from([kind for kind in EventKind if kind is not EventKind.VOID]),
    st.none() | st.just(0.0) | AREAS,
    st.sampled_from([None, "park_a", "park_b"]),
)


def possible(steps: list[Step], area_m2: float) -> list[ParcelState]:
    """Every state of a life, whatever was refused left out."""
    kept: list[Step] = []
    for candidate in steps:
        try:
            last(*kept, candidate, area_m2=area_m2)
        except EventError:
            continue
        kept.append(candidate)
    return list(transitions(history(*kept, area_m2=area_m2)))


@settings(deadline=None)
@given(st.lists(STEPS, max_size=12), AREAS)
def test_every_events_postings_sum_to_zero_over_all_accounts_and_in_each_park(
    steps: list[Step], area_m2: float
) -> None:
    before = None
    for after in possible(steps, area_m2):
        moved = postings(before, after)
        assert sum(moved.values()) == pytest.approx(0.0, abs=1e-6)
        for park_id in {park_id for park_id, _ in moved}:
            own = sum(m2 for (park, _), m2 in moved.items() if park == park_id)
            assert own == pytest.approx(0.0, abs=1e-6)
        before = after


@settings(deadline=None)
@given(st.lists(STEPS, max_size=12), AREAS)
def test_every_m2_of_a_living_parcel_sits_in_exactly_one_account(
    steps: list[Step], area_m2: float
) -> None:
    for state in possible(steps, area_m2):
        parts = state.split()
        assert sum(parts.values()) == pytest.approx(state.area_m2, abs=1e-6)
        assert all(m2 > 0 for m2 in parts.values())
        assert Account.OUTSIDE not in parts
        assert state.ended or state.status in parts


def test_a_move_takes_the_land_out_of_one_park_and_into_the_other() -> None:
    _, before, after = transitions(history("supply", step("move_park", park_id="park_b")))
    assert postings(before, after) == {
        ("park_a", Account.SUPPLIED): -AREA,
        ("park_a", Account.OUTSIDE): AREA,
        ("park_b", Account.SUPPLIED): AREA,
        ("park_b", Account.OUTSIDE): -AREA,
    }


def test_land_enters_from_outside_and_leaves_to_it() -> None:
    opened, ended = transitions(history("end"))
    entered = {("park_a", Account.PLANNED): AREA, ("park_a", Account.OUTSIDE): -AREA}
    assert postings(None, opened) == entered
    assert postings(opened, ended) == {key: -m2 for key, m2 in entered.items()}


def test_an_event_that_moves_nothing_posts_nothing() -> None:
    *_, building, halted = transitions(history("start", "halt"))
    assert postings(building, halted) == {}


# Stage order


@given(st.lists(st.none() | st.dates(), min_size=6, max_size=6))
def test_stage_dates_hold_exactly_when_those_given_do_not_run_backwards(
    dates: list[date | None],
) -> None:
    given_dates = [on for on in dates if on is not None]
    problems = stage_order_problems(dict(zip(STAGE_CHAIN, dates, strict=True)))
    assert (problems == []) == (given_dates == sorted(given_dates))


def test_reversed_stages_are_named_with_both_dates() -> None:
    stages = {EventKind.START: date(2018, 3, 1), EventKind.PRODUCE: date(2017, 1, 1)}
    assert stage_order_problems(stages) == ["投产日期 2017-01-01 早于动工日期 2018-03-01"]
