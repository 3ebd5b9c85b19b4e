"""Parcels for tiles, and what the account says of them, reckoned without the tiles' code."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from dongtou_geo.domain.status import STATUSES
from dongtou_geo.frames.area import area_m2
from dongtou_geo.tiles.address import EXTENT
from dongtou_geo.tiles.columns import ENDED, DrawnParcels
from dongtou_geo.tiles.index import TileIndex

# A third into its tile at z13 and z15, two thirds at z14 and z16: never near an edge.
LON, LAT = 121.083984, 27.903822
HALF_WORLD_M = 20_037_508.342789244
TO_MERCATOR = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
History = Sequence[tuple[int, int]]
BUILT: History = ((5000, 3), (5500, 4), (6200, 5), (7000, 6))


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(2000, 1, 1)).days


def drawn(
    outlines: Sequence[BaseGeometry | None],
    histories: Sequence[History] | None = None,
    ids: Sequence[int] | None = None,
) -> DrawnParcels:
    """Parcels with their histories, each a run of (day, status code)."""
    shapes = np.array(outlines, dtype=object)
    histories = histories or [BUILT] * len(shapes)
    states = [(row, *state) for row, history in enumerate(histories) for state in history]
    row, from_day, status = np.array(states, dtype=np.int64).reshape(-1, 3).T
    return DrawnParcels(
        shapes,
        np.array(ids or range(1, len(shapes) + 1), dtype=np.uint64),
        np.nan_to_num(area_m2(shapes)),
        row,
        from_day.astype(np.int32),
        status.astype(np.uint8),
    )


def index_of(*words: Any, version: str = "v1") -> TileIndex:
    return TileIndex.build(drawn(*words), version)


def box(west_m: float, south_m: float, east_m: float, north_m: float) -> shapely.Polygon:
    """A box by metres from (LON, LAT), about."""
    return shapely.box(
        LON + west_m / 98_300,
        LAT + south_m / 110_800,
        LON + east_m / 98_300,
        LAT + north_m / 110_800,
    )


def quilt(side: int, size_m: float, seed: int = 1) -> DrawnParcels:
    """side x side parcels of eight corners without gaps, with random histories."""
    rng = np.random.default_rng(seed)
    lattice = np.stack(np.meshgrid(*[np.arange(2 * side + 1)] * 2, indexing="ij"), axis=-1)
    knots = (lattice + rng.uniform(-0.3, 0.3, lattice.shape)) * size_m / 2 - side * size_m / 2
    lonlat = knots / [98_300, 110_800] + [LON, LAT]
    around = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)]
    outlines = [
        shapely.Polygon([lonlat[2 * i + a, 2 * j + b] for a, b in around])
        for i in range(side)
        for j in range(side)
    ]
    histories = []
    for _ in outlines:
        days = np.sort(rng.integers(day("2008-01-01"), day("2026-01-01"), 4))
        codes = [*(rng.integers(0, 4) + np.arange(3)), rng.choice([2, 6, 7, ENDED])]
        histories.append(list(zip(days.tolist(), map(int, codes), strict=True)))
    return drawn(outlines, histories)


def account_m2(parcels: DrawnParcels, on: int) -> np.ndarray:
    """Area by status on a day, parcel by parcel."""
    total = np.zeros(len(STATUSES) + 1)
    for row in range(len(parcels.ids)):
        own = parcels.parcel == row
        held = [
            status
            for from_day, status in zip(parcels.from_day[own], parcels.status[own], strict=True)
            if from_day <= on
        ]
        total[held[-1] if held else ENDED] += parcels.area_m2[row]
    return total[:ENDED]


def tile_at(z: int, lon: float = LON, lat: float = LAT) -> tuple[int, int, int]:
    east, north = TO_MERCATOR.transform(lon, lat)
    width = 2 * HALF_WORLD_M / 2**z
    return z, int((east + HALF_WORLD_M) / width), int((HALF_WORLD_M - north) / width)


def tiles_over(z: int, parcels: DrawnParcels) -> list[tuple[int, int, int]]:
    west, south, east, north = shapely.total_bounds(parcels.outlines)
    _, left, top = tile_at(z, west, north)
    _, right, bottom = tile_at(z, east, south)
    return [(z, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def in_tile_units(shape: Any, z: int, x: int, y: int) -> Any:
    """An outline in a tile's units by pyproj, not rounded."""
    width = 2 * HALF_WORLD_M / 2**z

    def projected(lonlat: np.ndarray) -> np.ndarray:
        east, north = TO_MERCATOR.transform(*lonlat.T)
        column, row = (east + HALF_WORLD_M) / width - x, (HALF_WORLD_M - north) / width - y
        return np.column_stack([column, row]) * EXTENT

    return shapely.transform(shape, projected)


def ground_m2(shape: Any, z: int, x: int, y: int) -> float:
    """Ellipsoidal area of something in a tile's units."""
    width = 2 * HALF_WORLD_M / 2**z

    def back(units: np.ndarray) -> np.ndarray:
        column, row = (units / EXTENT + [x, y]).T
        east, north = column * width - HALF_WORLD_M, HALF_WORLD_M - row * width
        return np.column_stack(TO_MERCATOR.transform(east, north, direction="INVERSE"))

    return float(area_m2([shapely.transform(shape, back)])[0])
