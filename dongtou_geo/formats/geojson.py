"""GeoJSON: longitude and latitude by definition, unless an old file says otherwise."""

from __future__ import annotations

import json
import mmap
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.gdal_gate import MAX_COLUMNS, too_many_columns
from dongtou_geo.formats.geojson_features import (
    has_lone_surrogate,
    has_more_columns,
    rows_with_geometry,
)
from dongtou_geo.formats.row_problems import RowProblems
from dongtou_geo.formats.text_files import in_utf8
from dongtou_geo.formats.vector import read_layer

DRIVER = "GeoJSON"
LON_LAT = "EPSG:4326"
UNREADABLE = "geometry_unreadable"
_LOST = "\ufffd"
_END_BYTES = 64 * 1024
# The key as it may be written: any letter can be an escape, and GDAL takes any case.
_CRS_KEY = re.compile(
    rb"""["'](?:c|\\u0063|\\u0043)(?:r|\\u0072|\\u0052)(?:s|\\u0073|\\u0053)["']\s*""", re.I
)


def read_geojson(path: Path, folder: Path, *, name: str, shown_as: str, encoding: str) -> Arrived:
    """Read a GeoJSON file.

    Parameters
    ----------
    path : Path
        The file under a plain name.
    folder : Path
        Temporary folder.
    name : str
        The file for people.
    shown_as : str
        Name of the layer.
    encoding : str
        ``auto``, or one that overrules UTF-8.

    Returns
    -------
    Arrived
        The layer; dates are the text that the file has, for JSON knows no dates. Its problems
        may be ``geometry_unreadable`` and ``text_undecodable``, both errors of their rows.

    Raises
    ------
    FormatError
        If it is damaged, another dialect of JSON, points to another host, or has more columns
        than are read.

    Notes
    -----
    RFC 7946 knows only WGS 84; the ``crs`` member of the 2008 format still counts where it is.
    """
    path, taken = in_utf8(path, folder, name=name, encoding=encoding)
    crs = _declared(path, name)
    if has_more_columns(path, MAX_COLUMNS):
        raise too_many_columns(name)
    arrived = read_layer(
        path, DRIVER, 0, name=name, shown_as=shown_as, DATE_AS_STRING="YES", ARRAY_AS_STRING="YES"
    )  # fmt: skip
    arrived = replace(arrived, declared_crs=crs, problems=_with_losses(arrived, path))
    if taken is None:
        return arrived
    return replace(arrived, encoding=taken.label, encoding_reason=taken.reason)


def _with_losses(arrived: Arrived, path: Path) -> tuple[IntakeProblem, ...]:
    """Add what GDAL lost on the way to the problems of a layer."""
    problems = RowProblems(arrived.row_numbers)
    _tell_lost_outlines(arrived, path, problems)
    if has_lone_surrogate(path):
        _tell_lost_characters(arrived, problems)
    both = (*arrived.problems, *problems.all())
    return tuple(sorted(both, key=lambda problem: problem.row or 0))


def _tell_lost_outlines(arrived: Arrived, path: Path, problems: RowProblems) -> None:
    nothing = np.full(len(arrived.cells), None)
    drawn = nothing if arrived.outlines is None else arrived.outlines
    without = np.flatnonzero(shapely.is_missing(drawn))
    told = {problem.row for problem in arrived.problems if problem.code == UNREADABLE}
    meant = rows_with_geometry(path) if len(without) else set()
    message = (
        "该要素写有图形（geometry），但类型或坐标无法读取，"
        "坐标应为数字，类型应为 Polygon 或 MultiPolygon；没有图形应写 null"
    )
    if meant is None:
        message = (
            "该要素没有读到图形，文件的 JSON 写法又不规范，无法确认是否写有图形；"
            "请用 GIS 软件打开核对后重新导出"
        )
    for row in without.tolist():
        if (meant is None or row in meant) and int(arrived.row_numbers[row]) not in told:
            problems.error(row, None, UNREADABLE, message)


def _tell_lost_characters(arrived: Arrived, problems: RowProblems) -> None:
    for position, name in enumerate(arrived.cells.columns):
        for row, value in enumerate(arrived.cells.iloc[:, position]):
            if isinstance(value, str) and _LOST in value:
                shown = value[:50]
                message = f"“{name}”里的文字“{shown}”含有不完整的字符（\\ud800 一类的转义），请改正后重新导出"
                problems.error(row, name, "text_undecodable", message)
    lost = [name for name in arrived.cells.columns if _LOST in name]
    for name in lost:
        message = f"列名“{name[:50]}”含有不完整的字符，请改正后重新导出"
        problems.note("text_undecodable", message, name, warning=True)


def _declared(path: Path, name: str) -> str | None:
    """What the old ``crs`` member says; GDAL would fetch its definition from the address in it."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        crs: Any = LON_LAT
        for key in _CRS_KEY.finditer(text):
            if text[key.end() : key.end() + 1] in (b"", b",", b"]", b"}"):
                continue  # a value, not a key
            member = _member(text[key.end() : key.end() + _END_BYTES], name)
            if isinstance(member, dict) and str(member.get("type")).casefold() != "name":
                msg = f"“{name}”的坐标系（crs）写的是链接或不认识的形式，请改用 EPSG 代码"
                raise FormatError(msg)
            if _at_top(text, key.start()):
                crs = member
    return _code(crs, name)


def _member(follows: bytes, name: str) -> Any:
    try:
        if follows.startswith(b":"):
            after = follows[1:].decode("utf-8", "replace").lstrip()
            return json.JSONDecoder().raw_decode(after)[0]
    except (ValueError, RecursionError):
        pass
    msg = f"“{name}”的坐标系（crs）写法有误，无法读取"
    raise FormatError(msg)


def _at_top(text: mmap.mmap, position: int) -> bool:
    """Whether a key belongs to the outermost object, and not to a feature's properties."""
    ends = []
    if position < _END_BYTES:
        ends.append(text[:position] + b'"x": 0}')
    if len(text) - position < _END_BYTES:
        ends.append(b"{" + text[position:])
    for end in ends:
        try:
            json.loads(end.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            continue
        return True
    return False


def _code(member: Any, name: str) -> str | None:
    if member is None or member == LON_LAT:
        return LON_LAT if member else None
    properties = member.get("properties") if isinstance(member, dict) else None
    said = properties.get("name") if isinstance(properties, dict) else None
    try:
        crs = pyproj.CRS.from_user_input(said)
    except pyproj.exceptions.CRSError as error:
        msg = f"“{name}”声明的坐标系（crs）“{str(said)[:100]}”不认识，请改用 EPSG 代码"
        raise FormatError(msg) from error
    code = crs.to_epsg()
    if code:
        return f"EPSG:{code}"
    return LON_LAT if crs.to_authority() == ("OGC", "CRS84") else crs.to_wkt()
