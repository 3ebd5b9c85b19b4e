"""Shapefiles: their files, their encoding, and what their tables really hold."""

import shutil
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.reading import layers_of, read
from tests.formats.gis_samples import NUMBERS, SQUARES, dbf, frame, shapefile, written

GBK = "南塘工业区".encode("gbk")
UTF8 = "南塘工业区".encode()


def table(name: bytes, text: bytes, language: int = 0) -> bytes:
    return dbf([(name, "C", 40)], [[text]], language)


def only_cell(arrived: Arrived) -> tuple[str, str]:
    return str(arrived.cells.columns[0]), str(arrived.cells.iloc[0, 0])


@pytest.mark.parametrize("codec", ["UTF-8", "GB18030"])
def test_rare_characters_survive_in_names_and_cells(codec: str, tmp_path: Path) -> None:
    path = written(tmp_path / "zd.shp", encoding=codec)
    arrived = read(path)
    assert list(arrived.cells.columns) == (
        ["地块编", "面积"] if codec == "UTF-8" else ["地块编号", "面积"]
    )
    assert arrived.cells.iloc[:, 0].tolist() == NUMBERS
    assert arrived.cells.iloc[:, 1].dtype == np.float64
    assert arrived.encoding == codec
    assert arrived.encoding_reason == f".cpg 文件 声明为 {codec}"
    assert arrived.declared_crs == "EPSG:4549"
    assert arrived.row_numbers.tolist() == [1, 2, 3]
    assert arrived.outlines is not None
    assert all(a.equals(b) for a, b in zip(arrived.outlines, SQUARES, strict=True))
    assert (arrived.layer, arrived.problems) == ("zd", ())


def test_gbk_by_another_writer_without_its_cpg(ogr2ogr, tmp_path: Path) -> None:
    source = written(tmp_path / "a.gpkg", frame(地块编号=["南塘-01", "南塘-02", "杨文-03"]))
    path = ogr2ogr(tmp_path / "zd.shp", source, "-f", "ESRI Shapefile", "-lco", "ENCODING=GBK")
    path.with_suffix(".cpg").unlink()
    arrived = read(path)
    assert arrived.cells["地块编号"].tolist() == ["南塘-01", "南塘-02", "杨文-03"]
    assert arrived.encoding == "GB18030"


@pytest.mark.parametrize(
    ("text", "language", "cpg", "encoding", "reason"),
    [
        (GBK, 0x4D, None, "GB18030", "DBF 语言标识 声明为 936"),
        (GBK, 0x57, None, "GB18030", "没有编码声明"),
        (UTF8, 0x57, None, "UTF-8", "没有编码声明"),
        (UTF8, 0x4D, None, "UTF-8", "与实际字节不符"),
        (GBK, 0, "UTF-8", "GB18030", ".cpg 文件 声明为 UTF-8，但与实际字节不符"),
        (GBK, 0, "\ufeffGBK\r\n", "GB18030", ".cpg 文件 声明为 GBK"),
        (GBK, 0, "ISO-8859-1", "GB18030", "与实际字节不符"),
        (GBK, 0, "OEM", "GB18030", "“OEM”不能识别"),
        ("南塘".encode("big5hkscs"), 0x78, None, "BIG5", "DBF 语言标识 声明为 950"),
        (b"ABC", 0, None, "UTF-8", "ASCII"),
    ],
)
def test_the_encoding_is_declared_or_found(
    text: bytes, language: int, cpg: str | None, encoding: str, reason: str, tmp_path: Path
) -> None:
    path = shapefile(tmp_path, table(b"DKBH", text, language))
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg, "utf-8")
    arrived = read(path)
    assert arrived.encoding == encoding
    assert reason in (arrived.encoding_reason or "")
    assert arrived.cells.loc[0, "DKBH"] in ("南塘工业区", "南塘", "ABC")


def test_the_user_overrules_everything(tmp_path: Path) -> None:
    path = shapefile(tmp_path, table(b"DKBH", UTF8))
    arrived = read(path, encoding="utf8")
    assert (arrived.encoding, arrived.encoding_reason) == ("UTF-8", "按指定的编码 utf8 读取")
    assert read(path, encoding="gbk").cells.loc[0, "DKBH"] != "南塘工业区"
    with pytest.raises(FormatError, match="不认识编码"):
        read(path, encoding="klingon")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("用地单位名称".encode()[:10], "用地单"),
        ("批准日期日期".encode("gbk")[:9], "批准日期"),
        ("投产面积米".encode("gbk"), "投产面积米"),
    ],
)
def test_names_cut_in_the_middle_of_a_character_lose_the_rest(
    name: bytes, shown: str, tmp_path: Path
) -> None:
    text = UTF8 if shown == "用地单" else GBK
    assert only_cell(read(shapefile(tmp_path, table(name, text)))) == (shown, "南塘工业区")


def test_names_that_become_equal_stay_apart(tmp_path: Path) -> None:
    names = ["用地单位名称甲".encode()[:10], "用地单名".encode()[:11], b"x"]
    rows = [[UTF8, b"B", b"C"]]
    path = shapefile(tmp_path, dbf([(name[:10], "C", 20) for name in names], rows))
    path.with_suffix(".dbf").write_bytes(
        dbf([(names[0], "C", 20), (names[0], "C", 20), (b"x", "C", 20)], rows)
    )
    columns = list(read(path).cells.columns)
    assert len(set(columns)) == 3
    assert columns[0] == "用地单"


def test_text_cut_at_the_width_loses_the_broken_end_silently(tmp_path: Path) -> None:
    path = shapefile(tmp_path, dbf([(b"DKBH", "C", 9)], [[GBK]]))
    arrived = read(path)
    assert arrived.cells.loc[0, "DKBH"] == "南塘工业"
    assert arrived.problems == ()


def test_text_broken_elsewhere_rejects_its_row(tmp_path: Path) -> None:
    rows = [[GBK], [b"A\xff\xffB"], ["杨文".encode("gbk")]]
    arrived = read(shapefile(tmp_path, dbf([(b"DKBH", "C", 20)], rows), 3))
    (problem,) = arrived.problems
    assert (problem.row, problem.cell, problem.code) == (2, "DKBH", "text_undecodable")
    assert problem.severity == "error"
    assert arrived.cells["DKBH"].tolist()[::2] == ["南塘工业区", "杨文"]


def test_numbers_and_days_keep_their_type_and_every_digit(tmp_path: Path) -> None:
    fields = [(b"JGH", "N", 19), (b"MJ", "N", 8), (b"RQ", "D", 8), (b"X", "N", 5)]
    rows = [
        [b"3303050000123456789", b"12.5", b"20190102", b"*****"],
        [b"3303050000123456788", b"", b"00000000", b"7"],
    ]
    cells = read(shapefile(tmp_path, dbf(fields, rows), 2)).cells
    assert cells["JGH"].tolist() == [3303050000123456789, 3303050000123456788]
    assert cells["MJ"].tolist()[0] == 12.5  # in a column for integers
    assert cells["RQ"].tolist() == [pd.Timestamp(2019, 1, 2), pd.NaT]
    assert cells["X"].isna().tolist() == [True, False]


def test_what_is_no_number_or_day_stands_as_the_file_has_it(tmp_path: Path) -> None:
    """GDAL would have read 0 亩 and a day that nobody wrote."""
    fields = [(b"MJ", "N", 8), (b"RQ", "D", 8)]
    rows = [["十亩".encode("gbk"), b"2019.1"], [b"12.5", b"20190102"], [b"", b"20190230"]]
    arrived = read(shapefile(tmp_path, dbf(fields, rows), 3), encoding="gbk")
    assert arrived.cells["MJ"].tolist() == ["十亩", 12.5, None]
    assert arrived.cells["RQ"].tolist() == ["2019.1", pd.Timestamp(2019, 1, 2), "20190230"]


def test_deleted_rows_are_gone_and_the_others_keep_their_outlines(tmp_path: Path) -> None:
    raw = bytearray(
        dbf([(b"DKBH", "C", 4), (b"N", "N", 4)], [[b"A", b"1"], [b"B", b"x"], [b"C", b"y"]])
    )
    raw[33 + 64 + 9] = ord("*")
    arrived = read(shapefile(tmp_path, bytes(raw), 3))
    assert arrived.cells["DKBH"].tolist() == ["A", "C"]
    assert arrived.cells["N"].tolist() == [1, "y"]
    assert arrived.outlines is not None
    assert arrived.outlines[1].equals(SQUARES[2])


def test_without_index_and_projection_it_is_still_read(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.shp")
    path.with_suffix(".shx").unlink()
    path.with_suffix(".prj").unlink()
    before = sorted(tmp_path.iterdir())
    arrived = read(path)
    assert len(arrived.cells) == 3
    assert arrived.declared_crs is None
    assert sorted(tmp_path.iterdir()) == before


def test_a_broken_index_is_made_anew(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.shp")
    index = path.with_suffix(".shx")
    index.write_bytes(index.read_bytes()[:-4])
    assert len(read(path).cells) == 3


def test_a_broken_projection_is_said(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.shp")
    path.with_suffix(".prj").write_text('PROJCS["x"]')
    arrived = read(path)
    assert arrived.declared_crs is None
    assert [(p.code, p.severity.value) for p in arrived.problems] == [("prj_unreadable", "warning")]


@pytest.mark.parametrize(
    ("epsg", "declared"), [(4490, "EPSG:4490"), (4528, "EPSG:4528"), (2364, "EPSG:2364")]
)
def test_projections_as_arcgis_writes_them_are_known(
    epsg: int, declared: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "zd.shp")
    text = pyproj.CRS.from_epsg(epsg).to_wkt("WKT1_ESRI")
    path.with_suffix(".prj").write_text(text)
    assert read(path).declared_crs == declared


def test_a_missing_table_is_asked_for_by_name(tmp_path: Path) -> None:
    path = written(tmp_path / "宗地.shp")
    path.with_suffix(".dbf").unlink()
    with pytest.raises(FormatError, match=r"缺少“宗地\.dbf”"):
        read(path)


@pytest.mark.parametrize("suffix", [".dbf", ".shx", ".prj", ".cpg"])
def test_one_of_the_others_is_not_the_shapefile(suffix: str, tmp_path: Path) -> None:
    path = written(tmp_path / "zd.shp")
    with pytest.raises(FormatError, match=r"请选择 \.shp"):
        read(path.with_suffix(suffix))


@pytest.mark.parametrize("suffix", [".shp", ".dbf"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_cut_files_are_refused(suffix: str, share: float, tmp_path: Path) -> None:
    path = written(tmp_path / "zd.shp")
    part = path.with_suffix(suffix)
    data = part.read_bytes()
    part.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FormatError, match=r"不完整|损坏"):
        read(path)


def test_files_of_different_sets_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.shp")
    other = written(tmp_path / "b" / "zd.shp", frame().iloc[:2])
    shutil.copy(other.with_suffix(".dbf"), path.with_suffix(".dbf"))
    with pytest.raises(FormatError, match=r"有 3 个，属性（\.dbf）有 2 行"):
        read(path)


def test_suffixes_in_any_case_and_names_that_look_like_addresses(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.shp")
    for part in list(tmp_path.iterdir()):
        part.rename(tmp_path / f"a!b;c?d#e{part.suffix.upper()}")
    path = tmp_path / "a!b;c?d#e.SHP"
    assert layers_of(path) == ["a!b;c?d#e"]
    assert read(path).cells.iloc[0, 0] == NUMBERS[0]


def test_empty_shapes_are_none_and_coordinates_may_be_odd(tmp_path: Path) -> None:
    shapes = gpd.GeoSeries.from_wkt([SQUARES[0].wkt, "POLYGON EMPTY", SQUARES[1].wkt])
    path = written(tmp_path / "zd.shp", gpd.GeoDataFrame({"a": [1, 2, 3]}, geometry=shapes))
    corner = struct.pack("<2d", 600_180.0, 3_080_080.0)
    odd = struct.pack("<2d", float("nan"), float("inf"))
    path.write_bytes(path.read_bytes().replace(corner, odd))
    arrived = read(path)
    assert arrived.outlines is not None
    assert arrived.outlines[1] is None
    assert np.isnan(shapely.get_coordinates(arrived.outlines[2])).any()
    assert arrived.problems == ()


def test_an_unknown_table_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.shp")
    for junk in (b"", b"junk", struct.pack("<32s", b"\x03"), b"\xff" * 100):
        path.with_suffix(".dbf").write_bytes(junk)
        with pytest.raises(FormatError, match="属性表"):
            read(path)
