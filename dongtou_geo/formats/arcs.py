"""Circular arcs as chains of chords that stay within a given distance of the arc."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

# The contract's 1 cm; in degrees it is taken along the meridian, where a degree is longest.
TOLERANCE_M = 0.01
METRES_PER_DEGREE = 111_700.0
# A ring of this many chords within 1 cm has a radius of 20 000 km: not a parcel.
_MAX_CHORDS = 100_000


def stroked_string(control: Points, tolerance: float) -> Points:
    """Stroke a string of arcs.

    Parameters
    ----------
    control : ndarray of float, shape (n, 2)
        Start, point on the arc, end = start of the next arc, and so on: n is odd.
    tolerance : float
        Largest distance between chord and arc, in the units of the coordinates.

    Returns
    -------
    ndarray of float, shape (m, 2)
        Vertices; starts and ends of the arcs are kept to the bit.

    Raises
    ------
    ValueError
        If n is even or below 3, or an arc needs more chords than any parcel has.
    """
    if len(control) < 3 or len(control) % 2 == 0:
        msg = f"an arc string of {len(control)} points"
        raise ValueError(msg)
    pieces = [control[:1]]
    for first in range(0, len(control) - 2, 2):
        start, through, end = control[first : first + 3]
        pieces.append(_stroked(start, through, end, tolerance)[1:])
    return np.vstack(pieces)


def stroked_bulges(
    vertices: Points, bulges: NDArray[np.float64], tolerance: float, *, closed: bool
) -> Points:
    """Stroke a CAD polyline whose segments may be arcs.

    Parameters
    ----------
    vertices : ndarray of float, shape (n, 2)
        Vertices.
    bulges : ndarray of float, shape (n,)
        Tangent of a quarter of each following segment's angle, positive to the left; 0 = straight.
    tolerance : float
        Largest distance between chord and arc, in the units of the coordinates.
    closed : bool
        Whether a segment leads from the last vertex back to the first.

    Returns
    -------
    ndarray of float, shape (m, 2)
        Vertices; where closed, the first again at the end.

    Raises
    ------
    ValueError
        If an arc needs more chords than any parcel has.
    """
    ends = np.roll(vertices, -1, axis=0)
    count = len(vertices) if closed else len(vertices) - 1
    if not np.any(bulges[:count]):
        return np.vstack([vertices, vertices[:1]]) if closed else vertices
    pieces = [vertices[:1]]
    for start, end, bulge in zip(vertices[:count], ends[:count], bulges[:count], strict=True):
        if bulge == 0.0:
            pieces.append(end[None, :])
            continue
        # The sagitta is bulge times half the chord; a positive bulge lies right of the chord.
        half = (end - start) / 2.0
        through = start + half + bulge * np.array([half[1], -half[0]])
        pieces.append(_stroked(start, through, end, tolerance)[1:])
    return np.vstack(pieces)


def _stroked(start: Points, through: Points, end: Points, tolerance: float) -> Points:
    """One arc; the same vertices in whichever direction it is drawn, so that neighbours fit."""
    if tuple(end) < tuple(start):
        return _stroked(end, through, start, tolerance)[::-1]
    circle = _circle(start, through, end)
    if circle is None:
        return np.array([start, through, end])
    centre, radius, first, sweep = circle
    # A chord over the angle a leaves the arc by r (1 - cos(a / 2)) = 2 r sin(a / 4)**2.
    step = 4.0 * math.asin(math.sqrt(min(0.5, tolerance / (2.0 * radius))))
    chords = max(2, math.ceil(abs(sweep) / step))
    if chords > _MAX_CHORDS:
        msg = f"an arc of {chords} chords"
        raise ValueError(msg)
    angles = first + sweep * np.arange(1, chords) / chords
    inner = centre + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return np.vstack([start, inner, end])


def _circle(
    start: Points, through: Points, end: Points
) -> tuple[Points, float, float, float] | None:
    """Centre, radius, first angle and signed sweep; None for a straight or endless arc."""
    # From the start point on: map coordinates of 4e7 leave too few digits for the squares.
    a, b = through - start, end - start
    if not (np.isfinite(a).all() and np.isfinite(b).all()) or not a.any():
        return None
    if not b.any():
        # Start = end: a whole circle, its second point opposite (ISO 13249-3).
        centre, sweep = a / 2.0, 2.0 * math.pi
    else:
        cross = a[0] * b[1] - a[1] * b[0]
        # Points on a line, to the last digits that a double has.
        if abs(cross) <= 1e-12 * math.hypot(*a) * math.hypot(*b):
            return None
        square_a, square_b = a @ a, b @ b
        centre = np.array(
            [b[1] * square_a - a[1] * square_b, a[0] * square_b - b[0] * square_a]
        ) / (2.0 * cross)
        turn = math.atan2(b[1] - centre[1], b[0] - centre[0]) - math.atan2(-centre[1], -centre[0])
        # cross > 0: the third point lies left of the line to the second, so the arc turns left.
        sweep = turn % (2.0 * math.pi) if cross > 0 else -(-turn % (2.0 * math.pi))
    radius = math.hypot(*centre)
    if not math.isfinite(radius):
        return None
    return start + centre, radius, math.atan2(-centre[1], -centre[0]), sweep
