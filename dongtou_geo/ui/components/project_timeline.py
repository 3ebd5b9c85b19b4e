"""The small timeline of a project: its period in the plan, what is known of it, and the day shown."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date

from dongtou_geo.domain.project_event import PROJECT_STATUSES, ProjectLine
from dongtou_geo.services.project_filter import FIRST_YEAR, LAST_YEAR
from dongtou_geo.services.projects import ProjectRow

YEARS = LAST_YEAR - FIRST_YEAR + 1
# The plan's own five years are shaded behind every bar.
PLAN_YEARS = (2016, 2020)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something known of the project, in percent of the axis.

    Parameters
    ----------
    left : float
        Where its last possible day lies.
    words : str
        What it is, when, and by whose word.
    """

    left: float
    words: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """One project's bar on the axis from 2012 to 2025, in percent of the axis.

    Parameters
    ----------
    left, width : float
        The period of the annex, first day of its first year to last day of its last.
    marks : tuple of Mark
        What counts by the day shown.
    now : float or None
        The day shown; None where it lies beyond the axis.
    words : str
        All of it, for whoever cannot see it.
    """

    left: float
    width: float
    marks: tuple[Mark, ...]
    now: float | None
    words: str


def timeline(row: ProjectRow, as_of: date) -> Timeline:
    """Return a project's bar.

    Parameters
    ----------
    row : ProjectRow
        The project.
    as_of : date
        The day shown.
    """
    project = row.project
    start, end = share(date(project.start_year, 1, 1)), share(date(project.end_year + 1, 1, 1))
    lines: list[ProjectLine] = [
        *(report for report in row.reports if report.counts),
        *(event for event in row.standing if event.kind in PROJECT_STATUSES),
    ]
    told = [line for line in lines if line.happened.latest <= as_of]
    marks = tuple(
        Mark(
            share(line.happened.latest),
            f"{line.kind.label} {line.happened.text}，{line.source_text}",
        )
        for line in told
        if FIRST_YEAR <= line.happened.latest.year <= LAST_YEAR
    )
    words = "；".join(
        [f"建设期 {project.start_year}–{project.end_year}", *(mark.words for mark in marks)]
    )
    return Timeline(start, end - start, marks, now(as_of), words)


def now(as_of: date) -> float | None:
    """Return where a day lies on the axis, or None beyond it.

    Parameters
    ----------
    as_of : date
        The day.
    """
    return share(as_of) if FIRST_YEAR <= as_of.year <= LAST_YEAR else None


def share(day: date) -> float:
    """Return where a day lies on the axis, in percent.

    Parameters
    ----------
    day : date
        Any day.
    """
    length = 366 if isleap(day.year) else 365
    into = (day - date(day.year, 1, 1)).days / length
    return round((day.year - FIRST_YEAR + into) / YEARS * 100, 2)
