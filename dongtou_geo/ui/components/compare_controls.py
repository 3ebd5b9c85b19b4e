"""What is compared with what: the mode, its days, the usual presets and the park."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal

import streamlit as st

from dongtou_geo.store.parcel_query import OUTSIDE
from dongtou_geo.ui.compare_address import HANDED_IN, MODES, CompareAddress, presets
from dongtou_geo.ui.state import EARLIEST

Go = Callable[[CompareAddress], None]
STYLE = Path(__file__).resolve().parent.parent / "static" / "compare_page.css"
ALL_PARKS = "全部平台"


def controls(address: CompareAddress, parks: Mapping[str, str], latest: date, go: Go) -> None:
    """Show the controls.

    Parameters
    ----------
    address : CompareAddress
        The view as it is.
    parks : mapping of str to str
        Parks' names by id.
    latest : date
        The last day that may be asked for.
    go : callable
        Given the changed view.
    """
    st.html(STYLE)
    with st.container(
        key="compare-controls", horizontal=True, gap="small", vertical_alignment="center"
    ):
        _modes(address, go)
        shown = {"days": _two_days, "told": _told, "log": _since}[address.mode]
        shown(address, latest, go)
        _park(address, parks, go)


def _modes(address: CompareAddress, go: Go) -> None:
    for mode, label in MODES.items():
        kind: Literal["primary", "secondary"] = "primary" if mode == address.mode else "secondary"
        changed = replace(address, mode=mode, page=None, parcel=None)
        st.button(label, key=f"mode-{mode}", type=kind, on_click=go, args=(changed,))


def _two_days(address: CompareAddress, latest: date, go: Go) -> None:
    def changed(first: date, second: date) -> None:
        one, other = sorted([first, second])
        go(replace(address, first=one, second=other, page=None, parcel=None))

    _word("从")
    _day("从", "first", address.first, latest, lambda day: changed(day, address.second))
    _word("到")
    _day("到", "second", address.second, latest, lambda day: changed(address.first, day))
    for label, day in presets(address.second).items():
        _preset(label, day, address.first, partial(changed, day, address.second))


def _told(address: CompareAddress, latest: date, go: Go) -> None:
    def changed(**days: date) -> None:
        go(replace(address, page=None, parcel=None, **days))  # type: ignore[arg-type]

    _word("日期")
    _day(
        "日期", "day", address.day, latest,
        lambda day: changed(day=day, then=min(day + HANDED_IN, latest)),
    )  # fmt: skip
    _word("当时所知，截至")
    _day("当时所知，截至", "then", address.then, latest, lambda day: changed(then=day))
    usual = {
        "次月十日": min(address.day + HANDED_IN, latest),
        "上周五": presets(address.second)["上周五"],
    }
    for label, day in usual.items():
        _preset(label, day, address.then, partial(changed, then=day))


def _since(address: CompareAddress, latest: date, go: Go) -> None:
    def changed(day: date) -> None:
        go(replace(address, since=day, page=None, picked=()))

    _word("自")
    _day("自", "since", address.since, latest, changed)
    _word("起录入")
    for label, day in presets(address.second).items():
        if label != "去年同期":
            _preset(label, day, address.since, partial(changed, day))


def _day(
    label: str, name: str, current: date, latest: date, on_change: Callable[[date], None]
) -> None:
    key = f"compare-{name}-{current.isoformat()}"

    def picked() -> None:
        day = st.session_state[key]
        if isinstance(day, date):
            on_change(day)

    st.date_input(
        label, value=current, min_value=EARLIEST, max_value=max(latest, current), key=key,
        on_change=picked, format="YYYY-MM-DD", label_visibility="collapsed", width=140,
    )  # fmt: skip


def _preset(label: str, day: date, current: date, on_click: Callable[[], None]) -> None:
    st.button(
        label, key=f"preset-{label}", help=day.isoformat(), on_click=on_click,
        type="tertiary", disabled=day == current,
    )  # fmt: skip


def _word(word: str) -> None:
    st.html(f'<span class="dtg-asof-word">{word}</span>')


def _park(address: CompareAddress, parks: Mapping[str, str], go: Go) -> None:
    options = [None, *parks, OUTSIDE]
    names = {None: ALL_PARKS, OUTSIDE: "园区外"} | dict(parks.items())
    key = f"compare-park-{address.park}"

    def picked() -> None:
        go(replace(address, park=st.session_state[key], page=None, parcel=None))

    st.selectbox(
        "平台", options, index=options.index(address.park), key=key, on_change=picked, width=210,
        format_func=lambda park: names[park], label_visibility="collapsed",
    )  # fmt: skip
