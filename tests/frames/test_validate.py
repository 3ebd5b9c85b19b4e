"""The border: what is refused, and that every finding comes out at once."""

import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import DATASETS, dataset_path
from dongtou_geo.catalog.features import read_collection
from dongtou_geo.catalog.geo_frame import geometry_of, raw_frame
from dongtou_geo.frames.schemas import property_names
from dongtou_geo.frames.validate import ProblemsError, validate


def frame_of(kind: str) -> gpd.GeoDataFrame:
    features = read_collection(dataset_path(settings.GEODATA, kind))["features"]
    return raw_frame(features, map(geometry_of, features), columns=property_names(kind))


def refused(frame: gpd.GeoDataFrame, kind: str):
    with pytest.raises(ProblemsError) as caught:
        validate(frame, kind)
    return caught.value


@pytest.mark.parametrize("kind", DATASETS)
def test_our_own_frames_pass_unchanged(kind: str) -> None:
    frame = frame_of(kind)
    assert validate(frame, kind) is frame


CASES = [
    ("projects", 14, "location_basis", "guessed", "unknown_word", "named_park、phase1_star"),
    ("projects", 14, "end_year", 2012, "reversed_years", "start_year"),
    ("projects", 14, "end_year", "2016", "bad_value", "整数年份"),
    ("projects", 14, "total_investment_wan", "54800", "bad_value", "正数"),
    ("projects", 14, "plan_investment_wan", None, "missing_value", "正数（万元）"),
    ("projects", 14, "park_id", "park_ojk_industry", "park_by_guess", "named_park"),
    ("projects", 14, "subgroup", None, "subgroup_misplaced", "implement"),
    ("projects", 23, "geometry", shapely.Point(121.1, 27.9), "placed_without_place", "不上图"),
    ("projects", 14, "sensitive", "false", "bad_value", "true 或 false"),
    ("projects", 14, "aliases", "别名", "bad_value", "文字列表"),
    ("parks", 1, "id", "park_startup", "duplicate_value", "唯一"),
    ("parks", 1, "fidelity", "exact", "unknown_word", "surveyed、digitised、indicative"),
    ("parks", 1, "kind", "zone", "unknown_word", "park"),
    ("parks", 1, "plan_area_unit", None, "missing_value", "亩"),
    ("parks", 1, "plan_area_mu", 1400, "plan_area_mismatch", "plan_area_value"),
    ("parks", 1, "name", "", "bad_value", "非空文字"),
    ("parks", 1, "geometry", None, "missing_value", "有图形"),
    ("reclamation", 1, "plan_area_value", 3, "plan_area_incomplete", "都有或都为空"),
    ("zones", 1, "label_point", [121.1], "bad_value", "[经度, 纬度]"),
    ("zones", 1, "parent_id", "zone_north", "bad_value", "空"),
]


@pytest.mark.parametrize(
    ("kind", "row", "field", "value", "code", "expected"), CASES, ids=lambda x: str(x)[:20]
)
def test_a_bad_cell_is_named(kind, row, field, value, code, expected) -> None:
    frame = frame_of(kind)
    if field == "geometry":
        shapes = list(frame.geometry)
        shapes[row] = value
        frame = frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))
    else:
        frame[field] = [value if at == row else cell for at, cell in enumerate(frame[field])]
    problems = [p for p in refused(frame, kind).problems if p.code == code]
    found = next(p for p in problems if p.feature == frame["id"].iloc[row])
    assert found.file == f"geodata/{kind}.geojson"
    assert found.field == field
    assert expected in (found.expected or "")
    if value is not None and field != "geometry":
        assert str(value) in (found.value or "")
    assert found.message.startswith(f"geodata/{kind}.geojson {found.feature} {field}：")


def test_all_findings_come_out_at_once() -> None:
    frame = frame_of("projects")
    frame["group"] = ["x" if at < 3 else cell for at, cell in enumerate(frame["group"])]
    frame["end_year"] = [1999 if at == 5 else cell for at, cell in enumerate(frame["end_year"])]
    error = refused(frame, "projects")
    assert len({(p.feature, p.field) for p in error.problems if p.field == "group"}) == 3
    assert any(p.code == "reversed_years" for p in error.problems)
    assert f"另有 {len(error.problems) - 1} 处" in str(error)
    json.dumps([p.as_dict() for p in error.problems])


def test_a_frame_in_another_crs_is_refused() -> None:
    problem = refused(frame_of("parks").to_crs(4549), "parks").problems[0]
    assert (problem.code, problem.value, problem.expected) == (
        "crs_mismatch",
        "EPSG:4549",
        "EPSG:4490",
    )
    parks = frame_of("parks")
    cells = parks.drop(columns="geometry")
    bare = gpd.GeoDataFrame(pd.DataFrame(cells), geometry=parks.geometry.to_numpy())
    assert refused(bare, "parks").problems[0].value is None


def test_unknown_and_missing_columns_are_named() -> None:
    frame = frame_of("parks").drop(columns="plan_role").assign(colour="red")
    problems = {(p.code, p.field): p for p in refused(frame, "parks").problems}
    assert ("missing_property", "plan_role") in problems
    assert "plan_role" in (problems["unknown_property", "colour"].expected or "")


def test_names_with_markup_are_plain_text() -> None:
    frame = frame_of("parks")
    frame["name"] = "<script>alert(1)</script>"
    validate(frame, "parks")


def test_an_empty_frame_is_a_valid_frame() -> None:
    validate(frame_of("projects").iloc[:0], "projects")
    validate(frame_of("parks").iloc[:0], "parks")
