"""What the address of 对比分析 says: which two looks or which log, of which park, and what is open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from dongtou_geo.domain.day import parse_day
from dongtou_geo.services.changes import last_friday
from dongtou_geo.store.parcel_query import OUTSIDE
from dongtou_geo.ui.components.as_of import shifted
from dongtou_geo.ui.state import EARLIEST, clipped

Mode = Literal["days", "told", "log"]
MODES: dict[Mode, str] = {"days": "两个日期", "told": "同一日期，两次所知", "log": "变动日志"}
# A quarter's figures are handed in on the tenth.
HANDED_IN = timedelta(days=10)
LONGEST = 500
# The address word of each field of the log's filter.
PICKS = {"day": "on", "person": "who", "import_id": "import", "document": "doc"}


@dataclass(frozen=True, slots=True)
class CompareAddress:
    """The view of the page, as its address says it.

    Parameters
    ----------
    mode : {"days", "told", "log"}
        Two days; one day twice told; the log.
    first, second : date
        The two days, in order.
    day, then : date
        The day that is told twice, and by the knowledge at the end of which day at first.
    since : date
        The log's first day.
    park : str or None
        A park's id, or ``OUTSIDE``; None = all.
    page : int or None
        From 1; None = where the open parcel is, else the first.
    parcel : str or None
        The parcel that is open.
    picked : tuple of (str, str)
        The log's filter: names of ``PICKS`` and their values, "" = none named.
    remarks : tuple of str
        What could not be used.
    """

    mode: Mode
    first: date
    second: date
    day: date
    then: date
    since: date
    park: str | None = None
    page: int | None = None
    parcel: str | None = None
    picked: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()

    def picking(self, name: str, value: str) -> CompareAddress:
        """Return the view with one field of the log's filter set, or cleared where it was so."""
        own = dict(self.picked)
        if own.pop(name, None) != value:
            own[name] = value
        return replace(self, picked=tuple(own.items()), page=None)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a bare address means: the day of 截至, the last that may be asked for, the parks."""

    as_of: date
    latest: date
    park_ids: Collection[str]

    @property
    def bare(self) -> CompareAddress:
        """Return the view of a bare address."""
        quarter = shifted(self.as_of, -1)
        then = min(quarter + HANDED_IN, self.latest)
        friday = last_friday(self.as_of)
        return CompareAddress("days", quarter, self.as_of, quarter, then, friday)


def read_compare(params: Mapping[str, str], bounds: Bounds) -> CompareAddress:
    """Read the view from an address.

    Parameters
    ----------
    params : mapping of str to str
        ``a, b``; ``day, then``; ``log, since, on, who, import, doc``; ``park, page, parcel``.
    bounds : Bounds
        What holds where the address is silent or wrong.
    """
    remarks: list[str] = []
    bare = bounds.bare

    def read(key: str, default: date) -> date:
        return _day(params.get(key), default, bounds.latest, remarks)

    first, second = read("a", bare.first), read("b", bare.second)
    if "b" in params and "a" not in params and second <= first:
        first = shifted(second, -1)
    if first > second:
        first, second = second, first
        remarks.append("地址中两个日期前后颠倒，已对调")
    day = read("day", bare.day)
    then = read("then", min(day + HANDED_IN, bounds.latest))
    if first == second and _mode(params) == "days":
        remarks.append("两个日期相同，没有可比的变动；请改选其中一个")
    park = params.get("park") or None
    if park is not None and park not in bounds.park_ids and park != OUTSIDE:
        remarks.append(f"地址中的园区“{clipped(park)}”不存在，已显示全部园区")
        park = None
    return CompareAddress(
        _mode(params), first, second, day, then, read("since", bare.since), park,
        _page(params.get("page"), remarks), params.get("parcel", "")[:64] or None,
        tuple((name, params[key][:LONGEST]) for name, key in PICKS.items() if key in params),
        tuple(remarks),
    )  # fmt: skip


def compare_params(address: CompareAddress, bounds: Bounds) -> dict[str, str]:
    """Write the view as address parameters; what a bare address means is left out.

    Parameters
    ----------
    address : CompareAddress
        The view.
    bounds : Bounds
        What a bare address means.
    """
    bare = bounds.bare
    params: dict[str, str] = {}
    if address.mode == "days":
        if (address.first, address.second) != (bare.first, bare.second):
            params = {"a": address.first.isoformat(), "b": address.second.isoformat()}
    elif address.mode == "told":
        params = {"day": address.day.isoformat(), "then": address.then.isoformat()}
    else:
        params = {"log": "1"}
        if address.since != bare.since:
            params["since"] = address.since.isoformat()
        params |= {PICKS[name]: value for name, value in address.picked}
    if address.park:
        params["park"] = address.park
    if address.page is not None and (address.page > 1 or address.parcel):
        params["page"] = str(address.page)
    if address.parcel and address.mode != "log":
        params["parcel"] = address.parcel
    return params


def presets(day: date) -> dict[str, date]:
    """Return the usual days to compare a day with.

    Parameters
    ----------
    day : date
        The later day.
    """
    year_before = date(day.year - 1, day.month, min(day.day, 28 if day.month == 2 else day.day))
    return {"上季度末": shifted(day, -1), "去年同期": year_before, "上周五": last_friday(day)}


def _mode(params: Mapping[str, str]) -> Mode:
    if params.get("log") == "1":
        return "log"
    return "told" if "day" in params or "then" in params else "days"


def _day(text: str | None, default: date, latest: date, remarks: list[str]) -> date:
    if text is None:
        return default
    day = parse_day(text)
    if day is None:
        remarks.append(
            f"地址中的日期“{clipped(text)}”无法识别（应形如 2018-12-31），已改用 {default}"
        )
        return default
    if not EARLIEST <= day <= latest:
        remarks.append(f"地址中的日期 {day} 不在 {EARLIEST} 至 {latest} 之间，已改用 {default}")
        return default
    return day


def _page(text: str | None, remarks: list[str]) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) < 8 and int(text) > 0:
        return int(text)
    remarks.append(f"地址中的页码“{clipped(text)}”无法识别，已显示第一页")
    return None
