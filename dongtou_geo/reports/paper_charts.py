"""Charts on paper."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from dongtou_geo.reports.chart_plan import BarRow, bar_rows, curve_plan, inside
from dongtou_geo.reports.paper_words import Face, Letters, write
from dongtou_geo.reports.stage import INK, LINE, SOFT, TEAL, TRACK, ChartPart


def draw_chart(axes: Axes, part: ChartPart, face: Face) -> None:
    """Draw a chart under its title.

    Parameters
    ----------
    axes : Axes
        Of the page: inches, y downwards.
    part : ChartPart
        What.
    face : Face
        The typeface.
    """
    title = Letters(face, part.size + 1, bold=True)
    write(axes, part.chart.title, (part.box.left, part.box.top + 0.13), title)
    if part.chart.kind == "curve":
        _curve(axes, part, face)
        return
    for row in bar_rows(part.chart, inside(part.box), part.size):
        _bar(axes, row, Letters(face, part.size))


def _bar(axes: Axes, row: BarRow, letters: Letters) -> None:
    write(axes, row.name, (row.left - 0.08, row.middle), letters, right=True)
    write(axes, row.figure.text, (row.figure_left, row.middle), letters)
    place = (row.left, row.middle - row.thick / 2)
    if row.length is None:
        dashes = (0, (4, 3))
        axes.add_patch(
            Rectangle(
                place, row.track, row.thick, fill=False, color=SOFT, linewidth=0.6, linestyle=dashes
            )
        )
        return
    if row.is_share:
        axes.add_patch(Rectangle(place, row.track, row.thick, color=TRACK, linewidth=0))
    axes.add_patch(Rectangle(place, row.length, row.thick, color=row.colour, linewidth=0))
    if row.target is not None:
        high, low = row.middle - row.thick * 0.72, row.middle + row.thick * 0.72
        axes.plot([row.target, row.target], [high, low], color=INK, linewidth=1.6)


def _curve(axes: Axes, part: ChartPart, face: Face) -> None:
    plan = curve_plan(part.chart, inside(part.box), part.size)
    plot, soft = plan.plot, Letters(face, part.size - 1, colour=SOFT)
    for y, words in plan.rates:
        axes.plot([plot.left, plot.left + plot.width], [y, y], color=LINE, linewidth=0.6)
        write(axes, words, (plot.left - 0.08, y), soft, right=True)
    for x, words in plan.years:
        write(axes, words, (x, plot.top + plot.height + 0.17), soft)
    for line in plan.lines:
        for piece in line.pieces:
            xs, ys = zip(*piece, strict=True)
            axes.plot(
                xs, ys, color=INK if line.is_target else TEAL,
                linewidth=1.1 if line.is_target else 2.2, solid_joinstyle="round",
                linestyle=(0, (5, 3)) if line.is_target else "solid",
            )  # fmt: skip
        if line.end is not None:
            name = Letters(face, part.size - 1, colour=INK if line.is_target else TEAL)
            write(axes, line.name, (line.end[0] + 0.08, line.end[1]), name)
