"""KML and KMZ: parsed as XML, and read back by the system's GDAL."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from defusedxml import ElementTree

from dongtou_geo.formats.export_kml import write_kml
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

NAMESPACES = {"": "http://www.opengis.net/kml/2.2"}


@pytest.fixture(scope="module", params=["地块.kml", "地块.kmz"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kml") / request.param
    cells, outlines = parcels()
    assert write_kml(path, cells, outlines, layer="地块", notes=NOTES) == Written(len(cells))
    assert [file.name for file in path.parent.iterdir()] == [request.param]
    return path


def document(path: Path) -> Any:
    if path.suffix.lower() == ".kmz":
        with zipfile.ZipFile(path) as archive:
            assert archive.namelist() == ["doc.kml"]
            return ElementTree.fromstring(archive.read("doc.kml"))[0]
    return ElementTree.fromstring(path.read_bytes())[0]


def data(place: Any) -> dict[str, str]:
    found = place.findall("ExtendedData/Data", NAMESPACES)
    return {entry.get("name"): entry.findtext("value", None, NAMESPACES) for entry in found}


def test_texts_are_only_texts(written: Path) -> None:
    found = document(written)
    assert found.findtext("name", None, NAMESPACES) == "地块"
    assert found.findtext("description", None, NAMESPACES) == "\n".join(NOTES)
    places = found.findall("Placemark", NAMESPACES)
    assert [data(place).get("note") for place in places] == [*HOSTILE, None]
    assert data(places[0])["supplied_on"] == "2019-02-28"
    assert data(places[0])["ledger_area_mu"] == "1234.5678901"
    assert "stopped_on" not in data(places[0])
    assert {element.tag.rpartition("}")[2] for element in found.iter()} == {
        "Document", "name", "description", "Style", "LineStyle", "PolyStyle", "color", "width",
        "Placemark", "styleUrl", "ExtendedData", "Data", "value", "MultiGeometry", "Polygon",
        "outerBoundaryIs", "innerBoundaryIs", "LinearRing", "coordinates",
    }  # fmt: skip


def test_rows_come_back(written: Path) -> None:
    cells, outlines = parcels()
    features = read_by_ogr(written)
    assert properties(features, "Name") == cells["parcel_no"].tolist()
    found = geometries(features)
    assert found[-1] is None
    flat = shapely.force_2d(found[:-1])
    assert area_m2(flat) == pytest.approx(area_m2(outlines[:-1]), abs=0.01)
    assert shapely.is_ccw(shapely.get_exterior_ring(shapely.get_parts(flat))).all()


def test_old_gdal_opens_it_without_a_word(written: Path) -> None:
    assert "WGS 84" in ogr("ogrinfo", "-al", "-so", written)


def test_only_what_xml_cannot_hold_is_lost(tmp_path: Path) -> None:
    cells = pd.DataFrame(
        {"parcel_no": ["甲\0\x0b\ufffe<1>"], 'a"<\n\0b': ["a\x1fb\r\n\t半\ud800 "]}, dtype=object
    )
    path = tmp_path / "a.kml"
    write_kml(path, cells, np.array([None]), layer="<Document>", notes=["]]>\0", "&amp;"])
    found = document(path)
    place = found.find("Placemark", NAMESPACES)
    assert place.findtext("name", None, NAMESPACES) == "甲<1>"
    assert data(place) == {"parcel_no": "甲<1>", 'a"<\nb': "ab\r\n\t半\ufffd "}
    assert found.findtext("name", None, NAMESPACES) == "<Document>"
    assert found.findtext("description", None, NAMESPACES) == "]]>\n&amp;"


def test_ending_chooses_the_packing(tmp_path: Path) -> None:
    cells, outlines = parcels()
    for name, packed in (("a.KMZ", True), ("a.KML", False)):
        write_kml(tmp_path / name, cells, outlines, layer="a")
        assert zipfile.is_zipfile(tmp_path / name) is packed


def test_nothing_is_written_as_nothing(tmp_path: Path) -> None:
    cells, outlines = parcels()
    path = tmp_path / "a.kml"
    assert write_kml(path, cells[:0], outlines[:0], layer="空") == Written(0)
    assert document(path).findall("Placemark", NAMESPACES) == []
