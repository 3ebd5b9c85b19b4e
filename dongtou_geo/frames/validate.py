"""The border post: an unchecked frame goes in, a ``ValidFrame`` or all its findings come out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NewType

import geopandas as gpd
import pandas as pd
from pandera.errors import SchemaErrors

from dongtou_geo.domain.problem import Problem
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.frames.finding import finding
from dongtou_geo.frames.schemas import CRS, ROW_RULES, schema_of

ValidFrame = NewType("ValidFrame", gpd.GeoDataFrame)

_WRONG = {
    "bad_value": "不合适",
    "unknown_word": "不是约定的词",
    "missing_value": "不能为空",
    "duplicate_value": "重复出现",
    "unknown_property": "是多余的属性",
    "missing_property": "缺少该属性",
    "reversed_years": "早于开工年份",
    "park_by_guess": "与地点依据不符",
    "subgroup_misplaced": "与项目类别不符",
    "placed_without_place": "不应有点位",
    "plan_area_incomplete": "与单位、亩数不齐",
    "plan_area_mismatch": "与规划数折算不符",
}
_PANDERA_CODES = {
    "not_nullable": "missing_value",
    "column_in_schema": "unknown_property",
    "column_in_dataframe": "missing_property",
}


class ProblemsError(DongtouGeoError):
    """Raise when a frame is refused; it carries every finding at once.

    Parameters
    ----------
    problems : iterable of Problem
        At least one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        rest = f"（另有 {len(self.problems) - 1} 处）" if len(self.problems) > 1 else ""
        super().__init__(f"{self.problems[0].message}{rest}")


def validate(frame: gpd.GeoDataFrame, kind: str, *, file: str | None = None) -> ValidFrame:
    """Let a frame into the house if it holds what its dataset must hold.

    Parameters
    ----------
    frame : GeoDataFrame
        One row a feature, in EPSG:4490 lon/lat; cells as JSON gave them.
    kind : str
        Dataset id: zones, parks, reclamation, projects or coast.
    file : str, optional
        Name for the findings; ``geodata/<kind>.geojson`` by default.

    Returns
    -------
    ValidFrame
        The same frame.

    Raises
    ------
    ProblemsError
        With every finding, if there is any.
    """
    name = file or f"geodata/{kind}.geojson"
    if frame.crs is None or frame.crs != CRS:
        shown = None if frame.crs is None else frame.crs.to_string()
        wrong = finding(name, "crs_mismatch", "坐标系不符", expected=CRS, field="crs", value=shown)
        raise ProblemsError([wrong])
    try:
        schema_of(kind).validate(frame, lazy=True)
    except SchemaErrors as refused:
        raise ProblemsError(_problems(refused.failure_cases, frame, kind, name)) from refused
    return ValidFrame(frame)


def feature_names(frame: gpd.GeoDataFrame) -> list[str]:
    """Name every row of a frame for a finding: its id, else its place in the file.

    Parameters
    ----------
    frame : GeoDataFrame
        Any frame.

    Returns
    -------
    list of str
        One name a row.
    """
    ids = frame["id"] if "id" in frame else pd.Series([None] * len(frame))
    return [
        value if isinstance(value, str) and value else f"第 {number} 个要素"
        for number, value in enumerate(ids, start=1)
    ]


def _problems(cases: pd.DataFrame, frame: gpd.GeoDataFrame, kind: str, file: str) -> list[Problem]:
    names = dict(zip(frame.index, feature_names(frame), strict=True))
    columns = schema_of(kind).columns
    found: dict[tuple[object, ...], Problem] = {}
    for case in cases.to_dict("records"):
        index, field = case["index"], case["column"]
        code = _PANDERA_CODES.get(case["check"], case["check"])
        value = case["failure_case"]
        if code in ROW_RULES:
            field, expected = ROW_RULES[code]
            value = None if field == "geometry" else frame.at[index, field]
        elif code in ("unknown_property", "missing_property"):
            field, value = value, None
            expected = "约定的属性" if code == "missing_property" else f"只含{'、'.join(columns)}"
        else:
            expected = columns[field].description or ""
        feature = None if index is None or pd.isna(index) else names[index]
        found[index, field, code] = finding(
            file,
            code,
            _WRONG[code],
            expected=expected,
            feature=feature,
            field=field,
            value=None if not isinstance(value, list) and pd.isna(value) else value,
        )
    return list(found.values())
