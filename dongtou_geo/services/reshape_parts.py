"""The children that a clerk's words describe: by a line, by areas, or all parents together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import shapely

from dongtou_geo.domain.account import state_on
from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.event import standing
from dongtou_geo.domain.inheritance import Child
from dongtou_geo.errors import EventError
from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.partition import cut_by_line
from dongtou_geo.store.ledger import Ledger


def split_parts(
    ledger: Ledger,
    parcel_no: str,
    children: Sequence[tuple[str, float | None]],
    line: Sequence[tuple[float, float]] | None,
) -> list[Child]:
    """Return the children that a split by a line, or by areas, makes.

    Parameters
    ----------
    ledger : Ledger
        Where the parent is.
    parcel_no : str
        The parent.
    children : sequence of (str, float or None)
        New numbers from west to east, each with its area in m2; None = of its outline.
    line : sequence of (float, float), optional
        Lon/lat, EPSG:4490; None = the parent has no outline.

    Raises
    ------
    EventError
        If the numbers do not fit the parts, or an area is wanting.
    """
    if line is None:
        without = [number for number, area in children if area is None]
        if without:
            msg = f"没有分割线，须写明每块的面积；{'、'.join(without)} 没有写"
            raise EventError(msg)
        return [Child(number, area or 0.0) for number, area in children]
    with ledger.reading() as snapshot:
        parcel = snapshot.parcel(parcel_no)
    if parcel is None or parcel.geometry_wkb is None:
        msg = f"台账里没有地块 {parcel_no} 的图形，不能按线分割"
        raise EventError(msg)
    outlines = cut_by_line(parcel.geometry_wkb, line)
    if len(outlines) != len(children):
        msg = f"分割线把地块 {parcel_no} 分成 {len(outlines)} 块，新编号有 {len(children)} 个，应一样多"
        raise EventError(msg)
    drawn_m2 = area_m2(shapely.from_wkb(outlines))
    return [
        Child(number, float(drawn) if area is None else area, outline)
        for (number, area), drawn, outline in zip(children, drawn_m2, outlines, strict=True)
    ]


def merged_child(
    ledger: Ledger, parcel_nos: Sequence[str], new_no: str, on: date, whole_m2: float | None
) -> Child:
    """Return the child of a merge, with its parents' areas summed unless one is given.

    Parameters
    ----------
    ledger : Ledger
        Where the parents are.
    parcel_nos : sequence of str
        The parents.
    new_no : str
        The child's number.
    on : date
        The day of the merge.
    whole_m2 : float or None
        Its area, m2.
    """
    if whole_m2 is not None:
        return Child(new_no, whole_m2)
    with ledger.reading() as snapshot:
        lines = events_by_parcel(snapshot.events(list(parcel_nos)))
    states = [state_on(standing(own), on) for own in lines.values()]
    return Child(new_no, math.fsum(state.area_m2 for state in states if state is not None))
