"""Many parcels at once: the very rows that one by one would have written."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from sqlalchemy import text

from dongtou_geo.domain.event import EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.errors import DongtouGeoError, LedgerError
from dongtou_geo.store import bulk, upkeep
from dongtou_geo.store.bulk import KIND_CODES
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create, open_ledger
from dongtou_geo.store.stamps import ImportStamp
from tests.postgis.server import PostgisServer
from tests.store.lives import FIRST, NOON, OUTLINE, Life, as_columns, as_objects, lives
from tests.store.small_office import contents, fill

Fresh = Callable[[], Ledger]
MEMORY = Path("/dev/shm")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    """A maker of empty ledgers: copies of one, in memory where that can be had."""
    place = MEMORY if MEMORY.is_dir() else tmp_path_factory.mktemp("bulk")
    with TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        create(f"sqlite:///{folder / 'empty'}", LedgerIdentity("abc"))

        def made() -> Ledger:
            path = folder / uuid4().hex
            copyfile(folder / "empty", path)
            return open_ledger(f"sqlite:///{path}")

        yield made


@pytest.fixture(autouse=True)
def small_portions() -> Iterator[None]:
    """Portions that a few parcels fill, and a file that is prepared for a few lines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "PARCELS_AT_A_TIME", 3)
        patch.setattr(bulk, "_MANY", 4)
        yield


@pytest.fixture
def ledger(home: str) -> Ledger:
    return create(home, LedgerIdentity("abc"))


def at_once(ledger: Ledger, found: list[Life], **given_columns: object) -> int:
    with ledger.writing() as writer:
        return writer.add_lives(as_columns(found, **given_columns))


def one_by_one(ledger: Ledger, found: list[Life]) -> int:
    return ledger.append(*as_objects(found))


def same(one: Ledger, other: Ledger, found: list[Life]) -> None:
    assert at_once(one, found) == one_by_one(other, found)
    assert contents(one) == contents(other)


# Random lives


@settings(deadline=None, max_examples=100)
@given(lives(odd=False))
def test_plain_lives_are_written_as_one_by_one(fresh: Fresh, found: list[Life]) -> None:
    same(fresh(), fresh(), found)


def outcome(write: Callable[[Ledger, list[Life]], int], ledger: Ledger, found: list[Life]) -> str:
    """What a ledger says, or why it refuses."""
    try:
        write(ledger, found)
    except DongtouGeoError as error:
        return f"{type(error).__name__}: {error}".replace(ledger.url.partition("///")[2], "")
    return str(contents(ledger))


@settings(deadline=None, max_examples=120)
@given(lives(odd=True))
def test_lives_with_turns_are_written_or_refused_as_one_by_one(
    fresh: Fresh, found: list[Life]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "PARCELS_AT_A_TIME", 100)  # of several bad ones the same is named
        assert outcome(at_once, fresh(), found) == outcome(one_by_one, fresh(), found)


@settings(deadline=None, max_examples=40)
@given(lives(odd=False), lives(odd=False, most=4))
def test_lives_come_on_top_of_others(fresh: Fresh, first: list[Life], then: list[Life]) -> None:
    known = {life.parcel.parcel_no for life in first}
    then = [life for life in then if life.parcel.parcel_no not in known]
    one, other = fresh(), fresh()
    same(one, other, first)
    same(one, other, then)
    assert upkeep.verify(one) == []
    kept = contents(one)
    with one.writing() as writer:
        writer.rebuild()
    assert contents(one) == kept


@pytest.mark.postgis
@settings(deadline=None, max_examples=6)
@given(found=lives(odd=True, most=8))
def test_lives_are_written_alike_in_postgis(
    postgis_server: PostgisServer, found: list[Life]
) -> None:
    urls = [postgis_server.new_database() for _ in range(2)]
    ledgers = [create(url, LedgerIdentity("abc")) for url in urls]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "PARCELS_AT_A_TIME", 100)
        writers = zip((at_once, one_by_one), ledgers, strict=True)
        told = [outcome(write, ledger, found) for write, ledger in writers]
    assert told[0].replace(urls[0], "") == told[1].replace(urls[1], "")
    for url in urls:
        postgis_server.drop(url)


# Single rules

BARE = Parcel("A", Origin.LAND, AreaBasis.LEDGER)
PLAIN = Life(
    BARE, 1000.25, "park_a", FIRST, ((EventKind.SUPPLY, date(2018, 1, 1), None, None, True),)
)
OTHER = replace(PLAIN, parcel=replace(BARE, parcel_no="B"), park_id=None)


def refused(ledger: Ledger, found: list[Life], **given_columns: object) -> str:
    """Why lives are refused; the ledger is then as before."""
    before = contents(ledger)
    with pytest.raises(DongtouGeoError) as error:
        at_once(ledger, found, **given_columns)
    assert contents(ledger) == before
    assert upkeep.verify(ledger) == []
    return f"{type(error.value).__name__}: {error.value}"


def test_nothing_is_written_for_nobody(ledger: Ledger) -> None:
    before = contents(ledger)
    assert at_once(ledger, []) == 0
    assert contents(ledger) == before


def test_lines_are_numbered_parcel_by_parcel_after_those_that_are_there(ledger: Ledger) -> None:
    fill(ledger)
    last = ledger.events()[-1].event_id
    second = replace(OTHER, events=((EventKind.APPROVE, FIRST, None, "批文", False), *OTHER.events))
    assert at_once(ledger, [PLAIN, second]) == 5
    own = [
        (e.event_id - last, e.parcel_no, e.kind.value, e.source_doc) for e in ledger.events()[-5:]
    ]
    assert own == [
        (1, "A", "register", None),
        (2, "A", "supply", None),
        (3, "B", "register", None),
        (4, "B", "approve", "批文"),
        (5, "B", "supply", None),
    ]
    assert upkeep.verify(ledger) == []


def test_an_import_signs_every_line_and_papers_come_along(ledger: Ledger) -> None:
    with ledger.writing() as writer:
        writer.register_import(ImportStamp("i-1", "甲.xlsx", "0" * 64, NOON, "张三"))
        columns = as_columns([PLAIN, OTHER], import_id="i-1", registration_docs=["甲", None])
        writer.add_lives(replace(columns, event_docs=None, recorded_by="O'张"))
    assert {(e.import_id, e.recorded_at, e.recorded_by) for e in ledger.events()} == {
        ("i-1", NOON, "O'张")
    }
    assert [e.source_doc for e in ledger.events()] == ["甲", None, None, None]


def test_every_field_of_the_register_comes_back(ledger: Ledger) -> None:
    full = Parcel(
        "A", Origin.FILLED_SEA, AreaBasis.DRAWN, OUTLINE, 0.1 + 0.2, 1 / 3, 7.0, "0601", "'x'",
        date(2013, 1, 31), date(2014, 2, 28), date(2016, 2, 29), date(2028, 12, 31), 1e6 / 3, 0.0,
        1.5, "出让", "C'1", "330", "洞头区", "第一行\n𠮷",
    )  # fmt: skip
    names = [field.name for field in fields(Parcel)][1:]
    assert all(getattr(full, name) is not None for name in names)
    bare = Parcel("B", Origin.LAND, AreaBasis.LEDGER)
    register = {name: [getattr(full, name), getattr(bare, name)] for name in names}
    at_once(ledger, [PLAIN, OTHER], register=register)
    assert ledger.parcels() == [full, bare]
    assert upkeep.verify(ledger) == []


def test_one_value_may_stand_for_all_parcels(ledger: Ledger) -> None:
    register = {
        "origin": Origin.FILLED_SEA,
        "area_basis": "ledger",
        "note": "都一样\0'",
        "agreed_start_on": date(2014, 2, 28),
        "invested_wan": 1.5,
        "title_area_mu": None,
    }
    if ledger.url.startswith("postgresql"):
        register["note"] = "都一样'"  # which keeps no NUL
    at_once(ledger, [PLAIN, OTHER], register=register)
    assert ledger.parcels() == [
        Parcel(
            number,
            Origin.FILLED_SEA,
            AreaBasis.LEDGER,
            note=str(register["note"]),
            agreed_start_on=date(2014, 2, 28),
            invested_wan=1.5,
        )
        for number in "AB"
    ]
    assert upkeep.verify(ledger) == []


def test_numbers_come_in_any_order(ledger: Ledger) -> None:
    found = [
        replace(PLAIN, parcel=replace(BARE, parcel_no=no)) for no in ("b", "南塘", "a", "B", "1")
    ]
    at_once(ledger, found)
    assert [parcel.parcel_no for parcel in ledger.parcels()] == ["1", "B", "a", "b", "南塘"]
    assert upkeep.verify(ledger) == []


def test_a_number_that_is_taken_is_refused(ledger: Ledger) -> None:
    at_once(ledger, [PLAIN])
    assert "内容未改变" in refused(ledger, [OTHER, PLAIN])


def test_events_that_do_not_fit_refuse_all_and_leave_the_guard(ledger: Ledger) -> None:
    bad = replace(OTHER, events=((EventKind.PRODUCE, FIRST, 5_000.0, None, False),))
    said = refused(ledger, [PLAIN, bad])
    assert said.startswith("EventError: 地块 B 的投产面积 5000.00 m² 大于地块面积 1000.25 m²")


@pytest.mark.parametrize(
    ("column", "days"),
    [
        ("registered_on", ["2016-01-01", "NaT"]),
        ("event_on", ["2018-01-01", "NaT"]),
        ("event_on", ["2018-01-01", "-0001-01-01"]),
        ("event_on", ["2018-01-01", "10000-01-01"]),
    ],
)
def test_a_line_without_a_day_is_named(ledger: Ledger, column: str, days: list[str]) -> None:
    said = refused(ledger, [PLAIN, OTHER], **{column: np.array(days, dtype="M8[D]")})
    assert said.startswith("EventError: 地块 B 有记录没有日期")


def test_half_a_character_is_named(ledger: Ledger) -> None:
    assert "代理码 U+D842" in refused(ledger, [PLAIN], event_docs=["某\ud842"])
    assert "代理码 U+D842" in refused(ledger, [PLAIN], recorded_by="某\ud842")


@pytest.mark.parametrize("write", [at_once, one_by_one])
def test_more_land_than_a_ledger_can_hold_is_refused(
    ledger: Ledger, write: Callable[[Ledger, list[Life]], int]
) -> None:
    """The sum of each park runs over a 64-bit column."""

    def many(count: int, name: str) -> list[Life]:
        parcels = [replace(BARE, parcel_no=f"{name}-{n}") for n in range(count)]
        return [replace(PLAIN, parcel=parcel, area_m2=3e9) for parcel in parcels]

    write(ledger, many(30, "A"))
    before = contents(ledger)
    with pytest.raises(LedgerError, match="超出台账可记的范围"):
        write(ledger, many(1, "B"))
    assert contents(ledger) == before
    assert upkeep.verify(ledger) == []


def test_an_event_cannot_be_changed_after_an_import(home: str) -> None:
    ledger = create(home)
    at_once(ledger, [PLAIN, OTHER])
    for statement in ("UPDATE events SET area_m2 = 1", "DELETE FROM events"):
        with (
            pytest.raises(LedgerError, match="only ever appended"),
            ledger.writing() as writer,
        ):
            writer.connection.execute(text(statement))
    assert len(ledger.events()) == 4


def test_every_kind_has_a_code() -> None:
    assert sorted(KIND_CODES.values()) == list(range(len(EventKind)))
    assert [bulk.KINDS[code] for code in KIND_CODES.values()] == list(KIND_CODES)
