"""界址点 TXT: the text in which land offices exchange the boundary points of parcels.

Notes
-----
The layout is that of the ministry's exchange text for 勘测定界 coordinates: ``[属性描述]`` with
``key=value`` lines, then ``[地块坐标]`` with one line a parcel (point count, area, number, name,
kind, sheet, use, code, ``@``) followed by its points (label, ring, X = northing, Y = easting).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.boundary_txt_lines import (
    HEADER_FIELDS,
    PointLine,
    decimals_of,
    header_fields,
    is_header,
    plain_point_of,
    point_of,
    property_of,
    section_of,
)
from dongtou_geo.formats.boundary_txt_rings import outline_of
from dongtou_geo.formats.csv_text import read_text

# Metres; with X and Y a header's area decides its own unit.
UNIT_TOLERANCE = 0.02
AREA_UNITS = {"公顷": 10_000.0, "平方米": 1.0, "亩": 2000.0 / 3.0}
AREA = "地块面积"

_KINDS_WITHOUT_AREA = ("点", "线")
# Words of the key 计量单位 under which coordinates are in metres: those of areas say nothing of them.
_METRES = frozenset(("米", "m", "公尺", "meter", "metre", "meters", "metres", "米(m)", "m(米)"))
_ZERO = re.compile(r"[+-]?0*(?:\.0*)?")


@dataclass(slots=True)
class _Parcel:
    """One parcel of the text while it is read."""

    ordinal: int
    line: int
    fields: dict[str, str]
    points: list[PointLine] = field(default_factory=list)
    troubles: list[tuple[str, str]] = field(default_factory=list)
    outline: BaseGeometry | None = None

    @property
    def number(self) -> str | None:
        return self.fields.get("地块编号") or None


@dataclass(slots=True)
class _Document:
    """The text, taken apart."""

    stem: str
    facts: dict[str, str] = field(default_factory=dict)
    parcels: list[_Parcel] = field(default_factory=list)
    problems: list[IntakeProblem] = field(default_factory=list)

    def tell(
        self, code: str, severity: Severity, message: str, parcel: _Parcel | None = None
    ) -> None:
        row = parcel.ordinal if parcel else None
        number = parcel.number if parcel else None
        self.problems.append(IntakeProblem(row, None, number, code, severity, message))


def read_boundary_txt(path: Path, *, encoding: str = "auto") -> Arrived:
    """Read the parcels of a boundary point text.

    Parameters
    ----------
    path : Path
        The file, in the ministry's layout or a careless variant of it.
    encoding : str
        Name of its encoding; ``auto`` decides by the bytes.

    Returns
    -------
    Arrived
        One row a parcel, numbered from 1. Outlines have x = easting and y = northing in the
        file's own metres, a zone number in front of the easting left in place.

    Raises
    ------
    FormatError
        If the text cannot be decoded, names neither a parcel nor a point, or is not in metres.
    """
    decoded = read_text(path, encoding)
    document = _Document(path.stem)
    _take_apart(document, decoded.text)
    _check_facts(document, path.name)
    if not document.parcels:
        msg = (
            f"{path.name} 中没有地块：应有“[地块坐标]”一节，每块地先写一行"
            "“界址点数,地块面积,地块编号,地块名称,面,图幅号,地块用途,地类编码,@”，再逐行写“J1,1,X,Y”"
        )
        raise FormatError(msg)
    for parcel in document.parcels:
        _close(document, parcel)
    outlines = np.empty(len(document.parcels), dtype=object)
    outlines[:] = [parcel.outline for parcel in document.parcels]
    return Arrived(
        layer=document.stem,
        cells=_cells(document, outlines),
        row_numbers=np.arange(1, len(document.parcels) + 1, dtype=np.int64),
        outlines=outlines,
        encoding=decoded.encoding.label,
        encoding_reason=decoded.encoding.reason,
        problems=tuple(document.problems),
        facts=document.facts,
    )


def _take_apart(document: _Document, text: str) -> None:
    lines = re.split(r"\r\n|\r|\n", text)
    in_points = not any(section_of(line) == "地块坐标" for line in lines)
    for number, line in enumerate(lines, start=1):
        if not line.strip("\ufeff\x00\x1a \t\u3000"):
            continue
        section = section_of(line)
        if section:
            in_points = section == "地块坐标" or (in_points and section != "属性描述")
        elif not in_points or (not document.parcels and property_of(line)):
            _take_property(document, line)
        else:
            _take_line(document, number, line)
    _check_end(document, lines)


def _check_end(document: _Document, lines: list[str]) -> None:
    """See whether the text was cut off in its last number: all others have more decimals."""
    if not lines[-1] or not document.parcels or not document.parcels[-1].points:
        return
    parcel = document.parcels[-1]
    *others, last = (lines[point.line - 1] for point in parcel.points)
    usual = {count for line in others for count in decimals_of(line)}
    if parcel.points[-1].line != len(lines) or len(others) < 2 or len(usual) != 1:
        return
    if min(decimals_of(last)) < min(usual):
        message = (
            f"文件最后一行“{last.strip()[:60]}”没有写完：其余坐标都有 {min(usual)} 位小数，"
            "文件可能没有传完整，请重新导出后发送"
        )
        parcel.troubles.append(("line_unreadable", message))


def _check_facts(document: _Document, name: str) -> None:
    """Refuse coordinates in other units than metres, and tell of a shift that nobody made."""
    unit = document.facts.get("计量单位", "")
    bare = re.sub(r"\s+", "", unit).casefold()
    if bare and bare not in _METRES and bare not in AREA_UNITS:
        msg = (
            f"{name} 的“计量单位”写的是“{unit[:50]}”，界址点坐标只能以米读取；"
            "请把坐标换算成米并写“计量单位=米”后再导入"
        )
        raise FormatError(msg)
    shift = document.facts.get("转换参数", "")
    numbers = [text.strip() for text in re.split("[,;、]", shift)]
    if any(_is_figure(text) and not _ZERO.fullmatch(text) for text in numbers):
        message = (
            f"“转换参数”写有不为 0 的值（{shift[:100]}），坐标按原样读入，没有按它转换，"
            "请核对坐标系"
        )
        document.tell("transform_ignored", Severity.WARNING, message)


def _is_figure(text: str) -> bool:
    return bool(re.fullmatch(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?", text))


def _take_property(document: _Document, line: str) -> None:
    found = property_of(line)
    if found and found[1].strip(",0 "):
        document.facts.setdefault(*found)


def _take_line(document: _Document, number: int, line: str) -> None:
    point = plain_point_of(line, number)
    if point is None and is_header(line):
        fields = header_fields(line)
        document.parcels.append(_Parcel(len(document.parcels) + 1, number, fields))
        return
    point = point or point_of(line, number)
    shown = line.strip()[:60]
    if point is None:
        message = f"第 {number} 行“{shown}”既不是地块行也不是界址点，应为“J1,1,X,Y”"
        if document.parcels:
            document.parcels[-1].troubles.append(("line_unreadable", message))
        else:
            document.tell("line_ignored", Severity.WARNING, message)
        return
    if not document.parcels:
        document.parcels.append(_Parcel(1, number, {}))
        message = f"第 {number} 行的界址点前面没有地块行，地块名称、面积等缺失"
        document.tell("parcel_line_missing", Severity.WARNING, message, document.parcels[0])
    if point.fault:
        document.parcels[-1].troubles.append(("number_unreadable", point.fault))
    document.parcels[-1].points.append(point)


def _close(document: _Document, parcel: _Parcel) -> None:
    """Draw a parcel's outline and say what is wrong with it."""
    if parcel.number is None:
        filled = f"{document.stem}-{parcel.ordinal}"
        message = f"第 {parcel.line} 行的地块没有编号，暂编为“{filled}”，请核对"
        document.tell("parcel_no_missing", Severity.WARNING, message, parcel)
        parcel.fields["地块编号"] = filled
    kind = parcel.fields.get("图形属性", "")
    if kind in _KINDS_WITHOUT_AREA:
        message = f"第 {parcel.line} 行的图形属性是“{kind}”，不是“面”，未作为地块图形读入"
        document.tell("outline_not_area", Severity.WARNING, message, parcel)
        return
    if not parcel.troubles:
        drawn = outline_of(parcel.points)
        parcel.outline = drawn.outline
        parcel.troubles += drawn.troubles
        if not drawn.troubles:
            _check_count(parcel, drawn.counts)
    for code, message in parcel.troubles:
        document.tell(code, Severity.ERROR, message, parcel)


def _check_count(parcel: _Parcel, counts: frozenset[int]) -> None:
    text = parcel.fields.get("界址点数", "")
    stated = _number(text)
    if not isinstance(stated, int | float) or stated in counts:
        return
    closing = f"（连同闭合点 {max(counts)} 个）" if len(counts) > 1 else "，界线没有回到起点"
    message = (
        f"第 {parcel.line} 行写明界址点数 {text}，实际读到 {min(counts)} 个{closing}，"
        "请核对是否缺点或多点"
    )
    parcel.troubles.append(("point_count_contradicts", message))


def _number(text: str) -> int | float | str | None:
    """Read a number of a parcel's line; what is none stays text."""
    bare = unicodedata.normalize("NFKC", text).strip()
    if not bare:
        return None
    if re.fullmatch(r"\d{1,15}", bare):
        return int(bare)
    return float(bare) if re.fullmatch(r"[+-]?\d{0,15}\.\d{0,15}", bare) and len(bare) > 1 else text


def _cells(document: _Document, outlines: NDArray[np.object_]) -> pd.DataFrame:
    columns: dict[str, list[object]] = {}
    for name in HEADER_FIELDS:
        texts = [parcel.fields.get(name, "") for parcel in document.parcels]
        if name in ("界址点数", AREA):
            columns[name] = [_number(text) for text in texts]
        else:
            columns[name] = [text or None for text in texts]
    unit = _area_unit(columns[AREA], outlines)
    if unit is None and any(area is not None for area in columns[AREA]):
        message = (
            "地块行中的面积与界址点围成的面积对不上（公顷、平方米、亩都差 2% 以上），"
            "无法判断面积单位，请核对"
        )
        document.tell("area_unit_unclear", Severity.WARNING, message)
    names = {name: f"{AREA}（{unit}）" if name == AREA and unit else name for name in HEADER_FIELDS}
    cells = {names[name]: values for name, values in columns.items()}
    return pd.DataFrame(cells, index=range(len(document.parcels)), dtype=object)


def _area_unit(areas: list[object], outlines: NDArray[np.object_]) -> str | None:
    """Name the unit that the parcels agree on: the ministry says hectares, offices do not."""
    units = set()
    for area, drawn_m2 in zip(areas, shapely.area(outlines), strict=True):
        if not isinstance(area, int | float) or not area or not np.isfinite(drawn_m2):
            continue
        for unit, factor_m2 in AREA_UNITS.items():
            if abs(area * factor_m2 - drawn_m2) <= UNIT_TOLERANCE * drawn_m2:
                units.add(unit)
    return units.pop() if len(units) == 1 else None
