"""Where the bars and lines of a chart stand, in inches: paper and screen draw the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dongtou_geo.reports.stage import TEAL, Box, text_width
from dongtou_geo.services.briefing_sheet import Chart, Figure

TITLE_HEIGHT = 0.36
WIDEST_STEP, THICKNESS = 0.5, 0.56
GAP = 0.1
RATES = (0.0, 0.25, 0.5, 0.75, 1.0)
EVERY_YEARS = 2
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class BarRow:
    """One bar with its name and figure.

    Parameters
    ----------
    name : str
        Of the category; it ends at ``left``.
    figure : Figure
        Written at the right.
    middle, thick : float
        Of the bar, from the top.
    left, track : float
        Where bars begin, and the length of a whole one.
    length : float or None
        None = 未填报: a dashed outline, not a bar of nothing.
    figure_left : float
        Where the figure begins.
    target : float or None
        Where the target's tick stands.
    colour : str
        Of the bar.
    is_share : bool
        The whole is drawn behind it.
    """

    name: str
    figure: Figure
    middle: float
    thick: float
    left: float
    track: float
    length: float | None
    figure_left: float
    target: float | None
    colour: str
    is_share: bool


@dataclass(frozen=True, slots=True)
class CurveLine:
    """One line, in pieces where something was not recorded; its name stands at its end."""

    name: str
    pieces: list[list[Place]]
    is_target: bool

    @property
    def end(self) -> Place | None:
        """Return its last point, or None where it has none."""
        return self.pieces[-1][-1] if self.pieces else None


@dataclass(frozen=True, slots=True)
class CurvePlan:
    """A curve's frame, marks and lines."""

    plot: Box
    rates: list[tuple[float, str]]
    years: list[tuple[float, str]]
    lines: list[CurveLine]


def inside(box: Box) -> Box:
    """Return a chart's place without its title.

    Parameters
    ----------
    box : Box
        With it.
    """
    return Box(box.left, box.top + TITLE_HEIGHT, box.width, box.height - TITLE_HEIGHT)


def bar_rows(chart: Chart, box: Box, size: float) -> list[BarRow]:
    """Place a chart's bars.

    Parameters
    ----------
    chart : Chart
        Of kind rates or amounts; every bar has its figure.
    box : Box
        Where, without the title.
    size : float
        Of its letters, points.
    """
    is_share = chart.kind == "rates"
    left = box.left + max(text_width(name, size) for name in chart.categories) + GAP
    room = max(text_width(figure.text, size) for figure in chart.figures) + 2 * GAP
    track = box.left + box.width - left - room
    known = [value for series in chart.series for value in series.values if value is not None]
    whole = max([1.0, *known] if is_share else [*known, 1e-9])
    targets = chart.series[1].values if len(chart.series) > 1 else (None,) * len(chart.categories)
    step = min(box.height / len(chart.categories), WIDEST_STEP)
    rows = []
    for number, (name, value, target, figure) in enumerate(
        zip(chart.categories, chart.series[0].values, targets, chart.figures, strict=True)
    ):
        length = None if value is None else track * value / whole
        shown = track if is_share or length is None else length
        rows.append(
            BarRow(
                name=name,
                figure=figure,
                middle=box.top + step * (number + 0.5),
                thick=step * THICKNESS,
                left=left,
                track=track,
                length=length,
                figure_left=left + shown + GAP,
                target=None if target is None else left + track * target / whole,
                colour=chart.colours[number] if chart.colours else TEAL,
                is_share=is_share,
            )
        )
    return rows


def curve_plan(chart: Chart, box: Box, size: float) -> CurvePlan:
    """Place a curve's lines and marks.

    Parameters
    ----------
    chart : Chart
        Of kind curve; its categories are days.
    box : Box
        Where, without the title.
    size : float
        Of its letters, points.
    """
    days = [date.fromisoformat(day).toordinal() for day in chart.categories]
    known = [value for series in chart.series for value in series.values if value is not None]
    whole = max([1.0, *known])
    room = max(text_width(series.name, size) for series in chart.series) + GAP
    plot = Box(box.left + 0.55, box.top + 0.06, box.width - 0.55 - room, box.height - 0.36)

    def across(day: int) -> float:
        return plot.left + plot.width * (day - days[0]) / max(days[-1] - days[0], 1)

    def down(rate: float) -> float:
        return plot.top + plot.height * (1 - rate / whole)

    first = date.fromordinal(days[0]).year
    years = range(first, date.fromordinal(days[-1]).year + 1, EVERY_YEARS)
    lines = []
    for number, series in enumerate(chart.series):
        pieces: list[list[Place]] = [[]]
        for day, rate in zip(days, series.values, strict=True):
            if rate is not None:
                pieces[-1].append((across(day), down(rate)))
            elif pieces[-1]:
                pieces.append([])
        lines.append(CurveLine(series.name, [p for p in pieces if p], is_target=number > 0))
    return CurvePlan(
        plot,
        [(down(rate), f"{rate:.0%}") for rate in RATES],
        [(across(max(date(year, 1, 1).toordinal(), days[0])), str(year)) for year in years],
        lines,
    )
