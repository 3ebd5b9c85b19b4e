"""Finished tiles: each made once, as many kept as fit, and after an event only the touched anew."""

import gzip
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from dongtou_geo.tiles.address import TileAddressError
from dongtou_geo.tiles.cache import ENTRY_BYTES, TileCache, TileKey
from dongtou_geo.tiles.encoder import encode
from tests.tiles.land import BUILT, LAT, LON, box, drawn, index_of, tile_at

PATIENCE_SECONDS = 20


def key(x: int, version: str = "v1") -> TileKey:
    return TileKey(version, 14, x, 0)


def test_a_tile_is_the_encoder_s_under_gzip() -> None:
    index = index_of([box(0, 0, 90, 90)])
    cache = TileCache(1_000_000)
    address = tile_at(16)
    tile = cache.tile(index, *address)
    assert gzip.decompress(tile.gzipped) == encode(index, *address)
    assert tile.version == "v1"
    # No time of day in it: the same tile is the same bytes.
    assert TileCache(1_000_000).tile(index, *address) == tile
    assert cache.tile(index, *tile_at(16, 119.0, 26.0)).gzipped == b""
    with pytest.raises(TileAddressError):
        cache.tile(index, 3, 8, 0)


def test_whoever_asks_meanwhile_waits_and_gets_the_same() -> None:
    cache = TileCache(1_000_000)
    started, go = threading.Event(), threading.Event()
    made = []

    def make() -> bytes:
        started.set()
        assert go.wait(PATIENCE_SECONDS)
        made.append(1)
        return b"tile"

    with ThreadPoolExecutor(16) as pool:
        first = pool.submit(cache.get, key(1), make)
        assert started.wait(PATIENCE_SECONDS)
        others = [pool.submit(cache.get, key(1), make) for _ in range(15)]
        # Another tile does not wait for this one.
        assert cache.get(key(2), lambda: b"other") == b"other"
        go.set()
        assert {each.result(PATIENCE_SECONDS) for each in [first, *others]} == {b"tile"}
    assert len(made) == 1


def test_an_error_reaches_all_who_wait_and_the_next_one_tries_anew() -> None:
    cache = TileCache(1_000_000)
    started, go = threading.Event(), threading.Event()

    def fail() -> bytes:
        started.set()
        assert go.wait(PATIENCE_SECONDS)
        message = "no memory"
        raise MemoryError(message)

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(cache.get, key(1), fail)
        assert started.wait(PATIENCE_SECONDS)
        others = [pool.submit(cache.get, key(1), fail) for _ in range(3)]
        time.sleep(0.05)  # let them queue up; one that came later would raise just the same
        go.set()
        for each in (first, *others):
            assert isinstance(each.exception(PATIENCE_SECONDS), MemoryError)
    assert len(cache) == 0
    assert cache.get(key(1), lambda: b"tile") == b"tile"


def test_no_more_tiles_are_encoded_at_once_than_allowed() -> None:
    cache = TileCache(1_000_000, at_once=2)
    lock = threading.Lock()
    now, most = 0, 0

    def make() -> bytes:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.005)
        with lock:
            now -= 1
        return b"x"

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda x: cache.get(key(x), make), range(40)))
    assert most == 2
    assert len(cache) == 40


def test_the_least_recently_asked_for_goes_first() -> None:
    room_for_three = 3 * (100 + ENTRY_BYTES)
    cache = TileCache(room_for_three)
    made = []

    for x in (1, 2, 3, 1, 4, 1, 3, 2):

        def make(x: int = x) -> bytes:
            made.append(x)
            return bytes(100)

        cache.get(key(x), make)
    assert made == [1, 2, 3, 4, 2]
    assert cache.size_bytes == room_for_three
    assert len(cache) == 3


def test_a_tile_larger_than_all_memory_is_passed_on_and_not_kept() -> None:
    cache = TileCache(1_000)
    cache.get(key(1), lambda: bytes(100))
    assert cache.get(key(2), lambda: bytes(5_000)) == bytes(5_000)
    assert (len(cache), cache.size_bytes) == (1, 100 + ENTRY_BYTES)


def test_many_threads_leave_the_books_right() -> None:
    cache = TileCache(20 * (50 + ENTRY_BYTES))

    def work(seed: int) -> None:
        for step in range(300):
            x = (seed * 7 + step * step) % 60
            tile = bytes([x]) * 50
            assert cache.get(key(x), partial(bytes, tile)) == tile

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert cache.size_bytes == len(cache) * (50 + ENTRY_BYTES) <= 20 * (50 + ENTRY_BYTES)


def test_after_an_event_only_the_tiles_it_touches_are_made_anew() -> None:
    before = index_of([box(0, 0, 50, 50), box(3000, 0, 3050, 50)])
    cache = TileCache(1_000_000)
    near, far = tile_at(16), tile_at(16, LON + 3010 / 98_300, LAT)
    old = {address: cache.tile(before, *address) for address in (near, far)}
    after = before.updated(drawn([box(0, 0, 50, 50)], [[*BUILT, (8000, 5)]], [1]), "v2")
    new = {address: cache.tile(after, *address) for address in (near, far)}
    assert new[far] == old[far]
    assert new[near].version == "v2"
    assert new[near].gzipped != old[near].gzipped
    assert len(cache) == 3
    # Who still holds the old index gets the old tile.
    assert cache.tile(before, *near) == old[near]
    cache.forget_all_but(after)
    assert len(cache) == 2
    assert cache.size_bytes == sum(len(tile.gzipped) + ENTRY_BYTES for tile in new.values())


def test_another_ledger_shares_nothing() -> None:
    cache = TileCache(1_000_000)
    address = tile_at(16)
    one = cache.tile(index_of([box(0, 0, 50, 50)], version="ledger-a:7"), *address)
    two = cache.tile(index_of([box(0, 0, 90, 90)], version="ledger-b:7"), *address)
    assert one.gzipped != two.gzipped
