"""Two plates side by side: the same ground before and after, what moved in its status's colour."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from dongtou_geo.catalog.layers import ClassStyle
from dongtou_geo.maps.plate import (
    DISTRICT_BOUNDS,
    PlatePoint,
    PlateShape,
    plan_credit,
    plan_shapes,
    plate,
)
from dongtou_geo.maps.plate_parts import Bounds, Sheet, sheet_for
from dongtou_geo.services.moved_outlines import Pictured, Side

WIDTH_PX, HEIGHT_PX = 680, 350
PALE, PALE_LINE, LINE = "#FBFAF7", "#CFCABF", "#23282D"
# A parcel smaller than this on the plate is marked by a circle, which can be seen and clicked.
_SMALL_PX = 9.0
_FEW = 300
_MARGIN = 0.12
# About 1.2 km: a single parcel is shown with what lies around it.
_NARROWEST = 0.012


def plates(
    found: Pictured,
    fills: Mapping[str, ClassStyle],
    words: Mapping[str, str],
    *,
    park: str | None,
    chosen: Sequence[str],
    titles: tuple[str, str],
) -> tuple[Markup, Markup]:
    """Draw a comparison's two plates.

    Parameters
    ----------
    found : Pictured
        What to draw.
    fills : mapping of str to ClassStyle
        The paint of each status.
    words : mapping of str to str
        What hovering a parcel says, by number.
    park : str or None
        The park that fills the frame; None = what moved does.
    chosen : sequence of str
        The parcel that is open, first, and those it was split from or merged with.
    titles : (str, str)
        What each plate shows, for screen readers.
    """
    outlines = {
        side.outline.parcel_no: shapely.from_wkb(side.outline.wkb)
        for side in (*found.before, *found.after)
    }
    ground = _ground()
    bounds = _bounds(outlines.values(), ground, park)
    sheet = sheet_for(bounds, WIDTH_PX, HEIGHT_PX)
    still = _pale([each.wkb for each in found.still])
    first, second = (
        _drawn(sides, outlines, sheet, fills, words, chosen)
        for sides in (found.before, found.after)
    )
    word = f"parcel:{chosen[0]}" if chosen else None
    names = [replace(shape, outline=shape.outline, fill=None) for shape in ground if shape.label]
    made = [
        plate(
            [*ground, *still, *shapes, *_lines(names)], points, bounds=bounds, width_px=WIDTH_PX,
            height_px=HEIGHT_PX, chosen=word, title=title,
        )
        for (shapes, points), title in zip((first, second), titles, strict=True)
    ]  # fmt: skip
    return made[0], made[1]


def _pale(outlines: Sequence[bytes]) -> list[PlateShape]:
    """Draw what did not move as one shape: thousands of single ones keep a browser busy."""
    parts = [
        part
        for outline in shapely.from_wkb(np.array(outlines, dtype=object))
        for part in shapely.get_parts(outline)
        if part.geom_type == "Polygon"
    ]
    return [PlateShape(shapely.multipolygons(parts), PALE, PALE_LINE, 0.5)] if parts else []


def credit() -> str:
    """Return who drew what the plates stand on."""
    return plan_credit()


def _ground() -> list[PlateShape]:
    return [
        replace(shape, select=f"park:{shape.feature_id}", title=shape.label)
        if (shape.feature_id or "").startswith("park_")
        else shape
        for shape in plan_shapes(zones=False)
    ]


def _lines(names: Sequence[PlateShape]) -> list[PlateShape]:
    """Draw the parks' outlines once more, above the parcels that fill them."""
    return [
        replace(shape, label=None, title=None, select=None)
        for shape in names
        if (shape.feature_id or "").startswith("park_")
    ]


def _drawn(
    sides: Sequence[Side],
    outlines: Mapping[str, BaseGeometry],
    sheet: Sheet,
    fills: Mapping[str, ClassStyle],
    words: Mapping[str, str],
    chosen: Sequence[str],
) -> tuple[list[PlateShape], list[PlatePoint]]:
    shapes, points = [], []
    radius = 5.0 if len(sides) <= _FEW else 3.0
    for side in sides:
        number = side.outline.parcel_no
        outline, paint = outlines[number], fills[side.status.value]
        word = f"parcel:{chosen[0] if number in chosen else number}"
        title = f"{number} · {side.status.label}" + (
            f" · {words[number]}" if number in words else ""
        )
        if _size_px(outline, sheet) < _SMALL_PX:
            at = outline.representative_point()
            points.append(PlatePoint(at.x, at.y, radius, paint.fill, word, title))
        else:
            line = PlateShape(outline, paint.fill, LINE, 0.8, paint.hatch, word, title)
            shapes.append(line)
    return shapes, points


def _size_px(outline: BaseGeometry, sheet: Sheet) -> float:
    west, south, east, north = outline.bounds
    return math.hypot((east - west) * sheet.px_per_lon, (north - south) * sheet.px_per_lat)


def _bounds(
    outlines: Collection[BaseGeometry], ground: Sequence[PlateShape], park: str | None
) -> Bounds:
    framed = [shape.outline for shape in ground if park and shape.feature_id == park]
    own = framed or list(outlines)
    if not own:
        return DISTRICT_BOUNDS
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(own))
    span = max(east - west, north - south)
    margin = max(_MARGIN * span, (_NARROWEST - span) / 2)
    return west - margin, south - margin, east + margin, north + margin
