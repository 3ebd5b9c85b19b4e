"""The filter row of 地块台账: park, status, flag and text; every change goes into the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from dongtou_geo.store.parcel_query import OUTSIDE
from dongtou_geo.ui.ledger_address import FLAGS, LedgerAddress, status_choices

Go = Callable[[LedgerAddress], None]


def ledger_filters(address: LedgerAddress, parks: dict[str, str], go: Go) -> None:
    """Show the filters.

    Parameters
    ----------
    address : LedgerAddress
        The view as it is.
    parks : dict of str to str
        Parks' names by id.
    go : callable
        Given the changed view.
    """
    wanted = address.wanted

    def changed() -> None:
        state = st.session_state
        go(
            replace(
                address,
                page=1,
                wanted=replace(
                    wanted,
                    park_id=state["f-park"],
                    statuses=tuple(state["f-status"]),
                    flag=state["f-flag"],
                    text=state["f-text"],
                ),
            )
        )

    options = [None, *parks, OUTSIDE]
    names: dict[str | None, str] = {None: "全部园区", OUTSIDE: "园区外"} | dict(parks.items())
    park, status, flag, text = st.columns([2, 4, 1.4, 2.6])
    park.selectbox("园区", options, index=options.index(wanted.park_id), key="f-park",
                   format_func=lambda key: names[key], on_change=changed, placeholder="全部园区")  # fmt: skip
    status.multiselect("状态", status_choices(), default=list(wanted.statuses), key="f-status",
                       format_func=lambda s: s.label, on_change=changed, placeholder="全部状态")  # fmt: skip
    flags = [None, *FLAGS]
    flag.selectbox("标记", flags, index=flags.index(wanted.flag), key="f-flag",
                   format_func=lambda key: FLAGS[key] if key else "不限", on_change=changed, placeholder="不限")  # fmt: skip
    text.text_input("编号、使用权人或责任单位", value=wanted.text, key="f-text",
                    on_change=changed, placeholder="输入后回车")  # fmt: skip
