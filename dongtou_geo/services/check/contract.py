"""What others rely on from outside: the ids of the contract, and figures that must add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan
from pathlib import Path
from typing import Final

import geopandas as gpd
import shapely

from dongtou_geo.catalog.datasets import shown_path, table_path
from dongtou_geo.catalog.plan import load_project_groups
from dongtou_geo.domain.problem import Problem
from dongtou_geo.domain.project_group import ProjectGroup
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.errors import DatasetError
from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.finding import finding
from dongtou_geo.frames.topology import LEAVING_WIDTH_M, is_wider
from dongtou_geo.services.check.datasets import CheckedDataset

WHOLE: Final = "recl_daxiaomen"
PARTS: Final = ("recl_xiaomen_west", "recl_lng", "recl_port_logistics", "recl_damen_lingang")
FEATURE_IDS: Final[Mapping[str, tuple[str, ...]]] = {
    "zones": ("zone_north", "zone_main", "zone_west"),
    "parks": ("park_startup", "park_nantang", "park_yangwen", "park_ojk_industry", "park_rail"),
    "reclamation": (WHOLE, *PARTS, "recl_ojk_phase1", "recl_ojk_phase2", "recl_qiantan2"),
    "projects": tuple(f"project_{no}" for no in range(1, 44)),
}
TOTAL: Final = "total"
# The annex prints whole 万元.
SUM_TOLERANCE_WAN = 0.5


def contract_problems(root: Path, datasets: Mapping[str, CheckedDataset]) -> list[Problem]:
    """Find ids of the contract that are not there, and sums that do not come out.

    Parameters
    ----------
    root : Path
        The geodata folder.
    datasets : mapping of str to CheckedDataset
        All of them, by id.

    Returns
    -------
    list of Problem
        A file that cannot be read is passed over: that is told already.
    """
    problems: list[Problem] = []
    for dataset_id, wanted in FEATURE_IDS.items():
        problems.extend(_missing(datasets[dataset_id], wanted))
    problems.extend(_unlike_its_parts(datasets["reclamation"]))
    projects = datasets["projects"].frame
    try:
        groups = load_project_groups(root=root)
    except DatasetError:
        return problems
    if projects is not None:
        file = shown_path(table_path(root, "project_groups"))
        for group in groups:
            problems.extend(_unlike_its_projects(file, group, projects))
    return problems


def _missing(dataset: CheckedDataset, wanted: tuple[str, ...]) -> Iterator[Problem]:
    if dataset.frame is None:
        return
    there = dataset.ids()
    for feature_id in wanted:
        if feature_id not in there:
            yield finding(
                dataset.file,
                "missing_feature",
                "约定的要素不存在",
                expected=f"有 id 为 {feature_id} 的要素，其他系统以它相认",
                feature=feature_id,
                field="id",
            )


def _unlike_its_parts(reclamation: CheckedDataset) -> Iterator[Problem]:
    """The area between the islands is its four parts and nothing else: they count once."""
    frame, shapes = reclamation.frame, reclamation.outlines()
    if frame is None or not {WHOLE, *PARTS} <= shapes.keys():
        return
    for name, parent in zip(frame["id"], frame["parent_id"], strict=True):
        if (name in PARTS) is not (parent == WHOLE):
            expected = WHOLE if name in PARTS else f"另一个上级：{WHOLE} 只含{'、'.join(PARTS)}"
            yield finding(
                reclamation.file,
                "wrong_parent",
                "上级不符",
                expected=expected,
                feature=str(name),
                field="parent_id",
                value=parent,
            )
    outlines = [shapes[name] for name in (WHOLE, *PARTS)]
    if not shapely.is_valid(outlines).all():
        return
    # Parts that leave the whole are told one by one.
    rest = shapely.difference(outlines[0], shapely.union_all(outlines[1:]))
    if is_wider(rest, LEAVING_WIDTH_M):
        yield finding(
            reclamation.file,
            "unlike_its_parts",
            "多于四个组成部分之和",
            expected=f"恰为 {'、'.join(PARTS)} 之并",
            feature=WHOLE,
            field="geometry",
            value=f"{m2_to_mu(float(area_m2([rest])[0])):.2f} 亩",
        )


def _unlike_its_projects(
    file: str, group: ProjectGroup, projects: gpd.GeoDataFrame
) -> Iterator[Problem]:
    own = projects
    if group.id != TOTAL:
        own = projects[(projects["group"] == group.id) | (projects["subgroup"] == group.id)]
    if len(own) != group.project_count:
        yield _off(file, group, "project_count", group.project_count, f"{len(own)} 项")
    for column, printed in (
        ("total_investment_wan", group.annex_total_wan),
        ("plan_investment_wan", group.annex_plan_wan),
    ):
        # 待定 is null and counts as nothing, as in the annex's own sums.
        wan = sum(cell for cell in own[column] if isinstance(cell, int | float) and not isnan(cell))
        if printed is not None and abs(wan - printed) > SUM_TOLERANCE_WAN:
            name = "annex_total_wan" if column.startswith("total") else "annex_plan_wan"
            yield _off(file, group, name, f"{printed:.10g}", f"{wan:.10g} 万元")


def _off(file: str, group: ProjectGroup, column: str, value: object, sum_of: str) -> Problem:
    return finding(
        file,
        "group_sum_mismatch",
        "与 geodata/projects.geojson 的合计不符",
        expected=f"{sum_of}（{group.name}）",
        feature=group.id,
        field=column,
        value=value,
    )
