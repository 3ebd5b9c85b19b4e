"""How outlines must lie: valid, beside their siblings, inside their parent, as large as planned.

Notes
-----
Positions between indicative outlines only have to agree with each other: they say nothing of the
ground. The area must follow the plan's figure, which is the one thing known. Frames need not be
valid yet, so that everything wrong with a file is told at once; what cannot be used is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from dongtou_geo.domain.problem import Problem, Severity
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.finding import finding
from dongtou_geo.frames.validate import feature_names

# Shared limits: an overlap counts when wider than 0.1 m and over 1 m2, as at intake. Children may
# leave their parent by 1 m, the step of coordinates with five decimals.
OVERLAP_WIDTH_M = 0.1
OVERLAP_AREA_M2 = 1.0
LEAVING_WIDTH_M = 1.0
AREA_TOLERANCE = 0.01

_METRES_PER_DEGREE = 111_000.0


def invalid_outlines(frame: gpd.GeoDataFrame, file: str) -> list[Problem]:
    """Find outlines that cross or touch themselves, or hold nothing.

    Parameters
    ----------
    frame : GeoDataFrame
        With ``id``; geometry in EPSG:4490 lon/lat.
    file : str
        Name for the findings.

    Returns
    -------
    list of Problem
        One an outline, with GEOS's reason and place as value.
    """
    shapes, names = _shapes(frame), feature_names(frame)
    bad = np.flatnonzero((~shapely.is_valid(shapes) | shapely.is_empty(shapes)) & ~_missing(shapes))
    return [
        finding(
            file,
            "invalid_outline",
            "图形无效",
            expected="边界不自交、不重复的面",
            feature=names[row],
            field="geometry",
            value="空图形" if shapes[row].is_empty else shapely.is_valid_reason(shapes[row]),
        )
        for row in bad
    ]


def sibling_overlaps(frame: gpd.GeoDataFrame, file: str) -> list[Problem]:
    """Find outlines that lie over one another, unless one is part of the other.

    Parameters
    ----------
    frame : GeoDataFrame
        With ``id`` and ``parent_id``; invalid outlines are passed over.
    file : str
        Name for the findings.

    Returns
    -------
    list of Problem
        One a pair, at the later feature.
    """
    sound, ids = _shapes(frame), feature_names(frame)
    sound[~shapely.is_valid(sound)] = None
    ancestors = _ancestors(dict(zip(ids, frame["parent_id"], strict=True)))
    later, earlier = shapely.STRtree(sound).query(sound, predicate="intersects")
    problems = []
    for one, other in zip(later, earlier, strict=True):
        if one <= other or ids[one] in ancestors[ids[other]] or ids[other] in ancestors[ids[one]]:
            continue
        shared = shapely.intersection(sound[one], sound[other])
        shared_m2 = float(area_m2([shared])[0])
        if shared_m2 > OVERLAP_AREA_M2 and is_wider(shared, OVERLAP_WIDTH_M):
            problems.append(
                finding(
                    file,
                    "sibling_overlap",
                    "与它重叠",
                    expected="与同级图形不重叠",
                    feature=ids[one],
                    field="geometry",
                    value=f"{ids[other]}，{m2_to_mu(shared_m2):.2f} 亩",
                )
            )
    return problems


def strays(
    frame: gpd.GeoDataFrame, parents: Mapping[str, BaseGeometry], file: str
) -> list[Problem]:
    """Find outlines that leave their parent, or name one that is not there.

    Parameters
    ----------
    frame : GeoDataFrame
        With ``id`` and ``parent_id``; invalid outlines are passed over.
    parents : mapping of str to geometry
        Every outline that may be a parent, by id.
    file : str
        Name for the findings.

    Returns
    -------
    list of Problem
        One a child.
    """
    return list(_strays(frame, parents, file))


def _strays(
    frame: gpd.GeoDataFrame, parents: Mapping[str, BaseGeometry], file: str
) -> Iterator[Problem]:
    for child_id, parent_id, shape in zip(
        feature_names(frame), frame["parent_id"], _shapes(frame), strict=True
    ):
        if not isinstance(parent_id, str):
            continue
        parent = parents.get(parent_id)
        if parent is None:
            yield finding(
                file,
                "unknown_parent",
                "没有这个上级",
                expected=f"{'、'.join(parents)} 之一",
                feature=child_id,
                field="parent_id",
                value=parent_id,
            )
        elif shapely.is_valid(shape) and shapely.is_valid(parent):
            outside = shapely.difference(shape, parent)
            if is_wider(outside, LEAVING_WIDTH_M):
                outside_mu = m2_to_mu(float(area_m2([outside])[0]))
                yield finding(
                    file,
                    "leaves_parent",
                    "超出上级",
                    expected=f"落在 {parent_id} 之内",
                    feature=child_id,
                    field="geometry",
                    value=f"{outside_mu:.2f} 亩",
                )


def off_plan_areas(frame: gpd.GeoDataFrame, file: str) -> list[Problem]:
    """Find outlines whose area is more than 1 % off the plan's figure.

    Parameters
    ----------
    frame : GeoDataFrame
        With ``id``, ``plan_area_mu`` and ``fidelity``; invalid outlines are passed over.
    file : str
        Name for the findings.

    Returns
    -------
    list of Problem
        An error for a drawn shape; information for a surveyed one, because the plan says 约.
    """
    problems = []
    figures = zip(
        feature_names(frame), _shapes(frame), frame["plan_area_mu"], frame["fidelity"], strict=True
    )
    for name, shape, planned_mu, fidelity in figures:
        if not isinstance(planned_mu, int | float) or not planned_mu > 0:
            continue
        if not shapely.is_valid(shape):
            continue
        drawn_mu = m2_to_mu(float(area_m2([shape])[0]))
        off = drawn_mu / planned_mu - 1.0
        if abs(off) > AREA_TOLERANCE:
            problems.append(
                finding(
                    file,
                    "area_off_plan",
                    "图形面积与规划数不符",
                    expected=f"规划 {planned_mu:g} 亩，相差不超过 {AREA_TOLERANCE:.0%}",
                    feature=name,
                    field="geometry",
                    value=f"{drawn_mu:.1f} 亩（{off:+.1%}）",
                    severity=Severity.INFO if fidelity == "surveyed" else Severity.ERROR,
                )
            )
    return problems


def is_wider(shape: BaseGeometry, width_m: float) -> bool:
    """Tell whether a shape is wider than a sliver of coordinate rounding.

    Parameters
    ----------
    shape : geometry
        EPSG:4490 lon/lat.
    width_m : float
        The width in metres; degrees are taken as those of latitude.
    """
    return not shapely.is_empty(shapely.buffer(shape, -width_m / 2.0 / _METRES_PER_DEGREE))


def _shapes(frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
    return np.array(frame.geometry.to_numpy(), dtype=object)


def _missing(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.asarray(shapely.is_missing(shapes), dtype=bool)


def _ancestors(parent_of: Mapping[str, object]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for child in parent_of:
        line: set[str] = set()
        above = parent_of.get(child)
        while isinstance(above, str) and above not in line:
            line.add(above)
            above = parent_of.get(above)
        found[child] = line
    return found
