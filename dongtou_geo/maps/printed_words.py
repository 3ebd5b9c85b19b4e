"""Figures as they are written on paper and in one-file maps; nothing recorded is 未填报, never 0."""

from __future__ import annotations

from dongtou_geo.domain.progress import Progress
from dongtou_geo.domain.written import UNKNOWN, goal, mu, percent


def own_mu(row: Progress, value: float | None) -> str:
    """Write an area of a row, or 未填报 where nothing at all is recorded.

    Parameters
    ----------
    row : Progress
        The park's or zone's row.
    value : float or None
        亩.
    """
    return UNKNOWN if row.recorded_mu == 0 else mu(value)


def rate(row: Progress) -> str:
    """Write 投产率(规划口径); a dash where there is no planned area to divide by.

    Parameters
    ----------
    row : Progress
        The park's, the zone's or 园区外's row.
    """
    return "—" if row.planned_mu is None else percent(row.rate)


def verdict(row: Progress) -> str:
    """Write how a park stands; only parks have targets.

    Parameters
    ----------
    row : Progress
        Any row.
    """
    is_park = row.id is not None and row.id != row.zone_id
    return row.verdict.label if is_park else "—"


def one_figure(row: Progress, silent: tuple[int, float] | None = None) -> str:
    """Write a place's rate with its denominator and target, or that nothing is recorded.

    Parameters
    ----------
    row : Progress
        The place's row.
    silent : tuple of (int, float), optional
        How many of a zone's platforms are 未填报, and their planned 亩.
    """
    planned = f"规划 {mu(row.planned_mu)} 亩"
    if row.rate is None:
        return f"{planned} · 未填报"
    words = f"投产 {percent(row.rate)}（{mu(row.in_production_mu)} / {planned}）"
    if row.target_rate is not None:
        words += f" · 目标 {goal(row.target_rate)}"
    if silent and silent[0]:
        words += f" · 其中 {silent[0]} 个平台（{mu(silent[1])} 亩）未填报，仍计入分母"
    return words
