"""What is wrong with outlines that came in: one fault an outline, with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.domain.problem import Severity
from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.district import DISTRICT, DISTRICT_TEXT
from dongtou_geo.frames.widths import mean_widths_m

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Shapes = NDArray[np.object_]

LEAST_AREA_M2 = 1.0
# Narrower than a wall and a path: a leftover of drawing, no parcel.
LEAST_MEAN_WIDTH_M = 1.0

SEVERITY = {
    "not_polygon": Severity.ERROR,
    "coordinate_not_finite": Severity.ERROR,
    "outside_district": Severity.ERROR,
    "ring_too_short": Severity.ERROR,
    "self_crossing": Severity.ERROR,
    "invalid_outline": Severity.ERROR,
    "duplicate_outline": Severity.WARNING,
    "too_small": Severity.WARNING,
    "sliver": Severity.WARNING,
}
# Faults that ``outline_repair.repair`` may mend.
REPAIRABLE = frozenset({"ring_too_short", "self_crossing", "invalid_outline"})

_KINDS = {
    shapely.GeometryType.POINT: "点",
    shapely.GeometryType.LINESTRING: "线",
    shapely.GeometryType.LINEARRING: "线",
    shapely.GeometryType.MULTIPOINT: "多点",
    shapely.GeometryType.MULTILINESTRING: "多线",
    shapely.GeometryType.GEOMETRYCOLLECTION: "图形集合",
}
_POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
# GEOS's reasons; what is not listed is shown as it stands.
_REASONS = {
    "Self-intersection": ("self_crossing", "边界自相交"),
    "Ring Self-intersection": ("self_crossing", "边界自相接"),
    "Too few points in geometry component": ("ring_too_short", "边界不足 3 个不同的点"),
    "Hole lies outside shell": ("invalid_outline", "内环在外环之外"),
    "Holes are nested": ("invalid_outline", "内环套内环"),
    "Nested shells": ("invalid_outline", "多个部分相互重叠"),
    "Duplicate Rings": ("invalid_outline", "边界重复"),
    "Interior is disconnected": ("invalid_outline", "内部被内环隔断"),
}
_REASON = re.compile(r"(?P<words>[^\[]*)\[(?P<lon>\S+) (?P<lat>\S+?)\]")
# A square degree in the district is 10 800 km2 and more, a degree 111.4 km at most.
_M2_PER_SQUARE_DEGREE = 1.0e10
_M_PER_DEGREE = 111_500.0


@dataclass(frozen=True, slots=True)
class Faults:
    """Faults in columns, in order of rows; an outline has at most one.

    Parameters
    ----------
    rows : ndarray of int, shape (n,)
        Position of the outline.
    codes : ndarray of str, shape (n,)
        A key of ``SEVERITY``.
    details : ndarray of str, shape (n,)
        One Chinese sentence: what is wrong, the value, what would be right.
    lonlat : ndarray of float, shape (n, 2)
        Where, EPSG:4490; NaN where the fault has no place.
    same_as : ndarray of int, shape (n,)
        Of a duplicate, the first row with this outline (its own row for the first); else -1.
    no_outline : ndarray of int, shape (m,)
        Rows without outline (未落图), which is no fault; they have none.
    """

    rows: Ints
    codes: NDArray[np.object_]
    details: NDArray[np.object_]
    lonlat: Floats
    same_as: Ints
    no_outline: Ints

    def with_severity(self, severity: Severity) -> Ints:
        """Rows whose fault weighs so much.

        Parameters
        ----------
        severity : Severity
            ``ERROR`` rejects a row, unless its outline can be repaired.
        """
        weighs = [SEVERITY[code] is severity for code in self.codes]
        return np.asarray(self.rows[np.array(weighs, dtype=bool)], dtype=np.int64)


@dataclass(slots=True)
class _Found:
    """Faults as they are found; ``open`` are the outlines without any so far."""

    open: Flags
    rows: list[Ints] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    lonlat: list[Floats] = field(default_factory=list)
    same_as: list[Ints] = field(default_factory=list)

    def add(
        self,
        rows: Ints,
        codes: str | list[str],
        details: list[str],
        lonlat: Floats | None = None,
        same_as: Ints | None = None,
    ) -> None:
        self.open[rows] = False
        self.rows.append(rows)
        self.codes += [codes] * len(rows) if isinstance(codes, str) else codes
        self.details += details
        self.lonlat.append(np.full((len(rows), 2), np.nan) if lonlat is None else lonlat)
        self.same_as.append(np.full(len(rows), -1) if same_as is None else same_as)


def faults_of(outlines: Shapes, as_filed: Shapes | None = None) -> Faults:
    """Find what is wrong with each outline.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        EPSG:4490 lon/lat.
    as_filed : ndarray of shapely geometry or None, shape (n,), optional
        The same outlines in the file's own coordinates: they are quoted beside lon/lat, so that
        the sender finds the point.

    Returns
    -------
    Faults
        The first fault in this order: no polygon, coordinates that are no numbers or outside
        120.5-122.5 E, 26.5-28.5 N, an invalid border; then, for sound outlines, the same outline
        twice, below 1 m2, a mean width (2 area / border) below 1 m.

    Notes
    -----
    Repeated corners and spikes are no fault unless they make the outline invalid. The mean width
    tells a sliver better than 4 pi area / border**2, which also falls for a road of 10 m by 3 km.
    """
    outlines = np.asarray(outlines, dtype=object)
    missing = shapely.is_missing(outlines) | shapely.is_empty(outlines)
    found = _Found(open=~missing)
    _other_kinds(outlines, found)
    _misplaced(outlines, as_filed, found)
    _invalid(outlines, found)
    _duplicates(outlines, found)
    _tiny(outlines, found)
    rows = np.concatenate(found.rows)
    order = np.argsort(rows, kind="stable")
    return Faults(
        rows=rows[order],
        codes=np.array(found.codes, dtype=object)[order],
        details=np.array(found.details, dtype=object)[order],
        lonlat=np.concatenate(found.lonlat)[order],
        same_as=np.concatenate(found.same_as)[order],
        no_outline=np.flatnonzero(missing),
    )


def first_alike(outlines: Shapes) -> Ints:
    """Name for each outline the first that has the same corners.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        With finite coordinates, in any system.

    Returns
    -------
    ndarray of int, shape (n,)
        Its own position for the first of its kind, and for None. Where a ring begins and which
        way it runs does not matter; a rounding does.
    """
    named = np.arange(len(outlines))
    rows = np.flatnonzero(~shapely.is_missing(outlines))
    rows = rows[_same_boxes(shapely.bounds(outlines[rows]))]
    first: dict[bytes, int] = {}
    written = shapely.to_wkb(shapely.normalize(outlines[rows])).tolist()
    named[rows] = [first.setdefault(*pair) for pair in zip(written, rows.tolist(), strict=True)]
    return named


def _other_kinds(outlines: Shapes, found: _Found) -> None:
    kinds = shapely.get_type_id(outlines)
    rows = np.flatnonzero(found.open & ~np.isin(kinds, _POLYGONAL))
    found.add(
        rows,
        "not_polygon",
        [f"图形是{_KINDS.get(kind, '其他类型')}，应为面" for kind in kinds[rows].tolist()],
    )


def _misplaced(outlines: Shapes, as_filed: Shapes | None, found: _Found) -> None:
    """Coordinates that are no numbers, or far away: the first of each outline is named."""
    lonlat, row = shapely.get_coordinates(outlines, return_index=True)
    west, south, east, north = DISTRICT
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    bad = np.flatnonzero(~inside)
    bad = bad[found.open[row[bad]]]
    rows, at, times = np.unique(row[bad], return_index=True, return_counts=True)
    at = bad[at]
    filed = (lonlat if as_filed is None else shapely.get_coordinates(as_filed))[at]
    lonlat = np.where(np.isfinite(lonlat[at]), lonlat[at], np.nan)
    finite = np.asarray(np.isfinite(filed).all(axis=1))
    number = at - np.searchsorted(row, rows) + 1
    details = [
        _misplaced_detail(*figures)
        for figures in zip(number, times, lonlat.tolist(), filed.tolist(), finite, strict=True)
    ]
    codes = np.where(finite, "outside_district", "coordinate_not_finite").tolist()
    found.add(rows, codes, details, lonlat)


def _misplaced_detail(
    number: int, times: int, lonlat: list[float], filed: list[float], finite: bool
) -> str:
    others = f"，另有 {times - 1} 个点也不对" if times > 1 else ""
    if not finite:
        return f"图形第 {number} 个点的坐标是 ({filed[0]}, {filed[1]}){others}，应为有限的数"
    place = f"({lonlat[0]:.6f}, {lonlat[1]:.6f})"
    if filed != lonlat:
        place = f"({filed[0]:.3f}, {filed[1]:.3f})" + (
            "" if np.isnan(lonlat[0]) else f"，即经纬度 {place}"
        )
    return f"图形第 {number} 个点在 {place}{others}，应在{DISTRICT_TEXT}之内"


def _invalid(outlines: Shapes, found: _Found) -> None:
    rows = np.flatnonzero(found.open)
    rows = rows[~shapely.is_valid(outlines[rows])]
    codes, details = [], []
    lonlat = np.full((len(rows), 2), np.nan)
    for number, reason in enumerate(shapely.is_valid_reason(outlines[rows])):
        match = _REASON.fullmatch(reason)
        words = match["words"].strip() if match else reason
        code, said = _REASONS.get(words, ("invalid_outline", f"图形无效（{words}）"))
        if match:
            lonlat[number] = float(match["lon"]), float(match["lat"])
            said += f"，在经纬度 ({lonlat[number, 0]:.7f}, {lonlat[number, 1]:.7f}) 处"
        codes.append(code)
        details.append(f"{said}，应为不自交、不重复的边界")
    found.add(rows, codes, details, lonlat)


def _duplicates(outlines: Shapes, found: _Found) -> None:
    sound = np.flatnonzero(found.open)
    first = first_alike(outlines[sound])
    size = np.bincount(first, minlength=len(sound))[first]
    several = size > 1
    details = [
        f"与本文件另外 {count - 1} 个图形完全相同，应各不相同" for count in size[several].tolist()
    ]
    found.add(sound[several], "duplicate_outline", details, same_as=sound[first[several]])


def _same_boxes(bounds: Floats) -> Flags:
    """Tell whose bounds another outline has too, to the last bit (or so says a hash)."""
    odd = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5])
    mixed = np.ascontiguousarray(bounds).view(np.uint64) * odd.astype(np.uint64)
    mixed ^= mixed >> np.uint64(29)
    key = np.bitwise_xor.reduce(mixed * odd[1].astype(np.uint64), axis=1)
    order = np.argsort(key)
    equal = key[order[1:]] == key[order[:-1]]
    same = np.zeros(len(key), dtype=bool)
    same[order[1:]] |= equal
    same[order[:-1]] |= equal
    return same


def _tiny(outlines: Shapes, found: _Found) -> None:
    rows = np.flatnonzero(found.open)
    square = shapely.area(outlines[rows]) * _M2_PER_SQUARE_DEGREE
    border_m = shapely.length(outlines[rows]) * _M_PER_DEGREE
    # These figures are too small for sure, by a tenth or so: what passes needs no measuring.
    rows = rows[(square < LEAST_AREA_M2) | (2.0 * square < LEAST_MEAN_WIDTH_M * border_m)]
    land_m2 = area_m2(outlines[rows])
    small = land_m2 < LEAST_AREA_M2
    found.add(
        rows[small],
        "too_small",
        [f"面积只有 {area:.3f} m²，应不小于 {LEAST_AREA_M2:g} m²" for area in land_m2[small]],
    )
    rows, land_m2 = rows[~small], land_m2[~small]
    width_m = mean_widths_m(outlines[rows])
    thin = width_m < LEAST_MEAN_WIDTH_M
    details = [
        f"平均宽度只有 {width:.2f} m（面积 {area:.1f} m²），应不小于 {LEAST_MEAN_WIDTH_M:g} m"
        for width, area in zip(width_m[thin].tolist(), land_m2[thin].tolist(), strict=True)
    ]
    found.add(rows[thin], "sliver", details)
