"""Arcs become chords that stay within 1 cm, the same ones from both sides."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dongtou_geo.formats.arcs import TOLERANCE_M, stroked_bulges, stroked_string

EAST, NORTH = 40_600_000.0, 3_080_000.0
angles = st.floats(0.0, 2 * math.pi)


def on_circle(radius: float, *turns: float) -> np.ndarray:
    return np.array([(EAST + radius * math.cos(a), NORTH + radius * math.sin(a)) for a in turns])


def deviation_m(points: np.ndarray, radius: float) -> float:
    """How far the chain strays from the circle: at its vertices and in the middle of its chords."""
    middles = (points[1:] + points[:-1]) / 2.0
    from_centre = np.hypot(*(np.vstack([points, middles]) - (EAST, NORTH)).T)
    return float(np.abs(from_centre - radius).max())


@given(st.floats(0.5, 5_000.0), angles, st.floats(0.05, 6.2), st.floats(0.1, 0.9), st.booleans())
def test_chords_stay_within_a_centimetre(
    radius: float, first: float, sweep: float, share: float, left: bool
) -> None:
    sweep = sweep if left else -sweep
    control = on_circle(radius, first, first + share * sweep, first + sweep)
    points = stroked_string(control, TOLERANCE_M)
    # Control points in maps have 8 digits before the point: that much is lost before we begin.
    assert deviation_m(points, radius) < TOLERANCE_M * 1.05
    assert np.array_equal(points[[0, -1]], control[[0, 2]])
    length = shapely.length(shapely.linestrings(points))
    assert length == pytest.approx(radius * abs(sweep), rel=1e-2)


@given(st.floats(1.0, 500.0), angles, st.floats(0.1, 6.0))
def test_an_arc_is_the_same_from_both_ends(radius: float, first: float, sweep: float) -> None:
    control = on_circle(radius, first, first + sweep / 3, first + sweep)
    there, back = stroked_string(control, 0.01), stroked_string(control[::-1], 0.01)
    assert np.array_equal(there, back[::-1])


def test_no_more_chords_than_needed() -> None:
    points = stroked_string(on_circle(100.0, 0.0, 1.0, math.pi), 0.01)
    assert 0.005 < deviation_m(points, 100.0) < 0.01


def test_a_string_of_arcs_goes_on_where_the_last_one_ended() -> None:
    points = stroked_string(on_circle(50.0, 0.0, 0.5, 1.0, 1.5, 2.0), 0.01)
    assert deviation_m(points, 50.0) < 0.0101
    assert len(np.unique(points, axis=0)) == len(points)


def test_a_full_circle_is_given_by_its_diameter() -> None:
    points = stroked_string(on_circle(20.0, 0.0, math.pi, 0.0), 0.01)
    assert shapely.area(shapely.polygons(points)) == pytest.approx(math.pi * 400, rel=1e-3)


def test_points_on_a_line_stay_a_line() -> None:
    control = np.array([(0.0, 0.0), (5.0, 5.0), (10.0, 10.0)])
    assert np.array_equal(stroked_string(control, 0.01), control)


@pytest.mark.parametrize("odd", [math.nan, math.inf])
def test_what_is_no_number_passes_through(odd: float) -> None:
    control = np.array([(0.0, 0.0), (odd, 5.0), (10.0, 10.0)])
    assert np.array_equal(stroked_string(control, 0.01), control, equal_nan=True)


@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_half_an_arc_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="arc string"):
        stroked_string(np.zeros((count, 2)), 0.01)


def test_an_endless_arc_is_refused() -> None:
    control = np.array([(0.0, 0.0), (1e9, 1e9), (2e9, 0.0)])
    with pytest.raises(ValueError, match="chords"):
        stroked_string(control, 1e-9)


@given(st.floats(1.0, 1_000.0), st.floats(0.01, 5.0), st.booleans())
def test_bulges_are_arcs(chord: float, bulge: float, left: bool) -> None:
    bulge = bulge if left else -bulge
    start, end = np.array([0.0, 0.0]), np.array([chord, 0.0])
    points = stroked_bulges(np.array([start, end]), np.array([bulge, 0.0]), 0.01, closed=False)
    # AutoCAD: bulge = tan(angle / 4), positive when the arc turns left, so it runs below.
    radius = chord * (1 + bulge**2) / (4 * abs(bulge))
    centre = np.array([chord / 2, chord * (1 - bulge**2) / (4 * bulge)])
    assert np.hypot(*(points - centre).T) == pytest.approx(radius, rel=1e-6)
    assert np.sign(points[len(points) // 2, 1]) == -np.sign(bulge)


def test_a_closed_polyline_ends_where_it_began() -> None:
    square = np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)])
    straight = stroked_bulges(square, np.zeros(4), 0.01, closed=True)
    assert np.array_equal(straight, np.vstack([square, square[:1]]))
    round_ = stroked_bulges(square, np.array([0.0, 0.0, 0.0, 1.0]), 0.01, closed=True)
    assert np.array_equal(round_[0], round_[-1])
    area = shapely.area(shapely.polygons(round_))
    assert area == pytest.approx(100 + math.pi * 25 / 2, rel=2e-3)
