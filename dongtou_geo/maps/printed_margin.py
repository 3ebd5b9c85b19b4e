"""What stands around the map on a sheet: title, scale, north, degrees, credits, standing line."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, cos, floor, log10, radians, sin

import numpy as np

from dongtou_geo.catalog.layers import Layer
from dongtou_geo.maps.printed_ground import CRS_WORDS, Ground, View, point_in_metres
from dongtou_geo.maps.printed_page import INK, SOFT, Box, Page
from dongtou_geo.services.map_sheet import MapSheet
from dongtou_geo.settings import STANDING_LINE

TITLE = "洞头产业空间一张图"
SUBTITLE = "洞头区工业和信息化发展“十三五”规划（2016—2020）"
SAMPLE = "示例"
SAMPLE_WORDS = "地块与数字均为虚构的示例数据，不是实情"
_SAMPLE_FILL, _SAMPLE_INK = "#8A6416", "#6B4E12"
# Spacing of the degree ticks, in minutes of arc.
_MINUTES = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20)


def draw_title(page: Page, sheet: MapSheet, box: Box, place: str | None) -> None:
    """Write the title, whose day it is, and that a sample is one.

    Parameters
    ----------
    page : Page
        The sheet.
    sheet : MapSheet
        What is shown.
    box : Box
        The head of the page.
    place : str or None
        What was selected.
    """
    unit = page.unit
    title = TITLE if place is None else f"{TITLE} · {place}"
    day = page.text(
        box.right, box.y + 3.8 * unit, f"截至 {sheet.as_of}", 11, bold=True, align="right"
    )
    # The chip of a sample stands beside the title whatever its length.
    room = day.x - box.x - 16 * unit
    size = next((s for s in (16.0, 14.0, 12.0) if page.text_width(title, s, bold=True) <= room), 12)
    title = page.shortened(title, room, size, bold=True)
    written = page.text(box.x, box.y + 3.6 * unit, title, size, bold=True)
    under = box.y + 9.2 * unit
    right = page.text(
        box.right, under, sheet.margin.split(" · ", 1)[1], 6.5, color=SOFT, align="right"
    )
    if sheet.stamp.sample:
        x = written.right + 3 * unit
        width = page.text_width(SAMPLE, 8, bold=True) + 3 * unit
        chip = Box(x, box.y + 1.4 * unit, width, 4.6 * unit)
        page.rectangle(chip, facecolor=_SAMPLE_FILL, edgecolor="none")
        page.text(
            x + width / 2, box.y + 3.7 * unit, SAMPLE, 8, bold=True, color="#FFFFFF", align="center"
        )
        room = day.x - chip.right - 4 * unit
        if page.text_width(SAMPLE_WORDS, 7.5) <= room:
            page.text(
                chip.right + 2 * unit, box.y + 3.7 * unit, SAMPLE_WORDS, 7.5, color=_SAMPLE_INK
            )
    if page.text_width(SUBTITLE, 7.5) <= right.x - box.x - 3:
        page.text(box.x, under, SUBTITLE, 7.5, color=SOFT)
    page.rule(box.x, box.foot - 1.4 * unit, box.width, 0.9)


def draw_scale(page: Page, view: View, x: float, y: float) -> None:
    """Draw the scale bar with its numeric scale and the projection.

    Parameters
    ----------
    page : Page
        The sheet.
    view : View
        What is seen.
    x, y : float
        Left end of the bar, and its height on the page, mm.
    """
    unit, mm = page.unit, 1000 / view.denominator
    metres = bar_metres(view.denominator, 42 * unit)
    width, height = metres * mm, 1.1 * unit
    for part in range(4):
        fill = INK if part % 2 == 0 else "#FFFFFF"
        piece = Box(x + part * width / 4, y, width / 4, height)
        page.rectangle(piece, facecolor=fill, edgecolor=INK, lw=0.4 * unit)
    name, size = ("公里", 1000) if metres >= 1000 else ("米", 1)
    for share in (0, 0.5, 1):
        label = f"{metres * share / size:g}" + (f" {name}" if share == 1 else "")
        page.text(x + share * width, y + height + 1.8 * unit, label, 5.5, align="center")
    words = f"1 : {view.denominator:,}".replace(",", " ")
    after = page.text(x + width + 9 * unit, y + 0.4 * unit, words, 7, bold=True)
    note = f"（按 {page.paper} 原大打印）"
    page.text(after.right + 1, y + 0.4 * unit, note, 5.5, color=SOFT)
    page.text(x + width + 9 * unit, y + height + 1.9 * unit, CRS_WORDS, 5.5, color=SOFT)


def draw_remarks(page: Page, remarks: Sequence[str], box: Box) -> None:
    """Write what must be told of the names on the map, at the right under it.

    Parameters
    ----------
    page : Page
        The sheet.
    remarks : sequence of str
        In Chinese.
    box : Box
        The strip under the map.
    """
    for number, remark in enumerate(remarks):
        y = box.y + (1.8 + 2.6 * number) * page.unit
        page.text(box.right, y, remark, 5.5, color=SOFT, align="right")


def bar_metres(denominator: int, longest_mm: float) -> float:
    """Return a round length for a scale bar.

    Parameters
    ----------
    denominator : int
        Of the scale.
    longest_mm : float
        How long the bar may be on the paper.

    Returns
    -------
    float
        1, 2, 4 or 5 times a power of ten, in metres: halves of it are round too.
    """
    most = longest_mm * denominator / 1000
    power: float = 10.0 ** floor(log10(most))
    return max(step for step in (power, 2 * power, 4 * power, 5 * power) if step <= most)


def north_box(page: Page, view: View) -> Box:
    """Return where the north arrow stands: the upper right corner of the map."""
    unit = page.unit
    return Box(view.frame.right - 11 * unit, view.frame.y + 2 * unit, 9 * unit, 14 * unit)


def draw_north(page: Page, view: View) -> None:
    """Draw the arrow to true north: the grid's own north lies beside it by the convergence.

    Parameters
    ----------
    page : Page
        The sheet.
    view : View
        What is seen.
    """
    box, unit = north_box(page, view), page.unit
    x, y = box.x + box.width / 2, box.y + 9.2 * unit
    turn = radians(view.convergence())
    across, along = (cos(turn), -sin(turn)), (-sin(turn), -cos(turn))

    def at(right: float, up: float) -> tuple[float, float]:
        return (
            x + (right * across[0] + up * along[0]) * unit,
            y + (right * across[1] + up * along[1]) * unit,
        )

    tip, notch = at(0, 5), at(0, -2.2)
    page.polygon([tip, at(-2.4, -4), notch], facecolor=INK, edgecolor=INK, lw=0.4, zorder=6)
    page.polygon([tip, at(2.4, -4), notch], facecolor="#FFFFFF", edgecolor=INK, lw=0.4, zorder=6)
    page.text(x, box.y + 1.9 * unit, "北", 7.5, bold=True, align="center", halo=True)


def draw_degrees(page: Page, ground: Ground) -> None:
    """Draw ticks of longitude above and latitude at the left of the frame.

    Parameters
    ----------
    page : Page
        The sheet.
    ground : Ground
        The map.
    """
    view, unit = ground.view, page.unit
    frame = view.frame
    lon, lat = view.centre_lonlat()
    minutes = frame.width * view.denominator / 1000 / 1_640
    step = next((m for m in _MINUTES if minutes / m <= 7), _MINUTES[-1]) / 60
    for place in _steps(lon, minutes / 60, step):
        x, _ = view.on_page(*point_in_metres(place, _edge_lat(view)))
        if frame.x + 6 * unit < x < frame.right - 6 * unit:
            page.axes.plot([x, x], [frame.y, frame.y - 1 * unit], color=INK, lw=0.4)
            page.text(x, frame.y - 2.3 * unit, degrees(place), 5, color=SOFT, align="center")
    for place in _steps(lat, minutes / 60, step):
        _, y = view.on_page(*point_in_metres(_edge_lon(view), place))
        if frame.y + 5 * unit < y < frame.foot - 5 * unit:
            page.axes.plot([frame.x - 1 * unit, frame.x], [y, y], color=INK, lw=0.4)
            page.axes.text(
                frame.x - 2.3 * unit,
                y,
                page.typeface.legible(degrees(place)),
                fontproperties=page.typeface.font(5 * unit),
                color=SOFT,
                rotation=90,
                ha="center",
                va="center",
            )


def degrees(value: float) -> str:
    """Write an angle in degrees, minutes and, where there are any, seconds."""
    seconds = round(value * 3600)
    whole, rest = divmod(seconds, 3600)
    text = f"{whole}°{rest // 60:02d}′"
    return text + (f"{rest % 60:02d}″" if rest % 60 else "")


def _steps(middle: float, span: float, step: float) -> Sequence[float]:
    first, last = ceil((middle - span) / step), floor((middle + span) / step)
    return [float(number) * step for number in np.arange(first, last + 1)]


def _edge_lat(view: View) -> float:
    _, lat = view.centre_lonlat()
    half = (view.bounds[3] - view.bounds[1]) / 2 / 110_800
    return lat + half


def _edge_lon(view: View) -> float:
    lon, lat = view.centre_lonlat()
    return lon - (view.bounds[2] - view.bounds[0]) / 2 / (111_320 * cos(radians(lat)))


def draw_foot(page: Page, layers: Sequence[Layer], box: Box, approval_no: str | None) -> None:
    """Write the standing line, the credits of what is drawn, and a 审图号 if there is one.

    Parameters
    ----------
    page : Page
        The sheet.
    layers : sequence of Layer
        That are on.
    box : Box
        The foot of the page.
    approval_no : str or None
        审图号 as it was granted.
    """
    unit = page.unit
    page.rule(box.x, box.y, box.width, 0.5, "#8A8F94")
    standing = page.text(box.x, box.y + 2.6 * unit, STANDING_LINE, 6.5, bold=True)
    if approval_no:
        page.text(box.right, box.y + 2.6 * unit, f"审图号：{approval_no}", 6.5, align="right")
    credits = "；".join(dict.fromkeys(layer.credit for layer in layers if layer.credit))
    lines = page.wrapped(credits, box.width, 5.5)
    if (
        len(lines) == 1
        and not approval_no
        and (page.text_width(credits, 5.5) < box.right - standing.right - 6)
    ):
        page.text(box.right, box.y + 2.6 * unit, credits, 5.5, color=SOFT, align="right")
        return
    for number, line in enumerate(lines):
        page.text(box.x, box.y + (5.4 + 2.5 * number) * unit, line, 5.5, color=SOFT)
