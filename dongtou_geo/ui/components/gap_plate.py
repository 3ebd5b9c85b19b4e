"""The plates of 缺口清单: one park's parcels by status, and the district to choose a park from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import shapely
from markupsafe import Markup

from dongtou_geo.catalog.layers import ClassStyle
from dongtou_geo.maps.plate import DISTRICT_BOUNDS, PlateShape, plan_shapes, plate
from dongtou_geo.services.gap_figures import ParkGap

WIDTH_PX, HEIGHT_PX = 460, 300
PARCEL_LINE = "#FFFFFF"


def park_plate(gap: ParkGap, fills: Mapping[str, ClassStyle], chosen: str | None) -> Markup:
    """Draw the first parcels of a park's list in the colours of their status.

    Parameters
    ----------
    gap : ParkGap
        The park's gap.
    fills : mapping of str to ClassStyle
        The paint of each status.
    chosen : str or None
        Number of the parcel that is chosen.
    """
    ground = plan_shapes(zones=False)
    own = [shape for shape in ground if shape.feature_id == gap.row.id]
    parcels = [
        PlateShape(
            outline=shapely.from_wkb(wkb),
            fill=fills[status.value].fill,
            hatch=fills[status.value].hatch,
            stroke=PARCEL_LINE,
            stroke_px=0.6,
            select=f"parcel:{number}",
            title=f"{number} {status.label}",
        )
        for number, status, wkb in gap.outlines
    ]
    seen = [shape.outline for shape in [*own, *parcels]]
    west, south, east, north = shapely.total_bounds(seen)
    aside, above = 0.06 * (east - west), 0.06 * (north - south)
    # The names of other parks would only stand in the way of this one's parcels.
    others = [replace(s, label=None) for s in ground if s.feature_id != gap.row.id]
    outline = [replace(shape, label=None) for shape in own]
    return plate(
        [*others, *parcels, *outline],
        bounds=(west - aside, south - above, east + aside, north + above),
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
        chosen=f"parcel:{chosen}" if chosen else None,
        title=f"{gap.row.name}未投产地块示意图",
    )


def district_plate(park_ids: Collection[str]) -> Markup:
    """Draw the district; a click on a park chooses it.

    Parameters
    ----------
    park_ids : collection of str
        The parks that can be chosen.
    """
    shapes = [
        replace(shape, select=f"park:{shape.feature_id}", fill="#E3EEEC")
        if shape.feature_id in park_ids
        else shape
        for shape in plan_shapes()
    ]
    return plate(
        shapes, bounds=DISTRICT_BOUNDS, width_px=WIDTH_PX, height_px=340, title="洞头各园区示意图"
    )
