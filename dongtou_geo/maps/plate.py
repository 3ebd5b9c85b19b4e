"""A plate: a quiet map as one SVG, whose parts can be chosen; nothing is loaded for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from dongtou_geo.maps.plate_frame import frame
from dongtou_geo.maps.plate_labels import Name, Placed, place
from dongtou_geo.maps.plate_parts import (
    Bounds,
    Box,
    PlatePoint,
    PlateShape,
    Point,
    Sheet,
    sheet_for,
)
from dongtou_geo.maps.plate_plan import plan_credit, plan_shapes

__all__ = [
    "DISTRICT_BOUNDS",
    "PlatePoint",
    "PlateShape",
    "plan_credit",
    "plan_shapes",
    "plate",
]

# From 灵昆 to 鹿西, and all that the plan draws: west, south, east, north.
DISTRICT_BOUNDS: Bounds = (120.898, 27.802, 121.242, 28.02)

SEA = "#E6EEF2"
CHOSEN = "#0B3B5C"
HALO = "#FFFFFF"
POINT_LABEL_PX = 10.5
POINT_LABEL_RANK = 8
# Only what a mouse or a key does; all that is drawn stands in attributes and prints as well.
_STYLE = Markup(
    "<style>.plate [data-select]{{cursor:pointer}}.plate [data-select]:focus{{outline:none}}"
    ".plate [data-select]:hover .plate-line,.plate [data-select]:focus-visible .plate-line"
    "{{stroke:{chosen};stroke-width:2.5}}</style>"
).format(chosen=CHOSEN)


def plate(
    shapes: Iterable[PlateShape],
    points: Iterable[PlatePoint] = (),
    *,
    bounds: Bounds = DISTRICT_BOUNDS,
    width_px: float = 960,
    height_px: float = 640,
    chosen: str | None = None,
    title: str = "示意图",
) -> Markup:
    """Draw a map.

    Parameters
    ----------
    shapes : iterable of PlateShape
        Bottom first.
    points : iterable of PlatePoint
        Above the shapes; the large ones go below the small ones.
    bounds : tuple of float
        West, south, east, north in degrees; more is seen where the paper is wider or higher.
    width_px, height_px : float
        The paper; the SVG has them as its viewBox and takes the width it is given.
    chosen : str or None
        The ``select`` word of what is outlined as chosen.
    title : str
        What the map shows, for screen readers.

    Returns
    -------
    Markup
        One ``<svg>``; every part with ``select`` has data-select and can be reached by Tab.

    Raises
    ------
    ValueError
        If bounds or paper are empty.

    Notes
    -----
    Equirectangular at the middle latitude, the scale of both axes from the CGCS2000 ellipsoid,
    so that shapes and the scale bar are right to 0.1 % over the district. Lines are simplified to
    half a pixel: it is a picture, not a measure.
    """
    sheet = sheet_for(bounds, width_px, height_px)
    areas = list(shapes)
    spots = sorted(points, key=lambda point: -point.radius_px)
    drawn = sheet.drawn([area.outline for area in areas])
    places = [_at(sheet, (point.lon, point.lat)) for point in spots]
    furniture, taken = frame(sheet)
    taken += [_round(at, spot.radius_px) for at, spot in zip(places, spots, strict=True)]
    names = [*_area_names(sheet, areas, drawn), *_spot_names(spots, places)]
    clicked = any(area.select for area in areas) or any(spot.select for spot in spots)
    parts = [
        _patterns(areas),
        Markup('<rect width="100%" height="100%" fill="{}"/>').format(SEA),
        *(_area(area, outline) for area, outline in zip(areas, drawn, strict=True)),
        *(_chosen(outline) for area, outline in zip(areas, drawn, strict=True)
          if chosen is not None and area.select == chosen),
        *(_spot(spot, at, chosen) for spot, at in zip(spots, places, strict=True)),
        *(_name(placed) for placed in place(names, taken, sheet.width, sheet.height)),
        furniture,
    ]  # fmt: skip
    return Markup(
        '<svg class="plate" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w:g} {h:g}" '
        'width="100%" role="{role}" aria-label="{title}">{style}{inner}</svg>'
    ).format(
        w=sheet.width,
        h=sheet.height,
        # A screen reader does not enter an image, so that its parts could not be chosen there.
        role="group" if clicked else "img",
        title=title,
        style=_STYLE if clicked else "",
        inner=Markup("").join(parts),
    )


def _at(sheet: Sheet, place: Point) -> Point:
    x, y = sheet.pixels(np.array([place]))[0]
    return float(x), float(y)


def _round(at: Point, radius: float) -> Box:
    return Box(at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius)


def _path(outline: BaseGeometry) -> str:
    """Write an outline as SVG path data to a tenth of a pixel."""
    parts = shapely.get_parts(outline)
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    lines = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    written = [f"M{_points(ring)}Z" for ring in shapely.get_rings(parts[areas])] + [
        f"M{_points(line)}" for line in parts[lines]
    ]
    return "".join(written)


def _points(line: BaseGeometry) -> str:
    steps = np.round(shapely.get_coordinates(line), 1).tolist()
    return "L".join(f"{x:g} {y:g}" for x, y in steps)


def _paint(area: PlateShape) -> str:
    if area.hatch is not None:
        return f"url(#{_hatch_id(area.hatch, area.fill)})"
    return area.fill or "none"


def _hatch_id(hatch: str, fill: str | None) -> str:
    return re.sub(r"[^0-9A-Za-z-]", "", f"plate-hatch-{hatch}-{fill or 'none'}")


def _patterns(areas: Sequence[PlateShape]) -> Markup:
    wanted = dict.fromkeys((area.hatch, area.fill) for area in areas if area.hatch is not None)
    patterns = [
        Markup(
            '<pattern id="{id}" width="5" height="5" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><rect width="5" height="5" fill="{fill}"/>'
            '<path d="M0 0V5" stroke="{hatch}" stroke-width="1.6"/></pattern>'
        ).format(id=_hatch_id(str(hatch), fill), fill=fill or "none", hatch=hatch)
        for hatch, fill in wanted
    ]
    return Markup("<defs>{}</defs>").format(Markup("").join(patterns)) if patterns else Markup("")


def _part(select: str | None, words: str | None, inner: Markup) -> Markup:
    """Wrap what is drawn: clickable, reachable and named, or only named on hovering."""
    named = Markup("<title>{}</title>").format(words) if words else Markup("")
    if select is None:
        # What has nothing to say must not catch the mouse from what lies below it.
        events = Markup("") if words else Markup(' pointer-events="none"')
        return Markup("<g{}>{}{}</g>").format(events, named, inner)
    return Markup(
        '<g data-select="{select}" tabindex="0" role="button" aria-label="{words}" '
        'pointer-events="all">{named}{inner}</g>'
    ).format(select=select, words=words or select, named=named, inner=inner)


def _area(area: PlateShape, outline: BaseGeometry) -> Markup:
    if outline.is_empty:
        return Markup("")
    dash = Markup(' stroke-dasharray="{}"').format(area.dash) if area.dash else Markup("")
    line = Markup(
        '<path class="plate-line" d="{d}" fill="{fill}" fill-rule="evenodd" stroke="{stroke}" '
        'stroke-width="{px:g}" stroke-linejoin="round"{dash}/>'
    ).format(
        d=_path(outline),
        fill=_paint(area),
        stroke=area.stroke or "none",
        px=area.stroke_px,
        dash=dash,
    )
    return _part(area.select, area.title or area.label, line)


def _chosen(outline: BaseGeometry) -> Markup:
    return Markup(
        '<g class="plate-chosen" pointer-events="none" fill="none" stroke-linejoin="round">'
        '<path d="{d}" stroke="{halo}" stroke-width="7"/>'
        '<path d="{d}" stroke="{colour}" stroke-width="3"/></g>'
    ).format(d=_path(outline), halo=HALO, colour=CHOSEN)


def _spot(spot: PlatePoint, at: Point, chosen: str | None) -> Markup:
    picked = chosen is not None and spot.select == chosen
    circle = Markup(
        '<circle class="plate-line" cx="{x:.1f}" cy="{y:.1f}" r="{r:g}" fill="{fill}" '
        'stroke="{stroke}" stroke-width="{px}"/>'
    ).format(
        x=at[0],
        y=at[1],
        r=spot.radius_px,
        fill=spot.fill,
        stroke=CHOSEN if picked else HALO,
        px=3 if picked else 1.5,
    )
    return _part(spot.select, spot.title or spot.label, circle)


def _area_names(
    sheet: Sheet, areas: Sequence[PlateShape], drawn: Iterable[BaseGeometry]
) -> list[Name]:
    names = []
    for area, outline in zip(areas, drawn, strict=True):
        if not area.label or outline.is_empty:
            continue
        middle = shapely.point_on_surface(outline)
        centre = outline.centroid if outline.contains(outline.centroid) else middle
        at = _at(sheet, area.label_at) if area.label_at else (centre.x, centre.y)
        polygonal = outline.geom_type in ("Polygon", "MultiPolygon")
        names.append(
            Name(
                text=area.label,
                size=area.label_px,
                spacing=area.label_spacing_px,
                colour=area.label_colour,
                rank=area.label_rank,
                at=at,
                mark=Box(*outline.bounds),
                inside=outline if polygonal else None,
                select=area.select,
            )
        )
    return names


def _spot_names(spots: Sequence[PlatePoint], places: Sequence[Point]) -> list[Name]:
    return [
        Name(
            text=spot.label,
            size=POINT_LABEL_PX,
            spacing=0.0,
            colour="#3A3F44",
            rank=POINT_LABEL_RANK,
            at=at,
            mark=_round(at, spot.radius_px),
            inside=None,
            select=spot.select,
        )
        for spot, at in zip(spots, places, strict=True)
        if spot.label
    ]


def _name(placed: Placed) -> Markup:
    name, box = placed.name, placed.box
    leader = Markup("")
    if placed.leader is not None:
        (x0, y0), (x1, y1) = placed.leader
        leader = Markup(
            '<path d="M{:.1f} {:.1f}L{:.1f} {:.1f}" stroke="{}" stroke-width=".8"/>'
        ).format(x0, y0, x1, y1, name.colour)
    told = (
        Markup(' data-select="{}"').format(name.select)
        if name.select
        else Markup(' pointer-events="none"')
    )
    # The part itself carries the name for a screen reader: here it would be told twice.
    return Markup(
        '<g class="plate-label" aria-hidden="true"{told}>{leader}<text x="{x:.1f}" y="{y:.1f}" '
        'font-size="{size:g}" font-weight="{weight}" letter-spacing="{spacing:g}" fill="{colour}" '
        'stroke="{halo}" stroke-opacity=".85" stroke-width="3" stroke-linejoin="round" '
        'paint-order="stroke" dominant-baseline="central">{text}</text></g>'
    ).format(
        told=told,
        leader=leader,
        x=box.left,
        y=(box.top + box.bottom) / 2,
        size=name.size,
        weight=600 if name.rank < 3 else 400,
        spacing=name.spacing,
        colour=name.colour,
        halo=HALO,
        text=name.text,
    )
