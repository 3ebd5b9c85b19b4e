"""Projects on a printed map: circles by group and investment, each with its number of the annex.

Notes
-----
A place that the plan does not state, or that must not be shown, is no place: those projects stand
in rows under their zone's name, dashed, as on the screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, hypot, radians, sin, sqrt
from typing import Any

from dongtou_geo.catalog.features import FeatureRecord
from dongtou_geo.catalog.layers import Layer
from dongtou_geo.maps.payload import RADIUS_PER_ROOT_WAN, SMALLEST_RADIUS, STATED_PLACES
from dongtou_geo.maps.printed_ground import LINE, View, point_in_metres
from dongtou_geo.maps.printed_labels import LabelBoard
from dongtou_geo.maps.printed_page import MM_PER_PX, PT_PER_MM, Box, Page

# Screen pixels to millimetres on A4; the same for all circles, so that the legend's words hold.
_MM_PER_PX = MM_PER_PX * 0.9
_GAP = 0.5
_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Spot:
    """One circle, mm on the page."""

    no: int
    group: str
    stated: bool
    zone_id: str | None
    x: float
    y: float
    radius: float

    @property
    def box(self) -> Box:
        """Return the room it takes."""
        return Box(self.x - self.radius, self.y - self.radius, 2 * self.radius, 2 * self.radius)


def stated_spots(records: Sequence[FeatureRecord], page: Page, view: View) -> list[Spot]:
    """Return the circles of the projects whose place the plan states and that may be shown there.

    Parameters
    ----------
    records : sequence of FeatureRecord
        Of the projects' dataset; those without a point are left out.
    page : Page
        The sheet.
    view : View
        What is seen.

    Returns
    -------
    list of Spot
        Largest first, so that none hides a smaller one.
    """
    found = [spot for spot in _all(records, page, view) if spot.stated]
    return sorted(_apart(found), key=lambda spot: (-spot.radius, spot.no))


def other_spots(
    records: Sequence[FeatureRecord], page: Page, view: View, under: Mapping[str, Box]
) -> list[Spot]:
    """Return the other circles, set under their zones' names.

    Parameters
    ----------
    records : sequence of FeatureRecord
        Of the projects' dataset.
    page : Page
        The sheet.
    view : View
        What is seen.
    under : mapping of str to Box
        Where each zone's name stands; a zone without one is not seen.
    """
    found = [spot for spot in _all(records, page, view) if not spot.stated]
    placed: list[Spot] = []
    for zone_id, name in under.items():
        own = [spot for spot in found if spot.zone_id == zone_id]
        placed += _lined_up(own, name.x + name.width / 2, name.foot + 0.8 * page.unit)
    return placed


def draw_spots(
    spots: Sequence[Spot], layer: Layer, page: Page, view: View, board: LabelBoard
) -> int:
    """Draw circles with their numbers and keep names off them; return how many are seen.

    Parameters
    ----------
    spots : sequence of Spot
        Largest first.
    layer : Layer
        The projects' layer.
    page : Page
        The sheet.
    view : View
        What is seen.
    board : LabelBoard
        Where names are placed later.
    """
    seen = [spot for spot in spots if view.frame.holds(spot.box)]
    weight = layer.style.weight * MM_PER_PX * PT_PER_MM * LINE * page.unit
    for spot in seen:
        kind = next(kind for kind in layer.classes if kind.value == spot.group)
        style: dict[str, Any] = {"facecolor": kind.fill, "edgecolor": layer.style.stroke}
        if not spot.stated:
            style = {"facecolor": "#FFFFFF", "edgecolor": kind.fill, "linestyle": (0, (2.4, 1.6))}
        page.circle(spot.x, spot.y, spot.radius, lw=weight, zorder=5, **style)
        # Two figures fit into the smallest circle.
        size = min(8.0, 3.4 * spot.radius / (SMALLEST_RADIUS * _MM_PER_PX * page.unit))
        ink = "#FFFFFF" if spot.stated else kind.fill
        page.text(spot.x, spot.y, str(spot.no), size, bold=True, color=ink, align="center")
        board.block(spot.box)
    return len(seen)


def _all(records: Sequence[FeatureRecord], page: Page, view: View) -> list[Spot]:
    return [_spot(record, page, view) for record in records if record.geometry is not None]


def _spot(record: FeatureRecord, page: Page, view: View) -> Spot:
    assert record.geometry is not None
    lon, lat = record.geometry["coordinates"]
    x, y = view.on_page(*point_in_metres(lon, lat))
    wan = record.number_or_none("total_investment_wan") or 0.0
    radius_px = max(SMALLEST_RADIUS, RADIUS_PER_ROOT_WAN * sqrt(wan))
    return Spot(
        no=record.integer("no"),
        group=record.text("group"),
        stated=record.text("location_basis") in STATED_PLACES and not record.flag("sensitive"),
        zone_id=record.text_or_none("zone_id"),
        x=x,
        y=y,
        radius=radius_px * _MM_PER_PX * page.unit,
    )


def _apart(given: list[Spot]) -> list[Spot]:
    """Push circles that overlap apart: each is where the plan says to a few hundred metres."""
    spots = sorted(given, key=lambda spot: spot.no)
    for _ in range(_ROUNDS):
        moved = False
        for i, first in enumerate(spots):
            for j in range(i + 1, len(spots)):
                a, b = spots[i], spots[j]
                dx, dy = b.x - a.x, b.y - a.y
                near = a.radius + b.radius + _GAP / 2 - hypot(dx, dy)
                if near <= 1e-3:
                    continue
                moved = True
                # Two on one spot part in a direction of their own.
                angle = radians(37.0 * (first.no + spots[j].no))
                length = hypot(dx, dy)
                ux, uy = (dx / length, dy / length) if length > 1e-6 else (cos(angle), sin(angle))
                # The smaller one gives way.
                share = b.radius / (a.radius + b.radius)
                spots[i] = replace(a, x=a.x - ux * near * share, y=a.y - uy * near * share)
                spots[j] = replace(
                    b, x=b.x + ux * near * (1 - share), y=b.y + uy * near * (1 - share)
                )
        if not moved:
            break
    return spots


def _lined_up(own: list[Spot], x: float, y: float) -> list[Spot]:
    """Set circles under a point, the largest first and smaller ones in columns beside it."""
    left = sorted(own, key=lambda spot: (-spot.radius, spot.no))
    columns: list[list[Spot]] = []
    while left:
        column = [left.pop(0)]
        while columns and left and _length([*column, left[0]]) <= _length(columns[0]):
            column.append(left.pop(0))
        columns.append(column)
    placed: list[Spot] = []
    at = x - _length([column[0] for column in columns]) / 2
    middle = y + (columns[0][0].radius if columns else 0.0)
    for column in columns:
        down = middle - _length(column) / 2
        for spot in column:
            placed.append(replace(spot, x=at + column[0].radius, y=down + spot.radius))
            down += 2 * spot.radius + _GAP
        at += 2 * column[0].radius + _GAP
    return placed


def _length(row: Sequence[Spot]) -> float:
    return sum(2 * spot.radius for spot in row) + _GAP * (len(row) - 1)
