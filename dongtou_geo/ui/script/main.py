"""The script that Streamlit runs: which pages there are; each draws its own frame."""

from __future__ import annotations

import streamlit as st

from dongtou_geo.ui import cache
from dongtou_geo.ui.components.chrome import PAGE_TITLE
from dongtou_geo.ui.components.frame import Body, framed
from dongtou_geo.ui.components.going import PAGES_KEY, START_PAGE
from dongtou_geo.ui.pages import (
    briefing,
    compare,
    gap,
    industry,
    intake,
    ledger,
    overview,
    progress,
    projects,
    quality,
    reclamation,
)

# Path, title and body, desk by desk: what is there, the plan, the ledger, the meeting.
PAGES: tuple[tuple[str, str, Body], ...] = (
    (START_PAGE, "一张图", overview.page),
    ("progress", "用地进度", progress.page),
    ("gap", "缺口清单", gap.page),
    ("compare", "对比分析", compare.page),
    ("projects", "重大项目", projects.page),
    ("industry", "产业布局", industry.page),
    ("reclamation", "围垦区", reclamation.page),
    ("ledger", "地块台账", ledger.page),
    ("intake", "数据入库", intake.page),
    ("quality", "数据质量", quality.page),
    ("briefing", "汇报", briefing.page),
)

st.set_page_config(page_title=PAGE_TITLE, layout="wide", initial_sidebar_state="collapsed")

pages = {
    name: st.Page(framed(name, body), title=title, url_path=name, default=name == START_PAGE)
    for name, title, body in PAGES
}
st.session_state[PAGES_KEY] = pages
st.navigation(list(pages.values()), position="hidden").run()
cache.settle()
