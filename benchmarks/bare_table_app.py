"""Two bare Streamlit pages with one table each and a filter: what a page change costs anyway."""

from pathlib import Path

import streamlit as st

app = st.App(Path(__file__).with_name("bare_table_page.py"))
