"""Made-up subdivisions: outlines that share all their borders, turned and pushed about."""

import numpy as np
import shapely

# Near Dongtou's main island; metres a degree on the CGCS2000 ellipsoid at 27.9 N.
CENTRE = np.array([121.1, 27.9])
METRES = np.array([98_452.52, 110_817.84])


def place(metres) -> np.ndarray:
    """Lon/lat of points in metres from the centre."""
    return np.asarray(metres) / METRES + CENTRE


def outline(metres) -> shapely.Polygon:
    return shapely.Polygon(place(metres))


def strip(width: float, length: float, turn: float = 0.3, at=(0.0, 0.0)) -> shapely.Polygon:
    corners = np.array([(0, 0), (length, 0), (length, width), (0, width)])
    return outline(corners @ rotation(turn) + at)


def rotation(turn: float) -> np.ndarray:
    return np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])


def moved(shape, metres):
    return shapely.transform(shape, lambda lonlat: lonlat + np.asarray(metres) / METRES)


def subdivision(side: int, turn=0.4, elbow=3.0, noise=0.0, seed=1) -> np.ndarray:
    """side x side outlines of eight corners; the corner amid each border pushed by up to elbow m.

    noise is in degrees: what two conversions of one corner may differ by.
    """
    rng = np.random.default_rng(seed)
    east, north = np.meshgrid(np.arange(side + 1) * 60.0, np.arange(side + 1) * 48.0, indexing="ij")
    corner = np.stack([east, north], -1) + rng.uniform(-6, 6, (side + 1, side + 1, 2))
    low = (corner[1:] + corner[:-1]) / 2 + rng.uniform(-elbow, elbow, (side, side + 1, 2))
    left = (corner[:, 1:] + corner[:, :-1]) / 2 + rng.uniform(-elbow, elbow, (side + 1, side, 2))
    rings = np.stack(
        [
            *(corner[:-1, :-1], low[:, :-1], corner[1:, :-1], left[1:]),
            *(corner[1:, 1:], low[:, 1:], corner[:-1, 1:], left[:-1]),
        ],
        axis=2,
    ).reshape(-1, 8, 2)
    return _outlines(rings, turn, noise, rng)


def bricks(side: int, turn=0.4, noise=0.0, seed=1) -> np.ndarray:
    """side x side rectangles in a running bond: corners lie amid the neighbours' edges."""
    column, course = np.divmod(np.arange(side * side), side)
    corner = np.column_stack([column * 60.0 + course % 2 * 25.0, course * 48.0])
    rings = corner[:, None] + np.array([(0, 0), (60, 0), (60, 48), (0, 48)])
    return _outlines(rings, turn, noise, np.random.default_rng(seed))


def _outlines(rings, turn, noise, rng) -> np.ndarray:
    lonlat = place((rings - rings.mean(axis=(0, 1))) @ rotation(turn))
    lonlat = lonlat + rng.uniform(-noise, noise, lonlat.shape)
    closed = np.concatenate([lonlat, lonlat[:, :1]], axis=1)
    return np.asarray(shapely.polygons(closed), dtype=object)
