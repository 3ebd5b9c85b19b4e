"""确认入库 and its receipt."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.services.intake.desk import Desk, Done, confirm
from dongtou_geo.services.intake.examine import Examined
from dongtou_geo.services.shelf import app_shelf
from dongtou_geo.ui import cache
from dongtou_geo.ui.components.render import render

_OUTCOME = "intake-outcome"


def confirm_form(desk: Desk, examined: Examined) -> None:
    """Ask once; write once.

    Parameters
    ----------
    desk : Desk
        The file.
    examined : Examined
        What would be written.
    """
    refused = st.session_state.pop(_OUTCOME, None)
    if refused:
        st.error(refused)
    counts = examined.counts()
    changes = counts["new"] + sum(bool(change.kinds) for change in examined.changes)
    rejected = int(examined.rejected.sum())
    if not changes:
        st.html("<p class='dtg-source'>没有可以写入的改动。</p>")
        return

    def submit() -> None:
        st.session_state[_OUTCOME] = _attempt(desk, rejected)

    with st.form("intake-confirm", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("经办人（必填）", value=st.session_state.get("clerk", ""), key="intake-by",
                          width=220)  # fmt: skip
            st.form_submit_button(f"确认入库 {changes:,} 宗", type="primary", on_click=submit)
        if rejected:
            st.checkbox(f"{rejected:,} 行被拒绝：只写可入库的行", key="intake-partial")


def _attempt(desk: Desk, rejected: int) -> str | None:
    """Write, or say why not; the file and all choices stay."""
    name = str(st.session_state.get("intake-by") or "").strip()
    st.session_state["clerk"] = name
    if not name:
        return "请填写经办人"
    if rejected and not st.session_state.get("intake-partial"):
        return "有被拒绝的行：请改正文件后重来，或勾选只写可入库的行"
    try:
        confirm(desk, app_shelf(), cache.ground(), name, datetime.now(UTC))
    except DongtouGeoError as error:
        return str(error)
    return None


def receipt(done: Done) -> None:
    """Show what was written, and how to take it back.

    Parameters
    ----------
    done : Done
        What was written.
    """
    st.html(render("intake_receipt.html", done=done))
