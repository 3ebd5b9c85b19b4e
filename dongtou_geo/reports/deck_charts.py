"""Native charts of a slide: the clerk can open their data and change it."""

from __future__ import annotations

from datetime import date
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from dongtou_geo.domain import written
from dongtou_geo.reports.deck_text import rgb, style
from dongtou_geo.reports.stage import INK, LINE, SOFT, TEAL, ChartPart, clean
from dongtou_geo.services.briefing_sheet import Chart

_KINDS = {
    "rates": XL_CHART_TYPE.BAR_CLUSTERED,
    "amounts": XL_CHART_TYPE.BAR_CLUSTERED,
    "curve": XL_CHART_TYPE.LINE,
}
TITLE_HEIGHT = 0.3
# A cell of the chart's own workbook that begins so would be a formula.
_FORMULA = ("=", "+", "-", "@")


def add_chart(slide: Any, part: ChartPart) -> Any:
    """Put a chart on a slide; its title is a text box of ours above it.

    Parameters
    ----------
    slide : pptx slide
        Where.
    part : ChartPart
        What.

    Returns
    -------
    pptx graphic frame
        That holds it.
    """
    box, chart = part.box, part.chart
    percent = chart.kind != "amounts"
    amounts = "#,##0." + "0" * chart.decimals
    data = CategoryChartData(number_format="0.0%" if percent else amounts)
    data.categories = _categories(chart)
    for series in chart.series:
        data.add_series(_cell_text(series.name), series.values)
    frame = slide.shapes.add_chart(
        _KINDS[chart.kind], Inches(box.left), Inches(box.top + TITLE_HEIGHT), Inches(box.width),
        Inches(box.height - TITLE_HEIGHT), data,
    )  # fmt: skip
    drawn = frame.chart
    drawn.has_title = False
    style(drawn.font, part.size, colour=INK)
    drawn.has_legend = len(chart.series) > 1
    if drawn.has_legend:
        drawn.legend.position = XL_LEGEND_POSITION.TOP if percent else XL_LEGEND_POSITION.BOTTOM
        drawn.legend.include_in_layout = False
        style(drawn.legend.font, part.size - 0.5, colour=SOFT)
    if chart.kind == "curve":
        _curve(drawn, part)
    else:
        _bars(drawn, part)
    return frame


def _categories(chart: Chart) -> list[Any]:
    if chart.kind == "curve":
        return [date.fromisoformat(day) for day in chart.categories]
    found = []
    for name, value in zip(chart.categories, chart.series[0].values, strict=True):
        found.append(_cell_text(name) + (f"（{written.UNKNOWN}）" if value is None else ""))
    return found


def _cell_text(name: str) -> str:
    text = clean(name)
    return f"　{text}" if text.startswith(_FORMULA) else text


def _bars(drawn: Any, part: ChartPart) -> None:
    chart = part.chart
    plot, axis, values = drawn.plots[0], drawn.category_axis, drawn.value_axis
    # Few bars are no reason for thick ones.
    plot.gap_width, plot.overlap = (40 if len(chart.categories) > 3 else 130), 0
    _every_label(axis)
    axis.reverse_order = True
    axis.major_tick_mark = XL_TICK_MARK.NONE
    axis.format.line.color.rgb = rgb(SOFT)
    style(axis.tick_labels.font, part.size)
    values.visible = False
    values.has_major_gridlines = False
    values.minimum_scale = 0
    if chart.kind == "rates":
        known = [rate for series in chart.series for rate in series.values if rate is not None]
        # Room for the label beside the longest bar.
        values.maximum_scale = 1.15 * max(1.0, *known) if known else 1.15
    else:
        values.maximum_scale = 1.3 * max((v for v in chart.series[0].values if v), default=1.0)
    measured = plot.series[0]
    measured.format.fill.solid()
    measured.format.fill.fore_color.rgb = rgb(TEAL)
    for number, colour in enumerate(chart.colours):
        point = measured.points[number].format.fill
        point.solid()
        point.fore_color.rgb = rgb(colour)
    amounts = "#,##0." + "0" * chart.decimals
    _labels(measured, part, "0.0%" if chart.kind == "rates" else amounts)
    if len(chart.series) > 1:
        target = plot.series[1]
        target.format.fill.background()
        target.format.line.color.rgb = rgb(INK)
        target.format.line.width = Pt(1)
        _labels(target, part, "0%")


def _labels(series: Any, part: ChartPart, number_format: str) -> None:
    labels = series.data_labels
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = number_format, False
    labels.position = XL_LABEL_POSITION.OUTSIDE_END
    style(labels.font, part.size)


def _curve(drawn: Any, part: ChartPart) -> None:
    axis, values = drawn.category_axis, drawn.value_axis
    style(axis.tick_labels.font, part.size - 1, colour=SOFT)
    style(values.tick_labels.font, part.size - 1, colour=SOFT)
    axis.tick_labels.number_format = "yyyy"
    axis.tick_labels.number_format_is_linked = False
    axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    _every_years(axis, 2)
    known = [rate for series in part.chart.series for rate in series.values if rate is not None]
    values.minimum_scale, values.maximum_scale = 0, max(1.0, *known) if known else 1.0
    values.major_unit = 0.25
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = "0%", False
    values.major_gridlines.format.line.color.rgb = rgb(LINE)
    values.format.line.fill.background()
    for number, series in enumerate(drawn.plots[0].series):
        series.smooth = False
        line = series.format.line
        line.color.rgb = rgb(INK if number else TEAL)
        line.width = Pt(1.25 if number else 2.5)
        if number:
            line.dash_style = MSO_LINE.DASH
        series.marker.style = XL_MARKER_STYLE.NONE


def _every_label(axis: Any) -> None:
    """Write every category's name, however close they stand."""
    element = axis._element  # python-pptx knows no label spacing
    skip = element.makeelement(qn("c:tickLblSkip"), {"val": "1"})
    element.find(qn("c:noMultiLvlLbl")).addprevious(skip)


def _every_years(axis: Any, years: int) -> None:
    """Put a mark each so many years: python-pptx knows no time units."""
    element = axis._element
    for tag in ("c:baseTimeUnit", "c:majorUnit", "c:majorTimeUnit"):
        for found in element.findall(qn(tag)):
            element.remove(found)
    units = {"c:baseTimeUnit": "days", "c:majorUnit": str(years), "c:majorTimeUnit": "years"}
    anchor = element.find(qn("c:lblOffset"))
    for tag, value in reversed(units.items()):
        unit = element.makeelement(qn(tag), {"val": value})
        anchor.addnext(unit)
