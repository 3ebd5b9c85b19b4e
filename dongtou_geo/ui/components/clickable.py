"""HTML from a template whose marked parts, clicked, are told to Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

STATIC = Path(__file__).resolve().parent.parent / "static"

_component = st.components.v2.component(
    "dongtou_geo.clickable",
    html='<article class="panel" aria-live="polite"></article>',
    css=(STATIC / "panel.css").read_text(encoding="utf-8"),
    js=(STATIC / "panel.js").read_text(encoding="utf-8"),
)


def clickable(key: str, html: str, on_select: Callable[[str], None]) -> None:
    """Show HTML; an element with data-select, clicked, calls back.

    Parameters
    ----------
    key : str
        Unique on the page.
    html : str
        From a template, so escaped.
    on_select : callable
        Given the clicked element's data-select.
    """

    def _selected() -> None:
        chosen = st.session_state[key].select
        if chosen:
            on_select(chosen)

    _component(key=key, data={"html": html}, on_select_change=_selected, height="content")
