"""Undo of an import brings its parcels' register entries back, or refuses whole."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Parcel
from dongtou_geo.domain.status import Account
from dongtou_geo.errors import EventError
from dongtou_geo.services.parcel_table import table_page, totals_by_status
from dongtou_geo.services.record import Clerk, Draft, record
from dongtou_geo.services.undo import undo
from dongtou_geo.store import register, schema, upkeep
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger
from dongtou_geo.store.parcel_query import ParcelFilter
from dongtou_geo.store.stamps import ImportStamp
from tests.services.books import NOW, PARKS, assert_books, box, figures, line, parcel
from tests.services.books import register as registration

DERIVED = (schema.parcel_states, schema.balance_days, schema.balance_months)
LATER = Clerk("王五", NOW + timedelta(days=1))
FIELD = box(0, 0, 2, 1)
A = parcel("A")
DRAWN = replace(A, area_basis=AreaBasis.DRAWN, geometry_wkb=FIELD, occupant="甲公司")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = create(file_url(tmp_path / "ledger.sqlite"))
    made.append([A, parcel("B")], [registration("A", 10_000.0), registration("B", 4_000.0)])
    return made


def imported(
    ledger: Ledger,
    import_id: str,
    updated: list[Parcel],
    *lines: Event,
    new: tuple[Parcel, ...] = (),
    at: datetime = NOW,
) -> None:
    """Write what an import would."""
    own = [replace(each, import_id=import_id, recorded_at=at) for each in lines]
    with ledger.writing() as writer:
        writer.register_import(ImportStamp(import_id, f"{import_id}.xlsx", "0" * 64, at, "张三"))
        writer.change(updated, new, own, at=at, by="张三", import_id=import_id)


def by_hand(ledger: Ledger, entry: Parcel, at: datetime = NOW + timedelta(hours=1)) -> None:
    with ledger.writing() as writer:
        writer.update_parcels([entry], at=at, by="李四")


def entries(ledger: Ledger) -> dict[str, Parcel]:
    """Register entries of parcels that count."""
    found = {entry.parcel_no: entry for entry in ledger.parcels()}
    with ledger.reading() as snapshot:
        return {no: entry for no, entry in found.items() if no not in snapshot.dormant([no])}


def everything(ledger: Ledger) -> tuple[object, ...]:
    """Every register entry that counts and every derived row."""
    with ledger.reading() as snapshot:
        rows = [sorted(map(tuple, snapshot.connection.execute(select(t)))) for t in DERIVED]
    return entries(ledger), rows


def refused(ledger: Ledger, import_id: str) -> str:
    before = (everything(ledger), ledger.events(), history(ledger))
    with pytest.raises(EventError) as error:
        undo(ledger, import_id, LATER)
    assert (everything(ledger), ledger.events(), history(ledger)) == before
    return str(error.value)


def history(ledger: Ledger) -> list[register.FormerEntry]:
    with ledger.reading() as snapshot:
        return register.former_entries(snapshot.connection)


def test_entries_and_lines_go_together(ledger: Ledger) -> None:
    before, told = everything(ledger), figures(ledger)
    redrawn = line("A", "redraw", date(2020, 1, 1), area_m2=9_000.0)
    imported(ledger, "I1", [DRAWN], redrawn, registration("C", 7.0), new=(parcel("C"),))
    assert everything(ledger) != before
    done = undo(ledger, "I1", LATER)
    assert everything(ledger) == before
    assert {day: told[day] for day in told} == {day: figures(ledger)[day] for day in told}
    assert (done.parcel_nos, done.restored) == (("A", "C"), (A,))
    assert_books(ledger)
    assert upkeep.verify(ledger) == []


def test_the_history_tells_what_was_in_force_and_who_took_it_back(ledger: Ledger) -> None:
    imported(ledger, "I1", [DRAWN])
    undo(ledger, "I1", LATER)
    assert [
        (f.parcel, f.version, f.replaced_at, f.replaced_by, f.import_id) for f in history(ledger)
    ] == [(A, 1, NOW, "张三", "I1"), (DRAWN, 2, LATER.now, "王五", "I1")]


def test_an_import_that_changed_an_entry_twice_brings_the_first_back(ledger: Ledger) -> None:
    imported(ledger, "I1", [DRAWN])
    with ledger.writing() as writer:
        writer.update_parcels([replace(DRAWN, note="再改")], at=NOW, by="张三", import_id="I1")
    undo(ledger, "I1", LATER)
    assert entries(ledger)["A"] == A


def test_a_later_import_of_the_same_entry_must_go_first(ledger: Ledger) -> None:
    before = everything(ledger)
    imported(ledger, "I1", [DRAWN])
    after_first = everything(ledger)
    imported(ledger, "I2", [replace(DRAWN, note="二")], at=NOW + timedelta(hours=2))
    said = refused(ledger, "I1")
    assert "地块 A 的登记信息（2026-06-01，张三，导入 I2）" in said
    assert said.endswith("请先撤销导入 I2")
    undo(ledger, "I2", LATER)
    assert everything(ledger) == after_first
    undo(ledger, "I1", LATER)
    assert everything(ledger) == before
    assert upkeep.verify(ledger) == []


def test_an_entry_changed_by_hand_since_is_not_lost(ledger: Ledger) -> None:
    imported(ledger, "I1", [DRAWN, replace(parcel("B"), note="一")])
    by_hand(ledger, replace(DRAWN, occupant="乙公司"))
    said = refused(ledger, "I1")
    assert "地块 A 的登记信息（2026-06-01，李四）" in said
    assert "地块 B" not in said
    assert "撤销会丢失这些改动" in said


def test_what_was_changed_by_hand_before_comes_back(ledger: Ledger) -> None:
    own = replace(A, occupant="乙公司")
    by_hand(ledger, own, at=NOW - timedelta(hours=1))
    imported(ledger, "I1", [DRAWN])
    undo(ledger, "I1", LATER)
    assert entries(ledger)["A"] == own


def test_a_change_of_what_the_import_registered_rests_on_it(ledger: Ledger) -> None:
    imported(ledger, "I1", [], registration("C", 7.0), new=(parcel("C"),))
    by_hand(ledger, parcel("C", FIELD))
    assert "地块 C 的登记信息（2026-06-01，李四）" in refused(ledger, "I1")


def test_a_change_of_an_entry_that_the_import_only_added_lines_to_does_not(ledger: Ledger) -> None:
    imported(ledger, "I1", [], line("A", "supply", date(2020, 1, 1)))
    by_hand(ledger, DRAWN)
    undo(ledger, "I1", LATER)
    assert entries(ledger)["A"] == DRAWN
    assert upkeep.verify(ledger) == []


def test_lines_and_entries_that_stand_in_the_way_are_named_together(ledger: Ledger) -> None:
    imported(ledger, "I1", [DRAWN], line("B", "supply", date(2020, 1, 1)))
    draft = Draft("B", EventKind.START, date(2021, 1, 1))
    record(ledger, draft, LATER, park_ids=PARKS)
    by_hand(ledger, replace(DRAWN, note="改"))
    said = refused(ledger, "I1")
    assert "“动工”" in said
    assert "登记信息" in said


def test_a_number_is_registered_again_and_that_is_undone_too(ledger: Ledger) -> None:
    imported(ledger, "I1", [], registration("C", 7.0), new=(parcel("C"),))
    undo(ledger, "I1", LATER)
    before = everything(ledger)
    with ledger.reading() as snapshot:
        assert snapshot.dormant(["A", "C", "D"]) == {"C"}
    again, later = parcel("C", FIELD, occupant="丙公司"), LATER.now + timedelta(hours=1)
    imported(ledger, "I2", [again], registration("C", 8.0), at=later)
    assert entries(ledger)["C"] == again
    assert upkeep.verify(ledger) == []
    undo(ledger, "I2", Clerk("王五", later))
    assert everything(ledger) == before
    with ledger.reading() as snapshot:
        assert snapshot.parcel("C") == parcel("C")


def test_a_parcel_of_an_undone_import_is_in_no_table_and_no_sum(ledger: Ledger) -> None:
    imported(ledger, "I1", [], registration("C", 7.0), new=(parcel("C"),))
    undo(ledger, "I1", LATER)
    on = date(2026, 6, 1)
    assert [row.parcel_no for row in table_page(ledger, ParcelFilter(on)).rows] == ["A", "B"]
    unmapped = table_page(ledger, ParcelFilter(on, flag="unmapped"))
    assert unmapped.found.parcels == 2
    with ledger.reading() as snapshot:
        assert totals_by_status(snapshot, on)[Account.PLANNED].parcels == 2
    assert_books(ledger)


# Random imports, undone one after the other


@st.composite
def changes(draw: st.DrawFn, number: int) -> tuple[list[Parcel], list[Event]]:
    """New entries for some of the parcels, and lines for some."""
    updated = [
        parcel(
            no,
            draw(st.sampled_from([None, FIELD, box(0, 0, 1, 1)])),
            note=draw(st.sampled_from([None, f"第 {number} 次"])),
        )
        for no in draw(st.lists(st.sampled_from("AB"), unique=True))
    ]
    kinds = st.sampled_from(["supply", "start", "produce", "redraw", "halt"])
    lines = [
        line(no, kind, date(2017, 1, 1) + timedelta(days=day), area_m2=area)
        for no, kind, day in draw(
            st.lists(st.tuples(st.sampled_from("AB"), kinds, st.integers(0, 900)), max_size=4)
        )
        for area in [3_000.0 if kind in ("produce", "redraw") else None]
    ]
    return updated, lines


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("undo") / "empty"
    create(file_url(path))
    return path


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_each_undo_leads_back_to_what_was_before(empty: Path, data: st.DataObject) -> None:
    copied = empty.with_name(uuid4().hex)
    copyfile(empty, copied)
    ledger = open_ledger(file_url(copied))
    first = [registration("A", 10_000.0), registration("B", 4_000.0)]
    ledger.append([A, parcel("B")], first)
    before: list[tuple[str, tuple[object, ...]]] = []
    for number in range(data.draw(st.integers(1, 4))):
        updated, lines = data.draw(changes(number))
        was, at = everything(ledger), NOW + timedelta(hours=number)
        born = number == 0 and data.draw(st.booleans())
        new = (parcel("C", FIELD),) if born else ()
        lines += [registration("C", 5.0)] if born else []
        try:
            imported(ledger, f"I{number}", updated, *lines, new=new, at=at)
        except EventError:
            assert everything(ledger) == was
            continue
        before.append((f"I{number}", was))
    for import_id, was in reversed(before):
        undo(ledger, import_id, LATER)
        assert everything(ledger) == was
    assert upkeep.verify(ledger) == []
    copied.unlink()
