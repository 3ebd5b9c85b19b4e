"""One GeoJSON dataset: its file, its features one by one, its frame and its outlines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dongtou_geo.catalog.datasets import Extent, dataset_path, extent_of, shown_path
from dongtou_geo.catalog.features import Feature, read_collection
from dongtou_geo.catalog.geo_frame import geometry_of, raw_frame
from dongtou_geo.catalog.sidecar import DatasetSidecar
from dongtou_geo.domain.problem import Problem
from dongtou_geo.frames.finding import finding
from dongtou_geo.frames.schemas import property_names
from dongtou_geo.frames.topology import invalid_outlines, off_plan_areas, sibling_overlaps
from dongtou_geo.frames.validate import ProblemsError, validate
from dongtou_geo.services.check.files import check_sidecar, read_or_tell


@dataclass(slots=True)
class CheckedDataset:
    """A dataset with all its findings.

    Parameters
    ----------
    id : str
        Dataset id.
    file : str
        Name for the findings.
    frame : GeoDataFrame or None
        Unchecked cells; None where the file cannot be read.
    problems : list of Problem
        Everything found in the file itself.
    """

    id: str
    file: str
    frame: gpd.GeoDataFrame | None = None
    problems: list[Problem] = field(default_factory=list)

    def ids(self, column: str = "id") -> set[object]:
        """Return the values of an identifying column; empty where the file cannot be read."""
        cells = () if self.frame is None else self.frame[column]
        return {cell for cell in cells if isinstance(cell, str | int)}

    def outlines(self) -> dict[str, BaseGeometry]:
        """Return every outline there is, by id."""
        if self.frame is None:
            return {}
        pairs = zip(self.frame["id"], self.frame.geometry, strict=True)
        return {name: shape for name, shape in pairs if isinstance(name, str) and shape is not None}


def check_dataset(root: Path, dataset_id: str) -> CheckedDataset:
    """Check one dataset by itself.

    Parameters
    ----------
    root : Path
        The geodata folder.
    dataset_id : str
        One of ``catalog.datasets.DATASETS``.

    Returns
    -------
    CheckedDataset
        Bonds to other datasets are not looked at.
    """
    path = dataset_path(root, dataset_id)
    checked = CheckedDataset(dataset_id, shown_path(path))
    problems = checked.problems
    content = read_or_tell(path, read_collection, problems, expected="RFC 7946 的 GeoJSON 文件")
    rows = None if content is None else len(content["features"])
    sidecar = check_sidecar(path, DatasetSidecar, rows=rows, problems=problems)
    if content is None:
        return checked
    if "crs" in content:
        problems.append(_legacy_crs(checked.file, content["crs"]))
    features: list[Feature] = content["features"]
    allowed, extent = sidecar.get("geometry"), extent_of(dataset_id)
    columns = property_names(dataset_id)
    shapes = []
    for number, feature in enumerate(features, start=1):
        name = _name(feature, number)
        problems.extend(_member_problems(checked.file, name, feature, columns))
        shapes.append(_shape(checked.file, name, feature, allowed, extent, problems))
    checked.frame = raw_frame(features, shapes, columns=columns)
    problems.extend(_frame_problems(checked))
    return checked


def _frame_problems(checked: CheckedDataset) -> Iterator[Problem]:
    frame = checked.frame
    assert frame is not None
    told = {(problem.feature, problem.field) for problem in checked.problems}
    try:
        validate(frame, checked.id, file=checked.file)
    except ProblemsError as refused:
        # A property that is not there, a shape that cannot be read: already told.
        yield from (
            p
            for p in refused.problems
            if p.code != "missing_value"
            or not told & {(p.feature, p.field), (p.feature, "properties")}
        )
    yield from invalid_outlines(frame, checked.file)
    if checked.id in ("zones", "parks", "reclamation"):
        yield from sibling_overlaps(frame, checked.file)
        yield from off_plan_areas(frame, checked.file)


def _name(feature: Feature, number: int) -> str:
    properties = feature.get("properties")
    own = properties.get("id") if isinstance(properties, dict) else None
    return own if isinstance(own, str) and own else f"第 {number} 个要素"


def _member_problems(
    file: str, name: str, feature: Feature, columns: tuple[str, ...]
) -> Iterator[Problem]:
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        yield finding(
            file, "bad_feature", "没有属性表", expected="对象", feature=name, field="properties"
        )
        return
    for column in columns:
        if column not in properties:
            yield finding(
                file,
                "missing_property",
                "缺少该属性",
                expected="约定的属性，无值写 null",
                feature=name,
                field=column,
            )
    for column in properties.keys() - set(columns):
        yield finding(
            file,
            "unknown_property",
            "是多余的属性",
            expected=f"只含{'、'.join(columns)}",
            feature=name,
            field=column,
            value=properties[column],
        )
    if feature.get("id") != properties.get("id"):
        yield finding(
            file,
            "id_mismatch",
            "要素 id 与属性 id 不同",
            expected=f"“{properties.get('id')}”",
            feature=name,
            field="id",
            value=feature.get("id"),
        )


def _shape(
    file: str,
    name: str,
    feature: Feature,
    allowed: object,
    extent: Extent,
    problems: list[Problem],
) -> BaseGeometry | None:
    """The feature's shape; None, with a finding, where it cannot be used."""

    def tell(code: str, wrong: str, expected: str, value: object) -> None:
        problems.append(
            finding(
                file, code, wrong, expected=expected, feature=name, field="geometry", value=value
            )
        )

    try:
        shape = geometry_of(feature)
    except ValueError as error:
        tell("unreadable_geometry", "图形读不出", "RFC 7946 的 geometry", error)
        return None
    if shape is None:
        return None
    if isinstance(allowed, list) and shape.geom_type not in allowed:
        tell(
            "geometry_type", "图形类型不符", f"{'、'.join(map(str, allowed))} 之一", shape.geom_type
        )
    place = _outside(shape, extent)
    if place is not None:
        tell("outside_extent", "坐标越界", _extent_words(shape, extent), place)
        return None
    return shape


def _outside(shape: BaseGeometry, extent: Extent) -> str | None:
    lonlat = shapely.get_coordinates(shape)
    west, south, east, north = extent
    with np.errstate(invalid="ignore"):
        inside = (lonlat >= (west, south)) & (lonlat <= (east, north))
    rows = np.flatnonzero(~inside.all(axis=1))
    return None if len(rows) == 0 else f"{lonlat[rows[0], 0]:.6f}, {lonlat[rows[0], 1]:.6f}"


def _extent_words(shape: BaseGeometry, extent: Extent) -> str:
    west, south, east, north = extent
    swapped = _outside(shapely.transform(shape, lambda lonlat: lonlat[:, ::-1]), extent) is None
    hint = "；经纬度次序似已颠倒" if swapped else ""
    return f"经度 {west}-{east}、纬度 {south}-{north}（EPSG:4490 先经后纬）{hint}"


def _legacy_crs(file: str, value: object) -> Problem:
    return finding(
        file,
        "legacy_crs",
        "是已废止的写法",
        expected="去掉 crs：坐标系由说明文件写明 EPSG:4490",
        field="crs",
        value=value,
    )
