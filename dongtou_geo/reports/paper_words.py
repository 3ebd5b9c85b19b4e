"""Words and tables on paper: lines are broken here, for matplotlib breaks none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from dongtou_geo.reports.stage import (
    CELL_PAD,
    INK,
    LATE,
    LINE,
    LINE_HEIGHT,
    POINTS_PER_INCH,
    SOFT,
    Box,
    TablePart,
    Text,
    clean,
    column_head,
    column_widths,
    wrapped,
)
from dongtou_geo.services.briefing_sheet import Figure, Late, Words, plain

# From the middle of a line down to its baseline, in letters.
RISE = 0.36


class Face(Protocol):
    """A typeface that is installed."""

    def font(self, size_pt: float, *, bold: bool = False) -> FontProperties:
        """Return it in a size."""
        ...

    def legible(self, text: str) -> str:
        """Return a text whose letters it has."""
        ...


@dataclass(frozen=True, slots=True)
class Letters:
    """How words are set: face, size in points, weight and colour."""

    face: Face
    size: float
    bold: bool = False
    colour: str = INK

    @property
    def font(self) -> FontProperties:
        """Return the face in this size and weight."""
        return self.face.font(self.size, bold=self.bold)


def write(
    axes: Axes, text: str, place: tuple[float, float], letters: Letters, *, right: bool = False
) -> None:
    """Write one line.

    Parameters
    ----------
    axes : Axes
        Of the page: inches, y downwards.
    text : str
        What.
    place : tuple of float
        Where it begins, or ends, and the middle of its line.
    letters : Letters
        How.
    right : bool
        It ends there.
    """
    axes.text(
        place[0], place[1] + letters.size * RISE / POINTS_PER_INCH,
        letters.face.legible(clean(text)), fontproperties=letters.font, color=letters.colour,
        va="baseline", ha="right" if right else "left", parse_math=False,
    )  # fmt: skip


def draw_text(axes: Axes, part: Text, face: Face) -> None:
    """Draw lines of words.

    Parameters
    ----------
    axes : Axes
        Of the page: inches, y downwards.
    part : Text
        What.
    face : Face
        The typeface.
    """
    line, top = part.size * LINE_HEIGHT / POINTS_PER_INCH, part.box.top
    letters = Letters(face, part.size, part.bold, part.colour)
    for words in part.lines:
        box = Box(part.box.left, top, part.box.width, line)
        top += line * (_paragraph(axes, words, box, letters, right=part.right) + part.space)


def draw_table(axes: Axes, part: TablePart, face: Face) -> None:
    """Draw a table with its thin rules.

    Parameters
    ----------
    axes : Axes
        Of the page: inches, y downwards.
    part : TablePart
        What.
    face : Face
        The typeface.
    """
    box, table = part.box, part.table
    heads: list[tuple[Words, ...]] = [tuple((column_head(c),) for c in table.columns)]
    rows = [*(heads if part.head else ()), *table.rows]
    top = box.top
    for number, (row, height) in enumerate(zip(rows, part.heights, strict=True)):
        is_head = part.head and number == 0
        letters = Letters(face, part.size, bold=number - part.head in table.strong)
        if is_head:
            letters = Letters(face, part.size - 1.5, bold=True, colour=SOFT)
        _row(axes, row, Box(box.left, top, box.width, height), part, letters)
        top += height
        axes.plot(
            [box.left, box.left + box.width], [top, top], linewidth=0.75,
            color=INK if is_head else LINE,
        )  # fmt: skip


def _row(axes: Axes, row: tuple[Words, ...], box: Box, part: TablePart, letters: Letters) -> None:
    left, line = box.left, letters.size * LINE_HEIGHT / POINTS_PER_INCH
    widths = column_widths(part.table, box.width)
    for words, width, column in zip(row, widths, part.table.columns, strict=True):
        count = len(wrapped(plain(words), letters.size, width - 2 * CELL_PAD))
        top = box.top + (box.height - line * count) / 2
        cell = Box(left + CELL_PAD, top, width - 2 * CELL_PAD, line)
        _paragraph(axes, words, cell, letters, right=column.right)
        left += width


def _paragraph(axes: Axes, words: Words, box: Box, letters: Letters, *, right: bool) -> int:
    """Write a paragraph in lines as high as the box; return how many there are."""
    marks = [
        (char, isinstance(part, Late) or (isinstance(part, Figure) and part.late))
        for part in words
        for char in letters.face.legible(clean(part if isinstance(part, str) else part.text))
    ]
    lines = wrapped("".join(char for char, _ in marks), letters.size, box.width)
    at = 0
    for number, text in enumerate(lines):
        runs: list[tuple[str, bool]] = []
        for letter in text:
            while marks[at][0] != letter:  # a space that the break has eaten
                at += 1
            late = marks[at][1]
            at += 1
            if runs and runs[-1][1] == late:
                runs[-1] = (runs[-1][0] + letter, late)
            else:
                runs.append((letter, late))
        middle = box.top + box.height * (number + 0.5)
        _line(axes, runs, (box.left + box.width if right else box.left, middle), letters, right)
    return len(lines)


def _line(
    axes: Axes,
    runs: list[tuple[str, bool]],
    place: tuple[float, float],
    letters: Letters,
    right: bool,
) -> None:
    """Write one line, its runs one after the other from the side where they begin."""
    red = replace(letters, bold=True, colour=LATE)
    sets = [red if late else letters for _, late in runs]
    widths = [advance(text, own.font) for (text, _), own in zip(runs, sets, strict=True)]
    left = place[0] - sum(widths) if right else place[0]
    for (text, _late), own, width in zip(runs, sets, widths, strict=True):
        write(axes, text, (left, place[1]), own)
        left += width


def advance(text: str, font: FontProperties) -> float:
    """Return how far a text moves the pen, inches; a space at its end counts.

    Parameters
    ----------
    text : str
        One line.
    font : FontProperties
        Its face and size.
    """

    def ink(words: str) -> float:
        width, _height, _depth = text_to_path.get_text_width_height_descent(words, font, False)
        return float(width)

    return (ink(f"{text}|") - ink("|")) / POINTS_PER_INCH
