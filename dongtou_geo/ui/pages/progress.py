"""用地进度: a row a park against its target, and the curve over time."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from dongtou_geo import settings
from dongtou_geo.catalog.layers import status_fills
from dongtou_geo.domain.progress import PLAN_DUE, Progress
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.services.dossier import curve
from dongtou_geo.services.progress import progress
from dongtou_geo.ui import cache
from dongtou_geo.ui.components import chrome
from dongtou_geo.ui.components.as_of import as_of_control
from dongtou_geo.ui.components.curve_chart import Line, curve_option
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.state import Defaults, View, read_view, view_params

BY = {"park": "按平台", "zone": "按片区"}
SUPPLIED_AND_BEYOND = STATUSES[STATUSES.index(Account.SUPPLIED) :]


def page() -> None:
    """Show the page."""
    _stage()


@st.fragment
def _stage() -> None:
    atlas, ledger = cache.atlas(), cache.ledger()
    as_of = cache.default_as_of(ledger)
    defaults = Defaults(as_of, max(as_of, cache.today()), (), (), exists=lambda _id: True)
    view = read_view(st.query_params.to_dict(), defaults)
    by = st.query_params.get("by", "park")
    by = by if by in BY else "park"

    def go(changed: View, by: str) -> None:
        extra = {} if by == "park" else {"by": by}
        st.query_params.from_dict({**view_params(changed, defaults), **extra})

    as_of_control(view.as_of, as_of, defaults.latest, lambda day: go(replace(view, as_of=day), by))
    chrome.remarks(view)
    with st.container(key="progress-head", horizontal=True, vertical_alignment="center"):
        st.html("<h2>投产土地与规划目标</h2>")
        for key, label in BY.items():
            kind: Literal["primary", "secondary"] = "primary" if key == by else "secondary"
            st.button(label, key=f"by_{key}", type=kind, on_click=go, args=(view, key))
    rows = progress(atlas.book, ledger, as_of=view.as_of, by=by)
    st.html(_table(rows, view, by))
    lines = [
        Line(p.name, curve(ledger, p, view.as_of))
        for p in atlas.book.parks
        if _recorded(rows, p.id, by)
    ]
    if lines:
        st.html('<h3 class="dtg-h3">投产率变化（规划口径，各月末）</h3>')
        targets = {
            row.target_rate
            for row in progress(atlas.book, ledger, as_of=view.as_of)
            if row.target_rate
        }
        option = curve_option(
            lines, [(f"目标 {rate:.0%}", rate) for rate in sorted(targets)], PLAN_DUE
        )
        st.echarts_chart(
            option, height=250, theme=None, key="curve", alt="各平台投产率逐月变化与规划目标线"
        )
    else:
        st.html("<p>尚无台账记录，没有可画的曲线；投产情况为“未填报”。</p>")
    chrome.standing_line()


def _recorded(rows: list[Progress], park_id: str, by: str) -> bool:
    return by == "zone" or any(row.id == park_id and row.recorded_mu > 0 for row in rows)


def _table(rows: list[Progress], view: View, by: str) -> str:
    return render(
        "progress_table.html",
        rows=rows,
        by=by,
        as_of=view.as_of,
        stamp=cache.ledger().stamp,
        statuses=STATUSES,
        fills=status_fills(cache.layers()),
        supply_rate=supply_rate,
        ledger_rate=ledger_rate,
        link=lambda feature_id: _link(feature_id, view),
    )


def supply_rate(row: Progress) -> float | None:
    """Return 投产率(供地口径) = 投产面积 / 已供应及以后各状态面积.

    Parameters
    ----------
    row : Progress
        The place's row.
    """
    supplied_mu = sum(row.by_status_mu[status] for status in SUPPLIED_AND_BEYOND)
    return (
        row.in_production_mu / supplied_mu
        if row.in_production_mu is not None and supplied_mu
        else None
    )


def ledger_rate(row: Progress) -> float | None:
    """Return 投产率(台账口径) = 投产面积 / 已录入面积.

    Parameters
    ----------
    row : Progress
        The place's row.
    """
    recorded = row.recorded_mu
    return (
        row.in_production_mu / recorded if row.in_production_mu is not None and recorded else None
    )


def _link(feature_id: str, view: View) -> str:
    carried = {"sel": feature_id, "as_of": view.as_of.isoformat()}
    return f"{settings.from_environment().prefix}/?{urlencode(carried)}"
