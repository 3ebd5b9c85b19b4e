"""The lines of a boundary point text, as careless as they come."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

HEADER_FIELDS = (
    "界址点数",
    "地块面积",
    "地块编号",
    "地块名称",
    "图形属性",
    "图幅号",
    "地块用途",
    "地类编码",
)
PROPERTY_KEYS = (
    "格式版本号",
    "数据产生单位",
    "数据产生日期",
    "坐标系",
    "几度分带",
    "投影类型",
    "计量单位",
    "带号",
    "精度",
    "转换参数",
)

_SECTION = re.compile(r"[\[【〔]([^\[\]【】〔〕]{1,20})[\]】〕]")
_PROPERTY = re.compile(r"([^=:,]{1,20})[=:](.*)", re.DOTALL)
_KINDS = ("面", "点", "线")
_LABEL = re.compile(r"[A-Za-z]{0,4}[-_#]?\d{1,7}(?:[-_.]\d{1,4})?")
_RING = re.compile(r"\d{1,6}(?:\.0+)?")
_COUNT = re.compile(r"\d{0,7}(?:\.0+)?")
# Written as it should be: nearly every line of a long file.
_PLAIN_POINT = re.compile(
    r"[A-Za-z]{0,4}\d{1,7},(\d{1,6}),(\d{1,12}(?:\.\d{0,12})?),(\d{1,12}(?:\.\d{0,12})?),?\s*"
)
# Metres of a projected grid; less is a ring's number, a count or an area.
_LEAST_COORDINATE_M = 1000.0
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?")
# Letters that are typed or recognised in place of digits.
_NEARLY_NUMBER = re.compile(r"[+-]?[\dOoQlI|SsBZz.\-]{4,30}")


@dataclass(frozen=True, slots=True)
class PointLine:
    """A boundary point.

    Parameters
    ----------
    line : int
        Its line in the text, from 1.
    ring : str
        The ring's number as it stands (圈号).
    x, y : float
        Northing and easting as the text has them, in metres; NaN where unreadable.
    fault : str
        What is wrong with its numbers, in Chinese; "" = nothing.
    """

    line: int
    ring: str
    x: float
    y: float
    fault: str = ""


def section_of(line: str) -> str | None:
    """Return the name of the section that a line opens, None for any other line."""
    found = _SECTION.fullmatch(re.sub(r"\s+", "", unicodedata.normalize("NFKC", line[:60])))
    return found[1] if found else None


def property_of(line: str) -> tuple[str, str] | None:
    """Return key and value of a line of the first section, None for any other line.

    Parameters
    ----------
    line : str
        ``带号 = 40``, with full-width signs or a colon as well.

    Returns
    -------
    tuple of str or None
        The key is one of ``PROPERTY_KEYS``.
    """
    found = _PROPERTY.fullmatch(unicodedata.normalize("NFKC", line).strip("\ufeff \t"))
    if not found:
        return None
    key = re.sub(r"\s+", "", found[1])
    return (key, found[2].strip()) if key in PROPERTY_KEYS else None


def is_header(line: str) -> bool:
    """Tell a parcel's line from a point's: by its ``@``, its kind, or fields that are no numbers.

    Parameters
    ----------
    line : str
        A line of the second section.

    Returns
    -------
    bool
        True for ``5,1.2345,DK001,名称,面,,,,@`` and for what careless writers leave of it.
    """
    fields = _split_header(line)
    if fields[-1:] == ["@"] or any(field in _KINDS for field in fields[4:5]):
        return True
    if len(fields) < 2 or not _COUNT.fullmatch(_plain(fields[0])):
        return False
    return _point_fields(line) is None and _is_number(fields[1])


def header_fields(line: str) -> dict[str, str]:
    """Return the fields of a parcel's line by name; missing ones are absent."""
    fields = _split_header(line)
    if fields[-1:] == ["@"]:
        fields.pop()
    return {name: text for name, text in zip(HEADER_FIELDS, fields, strict=False) if text}


def _split_header(line: str) -> list[str]:
    # A name may hold a full-width comma, but then the line is whole and has its eight others.
    if line.count(",") >= len(HEADER_FIELDS):
        fields = line.split(",")
    elif "," in line or "，" in line:
        fields = re.split("[,，]", line)
    else:
        fields = line.split("\t") if "\t" in line.strip() else line.split()
    fields = [field.strip("\ufeff \t\u3000") for field in fields]
    while len(fields) > 1 and not fields[-1]:
        fields.pop()
    if fields[-1:] == ["＠"]:
        fields[-1] = "@"
    elif fields and len(fields) <= len(HEADER_FIELDS) and fields[-1].endswith(("@", "＠")):
        fields[-1:] = [fields[-1][:-1].strip(), "@"]
    return fields


def plain_point_of(line: str, number: int) -> PointLine | None:
    """Read a point's line that is written as it should be; None for any other line."""
    found = _PLAIN_POINT.fullmatch(line)
    if not found:
        return None
    return PointLine(number, str(int(found[1])), float(found[2]), float(found[3]))


def point_of(line: str, number: int) -> PointLine | None:
    """Read a point's line.

    Parameters
    ----------
    line : str
        ``J1,1,3078123.123,40612345.678``; label and ring may be missing, separators may be
        full-width commas, blanks or tabs, and more fields may follow.
    number : int
        The line's number, for the message.

    Returns
    -------
    PointLine or None
        None if the line is no point.
    """
    fields = _point_fields(line)
    if fields is None:
        return None
    ring, x_text, y_text = fields
    x, y = _coordinate(x_text), _coordinate(y_text)
    bad = [text for text, value in ((x_text, x), (y_text, y)) if math.isnan(value)]
    fault = ""
    if bad:
        fault = f"第 {number} 行的坐标“{'”“'.join(bad)}”不是数字，应为以米计的数，如 3078123.123"
    return PointLine(number, ring, x, y, fault)


def decimals_of(line: str) -> tuple[int, int]:
    """Count the decimals of a point's X and Y as they are written.

    Parameters
    ----------
    line : str
        A point's line.

    Returns
    -------
    tuple of int
        Of X and of Y; 0 for whole numbers and for a line that is no point.
    """
    _, x_text, y_text = _point_fields(line) or ("", "", "")
    return len(x_text.partition(".")[2]), len(y_text.partition(".")[2])


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _point_fields(line: str) -> tuple[str, str, str] | None:
    """Return ring, X and Y of a point's line as text."""
    plain = unicodedata.normalize("NFKC", line[:400]).strip("\ufeff ,;\t")
    fields = re.split(r"\s*[,;、]\s*|\s+", plain)
    if len(fields) >= 4 and _RING.fullmatch(fields[1]) and _coordinates(fields[2:4]):
        return str(int(float(fields[1]))), fields[2], fields[3]
    if len(fields) == 3 and _LABEL.fullmatch(fields[0]) and _in_metres(fields[1:]):
        return "1", fields[1], fields[2]
    if len(fields) == 2 and _in_metres(fields):
        return "1", fields[0], fields[1]
    return None


def _in_metres(texts: list[str]) -> bool:
    """Tell coordinates by their size where no count of fields tells them."""
    values = [_coordinate(text) for text in texts]
    return _coordinates(texts) and not any(abs(value) < _LEAST_COORDINATE_M for value in values)


def _coordinates(texts: list[str]) -> bool:
    return all(_is_number(text) or _is_nearly_number(text) for text in texts)


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(_plain(text)))


def _is_nearly_number(text: str) -> bool:
    digits = sum(sign.isdecimal() for sign in text)
    return bool(_NEARLY_NUMBER.fullmatch(text)) and digits * 2 > len(text)


def _coordinate(text: str) -> float:
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else math.nan
