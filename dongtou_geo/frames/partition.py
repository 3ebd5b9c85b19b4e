"""Outlines cut into parts and joined to one: what a split or a merge asks of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import ops
from shapely.geometry.base import BaseGeometry

from dongtou_geo.errors import EventError
from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.topology import OVERLAP_AREA_M2, OVERLAP_WIDTH_M

# Two surveys of one border differ by so much: children may leave their parent by it, and
# neighbours that lie so close are neighbours.
BORDER_WIDTH_M = 0.1
LEAST_PART_M2 = 1.0

_METRES_PER_DEGREE = 111_000.0
# Land that hangs together by less than this touches at a point only.
_NECK_M = 0.002


def outline_of(wkb: bytes, name: str) -> BaseGeometry:
    """Read an outline.

    Parameters
    ----------
    wkb : bytes
        Polygon or multipolygon, EPSG:4490 lon/lat.
    name : str
        The parcel, for the message.

    Raises
    ------
    EventError
        If it is no valid polygon in degrees.
    """
    try:
        shape = shapely.from_wkb(wkb)
    except shapely.errors.GEOSException:
        msg = f"地块 {name} 的图形无法读取，应为 WKB 面"
        raise EventError(msg) from None
    fault = _fault(shape)
    if fault:
        msg = f"地块 {name} 的图形无效（{fault}），应为边界不自交的面（EPSG:4490 经纬度）"
        raise EventError(msg)
    return shape


def cut_by_line(outline_wkb: bytes, line: Sequence[tuple[float, float]]) -> list[bytes]:
    """Cut an outline by a drawn line.

    Parameters
    ----------
    outline_wkb : bytes
        Polygon or multipolygon, EPSG:4490 lon/lat.
    line : sequence of (float, float)
        The line's points, lon/lat.

    Returns
    -------
    list of bytes
        The parts as WKB polygons, from west to east.

    Raises
    ------
    EventError
        If the line does not cut it, or cuts off less than 1 m2.
    """
    outline = outline_of(outline_wkb, "（待分割）")
    points = np.asarray(line, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(points).all() or len(np.unique(points, axis=0)) < 2:
        msg = f"分割线有 {len(points)} 个点，应为至少 2 个不同的经纬度点"
        raise EventError(msg)
    whole = shapely.get_parts(outline)
    parts = list(ops.split(outline, shapely.LineString(points)).geoms)
    if len(parts) <= len(whole):
        msg = "分割线没有把地块分开；应从地块边界外的一侧画到另一侧，穿过地块"
        raise EventError(msg)
    slivers = [part for part in area_m2(parts) if part < LEAST_PART_M2]
    if slivers:
        msg = (
            f"分割线切出 {len(slivers)} 块不足 {LEAST_PART_M2:g} m² 的碎片"
            f"（最小 {min(slivers):.2f} m²）；分割线应离开地块边界"
        )
        raise EventError(msg)
    parts.sort(key=lambda part: (part.centroid.x, part.centroid.y))
    return [shapely.to_wkb(part) for part in parts]


def partition_problems(parent_wkb: bytes | None, children: Mapping[str, bytes]) -> list[str]:
    """Name every child that leaves its parent or lies over another.

    Parameters
    ----------
    parent_wkb : bytes or None
        The parent's outline; None = 未落图, the children are then compared with each other only.
    children : mapping of str to bytes
        Outlines by parcel number.

    Returns
    -------
    list of str
        One Chinese sentence a problem, unreadable outlines included.
    """
    shapes, problems = _read(children)
    parents, faults = _read({} if parent_wkb is None else {"（原地块）": parent_wkb})
    problems += faults
    for parent in parents.values():
        problems += [
            f"子地块 {number} 超出原地块 {outside_m2:.1f} m²，应落在原地块之内"
            for number, shape in shapes.items()
            if (outside_m2 := _outside_m2(shape, parent))
        ]
    for (one, first), (other, second) in combinations(shapes.items(), 2):
        shared = shapely.intersection(first, second)
        shared_m2 = float(area_m2([shared])[0])
        if shared_m2 > OVERLAP_AREA_M2 and _is_wider(shared, OVERLAP_WIDTH_M):
            problems.append(f"子地块 {one} 与 {other} 重叠 {shared_m2:.1f} m²，应互不重叠")
    return problems


def united(outlines: Mapping[str, bytes]) -> bytes:
    """Join neighbouring outlines to one.

    Parameters
    ----------
    outlines : mapping of str to bytes
        Outlines by parcel number.

    Returns
    -------
    bytes
        WKB polygon; a gap up to ``BORDER_WIDTH_M`` between neighbours is closed.

    Raises
    ------
    EventError
        If they are no neighbours.
    """
    shapes = [outline_of(wkb, number) for number, wkb in outlines.items()]
    joined = shapely.union_all(shapes)
    holes = sum(len(shapely.get_rings(part)) - 1 for part in shapely.get_parts(shapes))
    if isinstance(joined, shapely.Polygon) and len(joined.interiors) <= holes:
        return bytes(shapely.to_wkb(joined))
    to_metres, to_degrees = _plane(joined)
    reach = BORDER_WIDTH_M / 2.0
    closed = shapely.union_all([_buffered(to_metres(shape), reach) for shape in shapes])
    closed = _buffered(_buffered(closed, -reach - _NECK_M), _NECK_M)
    if closed.geom_type != "Polygon":
        names = "、".join(outlines)
        msg = (
            f"地块 {names} 不相邻：图形合并后是 {len(shapely.get_parts(closed))} 块，"
            f"应相接成一块（间隙不超过 {BORDER_WIDTH_M:g} m）"
        )
        raise EventError(msg)
    return bytes(shapely.to_wkb(to_degrees(closed)))


def _read(outlines: Mapping[str, bytes]) -> tuple[dict[str, BaseGeometry], list[str]]:
    shapes: dict[str, BaseGeometry] = {}
    problems = []
    for number, wkb in outlines.items():
        try:
            shapes[number] = outline_of(wkb, number)
        except EventError as error:
            problems.append(str(error))
    return shapes, problems


def _fault(shape: BaseGeometry | None) -> str | None:
    if shape is None or shape.is_empty:
        return "空图形"
    if shape.geom_type not in {"Polygon", "MultiPolygon"}:
        return f"是 {shape.geom_type}"
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return f"坐标 {west:.1f}, {south:.1f} 不是经纬度"
    return None if shape.is_valid else str(shapely.is_valid_reason(shape))


def _outside_m2(shape: BaseGeometry, parent: BaseGeometry) -> float:
    to_metres, _ = _plane(parent)
    if to_metres(parent).buffer(BORDER_WIDTH_M).covers(to_metres(shape)):
        return 0.0
    return float(area_m2([shapely.difference(shape, parent)])[0])


def _is_wider(shape: BaseGeometry, width_m: float) -> bool:
    to_metres, _ = _plane(shape)
    return not to_metres(shape).buffer(-width_m / 2.0).is_empty


def _buffered(shape: BaseGeometry, width_m: float) -> BaseGeometry:
    return shapely.buffer(shape, width_m, join_style="mitre")


_Mapped = Callable[[BaseGeometry], BaseGeometry]


def _plane(around: BaseGeometry) -> tuple[_Mapped, _Mapped]:
    """Return maps to metres about a shape and back: for widths only, land is measured elsewhere."""
    centre = np.asarray(around.centroid.coords[0])
    scale = _METRES_PER_DEGREE * np.array([np.cos(np.radians(centre[1])), 1.0])

    def to_metres(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((points - centre) * scale, dtype=np.float64)

    def to_degrees(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(points / scale + centre, dtype=np.float64)

    return (
        lambda shape: shapely.transform(shape, to_metres),
        lambda shape: shapely.transform(shape, to_degrees),
    )
