"""Overlaps, against cutting every pair with plain shapely."""

from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.overlaps import overlaps_between, overlaps_within
from dongtou_geo.frames.separation import apart, corners_of, plane_of
from tests.frames.subdivisions import METRES, bricks, moved, outline, strip, subdivision

SQUARE = outline([(0, 0), (100, 0), (100, 100), (0, 100)])


def array(*shapes):
    return np.array(shapes, dtype=object)


def pairs(found):
    return list(zip(found.i.tolist(), found.j.tolist(), strict=True))


def cut_each(one, other):
    """(counts, could go either way) by the rule's own words."""
    if not (one.is_valid and other.is_valid):
        return False, False
    shared = shapely.intersection(one, other)
    flat = shapely.transform(shared, lambda lonlat: lonlat * METRES)
    land_m2 = area_m2([shared])[0]
    wide, thin, thick = (not flat.buffer(-half).is_empty for half in (0.05, 0.0505, 0.0495))
    return bool(land_m2 > 1.0 and wide), bool(thin != thick or abs(land_m2 - 1.0) < 1e-3)


SHIFTS = st.sampled_from([0.02, 0.08, 0.12, 0.3, 2.0, 20.0])


@st.composite
def disturbed(draw):
    """A subdivision in which some outlines were moved, stretched, cut, turned round or doubled."""
    seed = draw(st.integers(0, 10_000))
    noise = draw(st.sampled_from([0.0, 1e-9]))
    turn = draw(st.floats(0, 3.2))
    if draw(st.booleans()):
        shapes = subdivision(3, turn, draw(st.sampled_from([0.0, 3.0, 8.0])), noise, seed)
    else:
        shapes = bricks(3, turn, noise, seed)
    for row in draw(st.lists(st.integers(0, 8), max_size=4)):
        shapes[row] = changed(draw, shapes, row)
    return shapes


def changed(draw, shapes, row):
    shape = shapes[row]
    angle, metres = draw(st.floats(0, 6.3)), draw(SHIFTS)
    factor = draw(st.sampled_from([0.3, 0.999, 1.001, 1.05]))
    ways = [
        moved(shape, (metres * np.cos(angle), metres * np.sin(angle))),
        shapes[draw(st.integers(0, 8))],
        shapely.affinity.scale(shape, factor, factor),
        shape.difference(shapely.affinity.scale(shape, 0.5, 0.5)),
        shapely.reverse(shape),
        shapely.multipolygons(shapely.get_parts([shape, moved(shape, (170, 20))])),
        shapely.segmentize(shape, 1e-4),
    ]
    return draw(st.sampled_from(ways))


@settings(max_examples=150, deadline=None)
@given(disturbed())
def test_finds_what_cutting_each_pair_finds(shapes) -> None:
    found = overlaps_within(shapes)
    got = set(pairs(found))
    for i, j in combinations(range(len(shapes)), 2):
        counts, either = cut_each(shapes[i], shapes[j])
        assert either or ((i, j) in got) is counts, (i, j)
    assert pairs(found) == sorted(got)
    assert (found.width_m > 0.1).all()
    shared = shapely.intersection(shapes[found.i], shapes[found.j])
    assert found.area_m2 == pytest.approx(area_m2(shared), rel=1e-9)
    others = overlaps_between(shapes[:4], shapes[4:])
    assert {(i, j + 4) for i, j in pairs(others)} == {(i, j) for i, j in got if i < 4 <= j}


@pytest.mark.parametrize("noise", [0.0, 1e-9])
@pytest.mark.parametrize("elbow", [0.0, 4.0])
def test_a_neat_subdivision_has_no_overlaps(elbow, noise) -> None:
    shapes = subdivision(20, elbow=elbow, noise=noise)
    assert len(overlaps_within(shapes).i) == 0
    assert len(overlaps_within(bricks(20, noise=noise)).i) == 0


@pytest.mark.parametrize("elbow", [0.0, 4.0])
def test_a_neat_subdivision_needs_no_cutting(elbow) -> None:
    # What keeps a hundred thousand outlines under a second.
    shapes = subdivision(20, elbow=elbow, noise=1e-9)
    shapes[::2] = shapely.reverse(shapes[::2])
    i, j = shapely.STRtree(shapes).query(shapes)
    i, j = i[i < j], j[i < j]
    corners = corners_of(shapes, *plane_of(shapes))
    assert apart(corners, corners, i, j, 0.09).mean() > 0.99


@pytest.mark.parametrize(("width", "length", "counts"), [(0.2, 100, True), (0.05, 200, False)])
def test_a_strip_counts_by_its_width(width, length, counts) -> None:
    one = outline([(0, 0), (length, 0), (length, 50), (0, 50)])
    other = outline([(0, width - 40), (length, width - 40), (length, width), (0, width)])
    found = overlaps_within(array(one, other))
    assert pairs(found) == ([(0, 1)] if counts else [])
    if counts:
        assert found.area_m2[0] == pytest.approx(width * length, rel=1e-3)
        assert found.width_m[0] == pytest.approx(width, rel=0.01)


def test_less_than_a_square_metre_does_not_count() -> None:
    corner = outline([(99.1, 99.1), (150, 99.1), (150, 150), (99.1, 150)])
    assert pairs(overlaps_within(array(SQUARE, corner))) == []
    corner = outline([(98.9, 98.9), (150, 98.9), (150, 150), (98.9, 150)])
    found = overlaps_within(array(SQUARE, corner))
    assert found.area_m2 == pytest.approx([1.21], rel=1e-3)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(SQUARE, id="the same"),
        pytest.param(shapely.reverse(SQUARE), id="the same backwards"),
        pytest.param(outline([(0, 0), (100, 0), (100, 100)]), id="of its corners"),
        pytest.param(outline([(40, 40), (60, 40), (60, 60)]), id="inside"),
        pytest.param(outline([(-50, 45), (150, 45), (150, 55), (-50, 55)]), id="across"),
        pytest.param(outline([(-900, -900), (900, -900), (900, 900), (-900, 900)]), id="around"),
        pytest.param(shapely.segmentize(SQUARE, 1e-6), id="of many corners"),
    ],
)
def test_what_lies_over_a_square_is_found(other) -> None:
    assert pairs(overlaps_within(array(SQUARE, other))) == [(0, 1)]
    assert pairs(overlaps_between(array(other), array(SQUARE))) == [(0, 0)]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            [(0, 0), (100, 0), (100, 100), (0, 100)],
            [(100, 0), (150, 0), (150, 150), (50, 150), (50, 60), (60, 60), (60, 140), (100, 140),
             (100, 100)],
            id="the neighbour reaches round a corner",
        ),
        pytest.param(
            [(0, 0), (100, 0), (100, 100), (100.8, 130), (0, 130)],
            [(100, 0), (150, 0), (150, 130), (100, 130), (100, 100)],
            id="the outline leans over beyond the shared border",
        ),
        pytest.param(
            [(0, 0), (100, 0), (90, 50), (100, 100), (0, 100)],
            [(100, 0), (150, 0), (150, 100), (100, 100), (80, 50)],
            id="the border bends differently between shared corners",
        ),
    ],
)  # fmt: skip
def test_neighbours_with_a_shared_border_may_overlap_elsewhere(one, other, backwards) -> None:
    shapes = array(outline(one), outline(other))
    found = overlaps_within(shapely.reverse(shapes) if backwards else shapes)
    assert pairs(found) == [(0, 1)]


def test_one_drawing_filled_down_a_column_is_compared_with_the_first() -> None:
    across = outline([(-50, 45), (150, 45), (150, 55), (-50, 55)])
    shapes = array(across, *[SQUARE] * 3_000, strip(5, 30, at=(900, 900)))
    found = overlaps_within(shapes)
    assert pairs(found) == [(0, 1), *((1, row) for row in range(2, 3_001))]
    assert found.area_m2[1:] == pytest.approx(area_m2([SQUARE])[0])
    assert found.width_m[1:] == pytest.approx(50, rel=1e-3)
    # A few are compared each with each.
    assert len(overlaps_within(shapes[:11]).i) == 10 + 10 * 9 / 2


def test_an_outline_in_the_hole_of_another_does_not_overlap() -> None:
    ring = SQUARE.difference(outline([(20, 20), (80, 20), (80, 80), (20, 80)]))
    island = outline([(20, 20), (80, 20), (80, 80), (20, 80)])
    assert pairs(overlaps_within(array(ring, island))) == []


def test_what_no_question_can_be_put_to_is_passed_over() -> None:
    bow_tie = outline([(0, 0), (100, 100), (100, 0), (0, 100)])
    broken = shapely.set_coordinates(array(SQUARE), np.full((5, 2), np.inf))[0]
    line = shapely.LineString([(121.1, 27.9), (121.101, 27.901)])
    odd = array(None, bow_tie, broken, line, shapely.Polygon(), shapely.Point(121.1, 27.9))
    assert pairs(overlaps_within(np.append(odd, array(SQUARE, SQUARE)))) == [(6, 7)]
    assert pairs(overlaps_between(odd, array(SQUARE))) == []
    assert pairs(overlaps_within(array())) == []
    assert pairs(overlaps_between(array(), array(SQUARE))) == []
    assert odd[3] is line


def test_rows_of_the_ledger_are_told_as_they_stand() -> None:
    ledger = np.append(subdivision(6, seed=3), array(None))
    own = array(None, moved(ledger[20], (0.5, 0)), strip(5, 30, at=(900, 900)))
    found = overlaps_between(own, ledger)
    assert (1, 20) in pairs(found)
    assert set(found.i.tolist()) == {1}
    turned = overlaps_between(ledger, own)
    assert sorted((j, i) for i, j in pairs(turned)) == pairs(found)
