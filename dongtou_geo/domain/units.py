"""Land units and their conversion.

Notes
-----
1 亩 = 2000/3 m2 and 1 公顷 = 15 亩, exactly (国务院关于在我国统一实行法定计量单位的命令, 1984).
"""

from __future__ import annotations

M2_PER_MU = 2000.0 / 3.0
M2_PER_HA = 10_000.0
M2_PER_KM2 = 1_000_000.0

_M2_PER_UNIT = {
    "亩": M2_PER_MU,
    "公顷": M2_PER_HA,
    "平方公里": M2_PER_KM2,
    "平方米": 1.0,
}


def m2_to_mu(area_m2: float) -> float:
    """Convert an area in m2 to 亩.

    Parameters
    ----------
    area_m2 : float
        Area in square metres.

    Returns
    -------
    float
        Area in 亩, unrounded.
    """
    # Multiply before dividing: whole 亩 come back whole (906666.666... -> 1360.0).
    return area_m2 * 3.0 / 2000.0


def mu_to_m2(area_mu: float) -> float:
    """Convert an area in 亩 to m2.

    Parameters
    ----------
    area_mu : float
        Area in 亩.

    Returns
    -------
    float
        Area in square metres, unrounded.
    """
    return area_mu * 2000.0 / 3.0


def plan_area_mu(value: float, unit: str) -> float:
    """Convert a plan figure with its printed unit to 亩.

    Parameters
    ----------
    value : float
        The figure as printed.
    unit : str
        One of 亩, 公顷, 平方公里, 平方米.

    Returns
    -------
    float
        Area in 亩.

    Raises
    ------
    ValueError
        If the unit is none of the four.
    """
    if unit not in _M2_PER_UNIT:
        known = "、".join(_M2_PER_UNIT)
        msg = f"面积单位“{unit}”无法识别，应为{known}之一"
        raise ValueError(msg)
    return value if unit == "亩" else round(m2_to_mu(value * _M2_PER_UNIT[unit]), 6)
