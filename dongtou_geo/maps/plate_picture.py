"""A plate as a picture: the same map for what cannot show an SVG, a slide or a sheet of paper."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from shapely.geometry.base import BaseGeometry

from dongtou_geo.maps.plate import HALO, SEA
from dongtou_geo.maps.plate_frame import INK, MARGIN_PX, bar_metres, length_words
from dongtou_geo.maps.plate_labels import Name, place
from dongtou_geo.maps.plate_parts import Bounds, Box, PlateShape, Sheet, sheet_for
from dongtou_geo.maps.printed_font import Typeface

PX_PER_INCH = 100
DPI = 220
POINTS_PER_PX = 72 / PX_PER_INCH


def plate_picture(
    shapes: Sequence[PlateShape],
    typeface: Typeface,
    *,
    bounds: Bounds,
    width_inches: float,
    height_inches: float,
) -> bytes:
    """Draw a plate as a PNG.

    Parameters
    ----------
    shapes : sequence of PlateShape
        Bottom first.
    typeface : Typeface
        For the names.
    bounds : tuple of float
        West, south, east, north in degrees.
    width_inches, height_inches : float
        Its size on the slide or page.

    Returns
    -------
    bytes
        The file.
    """
    sheet = sheet_for(bounds, width_inches * PX_PER_INCH, height_inches * PX_PER_INCH)
    figure = Figure(figsize=(width_inches, height_inches), dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, sheet.width), ylim=(sheet.height, 0), facecolor=SEA, xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    drawn = sheet.drawn([shape.outline for shape in shapes])
    for shape, outline in zip(shapes, drawn, strict=True):
        if not outline.is_empty:
            axes.add_patch(_patch(shape, outline))
    taken = _furniture(axes, sheet, typeface)
    names = [
        _name(sheet, shape, outline)
        for shape, outline in zip(shapes, drawn, strict=True)
        if shape.label and not outline.is_empty
    ]
    for placed in place(names, taken, sheet.width, sheet.height):
        name, box = placed.name, placed.box
        if placed.leader is not None:
            (x0, y0), (x1, y1) = placed.leader
            axes.plot([x0, x1], [y0, y1], color=name.colour, linewidth=0.8 * POINTS_PER_PX)
        _spaced(axes, name, box, typeface)
    out = BytesIO()
    figure.savefig(out, format="png", dpi=DPI)
    return out.getvalue()


def _patch(shape: PlateShape, outline: BaseGeometry) -> PathPatch:
    parts = shapely.get_parts(outline)
    lines = [part for part in parts if part.geom_type == "LineString"]
    rings = list(shapely.get_rings(parts[shapely.get_type_id(parts) == 3]))
    path = Path.make_compound_path(*(Path(shapely.get_coordinates(ring)) for ring in rings + lines))
    dash = [float(step) * POINTS_PER_PX for step in (shape.dash or "").split()]
    filled = bool(rings) and (shape.fill is not None or shape.hatch is not None)
    return PathPatch(
        path,
        facecolor=(shape.fill or "none") if filled else "none",
        edgecolor=shape.stroke or "none",
        linewidth=shape.stroke_px * POINTS_PER_PX if shape.stroke else 0.0,
        linestyle=(0, tuple(dash)) if dash else "solid",
        hatch="//////" if shape.hatch and filled else None,
        hatchcolor=shape.hatch or "none",
        hatch_linewidth=0.7,
        joinstyle="round",
    )


def _name(sheet: Sheet, shape: PlateShape, outline: BaseGeometry) -> Name:
    middle = shapely.point_on_surface(outline)
    centre = outline.centroid if outline.contains(outline.centroid) else middle
    at = (centre.x, centre.y)
    if shape.label_at is not None:
        x, y = sheet.pixels(np.array([shape.label_at]))[0]
        at = (float(x), float(y))
    polygonal = outline.geom_type in ("Polygon", "MultiPolygon")
    return Name(
        text=shape.label or "",
        size=shape.label_px,
        spacing=shape.label_spacing_px,
        colour=shape.label_colour,
        rank=shape.label_rank,
        at=at,
        mark=Box(*outline.bounds),
        inside=outline if polygonal else None,
        select=None,
    )


def _spaced(axes: object, name: Name, box: Box, typeface: Typeface) -> None:
    """Write a name letter by letter where its letters stand apart: matplotlib spaces none."""
    halo = [withStroke(linewidth=3 * POINTS_PER_PX, foreground=HALO, alpha=0.85)]
    font = typeface.font(name.size * POINTS_PER_PX, bold=name.rank < 3)
    baseline = (box.top + box.bottom) / 2 + 0.36 * name.size
    text = typeface.legible(name.text)
    parts = [(box.left, text)]
    if name.spacing:
        step = name.size + name.spacing
        parts = [(box.left + step * number, letter) for number, letter in enumerate(text)]
    for left, letters in parts:
        axes.text(  # type: ignore[attr-defined]
            left, baseline, letters, fontproperties=font, color=name.colour, va="baseline",
            parse_math=False, path_effects=halo,
        )  # fmt: skip


def _furniture(axes: object, sheet: Sheet, typeface: Typeface) -> list[Box]:
    """Draw scale bar and north arrow; return where no name may be written."""
    metres = bar_metres(sheet.metres_per_px)
    wide, left, low = metres / sheet.metres_per_px, MARGIN_PX, sheet.height - MARGIN_PX
    font = typeface.font(11 * POINTS_PER_PX)
    halo = [withStroke(linewidth=2.5 * POINTS_PER_PX, foreground=HALO)]
    bar = {"color": INK, "linewidth": 1.4 * POINTS_PER_PX, "solid_capstyle": "butt"}
    axes.plot([left, left, left + wide, left + wide], [low - 5, low, low, low - 5], **bar)  # type: ignore[attr-defined]
    words = {"fontproperties": font, "color": INK, "parse_math": False, "path_effects": halo}
    axes.text(left, low - 9, length_words(metres), va="bottom", **words)  # type: ignore[attr-defined]
    right = sheet.width - MARGIN_PX - 8
    axes.fill(  # type: ignore[attr-defined]
        [right, right - 5, right, right + 5], [14, 30, 26, 30], facecolor=INK, edgecolor="none"
    )
    axes.text(right, 33, "北", ha="center", va="top", **words)  # type: ignore[attr-defined]
    return [
        Box(left, low - 28, left + max(wide, 60), low + 4),
        Box(right - 14, 8, right + 14, 50),
    ]
