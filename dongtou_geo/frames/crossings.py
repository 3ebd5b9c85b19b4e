"""How outlines lie to outlines with a name: across a surveyed one, inside an indicative one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.separation import polygons_in
from dongtou_geo.frames.topology import OVERLAP_AREA_M2, OVERLAP_WIDTH_M
from dongtou_geo.frames.widths import widths_m

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Crossings:
    """Outlines that lie partly inside a surveyed one, partly outside.

    Parameters
    ----------
    row : ndarray of int, shape (n,)
        The outline, in order.
    surveyed : ndarray of int, shape (n,)
        The surveyed outline that it crosses.
    outside_m2, width_m : ndarray of float, shape (n,)
        How much of it lies outside, and how wide that is, see ``widths.widths_m``.
    """

    row: Ints
    surveyed: Ints
    outside_m2: Floats
    width_m: Floats


def crossing_surveyed(outlines: Shapes, surveyed: Shapes) -> Crossings:
    """Find the outlines that cross the border of a surveyed one.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        EPSG:4490 lon/lat. Invalid outlines are passed over.
    surveyed : ndarray of shapely polygon, shape (m,)
        Valid, EPSG:4490 lon/lat: parks, zones or reclamation areas whose fidelity is surveyed.

    Returns
    -------
    Crossings
        Both the part outside and the part inside are over 1 m2 and wider than 0.1 m, as for
        overlaps: a neighbour along the border does not cross it.
    """
    sound = polygons_in(np.asarray(outlines, dtype=object))
    area = polygons_in(np.asarray(surveyed, dtype=object))
    # A tree over the many, asked by the few: the borders of the few are indexed for the asking.
    which, row = shapely.STRtree(sound).query(shapely.boundary(area), predicate="intersects")
    valid = shapely.is_valid(sound[row])
    which, row = which[valid], row[valid]
    shapely.prepare(area)
    meets = shapely.relate_pattern(area[which], sound[row], "T********")
    which, row = which[meets], row[meets]
    outside = shapely.difference(sound[row], area[which])
    outside_m2, width_m = _measured(outside)
    counts = np.flatnonzero(width_m > OVERLAP_WIDTH_M)
    inside = shapely.intersection(sound[row[counts]], area[which[counts]])
    counts = counts[_measured(inside)[1] > OVERLAP_WIDTH_M]
    counts = counts[np.lexsort((which[counts], row[counts]))]
    return Crossings(row[counts], which[counts], outside_m2[counts], width_m[counts])


def holding_outline(outlines: Shapes, named: Shapes) -> Ints:
    """Tell which of some named outlines holds each outline.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        EPSG:4490 lon/lat. Invalid outlines are passed over.
    named : ndarray of shapely polygon, shape (m,)
        Valid, EPSG:4490 lon/lat, the first wins where two overlap; indicative ones make this
        information, never a fault.

    Returns
    -------
    ndarray of int, shape (n,)
        Position in ``named`` of the outline that holds the representative point (a point inside,
        in the midst of its widest stretch from west to east); -1 = none.
    """
    sound = polygons_in(np.asarray(outlines, dtype=object))
    sound[~shapely.is_valid(sound)] = None
    inside = shapely.point_on_surface(sound)
    which, row = shapely.STRtree(inside).query(np.asarray(named, dtype=object), "intersects")
    holder = np.full(len(sound), -1, dtype=np.int64)
    # Backwards, so that the first of several is written last.
    order = np.argsort(-which, kind="stable")
    holder[row[order]] = which[order]
    return holder


def _measured(parts: Shapes) -> tuple[Floats, Floats]:
    """Area and width; the width is 0 where the area does not count."""
    parts_m2 = area_m2(parts)
    large = parts_m2 > OVERLAP_AREA_M2
    width_m = np.zeros(len(parts))
    width_m[large] = widths_m(parts[large], OVERLAP_WIDTH_M)
    return parts_m2, width_m
