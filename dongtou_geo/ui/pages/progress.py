"""用地进度: a row a park against its target, and the curve over time."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from dongtou_geo import settings
from dongtou_geo.catalog.layers import status_fills
from dongtou_geo.domain.progress import PLAN_DUE, Progress
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.domain.written import goal
from dongtou_geo.services.dossier import Atlas, curve
from dongtou_geo.services.progress import LedgerView, progress, unreported
from dongtou_geo.ui import cache
from dongtou_geo.ui.components import chrome
from dongtou_geo.ui.components.as_of import as_of_control
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.curve_chart import Line, curve_option
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.state import Defaults, View, clipped, read_view, view_params

BY = {"park": "按平台", "zone": "按片区"}
SUPPLIED_AND_BEYOND = STATUSES[STATUSES.index(Account.SUPPLIED) :]


def page(ledger: LedgerView) -> None:
    """Show the page.

    Parameters
    ----------
    ledger : LedgerView
        The ledger as it stands now.
    """
    atlas = cache.atlas()
    as_of = cache.default_as_of(ledger)
    defaults = Defaults(as_of, max(as_of, cache.today()), (), (), exists=lambda _id: True)
    view = read_view(st.query_params.to_dict(), defaults)
    asked = st.query_params.get("by", "park")
    by = asked if asked in BY else "park"
    if by != asked:
        view = replace(
            view, remarks=(*view.remarks, f"地址中的分组“{clipped(asked)}”不存在，已按平台显示")
        )

    def go(changed: View, by: str) -> None:
        extra = {} if by == "park" else {"by": by}
        st.query_params.from_dict({**view_params(changed, defaults), **extra})

    as_of_control(view.as_of, as_of, defaults.latest, lambda day: go(replace(view, as_of=day), by))
    chrome.remarks(view)
    with st.container(key="progress-head", horizontal=True, vertical_alignment="center"):
        st.html(render("page_title.html", title="投产土地与规划目标", stamp=ledger.stamp))
        for key, label in BY.items():
            kind: Literal["primary", "secondary"] = "primary" if key == by else "secondary"
            st.button(label, key=f"by_{key}", type=kind, on_click=go, args=(view, key))
    parks, rows = (
        cache.once(
            "rows",
            (view.as_of, each),
            partial(progress, atlas.book, ledger, as_of=view.as_of, by=each),
        )
        for each in ("park", by)
    )
    clickable(
        "progress-table",
        _table(rows, parks, view, by, ledger),
        lambda _word: None,
        sheet="progress",
    )
    _curves(atlas, parks, view, ledger)
    chrome.standing_line()


def _curves(atlas: Atlas, parks: list[Progress], view: View, ledger: LedgerView) -> None:
    recorded = {row.id for row in parks if row.recorded_mu > 0}
    curves = cache.once(
        "curves",
        (view.as_of,),
        lambda: {park.id: curve(ledger, park, view.as_of) for park in atlas.book.parks},
    )
    lines = [Line(park.name, curves[park.id]) for park in atlas.book.parks if park.id in recorded]
    st.html(render("curve_title.html", stamp=ledger.stamp, as_of=view.as_of, drawn=bool(lines)))
    if lines:
        rates = sorted({row.target_rate for row in parks if row.target_rate})
        option = curve_option(lines, [(f"目标 {goal(rate)}", rate) for rate in rates], PLAN_DUE)
        st.echarts_chart(
            option, height=235, theme=None, key="curve", alt="各平台投产率逐月变化与规划目标线"
        )


def _table(
    rows: list[Progress], parks: list[Progress], view: View, by: str, ledger: LedgerView
) -> str:
    return render(
        "progress_table.html",
        rows=rows,
        by=by,
        as_of=view.as_of,
        stamp=ledger.stamp,
        statuses=STATUSES,
        fills=status_fills(cache.layers()),
        silent=unreported(parks),
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
