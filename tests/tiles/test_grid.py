"""Cells: what a client reads out of them on any day, and that no land is lost between them."""

import numpy as np
import pytest
import shapely

from dongtou_geo.domain.status import STATUSES
from dongtou_geo.tiles.address import EXTENT, TileAddress
from dongtou_geo.tiles.columns import ENDED
from dongtou_geo.tiles.encoder import MAX_TILE_BYTES
from dongtou_geo.tiles.grid import CELL, encode_grid
from dongtou_geo.tiles.index import TileIndex
from tests.tiles.decoding import DECODERS, by_gdal
from tests.tiles.land import (
    LAT,
    LON,
    account_m2,
    box,
    day,
    drawn,
    in_tile_units,
    index_of,
    quilt,
    tile_at,
    tiles_over,
)

QUILT = quilt(40, 30.0)
QUILT_INDEX = TileIndex.build(QUILT, "v1")
SUPPLIED, BUILDING, PRODUCING = 3, 4, 6
# Several steps at once, a day with two changes, a step back, and an end.
LIVELY = [(6000, 3), (6400, 4), (6400, 6), (7000, 2), (7500, ENDED)]


def on_day(steps: list[int], on: int) -> np.ndarray:
    """What the docstring of the grid tells a client to do."""
    area = np.zeros(9)
    for step in steps:
        if step % 65536 - 32768 > on:
            break
        rest = step // 65536
        m2 = rest // 81
        area[rest // 9 % 9] -= m2
        area[rest % 9] += m2
    return area[: len(STATUSES)]


def cells(index, address, most_bytes=MAX_TILE_BYTES, decode=by_gdal):
    tile = encode_grid(index, TileAddress(*address), most_bytes)
    return decode(tile)["grid"] if tile else []


def points(tile):
    """How many cells wide a point of a tile stands for, and the points."""
    ((name, found),) = by_gdal(tile).items()
    return int(name.removeprefix("grid") or 1), found


def block(cell_id: int, size: int) -> int:
    return cell_id // 64 // size * size * 64 + cell_id % 64 // size * size


@pytest.mark.parametrize("decode", DECODERS, ids=lambda decoder: decoder.__name__)
def test_a_cell_tells_place_and_land_on_any_day(decode) -> None:
    outline = box(0, 0, 10, 10)
    parcels = drawn([outline], [LIVELY])
    z, x, y = tile_at(12)
    (cell,) = cells(TileIndex.build(parcels, "v1"), (z, x, y), decode=decode)
    middle = in_tile_units(outline, z, x, y).centroid
    column, row = int(middle.x // CELL), int(middle.y // CELL)
    assert cell.id == row * 64 + column
    assert (cell.geometry.x, cell.geometry.y) == (column * CELL + 32, row * CELL + 32)
    m2 = round(parcels.area_m2[0])
    for on, code in ((5999, None), (6000, 3), (6399, 3), (6400, 6), (7000, 2), (7499, 2)):
        wanted = np.zeros(8)
        if code is not None:
            wanted[code] = m2
        assert on_day(cell.numbers, on) == pytest.approx(wanted, abs=1)
    assert not on_day(cell.numbers, 7500).any()
    # 3 to 6 in a day is one posting, not three.
    assert len(cell.numbers) == 4


def test_days_before_2000_are_days_too() -> None:
    start = day("1987-05-20")
    (cell,) = cells(index_of([box(0, 0, 30, 30)], [[(start, BUILDING)]]), tile_at(12))
    assert not on_day(cell.numbers, start - 1).any()
    assert on_day(cell.numbers, start)[BUILDING] > 800


@pytest.mark.parametrize("z", [6, 9, 11, 12, 13, 14])
def test_the_cells_of_a_zoom_level_add_up_to_the_account(z) -> None:
    held = [
        cell.numbers for address in tiles_over(z, QUILT) for cell in cells(QUILT_INDEX, address)
    ]
    for on in map(day, ("2012-07-09", "2019-12-31", "2030-01-01")):
        total = sum(on_day(numbers, on) for numbers in held)
        assert total == pytest.approx(account_m2(QUILT, on), rel=0.005)


@pytest.mark.parametrize(("z", "most_bytes"), [(12, 30_000), (11, 30_000), (9, 40_000)])
def test_within_a_limit_every_cell_is_right_to_a_lot_at_month_ends(z, most_bytes) -> None:
    exact: dict = {}
    coarse: dict = {}
    for address in tiles_over(z, QUILT):
        tile = encode_grid(QUILT_INDEX, TileAddress(*address), most_bytes)
        assert len(tile) <= most_bytes
        size, found = points(tile) if tile else (1, [])
        coarse.update({(address, cell.id): cell.numbers for cell in found})
        for cell in cells(QUILT_INDEX, address):
            exact.setdefault((address, block(cell.id, size)), []).append(cell.numbers)
        for cell in found:
            column, row = cell.id % 64, cell.id // 64
            middle = (column * CELL + size * 32, row * CELL + size * 32)
            assert (cell.geometry.x, cell.geometry.y) == middle
    lots = [np.gcd.reduce([n // 65536 // 81 for n in numbers]) for numbers in coarse.values()]
    assert 1 < max(lots) < QUILT.area_m2.sum() / len(exact) / 4
    for on in map(day, ("2012-07-31", "2019-12-31", "2030-01-31")):
        total = np.zeros(len(STATUSES))
        for place, some in exact.items():
            held = on_day(coarse.get(place, []), on)
            assert (held >= 0).all()
            wanted = sum(on_day(numbers, on) for numbers in some)
            assert np.abs(held - wanted).max() <= max(lots) + 8 * len(some)
            total += held
        wanted = account_m2(QUILT, on)
        assert np.abs(total - wanted).max() <= 0.015 * QUILT.area_m2.sum()
        assert total.sum() == pytest.approx(wanted.sum(), rel=0.015)


def test_where_colours_would_be_left_to_rounding_a_point_stands_for_more_cells() -> None:
    # 10,000 parcels with four changes each: a cell of 4 px would have a lot or two of each status.
    crowd = quilt(100, 60.0)
    index = TileIndex.build(crowd, "v1")
    address = max(tiles_over(12, crowd), key=lambda own: len(cells(index, own, 10**9)))
    size, found = points(encode_grid(index, TileAddress(*address), 100_000))
    assert size == 2
    truth: dict = {}
    for cell in cells(index, address, 10**9):
        key = block(cell.id, size)
        truth[key] = truth.get(key, 0) + on_day(cell.numbers, day("2019-12-31"))
    told = {cell.id: on_day(cell.numbers, day("2019-12-31")) for cell in found}
    lot_m2 = np.gcd.reduce([n // 65536 // 81 for cell in found for n in cell.numbers])
    most_m2 = max(map(sum, truth.values()))
    for key, land in truth.items():
        if land.sum() < 0.5 * most_m2:
            continue  # at the edge of the land
        assert land.sum() >= 6 * lot_m2
        # What is shown as the largest may be a near second, but never a small share.
        assert land[told[key].argmax()] >= land.max() - 2 * lot_m2, (land, told[key])


def test_a_tight_limit_is_kept_even_where_the_first_guess_is_wrong() -> None:
    (address,) = tiles_over(9, QUILT)
    for most_bytes in (300, 1_000, 4_000, 16_000):
        assert len(encode_grid(QUILT_INDEX, TileAddress(*address), most_bytes)) <= most_bytes


def test_a_large_parcel_is_spread_by_its_share() -> None:
    # Two tiles and a half wide, with a yard that no cell may claim.
    outline = box(-900, -600, 1800, 900).difference(box(-200, -200, 200, 200))
    parcels = drawn([outline], [[(6000, BUILDING)]])
    index = TileIndex.build(parcels, "v1")
    total = 0.0
    for address in tiles_over(15, parcels):
        here = in_tile_units(outline, *address)
        share = here.intersection(shapely.box(0, 0, EXTENT, EXTENT)).area / here.area
        found = cells(index, address)
        held = [on_day(cell.numbers, 6000)[BUILDING] for cell in found]
        assert sum(held) == pytest.approx(share * parcels.area_m2[0], rel=0.002, abs=3)
        assert len(found) == 1 or all(cell.geometry.within(here) for cell in found)
        assert not held or max(held) - min(held) <= 1
        total += sum(held)
    assert total == pytest.approx(parcels.area_m2[0], rel=0.001)


def test_a_parcel_too_thin_for_any_centre_is_somewhere_all_the_same() -> None:
    strip = box(0, 0, 900, 0.5)
    parcels = drawn([strip], [[(6000, SUPPLIED)]])
    index = TileIndex.build(parcels, "v1")
    held = [
        (cell, address) for address in tiles_over(15, parcels) for cell in cells(index, address)
    ]
    assert held
    for cell, address in held:
        square = cell.geometry.buffer(CELL / 2, cap_style="square")
        assert square.intersects(in_tile_units(strip, *address))
    sums = [on_day(cell.numbers, 6000)[SUPPLIED] for cell, _ in held]
    assert sum(sums) == pytest.approx(parcels.area_m2[0], rel=0.01)


def test_land_counts_in_one_tile_where_it_lies_on_the_edge() -> None:
    z, x, y = tile_at(14)
    edge = -180 + (x + 1) / 2**z * 360
    small = shapely.box(edge - 1e-4, LAT, edge + 1e-4, LAT + 1e-4)
    index = index_of([small], [[(6000, PRODUCING)]])
    both = [cells(index, (z, x, y)), cells(index, (z, x + 1, y))]
    assert sorted(map(len, both)) == [0, 1]


def test_a_tile_beside_the_land_is_empty() -> None:
    z, x, y = tile_at(14)
    index = index_of([box(0, 0, 30, 30)])
    assert encode_grid(index, TileAddress(z, x + 1, y), MAX_TILE_BYTES) == b""
    assert encode_grid(index, TileAddress(0, 0, 0), MAX_TILE_BYTES) != b""


def test_the_busiest_status_of_a_cell_is_the_one_of_most_land() -> None:
    parcels = drawn(
        [box(0, 0, 20, 20), box(30, 0, 40, 10)], [[(6000, SUPPLIED)], [(6000, PRODUCING)]]
    )
    (cell,) = cells(TileIndex.build(parcels, "v1"), tile_at(8, LON, LAT))
    assert on_day(cell.numbers, 6000).argmax() == SUPPLIED
