"""汇报 as a .pptx: native titles, tables and charts, so that an office can go on with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.oxml import serialize_part_xml
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Inches

from dongtou_geo.reports.deck_charts import add_chart
from dongtou_geo.reports.deck_names import (
    chart_words,
    fill_name,
    holder_names,
    map_words,
    name_template,
    named,
    table_name,
    table_words,
    text_name,
)
from dongtou_geo.reports.deck_tables import add_table
from dongtou_geo.reports.deck_text import FACE, fill_frame, rgb, style
from dongtou_geo.reports.layout import laid_out
from dongtou_geo.reports.stage import (
    HEIGHT,
    WIDTH,
    Box,
    ChartPart,
    Fill,
    MapPart,
    Part,
    TablePart,
    Text,
    clean,
)
from dongtou_geo.reports.tables import left_out
from dongtou_geo.services.briefing_sheet import Briefing, Sheet, plain

TITLE_ONLY = 5
DEFAULT_WIDTH = 10.0  # inches, of python-pptx's own template
MAKER = "洞头产业空间一张图"
# Given a subject and a size in inches, returns a PNG, or None where there is no map.
Picture = Callable[[str, float, float], bytes]


def deck(briefing: Briefing, picture: Picture) -> bytes:
    """Return the briefing as a .pptx file.

    Parameters
    ----------
    briefing : Briefing
        What it says.
    picture : callable
        Draws the map of a zone, a park or the district: subject, width and height in inches.

    Returns
    -------
    bytes
        The file.
    """
    slides = _empty_deck(briefing)
    for sheet in briefing.sheets:
        slide = slides.slides.add_slide(slides.slide_layouts[TITLE_ONLY])
        parts = laid_out(briefing, sheet)
        for part in parts:
            _add(slide, part, sheet, picture)
        whole = [
            name for part in parts if isinstance(part, TablePart) for name in left_out(part.table)
        ]
        _notes(slide, sheet, whole)
    out = BytesIO()
    slides.save(out)
    return out.getvalue()


def _empty_deck(briefing: Briefing) -> Any:
    """Return a deck without slides, 16:9, whose theme and layouts carry our face."""
    slides = Presentation()
    slides.slide_width, slides.slide_height = Inches(WIDTH), Inches(HEIGHT)
    master = slides.slide_masters[0]
    for holder in (master, *master.slide_layouts):
        for shape in holder.placeholders:
            if shape._element.spPr.find(qn("a:xfrm")) is None:  # takes the master's
                continue
            shape.left = round(shape.left * WIDTH / DEFAULT_WIDTH)
            shape.width = round(shape.width * WIDTH / DEFAULT_WIDTH)
    name_template(slides)
    theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    root: Any = parse_xml(theme.blob)
    for tag in ("a:latin", "a:ea"):
        for face in root.iter(qn(tag)):
            face.set("typeface", FACE)
    theme._blob = serialize_part_xml(root)
    slides.core_properties.title = clean(briefing.sheets[0].title)
    slides.core_properties.author = slides.core_properties.last_modified_by = MAKER
    # The template's own day is of 2013.
    slides.core_properties.created = slides.core_properties.modified = datetime.now(UTC)
    slides.core_properties.subject = clean(briefing.corner)
    return slides


def _add(slide: Any, part: Part, sheet: Sheet, picture: Picture) -> None:
    if isinstance(part, Text):
        _add_text(slide, part)
    elif isinstance(part, Fill):
        shape = slide.shapes.add_shape(1, *_place(part.box))
        shape.fill.solid()
        shape.fill.fore_color.rgb = rgb(part.colour)
        shape.line.fill.background()
        # The template's own style would add a shadow.
        shape._element.remove(shape._element.find(qn("p:style")))
        named(shape, fill_name(part), "")
    elif isinstance(part, TablePart):
        named(add_table(slide, part), table_name(part), table_words(part))
    elif isinstance(part, ChartPart):
        box = part.box
        words = Box(box.left, box.top, box.width, 0.3)
        _add_text(slide, Text(words, ((part.chart.title,),), part.size + 1, bold=True))
        named(add_chart(slide, part), f"图表：{part.chart.title}", chart_words(part.chart))
    elif isinstance(part, MapPart):
        png = picture(part.subject, part.box.width, part.box.height)
        drawn = slide.shapes.add_picture(BytesIO(png), *_place(part.box))
        named(drawn, f"地图：{sheet.name}", map_words(sheet))


def _add_text(slide: Any, part: Text) -> None:
    shape = slide.shapes.title
    if part.role == "title":
        shape.left, shape.top, shape.width, shape.height = _place(part.box)
    else:
        shape = slide.shapes.add_textbox(*_place(part.box))
    named(shape, text_name(part), "")
    fill_frame(shape.text_frame, part)


def _place(box: Box) -> tuple[int, int, int, int]:
    return Inches(box.left), Inches(box.top), Inches(box.width), Inches(box.height)


def _notes(slide: Any, sheet: Sheet, whole: Sequence[str]) -> None:
    """Write into the speaker's notes how each figure comes about, its source, and whole names."""
    lines = dict.fromkeys(
        f"{figure.formula}（{figure.source}）" for figure in sheet.shown() if figure.formula
    )
    names = ["本页缩写的名称，全文：", *whole] if whole else []
    text = [sheet.title, plain(sheet.lead), *names, *lines, sheet.source]
    holder_names(slide.notes_slide)
    frame = slide.notes_slide.notes_text_frame
    frame.text = "\n".join(clean(line) for line in text)
    for paragraph in frame.paragraphs:
        for run in paragraph.runs:
            style(run.font, 12)
