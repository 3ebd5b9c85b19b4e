"""The outlines of a file: brought to lon/lat, checked, mended where the clerk may say yes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import Arrived, ChoiceNeededError
from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.crossings import crossing_surveyed
from dongtou_geo.frames.crs import CrsChoiceNeededError, decide, to_lonlat
from dongtou_geo.frames.gaps import gaps_within
from dongtou_geo.frames.gcj02 import from_gcj02, shifted_like_gcj02
from dongtou_geo.frames.outline_faults import REPAIRABLE, SEVERITY, Faults, faults_of
from dongtou_geo.frames.outline_repair import Repairs, repair
from dongtou_geo.frames.overlaps import overlaps_between, overlaps_within
from dongtou_geo.services.intake.findings import Findings

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
GCJ02 = "+gcj02"
# What lies outside by less is drawing: the parks' outlines are indicative.
OUTSIDE_SHARE = 0.01
# How many rows a sentence about the file names.
NAMED = 3


@dataclass(slots=True)
class Placed:
    """Where the rows lie.

    Parameters
    ----------
    outlines : ndarray of object
        EPSG:4490 lon/lat, valid; None = 未落图, or refused.
    drawn_m2 : ndarray of float
        Ellipsoidal area; NaN where there is no outline.
    crs : str or None
        What the file's figures were taken for, ``EPSG:n``; None = it has no outlines.
    reason : str or None
        Why, in Chinese.
    repairs : Repairs or None
        What was mended, with both areas.
    before, refused : dict of int to shapely geometry
        The mended outlines as they came, and those that are refused, by row.
    overlap_m2 : float
        Land that several outlines cover (其中重叠).
    from_gcj02 : bool
        Converted back from GCJ-02: not survey-grade.
    """

    outlines: Shapes
    drawn_m2: Floats
    crs: str | None = None
    reason: str | None = None
    repairs: Repairs | None = None
    before: dict[int, shapely.Geometry] = field(default_factory=dict)
    refused: dict[int, shapely.Geometry] = field(default_factory=dict)
    overlap_m2: float = 0.0
    from_gcj02: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """Outlines that the ledger holds.

    Parameters
    ----------
    numbers : sequence of str
        Parcel numbers.
    outlines : ndarray of object
        EPSG:4490 lon/lat.
    """

    numbers: Sequence[str]
    outlines: Shapes


def place(arrived: Arrived, asked: str, findings: Findings) -> Placed:
    """Bring a file's outlines to lon/lat, and refuse those that cannot be land.

    Parameters
    ----------
    arrived : Arrived
        The file.
    asked : str
        ``auto``, ``EPSG:n``, or one of these with ``+swap`` or ``+gcj02``.
    findings : Findings
        Added to.

    Returns
    -------
    Placed
        One outline a row.

    Raises
    ------
    ChoiceNeededError
        If the figures fit several coordinate systems, or none surely.
    DongtouGeoError
        If the coordinate system is refused.
    """
    count = len(arrived.cells)
    if arrived.outlines is None or shapely.is_missing(arrived.outlines).all():
        return Placed(np.full(count, None, dtype=object), np.full(count, np.nan))
    shifted = asked.endswith(GCJ02)
    try:
        decision = decide(
            arrived.outlines, arrived.declared_crs, arrived.facts, asked.removesuffix(GCJ02)
        )
    except CrsChoiceNeededError as error:
        raise ChoiceNeededError(str(error), "--crs", error.options) from error
    outlines = to_lonlat(arrived.outlines, decision)
    empty = np.flatnonzero(shapely.is_empty(outlines))
    outlines[empty] = None
    findings.add("outline_empty", Severity.WARNING, empty, "图形是空的，按没有图形处理")
    if shifted:
        outlines = shapely.transform(outlines, from_gcj02)
        findings.about_file(
            "converted_gcj02", Severity.WARNING, "坐标由 GCJ-02 反算，精度不到测绘要求，仅供示意"
        )
    placed = Placed(outlines, np.empty(0), f"EPSG:{decision.epsg}", decision.reason)
    placed.from_gcj02 = shifted
    _refuse_faults(placed, faults_of(outlines, arrived.outlines), findings)
    placed.outlines = _single(placed.outlines)
    placed.drawn_m2 = area_m2(placed.outlines)
    return placed


def _single(outlines: Shapes) -> Shapes:
    """Take a multipolygon of one part for that part: formats differ in what they call it."""
    multi = shapely.get_type_id(outlines) == shapely.GeometryType.MULTIPOLYGON
    alone = multi & (shapely.get_num_geometries(outlines) == 1)
    found = outlines.copy()
    found[alone] = shapely.get_geometry(outlines[alone], 0)
    return found


def _refuse_faults(placed: Placed, faults: Faults, findings: Findings) -> None:
    """Mend what can be mended, refuse what cannot, and tell of both."""
    repairable = np.array([code in REPAIRABLE for code in faults.codes], dtype=bool)
    placed.repairs = repairs = repair(placed.outlines, faults.rows[repairable])
    mended = dict(zip(repairs.rows.tolist(), range(len(repairs.rows)), strict=True))
    placed.outlines = placed.outlines.copy()
    for row, code, detail in zip(faults.rows.tolist(), faults.codes, faults.details, strict=True):
        severity, words = SEVERITY[code], str(detail)
        at = mended.get(row)
        if at is not None and repairs.repaired[at]:
            severity, code = Severity.WARNING, "outline_repaired"  # noqa: PLW2901 - told as mended
            words = f"{words}；{repairs.details[at]}"
            placed.before[row] = placed.outlines[row]
            placed.outlines[row] = repairs.outlines[at]
        elif at is not None:
            words = f"{words}；{repairs.details[at]}"
        if severity is Severity.ERROR:
            placed.refused[row] = placed.outlines[row]
            placed.outlines[row] = None
        findings.add(code, severity, [row], words)


def compare_outlines(
    placed: Placed,
    numbers: NDArray[np.object_],
    held: Held,
    findings: Findings,
) -> None:
    """Look for overlaps and gaps, within the file and against the ledger.

    Parameters
    ----------
    placed : Placed
        The file's outlines; ``overlap_m2`` is set.
    numbers : ndarray of object
        parcel_no of each row, or None.
    held : Held
        The ledger's outlines; those of the same numbers are what the rows replace.
    findings : Findings
        Added to.
    """
    with ThreadPoolExecutor(1) as pool:
        # Both spend their time outside of Python: a second core takes one of them.
        looking_for_gaps = pool.submit(gaps_within, placed.outlines)
        inside = overlaps_within(placed.outlines)
        gaps = looking_for_gaps.result()
    placed.overlap_m2 = float(inside.area_m2.sum())
    _tell_overlaps(
        findings, inside.i, inside.area_m2, inside.width_m,
        lambda nth: f"文件内地块“{numbers[inside.j[nth]]}”",
    )  # fmt: skip
    own = {number for number in numbers if number is not None}
    other = np.array([number not in own for number in held.numbers], dtype=bool)
    others = Held(
        [n for n, keep in zip(held.numbers, other, strict=True) if keep], held.outlines[other]
    )
    across = overlaps_between(placed.outlines, others.outlines)
    placed.overlap_m2 += float(across.area_m2.sum())
    same = _same_land(placed, others, across.i, across.j, across.area_m2)
    findings.add(
        "parcel_no_changed", Severity.WARNING, across.i[same],
        _by_row(across.i[same], lambda nth: (
            f"图形与台账地块“{others.numbers[across.j[same][nth]]}”相同而编号不同，请核对是否改号"
        )),
    )  # fmt: skip
    _tell_overlaps(
        findings, across.i[~same], across.area_m2[~same], across.width_m[~same],
        lambda nth: f"台账地块“{others.numbers[across.j[~same][nth]]}”",
    )  # fmt: skip
    for nth in range(len(gaps.outlines)):
        rows = gaps.row[gaps.gap == nth]
        findings.add(
            "gap", Severity.INFO, rows[:1],
            f"与相邻地块之间有缝隙 {gaps.area_m2[nth]:,.1f} ㎡（宽 {gaps.width_m[nth]:.2f} m）",
        )  # fmt: skip


def suspect_gcj02(placed: Placed, numbers: NDArray[np.object_], held: Held) -> str | None:
    """Tell whether a file lies off the ledger as GCJ-02 lies off CGCS2000.

    Parameters
    ----------
    placed : Placed
        The file's outlines.
    numbers : ndarray of object
        parcel_no of each row.
    held : Held
        The ledger's outlines.

    Returns
    -------
    str or None
        One Chinese sentence with the displacement; None = no suspicion.
    """
    if placed.from_gcj02:
        return None
    at = {number: nth for nth, number in enumerate(held.numbers)}
    pairs = [
        (row, at[number])
        for row, number in enumerate(numbers)
        if number in at and placed.outlines[row] is not None
    ]
    if not pairs:
        return None
    rows, theirs = (np.array(side, dtype=np.intp) for side in zip(*pairs, strict=True))
    found = shifted_like_gcj02(placed.outlines[rows], held.outlines[theirs])
    if found is None:
        return None
    return (
        f"{found.count} 宗与台账同号的地块整体偏离约 {found.displacement_m:.0f} m，"
        f"反算后只差 {found.rest_m:.1f} m，疑似 GCJ-02（火星坐标）"
    )


def tell_position(
    placed: Placed,
    parks: NDArray[np.object_] | None,
    park_outlines: Mapping[str, tuple[str, shapely.Geometry]],
    numbers: NDArray[np.object_],
    findings: Findings,
) -> None:
    """Say which rows of each park lie outside its indicative outline; it decides nothing.

    Parameters
    ----------
    placed : Placed
        The file's outlines.
    parks : ndarray of object or None
        park_id of each row.
    park_outlines : mapping of str to (str, shapely geometry)
        Name and outline of each park, by id.
    numbers : ndarray of object
        parcel_no of each row, or None.
    findings : Findings
        Added to.
    """
    if parks is None:
        return
    for park_id, (name, outline) in park_outlines.items():
        own = np.flatnonzero((parks == park_id) & ~shapely.is_missing(placed.outlines))
        if not len(own):
            continue
        shapely.prepare(outline)
        shapes = placed.outlines[own]
        centres = shapely.get_coordinates(shapely.centroid(shapes))
        away = ~shapely.contains_xy(outline, centres)
        share = _share_outside(shapes, outline)
        if not (away.any() or (share > OUTSIDE_SHARE).any()):
            continue
        parts = [f"{int(away.sum())} 宗的中心不在示意范围内"] if away.any() else []
        partly = int((~away & (share > OUTSIDE_SHARE)).sum())
        parts += [f"{partly} 宗有一部分在示意范围外"] if partly else []
        most = np.argsort(-share, kind="stable")[:NAMED]
        named = "、".join(
            f"“{numbers[own[i]] or '未编号'}”{share[i]:.0%}" for i in most if share[i]
        )
        back = 0 if placed.from_gcj02 else _back_inside(centres[away], outline)
        suspicious = 2 * back > len(own)
        words = (
            f"{name}有 {'，'.join(parts)}；在外最多的：{named}（占各宗面积）。"
            "范围为示意，归属以填写的园区为准"
        )
        if suspicious:
            words += (
                f"。按 GCJ-02 反算则有 {back} 宗落回范围内，疑似 GCJ-02（火星坐标），请核对坐标来源"
            )
        findings.about_file(
            "outside_indicative", Severity.WARNING if suspicious else Severity.INFO, words
        )


def _share_outside(shapes: Shapes, outline: shapely.Geometry) -> Floats:
    """Return what part of each outline, 0 to 1, lies outside another."""
    share = np.zeros(len(shapes))
    crossing = np.flatnonzero(~shapely.covers(outline, shapes))
    outside = shapely.area(shapely.difference(shapes[crossing], outline))
    share[crossing] = outside / shapely.area(shapes[crossing])
    return share


def _back_inside(centres: Floats, outline: shapely.Geometry) -> int:
    """Count the centres that lie inside once they are taken for GCJ-02."""
    return int(shapely.contains_xy(outline, from_gcj02(centres)).sum()) if len(centres) else 0


def tell_crossings(
    placed: Placed, surveyed: Mapping[str, tuple[str, shapely.Geometry]], findings: Findings
) -> None:
    """Warn of outlines that cross the border of a surveyed one.

    Parameters
    ----------
    placed : Placed
        The file's outlines.
    surveyed : mapping of str to (str, shapely geometry)
        Name and outline of each surveyed feature, by id.
    findings : Findings
        Added to.
    """
    if not surveyed:
        return
    names = [name for name, _ in surveyed.values()]
    borders = np.array([outline for _, outline in surveyed.values()], dtype=object)
    found = crossing_surveyed(placed.outlines, borders)
    findings.add(
        "crosses_surveyed", Severity.WARNING, found.row,
        _by_row(found.row, lambda nth: (
            f"越出{names[found.surveyed[nth]]}的实测边界 {found.outside_m2[nth]:,.1f} ㎡"
            f"（最宽 {found.width_m[nth]:.2f} m），请核对边界"
        )),
    )  # fmt: skip


def _tell_overlaps(
    findings: Findings,
    rows: NDArray[np.int64],
    area: Floats,
    width: Floats,
    other: Callable[[int], str],
) -> None:
    findings.add(
        "overlap", Severity.WARNING, rows,
        _by_row(rows, lambda nth: f"与{other(nth)}重叠 {area[nth]:,.1f} ㎡（最宽 {width[nth]:.2f} m）"),
    )  # fmt: skip


def _by_row(rows: NDArray[np.int64], words: Callable[[int], str]) -> Callable[[int], str]:
    """Make sentences one after the other: a row may come several times."""
    nth = iter(range(len(rows)))
    return lambda _row: words(next(nth))


def _same_land(
    placed: Placed, others: Held, i: NDArray[np.int64], j: NDArray[np.int64], shared_m2: Floats
) -> NDArray[np.bool_]:
    theirs_m2 = area_m2(others.outlines[j]) if len(j) else np.zeros(0)
    larger = np.maximum(placed.drawn_m2[i], theirs_m2)
    return np.asarray(shared_m2 > 0.99 * larger, dtype=bool)
