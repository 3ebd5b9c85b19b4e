"""A small drawing of one parcel among its neighbours, as SVG paths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians

import shapely
from shapely.geometry.base import BaseGeometry

METRES_PER_DEGREE = 111_320.0
MARGIN = 0.35
# How much wider than high the view is.
WIDE = 2.4


@dataclass(frozen=True, slots=True)
class Drawing:
    """Paths in metres east and south of the parcel's centre."""

    own: str
    fill: str
    others: list[tuple[str, str]]
    view_box: str
    lon: float
    lat: float

    @property
    def metres_per_lon(self) -> float:
        """Return how many metres a degree of longitude is here."""
        return METRES_PER_DEGREE * cos(radians(self.lat))


def sketch(
    own_wkb: bytes | None, fill: str, neighbours: Iterable[tuple[bytes, str]]
) -> Drawing | None:
    """Draw a parcel and those around it.

    Parameters
    ----------
    own_wkb : bytes or None
        The parcel's outline, EPSG:4490 lon/lat; None = 未落图.
    fill : str
        Its colour.
    neighbours : iterable of (bytes, str)
        Outlines and colours of others; those out of view are left out.

    Returns
    -------
    Drawing or None
        None where there is nothing to draw.
    """
    if own_wkb is None:
        return None
    own = shapely.from_wkb(own_wkb)
    centre = own.centroid
    reach = _reach(own)
    view = shapely.box(
        centre.x - WIDE * reach, centre.y - reach, centre.x + WIDE * reach, centre.y + reach
    )
    others = [(shapely.from_wkb(wkb), colour) for wkb, colour in neighbours]
    scale = METRES_PER_DEGREE * cos(radians(centre.y))
    width, height = 2 * 2.0 * reach * scale, 2 * reach * METRES_PER_DEGREE
    return Drawing(
        own=_path(own, centre.x, centre.y, scale),
        fill=fill,
        others=[
            (_path(shape, centre.x, centre.y, scale), colour)
            for shape, colour in others
            if shape.intersects(view) and not shape.equals(own)
        ],
        lon=centre.x,
        lat=centre.y,
        view_box=f"{-width / 2:.1f} {-height / 2:.1f} {width:.1f} {height:.1f}",
    )


def around(own_wkb: bytes | None) -> tuple[float, float, float, float] | None:
    """Return the bounds that a sketch of a parcel shows: west, south, east, north in degrees.

    Parameters
    ----------
    own_wkb : bytes or None
        The parcel's outline, EPSG:4490 lon/lat; None = 未落图.
    """
    if own_wkb is None:
        return None
    own = shapely.from_wkb(own_wkb)
    x, y, reach = own.centroid.x, own.centroid.y, _reach(own)
    return x - WIDE * reach, y - reach, x + WIDE * reach, y + reach


def ground(drawing: Drawing, x: float, y: float) -> tuple[float, float]:
    """Return the lon/lat of a point of the drawing.

    Parameters
    ----------
    drawing : Drawing
        The drawing.
    x, y : float
        Metres east and south of its centre.
    """
    return drawing.lon + x / drawing.metres_per_lon, drawing.lat - y / METRES_PER_DEGREE


def part_paths(drawing: Drawing, parts: Iterable[bytes]) -> list[str]:
    """Return the SVG paths of outlines in the drawing's frame.

    Parameters
    ----------
    drawing : Drawing
        The drawing.
    parts : iterable of bytes
        Outlines, EPSG:4490 lon/lat.
    """
    shapes = [shapely.from_wkb(part) for part in parts]
    return [_path(shape, drawing.lon, drawing.lat, drawing.metres_per_lon) for shape in shapes]


def _reach(own: BaseGeometry) -> float:
    west, south, east, north = own.bounds
    return float(max(east - west, north - south)) * (0.5 + MARGIN)


def _path(shape: BaseGeometry, lon: float, lat: float, scale: float) -> str:
    rings = shapely.get_rings(shapely.get_parts(shape))
    return " ".join(
        "M"
        + "L".join(
            f"{(x - lon) * scale:.1f} {(lat - y) * METRES_PER_DEGREE:.1f}"
            for x, y in shapely.get_coordinates(ring)
        )
        + "Z"
        for ring in rings
    )
