"""A table in its box: the largest size that fits, and names that never do shortened in the middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dongtou_geo.reports.stage import (
    CELL_PAD,
    LINE_HEIGHT,
    POINTS_PER_INCH,
    Box,
    TablePart,
    clean,
    column_widths,
    row_heights,
    wrapped,
)
from dongtou_geo.services.briefing_sheet import Table, Words


class Shortened(str):
    """A name of which the middle was left out; ``whole`` is all of it."""

    __slots__ = ("whole",)
    whole: str

    def __new__(cls, shown: str, whole: str) -> Shortened:
        """Make one.

        Parameters
        ----------
        shown : str
            What is shown.
        whole : str
            All of it.
        """
        made = super().__new__(cls, shown)
        made.whole = whole
        return made


def fitted_table(box: Box, table: Table, sizes: Sequence[float], *, head: bool = True) -> TablePart:
    """Set a table in the largest size at which it fits its box, rather without broken cells.

    Parameters
    ----------
    box : Box
        Where.
    table : Table
        The table.
    sizes : sequence of float
        Points, largest first; where none fits, long names are shortened at the last.
    head : bool
        Whether the columns' names are shown.
    """
    for size, unbroken in ((size, unbroken) for unbroken in (True, False) for size in sizes):
        heights = row_heights(table, size, box.width, head=head)
        fits = sum(heights) <= box.height
        if fits and (not unbroken or max(heights) < 2 * size * LINE_HEIGHT / POINTS_PER_INCH):
            break
    if not fits:
        table, heights = _shortened(table, size, box, head=head)
    # Rows breathe where there is room, but not so much that lines lose each other.
    spare = max(0.0, box.height - sum(heights)) / len(heights)
    extra = min(spare, 0.35 * size / POINTS_PER_INCH)
    return TablePart(box, table, size, tuple(height + extra for height in heights), head)


def left_out(table: Table) -> list[str]:
    """Return the names of a table that were shortened, whole.

    Parameters
    ----------
    table : Table
        As ``fitted_table`` gave it.
    """
    parts = (part for row in table.rows for cell in row for part in cell)
    return list(dict.fromkeys(part.whole for part in parts if isinstance(part, Shortened)))


def _shortened(
    table: Table, size: float, box: Box, *, head: bool
) -> tuple[Table, tuple[float, ...]]:
    """Give cells of plain words as many lines as let the table fit, the same number to each."""
    widths = [width - 2 * CELL_PAD for width in column_widths(table, box.width)]
    most = int(box.height * POINTS_PER_INCH / (size * LINE_HEIGHT))
    for lines in range(max(most, 1), 0, -1):
        rows = tuple(
            tuple(
                _within(cell, size, width, lines) for cell, width in zip(row, widths, strict=True)
            )
            for row in table.rows
        )
        found = replace(table, rows=rows)
        heights = row_heights(found, size, box.width, head=head)
        if sum(heights) <= box.height:
            break
    return found, heights


def _within(cell: Words, size: float, width: float, lines: int) -> Words:
    """Return a cell that takes no more lines than given; figures are never shortened."""
    if len(cell) != 1 or not isinstance(cell[0], str):
        return cell
    whole = clean(cell[0])
    if len(wrapped(whole, size, width)) <= lines:
        return cell
    # Numbers and firms differ at their ends, numbers at the last: what is left out is the middle.
    least, most = 1, len(whole)
    while least < most:
        kept = (least + most + 1) // 2
        if len(wrapped(_cut(whole, kept), size, width)) <= lines:
            least = kept
        else:
            most = kept - 1
    return (Shortened(_cut(whole, least), whole),)


def _cut(whole: str, kept: int) -> str:
    tail = kept * 3 // 5
    return f"{whole[: kept - tail]}…{whole[len(whole) - tail :]}"
