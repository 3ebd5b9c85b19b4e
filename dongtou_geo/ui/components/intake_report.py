"""What is wrong with a file and where: counts, a drawing, a list, the marked workbook."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path

import streamlit as st

from dongtou_geo.domain.problem import Severity
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.formats.limits import limits_from
from dongtou_geo.services.intake.desk import Desk
from dongtou_geo.services.intake.examine import Examined
from dongtou_geo.services.intake.marked import can_be_marked, marked, problem_table
from dongtou_geo.services.intake.problem_map import HEIGHT, WIDTH, problem_map
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.intake_words import said
from dongtou_geo.ui.components.render import render

MOST_LISTED = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ALL = "全部"


def report(desk: Desk, examined: Examined) -> None:
    """Show the report.

    Parameters
    ----------
    desk : Desk
        The file.
    examined : Examined
        What was found.
    """
    weights = Counter(problem.severity for problem in examined.problems)
    st.html(render("intake_counts.html", examined=examined, weights=weights, Severity=Severity))
    if not examined.problems:
        return
    found = problem_map(examined)
    if found is None:
        _listing(desk, examined)
        return
    drawing, listing = st.columns([5, 7])
    with drawing:
        html = render("intake_map.html", map=found, width=WIDTH, height=HEIGHT)
        clickable("intake-map", html, lambda _word: None)
    with listing:
        _listing(desk, examined)


def _listing(desk: Desk, examined: Examined) -> None:
    weights = Counter(problem.severity for problem in examined.problems)
    options = [_ALL, *(s.label for s in Severity if weights[s])]
    # What keeps rows out comes first to the eye.
    first = Severity.ERROR.label if weights[Severity.ERROR] else _ALL
    with st.container(horizontal=True, vertical_alignment="center", key="intake-tools"):
        shown = st.segmented_control("程度", options, default=first, key="intake-weight",
                                     label_visibility="collapsed")  # fmt: skip
        _downloads(desk, examined)
    wanted = [p for p in examined.problems if shown in (None, _ALL, p.severity.label)]
    st.html(render("intake_problems.html", problems=wanted[:MOST_LISTED],
                   more=len(wanted) - MOST_LISTED, said=said))  # fmt: skip


def _downloads(desk: Desk, examined: Examined) -> None:
    stem = Path(examined.file).stem
    st.download_button("问题清单", lambda: _table(examined), f"{stem}-问题清单.xlsx", XLSX)
    if can_be_marked(desk.path.name):
        st.download_button(
            "标注后的原表", lambda: _marked(desk, examined), f"{stem}-标注.xlsx", XLSX,
            help="出错的单元格着色并加批注；改好后再拖进来，只剩没改的",
        )  # fmt: skip


def _table(examined: Examined) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problems.xlsx"
        problem_table(path, examined.problems)
        return path.read_bytes()


def _marked(desk: Desk, examined: Examined) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "marked.xlsx"
        try:
            marked(desk.path, path, examined.problems, limits=limits_from(os.environ))
        except DongtouGeoError:
            # A workbook that cannot be changed still gets its list.
            problem_table(path, examined.problems)
        return path.read_bytes()
