"""What the address of 地块台账 says: filter, order, page and parcel."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, cast, get_args

from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.store.parcel_query import OUTSIDE, ParcelFilter, SortKey
from dongtou_geo.ui.state import clipped

Flag = Literal["halted", "stopped", "unmapped"]
FLAGS: dict[Flag, str] = {"halted": "停工", "stopped": "停产", "unmapped": "未落图"}
LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class LedgerAddress:
    """The view of the table, as its address says it.

    Parameters
    ----------
    wanted : ParcelFilter
        Which parcels.
    sort : {"parcel_no", "area_m2", "since_on", "status"}
        By what.
    descending : bool
        Largest first.
    page : int
        From 1.
    parcel_no : str or None
        The parcel that is open.
    remarks : tuple of str
        What could not be used.
    """

    wanted: ParcelFilter
    sort: SortKey = "parcel_no"
    descending: bool = False
    page: int = 1
    parcel_no: str | None = None
    remarks: tuple[str, ...] = ()

    def sorted_by(self, sort: SortKey) -> LedgerAddress:
        """Return the view sorted by a column; the same column again turns the order round."""
        turned = sort == self.sort and not self.descending
        return replace(self, sort=sort, descending=turned, page=1)


def read_address(
    params: Mapping[str, str], *, as_of: date, park_ids: Collection[str]
) -> LedgerAddress:
    """Read the view from an address.

    Parameters
    ----------
    params : mapping of str to str
        ``park, status, flag, q, sort, page, parcel``.
    as_of : date
        The day, read already.
    park_ids : collection of str
        The parks there are.
    """
    remarks: list[str] = []
    park = _one_of(params.get("park"), [*park_ids, OUTSIDE], "园区", remarks)
    flag = _one_of(params.get("flag"), list(FLAGS), "标记", remarks)
    sort = (params.get("sort") or "parcel_no").removeprefix("-")
    sort = _one_of(sort, list(get_args(SortKey)), "排序", remarks) or "parcel_no"
    named = [word for word in (params.get("status") or "").split(",") if word]
    statuses = tuple(status for status in STATUSES if status.value in named)
    if len(statuses) < len(set(named)):
        remarks.append(f"地址中的状态“{clipped(params['status'])}”有不认识的，已略去")
    page = params.get("page", "1")
    wanted = ParcelFilter(
        as_of, park, statuses, (params.get("q") or "")[:LONGEST_TEXT], cast("Flag | None", flag)
    )
    return LedgerAddress(
        wanted,
        cast("SortKey", sort),
        (params.get("sort") or "").startswith("-"),
        int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1,
        params.get("parcel") or None,
        tuple(remarks),
    )


def address_params(address: LedgerAddress) -> dict[str, str]:
    """Write the view as address parameters; what is default is left out.

    Parameters
    ----------
    address : LedgerAddress
        The view.
    """
    wanted = address.wanted
    params = {
        "park": wanted.park_id,
        "status": ",".join(status.value for status in wanted.statuses),
        "flag": wanted.flag,
        "q": wanted.text,
        "sort": ("-" if address.descending else "") + address.sort,
        "page": str(address.page) if address.page > 1 else "",
        "parcel": address.parcel_no,
    }
    if params["sort"] == "parcel_no":
        params["sort"] = ""
    return {key: value for key, value in params.items() if value}


def status_choices() -> list[Account]:
    """Return the statuses that a filter may name."""
    return list(STATUSES)


def _one_of(word: str | None, known: Collection[str], what: str, remarks: list[str]) -> str | None:
    if not word:
        return None
    if word in known:
        return word
    remarks.append(f"地址中的{what}“{clipped(word)}”不存在，已略去")
    return None
