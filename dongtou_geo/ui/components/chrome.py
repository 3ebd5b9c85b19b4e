"""What stands around every page: style, header, bars, messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from dongtou_geo.domain.problem import Problem
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.settings import STANDING_LINE
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.going import PAGES_KEY, START_PAGE
from dongtou_geo.ui.components.render import page_link, render
from dongtou_geo.ui.state import View

PAGE_TITLE = "洞头产业空间一张图"
# Where the navigation draws a line: progress, plan, ledger, meeting.
FIRST_OF_DESK = ("progress", "projects", "ledger", "briefing")
STYLE = Path(__file__).resolve().parent.parent / "static" / "page.css"


def header(here: str) -> None:
    """Show the title and the navigation; links carry the date from page to page.

    Parameters
    ----------
    here : str
        Name of the page that is open.

    Notes
    -----
    It is drawn outside the page's fragment: a click leaves a page that is still being drawn, and
    what changes inside the page does not send it again.
    """
    st.html(STYLE)
    pages: Mapping[str, st.Page] = st.session_state[PAGES_KEY]
    html = header_html(here, {name: page.title for name, page in pages.items()})
    with st.container(key="header"):
        clickable("navigation", html, lambda _word: None, sheet="header")


def header_html(here: str, titles: Mapping[str, str]) -> str:
    """Return the title and the navigation as HTML.

    Parameters
    ----------
    here : str
        Name of the page that is open.
    titles : mapping of str to str
        Title of each page by its name, in their order.
    """
    listed = [
        {
            "name": name,
            "title": title,
            "address": page_link("" if name == START_PAGE else name),
            "here": name == here,
            "begins_desk": name in FIRST_OF_DESK,
        }
        for name, title in titles.items()
    ]
    return render("header.html", title=PAGE_TITLE, here_title=titles[here], pages=listed)


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
