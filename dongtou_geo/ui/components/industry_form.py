"""项目找地: the form that asks for an industry and an area."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import streamlit as st

from dongtou_geo.domain.layout import Layout
from dongtou_geo.ui.industry_address import MOST_MU, IndustryAddress

FORM_STYLE = Path(__file__).resolve().parent.parent / "static" / "industry_form.css"


def industry_form(
    address: IndustryAddress, layout: Layout, go: Callable[[IndustryAddress], None]
) -> None:
    """Show the form; what is asked goes into the address.

    Parameters
    ----------
    address : IndustryAddress
        The view as it is.
    layout : Layout
        Which industries there are.
    go : callable
        Given the changed view.
    """
    st.html(FORM_STYLE)
    names = {own.id: _option(own.id, layout) for own in layout.industries}
    options = [
        own.id for own in layout.industries if own.parent_id or not _has_branches(own.id, layout)
    ]
    if address.wanted and address.wanted not in options:
        options.insert(0, address.wanted)
    key = f"{address.wanted}-{address.wanted_mu:g}"

    def asked() -> None:
        state = st.session_state
        wanted, area = state[f"want-{key}"], state[f"mu-{key}"]
        go(replace(address, wanted=wanted, wanted_mu=area or address.wanted_mu))

    with st.form("industry-ask", border=False):
        st.html('<h2 class="dtg-ask-title">产业门类与地点</h2>')
        st.html('<p class="dtg-ask">项目找地</p>')
        st.selectbox(
            "产业", options, index=options.index(address.wanted) if address.wanted else None,
            key=f"want-{key}", format_func=names.__getitem__, placeholder="选择产业",
            label_visibility="collapsed", filter_mode="contains", width=330,
        )  # fmt: skip
        st.number_input(
            "用地（亩）", min_value=0.1, max_value=MOST_MU, value=address.wanted_mu, step=10.0,
            format="%.10g", key=f"mu-{key}", label_visibility="collapsed", width=140,
        )  # fmt: skip
        st.html('<p class="dtg-ask-unit">亩</p>')
        st.form_submit_button("查找", on_click=asked)


def _has_branches(family_id: str, layout: Layout) -> bool:
    return any(own.parent_id == family_id for own in layout.industries)


def _option(industry_id: str, layout: Layout) -> str:
    own = layout.by_id[industry_id]
    more = f"（{'、'.join(own.words[:3])}）" if own.words else ""
    family = layout.by_id[own.parent_id].name if own.parent_id else None
    return f"{family} · {own.name}{more}" if family else own.name
