"""Outlines cut and joined: by a line, within their parent, side by side."""

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from dongtou_geo.errors import EventError
from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.partition import cut_by_line, outline_of, partition_problems, united

LON, LAT = 121.05, 27.85
METRE = 1e-5  # about, in either direction


def box(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """Corners in metres, about."""
    return shapely.box(
        LON + west * METRE, LAT + south * METRE, LON + east * METRE, LAT + north * METRE
    )


def wkb(shape: BaseGeometry) -> bytes:
    return bytes(shapely.to_wkb(shape))


def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
    return [(LON + x * METRE, LAT + y * METRE) for x, y in points]


def measured(*outlines: bytes) -> float:
    return float(area_m2([shapely.from_wkb(outline) for outline in outlines]).sum())


def holes(shape: BaseGeometry) -> int:
    return len(shapely.get_rings(shape)) - 1


FIELD = box(0, 0, 200, 100)


# Cut


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        (at((80, -10), (80, 110)), 2),
        (at((80, 0), (80, 100)), 2),
        (at((-10, -10), (210, 110)), 2),
        (at((50, -10), (60, 40), (90, 60), (80, 110)), 2),
        (at((50, -10), (50, 110), (150, 110), (150, -10)), 3),
    ],
)
def test_a_line_cuts_parts_that_lose_no_land(line: list[tuple[float, float]], parts: int) -> None:
    # A corner more on a straight edge: the geodesics between differ by a few cm2.
    cut = cut_by_line(wkb(FIELD), line)
    assert len(cut) == parts
    assert measured(*cut) == pytest.approx(measured(wkb(FIELD)), abs=0.1)
    assert partition_problems(wkb(FIELD), {str(i): part for i, part in enumerate(cut)}) == []


def test_parts_come_from_west_to_east() -> None:
    west, east = cut_by_line(wkb(FIELD), at((80, -10), (80, 110)))
    assert shapely.from_wkb(west).bounds[0] < shapely.from_wkb(east).bounds[0]


def test_a_hole_and_a_second_part_are_kept() -> None:
    holed = FIELD.difference(box(90, 40, 110, 60))
    cut = cut_by_line(wkb(holed), at((50, -10), (50, 110)))
    assert measured(*cut) == pytest.approx(measured(wkb(holed)), abs=0.1)
    double = shapely.union_all([FIELD, box(300, 0, 400, 100)])
    assert len(cut_by_line(wkb(double), at((50, -10), (50, 110)))) == 3


@pytest.mark.parametrize(
    ("shape", "line", "said"),
    [
        (FIELD, at((80, -10), (80, 50)), "没有把地块分开"),
        (FIELD, at((500, -10), (500, 110)), "没有把地块分开"),
        (
            shapely.union_all([FIELD, box(300, 0, 400, 100)]),
            at((250, 0), (250, 9)),
            "没有把地块分开",
        ),
        (FIELD, at((0.005, -10), (0.005, 110)), "不足 1 m² 的碎片"),
        (FIELD, at((80, -10)), "有 1 个点，应为至少 2 个不同"),
        (FIELD, at((80, -10), (80, -10)), "应为至少 2 个不同"),
        (FIELD, at((80, -10), (float("nan"), 110)), "应为至少 2 个不同"),
        (FIELD, [], "有 0 个点"),
    ],
)
def test_a_line_that_does_not_cut_is_refused(
    shape: BaseGeometry, line: list[tuple[float, float]], said: str
) -> None:
    with pytest.raises(EventError, match=said):
        cut_by_line(wkb(shape), line)


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        (b"", "图形无法读取"),
        (b"\x01\x02", "图形无法读取"),
        (wkb(shapely.Point(LON, LAT)), "是 Point"),
        (wkb(shapely.Polygon()), "空图形"),
        (wkb(shapely.box(505_000, 3_081_000, 505_100, 3_081_100)), "不是经纬度"),
        (wkb(shapely.Polygon(at((0, 0), (10, 10), (10, 0), (0, 10)))), "Self-intersection"),
    ],
)
def test_what_is_no_outline_is_named(outline: bytes, said: str) -> None:
    with pytest.raises(EventError, match=f"地块 A .*{said}"):
        outline_of(outline, "A")


# Within and beside


def test_children_may_leave_their_parent_by_the_width_of_a_border() -> None:
    assert partition_problems(wkb(FIELD), {"a": wkb(box(-0.08, 0, 100, 100))}) == []
    (problem,) = partition_problems(wkb(FIELD), {"a": wkb(box(-0.2, 0, 100, 100))})
    assert problem.startswith("子地块 a 超出原地块")


def test_children_may_overlap_by_a_sliver() -> None:
    first = wkb(box(0, 0, 100, 100))
    assert partition_problems(None, {"a": first, "b": wkb(box(99.95, 0, 200, 100))}) == []
    assert partition_problems(None, {"a": first, "b": wkb(box(99, 0, 200, 0.9))}) == []
    (problem,) = partition_problems(None, {"a": first, "b": wkb(box(99, 0, 200, 100))})
    assert problem.startswith("子地块 a 与 b 重叠")


def test_a_parent_that_cannot_be_read_is_named_and_the_children_still_compared() -> None:
    same = wkb(box(0, 0, 100, 100))
    problems = partition_problems(b"\x01", {"a": same, "b": same})
    assert [problem[:7] for problem in problems] == ["地块 （原地块", "子地块 a 与"]


# Joined


def test_neighbours_become_one_outline() -> None:
    joined = united({"a": wkb(FIELD), "b": wkb(box(200, 50, 300, 150))})
    shape = shapely.from_wkb(joined)
    assert shape.geom_type == "Polygon"
    assert measured(joined) == pytest.approx(
        measured(wkb(FIELD), wkb(box(200, 50, 300, 150))), abs=0.1
    )


@pytest.mark.parametrize("gap", [0.01, 0.08])
def test_a_gap_of_a_borders_width_is_closed(gap: float) -> None:
    joined = shapely.from_wkb(united({"a": wkb(FIELD), "b": wkb(box(200 + gap, 0, 300, 100))}))
    assert joined.geom_type == "Polygon"
    assert holes(joined) == 0
    whole = measured(wkb(box(0, 0, 300, 100)))
    assert float(area_m2([joined])[0]) == pytest.approx(whole, rel=1e-5)


def test_a_sliver_between_neighbours_is_no_hole() -> None:
    bent = shapely.Polygon(at((200, 0), (300, 0), (300, 100), (200, 100), (200.05, 50)))
    joined = shapely.from_wkb(united({"a": wkb(FIELD), "b": wkb(bent)}))
    assert holes(joined) == 0


def test_a_yard_inside_neighbours_stays_a_hole() -> None:
    west = box(0, 0, 100, 100).difference(box(90, 40, 100, 60))
    joined = shapely.from_wkb(united({"a": wkb(west), "b": wkb(box(100, 0, 200, 100))}))
    assert holes(joined) == 1


@pytest.mark.parametrize(
    "other", [box(200.3, 0, 300, 100), box(200, 100, 300, 200), box(500, 0, 600, 100)]
)
def test_what_only_touches_or_lies_apart_is_no_neighbour(other: BaseGeometry) -> None:
    with pytest.raises(EventError, match="地块 a、b 不相邻：图形合并后是 2 块"):
        united({"a": wkb(FIELD), "b": wkb(other)})
