"""历次入库: what came in, from whom, and undo."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.services.record import Clerk
from dongtou_geo.services.undo import undo
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.present import past_imports as read_past
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.render import render

_ASKED, _OUTCOME = "intake-undo", "intake-undo-outcome"


def past_imports(ledger: Ledger | None) -> None:
    """Show the latest imports.

    Parameters
    ----------
    ledger : Ledger or None
        None = there is none yet.
    """
    if ledger is None:
        return
    with ledger.reading() as snapshot:
        found = read_past(snapshot.connection)
    kind, words = st.session_state.pop(_OUTCOME, (None, ""))
    if kind is not None:
        (st.success if kind == "done" else st.error)(words)

    def chosen(word: str) -> None:
        st.session_state[_ASKED] = word

    clickable("intake-past", render("intake_past.html", imports=found), chosen)
    asked = next((one for one in found if one.import_id == st.session_state.get(_ASKED)), None)
    if asked is None or asked.undone_at is not None:
        return

    def submit() -> None:
        st.session_state[_OUTCOME] = _undone(ledger, asked.import_id)

    with st.form("intake-undo-form", border=False):
        st.html(render("intake_undo.html", one=asked))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("经办人（必填）", value=st.session_state.get("clerk", ""),
                          key="intake-undo-by", width=220)  # fmt: skip
            st.form_submit_button("撤销这次入库", type="primary", on_click=submit)


def _undone(ledger: Ledger, import_id: str) -> tuple[str, str]:
    name = str(st.session_state.get("intake-undo-by") or "").strip()
    st.session_state["clerk"] = name
    if not name:
        return "refused", "请填写经办人"
    try:
        done = undo(ledger, import_id, Clerk(name, datetime.now(UTC)))
    except DongtouGeoError as error:
        return "refused", str(error)
    st.session_state.pop(_ASKED, None)
    return (
        "done",
        f"已撤销 {import_id}：作废 {len(done.voided)} 条记录，涉及 {len(done.parcel_nos)} 宗",
    )
