"""What stands around every page: style, header, bars, messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from dongtou_geo.domain.problem import Problem
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.settings import STANDING_LINE
from dongtou_geo.ui.components.going import PAGES_KEY
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.state import View

PAGE_TITLE = "洞头产业空间一张图"
STYLE = Path(__file__).resolve().parent.parent / "static" / "page.css"


def header(here: str) -> None:
    """Show the title and the navigation; links carry the date from page to page.

    Parameters
    ----------
    here : str
        Name of the page that is open.
    """
    st.html(STYLE)
    carried = {key: st.query_params[key] for key in ("as_of",) if key in st.query_params}
    pages: Mapping[str, st.Page] = st.session_state[PAGES_KEY]
    with st.container(key="header", horizontal=True, gap=None, vertical_alignment="center"):
        st.html(f'<h1 class="dtg-title">{PAGE_TITLE}</h1>')
        for name, page in pages.items():
            state = "here" if name == here else "away"
            with st.container(key=f"nav-{state}-{name}"):
                st.page_link(page, label=page.title, query_params=carried or None)


def refusal(words: str) -> None:
    """Say in the page's place why it cannot be shown.

    Parameters
    ----------
    words : str
        One Chinese sentence.
    """
    st.html(render("refusal.html", words=words))


def sample_bar(stamp: LedgerStamp) -> None:
    """Say on every page that the figures are a sample, where they are.

    Parameters
    ----------
    stamp : LedgerStamp
        The ledger shown.
    """
    if stamp.sample:
        st.html(render("sample_bar.html", stamp=stamp))


def remarks(view: View) -> None:
    """Show what in the address could not be used.

    Parameters
    ----------
    view : View
        As read from the address.
    """
    if view.remarks:
        st.html(render("remarks.html", remarks=view.remarks))


def remark(words: str) -> None:
    """Show one thing in the address that could not be used.

    Parameters
    ----------
    words : str
        One Chinese sentence.
    """
    st.html(render("remarks.html", remarks=[words]))


def standing_line() -> None:
    """Show the standing line at the foot of a page."""
    st.html(f'<p class="dtg-standing">{STANDING_LINE}</p>')


def show_problems(problems: Sequence[Problem]) -> None:
    """List what is wrong with geodata/ and layers/, instead of a broken map.

    Parameters
    ----------
    problems : sequence of Problem
        Errors, as ``check`` lists them.
    """
    st.html(render("problems.html", problems=problems))
