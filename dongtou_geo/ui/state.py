"""What the address says: selection, date and layers. A wrong word falls back and says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from dongtou_geo.domain.day import parse_day

EARLIEST = date(2010, 1, 1)


@dataclass(frozen=True, slots=True)
class View:
    """One view of the app, as its address says it.

    Parameters
    ----------
    as_of : date
        The day shown.
    selected : str or None
        Feature id; None = the district.
    layers : tuple of str
        Layers that are on.
    remarks : tuple of str
        What in the address could not be used, in Chinese, shown on the page.
    """

    as_of: date
    selected: str | None
    layers: tuple[str, ...]
    remarks: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a bare address means, and what the address may name."""

    as_of: date
    latest: date
    layers: Sequence[str]
    layer_ids: Collection[str]
    exists: Callable[[str], bool]


def read_view(params: Mapping[str, str], defaults: Defaults) -> View:
    """Read a view from an address.

    Parameters
    ----------
    params : mapping of str to str
        ``as_of``, ``sel`` and ``layers``; anything else is ignored.
    defaults : Defaults
        What holds where the address is silent or wrong.

    Returns
    -------
    View
        Always usable; ``remarks`` names what was not.
    """
    remarks: list[str] = []
    as_of = _as_of(params.get("as_of"), defaults, remarks)
    selected = params.get("sel") or None
    if selected is not None and not defaults.exists(selected):
        remarks.append(f"地址中的对象“{clipped(selected)}”不存在，已显示全区")
        selected = None
    layers = _layers(params.get("layers"), defaults, remarks)
    return View(as_of, selected, layers, tuple(remarks))


def view_params(view: View, defaults: Defaults) -> dict[str, str]:
    """Write a view as address parameters; what equals the default is left out.

    Parameters
    ----------
    view : View
        The view.
    defaults : Defaults
        What a bare address means.
    """
    params: dict[str, str] = {}
    if view.selected:
        params["sel"] = view.selected
    if view.as_of != defaults.as_of:
        params["as_of"] = view.as_of.isoformat()
    if set(view.layers) != set(defaults.layers):
        params["layers"] = ",".join(view.layers) or "none"
    return params


def clipped(text: str, limit: int = 40) -> str:
    """Shorten foreign text for a message."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def _as_of(text: str | None, defaults: Defaults, remarks: list[str]) -> date:
    if text is None:
        return defaults.as_of
    day = parse_day(text)
    if day is None:
        remarks.append(
            f"地址中的日期“{clipped(text)}”无法识别（应形如 2018-12-31），已改用 {defaults.as_of}"
        )
        return defaults.as_of
    if not EARLIEST <= day <= defaults.latest:
        remarks.append(
            f"地址中的日期 {day} 不在 {EARLIEST} 至 {defaults.latest} 之间，已改用 {defaults.as_of}"
        )
        return defaults.as_of
    return day


def _layers(text: str | None, defaults: Defaults, remarks: list[str]) -> tuple[str, ...]:
    if text is None:
        return tuple(defaults.layers)
    named = [] if text == "none" else [word for word in text.split(",") if word]
    unknown = [word for word in named if word not in defaults.layer_ids]
    if unknown:
        words = "、".join(clipped(word) for word in unknown[:3])
        remarks.append(f"地址中的图层“{words}”不存在，已略去")
    return tuple(word for word in defaults.layer_ids if word in named)
