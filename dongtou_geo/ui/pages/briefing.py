"""汇报: the walk for a meeting, a sheet at a time over the whole window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from dongtou_geo.services.briefing import briefing
from dongtou_geo.services.briefing_land import park_outlines
from dongtou_geo.services.briefing_sheet import Briefing
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.ui import cache
from dongtou_geo.ui.components import chrome
from dongtou_geo.ui.components.as_of import as_of_control
from dongtou_geo.ui.components.briefing_files import briefing_files
from dongtou_geo.ui.components.briefing_html import briefing_html
from dongtou_geo.ui.components.briefing_stage import briefing_stage
from dongtou_geo.ui.state import Defaults, View, clipped, read_view, view_params

STATIC = Path(__file__).resolve().parent.parent / "static"


def page(ledger: LedgerView) -> None:
    """Show the page.

    Parameters
    ----------
    ledger : LedgerView
        The ledger as it stands now.
    """
    default = cache.default_as_of(ledger)
    defaults = Defaults(default, max(default, cache.today()), (), (), exists=lambda _id: True)
    view = read_view(st.query_params.to_dict(), defaults)
    told, html = _drawn(ledger, view)
    first = told.sheets[0].id
    asked = st.query_params.get("sheet", first)
    sheet = asked if told.sheet(asked) else first
    if sheet != asked:
        words = f"地址中的页“{clipped(asked)}”不存在，已显示第一页"
        view = replace(view, remarks=(*view.remarks, words))
    full = st.query_params.get("full") == "1"

    def go(shown: View, sheet: str, *, full: bool) -> None:
        extra = {"sheet": sheet} if sheet != first else {}
        extra |= {"full": "1"} if full else {}
        st.query_params.from_dict({**view_params(shown, defaults), **extra})

    def select(word: str) -> None:
        kind, _, rest = word.partition(":")
        here = st.query_params.get("sheet", first)
        if kind == "sheet" and told.sheet(rest):
            go(view, rest, full=full)
        elif kind == "full":
            go(view, here, full=rest == "on")

    st.html(STATIC / "briefing_page.css")
    as_of_control(
        view.as_of, default, defaults.latest,
        lambda day: go(replace(view, as_of=day), sheet, full=full),
    )  # fmt: skip
    chrome.remarks(view)
    briefing_stage(html, sheet, full=full, sample=ledger.stamp.sample, on_select=select)
    briefing_files(told, sheet, ledger)


def _drawn(ledger: LedgerView, view: View) -> tuple[Briefing, str]:
    """Return the briefing and its HTML; turning a sheet draws nothing anew."""

    def made() -> tuple[Briefing, str]:
        told = briefing(cache.atlas(), ledger, view.as_of)
        html = briefing_html(told, lambda park: park_outlines(ledger.ledger, park, view.as_of))
        return told, html

    return cache.once("briefing", (view.as_of,), made)
