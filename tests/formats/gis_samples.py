"""Small files as land offices send them, made by GDAL, ezdxf or by hand."""

import json
import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from ezdxf.filemanagement import new

SQUARES = [
    shapely.box(600_000 + 100 * i, 3_080_000, 600_080 + 100 * i, 3_080_080) for i in range(3)
]
NUMBERS = ["南塘-01", "𠮷䶮-02", "南塘-03"]


def frame(**columns: Any) -> gpd.GeoDataFrame:
    """Three parcels in CGCS2000 3-degree zone 120E."""
    cells = {"地块编号": NUMBERS, "面积": [9.6, None, 9.5], **columns}
    return gpd.GeoDataFrame(cells, geometry=SQUARES, crs="EPSG:4549")


def written(path: Path, parcels: gpd.GeoDataFrame | None = None, **options: Any) -> Path:
    """Write a layer; GDAL warns of shortened names and the like."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (frame() if parcels is None else parcels).to_file(path, **options)
    return path


def dbf(fields: list[tuple[bytes, str, int]], rows: list[list[bytes]], language: int = 0) -> bytes:
    """A dBASE table byte by byte."""
    record = 1 + sum(width for _, _, width in fields)
    head = struct.pack("<B3BIHH20x", 3, 120, 1, 1, len(rows), 33 + 32 * len(fields), record)
    head = head[:29] + bytes([language]) + head[30:]
    for name, kind, width in fields:
        head += struct.pack("<11sc4xBB14x", name, kind.encode(), width, 0)
    body = b"".join(
        b" " + b"".join(c.ljust(w)[:w] for c, (_, _, w) in zip(row, fields, strict=True))
        for row in rows
    )
    return head + b"\r" + body + b"\x1a"


def shapefile(folder: Path, table: bytes, count: int = 1, name: str = "zd") -> Path:
    """A Shapefile without .cpg and .prj around a table made by hand."""
    path = folder / f"{name}.shp"
    squares = gpd.GeoDataFrame({"a": range(count)}, geometry=SQUARES[:count])
    written(path, squares)
    path.with_suffix(".cpg").unlink()
    path.with_suffix(".dbf").write_bytes(table)
    return path


def zipped(target: Path, *paths: Path, folder: str = "") -> Path:
    """Pack files, and folders with what is in them."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            for file in [path, *sorted(path.rglob("*"))]:
                archive.write(file, folder + file.relative_to(path.parent).as_posix())
    return target


def shapefile_parts(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.stem}.*"))


def geojson(path: Path, *features: dict[str, Any], **members: Any) -> Path:
    document = {"type": "FeatureCollection", **members, "features": list(features)}
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    return path


def feature(geometry: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    square = {
        "type": "Polygon",
        "coordinates": [[[121.1, 27.8], [121.2, 27.8], [121.2, 27.9], [121.1, 27.8]]],
    }
    return {"type": "Feature", "properties": properties, "geometry": geometry or square}


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>地块</name>
<Schema name="S" id="S"><SimpleField type="string" name="用地单位"/>
<SimpleField type="double" name="面积"/></Schema>
<Folder><name>南塘</name><Placemark><name>A-01</name><ExtendedData><SchemaData schemaUrl="#S">
<SimpleData name="用地单位">甲公司</SimpleData><SimpleData name="面积">12.5</SimpleData>
</SchemaData></ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>
121.1,27.8,5 121.2,27.8,5 121.2,27.9,5 121.1,27.8,5
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Folder>
<Folder><name>空</name></Folder></Document></kml>"""


def drawing(path: Path, version: str = "R2010") -> Path:
    """Two parcels with their numbers, one of them with an arc."""
    document = new(version)
    space = document.modelspace()
    space.add_lwpolyline(
        [(0, 0, 0), (100, 0, 0.5), (100, 100, 0), (0, 100, 0)], format="xyb", close=True,
        dxfattribs={"layer": "红线"},
    )  # fmt: skip
    space.add_lwpolyline([(200, 0), (300, 0), (300, 100)], close=True, dxfattribs={"layer": "红线"})
    space.add_text("南塘-01", dxfattribs={"insert": (50, 50), "layer": "DKBH"})
    space.add_text("南塘-02", dxfattribs={"insert": (280, 40), "layer": "DKBH"})
    document.saveas(path)
    return path


def dates(*days: str) -> pd.Series:
    """Days as a column; "" is no day."""
    return pd.Series(pd.to_datetime([day or "NaT" for day in days])).astype("datetime64[ms]")
