from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon, box

from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.boundary_txt import read_boundary_txt

HEAD = """[属性描述]
格式版本号=1.01版本
数据产生单位=洞头分局
数据产生日期=2019-5-20
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=40
精度=0.001
转换参数=,,,,,,
[地块坐标]
"""
X, Y = 3078000.0, 40612000.0


def square(
    side: float = 100.0, *, x: float = X, y: float = Y, ring: int = 1, close: bool = True
) -> str:
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    lines = [f"J{n},{ring},{a:.3f},{b:.3f}\n" for n, (a, b) in enumerate(corners, start=1)]
    return "".join([*lines, lines[0]] if close else lines)


def read(path: Path, text: str, codec: str = "gb18030") -> Arrived:
    (path / "红线.txt").write_bytes(text.encode(codec))
    return read_boundary_txt(path / "红线.txt")


def codes(arrived: Arrived) -> list[str]:
    return [problem.code for problem in arrived.problems]


def outline(arrived: Arrived, row: int = 0) -> Polygon:
    assert arrived.outlines is not None
    return arrived.outlines[row]


def test_file_as_the_ministry_wants_it(tmp_path: Path) -> None:
    arrived = read(tmp_path, f"{HEAD}5,1.0,DK01,甲公司,面,H51,工业用地,0601,@\n{square()}")
    assert arrived.layer == "红线"
    assert arrived.cells.columns.tolist() == [
        "界址点数", "地块面积（公顷）", "地块编号", "地块名称", "图形属性", "图幅号", "地块用途", "地类编码",
    ]  # fmt: skip
    assert arrived.cells.iloc[0].tolist() == [
        5,
        1.0,
        "DK01",
        "甲公司",
        "面",
        "H51",
        "工业用地",
        "0601",
    ]
    assert arrived.row_numbers.tolist() == [1]
    assert arrived.facts == {
        "格式版本号": "1.01版本",
        "数据产生单位": "洞头分局",
        "数据产生日期": "2019-5-20",
        "坐标系": "2000国家大地坐标系",
        "几度分带": "3",
        "投影类型": "高斯克吕格",
        "计量单位": "米",
        "带号": "40",
        "精度": "0.001",
    }
    # X is the northing: the outline's y.
    assert outline(arrived).equals(box(Y, X, Y + 100, X + 100))
    assert arrived.encoding == "GB18030"
    assert arrived.cell("地块编号", 0) == "地块编号"
    assert arrived.problems == ()


@pytest.mark.parametrize("codec", ["gbk", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n"])
def test_encodings_and_line_ends(tmp_path: Path, codec: str, end: str) -> None:
    text = f"{HEAD}5,1.0,DK01,甲公司,面,,,,@\n{square()}".replace("\n", end)
    arrived = read(tmp_path, text, codec)
    assert arrived.cells["地块名称"].tolist() == ["甲公司"]
    assert arrived.problems == ()


POINTS = [(X, Y), (X + 100, Y), (X + 100, Y + 100), (X, Y + 100)]


@pytest.mark.parametrize(
    "line",
    [
        "J{n},1,{x},{y}",
        "j{n},1,{x},{y}",
        "{n},1,{x},{y}",
        "J{n}，1，{x}，{y}",
        "J{n} 1 {x} {y}",
        "J{n}\t1\t{x}\t{y}",
        " J{n} , 1 , {x} , {y} , ",
        "J{n},1,{x},{y},,,",
        "J{n},1,{x},{y},12.5",
        "JZD-{n},01,{x},{y}",
        "{n},{x},{y}",
        "{x},{y}",
        "Ｊ{n}，１，{x}，{y}",
    ],
)
def test_careless_points(tmp_path: Path, line: str) -> None:
    points = "\n".join(line.format(n=n, x=x, y=y) for n, (x, y) in enumerate(POINTS, start=1))
    arrived = read(tmp_path, f"{HEAD}4,1.0,DK01,甲,面,,,,@\n{points}\n")
    assert arrived.problems == ()
    assert outline(arrived).equals(box(Y, X, Y + 100, X + 100))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("5,1.0,DK01,甲，乙公司,面,,,,@", "甲，乙公司"),
        ("5，1.0，DK01，甲，面，，，，＠", "甲"),
        ("5,1.0,DK01,甲", "甲"),
        ("5,1.0,DK01,甲,面", "甲"),
        ("5,1.0,DK01,甲,,@", "甲"),
        ("5,1.0,DK01,甲@乙,面,,,,@", "甲@乙"),
        ("5\t1.0\tDK01\t甲\t面", "甲"),
        ("5 1.0 DK01 甲 面 @", "甲"),
        (" 5 , 1.0 , DK01 , 甲 , 面 ,,,, @ ", "甲"),
        ("5,1.0,DK01,,,,,,@", None),
    ],
)
def test_careless_parcel_lines(tmp_path: Path, line: str, name: str | None) -> None:
    arrived = read(tmp_path, f"{HEAD}{line}\n{square()}")
    assert arrived.cells["地块编号"].tolist() == ["DK01"]
    assert arrived.cells["地块名称"].tolist() == [name]
    assert arrived.cells["地块面积（公顷）"].tolist() == [1.0]
    assert arrived.problems == ()


def test_careless_sections(tmp_path: Path) -> None:
    text = f"【属性描述】\n坐标系：2000国家大地坐标系\n 带号 ＝ 40\n计量单位=\n［ 地块坐标 ］\n5,1,A,甲,面,,,,@\n{square()}"
    arrived = read(tmp_path, text)
    assert arrived.facts == {"坐标系": "2000国家大地坐标系", "带号": "40"}
    bare = read(tmp_path, f"带号=40\n5,1,A,甲,面,,,,@\n{square()}")
    assert (bare.facts, len(bare.cells), bare.problems) == ({"带号": "40"}, 1, ())


def test_several_parcels_and_rings_left_open(tmp_path: Path) -> None:
    text = f"{HEAD}4,1,A,甲,面,,,,@\n{square(close=False)}4,1,B,乙,面,,,,@\n{square(x=X + 500)}"
    arrived = read(tmp_path, text)
    assert arrived.row_numbers.tolist() == [1, 2]
    assert shapely.area(arrived.outlines).tolist() == [10_000, 10_000]
    assert arrived.problems == ()


@pytest.mark.parametrize(
    ("rings", "area", "kind"),
    [
        # A hole, an island in the hole, a second part beside them.
        ([(100, 0, 1), (50, 10, 2)], 7500, "Polygon"),
        ([(100, 0, 1), (50, 10, 2), (10, 20, 3)], 7600, "MultiPolygon"),
        ([(100, 0, 1), (50, 200, 2)], 12_500, "MultiPolygon"),
        ([(50, 10, 1), (100, 0, 2)], 7500, "Polygon"),
        ([(100, 0, 1), (50, 10, 1)], 7500, "Polygon"),
        ([(100, 0, 1), (50, 0, 2)], 7500, "Polygon"),
        ([(100, 0, 1), (20, 10, 2), (20, 60, 3)], 9200, "Polygon"),
        # Half inside: two parts that overlap, which is for the repair to see.
        ([(100, 0, 1), (100, 50, 2)], 20_000, "MultiPolygon"),
    ],
)
def test_geometry_decides_what_a_ring_is(
    tmp_path: Path, rings: list[tuple[float, float, int]], area: float, kind: str
) -> None:
    points = "".join(square(side, x=X + at, y=Y + at, ring=ring) for side, at, ring in rings)
    arrived = read(tmp_path, f"{HEAD}{5 * len(rings)},1,A,甲,面,,,,@\n{points}")
    assert outline(arrived).geom_type == kind
    assert outline(arrived).area == pytest.approx(area)
    assert "point_count_contradicts" not in codes(arrived)


@pytest.mark.parametrize(
    ("area", "unit"),
    [("1.0", "公顷"), ("0.99", "公顷"), ("10000", "平方米"), ("15.00", "亩"), ("１．０", "公顷")],
)
def test_unit_of_the_area_is_what_fits_the_outline(tmp_path: Path, area: str, unit: str) -> None:
    arrived = read(tmp_path, f"{HEAD}5,{area},A,甲,面,,,,@\n{square()}")
    assert f"地块面积（{unit}）" in arrived.cells
    assert arrived.problems == ()


def test_unit_that_fits_nothing_is_a_warning(tmp_path: Path) -> None:
    for areas in (("3", "3"), ("1.0", "15.0")):
        text = "".join(
            f"5,{a},{n},甲,面,,,,@\n{square(x=X + n * 500)}" for n, a in enumerate(areas)
        )
        arrived = read(tmp_path, HEAD + text)
        assert arrived.cells["地块面积"].tolist() == [float(a) for a in areas]
        assert [(p.code, p.severity) for p in arrived.problems] == [
            ("area_unit_unclear", Severity.WARNING)
        ]
    assert codes(read(tmp_path, f"{HEAD}5,,A,甲,面,,,,@\n{square()}")) == []
    unread = read(tmp_path, f"{HEAD}5,约1公顷,A,甲,面,,,,@\n{square()}")
    assert unread.cells["地块面积"].tolist() == ["约1公顷"]


@pytest.mark.parametrize(
    ("count", "closed", "open_"),
    [("4", True, True), ("5", True, False), ("", True, True), ("6", False, False), ("3", False, False)],
)  # fmt: skip
def test_point_count_with_or_without_the_closing_point(
    tmp_path: Path, count: str, closed: bool, open_: bool
) -> None:
    """A closing point counts where it stands: without it the fifth point is a lost corner."""
    for close, right in ((True, closed), (False, open_)):
        arrived = read(tmp_path, f"{HEAD}{count},1,A,甲,面,,,,@\n{square(close=close)}")
        assert codes(arrived) == ([] if right else ["point_count_contradicts"])
        assert outline(arrived).area == 10_000


def test_lost_corner_is_the_parcels_error(tmp_path: Path) -> None:
    arrived = read(
        tmp_path,
        f"{HEAD}5,1,A,甲,面,,,,@\n{square(close=False)}5,1,B,乙,面,,,,@\n{square()}",
    )
    (told,) = arrived.problems
    assert (told.row, told.severity) == (1, Severity.ERROR)
    assert "写明界址点数 5，实际读到 4 个，界线没有回到起点" in told.message


@pytest.mark.parametrize("cut", [1, 2, 4, 5, 6])
@pytest.mark.parametrize("close", [True, False])
@pytest.mark.parametrize("count", ["", "4", "5"])
def test_number_cut_at_the_end_is_the_parcels_error(
    tmp_path: Path, cut: int, close: bool, count: str
) -> None:
    text = f"{HEAD}5,1,A,甲,面,,,,@\n{square()}{count},1,B,乙,面,,,,@\n{square(close=close)}"
    arrived = read(tmp_path, text[: -1 - cut])
    told = [p for p in arrived.problems if p.code == "line_unreadable"]
    assert [(p.row, p.severity) for p in told] == [(2, Severity.ERROR)]
    assert "没有写完" in told[0].message
    assert outline(arrived, 1) is None


def test_file_without_a_line_end_at_its_end_is_whole(tmp_path: Path) -> None:
    text = f"{HEAD}5,1,A,甲,面,,,,@\n{square()}"
    assert read(tmp_path, text[:-1]).problems == ()
    # Where every number has the decimals that it needs, fewer of them say nothing.
    uneven = text.replace(".000\nJ2", ".5\nJ2")
    assert "line_unreadable" not in codes(read(tmp_path, uneven[:-1]))


@pytest.mark.parametrize("unit", ["千米", "km", "度", "毫米"])
def test_other_units_than_metres_are_refused(tmp_path: Path, unit: str) -> None:
    text = HEAD.replace("计量单位=米", f"计量单位={unit}")
    with pytest.raises(FormatError, match=f"“计量单位”写的是“{unit}”.*计量单位=米"):
        read(tmp_path, f"{text}5,1,A,甲,面,,,,@\n{square()}")


@pytest.mark.parametrize("unit", ["米", "Ｍ", " 米（m）", "公顷", ""])
def test_words_for_metres_and_for_areas_are_taken(tmp_path: Path, unit: str) -> None:
    text = HEAD.replace("计量单位=米", f"计量单位={unit}")
    assert read(tmp_path, f"{text}5,1,A,甲,面,,,,@\n{square()}").problems == ()


@pytest.mark.parametrize(
    ("shift", "told"),
    [
        ("100,200,3,0,0,0,0", True),
        ("0，0，0，0，0，0，1.5E-6", True),
        ("0,0.000,0,-0.0,0,0,0", False),
        ("无", False),
        (",,,,,,", False),
    ],
)
def test_shift_that_is_not_made_is_a_warning(tmp_path: Path, shift: str, told: bool) -> None:
    text = HEAD.replace("转换参数=,,,,,,", f"转换参数={shift}")
    arrived = read(tmp_path, f"{text}5,1,A,甲,面,,,,@\n{square()}")
    expected = [("transform_ignored", None, Severity.WARNING)] if told else []
    assert [(p.code, p.row, p.severity) for p in arrived.problems] == expected


def test_contradiction_is_the_parcels_error(tmp_path: Path) -> None:
    arrived = read(tmp_path, f"{HEAD}5,1,A,甲,面,,,,@\n{square()}9,1,B,乙,面,,,,@\n{square()}")
    (told,) = arrived.problems
    assert (told.row, told.parcel_no, told.severity) == (2, "B", Severity.ERROR)
    assert "第 19 行写明界址点数 9，实际读到 4 个" in told.message


@pytest.mark.parametrize(
    ("points", "code", "told"),
    [
        ("J1,1,3O78000,40612000\nJ2,1,3078100,40612000\nJ3,1,3078100,40612100\n", "number_unreadable", "第 14 行的坐标“3O78000”"),
        ("J1,1,3078000,40612000\nJ2,1,3078100,40612000\n", "ring_too_short", "第 14 行起的第 1 圈只有 2 个"),
        ("", "ring_too_short", "没有界址点"),
        (square() + "J1,1,3078000\n", "line_unreadable", "第 19 行“J1,1,3078000”"),
        (square() + "界址点到此为止\n", "line_unreadable", "第 19 行"),
        (square() + "4,1.5\n", "ring_too_short", "没有界址点"),
    ],
)  # fmt: skip
def test_unreadable_points_reject_their_parcel(
    tmp_path: Path, points: str, code: str, told: str
) -> None:
    arrived = read(tmp_path, f"{HEAD}5,1,A,甲,面,,,,@\n{points}")
    found = [p for p in arrived.problems if p.code == code]
    assert found[0].severity is Severity.ERROR
    assert told in found[0].message
    assert outline(arrived, -1) is None


def test_parcel_without_number_gets_one(tmp_path: Path) -> None:
    arrived = read(tmp_path, f"{HEAD}5,1,A,甲,面,,,,@\n{square()}5,1,,乙,面,,,,@\n{square()}")
    assert arrived.cells["地块编号"].tolist() == ["A", "红线-2"]
    (told,) = arrived.problems
    assert (told.code, told.row, told.severity) == ("parcel_no_missing", 2, Severity.WARNING)
    assert "红线-2" in told.message


def test_points_without_any_parcel_line(tmp_path: Path) -> None:
    arrived = read(tmp_path, square())
    assert codes(arrived) == ["parcel_line_missing", "parcel_no_missing"]
    assert arrived.cells["地块编号"].tolist() == ["红线-1"]
    assert outline(arrived).area == 10_000


def test_points_and_lines_are_no_parcels(tmp_path: Path) -> None:
    arrived = read(tmp_path, f"{HEAD}5,,A,甲,线,,,,@\n{square()}")
    assert codes(arrived) == ["outline_not_area"]
    assert outline(arrived) is None


def test_text_before_the_first_parcel_is_ignored_aloud(tmp_path: Path) -> None:
    arrived = read(tmp_path, f"{HEAD}以下为界址点\n5,1,A,甲,面,,,,@\n{square()}")
    assert [(p.code, p.row) for p in arrived.problems] == [("line_ignored", None)]


def test_file_without_parcels_is_refused(tmp_path: Path) -> None:
    for text in ("", HEAD, "会议纪要\n一、略\n"):
        with pytest.raises(FormatError, match="没有地块"):
            read(tmp_path, text)


def test_named_encoding_is_taken_at_its_word(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(f"{HEAD}5,1,A,甲,面,,,,@\n{square()}".encode("gbk"))
    assert read_boundary_txt(path, encoding="GBK").encoding == "GB18030"
    with pytest.raises(FormatError, match="UTF-8"):
        read_boundary_txt(path, encoding="utf-8")


def test_many_rings_do_not_take_for_ever(tmp_path: Path) -> None:
    rings = "".join(
        square(1, x=X + 2 * (n % 50), y=Y + 2 * (n // 50), ring=n + 2) for n in range(2500)
    )
    arrived = read(tmp_path, f"{HEAD},1,A,甲,面,,,,@\n{square(200, x=X - 10, y=Y - 10)}{rings}")
    drawn = outline(arrived)
    assert (drawn.geom_type, len(drawn.interiors)) == ("Polygon", 2500)
    assert np.isclose(drawn.area, 200 * 200 - 2500)
