"""HTML from a template whose marked parts, clicked, are told to Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from dongtou_geo.ui.components.going import follow, go
from dongtou_geo.ui.components.proof_address import open_proof

STATIC = Path(__file__).resolve().parent.parent / "static"
PROOF, GO = "proof:", "go:"
# What stands around every page looks like nothing inside it, and is not read out when it changes.
FRAME = ("header", "as_of")
SCRIPTS = ("panel.js", "day.js", "proof_entries.js")


@cache
def _component(sheet: str) -> Any:
    frame = sheet in FRAME
    sheets = [sheet] if frame or sheet == "panel" else ["panel", sheet]
    panel = '<article class="panel" data-host aria-live="polite"></article>'
    return st.components.v2.component(
        f"dongtou_geo.clickable_{sheet}",
        html='<div class="chrome" data-host></div>' if frame else panel,
        css="".join((STATIC / f"{name}.css").read_text(encoding="utf-8") for name in sheets),
        js="".join((STATIC / name).read_text(encoding="utf-8") for name in SCRIPTS),
    )


def clickable(
    key: str, html: str, on_select: Callable[[str], None], *, sheet: str = "panel"
) -> None:
    """Show HTML; an element with data-select, clicked, calls back.

    Parameters
    ----------
    key : str
        Unique on the page.
    html : str
        From a template, so escaped.
    on_select : callable
        Given the clicked element's data-select; a figure's proof is opened and a link inside the
        app followed without it.
    sheet : str
        Name of a style sheet under static/ put after the panel's own.
    """

    def _selected() -> None:
        chosen = st.session_state[key].select
        if chosen and chosen.startswith(PROOF):
            open_proof(chosen.removeprefix(PROOF))
        elif chosen and chosen.startswith(GO):
            go(chosen.removeprefix(GO))
        elif chosen:
            on_select(chosen)

    _component(sheet)(key=key, data={"html": html}, on_select_change=_selected, height="content")
    follow()
