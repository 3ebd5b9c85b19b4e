"""What the address of 重大项目 says: filter, order and project."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from dongtou_geo.services.project_filter import (
    DISTRICT_WIDE,
    FIRST_YEAR,
    LAST_YEAR,
    LONGEST_TEXT,
    NO_ZONE,
    SORT_KEYS,
    ProjectFilter,
    SortKey,
    status_choices,
)
from dongtou_geo.ui.state import clipped

# More than the whole plan costs; a longer number is a slip.
MOST_YI = 1_000.0


@dataclass(frozen=True, slots=True)
class Known:
    """What an address may name.

    Parameters
    ----------
    groups, zones : collection of str
        Ids.
    projects : collection of int
        Numbers of the annex.
    """

    groups: Collection[str]
    zones: Collection[str]
    projects: Collection[int]


@dataclass(frozen=True, slots=True)
class ProjectAddress:
    """The view of the page, as its address says it.

    Parameters
    ----------
    wanted : ProjectFilter
        Which projects.
    sort : str
        By what.
    descending : bool
        Largest first.
    project : int or None
        The project that is open.
    remarks : tuple of str
        What could not be used.
    """

    wanted: ProjectFilter = field(default_factory=ProjectFilter)
    sort: SortKey = "no"
    descending: bool = False
    project: int | None = None
    remarks: tuple[str, ...] = ()

    def sorted_by(self, sort: SortKey) -> ProjectAddress:
        """Return the view sorted by a column; the same column again turns the order round."""
        turned = sort == self.sort and not self.descending
        return replace(self, sort=sort, descending=turned)


def read_project_address(params: Mapping[str, str], known: Known) -> ProjectAddress:
    """Read the view from an address.

    Parameters
    ----------
    params : mapping of str to str
        ``group, zone, from, to, min, max, status, q, sort, project``.
    known : Known
        What it may name.
    """
    remarks: list[str] = []
    zones = [*known.zones, NO_ZONE, DISTRICT_WIDE]
    order = params.get("sort") or "no"
    sort = _one_of(order.removeprefix("-"), SORT_KEYS, "排序", remarks) or "no"
    least, most = (_yi(params.get(key), remarks) for key in ("min", "max"))
    if least is not None and most is not None and least > most:
        remarks.append(f"地址中的总投资 {least:g}–{most:g} 亿元颠倒，已略去")
        least = most = None
    text = (params.get("q") or "").strip()
    if len(text) > LONGEST_TEXT:
        remarks.append(f"搜索文字超过 {LONGEST_TEXT} 个字，已只用“{text[:LONGEST_TEXT]}”")
    wanted = ProjectFilter(
        group=_one_of(params.get("group"), known.groups, "类别", remarks),
        zone=_one_of(params.get("zone"), zones, "片区", remarks),
        years=_years(params, remarks),
        least_yi=least,
        most_yi=most,
        status=_one_of(params.get("status"), status_choices(), "状态", remarks),
        text=text[:LONGEST_TEXT],
    )
    numbers = [str(number) for number in known.projects]
    project = _one_of(params.get("project"), numbers, "项目", remarks)
    return ProjectAddress(
        wanted,
        cast("SortKey", sort),
        order.startswith("-"),
        int(project) if project else None,
        tuple(remarks),
    )


def project_address_params(address: ProjectAddress) -> dict[str, str]:
    """Write the view as address parameters; what is default is left out.

    Parameters
    ----------
    address : ProjectAddress
        The view.
    """
    wanted = address.wanted
    first, last = wanted.years
    order = ("-" if address.descending else "") + address.sort
    params = {
        "group": wanted.group,
        "zone": wanted.zone,
        "from": str(first) if first != FIRST_YEAR else None,
        "to": str(last) if last != LAST_YEAR else None,
        "min": None if wanted.least_yi is None else f"{wanted.least_yi:.10g}",
        "max": None if wanted.most_yi is None else f"{wanted.most_yi:.10g}",
        "status": wanted.status,
        "q": wanted.text,
        "sort": None if order == "no" else order,
        "project": None if address.project is None else str(address.project),
    }
    return {key: value for key, value in params.items() if value}


def _one_of(word: str | None, known: Collection[str], what: str, remarks: list[str]) -> str | None:
    if not word:
        return None
    if word in known:
        return word
    remarks.append(f"地址中的{what}“{clipped(word)}”不存在，已略去")
    return None


def _years(params: Mapping[str, str], remarks: list[str]) -> tuple[int, int]:
    span = []
    for key, default in (("from", FIRST_YEAR), ("to", LAST_YEAR)):
        word = params.get(key)
        year = int(word) if word and word.isascii() and word.isdigit() and len(word) == 4 else None
        if word and (year is None or not FIRST_YEAR <= year <= LAST_YEAR):
            remarks.append(
                f"地址中的年份“{clipped(word)}”不合适，应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间，已略去"
            )
            year = None
        span.append(default if year is None else year)
    if span[0] > span[1]:
        remarks.append(f"地址中的时期 {span[0]}–{span[1]} 颠倒，已略去")
        return FIRST_YEAR, LAST_YEAR
    return span[0], span[1]


def _yi(word: str | None, remarks: list[str]) -> float | None:
    if not word:
        return None
    try:
        value = float(word)
    except ValueError:
        value = -1.0
    if 0 <= value <= MOST_YI:
        return value
    remarks.append(
        f"地址中的总投资“{clipped(word)}”不合适，应为 0 至 {MOST_YI:,.0f} 之间的亿元数，已略去"
    )
    return None
