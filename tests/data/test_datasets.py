"""Every file of geodata/ is what its sidecar says, and is written in the one agreed form."""

import csv
import hashlib
import json
import shutil
import tomllib
from pathlib import Path

import pytest
import shapely

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import (
    DATASETS,
    TABLES,
    dataset_path,
    extent_of,
    sidecar_path,
    table_path,
)
from dongtou_geo.catalog.features import read_collection
from dongtou_geo.catalog.sidecar import (
    DatasetSidecar,
    TableSidecar,
    read_sidecar,
    sidecar_problems,
)
from scripts import seal_geodata

ROOT = settings.GEODATA
FILES = [dataset_path(ROOT, name) for name in DATASETS] + [table_path(ROOT, n) for n in TABLES]
ROWS = {
    "zones": 3,
    "parks": 5,
    "reclamation": 8,
    "projects": 43,
    "targets": 8,
    "project_groups": 8,
    "data_notes": 37,
}
# The contract's ids, in the plan's order.
IDS = {
    "zones": ["zone_north", "zone_main", "zone_west"],
    "parks": ["park_startup", "park_nantang", "park_yangwen", "park_ojk_industry", "park_rail"],
    "reclamation": [
        "recl_daxiaomen",
        "recl_xiaomen_west",
        "recl_lng",
        "recl_port_logistics",
        "recl_damen_lingang",
        "recl_ojk_phase1",
        "recl_ojk_phase2",
        "recl_qiantan2",
    ],
    "projects": [f"project_{number}" for number in range(1, 44)],
}
POLYGON_PROPERTIES = [
    "id",
    "name",
    "kind",
    "parent_id",
    "plan_area_value",
    "plan_area_unit",
    "plan_area_mu",
    "source_ref",
    "fidelity",
    "confidence",
    "method",
]


def features_of(name):
    return read_collection(dataset_path(ROOT, name))["features"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_sidecar_fits_its_file(path: Path) -> None:
    content = read_sidecar(sidecar_path(path))
    model = DatasetSidecar if path.suffix == ".geojson" else TableSidecar
    assert sidecar_problems(content, model, path.name) == []
    assert content["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    if path.suffix == ".geojson":
        rows = len(read_collection(path)["features"])
        assert content["crs"] == "EPSG:4490"
    else:
        with path.open(encoding="utf-8", newline="") as file:
            rows = len(list(csv.DictReader(file)))
    assert content["rows"] == rows == ROWS.get(path.stem, rows)


@pytest.mark.parametrize("name", DATASETS)
def test_file_is_rfc_7946_and_written_one_feature_a_line(name: str) -> None:
    path = dataset_path(ROOT, name)
    lines = path.read_text("utf-8").splitlines()
    features = features_of(name)
    assert len(lines) == len(features) + 2
    assert json.loads(lines[1].rstrip(",")) == features[0]
    assert "crs" not in read_collection(path)


@pytest.mark.parametrize("name", DATASETS)
def test_ids_are_the_contracts_and_repeat_as_members(name: str) -> None:
    ids = [feature["properties"]["id"] for feature in features_of(name)]
    assert [feature["id"] for feature in features_of(name)] == ids
    assert len(set(ids)) == len(ids)
    assert ids == IDS.get(name, ids)


@pytest.mark.parametrize("name", DATASETS)
def test_outlines_are_valid_turned_right_and_where_they_may_be(name: str) -> None:
    sidecar = read_sidecar(sidecar_path(dataset_path(ROOT, name)))
    for feature in features_of(name):
        if feature["geometry"] is None:
            continue
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.geom_type in sidecar["geometry"]
        assert shape.is_valid
        assert shape.within(shapely.box(*extent_of(name)).buffer(1e-9))
        for part in shapely.get_parts(shape):
            if isinstance(part, shapely.Polygon):
                assert part.exterior.is_ccw
                assert not any(hole.is_ccw for hole in part.interiors)
        # No more precision than a hand-drawn outline or GSHHG can claim.
        assert (shapely.get_coordinates(shape).round(6) == shapely.get_coordinates(shape)).all()


@pytest.mark.parametrize("name", ["zones", "parks", "reclamation", "coast"])
def test_polygons_carry_the_contracts_properties(name: str) -> None:
    for feature in features_of(name):
        assert list(feature["properties"])[: len(POLYGON_PROPERTIES)] == POLYGON_PROPERTIES
        expected = "digitised" if name == "coast" else "indicative"
        assert feature["properties"]["fidelity"] == expected


def test_licences_and_credits_are_named() -> None:
    for name in ("zones", "parks", "reclamation", "projects"):
        sidecar = tomllib.loads(sidecar_path(dataset_path(ROOT, name)).read_text("utf-8"))
        assert sidecar["licence"] == "ODbL-1.0"
        credits = " ".join(sidecar["credits"])
        assert "GSHHG" in credits
        assert "© OpenStreetMap contributors" in credits
    coast = tomllib.loads((ROOT / "coast.toml").read_text("utf-8"))
    assert coast["licence"].startswith("LGPL-3.0")
    assert "OpenStreetMap" not in " ".join(coast["credits"])


def test_coast_has_the_mainland_and_the_islands_in_one_piece_each() -> None:
    names = [feature["properties"]["name"] for feature in features_of("coast")]
    assert "大陆" in names
    for island in ("大门岛", "小门岛", "灵昆岛", "霓屿岛", "洞头本岛", "状元岙岛", "鹿西岛"):
        assert names.count(island) == 1


def test_sealing_again_changes_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "geodata"
    shutil.copytree(ROOT, copy)
    seal_geodata.main(copy)
    for path in ROOT.rglob("*.*"):
        assert (copy / path.relative_to(ROOT)).read_bytes() == path.read_bytes()
