"""Tiles of the app's ledger: ready in the background, and fresh after whatever happens to it."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.errors import DongtouGeoError, LedgerError
from dongtou_geo.services.ledger_choice import Places
from dongtou_geo.services.shelf import LedgerShelf
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create
from dongtou_geo.tiles.standing import Standing, TileShelf, TilesNotReadyError
from tests.services.books import LAT, LON, box, line, parcel, register
from tests.tiles.land import tile_at

PATIENCE_S = 30.0
HERE = tile_at(16, LON + 0.0005, LAT + 0.0005)
FAR = tile_at(16, LON + 0.05, LAT + 0.05)


def made(path: Path, ledger_id: str = "one", area_m2: float = 10_000.0) -> Ledger:
    ledger = create(file_url(path), LedgerIdentity(ledger_id))
    parcels = [parcel("A-1", box(0, 0, 1, 1)), parcel("A-2", box(49, 55, 50, 56))]
    ledger.append(parcels, [register("A-1", area_m2), register("A-2", 10_000.0)])
    return ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Ledger:
    return made(path)


@pytest.fixture
def tiles(path: Path, ledger: Ledger) -> TileShelf:
    return TileShelf(LedgerShelf(None, Places(default=path, sample=path.with_name("s.sqlite"))))


def ready(tiles: TileShelf) -> Standing:
    assert not tiles.look(patience_s=PATIENCE_S)
    return tiles.standing()


def test_who_asks_before_it_is_ready_is_told_so(tiles: TileShelf) -> None:
    # The first question starts the reading, and nobody waits for it.
    with pytest.raises(TilesNotReadyError, match="正在读取"):
        tiles.standing()
    assert len(ready(tiles).index) == 2


def test_an_event_changes_the_tiles_it_touches_and_no_other(
    tiles: TileShelf, ledger: Ledger
) -> None:
    before = ready(tiles)
    here, far = tiles.tile(*HERE), tiles.tile(*FAR)
    assert here.gzipped
    assert far.gzipped
    ledger.append([], [line("A-1", "approve", date(2019, 1, 1))])
    after = ready(tiles)
    assert after.version != before.version
    assert tiles.tile(*HERE).version == after.version != here.version
    assert tiles.tile(*HERE).gzipped != here.gzipped
    assert tiles.tile(*FAR) == far


def test_a_parcel_recorded_while_the_app_runs_is_drawn_and_known(
    tiles: TileShelf, ledger: Ledger
) -> None:
    ready(tiles)
    ledger.append([parcel("A-3", box(2, 0, 3, 1))], [register("A-3", 10_000.0)])
    after = ready(tiles)
    assert len(after.index) == 3
    found = after.ids.id("A-3")
    assert found is not None
    assert after.ids.number(found) == "A-3"


def test_the_same_ledger_has_the_same_versions_in_another_process(
    tiles: TileShelf, path: Path, ledger: Ledger
) -> None:
    ready(tiles)
    ledger.append([], [line("A-1", "approve", date(2019, 1, 1))])
    again = TileShelf(LedgerShelf(None, Places(default=path, sample=path)))
    assert ready(again).version == ready(tiles).version


@pytest.mark.parametrize("way", ["moved", "copied"])
def test_another_ledger_in_its_place_is_another_map(
    tiles: TileShelf, path: Path, tmp_path: Path, way: str
) -> None:
    before = ready(tiles)
    other = tmp_path / "other.sqlite"
    made(other, area_m2=9_000.0)  # the same id, and as many lines
    if way == "moved":
        other.replace(path)
    else:
        shutil.copyfile(other, path)
    after = ready(tiles)
    assert after.version != before.version
    assert after.index is not before.index
    assert tiles.tile(*HERE).version == after.version


def test_a_broken_ledger_is_said_in_words_and_a_mended_one_is_shown_again(
    tiles: TileShelf, path: Path
) -> None:
    before, good = ready(tiles), path.read_bytes()
    path.write_bytes(b"junk" * 500)
    assert not tiles.look(patience_s=PATIENCE_S)
    with pytest.raises(LedgerError, match="不是可读的地块台账"):
        tiles.tile(*HERE)
    path.write_bytes(good)
    assert ready(tiles).version == before.version
    assert tiles.tile(*HERE).gzipped


def test_a_ledger_that_has_gone_is_said_in_words(tmp_path: Path) -> None:
    tiles = TileShelf(LedgerShelf(file_url(tmp_path / "nothing.sqlite")))
    assert not tiles.look(patience_s=PATIENCE_S)
    with pytest.raises(DongtouGeoError, match="不存在"):
        tiles.standing()


def test_many_may_ask_while_the_ledger_changes(tiles: TileShelf, ledger: Ledger) -> None:
    ready(tiles)

    def asked(turn: int) -> bool:
        if turn % 40 == 0:
            ledger.append([], [line("A-1", "halt", date(2019, 1, 1 + turn // 40))])
        tiles.look()
        return bool(tiles.tile(*(HERE if turn % 2 else FAR)).gzipped)

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(asked, range(200)))
    final = ready(tiles)
    fresh = TileShelf(LedgerShelf(ledger.url))
    assert ready(fresh).version == final.version
    assert fresh.tile(*HERE).gzipped == tiles.tile(*HERE).gzipped
