"""The small curve in the panel, as SVG coordinates; the big one is an ECharts chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 352, 92
LEFT, RIGHT, TOP, BOTTOM = 30, 8, 10, 16


@dataclass(frozen=True, slots=True)
class Spark:
    """A drawn curve: points, ticks and the target's height, all in pixels."""

    points: str
    target_y: float | None
    years: list[tuple[float, int]]
    rates: list[tuple[float, str]]
    last: tuple[float, float]
    width: int = WIDTH
    height: int = HEIGHT


def sparkline(
    curve: Sequence[tuple[date, float | None]], target_rate: float | None
) -> Spark | None:
    """Lay out a curve of rates.

    Parameters
    ----------
    curve : sequence of (date, float or None)
        Fractions; None where nothing is recorded.
    target_rate : float or None
        The target, a fraction.

    Returns
    -------
    Spark or None
        None where there is nothing to draw.
    """
    known = [(day, rate) for day, rate in curve if rate is not None]
    if not known:
        return None
    first, last = curve[0][0].toordinal(), curve[-1][0].toordinal()
    top = max(1.0, *(rate for _, rate in known))

    def x(day: date) -> float:
        share = (day.toordinal() - first) / max(last - first, 1)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(rate: float) -> float:
        return round(HEIGHT - BOTTOM - rate / top * (HEIGHT - TOP - BOTTOM), 1)

    years = range(curve[0][0].year + 1, curve[-1][0].year + 1, 3)
    return Spark(
        points=" ".join(f"{x(day)},{y(rate)}" for day, rate in known),
        target_y=None if target_rate is None else y(target_rate),
        years=[(x(date(year, 1, 1)), year) for year in years],
        rates=[(y(rate), f"{rate:.0%}") for rate in (0.0, 0.5, 1.0)],
        last=(x(known[-1][0]), y(known[-1][1])),
    )
