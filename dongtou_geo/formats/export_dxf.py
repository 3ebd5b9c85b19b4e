"""DXF for CAD: closed polylines in metres, a number in each parcel, one CAD layer a status."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from ezdxf import units
from ezdxf.document import Drawing
from ezdxf.enums import TextEntityAlignment
from ezdxf.filemanagement import new
from ezdxf.layouts.layout import Modelspace
from pyproj import CRS
from pyproj.exceptions import CRSError

from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.exporting import (
    Outlines,
    Written,
    checked_outlines,
    columns_of,
    parcel_names,
    published,
    xml_characters,
)

LABEL_LAYER, NOTE_LAYER = "地块编号", "说明"
STATUS_COLUMNS = ("status", "状态")
_STYLE, _FONT = "宋体", "simsun.ttc"  # CAD's own fonts have no Chinese characters
_COLOURS = (3, 4, 1, 5, 6, 2, 30, 140)  # AutoCAD colour index, far apart on black and on white
_NOT_IN_LAYER_NAMES = re.compile(r"[<>/\\\":;?*|=,`]")
_LABEL_SHARE, _LABEL_M = 0.06, (1.0, 30.0)  # of the parcel's width; lowest and highest text
_NOTE_M = 10.0


def write_dxf(
    path: Path,
    cells: pd.DataFrame,
    outlines: Outlines,
    *,
    layer: str,
    epsg: int,
    notes: Sequence[str] = (),
    overwrite: bool = False,
) -> Written:
    """Write parcels as a DXF drawing (AutoCAD R2010, UTF-8), drawing unit metre.

    Parameters
    ----------
    path : Path
        The file.
    cells : DataFrame
        One row a parcel. Only the number (``parcel_no`` or 地块编号) is drawn, and the status
        (``status`` or 状态) chooses the CAD layer.
    outlines : ndarray of object
        Polygon, multipolygon or None (未落图) a row, in metres: easting, northing in ``epsg``.
    layer : str
        CAD layer of parcels without status.
    epsg : int
        Projected CRS in metres of ``outlines``, e.g. 4549; it is named in the drawing.
    notes : sequence of str
        Drawn as text below the parcels: standing line, credits, date, ledger version.
    overwrite : bool
        Whether a file that is there may be replaced.

    Returns
    -------
    Written
        The rows that are drawn; the others are left out, and their number is drawn as a note.

    Raises
    ------
    FormatError
        If ``epsg`` is no projected CRS in metres, or the file exists already or cannot be
        written; nothing is left then.

    Notes
    -----
    Every ring, hole or not, is a closed LWPOLYLINE of its own. The text in a parcel is its number
    with CAD's own signs escaped (``%%`` and ``^``); control characters become blanks. GDAL takes
    the text for UTF-8 only with ``DXF_ENCODING=UTF-8``.
    """
    system = _projected(epsg)
    shapes, names = checked_outlines(cells, outlines), parcel_names(cells)
    drawn = ~shapely.is_missing(shapes)
    left_out = tuple(name for name, there in zip(names, drawn, strict=True) if not there)
    drawing = _new_drawing(notes, epsg)
    space = drawing.modelspace()
    cad_layers = _cad_layers(drawing, cells, layer)
    for row in np.flatnonzero(drawn):
        _draw(space, shapes[row], cad_layers[row])
    inside = [name for name, there in zip(names, drawn, strict=True) if there]
    _label(space, shapes[drawn], inside)
    said = [*notes, f"坐标系：{system.name}（EPSG:{epsg}），单位：米"]
    if left_out:
        said.append(f"未落图 {len(left_out)} 宗，未绘出")
    _write_notes(drawing, said, shapes[drawn])
    with published(path, overwrite=overwrite) as part:
        drawing.saveas(part)
    return Written(int(drawn.sum()), left_out)


def _projected(epsg: int) -> CRS:
    try:
        system = CRS.from_epsg(epsg)
    except CRSError as error:
        msg = f"坐标系 EPSG:{epsg} 不存在；DXF 应用以米为单位的投影坐标系，如 EPSG:4549"
        raise FormatError(msg) from error
    if not system.is_projected or any(axis.unit_name != "metre" for axis in system.axis_info):
        msg = f"坐标系 EPSG:{epsg} 不以米为单位；DXF 应用投影坐标系，如 EPSG:4549"
        raise FormatError(msg)
    return system


def _new_drawing(notes: Sequence[str], epsg: int) -> Drawing:
    drawing = new("R2010", units=units.M)
    drawing.styles.add(_STYLE, font=_FONT)
    for name in (LABEL_LAYER, NOTE_LAYER):
        drawing.layers.add(name)
    drawing.header.custom_vars.append("EPSG", str(epsg))
    for number, note in enumerate(notes, start=1):
        drawing.header.custom_vars.append(f"说明{number}", _one_line(note))
    return drawing


def _cad_layers(drawing: Drawing, cells: pd.DataFrame, layer: str) -> list[str]:
    """Choose a CAD layer a row, and make those that are needed."""
    found = [column for column in columns_of(cells) if column.name in STATUS_COLUMNS]
    values = found[0].values if found else (None,) * len(cells)
    names = [_layer_name(layer if value is None else str(value)) for value in values]
    for number, name in enumerate(dict.fromkeys(names)):
        if name not in drawing.layers:
            drawing.layers.add(name, color=_COLOURS[number % len(_COLOURS)])
    return names


def _layer_name(text: str) -> str:
    return _NOT_IN_LAYER_NAMES.sub("_", _one_line(text)).strip()[:255] or "地块"


def _draw(space: Modelspace, outline: shapely.Geometry, cad_layer: str) -> None:
    for ring in shapely.get_rings(shapely.get_parts(outline)):
        corners = shapely.get_coordinates(ring)[:-1].tolist()
        space.add_lwpolyline(corners, close=True, dxfattribs={"layer": cad_layer})


def _label(space: Modelspace, outlines: Outlines, names: Sequence[str]) -> None:
    places = shapely.get_coordinates(shapely.point_on_surface(outlines))
    heights = np.clip(np.sqrt(shapely.area(outlines)) * _LABEL_SHARE, *_LABEL_M)
    for place, height, name in zip(places.tolist(), heights.tolist(), names, strict=True):
        text = space.add_text(
            _cad_text(name), height=height, dxfattribs={"layer": LABEL_LAYER, "style": _STYLE}
        )
        text.set_placement(place, align=TextEntityAlignment.MIDDLE_CENTER)


def _write_notes(drawing: Drawing, lines: Sequence[str], outlines: Outlines) -> None:
    west, south, east, north = (
        shapely.total_bounds(outlines).tolist() if len(outlines) else (0.0, 0.0, 100.0, 100.0)
    )
    size = max(_NOTE_M, (east - west) / 100.0)
    for number, line in enumerate(lines, start=1):
        text = drawing.modelspace().add_text(
            _cad_text(line), height=size, dxfattribs={"layer": NOTE_LAYER, "style": _STYLE}
        )
        text.set_placement((west, south - 1.8 * size * number))
    bottom = south - 1.8 * size * (len(lines) + 1)
    middle = ((west + east) / 2.0, (bottom + north) / 2.0)
    drawing.set_modelspace_vport(height=1.1 * max(north - bottom, east - west), center=middle)


def _cad_text(text: str) -> str:
    """Escape what CAD would take for a sign: ``%%d`` is a degree, ``^J`` a line feed."""
    return _one_line(text).replace("%%", "%%%%%%").replace("^", "^ ")


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", xml_characters(text))
