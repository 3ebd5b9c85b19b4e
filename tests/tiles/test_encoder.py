"""Tiles of parcels, read back with decoders that are not ours and held against shapely."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from dongtou_geo.domain.status import STATUSES
from dongtou_geo.tiles.address import EXTENT, TileAddressError
from dongtou_geo.tiles.columns import ENDED
from dongtou_geo.tiles.encoder import MAX_TILE_BYTES, encode, encode_parcels
from dongtou_geo.tiles.index import TileIndex
from tests.tiles.decoding import DECODERS, by_gdal
from tests.tiles.land import (
    BUILT,
    LAT,
    LON,
    account_m2,
    box,
    day,
    ground_m2,
    in_tile_units,
    index_of,
    quilt,
    tile_at,
    tiles_over,
)

VIEW = shapely.box(-64, -64, EXTENT + 64, EXTENT + 64)
# Half a unit in x and in y, and the same on the finest grid.
ROUNDING = 0.75


def assert_same_shape(got, whole) -> None:
    """Equal within the view but for the rounding of corners to whole units."""
    wanted = whole.intersection(VIEW)
    assert got.is_empty or got.geom_type in ("Polygon", "MultiPolygon")
    valid = shapely.make_valid(got)
    difference = shapely.symmetric_difference(valid, wanted).area
    assert difference <= wanted.length * ROUNDING + 4
    assert got.is_empty or valid.within(wanted.buffer(ROUNDING))


def assert_painted_alike(got, whole) -> None:
    """Every point that is not right at an edge is inside of both or of neither.

    Rounding can lay a hole's edge on its outer ring's, which is no valid polygon any more, yet
    painted right. So it is asked as a canvas asks: how many rings lie around a point.
    """
    wanted = whole.intersection(VIEW)
    bounds = shapely.bounds([got, wanted])
    low, high = np.nanmin(bounds[:, :2], axis=0) - 2, np.nanmax(bounds[:, 2:], axis=0) + 2
    x, y = (axis.ravel() for axis in np.meshgrid(*np.linspace(low, high, 40).T))
    clear = shapely.distance(wanted.boundary, shapely.points(x, y)) > ROUNDING
    around = np.zeros(len(x), dtype=int)
    for ring in shapely.get_rings(shapely.get_parts(got)):
        around += shapely.contains_xy(shapely.polygons(ring), x, y)
    assert ((around % 2 == 1) == shapely.contains_xy(wanted, x, y))[clear].all()


@pytest.fixture(params=DECODERS, ids=lambda decoder: decoder.__name__)
def decode(request):
    return request.param


def test_parcels_keep_id_shape_and_history(decode) -> None:
    outlines = [box(0, 0, 100, 80), box(150, 0, 240, 90)]
    histories = [BUILT, [(day("1995-03-01"), 3), (day("2020-01-01"), ENDED)]]
    index = index_of(outlines, histories, [7, 2**40])
    address = tile_at(16)
    layers = decode(encode(index, *address))
    assert list(layers) == ["parcels"]
    found = {feature.id: feature for feature in layers["parcels"]}
    assert sorted(found) == [7, 2**40]
    assert found[7].numbers == [from_day * 16 + code for from_day, code in BUILT]
    before, end = found[2**40].numbers
    # Before 2000 the number is negative; floor division still gives day and code.
    assert divmod(before, 16) == (day("1995-03-01"), 3)
    assert divmod(end, 16) == (day("2020-01-01"), ENDED)
    for outline, feature in zip(outlines, (found[7], found[2**40]), strict=True):
        assert_same_shape(feature.geometry, in_tile_units(outline, *address))


def test_holes_and_parts_stay_what_they_are(decode) -> None:
    yard = box(0, 0, 300, 300).difference(box(50, 50, 120, 120)).difference(box(200, 60, 260, 250))
    island = box(60, 60, 110, 110)
    several = box(400, 0, 500, 100).difference(box(430, 30, 470, 70)).union(island)
    index = index_of([yard, several])
    address = tile_at(15)
    features = {f.id: f.geometry for f in decode(encode(index, *address))["parcels"]}
    assert len(shapely.get_parts(features[2])) == 2
    assert [shapely.get_num_interior_rings(p) for p in shapely.get_parts(features[1])] == [2]
    assert sorted(shapely.get_num_interior_rings(shapely.get_parts(features[2]))) == [0, 1]
    for number, outline in ((1, yard), (2, several)):
        assert_same_shape(features[number], in_tile_units(outline, *address))


@pytest.mark.parametrize("direction", [1, -1])
def test_exterior_rings_run_clockwise_whichever_way_they_came(direction, decode) -> None:
    ring = list(box(0, 0, 100, 100).exterior.coords)[::direction]
    hole = list(box(20, 20, 60, 60).exterior.coords)[::direction]
    index = index_of([shapely.Polygon(ring, [hole])])
    address = tile_at(17)
    (feature,) = decode(encode(index, *address))["parcels"]
    (part,) = shapely.get_parts(feature.geometry)
    # y runs southward: what shapely calls counter-clockwise is clockwise on the screen.
    assert part.exterior.is_ccw
    assert not part.interiors[0].is_ccw
    assert_same_shape(feature.geometry, in_tile_units(shapely.Polygon(ring, [hole]), *address))


def test_a_parcel_over_many_tiles_is_cut_with_a_margin(decode) -> None:
    wide = box(-5000, -5000, 5000, 5000).difference(box(-20, -20, 20, 20))
    index = index_of([wide])
    z, x, y = tile_at(16)
    for address in ((z, x, y), (z, x + 1, y), (z, x, y - 1)):
        (feature,) = decode(encode(index, *address))["parcels"]
        assert_same_shape(feature.geometry, in_tile_units(wide, *address))
    (middle,) = decode(encode(index, z, x + 1, y))["parcels"]
    assert middle.geometry.equals(VIEW)


def test_a_tile_in_a_hole_or_beside_a_corner_is_empty() -> None:
    ring = box(-9000, -9000, 9000, 9000).difference(box(-8000, -8000, 8000, 8000))
    triangle = shapely.Polygon([(LON - 0.2, LAT - 0.2), (LON + 0.2, LAT - 0.2), (LON, LAT - 0.19)])
    index = index_of([ring, triangle])
    assert encode(index, *tile_at(16)) == b""
    assert encode(index, *tile_at(16, 119.0, 26.0)) == b""


def test_what_touches_the_margin_from_outside_is_left_out() -> None:
    z, x, y = tile_at(16)
    # A U that is open to the tile: its two ends come in, its base does not.
    south = shapely.box(0, 4000, 100, 5000).union(shapely.box(0, 4900, 4000, 5000))
    shape = south.union(shapely.box(3900, 4000, 4000, 5000))
    outline = _from_tile_units(shape, z, x, y)
    (feature,) = by_gdal(encode(index_of([outline]), z, x, y))["parcels"]
    assert len(shapely.get_parts(feature.geometry)) == 2
    assert_same_shape(feature.geometry, shape)


def test_a_line_of_touch_is_no_land() -> None:
    z, x, y = tile_at(16)
    comb = shapely.box(-200, 0, -64, 3000).union(shapely.box(-200, 1000, 500, 1100))
    (feature,) = by_gdal(encode(index_of([_from_tile_units(comb, z, x, y)]), z, x, y))["parcels"]
    assert_same_shape(feature.geometry, shapely.box(-64, 1000, 500, 1100))


def _from_tile_units(shape, z, x, y):
    width = 360.0 / 2**z

    def back(units):
        column, row = (units / EXTENT + [x, y]).T
        north = math.pi * (1 - 2 * row / 2**z)
        return np.column_stack([column * width - 180, np.degrees(np.arctan(np.sinh(north)))])

    return shapely.transform(shape, back)


def test_parcels_without_outline_or_history_do_no_harm() -> None:
    outlines = [None, shapely.Polygon(), box(0, 0, 90, 90), box(0, 0, 90, 90)]
    index = index_of(outlines, [BUILT, BUILT, [], BUILT])
    (feature,) = by_gdal(encode(index, *tile_at(16)))["parcels"]
    assert feature.id == 4
    nothing = index_of([])
    assert encode(nothing, *tile_at(16)) == encode(nothing, 0, 0, 0) == b""


@pytest.mark.parametrize("encoder", [encode, encode_parcels])
def test_a_parcel_in_the_margin_alone_belongs_to_the_tile(encoder) -> None:
    z, x, y = tile_at(16)
    inside = _from_tile_units(shapely.box(2000, 2000, 2300, 2300), z, x, y)
    beside = _from_tile_units(shapely.box(EXTENT + 20, 2000, EXTENT + 900, 2300), z, x, y)
    beyond = _from_tile_units(shapely.box(EXTENT + 80, 2000, EXTENT + 900, 2300), z, x, y)
    tile = encoder(index_of([inside, beside, beyond]), z, x, y)
    assert sorted(feature.id for feature in by_gdal(tile)["parcels"]) == [1, 2]


def test_outlines_may_come_as_wkb() -> None:
    shapes = quilt(6, 60.0)
    texts = replace(shapes, outlines=shapely.to_wkb(shapes.outlines).astype(object))
    address = tile_at(15)
    one, two = (encode(TileIndex.build(each, "v1"), *address) for each in (shapes, texts))
    assert one == two
    missing = replace(texts, outlines=np.array([None, *texts.outlines[1:]], dtype=object))
    found = by_gdal(encode(TileIndex.build(missing, "v1"), *address))["parcels"]
    assert len(found) == len(shapes.ids) - 1


def test_specks_leave_no_ring_behind() -> None:
    # 0.4 m across is less than half a unit at z13.
    holed = box(0, 0, 900, 900).difference(box(400, 400, 400.4, 400.4))
    index = index_of([box(2000, 0, 2000.4, 0.4), holed, box(-1500, 0, -700, 800)])
    features = by_gdal(encode(index, *tile_at(13)))["parcels"]
    assert sorted(feature.id for feature in features) == [2, 3]
    assert all(
        shapely.get_num_interior_rings(shapely.get_parts(f.geometry)[0]) == 0 for f in features
    )


@st.composite
def plots(draw):
    """Stars near the corner of four tiles, some with a hole, some of two parts."""
    shapes = []
    for _ in range(draw(st.integers(1, 6))):
        lon = LON + draw(st.floats(-0.02, 0.02))
        lat = LAT + draw(st.floats(-0.02, 0.02))
        size = 10 ** draw(st.floats(-4.0, -1.5))
        corners = draw(st.integers(3, 14))
        radii = draw(st.lists(st.floats(0.3, 1.0), min_size=corners, max_size=corners))
        turn = 2 * math.pi / corners
        star: BaseGeometry = shapely.Polygon(
            (lon + size * r * math.cos(i * turn), lat + size * r * math.sin(i * turn))
            for i, r in enumerate(radii)
        )
        if draw(st.booleans()):
            star = star.difference(shapely.affinity.scale(star, 0.4, 0.4, origin=(lon, lat)))
        if draw(st.booleans()):
            star = star.union(shapely.affinity.translate(star, 3 * size))
        shapes.append(star)
    return shapes


@given(plots(), st.integers(10, 18), st.integers(-1, 1), st.integers(-1, 1))
@settings(deadline=None, max_examples=60)
def test_any_polygon_in_any_tile_is_shapelys_clip(shapes, z, right, down) -> None:
    _, x, y = tile_at(z)
    address = (z, x + right, y + down)
    tile = encode_parcels(index_of(shapes), *address)
    features = by_gdal(tile)["parcels"] if tile else []
    found = {feature.id: feature.geometry for feature in features}
    for number, shape in enumerate(shapes, start=1):
        wanted = in_tile_units(shape, *address)
        if number in found:
            assert_painted_alike(found[number], wanted)
        else:
            # Nothing of it is in the tile, or nothing wider than a unit.
            assert wanted.intersection(VIEW).buffer(-ROUNDING).is_empty


@pytest.mark.parametrize("on", ["2012-07-09", "2019-12-31", "2030-01-01"])
def test_land_painted_at_z14_is_the_account_s(on) -> None:
    parcels = quilt(30, 120.0)
    index = TileIndex.build(parcels, "v1")
    painted = np.zeros(len(STATUSES))
    tile_square = shapely.box(0, 0, EXTENT, EXTENT)
    for address in tiles_over(14, parcels):
        layers = by_gdal(encode(index, *address))
        for feature in layers["parcels"]:
            codes = [number % 16 for number in feature.numbers if number // 16 <= day(on)]
            if codes and codes[-1] != ENDED:
                shown = shapely.make_valid(feature.geometry).intersection(tile_square)
                painted[codes[-1]] += ground_m2(shown, *address)
    assert painted == pytest.approx(account_m2(parcels, day(on)), rel=0.01)
    assert painted.sum() > 1_000_000


def test_small_or_too_many_parcels_become_a_grid() -> None:
    small = TileIndex.build(quilt(12, 30.0), "v1")
    assert list(by_gdal(encode(small, *tile_at(15)))) == ["parcels"]
    assert list(by_gdal(encode(small, *tile_at(13)))) == ["grid"]
    assert list(by_gdal(encode_parcels(small, *tile_at(13)))) == ["parcels"]


def test_no_tile_of_many_parcels_is_larger_than_allowed() -> None:
    # 3.3 px each at z 14: large enough to see, too many to send.
    many = TileIndex.build(quilt(110, 28.0), "v1")
    address = tile_at(14)
    assert len(encode_parcels(many, *address)) > MAX_TILE_BYTES
    for z in range(8, 17):
        assert len(encode(many, *tile_at(z))) <= MAX_TILE_BYTES


def test_a_parcel_of_many_corners_stays_a_parcel_when_it_is_large() -> None:
    turn = np.linspace(0, 2 * np.pi, 170_000, endpoint=False)
    radius = 0.0015 + 0.0008 * np.sin(turn * 900)
    lake = shapely.Polygon(
        np.column_stack([LON + radius * np.cos(turn), LAT + radius * np.sin(turn)])
    )
    index = index_of([lake])
    address = tile_at(15)
    tile = encode(index, *address)
    assert len(tile) > MAX_TILE_BYTES
    (feature,) = by_gdal(tile)["parcels"]
    assert feature.geometry.area == pytest.approx(in_tile_units(lake, *address).area, rel=0.01)


@pytest.mark.parametrize("address", [(21, 0, 0), (-1, 0, 0), (3, 8, 0), (3, 0, -1), (3.5, 0, 0)])
def test_no_such_tile(address) -> None:
    index = index_of([box(0, 0, 90, 90)])
    for encoder in (encode, encode_parcels):
        with pytest.raises(TileAddressError):
            encoder(index, *address)
