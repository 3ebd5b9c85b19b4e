"""Invalid outlines made valid: offered with both areas, never slipped in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.domain.units import M2_PER_MU
from dongtou_geo.frames.area import area_m2

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

# The limits at which a drawn area is off: beyond both the border is not just badly written.
AREA_TOLERANCE = 0.01
AREA_TOLERANCE_M2 = 0.2 * M2_PER_MU


@dataclass(frozen=True, slots=True)
class Repairs:
    """What a repair would make of outlines, in the order asked for.

    Parameters
    ----------
    rows : ndarray of int, shape (n,)
        Position of each outline.
    outlines : ndarray of shapely geometry or None, shape (n,)
        Valid polygon or multipolygon; None = not repairable.
    before_m2, after_m2 : ndarray of float, shape (n,)
        Area as filed and as repaired; NaN where there is none. ``after_m2`` is told for an
        outline refused for its area, too.
    details : ndarray of str, shape (n,)
        One Chinese sentence for the person who decides.
    """

    rows: Ints
    outlines: Shapes
    before_m2: Floats
    after_m2: Floats
    details: NDArray[np.object_]

    @property
    def repaired(self) -> NDArray[np.bool_]:
        """Tell which of them could be repaired."""
        return ~np.asarray(shapely.is_missing(self.outlines), dtype=bool)


def repair(outlines: Shapes, rows: Ints) -> Repairs:
    """Make invalid outlines valid, where that does not change how much land they hold.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        EPSG:4490 lon/lat; left as they are.
    rows : ndarray of int
        The invalid ones among them.

    Returns
    -------
    Repairs
        Not repairable: coordinates that are no numbers, nothing with an area left, or an area
        that changes by more than 1 % and 0.2 亩 (133 m2).

    Notes
    -----
    GEOS's ``structure`` method: each ring is made valid, shells are joined, holes taken out. Land
    that a border runs round twice is land once. The other method, ``linework``, takes such land
    out as a hole, which no surveyor means. Lines and points that fall off (spikes) are dropped.
    """
    asked = np.asarray(outlines, dtype=object)[rows]
    lonlat, row = shapely.get_coordinates(asked, return_index=True)
    usable = ~(shapely.is_missing(asked) | shapely.is_empty(asked))
    usable[row[~np.isfinite(lonlat).all(axis=1)]] = False
    before_m2 = np.full(len(asked), np.nan)
    before_m2[usable] = area_m2(asked[usable])
    made = np.full(len(asked), None, dtype=object)
    made[usable] = _polygonal(
        shapely.make_valid(asked[usable], method="structure", keep_collapsed=False)
    )
    after_m2 = area_m2(made)
    off_m2 = np.abs(after_m2 - before_m2)
    far_off = (off_m2 > AREA_TOLERANCE_M2) & (off_m2 > AREA_TOLERANCE * before_m2)
    details = np.array(
        [_detail(*figures) for figures in zip(before_m2, after_m2, far_off, strict=True)],
        dtype=object,
    )
    made[far_off] = None
    return Repairs(np.asarray(rows), made, before_m2, after_m2, details)


def _polygonal(shapes: Shapes) -> Shapes:
    """Keep the parts with an area; None where there are none."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    row = row[inner]
    kept = shapely.area(parts) > 0.0
    parts, row = parts[kept], row[kept]
    made = np.full(len(shapes), None, dtype=object)
    made[row] = parts
    several = np.flatnonzero(np.bincount(row, minlength=len(shapes)) > 1)
    of_several = np.isin(row, several)
    if len(several):
        made[several] = shapely.multipolygons(
            parts[of_several], indices=np.searchsorted(several, row[of_several])
        )
    return made


def _detail(before_m2: float, after_m2: float, far_off: bool) -> str:
    if np.isnan(after_m2):
        return "图形无法修复：没有可用的面，应重新绘制"
    areas = f"面积由 {before_m2:.2f} m² 变为 {after_m2:.2f} m²"
    if far_off:
        return (
            f"图形不能自动修复：修复会使{areas}，"
            f"相差超过 {AREA_TOLERANCE:.0%} 且超过 0.2 亩，应重新绘制"
        )
    return f"图形可修复：{areas}，应确认后采用"
