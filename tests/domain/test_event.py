"""Which ledger lines stand at a moment, and in which order they take effect."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations, starmap

import pytest

from dongtou_geo.domain.event import STAGE_CHAIN, Event, EventKind, standing

MONDAY = datetime(2020, 6, 1, 8, tzinfo=UTC)
DAY = date(2019, 5, 1)


def line(
    event_id: int,
    kind: EventKind,
    on: date = DAY,
    *,
    supersedes: int | None = None,
    recorded_at: datetime | None = None,
) -> Event:
    """One line, recorded on the event_id-th day after Monday unless told otherwise."""
    moment = recorded_at or MONDAY + timedelta(days=event_id)
    return Event(event_id, "A-1", kind, on, moment, "张三", supersedes=supersedes)


def ids(events: list[Event]) -> list[int]:
    return [event.event_id for event in events]


def test_every_kind_has_a_chinese_label_of_its_own() -> None:
    assert len({kind.label for kind in EventKind}) == len(EventKind)
    assert all(not kind.label.isascii() for kind in EventKind)


def test_the_stage_chain_runs_from_approval_to_production() -> None:
    assert [kind.value for kind in STAGE_CHAIN] == [
        "approve",
        "acquire",
        "supply",
        "start",
        "complete",
        "produce",
    ]


def test_events_stand_in_the_order_of_effect_not_of_recording() -> None:
    late = line(1, EventKind.PRODUCE, date(2019, 1, 1))
    early = line(2, EventKind.REGISTER, date(2018, 1, 1))
    assert ids(standing([late, early])) == [2, 1]


def test_registration_and_stages_of_one_day_follow_the_chain_whatever_their_ids() -> None:
    kinds = [EventKind.REGISTER, *STAGE_CHAIN]
    for order in permutations(range(1, len(kinds) + 1)):
        day = standing(starmap(line, zip(order, kinds, strict=True)))
        assert [event.kind for event in day] == kinds


def test_two_of_one_kind_and_day_follow_their_ids() -> None:
    first, second = line(1, EventKind.MOVE_PARK), line(2, EventKind.MOVE_PARK)
    assert ids(standing([second, first])) == [1, 2]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (EventKind.HALT, EventKind.RESUME),
        (EventKind.STOP, EventKind.RESTART),
        (EventKind.PRODUCE, EventKind.STOP),
        (EventKind.WITHDRAW, EventKind.END),
        (EventKind.MOVE_PARK, EventKind.END),
    ],
)
def test_pairs_of_one_day_take_effect_in_their_natural_order(
    earlier: EventKind, later: EventKind
) -> None:
    assert ids(standing([line(1, later), line(2, earlier)])) == [2, 1]


def test_land_withdrawn_and_supplied_again_on_one_day_is_withdrawn_first() -> None:
    # Month-only dates fall on the first: 收回 and 重新供应 of one month meet on one day.
    day = standing([line(1, EventKind.WITHDRAW), line(2, EventKind.SUPPLY)])
    assert [event.kind for event in day] == [EventKind.WITHDRAW, EventKind.SUPPLY]


def test_a_correction_replaces_the_line_it_names() -> None:
    wrong, right = line(1, EventKind.SUPPLY), line(2, EventKind.SUPPLY, supersedes=1)
    assert ids(standing([wrong, right])) == [2]


def test_of_a_chain_of_corrections_the_last_stands() -> None:
    chain = [
        line(1, EventKind.SUPPLY),
        line(2, EventKind.SUPPLY, supersedes=1),
        line(3, EventKind.SUPPLY, supersedes=2),
    ]
    for order in permutations(chain):
        assert ids(standing(order)) == [3]


def test_a_void_cancels_its_line_and_never_stands_itself() -> None:
    assert standing([line(1, EventKind.SUPPLY), line(2, EventKind.VOID, supersedes=1)]) == []


def test_voiding_a_correction_brings_the_corrected_line_back() -> None:
    # Undoing an import that corrected a date must leave the ledger as it was before.
    lines = [
        line(1, EventKind.SUPPLY),
        line(2, EventKind.SUPPLY, supersedes=1),
        line(3, EventKind.VOID, supersedes=2),
    ]
    assert ids(standing(lines)) == [1]


def test_voiding_a_void_brings_the_line_back() -> None:
    lines = [
        line(1, EventKind.SUPPLY),
        line(2, EventKind.VOID, supersedes=1),
        line(3, EventKind.VOID, supersedes=2),
    ]
    assert ids(standing(lines)) == [1]


def test_what_is_known_at_a_moment_includes_that_very_moment() -> None:
    event = line(1, EventKind.SUPPLY, recorded_at=MONDAY)
    assert ids(standing([event], known_at=MONDAY)) == [1]
    assert standing([event], known_at=MONDAY - timedelta(microseconds=1)) == []


def test_a_line_whose_correction_is_not_yet_known_still_stands() -> None:
    wrong, right = line(1, EventKind.SUPPLY), line(2, EventKind.SUPPLY, supersedes=1)
    before = right.recorded_at - timedelta(seconds=1)
    assert ids(standing([wrong, right], known_at=before)) == [1]
    assert ids(standing([wrong, right], known_at=right.recorded_at)) == [2]


def test_a_line_whose_void_is_not_yet_known_still_stands() -> None:
    event, void = line(1, EventKind.SUPPLY), line(2, EventKind.VOID, supersedes=1)
    assert ids(standing([event, void], known_at=event.recorded_at)) == [1]
    assert standing([event, void], known_at=void.recorded_at) == []


def test_known_at_looks_at_recording_not_at_effect() -> None:
    backdated = line(9, EventKind.SUPPLY, date(1999, 1, 1))
    assert standing([backdated], known_at=MONDAY) == []


def test_moments_in_any_time_zone_compare() -> None:
    shanghai = datetime.fromisoformat("2020-06-01T16:00:00+08:00")
    assert ids(standing([line(1, EventKind.SUPPLY, recorded_at=MONDAY)], known_at=shanghai)) == [1]
