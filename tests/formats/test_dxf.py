"""DXF: closed polylines, their texts and holes, and what is said of the rest."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from ezdxf.enums import TextEntityAlignment
from ezdxf.filemanagement import new, readfile
from ezdxf.layouts.layout import Modelspace

from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.reading import layers_of, read
from tests.formats.gis_samples import drawing

SQUARE = [(0, 0), (100, 0), (100, 100), (0, 100)]


@pytest.fixture
def drawn(tmp_path: Path) -> Callable[..., Arrived]:
    """Draw, save, read."""

    def draw(fill: Callable[[Modelspace], object], version: str = "R2010") -> Arrived:
        document = new(version)
        fill(document.modelspace())
        document.saveas(tmp_path / "图.dxf")
        return read(tmp_path / "图.dxf")

    return draw


def square(
    space: Modelspace, size: float, at: float = 0, layer: str = "红线", *, closed=True
) -> None:
    points = [(at, at), (at + size, at), (at + size, at + size), (at, at + size)]
    space.add_lwpolyline(points, close=closed, dxfattribs={"layer": layer})


def text(space: Modelspace, words: str, at: tuple[float, float], layer: str = "注记") -> None:
    space.add_text(words, dxfattribs={"insert": at, "layer": layer})


def codes(arrived: Arrived) -> list[tuple[int | None, str]]:
    return [(problem.row, problem.code) for problem in arrived.problems]


def test_outlines_with_their_numbers(tmp_path: Path) -> None:
    path = drawing(tmp_path / "红线图.dxf")
    arrived = read(path)
    assert layers_of(path) == [arrived.layer] == ["红线图"]
    assert arrived.cells.to_dict("list") == {
        "文字": ["南塘-01", "南塘-02"],
        "图层": ["红线", "红线"],
    }
    assert arrived.row_numbers.tolist() == [1, 2]
    assert (arrived.declared_crs, arrived.encoding, arrived.problems) == (None, "UTF-8", ())
    assert arrived.outlines is not None
    # A chord of 100 m, bulge 0.5: radius 62.5 m, four times atan(0.5) wide.
    wide = 4 * math.atan(0.5)
    segment = 62.5**2 / 2 * (wide - math.sin(wide))
    assert arrived.outlines[0].area == pytest.approx(10_000 + segment, abs=0.01 * 62.5 * wide)
    assert arrived.outlines[1].area == 5_000


@pytest.mark.parametrize("version", ["R12", "R2000", "R2018"])
def test_old_and_new_polylines(version: str, drawn) -> None:
    def fill(space: Modelspace) -> None:
        space.add_polyline2d([(0, 0, 1), (10, 0, 1)], format="xyb", close=True)
        space.add_polyline3d([(0, 20, 5), (10, 20, 6), (10, 30, 7)], close=True)
        space.add_polymesh((3, 3))

    arrived = drawn(fill, version)
    assert [shape.geom_type for shape in arrived.outlines] == ["Polygon", "Polygon"]
    assert arrived.outlines[0].area == pytest.approx(math.pi * 25, abs=math.pi * 10 * 0.01)
    assert not arrived.outlines[1].has_z


def test_ends_that_meet_close_a_line_and_others_are_named(drawn) -> None:
    def fill(space: Modelspace) -> None:
        square(space, 50, 500, closed=False)
        space.add_lwpolyline([*SQUARE, (0, 0.0005)])
        space.add_lwpolyline([(0, 0), (1, 1)], close=True)

    arrived = drawn(fill)
    assert arrived.row_numbers.tolist() == [2]
    assert arrived.outlines[0].equals_exact(shapely.Polygon(SQUARE), 0.001)
    assert codes(arrived) == [(1, "open_polyline"), (3, "degenerate_polyline")]
    assert "500.000, 500.000" in arrived.problems[0].message


def test_text_outside_and_empty_text_is_nobodys(drawn) -> None:
    def fill(space: Modelspace) -> None:
        square(space, 100)
        text(space, "外面", (500, 500))
        text(space, "  ", (50, 50))

    arrived = drawn(fill)
    assert arrived.cells["文字"].isna().all()


def test_of_several_texts_the_one_on_the_number_layer_counts(drawn) -> None:
    def fill(space: Modelspace) -> None:
        square(space, 100)
        text(space, "甲公司", (10, 80))
        text(space, "A-01", (10, 50), "地块编号")

    arrived = drawn(fill)
    assert arrived.cells["文字"].tolist() == ["A-01"]
    assert arrived.problems == ()


def test_several_texts_are_joined_from_top_to_bottom_and_said(drawn) -> None:
    def fill(space: Modelspace) -> None:
        square(space, 100)
        text(space, "下", (10, 20))
        text(space, "上", (10, 80))
        space.add_mtext("{\\fSimSun|b0;中}\\P行", dxfattribs={"insert": (10, 50)})

    arrived = drawn(fill)
    assert arrived.cells["文字"].tolist() == ["上 中 行 下"]
    assert codes(arrived) == [(1, "several_labels")]


def test_text_is_placed_where_cad_shows_it(drawn) -> None:
    """Of centred text the insertion point is not where its letters begin."""

    def fill(space: Modelspace) -> None:
        square(space, 100)
        label = space.add_text("A-01", height=5)
        label.set_placement((50, 50), align=TextEntityAlignment.MIDDLE_CENTER)
        label.dxf.insert = (-5, 50)

    assert drawn(fill).cells["文字"].tolist() == ["A-01"]


def test_a_block_line_around_numbered_parcels_takes_none_of_their_numbers(drawn) -> None:
    def fill(space: Modelspace) -> None:
        square(space, 1000, -100, "街坊")
        square(space, 100, 0)
        square(space, 100, 200)
        text(space, "A", (50, 50))
        text(space, "B", (250, 250))
        text(space, "街坊一", (-50, 500))

    assert drawn(fill).cells["文字"].tolist() == ["街坊一", "A", "B"]


def test_a_text_in_crossing_outlines_is_nobodys_and_said(drawn) -> None:
    def fill(space: Modelspace) -> None:
        square(space, 100, 0)
        square(space, 100, 50)
        text(space, "A", (75, 75))

    arrived = drawn(fill)
    assert arrived.cells["文字"].isna().all()
    assert codes(arrived) == [(1, "label_ambiguous")]


def test_an_unlabelled_outline_inside_is_a_hole_and_an_island_in_it_is_none(drawn) -> None:
    def fill(space: Modelspace) -> None:
        square(space, 100, 0)
        square(space, 60, 20)
        square(space, 20, 40)
        text(space, "A", (5, 5))
        text(space, "岛", (50, 50))

    arrived = drawn(fill)
    assert arrived.cells["文字"].tolist() == ["A", "岛"]
    assert arrived.row_numbers.tolist() == [1, 3]
    assert [shape.area for shape in arrived.outlines] == [10_000 - 3_600, 400]
    assert codes(arrived) == [(1, "hole_by_position")]
    assert "第 2 条" in arrived.problems[0].message


@pytest.mark.parametrize(
    ("inner_layer", "at", "label"), [("绿地", 20, ""), ("红线", 20, "B"), ("红线", 0, "")]
)
def test_no_hole_on_another_layer_with_text_or_at_the_edge(
    inner_layer: str, at: float, label: str, drawn
) -> None:
    def fill(space: Modelspace) -> None:
        square(space, 100, 0)
        square(space, 60, at, inner_layer)
        text(space, label, (50, 50))

    arrived = drawn(fill)
    assert [shape.area for shape in arrived.outlines] == [10_000, 3_600]


def test_a_line_drawn_twice_counts_once(drawn) -> None:
    def fill(space: Modelspace) -> None:
        square(space, 100)
        space.add_lwpolyline(SQUARE[2:] + SQUARE[:2], close=True, dxfattribs={"layer": "红线"})
        text(space, "A", (50, 50))

    arrived = drawn(fill)
    assert arrived.cells["文字"].tolist() == ["A"]
    assert codes(arrived) == [(2, "duplicate_outline")]


def test_blocks_are_exploded_one_level(drawn) -> None:
    def fill(space: Modelspace) -> None:
        inner = space.doc.blocks.new("内")
        inner.add_lwpolyline(SQUARE, close=True)
        block = space.doc.blocks.new("地块")
        block.add_lwpolyline(SQUARE, close=True)
        block.add_attdef("NO", (50, 50), text="模板")
        block.add_blockref("内", (0, 0))
        space.add_blockref(
            "地块", (1000, 0), dxfattribs={"layer": "红线", "xscale": 2, "yscale": 2}
        ).add_attrib("NO", "C-07", (1050, 50))

    arrived = drawn(fill)
    assert arrived.cells.to_dict("list") == {"文字": ["C-07"], "图层": ["红线"]}
    assert arrived.outlines[0].bounds == (1000, 0, 1200, 200)
    assert codes(arrived) == [(None, "nested_block_skipped")]


def test_a_mirrored_plane_is_turned_back(drawn) -> None:
    def fill(space: Modelspace) -> None:
        space.add_lwpolyline(
            [(0, 0, 0), (100, 0, 0.5), (100, 100, 0)], format="xyb", close=True,
            dxfattribs={"extrusion": (0, 0, -1)},
        )  # fmt: skip

    shape = drawn(fill).outlines[0]
    assert shape.bounds[2] == 0
    assert shape.bounds[0] < -110


@pytest.mark.parametrize("version", ["R12", "R2000", "R2004"])
def test_the_code_page_of_old_drawings_counts(version: str, tmp_path: Path) -> None:
    document = new(version)
    document.encoding = "gbk"
    document.header["$DWGCODEPAGE"] = "ANSI_936"
    document.modelspace().add_polyline2d(SQUARE, close=True, dxfattribs={"layer": "红线"})
    text(document.modelspace(), "南塘𠮷䶮", (50, 50))
    document.saveas(tmp_path / "a.dxf")
    arrived = read(tmp_path / "a.dxf")
    assert arrived.cells.to_dict("list") == {"文字": ["南塘𠮷䶮"], "图层": ["红线"]}
    assert (arrived.encoding, arrived.encoding_reason) == (
        "GB18030", "DXF 文件头（$DWGCODEPAGE） 声明为 ANSI_936",
    )  # fmt: skip


@pytest.mark.parametrize("page", ["ANSI_1252", "dos850"])
def test_chinese_bytes_under_a_western_code_page(page: str, tmp_path: Path) -> None:
    document = new("R2000")
    document.modelspace().add_lwpolyline(SQUARE, close=True)
    text(document.modelspace(), "LABEL", (50, 50))
    document.saveas(tmp_path / "a.dxf")
    data = (tmp_path / "a.dxf").read_bytes().replace(b"ANSI_1252", page.encode())
    (tmp_path / "a.dxf").write_bytes(data.replace(b"LABEL", "南塘工业区".encode("gbk")))
    arrived = read(tmp_path / "a.dxf")
    assert arrived.cells["文字"].tolist() == ["南塘工业区"]
    assert "GB18030" in (arrived.encoding_reason or "")
    assert read(tmp_path / "a.dxf", encoding="latin1").cells["文字"].tolist() != ["南塘工业区"]


def test_escapes_of_cad_are_resolved(drawn) -> None:
    def fill(space: Modelspace) -> None:
        square(space, 100)
        text(space, r"\U+5357\M+5CCC1-%%c01", (50, 50))

    assert drawn(fill, "R2000").cells["文字"].tolist() == ["南塘-Ø01"]


def test_undecodable_text_rejects_its_row(tmp_path: Path) -> None:
    path = drawing(tmp_path / "a.dxf")
    path.write_bytes(path.read_bytes().replace("南塘-01".encode(), b"A\xff\xff-01"))
    assert [(p.row, p.code, p.severity.value) for p in read(path).problems] == [
        (1, "text_undecodable", "error")
    ]


def test_binary_drawings_are_read(tmp_path: Path) -> None:
    document = readfile(drawing(tmp_path / "a.dxf"))
    document.saveas(tmp_path / "b.dxf", fmt="bin")
    assert read(tmp_path / "b.dxf").cells["文字"].tolist() == ["南塘-01", "南塘-02"]


def test_a_drawing_without_closed_lines_is_refused(drawn) -> None:
    def fill(space: Modelspace) -> None:
        square(space, 100, closed=False)
        space.add_line((0, 0), (1, 1))
        space.add_hatch().paths.add_polyline_path(SQUARE, is_closed=True)

    with pytest.raises(FormatError, match=r"1 条未闭合的多段线、1 条直线.*BOUNDARY"):
        drawn(fill)


@pytest.mark.parametrize("odd", [math.nan, math.inf, 1e300])
def test_coordinates_that_are_no_numbers_arrive(odd: float, drawn) -> None:
    def fill(space: Modelspace) -> None:
        square(space, 100)
        space.add_lwpolyline(
            [(0, 0, 0.3), (odd, 5, 0.3), (9, 9, odd), (0, 9, 0)], format="xyb", close=True
        )
        text(space, "A", (50, 50))

    arrived = drawn(fill)
    assert arrived.cells["文字"].tolist()[0] == "A"
    assert len(arrived.outlines) == 2


@pytest.mark.parametrize("share", [0.01, 0.4, 0.8, 0.999])
def test_cut_files_are_refused(share: float, tmp_path: Path) -> None:
    path = drawing(tmp_path / "a.dxf")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FormatError):
        read(path)


def test_stroked_arcs_stay_within_a_centimetre(drawn) -> None:
    arrived = drawn(
        lambda space: space.add_lwpolyline([(0, 0, 1), (0, 800, 1)], format="xyb", close=True)
    )
    points = shapely.get_coordinates(arrived.outlines[0])
    middles = (points[1:] + points[:-1]) / 2
    assert np.hypot(*(middles - (0, 400)).T).min() > 400 - 0.01
