"""The filter row of 重大项目; every change goes into the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from dongtou_geo.domain.project_group import ProjectGroup
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.project_filter import (
    DISTRICT_WIDE,
    FIRST_YEAR,
    LAST_YEAR,
    LONGEST_TEXT,
    NO_ZONE,
    ProjectFilter,
    status_choices,
)
from dongtou_geo.ui.project_address import MOST_YI, ProjectAddress

Go = Callable[[ProjectAddress], None]
_ALL = "全部"
_YEARS = list(range(FIRST_YEAR, LAST_YEAR + 1))


def project_filters(
    address: ProjectAddress, atlas: Atlas, groups: list[ProjectGroup], go: Go
) -> None:
    """Show the filters.

    Parameters
    ----------
    address : ProjectAddress
        The view as it is.
    atlas : Atlas
        Names of the zones.
    groups : list of ProjectGroup
        表4's lines.
    go : callable
        Given the changed view.
    """
    # A widget keeps what was typed under its key: another address must be another widget.
    mark = address.wanted.detail

    def changed() -> None:
        go(replace(address, wanted=_typed(mark, address.wanted)))

    columns = st.columns([2.15, 1.5, 1.1, 1.1, 1.0, 1.0, 1.4, 1.55], gap="xsmall")
    names = {
        group.id: ("· " if group.parent_id == "implement" else "") + group.name
        for group in groups
        if group.id != "total"
    }
    zones = {zone.id: zone.name for zone in atlas.book.zones}
    zones |= {NO_ZONE: "无片区（含全区性）", DISTRICT_WIDE: "全区性"}
    wanted = address.wanted
    _choice(columns[0], "类别", names, wanted.group, f"group-{mark}", changed)
    _choice(columns[1], "片区", zones, wanted.zone, f"zone-{mark}", changed)
    for column, label, key, year in (
        (columns[2], "建设期自", "from", wanted.years[0]),
        (columns[3], "至", "to", wanted.years[1]),
    ):
        column.selectbox(
            label, _YEARS, index=year - FIRST_YEAR, key=f"pf-{key}-{mark}", on_change=changed
        )
    for column, label, key, value in (
        (columns[4], "总投资自 亿元", "min", wanted.least_yi),
        (columns[5], "至 亿元", "max", wanted.most_yi),
    ):
        column.number_input(
            label, value=value, min_value=0.0, max_value=MOST_YI, step=None, format="%g",
            key=f"pf-{key}-{mark}", on_change=changed, placeholder="不限",
        )  # fmt: skip
    _choice(columns[6], "状态", status_choices(), wanted.status, f"status-{mark}", changed)
    columns[7].text_input(
        "名称、首字母、序号", value=wanted.text, key=f"pf-q-{mark}", on_change=changed,
        max_chars=LONGEST_TEXT, placeholder="输入后回车",
    )  # fmt: skip


def _choice(
    column: st.delta_generator.DeltaGenerator,
    label: str,
    names: dict[str, str],
    current: str | None,
    key: str,
    changed: Callable[[], None],
) -> None:
    # No None among them: Streamlit would offer to clear what is cleared already.
    options = ["", *names]
    column.selectbox(
        label, options, index=options.index(current or ""), key=f"pf-{key}", on_change=changed,
        format_func=lambda word: names[word] if word else _ALL,
    )  # fmt: skip


def _typed(mark: str, before: ProjectFilter) -> ProjectFilter:
    state = st.session_state
    first, last = state[f"pf-from-{mark}"], state[f"pf-to-{mark}"]
    if first > last:
        # Whichever was moved past the other takes it along.
        first, last = (first, first) if first != before.years[0] else (last, last)
    least, most = state[f"pf-min-{mark}"], state[f"pf-max-{mark}"]
    if least is not None and most is not None and least > most:
        least, most = (least, None) if least != before.least_yi else (None, most)
    return ProjectFilter(
        group=state[f"pf-group-{mark}"] or None,
        zone=state[f"pf-zone-{mark}"] or None,
        years=(first, last),
        least_yi=least,
        most_yi=most,
        status=state[f"pf-status-{mark}"] or None,
        text=str(state[f"pf-q-{mark}"] or "").strip(),
    )
