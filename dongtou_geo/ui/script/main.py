"""The script that Streamlit runs: which pages there are; each draws its own frame."""

from __future__ import annotations

import streamlit as st

from dongtou_geo.ui.components.chrome import PAGE_TITLE, PAGES_KEY
from dongtou_geo.ui.components.frame import framed
from dongtou_geo.ui.pages import intake, ledger, overview, progress

st.set_page_config(page_title=PAGE_TITLE, layout="wide", initial_sidebar_state="collapsed")

pages = {
    "map": st.Page(framed("map", overview.page), title="一张图", url_path="map", default=True),
    "ledger": st.Page(framed("ledger", ledger.page), title="地块台账", url_path="ledger"),
    "intake": st.Page(framed("intake", intake.page), title="数据入库", url_path="intake"),
    "progress": st.Page(framed("progress", progress.page), title="用地进度", url_path="progress"),
}
st.session_state[PAGES_KEY] = pages
st.navigation(list(pages.values()), position="hidden").run()
