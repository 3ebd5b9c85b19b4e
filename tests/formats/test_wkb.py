"""Outlines out of WKB, with the types and faults that GEOS does not take."""

import math
import struct

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dongtou_geo.formats.row_problems import RowProblems
from dongtou_geo.formats.wkb import outlines_of

TRIANGLE = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 0.0)]
CIRCLE = [(0.0, 0.0), (100.0, 100.0), (200.0, 0.0), (100.0, -100.0), (0.0, 0.0)]


def ring(points, order="<") -> bytes:
    return struct.pack(order + "I", len(points)) + b"".join(
        struct.pack(f"{order}{len(p)}d", *p) for p in points
    )


def wkb(kind: int, *parts: bytes, order: str = "<") -> bytes:
    mark = b"\x01" if order == "<" else b"\x00"
    return (
        mark
        + struct.pack(order + "I", kind)
        + struct.pack(order + "I", len(parts))
        + b"".join(parts)
    )


def line(kind: int, points, order: str = "<") -> bytes:
    mark = b"\x01" if order == "<" else b"\x00"
    return mark + struct.pack(order + "I", kind) + ring(points, order)


def read(*encoded, tolerance=0.01):
    problems = RowProblems(np.arange(1, len(encoded) + 1))
    column = np.empty(len(encoded), dtype=object)
    column[:] = encoded
    return outlines_of(column, tolerance, problems), problems.all()


def test_nothing_and_plain_polygons_pass() -> None:
    shapes, problems = read(None, shapely.box(0, 0, 1, 1).wkb, shapely.Point(1, 2).wkb)
    assert shapes[0] is None
    assert shapes[1].area == 1
    assert shapes[2].geom_type == "Point"
    assert problems == ()


@pytest.mark.parametrize("order", ["<", ">"])
def test_curves_are_stroked_to_a_centimetre(order: str) -> None:
    """Of a layer with curves the other rows stay as they are."""
    arcs = line(8, CIRCLE, order)
    half = wkb(9, line(8, CIRCLE[:3], order), line(2, [CIRCLE[2], CIRCLE[0]], order), order=order)
    shapes, problems = read(
        wkb(10, arcs, order=order),
        wkb(10, half, order=order),
        wkb(12, wkb(10, arcs, order=order), shapely.box(500, 0, 501, 1).wkb, order=order),
        shapely.box(0, 0, 2, 2).wkb,
    )
    assert problems == ()
    area, most = math.pi * 100**2, 2 * math.pi * 100 * 0.01
    assert area - most < shapes[0].area < area
    assert (area - most) / 2 < shapes[1].area < area / 2
    assert shapes[2].geom_type == "MultiPolygon"
    assert shapes[2].area == pytest.approx(shapes[0].area + 1)
    assert shapes[3].area == 4
    from_centre = np.hypot(*(shapely.get_coordinates(shapes[0]) - (100, 0)).T)
    assert from_centre == pytest.approx(100, abs=1e-9)


@pytest.mark.parametrize(
    ("offset", "size"), [(1000, 3), (2000, 3), (3000, 4), (0x80000000, 3), (0xC0000000, 4)]
)
def test_heights_and_measures_are_left_out(offset: int, size: int) -> None:
    points = [(*point, *range(7, 7 + size - 2)) for point in CIRCLE]
    shapes, problems = read(wkb(10 + offset, line(8 + offset, points)))
    assert problems == ()
    assert not shapes[0].has_z
    assert shapes[0].bounds == pytest.approx((0, -100, 200, 100), abs=0.02)


def test_an_srid_is_skipped() -> None:
    with_srid = b"\x01" + struct.pack("<IIi", 10 | 0x20000000, 4549, 1) + line(8, CIRCLE)
    assert read(with_srid)[0][0].area > 31_000


def test_without_units_small_coordinates_are_taken_for_degrees() -> None:
    small = [(121 + x * 1e-5, 27 + y * 1e-5) for x, y in CIRCLE]
    fine, _ = read(wkb(10, line(8, small)), tolerance=None)
    metres, _ = read(wkb(10, line(8, [(x + 6e5, y + 3e6) for x, y in CIRCLE])), tolerance=None)
    assert len(fine[0].exterior.coords) == pytest.approx(len(metres[0].exterior.coords), rel=0.1)


def test_height_of_plain_polygons_is_left_out() -> None:
    shapes, _ = read(shapely.Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)]).wkb)
    assert not shapes[0].has_z


def test_collections_become_their_polygons() -> None:
    square, point = shapely.box(0, 0, 1, 1), shapely.Point(5, 5)
    other = shapely.MultiPolygon([shapely.box(2, 2, 3, 3)])
    nested = shapely.GeometryCollection([square, shapely.GeometryCollection([other, point])])
    shapes, _ = read(
        shapely.GeometryCollection([square, point]).wkb, nested.wkb,
        shapely.GeometryCollection([point]).wkb,
    )  # fmt: skip
    assert shapes[0].equals(square)
    assert shapes[1].geom_type == "MultiPolygon"
    assert shapes[1].area == 2
    assert shapes[2].geom_type == "GeometryCollection"


def test_open_rings_are_closed_and_said() -> None:
    shapes, problems = read(wkb(3, ring(TRIANGLE[:3])), wkb(3, ring(TRIANGLE)))
    assert [shape.area for shape in shapes] == [50, 50]
    assert [(p.row, p.code, p.severity.value) for p in problems] == [(1, "ring_closed", "warning")]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("odd", [math.nan, math.inf, 1e300])
def test_coordinates_that_are_no_numbers_arrive(place: int, odd: float) -> None:
    points = [*TRIANGLE[:3], (5.0, 8.0), TRIANGLE[0]]
    points[place] = (odd, 1.0)
    points[-1] = points[0]
    shapes, problems = read(wkb(3, ring(points)))
    assert problems == ()
    assert not np.isfinite(shapely.get_coordinates(shapes[0])).all() or odd == 1e300


def test_surfaces_and_triangles_are_polygons() -> None:
    shapes, _ = read(
        wkb(15, wkb(3, ring(TRIANGLE)), wkb(3, ring(TRIANGLE))), wkb(16, wkb(17, ring(TRIANGLE)))
    )
    assert [shape.geom_type for shape in shapes] == ["MultiPolygon", "MultiPolygon"]


def test_curved_lines_stay_lines() -> None:
    shapes, _ = read(wkb(11, line(8, CIRCLE)), line(8, CIRCLE))
    assert [shape.geom_type for shape in shapes] == ["MultiLineString", "LineString"]


@pytest.mark.parametrize(
    "broken",
    [
        b"", b"\x01", wkb(10, line(8, CIRCLE))[:-3], wkb(10, line(8, CIRCLE[:4])), wkb(99),
        b"\x01" + struct.pack("<II", 10, 0xFFFFFFFF), wkb(3, ring(TRIANGLE[:1])),
        wkb(10, b"\x01" + struct.pack("<II", 8, 0x7FFFFFFF)),
        b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 40 + wkb(99),
    ],
)  # fmt: skip
def test_what_cannot_be_read_rejects_its_row_only(broken: bytes) -> None:
    shapes, problems = read(broken, shapely.box(0, 0, 1, 1).wkb)
    assert shapes[0] is None
    assert shapes[1].area == 1
    assert [(p.row, p.code, p.severity.value) for p in problems] == [
        (1, "geometry_unreadable", "error")
    ]


@given(st.binary(max_size=60), st.integers(0, 200), st.integers(0, 255))
def test_no_bytes_end_in_another_exception(noise: bytes, place: int, value: int) -> None:
    damaged = bytearray(wkb(12, wkb(10, wkb(9, line(8, CIRCLE[:3]), line(2, CIRCLE[2:4])))))
    damaged[place % len(damaged)] = value
    shapes, _ = read(noise, bytes(damaged), bytes(damaged[:place]), tolerance=None)
    assert len(shapes) == 3
