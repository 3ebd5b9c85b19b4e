"""Ellipsoidal area on CGCS2000: the one measure of land in this project."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

# The CGCS2000 ellipsoid (EPSG:1024), as GB 22021-2008 states it; GRS 1980 has the same two figures.
SEMI_MAJOR_M = 6_378_137.0
INVERSE_FLATTENING = 298.257222101

_E2 = (2.0 - 1.0 / INVERSE_FLATTENING) / INVERSE_FLATTENING
_E = _E2**0.5

Floats = NDArray[np.float64]


def area_m2(geometries: Sequence[BaseGeometry | None] | NDArray[np.object_]) -> Floats:
    """Measure polygons on the CGCS2000 ellipsoid; edges are geodesics.

    Parameters
    ----------
    geometries : sequence of shapely geometry or None
        Polygons and multipolygons, holes allowed, lon/lat in EPSG:4490. Ring direction does not
        matter. Points and lines measure 0.

    Returns
    -------
    ndarray of float
        m2, one value a geometry; 0 for an empty geometry, NaN for None.

    Notes
    -----
    Vertices go to the cylindrical authalic (equal-area) plane, where the shoelace formula is exact
    for edges that are straight in that plane (Snyder 1987, eqs 3-12 and 10-1). A geodesic bends
    away from such an edge; the sliver between the two is its curvature there times s**3 / 12,
    which with edges up to 50 km leaves less than 1e-6 of the area (against pyproj.Geod). The
    national land survey counts in the same way, TD/T 1055-2019: 椭球面积, not the area of a map
    projection. Outlines across the 180th meridian or around a pole are not handled.
    """
    shapes = np.asarray(geometries, dtype=object).reshape(-1)
    polygons, owner = shapely.get_parts(shapes, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    if len(rings) == 0:
        return _sums(np.zeros(0), np.zeros(0, dtype=np.intp), shapes)
    ring_m2 = np.abs(_signed_ring_areas_m2(rings))
    outer = np.ones(len(rings), dtype=bool)
    outer[1:] = polygon[1:] != polygon[:-1]
    return _sums(np.where(outer, ring_m2, -ring_m2), owner[polygon], shapes)


def _sums(values: Floats, owner: NDArray[np.intp], shapes: NDArray[np.object_]) -> Floats:
    totals = np.bincount(owner, weights=values, minlength=len(shapes)).astype(np.float64)
    totals[shapely.is_missing(shapes)] = np.nan
    return totals


def _signed_ring_areas_m2(rings: NDArray[np.object_]) -> Floats:
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    sin_lat = np.sin(lat)
    y = _authalic_ordinate_m2(sin_lat)
    # Count from each ring's first vertex: y is 1e13 m2, a parcel 1e3 m2.
    first = np.searchsorted(ring, np.arange(len(rings)))
    x, y = lon - lon[first][ring], y - y[first][ring]
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    under = (x[edge] * y[edge + 1] - x[edge + 1] * y[edge]) / 2.0
    parallel_m = SEMI_MAJOR_M * np.cos(lat) / np.sqrt(1.0 - _E2 * sin_lat**2)
    bulge = _geodesic_bulge_m2(
        x[edge + 1] - x[edge],
        y[edge + 1] - y[edge],
        (sin_lat[edge] + sin_lat[edge + 1]) / 2.0,
        (parallel_m[edge] + parallel_m[edge + 1]) / 2.0,
    )
    return np.bincount(ring[edge], weights=under + bulge, minlength=len(rings)).astype(np.float64)


def _authalic_ordinate_m2(sin_lat: Floats) -> Floats:
    """Area between the equator and a latitude, m2 a radian of longitude."""
    e_sin = _E * sin_lat
    q = sin_lat / (1.0 - e_sin**2) + np.arctanh(e_sin) / _E
    return np.asarray(SEMI_MAJOR_M**2 * (1.0 - _E2) / 2.0 * q, dtype=np.float64)


def _geodesic_bulge_m2(dx: Floats, dy: Floats, sin_lat: Floats, parallel_m: Floats) -> Floats:
    """Signed area between the straight edge of the plane and the geodesic, m2."""
    east, north = dx * parallel_m, dy / parallel_m
    return np.asarray(-dx * sin_lat * (east**2 + 3.0 * north**2) / 12.0, dtype=np.float64)
