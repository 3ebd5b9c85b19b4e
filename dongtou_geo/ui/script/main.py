"""The frame around every page: title, navigation, the sample bar; then the page itself."""

from __future__ import annotations

import streamlit as st

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.ui import cache
from dongtou_geo.ui.components.chrome import PAGE_TITLE, header, sample_bar, show_problems
from dongtou_geo.ui.pages import overview, progress

st.set_page_config(page_title=PAGE_TITLE, layout="wide", initial_sidebar_state="collapsed")

PAGES = {
    "map": st.Page(overview.page, title="一张图", url_path="map", default=True),
    "progress": st.Page(progress.page, title="用地进度", url_path="progress"),
}

chosen = st.navigation(list(PAGES.values()), position="hidden")
header(PAGES, chosen)
problems = cache.errors_in_geodata()
if problems:
    # A broken map looks like a working one; the list says what to mend.
    show_problems(problems)
    st.stop()
try:
    sample_bar(cache.ledger().stamp)
except DongtouGeoError as error:
    st.error(str(error))
    st.stop()
chosen.run()
