"""KML and KMZ: names, extended data, folders."""

from itertools import pairwise
from pathlib import Path

import pytest

from dongtou_geo.formats.arrived import ChoiceNeededError, FormatError
from dongtou_geo.formats.reading import layers_of, read
from tests.formats.gis_samples import KML, zipped


@pytest.fixture
def kml(tmp_path: Path) -> Path:
    path = tmp_path / "地块.kml"
    path.write_text(KML, "utf-8")
    return path


def placemark(name: str = "A", more: str = "", points: str = "1,2 3,4 5,6 1,2") -> str:
    return (
        f"<Placemark><name>{name}</name>{more}<Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{points}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )


def document(path: Path, inside: str) -> Path:
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'
    path.write_text(text, "utf-8")
    return path


def test_name_and_extended_data_are_columns(kml: Path) -> None:
    arrived = read(kml)
    assert layers_of(kml) == [arrived.layer] == ["南塘"]
    assert arrived.cells.to_dict("records") == [
        {"Name": "A-01", "用地单位": "甲公司", "面积": 12.5}
    ]
    assert arrived.declared_crs == "EPSG:4326"
    assert arrived.outlines is not None
    assert not arrived.outlines[0].has_z
    assert arrived.outlines[0].bounds == pytest.approx((121.1, 27.8, 121.2, 27.9))
    assert arrived.problems == ()


def test_untyped_data_and_what_is_said_is_kept(tmp_path: Path) -> None:
    more = (
        "<description>旧厂</description><visibility>0</visibility>"
        '<ExtendedData><Data name="投产日期"><value>2019.1</value></Data>'
        "<Data name='供应日期'><value>2018.1</value></Data>"
        '<Data id="x" name="a &lt; &quot;b&quot;"><value>1</value></Data></ExtendedData>'
    )
    cells = read(document(tmp_path / "a.kml", placemark("B-01", more))).cells
    assert cells.to_dict("records") == [
        {
            "Name": "B-01", "description": "旧厂", "投产日期": "2019.1", "供应日期": "2018.1",
            'a < "b"': "1",
        }
    ]  # fmt: skip


def test_a_document_without_name_is_called_after_the_file(tmp_path: Path) -> None:
    assert layers_of(document(tmp_path / "杨文.kml", placemark())) == ["杨文"]


def test_of_several_folders_one_must_be_chosen(kml: Path) -> None:
    kml.write_text(KML.replace("<name>空</name>", f"<name>杨文</name>{placemark()}"), "utf-8")
    with pytest.raises(ChoiceNeededError, match="南塘、杨文"):
        read(kml)
    assert read(kml, layer="杨文").cells.loc[0, "Name"] == "A"


def test_polygons_of_a_collection(tmp_path: Path) -> None:
    mixed = placemark().replace(
        "<Polygon>", "<MultiGeometry><Point><coordinates>1,1</coordinates></Point><Polygon>"
    )
    arrived = read(
        document(tmp_path / "a.kml", mixed.replace("</Polygon>", "</Polygon></MultiGeometry>"))
    )
    assert arrived.outlines is not None
    assert arrived.outlines[0].geom_type == "Polygon"


@pytest.mark.parametrize("document_name", ["doc.kml", "宗地.kml"])
def test_kmz_is_opened(document_name: str, kml: Path, tmp_path: Path) -> None:
    inner = kml.rename(tmp_path / document_name)
    kmz = zipped(tmp_path / "a.kmz", inner)
    assert read(kmz).cells.loc[0, "Name"] == "A-01"


def test_beside_a_doc_the_other_files_of_a_kmz_do_not_count(kml: Path, tmp_path: Path) -> None:
    doc = kml.rename(tmp_path / "doc.kml")
    part = document(tmp_path / "part.kml", placemark())
    assert layers_of(zipped(tmp_path / "a.kmz", part, doc)) == ["南塘"]


@pytest.mark.parametrize("declared", ["GB2312", "gbk", "UTF-8", None])
def test_chinese_encodings_are_read_and_said(declared: str | None, kml: Path) -> None:
    text = KML.replace("UTF-8", declared) if declared else KML.partition("\n")[2]
    kml.write_bytes(text.encode("gb18030"))
    arrived = read(kml)
    assert arrived.cells.loc[0, "用地单位"] == "甲公司"
    assert arrived.encoding == "GB18030"


def test_a_wrong_declaration_of_plain_utf8(kml: Path) -> None:
    kml.write_text(KML.replace("UTF-8", "GB2312"), "utf-8")
    assert read(kml).cells.loc[0, "用地单位"] == "甲公司"


def test_entities_do_not_multiply(tmp_path: Path) -> None:
    names = "abcdefghij"
    bomb = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {y} "{f"&{x};" * 10}">' for x, y in pairwise(names)
    )
    path = tmp_path / "a.kml"
    path.write_text(f"<!DOCTYPE kml [{bomb}]><kml><Document>{placemark('&j;')}</Document></kml>")
    with pytest.raises(FormatError):
        read(path)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.99])
def test_cut_files_are_refused(share: float, kml: Path) -> None:
    data = kml.read_bytes()
    kml.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FormatError):
        read(kml)
