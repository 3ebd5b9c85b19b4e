"""Names on a printed map: none over another, the more important one keeps its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from dongtou_geo.catalog.layers import Label
from dongtou_geo.maps.printed_ground import Shapes, View
from dongtou_geo.maps.printed_page import MM_PER_PX, PT_PER_MM, Box, Page

# Points on A4 for a CSS pixel on the screen: paper is read nearer.
PT_PER_PX = MM_PER_PX * PT_PER_MM * 0.78
GAP_MM = 0.5
# More candidates than this are not even measured: they would not fit.
MAX_NUMBERS = 4_000
# A number that does not fit is tried smaller.
NUMBER_SIZES = (1.0, 0.85, 0.7)
SMALLEST_NUMBER = 0.7


@dataclass(frozen=True, slots=True)
class Name:
    """A name that wants a place.

    Parameters
    ----------
    text : str
        What is written.
    around : Box
        What it belongs to, mm on the page.
    inside : bool
        Whether it may stand on what it belongs to.
    fixed : bool
        It stands in the middle of ``around``, or a little above or below, or nowhere.
    within : tuple of (float, float)
        Places in what it belongs to, best first, mm on the page: where that is wide enough it
        stands there or nowhere.
    """

    text: str
    around: Box
    inside: bool = True
    fixed: bool = False
    within: tuple[tuple[float, float], ...] = ()


class LabelBoard:
    """Which parts of the map are taken.

    Parameters
    ----------
    page : Page
        The sheet.
    view : View
        Names stay within its frame.
    """

    def __init__(self, page: Page, view: View) -> None:
        self._page, self._view = page, view
        self._taken: list[Box] = []
        # What must be told of the names, under the map.
        self.remarks: list[str] = []

    @property
    def taken(self) -> Sequence[Box]:
        """Return what is taken so far."""
        return tuple(self._taken)

    def block(self, box: Box) -> None:
        """Keep names off a box."""
        self._taken.append(box)

    def is_free(self, box: Box) -> bool:
        """Tell whether a box lies on the map and on nothing else that is written."""
        frame = self._view.frame
        inner = Box(frame.x + 0.6, frame.y + 0.6, frame.width - 1.2, frame.height - 1.2)
        return inner.holds(box) and not any(box.meets(other, GAP_MM) for other in self._taken)

    def size_of(self, text: str, label: Label) -> tuple[float, float]:
        """Return how wide and high a name is, mm.

        Parameters
        ----------
        text : str
            The name.
        label : Label
            How it is written.
        """
        size = label.size * PT_PER_PX
        width = self._page.text_width(text, size, bold=label.priority < 3)
        height = size * self._page.unit * 1.15 / PT_PER_MM
        return width + self._spacing(label) * (len(text) - 1), height

    def _spacing(self, label: Label) -> float:
        return label.spacing * MM_PER_PX * 0.78 * self._page.unit

    def place(self, name: Name, label: Label) -> Box | None:
        """Write a name at the first free place near what it belongs to.

        Parameters
        ----------
        name : Name
            What and where.
        label : Label
            How, as the layer's TOML says.

        Returns
        -------
        Box or None
            Where it stands; None where there was no room.
        """
        size, spacing = label.size * PT_PER_PX, self._spacing(label)
        width, height = self.size_of(name.text, label)
        for x, y in _places(name, width, height):
            box = Box(x - width / 2, y - height / 2, width, height)
            if self.is_free(box):
                self._write(name.text, box, size, label, spacing)
                self._taken.append(box)
                return box
        return None

    def numbers(self, texts: Sequence[str], shapes: Shapes, label: Label) -> int:
        """Write parcels' numbers where they fit into their parcels; return how many did.

        Parameters
        ----------
        texts : sequence of str
            One a parcel.
        shapes : ndarray of shapely geometry
            Metres of the map's projection.
        label : Label
            How.
        """
        mm, size = 1000 / self._view.denominator, label.size * PT_PER_PX * 0.8
        bounds = shapely.bounds(shapes) if len(shapes) else np.empty((0, 4))
        wide, high = (bounds[:, 2:] - bounds[:, :2]).T * mm
        # A letter is at least a third as wide as it is high.
        height = size * SMALLEST_NUMBER * self._page.unit / PT_PER_MM
        narrowest = np.fromiter((len(text) for text in texts), float, len(texts)) * height / 3
        rows = np.flatnonzero((wide > narrowest) & (high > height))[:MAX_NUMBERS]
        return sum(
            any(self._number(texts[row], shapes[row], size * part, label) for part in NUMBER_SIZES)
            for row in rows
        )

    def _number(self, text: str, shape: Any, size: float, label: Label) -> bool:
        mm = 1000 / self._view.denominator
        width = self._page.text_width(text, size)
        height = size * self._page.unit * 1.15 / PT_PER_MM
        spot = shapely.centroid(shape)
        half = (width / 2 + 0.2) / mm, height / 2 / mm
        room = shapely.box(spot.x - half[0], spot.y - half[1], spot.x + half[0], spot.y + half[1])
        x, y = self._view.on_page(spot.x, spot.y)
        box = Box(x - width / 2, y - height / 2, width, height)
        # A number that stands out of its parcel would name the neighbour.
        if not shapely.contains(shape, room) or not self.is_free(box):
            return False
        self._page.text(x, y, text, size, color=label.color, align="center", halo=True)
        self._taken.append(box)
        return True

    def _write(self, text: str, box: Box, size: float, label: Label, spacing: float) -> None:
        middle, bold = box.y + box.height / 2, label.priority < 3
        if not spacing:
            self._page.text(
                box.x, middle, text, size, bold=bold, color=label.color, halo=True
            )  # fmt: skip
            return
        x = box.x
        for sign in text:
            self._page.text(x, middle, sign, size, bold=bold, color=label.color, halo=True)
            x += self._page.text_width(sign, size, bold=bold) + spacing


def _places(name: Name, width: float, height: float) -> Iterable[tuple[float, float]]:
    """Middle first where that is allowed, then around: below, above, right, left, corners."""
    around = name.around
    x, y = around.x + around.width / 2, around.y + around.height / 2
    if name.within:
        yield from name.within
        return
    if name.fixed or (name.inside and around.width > width * 1.1 and around.height > height * 1.5):
        yield x, y
    if name.fixed:
        # A little up and down: it names a whole zone.
        yield from ((x, y + step * height) for step in (-1, 1, -2, 2))
        return
    if name.inside:
        yield from ((x, y + step * around.height / 4) for step in (-1, 1) if around.width > width)
    below, above = around.foot + height / 2 + 0.8, around.y - height / 2 - 0.8
    right, left = around.right + width / 2 + 0.9, around.x - width / 2 - 0.9
    yield from ((x, below), (x, above), (right, y), (left, y))
    yield from ((right, below), (left, below), (right, above), (left, above))
    yield from ((x + width / 2, below), (x - width / 2, below))
    yield from ((x + width / 2, above), (x - width / 2, above))


def common_start(numbers: Sequence[str]) -> str:
    """Return what parcels' numbers begin with in common, up to a dash, or nothing.

    Parameters
    ----------
    numbers : sequence of str
        Those that are seen.
    """
    if len(numbers) < 2:
        return ""
    first, last = min(numbers), max(numbers)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    dash = max(first.rfind(sign, 0, same) for sign in "-－_/ ")
    return first[: dash + 1]
