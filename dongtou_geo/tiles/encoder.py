"""Encode a tile of the parcels as a Mapbox Vector Tile, for every date at once.

A tile holds one of two layers, 4096 units wide, or is empty (no bytes):

``parcels``
    One polygon a parcel, also up to 64 units beyond the tile. Its tags ``t0``, ``t1``, ... say
    when which status began: ``t = day * 16 + code``, day counted from 2000-01-01 (negative
    before: then the value is a sint), code the place in ``STATUSES``, 8 = ended. In time order;
    on day D the last one with ``floor(t / 16) <= D`` holds, and before ``t0`` there is no parcel.
``grid``
    Cells of 4 px that hold area by status: see ``grid``. It stands instead where parcels are
    smaller than 3 px, or so many that a tile of them would be too large.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dongtou_geo.domain.status import STATUSES
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.tiles.address import BUFFER, Box, TileAddress, tile_address
from dongtou_geo.tiles.bounds import Bounds
from dongtou_geo.tiles.columns import ENDED, STEP_BITS, ParcelColumns, Rows
from dongtou_geo.tiles.grid import encode_grid
from dongtou_geo.tiles.index import Found, TileIndex
from dongtou_geo.tiles.protobuf import POLYGON, Features, all_of, layer, polygon_geometry
from dongtou_geo.tiles.rings import Rings, clipped, quantised, ranges

PARCELS = "parcels"
MAX_TILE_BYTES = 300_000
# 3 px of 16 units: below that a parcel is a speck.
SPECK = 48
# From 16 px on a parcel is something to look at and to click, whatever the tile weighs.
SIGHT = 256
# No parcel takes less: 9 bytes for a triangle, 12 for heads, id and one status.
LEAST_BYTES = 21
# A tile for a single day has no grid to fall back on.
MOST_ON_A_DAY = 20_000


class TileTooLargeError(DongtouGeoError):
    """Raise when a tile would hold more than its reader can take."""


def encode(index: TileIndex, z: int, x: int, y: int) -> bytes:
    """Encode a tile: the parcels themselves, or the grid where they are too small or too many.

    Parameters
    ----------
    index : TileIndex
        The parcels.
    z, x, y : int
        The tile.

    Returns
    -------
    bytes
        The tile, not compressed; empty where there is nothing.

    Raises
    ------
    TileAddressError
        If there is no such tile.
    """
    tile = tile_address(z, x, y)
    found = index.touching(tile.box(BUFFER))
    if not found:
        return b""
    size = _typical_size(found) / (1 << tile.shift)
    count = sum(len(rows) for _, rows in found)
    if size < SPECK or (size < SIGHT and count * LEAST_BYTES > MAX_TILE_BYTES):
        return encode_grid(index, tile, MAX_TILE_BYTES)
    parcels = _parcel_layer(found, tile)
    if size < SIGHT and len(parcels) > MAX_TILE_BYTES:
        return encode_grid(index, tile, MAX_TILE_BYTES)
    return parcels


def encode_parcels(index: TileIndex, z: int, x: int, y: int) -> bytes:
    """Encode a tile of the parcels themselves, however small or many they are.

    Parameters
    ----------
    index : TileIndex
        The parcels.
    z, x, y : int
        The tile.

    Returns
    -------
    bytes
        The tile, not compressed; empty where there is nothing.

    Raises
    ------
    TileAddressError
        If there is no such tile.
    """
    tile = tile_address(z, x, y)
    found = index.touching(tile.box(BUFFER))
    return _parcel_layer(found, tile) if found else b""


def encode_on(index: TileIndex, z: int, x: int, y: int, on_day: int) -> bytes:
    """Encode the parcels that are there on one day, for readers that know no dates.

    Parameters
    ----------
    index : TileIndex
        The parcels.
    z, x, y : int
        The tile.
    on_day : int
        Days since 2000-01-01.

    Returns
    -------
    bytes
        The layer ``parcels`` with one tag a parcel, ``status``; empty where there is nothing.

    Raises
    ------
    TileAddressError
        If there is no such tile.
    TileTooLargeError
        If more parcels lie in it than such a tile takes.
    """
    tile = tile_address(z, x, y)
    found = index.touching(tile.box(BUFFER))
    count = sum(len(rows) for _, rows in found)
    if count > MOST_ON_A_DAY:
        message = (
            f"此瓦片内有 {count} 宗地块，按日期取瓦片时应不多于 {MOST_ON_A_DAY} 宗；请放大后再取"
        )
        raise TileTooLargeError(message)
    if not found:
        return b""
    alive = [_alive(features, on_day) for features in _parcel_features(found, tile)]
    return layer(PARCELS, "status", all_of(alive), [status.value for status in STATUSES])


def _alive(features: Features, on_day: int) -> Features:
    """Keep what is there on a day, tagged with its status alone."""
    counts = features.tag_counts
    owner = np.repeat(np.arange(len(counts)), counts)
    begun = np.bincount(owner[(features.tags >> STEP_BITS) <= on_day], minlength=len(counts))
    ends = np.cumsum(counts)
    last = (ends - counts + begun - 1).clip(0)
    code = features.tags[last] & ((1 << STEP_BITS) - 1) if len(features.tags) else last
    rows = np.flatnonzero((begun > 0) & (code < ENDED))
    edges = np.concatenate([[0], np.cumsum(features.geometry_counts)])
    place, geometry_counts = ranges(edges, rows)
    one = np.ones(len(rows), dtype=np.int64)
    return Features(
        features.kind,
        features.ids[rows],
        one,
        code[rows],
        geometry_counts,
        features.geometry[place],
    )


def _typical_size(found: Found) -> float:
    """Median side of the parcels' bounds, world units."""
    bounds = np.concatenate([columns.bounds[rows] for columns, rows in found]).astype(np.int64)
    return float(np.median(np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])))


def _parcel_layer(found: Found, tile: TileAddress) -> bytes:
    return layer(PARCELS, "t", all_of(_parcel_features(found, tile)))


def _parcel_features(found: Found, tile: TileAddress) -> list[Features]:
    box = tile.box(BUFFER)
    features = []
    for columns, rows in found:
        whole = _within(columns.bounds[rows], box)
        inside, across = rows[whole], rows[~whole]
        drawn = quantised(columns.rings(inside), tile)
        features.append(_features(columns, inside, drawn))
        if len(across):
            cut = clipped(columns.rings(across), tile, BUFFER)
            features.append(_features(columns, across, cut))
    return features


def _features(columns: ParcelColumns, rows: Rows, rings: Rings) -> Features:
    commands, per_ring = polygon_geometry(rings)
    first = np.ones(len(per_ring), dtype=bool)
    first[1:] = rings.owner[1:] != rings.owner[:-1]
    starts = np.flatnonzero(first)
    taken = rows[rings.owner[starts]]
    steps, step_counts = columns.steps_of(taken)
    counts = np.add.reduceat(per_ring, starts) if len(starts) else per_ring
    return Features(POLYGON, columns.ids[taken], step_counts, steps, counts, commands)


def _within(bounds: Bounds, box: Box) -> NDArray[np.bool_]:
    west, north, east, south = box
    return (
        (bounds[:, 0] >= west)
        & (bounds[:, 1] >= north)
        & (bounds[:, 2] <= east)
        & (bounds[:, 3] <= south)
    )
