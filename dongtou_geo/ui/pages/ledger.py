"""地块台账: the table of parcels, and one parcel's story with what can be recorded on it."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import streamlit as st

from dongtou_geo.catalog.layers import status_fills
from dongtou_geo.services.area_compare import area_lines
from dongtou_geo.services.kinship import gone_parcel, kin_of
from dongtou_geo.services.parcel_table import ParcelStory, parcel_story, table_page
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.proof.found import ask_found
from dongtou_geo.store.parcel_query import SortKey
from dongtou_geo.ui import cache
from dongtou_geo.ui.components import chrome
from dongtou_geo.ui.components.as_of import as_of_control
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.ledger_filters import Go, ledger_filters
from dongtou_geo.ui.components.parcel_desk import acts_of, leave, parcel_desk, take_up
from dongtou_geo.ui.components.record_form import Desk
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.components.sketch import Drawing, sketch
from dongtou_geo.ui.ledger_address import (
    LedgerAddress,
    address_params,
    read_address,
)
from dongtou_geo.ui.state import Defaults, View, read_view, view_params


def page(view: LedgerView) -> None:
    """Show the page.

    Parameters
    ----------
    view : LedgerView
        The ledger as it stands now.
    """
    default = cache.default_as_of(view)
    defaults = Defaults(default, max(default, cache.today()), (), (), exists=lambda _id: True)
    params = st.query_params.to_dict()
    dated = read_view(params, defaults)
    parks = {park.id: park.name for park in cache.atlas().book.parks}
    address = read_address(params, as_of=dated.as_of, park_ids=parks)

    def go(changed: LedgerAddress, shown: View = dated) -> None:
        st.query_params.from_dict({**view_params(shown, defaults), **address_params(changed)})

    as_of_control(
        dated.as_of, default, defaults.latest, lambda day: go(address, replace(dated, as_of=day))
    )
    chrome.remarks(replace(dated, remarks=(*dated.remarks, *address.remarks)))
    story = parcel_story(cache.shelved_ledger(), address.parcel_no) if address.parcel_no else None
    with st.container(key="ledger-main-narrow" if story else "ledger-main"):
        ledger_filters(address, parks, go)
        _table(address, parks, go)
        chrome.standing_line()
    if story is not None:
        with st.container(key="panel-side"):
            _parcel(story, address, parks, go)


def _table(address: LedgerAddress, parks: dict[str, str], go: Go) -> None:
    table = table_page(
        cache.shelved_ledger(), address.wanted, sort=address.sort,
        descending=address.descending, page=address.page,
    )  # fmt: skip
    filtered = address.wanted != replace(
        address.wanted, park_id=None, statuses=(), text="", flag=None
    )
    html = render(
        "ledger_table.html", table=table, address=address, park_names=parks, filtered=filtered,
        fills=status_fills(cache.layers()), stamp=cache.ledger().stamp, as_of=address.wanted.as_of,
        found=ask_found(address.wanted),
        gone=gone_parcel(cache.shelved_ledger(), address.wanted.text.strip(), address.wanted.as_of),
    )  # fmt: skip

    def chosen(word: str) -> None:
        kind, _, value = word.partition(":")
        if kind == "sort":
            go(address.sorted_by(cast("SortKey", value)))
        elif kind == "page":
            go(replace(address, page=int(value)))
        else:
            leave()
            go(replace(address, parcel_no=value))

    clickable("ledger-table", html, chosen, sheet="ledger_table")


def _parcel(story: ParcelStory, address: LedgerAddress, parks: dict[str, str], go: Go) -> None:
    as_of, state = address.wanted.as_of, story.on(address.wanted.as_of)
    wkb = story.parcel.geometry_wkb
    drawn_m2 = cache.outline_area_m2(wkb) if wkb else None
    drawing = _drawing(story, address)
    desk, kin = Desk(cache.shelved_ledger(), story, parks), kin_of(cache.shelved_ledger(), story)
    # An ended parcel is said to lie where it lay.
    lived = state or next((s for s in reversed(story.states) if not s.ended), None)
    html = render(
        "parcel_card.html", story=story, state=state, stamp=cache.ledger().stamp, as_of=as_of,
        fills=status_fills(cache.layers()), park_name=desk.park_name(lived.park_id) if lived else None,
        areas=area_lines(story.parcel, drawn_m2), drawing=drawing, kin=kin,
        acts={event.event_id: acts_of(event, story.events) for event in story.events},
    )  # fmt: skip

    def chosen(word: str) -> None:
        if take_up(word):
            return
        kind, _, value = word.partition(":")
        leave()
        go(replace(address, parcel_no=value if kind == "parcel" else None))

    clickable("parcel-card", html, chosen, sheet="parcel_card")
    with st.container(key="record"):
        parcel_desk(desk, kin, drawing, as_of)


def _drawing(story: ParcelStory, address: LedgerAddress) -> Drawing | None:
    neighbours = cache.surroundings(story, address.wanted.as_of)
    fills = status_fills(cache.layers())
    state = story.on(address.wanted.as_of)
    own = fills[state.status.value].fill if state else "#EFEDE8"
    return sketch(
        story.parcel.geometry_wkb, own, [(wkb, fills[status].fill) for wkb, status in neighbours]
    )
