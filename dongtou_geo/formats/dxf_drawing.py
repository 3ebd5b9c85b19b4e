"""What a drawing holds that matters here: polylines and texts of the model space, in the plane."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ezdxf.document import Drawing
from ezdxf.entities.attrib import Attrib
from ezdxf.entities.dxfgfx import DXFGraphic
from ezdxf.entities.insert import Insert
from ezdxf.entities.lwpolyline import LWPolyline
from ezdxf.entities.mtext import MText
from ezdxf.entities.polyline import Polyline
from ezdxf.entities.text import Text
from ezdxf.lldxf.encoding import decode_mif_to_unicode

from dongtou_geo.formats.arcs import TOLERANCE_M, Points, stroked_bulges

# Ends this close were meant to meet.
_SNAP_M = 0.001
# An array of blocks is expanded up to this many copies.
_MAX_COPIES = 1000
_CONTROL_VERTEX = 16
# AutoCAD writes four digits, ezdxf eight where four are too few; 000x alone would be a control sign.
_UNICODE = re.compile(r"\\U\+(000[0-9A-Fa-f]{5}|[0-9A-Fa-f]{4})")
_LAYER_OF_INSERT = "0"


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A polyline.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        Vertices, arcs stroked; a closed line ends where it began.
    closed : bool
        Closed by its flag or by its ends.
    layer : str
        CAD layer.
    handle : str
        By which CAD finds it, "" inside blocks.
    """

    points: Points
    closed: bool
    layer: str
    handle: str


@dataclass(frozen=True, slots=True)
class DrawnText:
    """A text.

    Parameters
    ----------
    position : (float, float)
        Its insertion point.
    text : str
        Without formatting, on one line.
    layer : str
        CAD layer.
    clean : bool
        Whether every byte could be read.
    """

    position: tuple[float, float]
    text: str
    layer: str
    clean: bool


@dataclass
class Drawn:
    """What was found.

    Parameters
    ----------
    lines : list of DrawnLine
        In the drawing's order.
    texts : list of DrawnText
        In the drawing's order.
    nested_blocks : int
        Blocks inside blocks, which are not opened.
    """

    lines: list[DrawnLine] = field(default_factory=list)
    texts: list[DrawnText] = field(default_factory=list)
    nested_blocks: int = 0


def drawn_in(document: Drawing) -> Drawn:
    """Collect polylines and texts, blocks exploded one level.

    Parameters
    ----------
    document : Drawing
        The drawing.

    Returns
    -------
    Drawn
        What its model space holds; hatches, meshes and paper space are left out.
    """
    drawn = Drawn()
    for entity in document.modelspace():
        if isinstance(entity, Insert):
            for copy in _copies(entity):
                _take(copy.attribs, copy, drawn)
                _take(copy.virtual_entities(), copy, drawn)
        else:
            _take([entity], None, drawn)
    return drawn


def _copies(insert: Insert) -> Iterator[Insert]:
    if 1 < insert.mcount <= _MAX_COPIES:
        yield from insert.multi_insert()
    else:
        yield insert


def _take(entities: Iterable[Any], insert: Insert | None, drawn: Drawn) -> None:
    for entity in entities:
        if isinstance(entity, LWPolyline | Polyline):
            line = _line(entity, _layer(entity, insert))
            if line is not None:
                drawn.lines.append(line)
        elif isinstance(entity, Text | MText):  # Attrib is a Text, and so is AttDef, its pattern
            if entity.dxftype() != "ATTDEF":
                drawn.texts.append(_text(entity, _layer(entity, insert)))
        elif isinstance(entity, Insert):
            drawn.nested_blocks += 1


def _layer(entity: DXFGraphic, insert: Insert | None) -> str:
    name = str(entity.dxf.layer)
    if insert is not None and name == _LAYER_OF_INSERT:
        name = str(insert.dxf.layer)
    return _readable(name)[0]


def _line(entity: LWPolyline | Polyline, layer: str) -> DrawnLine | None:
    vertices = _vertices(entity)
    if vertices is None or not len(vertices):
        return None
    flagged = bool(entity.is_closed)
    meets = len(vertices) > 2 and np.hypot(*(vertices[0, :2] - vertices[-1, :2])) <= _SNAP_M
    if meets and not flagged:
        vertices[-1, :2] = vertices[0, :2]
    closed = flagged or bool(meets)
    points = stroked_bulges(vertices[:, :2], vertices[:, 2], TOLERANCE_M, closed=flagged)
    if entity.dxf.hasattr("extrusion") and tuple(entity.dxf.extrusion) != (0.0, 0.0, 1.0):
        height = float(entity.dxf.get("elevation", 0.0)) if isinstance(entity, LWPolyline) else 0.0
        in_space = entity.ocs().points_to_wcs([(x, y, height) for x, y in points])
        points = np.array([(p.x, p.y) for p in in_space], dtype=np.float64)
    return DrawnLine(points, closed, layer, str(entity.dxf.handle or ""))


def _vertices(entity: LWPolyline | Polyline) -> Points | None:
    """Columns x, y and bulge; None for a mesh."""
    if isinstance(entity, LWPolyline):
        packed = np.array(entity.lwpoints.values, dtype=np.float64).reshape(-1, 5)
        return packed[:, [0, 1, 4]]
    if not (entity.is_2d_polyline or entity.is_3d_polyline):
        return None
    rows = [
        (v.dxf.location.x, v.dxf.location.y, v.dxf.get("bulge", 0.0))
        for v in entity.vertices
        if not v.dxf.get("flags", 0) & _CONTROL_VERTEX
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _text(entity: Text | MText, layer: str) -> DrawnText:
    if isinstance(entity, MText):
        position = entity.dxf.insert
        raw = entity.plain_text()
    else:
        position = entity.ocs().to_wcs(entity.get_placement()[1])
        raw = entity.plain_text()
        if isinstance(entity, Attrib) and entity.has_embedded_mtext_entity:
            raw = entity.virtual_mtext_entity().plain_text()
    text, clean = _readable(str(raw))
    return DrawnText((float(position.x), float(position.y)), " ".join(text.split()), layer, clean)


def _readable(raw: str) -> tuple[str, bool]:
    """Resolve CAD's own escapes; bytes that had no meaning become U+FFFD."""
    text = _UNICODE.sub(lambda found: chr(int(found[1], 16)), decode_mif_to_unicode(raw))
    shown = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return shown, shown == text
