"""Area on the ellipsoid, against pyproj's own geodesics."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from dongtou_geo.frames.area import area_m2

# CGCS2000 and GRS 1980 share both figures.
GEOD = Geod(ellps="GRS80")
# Geod itself is good to about a hundredth of a square metre on small polygons.
GEOD_NOISE_M2 = 0.02


def geod_m2(shape):
    return sum(
        (1 if number == 0 else -1) * abs(GEOD.polygon_area_perimeter(*np.array(ring.coords).T)[0])
        for part in shapely.get_parts(shape)
        for number, ring in enumerate((part.exterior, *part.interiors))
    )


@st.composite
def stars(draw):
    """A star-shaped polygon of 20 m to 30 km somewhere in and around the district."""
    lon, lat = draw(st.floats(120.9, 122.1)), draw(st.floats(26.9, 28.1))
    size = 10 ** draw(st.floats(-3.7, -0.6))
    corners = draw(st.integers(3, 12))
    radii = draw(st.lists(st.floats(0.5, 1.0), min_size=corners, max_size=corners))
    turn = 2 * math.pi / corners
    return shapely.Polygon(
        (lon + size * r * math.cos(i * turn), lat + size * r * math.sin(i * turn))
        for i, r in enumerate(radii)
    )


@given(stars())
def test_any_polygon_agrees_with_geod_to_a_millionth(shape) -> None:
    assert area_m2([shape])[0] == pytest.approx(geod_m2(shape), rel=1e-6, abs=GEOD_NOISE_M2)


@given(stars(), st.floats(0.1, 0.4))
def test_holes_are_taken_out(shape, share) -> None:
    centre = shape.representative_point()
    hole = shapely.affinity.scale(shape, share, share, origin=centre)
    if not hole.within(shape):
        return
    holed = shapely.Polygon(shape.exterior, [hole.exterior])
    area, whole, taken = area_m2([holed, shape, hole])
    assert area == pytest.approx(geod_m2(holed), rel=1e-6, abs=GEOD_NOISE_M2)
    assert area == pytest.approx(whole - taken, rel=1e-9)


def test_parts_of_a_multipolygon_add_up() -> None:
    near, far = shapely.box(121.0, 27.9, 121.01, 27.91), shapely.box(121.2, 27.8, 121.22, 27.83)
    ring = shapely.Polygon(far.exterior, [shapely.box(121.205, 27.805, 121.21, 27.81).exterior])
    both = shapely.MultiPolygon([near, ring])
    areas = area_m2([both, near, ring])
    assert areas[0] == pytest.approx(areas[1] + areas[2], rel=1e-12)
    assert areas[0] == pytest.approx(geod_m2(both), rel=1e-6)


def test_a_square_as_large_as_the_district_agrees() -> None:
    district = shapely.box(120.8, 27.7, 121.3, 28.1)
    assert area_m2([district])[0] == pytest.approx(geod_m2(district), rel=1e-6)


def test_direction_and_start_of_a_ring_do_not_matter() -> None:
    ring = [(121.0, 27.9), (121.02, 27.9), (121.03, 27.92), (121.0, 27.93)]
    turned = [ring[2], ring[3], ring[0], ring[1]]
    areas = area_m2([shapely.Polygon(way) for way in (ring, ring[::-1], turned)])
    assert areas == pytest.approx([areas[0]] * 3, rel=1e-12)


def test_nothing_measures_nothing() -> None:
    shapes = [None, shapely.Polygon(), shapely.Point(121, 28), shapely.box(121, 27, 121.01, 27.01)]
    areas = area_m2(shapes)
    assert math.isnan(areas[0])
    assert list(areas[1:3]) == [0.0, 0.0]
    assert areas[3] > 1e6
    assert len(area_m2([])) == 0
    assert math.isnan(area_m2([None])[0])


def test_neighbours_leave_no_gap() -> None:
    west, east = shapely.box(121.0, 27.9, 121.1, 28.0), shapely.box(121.1, 27.9, 121.2, 28.0)
    corners = [(121.0, 27.9), (121.1, 27.9), (121.2, 27.9), (121.2, 28), (121.1, 28), (121.0, 28)]
    whole, one, other = area_m2([shapely.Polygon(corners), west, east])
    assert one + other == pytest.approx(whole, rel=1e-12)


def test_web_mercator_would_be_a_quarter_too_large() -> None:
    # Why land is measured here and nowhere else.
    square = shapely.box(121.1, 27.84, 121.11, 27.85)
    radius = 6_378_137.0
    top, bottom = (math.asinh(math.tan(math.radians(lat))) for lat in (27.85, 27.84))
    mercator = radius**2 * math.radians(0.01) * (top - bottom)
    assert mercator / area_m2([square])[0] == pytest.approx(1.284, abs=0.002)
