"""The plate of 示意: how far each outline and point can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from dongtou_geo.maps.plate import PlatePoint, plan_shapes, plate
from dongtou_geo.services.quality_outlines import CONFIDENCES, OutlineRow

WIDTH_PX, HEIGHT_PX = 460, 330
# Pale = trusted least; darker = trusted more. No red: nothing here is 逾期.
STROKES = {"high": "#124A4A", "medium": "#4E8F8B", "low": "#C28A3B"}
DASHES = {"high": None, "medium": None, "low": "5 3"}
_LABEL_FILL = "#8A8F94"


def outlines_plate(rows: Sequence[OutlineRow]) -> Markup:
    """Draw what is listed, in the colour of its confidence.

    Parameters
    ----------
    rows : sequence of OutlineRow
        Those that the filter finds.
    """
    named = {row.key.partition(":")[2]: row for row in rows if row.kind != "project"}
    shapes = []
    for shape in plan_shapes():
        row = named.get(shape.feature_id or "")
        if row is None:
            # The ground stays; what the filter leaves out loses its line and name.
            kept = shape.feature_id is None or str(shape.feature_id).startswith("coast")
            shapes.append(shape if kept else replace(shape, stroke=None, label=None, title=None))
            continue
        words = f"{row.name}：可信度{CONFIDENCES[row.confidence]}，{row.error}"
        shapes.append(
            replace(
                shape, stroke=STROKES[row.confidence], stroke_px=1.8, title=words,
                dash=DASHES[row.confidence],
            )
        )  # fmt: skip
    points = [
        PlatePoint(
            row.at[0], row.at[1], 3.6,
            _LABEL_FILL if row.standing in ("label", "beside") else STROKES[row.confidence],
            title=f"{row.name}：{row.error}",
        )
        for row in rows
        if row.at is not None
    ]  # fmt: skip
    return plate(shapes, points, width_px=WIDTH_PX, height_px=HEIGHT_PX, title="轮廓与点位的可信度")
