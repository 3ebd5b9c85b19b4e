"""Split, merge and what a child opens with: no m2 is lost, and a difference is in the books."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dongtou_geo.domain.account import ParcelState, postings, state_on, transitions
from dongtou_geo.domain.balance import Balances
from dongtou_geo.domain.event import Event, EventKind, Opening, standing
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.errors import EventError

DAY = date(2018, 5, 1)
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
AREA = 10_000.0
BOTH = pytest.mark.parametrize("kind", ["split", "merge"])


def event(parcel_no: str, kind: str, on: date = DAY, **given_fields: Any) -> Event:
    return Event(0, parcel_no, EventKind(kind), on, RECORDED, "张三", **given_fields)


def parent(*kinds: str, area_m2: float = AREA) -> list[Event]:
    """A parcel registered and moved on, one event a day, before it is handed over."""
    register = event("A", "register", date(2016, 1, 1), area_m2=area_m2, park_id="park_a")
    days = [date(2016, 1, 2) + timedelta(days=n) for n in range(len(kinds))]
    return [register, *(event("A", kind, on) for kind, on in zip(kinds, days, strict=True))]


def child(parcel_no: str, area_m2: float, opening: Opening | None = None) -> Event:
    return event(
        parcel_no,
        "register",
        area_m2=area_m2,
        park_id="park_a",
        related_no="A",
        opening=opening,
    )


def ended(kind: str, taken_m2: float | None, area_m2: float = AREA) -> ParcelState:
    *_, state = transitions(
        [*parent("supply", area_m2=area_m2), event("A", kind, area_m2=taken_m2)]
    )
    return state


def books(*lives: Sequence[Event]) -> defaultdict[tuple[str | None, Account], float]:
    """What all events of some parcels posted."""
    total: defaultdict[tuple[str | None, Account], float] = defaultdict(float)
    for life in lives:
        before = None
        for after in transitions(life):
            for key, m2 in postings(before, after).items():
                total[key] += m2
            before = after
    return total


# The parent


@BOTH
def test_a_parcel_that_was_handed_over_holds_nothing_and_is_gone(kind: str) -> None:
    state = ended(kind, AREA)
    assert (state.ended, state.status, state.split()) == (True, Account.OUTSIDE, {})
    assert (state.area_m2, state.producing_m2, state.stopped_m2, state.halted) == (0, 0, 0, False)
    events = [*parent("supply"), event("A", kind, area_m2=AREA)]
    assert state_on(events, DAY) is None
    before = state_on(events, DAY - timedelta(days=1))
    assert before is not None
    assert before.split() == {Account.SUPPLIED: AREA}


@BOTH
@pytest.mark.parametrize("follower", ["supply", "split", "merge", "end"])
def test_nothing_follows_a_hand_over(kind: str, follower: str) -> None:
    late = event("A", follower, DAY + timedelta(days=1))
    with pytest.raises(EventError, match=r"A.*2018-05-01.*注销"):
        list(transitions([*parent(), event("A", kind, area_m2=AREA), late]))


@BOTH
@pytest.mark.parametrize(
    ("taken_m2", "adjusted_m2"),
    [
        (None, 0.0),
        (AREA, 0.0),
        (AREA - 1.0, 0.0),
        (AREA + 1.0, 0.0),
        (AREA - 1.5, 1.5),
        (AREA + 40.25, -40.25),
        (0.0, AREA),
    ],
)
def test_what_the_children_did_not_take_over_is_the_adjustment(
    kind: str, taken_m2: float | None, adjusted_m2: float
) -> None:
    assert ended(kind, taken_m2).adjusted_m2 == pytest.approx(adjusted_m2, abs=1e-9)


@BOTH
@pytest.mark.parametrize("taken_m2", [-5.0, float("nan"), float("inf")])
def test_a_hand_over_of_no_real_area_is_refused(kind: str, taken_m2: float) -> None:
    with pytest.raises(EventError, match="A"):
        ended(kind, taken_m2)


@pytest.mark.parametrize("follower", ["withdraw", "move_park", "end"])
def test_only_a_hand_over_adjusts(follower: str) -> None:
    *_, state = transitions([*parent("supply"), event("A", follower)])
    assert state.adjusted_m2 == 0.0


@BOTH
def test_a_hand_over_that_was_voided_leaves_the_parcel_as_it_was(kind: str) -> None:
    lines = [*parent("supply"), event("A", kind, area_m2=1.0)]
    lines = [replace(line, event_id=number) for number, line in enumerate(lines, start=1)]
    void = replace(event("A", "void"), event_id=9, supersedes=3)
    *_, state = transitions(standing([*lines, void]))
    assert state.split() == {Account.SUPPLIED: AREA}
    assert state.adjusted_m2 == 0.0


@BOTH
def test_on_its_day_a_hand_over_comes_after_everything_but_the_end(kind: str) -> None:
    others = [k for k in EventKind if k not in (EventKind.END, EventKind.VOID)]
    lines = [event("A", k, area_m2=1.0) for k in (EventKind(kind), *others)]
    order = [line.kind for line in standing(lines)]
    assert order[-3:] in (["split", "split", "merge"], ["split", "merge", "merge"])
    assert [e.kind for e in standing([event("A", "end"), event("A", kind)])] == [kind, "end"]


# The books


@BOTH
@pytest.mark.parametrize("taken_m2", [AREA, AREA - 250.0, AREA + 250.0])
def test_a_hand_over_posts_to_the_land_account_to_adjustment_and_to_outside(
    kind: str, taken_m2: float
) -> None:
    *_, before, after = transitions([*parent("supply"), event("A", kind, area_m2=taken_m2)])
    expected = {
        ("park_a", Account.SUPPLIED): -AREA,
        ("park_a", Account.ADJUSTMENT): AREA - taken_m2,
        ("park_a", Account.OUTSIDE): taken_m2,
    }
    moved = postings(before, after)
    assert moved == {key: m2 for key, m2 in expected.items() if m2}
    assert sum(moved.values()) == 0.0


def test_after_a_split_land_and_adjustment_are_the_parents_land_and_nothing_came_from_outside() -> (
    None
):
    taken = 6_000.0 + 3_700.0
    life = parent("supply", "start")
    handed = [*life, event("A", "split", area_m2=taken)]
    opening = Opening(Account.BUILDING)
    total = books(handed, [child("A-1", 6_000.0, opening)], [child("A-2", 3_700.0, opening)])
    assert total["park_a", Account.BUILDING] == taken
    assert total["park_a", Account.ADJUSTMENT] == AREA - taken
    assert total["park_a", Account.OUTSIDE] == books(life)["park_a", Account.OUTSIDE] == -AREA
    assert sum(total.values()) == 0.0


def test_parcels_of_two_parks_that_merge_leave_each_park_in_balance() -> None:
    moved_out = [
        event("B", "register", date(2016, 1, 1), area_m2=5_000.0, park_id=None),
        event("B", "merge", area_m2=5_000.0, related_no="C"),
    ]
    handed = [*parent("supply"), event("A", "merge", area_m2=AREA - 30.0, related_no="C")]
    whole = child("C", AREA - 30.0 + 5_000.0, Opening(Account.SUPPLIED))
    total = books(handed, moved_out, [whole])
    for park in ("park_a", None):
        assert sum(m2 for (own, _), m2 in total.items() if own == park) == 0.0
    assert total["park_a", Account.ADJUSTMENT] == 30.0
    assert total[None, Account.ADJUSTMENT] == 0.0
    assert sum(total[park, s] for park in ("park_a", None) for s in STATUSES) == AREA + 4_970.0


@settings(deadline=None)
@given(
    st.integers(1, 3_000),
    st.lists(st.integers(1, 3_000), min_size=1, max_size=4),
    st.sampled_from(["split", "merge"]),
    st.sampled_from([(), ("supply",), ("start", "halt"), ("produce",), ("produce", "stop")]),
)
def test_whatever_the_children_measure_land_and_adjustment_keep_the_parents_area(
    parent_mu: int, children_mu: list[int], kind: str, past: tuple[str, ...]
) -> None:
    area_m2 = parent_mu * 2000 / 3
    parts = [mu * 2000 / 3 for mu in children_mu]
    handed = [*parent(*past, area_m2=area_m2), event("A", kind, area_m2=sum(parts))]
    children = [[child(f"A-{n}", m2)] for n, m2 in enumerate(parts)]
    total = books(handed, *children)
    assert sum(total.values()) == pytest.approx(0.0, abs=1e-6)
    assert total["park_a", Account.PLANNED] == pytest.approx(sum(parts))
    land = sum(total["park_a", status] for status in STATUSES)
    assert land + total["park_a", Account.ADJUSTMENT] == pytest.approx(area_m2, abs=1e-6)
    balances = Balances(sum(children, handed))
    before, after = (balances.on("park_a", DAY - timedelta(days=n)) for n in (1, 0))
    assert before.recorded_m2 == pytest.approx(area_m2)
    assert after.recorded_m2 == pytest.approx(sum(parts))
    assert after.by_status_m2[Account.PLANNED] == pytest.approx(sum(parts))


# What a child opens with


@pytest.mark.parametrize(
    ("opening", "parts", "status"),
    [
        (None, {Account.PLANNED: AREA}, Account.PLANNED),
        (Opening(), {Account.PLANNED: AREA}, Account.PLANNED),
        (Opening(Account.SUPPLIED), {Account.SUPPLIED: AREA}, Account.SUPPLIED),
        (
            Opening(Account.COMPLETED, producing_m2=AREA),
            {Account.IN_PRODUCTION: AREA},
            Account.IN_PRODUCTION,
        ),
        (
            Opening(Account.COMPLETED, producing_m2=4_000.0, stopped_m2=1_000.0),
            {
                Account.IN_PRODUCTION: 4_000.0,
                Account.COMPLETED: 1_000.0,
                Account.PART_USED: 5_000.0,
            },
            Account.PART_USED,
        ),
        (
            Opening(Account.COMPLETED, stopped_m2=AREA),
            {Account.COMPLETED: AREA},
            Account.COMPLETED,
        ),
        # The parent's part that produced may be larger than the child that was cut from it.
        (
            Opening(Account.COMPLETED, producing_m2=AREA + 5.0, stopped_m2=3.0),
            {Account.IN_PRODUCTION: AREA},
            Account.IN_PRODUCTION,
        ),
        (
            Opening(Account.COMPLETED, producing_m2=6_000.0, stopped_m2=9_000.0),
            {Account.IN_PRODUCTION: 6_000.0, Account.COMPLETED: 4_000.0},
            Account.IN_PRODUCTION,
        ),
    ],
)
def test_a_child_goes_on_where_its_parent_stood(
    opening: Opening | None, parts: dict[Account, float], status: Account
) -> None:
    (state,) = transitions([child("A-1", AREA, opening)])
    assert state.split() == parts
    assert (state.status, state.since, state.adjusted_m2) == (status, DAY, 0.0)
    moved = postings(None, state)
    assert moved["park_a", Account.OUTSIDE] == -AREA
    assert sum(moved.values()) == 0.0


def test_a_child_of_halted_building_can_resume() -> None:
    start = child("A-1", AREA, Opening(Account.BUILDING, halted=True))
    opened, resumed = transitions([start, event("A-1", "resume", DAY + timedelta(days=1))])
    assert (opened.halted, opened.status) == (True, Account.BUILDING)
    assert (resumed.halted, resumed.since) == (False, DAY)


def test_a_child_stops_and_restarts_what_its_parent_had_in_production() -> None:
    opening = Opening(Account.COMPLETED, producing_m2=4_000.0, stopped_m2=1_000.0)
    days = [DAY + timedelta(days=n) for n in (1, 2)]
    lines = [child("A-1", AREA, opening), event("A-1", "stop", days[0])]
    *_, stopped, again = transitions([*lines, event("A-1", "restart", days[1])])
    assert stopped.split() == {Account.COMPLETED: 5_000.0, Account.PART_USED: 5_000.0}
    assert again.split() == {Account.IN_PRODUCTION: 5_000.0, Account.PART_USED: 5_000.0}


def test_a_child_can_be_handed_over_in_its_turn() -> None:
    lines = [child("A-1", AREA, Opening(Account.SUPPLIED)), event("A-1", "merge", area_m2=9_000.0)]
    total = books(lines)
    assert {key: m2 for key, m2 in total.items() if m2} == {
        ("park_a", Account.ADJUSTMENT): 1_000.0,
        ("park_a", Account.OUTSIDE): -1_000.0,
    }
