"""The one figure that hovering a place shows."""

from __future__ import annotations

from dongtou_geo.domain.progress import Progress
from dongtou_geo.ui.components.render import mu, percent


def one_figure(row: Progress) -> str:
    """Return a place's rate with its denominator and target, or that nothing is recorded.

    Parameters
    ----------
    row : Progress
        The place's row.
    """
    planned = f"规划 {mu(row.planned_mu)} 亩"
    if row.rate is None:
        return f"{planned} · 未填报"
    goal = f" · 目标 {row.target_rate:.0%}" if row.target_rate is not None else ""
    return f"投产 {percent(row.rate)}（{mu(row.in_production_mu)} / {planned}）{goal}"
