"""GCJ-02, the shifted coordinates of Chinese web maps: to it, back, and how a file gives it away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.frames.widths import metres_per_degree

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

# Krassovsky 1940, as the formula has it.
_SEMI_MAJOR_M = 6_378_245.0
_E2 = 0.00669342162296594323
# Outside this box web maps are not shifted.
_WEST, _SOUTH, _EAST, _NORTH = 72.004, 0.8293, 137.8347, 55.8271

# 540 m to the south-east here. Borders drawn by hand or walked with a phone differ by some metres.
LEAST_SHIFT_M = 300.0
LARGEST_REST_M = 15.0
ENOUGH_PAIRS = 3

_ROUNDS = 20
_SETTLED_DEG = 1e-12


@dataclass(frozen=True, slots=True)
class Shift:
    """A file whose outlines lie where GCJ-02 would put them.

    Parameters
    ----------
    count : int
        Pairs of outlines compared.
    displacement_m : float
        Median distance between the outlines of the file and the known ones.
    rest_m : float
        Median distance left once the shift is taken back.
    weak : bool
        Fewer than 3 pairs: a hint only.
    """

    count: int
    displacement_m: float
    rest_m: float
    weak: bool


def to_gcj02(lonlat: Floats) -> Floats:
    """Shift lon/lat as web maps do.

    Parameters
    ----------
    lonlat : ndarray of float, shape (n, 2)
        WGS84 or CGCS2000, degrees.

    Returns
    -------
    ndarray of float, shape (n, 2)
        GCJ-02, degrees; unchanged outside mainland China's bounding box.

    Notes
    -----
    The formula has no official publication. It became known in 2010 as source code on CodePlex
    (on4wp7, changeset 21483) and agrees with the maps within a metre; its constants are
    documented with test points by googollee/eviltransform on GitHub.
    """
    lonlat = np.asarray(lonlat, dtype=np.float64)
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    inside = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    shifted = lonlat.copy()
    shifted[inside] += _shift(lonlat[inside])
    return shifted


def from_gcj02(lonlat: Floats) -> Floats:
    """Take the shift of web maps back.

    Parameters
    ----------
    lonlat : ndarray of float, shape (n, 2)
        GCJ-02, degrees.

    Returns
    -------
    ndarray of float, shape (n, 2)
        WGS84 or CGCS2000, degrees, to 1e-9 degrees.

    Notes
    -----
    Fixed-point iteration. The shift changes by less than a hundredth of a step, so that each
    round adds two digits or more.
    """
    lonlat = np.asarray(lonlat, dtype=np.float64)
    finite = np.isfinite(lonlat).all(axis=1)
    shifted = lonlat[finite]
    guess = shifted.copy()
    for _ in range(_ROUNDS):
        step = shifted - to_gcj02(guess)
        guess += step
        if np.abs(step).max(initial=0.0) < _SETTLED_DEG:
            break
    taken_back = lonlat.copy()
    taken_back[finite] = guess
    return taken_back


def shifted_like_gcj02(own: Shapes, reference: Shapes) -> Shift | None:
    """Tell whether a file's outlines are displaced as GCJ-02 displaces.

    Parameters
    ----------
    own, reference : ndarray of shapely geometry or None, shape (n,)
        The same parcels in the file and in the ledger or a surveyed layer, EPSG:4490 lon/lat;
        pairs of which one lacks an outline are left out.

    Returns
    -------
    Shift or None
        None if they are not displaced by more than 300 m, or if taking the shift of GCJ-02 back
        leaves a median of 15 m or more.
    """
    ours, theirs = _centres(own), _centres(reference)
    paired = np.isfinite(ours).all(axis=1) & np.isfinite(theirs).all(axis=1)
    ours, theirs = ours[paired], theirs[paired]
    if len(ours) == 0:
        return None
    displacement_m = float(np.median(_distances_m(ours, theirs)))
    rest_m = float(np.median(_distances_m(from_gcj02(ours), theirs)))
    if displacement_m <= LEAST_SHIFT_M or rest_m >= LARGEST_REST_M:
        return None
    return Shift(len(ours), displacement_m, rest_m, weak=len(ours) < ENOUGH_PAIRS)


def _shift(lonlat: Floats) -> Floats:
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20.0 * _wave(x, 6.0) + 20.0 * _wave(x, 2.0)
    north = 20.0 * _wave(y, 1.0) + 40.0 * _wave(y, 1 / 3)
    north += 160.0 * _wave(y, 1 / 12) + 320.0 * _wave(y, 1 / 30)
    east = 20.0 * _wave(x, 1.0) + 40.0 * _wave(x, 1 / 3)
    east += 150.0 * _wave(x, 1 / 12) + 300.0 * _wave(x, 1 / 30)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root
    east_m = 300.0 + x + 2.0 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root
    metres = np.column_stack([east_m + (ripple + east) / 1.5, north_m + (ripple + north) / 1.5])
    lat = np.radians(lonlat[:, 1])
    bend = 1.0 - _E2 * np.sin(lat) ** 2
    radius = _SEMI_MAJOR_M / np.sqrt(bend)
    per_radian = np.column_stack([radius * np.cos(lat), radius * (1.0 - _E2) / bend])
    return np.asarray(np.degrees(metres / per_radian), dtype=np.float64)


def _wave(degrees: Floats, times: float) -> Floats:
    return np.asarray(np.sin(degrees * times * np.pi), dtype=np.float64)


def _centres(outlines: Shapes) -> Floats:
    # Coordinates that are no numbers make a centre that is none, not a warning.
    with np.errstate(invalid="ignore", over="ignore"):
        centres = shapely.centroid(np.asarray(outlines, dtype=object))
    return np.asarray(shapely.bounds(centres)[:, :2])


def _distances_m(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.hypot(*((one - other) * metres_per_degree(other[:, 1])).T))
