"""The map of a sheet: the district with its zones and parks, or one park with its parcels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from dongtou_geo.catalog.layers import load_layers, status_fills
from dongtou_geo.maps.plate import DISTRICT_BOUNDS, plan_shapes
from dongtou_geo.maps.plate_parts import Bounds, PlateShape
from dongtou_geo.services.briefing_land import park_outlines
from dongtou_geo.store.ledger import Ledger

DISTRICT = "district"
if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dongtou_geo.maps.printed_font import Typeface

# Of the park's own extent, left free around it.
MARGIN, LONELY_MARGIN = 0.16, 0.9
STROKED_PARCELS = 600


@dataclass(frozen=True, slots=True)
class SubjectMap:
    """What a map shows, bottom first, and which ground."""

    shapes: list[PlateShape]
    bounds: Bounds
    title: str


def subject_map(
    subject: str,
    parcels: Sequence[tuple[bytes, str]] = (),
    *,
    select: Mapping[str, str] | None = None,
) -> SubjectMap:
    """Return the map of a subject.

    Parameters
    ----------
    subject : str
        ``district``, or a park's id.
    parcels : sequence of (bytes, str)
        Outlines as WKB in EPSG:4490 with their status; drawn in a park's map.
    select : mapping of str to str, optional
        What a click on a feature tells, by its id.

    Returns
    -------
    SubjectMap
        A subject that the plan does not draw is shown as the district.

    Raises
    ------
    DatasetError
        If a dataset or a layer cannot be read.
    """
    plan = plan_shapes()
    own = next((shape for shape in plan if shape.feature_id == subject), None)
    if own is None:
        told = select or {}
        shapes = [replace(shape, select=told.get(shape.feature_id or "")) for shape in plan]
        return SubjectMap([_quiet(shape) for shape in shapes], DISTRICT_BOUNDS, "全区示意图")
    ground = [replace(shape, label=None, title=None) for shape in plan if _is_ground(shape)]
    fills = status_fills(load_layers())
    stroke = "#FFFFFF" if len(parcels) <= STROKED_PARCELS else None
    land = [
        PlateShape(
            outline=shapely.from_wkb(wkb),
            fill=fills[status].fill,
            hatch=fills[status].hatch,
            stroke=stroke,
            stroke_px=0.6,
        )
        for wkb, status in parcels
    ]
    return SubjectMap(
        [*ground, *land, replace(own, label=None)],
        _around(own, MARGIN if land else LONELY_MARGIN),
        f"{own.title or ''}示意图",
    )


def picture_maker(ledger: Ledger | None, as_of: date) -> Callable[[str, float, float], bytes]:
    """Return what draws a subject's map as a PNG: subject, width and height in inches.

    Parameters
    ----------
    ledger : Ledger or None
        For the parcels; None = no ledger.
    as_of : date
        The day.

    Raises
    ------
    PrintFontError
        If no face with Chinese letters is installed.
    """
    # matplotlib is a second of waiting: not for the page, which draws an SVG.
    from dongtou_geo.maps.plate_picture import plate_picture
    from dongtou_geo.maps.printed_font import find_typeface

    typeface = find_typeface()

    def picture(subject: str, width: float, height: float) -> bytes:
        shown = subject_map(subject, park_outlines(ledger, subject, as_of))
        return plate_picture(
            shown.shapes, typeface, bounds=shown.bounds, width_inches=width, height_inches=height
        )

    return picture


def press_parts(
    ledger: Ledger | None, as_of: date
) -> tuple[Typeface, Callable[[str, float, float], bytes], Callable[[Figure, Path], None]]:
    """Return what paper is printed with: typeface, pictures, and how the face is embedded.

    Parameters
    ----------
    ledger : Ledger or None
        For the parcels; None = no ledger.
    as_of : date
        The day.

    Raises
    ------
    PrintFontError
        If no face with Chinese letters is installed.
    """
    from dongtou_geo.maps.printed_font import embed_as_truetype, find_typeface

    return find_typeface(), picture_maker(ledger, as_of), embed_as_truetype


def _is_ground(shape: PlateShape) -> bool:
    return not (shape.feature_id or "").startswith(("zone_", "park_"))


def _quiet(shape: PlateShape) -> PlateShape:
    """Leave out the names of reclamation areas: zones and parks are what is spoken of."""
    is_named = (shape.feature_id or "").startswith(("zone_", "park_"))
    return shape if is_named else replace(shape, label=None)


def _around(shape: PlateShape, margin: float) -> Bounds:
    west, south, east, north = shape.outline.bounds
    aside, above = (east - west) * margin, (north - south) * margin
    return west - aside, south - above, east + aside, north + above
