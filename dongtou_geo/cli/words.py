"""Words of the command line and what they mean; refused in one Chinese line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from math import isfinite
from typing import Any, NoReturn

from dongtou_geo.domain.day import SHANGHAI, day_here, parse_day
from dongtou_geo.errors import UsageError

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII
)


class _Help(argparse.HelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """argparse in Chinese, with one line on stderr: the contract has no usage dump.

    Parameters
    ----------
    **given : object
        As for ``argparse.ArgumentParser``.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(formatter_class=_Help, add_help=False, **given)
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示本说明")

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong with the words."""
        for english, chinese in _PHRASES:
            message = re.sub(english, chinese, message, flags=re.DOTALL)
        msg = f"用法错误：{' '.join(message.split())}；用 --help 查看说明"
        raise UsageError(msg)

    def _print_message(self, message: str, file: Any = None) -> None:
        # argparse's own keeps quiet where the help could not be written.
        print(message, end="", file=file)


# Each of argparse's sentences that wrong words can bring about.
_PHRASES = (
    (r"^argument (.+?): ", r"参数 \1："),
    (r"^the following arguments are required: ", "缺少 "),
    (r"^unrecognized arguments: ", "不认识 "),
    (r"invalid choice: (.+) \(choose from (.+)\)$", r"不能是 \1，可选 \2"),
    (r"expected one argument$", "后面应有一个值"),
    (r"expected at (?:least|most) one argument$", "后面应有一个值"),
    (r"invalid int value: (.+)$", r"应为整数，不能是 \1"),
    (r"^ambiguous option: (.+) could match (.+)$", r"\1 说得不全，可以是 \2"),
    (r"ignored explicit argument (.+)$", r"后面不能有值 \1"),
    (r"not allowed with argument (.+)$", r"不能与 \1 同用"),
    (r"^one of the arguments (.+) is required$", r"\1 须有其一"),
)


def day(text: str) -> date:
    """Read a day that is not in the future.

    Parameters
    ----------
    text : str
        Like 2018-12-31.

    Raises
    ------
    UsageError
        If it is no day, or later than today in Asia/Shanghai.
    """
    read, today = parse_day(text), today_here()
    if read is None:
        msg = f"日期“{text}”无法识别，应形如 2018-12-31"
        raise UsageError(msg)
    if read > today:
        msg = f"日期 {read} 晚于今天，应不晚于 {today}"
        raise UsageError(msg)
    return read


def moment(text: str) -> datetime:
    """Read a moment that is not in the future; a bare day means the end of it.

    Parameters
    ----------
    text : str
        Like 2024-03-31 or 2024-03-31T09:00+08:00; without an offset it is Asia/Shanghai.

    Returns
    -------
    datetime
        In UTC.

    Raises
    ------
    UsageError
        If it is no moment, or later than today.
    """
    try:
        read = _local(text).astimezone(UTC)
        on = day_here(read)
    except (ValueError, OverflowError):
        msg = f"时刻“{text}”无法识别，应形如 2024-03-31 或 2024-03-31T09:00+08:00"
        raise UsageError(msg) from None
    if on > today_here():
        msg = f"时刻 {text} 晚于今天，应不晚于 {today_here()}"
        raise UsageError(msg)
    return read


def moment_shown(known_at: datetime) -> str:
    """Write a moment as staff read it here; the end of a day is the day.

    Parameters
    ----------
    known_at : datetime
        Aware moment.
    """
    here = known_at.astimezone(SHANGHAI)
    return f"{here.date()}" if here.time() == time.max else f"{here.date()} {here:%H:%M}"


def square_metres(text: str) -> float:
    """Read an area.

    Parameters
    ----------
    text : str
        Like 3500 or 3500.25.

    Raises
    ------
    UsageError
        If it is no number, or a negative one.
    """
    try:
        read = float(text)
    except ValueError:
        read = -1.0
    if not isfinite(read) or read < 0:
        msg = f"面积“{text}”不合适，应为不小于 0 的平方米数，如 3500.25"
        raise UsageError(msg)
    return read


def child(text: str) -> tuple[str, float | None]:
    """Read a parcel that a split or merge makes.

    Parameters
    ----------
    text : str
        A new number, or number and area: 南塘-A-01-1=3500.25.

    Raises
    ------
    UsageError
        If the number is missing or the area is none.
    """
    number, equals, area = text.rpartition("=")
    if not equals:
        return text, None
    if not number.strip():
        msg = f"新地块“{text}”没有编号，应形如 南塘-A-01-1=3500.25"
        raise UsageError(msg)
    return number, square_metres(area)


def line_of_points(text: str) -> list[tuple[float, float]]:
    """Read a line of points in degrees.

    Parameters
    ----------
    text : str
        ``lon,lat lon,lat …``, EPSG:4490, two points or more.

    Raises
    ------
    UsageError
        If it is no such line.
    """
    try:
        points = [tuple(float(part) for part in point.split(",")) for point in text.split()]
    except ValueError:
        points = []
    if len(points) < 2 or any(len(p) != 2 or not all(map(isfinite, p)) for p in points):
        msg = f"分割线“{text}”无法识别，应形如 121.10,27.80 121.12,27.83"
        raise UsageError(msg)
    return [(point[0], point[1]) for point in points]


def today_here() -> date:
    """Return today in Asia/Shanghai."""
    return day_here(datetime.now(UTC))


def _local(text: str) -> datetime:
    on = parse_day(text)
    if on is not None:
        # A bare day means all of it, as staff count days here.
        return datetime.combine(on, time.max, SHANGHAI)
    if not _MOMENT.fullmatch(text):
        raise ValueError(text)
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=SHANGHAI)
