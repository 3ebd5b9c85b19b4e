"""Rings of many polygons in flat arrays: winding, rounding to a tile's units, clipping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.tiles.address import EXTENT, TileAddress

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rings:
    """Rings without closing vertices; the holes of a polygon follow its outer ring.

    Parameters
    ----------
    vertices : ndarray of int, (vertices, 2)
        x, y; y runs southward.
    offsets : ndarray of int, (rings + 1)
        Where each ring begins.
    owner : ndarray of int, (rings)
        To which feature a ring belongs, ascending.
    outer : ndarray of bool, (rings)
        Whether a ring begins a polygon.
    """

    vertices: NDArray[np.integer]
    offsets: Ints
    owner: NDArray[np.intp]
    outer: NDArray[np.bool_]

    @property
    def counts(self) -> Ints:
        """Return the number of vertices of each ring."""
        return np.diff(self.offsets)


def ranges(offsets: Ints, rows: NDArray[np.integer]) -> tuple[NDArray[np.intp], Ints]:
    """Return the places that belong to some rows.

    Parameters
    ----------
    offsets : ndarray of int
        Where each row's places begin.
    rows : ndarray of int
        Which rows.

    Returns
    -------
    tuple of ndarray
        The places, row after row, and how many each row has.
    """
    first = offsets[rows]
    counts = offsets[rows + 1] - first
    return runs(first, counts), counts


def runs(first: NDArray[np.integer], counts: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return the members of runs of consecutive numbers, run after run.

    Parameters
    ----------
    first : ndarray of int
        Where each run begins.
    counts : ndarray of int
        How long it is.
    """
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(first - ends + counts, counts) + np.arange(total)


def doubled_areas(rings: Rings) -> Ints:
    """Return twice the area of each ring, positive where it runs clockwise on the screen.

    Parameters
    ----------
    rings : Rings
        None of them empty.
    """
    starts = rings.offsets[:-1]
    if len(starts) == 0:
        return np.zeros(0, dtype=np.int64)
    # From each ring's first vertex, so that products stay small however far the ring lies.
    near = rings.vertices - np.repeat(rings.vertices[starts], rings.counts, axis=0).astype(np.int64)
    x, y = near[:, 0], near[:, 1]
    cross = np.zeros(len(x), dtype=np.int64)
    # The edge back to the first vertex adds nothing: that vertex is the origin. Neither does the
    # edge from one ring to the next, whose end is an origin too.
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    return np.add.reduceat(cross, starts)


def wound(rings: Rings) -> Rings:
    """Turn outer rings clockwise on the screen and holes the other way.

    Parameters
    ----------
    rings : Rings
        None of them empty.

    Returns
    -------
    Rings
        The same where nothing had to be turned.
    """
    return _turned(rings, doubled_areas(rings))


def quantised(rings: Rings, tile: TileAddress) -> Rings:
    """Round world units to a tile's units.

    Parameters
    ----------
    rings : Rings
        World units.
    tile : TileAddress
        The tile.

    Returns
    -------
    Rings
        Tile units from the north-west corner; no repeated vertices, no rings without area.
    """
    local = rings.vertices - np.array(tile.origin, dtype=np.int64)
    if tile.shift:
        local += 1 << (tile.shift - 1)
        local >>= tile.shift
    return tidied(Rings(local, rings.offsets, rings.owner, rings.outer))


def tidied(rings: Rings) -> Rings:
    """Leave out repeated vertices and what has no area, and wind the rest.

    Parameters
    ----------
    rings : Rings
        Any unit; a polygon whose outer ring goes takes its holes along.
    """
    if len(rings.outer) == 0:
        return rings
    rings = _without_repeats(rings)
    area = np.zeros(len(rings.outer), dtype=np.int64)
    filled = np.flatnonzero(rings.counts)
    solid = Rings(
        rings.vertices,
        np.append(rings.offsets[filled], rings.offsets[-1]),
        rings.owner[filled],
        rings.outer[filled],
    )
    area[filled] = doubled_areas(solid)
    kept = area != 0
    polygon = np.cumsum(rings.outer) - 1
    kept &= kept[rings.outer][polygon]
    if kept.all():
        return _turned(rings, area)
    place, counts = ranges(rings.offsets, np.flatnonzero(kept))
    edges = np.concatenate([[0], np.cumsum(counts)])
    left = Rings(rings.vertices[place], edges, rings.owner[kept], rings.outer[kept])
    return _turned(left, area[kept])


def clipped(rings: Rings, tile: TileAddress, buffer: int) -> Rings:
    """Cut polygons at the edge of a tile and round them.

    Parameters
    ----------
    rings : Rings
        World units.
    tile : TileAddress
        The tile.
    buffer : int
        How far beyond its edge, tile units.

    Returns
    -------
    Rings
        Tile units; owners of which nothing is left are absent.
    """
    if len(rings.outer) == 0:
        return rings
    shapes, owner = polygons(rings, tile)
    cut = shapely.clip_by_rect(shapes, -buffer, -buffer, EXTENT + buffer, EXTENT + buffer)
    return _rounded(cut, owner)


def polygons(rings: Rings, tile: TileAddress) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Make shapely's polygons of rings.

    Parameters
    ----------
    rings : Rings
        World units.
    tile : TileAddress
        The tile in whose units the polygons are.

    Returns
    -------
    tuple of ndarray
        One multipolygon an owner, and the owners.
    """
    counts = rings.counts
    edges = np.concatenate([[0], np.cumsum(counts + 1)])
    along = np.arange(edges[-1]) - np.repeat(edges[:-1], counts + 1)
    # One step past the last vertex leads back to the first: shapely wants rings closed.
    place = np.repeat(rings.offsets[:-1], counts + 1) + along % np.repeat(counts, counts + 1)
    local = (rings.vertices[place] - np.array(tile.origin, dtype=np.int64)) / (1 << tile.shift)
    first = np.flatnonzero(rings.outer)
    owner, polygon = np.unique(rings.owner[first], return_index=True)
    parts = (edges, np.append(first, len(rings.outer)), np.append(polygon, len(first)))
    kind = shapely.GeometryType.MULTIPOLYGON
    return shapely.from_ragged_array(kind, local, parts), owner


def _rounded(shapes: NDArray[np.object_], owner: NDArray[np.intp]) -> Rings:
    parts, shape = shapely.get_parts(shapes, return_index=True)
    # Where a polygon only touches the edge, clipping leaves a collection with lines in it.
    parts, part = shapely.get_parts(parts, return_index=True)
    solid = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, shape = parts[solid], shape[part[solid]]
    rings, polygon = shapely.get_rings(parts, return_index=True)
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    closing = np.ones(len(ring), dtype=bool)
    closing[:-1] = ring[1:] != ring[:-1]
    outer = np.ones(len(rings), dtype=bool)
    outer[1:] = polygon[1:] != polygon[:-1]
    edges = np.concatenate([[0], np.cumsum(np.bincount(ring, minlength=len(rings)) - 1)])
    # Half a unit upward, as quantised() does: rint would go to the even one.
    whole = np.floor(vertices[~closing] + 0.5).astype(np.int64)
    return tidied(Rings(whole, edges.astype(np.int64), owner[shape[polygon]], outer))


def _without_repeats(rings: Rings) -> Rings:
    before = np.empty_like(rings.vertices)
    before[1:] = rings.vertices[:-1]
    filled = rings.counts > 0
    before[rings.offsets[:-1][filled]] = rings.vertices[rings.offsets[1:][filled] - 1]
    moved = (rings.vertices != before).any(axis=1)
    if moved.all():
        return rings
    passed = np.concatenate([[0], np.cumsum(moved)])
    return Rings(rings.vertices[moved], passed[rings.offsets], rings.owner, rings.outer)


def _turned(rings: Rings, area: Ints) -> Rings:
    wrong = (area < 0) == rings.outer
    wrong &= area != 0
    if not wrong.any():
        return rings
    place = np.arange(len(rings.vertices))
    back = ranges(rings.offsets, np.flatnonzero(wrong))[0]
    mirror = rings.offsets[:-1] + rings.offsets[1:] - 1
    place[back] = np.repeat(mirror[wrong], rings.counts[wrong]) - back
    return Rings(rings.vertices[place], rings.offsets, rings.owner, rings.outer)
