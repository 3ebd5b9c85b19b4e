"""GeoPackages and File GDBs: layers, types, curves, and what SQLite lets pass."""

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from dongtou_geo.formats.arrived import ChoiceNeededError, FormatError
from dongtou_geo.formats.reading import layers_of, read
from tests.formats.gis_samples import NUMBERS, SQUARES, dates, frame, written, zipped

ARC = "CURVEPOLYGON (COMPOUNDCURVE (CIRCULARSTRING (0 0, 100 100, 200 0), (200 0, 0 0)))"
TABLE = pd.DataFrame({"地块编号": ["A-01"], "园区": ["南塘"]})


def changed(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


def plain(path: Path, **columns: object) -> Path:
    """Without spatial index, whose triggers only GDAL can run."""
    return written(path, frame(**columns), SPATIAL_INDEX="NO")


def test_cells_keep_their_types(tmp_path: Path) -> None:
    path = plain(
        tmp_path / "zd.gpkg",
        监管号=pd.array([2**60 + 1, None, 3], dtype="Int64"),
        投产日期=dates("2019-01-02", "", "2020-12-31"),
        序号=[1, 2, 3],
    )
    arrived = read(path)
    cells = arrived.cells
    assert cells["地块编号"].tolist() == NUMBERS
    assert cells["监管号"].dropna().tolist() == [2**60 + 1, 3]
    assert cells["投产日期"].tolist() == [
        pd.Timestamp(2019, 1, 2),
        pd.NaT,
        pd.Timestamp(2020, 12, 31),
    ]
    assert (str(cells["序号"].dtype), str(cells["面积"].dtype)) == ("int64", "float64")
    assert (arrived.layer, arrived.declared_crs, arrived.encoding) == ("zd", "EPSG:4549", None)
    assert arrived.outlines is not None
    assert all(a.equals(b) for a, b in zip(arrived.outlines, SQUARES, strict=True))
    assert arrived.problems == ()


def test_days_stored_as_utc_instants_are_the_days_meant(tmp_path: Path) -> None:
    """Midnight in China is 16:00 UTC of the day before; other times stay as they are written."""
    path = plain(tmp_path / "zd.gpkg", 日=dates("2019-01-01 16:00", "2020-02-28 16:00", ""))
    assert read(path).cells["日"].tolist()[:2] == [
        pd.Timestamp(2019, 1, 2),
        pd.Timestamp(2020, 2, 29),
    ]
    path = plain(tmp_path / "b.gpkg", 日=dates("2019-01-01 16:00", "2020-02-28 09:00", ""))
    assert read(path).cells["日"].tolist()[0] == pd.Timestamp(2019, 1, 1, 16)


def test_what_does_not_fit_its_column_stands_as_the_file_has_it(tmp_path: Path) -> None:
    """GDAL reads 十亩 as 0, 12.5 in an integer column as 12, and 2019.1 as 1970-01-01."""
    path = plain(tmp_path / "zd.gpkg", 序号=[1, 2, 3])
    changed(
        path,
        "ALTER TABLE zd ADD COLUMN 日 DATE",
        "UPDATE zd SET 日 = '2019-01-02'",
        "UPDATE zd SET 日 = '2019.1', 面积 = '十亩', 序号 = 12.5 WHERE fid = 2",
        "UPDATE zd SET 日 = '2019-02-30', 面积 = NULL, 序号 = NULL WHERE fid = 3",
    )
    cells = read(path).cells
    assert cells["日"].tolist() == [pd.Timestamp(2019, 1, 2), 2019.1, "2019-02-30"]
    assert cells["面积"].tolist() == [9.6, "十亩", None]
    assert cells["序号"].tolist() == [1, 12.5, None]


def test_text_that_is_no_utf8_rejects_its_row(tmp_path: Path) -> None:
    path = changed(
        plain(tmp_path / "zd.gpkg"),
        "UPDATE zd SET 地块编号 = CAST(x'c4cfccc1' AS TEXT) WHERE fid = 2",
    )
    arrived = read(path)
    (problem,) = arrived.problems
    assert (problem.row, problem.cell, problem.code) == (2, "地块编号", "text_undecodable")
    assert arrived.cells["地块编号"].tolist()[0] == NUMBERS[0]


def test_binary_columns_are_left_out_and_named(tmp_path: Path) -> None:
    path = changed(plain(tmp_path / "zd.gpkg"), "ALTER TABLE zd ADD COLUMN 照片 BLOB")
    arrived = read(path)
    assert list(arrived.cells.columns) == ["地块编号", "面积"]
    assert [(p.cell, p.code, p.severity.value) for p in arrived.problems] == [
        ("照片", "column_skipped", "info")
    ]


def test_of_several_layers_one_must_be_chosen(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.gpkg", layer="南塘")
    written(path, layer="杨文")
    with pytest.raises(ChoiceNeededError, match=r"南塘、杨文.*--layer") as raised:
        read(path)
    assert (raised.value.flag, raised.value.options) == ("--layer", ("南塘", "杨文"))
    assert read(path, layer="杨文").layer == "杨文"
    with pytest.raises(FormatError, match="没有图层“杨”，有：南塘、杨文"):
        read(path, layer="杨")


def test_empty_layers_and_tables_are_skipped_beside_outlines(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.gpkg", layer="宗地")
    written(path, frame().iloc[:0], layer="空")
    written(path, gpd.GeoDataFrame(TABLE), layer="说明", driver="GPKG")
    assert layers_of(path) == ["宗地"]
    assert len(read(path).cells) == 3
    assert len(read(path, layer="空").cells) == 0
    table = read(path, layer="说明")
    assert table.outlines is None
    assert table.cells["园区"].tolist() == ["南塘"]


def test_a_table_alone_is_read_without_outlines(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.gpkg", gpd.GeoDataFrame(TABLE), driver="GPKG")
    assert layers_of(path) == ["zd"]
    assert read(path).outlines is None


def test_no_coordinate_system_is_none(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.gpkg", gpd.GeoDataFrame({"a": [1]}, geometry=SQUARES[:1]))
    assert read(path).declared_crs is None


def test_curves_are_stroked_to_a_centimetre(ogr2ogr, tmp_path: Path) -> None:
    (tmp_path / "arc.csv").write_text(f'id,WKT\n1,"{ARC}"\n')
    options = ("-oo", "GEOM_POSSIBLE_NAMES=WKT", "-a_srs", "EPSG:4549")
    gpkg = ogr2ogr(
        tmp_path / "zd.gpkg", tmp_path / "arc.csv", *options, "-nlt", "CURVEPOLYGON", "-nln", "zd"
    )
    gdb = ogr2ogr(tmp_path / "zd.gdb", gpkg, "-f", "OpenFileGDB", "-nlt", "MULTISURFACE")
    for path in (gpkg, zipped(tmp_path / "zd.gdb.zip", gdb)):
        arrived = read(path)
        assert arrived.outlines is not None
        shape = arrived.outlines[0]
        from_centre = np.hypot(*(shapely.get_coordinates(shape) - (100, 0)).T)
        assert from_centre[from_centre > 50] == pytest.approx(100, abs=0.01)
        assert np.pi * 5000 - shape.area < np.pi * 100 * 0.01


def test_a_zipped_file_gdb_with_or_without_its_folder(tmp_path: Path) -> None:
    gdb = written(
        tmp_path / "宗地.gdb", frame(日=dates("2019-01-02", "", "")), layer="南塘",
        driver="OpenFileGDB", promote_to_multi=True,
    )  # fmt: skip
    written(
        gdb, frame().iloc[:0], layer="空", driver="OpenFileGDB", mode="a",
        geometry_type="MultiPolygon",
    )  # fmt: skip
    with_folder = zipped(tmp_path / "a.gdb.zip", gdb, folder="数据/")
    bare = zipped(tmp_path / "b.gdb.zip", *sorted(gdb.iterdir()))
    for path in (with_folder, bare):
        assert layers_of(path) == ["南塘"]
        arrived = read(path)
        assert arrived.cells["地块编号"].tolist() == NUMBERS
        assert arrived.cells["日"].tolist()[0] == pd.Timestamp(2019, 1, 2)
        assert arrived.declared_crs == "EPSG:4549"


def test_a_ledger_is_never_opened(tmp_path: Path) -> None:
    path = changed(tmp_path / "ledger.gpkg", "CREATE TABLE parcels (id TEXT)")
    with pytest.raises(FormatError, match="SQLite 数据库，但不是 GeoPackage"):
        read(path)


def test_a_file_that_is_being_written_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.gpkg")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE x (y)")
        database.commit()
        with pytest.raises(FormatError, match="正被其他程序"):
            read(path)


def test_a_file_left_in_wal_mode_is_read_and_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.gpkg")
    changed(path, "PRAGMA journal_mode = WAL")
    before = path.read_bytes()
    assert before[18] == 2
    assert len(read(path).cells) == 3
    assert [file.name for file in tmp_path.iterdir()] == ["zd.gpkg"]
    assert path.read_bytes() == before


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.999])
def test_cut_files_are_refused(share: float, tmp_path: Path) -> None:
    path = written(tmp_path / "zd.gpkg")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FormatError, match="不完整"):
        read(path)


def test_tables_that_reach_outside_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.gpkg")
    other = written(tmp_path / "secret.gpkg")
    changed(
        path,
        "PRAGMA writable_schema = 1",
        "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', 'vt', 'vt', 0, "
        f"'CREATE VIRTUAL TABLE vt USING VirtualOGR(''{other}'', 0, ''secret'')')",
    )
    with pytest.raises(FormatError):
        read(path, layer="vt")


def test_names_are_text(tmp_path: Path) -> None:
    name = "a\"b'c; DROP TABLE x --"
    path = written(tmp_path / "zd.gpkg", frame(**{name: [1, 2, 3]}), layer=name)
    assert read(path).cells[name].tolist() == [1, 2, 3]
    assert read(path).layer == name


def test_a_nan_vertex_arrives(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.gpkg")
    corner = struct.pack("<2d", 600_180.0, 3_080_080.0)
    path.write_bytes(path.read_bytes().replace(corner, struct.pack("<2d", np.nan, 0.0)))
    arrived = read(path)
    assert arrived.outlines is not None
    assert np.isnan(shapely.get_coordinates(arrived.outlines[1])).any()


def test_columns_of_types_that_gdal_leaves_out_are_read(tmp_path: Path) -> None:
    path = changed(
        plain(tmp_path / "zd.gpkg"),
        "ALTER TABLE zd ADD COLUMN 用地单位 VARCHAR(50)",
        "ALTER TABLE zd ADD COLUMN 投产日期 TIMESTAMP",
        "ALTER TABLE zd ADD COLUMN 外框 POLYGON",
        "UPDATE zd SET 用地单位 = '甲公司', 投产日期 = '2019-01-02 00:00:00', 外框 = x'00' WHERE fid = 2",
        # Read through this index the rows would come in another order.
        "CREATE INDEX by_unit ON zd (用地单位 DESC)",
    )
    arrived = read(path)
    assert list(arrived.cells) == ["地块编号", "面积", "投产日期", "用地单位"]
    assert arrived.cells["用地单位"].tolist() == [None, "甲公司", None]
    assert arrived.cells["投产日期"].tolist()[1] == "2019-01-02 00:00:00"
    (problem,) = arrived.problems
    assert (problem.code, problem.severity.value) == ("gdal_warning", "warning")
    assert "外框" in problem.message


def test_numbers_of_single_precision_keep_the_digits_that_the_file_has(tmp_path: Path) -> None:
    path = changed(
        plain(tmp_path / "zd.gpkg"),
        "ALTER TABLE zd ADD COLUMN 图形面积 FLOAT",
        "UPDATE zd SET 图形面积 = 1234567.89 WHERE fid < 3",
    )
    cells = read(path).cells
    assert cells["图形面积"].dtype == "float64"
    assert cells["图形面积"].tolist()[:2] == [1234567.89, 1234567.89]
    parcels = frame(亩=pd.Series([12.3, 0.1, None], dtype="float32"))
    gdb = written(tmp_path / "a.gdb", parcels, driver="OpenFileGDB", promote_to_multi=True)
    assert read(zipped(tmp_path / "a.gdb.zip", gdb)).cells["亩"].tolist()[:2] == [12.3, 0.1]


def test_misfits_are_found_in_their_rows_through_an_index(tmp_path: Path) -> None:
    path = changed(
        plain(tmp_path / "zd.gpkg", 序号=[3, 2, 1]),
        "UPDATE zd SET 序号 = '一' WHERE fid = 1",
        "CREATE INDEX by_number ON zd (序号)",
    )
    assert read(path).cells["序号"].tolist() == ["一", 2, 1]


def test_a_view_is_read_as_a_layer(tmp_path: Path) -> None:
    path = changed(
        plain(tmp_path / "zd.gpkg"),
        "CREATE VIEW v AS SELECT fid, geom, 地块编号 AS 编号 FROM zd WHERE fid > 1",
        "INSERT INTO gpkg_contents (table_name, identifier, data_type, srs_id) "
        "VALUES ('v', 'v', 'features', 4549)",
        "INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POLYGON', 4549, 0, 0)",
    )
    arrived = read(path, layer="v")
    assert arrived.cells["编号"].tolist() == NUMBERS[1:]
    assert arrived.outlines is not None


def test_integers_with_gaps_alone(tmp_path: Path) -> None:
    parcels = frame(序号=pd.array([None, 2**60 + 1, 2], dtype="Int64"))[["序号", "geometry"]]
    cells = read(written(tmp_path / "zd.gpkg", parcels)).cells
    assert len(cells) == 3
    assert cells["序号"].dropna().tolist() == [2**60 + 1, 2]
