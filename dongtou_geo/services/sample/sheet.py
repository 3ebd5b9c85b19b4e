"""A flat sheet in metres to cut a park on, and the grid of roads drawn on it.

Notes
-----
Sizes on the sheet only decide where to cut; the area that a parcel counts with is measured by
``dongtou_geo.frames.area`` once it is back in EPSG:4490.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.affinity import rotate

# One degree near 28 N on the CGCS2000 ellipsoid, good to 1e-4 across a park.
_M_PER_DEG_LAT = 110_818.0
_M_PER_DEG_LON_EQUATOR = 111_401.0
# 1e-10 degree is 0.01 mm, and equal text on every machine.
_DECIMALS = 10


@dataclass(frozen=True, slots=True)
class Road:
    """A straight road on the sheet.

    Parameters
    ----------
    at : float
        Where it lies: a share of the sheet's height (spine) or length (cross road).
    width_m : float
        Between the plots on both sides.
    tilt_deg : float
        Turn against the grid, counter-clockwise.
    start, end : float
        The part of the sheet's length (spine) or height (cross road) that it runs through.
    """

    at: float
    width_m: float
    tilt_deg: float = 0.0
    start: float = -0.2
    end: float = 1.2


@dataclass(frozen=True, slots=True)
class River:
    """A river that winds across the sheet, bottom to top, at a share of its length."""

    at: float
    width_m: float
    swing_m: float


@dataclass(frozen=True, slots=True)
class Hill:
    """An oval of ground left as it is; centre and radii as shares of the sheet."""

    x: float
    y: float
    radius_x: float
    radius_y: float


@dataclass(frozen=True, slots=True)
class Grid:
    """How one park is cut.

    Parameters
    ----------
    plot_mu : (float, float)
        Usual smallest and largest plot.
    setback_m : float
        Verge along the outline.
    spines, crosses : tuple of Road
        Roads along the main axis, and across it.
    rivers : tuple of River
        Water between the plots.
    hills : tuple of Hill
        Ground left as it is.
    through : float
        How often a plot runs through its block from road to road.
    estate : (float, float) or None
        A point (shares of the sheet) in the block that one large occupant holds.
    estate_mu : float
        Size of that occupant's plots.
    """

    plot_mu: tuple[float, float]
    setback_m: float
    spines: tuple[Road, ...]
    crosses: tuple[Road, ...]
    rivers: tuple[River, ...] = ()
    hills: tuple[Hill, ...] = ()
    through: float = 0.2
    estate: tuple[float, float] | None = None
    estate_mu: float = 0.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A flat map in metres, turned onto a park's main axis.

    Parameters
    ----------
    origin : ndarray of float
        Lon, lat of its zero point.
    scale : ndarray of float
        Metres a degree, east and north.
    turn : ndarray of float
        Rotation from north-up to the sheet.
    """

    origin: NDArray[np.float64]
    scale: NDArray[np.float64]
    turn: NDArray[np.float64]

    @classmethod
    def at(cls, lon: float, lat: float) -> Sheet:
        """Lay a sheet north up around a point."""
        scale = np.array([_M_PER_DEG_LON_EQUATOR * math.cos(math.radians(lat)), _M_PER_DEG_LAT])
        return cls(np.array([lon, lat]), scale, np.eye(2))

    @classmethod
    def along(cls, outline: Polygon) -> Sheet:
        """Lay a sheet along the long side of an outline's smallest rectangle."""
        level = cls.at(outline.centroid.x, outline.centroid.y)
        frame = level.flat(outline).minimum_rotated_rectangle
        first, second = np.diff(shapely.get_coordinates(frame)[:3], axis=0)
        east, north = max(first, second, key=lambda side: float(np.hypot(*side)))
        angle = math.atan(north / east) if east else math.pi / 2
        cos, sin = math.cos(angle), math.sin(angle)
        return cls(level.origin, level.scale, np.array([[cos, sin], [-sin, cos]]))

    def flat(self, outline: Polygon) -> Polygon:
        """Bring a lon/lat outline onto the sheet."""
        return shapely.transform(outline, lambda c: (c - self.origin) * self.scale @ self.turn.T)

    def lonlat(self, plot: Polygon) -> Polygon:
        """Bring a plot back to lon/lat, its ring counter-clockwise."""
        back = shapely.transform(
            plot, lambda c: np.round(c @ self.turn / self.scale + self.origin, _DECIMALS)
        )
        return shapely.orient_polygons(back)


@dataclass(frozen=True, slots=True)
class Frame:
    """The box around a park on its sheet, in which places are named by shares."""

    left: float
    bottom: float
    right: float
    top: float

    def x(self, share: float) -> float:
        """Return the metre mark of a share of the length."""
        return self.left + share * (self.right - self.left)

    def y(self, share: float) -> float:
        """Return the metre mark of a share of the height."""
        return self.bottom + share * (self.top - self.bottom)

    def shares(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point lies, as shares of length and height."""
        return (
            (x - self.left) / (self.right - self.left),
            (y - self.bottom) / (self.top - self.bottom),
        )


def not_for_plots(grid: Grid, frame: Frame) -> Iterator[Polygon]:
    """Draw the roads, rivers and hills of a grid.

    Parameters
    ----------
    grid : Grid
        How the park is cut.
    frame : Frame
        Where its shares lie on the sheet.

    Yields
    ------
    Polygon
        Ground that no plot may take.
    """
    for road in grid.spines:
        y = frame.y(road.at)
        yield _strip([(frame.x(road.start), y), (frame.x(road.end), y)], road)
    for road in grid.crosses:
        x = frame.x(road.at)
        yield _strip([(x, frame.y(road.start)), (x, frame.y(road.end))], road)
    for river in grid.rivers:
        yield _winding(river, frame)
    for hill in grid.hills:
        yield _oval(hill, frame)


def _strip(ends: list[tuple[float, float]], road: Road) -> Polygon:
    line = rotate(LineString(ends), road.tilt_deg, origin="centroid")
    return line.buffer(road.width_m / 2, cap_style="flat")


def _winding(river: River, frame: Frame) -> Polygon:
    middle = frame.x(river.at)
    bends = [
        (middle + river.swing_m * math.sin(step / 6), frame.y(step / 24 - 0.25))
        for step in range(37)
    ]
    return LineString(bends).buffer(river.width_m / 2, join_style="mitre")


def _oval(hill: Hill, frame: Frame) -> Polygon:
    """Draw an oval that is no compass work: the radii swell and shrink a little."""
    return Polygon(
        [
            (
                frame.x(hill.x + hill.radius_x * math.cos(t) * (1 + 0.14 * math.sin(3 * t))),
                frame.y(hill.y + hill.radius_y * math.sin(t) * (1 + 0.1 * math.cos(2 * t))),
            )
            for t in (step * math.pi / 16 for step in range(32))
        ]
    )
