"""Words on a slide: East Asian faces set, colours, and nothing that XML cannot hold."""

from __future__ import annotations

from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.text.text import Font, TextFrame
from pptx.util import Pt

from dongtou_geo.reports.stage import INK, LATE, LINE_HEIGHT, Text, clean
from dongtou_geo.services.briefing_sheet import Figure, Late, Words

# PowerPoint and WPS on Windows have it; elsewhere each takes its own Chinese face instead.
FACE = "微软雅黑"


def rgb(colour: str) -> RGBColor:
    """Return a colour for python-pptx.

    Parameters
    ----------
    colour : str
        ``#RRGGBB``.
    """
    return RGBColor.from_string(colour.lstrip("#"))


def style(font: Font, size: float, *, bold: bool = False, colour: str = INK) -> None:
    """Set a font's size, weight, colour and its Latin and East Asian faces.

    Parameters
    ----------
    font : Font
        Of a run, or of a chart's text.
    size : float
        Points.
    bold : bool
        Weight.
    colour : str
        ``#RRGGBB``.

    Notes
    -----
    ``font.name`` sets the Latin face only: Chinese would then be drawn in the theme's.
    """
    font.size, font.bold = Pt(size), bold
    font.color.rgb = rgb(colour)
    font.name = FACE
    properties: Any = font._element  # python-pptx has no East Asian face
    for tag in ("a:ea", "a:cs"):
        face = properties.find(qn(tag))
        if face is None:
            face = properties.makeelement(qn(tag), {})
            properties.find(qn("a:latin")).addnext(face)
        face.set("typeface", FACE)
    # The schema wants latin, ea, cs in this order.
    properties.find(qn("a:latin")).addnext(properties.find(qn("a:ea")))
    if properties.tag != qn("a:defRPr"):
        properties.set("lang", "zh-CN")


def write_words(paragraph: Any, words: Words, size: float, *, bold: bool, colour: str) -> None:
    """Write words into a paragraph; a figure that is late is red.

    Parameters
    ----------
    paragraph : pptx paragraph
        Empty.
    words : Words
        Text and figures.
    size : float
        Points.
    bold : bool
        Weight.
    colour : str
        ``#RRGGBB``.
    """
    for part in words:
        run = paragraph.add_run()
        late = isinstance(part, Late) or (isinstance(part, Figure) and part.late)
        run.text = clean(part if isinstance(part, str) else part.text)
        style(run.font, size, bold=bold or late, colour=LATE if late else colour)


def fill_frame(frame: TextFrame, text: Text) -> None:
    """Write a text part into a shape's frame.

    Parameters
    ----------
    frame : TextFrame
        Of a text box or the title.
    text : Text
        What.
    """
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = Pt(0)
    frame.margin_top = frame.margin_bottom = Pt(0)
    frame.vertical_anchor = MSO_ANCHOR.TOP
    for number, words in enumerate(text.lines):
        paragraph: Any = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.RIGHT if text.right else PP_ALIGN.LEFT
        paragraph.line_spacing = 1.0
        if number:
            paragraph.space_before = Pt(text.space * text.size * LINE_HEIGHT)
        write_words(paragraph, words, text.size, bold=text.bold, colour=text.colour)
