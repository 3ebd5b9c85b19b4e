"""截至: the date that map, panel and figures share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from dongtou_geo.ui.state import EARLIEST


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
    key = f"as_of_{current.isoformat()}"

    def _picked() -> None:
        picked = st.session_state[key]
        if isinstance(picked, date):
            on_change(picked)

    back, ahead = shifted(current, -1), min(shifted(current, 1), latest)
    with st.container(key="as-of", horizontal=True, gap=None, vertical_alignment="center"):
        st.html('<span class="dtg-asof-word">截至</span>')
        _step("‹", "as_of_back", "上一季度末", on_change, back, enabled=back >= EARLIEST)
        st.date_input(
            "截至日期",
            value=current,
            min_value=EARLIEST,
            max_value=latest,
            key=key,
            on_change=_picked,
            format="YYYY-MM-DD",
            label_visibility="collapsed",
            width=150,
        )
        _step("›", "as_of_on", "下一季度末", on_change, ahead, enabled=current < latest)
        _step(
            "最新",
            "as_of_latest",
            "数据截止日或今天",
            on_change,
            default,
            enabled=current != default,
        )


def _step(
    label: str, key: str, hint: str, on_change: Callable[[date], None], day: date, *, enabled: bool
) -> None:
    st.button(label, key=key, help=hint, on_click=on_change, args=(day,), disabled=not enabled)


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
