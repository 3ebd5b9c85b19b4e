"""截至: the date that map, panel and figures share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from dongtou_geo.domain.day import parse_day
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.state import EARLIEST

KEY = "as_of"


def as_of_control(
    current: date, default: date, latest: date, on_change: Callable[[date], None]
) -> None:
    """Show the date with a step to the quarter's end before and after.

    Parameters
    ----------
    current : date
        The day shown.
    default : date
        Where 「最新」 leads.
    latest : date
        The last day that may be asked for.
    on_change : callable
        Given the new day.
    """

    def _told(word: str) -> None:
        day = parse_day(word)
        if day is not None and EARLIEST <= day <= latest:
            on_change(day)

    with st.container(key="as-of"):
        clickable(KEY, as_of_html(current, default, latest), _told, sheet="as_of")


def as_of_html(current: date, default: date, latest: date) -> str:
    """Return the control's HTML; what is told is an ISO day.

    Parameters
    ----------
    current, default, latest : date
        As for ``as_of_control``.
    """
    back, on = shifted(current, -1), min(shifted(current, 1), latest)
    return render(
        "as_of.html",
        current=current,
        first=EARLIEST,
        last=latest,
        back=back if back >= EARLIEST else None,
        on=on if current < latest else None,
        latest=default if current != default else None,
    )


def shifted(day: date, quarters: int) -> date:
    """Return the nearest quarter's end before (-1) or after (+1) a day.

    Parameters
    ----------
    day : date
        From where.
    quarters : {-1, 1}
        Which way.
    """
    ends = [
        date(year, month, last)
        for year in (day.year - 1, day.year, day.year + 1)
        for month, last in ((3, 31), (6, 30), (9, 30), (12, 31))
    ]
    if quarters < 0:
        return max(end for end in ends if end < day)
    return min(end for end in ends if end > day)
