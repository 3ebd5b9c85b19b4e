"""The stage of a sheet, 13.333 x 7.5 inches: what stands where, for slide, paper and screen alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from unicodedata import category, east_asian_width

from dongtou_geo.services.briefing_sheet import Chart, Column, Table, Words, plain

WIDTH, HEIGHT = 40 / 3, 7.5
POINTS_PER_INCH = 72
INK, SOFT, LINE, TEAL, TRACK = "#23282D", "#5A6167", "#E2E0DA", "#1A625F", "#ECEAE4"
LATE, SAMPLE, PAPER = "#B3261E", "#8A6416", "#FFFFFF"
# A cell's text stands off its edges by this much at either side, inches.
CELL_PAD = 0.06
LINE_HEIGHT = 1.3


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the stage, in inches from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of words.

    Parameters
    ----------
    box : Box
        Where; the text starts at its top.
    lines : tuple of Words
        One paragraph each.
    size : float
        Points.
    role : {"title", "lead", "hero", "text"}
        The title is the slide's own; the hero keeps its size on every medium.
    space : float
        Between paragraphs, in lines.
    """

    box: Box
    lines: tuple[Words, ...]
    size: float
    bold: bool = False
    colour: str = INK
    right: bool = False
    role: Literal["title", "lead", "hero", "text"] = "text"
    space: float = 0.0


@dataclass(frozen=True, slots=True)
class TablePart:
    """A table with the heights of its rows, inches; the head first where it has one."""

    box: Box
    table: Table
    size: float
    heights: tuple[float, ...]
    head: bool = True


@dataclass(frozen=True, slots=True)
class ChartPart:
    """A chart under its title."""

    box: Box
    chart: Chart
    size: float = 12.0


@dataclass(frozen=True, slots=True)
class MapPart:
    """A map of a zone, a park or the district."""

    box: Box
    subject: str


@dataclass(frozen=True, slots=True)
class Fill:
    """A filled rectangle: a rule, or the ground of a tag."""

    box: Box
    colour: str


Part = Text | TablePart | ChartPart | MapPart | Fill


def text_width(text: str, size: float) -> float:
    """Estimate the width of a line in inches, on the safe side for the fonts we name.

    Parameters
    ----------
    text : str
        One line.
    size : float
        Points.
    """
    return sum(map(_ems, text)) * size / POINTS_PER_INCH


def _ems(char: str) -> float:
    if east_asian_width(char) in "WFA" or char in "MWmw@":
        return 1.0
    return 0.72 if char.isupper() else 0.62


def wrapped(text: str, size: float, width: float) -> list[str]:
    """Break a paragraph into lines that fit a width.

    Parameters
    ----------
    text : str
        The paragraph.
    size : float
        Points.
    width : float
        Inches.

    Returns
    -------
    list of str
        At least one line; a closing mark never begins one, and a run of letters longer than a
        line is broken where the line ends.
    """
    lines = [""]
    for word in _fitting(_words(text), size, width):
        if lines[-1] and text_width(lines[-1] + word, size) > width and word[0] not in _CLOSING:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip(" ")
    return [line.rstrip() for line in lines]


def _fitting(words: Iterable[str], size: float, width: float) -> Iterable[str]:
    """Yield words, each that is longer than a line in pieces of one."""
    for word in words:
        piece = ""
        for char in word:
            if piece and text_width(piece + char, size) > width:
                yield piece
                piece = ""
            piece += char
        yield piece


_CLOSING = "，。；：、）”％%）】》"


def _words(text: str) -> Iterable[str]:
    """Yield what must not be broken: a run of half-width letters, or one wide character."""
    run = ""
    for char in text:
        if east_asian_width(char) in "WF" or char == " ":
            if run:
                yield run
                run = ""
            yield char
        else:
            run += char
    if run:
        yield run


def row_heights(table: Table, size: float, width: float, *, head: bool = True) -> tuple[float, ...]:
    """Return how high a table's rows must be, inches; the head first.

    Parameters
    ----------
    table : Table
        The table.
    size : float
        Points.
    width : float
        Of the whole table, inches.
    head : bool
        Whether the columns' names are shown.
    """
    line = size * LINE_HEIGHT / POINTS_PER_INCH
    widths = column_widths(table, width)
    names: list[tuple[Words, ...]] = [tuple((column_head(c),) for c in table.columns)]
    heights = []
    for row in (*(names if head else ()), *table.rows):
        lines = [
            len(wrapped(plain(cell), size, own - 2 * CELL_PAD))
            for cell, own in zip(row, widths, strict=True)
        ]
        heights.append(line * max(lines) + 0.09)
    return tuple(heights)


def column_head(column: Column) -> str:
    """Return a column's name with its unit.

    Parameters
    ----------
    column : Column
        The column.
    """
    return f"{column.name}（{column.unit}）" if column.unit else column.name


def column_widths(table: Table, width: float) -> list[float]:
    """Return the widths of a table's columns, inches.

    Parameters
    ----------
    table : Table
        The table.
    width : float
        Of the whole table, inches.
    """
    whole = sum(column.share for column in table.columns)
    return [width * column.share / whole for column in table.columns]


def fitted_text(box: Box, lines: tuple[Words, ...], sizes: Sequence[float], space: float) -> Text:
    """Set paragraphs in the largest size at which they fit their box.

    Parameters
    ----------
    box : Box
        Where.
    lines : tuple of Words
        One paragraph each.
    sizes : sequence of float
        Points, largest first; the last is taken where none fits.
    space : float
        Between paragraphs, in lines.
    """
    for size in sizes:
        line = size * LINE_HEIGHT / POINTS_PER_INCH
        count = sum(len(wrapped(plain(words), size, box.width - 2 * CELL_PAD)) for words in lines)
        if line * (count + space * (len(lines) - 1)) <= box.height:
            break
    return Text(box, lines, size, space=space)


def clean(text: str) -> str:
    """Return text without what no document may hold: control, surrogate and direction characters.

    Parameters
    ----------
    text : str
        Anything; a line break or tab becomes a space.
    """
    spaced = " ".join(text.split("\n")).replace("\t", " ").replace("\r", " ")
    return "".join(
        char
        for char in spaced
        if category(char) not in ("Cc", "Cs", "Cn") and char not in _DIRECTIONS
    )


_DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
