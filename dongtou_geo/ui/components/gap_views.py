"""The three views of 缺口清单: the district, one park's list, and the agreed dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import streamlit as st

from dongtou_geo import settings
from dongtou_geo.catalog.layers import status_fills
from dongtou_geo.maps.plate import plan_credit
from dongtou_geo.metrics.gap import STEPS, near_until, year_before
from dongtou_geo.services.gap import district_gap, park_gap
from dongtou_geo.services.gap_due import WINDOWS, due_filter, due_page
from dongtou_geo.services.gap_figures import GapLine, ParkGap
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.proof.ask import LONGEST
from dongtou_geo.ui import cache
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.gap_address import GapAddress
from dongtou_geo.ui.components.gap_curve import gap_curve_option
from dongtou_geo.ui.components.gap_plate import district_plate, park_plate
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.state import clipped

SHEET = "gap"
Select = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """What every view is drawn from.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    as_of : date
        The day.
    address : GapAddress
        Which view.
    select : callable
        Given the word of what was clicked.
    """

    view: LedgerView
    as_of: date
    address: GapAddress
    select: Select


def show_district(stage: Stage) -> None:
    """Show every park's gap, and the map to choose one from.

    Parameters
    ----------
    stage : Stage
        What it is drawn from.
    """
    book = cache.atlas().book
    gap = cache.once(
        "gap-district", (stage.as_of,), lambda: district_gap(stage.view, book, as_of=stage.as_of)
    )
    left, right = st.columns([68, 32], gap="medium")
    with left:
        html = render(
            "gap_district.html", gap=gap, as_of=stage.as_of, fills=status_fills(cache.layers())
        )
        clickable("gap-district", html, stage.select, sheet=SHEET)
    with right, st.container(key="gap-side"):
        drawn = district_plate([park.id for park in book.parks])
        _plate(stage, drawn, "园区范围为示意，点园区看它的清单")


def show_park(stage: Stage, park_id: str) -> tuple[str, ...]:
    """Show one park's gap with its list, its curve and its map; return what could not be shown.

    Parameters
    ----------
    stage : Stage
        What it is drawn from.
    park_id : str
        The park.
    """
    address, fills = stage.address, status_fills(cache.layers())
    gap = cache.once(
        "gap-park",
        (park_id, stage.as_of, address.page, address.parcel_no),
        lambda: park_gap(
            stage.view, cache.atlas().book, park_id,
            as_of=stage.as_of, page=address.page, parcel_no=address.parcel_no,
        ),
    )  # fmt: skip
    left, right = st.columns([68, 32], gap="medium")
    with left:
        html = render(
            "gap_park.html", gap=gap, address=address, fills=fills, steps=STEPS,
            longest=LONGEST, intake_link=f"{settings.from_environment().prefix}/intake",
        )  # fmt: skip
        clickable("gap-park", html, stage.select, sheet=SHEET)
    with right, st.container(key="gap-side"):
        chosen = next((ln for ln in gap.lines if ln.row.parcel_no == address.parcel_no), None)
        _plate(stage, park_plate(gap, fills, address.parcel_no), _drawn_words(gap), chosen)
        if gap.points:
            st.html('<p class="dtg-gap-cap">按清单先后投产，投产率（规划口径）的变化</p>')
            st.echarts_chart(
                gap_curve_option(gap, fills), height=300, theme=None, key="gap-curve",
                alt="按清单先后逐宗投产时的投产率，与目标线和可达上限",
            )  # fmt: skip
    if not gap.missing:
        return ()
    number = clipped(str(address.parcel_no))
    return (f"地块“{number}”不在本园区的缺口清单里（已全部投产，或没有这个编号）",)


def show_due(stage: Stage, park_names: dict[str, str]) -> None:
    """Show which contracts pass an agreed date soon or have passed one.

    Parameters
    ----------
    stage : Stage
        What it is drawn from.
    park_names : dict of str to str
        By park id.
    """
    address, as_of = stage.address, stage.as_of
    wanted = due_filter(as_of, address.park_id, address.window, address.kind)
    due = due_page(stage.view, wanted, page=address.page)
    html = render(
        "gap_due.html", due=due, address=address, as_of=as_of, steps=STEPS, windows=WINDOWS,
        until=near_until(as_of), year_before=year_before(as_of), park_names=park_names,
        place=park_names.get(address.park_id or "", "全区"),
        prefix=settings.from_environment().prefix, fills=status_fills(cache.layers()),
    )  # fmt: skip
    clickable("gap-due", html, stage.select, sheet=SHEET)


def _plate(stage: Stage, drawn: str, words: str, chosen: GapLine | None = None) -> None:
    html = render(
        "gap_plate.html", plate=drawn, words=words, credit=plan_credit(), chosen=chosen,
        as_of=stage.as_of, prefix=settings.from_environment().prefix,
    )  # fmt: skip
    clickable("gap-plate", html, stage.select, sheet=SHEET)


def _drawn_words(gap: ParkGap) -> str:
    listed = min(gap.parcels, 300)
    if not listed:
        return "园区范围为示意"
    first = f"清单前 {listed} 宗" if gap.parcels > listed else f"清单所列 {listed} 宗"
    blank = listed - len(gap.outlines)
    return (
        f"{first}按状态着色{f'，其中 {blank} 宗未落图' if blank else ''}；园区范围为示意，可能偏离"
    )
