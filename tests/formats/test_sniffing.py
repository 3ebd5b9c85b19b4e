"""Files are what their bytes say, and refusals name both sides."""

from pathlib import Path

import pytest

from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.sniffing import Kind, kind_of, recognised

SQLITE = b"SQLite format 3\x00" + bytes(52)
SHP = b"\x00\x00\x27\x0a" + bytes(24) + b"\xe8\x03\x00\x00"
MARK = "[属性描述]\r\n坐标系=2000国家大地坐标系\r\n[地块坐标]\r\n"
GEOJSON = b'{"type": "FeatureCollection", "features": []}'


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (SQLITE + b"GPKG", "a.gpkg", Kind.GPKG),
        (SQLITE + b"GP10", "a.zip", Kind.GPKG),
        (SHP, "a.shp", Kind.SHAPEFILE),
        (b"PK\x03\x04", "a.kmz", Kind.ZIP),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", Kind.WORKBOOK),
        (b"  0\r\nSECTION\r\n", "a.dxf", Kind.DXF),
        (b"999\nby hand\n  0\nSECTION\n", "a.txt.dxf", Kind.DXF),
        (b"AutoCAD Binary DXF\r\n\x1a\x00", "a.dxf", Kind.DXF),
        (GEOJSON, "a.json", Kind.GEOJSON),
        (b"\xef\xbb\xbf" + GEOJSON, "a.geojson", Kind.GEOJSON),
        (GEOJSON.decode().encode("utf-16"), "a.geojson", Kind.GEOJSON),
        (b"<?xml version='1.0'?><!-- x --><kml>", "a.kml", Kind.KML),
        (b"<!DOCTYPE kml [<!ENTITY a 'b'>]><x:kml>", "a.kml", Kind.KML),
        (MARK.encode("gbk"), "a.txt", Kind.BOUNDARY_TXT),
        (MARK.encode("utf-16"), "a.txt", Kind.BOUNDARY_TXT),
        ("坐标：[地块坐标]".encode("gbk"), "a.txt", Kind.BOUNDARY_TXT),
        ("地块编号,面积\n1,2".encode("gbk"), "a.csv", Kind.CSV),
        ("地块编号,[地块坐标]\n".encode(), "a.csv", Kind.CSV),
        ("地块编号,面积\n1,2\n".encode("utf-16-le"), "a.csv", Kind.CSV),
        ("地块编号,面积\n1,2\n".encode("utf-16-be"), "a.csv", Kind.CSV),
        (
            f"带号=40\n{MARK}\nJ1,1,3078000.1,610000.2\n".encode("utf-16-le"),
            "a.txt",
            Kind.BOUNDARY_TXT,
        ),
    ],
)
def test_content_says_what_a_file_is(head: bytes, name: str, kind: Kind) -> None:
    assert recognised(head, name) is kind


@pytest.mark.parametrize(
    ("head", "name", "words"),
    [
        (b"", "a.gpkg", "空文件"),
        (b"MZ\x90", "a.zip", r"后缀是 \.zip，内容却是Windows 程序"),
        (b"Rar!\x1a\x07\x01", "a.zip", "RAR.*压缩为 .zip"),
        (b"7z\xbc\xaf\x27\x1c", "a.7z", "7z.*压缩为 .zip"),
        (b"AC1032", "a.dwg", "DWG.*另存为 DXF"),
        (b"AC1018", "a.dxf", r"后缀是 \.dxf，内容却是DWG"),
        (b"%PDF-1.7", "a.kml", "PDF"),
        (SQLITE + bytes(4), "ledger.gpkg", "SQLite 数据库，但不是 GeoPackage"),
        (b"<html><table>", "a.xls", "网页.*另存为 .xlsx"),
        (b"\r\n<!DOCTYPE html><html>", "a.xls", "网页"),
        (b"MIME-Version: 1.0\r\n", "a.xls", "MHTML"),
        (b'<?mso-application progid="Excel.Sheet"?><Workbook>', "a.xls", "XML 电子表格"),
        (b"<OGRVRTDataSource>", "a.geojson", "OGRVRTDataSource"),
        (b"<gml:FeatureCollection>", "a.kml", "FeatureCollection"),
        (b'{"type": "Topology"}', "a.json", "Topology"),
        (b'{"type": "gdal_streamed_alg"}', "a.geojson", "gdal_streamed_alg"),
        (b'{"geometryType": "esriGeometryPolygon"}', "a.json", "esri"),
        (b'{"a": 1}', "a.json", "不是 GeoJSON"),
        ("说明".encode(), "a.txt", r"没有 \[地块坐标\]"),
        (GEOJSON.decode().encode("utf-16-le"), "a.geojson", "没有标记（BOM）的 UTF-16.*UTF-8"),
        ("地块编号,面积\n1,2\n".encode("utf-16-le"), "a.xlsx", "没有标记（BOM）的 UTF-16.*UTF-8"),
        ("地块编号,面积\n1,2\n".encode(), "a.xlsx", r"纯文本（CSV 一类），不是 Excel 工作簿.*改为 \.csv"),
        ("地块编号,面积\n1,2\n".encode("gbk")[:-8], "a.xls", "纯文本（CSV 一类）"),
        (b"a\x00\x01\x02", "a.xlsx", "不是可以读取的格式"),
        (b"a,b\x00", "a.csv", "不是可以读取的格式"),
        (b"hello", "a.xyz", "不是可以读取的格式"),
        (b"\x03", "a.dbf", "附属文件"),
        ("EncryptedPackage".encode("utf-16-le").join([b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b""]),
         "a.xlsx", "密码"),
    ],
)  # fmt: skip
def test_refusals_say_what_it_is_and_what_to_do(head: bytes, name: str, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        recognised(head, name)


def test_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.gdb").mkdir()
    with pytest.raises(FormatError, match=r"文件夹.*压缩成 zip"):
        kind_of(tmp_path / "a.gdb")
    with pytest.raises(FormatError, match="找不到文件"):
        kind_of(tmp_path / "b.gpkg")


@pytest.mark.parametrize("piece", [b"<!DOCTYPE [", b"<!--", b"<?", b"999\n\n", b"999 \t\n", b"\n"])
def test_no_head_takes_long_to_recognise(piece: bytes) -> None:
    with pytest.raises(FormatError):
        recognised((b"<" + piece * 300_000)[: 1024 * 1024], "a.kml")
    with pytest.raises(FormatError):
        recognised((piece * 300_000)[: 1024 * 1024], "a.dxf")
