"""Put geodata/ into its one written form and seal it: sha256 and rows into every sidecar.

Run by hand after an edit, from the top of the repository: ``python -m scripts.seal_geodata``.
The GeoJSON and CSV files are the source; this script changes no figure. It writes one feature a
line, turns rings by RFC 7946's right-hand rule, and gives every feature its ``id`` member.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import shapely

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import (
    DATASETS,
    TABLES,
    dataset_path,
    shown_path,
    sidecar_path,
    table_path,
)

Feature = dict[str, Any]


def write_features(path: Path, features: list[Feature]) -> None:
    """Write features in the one form that this repository keeps.

    Parameters
    ----------
    path : Path
        The GeoJSON file.
    features : list of dict
        Members in any order; properties keep theirs.
    """
    lines = ",\n".join(
        json.dumps(_ordered(feature), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        for feature in features
    )
    text = f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")


def seal(path: Path, rows: int) -> None:
    """Write a file's hash and row count into its sidecar.

    Parameters
    ----------
    path : Path
        The dataset or table.
    rows : int
        Features, or lines of the table without its header.
    """
    sidecar = sidecar_path(path)
    text = sidecar.read_text(encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    text = re.sub(r"^sha256 = .*$", f'sha256 = "{digest}"', text, flags=re.MULTILINE)
    text = re.sub(r"^rows = .*$", f"rows = {rows}", text, flags=re.MULTILINE)
    sidecar.write_text(text, encoding="utf-8", newline="\n")
    print(f"{shown_path(path)}: {rows} rows, sha256 {digest[:12]}…")


def main(root: Path = settings.GEODATA) -> None:
    """Rewrite and seal every dataset and table.

    Parameters
    ----------
    root : Path
        The geodata folder.
    """
    for dataset_id in DATASETS:
        path = dataset_path(root, dataset_id)
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        write_features(path, features)
        seal(path, len(features))
    for table_id in TABLES:
        path = table_path(root, table_id)
        with path.open(encoding="utf-8", newline="") as file:
            rows = sum(1 for cells in csv.reader(file) if cells) - 1
        seal(path, rows)


def _ordered(feature: Feature) -> Feature:
    return {
        "type": "Feature",
        "id": feature["properties"]["id"],
        "properties": feature["properties"],
        "geometry": _turned(feature["geometry"]),
    }


def _turned(geometry: Feature | None) -> Feature | None:
    if geometry is None or geometry["type"] not in ("Polygon", "MultiPolygon"):
        return geometry
    turned = shapely.orient_polygons(shapely.geometry.shape(geometry), exterior_cw=False)
    mapped: Feature = shapely.geometry.mapping(turned)
    return mapped


if __name__ == "__main__":
    main()
