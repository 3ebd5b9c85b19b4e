"""The stage of 汇报: the browser turns the sheets, Python keeps the address."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from dongtou_geo.ui.components.clickable import PROOF, STATIC
from dongtou_geo.ui.components.proof_address import open_proof


@cache
def _component() -> Any:
    return st.components.v2.component(
        "dongtou_geo.briefing",
        html='<main class="briefing"></main>',
        css=(STATIC / "briefing.css").read_text(encoding="utf-8"),
        js=(STATIC / "briefing.js").read_text(encoding="utf-8"),
    )


def briefing_stage(
    html: str, sheet: str, *, full: bool, sample: bool, on_select: Callable[[str], None]
) -> None:
    """Show the stage.

    Parameters
    ----------
    html : str
        All sheets, from the template.
    sheet : str
        Which is shown.
    full : bool
        Over the whole window.
    sample : bool
        The bar that says so stands above it.
    on_select : callable
        Given ``sheet:<id>``, ``full:on`` or ``full:off``.
    """
    key = "briefing-stage"

    def _selected() -> None:
        chosen = st.session_state[key].select
        if chosen and chosen.startswith(PROOF):
            open_proof(chosen.removeprefix(PROOF))
        elif chosen:
            on_select(chosen)

    _component()(
        key=key,
        data={"html": html, "sheet": sheet, "full": full, "sample": sample},
        on_select_change=_selected,
        height="content",
    )
