"""Names on a plate: none lies over another, the more important one keeps its place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dongtou_geo.maps.plate_parts import Box, Floats, Point

GAP_PX = 3.0
EDGE_PX = 4.0
LINE_HEIGHT = 1.25
# Latin letters and digits of the stack are somewhat narrower than this.
NARROW = 0.6
# With so many names none is carried to the side on a leader, or none beside its mark at all.
MOST_WITH_LEADER = 60
MOST_BESIDE = 240
LEADERS_PX = (20.0, 38.0, 60.0, 86.0)
DIRECTIONS: tuple[Point, ...] = (
    *((0, 1), (0, -1), (1, 0), (-1, 0)),
    *((0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7)),
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name to be written.

    Parameters
    ----------
    text : str
        The words.
    size, spacing : float
        Pixels.
    colour : str
        Of the letters.
    rank : int
        The smaller goes first.
    at : (x, y)
        Where it should stand best, px.
    mark : Box
        What it names.
    inside : shapely geometry or None
        The outline, px, if the name may stand within it.
    select : str or None
        What a click on the name tells.
    """

    text: str
    size: float
    spacing: float
    colour: str
    rank: int
    at: Point
    mark: Box
    inside: BaseGeometry | None
    select: str | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A name in its place, and the line that leads to it if it stands aside."""

    name: Name
    box: Box
    leader: tuple[Point, Point] | None = None


def text_width(text: str, size: float, spacing: float) -> float:
    """Return how wide a text is at most, px.

    Parameters
    ----------
    text : str
        The words.
    size, spacing : float
        Pixels.
    """
    wide = sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else NARROW for c in text)
    return wide * size + spacing * max(len(text) - 1, 0)


def place(names: list[Name], taken: list[Box], width: float, height: float) -> list[Placed]:
    """Find room for names.

    Parameters
    ----------
    names : list of Name
        In any order.
    taken : list of Box
        Where nothing may be written: circles, scale bar, arrow.
    width, height : float
        The paper, px.

    Returns
    -------
    list of Placed
        Without the names that have no room.
    """
    room = _Room(taken, names, width, height)
    placed = []
    for name in sorted(names, key=lambda n: n.rank):
        found = room.find(name)
        if found is not None:
            placed.append(found)
            room.take(found)
    return placed


class _Room:
    """Which of the paper is free."""

    def __init__(self, taken: list[Box], names: list[Name], width: float, height: float) -> None:
        self._taken = np.array(taken, dtype=float).reshape(-1, 4)
        self._width, self._height = width, height
        self._many = len(names)
        # What a name stands over would seem to be named by it; a large area does not mind.
        small = [n.mark for n in names if _area(n.mark) < width * height / 12]
        self._marks = (
            np.array(small, dtype=float).reshape(-1, 4)
            if self._many <= MOST_BESIDE
            else np.empty((0, 4))
        )

    def find(self, name: Name) -> Placed | None:
        """Return the best free place: within its outline, else clear of other marks, else any."""
        within = [each for each in self._within(name) if self._is_free(each)]
        outside = [each for each in self._outside(name) if self._is_free(each)]
        foreign = self._foreign(name)
        for some in (within, outside):
            clear = (each for each in some if not _hits(foreign, each.box, 0.0))
            found = next(clear, some[0] if some is within and some else None)
            if found is not None:
                return found
        return outside[0] if outside else None

    def take(self, placed: Placed) -> None:
        """Keep a place from all later names."""
        boxes = [placed.box, *(_steps(placed.leader) if placed.leader else ())]
        self._taken = np.vstack([self._taken, np.array(boxes, dtype=float)])

    def _is_free(self, each: Placed) -> bool:
        box = each.box
        if box.left < EDGE_PX or box.top < EDGE_PX:
            return False
        if box.right > self._width - EDGE_PX or box.bottom > self._height - EDGE_PX:
            return False
        steps = _steps(each.leader) if each.leader else []
        return not any(_hits(self._taken, one, GAP_PX) for one in (box, *steps))

    def _foreign(self, name: Name) -> Floats:
        """Return the marks of others; one that the own mark lies in does not mind the name."""
        left, top, right, bottom = name.mark
        around = (
            (self._marks[:, 0] <= left + 1)
            & (self._marks[:, 1] <= top + 1)
            & (self._marks[:, 2] >= right - 1)
            & (self._marks[:, 3] >= bottom - 1)
        )
        return self._marks[~around]

    def _outside(self, name: Name) -> Iterator[Placed]:
        if self._many > MOST_BESIDE:
            return
        wide, high, mark = *_size(name), name.mark
        x, y = (mark.left + mark.right) / 2, (mark.top + mark.bottom) / 2
        aside = (mark.right - mark.left) / 2 + wide / 2 + 5
        above = (mark.bottom - mark.top) / 2 + high / 2 + 4
        for right, down in DIRECTIONS[:4]:
            yield Placed(name, _around(x + right * aside, y + down * above, wide, high))
        if self._many > MOST_WITH_LEADER:
            return
        for far in LEADERS_PX:
            for right, down in DIRECTIONS:
                box = _around(x + right * (aside + far), y + down * (above + far), wide, high)
                yield Placed(name, box, leader=_leader(mark, box))

    def _within(self, name: Name) -> Iterator[Placed]:
        """Yield places inside the outline, those near the wished one first."""
        wide, high = _size(name)
        left, top, right, bottom = name.mark
        if name.inside is None or right - left < wide or bottom - top < high:
            return
        spots = np.array([name.at])
        if self._many <= MOST_BESIDE:
            grid = _grid(name.mark, wide, high)
            near = np.hypot(grid[:, 0] - name.at[0], grid[:, 1] - name.at[1])
            spots = np.vstack([spots, grid[np.argsort(near, kind="stable")]])
        boxes = [_around(float(x), float(y), wide, high) for x, y in spots]
        shapely.prepare(name.inside)
        # The corners of a line of type may stand out a little: it still reads as inside.
        cores = [
            _around((b.left + b.right) / 2, (b.top + b.bottom) / 2, wide * 0.8, high * 0.6)
            for b in boxes
        ]
        fits = shapely.contains(name.inside, shapely.box(*np.array(cores).T))
        yield from (Placed(name, box) for box, fit in zip(boxes, fits, strict=True) if fit)


def _size(name: Name) -> tuple[float, float]:
    return text_width(name.text, name.size, name.spacing), name.size * LINE_HEIGHT


def _grid(box: Box, wide: float, high: float) -> Floats:
    """Return middles over a box, a quarter name apart and never more than 20 x 20."""
    across = int(np.clip((box.right - box.left) / (wide / 4), 2, 20))
    down = int(np.clip((box.bottom - box.top) / (high / 2), 2, 20))
    x = np.linspace(box.left + wide / 2, box.right - wide / 2, across)
    y = np.linspace(box.top + high / 2, box.bottom - high / 2, down)
    return np.column_stack([np.tile(x, down), np.repeat(y, across)])


def _around(x: float, y: float, wide: float, high: float) -> Box:
    return Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def _hits(boxes: Floats, box: Box, gap: float) -> bool:
    return bool(
        np.any(
            (boxes[:, 0] < box.right + gap)
            & (boxes[:, 2] > box.left - gap)
            & (boxes[:, 1] < box.bottom + gap)
            & (boxes[:, 3] > box.top - gap)
        )
    )


def _leader(mark: Box, box: Box) -> tuple[Point, Point]:
    """Run from the edge of a mark, a little off it, to the nearest edge of the name."""
    middle = ((mark.left + mark.right) / 2, (mark.top + mark.bottom) / 2)
    end = _nearest(box, middle)
    edge = _nearest(mark, end)
    long = max(float(np.hypot(end[0] - edge[0], end[1] - edge[1])), 1.0)
    off = min((GAP_PX + 1.5) / long, 1.0)
    start = (edge[0] + (end[0] - edge[0]) * off, edge[1] + (end[1] - edge[1]) * off)
    return start, end


def _nearest(box: Box, point: Point) -> Point:
    return (
        float(np.clip(point[0], box.left, box.right)),
        float(np.clip(point[1], box.top, box.bottom)),
    )


def _steps(leader: tuple[Point, Point]) -> list[Box]:
    """Small boxes along a leader, its end at the name left out."""
    (x0, y0), (x1, y1) = leader
    parts = [step / 8 for step in range(8)]
    return [_around(x0 + (x1 - x0) * part, y0 + (y1 - y0) * part, 1.0, 1.0) for part in parts]
