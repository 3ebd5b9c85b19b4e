"""Parcels as flat arrays: outlines in whole world units, and the days on which statuses began."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import shapely
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from dongtou_geo.domain.status import STATUSES
from dongtou_geo.tiles.address import WORLD_BITS
from dongtou_geo.tiles.rings import Rings, ranges, runs, wound

# The code beside the eight statuses: ended, or not there yet.
ENDED = len(STATUSES)
# A step is day * 16 + code in one int32.
STEP_BITS = 4
# Outlines are taken apart in portions, so that the objects of a million never stand at once.
PORTION = 100_000
# WKB of a polygon with one ring: byte order and kind, how many rings, how many vertices.
_ONE_RING = struct.pack("<BII", 1, 3, 1)
_HEAD = len(_ONE_RING) + 4
_VERTEX = 16

Rows = NDArray[np.intp]

_LIMITS = np.iinfo(np.int32)
_NOWHERE = np.array([_LIMITS.max, _LIMITS.max, _LIMITS.min, _LIMITS.min], dtype=np.int32)


@dataclass(frozen=True, slots=True)
class DrawnParcels:
    """Parcels as a service hands them over, row by row and state by state.

    Parameters
    ----------
    outlines : ndarray of shapely geometry, bytes or None
        Polygons and multipolygons, EPSG:4490 lon/lat, or all of them as WKB, which spares memory:
        only a portion becomes objects at a time. None and empty ones are never drawn.
    ids : ndarray of uint64
        Feature ids; all rows of one id are replaced together.
    area_m2 : ndarray of float
        What each parcel counts in the account.
    parcel : ndarray of int
        Row of each state, ascending; a row's states in the order in which they began. A parcel
        without states is never drawn.
    from_day : ndarray of int32
        Days since 2000-01-01, negative before.
    status : ndarray of uint8
        Place in ``STATUSES``; ``ENDED`` = the parcel is there no more.
    """

    outlines: NDArray[np.object_]
    ids: NDArray[np.uint64]
    area_m2: NDArray[np.float64]
    parcel: NDArray[np.integer]
    from_day: NDArray[np.integer]
    status: NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class ParcelColumns:
    """Any number of parcels; offsets are one longer than what they divide.

    Parameters
    ----------
    ids : ndarray of uint64
        Feature ids.
    area_m2 : ndarray of float64
        Area of each parcel.
    bounds : ndarray of int32, (parcels, 4)
        West, north, east, south, world units. What is never drawn touches nothing: its west
        lies east of its east.
    ring_offsets : ndarray of int64
        Parcel to rings.
    outer : ndarray of bool
        Whether a ring begins a polygon; its holes follow it.
    vertex_offsets : ndarray of int64
        Ring to vertices.
    vertices : ndarray of int32, (vertices, 2)
        World units, no closing vertex, outer rings clockwise on the screen.
    step_offsets : ndarray of int64
        Parcel to steps.
    steps : ndarray of int32
        day * 16 + status code.
    """

    ids: NDArray[np.uint64]
    area_m2: NDArray[np.float64]
    bounds: NDArray[np.int32]
    ring_offsets: NDArray[np.int64]
    outer: NDArray[np.bool_]
    vertex_offsets: NDArray[np.int64]
    vertices: NDArray[np.int32]
    step_offsets: NDArray[np.int64]
    steps: NDArray[np.int32]

    def __len__(self) -> int:
        """Return the number of parcels."""
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """Return the memory that the arrays take."""
        return int(sum(getattr(self, field.name).nbytes for field in fields(self)))

    def rings(self, rows: Rows) -> Rings:
        """Gather the outlines of some parcels.

        Parameters
        ----------
        rows : ndarray of int
            Which.

        Returns
        -------
        Rings
            World units; ``owner`` counts along ``rows``.
        """
        ring, ring_counts = ranges(self.ring_offsets, rows)
        vertex, vertex_counts = ranges(self.vertex_offsets, ring)
        owner = np.repeat(np.arange(len(rows)), ring_counts)
        return Rings(self.vertices[vertex], offsets(vertex_counts), owner, self.outer[ring])

    def steps_of(self, rows: Rows) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Gather the steps of some parcels.

        Parameters
        ----------
        rows : ndarray of int
            Which.

        Returns
        -------
        tuple of ndarray
            Steps, and how many each row has.
        """
        place, counts = ranges(self.step_offsets, rows)
        return self.steps[place], counts

    def take(self, rows: Rows) -> ParcelColumns:
        """Return some parcels alone.

        Parameters
        ----------
        rows : ndarray of int
            Which.
        """
        rings = self.rings(rows)
        steps, step_counts = self.steps_of(rows)
        return ParcelColumns(
            self.ids[rows],
            self.area_m2[rows],
            self.bounds[rows],
            offsets(self.ring_offsets[rows + 1] - self.ring_offsets[rows]),
            rings.outer,
            rings.offsets,
            rings.vertices.astype(np.int32),
            offsets(step_counts),
            steps,
        )


def offsets(counts: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return where each of some runs begins, and where the last one ends.

    Parameters
    ----------
    counts : ndarray of int
        Length of each run.
    """
    edges = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=edges[1:])
    return edges


def joined(parts: Sequence[ParcelColumns]) -> ParcelColumns:
    """Put parcels behind one another.

    Parameters
    ----------
    parts : sequence of ParcelColumns
        At least one.

    Returns
    -------
    ParcelColumns
        All of them; the only part itself where there is one.
    """
    if len(parts) == 1:
        return parts[0]
    columns: dict[str, Any] = {}
    for field in fields(ParcelColumns):
        arrays = [getattr(part, field.name) for part in parts]
        if field.name.endswith("offsets"):
            columns[field.name] = offsets(np.concatenate([np.diff(array) for array in arrays]))
        else:
            columns[field.name] = np.concatenate(arrays)
    return ParcelColumns(**columns)


def parcel_columns(drawn: DrawnParcels) -> ParcelColumns:
    """Project outlines and lay everything out flat.

    Parameters
    ----------
    drawn : DrawnParcels
        The parcels.

    Returns
    -------
    ParcelColumns
        The same, in the same order.
    """
    assert (drawn.status <= ENDED).all()
    assert (np.diff(drawn.parcel) >= 0).all()
    count = len(drawn.outlines)
    portions = [
        _flattened(drawn.outlines[start : start + PORTION])
        for start in range(0, max(count, 1), PORTION)
    ]
    ring_offsets = offsets(np.concatenate([ring_counts for ring_counts, _ in portions]))
    vertex_offsets = offsets(np.concatenate([np.diff(rings.offsets) for _, rings in portions]))
    outer = np.concatenate([rings.outer for _, rings in portions])
    vertices = np.concatenate([rings.vertices for _, rings in portions])
    del portions
    bounds = _bounds(vertices, vertex_offsets[ring_offsets])
    step_offsets = offsets(np.bincount(drawn.parcel, minlength=count))
    bounds[step_offsets[1:] == step_offsets[:-1]] = _NOWHERE
    steps = (drawn.from_day.astype(np.int32) << STEP_BITS) | drawn.status.astype(np.int32)
    return ParcelColumns(
        np.ascontiguousarray(drawn.ids, dtype=np.uint64),
        np.asarray(drawn.area_m2, dtype=np.float64),
        bounds,
        ring_offsets,
        outer,
        vertex_offsets,
        vertices,
        step_offsets,
        steps,
    )


def world_units(lonlat: NDArray[np.float64]) -> NDArray[np.int32]:
    """Project to Web Mercator in whole world units.

    Parameters
    ----------
    lonlat : ndarray of float, (n, 2)
        Degrees, EPSG:4490; CGCS2000 and WGS 84 agree to centimetres, as EPSG:3857 is drawn.

    Returns
    -------
    ndarray of int32, (n, 2)
        x eastward, y southward.

    Notes
    -----
    Spherical Mercator on geodetic latitude (EPSG method 1024): y = -asinh(tan(lat)).
    """
    whole = float(1 << WORLD_BITS)
    plane = np.empty_like(lonlat)
    plane[:, 0] = lonlat[:, 0] * (whole / 360.0)
    plane[:, 1] = np.arcsinh(np.tan(np.radians(lonlat[:, 1]))) * (-whole / (2.0 * np.pi))
    return np.rint(plane).clip(_LIMITS.min, _LIMITS.max).astype(np.int32)


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Return the degrees of a place in world units, EPSG:4490.

    Parameters
    ----------
    x, y : float
        As ``world_units`` gives them.
    """
    turn = 2.0 * math.pi / (1 << WORLD_BITS)
    return math.degrees(x * turn), math.degrees(math.atan(math.sinh(-y * turn)))


def _flattened(outlines: NDArray[np.object_]) -> tuple[NDArray[np.int64], Rings]:
    """Rings a parcel, and the rings without their closing vertices."""
    first = next((outline for outline in outlines if outline is not None), None)
    flat = _read(outlines) if isinstance(first, bytes) else _taken_apart(outlines)
    return np.bincount(flat.owner, minlength=len(outlines)), wound(flat)


def _read(outlines: NDArray[np.object_]) -> Rings:
    """Rings of outlines as WKB: those of one ring, as nearly all are, without an object each."""
    blobs = [outline or b"" for outline in outlines]
    lengths = np.fromiter(map(len, blobs), np.int64, len(blobs))
    data, edges = np.frombuffer(b"".join(blobs), dtype=np.uint8), offsets(lengths)
    rows = np.flatnonzero(lengths >= _HEAD + 4 * _VERTEX)
    head = data[edges[rows, None] + np.arange(_HEAD)]
    counts = np.ascontiguousarray(head[:, -4:]).view("<u4").ravel().astype(np.int64)
    plain = (head[:, : len(_ONE_RING)] == np.frombuffer(_ONE_RING, np.uint8)).all(axis=1)
    plain &= lengths[rows] == _HEAD + _VERTEX * counts
    rows, counts = rows[plain], counts[plain]
    # A vertex may lie at any byte; the closing one repeats the first.
    vertices = sliding_window_view(np.append(data, np.zeros(_VERTEX, np.uint8)), _VERTEX)
    first = edges[rows] + _HEAD
    closed = (vertices[first] == vertices[edges[rows + 1] - _VERTEX]).all(axis=1)
    rows, counts, first = rows[closed], counts[closed] - 1, first[closed]
    along = runs(np.zeros(len(counts), dtype=np.int64), counts)
    lonlat = vertices[np.repeat(first, counts) + _VERTEX * along].view("<f8")
    one = Rings(world_units(lonlat), offsets(counts), rows, np.ones(len(rows), dtype=bool))
    if len(rows) == np.count_nonzero(lengths):
        return one
    others = outlines.copy()
    others[rows] = None
    return _merged(one, _taken_apart(shapely.from_wkb(others)))


def _merged(one: Rings, other: Rings) -> Rings:
    owner = np.concatenate([one.owner, other.owner])
    order = np.argsort(owner, kind="stable")
    edges = offsets(np.concatenate([one.counts, other.counts]))
    vertex, counts = ranges(edges, order)
    vertices = np.concatenate([one.vertices, other.vertices])[vertex]
    outer = np.concatenate([one.outer, other.outer])[order]
    return Rings(vertices, offsets(counts), owner[order], outer)


def _taken_apart(shapes: NDArray[np.object_]) -> Rings:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    closing = np.ones(len(ring), dtype=bool)
    closing[:-1] = ring[1:] != ring[:-1]
    outer = np.ones(len(rings), dtype=bool)
    outer[1:] = part[1:] != part[:-1]
    counts = np.bincount(ring, minlength=len(rings)) - 1
    return Rings(world_units(lonlat[~closing]), offsets(counts), owner[part], outer)


def _bounds(vertices: NDArray[np.int32], edges: NDArray[np.int64]) -> NDArray[np.int32]:
    bounds = np.tile(_NOWHERE, (len(edges) - 1, 1))
    filled = np.flatnonzero(edges[1:] > edges[:-1])
    if len(filled):
        bounds[filled, :2] = np.minimum.reduceat(vertices, edges[filled], axis=0)
        bounds[filled, 2:] = np.maximum.reduceat(vertices, edges[filled], axis=0)
    return bounds
