"""四种面积: drawn, ledger, contract and title area side by side; reconciled, never overwritten."""

from __future__ import annotations

from dataclasses import dataclass

from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.domain.units import m2_to_mu

TOLERANCE_SHARE = 0.01
TOLERANCE_MU = 0.2


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One of the four areas and what it differs from the one counted.

    Parameters
    ----------
    name : str
        Which area.
    mu : float or None
        亩; None = not given.
    difference_mu, difference_share : float or None
        Against the counted area; None for itself or where there is none.
    off : bool
        Beyond tolerance: more than 1 % and more than 0.2 亩 (design rule).
    """

    name: str
    mu: float | None
    difference_mu: float | None
    difference_share: float | None
    off: bool


def area_lines(parcel: Parcel, drawn_m2: float | None) -> list[AreaLine]:
    """Compare a parcel's areas with the drawn one, or with the ledger's where none is drawn.

    Parameters
    ----------
    parcel : Parcel
        Its register entry.
    drawn_m2 : float or None
        Ellipsoidal area of the outline, m2.
    """
    drawn_mu = None if drawn_m2 is None else m2_to_mu(drawn_m2)
    base = drawn_mu if drawn_mu is not None else parcel.ledger_area_mu
    named = [
        ("图形面积（椭球）", drawn_mu),
        ("台账面积", parcel.ledger_area_mu),
        ("合同面积", parcel.contract_area_mu),
        ("证载面积", parcel.title_area_mu),
    ]
    return [_line(name, mu, base) for name, mu in named]


def _line(name: str, mu: float | None, base: float | None) -> AreaLine:
    if mu is None or not base or mu is base:
        return AreaLine(name, mu, None, None, off=False)
    difference = mu - base
    share = difference / base
    off = abs(share) > TOLERANCE_SHARE and abs(difference) > TOLERANCE_MU
    return AreaLine(name, mu, difference, share, off)
