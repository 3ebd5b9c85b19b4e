"""Which parcels lie around a place: the tiles' index of bounds, asked by lon/lat."""

from __future__ import annotations

import numpy as np

from dongtou_geo.tiles.columns import world_units
from dongtou_geo.tiles.standing import Standing

LonLatBox = tuple[float, float, float, float]


def parcels_near(standing: Standing, box: LonLatBox, *, limit: int = 500) -> list[str]:
    """Return the numbers of parcels whose bounds touch a box, on whatever day they lived.

    Parameters
    ----------
    standing : Standing
        The tiles as they stand.
    box : tuple of float
        West, south, east, north in degrees, EPSG:4490.
    limit : int
        At most so many.
    """
    west, south, east, north = box
    corners = world_units(np.array([[west, north], [east, south]]))
    (left, top), (right, bottom) = corners.tolist()
    found: list[str] = []
    for columns, rows in standing.index.touching((left, top, right, bottom)):
        numbers = (standing.ids.number(int(own)) for own in columns.ids[rows[:limit]])
        found += [number for number in numbers if number is not None]
    return sorted(set(found))[:limit]
