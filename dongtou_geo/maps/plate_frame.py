"""What makes a drawing a map: its scale bar and its north arrow."""

from __future__ import annotations

import math

from markupsafe import Markup

from dongtou_geo.maps.plate_parts import Box, Sheet

LONGEST_BAR_PX = 140.0
MARGIN_PX = 12.0
INK = "#4A5258"


def bar_metres(metres_per_px: float) -> float:
    """Return the longest round length that a scale bar has room for: 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    metres_per_px : float
        Ground metres a pixel.
    """
    longest = metres_per_px * LONGEST_BAR_PX
    power = 10.0 ** math.floor(math.log10(longest))
    return max(step * power for step in (1, 2, 5) if step * power <= longest)


def length_words(metres: float) -> str:
    """Write a length as a map does: 500 米, 2 公里.

    Parameters
    ----------
    metres : float
        The length.
    """
    return f"{metres / 1000:g} 公里" if metres >= 1000 else f"{metres:g} 米"


def frame(sheet: Sheet) -> tuple[Markup, list[Box]]:
    """Draw scale bar and north arrow.

    Parameters
    ----------
    sheet : Sheet
        The paper.

    Returns
    -------
    svg : Markup
        Lower left the bar, upper right the arrow.
    boxes : list of Box
        Where no name may be written.
    """
    metres = bar_metres(sheet.metres_per_px)
    wide = metres / sheet.metres_per_px
    left, low = MARGIN_PX, sheet.height - MARGIN_PX
    words = length_words(metres)
    bar = Markup(
        '<g class="plate-scale" data-metres="{m:g}" pointer-events="none" fill="{ink}">'
        '<rect x="{x:.2f}" y="{y:.1f}" width="{w:.2f}" height="4" fill="#FFFFFF" stroke="{ink}"/>'
        '<rect x="{x:.2f}" y="{y:.1f}" width="{half:.2f}" height="4"/>'
        '<text x="{tx:.2f}" y="{ty:.1f}" font-size="11" text-anchor="end">{words}</text>'
        '<text x="{x:.2f}" y="{ty:.1f}" font-size="11">0</text></g>'
    ).format(
        m=metres, ink=INK, x=left, y=low - 4, w=wide, half=wide / 2,
        tx=left + wide, ty=low - 8, words=words,
    )  # fmt: skip
    x, y = sheet.width - MARGIN_PX - 9, MARGIN_PX
    arrow = Markup(
        '<g class="plate-north" pointer-events="none" fill="{ink}">'
        '<path d="M{x:.1f} {y:.1f}l6 17l-6 -4l-6 4z" stroke="{ink}" stroke-linejoin="round"/>'
        '<text x="{x:.1f}" y="{ty:.1f}" font-size="11" text-anchor="middle">北</text></g>'
    ).format(ink=INK, x=x, y=y, ty=y + 30)
    return bar + arrow, [
        Box(left, low - 20, left + max(wide, 60.0), low + 2),
        Box(x - 10, y - 2, x + 10, y + 34),
    ]
