"""What is wrong with an outline: each fault named once, with its place."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dongtou_geo.domain.problem import Severity
from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.district import DISTRICT
from dongtou_geo.frames.outline_faults import REPAIRABLE, SEVERITY, faults_of
from dongtou_geo.frames.widths import mean_widths_m
from tests.frames.subdivisions import METRES, outline, place, strip, subdivision

SQUARE = outline([(0, 0), (100, 0), (100, 100), (0, 100)])
BOW_TIE = outline([(0, 0), (100, 100), (100, 0), (0, 100)])
HOLE = outline([(10, 10), (20, 10), (20, 20), (10, 20)])


def array(*shapes):
    return np.array(shapes, dtype=object)


def with_corner(shape, number, lonlat):
    """The outline with one corner put elsewhere, in a ring's first place twice."""
    corners = shapely.get_coordinates(shape)
    corners[number] = lonlat
    if number == 0:
        corners[-1] = lonlat
    with np.errstate(invalid="ignore"):
        return shapely.set_coordinates(array(shape), corners)[0]


def only(shape, **also):
    found = faults_of(array(shape), **also)
    assert len(found.rows) == 1
    return found.codes[0], found.details[0], found.lonlat[0]


def test_sound_outlines_have_no_faults() -> None:
    found = faults_of(np.append(subdivision(8), array(SQUARE, SQUARE.difference(HOLE))))
    assert found.rows.tolist() == []
    assert found.no_outline.tolist() == []


def test_a_row_without_outline_is_no_fault() -> None:
    found = faults_of(array(None, SQUARE, shapely.Polygon(), shapely.GeometryCollection()))
    assert found.no_outline.tolist() == [0, 2, 3]
    assert found.rows.tolist() == []


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (shapely.Point(121.1, 27.9), "点"),
        (shapely.LineString([(121.1, 27.9), (121.2, 27.9)]), "线"),
        (shapely.MultiPoint([(121.1, 27.9)]), "多点"),
        (shapely.MultiLineString([[(121.1, 27.9), (121.2, 27.9)]]), "多线"),
        (shapely.GeometryCollection([SQUARE]), "图形集合"),
    ],
)
def test_what_is_no_polygon_is_named(shape, kind) -> None:
    code, detail, lonlat = only(shape)
    assert (code, detail) == ("not_polygon", f"图形是{kind}，应为面")
    assert np.isnan(lonlat).all()


@pytest.mark.parametrize("number", [0, 2])
def test_infinite_coordinates_are_found(number) -> None:
    code, detail, lonlat = only(with_corner(SQUARE, number, (np.inf, 27.9)))
    assert code == "coordinate_not_finite"
    assert f"第 {number + 1} 个点" in detail
    assert "inf" in detail
    assert np.isnan(lonlat[0])


def test_coordinates_that_are_no_numbers_are_found() -> None:
    code, detail, _ = only(with_corner(SQUARE, 1, (np.nan, np.nan)))
    assert code == "coordinate_not_finite"
    assert "(nan, nan)" in detail


def test_a_corner_at_zero_is_told_with_its_place() -> None:
    code, detail, lonlat = only(with_corner(SQUARE, 2, (0, 0)))
    assert code == "outside_district"
    assert detail == (
        "图形第 3 个点在 (0.000000, 0.000000)，应在东经 120.5-122.5°、北纬 26.5-28.5°之内"
    )
    assert lonlat.tolist() == [0, 0]


def test_the_file_s_own_figures_are_quoted() -> None:
    own = shapely.set_coordinates(array(SQUARE), shapely.get_coordinates(SQUARE) * 1000)
    away = with_corner(SQUARE, 2, (119.0, 27.0))
    _, detail, _ = only(away, as_filed=array(with_corner(own[0], 2, (401_000.0, 2_990_000.0))))
    assert "第 3 个点在 (401000.000, 2990000.000)，即经纬度 (119.000000, 27.000000)，应在" in detail
    # What the projection has no place for is infinite in lon/lat, and a number in the file.
    nowhere = with_corner(SQUARE, 2, (np.inf, np.inf))
    code, detail, lonlat = only(nowhere, as_filed=array(with_corner(own[0], 2, (0.0, 0.0))))
    assert code == "outside_district"
    assert "第 3 个点在 (0.000, 0.000)，应在" in detail
    assert np.isnan(lonlat).all()


def test_several_bad_corners_are_counted() -> None:
    away = shapely.set_coordinates(array(SQUARE), shapely.get_coordinates(SQUARE) - (0, 5))
    assert "第 1 个点" in only(away[0])[1]
    assert "另有 4 个点也不对" in only(away[0])[1]


@pytest.mark.parametrize("lonlat", [(120.4999, 27), (122.5001, 27), (121, 26.4999), (121, 28.5001)])
def test_the_district_s_range_is_exact(lonlat) -> None:
    assert only(with_corner(SQUARE, 2, lonlat))[0] == "outside_district"
    west, south, east, north = DISTRICT
    assert faults_of(array(shapely.box(west, south, east, north))).rows.tolist() == []


def test_a_crossing_is_told_with_its_place() -> None:
    code, detail, lonlat = only(BOW_TIE)
    assert code == "self_crossing"
    assert (lonlat - place([50, 50])) * METRES == pytest.approx([0, 0], abs=0.01)
    assert f"({lonlat[0]:.7f}, {lonlat[1]:.7f})" in detail


@pytest.mark.parametrize(
    ("shape", "code", "words"),
    [
        (outline([(0, 0), (50, 0), (0, 0), (0, 0)]), "ring_too_short", "不足 3 个不同的点"),
        (outline([(0, 0)] * 4), "ring_too_short", "不足 3 个不同的点"),
        (outline([(0, 0), (50, 0), (99, 0)]), "self_crossing", "自相交"),
        (outline([(0, 0), (100, 0), (100, 100), (50, 0), (0, 100)]), "self_crossing", "自相"),
        (shapely.Polygon(HOLE.exterior, [SQUARE.exterior]), "invalid_outline", "在外环之外"),
        (
            shapely.Polygon(SQUARE.exterior, [HOLE.exterior, HOLE.buffer(-2e-5).exterior]),
            "invalid_outline",
            "内环套内环",
        ),
        (shapely.MultiPolygon([SQUARE, HOLE]), "invalid_outline", "相互重叠"),
        (shapely.Polygon(SQUARE.exterior, [SQUARE.exterior]), "self_crossing", "自相"),
    ],
)
def test_each_way_to_be_invalid_has_its_words(shape, code, words) -> None:
    found, detail, lonlat = only(shape)
    assert found == code
    assert words in detail
    assert np.isfinite(lonlat).all()


def test_spikes_and_doubled_corners_are_no_fault_by_themselves() -> None:
    doubled = outline([(0, 0), (0, 0), (100, 0), (100, 50), (100, 50), (100, 100), (0, 100)])
    needle = outline([(0, 0), (99, 0), (99, 99), (50, 99), (50.01, 160), (49.99, 99), (0, 99)])
    assert faults_of(array(doubled, needle)).rows.tolist() == []
    folded = outline([(0, 0), (99, 0), (99, 99), (50, 99), (50, 160), (50, 99), (0, 99)])
    assert only(folded)[0] == "self_crossing"


def test_the_same_outline_twice_is_found_however_it_is_written() -> None:
    turned = outline([(100, 100), (0, 100), (0, 0), (100, 0)])
    other = outline([(0, 0), (100, 0), (100, 100), (1, 100)])
    found = faults_of(array(other, SQUARE, turned, HOLE, shapely.reverse(SQUARE), HOLE))
    assert found.rows.tolist() == [1, 2, 3, 4, 5]
    assert set(found.codes) == {"duplicate_outline"}
    assert found.same_as.tolist() == [1, 1, 3, 1, 3]
    assert "另外 2 个图形" in found.details[0]
    assert "另外 1 个图形" in found.details[2]


def test_too_small_comes_before_too_thin() -> None:
    shapes = array(
        strip(0.9, 0.9), strip(0.02, 40), strip(0.5, 40), strip(1.1, 60), strip(0.99, 300)
    )
    found = faults_of(shapes)
    assert found.codes.tolist() == ["too_small", "too_small", "sliver", "sliver"]
    assert found.rows.tolist() == [0, 1, 2, 4]
    assert found.details[0] == "面积只有 0.810 m²，应不小于 1 m²"
    assert "平均宽度只有 0.49 m（面积 20.0 m²）" in found.details[2]


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.3, 3), st.floats(0.5, 900)), min_size=1, max_size=6))
def test_thinness_is_judged_as_measured(strips) -> None:
    shapes = array(
        *(strip(width, length, at=(0, 9 * row)) for row, (width, length) in enumerate(strips))
    )
    found = faults_of(shapes)
    land_m2, width_m = area_m2(shapes), mean_widths_m(shapes)
    small, thin = np.flatnonzero(land_m2 < 1), np.flatnonzero((land_m2 >= 1) & (width_m < 1))
    assert found.rows[found.codes == "too_small"].tolist() == small.tolist()
    assert found.rows[found.codes == "sliver"].tolist() == thin.tolist()


@settings(deadline=None)
@given(st.lists(st.integers(0, 7), max_size=12))
def test_an_outline_has_one_fault_at_its_own_row(kinds) -> None:
    choice = [
        *(None, SQUARE, BOW_TIE, shapely.Point(121, 28), strip(0.3, 90)),
        *(with_corner(SQUARE, 1, (0, 0)), with_corner(SQUARE, 1, (np.inf, 0)), strip(0.5, 0.5)),
    ]
    expected = {
        2: "self_crossing", 3: "not_polygon", 4: "sliver",
        5: "outside_district", 6: "coordinate_not_finite", 7: "too_small",
    }  # fmt: skip
    for kind in (1, 4, 7):
        if kinds.count(kind) > 1:
            expected[kind] = "duplicate_outline"
    found = faults_of(array(*(choice[kind] for kind in kinds)))
    wanted = [(row, expected[kind]) for row, kind in enumerate(kinds) if kind in expected]
    assert list(zip(found.rows.tolist(), found.codes, strict=True)) == wanted
    assert found.no_outline.tolist() == [row for row, kind in enumerate(kinds) if kind == 0]
    errors = [row for row, code in wanted if SEVERITY[code] is Severity.ERROR]
    assert found.with_severity(Severity.ERROR).tolist() == errors


def test_only_errors_are_repaired() -> None:
    assert {SEVERITY[code] for code in REPAIRABLE} == {Severity.ERROR}
