"""GeoPackage, read back by the system's GDAL and by SQLite."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dongtou_geo.formats.export_gpkg import write_gpkg
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
    path = tmp_path_factory.mktemp("gpkg") / "新" / "地块.gpkg"
    cells, outlines = parcels()
    assert write_gpkg(path, cells, outlines, layer="地块", notes=NOTES) == Written(len(cells))
    assert [file.name for file in path.parent.iterdir()] == ["地块.gpkg"]
    return path


def test_old_gdal_opens_it_without_a_word(written: Path) -> None:
    told = ogr("ogrinfo", "-al", "-so", written)
    assert "Layer name: 地块\n" in told
    assert "Geometry: Multi Polygon\n" in told
    assert f"Feature Count: {len(HOSTILE) + 1}\n" in told
    assert 'ID["EPSG",4490]]' in told
    for note in NOTES:
        assert note in told
    for field in ("parcel_no: String (0.0)", "ledger_area_mu: Real", "supplied_on: Date"):
        assert field in told
    assert "stopped_on: Date" in told


def test_rows_come_back(written: Path) -> None:
    cells, outlines = parcels()
    features = read_by_ogr(written)
    assert properties(features, "note") == [*HOSTILE, None]
    assert properties(features, "parcel_no") == cells["parcel_no"].tolist()
    assert properties(features, "supplied_on")[:3] == ["2019-02-28", None, "1998-01-01"]
    assert properties(features, "ledger_area_mu")[:3] == [1234.5678901, None, 0.1]
    found = geometries(features)
    assert found[-1] is None
    assert area_m2(found[:-1]) == pytest.approx(area_m2(outlines[:-1]), abs=0.01)


def test_it_is_a_geopackage_1_3(written: Path) -> None:
    with closing(sqlite3.connect(written)) as file:
        assert file.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        assert file.execute("PRAGMA user_version").fetchone() == (10300,)
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        contents = file.execute("SELECT identifier, description, srs_id FROM gpkg_contents")
        assert contents.fetchall() == [("地块", "\n".join(NOTES), 4490)]
        system = "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys"
        assert ("EPSG", 4490) in file.execute(system).fetchall()


def test_only_nul_is_lost(tmp_path: Path) -> None:
    texts = ("a\0b", "a\x01\x1f\ufffeb", "长" * 5000, "", " x ", "半\ud800个")
    cells, outlines = parcels(texts)
    path = tmp_path / "a.gpkg"
    write_gpkg(path, cells, outlines, layer='x"; DROP TABLE y;--', notes=["a\0b"])
    with closing(sqlite3.connect(path)) as file:
        notes = file.execute('SELECT note FROM "x""; DROP TABLE y;--" ORDER BY fid').fetchall()
        assert file.execute("SELECT description FROM gpkg_contents").fetchall() == [("ab",)]
    wanted = ["ab", "a\x01\x1f\ufffeb", "长" * 5000, "", " x ", "半\ufffd个", None]
    assert [note for (note,) in notes] == wanted


def test_names_of_our_own_columns_do_not_collide(tmp_path: Path) -> None:
    cells = pd.DataFrame({"FID": [7], "geom": ["a"], "fid_": [date(2019, 1, 2)]})
    path = tmp_path / "a.gpkg"
    write_gpkg(path, cells, np.array([None]), layer="x")
    feature = read_by_ogr(path)[0]
    assert feature["properties"] == {"FID": 7, "geom": "a", "fid_": "2019-01-02"}


def test_nothing_is_written_as_nothing(tmp_path: Path) -> None:
    cells, outlines = parcels()
    path = tmp_path / "a.gpkg"
    assert write_gpkg(path, cells[:0], outlines[:0], layer="空") == Written(0)
    assert "Feature Count: 0" in ogr("ogrinfo", "-al", "-so", path)
