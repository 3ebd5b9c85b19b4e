"""The curve of 缺口清单: which rate is reached after how many parcels, as an ECharts option."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby, pairwise
from math import ceil

from dongtou_geo.catalog.layers import ClassStyle
from dongtou_geo.domain.written import goal, percent
from dongtou_geo.services.gap import tier_words
from dongtou_geo.services.gap_figures import CurvePoint, ParkGap
from dongtou_geo.store.gap_rows import NEAREST_FIRST
from dongtou_geo.ui.components.curve_chart import FONT

INK, SOFT = "#23282D", "#5A6167"
# More points than this stand too close together for marks of their own.
MARKED_POINTS = 80
WIDEST_STEPPED = 200


def gap_curve_option(gap: ParkGap, fills: Mapping[str, ClassStyle]) -> dict[str, object]:
    """Return the ECharts option of one park's curve; each tier in the colour of its status.

    Parameters
    ----------
    gap : ParkGap
        The park's gap, with at least one parcel that could close it.
    fills : mapping of str to ClassStyle
        The paint of each status.
    """
    marked = len(gap.points) <= MARKED_POINTS
    series = [_series(tier, run, fills, marked=marked) for tier, run in _runs(gap.points)]
    series[0]["markLine"] = _lines(gap)
    crossing = gap.closing.parcels if gap.closing else None
    if crossing:
        series[-1]["markPoint"] = _crossing(gap, crossing)
    rates = [point.rate for point in gap.points] + [gap.row.target_rate or 0.0]
    low, high = max(0, 20 * int(min(rates) * 5) - 20), max(100, 20 * ceil(max(rates) * 5))
    # More is recorded than was planned by far: the chart finds steps of its own.
    steps = {"interval": 20} if high <= WIDEST_STEPPED else {}
    return {
        "textStyle": {"fontFamily": FONT, "color": INK},
        "animation": False,
        "grid": {"left": 46, "right": 26, "top": 20, "bottom": 78},
        "legend": {
            "bottom": 0, "left": 0, "itemWidth": 14, "itemHeight": 10, "itemGap": 10,
            "icon": "rect", "selectedMode": False, "textStyle": {"color": SOFT, "fontSize": 11},
        },
        "tooltip": {"trigger": "item", "confine": True},
        "xAxis": {
            "type": "value", "min": 0, "max": gap.parcels, "minInterval": 1,
            "name": "前几宗", "nameLocation": "middle", "nameGap": 20,
            "nameTextStyle": {"color": SOFT, "fontSize": 11},
            "axisLabel": {"color": SOFT, "fontSize": 11}, "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value", "min": low, "max": high, **steps,
            "axisLabel": {"formatter": "{value}%", "color": SOFT, "fontSize": 11},
            "splitLine": {"lineStyle": {"color": "#ECEAE4"}},
        },
        "series": series,
    }  # fmt: skip


def _runs(points: list[CurvePoint]) -> list[tuple[int, list[CurvePoint]]]:
    """Split the curve by tier; each run begins where the one before it ended."""
    runs = [list(run) for _, run in groupby(points, key=lambda point: point.tier)]
    joined = [runs[0], *([before[-1], *run] for before, run in pairwise(runs))]
    return [(run[-1].tier, run) for run in joined]


def _series(
    tier: int, run: list[CurvePoint], fills: Mapping[str, ClassStyle], *, marked: bool
) -> dict[str, object]:
    colour = fills[NEAREST_FIRST[tier][0].value].fill
    return {
        "name": tier_words(tier),
        "type": "line",
        "dimensions": ["前几宗", "投产率 %"],
        "encode": {"x": 0, "y": 1, "tooltip": [0, 1]},
        "showSymbol": marked,
        "symbol": "circle",
        "symbolSize": 4,
        "lineStyle": {"color": INK, "width": 1.4},
        "itemStyle": {"color": colour, "borderColor": INK, "borderWidth": 0.8},
        "areaStyle": {"color": colour, "opacity": 0.85, "origin": "start"},
        "data": [[point.parcels, round(point.rate * 100, 1)] for point in run],
    }


def _lines(gap: ParkGap) -> dict[str, object]:
    label = {"color": INK, "fontSize": 11, "position": "insideStartTop"}
    drawn: list[dict[str, object]] = []
    target, reachable = gap.row.target_rate, gap.row.reachable_rate
    # Where the two lines lie close together, one is named below and the other at its far end.
    near = target is not None and reachable is not None and abs(reachable - target) < 0.06
    if target is not None:
        drawn.append(
            {
                "yAxis": round(target * 100, 1),
                "label": {
                    **label,
                    "formatter": f"目标 {goal(target)}",
                    "position": "insideStartBottom" if near else "insideStartTop",
                },
                "lineStyle": {"color": INK, "type": [6, 4], "width": 1.4},
            }
        )
    if reachable is not None:
        drawn.append(
            {
                "yAxis": round(reachable * 100, 1),
                "label": {
                    **label,
                    "formatter": f"可达上限 {percent(reachable)}",
                    "position": "insideEndTop" if near else "insideStartTop",
                },
                "lineStyle": {"color": SOFT, "type": [2, 3], "width": 1.2},
            }
        )
    return {"silent": True, "symbol": "none", "data": drawn}


def _crossing(gap: ParkGap, crossing: int) -> dict[str, object]:
    rate = next(point.rate for point in gap.points if point.parcels == crossing)
    return {
        "silent": True,
        "symbol": "circle",
        "symbolSize": 9,
        "itemStyle": {"color": "#FFFFFF", "borderColor": INK, "borderWidth": 2},
        "label": {
            "formatter": f"前 {crossing:,} 宗",
            "position": "bottom",
            "distance": 8,
            "color": INK,
            "fontSize": 12,
            "fontWeight": 600,
        },
        "data": [{"coord": [crossing, round(rate * 100, 1)]}],
    }
