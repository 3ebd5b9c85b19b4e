"""The index from one event to the next: what a tile shows, and which tiles an event touches."""

import numpy as np
import pytest
import shapely

from dongtou_geo.tiles.address import BUFFER, TileAddress, TileAddressError
from dongtou_geo.tiles.bounds import BLOCK, BlockIndex, along_curve, touching
from dongtou_geo.tiles.columns import DrawnParcels
from dongtou_geo.tiles.encoder import encode_parcels
from dongtou_geo.tiles.index import MAX_CHANGED, MAX_CHANGES, TileIndex
from tests.tiles.decoding import by_gdal
from tests.tiles.land import BUILT, LAT, LON, box, drawn, index_of, quilt, tile_at, tiles_over

NEW = [*BUILT, (8000, 5)]


def shown(index, address):
    """What a tile shows, whatever the order."""
    tile = encode_parcels(index, *address)
    features = by_gdal(tile)["parcels"] if tile else []
    return {feature.id: (feature.geometry.normalize().wkt, feature.numbers) for feature in features}


@pytest.fixture(scope="module")
def town() -> DrawnParcels:
    return quilt(20, 60.0)


@pytest.fixture(scope="module")
def index(town) -> TileIndex:
    return TileIndex.build(town, "v1")


def test_an_event_is_as_if_all_had_been_read_anew(town, index) -> None:
    outline = town.outlines[210]
    after = index.updated(drawn([outline], [NEW], [211]), "v2")
    histories = [
        list(zip(town.from_day[town.parcel == row], town.status[town.parcel == row], strict=True))
        for row in range(len(town.ids))
    ]
    histories[210] = NEW
    fresh = TileIndex.build(drawn(town.outlines, histories), "v2")
    for address in tiles_over(15, town):
        assert shown(after, address) == shown(fresh, address)
    assert len(after) == len(fresh) == 400
    assert (index.version, after.version) == ("v1", "v2")


def test_the_index_before_stays_as_it_was(town, index) -> None:
    address = tile_at(15)
    before = shown(index, address)
    index.updated(drawn([town.outlines[210]], [NEW], [211]), "v2")
    assert shown(index, address) == before


def test_only_tiles_that_an_event_touches_change_their_version(town, index) -> None:
    outline = town.outlines[0]
    after = index.updated(drawn([outline], [NEW], [1]), "v2")
    lon, lat = outline.centroid.coords[0]
    for z in range(21):
        assert after.tile_version(*tile_at(z, lon, lat)) == "v2"
    changed = {a for a in tiles_over(16, town) if after.tile_version(*a) == "v2"}
    assert changed == {a for a in tiles_over(16, town) if shown(after, a) != shown(index, a)}
    assert 1 <= len(changed) <= 4


def test_a_redrawn_parcel_changes_where_it_was_and_where_it_is() -> None:
    old, new = box(0, 0, 50, 50), box(3000, 0, 3050, 50)
    index = index_of([old, box(0, 1000, 50, 1050)])
    after = index.updated(drawn([new], [BUILT], [1]), "v2")
    places = [tile_at(17, LON + east / 98_300, LAT) for east in (10, 3010)]
    assert [after.tile_version(*place) for place in places] == ["v2", "v2"]
    assert [sorted(shown(after, place)) for place in places] == [[], [1]]
    assert after.tile_version(*tile_at(17, LON, LAT + 1020 / 110_800)) == "v1"
    later = after.updated(drawn([new], [NEW], [1]), "v3")
    assert [later.tile_version(*place) for place in places] == ["v2", "v3"]


def test_a_split_ends_the_parent_and_brings_the_children() -> None:
    index = index_of([box(0, 0, 100, 50)])
    parent = [*BUILT, (8000, 8)]
    children = [(8000, 6)]
    parts = [box(0, 0, 100, 50), box(0, 0, 50, 50), box(50, 0, 100, 50)]
    after = index.updated(drawn(parts, [parent, children, children], [1, 2, 3]), "v2")
    numbers = {name: numbers for name, (_, numbers) in shown(after, tile_at(16)).items()}
    assert numbers[1][-1] == 8000 * 16 + 8
    assert numbers[2] == numbers[3] == [8000 * 16 + 6]


def test_a_removed_parcel_is_gone_and_its_tile_is_new() -> None:
    index = index_of([box(0, 0, 50, 50), box(100, 0, 150, 50)])
    gone = np.array([1, 999], dtype=np.uint64)
    after = index.updated(drawn([]), "v2", removed=gone)
    assert sorted(shown(after, tile_at(16))) == [2]
    assert after.tile_version(*tile_at(16)) == "v2"
    again = after.updated(drawn([box(0, 0, 50, 50)], [BUILT], [1]), "v3")
    once_more = again.updated(drawn([]), "v4", removed=gone)
    assert [sorted(shown(each, tile_at(16))) for each in (again, once_more)] == [[1, 2], [2]]
    assert (len(again), len(once_more)) == (2, 1)


def test_all_rows_of_an_id_are_replaced_together() -> None:
    # A parcel with two outlines in its life is two rows of one id.
    index = index_of([box(0, 0, 50, 50), box(0, 0, 60, 60)], [[(1, 1), (9, 8)], [(9, 2)]], [5, 5])
    assert len(index) == 2
    after = index.updated(drawn([box(0, 0, 70, 70)], [BUILT], [5]), "v2")
    assert len(after) == 1
    (_, numbers), *rest = shown(after, tile_at(16)).values()
    assert not rest
    assert len(numbers) == len(BUILT)


def test_a_change_without_a_place_changes_no_tile() -> None:
    index = index_of([box(0, 0, 50, 50)])
    after = index.updated(drawn([None], [BUILT], [9]), "v2")
    assert after.version == "v2"
    assert after.tile_version(0, 0, 0) == "v1"


def test_unchanged_arrays_are_shared(town, index) -> None:
    after = index.updated(drawn([town.outlines[0]], [NEW], [1]), "v2")
    box_of_all = TileAddress(0, 0, 0).box()
    (before, _), (now, _) = index.touching(box_of_all)[0], after.touching(box_of_all)[0]
    assert now.vertices is before.vertices
    assert after.nbytes < index.nbytes + 1_000


def squares(first: int, count: int) -> DrawnParcels:
    """Specks in a row."""
    west = LON + (first + np.arange(count)) * 1e-5
    return DrawnParcels(
        shapely.box(west, np.full(count, LAT), west + 5e-6, np.full(count, LAT + 5e-6)),
        np.arange(first, first + count, dtype=np.uint64),
        np.full(count, 0.25),
        np.arange(count),
        np.full(count, 6000, dtype=np.int32),
        np.full(count, 3, dtype=np.uint8),
    )


def test_after_very_many_changes_parcels_are_merged_and_nothing_is_lost() -> None:
    index = TileIndex.build(squares(0, 100), "v1")
    after = index.updated(squares(50, MAX_CHANGED + 1), "v2")
    assert len(after) == MAX_CHANGED + 51
    world = TileAddress(0, 0, 0).box()
    ((columns, rows),) = after.touching(world)
    assert sorted(columns.ids[rows]) == list(range(MAX_CHANGED + 51))
    assert after.updated(squares(0, 1), "v3").tile_version(0, 0, 0) == "v3"


def test_after_very_many_changes_every_tile_counts_as_changed() -> None:
    index = TileIndex.build(squares(0, MAX_CHANGES + 1), "v1")
    far = (14, 0, 0)
    some = index.updated(squares(0, MAX_CHANGES // 2), "v2")
    assert some.tile_version(*far) == "v1"
    all_of_them = some.updated(squares(0, MAX_CHANGES // 2), "v3")
    assert all_of_them.tile_version(*far) == "v3"
    assert all_of_them.updated(squares(0, 1), "v4").tile_version(*far) == "v3"


def test_no_such_tile_has_no_version(index) -> None:
    with pytest.raises(TileAddressError):
        index.tile_version(40, 0, 0)


@pytest.mark.parametrize("count", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK, 1000])
def test_blocks_find_what_a_look_at_every_box_finds(count) -> None:
    rng = np.random.default_rng(count)
    corner = rng.integers(-(2**31), 2**31 - 2**20, (count, 2))
    bounds = np.hstack([corner, corner + rng.integers(0, 2**20, (count, 2))]).astype(np.int32)
    bounds = bounds[along_curve(bounds)]
    blocks = BlockIndex(bounds)
    for _ in range(30):
        west, north = rng.integers(-(2**31), 2**31, 2)
        side = 2 ** int(rng.integers(1, 32))
        view = (int(west), int(north), int(west) + side, int(north) + side)
        assert blocks.touching(view).tolist() == np.flatnonzero(touching(bounds, view)).tolist()


def test_neighbours_in_the_plane_are_neighbours_along_the_curve() -> None:
    x, y = np.meshgrid(np.arange(32), np.arange(32))
    corner = np.column_stack([x.ravel(), y.ravel()]) * 1024
    bounds = np.hstack([corner, corner + 900]).astype(np.int32)
    along = bounds[along_curve(bounds)].reshape(-1, BLOCK, 4)
    assert ((along[:, :, 2].max(axis=1) - along[:, :, 0].min(axis=1)) == 7 * 1024 + 900).all()


def test_the_buffer_of_the_tile_belongs_to_its_version() -> None:
    z, x, y = tile_at(16)
    edge = -180 + (x + 1) / 2**z * 360
    margin = BUFFER / 4096 * 360 / 2**z
    just_in, just_out = (
        shapely.box(edge + margin * k, LAT, edge + margin * 3, LAT + 1e-4) for k in (0.9, 1.1)
    )
    index = index_of([box(-2000, 0, -1990, 10)])
    assert index.updated(drawn([just_in], None, [2]), "v2").tile_version(z, x, y) == "v2"
    assert index.updated(drawn([just_out], None, [2]), "v2").tile_version(z, x, y) == "v1"
