"""Links from page to page inside the app: no reload, so that the answer is there at once."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import streamlit as st

from dongtou_geo import settings

# Where the run keeps its pages, for the navigation and for links.
PAGES_KEY = "dtg-pages"
START_PAGE = "map"
_GOING = "dtg-going"


def go(address: str) -> None:
    """Remember where a link leads; ``follow`` goes there.

    Parameters
    ----------
    address : str
        Path and query of one of our pages, as the browser has it, prefix and all.
    """
    st.session_state[_GOING] = address


def follow() -> None:
    """Go where a link led that was clicked since, if one was."""
    address = st.session_state.pop(_GOING, None)
    if address is None:
        return
    pages: Mapping[str, st.Page] = st.session_state[PAGES_KEY]
    name, query = target(address, settings.from_environment().prefix)
    if name in pages:
        st.switch_page(pages[name], query_params=query or None)


def target(address: str, prefix: str) -> tuple[str, dict[str, str]]:
    """Return the page that an address names, and its query.

    Parameters
    ----------
    address : str
        Path and query.
    prefix : str
        Path prefix of the app, "" or "/gis".
    """
    split = urlsplit(address)
    inside = split.path.removeprefix(prefix) if prefix else split.path
    name = inside.strip("/") or START_PAGE
    return name, dict(parse_qsl(split.query, keep_blank_values=True))
