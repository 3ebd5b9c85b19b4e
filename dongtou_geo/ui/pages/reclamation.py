"""围垦区: each area's role, what is known to have happened, and what nobody has told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import streamlit as st

from dongtou_geo.maps.plate import plan_credit
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.reclamation import STAGES, Ground, ground
from dongtou_geo.ui import cache
from dongtou_geo.ui.components import chrome
from dongtou_geo.ui.components.as_of import as_of_control
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.layout_plate import reclamation_plate
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.state import Defaults, clipped, read_view


def page(ledger: LedgerView) -> None:
    """Show the page.

    Parameters
    ----------
    ledger : LedgerView
        The ledger as it stands now.
    """
    atlas = cache.atlas()
    default = cache.default_as_of(ledger)
    latest = max(default, cache.today())
    params = st.query_params.to_dict()
    view = read_view(
        {key: params[key] for key in ("as_of",) if key in params},
        Defaults(default, latest, (), (), exists=lambda _id: True),
    )
    ids = [area.id for area in atlas.reclamation]
    chosen = params.get("at") or None
    if chosen is not None and chosen not in ids:
        remark = f"地址中的围垦区“{clipped(chosen)}”不存在，已显示全部"
        view, chosen = replace(view, remarks=(*view.remarks, remark)), None

    def go(area_id: str | None, day: date) -> None:
        found = {"at": area_id, "as_of": day.isoformat() if day != default else None}
        st.query_params.from_dict({key: value for key, value in found.items() if value})

    def select(word: str) -> None:
        _kind, _, area_id = word.partition(":")
        go(area_id if area_id != chosen else None, view.as_of)

    as_of_control(view.as_of, default, latest, lambda day: go(chosen, day))
    chrome.remarks(view)
    land = ground(atlas, atlas.layout, ledger, view.as_of)
    clickable("reclamation-board", _html(land, ledger, chosen, view.as_of), select, sheet="reclaim")
    chrome.standing_line()


def _html(land: Ground, ledger: LedgerView, chosen: str | None, as_of: date) -> str:
    story = land.story(chosen) if chosen else None
    # The parent is drawn by its parts alone.
    parts = {part.id for part in story.parts} if story else set()
    ids = [own.area.id for own in land.stories if not own.parts]
    return render(
        "reclaim.html",
        land=land,
        story=story,
        chosen=chosen,
        stages=STAGES,
        plate=reclamation_plate(ids, chosen, parts),
        credit=plan_credit(),
        as_of=as_of,
        stamp=ledger.stamp,
    )
