"""Rings in flat arrays: winding, and what rounding to a coarse tile leaves of them."""

import numpy as np
import pytest

from dongtou_geo.tiles.rings import Rings, doubled_areas, ranges, tidied, wound

SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10)]  # clockwise on the screen: y runs southward
HOLE = [(2, 2), (2, 5), (5, 5), (5, 2)]


def rings_of(*rings, owner=None, outer=None) -> Rings:
    edges = np.concatenate([[0], np.cumsum([len(ring) for ring in rings])]).astype(np.int64)
    vertices = np.array([at for ring in rings for at in ring], dtype=np.int64).reshape(-1, 2)
    owner = np.zeros(len(rings), dtype=np.intp) if owner is None else np.array(owner)
    outer = np.array([True, *[False] * (len(rings) - 1)]) if outer is None else np.array(outer)
    return Rings(vertices, edges, owner, outer)


def listed(rings: Rings):
    return [
        list(map(tuple, ring.tolist())) for ring in np.split(rings.vertices, rings.offsets[1:-1])
    ]


def test_areas_bear_the_sign_of_the_direction() -> None:
    rng = np.random.default_rng(3)
    rings = [rng.integers(-4000, 4000, (count, 2)).tolist() for count in (3, 8, 5, 30)]
    signed = []
    for ring in rings:
        x, y = np.array([*ring, ring[0]]).T
        signed.append(int((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()))
    assert doubled_areas(rings_of(*rings)).tolist() == signed
    assert doubled_areas(rings_of(SQUARE, HOLE)).tolist() == [200, -18]


@pytest.mark.parametrize("outer", [SQUARE, SQUARE[::-1]])
@pytest.mark.parametrize("hole", [HOLE, HOLE[::-1]])
def test_outer_rings_end_up_clockwise_on_the_screen_and_holes_not(outer, hole) -> None:
    turned = wound(rings_of(outer, hole, outer, outer=[True, False, True]))
    assert np.sign(doubled_areas(turned)).tolist() == [1, -1, 1]
    assert [sorted(ring) for ring in listed(turned)] == [
        sorted(SQUARE),
        sorted(HOLE),
        sorted(SQUARE),
    ]


def test_repeated_vertices_go_also_across_the_seam() -> None:
    stuttering = [SQUARE[0], *SQUARE, SQUARE[3], SQUARE[0]]
    assert [sorted(ring) for ring in listed(tidied(rings_of(stuttering)))] == [sorted(SQUARE)]


def test_what_has_no_area_goes_and_takes_its_holes_along() -> None:
    flat = [(0, 0), (5, 0), (9, 0)]
    point = [(3, 3), (3, 3), (3, 3)]
    rings = rings_of(
        SQUARE, point, flat, HOLE, SQUARE, HOLE, point,
        owner=[0, 0, 1, 1, 2, 2, 3], outer=[True, False, True, False, True, False, True],
    )  # fmt: skip
    left = tidied(rings)
    assert left.owner.tolist() == [0, 2, 2]
    assert left.outer.tolist() == [True, True, False]
    assert listed(left) == [SQUARE, SQUARE, HOLE]
    assert len(tidied(rings_of(point)).vertices) == 0


def test_ranges_give_the_places_of_rows_in_the_order_of_the_rows() -> None:
    offsets = np.array([0, 2, 2, 5])
    place, counts = ranges(offsets, np.array([2, 0, 1, 2]))
    assert place.tolist() == [2, 3, 4, 0, 1, 2, 3, 4]
    assert counts.tolist() == [3, 2, 0, 3]
    assert ranges(offsets, np.array([], dtype=int))[0].tolist() == []
