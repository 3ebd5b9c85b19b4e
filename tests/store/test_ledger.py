"""The ledger on disk: what is kept, and that it is only ever appended to."""

import sqlite3
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
import shapely

from dongtou_geo.domain.event import Event, EventKind, Opening
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import Account
from dongtou_geo.errors import EventError, LedgerError
from dongtou_geo.store.address import sqlite_path
from dongtou_geo.store.ledger import Ledger, LedgerIdentity, utc_now
from dongtou_geo.store.opening import create, open_ledger
from dongtou_geo.store.writing import ImportStamp

NOON = datetime(2026, 6, 1, 4, 0, 0, 123_456, tzinfo=UTC)
BARE = Parcel("A-1", Origin.LAND, AreaBasis.LEDGER)
FULL = Parcel(
    parcel_no="南塘-𠮷 7",
    origin=Origin.FILLED_SEA,
    area_basis=AreaBasis.DRAWN,
    geometry_wkb=shapely.box(121.1, 27.8, 121.1 + 1 / 3000, 27.81).wkb,
    ledger_area_mu=0.1 + 0.2,
    contract_area_mu=100 / 3,
    title_area_mu=1360.0,
    land_use_code="0601",
    occupant="=HYPERLINK() <script>",
    handed_over_on=date(2013, 1, 31),
    agreed_start_on=date(2014, 2, 28),
    agreed_complete_on=date(2016, 2, 29),
    agreed_produce_on=date(2028, 12, 31),
    area_started_m2=906_666.666_666_666_7,
    total_investment_wan=2_660_937.0,
    invested_wan=0.0,
    supply_mode="先租后让",
    contract_no="C'1",
    supervision_no="3303052016B00012",
    responsible_unit="洞头区",
    note="第一行\n第二行",
)
REGISTER = Event(0, "A-1", EventKind.REGISTER, date(2016, 1, 1), NOON, "张三", area_m2=2000 / 3)
APPROVE = replace(REGISTER, kind=EventKind.APPROVE, area_m2=None)
SUPPLY = replace(APPROVE, kind=EventKind.SUPPLY)


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def raw(path: Path, *statements: str) -> None:
    """Run SQL as an outsider would, past the program."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def contents(path: Path) -> list[str]:
    """Everything that a ledger holds, its books and indices too."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(home: str) -> Ledger:
    return create(home, LedgerIdentity("abc"))


# Creation


def test_create_makes_parent_folders_and_an_empty_ledger(tmp_path: Path) -> None:
    url = url_of(tmp_path / "年" / "月" / "台账 #1.sqlite")
    created = create(url)
    assert created.events() == []
    assert created.parcels() == []
    assert open_ledger(url).identity() == created.identity()


def test_an_identity_is_kept(tmp_path: Path) -> None:
    identity = LedgerIdentity("示例-1", sample=True, data_until=date(2026, 6, 30))
    create(url_of(tmp_path / "a.sqlite"), identity)
    assert open_ledger(url_of(tmp_path / "a.sqlite")).identity() == identity


def test_two_new_ledgers_have_ids_of_their_own_and_are_no_samples(tmp_path: Path) -> None:
    first, second = (create(url_of(tmp_path / name)).identity() for name in "ab")
    assert first.ledger_id != second.ledger_id
    assert (first.sample, first.data_until) == (False, None)


def test_a_sqlite_address_gives_its_file_and_another_database_none(path: Path) -> None:
    assert sqlite_path(url_of(path)) == path
    assert sqlite_path("postgresql://host/ledger") is None


# What is kept


def test_parcels_come_back_with_every_field_by_number(ledger: Ledger) -> None:
    assert all(getattr(FULL, field.name) is not None for field in fields(Parcel))
    assert ledger.append([FULL, BARE], []) == 0
    assert open_ledger(ledger.url).parcels() == [BARE, FULL]


def test_events_come_back_with_every_field_in_order_of_recording(ledger: Ledger) -> None:
    first = replace(REGISTER, event_id=5, park_id="park_nantang", source_doc="批文〔2016〕1号")
    second = replace(
        first,
        event_id=9,
        area_m2=1 / 3,
        supersedes=5,
        reason="面积写错",
        related_no="A-0",
        opening=Opening(Account.BUILDING, 0.1, 0.2, halted=True),
        import_id="i-1",
    )
    assert all(getattr(second, field.name) is not None for field in fields(Event))
    with ledger.writing() as writer:
        writer.register_import(ImportStamp("i-1", "台账.xlsx", "ab" * 32, NOON, "张三"))
        assert writer.add([BARE], [first, second]) == [5, 9]
    assert open_ledger(ledger.url).events() == [first, second]


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_comes_back_with_its_nulls(ledger: Ledger, kind: EventKind) -> None:
    register = Event(1, "A-1", EventKind.REGISTER, date(2016, 1, 1), NOON, "张三", area_m2=5.0)
    if kind is EventKind.REGISTER:
        event = replace(register, event_id=2, parcel_no=FULL.parcel_no)
    elif kind is EventKind.REDRAW:
        event = replace(register, event_id=2, kind=kind)
    else:
        event = replace(register, event_id=2, kind=kind, area_m2=None)
    ledger.append([BARE, FULL], [register, event])
    assert ledger.events() == [register, event]


def test_moments_come_back_in_utc_to_the_microsecond(ledger: Ledger) -> None:
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))
    whole = NOON.replace(microsecond=0)
    lines = [replace(REGISTER, recorded_at=shanghai), replace(APPROVE, recorded_at=whole)]
    ledger.append([BARE], lines)
    assert [event.recorded_at for event in ledger.events()] == [NOON, whole]
    assert {event.recorded_at.utcoffset() for event in ledger.events()} == {timedelta(0)}


def test_ids_are_given_in_order_where_the_event_has_none(ledger: Ledger) -> None:
    ledger.append([BARE], [REGISTER, APPROVE])
    ledger.append([], [SUPPLY])
    assert [event.event_id for event in ledger.events()] == [1, 2, 3]


@pytest.mark.parametrize(("given", "kept"), [((50, 0), [50, 51]), ((0, 50), [1, 50])])
def test_given_ids_are_kept_beside_ids_that_the_ledger_gives(
    ledger: Ledger, given: tuple[int, int], kept: list[int]
) -> None:
    first, second = given
    lines = [replace(REGISTER, event_id=first), replace(APPROVE, event_id=second)]
    ledger.append([BARE], lines)
    assert [event.event_id for event in ledger.events()] == kept


@pytest.mark.parametrize(
    "bad",
    [
        replace(REGISTER, parcel_no="unknown"),
        replace(REGISTER, supersedes=77),
        replace(REGISTER, event_id=1),
    ],
    ids=["unknown parcel", "unknown event", "id taken"],
)
def test_of_an_append_that_is_refused_nothing_is_kept(
    ledger: Ledger, path: Path, bad: Event
) -> None:
    ledger.append([BARE], [REGISTER])
    before = contents(path)
    good = replace(REGISTER, parcel_no=FULL.parcel_no)
    with pytest.raises(LedgerError, match="内容未改变") as refused:
        ledger.append([FULL], [replace(good, event_id=6) if bad.event_id else good, bad])
    assert str(path) in str(refused.value)
    assert contents(path) == before


@pytest.mark.parametrize(
    "bad",
    [REGISTER, replace(SUPPLY, effective_on=date(2015, 12, 31)), replace(REGISTER, area_m2=None)],
    ids=["second registration", "before it exists", "no area"],
)
def test_of_an_append_that_does_not_fit_its_parcel_nothing_is_kept(
    ledger: Ledger, path: Path, bad: Event
) -> None:
    ledger.append([BARE], [REGISTER, SUPPLY])
    before = contents(path)
    with pytest.raises(EventError, match="A-1"):
        ledger.append([FULL], [replace(REGISTER, parcel_no=FULL.parcel_no), bad])
    assert contents(path) == before


def test_a_parcel_number_is_taken_once(ledger: Ledger) -> None:
    ledger.append([BARE], [])
    with pytest.raises(LedgerError, match="内容未改变"):
        ledger.append([replace(BARE, note="again")], [])
    assert ledger.parcels() == [BARE]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET area_m2 = 1",
        "UPDATE events SET reason = 'x' WHERE event_id = 1",
        "DELETE FROM events",
        "REPLACE INTO events (event_id, parcel_no, kind, effective_on, recorded_at, recorded_by)"
        " VALUES (1, 'A-1', 'end', '2016-01-01', '2016-01-01', 'x')",
    ],
)
def test_the_database_itself_refuses_to_change_an_event(
    ledger: Ledger, path: Path, statement: str
) -> None:
    ledger.append([BARE], [REGISTER])
    before = ledger.events()
    with pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
        raw(path, statement)
    assert ledger.events() == before


def test_a_ledger_is_written_ahead_so_that_readers_and_a_writer_do_not_block_each_other(
    ledger: Ledger, path: Path
) -> None:
    assert ledger.events() == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# The stamp


def test_the_version_changes_with_every_event_and_names_the_ledger(ledger: Ledger) -> None:
    versions = [ledger.stamp().ledger_version]
    for parcel, event in (([BARE], REGISTER), ([], APPROVE)):
        ledger.append(parcel, [event])
        versions.append(ledger.stamp().ledger_version)
    assert versions == ["abc-0", "abc-1", "abc-2"]


def test_data_until_is_the_last_records_day_in_shanghai(ledger: Ledger) -> None:
    assert ledger.stamp().data_until is None
    evening = datetime(2026, 6, 30, 15, 59, tzinfo=UTC)
    later = evening + timedelta(minutes=1)
    ledger.append([BARE], [])
    for event, at, day in ((REGISTER, evening, 30), (APPROVE, later, 1)):
        ledger.append([], [replace(event, recorded_at=at)])
        until = ledger.stamp().data_until
        assert until is not None
        assert until.day == day


def test_a_ledger_that_names_its_data_until_keeps_it(path: Path) -> None:
    until = date(2025, 1, 31)
    ledger = create(url_of(path), LedgerIdentity("s", sample=True, data_until=until))
    ledger.append([BARE], [REGISTER])
    assert (ledger.stamp().sample, ledger.stamp().data_until) == (True, until)


def test_a_second_reader_sees_what_was_appended_and_a_ledger_replaced(path: Path) -> None:
    writer, reader = create(url_of(path), LedgerIdentity("old")), open_ledger(url_of(path))
    writer.append([BARE], [REGISTER])
    assert len(reader.events()) == 1
    path.unlink()
    create(url_of(path), LedgerIdentity("new"))
    assert reader.identity().ledger_id == "new"


def test_now_is_an_aware_moment_in_utc() -> None:
    assert utc_now().tzinfo is UTC
