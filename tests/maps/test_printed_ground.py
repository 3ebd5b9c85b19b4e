"""Scales, projection, names and lines of a printed map, without a map."""

import numpy as np
import pytest
import shapely

from dongtou_geo.maps.printed_font import find_typeface
from dongtou_geo.maps.printed_ground import compound_path, point_in_metres, view_of
from dongtou_geo.maps.printed_labels import common_start
from dongtou_geo.maps.printed_margin import bar_metres, degrees
from dongtou_geo.maps.printed_page import Box, Page


def test_a_view_shows_what_was_asked_for_in_its_middle_at_a_round_scale() -> None:
    view = view_of((0, 0, 1000, 500), Box(10, 20, 200, 100), padding=0.05)
    assert view.denominator == 6000
    assert view.on_page(500, 250) == pytest.approx((110, 70))
    assert view.box_on_page((0, 0, 1000, 500)).width == pytest.approx(1000 / 6)


def test_true_north_lies_left_of_the_grid_east_of_the_middle_meridian() -> None:
    east, north = point_in_metres(121.05, 27.9)
    view = view_of((east - 1, north - 1, east + 1, north + 1), Box(0, 0, 100, 100))
    # (121.05 - 120) sin 27.9
    assert view.convergence() == pytest.approx(0.4913, abs=1e-3)


@pytest.mark.parametrize(
    ("denominator", "metres"), [(160_000, 5000), (10_000, 400), (8_500, 200), (120_000, 5000)]
)
def test_a_scale_bar_is_round_in_its_halves(denominator: int, metres: float) -> None:
    assert bar_metres(denominator, 42) == metres


@pytest.mark.parametrize(
    ("value", "text"),
    [(121.0, "121°00′"), (27.9999999, "28°00′"), (121 + 7 / 60 + 30 / 3600, "121°07′30″")],
)
def test_degrees_are_written_with_their_minutes(value: float, text: str) -> None:
    assert degrees(value) == text


@pytest.mark.parametrize(
    ("numbers", "start"),
    [
        (["示例-南塘-A-001", "示例-南塘-B-002"], "示例-南塘-"),
        (["A-1", "B-1"], ""),
        (["A-1"], ""),
        ([], ""),
        (["12", "13"], ""),
        (["A-1", "A-1"], ""),
    ],
)
def test_what_numbers_begin_with_ends_at_a_dash(numbers: list[str], start: str) -> None:
    assert common_start(numbers) == start


def test_holes_stay_open() -> None:
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    path = compound_path([ring, None, shapely.LineString([(0, 0), (1, 1)])])
    assert path is not None
    assert path.contains_point((1, 1))
    outer, inner = (shapely.Polygon(np.asarray(p)) for p in path.to_polygons())
    assert outer.exterior.is_ccw != inner.exterior.is_ccw
    assert compound_path([]) is None


def test_lines_break_between_letters_and_never_before_a_closing_sign() -> None:
    page = Page("A4", portrait=False, typeface=find_typeface())
    lines = page.wrapped("规划没有给出可落点的位置，或不宜标注 sample-41a38bfb-1660。", 20, 6)
    assert (
        "".join(lines).replace(" ", "")
        == "规划没有给出可落点的位置，或不宜标注sample-41a38bfb-1660。"
    )
    assert all(page.text_width(line, 6) <= 20 for line in lines)
    assert not any(line[0] in "，。" for line in lines)
