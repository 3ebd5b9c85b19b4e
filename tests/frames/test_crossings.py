"""Outlines against named ones: across the border, or inside."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.crossings import crossing_surveyed, holding_outline
from tests.frames.subdivisions import METRES, moved, outline, subdivision

PARK = outline([(0, 0), (100, 0), (100, 100), (0, 100)])


def array(*shapes):
    return np.array(shapes, dtype=object)


def box(west, south, east, north):
    return outline([(west, south), (east, south), (east, north), (west, north)])


@pytest.mark.parametrize(
    ("shape", "outside_m2"),
    [
        pytest.param(box(90, 40, 110, 60), 200, id="half out"),
        pytest.param(box(90, 40, 100.2, 60), 4, id="out by a hand"),
        pytest.param(box(90, 10, 100.05, 90), None, id="out by a finger"),
        pytest.param(box(99.5, 40, 100.5, 41.5), None, id="too little to count"),
        pytest.param(box(100, 40, 120, 60), None, id="beside"),
        pytest.param(box(99.95, 10, 120, 90), None, id="beside, in by a finger"),
        pytest.param(box(10, 10, 20, 20), None, id="inside"),
        pytest.param(box(90, 10, 100, 20), None, id="inside along the border"),
        pytest.param(box(-50, -50, 150, 150), 30_000, id="around"),
        pytest.param(box(300, 300, 310, 310), None, id="far away"),
        pytest.param(None, None, id="none"),
        pytest.param(outline([(90, 0), (110, 20), (110, 0), (90, 20)]), None, id="invalid"),
    ],
)
def test_what_crosses_a_surveyed_border(shape, outside_m2) -> None:
    found = crossing_surveyed(array(shape), array(PARK))
    if outside_m2 is None:
        assert found.row.tolist() == []
    else:
        assert found.row.tolist() == found.surveyed.tolist() == [0]
        assert found.outside_m2 == pytest.approx([outside_m2], rel=1e-3)
        assert found.width_m[0] > 0.1


def test_each_border_crossed_is_told_in_order() -> None:
    inner = box(20, 20, 40, 40)
    shapes = array(box(30, 30, 130, 35), None, box(35, 25, 45, 30), box(60, 60, 70, 70))
    found = crossing_surveyed(shapes, array(inner, PARK, None))
    assert list(zip(found.row.tolist(), found.surveyed.tolist(), strict=True)) == [
        (0, 0), (0, 1), (2, 0),
    ]  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 9_999), st.floats(-200, 200), st.floats(-200, 200))
def test_agrees_with_cutting_each(seed, east, north) -> None:
    shapes = subdivision(5, seed=seed)
    park = moved(subdivision(1, turn=1.0, seed=seed + 1)[0].buffer(1e-3), (east, north))
    found = crossing_surveyed(shapes, array(park))
    got = found.row.tolist()
    for row, shape in enumerate(shapes):
        parts = shapely.difference(shape, park), shapely.intersection(shape, park)
        sizes = area_m2(parts)
        flat = [shapely.transform(part, lambda lonlat: lonlat * METRES) for part in parts]
        if any(part.buffer(-0.049).is_empty != part.buffer(-0.051).is_empty for part in flat):
            continue
        wide = not any(part.buffer(-0.05).is_empty for part in flat)
        assert (row in got) == bool((sizes > 1).all() and wide)


def test_nothing_to_compare_is_no_crossing() -> None:
    assert len(crossing_surveyed(array(), array(PARK)).row) == 0
    assert len(crossing_surveyed(array(PARK), array()).row) == 0


def test_the_point_inside_decides_who_holds_an_outline() -> None:
    half_out = box(80, 40, 110, 60)
    bent = outline([(-40, 0), (10, 0), (10, 10), (-30, 10), (-30, 90), (-40, 90)])
    shapes = array(half_out, bent, None, box(300, 0, 310, 10), shapely.Polygon())
    assert holding_outline(shapes, array(PARK)).tolist() == [0, -1, -1, -1, -1]
    assert holding_outline(shapes, array()).tolist() == [-1] * 5
    assert len(holding_outline(array(), array(PARK))) == 0


def test_the_first_of_several_holders_is_named() -> None:
    zone = box(-500, -500, 500, 500)
    shapes = array(box(10, 10, 20, 20), box(200, 200, 210, 210))
    assert holding_outline(shapes, array(PARK, zone)).tolist() == [0, 1]
    assert holding_outline(shapes, array(zone, PARK)).tolist() == [0, 0]
