"""汇报 on paper: each sheet as a page of a PDF, or as a picture, drawn without a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle

from dongtou_geo.reports.layout import laid_out
from dongtou_geo.reports.paper_charts import draw_chart
from dongtou_geo.reports.paper_words import Face, draw_table, draw_text
from dongtou_geo.reports.stage import (
    HEIGHT,
    PAPER,
    WIDTH,
    ChartPart,
    Fill,
    MapPart,
    Part,
    TablePart,
)
from dongtou_geo.services.briefing_sheet import Briefing, Sheet

PNG_DPI = 144  # 1920 x 1080
# As TrueType: what a reader searches and copies is the text.
PDF_FONTS = 42


@dataclass(frozen=True, slots=True)
class Press:
    """What paper is printed with, handed in by whoever knows the map's own.

    Parameters
    ----------
    face : Face
        The Chinese typeface.
    picture : callable
        Draws a map as a PNG: subject, width and height in inches.
    embed : callable
        Sets a finished figure in faces that every PDF reader can show; the folder is for them.
    """

    face: Face
    picture: Callable[[str, float, float], bytes]
    embed: Callable[[Figure, Path], None]


def sheets_pdf(briefing: Briefing, press: Press) -> bytes:
    """Return every sheet as a page of one PDF.

    Parameters
    ----------
    briefing : Briefing
        What it says.
    press : Press
        What it is printed with.
    """
    out = BytesIO()
    about = {"Title": briefing.sheets[0].title, "Subject": briefing.corner}
    with (
        TemporaryDirectory() as folder,
        mpl.rc_context({"pdf.fonttype": PDF_FONTS}),
        PdfPages(out, metadata=about) as pages,
    ):
        figures = [_drawn(briefing, sheet, press) for sheet in briefing.sheets]
        # Once for all pages: a Chinese face takes a second to cut.
        press.embed(cast("Figure", _Pages(figures)), Path(folder))
        for figure in figures:
            pages.savefig(figure)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Pages:
    """Several figures, looked through as if they were one."""

    figures: list[Figure]

    def findobj(self, match: type[Artist]) -> list[Artist]:
        return [artist for figure in self.figures for artist in figure.findobj(match)]


def sheet_png(briefing: Briefing, sheet: Sheet, press: Press) -> bytes:
    """Return one sheet as a picture of 1920 x 1080 pixels.

    Parameters
    ----------
    briefing : Briefing
        For what stands in the corner.
    sheet : Sheet
        Which.
    press : Press
        What it is printed with.
    """
    figure = _drawn(briefing, sheet, press)
    FigureCanvasAgg(figure)
    out = BytesIO()
    figure.savefig(out, format="png", dpi=PNG_DPI)
    return out.getvalue()


def _drawn(briefing: Briefing, sheet: Sheet, press: Press) -> Figure:
    figure = Figure(figsize=(WIDTH, HEIGHT), facecolor=PAPER)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    axes.set_axis_off()
    for part in laid_out(briefing, sheet):
        _draw(axes, part, press)
    return figure


def _draw(axes: Axes, part: Part, press: Press) -> None:
    box = part.box
    if isinstance(part, Fill):
        axes.add_patch(
            Rectangle((box.left, box.top), box.width, box.height, color=part.colour, linewidth=0)
        )
    elif isinstance(part, TablePart):
        draw_table(axes, part, press.face)
    elif isinstance(part, ChartPart):
        draw_chart(axes, part, press.face)
    elif isinstance(part, MapPart):
        picture = imread(BytesIO(press.picture(part.subject, box.width, box.height)))
        edges = (box.left, box.left + box.width, box.top + box.height, box.top)
        axes.imshow(picture, extent=edges, aspect="auto", interpolation="antialiased")
    else:
        draw_text(axes, part, press.face)
