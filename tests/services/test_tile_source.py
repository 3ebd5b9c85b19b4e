"""What tiles are made from: read once, then what changed; parcels found by number and by id."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.services.ledger_choice import Places
from dongtou_geo.services.shelf import LedgerShelf
from dongtou_geo.services.tile_source import ParcelIds, TileSource, parcel_ids
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.services.books import box, line, parcel, register


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Ledger:
    ledger = create(file_url(path))
    numbers = ["A-2", "A-1", "b-1"]
    outlines = [box(n, 0, n + 1, 1) for n in range(3)]
    parcels = [parcel(number, wkb) for number, wkb in zip(numbers, outlines, strict=True)]
    ledger.append(parcels, [register(number, 10_000.0) for number in numbers])
    return ledger


@pytest.fixture
def source(path: Path, ledger: Ledger) -> TileSource:
    return TileSource(LedgerShelf(None, Places(default=path, sample=path.with_name("s.sqlite"))))


def test_all_is_read_once_and_then_only_what_changed(source: TileSource, ledger: Ledger) -> None:
    first = source.read(None)
    assert first is not None
    assert first.whole
    assert first.rows.numbers == ["A-1", "A-2", "b-1"]
    assert source.read(first.mark) is None
    ledger.append([], [line("A-1", "approve", date(2019, 1, 1))])
    second = source.read(first.mark)
    assert second is not None
    assert not second.whole
    assert second.rows.numbers == ["A-1"]


def test_a_look_changes_no_footprint_and_an_event_does(source: TileSource, ledger: Ledger) -> None:
    before = source.footprint()
    source.read(None)
    assert source.footprint() == before
    with ledger.reading():
        assert source.footprint() == before
    ledger.append([], [line("A-1", "approve", date(2019, 1, 1))])
    assert source.footprint() != before


def test_a_ledger_that_has_gone_is_said_in_words(source: TileSource, path: Path) -> None:
    path.unlink()
    path.with_name("s.sqlite").mkdir()  # nor is there a sample that could be made
    with pytest.raises(DongtouGeoError):
        source.footprint()


def test_parcels_are_found_by_id_and_by_number(source: TileSource) -> None:
    reading = source.read(None)
    assert reading is not None
    ids = parcel_ids(reading.rows)
    for number in ids.numbers:
        found = ids.id(number)
        assert found is not None
        assert ids.number(found) == number
    assert [ids.number(wrong) for wrong in (0, 4, 10**17)] == [None, None, None]
    assert [ids.id(wrong) for wrong in ("", "A", "zzz")] == [None, None, None]


def test_new_parcels_join_the_others_in_order(source: TileSource, ledger: Ledger) -> None:
    first = source.read(None)
    assert first is not None
    ledger.append([parcel("A-10", box(5, 5, 6, 6))], [register("A-10", 10_000.0)])
    second = source.read(first.mark)
    assert second is not None
    ids = parcel_ids(first.rows).with_rows(second.rows)
    assert ids.numbers == ["A-1", "A-10", "A-2", "b-1"]
    assert [ids.number(int(found)) for found in ids.ids] == ids.numbers
    assert ids.with_rows(first.rows) is ids


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a-1", ["A-1", "A-10", "xA-1"]),
        ("A-10", ["A-10"]),
        ("10", ["A-10"]),
        (" B-1 ", ["b-1"]),
        ("南塘", ["南塘-1"]),
        ("", []),
        ("\n", []),
        ("1\nA", []),
        ("c", []),
    ],
)
def test_a_part_of_a_number_is_found_whatever_its_case(text: str, found: list[str]) -> None:
    numbers = sorted(["A-1", "A-10", "b-1", "xA-1", "南塘-1"])
    assert ParcelIds(numbers, np.arange(5, dtype=np.uint64)).find(text) == found


def test_no_more_than_a_screens_worth_is_found() -> None:
    numbers = [f"A-{n:04}" for n in range(5_000)]
    ids = ParcelIds(numbers, np.arange(5_000, dtype=np.uint64))
    assert ids.find("a") == numbers[:8]
    assert ids.find("4999") == ["A-4999"]
