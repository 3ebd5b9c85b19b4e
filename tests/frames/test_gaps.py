"""Gaps between neighbours, against the holes of their union."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.gaps import gaps_within
from dongtou_geo.frames.widths import mean_widths_m, widths_m
from tests.frames.subdivisions import METRES, bricks, moved, outline, place, subdivision


def drawn_in(shape, corner, metres):
    """Pull one corner towards the middle."""
    lonlat = shapely.get_coordinates(shape)[:-1]
    inwards = (lonlat.mean(axis=0) - lonlat[corner]) * METRES
    lonlat[corner] += metres * inwards / np.hypot(*inwards) / METRES
    return shapely.Polygon(lonlat)


def holes_that_count(shapes):
    """The rule, by plain shapely; for borders without noise."""
    union = shapely.union_all(shapes)
    rings = [ring for part in shapely.get_parts(union) for ring in part.interiors]
    holes = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    land_m2 = area_m2(holes)
    counts = ((mean_widths_m(holes) < 1) | (land_m2 < 10)) & (land_m2 > 1)
    counts &= widths_m(holes, 0.1) > 0.1
    return holes[counts]


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 9_999),
    st.lists(
        st.tuples(
            st.integers(0, 24), st.integers(0, 7), st.sampled_from([0.05, 0.12, 0.3, 1.0, 4.0])
        ),
        max_size=8,
        unique_by=lambda pull: pull[0],
    ),
)
def test_finds_the_holes_of_the_union(seed, pulls) -> None:
    shapes = subdivision(5, seed=seed)
    for row, corner, metres in pulls:
        shapes[row] = drawn_in(shapes[row], corner, metres)
    found = gaps_within(shapes)
    # Where two voids or a void and the outside meet in one corner the union sees one, or none.
    for hole in holes_that_count(shapes):
        same = [gap for gap in found.outlines if gap.symmetric_difference(hole).area < 1e-14]
        assert len(same) == 1
    assert shapely.is_valid(found.outlines).all()
    shared = shapely.intersection(shapely.union_all(shapes), found.outlines)
    assert area_m2(shared) == pytest.approx(0, abs=1e-4)
    assert found.area_m2 == pytest.approx(area_m2(found.outlines))


@pytest.mark.parametrize("noise", [0.0, 1e-9])
@pytest.mark.parametrize("draw", [subdivision, bricks])
def test_neat_neighbours_leave_no_gap(draw, noise) -> None:
    assert len(gaps_within(draw(12, noise=noise)).outlines) == 0


@pytest.mark.parametrize("noise", [0.0, 1e-9])
def test_a_gap_between_two_is_told_with_both(noise) -> None:
    shapes = subdivision(4, noise=noise, seed=2)
    # Corner 3 is the middle of the east border, shared with the outline one column on.
    shapes[5] = drawn_in(shapes[5], 3, 0.8)
    found = gaps_within(shapes)
    assert found.row.tolist() == [5, 9]
    assert found.gap.tolist() == [0, 0]
    assert 0.1 < found.width_m[0] < 1


@pytest.mark.parametrize("noise", [0.0, 1e-9])
def test_a_gap_whose_ends_lie_amid_an_edge_is_found(noise) -> None:
    # A lane of half a metre between two rows, closed by the long edges of their neighbours.
    rows = [(0, 0, 60, 30), (0, 30.5, 60, 60), (60, -10, 90, 70), (-30, -10, 0, 70)]
    lonlat = np.array([place([(w, s), (e, s), (e, n), (w, n)]) for w, s, e, n in rows])
    lonlat += np.random.default_rng(1).uniform(-noise, noise, lonlat.shape)
    found = gaps_within(np.asarray(shapely.polygons(lonlat), dtype=object))
    assert found.area_m2 == pytest.approx([30.0], rel=1e-3)
    assert found.width_m == pytest.approx([0.5], rel=0.02)
    assert found.row.tolist() == [0, 1, 2, 3]


def yard(side):
    """Four outlines round a square that is nobody's."""
    west, east, north = (
        outline([(0, 0), (20, 0), (20, 20), (20, 20 + side), (0, 20 + side)]),
        outline([(20 + side, 0), (50, 0), (50, 20 + side), (20 + side, 20 + side)]),
        outline([(0, 20 + side), (50, 20 + side), (50, 40), (0, 40)]),
    )
    south = outline([(20, 0), (20 + side, 0), (20 + side, 20), (20, 20)])
    return np.array([west, east, north, south])


def test_a_small_square_counts_and_a_yard_does_not() -> None:
    assert gaps_within(yard(3)).area_m2 == pytest.approx([9.0], rel=1e-3)
    assert gaps_within(yard(0.9)).outlines.tolist() == []
    assert gaps_within(yard(4)).outlines.tolist() == []


def test_the_place_of_an_outline_within_others_is_no_gap() -> None:
    shapes = subdivision(5)
    assert len(gaps_within(shapes).outlines) == 0
    small = outline([(10, 10), (12, 10), (12, 12), (10, 12)])
    ring = outline([(0, 0), (30, 0), (30, 30), (0, 30)]).difference(small)
    assert len(gaps_within(np.array([ring, small], dtype=object)).outlines) == 0
    # A hole drawn into a single outline is the surveyor's will.
    assert len(gaps_within(np.array([ring], dtype=object)).outlines) == 0


def test_what_another_outline_covers_is_no_gap() -> None:
    cover = outline([(15, 15), (30, 15), (30, 30), (15, 30)])
    assert len(gaps_within(np.append(yard(3), [cover])).outlines) == 0


def test_overlapping_outlines_leave_no_false_gap() -> None:
    shapes = subdivision(5, seed=4)
    shapes[12] = moved(shapes[12], (0.7, 0.2))
    found = gaps_within(shapes)
    shared = shapely.intersection(shapely.union_all(shapes), found.outlines)
    assert area_m2(shared) == pytest.approx(0, abs=1e-4)


def test_an_outline_drawn_many_times_is_looked_at_once() -> None:
    shapes = subdivision(4, seed=2)
    shapes[5] = drawn_in(shapes[5], 3, 0.8)
    found = gaps_within(np.append(shapes, [shapes[5]] * 2_000))
    assert found.row.tolist() == [5, 9]


def test_odd_outlines_are_passed_over() -> None:
    shapes = np.append(subdivision(3), np.array([None, shapely.Polygon()], dtype=object))
    shapes[4] = drawn_in(shapes[4], 3, 0.8)
    assert gaps_within(shapes).row.tolist() == [4, 7]
    assert len(gaps_within(np.array([None], dtype=object)).outlines) == 0
    assert len(gaps_within(np.array([], dtype=object)).outlines) == 0
