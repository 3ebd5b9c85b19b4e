"""Parcels to export, and other software that reads what was written."""

import json
import os
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

HOSTILE = (
    "<script>alert('1')</script>&amp;\"]]>",
    '=HYPERLINK("http://x.test","点")',
    "'; DROP TABLE 地块;--",
    "甲\u202e乙",
    "第一行\n第二行\r\n\t第三行\r",
    "𠮷䶮",
    "%s {0} $(id) `id`",
)
NOTES = (
    "示意 · 内部使用 · 非涉密系统，严禁存储、处理涉密信息",
    "© OpenStreetMap contributors <ODbL> & GSHHG",
    "数据截止 2019-12-31，台账版本 17",
)

_TURN = np.linspace(0.0, 2.0 * np.pi, 37)[:-1]


def blob(lon: float, lat: float, size: float) -> shapely.Polygon:
    """A ring of 36 vertices with figures that no short decimal holds."""
    reach = size * (1.0 + 0.3 * np.sin(5.0 * _TURN))
    return shapely.Polygon(
        np.column_stack([lon + reach * np.cos(_TURN), lat + reach * np.sin(_TURN)])
    )


def with_hole(lon: float, lat: float, size: float) -> shapely.Polygon:
    # Clockwise outside, counter-clockwise inside: what RFC 7946 does not want.
    outer, inner = blob(lon, lat, size), blob(lon, lat, size / 3.0)
    return shapely.Polygon(outer.exterior.coords[::-1], [inner.exterior.coords])


def parcels(texts: tuple[str, ...] = HOSTILE) -> tuple[pd.DataFrame, np.ndarray]:
    """One parcel a text, and the last one without outline."""
    count = len(texts) + 1
    outlines = np.empty(count, dtype=object)
    for row in range(count - 1):
        outlines[row] = blob(121.08 + row * 0.02, 27.84 + row / 300.0, 0.0007)
    outlines[0] = with_hole(121.08, 27.84, 0.002)
    outlines[1] = shapely.MultiPolygon([with_hole(121.1, 27.85, 0.003), blob(121.11, 27.85, 1e-5)])
    cells = pd.DataFrame(
        {
            "parcel_no": pd.Series([f"DT-{n:03}" for n in range(1, count + 1)], dtype=object),
            "note": pd.Series([*texts, None], dtype=object),
            "ledger_area_mu": [1234.5678901, np.nan, *[0.1] * (count - 2)],
            "supplied_on": pd.Series([date(2019, 2, 28), None, *[date(1998, 1, 1)] * (count - 2)]),
            "stopped_on": pd.Series([None] * count, dtype=object),
        }
    )
    return cells, outlines


def ogr(tool: str, *arguments: str | Path) -> str:
    """Run a program of the system's GDAL, which must not complain."""
    program = shutil.which(tool)
    if program is None:
        pytest.skip(f"no {tool} (Debian's gdal-bin) to read the file back with")
    # The system's own library and data, not those of the Python packages.
    environ = {
        name: text for name, text in os.environ.items() if not name.startswith(("GDAL", "PROJ"))
    }
    done = subprocess.run([program, *arguments], capture_output=True, check=False, env=environ)
    assert done.stderr.decode() == ""
    assert done.returncode == 0
    return done.stdout.decode("utf-8")


def read_by_ogr(path: Path, *arguments: str) -> list[dict[str, Any]]:
    """Features as the system's GDAL has them."""
    options = ("-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=15", "-lco", "WRITE_NAME=NO")
    return json.loads(ogr("ogr2ogr", *options, *arguments, "/vsistdout/", path))["features"]


def geometries(features: list[dict[str, Any]]) -> np.ndarray:
    found = np.empty(len(features), dtype=object)
    for row, feature in enumerate(features):
        if feature["geometry"] is not None:
            found[row] = shapely.from_geojson(json.dumps(feature["geometry"]))
    return found


def properties(features: list[dict[str, Any]], name: str) -> list[Any]:
    return [feature["properties"].get(name) for feature in features]
