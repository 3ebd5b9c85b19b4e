"""Repairs: offered with both areas, refused where land would be won or lost."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.outline_repair import repair
from tests.frames.subdivisions import outline, subdivision

# A hectare with an ear that crosses itself, twice 4 m2.
KNOTTED = outline([(0, 0), (100, 0), (100, 100), (4, 100), (0, 104), (4, 104), (0, 100)])
BOW_TIE = outline([(0, 0), (100, 100), (100, 0), (0, 100)])


def array(*shapes):
    return np.array(shapes, dtype=object)


def test_a_knot_in_a_corner_is_undone() -> None:
    assert not KNOTTED.is_valid
    found = repair(array(None, KNOTTED), np.array([1]))
    assert found.rows.tolist() == [1]
    assert found.repaired.tolist() == [True]
    assert found.outlines[0].is_valid
    assert found.before_m2 == pytest.approx(area_m2([KNOTTED]))
    assert found.after_m2 == pytest.approx(area_m2(found.outlines))
    assert found.details[0] == (
        f"图形可修复：面积由 {found.before_m2[0]:.2f} m² 变为 {found.after_m2[0]:.2f} m²，应确认后采用"
    )


def test_what_would_win_land_is_refused_with_both_areas() -> None:
    found = repair(array(BOW_TIE), np.array([0]))
    assert found.outlines.tolist() == [None]
    assert found.repaired.tolist() == [False]
    assert found.after_m2 == pytest.approx([5000], rel=1e-3)
    assert found.before_m2 == pytest.approx([0], abs=0.01)
    assert "相差超过 1% 且超过 0.2 亩" in found.details[0]


@pytest.mark.parametrize(("side", "kept"), [(10, True), (20, False)])
def test_both_limits_must_be_passed(side, kept) -> None:
    # A bow tie counts nothing as filed: all of it is a change, but a small one is no 0.2 亩.
    small = outline([(0, 0), (side, side), (side, 0), (0, side)])
    assert repair(array(small), np.array([0])).repaired.tolist() == [kept]


def test_a_large_outline_may_change_by_one_in_a_hundred() -> None:
    # An ear that crosses itself, twice 100 m2, on two and a half hectares.
    loop = [(0, 0), (250, 0), (250, 100), (20, 100), (0, 120), (20, 120), (0, 100)]
    found = repair(array(outline(loop)), np.array([0]))
    assert abs(found.after_m2[0] - found.before_m2[0]) > 134
    assert found.repaired.tolist() == [True]


def test_land_run_round_twice_is_land_once() -> None:
    twice = shapely.MultiPolygon(
        [
            outline([(0, 0), (100, 0), (100, 100), (0, 100)]),
            outline([(99, 0), (150, 0), (150, 100), (99, 100)]),
        ]
    )
    found = repair(array(twice), np.array([0]))
    assert found.after_m2[0] == pytest.approx(15_000, rel=1e-3)
    assert found.outlines[0].geom_type == "Polygon"


def test_lines_and_points_fall_off() -> None:
    spiked = outline([(0, 0), (100, 0), (100, 100), (50, 100), (50, 180), (50, 100), (0, 100)])
    assert not spiked.is_valid
    found = repair(array(spiked), np.array([0]))
    assert found.outlines[0].geom_type == "Polygon"
    assert found.outlines[0].bounds[3] < spiked.bounds[3]
    assert found.before_m2 == pytest.approx(found.after_m2)


@pytest.mark.parametrize(
    "shape",
    [
        None,
        shapely.Polygon(),
        outline([(0, 0), (50, 0), (0, 0), (0, 0)]),
        outline([(0, 0), (50, 0), (99, 0)]),
        shapely.LineString([(121, 28), (121.1, 28)]),
        shapely.set_coordinates(array(BOW_TIE), np.full((5, 2), np.inf))[0],
    ],
)
def test_nothing_left_is_not_repairable(shape) -> None:
    found = repair(array(shape), np.array([0]))
    assert found.outlines.tolist() == [None]
    assert np.isnan(found.after_m2).all()
    assert found.details.tolist() == ["图形无法修复：没有可用的面，应重新绘制"]


def test_nothing_asked_nothing_done() -> None:
    found = repair(array(BOW_TIE), np.array([], dtype=np.int64))
    assert len(found.rows) == len(found.outlines) == len(found.details) == 0


def test_outlines_are_left_as_they_are_and_rows_keep_their_order() -> None:
    shapes = array(KNOTTED, BOW_TIE, outline([(0, 0), (9, 9), (9, 0), (0, 9)]))
    before = shapely.to_wkb(shapes).tolist()
    found = repair(shapes, np.array([2, 0, 1]))
    assert found.repaired.tolist() == [True, True, False]
    assert found.outlines[0].geom_type == "MultiPolygon"
    assert found.after_m2 == pytest.approx([40.5, area_m2(found.outlines)[1], 5000], rel=1e-3)
    assert shapely.to_wkb(shapes).tolist() == before


@settings(deadline=None)
@given(st.integers(0, 9_999), st.integers(0, 7), st.integers(0, 7))
def test_whatever_is_offered_is_valid_and_as_large(seed, one, other) -> None:
    corners = shapely.get_coordinates(subdivision(1, seed=seed)[0])[:-1]
    corners[[one, other]] = corners[[other, one]]
    shape = shapely.Polygon(corners)
    found = repair(array(shape), np.array([0]))
    plain = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    after = area_m2([plain])[0]
    off = abs(after - area_m2([shape])[0])
    assert found.repaired[0] == (off <= 400 / 3 or off <= 0.01 * area_m2([shape])[0])
    assert found.after_m2[0] == pytest.approx(after)
    if found.repaired[0]:
        assert found.outlines[0].is_valid
        assert found.outlines[0].equals(plain)
