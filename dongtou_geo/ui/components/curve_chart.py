"""The curve over time with the target lines, as an ECharts option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

# Told apart by lightness and by dash as well as by hue.
LINES = (
    ("#1A625F", "solid"),
    ("#C2517A", "solid"),
    ("#2F4B8F", "dashed"),
    ("#DE9450", "solid"),
    ("#7A7466", "dotted"),
)
FONT = '"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif'


@dataclass(frozen=True, slots=True)
class Line:
    """One place's curve.

    Parameters
    ----------
    name : str
        The place.
    points : sequence of (date, float or None)
        Fractions; None where nothing is recorded.
    """

    name: str
    points: Sequence[tuple[date, float | None]]


def curve_option(
    lines: Sequence[Line], targets: Sequence[tuple[str, float]], due: date
) -> dict[str, object]:
    """Return the ECharts option of the curves.

    Parameters
    ----------
    lines : sequence of Line
        In the order of the table.
    targets : sequence of (str, float)
        A label and a fraction for each target line.
    due : date
        The plan's day, drawn as a vertical line.
    """
    months = [day.strftime("%Y-%m") for day, _ in lines[0].points] if lines else []
    series = [_series(line, LINES[i % len(LINES)]) for i, line in enumerate(lines)]
    if series:
        series[0]["markLine"] = _marks(targets, due, months)
    top = max((rate for line in lines for _, rate in line.points if rate is not None), default=0.0)
    return {
        "textStyle": {"fontFamily": FONT, "color": "#23282D"},
        "animation": False,
        "grid": {"left": 52, "right": 150, "top": 18, "bottom": 26},
        "tooltip": {
            "trigger": "axis",
            "formatter": "{b} 投产率（规划口径）<br/>"
            + "<br/>".join(f"{{a{i}}}　{{c{i}}}%" for i in range(len(lines))),
        },
        "xAxis": {
            "type": "category",
            "data": months,
            "boundaryGap": False,
            # The curve begins with a January: a mark each second year.
            "axisLabel": {"color": "#5A6167", "interval": 23},
            "axisTick": {"interval": 11},
        },
        "yAxis": {
            "type": "value",
            "min": 0,
            "max": 100 if top <= 1 else 20 * ceil(top * 5),
            "interval": 20,
            "axisLabel": {"formatter": "{value}%", "color": "#5A6167"},
            "splitLine": {"lineStyle": {"color": "#ECEAE4"}},
        },
        "series": series,
    }


def _series(line: Line, paint: tuple[str, str]) -> dict[str, object]:
    colour, dash = paint
    return {
        "name": line.name,
        "type": "line",
        "showSymbol": False,
        "connectNulls": False,
        "lineStyle": {"color": colour, "type": dash, "width": 2},
        "itemStyle": {"color": colour},
        "endLabel": {"show": True, "formatter": "{a}", "color": colour, "fontSize": 12},
        "labelLayout": {"moveOverlap": "shiftY"},
        "data": [None if rate is None else round(rate * 100, 1) for _, rate in line.points],
    }


def _marks(
    targets: Sequence[tuple[str, float]], due: date, months: Sequence[str]
) -> dict[str, object]:
    label = {"color": "#23282D", "fontSize": 11}
    due_mark = {
        "xAxis": due.strftime("%Y-%m"),
        "label": {
            **label, "formatter": f"规划到期 {due}", "position": "insideEndTop", "rotate": 0,
        },
    }  # fmt: skip
    return {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"color": "#23282D", "type": [6, 4], "width": 1.2},
        "data": [
            *(
                {
                    "yAxis": rate * 100,
                    "label": {**label, "formatter": text, "position": "insideStartTop"},
                }
                for text, rate in targets
            ),
            *([due_mark] if due_mark["xAxis"] in months else []),
        ],
    }
