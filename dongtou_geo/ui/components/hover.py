"""The one figure that hovering a place shows, and where it comes from."""

from __future__ import annotations

from datetime import date

from dongtou_geo.domain.progress import LedgerStamp, Progress
from dongtou_geo.domain.written import goal, mu, percent


def one_figure(row: Progress, silent: tuple[int, float] | None = None) -> str:
    """Return a place's rate with its denominator and target, or that nothing is recorded.

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
    if silent:
        words += f" · 其中 {silent[0]} 个平台（{mu(silent[1])} 亩）未填报"
    return words


def source(stamp: LedgerStamp, as_of: date) -> str:
    """Return the date and the ledger that the figures come from.

    Parameters
    ----------
    stamp : LedgerStamp
        The ledger.
    as_of : date
        The day shown.
    """
    ledger = "示例台账" if stamp.sample else "台账" if stamp.ledger_version else "无台账"
    return f"截至 {as_of} · {ledger}"
