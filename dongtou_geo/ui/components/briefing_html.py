"""The sheets of 汇报 as HTML, laid out by the same plan as the slides."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from dongtou_geo.maps.briefing_map import subject_map
from dongtou_geo.maps.plate import plate
from dongtou_geo.reports.chart_plan import bar_rows, curve_plan, inside
from dongtou_geo.reports.layout import laid_out
from dongtou_geo.reports.stage import HEIGHT, PAPER, WIDTH, MapPart
from dongtou_geo.services.briefing_sheet import Briefing, Figure
from dongtou_geo.ui.components.render import render

# A plate's own pixels an inch of the stage: its letters are then as large as on the slide.
PX_PER_INCH = 100
Outlines = Callable[[str], list[tuple[bytes, str]]]


def briefing_html(briefing: Briefing, outlines: Outlines) -> str:
    """Return every sheet as HTML; the browser shows one of them.

    Parameters
    ----------
    briefing : Briefing
        What it says.
    outlines : callable
        Returns the outlines of a park's parcels with their status.
    """
    told = {
        shape_id: f"sheet:{sheet.id}"
        for sheet in briefing.sheets
        for shape_id in ([sheet.id] if sheet.layout == "park" else [])
    }

    def picture(part: MapPart) -> Markup:
        shown = subject_map(part.subject, outlines(part.subject), select=told)
        return plate(
            shown.shapes,
            bounds=shown.bounds,
            width_px=part.box.width * PX_PER_INCH,
            height_px=part.box.height * PX_PER_INCH,
            title=shown.title,
        )

    return render(
        "briefing_stage.html",
        sheets=[(sheet, laid_out(briefing, sheet)) for sheet in briefing.sheets],
        width=WIDTH,
        height=HEIGHT,
        paper=PAPER,
        is_figure=lambda part: isinstance(part, Figure),
        bar_rows=lambda part: bar_rows(part.chart, inside(part.box), part.size),
        curve_plan=lambda part: curve_plan(part.chart, inside(part.box), part.size),
        picture=picture,
    )
