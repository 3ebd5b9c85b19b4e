"""How wide outlines are, in metres: what tells a strip of land from a rounding of coordinates."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.frames.area import INVERSE_FLATTENING, SEMI_MAJOR_M

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

_E2 = (2.0 - 1.0 / INVERSE_FLATTENING) / INVERSE_FLATTENING
# How finely the widest place of a shape is looked for.
_CIRCLE_STEP_M = 0.01


def metres_per_degree(lat: Floats) -> Floats:
    """Length of a degree to the east and to the north on the CGCS2000 ellipsoid.

    Parameters
    ----------
    lat : ndarray of float, shape (n,)
        Latitude, degrees.

    Returns
    -------
    ndarray of float, shape (n, 2)
        Metres a degree of longitude, metres a degree of latitude.
    """
    sin_lat = np.sin(np.radians(lat))
    root = np.sqrt(1.0 - _E2 * sin_lat**2)
    east = SEMI_MAJOR_M / root * np.cos(np.radians(lat))
    north = SEMI_MAJOR_M * (1.0 - _E2) / root**3
    return np.asarray(np.radians(np.column_stack([east, north])), dtype=np.float64)


def in_metres(outlines: Shapes) -> Shapes:
    """Lay each outline into a plane of its own, in metres: for widths, never for areas.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        EPSG:4490 lon/lat.

    Returns
    -------
    ndarray of shapely geometry or None, shape (n,)
        Metres from the middle of each outline.

    Notes
    -----
    Equirectangular about the middle latitude: at 10 km from it a width is 0.1 % off.
    """
    west, south, east, north = shapely.bounds(outlines).T
    middle = np.column_stack([(west + east) / 2.0, (south + north) / 2.0])
    scale = metres_per_degree(middle[:, 1])
    lonlat, row = shapely.get_coordinates(outlines, return_index=True)
    metres = (lonlat - middle[row]) * scale[row]
    return np.asarray(shapely.set_coordinates(outlines.copy(), metres), dtype=object)


def mean_widths_m(outlines: Shapes) -> Floats:
    """Mean width of each outline: twice its area over the length of its border.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        Polygons and multipolygons, EPSG:4490 lon/lat.

    Returns
    -------
    ndarray of float, shape (n,)
        m; the true width for a strip, 0 for what has no border, NaN for None.

    Notes
    -----
    A border of length P lies within r, the radius of the largest circle inside, of all land, so
    that area <= r P: a shape is somewhere at least as wide as its mean width.
    """
    flat = in_metres(outlines)
    border_m = shapely.length(flat)
    return np.asarray(2.0 * shapely.area(flat) / np.where(border_m == 0.0, 1.0, border_m))


def widths_m(outlines: Shapes, limit_m: float) -> Floats:
    """Measure how wide outlines are, and exactly whether wider than a limit.

    Parameters
    ----------
    outlines : ndarray of shapely geometry, shape (n,)
        Valid, EPSG:4490 lon/lat; points and lines among their parts have no width.
    limit_m : float
        The width that decides, m.

    Returns
    -------
    ndarray of float, shape (n,)
        m. Over the limit where a circle of that diameter fits inside (the outline shrunk by half
        the limit is not empty). The figure is the mean width of the widest part, and where that
        is less than the limit although a circle fits, the diameter of the largest circle.
    """
    parts, row = _polygons(outlines)
    part_m = mean_widths_m(parts)
    unsure = np.flatnonzero(part_m <= limit_m)
    flat = in_metres(parts[unsure])
    thick = ~shapely.is_empty(shapely.buffer(flat, -limit_m / 2.0, quad_segs=2))
    radius = shapely.maximum_inscribed_circle(flat[thick], _CIRCLE_STEP_M)
    part_m[unsure[thick]] = np.maximum(2.0 * shapely.length(radius), np.nextafter(limit_m, np.inf))
    part_m[unsure[~thick]] = np.minimum(part_m[unsure[~thick]], limit_m)
    widest = np.zeros(len(outlines))
    np.maximum.at(widest, row, part_m)
    return widest


def _polygons(outlines: Shapes) -> tuple[Shapes, NDArray[np.intp]]:
    parts, row = shapely.get_parts(outlines, return_index=True)
    # An intersection may be a collection of multipolygons and lines: two levels.
    parts, inner = shapely.get_parts(parts, return_index=True)
    flat = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return parts[flat], row[inner][flat]
