"""产业布局: which industries the plan gives to which place, and where a project would fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

import streamlit as st

from dongtou_geo import settings
from dongtou_geo.domain.layout import Layout
from dongtou_geo.maps.plate import plan_credit
from dongtou_geo.services.industry import Matrix, matrix
from dongtou_geo.services.industry_fit import Answer, find_fits
from dongtou_geo.services.park_industries import park_industries
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.proof.layout import cell_notes, sum_notes
from dongtou_geo.ui import cache
from dongtou_geo.ui.components import chrome
from dongtou_geo.ui.components.as_of import as_of_control
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.industry_form import industry_form
from dongtou_geo.ui.components.layout_plate import industry_plate
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.industry_address import IndustryAddress, read_address
from dongtou_geo.ui.state import Defaults, read_view


def page(ledger: LedgerView) -> None:
    """Show the page.

    Parameters
    ----------
    ledger : LedgerView
        The ledger as it stands now.
    """
    atlas = cache.atlas()
    layout = atlas.layout
    table = matrix(atlas, layout)
    default = cache.default_as_of(ledger)
    latest = max(default, cache.today())
    params = st.query_params.to_dict()
    view = read_view(
        {key: params[key] for key in ("as_of",) if key in params},
        Defaults(default, latest, (), (), exists=lambda _id: True),
    )
    address = read_address(params, table, layout)

    def go(changed: IndustryAddress, day: date = view.as_of) -> None:
        kept = {"as_of": day.isoformat()} if day != default else {}
        st.query_params.from_dict({**changed.params, **kept})

    def select(word: str) -> None:
        kind, _, rest = word.partition(":")
        if kind == "drop":
            go(replace(address, wanted=None))
            return
        row, _, column = rest.partition("~")
        chosen = replace(address, row=row or None, column=column or None)
        same = (chosen.row, chosen.column) == (address.row, address.column)
        cleared = replace(address, row=None, column=None)
        go(cleared if same or kind == "clear" else chosen)

    as_of_control(view.as_of, default, latest, lambda day: go(address, day))
    chrome.remarks(replace(view, remarks=(*view.remarks, *address.remarks)))
    industry_form(address, layout, go)
    answer = (
        find_fits(atlas, layout, ledger, address.wanted, address.wanted_mu, view.as_of)
        if address.wanted
        else None
    )
    html = _html(table, layout, ledger, address, answer, view.as_of)
    clickable("industry-board", html, select, sheet="industry")
    chrome.standing_line()


def _html(
    table: Matrix,
    layout: Layout,
    ledger: LedgerView,
    address: IndustryAddress,
    answer: Answer | None,
    as_of: date,
) -> str:
    atlas = cache.atlas()
    cell = table.cell(address.row or "all", address.column or "all")
    park = next((own for own in atlas.book.parks if own.id == address.row), None)
    return render(
        "industry.html",
        table=table,
        address=address,
        answer=answer,
        cell=cell,
        stated=park_industries(atlas, park) if park else (),
        by_no={each.no: each for each in layout.projects},
        industries=layout.by_id,
        notes=cell_notes(atlas.notes, cell.projects),
        sum_notes=sum_notes(atlas.notes),
        as_of=as_of,
        stamp=ledger.stamp,
        plate=industry_plate(table, layout, address, answer, atlas),
        credit=plan_credit(),
        link=lambda no: _link(no, as_of),
    )


def _link(no: int, as_of: date) -> str:
    carried = {"sel": f"project_{no}", "as_of": as_of.isoformat()}
    return f"{settings.from_environment().prefix}/?{urlencode(carried)}"
