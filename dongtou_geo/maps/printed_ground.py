"""The ground of a printed map: what is seen of the country at a scale, painted by the layer files.

Notes
-----
Drawn in EPSG:4549 (CGCS2000, 3-degree zone, 120° E): at Dongtou its scale is true to 0.02 %. Areas
are never measured from it; figures come from the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import radians
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray
from pyproj import Proj, Transformer

from dongtou_geo.catalog.layers import ClassStyle, Layer
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.maps.printed_page import MM_PER_PX, PT_PER_MM, Box, Page

MAP_CRS = "EPSG:4549"
CRS_WORDS = "CGCS2000 3° 带高斯-克吕格投影，中央经线 120°E（EPSG:4549）"
SEA = "#E6EEF2"
# Lines are finer on paper than on a screen.
LINE = 0.7
# Outlines of parcels are stroked where they are large enough to see, mm on the paper.
STROKE_FROM_MM = 1.4
# One path of too many corners is more than the painter's memory takes.
IN_ONE_PATH = 1_500
# Above so many corners parcels go into a PDF or SVG as a picture: an office printer chokes on them.
MAX_VECTOR_CORNERS = 400_000
# Seven strokes in 60 px on the screen; here by matplotlib's own measure.
STATUS_HATCH, WATER_HATCH = "//////", "/////"

_SCALES = tuple(
    int(step * 10**power)
    for power in range(2, 7)
    for step in (
        1,
        1.1,
        1.2,
        1.3,
        1.4,
        1.5,
        1.6,
        1.7,
        1.8,
        2,
        2.2,
        2.5,
        2.8,
        3,
        3.5,
        4,
        4.5,
        5,
        5.5,
        6,
        6.5,
        7,
        7.5,
        8,
        8.5,
        9,
    )
)
Bounds = tuple[float, float, float, float]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the country a frame on the paper shows.

    Parameters
    ----------
    frame : Box
        Where on the page, mm.
    bounds : tuple of float
        West, south, east, north in metres of ``MAP_CRS``.
    denominator : int
        1 : so many, on paper of the right size.
    """

    frame: Box
    bounds: Bounds
    denominator: int

    @property
    def zoom(self) -> float:
        """Return the web map's zoom of this scale; paper is read nearer and shows finer things."""
        metres_per_px = self.denominator * MM_PER_PX / 1000
        finer = 1.0
        return float(np.log2(156_543.034 * np.cos(radians(27.9)) / metres_per_px)) + finer

    def on_page(self, east: float, north: float) -> tuple[float, float]:
        """Return where a place is on the page, mm."""
        west, _, _, top = self.bounds
        mm = 1000 / self.denominator
        return self.frame.x + (east - west) * mm, self.frame.y + (top - north) * mm

    def box_on_page(self, bounds: Bounds) -> Box:
        """Return the room that metric bounds take on the page."""
        x, y = self.on_page(bounds[0], bounds[3])
        right, foot = self.on_page(bounds[2], bounds[1])
        return Box(x, y, right - x, foot - y)

    def centre_lonlat(self) -> tuple[float, float]:
        """Return the middle, degrees."""
        west, south, east, north = self.bounds
        lon, lat = _to_degrees().transform((west + east) / 2, (south + north) / 2)
        return float(lon), float(lat)

    def convergence(self) -> float:
        """Return by how many degrees true north lies left of the frame's upright."""
        lon, lat = self.centre_lonlat()
        return float(Proj(MAP_CRS).get_factors(lon, lat).meridian_convergence)


def view_of(bounds: Bounds, frame: Box, *, padding: float = 0.03) -> View:
    """Choose a round scale at which bounds fit into a frame, in its middle.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north in metres of ``MAP_CRS``.
    frame : Box
        On the page.
    padding : float
        Share of the frame that stays free on every side.
    """
    west, south, east, north = bounds
    free = 1 - 2 * padding
    needed = max(
        (east - west) / (frame.width * free), (north - south) / (frame.height * free)
    ) * 1000  # fmt: skip
    denominator = next((scale for scale in _SCALES if scale >= needed), _SCALES[-1])
    half = (frame.width * denominator / 2000, frame.height * denominator / 2000)
    centre = ((west + east) / 2, (south + north) / 2)
    return View(
        frame,
        (centre[0] - half[0], centre[1] - half[1], centre[0] + half[0], centre[1] + half[1]),
        denominator,
    )


def in_metres(shapes: Shapes) -> Shapes:
    """Project lon/lat outlines (EPSG:4490) for the map.

    Parameters
    ----------
    shapes : ndarray of shapely geometry
        None stays None.
    """

    def project(corners: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(_to_metres().transform(corners[:, 0], corners[:, 1]))

    return np.asarray(shapely.transform(shapes, project), dtype=object)


def point_in_metres(lon: float, lat: float) -> tuple[float, float]:
    """Project one point, lon/lat in degrees."""
    east, north = _to_metres().transform(lon, lat)
    return float(east), float(north)


@cache
def _to_metres() -> Transformer:
    return Transformer.from_crs("EPSG:4490", MAP_CRS, always_xy=True)


@cache
def _to_degrees() -> Transformer:
    return Transformer.from_crs(MAP_CRS, "EPSG:4490", always_xy=True)


class Ground:
    """The painter of one view.

    Parameters
    ----------
    page : Page
        The sheet.
    view : View
        What is seen.
    """

    def __init__(self, page: Page, view: View) -> None:
        self.page, self.view = page, view
        frame = view.frame
        self.axes: Axes = page.figure.add_axes(
            (
                frame.x / page.width,
                1 - frame.foot / page.height,
                frame.width / page.width,
                frame.height / page.height,
            )
        )
        west, south, east, north = view.bounds
        self.axes.set_xlim(west, east)
        self.axes.set_ylim(south, north)
        self.axes.set_xticks([])
        self.axes.set_yticks([])
        self.axes.set_facecolor(SEA)
        for side in self.axes.spines.values():
            side.set(linewidth=0.7 * page.unit, color="#4A5258", zorder=90)
        # A little more than is seen, so that no cut edge shows.
        self.seen = shapely.box(west, south, east, north).buffer(0.02 * (east - west))

    def outlines(self, layer: Layer, shapes: Shapes, *, dash: str | None = None) -> None:
        """Paint a layer of outlines: areas, hatches or lines.

        Parameters
        ----------
        layer : Layer
            As its TOML says.
        shapes : ndarray of shapely geometry
            Metres of ``MAP_CRS``.
        dash : str, optional
            In place of the layer's own.
        """
        style = layer.style
        near = shapes[shapely.intersects(shapes, self.seen)]
        if style.symbol == "area":
            # The coast goes on for hundreds of kilometres.
            near = shapely.clip_by_rect(near, *self.seen.bounds)
        given: dict[str, Any] = {
            "facecolor": "none" if style.symbol == "line" else style.fill,
            "zorder": layer.order,
        }
        if style.symbol == "hatch":
            self._add(near, **given, **_hatched(WATER_HATCH, style.hatch))
            given["facecolor"] = "none"
        self._add(near, **given, edgecolor=style.stroke, **self._stroke(layer, dash))

    def mark(self, shapes: Shapes) -> None:
        """Outline what was selected, above everything, as the screen does."""
        for color, width in (("#FFFFFF", 3.2), ("#0B3B5C", 1.5)):
            weight = width * self.page.unit
            self._add(shapes, facecolor="none", edgecolor=color, linewidth=weight, zorder=70)

    def parcels(self, layer: Layer, shapes: Shapes, status: NDArray[np.uint8]) -> None:
        """Paint parcels in the colours of their statuses, a few paths for any number of them.

        Parameters
        ----------
        layer : Layer
            The one that draws the ledger.
        shapes : ndarray of shapely geometry
            Metres of ``MAP_CRS``; none of them None.
        status : ndarray of uint8
            Place in ``STATUSES``.
        """
        seen = shapely.intersects(shapely.box(*shapely.bounds(shapes).T), self.seen)
        near, code = shapes[seen], status[seen]
        if len(near) == 0:
            return
        corners = int(shapely.get_num_coordinates(near).sum())
        given: dict[str, Any] = {
            "zorder": layer.order,
            "rasterized": corners > MAX_VECTOR_CORNERS,
        }
        kinds = {kind.value: kind for kind in layer.classes}
        for place, account in enumerate(STATUSES):
            own = near[code == place]
            self._add(own, **given, **paint(kinds[account.value]))
        sides = np.ptp(shapely.bounds(near).reshape(-1, 2, 2), axis=1).max(axis=1)
        if np.median(sides) * 1000 / self.view.denominator >= STROKE_FROM_MM:
            stroke = self._stroke(layer, None)
            self._add(near, **given, facecolor="none", edgecolor=layer.style.stroke, **stroke)

    def _stroke(self, layer: Layer, dash: str | None) -> dict[str, Any]:
        weight = layer.style.weight * MM_PER_PX * PT_PER_MM * LINE * self.page.unit
        dash = dash or layer.style.dash
        style: dict[str, Any] = {"linewidth": weight, "joinstyle": "round"}
        if dash:
            # Dashes are told in pixels there, in widths of the line here.
            steps = [float(step) / layer.style.weight for step in dash.split()]
            style |= {"linestyle": (0, steps), "capstyle": "butt"}
        return style

    def _add(self, shapes: Shapes, **style: Any) -> None:
        for start in range(0, len(shapes), IN_ONE_PATH):
            path = compound_path(shapes[start : start + IN_ONE_PATH])
            if path is not None:
                # Unlike a patch of the axes', an artist is not measured for limits: they are set.
                self.axes.add_artist(PathPatch(path, **style))


def paint(kind: ClassStyle) -> dict[str, Any]:
    """Return a class's paint in matplotlib's terms.

    Parameters
    ----------
    kind : ClassStyle
        A status or a project group.
    """
    paint: dict[str, Any] = {"facecolor": kind.fill, "edgecolor": "none", "linewidth": 0}
    return paint | _hatched(STATUS_HATCH, kind.hatch) if kind.hatch else paint


def _hatched(hatch: str, ink: str | None) -> dict[str, Any]:
    # Without an edge's colour, if of no width, matplotlib leaves the hatch out of a PDF.
    return {"hatch": hatch, "hatchcolor": ink, "edgecolor": ink, "linewidth": 0}


def compound_path(shapes: Iterable[Any]) -> Path | None:
    """Return all rings of some areas as one path; None where there are none.

    Parameters
    ----------
    shapes : iterable of shapely geometry
        Anything but areas is left out.
    """
    parts = shapely.get_parts(np.asarray(list(shapes), dtype=object))
    areas = shapely.orient_polygons(parts[shapely.get_type_id(parts) == 3])
    rings = shapely.get_rings(areas[~shapely.is_empty(areas)])
    corners, owner = shapely.get_coordinates(rings, return_index=True)
    if len(corners) == 0:
        return None
    codes = np.full(len(corners), Path.LINETO, dtype=Path.code_type)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    codes[first] = Path.MOVETO
    codes[np.append(first[1:], len(corners)) - 1] = Path.CLOSEPOLY
    return Path(corners, codes)
