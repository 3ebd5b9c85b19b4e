"""记事 and 更正: one form, checked by the service; what was typed stays until it is accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

import streamlit as st

from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.units import m2_to_mu, mu_to_m2
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.services.parcel_table import ParcelStory
from dongtou_geo.services.record import RECORDABLE, WITH_AREA, Clerk, Draft, Receipt, record, void
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.ui.state import EARLIEST

OUTCOME = "record-outcome"
SHOWN = "record-shown"
_OUTSIDE = "园区外"


def outcome(as_of: date) -> None:
    """Show what the last attempt to record led to.

    Parameters
    ----------
    as_of : date
        The day that the page shows: what happened later does not count on it.
    """
    kind, words, *happened_on = st.session_state.pop(OUTCOME, (None, ""))
    if kind == "done":
        later = any(day > as_of for day in happened_on)
        st.success(f"{words}；晚于页面的截至日期 {as_of}，换到该日以后才计入" if later else words)
    elif kind == "refused":
        st.error(words)


def record_form(
    ledger: Ledger, story: ParcelStory, park_names: Mapping[str, str], corrected: Event | None
) -> None:
    """Show the form for a new event, or for the correction of one.

    Parameters
    ----------
    ledger : Ledger
        Where to.
    story : ParcelStory
        The parcel, as it is shown now.
    park_names : mapping of str to str
        Parks by id.
    corrected : Event or None
        The event to correct; None = a new one.
    """
    number = story.parcel.parcel_no
    prefix = f"rec-{number}-{corrected.event_id if corrected else 'new'}"
    # What the clerk sees now is what a later submit answers to.
    st.session_state[SHOWN] = (number, story.last_id)

    def submit() -> None:
        _attempt(lambda clerk, seen: _save(ledger, number, prefix, clerk, seen, corrected), prefix)

    def cancel() -> None:
        if corrected is not None:
            reason = str(st.session_state.get(f"{prefix}-reason") or "")
            _attempt(
                lambda clerk, seen: void(
                    ledger, number, corrected.event_id, reason, clerk, seen=seen
                ),
                prefix,
            )

    with st.form(prefix, border=False):
        st.html(f"<h3 class='dtg-h3'>{_title(corrected)}</h3>")
        _fields(prefix, park_names, corrected)
        with st.container(horizontal=True):
            st.form_submit_button("提交", type="primary", on_click=submit)
            if corrected is not None:
                st.form_submit_button("作废这条记录", on_click=cancel)


def _title(corrected: Event | None) -> str:
    if corrected is None:
        return "记一件事"
    return f"更正第 {corrected.event_id} 号：{corrected.kind.label} {corrected.effective_on}"


def _fields(prefix: str, park_names: Mapping[str, str], corrected: Event | None) -> None:
    today = day_here(datetime.now(UTC))
    # Nothing is chosen beforehand: a form submitted by accident must record nothing.
    kinds = [corrected.kind] if corrected else list(RECORDABLE)
    st.selectbox(
        "事项",
        kinds,
        index=0 if corrected else None,
        format_func=lambda kind: kind.label,
        key=f"{prefix}-kind",
        placeholder="请选择",
    )
    st.date_input(
        "发生日期", value=corrected.effective_on if corrected else today,
        min_value=EARLIEST, max_value=today, key=f"{prefix}-day", format="YYYY-MM-DD",
    )  # fmt: skip
    area_m2 = corrected.area_m2 if corrected else None
    st.number_input(
        "面积（亩；投产、停产、复产不填为全部，重绘必填）",
        value=None if area_m2 is None else round(m2_to_mu(area_m2), 4),
        min_value=0.0, format="%.4f", step=None, key=f"{prefix}-area", placeholder="全部",
    )  # fmt: skip
    if corrected is None or corrected.kind in {EventKind.MOVE_PARK, EventKind.REGISTER}:
        options = [*park_names, None]
        st.selectbox(
            "园区（仅用于调整园区）", options, key=f"{prefix}-park",
            index=options.index(corrected.park_id) if corrected else 0,
            format_func=lambda park: park_names.get(park, _OUTSIDE) if park else _OUTSIDE,
        )  # fmt: skip
    st.text_input(
        "依据文号", value=(corrected.source_doc or "") if corrected else "", key=f"{prefix}-doc"
    )
    if corrected is not None:
        st.text_input("更正或作废的理由（必填）", key=f"{prefix}-reason")
    st.text_input("经办人（必填）", value=st.session_state.get("clerk", ""), key=f"{prefix}-by")


def _attempt(write: Callable[[Clerk, int | None], Receipt], prefix: str) -> None:
    """Write, or keep everything as typed and say what was wrong."""
    name = str(st.session_state.get(f"{prefix}-by") or "").strip()
    st.session_state["clerk"] = name
    if not name:
        st.session_state[OUTCOME] = ("refused", "请填写经办人")
        return
    _, seen = st.session_state.get(SHOWN, (None, None))
    try:
        receipt = write(Clerk(name, datetime.now(UTC)), seen)
    except DongtouGeoError as error:
        st.session_state[OUTCOME] = ("refused", str(error))
        return
    event = receipt.event
    st.session_state[OUTCOME] = (
        "done", f"已记第 {event.event_id} 号：{event.kind.label} {event.effective_on}",
        event.effective_on,
    )  # fmt: skip
    for key in [key for key in st.session_state if str(key).startswith(f"{prefix}-")]:
        del st.session_state[key]


def _save(
    ledger: Ledger,
    number: str,
    prefix: str,
    clerk: Clerk,
    seen: int | None,
    corrected: Event | None,
) -> Receipt:
    typed = {
        name: st.session_state.get(f"{prefix}-{name}")
        for name in ("kind", "day", "area", "park", "doc", "reason")
    }
    kind = typed["kind"]
    day = typed["day"]
    if not isinstance(kind, EventKind) or not isinstance(day, date):
        msg = "请选择事项并填写发生日期"
        raise DongtouGeoError(msg)
    takes_area = kind in WITH_AREA or kind is EventKind.REGISTER
    area_m2 = mu_to_m2(typed["area"]) if takes_area and typed["area"] is not None else None
    draft = Draft(
        parcel_no=number,
        kind=kind,
        effective_on=day,
        source_doc=(typed["doc"] or "").strip() or None,
        area_m2=area_m2,
        park_id=typed["park"] if kind in {EventKind.MOVE_PARK, EventKind.REGISTER} else None,
        supersedes=corrected.event_id if corrected else None,
        reason=typed["reason"],
    )
    park_ids = list(st.session_state.get("park-ids", ()))
    return record(ledger, draft, clerk, park_ids=park_ids, seen=seen)
