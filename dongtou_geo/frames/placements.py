"""Coordinate systems that land offices here use, and where figures would lie in each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from dongtou_geo.frames.district import DISTRICT

Floats = NDArray[np.float64]

LONLAT = 4490
WGS84 = 4326
WEB_MERCATOR = 3857
UTM_51N = 32651
GEOGRAPHIC = (LONLAT, WGS84)

# Looked for where a file says nothing: what reaches the district. UTM shares CM 123 with the
# Gauss-Kruger zones and lies 1.2 km off them: it must be told apart by a person.
SOUGHT = (
    *(LONLAT, 4549, 4528, 4550, 4510, 4529, 4499, UTM_51N),
    *(4548, 4509, 4527, 4498, WEB_MERCATOR),
)

_WORD = re.compile(r"(?:EPSG:)?(?P<epsg>\d{4,6})(?P<swap>\+SWAP)?", re.IGNORECASE)
# First EPSG code, first zone, last zone, width of a zone in degrees, number inside the eastings.
_SERIES = (
    (4491, 13, 23, 6, True),
    (4502, 13, 23, 6, False),
    (4513, 25, 45, 3, True),
    (4534, 25, 45, 3, False),
)


@dataclass(frozen=True, slots=True)
class Zone:
    """A Gauss-Kruger zone of CGCS2000.

    Parameters
    ----------
    width : int
        3 or 6 degrees.
    number : int
        25-45 or 13-23.
    prefixed : bool
        Eastings begin with the number of the zone (8 digits).
    """

    width: int
    number: int
    prefixed: bool

    @property
    def meridian(self) -> int:
        """Return the central meridian, degrees east."""
        return self.number * 3 if self.width == 3 else self.number * 6 - 3

    @property
    def false_easting_m(self) -> float:
        """Return the easting of the central meridian."""
        return 500_000.0 + (self.number * 1_000_000.0 if self.prefixed else 0.0)


def _zones() -> dict[int, Zone]:
    return {
        first_code + number - first: Zone(width, number, prefixed)
        for first_code, first, last, width, prefixed in _SERIES
        for number in range(first, last + 1)
    }


ZONES = _zones()


@dataclass(frozen=True, slots=True)
class Placement:
    """A way to read figures.

    Parameters
    ----------
    epsg : int
        Coordinate system.
    swapped : bool
        The file's x holds the northing (or latitude), its y the easting.
    """

    epsg: int
    swapped: bool = False

    @property
    def word(self) -> str:
        """Return what ``--crs`` takes: ``EPSG:4549`` or ``EPSG:4549+swap``."""
        return f"EPSG:{self.epsg}{'+swap' if self.swapped else ''}"

    @property
    def label(self) -> str:
        """Return the Chinese words for it, with the word."""
        return f"{label_of(self.epsg)}{'，横纵坐标对调' if self.swapped else ''}（{self.word}）"

    @property
    def projection(self) -> tuple[object, ...]:
        """Return what tells two placements of the same figures apart."""
        zone = ZONES.get(self.epsg)
        if zone:
            return zone.meridian, zone.false_easting_m, self.swapped
        return "lonlat" if self.epsg in GEOGRAPHIC else self.epsg, self.swapped


def placement_of(word: str) -> Placement | None:
    """Read what ``--crs`` was given.

    Parameters
    ----------
    word : str
        ``EPSG:4549``, ``4549`` or ``EPSG:4549+swap``, in any case.

    Returns
    -------
    Placement or None
        None if it is no such word.
    """
    match = _WORD.fullmatch(word.strip())
    return Placement(int(match["epsg"]), match["swap"] is not None) if match else None


def label_of(epsg: int) -> str:
    """Chinese name of a coordinate system.

    Parameters
    ----------
    epsg : int
        Code known to pyproj.
    """
    zone = ZONES.get(epsg)
    if zone:
        number = f"第 {zone.number} 带，" if zone.prefixed else ""
        return f"CGCS2000 {zone.width} 度带 {number}中央子午线 {zone.meridian}°"
    known = {LONLAT: "CGCS2000 经纬度", WGS84: "WGS84 经纬度", WEB_MERCATOR: "Web 墨卡托"}
    return known[epsg] if epsg in known else CRS.from_epsg(epsg).name


def share_placed(xy: Floats, placement: Placement) -> float:
    """Share of points that a placement puts into the district's range.

    Parameters
    ----------
    xy : ndarray of float, shape (n, 2)
        Figures as the file has them, finite.
    placement : Placement
        The reading to try.

    Returns
    -------
    float
        0-1; 0 without points. The range is taken as the smallest upright box around it.
    """
    if len(xy) == 0:
        return 0.0
    west, south, east, north = _box(placement.epsg)
    x, y = (xy[:, 1], xy[:, 0]) if placement.swapped else (xy[:, 0], xy[:, 1])
    return float(np.mean((x >= west) & (x <= east) & (y >= south) & (y <= north)))


def to_base(epsg: int) -> Transformer:
    """Transformer from a coordinate system to its own lon/lat; axes are east, north.

    Parameters
    ----------
    epsg : int
        Code known to pyproj.

    Notes
    -----
    Only systems on the ellipsoids of CGCS2000 and WGS84 come here. Their lon/lat agree within a
    metre with CGCS2000, and no shift that PROJ's tables may hold is applied.
    """
    crs = CRS.from_epsg(epsg)
    base = crs.geodetic_crs
    assert base is not None
    return Transformer.from_crs(crs, base, always_xy=True)


@lru_cache(maxsize=64)
def _box(epsg: int) -> tuple[float, float, float, float]:
    if epsg in GEOGRAPHIC:
        return DISTRICT
    try:
        return to_base(epsg).transform_bounds(*DISTRICT, direction="INVERSE")
    except ProjError:
        return np.inf, np.inf, -np.inf, -np.inf
