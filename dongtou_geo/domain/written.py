"""Figures the one way they are written, on screen, paper and slides; nothing recorded is 未填报."""

from __future__ import annotations

from datetime import date, datetime

from dongtou_geo.domain.day import SHANGHAI

UNKNOWN = "未填报"


def mu(value: float | None) -> str:
    """Write an area in 亩: thousands separated, one decimal, no unit.

    Parameters
    ----------
    value : float or None
        亩; None = nothing recorded.
    """
    return UNKNOWN if value is None else f"{value:,.1f}"


def percent(value: float | None) -> str:
    """Write a fraction as a percentage with one decimal.

    Parameters
    ----------
    value : float or None
        A fraction; None = nothing recorded.
    """
    return UNKNOWN if value is None else f"{value * 100:.1f}%"


def goal(value: float | None) -> str:
    """Write a target as the plan prints it: 90%, not 90.0%.

    Parameters
    ----------
    value : float or None
        A fraction; None = no number.
    """
    return "—" if value is None else f"{value * 100:.10g}%"


def wan(value: float | None) -> str:
    """Write 万元 as the annex prints them.

    Parameters
    ----------
    value : float or None
        万元; None = 待定.
    """
    return "待定" if value is None else f"{value:,.10g} 万元"


def yi(value: float | None) -> str:
    """Write 万元 as 亿元 with two decimals.

    Parameters
    ----------
    value : float or None
        万元; None = 待定.
    """
    return "待定" if value is None else f"{value / 10_000:,.2f}"


def day(value: date | None) -> str:
    """Write a day, or a dash where there is none.

    Parameters
    ----------
    value : date or None
        The day.
    """
    return "—" if value is None else value.isoformat()


def plain(value: float | None) -> str:
    """Write a plan figure as printed: no decimals that the plan does not give.

    Parameters
    ----------
    value : float or None
        The figure.
    """
    return "—" if value is None else f"{value:,.10g}"


def mu2(value: float | None) -> str:
    """Write an area in 亩 to two decimals, where areas are compared.

    Parameters
    ----------
    value : float or None
        亩; None = not given.
    """
    return UNKNOWN if value is None else f"{value:,.2f}"


def moment(value: datetime) -> str:
    """Write a moment as staff here read it, to the minute.

    Parameters
    ----------
    value : datetime
        Aware moment.
    """
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
