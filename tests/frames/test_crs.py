"""Which coordinate system: decided, asked or refused, and there and back."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from dongtou_geo.errors import DongtouGeoError, UsageError
from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.crs import (
    CrsChoiceNeededError,
    CrsRefusedError,
    Decision,
    decide,
    from_lonlat,
    to_lonlat,
)
from tests.frames.subdivisions import subdivision

LAND = subdivision(3)
TXT = {"坐标系": "2000国家大地坐标系", "几度分带": "3", "带号": "40"}
NORTH_WEST = np.array([-1.0, 2.4])
REACHING = [4490, 4326, 4528, 4549, 4529, 4550, 4499, 4510, 4527, 4548, 4498, 4509, 32651, 3857]


def filed(epsg, swapped=False, land=LAND):
    shapes = from_lonlat(land, epsg)
    if swapped:
        shapes = shapely.set_coordinates(shapes.copy(), shapely.get_coordinates(shapes)[:, ::-1])
    return shapes


def options(outlines, declared=None, facts=None, asked="auto"):
    with pytest.raises(CrsChoiceNeededError) as caught:
        decide(outlines, declared, facts or {}, asked)
    message = str(caught.value)
    assert f"--crs {caught.value.options[0]}" in message
    # Each option is a word the command takes, and settles the matter.
    for option in caught.value.options:
        decision = decide(outlines, declared, facts or {}, option)
        assert decision.word == option
        lon, lat = shapely.get_coordinates(to_lonlat(outlines, decision)).T
        assert ((lon > 120.5) & (lon < 122.5) & (lat > 26.5) & (lat < 28.5)).all()
    return caught.value.options


@pytest.mark.parametrize("epsg", REACHING)
def test_there_and_back(epsg) -> None:
    back = to_lonlat(from_lonlat(LAND, epsg), Decision(epsg, ""))
    off = shapely.get_coordinates(from_lonlat(back, 4549)) - shapely.get_coordinates(filed(4549))
    assert np.abs(off).max() < 1e-4


@pytest.mark.parametrize("epsg", [4528, 4549, 32651, 3857])
def test_coordinates_are_pyproj_s_own(epsg) -> None:
    plain = Transformer.from_crs(CRS.from_epsg(epsg).geodetic_crs, epsg, always_xy=True)
    wanted = np.column_stack(plain.transform(*shapely.get_coordinates(LAND).T))
    assert shapely.get_coordinates(from_lonlat(LAND, epsg)) == pytest.approx(wanted, abs=1e-6)


@settings(deadline=None)
@given(st.floats(120.5, 122.5), st.floats(26.5, 28.5), st.sampled_from(REACHING), st.booleans())
def test_any_place_comes_back(lon, lat, epsg, swapped) -> None:
    shapes = np.array([shapely.Point(lon, lat).buffer(1e-4)])
    back = to_lonlat(filed(epsg, swapped, shapes), Decision(epsg, "", swapped))
    off = np.abs(shapely.get_coordinates(back) - shapely.get_coordinates(shapes)).max()
    assert off < 1e-9


def test_what_is_no_outline_and_no_number_stays() -> None:
    broken = shapely.set_coordinates(LAND[:1].copy(), np.full((9, 2), np.inf))[0]
    odd = np.array([None, shapely.Polygon(), broken, shapely.Point(121, 28)], dtype=object)
    for epsg in (4490, 4528):
        moved = from_lonlat(odd, epsg)
        back = to_lonlat(moved, Decision(epsg, ""))
        assert back[0] is None
        assert back[1].is_empty
        assert np.isinf(shapely.get_coordinates(moved[2])).all()
        assert np.isinf(shapely.get_coordinates(back[2])).all()
        assert back[3].equals_exact(odd[3], 1e-9)
    assert to_lonlat(odd[:0], Decision(4528, "")).tolist() == []


def test_corners_that_are_no_numbers_stay_and_those_without_a_place_become_infinite() -> None:
    shapes = filed(4528)[:2]
    corners = shapely.get_coordinates(shapes)
    corners[3], corners[12] = (np.nan, 3e6), (0.0, 0.0)
    with np.errstate(invalid="ignore"):
        shapes = shapely.set_coordinates(shapes.copy(), corners)
    back = shapely.get_coordinates(to_lonlat(shapes, Decision(4528, "")))
    assert np.isnan(back[3, 0])
    assert np.isinf(back[12]).all()
    rest = np.delete(back, [3, 12], axis=0)
    assert np.abs(rest - np.delete(shapely.get_coordinates(LAND[:2]), [3, 12], axis=0)).max() < 1e-9


def test_heights_are_left_out_and_the_outlines_kept() -> None:
    high = shapely.force_3d(filed(4549), 3.0)
    low = to_lonlat(high, Decision(4549, ""))
    assert not shapely.has_z(low).any()
    assert shapely.has_z(high).all()
    assert area_m2(low) == pytest.approx(area_m2(LAND), rel=1e-9)


# Declared


@pytest.mark.parametrize(
    ("epsg", "prefix", "words"),
    [
        (4490, None, "CGCS2000 经纬度"), (4326, None, "坐标不变"),
        (4528, 40, "3 度带 第 40 带，中央子午线 120°"), (4549, None, "3 度带 中央子午线 120°"),
        (4499, 21, "6 度带 第 21 带，中央子午线 123°"), (4510, None, "6 度带 中央子午线 123°"),
        (4527, 39, "第 39 带"), (32651, None, "UTM zone 51N"), (3857, None, "不是测绘成果"),
    ],
)  # fmt: skip
def test_a_declaration_that_fits_is_followed(epsg, prefix, words) -> None:
    for declared in (f"EPSG:{epsg}", CRS.from_epsg(epsg).to_wkt("WKT1_ESRI")):
        decision = decide(filed(epsg), declared, {})
        assert (decision.epsg, decision.swapped, decision.prefix) == (epsg, False, prefix)
        assert decision.reason.startswith("文件声明的坐标系是")
        assert words in decision.reason


def test_4326_is_passed_through() -> None:
    decision = decide(LAND, "EPSG:4326", {})
    assert shapely.to_wkb(to_lonlat(LAND, decision)).tolist() == shapely.to_wkb(LAND).tolist()


@pytest.mark.parametrize(
    ("declared", "epsg", "swapped", "first"),
    [
        pytest.param(4490, 4528, False, "EPSG:4528", id="degrees declared, 8-digit eastings"),
        pytest.param(4490, 4549, False, "EPSG:4549", id="degrees declared, metres"),
        pytest.param(4549, 4490, False, "EPSG:4490", id="metres declared, degrees"),
        pytest.param(4527, 4528, False, "EPSG:4528", id="zone 39 declared, zone 40"),
        pytest.param(4549, 4528, False, "EPSG:4528", id="no prefix declared, prefix"),
        pytest.param(4528, 4549, False, "EPSG:4549", id="prefix declared, no prefix"),
        pytest.param(4550, 4549, False, "EPSG:4549", id="CM 123 declared, CM 120"),
        pytest.param(4490, 4490, True, "EPSG:4490+swap", id="lat, lon"),
        pytest.param(4528, 4528, True, "EPSG:4528+swap", id="northing, easting"),
        pytest.param(4490, 4528, True, "EPSG:4528+swap", id="degrees declared, northing, easting"),
        pytest.param(32651, 32651, True, "EPSG:32651+swap", id="UTM, northing, easting"),
    ],
)
def test_a_declaration_that_contradicts_the_figures_is_asked_about(
    declared, epsg, swapped, first
) -> None:
    found = options(filed(epsg, swapped), f"EPSG:{declared}")
    # UTM 51N and the zones about 123 take the same figures.
    assert found == ((first, "EPSG:4550+swap") if declared == 32651 else (first,))


def test_a_contradiction_says_what_and_where() -> None:
    with pytest.raises(CrsChoiceNeededError) as caught:
        decide(filed(4528), "EPSG:4490", {})
    message = str(caught.value)
    assert "文件声明的坐标系是CGCS2000 经纬度（EPSG:4490），与坐标不符" in message
    assert "x=4060" in message
    assert "CGCS2000 3 度带 第 40 带，中央子午线 120°（EPSG:4528）" in message


@pytest.mark.parametrize("epsg", [4528, 4490])
def test_figures_from_elsewhere_are_refused(epsg) -> None:
    hangzhou = shapely.transform(LAND, lambda lonlat: lonlat + NORTH_WEST)
    with pytest.raises(CrsRefusedError, match=r"不在东经 120\.5-122\.5°、北纬"):
        decide(filed(epsg, land=hangzhou), f"EPSG:{epsg}", {})
    with pytest.raises(CrsRefusedError, match=r"没有声明坐标系.*--crs EPSG:编号"):
        decide(filed(epsg, land=hangzhou), None, {})


def test_few_outlines_elsewhere_do_not_change_the_decision() -> None:
    shapes = np.append(filed(4528), filed(4549)[:2])
    for declared in (None, "EPSG:4528"):
        assert decide(shapes, declared, {}).epsg == 4528


def test_most_outlines_elsewhere_but_nowhere_known_follows_the_declaration() -> None:
    far = shapely.transform(LAND, lambda lonlat: lonlat + NORTH_WEST)
    decision = decide(np.append(filed(4549, land=far), filed(4549)[:3]), "EPSG:4549", {})
    assert decision.epsg == 4549
    assert "只有 25% 的点" in decision.reason


def test_a_file_mostly_in_another_system_than_declared_is_asked_about() -> None:
    mixed = np.append(filed(4528), filed(4549)[:3])
    with pytest.raises(CrsChoiceNeededError) as caught:
        decide(mixed, "EPSG:4549", {})
    assert caught.value.options == ("EPSG:4528",)
    assert decide(mixed, "EPSG:4549", {}, "EPSG:4549").epsg == 4549


def test_corners_at_zero_and_no_numbers_do_not_hide_the_rest() -> None:
    shapes = filed(4528)
    corners = shapely.get_coordinates(shapes)
    corners[3::9], corners[4::9] = (0, 0), (np.inf, 1)
    shapes = shapely.set_coordinates(shapes.copy(), corners)
    assert decide(np.append(shapes, [None, shapely.Polygon()]), None, {}).epsg == 4528


@pytest.mark.parametrize("declared", [None, "EPSG:4528", "rubbish"])
def test_without_coordinates_there_is_nothing_to_decide(declared) -> None:
    decision = decide(np.array([None, shapely.Polygon()], dtype=object), declared, {})
    assert decision.epsg == (4528 if declared == "EPSG:4528" else 4490)
    assert "没有坐标" in decision.reason


# Not declared


@pytest.mark.parametrize(
    ("epsg", "prefix", "words"),
    [
        (4490, None, "是洞头范围内的经纬度"), (4528, 40, "东坐标 8 位、以带号 40 开头"),
        (4529, 41, "以带号 41 开头"), (4499, 21, "6 度带 第 21 带"), (4498, 20, "第 20 带"),
        (4549, None, "东坐标 6 位、不带带号"),
    ],
)  # fmt: skip
def test_figures_that_fit_once_decide(epsg, prefix, words) -> None:
    decision = decide(filed(epsg), None, {})
    assert (decision.epsg, decision.swapped, decision.prefix) == (epsg, False, prefix)
    assert "文件没有声明坐标系" in decision.reason
    assert words in decision.reason


def test_the_datum_of_bare_figures_is_told_as_assumed() -> None:
    assert "须由送件单位确认" in decide(filed(4549), None, {}).reason
    assert "须由送件单位确认" not in decide(filed(4549), None, TXT).reason


def test_figures_about_meridian_123_may_be_utm() -> None:
    assert options(filed(4550)) == ("EPSG:4550", "EPSG:32651")
    assert decide(filed(4550), None, TXT | {"带号": "41"}).epsg == 4550
    assert decide(filed(4550), None, {"几度分带": "6"}).epsg == 4510
    assert decide(filed(4550), None, {"坐标系": "CGCS2000"}).epsg == 4550


@pytest.mark.parametrize("epsg", [4490, 4528, 4549, 4499])
def test_swapped_axes_need_a_word(epsg) -> None:
    assert options(filed(epsg, swapped=True)) == (f"EPSG:{epsg}+swap",)


def test_web_mercator_needs_a_word() -> None:
    assert options(filed(3857)) == ("EPSG:3857",)


def test_a_declaration_nobody_recognises_is_asked_about() -> None:
    assert options(filed(4549), "某局自定坐标") == ("EPSG:4549",)


def test_a_txt_header_that_agrees_is_named() -> None:
    for epsg in (4528, 4549):
        decision = decide(filed(epsg), None, TXT)
        assert decision.epsg == epsg
        assert "文件头写明坐标系 CGCS2000、3 度带、带号 40" in decision.reason


@pytest.mark.parametrize(
    ("epsg", "facts"),
    [
        (4528, {"带号": "39"}), (4549, {"几度分带": "6"}), (4528, {"几度分带": "6", "带号": "21"}),
        (4490, {}), (4528, {"坐标系": "温州城市独立坐标系"}),
    ],
)  # fmt: skip
def test_a_txt_header_that_contradicts_is_asked_about(epsg, facts) -> None:
    assert options(filed(epsg), None, TXT | facts) == (f"EPSG:{epsg}",)


def test_a_header_may_contradict_a_declaration() -> None:
    assert options(filed(4549), "EPSG:4549", {"带号": "39"}) == ("EPSG:4549",)


# Asked for


@pytest.mark.parametrize(
    ("asked", "epsg", "swapped"),
    [
        ("EPSG:4549", 4549, False), ("epsg:4549", 4549, False), (" 4549 ", 4549, False),
        ("EPSG:4549+swap", 4549, True), ("EPSG:4490+SWAP", 4490, True), ("EPSG:32651", 32651, False),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_done(asked, epsg, swapped) -> None:
    decision = decide(filed(epsg, swapped), None, {}, asked)
    assert (decision.epsg, decision.swapped) == (epsg, swapped)
    assert "--crs" in decision.reason


def test_what_is_asked_for_outweighs_the_file_and_says_so() -> None:
    decision = decide(filed(4528), "EPSG:4490", TXT | {"带号": "39"}, "EPSG:4528")
    assert decision.epsg == 4528
    assert "文件自己写的是 China Geodetic Coordinate System 2000" in decision.reason


def test_auto_is_a_word_too() -> None:
    assert decide(filed(4549), None, {}, "AUTO").epsg == 4549


def test_what_is_asked_for_must_place_something() -> None:
    assert options(filed(4528), None, {}, "EPSG:4490") == ("EPSG:4528",)
    assert options(filed(4549, swapped=True), None, {}, "EPSG:4549") == ("EPSG:4549+swap",)
    with pytest.raises(CrsRefusedError, match="--crs 指定的是"):
        decide(np.array([shapely.box(5, 5, 6, 6)]), None, {}, "EPSG:4490")


@pytest.mark.parametrize("asked", ["", "4549+", "EPSG:4549+flip", "CGCS2000", "EPSG:99999", "-1"])
def test_words_nobody_understands_are_wrong_usage(asked) -> None:
    with pytest.raises(UsageError, match=r"EPSG:4549\+swap"):
        decide(LAND, None, {}, asked)


@pytest.mark.parametrize("asked", ["EPSG:2437", "EPSG:4610", "EPSG:4479"])
def test_old_datums_cannot_be_asked_for(asked) -> None:
    with pytest.raises(CrsRefusedError):
        decide(filed(4549), None, {}, asked)


@pytest.mark.parametrize(
    ("declared", "facts"), [("EPSG:2385", {}), (None, {"坐标系": "80西安坐标系"})]
)
def test_a_file_in_an_old_datum_stays_refused_whatever_is_asked(declared, facts) -> None:
    for asked in ("auto", "EPSG:4549"):
        with pytest.raises(CrsRefusedError, match="1980 西安坐标系"):
            decide(filed(4549), declared, facts, asked)


def test_both_errors_are_the_house_s_own() -> None:
    assert issubclass(CrsChoiceNeededError, DongtouGeoError)
    assert issubclass(CrsRefusedError, DongtouGeoError)
