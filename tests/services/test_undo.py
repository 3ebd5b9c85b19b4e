"""Undo: an import, a split or a merge goes as if it had never been, or not at all."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from dongtou_geo.domain.account import state_on
from dongtou_geo.domain.event import Event, EventKind, standing
from dongtou_geo.errors import EventError
from dongtou_geo.services.record import Clerk, Draft, record, void
from dongtou_geo.services.reshape import Child, merge, split
from dongtou_geo.services.undo import Undone, undo, undo_reshape
from dongtou_geo.store import tracing
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from dongtou_geo.store.writing import ImportStamp
from tests.services.books import (
    CLERK,
    NOW,
    PARKS,
    assert_books,
    days_of,
    figures,
    line,
    parcel,
    register,
    replayed,
)

DAY = date(2022, 5, 6)
SPRING = datetime(2026, 3, 1, tzinfo=NOW.tzinfo)
LATER = Clerk("王五", NOW + timedelta(hours=1))


def imported(ledger: Ledger, import_id: str, numbers: str, *lines: Event) -> list[int]:
    """Write lines as an import would, with the parcels that are new."""
    with ledger.writing() as writer:
        writer.register_import(ImportStamp(import_id, f"{import_id}.xlsx", "0" * 64, NOW, "张三"))
        own = [replace(each, import_id=import_id, recorded_at=NOW) for each in lines]
        return writer.add([parcel(number) for number in numbers], own)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A and B by hand, A in building since 2018 by event 3."""
    made = create(file_url(tmp_path / "ledger.sqlite"))
    made.append(
        [parcel("A"), parcel("B")],
        [
            register("A", 10_000.0),
            register("B", 4_000.0, PARKS[1]),
            line("A", "start", date(2018, 1, 1)),
        ],
    )
    return made


def on_all_days(ledger: Ledger, days: list[date]) -> list[tuple[float, ...]]:
    kept = replayed(ledger)
    return [
        tuple(kept.on(park, day).by_status_m2.values()) for day in days for park in (*PARKS, None)
    ]


def note(ledger: Ledger, number: str, kind: str, on: date, **given: object) -> Event:
    draft = replace(Draft(number, EventKind(kind), on), **given)  # type: ignore[arg-type]
    return record(ledger, draft, CLERK, park_ids=PARKS).event


def undone_at(ledger: Ledger, import_id: str) -> datetime | None:
    with ledger.reading() as snapshot:
        found = tracing.import_record(snapshot.connection, import_id)
    assert found is not None
    return found.undone_at


# Imports


def test_an_import_goes_for_every_date_and_is_marked(ledger: Ledger) -> None:
    new = [register("C", 7_000.0), line("C", "supply", date(2019, 1, 1))]
    changed = [
        line("A", "start", date(2019, 9, 9), supersedes=3, reason="日期写错"),
        line("A", "produce", date(2020, 1, 1), area_m2=5_000.0),
        line("B", "move_park", date(2021, 1, 1), park_id=PARKS[0]),
    ]
    days = days_of([*ledger.events(), *new, *changed])
    before = on_all_days(ledger, days)
    imported(ledger, "I1", "C", *new, *changed)
    assert on_all_days(ledger, days) != before
    done = undo(ledger, "I1", LATER)
    assert on_all_days(ledger, days) == before
    assert_books(ledger)
    assert done.parcel_nos == ("A", "B", "C")
    assert len(done.voided) == 5
    assert undone_at(ledger, "I1") == LATER.now
    voids = ledger.events()[-5:]
    assert {(e.kind, e.recorded_by, e.reason) for e in voids} == {
        (EventKind.VOID, "王五", "撤销导入 I1")
    }
    assert all(e.import_id is None for e in voids)


def test_what_was_known_before_the_undo_can_still_be_told(ledger: Ledger) -> None:
    imported(ledger, "I1", "C", register("C", 7_000.0))
    then = replayed(ledger).on(PARKS[0], DAY)
    undo(ledger, "I1", LATER)
    assert replayed(ledger, NOW).on(PARKS[0], DAY) == then
    assert replayed(ledger).on(PARKS[0], DAY).recorded_m2 == 10_000.0


def test_a_correction_of_an_import_in_itself_brings_neither_line_back(ledger: Ledger) -> None:
    days = [date(2016, 1, 1), date(2019, 6, 1), DAY]
    before = on_all_days(ledger, days)
    (first,) = imported(ledger, "I1", "", line("A", "produce", date(2019, 1, 1)))
    with ledger.writing() as writer:
        again = line("A", "produce", date(2020, 1, 1), supersedes=first, import_id="I1")
        writer.add([], [again])
    undo(ledger, "I1", LATER)
    assert on_all_days(ledger, days) == before
    assert_books(ledger)


def test_lines_that_are_void_already_are_left_alone(ledger: Ledger) -> None:
    ids = imported(ledger, "I1", "C", register("C", 7_000.0), line("C", "supply", date(2019, 1, 1)))
    void(ledger, "C", ids[1], "误录", CLERK)
    assert [event.event_id for event in undo(ledger, "I1", LATER).voided] == ids[:1]
    assert_books(ledger)


def test_an_import_of_nothing_is_marked_too(ledger: Ledger) -> None:
    imported(ledger, "I1", "")
    assert undo(ledger, "I1", LATER) == Undone((), ())
    assert undone_at(ledger, "I1") is not None


def refused(ledger: Ledger, import_id: str) -> str:
    before = (ledger.events(), figures(ledger))
    with pytest.raises(EventError) as error:
        undo(ledger, import_id, LATER)
    assert (ledger.events(), figures(ledger)) == before
    return str(error.value)


def test_an_import_that_later_lines_rest_on_stays_and_they_are_named(ledger: Ledger) -> None:
    imported(ledger, "I1", "CD", register("C", 7_000.0), register("D", 900.0))
    by_hand = note(ledger, "C", "supply", date(2019, 1, 1))
    said = refused(ledger, "I1")
    assert f"地块 C 第 {by_hand.event_id} 号“供应”（2019-01-01，李四）" in said
    assert "请先作废这些记录" in said
    assert "地块 D" not in said
    assert undone_at(ledger, "I1") is None
    void(ledger, "C", by_hand.event_id, "误录", CLERK)
    undo(ledger, "I1", LATER)
    assert_books(ledger)


def test_imports_are_undone_last_first(ledger: Ledger) -> None:
    imported(ledger, "I1", "C", register("C", 7_000.0))
    imported(ledger, "I2", "", line("C", "supply", date(2019, 1, 1)))
    assert "请先撤销导入 I2" in refused(ledger, "I1")
    undo(ledger, "I2", LATER)
    undo(ledger, "I1", LATER)
    assert_books(ledger)


def test_a_correction_by_hand_rests_on_the_line_it_corrects(ledger: Ledger) -> None:
    (first,) = imported(ledger, "I1", "", line("A", "produce", date(2019, 1, 1)))
    note(ledger, "A", "produce", date(2019, 2, 1), supersedes=first, reason="合同")
    assert "“投产”（2019-02-01" in refused(ledger, "I1")


def test_a_split_rests_on_the_import_of_its_parent(ledger: Ledger) -> None:
    imported(ledger, "I1", "C", register("C", 7_000.0))
    split(ledger, "C", DAY, [Child("C1", 3_000.0), Child("C2", 4_000.0)], CLERK)
    assert "“分割”" in refused(ledger, "I1")


def test_what_stood_before_an_import_does_not_rest_on_it(ledger: Ledger) -> None:
    note(ledger, "A", "complete", date(2021, 1, 1))
    imported(ledger, "I1", "", line("A", "halt", date(2020, 1, 1)))
    undo(ledger, "I1", LATER)
    assert_books(ledger)


def test_a_refusal_stays_readable_however_much_stands_in_the_way(ledger: Ledger) -> None:
    numbers = [f"N{i}" for i in range(30)]
    ledger.append([parcel(number) for number in numbers], [])
    imported(ledger, "I1", "", *(register(number, 100.0) for number in numbers))
    for number in numbers:
        note(ledger, number, "supply", date(2019, 1, 1))
    said = refused(ledger, "I1")
    assert said.count("“供应”") == 20
    assert "等 30 条" in said


def test_an_unknown_import_and_one_undone_already_are_refused(ledger: Ledger) -> None:
    assert "台账里没有导入“I9”" in refused(ledger, "I9")
    imported(ledger, "I1", "C", register("C", 7_000.0))
    undo(ledger, "I1", LATER)
    assert "导入 I1（I1.xlsx）已由 王五 于 2026-06-01 05:00 UTC 撤销" in refused(ledger, "I1")


# Splits and merges


def test_an_undone_split_leaves_the_parent_as_it_was(ledger: Ledger) -> None:
    days = days_of([*ledger.events(), register("A", 1.0, on=DAY)])
    before = on_all_days(ledger, days)
    children = [Child("A1", 3_000.0), Child("A2", 7_500.0)]
    done = split(ledger, "A", DAY, children, CLERK)
    gone = undo_reshape(ledger, "A", done.partings[0].event_id, "线画错了", LATER)
    assert gone.parcel_nos == ("A", "A1", "A2")
    assert on_all_days(ledger, days) == before
    assert_books(ledger)


def test_the_numbers_of_an_undone_split_are_free_again(ledger: Ledger) -> None:
    wrong = split(ledger, "A", DAY, [Child("A1", 3_000.0), Child("A2", 7_000.0)], CLERK)
    undo_reshape(ledger, "A", wrong.partings[0].event_id, "线画错了", LATER)
    right = split(ledger, "A", DAY, [Child("A1", 6_000.0), Child("A2", 4_000.0)], LATER)
    assert [p for p in ledger.parcels() if p.parcel_no[1:]] == list(right.children)
    for child in right.registrations:
        own = standing(e for e in ledger.events() if e.parcel_no == child.parcel_no)
        now = state_on(own, DAY)
        assert now is not None
        assert now.area_m2 == child.area_m2
    assert_books(ledger)


def test_an_undone_merge_leaves_all_parents_as_they_were(ledger: Ledger) -> None:
    ledger.append([parcel("C")], [register("C", 600.0, PARKS[1])])
    days = days_of([*ledger.events(), register("A", 1.0, on=DAY)])
    before = on_all_days(ledger, days)
    done = merge(ledger, ["B", "C"], DAY, Child("BC", 4_610.0), CLERK)
    undo_reshape(ledger, "C", done.partings[1].event_id, "不该合并", LATER)
    assert on_all_days(ledger, days) == before
    assert_books(ledger)


def test_a_split_whose_children_went_on_stays(ledger: Ledger) -> None:
    done = split(ledger, "A", DAY, [Child("A1", 3_000.0), Child("A2", 7_000.0)], CLERK)
    note(ledger, "A2", "complete", date(2023, 1, 1))
    before = ledger.events()
    with pytest.raises(EventError, match=r"地块 A 的分割不能撤销.*地块 A2 第 7 号“竣工”"):
        undo_reshape(ledger, "A", done.partings[0].event_id, "线画错了", LATER)
    assert ledger.events() == before


@pytest.mark.parametrize(
    ("number", "event_id", "reason", "said"),
    [
        ("A", 3, "x", "没有仍然有效的第 3 号“分割”或“合并”记录"),
        ("B", 4, "x", "地块 B 没有仍然有效的第 4 号"),
        ("A", 4, " ", "撤销分割须写明理由"),
    ],
)
def test_only_a_split_that_stands_is_undone_and_with_a_reason(
    ledger: Ledger, number: str, event_id: int, reason: str, said: str
) -> None:
    split(ledger, "A", DAY, [Child("A1", 3_000.0), Child("A2", 7_000.0)], CLERK)
    with pytest.raises(EventError, match=said):
        undo_reshape(ledger, number, event_id, reason, LATER)
