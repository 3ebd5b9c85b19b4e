"""The parcels of one day packed into a page: every one of them, outlines as plain numbers.

Notes
-----
A vertex takes some 11 bytes of the page (two 32-bit numbers in base64) where GeoJSON takes 25:
100,000 parcels make a page of about 10 MB, which opens in a second or two. What is larger is
simplified, and the page says so; nothing is left out.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.domain.status import STATUSES
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.store.day_parcels import DayParcels

# About 16 MB of page.
MAX_VERTICES = 1_500_000
# Degrees: a centimetre on the ground.
STEP = 1e-7
# How far a simplified edge may lie from the drawn one, degrees, and what that is on the ground.
SIMPLER = ((1e-5, "1 米"), (3e-5, "3 米"), (1e-4, "10 米"))


@dataclass(frozen=True, slots=True)
class PackedParcels:
    """Parcels as JSON values, and what must be said of them.

    Parameters
    ----------
    document : dict
        Columns; long ones as base64 of little-endian numbers.
    note : str or None
        That outlines were simplified, and by how much.
    """

    document: dict[str, object]
    note: str | None


def packed(parcels: DayParcels, *, max_vertices: int = MAX_VERTICES) -> PackedParcels:
    """Pack parcels for the page.

    Parameters
    ----------
    parcels : DayParcels
        Alive on the day; undrawn ones keep their row and have no ring.
    max_vertices : int
        Above so many corners outlines are simplified.

    Returns
    -------
    PackedParcels
        All parcels.
    """
    shapes = np.asarray(shapely.from_wkb(parcels.outlines), dtype=object)
    shapes, note = _fitting(shapes, max_vertices)
    corners, ring_at, vertex_at = _rings(shapes)
    corner = corners.min(axis=0) if len(corners) else np.zeros(2)
    units = np.rint((corners - corner) / STEP).astype("<i4")
    document: dict[str, object] = {
        "numbers": parcels.numbers,
        "since": parcels.since,
        "status": _base64(parcels.status),
        "flags": _base64(
            parcels.filled_sea.astype(np.uint8)
            | parcels.halted.astype(np.uint8) << 1
            | parcels.stopped.astype(np.uint8) << 2
        ),
        "mu": [round(m2_to_mu(area), 4) for area in parcels.area_m2.tolist()],
        "park": parcels.park_ids,
        "corner": corner.tolist(),
        "step": STEP,
        "xy": _base64(units),
        "ring_at": _base64(ring_at.astype("<i4")),
        "vertex_at": _base64(vertex_at.astype("<i4")),
        "statuses": [account.value for account in STATUSES],
    }
    return PackedParcels(document, note)


def _fitting(
    shapes: NDArray[np.object_], max_vertices: int
) -> tuple[NDArray[np.object_], str | None]:
    total = int(shapely.get_num_coordinates(shapes).sum())
    if total <= max_vertices:
        return shapes, None
    simpler, words = shapes, ""
    for tolerance, words in SIMPLER:  # noqa: B007 # the last one is told
        simpler = shapely.simplify(shapes, tolerance, preserve_topology=True)
        if shapely.get_num_coordinates(simpler).sum() <= max_vertices:
            break
    note = f"为控制文件大小，地块边界已简化，偏差不超过约 {words}；宗数与面积不变，一宗不少"
    return simpler, note


def _rings(
    shapes: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Corners of all rings, at which ring each parcel begins, at which corner each ring begins."""
    parts, whose = shapely.get_parts(shapes, return_index=True)
    found, part_of = shapely.get_rings(parts, return_index=True)
    rings, owner = found, whose[part_of]
    corners, ring_of = shapely.get_coordinates(rings, return_index=True)
    vertex_at = np.searchsorted(ring_of, np.arange(len(rings) + 1))
    ring_at = np.searchsorted(owner, np.arange(len(shapes) + 1))
    return corners, ring_at, vertex_at


def _base64(numbers: NDArray[np.generic]) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers).tobytes()).decode("ascii")
