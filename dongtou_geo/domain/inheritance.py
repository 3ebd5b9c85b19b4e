"""What children take over from their parents in a split or merge: land, state, register entry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from dongtou_geo.domain.account import AREA_TOLERANCE_M2, ParcelState
from dongtou_geo.domain.event import Opening
from dongtou_geo.domain.parcel import AreaBasis, Parcel
from dongtou_geo.domain.units import m2_to_mu

# A line drawn a little off changes an area a little; more than this is a wrong figure.
AREA_SHARE = 0.10
LONGEST_TEXT = 500

# Figures of the whole parent, of which each child has its part.
_SHARED = (
    "ledger_area_mu",
    "contract_area_mu",
    "title_area_mu",
    "area_started_m2",
    "total_investment_wan",
    "invested_wan",
)


@dataclass(frozen=True, slots=True)
class Child:
    """A parcel that a split or merge makes.

    Parameters
    ----------
    parcel_no : str
        Its new number.
    area_m2 : float
        Its counted area.
    geometry_wkb : bytes or None
        Its outline, EPSG:4490 lon/lat; None = 未落图.
    producing_m2, stopped_m2 : float or None
        Its part of what produces, and of what produced and was stopped; None = by area.
    """

    parcel_no: str
    area_m2: float
    geometry_wkb: bytes | None = None
    producing_m2: float | None = None
    stopped_m2: float | None = None


def whole_of(states: Sequence[ParcelState]) -> ParcelState:
    """Return the state of several parcels taken as one.

    Parameters
    ----------
    states : sequence of ParcelState
        All of one park and stage.
    """
    return replace(
        states[0],
        area_m2=math.fsum(state.area_m2 for state in states),
        producing_m2=math.fsum(state.producing_m2 for state in states),
        stopped_m2=math.fsum(state.stopped_m2 for state in states),
    )


def area_problem(what: str, whole_m2: float, children: Sequence[Child]) -> str | None:
    """Say that the children's areas do not fit, or return None.

    Parameters
    ----------
    what : str
        分割 or 合并.
    whole_m2 : float
        The parents' area.
    children : sequence of Child
        With sound areas.

    Notes
    -----
    A difference up to ``AREA_SHARE`` is allowed: beyond 1 m2 it is posted to 面积调整.
    """
    total_m2 = math.fsum(child.area_m2 for child in children)
    if abs(total_m2 - whole_m2) <= AREA_SHARE * whole_m2:
        return None
    return (
        f"{what}后的面积不符：{what}后合计 {total_m2:.2f} m²，{what}前 {whole_m2:.2f} m²，"
        f"相差 {total_m2 / whole_m2 - 1:+.1%}，应不超过 {AREA_SHARE:.0%}；"
        f"请核对面积，或先记“重绘”更正{what}前的面积"
    )


def openings(whole: ParcelState, children: Sequence[Child]) -> list[Opening]:
    """Share out a state: where each child stands from its first day.

    Parameters
    ----------
    whole : ParcelState
        The parent, or all parents as one.
    children : sequence of Child
        With sound areas.

    Notes
    -----
    Used whole, it stays used whole, as in a redraw: a new survey changes the figure, not the plant.
    """
    producing_m2, stopped_m2 = _carried(whole, math.fsum(child.area_m2 for child in children))
    producing = _portions(producing_m2, children, [child.producing_m2 for child in children])
    stopped = _portions(stopped_m2, children, [child.stopped_m2 for child in children])
    return [
        Opening(whole.stage, own_m2, idle_m2, whole.halted)
        for own_m2, idle_m2 in zip(producing, stopped, strict=True)
    ]


def opening_problems(
    whole: ParcelState, children: Sequence[Child], shared: Sequence[Opening]
) -> list[str]:
    """Name every child that holds more than it can, and sums that differ from the parents'.

    Parameters
    ----------
    whole : ParcelState
        The parent, or all parents as one.
    children : sequence of Child
        The children.
    shared : sequence of Opening
        As ``openings`` gave them.

    Returns
    -------
    list of str
        Chinese sentences.
    """
    carried = _carried(whole, math.fsum(child.area_m2 for child in children))
    sums = (
        math.fsum(opening.producing_m2 for opening in shared),
        math.fsum(opening.stopped_m2 for opening in shared),
    )
    limit_m2 = AREA_TOLERANCE_M2 * len(children)
    problems = []
    for word, had_m2, sum_m2 in zip(("投产", "停产"), carried, sums, strict=True):
        if not abs(sum_m2 - had_m2) <= limit_m2:
            problems.append(
                f"各地块的{word}面积合计 {sum_m2:.2f} m²，应等于原有的 {had_m2:.2f} m²；"
                f"{word}面积另有变化的，请另记一条"
            )
    for child, opening in zip(children, shared, strict=True):
        parts = (opening.producing_m2, opening.stopped_m2)
        if not (min(parts) >= 0 and sum(parts) <= child.area_m2 + AREA_TOLERANCE_M2):
            problems.append(
                f"地块 {child.parcel_no} 的投产面积 {parts[0]:.2f} m²、停产面积 {parts[1]:.2f} m²"
                f" 无效，应不小于 0，合计不大于地块面积 {child.area_m2:.2f} m²"
            )
    return problems


def taken_over(areas_m2: Sequence[float], child_m2: float) -> list[float]:
    """Return each parent's share of the child's area; the shares sum to it.

    Parameters
    ----------
    areas_m2 : sequence of float
        The parents' areas.
    child_m2 : float
        The child's area.

    Notes
    -----
    Shares follow the area. Where a parent's part of the difference would fall under the tolerance
    and be lost to the books, the largest parent takes all of it.
    """
    whole_m2 = math.fsum(areas_m2)
    differs_m2 = child_m2 - whole_m2
    shares = [area / whole_m2 * child_m2 for area in areas_m2]
    parts = [abs(share - area) for share, area in zip(shares, areas_m2, strict=True)]
    if abs(differs_m2) <= AREA_TOLERANCE_M2 or min(parts) > AREA_TOLERANCE_M2:
        return shares
    largest = max(range(len(areas_m2)), key=lambda index: areas_m2[index])
    return [area + (differs_m2 if i == largest else 0.0) for i, area in enumerate(areas_m2)]


def heir(parents: Sequence[Parcel], child: Child, share: float) -> Parcel:
    """Return a child's register entry.

    Parameters
    ----------
    parents : sequence of Parcel
        One for a split, all for a merge; all of one origin.
    child : Child
        The child.
    share : float
        Its share of the parents' figures; 1 for a merge.

    Returns
    -------
    Parcel
        What the parents agree on is kept; names and numbers on which they differ are listed,
        dates on which they differ are left open.
    """
    kept: dict[str, Any] = {
        field.name: _agreed([getattr(parent, field.name) for parent in parents])
        for field in fields(Parcel)
        if field.name not in {"parcel_no", "area_basis", "geometry_wkb", *_SHARED}
    }
    for name in _SHARED:
        figures = [getattr(parent, name) for parent in parents]
        kept[name] = None if None in figures else math.fsum(figures) * share
    drawn = child.geometry_wkb is not None
    if not drawn:
        kept["ledger_area_mu"] = m2_to_mu(child.area_m2)
    return Parcel(
        parcel_no=child.parcel_no,
        area_basis=AreaBasis.DRAWN if drawn else AreaBasis.LEDGER,
        geometry_wkb=child.geometry_wkb,
        **kept,
    )


def _agreed(values: Sequence[object]) -> object:
    distinct = list(dict.fromkeys(value for value in values if value is not None))
    if len(distinct) == 1:
        # A date that only one parent agreed on binds that part, not the whole.
        return None if isinstance(distinct[0], date) and None in values else distinct[0]
    texts = [value for value in distinct if isinstance(value, str)]
    return "、".join(texts)[:LONGEST_TEXT] if texts and len(texts) == len(distinct) else None


def _carried(whole: ParcelState, total_m2: float) -> tuple[float, float]:
    """Return what goes on producing, and stopped, where the land is measured anew."""
    used_m2 = whole.producing_m2 + whole.stopped_m2
    if whole.area_m2 - used_m2 <= min(AREA_TOLERANCE_M2, whole.area_m2 / 100):
        scale = total_m2 / whole.area_m2
        return whole.producing_m2 * scale, whole.stopped_m2 * scale
    producing_m2 = min(whole.producing_m2, total_m2)
    return producing_m2, min(whole.stopped_m2, total_m2 - producing_m2)


def _portions(
    total_m2: float, children: Sequence[Child], given: Sequence[float | None]
) -> list[float]:
    """Give each child what it was given; the rest goes to the others by area."""
    # Given more than there is, the others have none; the sum then does not fit, and is refused.
    rest_m2 = max(0.0, total_m2 - math.fsum(part for part in given if part is not None))
    pairs = list(zip(children, given, strict=True))
    open_m2 = math.fsum(child.area_m2 for child, part in pairs if part is None)
    return [rest_m2 * (child.area_m2 / open_m2) if part is None else part for child, part in pairs]
