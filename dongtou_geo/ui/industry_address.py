"""What the address of 产业布局 says: a row, a column, and the project that looks for land."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from dongtou_geo.domain.layout import Layout
from dongtou_geo.services.industry import Matrix
from dongtou_geo.ui.state import clipped

# More than the five parks together: a slip of the hand.
MOST_MU = 20_000.0
DEFAULT_MU = 60.0


@dataclass(frozen=True, slots=True)
class IndustryAddress:
    """One view of the page.

    Parameters
    ----------
    row, column : str or None
        What is chosen of the matrix; both = a cell.
    wanted : str or None
        The industry of a project that looks for land.
    wanted_mu : float
        How much it wants, 亩.
    remarks : tuple of str
        What in the address could not be used.
    """

    row: str | None = None
    column: str | None = None
    wanted: str | None = None
    wanted_mu: float = DEFAULT_MU
    remarks: tuple[str, ...] = ()

    @property
    def params(self) -> dict[str, str]:
        """Return the view as address parameters."""
        asked = {"want": self.wanted, "mu": f"{self.wanted_mu:g}"} if self.wanted else {}
        found = {"at": self.row, "industry": self.column, **asked}
        return {key: value for key, value in found.items() if value}


def read_address(params: Mapping[str, str], table: Matrix, layout: Layout) -> IndustryAddress:
    """Read a view from an address.

    Parameters
    ----------
    params : mapping of str to str
        ``at``, ``industry``, ``want`` and ``mu``; anything else is ignored.
    table : Matrix
        Which rows and columns there are.
    layout : Layout
        Which industries there are.

    Returns
    -------
    IndustryAddress
        Always usable; ``remarks`` names what was not.
    """
    remarks: list[str] = []

    def known(key: str, ids: set[str], noun: str) -> str | None:
        word = params.get(key) or None
        if word is not None and word not in ids:
            remarks.append(f"地址中的{noun}“{clipped(word)}”不存在，已略去")
            return None
        return word

    return IndustryAddress(
        row=known("at", {head.id for head in table.rows}, "地点"),
        column=known("industry", {column for column, _name in table.columns}, "产业"),
        wanted=known("want", set(layout.by_id), "产业"),
        wanted_mu=_area(params.get("mu"), remarks),
        remarks=tuple(remarks),
    )


def _area(word: str | None, remarks: list[str]) -> float:
    if word is None:
        return DEFAULT_MU
    try:
        area = float(word)
    except ValueError:
        area = float("nan")
    if not (isfinite(area) and 0 < area <= MOST_MU):
        remarks.append(
            f"地址中的面积“{clipped(word)}”不合适，应为 0 至 {MOST_MU:,.0f} 亩之间的数，"
            f"已改用 {DEFAULT_MU:g} 亩"
        )
        return DEFAULT_MU
    return area
