"""GeoJSON: RFC 7946 to the letter, read back by the system's GDAL."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from dongtou_geo.formats.export_geojson import write_geojson
from dongtou_geo.formats.exporting import Written
from dongtou_geo.frames.area import area_m2
from tests.formats.exports import (
    HOSTILE,
    NOTES,
    geometries,
    ogr,
    parcels,
    properties,
    read_by_ogr,
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("geojson") / "地块.geojson"
    cells, outlines = parcels()
    assert write_geojson(path, cells, outlines, layer="地块", notes=NOTES) == Written(len(cells))
    assert [file.name for file in path.parent.iterdir()] == ["地块.geojson"]
    return path


def test_members_are_those_of_the_standard(written: Path) -> None:
    document = json.loads(written.read_text("utf-8"))
    assert list(document) == ["type", "name", "notes", "features"]
    assert document["type"] == "FeatureCollection"
    assert document["notes"] == list(NOTES)
    first, last = document["features"][0], document["features"][-1]
    assert list(first) == ["type", "properties", "geometry"]
    assert first["properties"] == {
        "parcel_no": "DT-001",
        "note": HOSTILE[0],
        "ledger_area_mu": 1234.5678901,
        "supplied_on": "2019-02-28",
        "stopped_on": None,
    }
    assert last["geometry"] is None


def test_rings_follow_the_right_hand_and_ten_decimals(written: Path) -> None:
    found = geometries(json.loads(written.read_text("utf-8"))["features"])[:-1]
    outer = shapely.get_exterior_ring(shapely.get_parts(found))
    assert shapely.is_ccw(outer).all()
    holes = [hole for part in shapely.get_parts(found) for hole in part.interiors]
    assert len(holes) == 2
    assert not shapely.is_ccw(holes).any()
    figures = shapely.get_coordinates(found)
    assert (np.round(figures, 10) == figures).all()
    assert (np.round(figures, 7) != figures).any()


def test_rows_come_back(written: Path) -> None:
    _, outlines = parcels()
    features = read_by_ogr(written)
    assert properties(features, "note") == [*HOSTILE, None]
    found = geometries(features)
    assert found[-1] is None
    assert area_m2(found[:-1]) == pytest.approx(area_m2(outlines[:-1]), abs=0.01)
    assert "Layer name: 地块\n" in ogr("ogrinfo", "-al", "-so", written)


def test_every_character_survives(tmp_path: Path) -> None:
    texts = ("a\0b\x01\x7f\u2028\ufffe", "半\ud800个", "</script>")
    cells, outlines = parcels(texts)
    path = tmp_path / "a.geojson"
    write_geojson(path, cells, outlines, layer='"},{', notes=['"]'])
    document = json.loads(path.read_text("utf-8"))
    wanted = [texts[0], "半\ufffd个", texts[2], None]
    assert properties(document["features"], "note") == wanted
    assert (document["name"], document["notes"]) == ('"},{', ['"]'])


@pytest.mark.parametrize("count", [0, 2])
def test_nothing_is_written_as_nothing(tmp_path: Path, count: int) -> None:
    path = tmp_path / "a.geojson"
    cells = pd.DataFrame(index=pd.RangeIndex(count))
    assert write_geojson(path, cells, np.array([None] * count), layer="空") == Written(count)
    features = json.loads(path.read_text("utf-8"))["features"]
    assert features == [{"type": "Feature", "properties": {}, "geometry": None}] * count
