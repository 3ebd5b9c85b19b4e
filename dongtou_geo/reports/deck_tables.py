"""Native tables of a slide: thin rules, figures at the right, no ready-made style."""

from __future__ import annotations

from typing import Any

from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches

from dongtou_geo.reports.deck_text import write_words
from dongtou_geo.reports.stage import (
    CELL_PAD,
    INK,
    LINE,
    SOFT,
    TablePart,
    column_head,
    column_widths,
)
from dongtou_geo.services.briefing_sheet import Words

NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
RULE_EMU = 9_525  # 0.75 pt


def add_table(slide: Any, part: TablePart) -> Any:
    """Put a table on a slide.

    Parameters
    ----------
    slide : pptx slide
        Where.
    part : TablePart
        What.

    Returns
    -------
    pptx graphic frame
        That holds it.
    """
    box, table = part.box, part.table
    frame = slide.shapes.add_table(
        len(part.heights), len(table.columns), Inches(box.left), Inches(box.top),
        Inches(box.width), Inches(sum(part.heights)),
    )  # fmt: skip
    drawn = frame.table
    properties = drawn._tbl.tblPr  # python-pptx sets no table style
    properties.find(qn("a:tableStyleId")).text = NO_STYLE
    drawn.horz_banding = False
    for column, width in zip(drawn.columns, column_widths(table, box.width), strict=True):
        column.width = Inches(width)
    for row, height in zip(drawn.rows, part.heights, strict=True):
        row.height = Inches(height)
    drawn.first_row = part.head
    for number, column in enumerate(table.columns if part.head else ()):
        _cell(drawn.cell(0, number), (column_head(column),), part, number, head=True)
    for at, row_words in enumerate(table.rows):
        for number, words in enumerate(row_words):
            cell = drawn.cell(at + part.head, number)
            _cell(cell, words, part, number, bold=at in table.strong)
    return frame


def _cell(
    cell: Any, words: Words, part: TablePart, number: int, *, head: bool = False, bold: bool = False
) -> None:
    cell.margin_left = cell.margin_right = Inches(CELL_PAD)
    cell.margin_top = cell.margin_bottom = Inches(0.02)
    cell.vertical_anchor = MSO_ANCHOR.BOTTOM if head else MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if part.table.columns[number].right else PP_ALIGN.LEFT
    size = part.size - 1.5 if head else part.size
    write_words(paragraph, words, size, bold=head or bold, colour=SOFT if head else INK)
    _rule_below(cell, INK if head else LINE)


def _rule_below(cell: Any, colour: str) -> None:
    properties = cell._tc.get_or_add_tcPr()  # python-pptx draws no cell borders
    rule = properties.makeelement(qn("a:lnB"), {"w": str(Emu(RULE_EMU)), "cap": "flat"})
    paint = rule.makeelement(qn("a:solidFill"), {})
    paint.append(paint.makeelement(qn("a:srgbClr"), {"val": colour.lstrip("#")}))
    rule.append(paint)
    properties.insert(0, rule)
