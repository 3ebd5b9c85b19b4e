"""数据质量: the plan's contradictions, what is indicative, what is not filled in, what does not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import streamlit as st

from dongtou_geo.services import quality, quality_outlines
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.progress import LedgerView, progress
from dongtou_geo.services.quality_land import LandCheck
from dongtou_geo.services.quality_ledger import Scope
from dongtou_geo.store.quality_findings import living_count
from dongtou_geo.ui import cache
from dongtou_geo.ui.components import chrome
from dongtou_geo.ui.components.as_of import as_of_control
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.quality_address import (
    OF_LEDGER,
    PARTS,
    QualityAddress,
    quality_params,
    read_quality_address,
)
from dongtou_geo.ui.components.quality_views import (
    SHEET,
    Stage,
    examined,
    show_ledger,
    show_outlines,
    show_plan,
    show_recorded,
)
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.state import Defaults, View, read_view, view_params

STYLE = Path(__file__).resolve().parent.parent / "static" / "quality_page.css"
# So small a ledger is examined whatever part is open: its count stands above all four.
SMALL = 2_000


def page(ledger: LedgerView) -> None:
    """Show the page.

    Parameters
    ----------
    ledger : LedgerView
        The ledger as it stands now.
    """
    st.html(STYLE)
    atlas, default = cache.atlas(), cache.default_as_of(ledger)
    defaults = Defaults(default, max(default, cache.today()), (), (), exists=lambda _id: True)
    params = {key: word for key, word in st.query_params.to_dict().items() if key != "sel"}
    dated = read_view(params, defaults)
    places = {zone.id: zone.name for zone in atlas.book.zones} | {
        park.id: park.name for park in atlas.book.parks
    }
    things = {bound.key for bound, _count in quality.things_with_notes(atlas)}
    address = read_quality_address(params, places, things)

    def go(changed: QualityAddress, shown: View = dated) -> None:
        st.query_params.from_dict({**view_params(shown, defaults), **quality_params(changed)})

    as_of_control(
        dated.as_of, default, defaults.latest, lambda day: go(address, replace(dated, as_of=day))
    )
    chrome.remarks(replace(dated, remarks=(*dated.remarks, *address.remarks)))
    living = _living(ledger, dated.as_of)
    stage = Stage(
        ledger, atlas, dated.as_of, address, living, lambda word: go(address.at(word))
    )  # fmt: skip
    check = examined(stage) if address.part == "ledger" else examined(stage, at_most=SMALL)
    _filters(address, places, go)
    _strip(stage, check)
    if address.part == "plan":
        show_plan(stage)
    elif address.part == "outlines":
        show_outlines(stage)
    elif address.part == "recorded":
        show_recorded(stage)
    else:
        show_ledger(stage, check)
    chrome.standing_line()


def _strip(stage: Stage, check: LandCheck | None) -> None:
    ledger, as_of, book = stage.view, stage.as_of, stage.atlas.book
    known = check is not None or ledger.ledger is None
    issues = cache.quality_issues(ledger, Scope(as_of), check) if known else ()
    todo = [each.count or 0 for each in issues if not each.issue.information]
    html = render(
        "quality_strip.html", parts=PARTS, address=stage.address, as_of=as_of, known=known,
        stamp=ledger.stamp, notes=len(stage.atlas.notes), **_outline_counts(stage.atlas),
        parks=[row for row in progress(book, ledger, as_of=as_of) if row.id],
        todo=sum(todo), kinds=sum(count > 0 for count in todo),
    )  # fmt: skip
    clickable("quality-strip", html, stage.select, sheet=SHEET)


def _living(ledger: LedgerView, as_of: date) -> int:
    if ledger.ledger is None:
        return 0
    with ledger.ledger.reading() as snapshot:
        return living_count(snapshot.connection, as_of)


def _outline_counts(atlas: Atlas) -> dict[str, int]:
    rows = quality_outlines.outline_rows(atlas)
    return {
        "outlines": len(rows),
        "low": sum(row.confidence == "low" for row in rows),
        "off": sum(row.standing == "off" for row in rows),
    }


def _filters(
    address: QualityAddress, places: dict[str, str], go: Callable[[QualityAddress], None]
) -> None:
    names = {"": "全区", **places}
    if address.part in OF_LEDGER:
        names[quality.OUTSIDE] = "园区外"
    searched = {"plan": "搜索注记：编号、文字、数字", "ledger": "地块编号"}

    def placed() -> None:
        go(address.in_place(st.session_state["quality-place"]))

    def typed() -> None:
        text = st.session_state["quality-text"].strip()
        if address.part == "plan":
            go(replace(address, notes=replace(address.notes, text=text)))
        else:
            go(replace(address, text=text, page=1))

    with st.container(key="quality-head", horizontal=True, vertical_alignment="center"):
        st.html("<h2>数据质量</h2>")
        # What the address says shows, also after Back; a widget keeps its own value otherwise.
        st.session_state["quality-place"] = address.place
        st.selectbox("位置", list(names), key="quality-place", on_change=placed,
                     format_func=lambda key: names[key], label_visibility="collapsed")  # fmt: skip
        if address.part in searched:
            st.session_state["quality-text"] = (
                address.notes.text if address.part == "plan" else address.text
            )
            st.text_input("搜索", key="quality-text", on_change=typed,
                          placeholder=searched[address.part], label_visibility="collapsed")  # fmt: skip
