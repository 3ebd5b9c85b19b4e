"""From lines and texts of a drawing to outlines with their numbers and holes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.formats.dxf_drawing import Drawn, DrawnLine, DrawnText
from dongtou_geo.formats.row_problems import RowProblems

_FEWEST_POINTS = 4  # of a ring, the first again at the end
_NUMBER_LAYERS = ("编号", "地块号", "宗地号", "dkbh", "zdbh", "zddm", "zdh")


@dataclass
class Outline:
    """A closed line of the drawing.

    Parameters
    ----------
    position : int
        Which line of the drawing, from 0.
    layer : str
        CAD layer.
    shape : Polygon
        Its inside; holes are taken out at the end.
    texts : list of DrawnText
        Those that stand in it.
    """

    position: int
    layer: str
    shape: shapely.Polygon
    texts: list[DrawnText] = field(default_factory=list)


def outlines_in(drawn: Drawn, problems: RowProblems) -> list[Outline]:
    """Make outlines of the closed lines of a drawing.

    Parameters
    ----------
    drawn : Drawn
        Lines and texts.
    problems : RowProblems
        By the position of the line. Takes the warnings ``open_polyline``, ``degenerate_polyline``,
        ``duplicate_outline``, ``label_ambiguous`` and ``hole_by_position``, and the error
        ``text_undecodable``.

    Returns
    -------
    list of Outline
        In the drawing's order.

    Notes
    -----
    A text belongs to the innermost outline around its insertion point. An outline without text,
    properly inside another one of its own CAD layer, is that one's hole.
    """
    outlines = _closed(drawn.lines, problems)
    if not outlines:
        return []
    shapes = np.array([outline.shape for outline in outlines], dtype=object)
    areas = shapely.area(shapes)
    sound = np.flatnonzero(shapely.is_valid(shapes) & (areas > 0))
    _place_texts(drawn.texts, outlines, sound, problems)
    return _with_holes(outlines, sound, problems)


def _closed(lines: list[DrawnLine], problems: RowProblems) -> list[Outline]:
    outlines: list[Outline] = []
    seen: dict[tuple[str, bytes], int] = {}
    for position, line in enumerate(lines):
        where = f"图层“{line.layer}”、起点 ({line.points[0, 0]:.3f}, {line.points[0, 1]:.3f})"
        where += f"、句柄 {line.handle} " if line.handle else " "
        if not line.closed:
            problems.warn(position, "open_polyline", f"{where}的多段线未闭合，未作为地块")
            continue
        if len(line.points) < _FEWEST_POINTS:
            message = f"{where}的多段线不足 3 个顶点，不成面，未作为地块"
            problems.warn(position, "degenerate_polyline", message)
            continue
        try:
            shape = shapely.Polygon(line.points)
        except (ValueError, shapely.errors.ShapelyError):
            problems.warn(position, "degenerate_polyline", f"{where}的多段线坐标有误，未作为地块")
            continue
        first = seen.setdefault((line.layer, shapely.normalize(shape).wkb), position)
        if first != position:
            message = f"{where}的多段线与第 {problems.row_numbers[first]} 条完全重复，只取一条"
            problems.warn(position, "duplicate_outline", message)
            continue
        outlines.append(Outline(position, line.layer, shape))
    return outlines


def _place_texts(
    texts: list[DrawnText],
    outlines: list[Outline],
    sound: NDArray[np.intp],
    problems: RowProblems,
) -> None:
    texts = [text for text in texts if text.text and np.isfinite(text.position).all()]
    if not texts or not len(sound):
        return
    shapes = np.array([outlines[i].shape for i in sound], dtype=object)
    points = shapely.points([text.position for text in texts])
    inside, around = shapely.STRtree(shapes).query(points, predicate="within")
    owners: dict[int, list[int]] = {}
    for text, outline in zip(inside.tolist(), sound[around].tolist(), strict=True):
        owners.setdefault(text, []).append(outline)
    for number, candidates in sorted(owners.items()):
        chain = sorted((outlines[i] for i in candidates), key=lambda o: float(o.shape.area))
        text = texts[number]
        nested = all(b.shape.covers(a.shape) for a, b in pairwise(chain))
        if not nested:
            message = f"文字“{text.text[:50]}”同时落在互相交叉的界线里，未采用"
            problems.warn(chain[0].position, "label_ambiguous", message)
            continue
        chain[0].texts.append(text)
        if not text.clean:
            message = f"文字“{text.text[:50]}”含有无法识别的字符，请检查图纸的编码"
            problems.error(chain[0].position, "文字", "text_undecodable", message)


def _with_holes(
    outlines: list[Outline], sound: NDArray[np.intp], problems: RowProblems
) -> list[Outline]:
    holes: dict[int, list[int]] = {}
    gone: set[int] = set()
    parents = _parents(outlines, sound)
    # From the outside in: what lies in a hole is an outline again.
    for inner in sorted(parents, key=lambda i: -float(outlines[i].shape.area)):
        parent = parents[inner]
        if not outlines[inner].texts and parent not in gone:
            holes.setdefault(parent, []).append(inner)
            gone.add(inner)
    for outer, inside in holes.items():
        outline = outlines[outer]
        rings = [outlines[i].shape.exterior for i in inside]
        outline.shape = shapely.Polygon(outline.shape.exterior, rings)
        numbers = "、".join(str(problems.row_numbers[outlines[i].position]) for i in inside[:10])
        message = f"内部有 {len(inside)} 条同图层、不带文字的闭合线（第 {numbers} 条），按挖空处理，请核对"
        problems.warn(outline.position, "hole_by_position", message)
    return [outline for i, outline in enumerate(outlines) if i not in gone]


def _parents(outlines: list[Outline], sound: NDArray[np.intp]) -> dict[int, int]:
    """The smallest outline of the same CAD layer around each, where there is one."""
    shapes = np.array([outlines[i].shape for i in sound], dtype=object)
    outer, inner = shapely.STRtree(shapes).query(shapes, predicate="contains_properly")
    parents: dict[int, int] = {}
    for around, inside in zip(sound[outer].tolist(), sound[inner].tolist(), strict=True):
        if outlines[around].layer == outlines[inside].layer:
            known = parents.get(inside)
            if known is None or outlines[around].shape.area < outlines[known].shape.area:
                parents[inside] = around
    return parents


def label_of(outline: Outline, problems: RowProblems) -> str | None:
    """Say which text names an outline.

    Parameters
    ----------
    outline : Outline
        The outline.
    problems : RowProblems
        Takes a ``several_labels`` (warning) where the texts had to be joined.

    Returns
    -------
    str or None
        The only text, or the only one on a layer for numbers, or all from top to bottom.
    """
    if len(outline.texts) < 2:
        return outline.texts[0].text if outline.texts else None
    numbers = [text for text in outline.texts if _is_number_layer(text.layer)]
    if len(numbers) == 1:
        return numbers[0].text
    ordered = sorted(
        numbers or outline.texts, key=lambda text: (-text.position[1], text.position[0])
    )
    joined = " ".join(text.text for text in ordered)
    message = f"界线内有 {len(ordered)} 个文字，已合并为“{joined[:100]}”；可把编号单独放在名为“编号”或“DKBH”的图层"
    problems.warn(outline.position, "several_labels", message)
    return joined


def _is_number_layer(layer: str) -> bool:
    name = layer.casefold()
    return any(mark in name for mark in _NUMBER_LAYERS)
