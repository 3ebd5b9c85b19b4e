"""What the page of 对比分析 asks: the books' answer is the replay's, and its sums close."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dongtou_geo.domain.day import SHANGHAI
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.metrics.compare import Comparison, Look, Move
from dongtou_geo.metrics.movement import ALL, ELSEWHERE, OUTSIDE_PARKS, parts
from dongtou_geo.services import moved
from dongtou_geo.services.compare import compare
from dongtou_geo.services.moved import Moved, ParkLooks, then_and_now, two_days, with_lines
from dongtou_geo.services.moved_outlines import pictured
from dongtou_geo.services.record import Clerk, Draft, record, void
from dongtou_geo.services.reshape import Child, split
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.domain.test_balance import PARKS as DRAWN_PARKS
from tests.domain.test_balance import ledgers
from tests.services.books import NOW, PARKS, box, copier, line, parcel, register

PARK, OTHER = PARKS
QUARTER, TODAY = date(2026, 3, 31), date(2026, 6, 1)
MEETING = date(2026, 4, 2)
SINCE = NOW - timedelta(days=5)
ANY_PARK = [*(park for park in DRAWN_PARKS if park is not None), "park_x"]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = create(file_url(tmp_path / "ledger.sqlite"))
    made.append(
        [parcel("A"), parcel("B"), parcel("C")],
        [
            register("A", 10_000.0),
            register("B", 4_000.0),
            register("C", 2_500.0, OTHER),
            line("A", "start", date(2018, 1, 1)),
            line("B", "start", date(2018, 1, 1)),
        ],
    )
    return made


def note(ledger: Ledger, number: str, kind: str, on: date, **given: object) -> Event:
    draft = replace(Draft(number, EventKind(kind), on), **given)  # type: ignore[arg-type]
    return record(ledger, draft, Clerk("李四", SINCE), park_ids=PARKS).event


def summed(found: Moved, scope: str) -> dict[tuple[str, str], float]:
    return {key: part.area_m2 for key, part in parts(found.shifts, scope).items()}


# Any ledger: the quick answer is the thorough one


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Ledger]:
    return copier(tmp_path_factory.mktemp("moved"))


def told(move: Move) -> tuple[object, ...]:
    return (
        move.parcel_no, move.came_from, move.park_before, move.park_id, move.before, move.after,
    )  # fmt: skip


def assert_alike(quick: Moved, moves: list[Move], thorough: Comparison, dust: float) -> None:
    wanted = {told(move): move for move in thorough.moves}
    assert {told(move) for move in moves} == wanted.keys()
    for move in moves:
        same = wanted[told(move)]
        assert move.area_m2 == pytest.approx(same.area_m2, abs=dust)
        assert (move.since, move.events) == (same.since, same.events)
    for change in thorough.parks:
        looks = quick.parks[change.park_id]
        for own, figures in ((looks.before, change.before_m2), (looks.after, change.after_m2)):
            assert own.by_status_m2 == pytest.approx(figures, abs=max(dust, 2e-3))


def assert_closed(quick: Moved) -> None:
    """Opening + in - out = closing, for every park and every status."""
    for park, looks in quick.parks.items():
        flows = summed(quick, OUTSIDE_PARKS if park is None else park)
        for status in STATUSES:
            came = sum(m2 for (_, to), m2 in flows.items() if to == status)
            went = sum(m2 for (of, _), m2 in flows.items() if of == status)
            opening, closing = looks.before.by_status_m2[status], looks.after.by_status_m2[status]
            assert opening + came - went == pytest.approx(closing, abs=1e-2)
    district = summed(quick, ALL)
    for status in STATUSES:
        came = sum(m2 for (_, to), m2 in district.items() if to == status)
        went = sum(m2 for (of, _), m2 in district.items() if of == status)
        grown = sum(
            looks.after.by_status_m2[status] - looks.before.by_status_m2[status]
            for park, looks in quick.parks.items()
            if park is not None
        )
        assert came - went == pytest.approx(grown, abs=1e-2)


@settings(deadline=None, max_examples=30)
@given(ledgers(), st.data())
def test_two_days_are_those_of_the_replay(
    fresh: Callable[[], Ledger], drawn: tuple[list[Event], float], data: st.DataObject
) -> None:
    lines, unit = drawn
    ledger = fresh()
    ledger.append([parcel(number) for number in sorted({e.parcel_no for e in lines})], lines)
    on = st.sampled_from(sorted({e.effective_on for e in lines}))
    first, second = sorted([data.draw(on), data.draw(on)])
    quick = two_days(ledger, first, second, ANY_PARK)
    moves = with_lines(ledger, quick, quick.shifts, ANY_PARK)
    assert_alike(quick, moves, compare(ledger, (first, None), (second, None)), 1e-9 * unit + 1e-6)
    assert_closed(quick)


@settings(deadline=None, max_examples=30)
@given(ledgers(), st.data())
def test_then_and_now_are_those_of_the_replay(
    fresh: Callable[[], Ledger], drawn: tuple[list[Event], float], data: st.DataObject
) -> None:
    lines, unit = drawn
    ledger = fresh()
    ledger.append([parcel(number) for number in sorted({e.parcel_no for e in lines})], lines)
    day = data.draw(st.sampled_from(sorted({e.effective_on for e in lines})))
    said = data.draw(st.sampled_from(sorted({e.recorded_at for e in lines})))
    then = said.astimezone(SHANGHAI).date()
    quick = then_and_now(ledger, day, then, ANY_PARK)
    moves = with_lines(ledger, quick, quick.shifts, ANY_PARK)
    thorough = compare(ledger, (day, moved.end_of(then)), (day, None))
    assert_alike(quick, moves, thorough, 1e-9 * unit + 1e-6)
    assert_closed(quick)
    for restated in thorough.restated:
        looks = quick.parks[restated.park_id]
        gained = looks.added.production_m2 + looks.corrected.production_m2
        assert gained == pytest.approx(restated.corrected.production_m2, abs=1e-3)
        recorded = looks.added.recorded_m2 + looks.corrected.recorded_m2
        assert recorded == pytest.approx(restated.corrected.recorded_m2, abs=1e-3)


# Then and now


def test_what_was_added_and_what_was_corrected_are_told_apart(ledger: Ledger) -> None:
    wrong = line("A", "produce", date(2026, 2, 1), area_m2=9_000.0, source_doc="快报")
    ledger.append([], [wrong])
    (wrong,) = [e for e in ledger.events() if e.source_doc == "快报"]
    note(
        ledger, "A", "produce", date(2026, 2, 1), area_m2=5_000.0,
        supersedes=wrong.event_id, reason="实测",
    )  # fmt: skip
    note(ledger, "B", "produce", date(2026, 1, 15), source_doc="补录")
    looks = then_and_now(ledger, QUARTER, MEETING, PARKS).parks[PARK]
    assert looks.before.in_production_m2 == pytest.approx(9_000.0)
    assert looks.after.in_production_m2 == pytest.approx(9_000.0)
    assert (looks.added.production_m2, looks.added.times) == (4_000.0, 1)
    assert (looks.corrected.production_m2, looks.corrected.times) == (-4_000.0, 1)


def test_a_late_entry_that_was_corrected_later_is_both(ledger: Ledger) -> None:
    ledger.append([], [line("B", "produce", date(2026, 1, 15), recorded_at=SINCE, area_m2=3_000.0)])
    late = ledger.events()[-1]
    void(ledger, "B", late.event_id, "并未投产", Clerk("李四", NOW))
    found = then_and_now(ledger, QUARTER, MEETING, PARKS)
    looks = found.parks[PARK]
    assert found.shifts == ()
    assert (looks.added.production_m2, looks.corrected.production_m2) == (3_000.0, -3_000.0)


def test_a_parcel_learnt_of_later_was_unreported_then(tmp_path: Path) -> None:
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    ledger.append([parcel("N")], [replace(register("N", 800.0), recorded_at=SINCE)])
    looks = then_and_now(ledger, QUARTER, MEETING, PARKS).parks
    assert (looks[PARK].before.has_records, looks[PARK].after.has_records) == (False, True)
    assert (looks[OTHER].before.has_records, looks[OTHER].after.has_records) == (False, False)
    assert looks[PARK].added.recorded_m2 == 800.0


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    end = moved.end_of(date(2026, 1, 10))
    assert end.isoformat() == "2026-01-10T23:59:59.999999+08:00"


@pytest.mark.parametrize(("hour", "known"), [(15, True), (16, False)])
def test_what_was_entered_before_midnight_here_was_known(
    ledger: Ledger, hour: int, known: bool
) -> None:
    at = datetime(2026, 4, 2, hour, 30, tzinfo=NOW.tzinfo)  # 23:30 and 00:30 in Shanghai
    ledger.append([], [line("B", "produce", date(2026, 1, 15), recorded_at=at)])
    looks = then_and_now(ledger, QUARTER, MEETING, PARKS).parks[PARK]
    assert (looks.before.in_production_m2 > 0) is known


# Two days


def test_land_that_changes_its_park_goes_elsewhere_and_stays_in_the_district(
    ledger: Ledger,
) -> None:
    note(ledger, "C", "move_park", date(2026, 4, 7), park_id=PARK)
    ledger.append([parcel("N")], [register("N", 800.0, None, on=date(2026, 4, 5))])
    found = two_days(ledger, QUARTER, TODAY, PARKS)
    planned = Account.PLANNED.value
    assert summed(found, PARK) == {(ELSEWHERE, planned): 2_500.0}
    assert summed(found, OTHER) == {(planned, ELSEWHERE): 2_500.0}
    assert summed(found, OUTSIDE_PARKS) == {("outside", planned): 800.0}
    assert summed(found, ALL) == {}
    note(ledger, "N", "move_park", date(2026, 4, 8), park_id=PARK)
    assert summed(two_days(ledger, QUARTER, TODAY, PARKS), ALL) == {("outside", planned): 800.0}
    found = two_days(ledger, date(2026, 4, 7), TODAY, PARKS)
    assert summed(found, ALL) == {(ELSEWHERE, planned): 800.0}
    assert summed(found, OUTSIDE_PARKS) == {(planned, ELSEWHERE): 800.0}


def test_a_park_that_the_plan_does_not_know_is_outside_the_parks(ledger: Ledger) -> None:
    ledger.append([parcel("N")], [register("N", 800.0, "park_old", on=date(2026, 4, 5))])
    found = two_days(ledger, QUARTER, TODAY, PARKS)
    assert [(s.parcel_no, s.park_id) for s in found.shifts] == [("N", None)]
    assert found.parks[None].after.recorded_m2 == pytest.approx(800.0)
    (move,) = with_lines(ledger, found, found.shifts, PARKS)
    assert [e.kind for e in move.events] == [EventKind.REGISTER]


def test_a_child_that_moved_on_is_named_with_its_parent_and_both_papers(ledger: Ledger) -> None:
    children = [Child("A1", 6_000.0), Child("A2", 4_000.0)]
    split(ledger, "A", date(2026, 4, 10), children, Clerk("李四", SINCE), source_doc="分割1号")
    note(ledger, "A1", "produce", date(2026, 5, 6), source_doc="投产1号")
    found = two_days(ledger, QUARTER, TODAY, PARKS)
    (move,) = with_lines(ledger, found, found.shifts, PARKS)
    assert (move.parcel_no, move.came_from, move.since) == ("A1", "A", date(2026, 5, 6))
    assert {e.source_doc for e in move.events} == {"分割1号", "投产1号"}


def test_an_empty_ledger_is_unreported_on_both_sides(tmp_path: Path) -> None:
    empty = create(file_url(tmp_path / "empty.sqlite"))
    found = two_days(empty, QUARTER, TODAY, PARKS)
    looks: list[ParkLooks] = list(found.parks.values())
    assert not any(own.before.has_records or own.after.has_records for own in looks)
    assert (found.shifts, found.before, found.after) == ((), Look(QUARTER), Look(TODAY))


@pytest.mark.postgis
def test_the_other_home_says_the_same(postgis_url: str) -> None:
    ledger = create(postgis_url)
    ledger.append(
        [parcel("A", box(0, 0, 1, 1)), parcel("B")],
        [register("A", 9_000.0), register("B", 4_000.0), line("B", "start", date(2018, 1, 1))],
    )
    wrong = ledger.events()[-1]
    note(ledger, "A", "produce", date(2026, 5, 1), area_m2=6_000.0)
    note(ledger, "B", "start", date(2019, 1, 1), supersedes=wrong.event_id, reason="写错")
    children = [Child("B1", 1_000.0), Child("B2", 3_000.0)]
    split(ledger, "B", date(2026, 5, 2), children, Clerk("李四", SINCE))
    note(ledger, "B1", "complete", date(2026, 5, 9))
    two = two_days(ledger, QUARTER, TODAY, PARKS)
    moves = with_lines(ledger, two, two.shifts, PARKS)
    assert_alike(two, moves, compare(ledger, (QUARTER, None), (TODAY, None)), 1e-6)
    assert_closed(two)
    day = date(2018, 6, 30)
    told_twice = then_and_now(ledger, day, MEETING, PARKS)
    moves = with_lines(ledger, told_twice, told_twice.shifts, PARKS)
    thorough = compare(ledger, (day, moved.end_of(MEETING)), (day, None))
    assert_alike(told_twice, moves, thorough, 1e-6)
    assert [s.parcel_no for s in told_twice.shifts] == ["B"]
    drawn = pictured(ledger, two, two.shifts, park=None)
    assert [side.outline.parcel_no for side in drawn.after] == ["A"]
    assert (drawn.moved, drawn.unmapped) == (2, 1)


# What the plates draw


def test_plates_draw_the_largest_of_what_moved_and_the_rest_pale(tmp_path: Path) -> None:
    ledger = create(file_url(tmp_path / "drawn.sqlite"))
    numbers = [f"P{n}" for n in range(6)]
    ledger.append(
        [parcel(no, box(2 * n, 0, 2 * n + 1, 1)) for n, no in enumerate(numbers)],
        [register(no, 1_000.0 + n) for n, no in enumerate(numbers)],
    )
    for no in numbers[:3]:
        note(ledger, no, "produce", date(2026, 4, 5))
    note(ledger, "P2", "stop", date(2026, 4, 6), area_m2=400.0)
    found = two_days(ledger, QUARTER, TODAY, PARKS)
    drawn = pictured(ledger, found, found.shifts, park=None)
    assert [(s.outline.parcel_no, s.status) for s in drawn.before] == [
        ("P0", Account.PLANNED), ("P1", Account.PLANNED), ("P2", Account.PLANNED),
    ]  # fmt: skip
    assert [(s.outline.parcel_no, s.status) for s in drawn.after] == [
        ("P0", Account.IN_PRODUCTION), ("P1", Account.IN_PRODUCTION), ("P2", Account.IN_PRODUCTION),
    ]  # fmt: skip
    assert {each.parcel_no for each in drawn.still} == {"P3", "P4", "P5"}
    few = pictured(ledger, found, found.shifts, park=PARK, most=4)
    assert [s.outline.parcel_no for s in few.after] == ["P1", "P2"]
    assert (few.still, few.moved, few.drawn, few.unmapped) == ([], 3, 2, 0)
    four = pictured(ledger, found, found.shifts, park=PARK, most=8)
    assert [each.parcel_no for each in four.still] == ["P5"]
    other = pictured(ledger, found, (), park=OTHER)
    assert (other.before, other.still) == ([], [])
