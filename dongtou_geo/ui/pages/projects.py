"""重大项目: the 43 of the annex, filtered and summed, on a plate, each with what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

import streamlit as st

from dongtou_geo.catalog import plan
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.project_export import projects_workbook
from dongtou_geo.services.project_filter import SortKey, filter_words, found, in_order
from dongtou_geo.services.projects import ProjectRow, project_rows
from dongtou_geo.ui import cache
from dongtou_geo.ui.components import chrome
from dongtou_geo.ui.components.as_of import as_of_control
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.file_order import FileOffer, MadeFile, file_buttons, hand_over
from dongtou_geo.ui.components.project_filters import Go, project_filters
from dongtou_geo.ui.components.project_form import CORRECTING, project_form
from dongtou_geo.ui.components.project_html import head_html, side_html, table_html
from dongtou_geo.ui.project_address import (
    Known,
    ProjectAddress,
    project_address_params,
    read_project_address,
)
from dongtou_geo.ui.state import Defaults, View, read_view, view_params

STYLE = Path(__file__).resolve().parent.parent / "static" / "projects_page.css"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page(view: LedgerView) -> None:
    """Show the page.

    Parameters
    ----------
    view : LedgerView
        The ledger as it stands now.
    """
    st.html(STYLE)
    atlas, groups = cache.atlas(), plan.load_project_groups()
    default = cache.default_as_of(view)
    defaults = Defaults(default, max(default, cache.today()), (), (), exists=lambda _id: True)
    params = st.query_params.to_dict()
    dated = read_view(params, defaults)
    known = Known(
        [group.id for group in groups if group.id != "total"],
        [zone.id for zone in atlas.book.zones],
        [project.no for project in atlas.projects],
    )
    address = read_project_address(params, known)

    def go(changed: ProjectAddress, shown: View = dated) -> None:
        st.query_params.from_dict(
            {**view_params(shown, defaults), **project_address_params(changed)}
        )

    as_of_control(
        dated.as_of, default, defaults.latest, lambda day: go(address, replace(dated, as_of=day))
    )
    chrome.remarks(replace(dated, remarks=(*dated.remarks, *address.remarks)))
    everything = project_rows(atlas, view.ledger, dated.as_of)
    rows = _listed(everything, address)
    with st.container(key="projects-main"):
        project_filters(address, atlas, groups, go)
        clickable(
            "projects-head", head_html(rows, everything, address, atlas, dated.as_of),
            lambda _word: None, sheet="projects",
        )  # fmt: skip
        _table(rows, address, dated.as_of, go)
        _download(address, dated.as_of, view)
        chrome.standing_line()
    with st.container(key="panel-side"):
        _side(view, rows, everything, address, dated.as_of, go)


def _table(rows: list[ProjectRow], address: ProjectAddress, as_of: date, go: Go) -> None:
    def chosen(word: str) -> None:
        kind, _, value = word.partition(":")
        if kind == "sort":
            go(address.sorted_by(cast("SortKey", value)))
        else:
            _open(address, value, go)

    html = table_html(rows, address, cache.layers(), as_of)
    clickable("projects-table", html, chosen, sheet="projects")


def _side(
    view: LedgerView,
    rows: list[ProjectRow],
    everything: list[ProjectRow],
    address: ProjectAddress,
    as_of: date,
    go: Go,
) -> None:
    def chosen(word: str) -> None:
        kind, _, value = word.partition(":")
        if kind == "event":
            st.session_state[CORRECTING] = int(value)
        elif kind == "close":
            go(replace(address, project=None))
        else:
            _open(address, value, go)

    row = next((row for row in everything if row.project.no == address.project), None)
    html = side_html(rows, row, address, cache.atlas(), cache.layers(), view.stamp, as_of)
    clickable("projects-side", html, chosen, sheet="projects")
    if row is not None:
        with st.container(key="projects-record"):
            project_form(view, row, [other.project.no for other in everything])


def _open(address: ProjectAddress, number: str, go: Go) -> None:
    st.session_state.pop(CORRECTING, None)
    go(replace(address, project=int(number)))


def _download(address: ProjectAddress, as_of: date, view: LedgerView) -> None:
    def made(now: LedgerView) -> MadeFile:
        atlas = cache.atlas()
        rows = _listed(project_rows(atlas, now.ledger, as_of), address)
        words = filter_words(address.wanted, atlas)
        content = projects_workbook(rows, words=words, as_of=as_of, stamp=now.stamp)
        return MadeFile(f"重大项目-{len(rows)}项-{as_of}.xlsx", XLSX, content)

    with st.container(key="projects-export", horizontal=True):
        asked = file_buttons([FileOffer("下载 XLSX", "projects-xlsx", made)])
    hand_over(asked, view)


def _listed(rows: Sequence[ProjectRow], address: ProjectAddress) -> list[ProjectRow]:
    return in_order(found(rows, address.wanted), address.sort, descending=address.descending)
