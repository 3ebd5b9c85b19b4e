"""The register: what an entry said before it was changed is kept, and the books follow its area."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.errors import EventError, LedgerError
from dongtou_geo.store import reading, register, upkeep
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger
from dongtou_geo.store.parcel_query import ParcelFilter, page, total
from dongtou_geo.store.register import FormerEntry
from dongtou_geo.store.writing import ImportStamp
from tests.domain.test_balance import ledgers
from tests.store.small_office import NOON, OUTLINE, contents, line

LATER = NOON + timedelta(days=1)
DAY = date(2018, 3, 10)
BARE = Parcel("A", Origin.LAND, AreaBasis.LEDGER, ledger_area_mu=1.5, occupant="甲公司")
DRAWN = replace(BARE, area_basis=AreaBasis.DRAWN, geometry_wkb=OUTLINE.wkb)
REGISTER = line("A", EventKind.REGISTER, DAY, area_m2=1000.25, park_id="park_a")


@pytest.fixture
def ledger(home: str) -> Ledger:
    made = create(home)
    made.append([BARE, replace(BARE, parcel_no="B")], [REGISTER, replace(REGISTER, parcel_no="B")])
    return made


def update(ledger: Ledger, *parcels: Parcel, by: str = "李四", at: datetime = NOON) -> None:
    with ledger.writing() as writer:
        writer.update_parcels(parcels, at=at, by=by)


def history(ledger: Ledger) -> list[FormerEntry]:
    with ledger.reading() as snapshot:
        return register.former_entries(snapshot.connection)


def unmapped_m2(ledger: Ledger, on: date, park: str | None = "park_a") -> float:
    with ledger.reading() as snapshot:
        return StoredBalances(snapshot.connection).on(park, on).unmapped_m2


# What is kept


def test_a_changed_entry_is_the_new_one_and_the_former_one_is_kept(ledger: Ledger) -> None:
    update(ledger, DRAWN)
    assert ledger.parcels() == [DRAWN, replace(BARE, parcel_no="B")]
    assert history(ledger) == [FormerEntry(BARE, 1, NOON, "李四", None)]


def test_every_field_is_kept_and_changed(ledger: Ledger) -> None:
    full = Parcel(
        "A", Origin.FILLED_SEA, AreaBasis.DRAWN, OUTLINE.wkb, 0.1 + 0.2, 1 / 3, 7.0, "0601", "'x'",
        date(2013, 1, 31), date(2014, 2, 28), date(2016, 2, 29), date(2028, 12, 31), 1e6 / 3, 0.0,
        1.5, "出让", "C'1", "330", "洞头区", "第一行\n𠮷",
    )  # fmt: skip
    assert all(getattr(full, field.name) is not None for field in fields(Parcel))
    update(ledger, full)
    update(ledger, BARE, at=LATER)
    assert [former.parcel for former in history(ledger)] == [BARE, full]
    assert ledger.parcels()[0] == BARE


def test_versions_count_for_each_parcel_and_say_what_was_in_force_when(ledger: Ledger) -> None:
    second, third = replace(BARE, note="二"), replace(BARE, note="三")
    update(ledger, second)
    update(ledger, third, replace(third, parcel_no="B"), by="王五", at=LATER)
    assert [(f.parcel.parcel_no, f.version, f.parcel.note) for f in history(ledger)] == [
        ("A", 1, None),
        ("A", 2, "二"),
        ("B", 1, None),
    ]
    moments = [NOON - timedelta(seconds=1), NOON, LATER]
    own = [former for former in history(ledger) if former.parcel.parcel_no == "A"]

    def known(at: datetime) -> Parcel:
        return next((f.parcel for f in own if f.replaced_at > at), ledger.parcels()[0])

    assert [known(at).note for at in moments] == [None, "二", "三"]
    assert {former.replaced_by for former in own} == {"李四", "王五"}


def test_an_import_signs_its_changes(ledger: Ledger) -> None:
    with ledger.writing() as writer:
        writer.register_import(ImportStamp("i-1", "甲.xlsx", "0" * 64, NOON, "张三"))
        writer.update_parcels([DRAWN], at=NOON, by="张三", import_id="i-1")
        found = register.former_entries(writer.connection, import_id="i-1")
        assert [former.import_id for former in found] == ["i-1"]
        assert register.former_entries(writer.connection, import_id="i-2") == []
        assert register.former_entries(writer.connection, parcel_nos=["B"]) == []


@pytest.mark.parametrize(
    ("parcels", "said"),
    [
        ([replace(DRAWN, parcel_no="Z")], "没有地块 Z"),
        ([DRAWN, replace(DRAWN, parcel_no="Z")], "没有地块 Z"),
        ([DRAWN, BARE], "地块 A 在同一次修改中出现不止一次"),
    ],
)
def test_what_cannot_be_changed_is_named_and_nothing_is(
    ledger: Ledger, parcels: list[Parcel], said: str
) -> None:
    before = contents(ledger)
    with pytest.raises(LedgerError, match=said):
        update(ledger, *parcels)
    assert contents(ledger) == before


def test_an_unknown_import_signs_nothing(ledger: Ledger) -> None:
    before = contents(ledger)
    with pytest.raises(LedgerError, match="内容未改变"), ledger.writing() as writer:
        writer.update_parcels([DRAWN], at=NOON, by="张三", import_id="i-9")
    assert contents(ledger) == before


def test_no_change_at_all_writes_nothing(ledger: Ledger) -> None:
    before = contents(ledger)
    update(ledger)
    assert contents(ledger) == before


def test_more_entries_than_one_statement_takes(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "IN_ONE_QUERY", 2)
    numbers = [f"P-{n}" for n in range(5)]
    ledger.append(
        [replace(BARE, parcel_no=no) for no in numbers],
        [replace(REGISTER, parcel_no=no) for no in numbers],
    )
    update(ledger, *(replace(DRAWN, parcel_no=no) for no in numbers))
    assert [former.parcel.parcel_no for former in history(ledger)] == numbers
    assert unmapped_m2(ledger, DAY) == 2000.5
    assert upkeep.verify(ledger) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE parcel_versions SET note = 'x'",
        "DELETE FROM parcel_versions",
        "REPLACE INTO parcel_versions (parcel_no, version, replaced_at, replaced_by, origin,"
        " area_basis) VALUES ('A', 1, '2026', 'x', 'land', 'drawn')",
    ],
)
def test_the_database_itself_refuses_to_change_the_history(
    path: Path, ledger: Ledger, statement: str
) -> None:
    update(ledger, DRAWN)
    before = history(ledger)
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="only ever appended"),
    ):
        connection.execute(statement)
    assert history(ledger) == before


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.mark.postgis
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE parcel_versions SET note = 'x'",
        "DELETE FROM parcel_versions",
        "TRUNCATE parcel_versions",
    ],
)
def test_postgresql_refuses_to_change_the_history(postgis_url: str, statement: str) -> None:
    ledger = create(postgis_url)
    ledger.append([BARE], [REGISTER])
    update(ledger, DRAWN)
    with pytest.raises(LedgerError, match="only ever appended"), ledger.writing() as writer:
        writer.connection.execute(text(statement))
    assert len(history(ledger)) == 1


# The books follow the area


def test_land_that_gets_an_outline_is_no_longer_without_one_for_any_day(ledger: Ledger) -> None:
    assert unmapped_m2(ledger, DAY) == 2000.5
    update(ledger, DRAWN)
    assert unmapped_m2(ledger, DAY) == unmapped_m2(ledger, date.max) == 1000.25
    update(ledger, BARE, at=LATER)
    assert unmapped_m2(ledger, DAY) == 2000.5
    assert unmapped_m2(ledger, DAY - timedelta(days=1)) == 0
    assert upkeep.verify(ledger) == []


def test_another_outline_moves_nothing(ledger: Ledger) -> None:
    update(ledger, DRAWN)
    books = {name: rows for name, rows in contents(ledger).items() if name.startswith("balance")}
    update(ledger, replace(DRAWN, geometry_wkb=OUTLINE.buffer(0.001).wkb, note="重测"), at=LATER)
    now = {name: rows for name, rows in contents(ledger).items() if name.startswith("balance")}
    assert now == books


def test_an_outline_and_events_come_in_one_change(ledger: Ledger) -> None:
    new = replace(DRAWN, parcel_no="C")
    lines = [
        line("A", EventKind.REDRAW, date(2019, 1, 1), area_m2=900.0),
        replace(REGISTER, parcel_no="C"),
        line("B", EventKind.SUPPLY, date(2019, 1, 1)),
    ]
    with ledger.writing() as writer:
        ids = writer.change([DRAWN], [new], lines, at=NOON, by="张三")
    assert ids == [3, 4, 5]
    assert unmapped_m2(ledger, DAY) == unmapped_m2(ledger, date(2019, 1, 1)) == 1000.25
    with ledger.reading() as snapshot:
        held = StoredBalances(snapshot.connection).on("park_a", date(2019, 1, 1))
    assert held.recorded_m2 == 900.0 + 2 * 1000.25
    assert upkeep.verify(ledger) == []


def test_events_that_do_not_fit_leave_the_register_as_it_was(ledger: Ledger) -> None:
    before = contents(ledger)
    bad = line("A", EventKind.PRODUCE, date(2019, 1, 1), area_m2=5000.0)
    with pytest.raises(EventError, match="大于地块面积"), ledger.writing() as writer:
        writer.change([DRAWN], [], [bad], at=NOON, by="张三")
    assert contents(ledger) == before


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Ledger]:
    """A maker of empty ledgers: copies of one, which is quicker than new ones."""
    folder = tmp_path_factory.mktemp("register")
    create(f"sqlite:///{folder / 'empty'}")

    def made() -> Ledger:
        copied = folder / uuid4().hex
        copyfile(folder / "empty", copied)
        return open_ledger(f"sqlite:///{copied}")

    return made


@settings(deadline=None, max_examples=40)
@given(ledgers(), st.data())
def test_whatever_happened_the_books_follow_the_basis(
    fresh: Callable[[], Ledger], drawn: tuple[list[Event], float], data: st.DataObject
) -> None:
    lines, _ = drawn
    numbers = sorted({e.parcel_no for e in lines})
    bases = st.sampled_from(AreaBasis)
    ledger = fresh()
    ledger.append([Parcel(no, Origin.LAND, data.draw(bases)) for no in numbers], [])
    cut = data.draw(st.integers(0, len(lines)))
    ledger.append([], lines[:cut])
    some = data.draw(st.lists(st.sampled_from(numbers), unique=True))
    changed = [Parcel(no, Origin.LAND, data.draw(bases)) for no in some]
    together = data.draw(st.booleans())
    with ledger.writing() as writer:
        writer.change(changed, [], lines[cut:] if together else [], at=NOON, by="张三")
    if not together:
        ledger.append([], lines[cut:])
    assert [p for p in upkeep.verify(ledger) if p.code != "no_events"] == []


# Parcels without a line that stands


def test_a_parcel_whose_lines_are_void_is_dormant_and_counts_nowhere(ledger: Ledger) -> None:
    with ledger.reading() as snapshot:
        assert snapshot.dormant(["A", "B", "Z"]) == set()
    ledger.append([], [line("A", EventKind.VOID, DAY, supersedes=1, reason="误录")])
    with ledger.reading() as snapshot:
        assert snapshot.dormant(["A", "B", "Z"]) == {"A"}
        everything = ParcelFilter(DAY)
        assert [row.parcel_no for row in page(snapshot.connection, everything)] == ["B"]
        assert total(snapshot.connection, everything).parcels == 1
        assert total(snapshot.connection, ParcelFilter(DAY, flag="unmapped")).area_m2 == 1000.25
    assert unmapped_m2(ledger, DAY) == 1000.25


def test_a_dormant_number_is_registered_again_by_changing_its_entry(ledger: Ledger) -> None:
    ledger.append([], [line("A", EventKind.VOID, DAY, supersedes=1, reason="误录")])
    again = replace(DRAWN, occupant="乙公司")
    with ledger.writing() as writer:
        writer.change([again], [], [replace(REGISTER, area_m2=7.0)], at=LATER, by="王五")
        assert writer.dormant(["A"]) == set()
    assert ledger.parcels()[0] == again
    assert history(ledger)[0].parcel == BARE
    assert unmapped_m2(ledger, DAY) == 1000.25
    with ledger.reading() as snapshot:
        held = StoredBalances(snapshot.connection).on("park_a", DAY)
    assert held.recorded_m2 == 1007.25
    assert upkeep.verify(ledger) == []


def test_a_dormant_entry_is_changed_without_moving_land(ledger: Ledger) -> None:
    ledger.append([], [line("A", EventKind.VOID, DAY, supersedes=1, reason="误录")])
    update(ledger, DRAWN)
    assert unmapped_m2(ledger, DAY) == 1000.25
    assert upkeep.verify(ledger) == []


# Text that cannot be kept

HALF = "某\ud842公司"


def test_half_a_character_is_named_wherever_it_stands(ledger: Ledger) -> None:
    before = contents(ledger)
    attempts: list[Callable[[], object]] = [
        lambda: ledger.append([], [replace(line("A", EventKind.SUPPLY, DAY), source_doc=HALF)]),
        lambda: ledger.append([], [replace(line("A", EventKind.SUPPLY, DAY), recorded_by=HALF)]),
        lambda: ledger.append([replace(BARE, parcel_no=HALF)], []),
        lambda: update(ledger, replace(BARE, note=HALF)),
        lambda: update(ledger, BARE, by=HALF),
    ]
    for attempt in attempts:
        with pytest.raises(LedgerError, match=r"不成对的代理码 U\+D842.*内容未改变") as refused:
            attempt()
        str(refused.value).encode()
    with ledger.reading() as snapshot:
        query = ParcelFilter(DAY, text=HALF)
        assert snapshot.parcel("A") == BARE
    with pytest.raises(LedgerError, match="代理码"), ledger.reading() as snapshot:
        page(snapshot.connection, query)
    assert contents(ledger) == before


def test_another_trouble_with_letters_is_not_taken_for_half_a_character(ledger: Ledger) -> None:
    with pytest.raises(UnicodeEncodeError), ledger.reading():
        "洞头".encode("ascii")
