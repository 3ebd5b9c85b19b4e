"""What ties the datasets together: parents, parks and zones that exist, and sensitive places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import shapely
from shapely.geometry.base import BaseGeometry

from dongtou_geo.domain.problem import Problem
from dongtou_geo.frames.finding import finding
from dongtou_geo.frames.topology import strays
from dongtou_geo.services.check.datasets import CheckedDataset


def bond_problems(datasets: Mapping[str, CheckedDataset]) -> list[Problem]:
    """Find ids that lead nowhere, outlines outside their parent, and points that show too much.

    Parameters
    ----------
    datasets : mapping of str to CheckedDataset
        All of them, by id.

    Returns
    -------
    list of Problem
        A dataset that cannot be read is passed over; so is what hangs on it.
    """
    problems: list[Problem] = []
    parents: dict[str, BaseGeometry] = {}
    for dataset_id in ("zones", "reclamation"):
        parents.update(datasets[dataset_id].outlines())
    readable = all(datasets[name].frame is not None for name in ("zones", "reclamation"))
    for dataset_id in ("parks", "reclamation"):
        child = datasets[dataset_id]
        if child.frame is not None and readable:
            problems.extend(strays(child.frame, parents, child.file))
    problems.extend(_dangling(datasets["parks"], "zone_id", datasets["zones"]))
    problems.extend(_dangling(datasets["projects"], "zone_id", datasets["zones"]))
    problems.extend(_dangling(datasets["projects"], "park_id", datasets["parks"]))
    problems.extend(_exposed(datasets["projects"], datasets["zones"]))
    return problems


def _dangling(child: CheckedDataset, column: str, parent: CheckedDataset) -> Iterator[Problem]:
    if child.frame is None or parent.frame is None:
        return
    known = parent.ids()
    for name, value in zip(child.frame["id"], child.frame[column], strict=True):
        if isinstance(value, str) and value not in known:
            yield finding(
                child.file,
                "unknown_reference",
                f"在 {parent.file} 中没有",
                expected=f"{'、'.join(sorted(map(str, known)))} 之一",
                feature=str(name),
                field=column,
                value=value,
            )


def _exposed(projects: CheckedDataset, zones: CheckedDataset) -> Iterator[Problem]:
    """Energy and water works stand at their zone's label point, or nowhere."""
    if projects.frame is None or zones.frame is None:
        return
    labels = zip(zones.frame["id"], zones.frame["label_point"], strict=True)
    label_of = {zone_id: label for zone_id, label in labels if isinstance(zone_id, str)}
    columns = (projects.frame[name] for name in ("id", "sensitive", "zone_id"))
    for name, sensitive, zone_id, point in zip(*columns, projects.frame.geometry, strict=True):
        if sensitive is not True or point is None:
            continue
        label = label_of.get(zone_id) if isinstance(zone_id, str) else None
        if not isinstance(label, list) or shapely.get_coordinates(point).tolist() != [label]:
            yield finding(
                projects.file,
                "sensitive_exposed",
                "敏感项目不得标出实际位置",
                expected=f"片区注记点 {label}" if label else "空（没有片区）",
                feature=str(name),
                field="geometry",
                # The place itself is what must not be spread.
                value=None,
            )
