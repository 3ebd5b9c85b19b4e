"""What a plate is made of, and how the ground becomes pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from dongtou_geo.frames.area import INVERSE_FLATTENING, SEMI_MAJOR_M

Floats = NDArray[np.float64]
Bounds = tuple[float, float, float, float]
Point = tuple[float, float]

_E2 = (2.0 - 1.0 / INVERSE_FLATTENING) / INVERSE_FLATTENING
# Cut edges lie so far outside that their stroke is not seen.
_BLEED_PX = 8.0


class Box(NamedTuple):
    """A rectangle on the plate, pixels."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PlateShape:
    """An outline on a plate.

    Parameters
    ----------
    outline : shapely geometry
        Polygons or lines, lon/lat in EPSG:4490.
    fill, stroke : str or None
        Colours, ``#RRGGBB``; None = not painted.
    stroke_px : float
        Width of the line, px.
    hatch : str or None
        Colour of fine diagonal lines over the fill.
    select : str or None
        What a click tells the page; None = not clickable.
    title : str or None
        Told on hovering and to screen readers; the label stands in.
    label : str or None
        The name written on the plate, where there is room.
    dash : str or None
        SVG dash pattern of the line.
    label_px, label_spacing_px : float
        Size of the letters, and the space between them.
    label_colour : str
        Of the letters.
    label_rank : int
        The smaller rank is placed first.
    label_at : (lon, lat) or None
        Where the name should stand; None = in the middle.
    feature_id : str or None
        Which feature of the plan it is, for the page that makes it clickable.
    """

    outline: BaseGeometry
    fill: str | None = None
    stroke: str | None = None
    stroke_px: float = 1.0
    hatch: str | None = None
    select: str | None = None
    title: str | None = None
    label: str | None = None
    dash: str | None = None
    label_px: float = 12.0
    label_spacing_px: float = 0.0
    label_colour: str = "#23282D"
    label_rank: int = 5
    label_at: Point | None = None
    feature_id: str | None = None


@dataclass(frozen=True, slots=True)
class PlatePoint:
    """A circle on a plate.

    Parameters
    ----------
    lon, lat : float
        EPSG:4490.
    radius_px : float
        Radius, px.
    fill : str
        Colour, ``#RRGGBB``.
    select, title, label : str or None
        As for a shape.
    """

    lon: float
    lat: float
    radius_px: float
    fill: str
    select: str | None = None
    title: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper: which ground it shows, and at which scale.

    Parameters
    ----------
    west, north : float
        The ground at the upper left corner, degrees.
    px_per_lon, px_per_lat : float
        Pixels a degree.
    width, height : float
        Size of the paper, px.
    metres_per_px : float
        Ground metres a pixel, the same in both directions at the middle latitude.
    """

    west: float
    north: float
    px_per_lon: float
    px_per_lat: float
    width: float
    height: float
    metres_per_px: float

    @property
    def ground(self) -> Bounds:
        """Return the ground to draw, west, south, east, north: the paper with a little bleed."""
        aside, above = _BLEED_PX / self.px_per_lon, _BLEED_PX / self.px_per_lat
        return (
            self.west - aside,
            self.north - self.height / self.px_per_lat - above,
            self.west + self.width / self.px_per_lon + aside,
            self.north + above,
        )

    def pixels(self, degrees: Floats) -> Floats:
        """Return where lon/lat lie on the paper.

        Parameters
        ----------
        degrees : ndarray, shape (n, 2)
            Lon/lat.

        Returns
        -------
        ndarray, shape (n, 2)
            Pixels from the upper left corner, y downwards.
        """
        return np.column_stack(
            [
                (degrees[:, 0] - self.west) * self.px_per_lon,
                (self.north - degrees[:, 1]) * self.px_per_lat,
            ]
        )

    def drawn(self, outlines: list[BaseGeometry]) -> NDArray[np.object_]:
        """Return outlines in pixels, cut to the paper and freed of what no eye can see.

        Parameters
        ----------
        outlines : list of shapely geometry
            Lon/lat.

        Returns
        -------
        ndarray of shapely geometry
            Empty where nothing of an outline lies on the paper.
        """
        shapes = np.fromiter(outlines, dtype=object, count=len(outlines))
        west, south, east, north = self.ground
        cut = shapely.clip_by_rect(shapes, west, south, east, north)
        return shapely.simplify(shapely.transform(cut, self.pixels), 0.5, preserve_topology=True)


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Return how many metres a degree of longitude and one of latitude are.

    Parameters
    ----------
    lat : float
        Degrees north.

    Notes
    -----
    Radii of curvature of the CGCS2000 ellipsoid (GB 22021-2008): N cos(lat) along the parallel,
    M along the meridian. On a sphere the plate would be half a percent too wide here.
    """
    phi = math.radians(lat)
    w2 = 1.0 - _E2 * math.sin(phi) ** 2
    normal = SEMI_MAJOR_M / math.sqrt(w2)
    meridian = SEMI_MAJOR_M * (1.0 - _E2) / w2**1.5
    return math.radians(1) * normal * math.cos(phi), math.radians(1) * meridian


def sheet_for(bounds: Bounds, width_px: float, height_px: float) -> Sheet:
    """Lay ground on paper: all of it is seen, in its true shape, in the middle.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north in degrees.
    width_px, height_px : float
        The paper.

    Raises
    ------
    ValueError
        If there is no ground or no paper.
    """
    west, south, east, north = bounds
    if not (west < east and south < north and width_px > 0 and height_px > 0):
        msg = (
            f"范围 {bounds} 与图幅 {width_px}×{height_px} 不合适，应为西南东北依次递增、图幅大于零"
        )
        raise ValueError(msg)
    per_lon, per_lat = metres_per_degree((south + north) / 2)
    metres = max((east - west) * per_lon / width_px, (north - south) * per_lat / height_px)
    px_per_lon, px_per_lat = per_lon / metres, per_lat / metres
    return Sheet(
        west=(west + east) / 2 - width_px / px_per_lon / 2,
        north=(south + north) / 2 + height_px / px_per_lat / 2,
        px_per_lon=px_per_lon,
        px_per_lat=px_per_lat,
        width=width_px,
        height=height_px,
        metres_per_px=metres,
    )
