"""What parcels lack: by the sample against a count by hand, and by ledgers made for the corners."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dongtou_geo.domain.event import Event
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.quality_rows import (
    FLAGS,
    Flag,
    GapQuery,
    gap_lots,
    gap_total,
    last_lines,
    park_gaps,
)
from tests.raw_quality import raw_lacks
from tests.services.books import PARKS, copier, line, parcel, register

DAY = date(2026, 6, 30)
MADE = datetime(2025, 1, 1, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("quality") / "sample.sqlite"
    make_sample(found)
    return found


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Ledger]:
    return copier(tmp_path_factory.mktemp("empty"))


def lacking(ledger: Ledger, flag: Flag | None, as_of: date = DAY) -> dict[str, tuple[str, ...]]:
    with ledger.reading() as snapshot:
        lots = gap_lots(snapshot.connection, GapQuery(as_of, flag))
        total = gap_total(snapshot.connection, GapQuery(as_of, flag))
    assert total.parcels == len(lots)
    assert total.area_m2 == pytest.approx(sum(lot.area_m2 for lot in lots))
    return {lot.parcel_no: lot.missing_stages for lot in lots}


@pytest.mark.parametrize("day", ["2026-06-30", "2019-12-31", "2013-03-31"])
def test_the_sample_lacks_what_a_count_by_hand_finds(path: Path, day: str) -> None:
    ledger, as_of = Ledger(file_url(path)), date.fromisoformat(day)
    raw = raw_lacks(path, day)
    with ledger.reading() as snapshot:
        gaps = {own.park_id: own for own in park_gaps(snapshot.connection, as_of)}
    parks = {own.park for own in raw["all"].values()}
    assert set(gaps) == parks
    for flag in FLAGS:
        assert set(lacking(ledger, flag, as_of)) == set(raw[flag])
        for park in parks:
            own = [each for each in raw[flag].values() if each.park == park]
            share = gaps[park].by_flag[flag]
            assert share.parcels == len(own)
            assert share.area_m2 == pytest.approx(sum(each.area for each in own), abs=1e-3)
    for park in parks:
        assert gaps[park].supplied.parcels == sum(p.park == park for p in raw["supplied"].values())


def chained(number: str, *kinds: str, doc: str | None = "文1", year: int = 2017) -> list[Event]:
    return [
        line(number, kind, date(year + place, 1, 1), source_doc=doc, recorded_at=MADE)
        for place, kind in enumerate(kinds)
    ]


def test_a_missing_step_is_one_before_a_later_one(empty: Callable[[], Ledger]) -> None:
    ledger = empty()
    entries = [parcel("all"), parcel("skips"), parcel("none"), parcel("back")]
    entries.append(parcel("sea", origin=Origin.FILLED_SEA))
    lines = [register(entry.parcel_no, 1000.0) for entry in entries]
    lines += chained("all", "approve", "acquire", "supply", "start")
    lines += chained("skips", "approve", "start")
    lines += chained("sea", "approve", "supply")
    # Taken back, and built on again without a new supply.
    lines += chained("back", "approve", "acquire", "supply", "withdraw", "start")
    ledger.append(entries, lines)
    assert lacking(ledger, "stage") == {
        "skips": ("acquire", "supply"),
        "back": ("supply",),
    }
    # Before the withdrawal nothing was missing.
    assert "back" not in lacking(ledger, "stage", date(2019, 6, 1))


def test_void_and_corrected_lines_tell_nothing(empty: Callable[[], Ledger]) -> None:
    ledger = empty()
    entries = [parcel(number) for number in ("void", "corrected", "revived")]
    ledger.append(entries, [register(entry.parcel_no, 1000.0) for entry in entries])
    for entry in entries:
        ledger.append([], chained(entry.parcel_no, "approve", "acquire", "supply", doc="文1"))
    held = {(e.parcel_no, e.kind.value): e.event_id for e in ledger.events()}

    def again(number: str, kind: str, of: int, on: date, **given: object) -> int:
        event = line(number, kind, on, supersedes=of, reason="录错", recorded_at=MADE, **given)
        ledger.append([], [event])
        return max(e.event_id for e in ledger.events())

    again("void", "void", held["void", "acquire"], date(2018, 1, 1))
    again("corrected", "acquire", held["corrected", "acquire"], date(2018, 2, 1))
    wrong = again("revived", "acquire", held["revived", "acquire"], date(2018, 2, 1))
    again("revived", "void", wrong, date(2018, 2, 1))
    assert lacking(ledger, "stage") == {"void": ("acquire",)}
    # The correction names no paper; the void correction does not count.
    assert set(lacking(ledger, "document")) == {"corrected"}


def test_land_is_stale_180_days_after_the_last_line_was_recorded(
    empty: Callable[[], Ledger],
) -> None:
    ledger = empty()
    entries = [parcel("waits"), parcel("works"), parcel("late")]
    lines = [
        line(n, "register", date(2016, 1, 1), area_m2=900.0, park_id=PARKS[0], recorded_at=MADE)
        for n in ("waits", "works")
    ]
    lines += chained("works", "approve", "acquire", "supply", "start", "complete", "produce")
    later = MADE + timedelta(days=300)
    lines.append(
        line("late", "register", date(2016, 1, 1), area_m2=9.0, park_id=None, recorded_at=later)
    )
    ledger.append(entries, lines)
    # Recorded at noon of 2025-01-01 here: 180 days later is 2025-06-30.
    assert lacking(ledger, "stale", date(2025, 6, 30)) == {}
    assert set(lacking(ledger, "stale", date(2025, 7, 1))) == {"waits"}
    with ledger.reading() as snapshot:
        gaps = {own.park_id: own for own in park_gaps(snapshot.connection, date(2025, 7, 1))}
        assert gaps[None].last_id is None  # it was all recorded after the day
        last = gaps[PARKS[0]].last_id
        assert last is not None
        assert last_lines(snapshot.connection, [last])[last].recorded_by == "张三"


def test_places_and_pages_divide_what_is_found(path: Path) -> None:
    with Ledger(file_url(path)).reading() as snapshot:
        connection = snapshot.connection
        everything = gap_lots(connection, GapQuery(DAY, "stage"))
        known = ("park_startup", "park_nantang", "park_yangwen", "park_ojk_industry")
        inside = gap_lots(connection, GapQuery(DAY, "stage", known))
        outside = gap_lots(connection, GapQuery(DAY, "stage", None, known))
        pages = [
            lot
            for start in range(0, len(everything), 30)
            for lot in gap_lots(connection, GapQuery(DAY, "stage"), limit=30, offset=start)
        ]
        supplied = gap_lots(connection, GapQuery(DAY, supplied_only=True))
    assert outside
    assert {lot.parcel_no for lot in [*inside, *outside]} == {lot.parcel_no for lot in everything}
    assert pages == everything
    assert set(raw_lacks(path, str(DAY))["supplied"]) == {lot.parcel_no for lot in supplied}
