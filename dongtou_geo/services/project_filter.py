"""Which of the 43 projects, and in which order: one filter for page, sheet and proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from pypinyin import Style, lazy_pinyin

from dongtou_geo.catalog import plan
from dongtou_geo.domain.places import LocationBasis, Project
from dongtou_geo.domain.project_event import (
    PROJECT_STATUSES,
    UNREPORTED,
    ProjectEventKind,
    ProjectState,
    RollingStage,
)
from dongtou_geo.domain.project_group import ProjectGroup
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.projects import ProjectRow

# The annex's periods: the first starts in 2012, the last ends in 2025.
FIRST_YEAR, LAST_YEAR = 2012, 2025
NO_ZONE = "none"
DISTRICT_WIDE = "district_wide"
UNREPORTED_KEY = "unreported"
STAGE_PREFIX = "stage:"
WAN_PER_YI = 10_000
# A figure's address holds the filter, and has room for so much of the text.
LONGEST_TEXT = 14

SortKey = Literal["no", "name", "group", "place", "start", "total", "plan", "land", "status"]


@dataclass(frozen=True, slots=True)
class ProjectFilter:
    """Which projects.

    Parameters
    ----------
    group : str or None
        A group or subgroup of 表4.
    zone : str or None
        A zone; ``none`` = in no zone; ``district_wide`` = 全区性 only.
    years : tuple of int
        First and last year: the period must overlap them.
    least_yi, most_yi : float or None
        Bounds of the total investment, 亿元; projects without one are then left out.
    status : str or None
        A kind of event, ``unreported``, or ``stage:`` and a rolling stage.
    text : str
        Part of a name or alias, pinyin or its initials, or the number.
    """

    group: str | None = None
    zone: str | None = None
    years: tuple[int, int] = (FIRST_YEAR, LAST_YEAR)
    least_yi: float | None = None
    most_yi: float | None = None
    status: str | None = None
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether every project is wanted."""
        return self == ProjectFilter()

    @property
    def is_group_only(self) -> bool:
        """Tell whether 表4 prints a sum for just these projects."""
        return self == ProjectFilter(group=self.group)

    @property
    def detail(self) -> str:
        """Return the filter as one word, for the address of a figure."""
        bounds = ["" if yi is None else f"{yi:.10g}" for yi in (self.least_yi, self.most_yi)]
        parts = [self.group or "", self.zone or "", f"{self.years[0]}-{self.years[1]}", *bounds]
        return ",".join([*parts, self.status or "", self.text])


def parse_detail(detail: str) -> ProjectFilter | None:
    """Read a filter that ``ProjectFilter.detail`` wrote, or return None where it is none.

    Parameters
    ----------
    detail : str
        Anybody may have typed it; empty = every project.
    """
    if not detail:
        return ProjectFilter()
    parts = detail.split(",", 6)
    if len(parts) < 7:
        return None
    group, zone, years, least, most, status, text = parts
    try:
        first, last = (int(year) for year in years.split("-"))
        bounds = [float(yi) if yi else None for yi in (least, most)]
    except ValueError:
        return None
    return ProjectFilter(
        group or None, zone or None, (first, last), bounds[0], bounds[1], status or None, text
    )


def found(rows: Iterable[ProjectRow], wanted: ProjectFilter) -> list[ProjectRow]:
    """Select the projects of a filter.

    Parameters
    ----------
    rows : iterable of ProjectRow
        All of them.
    wanted : ProjectFilter
        Which.
    """
    return [row for row in rows if _fits(row, wanted)]


def in_order(
    rows: Iterable[ProjectRow], sort: SortKey, *, descending: bool = False
) -> list[ProjectRow]:
    """Sort projects; those without the value come last either way.

    Parameters
    ----------
    rows : iterable of ProjectRow
        Some.
    sort : {"no", "name", "group", "place", "start", "total", "plan", "land", "status"}
        By what; equal ones by number.
    descending : bool
        Largest first.
    """
    key = _KEYS[sort]
    numbered = sorted(rows, key=lambda row: row.project.no)
    valued = [row for row in numbered if key(row) is not None]
    valued.sort(key=key, reverse=descending)  # type: ignore[arg-type]
    return [*valued, *(row for row in numbered if key(row) is None)]


def filter_words(wanted: ProjectFilter, atlas: Atlas) -> str:
    """Say in Chinese which projects a filter wants.

    Parameters
    ----------
    wanted : ProjectFilter
        The filter.
    atlas : Atlas
        The names of groups and zones.
    """
    zones = {**atlas.place_names, NO_ZONE: "无片区", DISTRICT_WIDE: "全区性"}
    words = [
        atlas.groups.get(wanted.group, wanted.group) if wanted.group else "",
        zones.get(wanted.zone, wanted.zone) if wanted.zone else "",
        "" if wanted.years == (FIRST_YEAR, LAST_YEAR) else f"建设期与 {_span(wanted.years)} 重叠",
        _bounds_words(wanted),
        status_words(wanted.status) if wanted.status else "",
        f"含“{wanted.text}”" if wanted.text.strip() else "",
    ]
    return "、".join(word for word in words if word) or "全部"


def status_words(status: str) -> str:
    """Say in Chinese which status a filter wants.

    Parameters
    ----------
    status : str
        As in ``ProjectFilter``.
    """
    return status_choices().get(status, status)


def status_choices() -> dict[str, str]:
    """Return every status that a filter may name, with its Chinese words."""
    return {
        **{kind.value: kind.label for kind in PROJECT_STATUSES},
        UNREPORTED_KEY: UNREPORTED,
        **{f"{STAGE_PREFIX}{stage.value}": f"滚动阶段：{stage.label}" for stage in RollingStage},
    }


def _span(years: tuple[int, int]) -> str:
    return str(years[0]) if years[0] == years[1] else f"{years[0]}–{years[1]}"


def _bounds_words(wanted: ProjectFilter) -> str:
    least, most = wanted.least_yi, wanted.most_yi
    if least is None and most is None:
        return ""
    if most is None:
        return f"总投资 {least:.10g} 亿元及以上"
    low = "" if least is None else f"{least:.10g}–"
    return f"总投资 {low}{most:.10g} 亿元" + ("及以下" if least is None else "")


def printed_sum(wanted: ProjectFilter) -> ProjectGroup | None:
    """Return what 表4 prints for a filter, or None where it has no such sum.

    Parameters
    ----------
    wanted : ProjectFilter
        The filter.
    """
    if not wanted.is_group_only:
        return None
    name = wanted.group or "total"
    return next((group for group in plan.load_project_groups() if group.id == name), None)


def search_keys(project: Project) -> tuple[str, ...]:
    """Return what a project can be found by: names, their pinyin and its initials, lower case.

    Parameters
    ----------
    project : Project
        Which.
    """
    return _search_keys((project.name, *project.aliases))


@lru_cache(maxsize=256)
def _search_keys(names: tuple[str, ...]) -> tuple[str, ...]:
    keys = []
    for name in names:
        keys += [
            name,
            "".join(lazy_pinyin(name)),
            "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)),
        ]
    return tuple(key.lower() for key in keys)


def _fits(row: ProjectRow, wanted: ProjectFilter) -> bool:
    project = row.project
    first, last = wanted.years
    return (
        wanted.group in (None, project.group, project.subgroup)
        and _in_zone(project, wanted.zone)
        and project.start_year <= last
        and project.end_year >= first
        and _in_bounds(project.total_investment_wan, wanted)
        and _has_status(row.state, wanted.status)
        and _is_named(project, wanted.text.strip().lower())
    )


def _in_zone(project: Project, zone: str | None) -> bool:
    if zone == NO_ZONE:
        return project.zone_id is None
    if zone == DISTRICT_WIDE:
        return project.location_basis is LocationBasis.DISTRICT_WIDE
    return zone in (None, project.zone_id)


def _in_bounds(total_wan: float | None, wanted: ProjectFilter) -> bool:
    if wanted.least_yi is None and wanted.most_yi is None:
        return True
    if total_wan is None:
        return False
    least, most = wanted.least_yi, wanted.most_yi
    return (least is None or total_wan >= least * WAN_PER_YI) and (
        most is None or total_wan <= most * WAN_PER_YI
    )


def _has_status(state: ProjectState, status: str | None) -> bool:
    if status is None:
        return True
    if status.startswith(STAGE_PREFIX):
        return state.stage is not None and state.stage.stage == status.removeprefix(STAGE_PREFIX)
    return status == (state.kind.value if state.kind else UNREPORTED_KEY)


def _is_named(project: Project, text: str) -> bool:
    return not text or text == str(project.no) or any(text in key for key in search_keys(project))


_ORDER = {kind: place for place, kind in enumerate(ProjectEventKind)}
_KEYS: dict[SortKey, Callable[[ProjectRow], float | str | None]] = {
    "no": lambda row: row.project.no,
    "name": lambda row: search_keys(row.project)[1],
    "group": lambda row: f"{row.project.group}{row.project.subgroup or ''}",
    "place": lambda row: f"{row.project.zone_id or '~'}{row.project.park_id or ''}",
    "start": lambda row: row.project.start_year * 10_000 + row.project.end_year,
    "total": lambda row: row.project.total_investment_wan,
    "plan": lambda row: row.project.plan_investment_wan,
    "land": lambda row: row.project.land_area_m2,
    "status": lambda row: _ORDER[row.state.kind] if row.state.kind else None,
}
SORT_KEYS: tuple[SortKey, ...] = get_args(SortKey)
