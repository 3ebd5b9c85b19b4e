"""项目类别: the groups of the 43 projects, as 表4 and the annex print them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProjectGroup:
    """One line of 表4 with the annex's own sum beside it.

    Parameters
    ----------
    id : str
        implement, invite, infrastructure, total, or a subgroup of implement.
    parent_id : str or None
        The group that it is part of.
    name : str
        As printed.
    project_count : int
        Number of projects.
    table4_total_yi, table4_plan_yi : float
        Total and 十三五 investment in 亿元, as 表4 prints them.
    annex_total_wan, annex_plan_wan : float or None
        The same in 万元, as the annex prints them; None where it prints no sum.
    source_ref : str
        Where it stands.
    note : str or None
        Own short words.
    """

    id: str
    parent_id: str | None
    name: str
    project_count: int
    table4_total_yi: float
    table4_plan_yi: float
    annex_total_wan: float | None
    annex_plan_wan: float | None
    source_ref: str
    note: str | None
