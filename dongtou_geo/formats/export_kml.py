"""KML and KMZ for viewers: one placemark a parcel, every text escaped."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LinearRing, MultiPolygon, Polygon

from dongtou_geo.formats.export_geojson import DECIMALS
from dongtou_geo.formats.exporting import (
    Column,
    Outlines,
    Written,
    checked_outlines,
    columns_of,
    parcel_names,
    published,
    xml_characters,
)

_NAMESPACE = "http://www.opengis.net/kml/2.2"
# Viewers fill with opaque white unless told otherwise, and hide the image below.
_STYLE = (
    '<Style id="parcel"><LineStyle><color>ff00a5ff</color><width>2</width></LineStyle>'
    "<PolyStyle><color>3300a5ff</color></PolyStyle></Style>"
)


def write_kml(
    path: Path,
    cells: pd.DataFrame,
    outlines: Outlines,
    *,
    layer: str,
    notes: Sequence[str] = (),
    overwrite: bool = False,
) -> Written:
    """Write parcels as KML 2.2, or zipped as KMZ where the file's name ends so.

    Parameters
    ----------
    path : Path
        ``.kml`` or ``.kmz``.
    cells : DataFrame
        One row a parcel, columns named as they are to be written; they become ``ExtendedData``.
    outlines : ndarray of object
        Polygon, multipolygon or None (未落图) a row, lon/lat in EPSG:4490.
    layer : str
        Name of the document.
    notes : sequence of str
        Description of the document: standing line, credits, date, ledger version.
    overwrite : bool
        Whether a file that is there may be replaced.

    Returns
    -------
    Written
        All rows; those without outline are placemarks without a place.

    Raises
    ------
    FormatError
        If the file exists already or cannot be written; nothing is left then.

    Notes
    -----
    KML (OGC 12-007r2) is WGS 84; CGCS2000 differs by centimetres, and no figure is changed.
    Characters that XML cannot hold are removed from texts; nothing else changes.
    """
    shapes = shapely.orient_polygons(checked_outlines(cells, outlines), exterior_cw=False)
    document = _document(layer, notes, _placemarks(cells, shapes))
    with published(path, overwrite=overwrite) as part:
        packed = path.suffix.lower() == ".kmz"
        plain = part.with_name("doc.kml") if packed else part
        with plain.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(document)
        if packed:
            with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.write(plain, "doc.kml")
    return Written(len(cells))


def _document(layer: str, notes: Sequence[str], placemarks: Iterator[str]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<kml xmlns="{_NAMESPACE}"><Document><name>{_text(layer)}</name>\n'
    if notes:
        yield "<description>" + _text("\n".join(notes)) + "</description>\n"
    yield _STYLE + "\n"
    yield from placemarks
    yield "</Document></kml>\n"


def _placemarks(cells: pd.DataFrame, outlines: Outlines) -> Iterator[str]:
    columns = columns_of(cells)
    for row, (name, outline) in enumerate(zip(parcel_names(cells), outlines, strict=True)):
        yield f"<Placemark><name>{_text(name)}</name>"
        yield "<styleUrl>#parcel</styleUrl><ExtendedData>"
        yield from (_datum(column, row) for column in columns if column.values[row] is not None)
        yield "</ExtendedData>"
        if outline is not None:
            yield _geometry(outline)
        yield "</Placemark>\n"


def _datum(column: Column, row: int) -> str:
    value = column.values[row]
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"<Data name={_attribute(column.name)}><value>{_text(text)}</value></Data>"


def _geometry(outline: Polygon | MultiPolygon) -> str:
    if isinstance(outline, Polygon):
        return _polygon(outline)
    return f"<MultiGeometry>{''.join(map(_polygon, outline.geoms))}</MultiGeometry>"


def _polygon(polygon: Polygon) -> str:
    holes = (f"<innerBoundaryIs>{_ring(ring)}</innerBoundaryIs>" for ring in polygon.interiors)
    outer = f"<outerBoundaryIs>{_ring(polygon.exterior)}</outerBoundaryIs>"
    return f"<Polygon>{outer}{''.join(holes)}</Polygon>"


def _ring(ring: LinearRing) -> str:
    figures = np.round(shapely.get_coordinates(ring), DECIMALS).tolist()
    return (
        "<LinearRing><coordinates>"
        + " ".join(f"{lon!r},{lat!r}" for lon, lat in figures)
        + "</coordinates></LinearRing>"
    )


def _text(text: str) -> str:
    # An XML reader turns a bare carriage return into a line feed.
    return escape(xml_characters(text), {"\r": "&#13;"})


def _attribute(text: str) -> str:
    return quoteattr(xml_characters(text))
