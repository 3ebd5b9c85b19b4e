"""Outlines out of WKB: curves stroked, rings closed, collections reduced to their polygons."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from dongtou_geo.formats.arcs import METRES_PER_DEGREE, TOLERANCE_M, Points, stroked_string
from dongtou_geo.formats.row_problems import RowProblems

Shapes = NDArray[np.object_]

_POINT, _LINE, _POLYGON = 1, 2, 3
_ARCS, _COMPOUND, _CURVE_POLYGON = 8, 9, 10
_PARTS = frozenset((4, 5, 6, 7, 11, 12, 15, 16))  # multi, collection, surface, TIN
_TRIANGLE = 17
_EWKB_Z, _EWKB_M, _EWKB_SRID = 0x80000000, 0x40000000, 0x20000000
_MAX_DEPTH = 16
_COLLECTION_ID = 7  # shapely's
_UNREAD = (shapely.errors.ShapelyError, NotImplementedError, ValueError)


# Coordinates that are no numbers are the checks' business; here they must only pass.
@np.errstate(all="ignore")
def outlines_of(encoded: Shapes, tolerance: float | None, problems: RowProblems) -> Shapes:
    """Turn WKB into shapes.

    Parameters
    ----------
    encoded : ndarray of bytes or None
        One WKB a row.
    tolerance : float or None
        Largest distance between chord and arc, in the units of the coordinates; None = 1 cm, in
        degrees where the coordinates could be such.
    problems : RowProblems
        Takes ``geometry_unreadable`` (error) and ``ring_closed`` (warning).

    Returns
    -------
    ndarray of shapely geometry or None
        XY; collections that hold polygons become those polygons.
    """
    try:
        shapes = shapely.from_wkb(encoded)
    except _UNREAD:
        shapes = _one_by_one(encoded, tolerance, problems)
    shapes = np.asarray(shapes, dtype=object)
    if shapely.has_z(shapes).any() or shapely.has_m(shapes).any():
        shapes = shapely.force_2d(shapes)
    for row in np.flatnonzero(shapely.get_type_id(shapes) == _COLLECTION_ID):
        shapes[row] = _polygons_of(shapes[row])
    return shapes


def _one_by_one(encoded: Shapes, tolerance: float | None, problems: RowProblems) -> Shapes:
    shapes = np.empty(len(encoded), dtype=object)
    for row, wkb in enumerate(encoded):
        if wkb is None:
            continue
        try:
            shapes[row] = shapely.from_wkb(wkb)
            continue
        except _UNREAD:
            reader = _Reader(wkb, tolerance)
        try:
            shapes[row] = reader.geometry()
        except (struct.error, *_UNREAD):
            message = "图形数据损坏，无法读取，请检查或重新绘制该地块"
            problems.error(row, None, "geometry_unreadable", message)
            continue
        if reader.closed_rings:
            problems.warn(row, "ring_closed", "界线首尾不相连，已用直线连接首尾点")
    return shapes


def _polygons_of(collection: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(collection)
    while (shapely.get_type_id(parts) == _COLLECTION_ID).any():
        parts = shapely.get_parts(parts)
    polygons = shapely.get_parts(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
    if len(polygons) == 0:
        return collection
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons.tolist())


@dataclass
class _Reader:
    """WKB as ISO 13249-3 and PostGIS write it, with the types that GEOS does not know.

    GDAL's own conversion of curves takes a fixed angle, whatever the radius, and pyogrio's Arrow
    stream delivers curves as they are.
    """

    data: bytes
    tolerance: float | None
    position: int = 0
    order: str = "<"
    closed_rings: int = 0

    def geometry(self) -> BaseGeometry:
        """Read the whole."""
        return self._geometry(0)

    def _geometry(self, depth: int) -> BaseGeometry:
        kind, size = self._start(depth)
        if kind in _PARTS:
            parts = [self._geometry(depth + 1) for _ in range(self._count())]
            return _gathered(parts, kind)
        if kind in (_POLYGON, _TRIANGLE):
            return self._polygon([self._points(size) for _ in range(self._count())])
        if kind == _CURVE_POLYGON:
            return self._polygon([self._curve(depth + 1) for _ in range(self._count())])
        if kind == _POINT:
            return shapely.Point(self._coordinates(1, size)[0])
        return shapely.LineString(self._line(kind, size, depth))

    def _start(self, depth: int) -> tuple[int, int]:
        """Type without its flags, and numbers a point."""
        if depth > _MAX_DEPTH:
            msg = "geometry nested too deep"
            raise ValueError(msg)
        self.order = "<" if self._take("<B")[0] else ">"
        (code,) = self._take(self.order + "I")
        thousands, kind = divmod(code & 0x0FFFFFFF, 1000)
        if code & _EWKB_SRID:
            self._take(self.order + "I")
        extra = int(bool(code & _EWKB_Z) or thousands in (1, 3))
        extra += int(bool(code & _EWKB_M) or thousands in (2, 3))
        return kind, 2 + extra

    def _curve(self, depth: int) -> Points:
        kind, size = self._start(depth)
        return self._line(kind, size, depth)

    def _line(self, kind: int, size: int, depth: int) -> Points:
        if kind == _LINE:
            return self._points(size)
        if kind == _ARCS:
            points = self._points(size)
            return stroked_string(points, self._tolerance(points)) if len(points) else points
        if kind == _COMPOUND:
            pieces = [self._curve(depth + 1) for _ in range(self._count())]
            # Each piece begins where the one before ended.
            return np.vstack([piece if i == 0 else piece[1:] for i, piece in enumerate(pieces)])
        msg = f"geometry type {kind}"
        raise ValueError(msg)

    def _tolerance(self, points: Points) -> float:
        if self.tolerance is not None:
            return self.tolerance
        degrees = bool((np.abs(points) <= 360.0).all())
        return TOLERANCE_M / METRES_PER_DEGREE if degrees else TOLERANCE_M

    def _polygon(self, rings: list[Points]) -> BaseGeometry:
        closed = [self._closed(ring) for ring in rings if len(ring)]
        return shapely.Polygon(closed[0], closed[1:]) if closed else shapely.Polygon()

    def _closed(self, ring: Points) -> Points:
        if not np.array_equal(ring[0], ring[-1], equal_nan=True):
            self.closed_rings += 1
            ring = np.vstack([ring, ring[:1]])
        if np.isnan(ring[0]).any():
            # GEOS compares first and last, and no NaN equals another: begin elsewhere.
            numbers = np.flatnonzero(~np.isnan(ring).any(axis=1))
            first = int(numbers[0]) if len(numbers) else 0
            ring = np.roll(ring[:-1], -first, axis=0)
            ring = np.vstack([ring, ring[:1]])
        return ring

    def _points(self, size: int) -> Points:
        return self._coordinates(self._count(), size)

    def _coordinates(self, count: int, size: int) -> Points:
        width = 8 * size * count
        if width > len(self.data) - self.position:
            msg = "geometry cut short"
            raise ValueError(msg)
        raw = np.frombuffer(self.data, f"{self.order}f8", size * count, self.position)
        self.position += width
        return raw.reshape(count, size)[:, :2].astype(np.float64)

    def _count(self) -> int:
        (count,) = self._take(self.order + "I")
        if count > len(self.data):
            msg = "geometry cut short"
            raise ValueError(msg)
        return int(count)

    def _take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(layout, self.data, self.position)
        self.position += struct.calcsize(layout)
        return values


def _gathered(parts: list[BaseGeometry], kind: int) -> BaseGeometry:
    if kind in (6, 12, 15, 16):
        polygons = [polygon for part in parts for polygon in shapely.get_parts(part)]
        return shapely.MultiPolygon(polygons)
    if kind in (5, 11):
        return shapely.MultiLineString([part.coords for part in parts])
    return shapely.GeometryCollection(parts)
