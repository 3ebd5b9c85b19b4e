"""The shift of web maps, against its published test points."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dongtou_geo.frames.gcj02 import from_gcj02, shifted_like_gcj02, to_gcj02
from tests.frames.subdivisions import METRES, moved, subdivision

# WGS84 and GCJ-02 lat, lon of Shanghai, Shenzhen and Beijing, from googollee/eviltransform.
PUBLISHED = np.array(
    [
        (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
        (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
        (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
    ]
)


def shifted(shapes):
    return shapely.transform(shapes, to_gcj02)


def test_published_points() -> None:
    assert to_gcj02(PUBLISHED[:, [1, 0]]) == pytest.approx(PUBLISHED[:, [3, 2]], abs=1e-12)
    assert from_gcj02(PUBLISHED[:, [3, 2]]) == pytest.approx(PUBLISHED[:, [1, 0]], abs=1e-9)


@given(st.lists(st.tuples(st.floats(73, 137), st.floats(1, 55)), min_size=1, max_size=20))
def test_there_and_back(points) -> None:
    lonlat = np.array(points)
    assert from_gcj02(to_gcj02(lonlat)) == pytest.approx(lonlat, abs=1e-9)


def test_dongtou_lies_540_m_to_the_south_east() -> None:
    here = np.array([[121.1, 27.9]])
    east, north = ((to_gcj02(here) - here) * METRES)[0]
    assert np.hypot(east, north) == pytest.approx(540, abs=10)
    assert east > 0 > north


def test_abroad_and_no_numbers_stay_as_they_are() -> None:
    odd = np.array([(2.35, 48.86), (np.nan, 28.0), (np.inf, np.inf), (0.0, 0.0)])
    assert np.array_equal(to_gcj02(odd), odd, equal_nan=True)
    assert np.array_equal(from_gcj02(odd), odd, equal_nan=True)
    assert to_gcj02(np.zeros((0, 2))).shape == from_gcj02(np.zeros((0, 2))).shape == (0, 2)


@pytest.mark.parametrize(("count", "weak"), [(1, True), (2, True), (3, False), (9, False)])
def test_a_shifted_file_gives_itself_away(count, weak) -> None:
    known = subdivision(3)[:count]
    found = shifted_like_gcj02(shifted(known), known)
    assert found is not None
    assert (found.count, found.weak) == (count, weak)
    assert found.displacement_m == pytest.approx(544, abs=5)
    assert found.rest_m == pytest.approx(0, abs=0.01)


def test_outlines_drawn_by_hand_on_a_web_map_are_recognised() -> None:
    known = subdivision(3)
    rough = np.array([moved(shape, (row, 8 - row)) for row, shape in enumerate(shifted(known))])
    rough[4] = moved(rough[4], (5_000, 0))
    found = shifted_like_gcj02(rough, known)
    assert found is not None
    assert 3 < found.rest_m < 15


@pytest.mark.parametrize(
    "displace",
    [
        pytest.param(lambda known: known, id="in place"),
        pytest.param(lambda known: shapely.transform(known, from_gcj02), id="the other way"),
        pytest.param(lambda known: np.array([moved(one, (40, -30)) for one in known]), id="50 m"),
        pytest.param(lambda known: np.array([moved(one, (-400, 400)) for one in known]), id="NW"),
        pytest.param(lambda known: shifted(shifted(known)), id="twice"),
    ],
)
def test_other_displacements_are_not_gcj02(displace) -> None:
    known = subdivision(3)
    assert shifted_like_gcj02(displace(known), known) is None


def test_pairs_without_outline_are_left_out() -> None:
    known = subdivision(2)
    own = shifted(known)
    own[0], known[1] = None, shapely.Polygon()
    own[2] = shapely.set_coordinates(own[2:3].copy(), np.full((9, 2), np.inf))[0]
    found = shifted_like_gcj02(own, known)
    assert found is not None
    assert (found.count, found.weak) == (1, True)
    assert shifted_like_gcj02(own[:2], known[:2]) is None
    assert shifted_like_gcj02(own[:0], known[:0]) is None
