"""Rings of boundary points become one outline; geometry decides which of them are holes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from dongtou_geo.formats.boundary_txt_lines import PointLine

# A hole that touches its shell may lie outside it by the rounding of both.
TOUCHING_M = 0.01

_Vertex = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the points of a parcel make.

    Parameters
    ----------
    outline : shapely geometry or None
        Polygon or multipolygon, x = easting, y = northing; not repaired. None = not drawn.
    counts : frozenset of int
        Point counts that the parcel's line may rightly state: without closing points, and with
        those that are there. A ring left open has none: one less than stated is a lost corner.
    troubles : list of tuple of str
        Code and Chinese message of each thing that kept it from being drawn.
    """

    outline: BaseGeometry | None
    counts: frozenset[int]
    troubles: list[tuple[str, str]]


def outline_of(points: Sequence[PointLine]) -> Drawn:
    """Draw a parcel's outline.

    Parameters
    ----------
    points : sequence of PointLine
        All of one parcel, in the text's order.

    Returns
    -------
    Drawn
        Without an outline if the parcel has no point or a ring has less than three.
    """
    if not points:
        message = "地块没有界址点，应至少有 3 个"
        return Drawn(None, frozenset((0,)), [("ring_too_short", message)])
    rings = list(_rings(points))
    short = [ring for ring in rings if len(set(ring.vertices)) < 3]
    troubles = [
        (
            "ring_too_short",
            f"第 {ring.line} 行起的第 {ring.name} 圈只有 {len(set(ring.vertices))} 个不同的界址点，应至少有 3 个",
        )
        for ring in short
    ]
    distinct = sum(len(ring.vertices) for ring in rings)
    # Some count the closing point of the outer ring only.
    counts = frozenset((distinct, len(points), min(distinct + 1, len(points))))
    if troubles:
        return Drawn(None, counts, troubles)
    return Drawn(_nested([Polygon(ring.vertices) for ring in rings]), counts, [])


@dataclass(frozen=True, slots=True)
class _Ring:
    name: str
    line: int
    vertices: list[_Vertex]


def _rings(points: Sequence[PointLine]) -> Iterator[_Ring]:
    """Cut the points into rings: at another 圈号, and where a ring has come back to its start."""
    for name, members in groupby(points, key=lambda point: point.ring):
        line, vertices = 0, list[_Vertex]()
        for point in members:
            vertex = (point.y, point.x)
            if not vertices:
                line = point.line
            elif vertex == vertices[0] and len(vertices) > 2:
                yield _Ring(name, line, vertices)
                vertices = []
                continue
            vertices.append(vertex)
        if vertices:
            yield _Ring(name, line, vertices)


def _nested(rings: list[Polygon]) -> BaseGeometry:
    """Make shells and holes: a ring inside an odd number of larger ones is a hole."""
    if len(rings) == 1:
        return rings[0]
    around = _around(rings)
    holes: dict[int, list[Polygon]] = {}
    for ring, outer in around.items():
        if len(outer) % 2:
            # The smallest ring around a hole is its shell.
            holes.setdefault(outer[-1], []).append(rings[ring])
    parts = [
        Polygon(rings[ring].exterior, [hole.exterior for hole in holes.get(ring, [])])
        for ring, outer in around.items()
        if len(outer) % 2 == 0
    ]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _around(rings: list[Polygon]) -> dict[int, list[int]]:
    """Return for each ring the rings that it lies inside, from the largest to the smallest."""
    areas = shapely.area(rings)
    vertices, owner = shapely.get_coordinates(rings, return_index=True)
    tree = shapely.STRtree(rings)
    inner, outer = tree.query(shapely.points(vertices), predicate="dwithin", distance=TOUCHING_M)
    # A ring lies inside another only with every vertex.
    pairs, seen = np.unique(np.stack([owner[inner], outer]), axis=1, return_counts=True)
    whole = seen == np.bincount(owner)[pairs[0]]
    around: dict[int, list[int]] = {ring: [] for ring in range(len(rings))}
    for ring, other in pairs[:, whole].T.tolist():
        if (areas[other], -other) > (areas[ring], -ring) and ring != other:
            around[ring].append(other)
    for outer_rings in around.values():
        outer_rings.sort(key=lambda ring: (-areas[ring], ring))
    return around
