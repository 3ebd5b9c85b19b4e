"""Zipped Shapefile: what it holds comes back, what it cannot hold is said."""

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dongtou_geo.domain.ledger_field import LEDGER_FIELDS
from dongtou_geo.formats.export_shapefile import file_stem, short_names, write_shapefile_zip
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
    path = tmp_path_factory.mktemp("shape") / "地块.shp.zip"
    cells, outlines = parcels()
    done = write_shapefile_zip(path, cells, outlines, layer="地块", notes=NOTES)
    assert done == Written(len(HOSTILE), (f"DT-{len(HOSTILE) + 1:03}",))
    assert [file.name for file in path.parent.iterdir()] == ["地块.shp.zip"]
    return path


def text_in(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode("utf-8-sig")


def table_in(path: Path, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text_in(path, name), newline="")))


def test_old_gdal_opens_it_without_a_word(written: Path) -> None:
    told = ogr("ogrinfo", "-al", "-so", written)
    assert "Layer name: 地块\n" in told
    assert f"Feature Count: {len(HOSTILE)}\n" in told
    assert 'ID["EPSG",4490]]' in told
    assert "supplied_o: Date" in told
    assert "stopped_on: Date" in told
    assert "ledger_are: Real" in told


def test_zip_says_what_a_shapefile_needs(written: Path) -> None:
    assert text_in(written, "地块.cpg") == "UTF-8"
    assert "CGCS2000" in text_in(written, "地块.prj")
    with zipfile.ZipFile(written) as archive:
        assert archive.testzip() is None
        assert {f"地块.{ending}" for ending in ("shp", "shx", "dbf", "prj", "cpg")} < set(
            archive.namelist()
        )


def test_rows_come_back(written: Path) -> None:
    _, outlines = parcels()
    features = read_by_ogr(written)
    assert properties(features, "note") == list(HOSTILE)
    assert properties(features, "supplied_o")[:3] == ["2019-02-28", None, "1998-01-01"]
    assert properties(features, "ledger_are")[:3] == [1234.5678901, None, 0.1]
    assert area_m2(geometries(features)) == pytest.approx(area_m2(outlines[:-1]), abs=0.01)


def test_rest_is_said_beside_it(written: Path) -> None:
    said = text_in(written, "说明.txt")
    for note in NOTES:
        assert note in said
    assert "未落图 1 宗" in said
    assert "截断" not in said
    heading, row = table_in(written, "未落图.csv")
    assert heading[0] == "parcel_no"
    assert row[0] == f"DT-{len(HOSTILE) + 1:03}"
    assert "\nledger_are\tledger_area_mu\n" in text_in(written, "字段说明.txt")


def test_long_texts_are_cut_between_characters_and_said(tmp_path: Path) -> None:
    texts = ("长" * 85, "𠮷" * 64, "x" * 254, "a\0" * 200, " 空 ", "")
    cells, outlines = parcels(texts)
    cells = cells.rename(columns={"note": "备注"})
    path = tmp_path / "a.shp.zip"
    write_shapefile_zip(path, cells, outlines, layer="a")
    found = properties(read_by_ogr(path), "备注")
    assert found == ["长" * 84, "𠮷" * 63, "x" * 254, "a" * 200, "空", None]
    cuts = [line for line in text_in(path, "说明.txt").splitlines() if "截断" in line]
    assert cuts == [
        "地块“DT-001”的“备注”原长 255 字节，已截断为 254 字节以内",
        "地块“DT-002”的“备注”原长 256 字节，已截断为 254 字节以内",
    ]


def test_spreadsheet_computes_nothing_of_what_has_no_outline(tmp_path: Path) -> None:
    cells = pd.DataFrame({"parcel_no": ["=1+1", "@x", 'a,\n"b'], "=名": [-1.5, 2.0, None]})
    path = tmp_path / "a.shp.zip"
    done = write_shapefile_zip(path, cells, np.array([None] * 3), layer="a")
    assert done == Written(0, ("=1+1", "@x", 'a,\n"b'))
    assert table_in(path, "未落图.csv") == [
        ["parcel_no", "'=名"],
        ["'=1+1", "-1.5"],
        ["'@x", "2.0"],
        ['a,\n"b', ""],
    ]
    assert read_by_ogr(path) == []


def test_large_figures_come_back(tmp_path: Path) -> None:
    cells, outlines = parcels(("a", "b", "c", "d"))
    cells["wan"] = [123_456_789_012.25, -98_765_432.125, 1e-7, 1e15, 0.0]
    cells["count"] = [2**53, -1, 0, 10**17, 1]
    path = tmp_path / "a.shp.zip"
    write_shapefile_zip(path, cells, outlines, layer="a")
    features = read_by_ogr(path)
    assert properties(features, "wan") == [123_456_789_012.25, -98_765_432.125, 1e-7, 1e15]
    assert properties(features, "count") == [2**53, -1, 0, 10**17]


@pytest.mark.parametrize("naming", ["name", "label", "heading"])
def test_every_ledger_field_has_its_own_short_name(naming: str) -> None:
    short = short_names([getattr(field, naming) for field in LEDGER_FIELDS.values()])
    assert len({name.casefold() for name in short}) == len(LEDGER_FIELDS)
    assert max(len(name.encode("utf-8")) for name in short) <= 10


def test_short_names_are_cut_between_characters() -> None:
    names = ["供应日期", "供应日期文号", "Approved_On", "approved_on_doc", "", "a\0b", "𠮷𠮷𠮷"]
    assert short_names(names) == [
        "供应日",
        "供应_1",
        "Approved_O",
        "approved_1",
        "字段",
        "ab",
        "𠮷𠮷",
    ]
    many = short_names(["abcdefghijk"] * 120)
    assert many[-1] == "abcdef_119"
    assert len(set(many)) == 120


@pytest.mark.parametrize(
    ("layer", "stem"),
    [
        ("地块", "地块"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ('a:b*c?"<>|', "a_b_c_____"),
        ("\0\u202e", "_"),
        ("...", "地块"),
        ("", "地块"),
        ("长" * 100, "长" * 33),
    ],
)
def test_layer_names_make_safe_file_names(layer: str, stem: str) -> None:
    assert file_stem(layer) == stem


def test_a_layer_name_cannot_leave_the_zip(tmp_path: Path) -> None:
    cells, outlines = parcels()
    path = tmp_path / "a.shp.zip"
    write_shapefile_zip(path, cells, outlines, layer="../../x")
    with zipfile.ZipFile(path) as archive:
        assert not any("/" in name or "\\" in name for name in archive.namelist())
    assert list(tmp_path.iterdir()) == [path]


def test_half_a_date_column_is_text(tmp_path: Path) -> None:
    cells = pd.DataFrame({"a": [date(2019, 1, 2), "待定"]}, dtype=object)
    path = tmp_path / "a.shp.zip"
    write_shapefile_zip(path, cells, parcels(("x", "y"))[1][:2], layer="a")
    assert properties(read_by_ogr(path), "a") == ["2019-01-02", "待定"]
