"""The four parts of 数据质量."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

import streamlit as st

from dongtou_geo import settings
from dongtou_geo.domain.data_note import NoteKind
from dongtou_geo.maps.plate import plan_credit
from dongtou_geo.services import quality, quality_outlines
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.quality_land import UNASKED, LandCheck, held_check, land_check
from dongtou_geo.services.quality_ledger import (
    ISSUES,
    IssueRow,
    Scope,
    area_row,
    compared,
    issue_rows,
)
from dongtou_geo.services.quality_outlines import (
    CONFIDENCES,
    FIDELITIES,
    KINDS,
    LEFT_OUT,
    STANDINGS,
    OutlineFilter,
)
from dongtou_geo.services.quality_recorded import FLAG_NAMES, FLAG_RULES, recorded_rows
from dongtou_geo.store.quality_rows import OF_SUPPLIED, STALE_DAYS
from dongtou_geo.ui import cache
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.quality_address import QualityAddress
from dongtou_geo.ui.components.quality_plate import STROKES, outlines_plate
from dongtou_geo.ui.components.render import render

SHEET = "quality"
ROWS = 50
Select = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """What every part is drawn from.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    atlas : Atlas
        The plan.
    as_of : date
        The day.
    address : QualityAddress
        The view.
    living : int
        How many parcels live on the day.
    select : callable
        Given a clicked word.
    """

    view: LedgerView
    atlas: Atlas
    as_of: date
    address: QualityAddress
    living: int
    select: Select

    @property
    def scope(self) -> Scope:
        """Return where the ledger's findings are looked for."""
        return Scope(self.as_of, self.address.place, self.address.text)

    def link(self, page: str, query: dict[str, str]) -> str:
        """Return the address of a page of ours on the same day.

        Parameters
        ----------
        page : str
            Its path; "" = the map.
        query : dict of str to str
            What its address says.
        """
        carried = {**query, "as_of": self.as_of.isoformat()}
        return f"{settings.from_environment().prefix}/{page}?{urlencode(carried)}"


def examined(stage: Stage, *, at_most: int = UNASKED) -> LandCheck | None:
    """Return what examining the outlines shows; where there are very many, only once asked for.

    Parameters
    ----------
    stage : Stage
        What it is drawn from.
    at_most : int
        Up to so many parcels nobody need ask.
    """
    if stage.living <= at_most or (stage.address.run and stage.address.part == "ledger"):
        with st.spinner("正在检查全部图形，请稍候"):
            return land_check(stage.view, stage.as_of)
    return held_check(stage.view, stage.as_of)


def show_plan(stage: Stage) -> None:
    """Show where the plan contradicts itself, and its very words on one thing.

    Parameters
    ----------
    stage : Stage
        What it is drawn from.
    """
    atlas, wanted = stage.atlas, stage.address.notes
    found = quality.found_notes(atlas, wanted)
    by_kind, by_bound = quality.counts(
        quality.found_notes(atlas, quality.NoteFilter(place=wanted.place, text=wanted.text))
    )
    things = [
        (bound, count)
        for bound, count in quality.things_with_notes(atlas)
        if count or not bound.key.startswith("project:")
    ]
    html = render(
        "quality_plan.html", notes=found, wanted=wanted, by_kind=by_kind, by_bound=by_bound,
        kinds=list(NoteKind), bounds=quality.BOUND, placed=quality.PLACED, things=things,
        said=quality.verbatim(atlas, wanted.about) if wanted.about else None,
        bound=lambda note: quality.bound_things(atlas, note), link=stage.link,
        with_kind=lambda kind: quality.NoteFilter(kind, place=wanted.place, text=wanted.text),
        with_bound=lambda key: quality.NoteFilter(bound=key, place=wanted.place, text=wanted.text),
        about=lambda key: quality.NoteFilter(about=key),
    )  # fmt: skip
    clickable("quality-plan", html, stage.select, sheet=SHEET)


def show_outlines(stage: Stage) -> None:
    """Show how true every outline and point is, and what is not on the map.

    Parameters
    ----------
    stage : Stage
        What it is drawn from.
    """
    atlas, wanted = stage.atlas, stage.address.outlines
    everything = quality_outlines.outline_rows(atlas)

    def counted(**named: str) -> tuple[int, OutlineFilter]:
        some = OutlineFilter(**{"place": wanted.place, **named})
        return len(quality_outlines.found_outlines(atlas, everything, some)), some

    rows = quality_outlines.found_outlines(atlas, everything, wanted)
    html = render(
        "quality_outlines.html", rows=rows, wanted=wanted, kinds=KINDS, confidences=CONFIDENCES,
        fidelities=FIDELITIES, standings=STANDINGS, left_out=LEFT_OUT, counted=counted,
        papers=quality_outlines.dataset_papers(), picture=outlines_plate(rows), strokes=STROKES,
        credit=plan_credit(), link=stage.link, map_id=quality.map_id,
        off=[row for row in rows if row.standing == "off"],
    )  # fmt: skip
    clickable("quality-outlines", html, stage.select, sheet=SHEET)


def show_recorded(stage: Stage) -> None:
    """Show what each park's part of the ledger lacks.

    Parameters
    ----------
    stage : Stage
        What it is drawn from.
    """
    told = cache.quality_gaps(stage.view, stage.as_of)
    rows = recorded_rows(stage.atlas, stage.view, stage.as_of, told, stage.address.place)
    html = render(
        "quality_recorded.html", rows=rows, flags=FLAG_NAMES, rules=FLAG_RULES, as_of=stage.as_of,
        of_supplied=OF_SUPPLIED, stale_days=STALE_DAYS, stamp=stage.view.stamp, link=stage.link,
    )  # fmt: skip
    clickable("quality-recorded", html, stage.select, sheet=SHEET)


def show_ledger(stage: Stage, check: LandCheck | None) -> None:
    """Show what in the ledger does not fit together.

    Parameters
    ----------
    stage : Stage
        What it is drawn from.
    check : LandCheck or None
        What examining the outlines showed; None = not done.
    """
    address, scope = stage.address, stage.scope
    counts = cache.quality_issues(stage.view, scope, check)
    chosen = next(each for each in counts if each.issue.code == address.issue)
    rows, found = _page_of(stage, check, chosen.count or 0)
    pages = max((found - 1) // ROWS + 1, 1)
    html = render(
        "quality_ledger.html", counts=counts, chosen=chosen, rows=rows, found=found, pages=pages,
        page=min(address.page, pages), address=address, as_of=stage.as_of, stamp=stage.view.stamp,
        place=address.place or "all", detail=_detail, names=stage.atlas.place_names,
        living=stage.living, examined=check is not None, link=stage.link,
        total=sum(each.count or 0 for each in counts if not each.issue.information),
        none=stage.view.ledger is None,
    )  # fmt: skip
    clickable("quality-ledger", html, stage.select, sheet=SHEET)


def _page_of(stage: Stage, check: LandCheck | None, count: int) -> tuple[list[IssueRow], int]:
    """Return the rows of the page asked for, or of the last one, and how many there are."""
    address, scope = stage.address, stage.scope
    if address.compared and address.issue == "area" and check is not None:
        at = compared(stage.atlas, scope, check)
        first = _first(address.page, len(at))
        return [area_row(check, int(place)) for place in at[first : first + ROWS]], len(at)
    code, first = ISSUES[address.issue].code, _first(address.page, count)
    rows = issue_rows(stage.atlas, stage.view, scope, check, code, limit=ROWS, offset=first)
    return rows, count


def _first(page: int, count: int) -> int:
    return (min(page, max((count - 1) // ROWS + 1, 1)) - 1) * ROWS


def _detail(code: str, text: str) -> str:
    named = {"code": code, "q": text}
    return urlencode({key: value for key, value in named.items() if value})
