"""While a file is being examined: what is being done, and a way out."""

from __future__ import annotations

import streamlit as st

from dongtou_geo.services.intake.examine import Examined
from dongtou_geo.services.intake.job import Job
from dongtou_geo.ui.components.render import render

# Short files are done before anybody has read a word.
AT_ONCE_S = 0.8


def waiting(job: Job[Examined]) -> None:
    """Show how far the work is until it ends, then draw the page anew.

    Parameters
    ----------
    job : Job
        The work.
    """
    if job.wait(AT_ONCE_S):
        st.rerun()

    @st.fragment(run_every=0.5)
    def step() -> None:
        if job.done:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center", key="intake-wait"):
            st.html(render("intake_waiting.html", doing=job.doing))
            st.button("取消", on_click=job.cancel)

    step()
