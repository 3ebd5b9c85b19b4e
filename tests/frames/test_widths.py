"""Widths in metres, against shapes whose width is known."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from dongtou_geo.frames.widths import in_metres, mean_widths_m, metres_per_degree, widths_m
from tests.frames.subdivisions import moved, strip

GEOD = Geod(ellps="GRS80")


@pytest.mark.parametrize("lat", [26.5, 27.9, 28.5])
def test_a_degree_is_as_long_as_on_the_ellipsoid(lat) -> None:
    step = 1e-4
    east = GEOD.inv(121, lat, 121 + step, lat)[2] / step
    north = GEOD.inv(121, lat - step / 2, 121, lat + step / 2)[2] / step
    assert metres_per_degree(np.array([lat]))[0] == pytest.approx([east, north], rel=1e-7)


@given(st.floats(0.02, 5), st.floats(20, 500), st.floats(0, 3.2))
def test_mean_width_of_a_strip_is_its_width(width, length, turn) -> None:
    found = mean_widths_m(np.array([strip(width, length, turn)]))[0]
    assert found == pytest.approx(width * length / (width + length), rel=1e-3)


def test_each_outline_lies_in_a_plane_of_its_own() -> None:
    far_apart = np.array(
        [shapely.box(121.0, 26.6, 121.01, 26.61), shapely.box(121, 28.4, 121.01, 28.41)]
    )
    south, north = in_metres(far_apart)
    for shape, lat in ((south, 26.605), (north, 28.405)):
        west, _, east, _ = shape.bounds
        assert east - west == pytest.approx(GEOD.inv(121.0, lat, 121.01, lat)[2], rel=1e-6)
    assert far_apart[0].bounds == (121.0, 26.6, 121.01, 26.61)


@pytest.mark.parametrize(
    ("shape", "wider"),
    [
        (strip(0.2, 100), True),
        (strip(0.05, 200), False),
        (strip(0.101, 30), True),
        (strip(0.099, 30), False),
        (shapely.unary_union([strip(0.02, 500), strip(2, 1)]), True),
        (shapely.unary_union([strip(0.02, 500), strip(0.15, 0.5)]), True),
        (shapely.MultiPolygon([strip(0.05, 90), strip(0.3, 9, at=(0, 50))]), True),
        (shapely.GeometryCollection([shapely.Point(121, 28), strip(0.05, 90)]), False),
        (shapely.GeometryCollection([shapely.MultiPolygon([strip(0.3, 9)])]), True),
        (shapely.LineString([(121, 28), (121.1, 28)]), False),
        (shapely.Polygon(), False),
    ],
)
def test_wider_than_a_tenth_of_a_metre_somewhere(shape, wider) -> None:
    found = widths_m(np.array([shape], dtype=object), 0.1)[0]
    assert (found > 0.1) is np.bool_(wider)


def test_width_of_a_blot_on_a_hair_is_the_blot_s() -> None:
    blot = shapely.unary_union([strip(0.02, 500), strip(2, 2)])
    assert widths_m(np.array([blot]), 0.1)[0] == pytest.approx(2.0, abs=0.02)


def test_order_is_kept_and_nothing_is_nothing() -> None:
    shapes = np.array([strip(0.05, 90), moved(strip(3, 90), (40, 0)), shapely.Polygon()])
    assert widths_m(shapes, 0.1) == pytest.approx([0.05, 2.9, 0.0], abs=0.01)
    assert len(widths_m(np.array([], dtype=object), 0.1)) == 0
    assert np.isnan(mean_widths_m(np.array([None]))[0])
