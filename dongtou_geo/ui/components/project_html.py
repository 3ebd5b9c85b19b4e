"""The HTML of 重大项目: headline, table, and the side with map, overview or card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from dongtou_geo import settings
from dongtou_geo.catalog.layers import Layer
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.domain.project_event import (
    PROJECT_STATUSES,
    UNREPORTED,
    ProjectEventKind,
    ProjectLine,
)
from dongtou_geo.maps.plate import plan_credit
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.project_filter import (
    FIRST_YEAR,
    LAST_YEAR,
    NO_ZONE,
    UNREPORTED_KEY,
    ProjectFilter,
    filter_words,
    found,
    printed_sum,
    status_words,
)
from dongtou_geo.services.projects import (
    ProjectRow,
    ProjectTotals,
    largest,
    shortfalls,
    totals,
)
from dongtou_geo.services.proof.projects import group_notes
from dongtou_geo.ui.components.project_map import project_map, radius_px
from dongtou_geo.ui.components.project_timeline import PLAN_YEARS, now, share, timeline
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.project_address import ProjectAddress

# What the legend shows the circles of, 万元.
SIZES = ((100_000.0, "10"), (500_000.0, "50"), (1_000_000.0, "100 亿元"))
Tally = list[tuple[str, ProjectFilter, ProjectTotals]]


def head_html(
    rows: Sequence[ProjectRow],
    everything: Sequence[ProjectRow],
    address: ProjectAddress,
    atlas: Atlas,
    as_of: date,
) -> str:
    """Return the headline: count and sums of the filter, beside what 表4 prints.

    Parameters
    ----------
    rows, everything : sequence of ProjectRow
        Those of the filter, and all.
    address : ProjectAddress
        The view.
    atlas : Atlas
        Names and notes.
    as_of : date
        The day shown.
    """
    return render(
        "projects_head.html",
        sums=totals(rows),
        all_count=len(everything),
        printed=printed_sum(address.wanted),
        notes=group_notes(atlas.notes, address.wanted) if printed_sum(address.wanted) else [],
        wanted=address.wanted,
        words="附表全部" if address.wanted.is_empty else filter_words(address.wanted, atlas),
        presumed=sum(row.is_presumed for row in rows) if address.wanted.zone else 0,
        as_of=as_of,
    )


def table_html(
    rows: Sequence[ProjectRow], address: ProjectAddress, layers: Sequence[Layer], as_of: date
) -> str:
    """Return the table.

    Parameters
    ----------
    rows : sequence of ProjectRow
        In order.
    address : ProjectAddress
        The view.
    layers : sequence of Layer
        For the groups' colours.
    as_of : date
        The day shown.
    """
    wanted = address.wanted
    return render(
        "projects_table.html",
        rows=[(row, timeline(row, as_of)) for row in rows],
        address=address,
        fills=group_fills(layers),
        bounded=wanted.least_yi is not None or wanted.most_yi is not None,
        first_year=FIRST_YEAR,
        last_year=LAST_YEAR,
        plan_left=share(date(PLAN_YEARS[0], 1, 1)),
        plan_right=share(date(PLAN_YEARS[1] + 1, 1, 1)),
        now=now(as_of),
        as_of=as_of,
    )


def side_html(
    rows: Sequence[ProjectRow],
    chosen: ProjectRow | None,
    address: ProjectAddress,
    atlas: Atlas,
    layers: Sequence[Layer],
    stamp: LedgerStamp,
    as_of: date,
) -> str:
    """Return the map, and below it the overview, or the card of the project that is open.

    Parameters
    ----------
    rows : sequence of ProjectRow
        Those of the filter.
    chosen : ProjectRow or None
        The project that is open; it may lie outside the filter.
    address : ProjectAddress
        The view.
    atlas : Atlas
        Names of the zones.
    layers : sequence of Layer
        For the groups' colours and names.
    stamp : LedgerStamp
        Which ledger is shown.
    as_of : date
        The day shown.
    """
    fills = group_fills(layers)
    hidden = chosen is not None and chosen.project.no not in {row.project.no for row in rows}
    drawn = [*rows, chosen] if chosen is not None and hidden else rows
    top = largest(rows)
    plan_wan = totals(rows).plan_wan
    return render(
        "projects_side.html",
        picture=project_map(drawn, fills, chosen.project.no if chosen else None),
        groups=[(kind.value, kind.label) for kind in _project_layer(layers).classes],
        fills=fills,
        sizes=[(radius_px(wan), words) for wan, words in SIZES],
        credit=plan_credit(),
        unplaced=[row for row in rows if not row.project.on_map],
        by_status=_by_status(rows, address.wanted),
        by_zone=_by_zone(rows, address.wanted, atlas),
        shortfalls=shortfalls(rows),
        top=top if len(rows) > len(top) else [],
        top_share=totals(top).plan_wan / plan_wan if plan_wan else None,
        chosen=chosen,
        chosen_no=chosen.project.no if chosen else None,
        hidden=hidden,
        history=history(chosen) if chosen else [],
        against_plan=against_plan(chosen) if chosen else [],
        can_record=stamp.ledger_version is not None and not stamp.sample,
        map_link=_map_link(chosen, as_of),
        as_of=as_of,
    )


def history(row: ProjectRow) -> list[tuple[ProjectLine, bool]]:
    """Return every line on a project with whether it stands, by the day it happened.

    Parameters
    ----------
    row : ProjectRow
        The project.
    """
    standing = {event.event_id for event in row.standing}
    lines: list[tuple[ProjectLine, bool]] = [(report, True) for report in row.reports]
    lines += [(event, event.event_id in standing) for event in row.events]
    return sorted(lines, key=lambda pair: pair[0].happened.latest)


def against_plan(row: ProjectRow) -> list[str]:
    """Return what is known of start and end beside the plan's period.

    Parameters
    ----------
    row : ProjectRow
        The project.
    """
    status, project = row.state.status, row.project
    if status is None:
        return []
    reached = {
        ProjectEventKind.START: f"附表自 {project.start_year} 年",
        ProjectEventKind.COMPLETE: f"附表至 {project.end_year} 年",
        ProjectEventKind.PRODUCE: f"附表建设期至 {project.end_year} 年",
    }
    if status.kind not in reached:
        return []
    return [f"与规划比：{status.kind.label} {status.happened.text}，{reached[status.kind]}。"]


def group_fills(layers: Sequence[Layer]) -> dict[str, str]:
    """Return the colour of each group, as on 一张图.

    Parameters
    ----------
    layers : sequence of Layer
        All layers.
    """
    return {kind.value: kind.fill for kind in _project_layer(layers).classes}


def _project_layer(layers: Sequence[Layer]) -> Layer:
    return next(layer for layer in layers if layer.dataset == "projects")


def _by_status(rows: Sequence[ProjectRow], wanted: ProjectFilter) -> Tally:
    # A figure's proof knows one filter: one that is set already is not set again.
    if wanted.status:
        return _tally(rows, {status_words(wanted.status): wanted})
    names = {kind.value: kind.label for kind in PROJECT_STATUSES} | {UNREPORTED_KEY: UNREPORTED}
    return _tally(rows, {name: replace(wanted, status=key) for key, name in names.items()})


def _by_zone(rows: Sequence[ProjectRow], wanted: ProjectFilter, atlas: Atlas) -> Tally:
    zones = {zone.id: zone.name for zone in atlas.book.zones} | {NO_ZONE: "无片区"}
    if wanted.zone:
        return _tally(rows, {zones.get(wanted.zone, "全区性"): wanted})
    return _tally(rows, {name: replace(wanted, zone=key) for key, name in zones.items()})


def _tally(rows: Sequence[ProjectRow], filters: dict[str, ProjectFilter]) -> Tally:
    some = {name: found(rows, wanted) for name, wanted in filters.items()}
    return [(name, filters[name], totals(own)) for name, own in some.items() if own]


def _map_link(chosen: ProjectRow | None, as_of: date) -> str:
    if chosen is None:
        return ""
    words = {"sel": f"project_{chosen.project.no}", "as_of": as_of.isoformat()}
    return f"{settings.from_environment().prefix}/?{urlencode(words)}"
