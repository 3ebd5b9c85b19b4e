"""What the address of 缺口清单 says: park, view, page, parcel and which agreed dates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

from dongtou_geo.services.gap_due import WINDOWS
from dongtou_geo.store.gap_due import KINDS, Window
from dongtou_geo.ui.state import clipped

Shown = Literal["parcels", "due"]
VIEWS: dict[Shown, str] = {"parcels": "补足顺序", "due": "到期与逾期"}


@dataclass(frozen=True, slots=True)
class GapAddress:
    """One view of the page.

    Parameters
    ----------
    park_id : str or None
        None = the district.
    shown : {"parcels", "due"}
        The list, or the agreed dates.
    page : int
        From 1.
    parcel_no : str or None
        The parcel that is chosen.
    window : {"soon", "past", "year"} or None
        Which agreed dates; None = near and past.
    kind : {"start", "complete", "produce"} or None
        About which step; None = any.
    remarks : tuple of str
        What could not be used.
    """

    park_id: str | None = None
    shown: Shown = "parcels"
    page: int = 1
    parcel_no: str | None = None
    window: Window | None = None
    kind: str | None = None
    remarks: tuple[str, ...] = ()

    def at(self, word: str) -> GapAddress:
        """Return the view to which a clicked word leads.

        Parameters
        ----------
        word : str
            ``park:…``, ``page:…``, ``parcel:…`` or ``due:kind.window``, as the templates write it.
        """
        what, _, value = word.partition(":")
        if what == "park":
            return replace(self, park_id=value or None, page=1, parcel_no=None)
        if what == "page" and value.isascii() and value.isdigit():
            return replace(self, page=int(value), parcel_no=None)
        if what == "parcel":
            chosen = None if value == self.parcel_no else value
            return replace(self, parcel_no=chosen, page=self.page if chosen is None else 1)
        if what == "due":
            step, _, wanted = value.partition(".")
            window = next((known for known in WINDOWS if known == wanted), None)
            return replace(self, page=1, parcel_no=None, kind=step or None, window=window)
        return self


def read_gap_address(params: Mapping[str, str], park_ids: Collection[str]) -> GapAddress:
    """Read the view from an address.

    Parameters
    ----------
    params : mapping of str to str
        ``park, view, page, parcel, due, step``; anything else is ignored.
    park_ids : collection of str
        The parks there are.
    """
    remarks: list[str] = []
    park_id = _one_of(params.get("park"), park_ids, "园区", "已显示全区", remarks)
    shown = _one_of(params.get("view"), VIEWS, "视图", "已显示补足顺序", remarks)
    window = _one_of(params.get("due"), WINDOWS, "期限", "已略去", remarks)
    kind = _one_of(params.get("step"), KINDS, "约定事项", "已略去", remarks)
    return GapAddress(
        park_id,
        cast("Shown", shown or "parcels"),
        _page(params.get("page"), remarks),
        params.get("parcel") or None,
        cast("Window | None", window),
        kind,
        tuple(remarks),
    )


def gap_params(address: GapAddress) -> dict[str, str]:
    """Write the view as address parameters; what is default is left out.

    Parameters
    ----------
    address : GapAddress
        The view.
    """
    due = address.shown == "due"
    params = {
        "park": address.park_id,
        "view": address.shown if due else None,
        "page": str(address.page) if address.page > 1 else None,
        "parcel": address.parcel_no,
        "due": address.window if due else None,
        "step": address.kind if due else None,
    }
    return {key: value for key, value in params.items() if value}


def _page(word: str | None, remarks: list[str]) -> int:
    if word is None:
        return 1
    if word.isascii() and word.isdigit() and len(word) < 8 and int(word) > 0:
        return int(word)
    remarks.append(f"地址中的页码“{clipped(word)}”无法识别（应为正整数），已显示第 1 页")
    return 1


def _one_of(
    word: str | None, known: Collection[str], what: str, instead: str, remarks: list[str]
) -> str | None:
    if not word:
        return None
    if word in known:
        return word
    remarks.append(f"地址中的{what}“{clipped(word)}”不存在，{instead}")
    return None
