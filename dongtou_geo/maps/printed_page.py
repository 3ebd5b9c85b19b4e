"""A sheet of paper measured in millimetres from its upper left corner, and pens to write on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon, Rectangle
from matplotlib.patheffects import Stroke
from matplotlib.textpath import text_to_path

from dongtou_geo.maps.printed_font import Typeface

INK, SOFT, RULE, LATE = "#23282D", "#5A6167", "#C9C4B8", "#B3261E"
MM_PER_INCH = 25.4
# A CSS pixel, in which the layer files measure.
MM_PER_PX = MM_PER_INCH / 96
PT_PER_MM = 72 / MM_PER_INCH

_SIZES = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}
# Letters, lines and circles grow with the paper, but less than it does.
_UNITS = {"A4": 1.0, "A3": 1.25}
Paper = Literal["A4", "A3"]
PAPERS: tuple[Paper, ...] = ("A4", "A3")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page, mm from the upper left corner, y downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.x + self.width

    @property
    def foot(self) -> float:
        """Return the lower edge."""
        return self.y + self.height

    def meets(self, other: Box, gap: float = 0.0) -> bool:
        """Tell whether two boxes overlap or come nearer than a gap, mm."""
        return (
            self.x < other.right + gap
            and other.x < self.right + gap
            and self.y < other.foot + gap
            and other.y < self.foot + gap
        )

    def holds(self, other: Box) -> bool:
        """Tell whether another box lies within this one."""
        return (
            self.x <= other.x
            and other.right <= self.right
            and self.y <= other.y
            and other.foot <= self.foot
        )


class Page:
    """One sheet.

    Parameters
    ----------
    paper : {"A4", "A3"}
        Which size.
    portrait : bool
        The longer side upright.
    typeface : Typeface
        What it is set in.
    """

    def __init__(self, paper: Paper, *, portrait: bool, typeface: Typeface) -> None:
        long, short = _SIZES[paper]
        self.width, self.height = (short, long) if portrait else (long, short)
        self.paper: Paper = paper
        self.portrait = portrait
        self.unit = _UNITS[paper]
        self.typeface = typeface
        self.figure = Figure(figsize=(self.width / MM_PER_INCH, self.height / MM_PER_INCH))
        self.figure.set_facecolor("#FFFFFF")
        self.axes: Axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set_xlim(0, self.width)
        self.axes.set_ylim(self.height, 0)
        self.axes.set_axis_off()
        self.axes.set_zorder(10)
        self.axes.patch.set_visible(False)
        self.written: list[tuple[str, Box]] = []

    def text_width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return how wide a text is, mm.

        Parameters
        ----------
        text : str
            One line.
        size : float
            Points on A4.
        bold : bool
            The heavier cut.
        """
        font = self.typeface.font(size * self.unit, bold=bold)
        shown = self.typeface.legible(text)
        width: float = text_to_path.get_text_width_height_descent(shown, font, False)[0]
        return width / PT_PER_MM

    def line_height(self, size: float) -> float:
        """Return how high a line of a size is, mm."""
        return size * self.unit * 1.35 / PT_PER_MM

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        color: str = INK,
        align: Literal["left", "center", "right"] = "left",
        halo: bool = False,
    ) -> Box:
        """Write one line, the middle of its letters at a height; return the room it takes.

        Parameters
        ----------
        x, y : float
            Where, mm.
        text : str
            One line; never read as a formula.
        size : float
            Points on A4.
        bold : bool
            The heavier cut.
        color : str
            #RRGGBB.
        align : {"left", "center", "right"}
            What lies at x.
        halo : bool
            White around the letters, on the map.
        """
        shown = self.typeface.legible(text)
        style: dict[str, Any] = {
            "fontproperties": self.typeface.font(size * self.unit, bold=bold),
            "ha": align,
            "va": "center_baseline",
            "parse_math": False,
        }
        if halo:
            # A letter with an effect is drawn as an outline: the text itself lies above its halo.
            white = Stroke(linewidth=size * self.unit * 0.28, foreground="#FFFFFF", alpha=0.92)
            self.axes.text(x, y, shown, path_effects=[white], color="#FFFFFF", zorder=6, **style)
        self.axes.text(x, y, shown, color=color, zorder=7, **style)
        width = self.text_width(text, size, bold=bold)
        height = size * self.unit * 1.15 / PT_PER_MM
        left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[align] * width
        box = Box(left, y - height / 2, width, height)
        self.written.append((text, box))
        return box

    def rule(self, x: float, y: float, width: float, weight: float = 0.5, color: str = INK) -> None:
        """Draw a horizontal line, its weight in points."""
        self.axes.plot(
            [x, x + width], [y, y], color=color, lw=weight * self.unit, solid_capstyle="butt"
        )

    def rectangle(self, box: Box, **style: Any) -> None:
        """Draw a rectangle in matplotlib's own terms."""
        self.axes.add_artist(Rectangle((box.x, box.y), box.width, box.height, **style))

    def circle(self, x: float, y: float, radius: float, **style: Any) -> None:
        """Draw a circle in matplotlib's own terms."""
        self.axes.add_artist(Circle((x, y), radius, **style))

    def polygon(self, points: list[tuple[float, float]], **style: Any) -> None:
        """Draw a polygon in matplotlib's own terms."""
        self.axes.add_artist(Polygon(points, closed=True, **style))

    def shortened(self, text: str, width: float, size: float, *, bold: bool = False) -> str:
        """Return a text cut to a width, with an ellipsis where something was cut.

        Parameters
        ----------
        text : str
            One line.
        width : float
            mm.
        size : float
            Points on A4.
        bold : bool
            The heavier cut.
        """
        shown = text
        while len(shown) > 1 and self.text_width(shown, size, bold=bold) > width:
            shown = shown.removesuffix("…")[:-1] + "…"
        return shown

    def wrapped(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        """Break a text into lines: Chinese anywhere, but no sign of closing opens a line.

        Parameters
        ----------
        text : str
            One paragraph.
        width : float
            mm.
        size : float
            Points on A4.
        bold : bool
            The heavier cut.
        """
        lines, line = [], ""
        pieces = [
            part
            for piece in _pieces(text)
            # What is wider than the line all by itself breaks anywhere.
            for part in (piece if self.text_width(piece, size, bold=bold) > width else [piece])
        ]
        for piece in pieces:
            if line and self.text_width(line + piece.rstrip(), size, bold=bold) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        return [*lines, line.rstrip()] if line.strip() or not lines else lines


_CLOSING = "，。；：、）》”！？%"
_OPENING = "（《“"


def _pieces(text: str) -> list[str]:
    """Split where a line may break: between Chinese letters and at spaces, not within figures."""
    pieces: list[str] = []
    for sign in text:
        before = pieces[-1] if pieces else ""
        glued = before and (
            sign in _CLOSING
            or before[-1] in _OPENING
            or (_is_latin(sign) and _is_latin(before[-1]))
            or sign == " "
        )
        if glued:
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


def _is_latin(sign: str) -> bool:
    return sign.isascii() and not sign.isspace()
