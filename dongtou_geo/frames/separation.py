"""Which of many pairs of outlines plainly do not overlap: settled at once, in bulk.

Notes
-----
In a subdivision every outline meets some eight others, and next to none of these pairs overlaps.
Two facts settle nearly all of them without cutting one shape by the other. Seen along some
direction, the two cover intervals that have less than a width in common: then so have the shapes.
Or they share a stretch of border, run through in opposite directions, and the line through its two
ends leaves all else of the one to its left and of the other to its right. What neither settles
goes to GEOS; nothing here says that a pair does overlap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.frames.widths import metres_per_degree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Shapes = NDArray[np.object_]

# Corners so near each other are one corner, surveyed or rounded twice.
SAME_CORNER_M = 0.005
# So far may an outline lie across the line through the ends of a shared border.
_ACROSS_M = 0.01
# Corners looked at in one go: what the processor keeps near.
_BLOCK = 300_000
# Outlines of more corners are left to GEOS, which looks them up in an index.
_MANY_CORNERS = 1_000
_POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, slots=True)
class Corners:
    """The corners of many outlines in one plane; holes are left out, which only enlarges.

    Parameters
    ----------
    x, y : ndarray of float, shape (corners,)
        m.
    following : ndarray of int, shape (corners,)
        The next corner of the same ring, counterclockwise.
    east, north : ndarray of float, shape (corners,)
        Outward unit normal of the edge to the next corner; 0 where the two coincide.
    row : ndarray of int, shape (corners,)
        The outline.
    first, count : ndarray of int, shape (outlines,)
        Where the corners of an outline begin, and how many there are.
    box : ndarray of float, shape (outlines, 4)
        Bounds, m.
    """

    x: Floats
    y: Floats
    following: Ints
    east: Floats
    north: Floats
    row: Ints
    first: Ints
    count: Ints
    box: Floats


def polygons_in(outlines: Shapes) -> Shapes:
    """Leave out what no question can be put to.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        EPSG:4490 lon/lat.

    Returns
    -------
    ndarray of shapely geometry or None, shape (n,)
        None for other kinds than polygons, and for coordinates that are no numbers.
    """
    outlines = outlines.copy()
    outlines[~np.isin(shapely.get_type_id(outlines), _POLYGONAL)] = None
    lonlat, row = shapely.get_coordinates(outlines, return_index=True)
    outlines[row[~np.isfinite(lonlat).all(axis=1)]] = None
    return outlines


def plane_of(outlines: Shapes) -> tuple[Floats, Floats]:
    """Choose a plane for outlines of one district.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        EPSG:4490 lon/lat, finite.

    Returns
    -------
    ndarray of float, shape (2,)
        Lon/lat of its origin, in their midst.
    ndarray of float, shape (2,)
        Metres a degree of longitude and of latitude there; 1 % off at a degree of latitude.
    """
    bounds = shapely.bounds(outlines)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if len(bounds) == 0:
        return np.zeros(2), np.ones(2)
    origin = np.asarray(bounds[:, :2].mean(axis=0))
    return origin, metres_per_degree(origin[1:])[0]


def corners_of(outlines: Shapes, origin: Floats, scale: Floats) -> Corners:
    """Lay the corners of outlines into one plane.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        Polygons and multipolygons with finite coordinates, EPSG:4490 lon/lat.
    origin : ndarray of float, shape (2,)
        Lon/lat of the plane's origin.
    scale : ndarray of float, shape (2,)
        Metres a degree of longitude and of latitude.
    """
    lonlat, ring, outline = _outer_rings(outlines)
    xy = (lonlat - origin) * scale
    x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    sizes = np.bincount(ring)
    ahead, behind = _ring_steps(sizes)
    turn = np.bincount(ring, weights=x * y[ahead] - x[ahead] * y)
    following = np.where(turn[ring] >= 0.0, ahead, behind)
    east, north = y[following] - y, x - x[following]
    length = np.hypot(east, north)
    length[length == 0.0] = 1.0
    first = np.zeros(len(outlines), dtype=np.int64)
    begins = np.flatnonzero(np.diff(outline, prepend=-1))
    first[outline[begins]] = begins
    bounds = np.asarray(shapely.bounds(outlines))
    return Corners(
        x=x,
        y=y,
        following=following,
        east=east / length,
        north=north / length,
        row=outline,
        first=first,
        count=np.bincount(outline, minlength=len(outlines)),
        box=(bounds - np.tile(origin, 2)) * np.tile(scale, 2),
    )


def apart(a: Corners, b: Corners, i: Ints, j: Ints, width_m: float) -> Flags:
    """Tell which pairs plainly have no place in common that is so wide.

    Parameters
    ----------
    a, b : Corners
        In one plane.
    i, j : ndarray of int, shape (pairs,)
        Outlines of ``a`` and of ``b``.
    width_m : float
        At least 0.03, so that surveyed borders may differ.

    Returns
    -------
    ndarray of bool, shape (pairs,)
        False says nothing: such a pair may overlap or not.
    """
    settled = np.zeros(len(i), dtype=bool)
    load = a.count[i] + b.count[j]
    few = np.flatnonzero(load <= _MANY_CORNERS)
    for block in _blocks(load[few]):
        pairs = few[block]
        settled[pairs] = _line_between(a, b, i[pairs], j[pairs], width_m)
        pairs = pairs[~settled[pairs]]
        settled[pairs] = _line_between(b, a, j[pairs], i[pairs], width_m)
        pairs = pairs[~settled[pairs]]
        settled[pairs] = _border_between(a, b, i[pairs], j[pairs])
    return settled


def _outer_rings(outlines: Shapes) -> tuple[Floats, Ints, Ints]:
    """Coordinates of the outer rings without the closing ones, their ring, and their outline."""
    one_ring = shapely.get_num_interior_rings(outlines) == 0
    one_ring &= shapely.get_type_id(outlines) == shapely.GeometryType.POLYGON
    plain, rest = np.flatnonzero(one_ring), np.flatnonzero(~one_ring)
    lonlat, ring = shapely.get_coordinates(outlines[plain], return_index=True)
    parts, outline = shapely.get_parts(outlines[rest], return_index=True)
    more, more_ring = shapely.get_coordinates(shapely.get_exterior_ring(parts), return_index=True)
    owner = np.concatenate([plain[ring], rest[outline[more_ring]]])
    lonlat = np.concatenate([lonlat, more])
    ring = np.concatenate([ring, len(plain) + more_ring])
    closing = np.append(ring[1:] != ring[:-1], True)[: len(ring)]
    # Empty outlines have no ring: number those that there are.
    ring = np.cumsum(np.append(False, closing[:-1]))[: len(ring)]
    return lonlat[~closing], ring[~closing], owner[~closing]


def _ring_steps(sizes: Ints) -> tuple[Ints, Ints]:
    """Next and previous corner of each corner, as the rings are written."""
    number = np.arange(sizes.sum())
    end = np.cumsum(sizes)
    begin = end - sizes
    ahead, behind = number + 1, number - 1
    ahead[end - 1], behind[begin] = begin, end - 1
    return ahead, behind


def _blocks(load: Ints) -> Iterator[slice]:
    done = np.cumsum(load)
    start = 0
    while start < len(load):
        before = done[start - 1] if start else 0
        stop = max(int(np.searchsorted(done, before + _BLOCK)), start + 1)
        yield slice(start, stop)
        start = stop


def _spread(first: Ints, count: Ints) -> Ints:
    """Write out runs: first, first + 1, ... for each count."""
    before = np.cumsum(count) - count
    written = np.arange(count.sum()) + np.repeat(first - before, count)
    return np.asarray(written, dtype=np.int64)


def _line_between(a: Corners, b: Corners, i: Ints, j: Ints, width_m: float) -> Flags:
    """Try the edge of the one that best faces the middle of the other."""
    if len(i) == 0:
        return np.zeros(0, dtype=bool)
    count = a.count[i]
    corner, begin = _spread(a.first[i], count), np.cumsum(count) - count
    x, y, east, north = a.x[corner], a.y[corner], a.east[corner], a.north[corner]
    middle_x = np.repeat((b.box[j, 0] + b.box[j, 2]) / 2.0, count)
    middle_y = np.repeat((b.box[j, 1] + b.box[j, 3]) / 2.0, count)
    before = east * (middle_x - x) + north * (middle_y - y)
    facing = np.flatnonzero(before == np.repeat(np.maximum.reduceat(before, begin), count))
    edge = np.empty(len(i), dtype=np.int64)
    edge[np.repeat(np.arange(len(i)), count)[facing]] = facing
    east, north = east[edge], north[edge]
    reach = np.maximum.reduceat(x * np.repeat(east, count) + y * np.repeat(north, count), begin)
    count = b.count[j]
    corner, begin = _spread(b.first[j], count), np.cumsum(count) - count
    along = b.x[corner] * np.repeat(east, count) + b.y[corner] * np.repeat(north, count)
    return np.asarray(reach - np.minimum.reduceat(along, begin) < width_m, dtype=bool)


def _border_between(a: Corners, b: Corners, i: Ints, j: Ints) -> Flags:
    """Find the stretch of border that two share, and see whether all else lies to its sides."""
    pair, one, other = _shared_corners(a, b, i, j)
    single, begin, end = _stretches(a, b, len(i), (pair, one, other))
    from_x, from_y = a.x[begin], a.y[begin]
    along_x, along_y = a.x[end] - from_x, a.y[end] - from_y
    length = np.hypot(along_x, along_y)
    single &= length > 10.0 * _ACROSS_M
    pairs = np.flatnonzero(single)
    if len(pairs) == 0:
        return single
    length = length[pairs]
    ahead = np.stack(
        [from_x[pairs], from_y[pairs], along_x[pairs] / length, along_y[pairs] / length]
    )
    back = ahead * np.array([[1.0], [1.0], [-1.0], [-1.0]])
    used = single[pair]
    place = (np.cumsum(single) - 1)[pair[used]]
    left = _least_left(a, i[pairs], ahead, place, one[used])
    right = _least_left(b, j[pairs], back, place, other[used])
    single[pairs] = (left >= -_ACROSS_M) & (right >= -_ACROSS_M)
    return single


def _stretches(
    a: Corners, b: Corners, count: int, shared: tuple[Ints, Ints, Ints]
) -> tuple[Flags, Ints, Ints]:
    """Pairs whose shared corners follow each other without a break; where that begins and ends."""
    pair, one, other = shared
    key, wanted = pair * len(a.x) + one, pair * len(a.x) + a.following[one]
    at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    # The neighbour runs through the same border backwards.
    goes_on = (key[at] == wanted) & (b.following[other[at]] == other)
    corners = np.bincount(pair, minlength=count)
    links = np.bincount(pair[goes_on], minlength=count)
    begins = np.ones(len(pair), dtype=bool)
    begins[at[goes_on]] = False
    begin, end = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    begin[pair[begins]], end[pair[~goes_on]] = one[begins], one[~goes_on]
    # So many corners and one link less: a single stretch, and no ring.
    return np.asarray((corners >= 2) & (links == corners - 1), dtype=bool), begin, end


def _shared_corners(a: Corners, b: Corners, i: Ints, j: Ints) -> tuple[Ints, Ints, Ints]:
    """Pair, corner of ``a`` and corner of ``b`` wherever two corners are one."""
    pair_a, corner_a = _corners_near(a, i, b.box[j])
    pair_b, corner_b = _corners_near(b, j, a.box[i])
    count = np.bincount(pair_b, minlength=len(i))
    first = np.cumsum(count) - count
    times = count[pair_a]
    one = np.repeat(np.arange(len(pair_a)), times)
    other = corner_b[_spread(first[pair_a], times)]
    pair, one = pair_a[one], corner_a[one]
    near = np.hypot(a.x[one] - b.x[other], a.y[one] - b.y[other]) < SAME_CORNER_M
    return pair[near], one[near], other[near]


def _corners_near(a: Corners, i: Ints, box: Floats) -> tuple[Ints, Ints]:
    corner = _spread(a.first[i], a.count[i])
    pair = np.repeat(np.arange(len(i)), a.count[i])
    west, south, east, north = (box + SAME_CORNER_M * np.array([-1, -1, 1, 1]))[pair].T
    x, y = a.x[corner], a.y[corner]
    near = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
    return pair[near], corner[near]


def _least_left(a: Corners, i: Ints, line: Floats, pair: Ints, shared: Ints) -> Floats:
    """How far to the left of a line an outline stays, shared corners left out; m."""
    count = a.count[i]
    begin = np.cumsum(count) - count
    corner = _spread(a.first[i], count)
    from_x, from_y, along_x, along_y = np.repeat(line, count, axis=1)
    left = along_x * (a.y[corner] - from_y) - along_y * (a.x[corner] - from_x)
    left[begin[pair] + shared - a.first[i][pair]] = np.inf
    return np.asarray(np.minimum.reduceat(left, begin))
