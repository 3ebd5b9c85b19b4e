"""Reading one cell as staff write it: dates, figures with units, text; or why it cannot be read."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

EARLIEST, LATEST = date(1949, 10, 1), date(2100, 12, 31)
LONGEST_TEXT = 500
LONGEST_NUMBER = 64
_ANY_LENGTH = 10**9

# Days since this day are what Excel keeps of a date (its 1900 system, after the leap year it invents).
_EXCEL_ZERO = date(1899, 12, 30)
_SERIALS = range(32_874, 73_415)  # 1990-01-01 to 2100-12-31: smaller figures are no date of ours
_NOTHING = {"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "none", "null", "nan", "n/a"}
_NOT_YET = re.compile(r"(尚|还|暂)?未.{0,6}|待.{0,6}")
_FULL = re.compile(
    r"(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?"
)
_MONTH = re.compile(r"(\d{4})(?:[-/.年])(\d{1,2})月?(?:份)?")
_PLAIN_DAY, _PLAIN_MONTH = re.compile(r"\d{8}"), re.compile(r"\d{6}")
_TWO_DIGITS = re.compile(r"\d{1,2}[-/.年]\d{1,2}([-/.月]\d{1,2}日?|月)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_FIGURE = re.compile(r"([+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(\D.*)?", re.IGNORECASE)

_HA, _MU = "公顷", "亩"
# Square metres in each unit, as staff write it after NFKC (㎡ becomes m2, ² becomes 2).
M2_PER_UNIT: dict[str, float] = {
    "": 1.0,
    **dict.fromkeys(("平方米", "平米", "平方", "m2", "m^2", "sqm"), 1.0),
    **dict.fromkeys((_MU, "市亩", "mu"), 2000.0 / 3.0),
    **dict.fromkeys((_HA, "ha", "hm2"), 10_000.0),
    **dict.fromkeys(("平方公里", "平方千米", "km2"), 1e6),
    **dict.fromkeys(("万平方米", "万平米", "万m2"), 1e4),
    "万亩": 2000.0 / 3.0 * 1e4,
}
WAN_PER_UNIT: dict[str, float] = {
    **dict.fromkeys(("", "万元", "万"), 1.0),
    **dict.fromkeys(("亿元", "亿"), 1e4),
    "元": 1e-4,
}
# What shows text in another order than it is stored: a name could pretend to be another one.
_BIDI = dict.fromkeys(
    map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a cell cannot be read.

    Parameters
    ----------
    code : str
        Stable snake_case code.
    message : str
        What is wrong and what would be right, in Chinese, without the cell's name.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Day:
    """A date as written.

    Parameters
    ----------
    on : date or None
        The day; the first of the month where only a month was written; None = not yet, or empty.
    month_only : bool
        Only the month was written.
    """

    on: date | None
    month_only: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Text as it may be kept.

    Parameters
    ----------
    value : str or None
        The text; None = empty.
    cleaned : bool
        Control or direction characters were taken out.
    """

    value: str | None
    cleaned: bool = False


def read_day(value: object) -> Day | Refused:
    """Read a date.

    Parameters
    ----------
    value : object
        str, int, float, date, datetime or None.

    Returns
    -------
    Day or Refused
        Ambiguous ones are refused: a year alone, two-digit years, the number 2019.1 (January,
        or October with its zero cut off).
    """
    if _empty(value):
        return Day(None)
    if isinstance(value, datetime):
        return _in_range(value.date(), value)
    if isinstance(value, date):
        return _in_range(value, value)
    if isinstance(value, bool):
        return _unreadable(value)
    if isinstance(value, int | float):
        return _day_of_number(value)
    return _day_of_text(str(value))


def read_amount(value: object, units: dict[str, float], unit: str = "") -> float | Refused | None:
    """Read a figure that is not negative, in the base unit of ``units``.

    Parameters
    ----------
    value : object
        str, int, float or None; text may carry thousands separators, full-width digits, a unit.
    units : dict of str to float
        ``M2_PER_UNIT`` or ``WAN_PER_UNIT``.
    unit : str
        Unit of a bare figure.

    Returns
    -------
    float, None or Refused
        None = empty.
    """
    if _empty(value):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _checked(float(value) if abs(value) < 1e300 else math.inf, value, units[unit])
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if text.lower() in _NOTHING or _NOT_YET.fullmatch(text):
        return None
    match = _FIGURE.fullmatch(text)
    own_unit = (match[2] or "").strip().lower() if match else ""
    figure = match[1] if match else ""
    if own_unit not in units or not figure or ("," in figure and not _GROUPED.fullmatch(figure)):
        known = "、".join(name for name in units if name and not name.isascii())
        return Refused(
            "figure_unreadable", f"“{_short(value)}”不是能读懂的数字，应为数字，单位可写{known}"
        )
    return _checked(float(figure.replace(",", "")), value, units[own_unit or unit])


def read_text(value: object, *, longest: int = LONGEST_TEXT) -> Text | Refused:
    """Read text, kept as it is but for characters that nobody can see.

    Parameters
    ----------
    value : object
        Anything a cell may hold.
    longest : int
        More characters are refused.
    """
    if _empty(value):
        return Text(None)
    text = value if isinstance(value, str) else _plain(value)
    clean = text if text.isprintable() else "".join(c for c in text if _visible(c))
    clean = clean.translate(_BIDI)
    if len(clean) > longest:
        return Refused("text_too_long", f"有 {len(clean)} 个字符，应不超过 {longest} 个")
    cleaned = clean != text
    return Text(clean if clean.strip() else None, cleaned)


def read_number(value: object) -> Text | Refused:
    """Read a parcel number: trimmed, NFKC, case kept, at most 64 characters.

    Parameters
    ----------
    value : object
        Anything a cell may hold.
    """
    if isinstance(value, float) and value.is_integer() and abs(value) >= 1e15:
        return Refused(
            "code_turned_number", f"已被表格软件变成数字 {value:g}，应设为文本格式后重新填写"
        )
    text = read_text(value, longest=_ANY_LENGTH)
    if isinstance(text, Refused) or text.value is None:
        return text
    # Two numbers that look alike must be one: what has no width has no place in them.
    seen = "".join(c for c in text.value if unicodedata.category(c) != "Cf")
    line = " ".join(unicodedata.normalize("NFKC", seen).split())
    if len(line) > LONGEST_NUMBER:
        return Refused("parcel_no_too_long", f"有 {len(line)} 个字符，应不超过 {LONGEST_NUMBER} 个")
    return Text(line or None, text.cleaned or seen != text.value)


def says_not_yet(value: object) -> bool:
    """Tell whether a cell says in words that something has not happened: 未开工, 尚未投产, 待定.

    Parameters
    ----------
    value : object
        Anything a cell may hold.
    """
    return isinstance(value, str) and _NOT_YET.fullmatch(value.strip()) is not None


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _day_of_number(value: float) -> Day | Refused:
    if not float(value).is_integer():
        if math.isfinite(value) and int(value) in _SERIALS:  # a moment of that day
            return Day(_EXCEL_ZERO + timedelta(days=int(value)))
        text = repr(value)
        if re.fullmatch(r"\d{4}\.1", text):
            return Refused(
                "day_ambiguous",
                f"数字 {text} 可能是 1 月也可能是 10 月，应写成 {text[:4]}-01 或 {text[:4]}-10",
            )
        return _day_of_text(text)
    whole = int(value)
    if whole in _SERIALS:
        return Day(_EXCEL_ZERO + timedelta(days=whole))
    return _day_of_text(str(whole))


def _day_of_text(value: str) -> Day | Refused:
    text = unicodedata.normalize("NFKC", value).strip()
    if text.lower() in _NOTHING or _NOT_YET.fullmatch(text):
        return Day(None)
    text = re.sub(r"\s*([年月日./-])\s*", r"\1", text)
    if match := _FULL.fullmatch(text):
        found = _date(match[1], match[3], match[5], value)
    elif _PLAIN_DAY.fullmatch(text):
        found = _date(text[:4], text[4:6], text[6:], value)
    elif match := _MONTH.fullmatch(text):
        found = _month(match[1], match[2], value)
    elif _PLAIN_MONTH.fullmatch(text):
        found = _month(text[:4], text[4:], value)
    else:
        found = _doubtful(text, value)
    return found


def _doubtful(text: str, value: object) -> Refused:
    if re.fullmatch(r"\d{4}年?", text):
        return Refused("day_ambiguous", f"“{text}”只有年份，应写到月或日，如 {text[:4]}-06-30")
    if _TWO_DIGITS.fullmatch(text):
        return Refused("day_ambiguous", f"“{text}”的年份只有两位，应写四位年份")
    return _unreadable(value)


def _month(year: str, month: str, value: object) -> Day | Refused:
    found = _date(year, month, "1", value)
    return Day(found.on, month_only=True) if isinstance(found, Day) else found


def _date(year: str, month: str, day: str, value: object) -> Day | Refused:
    try:
        return _in_range(date(int(year), int(month), int(day)), value)
    except ValueError:
        return _unreadable(value)


def _in_range(day: date, value: object) -> Day | Refused:
    if EARLIEST <= day <= LATEST:
        return Day(day)
    return Refused("day_unreadable", f"日期“{_short(value)}”不在 {EARLIEST} 至 {LATEST} 之间")


def _unreadable(value: object) -> Refused:
    return Refused(
        "day_unreadable", f"“{_short(value)}”不是能读懂的日期，应如 2019-06-30 或 2019年6月"
    )


def _checked(figure: float, value: object, factor: float) -> float | Refused:
    if not math.isfinite(figure):
        return Refused("figure_unreadable", f"“{_short(value)}”不是有限的数，应为普通数字")
    if figure < 0:
        return Refused("figure_negative", f"“{_short(value)}”是负数，应不小于 0")
    return figure * factor


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    return str(value)


def _visible(character: str) -> bool:
    return character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"}


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else f"{text[:40]}…"
