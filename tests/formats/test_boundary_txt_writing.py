from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.boundary_txt import read_boundary_txt
from dongtou_geo.formats.boundary_txt_writing import Parcel, write_boundary_txt

E, N = 40612345.6789, 3078123.4567
HOLED = Polygon(
    box(E, N, E + 100, N + 100).exterior.coords,
    [box(E + 10, N + 10, E + 20, N + 20).exterior.coords, box(E + 50, N, E + 60, N + 9).exterior.coords],
)  # fmt: skip
PARTS = MultiPolygon(
    [HOLED, box(E + 200, N, E + 250.12345, N + 50), box(E + 12, N + 12, E + 15, N + 15)]
)


def written(path: Path, parcels: Sequence[Parcel], decimals: int = 3) -> str:
    write_boundary_txt(
        path / "a.txt",
        parcels,
        crs_name="2000国家大地坐标系",
        degree=3,
        zone=40,
        decimals=decimals,
        producer="洞头,分局",
        produced_on=date(2019, 5, 20),
    )
    return (path / "a.txt").read_bytes().decode("gb18030")


def read(path: Path) -> Arrived:
    return read_boundary_txt(path / "a.txt")


def test_layout_is_the_one_offices_send(tmp_path: Path) -> None:
    square = shapely.set_precision(box(40612000, 3078000, 40612100, 3078100), 0)
    text = written(tmp_path, [("DK01", "甲公司", "工业用地", "0601", square)])
    assert text.split("\r\n") == [
        "[属性描述]",
        "格式版本号=1.01版本",
        "数据产生单位=洞头，分局",
        "数据产生日期=2019-05-20",
        "坐标系=2000国家大地坐标系",
        "几度分带=3",
        "投影类型=高斯克吕格",
        "计量单位=米",
        "带号=40",
        "精度=0.001",
        "转换参数=,,,,,,",
        "[地块坐标]",
        "5,1.0000,DK01,甲公司,面,,工业用地,0601,@",
        *(f"J{n},1,{x}.000,{y}.000" for n, x, y in _corners(square)),
        "",
    ]


def _corners(square: BaseGeometry) -> list[tuple[int, int, int]]:
    ring = shapely.get_coordinates(square).astype(int).tolist()
    return [(n % 4 + 1, y, x) for n, (x, y) in enumerate(ring)]


def test_outlines_come_back(tmp_path: Path) -> None:
    parcels = [("A", "甲", "", "", HOLED), ("B", "乙", "", "", PARTS)]
    written(tmp_path, parcels)
    arrived = read(tmp_path)
    assert arrived.problems == ()
    assert arrived.outlines is not None
    for drawn, (_, _, _, _, sent) in zip(arrived.outlines, parcels, strict=True):
        assert sent is not None
        assert drawn.geom_type == sent.geom_type
        assert drawn.hausdorff_distance(sent) < 1e-3
        assert drawn.area == pytest.approx(sent.area, abs=0.3)
        assert len(shapely.get_rings([drawn])) == len(shapely.get_rings([sent]))
    assert "地块面积（公顷）" in arrived.cells
    assert arrived.facts["带号"] == "40"


def test_more_decimals_come_back_closer(tmp_path: Path) -> None:
    text = written(tmp_path, [("A", "", "", "", HOLED)], decimals=5)
    assert "精度=0.00001" in text
    arrived = read(tmp_path)
    assert arrived.outlines is not None
    assert arrived.outlines[0].hausdorff_distance(HOLED) < 1e-5


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("甲,乙", "甲，乙"),
        ("甲\r\n乙", "甲 乙"),
        ("@", "@"),
        ("[地块坐标]", "[地块坐标]"),
        ("𠮷䶮", "𠮷䶮"),
        ("a\u202eb\x00c\ud842", "a\u202eb c\ufffd"),
        ("=1+1", "=1+1"),
        ("面", "面"),
        ("", None),
    ],
)
def test_texts_cannot_break_the_layout(tmp_path: Path, name: str, kept: str | None) -> None:
    written(tmp_path, [(f"N{name}", name, name, name, HOLED), ("B", "乙", "", "", HOLED)])
    arrived = read(tmp_path)
    assert arrived.problems == ()
    assert arrived.cells["地块编号"].tolist() == [f"N{kept or ''}", "B"]
    for column in ("地块名称", "地块用途", "地类编码"):
        assert arrived.cells[column][0] == kept, column


@pytest.mark.parametrize("outline", [None, Polygon(), LineString([(0, 0), (1, 1)])])
def test_parcel_without_area_is_refused(tmp_path: Path, outline: BaseGeometry | None) -> None:
    with pytest.raises(FormatError, match="地块 A 没有面状图形"):
        written(tmp_path, [("A", "", "", "", outline)])
    assert not (tmp_path / "a.txt").exists()
