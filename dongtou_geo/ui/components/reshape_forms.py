"""分割 by a drawn line, 合并 with neighbours: shown as parts with areas before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import streamlit as st

from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.domain.written import mu2
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.services.parcel_table import ParcelStory
from dongtou_geo.services.record import Clerk
from dongtou_geo.services.reshape import Child, Reshaped, cut_by_line, merge, split
from dongtou_geo.ui.components.record_form import Desk, by_field
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.components.sketch import Drawing, ground, part_paths
from dongtou_geo.ui.components.told import Region, Told, attempt, turn
from dongtou_geo.ui.state import EARLIEST

Write = Callable[[Clerk, date, str | None], Reshaped]
STATIC = Path(__file__).resolve().parent.parent / "static"

_cutter = st.components.v2.component(
    "dongtou_geo.cutter",
    html='<article class="panel cutter"></article>',
    css=(STATIC / "panel.css").read_text(encoding="utf-8"),
    js=(STATIC / "cutter.js").read_text(encoding="utf-8"),
)


def split_form(desk: Desk, drawing: Drawing, area_of: Callable[[bytes], float]) -> None:
    """Show the parcel to be cut, then its parts with areas and new numbers.

    Parameters
    ----------
    desk : Desk
        The parcel, as it is shown now; it has an outline.
    drawing : Drawing
        The parcel among its neighbours.
    area_of : callable
        Ellipsoidal area of a WKB outline, m2.
    """
    ledger, story, number = desk.ledger, desk.story, desk.parcel_no
    line = (st.session_state.get(f"cut-{number}") or {}).get("line") or []
    parts = _parts(story, drawing, line)
    html = render("cutter.html", drawing=drawing, parts=part_paths(drawing, parts))
    _cutter(
        key=f"cut-{number}", data={"html": html, "line": line}, default={"line": []},
        on_line_change=lambda: None, height="content",
    )  # fmt: skip
    if not parts:
        return
    areas = [area_of(part) for part in parts]
    seen = desk.seen
    with st.form(f"split-{number}", border=False):
        for index, area in enumerate(areas):
            st.text_input(
                f"第 {index + 1} 块（自西向东），{mu2(m2_to_mu(area))} 亩，新编号",
                value=f"{number}-{index + 1}", key=f"split-{number}-{index}",
            )  # fmt: skip
        _paper(f"split-{number}")

        def submit() -> None:
            children = [
                Child(str(st.session_state[f"split-{number}-{i}"]), area, part)
                for i, (area, part) in enumerate(zip(areas, parts, strict=True))
            ]
            send(
                lambda clerk, day, doc: split(
                    ledger, number, day, children, clerk, source_doc=doc, seen=seen
                ),
            )

        send = _sender(desk, "split")
        st.form_submit_button("分割", type="primary", on_click=submit)


def merge_form(desk: Desk, neighbours: Sequence[tuple[str, float]], seen: int) -> None:
    """Show which parcels to merge with this one.

    Parameters
    ----------
    desk : Desk
        The parcel, as it is shown now.
    neighbours : sequence of (str, float)
        Numbers and areas (m2) of parcels that touch it; the first is the parcel itself.
    seen : int
        The ledger's last event id as it is shown now; newer ones on these parcels refuse it.
    """
    number, area_m2 = neighbours[0]
    others = dict(neighbours[1:])
    if not others:
        st.html("<p>没有相邻的、同园区同状态的地块可以合并。</p>")
        return
    with st.form(f"merge-{number}", border=False):
        st.multiselect("与哪些相邻地块合并", list(others), key=f"merge-{number}-with",
                       placeholder="选择地块",
                       format_func=lambda no: f"{no}（{mu2(m2_to_mu(others[no]))} 亩）")  # fmt: skip
        st.text_input("新编号", value=f"{number}-合", key=f"merge-{number}-new")
        _paper(f"merge-{number}")

        def submit() -> None:
            chosen = list(st.session_state[f"merge-{number}-with"])
            child = Child(
                str(st.session_state[f"merge-{number}-new"]),
                area_m2 + sum(others[no] for no in chosen),
            )
            send(
                lambda clerk, day, doc: merge(
                    desk.ledger, [number, *chosen], day, child, clerk,
                    source_doc=doc, seen={**dict.fromkeys(chosen, seen), number: desk.seen},
                ),
            )  # fmt: skip

        send = _sender(desk, "merge")
        st.form_submit_button("合并", type="primary", on_click=submit)


def _parts(story: ParcelStory, drawing: Drawing, line: Sequence[Sequence[float]]) -> list[bytes]:
    outline = story.parcel.geometry_wkb
    if outline is None or len(line) < 2:
        return []
    try:
        return cut_by_line(outline, [ground(drawing, float(x), float(y)) for x, y in line])
    except DongtouGeoError as error:
        st.warning(str(error))
        return []


def _paper(prefix: str) -> None:
    today = day_here(datetime.now(UTC))
    st.date_input("生效日期", value=today, min_value=EARLIEST, max_value=today,
                  key=f"{prefix}-day", format="YYYY-MM-DD")  # fmt: skip
    st.text_input("依据文号", key=f"{prefix}-doc")
    by_field(prefix)


def _sender(desk: Desk, region: Region) -> Callable[[Write], None]:
    """Return what writes a split or merge, given the paper that was typed beside it."""
    prefix, of_turn = f"{region}-{desk.parcel_no}", turn()

    def send(write: Write) -> None:
        state = st.session_state

        def written(clerk: Clerk) -> Told:
            doc = str(state.get(f"{prefix}-doc") or "").strip() or None
            return _told(desk, write(clerk, state[f"{prefix}-day"], doc), clerk)

        attempt(region, desk.parcel_no, state.get(f"{prefix}-by"), of_turn, written)

    return send


def _told(desk: Desk, done: Reshaped, clerk: Clerk) -> Told:
    parting = done.partings[0]
    parents = "、".join(event.parcel_no for event in done.partings)
    children = "、".join(child.parcel_no for child in done.children)
    return Told(
        desk.parcel_no, "record", done=True, title=f"已{parting.kind.label}",
        lines=(f"地块 {parents}：{parting.kind.label} {parting.effective_on}", f"新地块：{children}"),
        day=parting.effective_on, by=clerk.name, at=clerk.now,
        version=desk.version(done.registrations[-1].event_id),
    )  # fmt: skip
