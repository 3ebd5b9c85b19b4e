"""记事 and 更正: the fields that the event needs; what was typed stays until it is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import streamlit as st

from dongtou_geo.domain.account import ParcelState
from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.units import m2_to_mu, mu_to_m2
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.services.parcel_table import ParcelStory
from dongtou_geo.services.record import RECORDABLE, Clerk, Draft, record
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.parcel_query import OUTSIDE
from dongtou_geo.ui.components.event_fields import AreaAsked, EventFields, fields_of
from dongtou_geo.ui.components.told import Told, attempt, clerk_known, forget, turn
from dongtou_geo.ui.state import EARLIEST

OUTSIDE_NAME = "园区外"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the forms of one parcel are about.

    Parameters
    ----------
    ledger : Ledger
        Where to.
    story : ParcelStory
        The parcel, as it is shown now.
    parks : mapping of str to str
        Parks' names by id.
    seen : int
        The last line that the clerk has certainly seen: a later one refuses what is sent.
    """

    ledger: Ledger
    story: ParcelStory
    parks: Mapping[str, str]
    seen: int = 0

    @property
    def parcel_no(self) -> str:
        """Return the parcel's number."""
        return self.story.parcel.parcel_no

    def park_name(self, park_id: str | None) -> str:
        """Return a park's name; one that the plan does not know stays its id."""
        return self.parks.get(park_id, park_id) if park_id else OUTSIDE_NAME

    def version(self, event_id: int) -> str:
        """Return the version that a written line led to."""
        return f"{self.ledger.identity().ledger_id}-{event_id}"


def record_form(desk: Desk) -> None:
    """Show the form for a new event: first which, then what it needs.

    Parameters
    ----------
    desk : Desk
        The parcel.
    """
    prefix = f"rec-{desk.parcel_no}-{turn()}"
    # Nothing is chosen beforehand: a form submitted by accident must record nothing.
    kind = st.selectbox(
        "事项", list(RECORDABLE), index=None, format_func=lambda k: k.label,
        key=f"{prefix}-kind", placeholder="请选择发生了什么", on_change=forget, args=(turn(),),
    )  # fmt: skip
    if kind is not None:
        _fill_in(desk, kind, prefix, None)


def correct_form(desk: Desk, corrected: Event) -> None:
    """Show the form for the correction of one event.

    Parameters
    ----------
    desk : Desk
        The parcel.
    corrected : Event
        The event to correct.
    """
    _fill_in(desk, corrected.kind, f"cor-{corrected.event_id}-{turn()}", corrected)


def by_field(prefix: str) -> None:
    """Ask who records.

    Parameters
    ----------
    prefix : str
        Of the form's keys.
    """
    st.text_input("经办人（必填）", value=clerk_known(), key=f"{prefix}-by")


def typed_m2(area_mu: float | None, corrected: Event | None) -> float | None:
    """Return the area that was typed, m2; one that was left as shown stays exactly what it was.

    Parameters
    ----------
    area_mu : float or None
        As typed, four decimals; None = left empty.
    corrected : Event or None
        The line that is corrected.
    """
    was_m2 = corrected.area_m2 if corrected else None
    if area_mu is None or (was_m2 is not None and area_mu == shown_mu(was_m2)):
        return None if area_mu is None else was_m2
    return mu_to_m2(area_mu)


def shown_mu(area_m2: float) -> float:
    """Return an area as the form shows it, 亩.

    Parameters
    ----------
    area_m2 : float
        As recorded.
    """
    return round(m2_to_mu(area_m2), 4)


def _fill_in(desk: Desk, kind: EventKind, prefix: str, corrected: Event | None) -> None:
    asked = fields_of(kind, desk.story.parcel.origin, _standing_state(desk))
    of_turn, seen = turn(), desk.seen

    def submit() -> None:
        state = st.session_state
        attempt(
            "record", desk.parcel_no, state.get(f"{prefix}-by"), of_turn,
            lambda clerk: _save(desk, _draft(desk, kind, prefix, asked, corrected), clerk, seen),
        )  # fmt: skip

    with st.form(f"{prefix}-form", border=False):
        _fields(desk, prefix, asked, corrected)
        if corrected is not None:
            st.text_input("更正的理由（必填）", key=f"{prefix}-reason")
        by_field(prefix)
        label = "提交" if corrected is None else "提交更正"
        st.form_submit_button(label, type="primary", on_click=submit)


def _standing_state(desk: Desk) -> ParcelState | None:
    state = desk.story.states[-1] if desk.story.states else None
    return None if state is None or state.ended else state


def _fields(desk: Desk, prefix: str, asked: EventFields, corrected: Event | None) -> None:
    today = day_here(datetime.now(UTC))
    st.date_input(
        asked.day, value=corrected.effective_on if corrected else today, min_value=EARLIEST,
        max_value=today, key=f"{prefix}-day", format="YYYY-MM-DD",
    )  # fmt: skip
    st.caption(asked.day_hint)
    if asked.area is not None:
        _area(prefix, asked.area, corrected)
    if asked.park is not None:
        _park(desk, prefix, asked.park, corrected)
    st.text_input(
        "依据文号", value=(corrected.source_doc or "") if corrected else "", key=f"{prefix}-doc",
        placeholder=asked.doc,
    )  # fmt: skip


def _area(prefix: str, asked: AreaAsked, corrected: Event | None) -> None:
    area_m2 = corrected.area_m2 if corrected else None
    st.number_input(
        asked.label, value=None if area_m2 is None else shown_mu(area_m2),
        min_value=0.0, format="%.4f", step=None, key=f"{prefix}-area", placeholder=asked.blank,
    )  # fmt: skip
    st.caption(asked.hint)


def _park(desk: Desk, prefix: str, label: str, corrected: Event | None) -> None:
    """Ask for a park: the recorded one of a line that is corrected, else none is preset."""
    present = corrected.park_id or OUTSIDE if corrected else None
    options = list(dict.fromkeys([*desk.parks, OUTSIDE, *([present] if present else [])]))
    st.selectbox(
        label, options, key=f"{prefix}-park", placeholder="请选择园区",
        index=None if present is None else options.index(present),
        format_func=lambda park: desk.park_name(None if park == OUTSIDE else park),
    )  # fmt: skip
    state = _standing_state(desk)
    if corrected is None and state is not None:
        st.caption(f"现在：{desk.park_name(state.park_id)}")


def _draft(
    desk: Desk, kind: EventKind, prefix: str, asked: EventFields, corrected: Event | None
) -> Draft:
    typed = {
        name: st.session_state.get(f"{prefix}-{name}")
        for name in ("day", "area", "park", "doc", "reason")
    }
    day = typed["day"]
    missing = [
        words
        for words, lacks in (
            (f"请填写{asked.day}", not isinstance(day, date)),
            (
                f"请填写{asked.area.label.partition('（')[0]}（亩）" if asked.area else "",
                asked.area is not None and asked.area.required and typed["area"] is None,
            ),
            ("请选择园区；不属于任何园区的选“园区外”", bool(asked.park) and not typed["park"]),
            ("请填写更正的理由", corrected is not None and not str(typed["reason"] or "").strip()),
        )
        if lacks
    ]
    if missing or not isinstance(day, date):
        raise DongtouGeoError("；".join(missing))
    area_m2 = typed_m2(typed["area"], corrected) if asked.area else None
    return Draft(
        desk.parcel_no,
        kind,
        day,
        (typed["doc"] or "").strip() or None,
        area_m2,
        None if not asked.park or typed["park"] == OUTSIDE else typed["park"],
        corrected.event_id if corrected else None,
        typed["reason"],
    )


def _save(desk: Desk, draft: Draft, clerk: Clerk, seen: int) -> Told:
    event = record(desk.ledger, draft, clerk, park_ids=list(desk.parks), seen=seen).event
    what = f"地块 {event.parcel_no}：{event.kind.label} {event.effective_on}"
    corrects = f"，更正第 {event.supersedes} 号" if event.supersedes else ""
    return Told(
        desk.parcel_no, "record", done=True,
        title=f"已记第 {event.event_id} 号{corrects}", lines=(what,), day=event.effective_on,
        by=clerk.name, version=desk.version(event.event_id), at=clerk.now,
    )  # fmt: skip
