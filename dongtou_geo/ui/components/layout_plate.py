"""The plates of 产业布局 and 围垦区: the plan's outlines, clickable, with what is chosen in colour."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from markupsafe import Markup

from dongtou_geo.domain.layout import Layout
from dongtou_geo.maps.plate import PlateShape, plan_shapes, plate
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.industry import Matrix
from dongtou_geo.services.industry_fit import Answer
from dongtou_geo.ui.industry_address import IndustryAddress

LIT_LINE, LIT_FILL, LIT_HATCH = "#1A625F", "#C9DFDA", "#4E8F89"
WIDTH_PX, HEIGHT_PX = 350.0, 360.0
BOUNDS = (120.9, 27.806, 121.205, 28.016)
# Without 本岛: no reclamation area of the plan lies there.
RECLAMATION_BOUNDS = (120.9, 27.832, 121.152, 28.016)


def industry_plate(
    table: Matrix,
    layout: Layout,
    address: IndustryAddress,
    answer: Answer | None,
    atlas: Atlas,
) -> Markup:
    """Draw zones and parks; those that the chosen cell or the answer speaks of are lit.

    Parameters
    ----------
    table : Matrix
        Places by industries.
    layout : Layout
        The plan's words.
    address : IndustryAddress
        What is chosen.
    answer : Answer or None
        Where a project fits.
    atlas : Atlas
        The plan.
    """
    lit: set[str] = set()
    if address.column or address.row:
        cell = table.cell(address.row or "all", address.column or "all")
        placed = table.placed(address.row, address.column)
        lit = {str(each.placing.place_id) for each in placed if each.placing.place_text is None}
        lit |= {str(project.park_id) for project in cell.projects if project.park_id}
    elif answer:
        lit = {fit.park.id for fit in answer.fits}
    parents = {area.id for area in atlas.reclamation if area.parent_id in lit}
    rows = {head.id for head in table.rows}
    shapes = [
        replace(
            _lit(shape) if shape.feature_id in lit | parents else shape,
            select=f"at:{shape.feature_id}" if shape.feature_id in rows else None,
            label=shape.label if shape.feature_id in rows else None,
            label_px=11 if shape.label_px < 14 else 13,
            label_spacing_px=min(shape.label_spacing_px, 3),
        )
        for shape in plan_shapes()
    ]
    return plate(
        shapes, bounds=BOUNDS, width_px=WIDTH_PX, height_px=HEIGHT_PX,
        chosen=f"at:{address.row}" if address.row else None, title="产业布局示意图",
    )  # fmt: skip


def reclamation_plate(
    area_ids: Collection[str], chosen: str | None, children: Collection[str]
) -> Markup:
    """Draw reclamation areas and the parks on them.

    Parameters
    ----------
    area_ids : collection of str
        Those that can be clicked.
    chosen : str or None
        The area chosen.
    children : collection of str
        The parts of the chosen area, lit with it.
    """
    shapes = [
        replace(
            _lit(shape) if shape.feature_id in children else shape,
            select=f"at:{shape.feature_id}" if shape.feature_id in area_ids else None,
            label_rank=0 if shape.feature_id in area_ids else shape.label_rank,
            label_colour="#2F5866" if shape.feature_id in area_ids else "#5A6167",
            label_px=12 if shape.feature_id in area_ids else 11,
        )
        for shape in plan_shapes(zones=False)
    ]
    # Parks tell where they lie, but the area below takes the click.
    shapes = [
        replace(s, title=None) if str(s.feature_id).startswith("park_") else s for s in shapes
    ]
    return plate(
        shapes, bounds=RECLAMATION_BOUNDS, width_px=560, height_px=540,
        chosen=f"at:{chosen}" if chosen else None, title="围垦区示意图",
    )  # fmt: skip


def _lit(shape: PlateShape) -> PlateShape:
    if shape.hatch is not None:
        return replace(shape, hatch=LIT_HATCH, stroke=LIT_LINE)
    if shape.dash is not None:
        return replace(shape, stroke=LIT_LINE, stroke_px=2.5)
    return replace(shape, stroke=LIT_LINE, stroke_px=2.5, fill=LIT_FILL)
