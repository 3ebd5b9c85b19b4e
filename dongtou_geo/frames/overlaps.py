"""Which outlines lie over one another: wider than 0.1 m and over 1 m2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.outline_faults import first_alike
from dongtou_geo.frames.separation import Corners, apart, corners_of, plane_of, polygons_in
from dongtou_geo.frames.topology import OVERLAP_AREA_M2, OVERLAP_WIDTH_M
from dongtou_geo.frames.widths import widths_m

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

# One plane serves all outlines: a tenth of the width makes up for its changing scale.
_SURE_WIDTH_M = 0.9 * OVERLAP_WIDTH_M
_PAIRS_AT_ONCE = 50_000
_MOST_ALIKE = 10


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Pairs of outlines that lie over one another.

    Parameters
    ----------
    i, j : ndarray of int, shape (n,)
        Rows of the two outlines.
    area_m2 : ndarray of float, shape (n,)
        What both cover.
    width_m : ndarray of float, shape (n,)
        How wide it is at its widest part, see ``widths.widths_m``.
    """

    i: Ints
    j: Ints
    area_m2: Floats
    width_m: Floats


def overlaps_within(outlines: Shapes) -> Overlaps:
    """Find the outlines of one file that lie over one another.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        EPSG:4490 lon/lat. Invalid outlines, and what is no polygon, are passed over.

    Returns
    -------
    Overlaps
        Each pair once, i < j, in order.

    Notes
    -----
    Wider than 0.1 m means that a circle of this diameter fits into what both cover: it does not
    vanish when shrunk by 0.05 m. So a strip of 0.2 m by 100 m counts and one of 0.05 m by 200 m
    does not, although it covers 10 m2; neither do borders that differ by a rounding.

    More than 10 outlines that are the very same (one drawing filled down a column) are compared
    with the first of them, and only that one with others: n, not n * n / 2 pairs.
    """
    outlines = polygons_in(outlines)
    first = first_alike(outlines)
    crowded = np.bincount(first, minlength=len(first))[first] > _MOST_ALIKE
    again = np.flatnonzero(crowded & (first != np.arange(len(first))))
    alike = _measured(outlines, outlines, first[again], again)
    outlines[again] = None
    one, other = shapely.STRtree(outlines).query(outlines)
    once = one < other
    corners = corners_of(outlines, *plane_of(outlines))
    found = _overlapping(outlines, outlines, one[once], other[once], (corners, corners))
    return _in_order([alike, found])


def overlaps_between(outlines: Shapes, others: Shapes) -> Overlaps:
    """Find the outlines of one file that lie over outlines of the ledger.

    Parameters
    ----------
    outlines, others : ndarray of shapely geometry or None, shape (n,) and (m,)
        EPSG:4490 lon/lat. Invalid outlines, and what is no polygon, are passed over.

    Returns
    -------
    Overlaps
        ``i`` counts in ``outlines``, ``j`` in ``others``; in order. Limits as within a file.
    """
    outlines, others = polygons_in(outlines), polygons_in(others)
    # The tree of the smaller side is the cheaper one to build.
    if len(outlines) < len(others):
        j, i = shapely.STRtree(outlines).query(others)
    else:
        i, j = shapely.STRtree(others).query(outlines)
    met_i, i = np.unique(i, return_inverse=True)
    met_j, j = np.unique(j, return_inverse=True)
    ours, theirs = outlines[met_i], others[met_j]
    origin, scale = plane_of(ours)
    corners = corners_of(ours, origin, scale), corners_of(theirs, origin, scale)
    found = _overlapping(ours, theirs, i, j, corners)
    return _in_order([Overlaps(met_i[found.i], met_j[found.j], found.area_m2, found.width_m)])


def _overlapping(
    ours: Shapes, theirs: Shapes, i: Ints, j: Ints, corners: tuple[Corners, Corners]
) -> Overlaps:
    one, other = corners[0].box[i], corners[1].box[j]
    shared = np.minimum(one[:, 2:], other[:, 2:]) - np.maximum(one[:, :2], other[:, :2])
    wide = (shared > _SURE_WIDTH_M).all(axis=1)
    i, j = i[wide], j[wide]
    unsettled = ~apart(*corners, i, j, _SURE_WIDTH_M)
    return _measured(ours, theirs, i[unsettled], j[unsettled])


def _in_order(found: list[Overlaps]) -> Overlaps:
    i, j, land_m2, width_m = (
        np.concatenate([getattr(part, column) for part in found])
        for column in ("i", "j", "area_m2", "width_m")
    )
    order = np.lexsort((j, i))
    return Overlaps(i[order], j[order], land_m2[order], width_m[order])


def _measured(ours: Shapes, theirs: Shapes, i: Ints, j: Ints) -> Overlaps:
    """Cut pairs one by the other, so many at once that the pieces fit into memory."""
    blocks = [
        _cut(ours, theirs, i[start : start + _PAIRS_AT_ONCE], j[start : start + _PAIRS_AT_ONCE])
        for start in range(0, max(len(i), 1), _PAIRS_AT_ONCE)
    ]
    return Overlaps(*(np.concatenate(column) for column in zip(*blocks, strict=True)))


def _cut(ours: Shapes, theirs: Shapes, i: Ints, j: Ints) -> tuple[Ints, Ints, Floats, Floats]:
    valid = _all_valid(ours, i) & _all_valid(theirs, j)
    i, j = i[valid], j[valid]
    shared = _shared(ours[i], theirs[j])
    shared_m2 = area_m2(shared)
    large = shared_m2 > OVERLAP_AREA_M2
    width_m = np.zeros(len(i))
    width_m[large] = widths_m(shared[large], OVERLAP_WIDTH_M)
    kept = width_m > OVERLAP_WIDTH_M
    return i[kept], j[kept], shared_m2[kept], width_m[kept]


def _all_valid(outlines: Shapes, rows: Ints) -> NDArray[np.bool_]:
    distinct, place = np.unique(rows, return_inverse=True)
    return np.asarray(shapely.is_valid(outlines[distinct])[place], dtype=bool)


def _shared(one: Shapes, other: Shapes) -> Shapes:
    """Intersect pairs; where the larger covers the smaller, that is the smaller."""
    swap = shapely.get_num_coordinates(one) < shapely.get_num_coordinates(other)
    large, small = np.where(swap, other, one), np.where(swap, one, other)
    shapely.prepare(large)
    shared = np.full(len(one), shapely.Polygon(), dtype=object)
    covered = shapely.covers(large, small)
    shared[covered] = small[covered]
    cut = np.flatnonzero(
        ~covered & ~shapely.touches(large, small) & shapely.intersects(large, small)
    )
    shared[cut] = shapely.intersection(large[cut], small[cut])
    return shared
