"""Boundary point text out, in the layout that land offices send on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.exporting import whole_characters

Parcel = tuple[str, str, str, str, BaseGeometry | None]

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def write_boundary_txt(
    path: Path,
    parcels: Sequence[Parcel],
    *,
    crs_name: str,
    degree: int,
    zone: int,
    decimals: int = 3,
    producer: str,
    produced_on: date,
) -> None:
    """Write parcels as boundary point text: GB 18030, CRLF, X = northing first.

    Parameters
    ----------
    path : Path
        The file; replaced if it exists.
    parcels : sequence of (str, str, str, str, geometry)
        Number, name, use, land use code, and the polygon or multipolygon in metres, x = easting
        (with the zone in front where wanted), y = northing.
    crs_name : str
        ``2000国家大地坐标系``.
    degree : int
        Width of the zones, 3 or 6.
    zone : int
        Number of the zone.
    decimals : int
        Decimals of a metre.
    producer : str
        Who made the data.
    produced_on : date
        When.

    Raises
    ------
    FormatError
        If a parcel has no outline of an area.

    Notes
    -----
    Commas in texts become full-width, line breaks blanks. Each ring repeats its first point; the
    point count includes these. The area is the planar one, in hectares.
    """
    lines = [
        "[属性描述]",
        "格式版本号=1.01版本",
        f"数据产生单位={_clean(producer)}",
        f"数据产生日期={produced_on.isoformat()}",
        f"坐标系={_clean(crs_name)}",
        f"几度分带={degree}",
        "投影类型=高斯克吕格",
        "计量单位=米",
        f"带号={zone}",
        f"精度={10**-decimals:.{decimals}f}",
        "转换参数=,,,,,,",
        "[地块坐标]",
    ]
    for parcel in parcels:
        lines += _parcel_lines(parcel, decimals)
    text = "".join(f"{line}\r\n" for line in lines)
    path.write_bytes(text.encode("gb18030"))


def _parcel_lines(parcel: Parcel, decimals: int) -> Iterator[str]:
    number, name, use, code, outline = parcel
    parts = shapely.get_parts([outline])
    flat = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    if not len(parts) or not all(flat & ~shapely.is_empty(parts)):
        msg = f"地块 {number} 没有面状图形，无法写成界址点；未落图的地块请先剔除"
        raise FormatError(msg)
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(parts)]
    count = sum(len(ring) for ring in rings)
    hectares = f"{shapely.area(outline) / 10_000:.4f}"
    texts = [_clean(text) for text in (number, name)]
    rest = ["面", "", *(_clean(text) for text in (use, code)), "@"]
    yield ",".join([str(count), hectares, *texts, *rest])
    label = 0
    for place, ring in enumerate(rings, start=1):
        first = label + 1
        for easting, northing in ring[:-1]:
            label += 1
            yield f"J{label},{place},{northing:.{decimals}f},{easting:.{decimals}f}"
        easting, northing = ring[0]
        yield f"J{first},{place},{northing:.{decimals}f},{easting:.{decimals}f}"


def _clean(text: str) -> str:
    """Keep a text from ending its field or its line."""
    return _INVISIBLE.sub(" ", whole_characters(text)).replace(",", "，").strip()
