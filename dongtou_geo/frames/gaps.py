"""Narrow or small gaps that a file leaves between neighbouring outlines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.outline_faults import first_alike
from dongtou_geo.frames.separation import SAME_CORNER_M, corners_of, plane_of, polygons_in
from dongtou_geo.frames.topology import OVERLAP_AREA_M2, OVERLAP_WIDTH_M
from dongtou_geo.frames.widths import mean_widths_m, widths_m

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

NARROW_M = 1.0
SMALL_M2 = 10.0

# Any direction in which no border runs: corners of a street must not lie in one line.
_ACROSS = np.array([0.61803398875, 0.78615137776])
# A corner belongs to few outlines: so many neighbours in line are compared.
_COPIES = 6
# Nothing narrow or small has more edges.
_MOST_EDGES = 1_000
_EDGES_AT_ONCE = 200_000
_ODD = 0x9E3779B1


@dataclass(frozen=True, slots=True)
class Gaps:
    """Enclosed voids between outlines.

    Parameters
    ----------
    outlines : ndarray of shapely polygon, shape (n,)
        EPSG:4490 lon/lat.
    area_m2, width_m : ndarray of float, shape (n,)
        Area and mean width (2 area / border).
    gap, row : ndarray of int, shape (k,)
        Which outlines border which gap, in order of gaps.
    """

    outlines: Shapes
    area_m2: Floats
    width_m: Floats
    gap: Ints
    row: Ints


@dataclass(frozen=True, slots=True)
class _Edges:
    """Directed edges between corners, the outline to their left; ``row`` is that outline."""

    begin: Ints
    end: Ints
    row: Ints

    def __getitem__(self, chosen: NDArray[np.bool_] | Ints) -> _Edges:
        return _Edges(self.begin[chosen], self.end[chosen], self.row[chosen])

    def free(self, corners: int) -> _Edges:
        """Those that no other runs through backwards: nothing lies to their right."""
        forth = np.sort(self.begin * corners + self.end)
        back = self.end * corners + self.begin
        at = np.minimum(np.searchsorted(forth, back), max(len(forth) - 1, 0))
        return self[forth[at] != back]


def gaps_within(outlines: Shapes) -> Gaps:
    """Find voids between outlines, closed in all round, that are no land of their own.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        EPSG:4490 lon/lat, of one park or of the whole file.

    Returns
    -------
    Gaps
        Between two outlines or more; narrower than 1 m on the mean or smaller than 10 m2; and,
        as for overlaps, over 1 m2 and somewhere wider than 0.1 m: less is a rounding.

    Notes
    -----
    Edges that two outlines run through in opposite directions border no gap and drop out. From
    each edge left, the border of the void to its right is followed, at every corner into the next
    edge counterclockwise. Corners within 5 mm of each other, or of an edge, count as one or as on
    it. Holes of outlines are drawn on purpose and not looked into.
    """
    sound = polygons_in(np.asarray(outlines, dtype=object))
    # The same drawing again bounds nothing that the first does not.
    sound[first_alike(sound) != np.arange(len(sound))] = None
    origin, scale = plane_of(sound)
    corners = corners_of(sound, origin, scale)
    xy = np.column_stack([corners.x, corners.y])
    leader = _leaders(xy)
    edges = _Edges(leader, leader[corners.following], corners.row)
    edges = edges[edges.begin != edges.end].free(len(xy))
    edges = _split(edges, xy).free(len(xy))
    gap, edge = _followed(edges, xy)
    gap, edge = _large_voids(gap, edge, xy[edges.begin])
    rings = shapely.linearrings(xy[edges.begin[edge]] / scale + origin, indices=gap)
    neighbours = np.unique(np.column_stack([gap, edges.row[edge]]), axis=0)
    voids = np.asarray(shapely.polygons(rings), dtype=object).reshape(-1)
    return _measured(voids, neighbours, sound)


def _leaders(xy: Floats) -> Ints:
    """Name for each corner the one that stands for all in its place."""
    order = np.argsort(xy @ _ACROSS)
    x, y = xy[order].T
    across = x * _ACROSS[0] + y * _ACROSS[1]
    leader = np.arange(len(order))
    for step in range(1, min(_COPIES, len(order) - 1) + 1):
        at = np.flatnonzero(across[step:] - across[:-step] < SAME_CORNER_M)
        at = at[np.hypot(x[at + step] - x[at], y[at + step] - y[at]) < SAME_CORNER_M]
        leader[at + step] = np.minimum(leader[at + step], leader[at])
    named = np.empty(len(order), dtype=np.int64)
    named[order] = order[leader[leader]]
    return named


def _split(edges: _Edges, xy: Floats) -> _Edges:
    """Split edges where a corner of another outline lies on them."""
    point, edge = _corners_on(edges, xy)
    ahead = xy[edges.end[edge]] - xy[edges.begin[edge]]
    along = ((xy[point] - xy[edges.begin[edge]]) * ahead).sum(axis=1)
    number = np.arange(len(edges.begin))
    stops = np.concatenate([edges.begin, point, edges.end])
    of_edge = np.concatenate([number, edge, number])
    place = np.concatenate([np.full(len(number), -np.inf), along, np.full(len(number), np.inf)])
    order = np.lexsort((place, of_edge))
    stops, of_edge = stops[order], of_edge[order]
    within = np.flatnonzero(of_edge[1:] == of_edge[:-1])
    return _Edges(stops[within], stops[within + 1], edges.row[of_edge[within]])


def _corners_on(edges: _Edges, xy: Floats) -> tuple[Ints, Ints]:
    """Corners that lie on an edge between its ends; from south to north, to spare memory."""
    used = np.zeros(len(xy), dtype=bool)
    used[edges.begin] = True
    corner = np.flatnonzero(used)
    corner = corner[np.argsort(xy[corner, 1])]
    lowest = np.minimum(xy[edges.begin, 1], xy[edges.end, 1])
    order = np.argsort(lowest)
    points, lines = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for start in range(0, len(order), _EDGES_AT_ONCE):
        chosen = order[start : start + _EDGES_AT_ONCE]
        ends = np.stack([xy[edges.begin[chosen]], xy[edges.end[chosen]]], axis=1)
        reach = ends[..., 1].min() - SAME_CORNER_M, ends[..., 1].max() + SAME_CORNER_M
        band = corner[slice(*np.searchsorted(xy[corner, 1], reach))]
        tree = shapely.STRtree(np.asarray(shapely.linestrings(ends), dtype=object))
        point, line = tree.query(
            shapely.points(xy[band]), predicate="dwithin", distance=SAME_CORNER_M
        )
        points.append(band[point])
        lines.append(chosen[line])
    found, edge = np.concatenate(points), np.concatenate(lines)
    inner = (found != edges.begin[edge]) & (found != edges.end[edge])
    return found[inner], edge[inner]


def _following(edges: _Edges, xy: Floats) -> Ints:
    """The next edge around the void to the right of each edge; -1 where borders cross."""
    number = np.arange(len(edges.begin))
    ahead = xy[edges.end] - xy[edges.begin]
    # Each edge leaves its first corner forwards, its last one backwards.
    corner = np.concatenate([edges.begin, edges.end])
    turn = np.arctan2(*np.concatenate([ahead, -ahead]).T[::-1])
    edge = np.concatenate([number, number])
    leaves = np.repeat([True, False], len(number))
    order = np.lexsort((leaves, turn, corner))
    corner, edge, leaves = corner[order], edge[order], leaves[order]
    last = np.append(corner[1:] != corner[:-1], True)[: len(corner)]
    begins = np.flatnonzero(np.append(True, last[:-1])[: len(corner)])
    after = np.arange(1, len(corner) + 1)
    after[last] = begins
    following = np.full(len(number), -1)
    arrives = np.flatnonzero(~leaves)
    onward = leaves[after[arrives]]
    following[edge[arrives[onward]]] = edge[after[arrives[onward]]]
    return following


def _followed(edges: _Edges, xy: Floats) -> tuple[Ints, Ints]:
    """Closed borders: number of the void and its edges, in order.

    Notes
    -----
    All edges set out at once. Who meets an edge of a lower number gives up, since the lowest comes
    round the same border; numbers are scattered, so that most give up after a few steps.
    """
    following = _following(edges, xy)
    number = (np.arange(len(following), dtype=np.uint64) * np.uint64(_ODD)) % np.uint64(2**32)
    start = here = np.arange(len(following))
    passed, closed = [], []
    for _ in range(_MOST_EDGES):
        passed.append((start, here))
        here = following[here]
        home = here == start
        closed.append(start[home])
        goes_on = (here >= 0) & ~home
        goes_on[goes_on] = number[here[goes_on]] > number[start[goes_on]]
        start, here = start[goes_on], here[goes_on]
        if len(start) == 0:
            break
    starts, steps = (np.concatenate(column) for column in zip(*passed, strict=True))
    rounds = np.sort(np.concatenate(closed))
    kept = np.flatnonzero(np.isin(starts, rounds))
    kept = kept[np.argsort(starts[kept], kind="stable")]
    return np.searchsorted(rounds, starts[kept]), steps[kept]


def _large_voids(gap: Ints, edge: Ints, xy: Floats) -> tuple[Ints, Ints]:
    """Leave out the borders around land, and voids too small to count; number the rest anew."""
    count = np.bincount(gap)
    after = np.arange(1, len(gap) + 1)
    end = np.cumsum(count)
    after[end - 1] = end - count
    x, y = xy[edge].T
    signed_m2 = np.bincount(gap, weights=x * y[after] - x[after] * y) / 2.0
    # A void is run round clockwise: land lies to the left.
    large = (signed_m2 < -0.9 * OVERLAP_AREA_M2) & (count > 2)
    kept = large[gap]
    return (np.cumsum(large) - 1)[gap[kept]], edge[kept]


def _measured(voids: Shapes, neighbours: Ints, outlines: Shapes) -> Gaps:
    void_m2, mean_m = area_m2(voids), mean_widths_m(voids)
    kept = ((mean_m < NARROW_M) | (void_m2 < SMALL_M2)) & (void_m2 > OVERLAP_AREA_M2)
    kept &= np.bincount(neighbours[:, 0], minlength=len(voids)) > 1
    kept &= shapely.is_valid(voids)
    kept[kept] = widths_m(voids[kept], OVERLAP_WIDTH_M) > OVERLAP_WIDTH_M
    # Where outlines overlap, a border may seem to enclose a void that is another's land.
    inside = shapely.point_on_surface(voids[kept])
    covered = shapely.STRtree(outlines).query(inside, predicate="intersects")[0]
    kept[np.flatnonzero(kept)[covered]] = False
    neighbours = neighbours[kept[neighbours[:, 0]]]
    return Gaps(
        outlines=voids[kept],
        area_m2=void_m2[kept],
        width_m=mean_m[kept],
        gap=(np.cumsum(kept) - 1)[neighbours[:, 0]],
        row=neighbours[:, 1],
    )
