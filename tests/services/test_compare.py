"""Compare: what moved between two days or two moments of knowledge, and by which papers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.metrics.compare import Comparison, Look, Move, ParkChange, Restatement
from dongtou_geo.services.compare import compare
from dongtou_geo.services.record import Clerk, Draft, record, void
from dongtou_geo.services.replay import replayed
from dongtou_geo.services.reshape import Child, merge, split
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.domain.test_balance import PARKS as DRAWN_PARKS
from tests.domain.test_balance import ledgers
from tests.services.books import NOW, PARKS, START, copier, line, parcel, register

PARK, OTHER = PARKS
QUARTER, TODAY = date(2026, 3, 31), date(2026, 6, 1)
MEETING = datetime(2026, 4, 2, 1, tzinfo=NOW.tzinfo)
SINCE = NOW - timedelta(days=5)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A and B in building, C far from it all; everything was known long before the meeting."""
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


def of_park(found: Comparison, park: str | None = PARK) -> tuple[ParkChange, Restatement]:
    (change,) = [change for change in found.parks if change.park_id == park]
    (restated,) = [restated for restated in found.restated if restated.park_id == park]
    return change, restated


def told(moves: tuple[Move, ...]) -> list[tuple[str, str, str, float]]:
    return [(m.parcel_no, m.before.value, m.after.value, round(m.area_m2, 3)) for m in moves]


# Two days


def test_what_moved_between_two_days_is_named_with_its_paper(ledger: Ledger) -> None:
    done = note(ledger, "A", "produce", date(2026, 5, 6), area_m2=6_000.0, source_doc="投产1号")
    found = compare(ledger, (QUARTER, None), (TODAY, None))
    assert told(found.moves) == [
        ("A", "building", "in_production", 6_000.0),
        ("A", "building", "part_used", 4_000.0),
    ]
    for move in found.moves:
        assert (move.since, move.park_id, move.park_before) == (done.effective_on, PARK, PARK)
        assert [(e.event_id, e.source_doc) for e in move.events] == [(done.event_id, "投产1号")]
    change, restated = of_park(found)
    assert change.before_m2[Account.BUILDING] == 14_000.0
    assert change.after_m2[Account.BUILDING] == 4_000.0
    assert change.after_m2[Account.IN_PRODUCTION] == 6_000.0
    assert change.moved_m2 == {
        (Account.BUILDING, Account.IN_PRODUCTION): 6_000.0,
        (Account.BUILDING, Account.PART_USED): 4_000.0,
    }
    assert restated.corrected.production_m2 == 0.0
    assert restated.corrections == ()


def test_what_did_not_move_is_in_the_figures_and_in_no_list(ledger: Ledger) -> None:
    found = compare(ledger, (QUARTER, None), (TODAY, None))
    assert found.moves == ()
    assert [change.park_id for change in found.parks] == [PARK, OTHER]
    change, _ = of_park(found, OTHER)
    assert change.before_m2 == change.after_m2
    assert change.after_m2 == {a: 2_500.0 if a is Account.PLANNED else 0.0 for a in STATUSES}
    assert change.moved_m2 == {}


def test_land_that_enters_leaves_or_changes_park_is_told_from_both_sides(ledger: Ledger) -> None:
    ledger.append([parcel("N")], [register("N", 800.0, None, on=date(2026, 4, 5))])
    note(ledger, "B", "end", date(2026, 4, 6))
    note(ledger, "C", "move_park", date(2026, 4, 7), park_id=PARK)
    found = compare(ledger, (QUARTER, None), (TODAY, None))
    assert told(found.moves) == [
        ("B", "building", "outside", 4_000.0),
        ("C", "planned", "planned", 2_500.0),
        ("N", "outside", "planned", 800.0),
    ]
    assert [(m.park_before, m.park_id, m.since) for m in found.moves] == [
        (PARK, PARK, date(2026, 4, 6)),
        (OTHER, PARK, START),
        (None, None, date(2026, 4, 5)),
    ]
    assert [c.park_id for c in found.parks] == [PARK, OTHER, None]
    assert of_park(found)[0].moved_m2 == {
        (Account.BUILDING, Account.OUTSIDE): 4_000.0,
        (Account.OUTSIDE, Account.PLANNED): 2_500.0,
    }
    assert of_park(found, OTHER)[0].moved_m2 == {(Account.PLANNED, Account.OUTSIDE): 2_500.0}


def test_days_may_be_given_backwards(ledger: Ledger) -> None:
    note(ledger, "A", "produce", date(2026, 5, 6))
    found = compare(ledger, (TODAY, None), (QUARTER, None))
    assert told(found.moves) == [("A", "in_production", "building", 10_000.0)]


def test_a_split_alone_moves_no_land(ledger: Ledger) -> None:
    children = [Child("A1", 6_000.0), Child("A2", 4_000.0)]
    split(ledger, "A", date(2026, 4, 10), children, Clerk("李四", SINCE))
    assert compare(ledger, (QUARTER, None), (TODAY, None)).moves == ()


def test_a_child_that_moved_on_is_told_with_its_parent(ledger: Ledger) -> None:
    children = [Child("A1", 6_000.0), Child("A2", 4_000.0)]
    split(ledger, "A", date(2026, 4, 10), children, Clerk("李四", SINCE), source_doc="分割1号")
    note(ledger, "A1", "produce", date(2026, 5, 6), source_doc="投产1号")
    (move,) = compare(ledger, (QUARTER, None), (TODAY, None)).moves
    assert told((move,)) == [("A1", "building", "in_production", 6_000.0)]
    assert (move.came_from, move.since) == ("A", date(2026, 5, 6))
    assert {e.source_doc for e in move.events} == {"分割1号", "投产1号"}


def test_a_merge_with_a_difference_tells_only_the_difference(ledger: Ledger) -> None:
    merge(ledger, ["A", "B"], date(2026, 4, 10), Child("AB", 14_100.0), Clerk("李四", SINCE))
    found = compare(ledger, (QUARTER, None), (TODAY, None))
    assert told(found.moves) == [("AB", "outside", "building", 100.0)]


def test_an_empty_ledger_has_nothing_to_compare(tmp_path: Path) -> None:
    empty = create(file_url(tmp_path / "empty.sqlite"))
    found = compare(empty, (QUARTER, None), (TODAY, None))
    assert (found.parks, found.moves, found.restated) == ((), (), ())


# Two moments of knowledge


def test_last_quarters_figure_is_reproduced_after_a_back_dated_correction(ledger: Ledger) -> None:
    wrong = line("A", "produce", date(2026, 2, 1), area_m2=9_000.0, source_doc="快报")
    ledger.append([], [wrong])
    (wrong,) = [e for e in ledger.events() if e.source_doc == "快报"]
    reported = replayed(ledger).balances.on(PARK, QUARTER)
    assert reported.in_production_m2 == 9_000.0
    right = note(
        ledger, "A", "produce", date(2026, 2, 1), area_m2=5_000.0,
        supersedes=wrong.event_id, reason="实测", source_doc="实测报告",
    )  # fmt: skip
    late = note(ledger, "B", "produce", date(2026, 1, 15), source_doc="补录")
    # What we knew at the meeting is told as it was told then, to the last digit.
    assert replayed(ledger, known_at=MEETING).balances.on(PARK, QUARTER) == reported
    found = compare(ledger, (QUARTER, MEETING), (QUARTER, None))
    change, restated = of_park(found)
    assert change.before_m2 == pytest.approx(reported.by_status_m2)
    assert restated.reported.production_m2 == 9_000.0
    assert restated.confirmed.production_m2 == 9_000.0
    assert restated.corrected.production_m2 == 0.0
    assert [e.event_id for e in restated.corrections] == [right.event_id, late.event_id]
    assert told(found.moves) == [
        ("A", "in_production", "part_used", 4_000.0),
        ("B", "building", "in_production", 4_000.0),
    ]
    assert [[e.source_doc for e in move.events] for move in found.moves] == [
        ["实测报告"],
        ["补录"],
    ]
    other, again = of_park(found, OTHER)
    assert (other.moved_m2, again.corrections) == ({}, ())


def test_since_the_last_meeting_corrections_and_real_movement_are_told_apart(
    ledger: Ledger,
) -> None:
    note(ledger, "B", "produce", date(2026, 1, 15))
    note(ledger, "A", "produce", date(2026, 5, 6))
    found = compare(ledger, (QUARTER, MEETING), (TODAY, None))
    change, restated = of_park(found)
    assert change.after_m2[Account.IN_PRODUCTION] == 14_000.0
    assert restated.reported.production_m2 == 0.0
    assert restated.confirmed.production_m2 == 4_000.0
    assert restated.corrected.production_m2 == 4_000.0
    assert [e.parcel_no for e in restated.corrections] == ["B"]


def test_a_parcel_found_later_changes_what_was_recorded(ledger: Ledger) -> None:
    ledger.append([parcel("N")], [replace(register("N", 800.0), recorded_at=SINCE)])
    change, restated = of_park(compare(ledger, (QUARTER, MEETING), (QUARTER, None)))
    assert restated.corrected.recorded_m2 == pytest.approx(800.0)
    assert restated.reported.recorded_m2 == pytest.approx(14_000.0)
    assert change.moved_m2 == {(Account.OUTSIDE, Account.PLANNED): 800.0}
    assert [e.kind for e in restated.corrections] == [EventKind.REGISTER]


def test_a_void_is_named_where_it_took_a_line_away(ledger: Ledger) -> None:
    void(ledger, "B", 5, "并未动工", Clerk("李四", SINCE))
    found = compare(ledger, (QUARTER, MEETING), (QUARTER, None))
    (move,) = found.moves
    assert told((move,)) == [("B", "building", "planned", 4_000.0)]
    assert [(e.kind, e.reason) for e in move.events] == [(EventKind.VOID, "并未动工")]
    assert of_park(found)[1].corrections == move.events


def test_a_void_of_a_correction_is_named_alone(ledger: Ledger) -> None:
    again = line("B", "start", date(2026, 3, 1), supersedes=5, reason="写错")
    ledger.append([], [again])
    void(ledger, "B", 6, "原来是对的", Clerk("李四", SINCE))
    (move,) = compare(ledger, (date(2020, 1, 1), MEETING), (date(2020, 1, 1), None)).moves
    assert told((move,)) == [("B", "planned", "building", 4_000.0)]
    assert [e.kind for e in move.events] == [EventKind.VOID]


def test_a_correction_that_takes_an_event_beyond_the_day_is_named(ledger: Ledger) -> None:
    right = note(ledger, "B", "start", date(2026, 5, 1), supersedes=5, reason="写错")
    (move,) = compare(ledger, (QUARTER, MEETING), (QUARTER, None)).moves
    assert told((move,)) == [("B", "building", "planned", 4_000.0)]
    assert [e.event_id for e in move.events] == [right.event_id]


def test_a_late_line_that_changes_no_figure_is_no_correction(ledger: Ledger) -> None:
    note(ledger, "B", "halt", date(2026, 1, 15))
    found = compare(ledger, (QUARTER, MEETING), (QUARTER, None))
    assert of_park(found)[1].corrections == ()
    assert found.moves == ()


def test_a_parcel_that_never_was_has_no_day(ledger: Ledger) -> None:
    ledger.append([parcel("N")], [register("N", 800.0)])
    void(ledger, "N", 6, "重复登记", Clerk("李四", SINCE))
    (move,) = compare(ledger, (QUARTER, MEETING), (QUARTER, None)).moves
    assert told((move,)) == [("N", "planned", "outside", 800.0)]
    assert move.since is None


# Any ledger, any two looks


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Ledger]:
    return copier(tmp_path_factory.mktemp("compare"))


@settings(deadline=None, max_examples=50)
@given(ledgers(), st.data())
def test_both_looks_are_those_of_a_replay_and_the_moves_explain_the_difference(
    fresh: Callable[[], Ledger], drawn: tuple[list[Event], float], data: st.DataObject
) -> None:
    lines, unit = drawn
    ledger = fresh()
    ledger.append([parcel(number) for number in sorted({e.parcel_no for e in lines})], lines)
    days = st.sampled_from(sorted({e.effective_on for e in lines}))
    moments = st.none() | st.sampled_from(sorted({e.recorded_at for e in lines}))
    looks = [Look(data.draw(days), data.draw(moments)) for _ in range(2)]
    found = compare(ledger, *looks)
    replays = [replayed(ledger, known_at=look.known_at).balances for look in looks]
    dust = max(1e-6, 1e-9 * unit)
    assert {change.park_id for change in found.parks} <= {*DRAWN_PARKS, "park_x"}
    for change in found.parks:
        for look, replay, figures in zip(
            looks, replays, (change.before_m2, change.after_m2), strict=True
        ):
            wanted = replay.on(change.park_id, look.as_of).by_status_m2
            assert figures == pytest.approx(wanted, abs=dust)
        for account in STATUSES:
            came = sum(m2 for (_, to), m2 in change.moved_m2.items() if to is account)
            went = sum(m2 for (of, _), m2 in change.moved_m2.items() if of is account)
            grown = change.after_m2[account] - change.before_m2[account]
            assert came - went == pytest.approx(grown, abs=1e-2)
    told_anew = replayed(ledger, known_at=looks[1].known_at).balances
    for restated in found.restated:
        wanted_now = told_anew.on(restated.park_id, looks[0].as_of)
        assert restated.confirmed.production_m2 == pytest.approx(
            wanted_now.in_production_m2, abs=dust
        )
        assert restated.confirmed.recorded_m2 == pytest.approx(wanted_now.recorded_m2, abs=dust)
        if any(
            abs(x) > 1 for x in (restated.corrected.production_m2, restated.corrected.recorded_m2)
        ):
            assert restated.corrections
    for move in found.moves:
        assert move.events
