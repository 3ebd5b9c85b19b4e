"""The Chinese face a map is set in: found on this machine, and put into a PDF so that all can read.

Notes
-----
Noto and Source Han are OpenType with cubic (CFF) outlines. matplotlib writes such a face into a
PDF under the label of a TrueType one, which tolerant readers show and strict ones refuse; so the
letters used are made TrueType first.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from dongtou_geo.errors import DongtouGeoError

# Sans first, as on the screen; the last ones are better than no map.
FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Serif CJK SC",
    "SimSun",
)
REGULAR, BOLD = 400, 700
# Half a thousandth of the letter's height: not to be seen at any size.
_CURVE_ERROR = 0.5
# What a letter that the face does not have is shown as.
_BLANKS = ("□", "?")


class PrintFontError(DongtouGeoError):
    """Raise when no face with Chinese letters is installed."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """A family that is installed, and which letters it has."""

    family: str
    letters: frozenset[int]

    def font(self, size_pt: float, *, bold: bool = False) -> FontProperties:
        """Return the face in a size.

        Parameters
        ----------
        size_pt : float
            Points.
        bold : bool
            The heavier cut; the plain one where there is none.
        """
        weight = BOLD if bold else REGULAR
        return FontProperties(family=[self.family], weight=weight, size=size_pt)

    def legible(self, text: str) -> str:
        """Return a text whose letters can all be shown; what the face lacks becomes a box.

        Parameters
        ----------
        text : str
            Any.
        """
        blank = next((sign for sign in _BLANKS if ord(sign) in self.letters), "?")
        return "".join(sign if ord(sign) in self.letters else blank for sign in text)


def find_typeface(families: Iterable[str] = FAMILIES) -> Typeface:
    """Find the first of some families that is installed.

    Parameters
    ----------
    families : iterable of str
        In order of preference.

    Raises
    ------
    PrintFontError
        If none is; the message says what to install.
    """
    wanted = tuple(families)
    # It speaks of its cache on stderr, where this program's one line of error belongs.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    found = _first(wanted)
    if found is None:
        _look_again()
        found = _first(wanted)
    if found is None:
        msg = (
            f"没有找到中文字体，印不出地图；请安装其中一种：{'、'.join(wanted[:8])}"
            "（Debian / Ubuntu：apt install fonts-noto-cjk）"
        )
        raise PrintFontError(msg)
    path = font_manager.findfont(FontProperties(family=[found], weight=REGULAR))
    return Typeface(found, frozenset(font_manager.get_font(path).get_charmap()))


def _first(families: tuple[str, ...]) -> str | None:
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((family for family in families if family in installed), None)


def _look_again() -> None:
    """Look for faces that were installed since matplotlib last looked."""
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in known:
            try:
                font_manager.fontManager.addfont(path)
            except (OSError, RuntimeError, ValueError):
                continue  # a broken file of somebody else's


def embed_as_truetype(figure: Figure, folder: Path) -> None:
    """Set a finished figure in TrueType copies of its faces, which a PDF can hold as text.

    Parameters
    ----------
    figure : Figure
        Nothing is written into it afterwards.
    folder : Path
        Where the copies are put; it must be there until the figure is saved.
    """
    texts: dict[tuple[str, int], list[Any]] = {}
    found: Any = figure.findobj(Text)
    for artist in found:
        if artist.get_text():
            path = font_manager.findfont(artist.get_fontproperties())
            texts.setdefault((str(path), int(getattr(path, "face_index", 0))), []).append(artist)
    for number, ((file, face), artists) in enumerate(texts.items()):
        letters = {sign for artist in artists for sign in artist.get_text()}
        copy = _truetype_copy(Path(file), face, letters, folder / f"face-{number}.ttf")
        if copy is not None:
            for artist in artists:
                own = artist.get_fontproperties().copy()
                own.set_file(str(copy))
                artist.set_fontproperties(own)


def _truetype_copy(path: Path, face: int, letters: set[str], target: Path) -> Path | None:
    """Write the letters of a face as TrueType; None where it is TrueType already."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    # The same map is the same file: no moment of its making in it.
    with TTFont(path, fontNumber=face, lazy=True, recalcTimestamp=False) as font:
        if "CFF " not in font:
            return None
        options = subset.Options(layout_features=[], notdef_outline=True, glyph_names=False)
        cut = subset.Subsetter(options)
        cut.populate(text="".join(sorted(letters)))
        cut.subset(font)
        _straighten(font)
        font.save(target)
    return target


def _straighten(font: TTFont) -> None:
    """Replace cubic outlines by quadratic ones, as TrueType has them."""
    order, drawn = font.getGlyphOrder(), font.getGlyphSet()
    error = _CURVE_ERROR * font["head"].unitsPerEm / 1000
    glyphs: dict[str, Any] = {}
    for name in order:
        pen = TTGlyphPen(drawn)
        drawn[name].draw(Cu2QuPen(pen, error, reverse_direction=True))
        glyphs[name] = pen.glyph()
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    font["loca"] = newTable("loca")
    glyf = font["glyf"] = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, glyphs
    for name in order:
        glyphs[name].recalcBounds(glyf)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyphs[name], "xMin", 0))
    maxp = font["maxp"] = newTable("maxp")
    maxp.tableVersion = 0x00010000
    limits = {"maxZones": 1, "numGlyphs": len(order)}
    names = ("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements")
    limits |= {f"max{name}": 0 for name in (*names, "SizeOfInstructions", "ComponentElements")}
    for name, value in limits.items():
        setattr(maxp, name, value)
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"
