"""作废 one line, or 撤销 a whole split or merge: both keep every line and say why."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dongtou_geo.domain.event import Event
from dongtou_geo.services.record import Clerk, void
from dongtou_geo.services.undo import undo_reshape
from dongtou_geo.ui.components.record_form import Desk, by_field
from dongtou_geo.ui.components.told import Told, attempt, turn

Write = Callable[[Clerk, str], Told]


def void_form(desk: Desk, event: Event) -> None:
    """Ask why one line is to be void.

    Parameters
    ----------
    desk : Desk
        The parcel.
    event : Event
        The line.
    """

    def write(clerk: Clerk, reason: str) -> Told:
        receipt = void(desk.ledger, desk.parcel_no, event.event_id, reason, clerk, seen=desk.seen)
        what = f"地块 {desk.parcel_no}：{event.kind.label} {event.day_text} 不再计入"
        return Told(
            desk.parcel_no, "record", done=True, title=f"已作废第 {event.event_id} 号",
            lines=(what,), by=clerk.name, at=clerk.now,
            version=desk.version(receipt.event.event_id),
        )  # fmt: skip

    _ask(desk, f"void-{event.event_id}-{turn()}", "作废的理由（必填）", "作废这条记录", write)


def undo_form(desk: Desk, parting: Event) -> None:
    """Ask why a split or merge is to be taken back.

    Parameters
    ----------
    desk : Desk
        One of its parents.
    parting : Event
        The split or merge.
    """
    what = f"撤销{parting.kind.label}"

    def write(clerk: Clerk, reason: str) -> Told:
        undone = undo_reshape(desk.ledger, desk.parcel_no, parting.event_id, reason, clerk)
        last = desk.ledger.stamp().ledger_version or ""
        return Told(
            desk.parcel_no, "record", done=True, title=f"已{what}",
            lines=(f"作废 {len(undone.voided)} 条记录，涉及地块：{'、'.join(undone.parcel_nos)}",),
            by=clerk.name, at=clerk.now, version=last,
        )  # fmt: skip

    _ask(desk, f"undo-{parting.event_id}-{turn()}", f"{what}的理由（必填）", what, write)


def _ask(desk: Desk, prefix: str, reason: str, button: str, write: Write) -> None:
    of_turn = turn()

    def submit() -> None:
        state = st.session_state
        words = str(state.get(f"{prefix}-reason") or "")
        attempt(
            "record", desk.parcel_no, state.get(f"{prefix}-by"), of_turn,
            lambda clerk: write(clerk, words),
        )  # fmt: skip

    with st.form(f"{prefix}-form", border=False):
        st.text_input(reason, key=f"{prefix}-reason")
        by_field(prefix)
        st.form_submit_button(button, type="primary", on_click=submit)
