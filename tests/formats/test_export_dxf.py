"""DXF in metres: read back by ezdxf and by the system's GDAL, areas as before."""

from pathlib import Path

import ezdxf.filemanagement
import numpy as np
import pandas as pd
import pytest
import shapely
from ezdxf.entities.text import Text
from pyproj import Transformer

from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.export_dxf import write_dxf
from dongtou_geo.formats.exporting import Written
from dongtou_geo.frames.area import area_m2
from tests.formats.exports import HOSTILE, NOTES, ogr, parcels

TO_METRES = Transformer.from_crs(4490, 4549, always_xy=True)
TO_DEGREES = Transformer.from_crs(4549, 4490, always_xy=True)
LAST = f"DT-{len(HOSTILE) + 1:03}"


def in_metres(outlines: np.ndarray) -> np.ndarray:
    return shapely.transform(outlines, lambda c: np.column_stack(TO_METRES.transform(*c.T)))


def in_degrees(corners: np.ndarray) -> shapely.Polygon:
    return shapely.Polygon(np.column_stack(TO_DEGREES.transform(*corners.T)))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dxf") / "地块.dxf"
    cells, outlines = parcels()
    cells["status"] = ["投产", "在建", "在建", *[None] * (len(cells) - 3)]
    done = write_dxf(path, cells, in_metres(outlines), layer="地块", epsg=4549, notes=NOTES)
    assert done == Written(len(HOSTILE), (LAST,))
    assert [file.name for file in path.parent.iterdir()] == ["地块.dxf"]
    return path


@pytest.fixture(scope="module")
def drawing(written: Path):
    return ezdxf.filemanagement.readfile(written)


def test_drawing_is_in_metres(drawing) -> None:
    assert drawing.dxfversion == "AC1024"
    assert drawing.header["$INSUNITS"] == 6
    assert drawing.header["$MEASUREMENT"] == 1
    assert drawing.audit().errors == []
    assert drawing.header.custom_vars.get("EPSG") == "4549"


def test_each_ring_is_a_closed_line_of_its_own(drawing) -> None:
    lines = drawing.modelspace().query("LWPOLYLINE")
    _, outlines = parcels()
    assert len(lines) == sum(1 + len(part.interiors) for part in shapely.get_parts(outlines[:-1]))
    assert all(line.closed for line in lines)
    assert all(not line.has_width for line in lines)


def test_areas_are_as_before(drawing) -> None:
    _, outlines = parcels()
    found = [
        in_degrees(np.array(line.get_points("xy")))
        for line in drawing.modelspace().query("LWPOLYLINE")
    ]
    rings = shapely.get_rings(shapely.get_parts(outlines[:-1]))
    assert area_m2(found) == pytest.approx(
        area_m2(np.array([shapely.Polygon(ring) for ring in rings])), abs=0.01
    )


def test_status_is_the_layer(drawing) -> None:
    layers = [line.dxf.layer for line in drawing.modelspace().query("LWPOLYLINE")]
    # One ring and its hole; one ring, its hole, and a part apart; then plain ones.
    assert layers[:2] == ["投产"] * 2
    assert layers[2:6] == ["在建"] * 4
    assert set(layers[6:]) == {"地块"}
    colours = {drawing.layers.get(name).dxf.color for name in ("投产", "在建", "地块")}
    assert len(colours) == 3


def test_number_stands_inside_its_parcel(drawing) -> None:
    cells, outlines = parcels()
    texts = drawing.modelspace().query('TEXT[layer=="地块编号"]')
    assert [text.dxf.text for text in texts] == cells["parcel_no"].tolist()[:-1]
    for text, outline in zip(texts, in_metres(outlines), strict=False):
        assert outline.contains(shapely.Point(text.get_placement()[1]))
        assert text.dxf.style == "宋体"


def test_notes_are_drawn(drawing) -> None:
    said = [text.dxf.text for text in drawing.modelspace().query('TEXT[layer=="说明"]')]
    assert said[:3] == list(NOTES)
    assert said[3].startswith("坐标系：")
    assert "EPSG:4549" in said[3]
    assert said[4] == "未落图 1 宗，未绘出"
    assert drawing.header.custom_vars.get("说明1") == NOTES[0]


def test_old_gdal_reads_it_without_a_word(written: Path) -> None:
    told = ogr("ogrinfo", "--config", "DXF_ENCODING", "UTF-8", "-al", "-q", written)
    assert "Text (String) = DT-001\n" in told
    assert "Layer (String) = 投产\n" in told
    assert NOTES[0] in told


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("<script>", "<script>"),
        ("甲\u202e乙", "甲\u202e乙"),
        ("𠮷䶮", "𠮷䶮"),
        ("=HYPERLINK('x')", "=HYPERLINK('x')"),
        ("'; DROP", "'; DROP"),
        ("50%%d^J%", "50%%d^J%"),
        ("  0\nEOF\r\n", "  0 EOF "),
        ("a\0\x01b", "ab"),
        ("半\ud800", "半\ufffd"),
    ],
)
def test_numbers_are_only_text(number: str, shown: str, tmp_path: Path) -> None:
    cells = pd.DataFrame({"地块编号": [number], "状态": ["<投产>|\n" + "长" * 300]}, dtype=object)
    path = tmp_path / "a.dxf"
    outlines = np.array([shapely.box(0, 0, 100, 100)])
    assert write_dxf(path, cells, outlines, layer="x", epsg=4549) == Written(1)
    drawing = ezdxf.filemanagement.readfile(path)
    assert drawing.audit().errors == []
    (text,) = drawing.modelspace().query('TEXT[layer=="地块编号"]')
    assert isinstance(text, Text)
    assert text.plain_text() == shown
    (line,) = drawing.modelspace().query("LWPOLYLINE")
    assert line.dxf.layer.startswith("_投产__ 长长")
    assert line.dxf.layer in drawing.layers


@pytest.mark.parametrize("epsg", [4490, 2249, 999_999])
def test_only_metres_are_drawn(epsg: int, tmp_path: Path) -> None:
    cells, outlines = parcels()
    with pytest.raises(FormatError, match=f"EPSG:{epsg} "):
        write_dxf(tmp_path / "a.dxf", cells, outlines, layer="x", epsg=epsg)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_drawn_as_nothing(tmp_path: Path) -> None:
    cells = pd.DataFrame({"a": [1, 2]})
    path = tmp_path / "a.dxf"
    done = write_dxf(path, cells, np.array([None, None]), layer="空", epsg=4549)
    assert done == Written(0, ("第 1 行", "第 2 行"))
    assert ezdxf.filemanagement.readfile(path).audit().errors == []
