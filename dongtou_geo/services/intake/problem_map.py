"""A drawing of the file's outlines by what is wrong with them, over the ledger's."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.domain.problem import Severity
from dongtou_geo.frames.district import DISTRICT
from dongtou_geo.services.intake.examine import Examined

# More than a screen can tell apart; problems are drawn before what is right.
MOST_DRAWN = 3_000
WIDTH, HEIGHT = 560.0, 340.0
_MARGIN = 12.0


@dataclass(frozen=True, slots=True)
class Shape:
    """One outline of the drawing.

    Parameters
    ----------
    path : str
        SVG path.
    kind : str
        ``error``, ``warning``, ``before`` (as it came, before mending) or ``fine``.
    title : str
        Number and worst message.
    """

    path: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class ProblemMap:
    """The drawing.

    Parameters
    ----------
    shapes : list of Shape
        Those with problems last, on top.
    left_out : int
        Outlines that were not drawn, because there are too many.
    counts : dict of str to int
        Outlines by kind.
    """

    shapes: list[Shape]
    left_out: int
    counts: dict[str, int]


def problem_map(examined: Examined) -> ProblemMap | None:
    """Draw a file's outlines.

    Parameters
    ----------
    examined : Examined
        The file.

    Returns
    -------
    ProblemMap or None
        None where there is nothing to draw.
    """
    outlines, asked = _drawable(examined)
    rows = np.flatnonzero(~shapely.is_missing(outlines))
    if not len(rows):
        return None
    worst = _worst(examined)
    order = sorted(rows.tolist(), key=lambda row: worst.get(row, (2, ""))[0])
    drawn = order[:MOST_DRAWN][::-1]
    project = _projection(outlines[drawn])
    names = {0: "error", 1: "warning", 2: "fine"}
    shapes = []
    for row in drawn:
        weight, message = worst.get(row, (2, ""))
        kind = "before" if row in asked else names[weight]
        number = (
            examined.arrival.values.numbers[row] or f"第 {examined.arrived.row_numbers[row]} 行"
        )
        shapes.append(Shape(_path(project(outlines[row])), kind, f"{number} {message}".strip()))
    counts = dict.fromkeys(names.values(), 0)
    for row in rows.tolist():
        counts[names[worst.get(row, (2, ""))[0]]] += 1
    return ProblemMap(shapes, len(rows) - len(drawn), counts)


def _drawable(examined: Examined) -> tuple[NDArray[np.object_], set[int]]:
    """Return the outlines to draw, mended and refused ones as they came: the fault is to be seen."""
    placed, outlines = examined.placed, examined.placed.outlines.copy()
    for row, outline in placed.before.items():
        outlines[row] = outline
    district = shapely.box(*DISTRICT)
    for row, outline in placed.refused.items():
        there = np.isfinite(shapely.get_coordinates(outline)).all()
        if there and shapely.contains_properly(district, shapely.envelope(outline)):
            outlines[row] = outline
    return outlines, set(placed.before)


def _worst(examined: Examined) -> dict[int, tuple[int, str]]:
    """Return each row's weightiest finding: 0 error, 1 warning."""
    position = {int(number): at for at, number in enumerate(examined.arrived.row_numbers)}
    weights = {Severity.ERROR: 0, Severity.WARNING: 1}
    worst: dict[int, tuple[int, str]] = {}
    for problem in examined.problems:
        if problem.row is None or problem.severity not in weights:
            continue
        row, found = position[problem.row], (weights[problem.severity], problem.message)
        worst[row] = min(worst.get(row, found), found)
    return worst


class _projection:  # noqa: N801 - called like a function
    """Fit lon/lat into the drawing."""

    def __init__(self, outlines: NDArray[np.object_]) -> None:
        west, south, east, north = shapely.total_bounds(outlines)
        self.squeeze = cos(radians((south + north) / 2.0))
        wide, high = max((east - west) * self.squeeze, 1e-9), max(north - south, 1e-9)
        self.scale = min((WIDTH - 2 * _MARGIN) / wide, (HEIGHT - 2 * _MARGIN) / high)
        self.x = WIDTH / 2 - (west + east) / 2 * self.squeeze * self.scale
        self.y = HEIGHT / 2 + (south + north) / 2 * self.scale

    def __call__(self, outline: shapely.Geometry) -> shapely.Geometry:
        moved = shapely.transform(
            outline,
            lambda xy: np.column_stack(
                [
                    xy[:, 0] * self.squeeze * self.scale + self.x,
                    self.y - xy[:, 1] * self.scale,
                ]
            ),
        )
        return (
            shapely.simplify(moved, 0.2, preserve_topology=False)
            if shapely.is_valid(moved)
            else moved
        )


def _path(outline: shapely.Geometry) -> str:
    parts = []
    for ring in shapely.get_rings(shapely.get_parts(outline)):
        points = [f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)]
        parts.append("M" + "L".join(points) + "Z")
    return "".join(parts)
