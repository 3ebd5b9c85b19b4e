"""数据入库: a file is dropped, understood, checked, compared, confirmed once."""

from __future__ import annotations

import os

import streamlit as st

from dongtou_geo.formats.limits import limits_from
from dongtou_geo.services.intake.desk import Desk, start
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.shelf import app_shelf
from dongtou_geo.ui import cache
from dongtou_geo.ui.components import chrome
from dongtou_geo.ui.components.intake_changes import change_list
from dongtou_geo.ui.components.intake_choices import choice_needed, understood
from dongtou_geo.ui.components.intake_confirm import confirm_form, receipt
from dongtou_geo.ui.components.intake_drop import drop
from dongtou_geo.ui.components.intake_past import past_imports
from dongtou_geo.ui.components.intake_report import report
from dongtou_geo.ui.components.intake_waiting import waiting
from dongtou_geo.ui.components.intake_words import said
from dongtou_geo.ui.components.render import render

DESK = "intake-desk"


def page(view: LedgerView) -> None:
    """Show the page.

    Parameters
    ----------
    view : LedgerView
        The ledger as it stands now.
    """
    desk: Desk | None = st.session_state.get(DESK)
    if desk is not None:
        desk.settle()
    with st.container(key="intake-main"):
        ledger = None if app_shelf().chosen_url() is None else view.stamp
        st.html(render("intake_head.html", stamp=ledger))
        fresh = drop(desk)
        if fresh is not None:
            st.session_state[DESK] = desk = fresh
            _again(desk)
        if desk is not None:
            _desk(desk)
        past_imports(cache.shelved_ledger() if ledger else None)
        chrome.standing_line()


def _desk(desk: Desk) -> None:
    if desk.job is not None:
        waiting(desk.job)
    elif desk.done is not None:
        receipt(desk.done)
    elif desk.asked is not None:
        choice_needed(desk, desk.asked, _again)
    elif desk.refused is not None:
        st.html(render("intake_refused.html", name=desk.name, words=said(desk.refused)))
    elif desk.examined is not None:
        understood(desk, desk.examined, _again)
        report(desk, desk.examined)
        change_list(desk.examined, cache.ground())
        confirm_form(desk, desk.examined)


def _again(desk: Desk) -> None:
    start(desk, app_shelf(), cache.ground(), limits_from(os.environ))
