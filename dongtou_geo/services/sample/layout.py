"""Cut a park's outline into believable plots: blocks between the roads, plots in the blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

import shapely
from shapely import Polygon
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.frames.area import area_m2
from dongtou_geo.services.sample.sheet import Frame, Grid, Sheet, not_for_plots

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I, no O: they read as 1 and 0
_BLOCK_NAMES = (*_ALPHABET, *(first + second for first in _ALPHABET for second in _ALPHABET))
_CORNER_M = 8.0
# Smaller or narrower than this is a verge, not a plot.
_SMALLEST_MU = 5.0
_NARROWEST_M = 24.0
# A block shallower than this has one row of plots; front over depth of the slimmest plot.
_ONE_ROW_M = 95.0
_SLIMMEST = 0.42
_READING_ROW_M = 60.0


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot of a layout.

    Parameters
    ----------
    number : str
        Block letter and running number, such as A-012.
    polygon : Polygon
        Outline, lon/lat EPSG:4490.
    area_m2 : float
        Ellipsoidal area.
    x, y : float
        Centre as shares of the sheet, along and across the park's main axis.
    estate : bool
        Belongs to the one large occupant.
    """

    number: str
    polygon: Polygon
    area_m2: float
    x: float
    y: float
    estate: bool


def cut(outline: Polygon, grid: Grid, rng: Random) -> list[Plot]:
    """Cut an outline into plots with roads between.

    Parameters
    ----------
    outline : Polygon
        A park, lon/lat EPSG:4490.
    grid : Grid
        How to cut it.
    rng : Random
        Seeded; the same seed cuts the same plots.

    Returns
    -------
    list of Plot
        In the order of their numbers; none overlaps another or leaves the outline.
    """
    sheet = Sheet.along(outline)
    ground = sheet.flat(outline)
    frame = Frame(*ground.bounds)
    estate = None
    if grid.estate is not None:
        estate = shapely.Point(frame.x(grid.estate[0]), frame.y(grid.estate[1]))
    cut_out: list[tuple[str, Polygon, bool]] = []
    for name, block in zip(_BLOCK_NAMES, _blocks(ground, frame, grid), strict=False):
        large = estate is not None and block.contains(estate)
        sizes = (grid.estate_mu * 0.85, grid.estate_mu * 1.15) if large else grid.plot_mu
        plots = _plots(block, sizes, 0.0 if large else grid.through, rng)
        cut_out += [
            (f"{name}-{number:03d}", plot, large)
            for number, plot in enumerate(_reading_order(plots), start=1)
        ]
    polygons = [sheet.lonlat(plot) for _, plot, _ in cut_out]
    return [
        Plot(number, polygon, float(area), *frame.shares(plot.centroid.x, plot.centroid.y), large)
        for (number, plot, large), polygon, area in zip(
            cut_out, polygons, area_m2(polygons), strict=True
        )
    ]


def turned_rectangle(
    lon: float, lat: float, *, length_m: float, width_m: float, turn_deg: float
) -> Polygon:
    """Draw a rectangle around a point.

    Parameters
    ----------
    lon, lat : float
        Centre, EPSG:4490.
    length_m, width_m : float
        Sides, the first lying east.
    turn_deg : float
        Turn, counter-clockwise.

    Returns
    -------
    Polygon
        Lon/lat EPSG:4490.
    """
    level = shapely.box(-length_m / 2, -width_m / 2, length_m / 2, width_m / 2)
    return Sheet.at(lon, lat).lonlat(rotate(level, turn_deg))


def _blocks(ground: Polygon, frame: Frame, grid: Grid) -> list[Polygon]:
    """Take roads, rivers and hills out of the ground and round the corners of what is left."""
    taken = shapely.union_all(list(not_for_plots(grid, frame)))
    open_ground = ground.buffer(-grid.setback_m, join_style="mitre").difference(taken)
    rounded = open_ground.buffer(-_CORNER_M, join_style="mitre").buffer(_CORNER_M, quad_segs=3)
    # The rounding may swell a tip by a hair: stay on the open ground.
    return _reading_order(b for b in _polygons(rounded.intersection(open_ground)) if _is_plot(b))


def _plots(
    block: Polygon, sizes_mu: tuple[float, float], through: float, rng: Random
) -> list[Polygon]:
    """Halve a block until every piece has the size of a plot; slivers join a neighbour."""
    left, bottom, right, top = block.bounds
    tall = top - bottom > right - left
    # Rows run along a block's longer side: a tall one is laid down for the cutting.
    laid = _laid_down(block) if tall else block
    pieces = _halved(laid, sizes_mu, through, rng)
    if tall:
        pieces = [_laid_down(piece) for piece in pieces]
    plots = [piece for piece in pieces if _is_plot(piece)]
    for sliver in sorted((p for p in pieces if not _is_plot(p)), key=lambda p: -p.area):
        _join(plots, sliver)
    return plots


def _halved(
    piece: Polygon,
    sizes_mu: tuple[float, float],
    through: float,
    rng: Random,
    *,
    one_row: bool = False,
) -> list[Polygon]:
    smallest, largest = (mu_to_m2(size) for size in sizes_mu)
    wanted = smallest + (largest - smallest) * rng.random() ** 1.6
    if piece.area < 1.4 * wanted:
        return [piece]
    left, bottom, right, top = piece.bounds
    length, depth = right - left, top - bottom
    # A block has two rows at most, so that every plot lies at a road.
    two_rows = (
        not one_row and length < 3.2 * depth and depth > _ONE_ROW_M and rng.random() > through
    )
    if two_rows and (length < 1.6 * depth or rng.random() < 0.4):
        y = bottom + depth * (0.44 + 0.12 * rng.random())
        halves = (shapely.box(left, bottom, right, y), shapely.box(left, y, right, top))
        one_row = True
    else:
        fronts = min(round(piece.area / wanted), int(length / (depth * _SLIMMEST)))
        if fronts < 2:
            return [piece]
        x = left + length * (fronts // 2 + 0.3 * (rng.random() - 0.5)) / fronts
        halves = (shapely.box(left, bottom, x, top), shapely.box(x, bottom, right, top))
    return [
        plot
        for half in halves
        for part in _polygons(piece.intersection(half))
        for plot in _halved(part, sizes_mu, through, rng, one_row=one_row)
    ]


def _laid_down(piece: Polygon) -> Polygon:
    """Swap length and depth; twice is as before."""
    return shapely.transform(piece, lambda c: c[:, ::-1])


def _join(plots: list[Polygon], sliver: Polygon) -> None:
    """Give a sliver to the neighbour with the longest common side; without one it stays green."""
    sides = [plot.intersection(sliver).length for plot in plots]
    longest = max(sides, default=0.0)
    if longest > _NARROWEST_M / 2:
        index = sides.index(longest)
        joined = shapely.union(plots[index], sliver)
        if isinstance(joined, Polygon):
            plots[index] = joined


def _is_plot(piece: Polygon) -> bool:
    wide = not piece.buffer(-_NARROWEST_M / 2, join_style="mitre").is_empty
    return wide and piece.area >= mu_to_m2(_SMALLEST_MU)


def _polygons(geometry: BaseGeometry) -> list[Polygon]:
    return [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon)]


def _reading_order(polygons: Iterable[Polygon]) -> list[Polygon]:
    """Sort as one reads a map: rows from the top, each from the left."""
    return sorted(polygons, key=lambda p: (-round(p.centroid.y / _READING_ROW_M), p.centroid.x))
