"""缺口清单: 亩 missing to the target, and the parcels that close it in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import streamlit as st

from dongtou_geo.domain.progress import Progress
from dongtou_geo.reports.gap_workbook import due_workbook, gap_workbook
from dongtou_geo.services.progress import LedgerView, progress
from dongtou_geo.ui import cache
from dongtou_geo.ui.components import chrome
from dongtou_geo.ui.components.as_of import as_of_control
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.file_order import FileOffer, MadeFile, file_buttons, hand_over
from dongtou_geo.ui.components.gap_address import VIEWS, GapAddress, gap_params, read_gap_address
from dongtou_geo.ui.components.gap_views import SHEET, Stage, show_district, show_due, show_park
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.state import Defaults, View, read_view, view_params

STYLE = Path(__file__).resolve().parent.parent / "static" / "gap_page.css"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page(ledger: LedgerView) -> None:
    """Show the page.

    Parameters
    ----------
    ledger : LedgerView
        The ledger as it stands now.
    """
    st.html(STYLE)
    book, default = cache.atlas().book, cache.default_as_of(ledger)
    defaults = Defaults(default, max(default, cache.today()), (), (), exists=lambda _id: True)
    params = {key: word for key, word in st.query_params.to_dict().items() if key != "sel"}
    dated = read_view(params, defaults)
    names = {park.id: park.name for park in book.parks}
    address = read_gap_address(params, names)

    def go(changed: GapAddress, shown: View = dated) -> None:
        st.query_params.from_dict({**view_params(shown, defaults), **gap_params(changed)})

    as_of_control(
        dated.as_of, default, defaults.latest, lambda day: go(address, replace(dated, as_of=day))
    )
    stage = Stage(ledger, dated.as_of, address, lambda word: go(address.at(word)))
    _head(stage, names, go)
    rows = progress(book, ledger, as_of=dated.as_of)
    html = render("gap_strip.html", rows=rows, address=address, sum_mu=_sum_mu(rows))
    clickable("gap-strip", html, stage.select, sheet=SHEET)
    found: tuple[str, ...] = ()
    if address.shown == "due":
        show_due(stage, names)
    elif address.park_id is None:
        show_district(stage)
    else:
        found = show_park(stage, address.park_id)
    chrome.remarks(replace(dated, remarks=(*dated.remarks, *address.remarks, *found)))
    chrome.standing_line()


def _head(stage: Stage, names: dict[str, str], go: Callable[[GapAddress], None]) -> None:
    address = stage.address
    with st.container(key="gap-head", horizontal=True, vertical_alignment="center"):
        st.html(render("page_title.html", title="缺口清单", stamp=stage.view.stamp))
        for key, label in VIEWS.items():
            kind: Literal["primary", "secondary"] = (
                "primary" if key == address.shown else "secondary"
            )
            st.button(
                label, key=f"gap-view-{key}", type=kind, on_click=go,
                args=(replace(address, shown=key, page=1, parcel_no=None),),
            )  # fmt: skip
        # Outside of what stands in a row: the words of a file that could not be made.
        asked = file_buttons(
            [FileOffer("下载 XLSX", "gap-xlsx", lambda now: _file(stage, names, now))]
        )
    hand_over(asked, stage.view)


def _file(stage: Stage, names: dict[str, str], view: LedgerView) -> MadeFile:
    address, as_of = stage.address, stage.as_of
    place = names.get(address.park_id or "", "全区")
    content = (
        due_workbook(view, names, as_of, address.park_id, address.window, address.kind)
        if address.shown == "due"
        else gap_workbook(view, cache.atlas().book, as_of, address.park_id)
    )
    return MadeFile(f"{VIEWS[address.shown]}-{place}-{as_of}.xlsx", XLSX, content)


def _sum_mu(rows: list[Progress]) -> float | None:
    gaps = [max(row.gap_mu, 0.0) for row in rows if row.gap_mu is not None]
    return sum(gaps) if gaps else None
