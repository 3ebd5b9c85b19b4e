"""Two looks compared: the parks, the two plates, what moved by status, and the parcels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import streamlit as st

from dongtou_geo.catalog.layers import ClassStyle, status_fills
from dongtou_geo.domain.progress import OUTSIDE_NAME, LedgerStamp
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.domain.written import moment, mu2
from dongtou_geo.errors import LedgerError
from dongtou_geo.metrics.compare import Move
from dongtou_geo.metrics.movement import ALL, OUTSIDE_PARKS, Shift
from dongtou_geo.metrics.restating import Telling
from dongtou_geo.reports.moved_workbook import moved_workbook
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.moved import Moved, decisive, then_and_now, two_days, with_lines
from dongtou_geo.services.moved_outlines import pictured
from dongtou_geo.services.moved_rows import DISTRICT_NAME, flow_table, park_rows, shifts_of
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.proof.moves import WORDS
from dongtou_geo.services.retelling import TellingRow, telling_rows
from dongtou_geo.services.shelf import app_shelf
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.ui import cache
from dongtou_geo.ui.compare_address import CompareAddress
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.compare_plates import credit, plates
from dongtou_geo.ui.components.file_order import FileOffer, MadeFile, file_buttons, hand_over
from dongtou_geo.ui.components.render import render

PAGE_ROWS = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Go = Callable[[CompareAddress], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """What every part of the view is drawn from; ``shown`` moved in the park looked at.

    ``state`` is that of the ledger before it was compared: what is made of the comparison is kept
    under it, or a change in between would be hidden.
    """

    address: CompareAddress
    view: LedgerView
    state: tuple[object, ...]
    atlas: Atlas
    found: Moved
    shown: tuple[Shift, ...]
    go: Go

    @property
    def ledger(self) -> Ledger:
        """Return the ledger: without one there is nothing to compare."""
        assert self.view.ledger is not None
        return self.view.ledger

    @property
    def stamp(self) -> LedgerStamp:
        """Return which ledger that is."""
        return self.view.stamp

    @property
    def parks(self) -> dict[str, str]:
        """Return the parks' names by id."""
        return {park.id: park.name for park in self.atlas.book.parks}

    @property
    def fills(self) -> Mapping[str, ClassStyle]:
        """Return the paint of each status."""
        return status_fills(cache.layers())

    @property
    def told(self) -> bool:
        """Tell whether one day is told twice."""
        return self.address.mode == "told"

    @property
    def scope(self) -> str:
        """Return which place's flows are shown."""
        return self.address.park or ALL

    def choose(self, word: str) -> None:
        """Follow a click."""
        kind, _, value = word.partition(":")
        if kind == "park":
            park = None if value == self.address.park else value
            self.go(replace(self.address, park=park, page=None, parcel=None))
        elif kind == "parcel":
            self.go(replace(self.address, parcel=value))
        elif kind == "page":
            self.go(replace(self.address, page=int(value)))
        elif kind == "log":
            since = self.address.then if self.told else self.address.first
            self.go(replace(self.address, mode="log", since=since, page=None, parcel=None))
        elif kind == "close":
            self.go(replace(self.address, parcel=None))


def looks(address: CompareAddress, view: LedgerView, go: Go) -> None:
    """Show two looks compared.

    Parameters
    ----------
    address : CompareAddress
        The view.
    view : LedgerView
        The ledger, which there is.
    go : callable
        Given a changed view.
    """
    stage = _stage(address, view, go)
    _parks(stage)
    _plates(stage)
    _flows(stage)
    if stage.told:
        _tellings(stage)
    else:
        _moves(stage)


def _stage(address: CompareAddress, view: LedgerView, go: Go) -> Stage:
    if view.ledger is None:
        message = "台账已不在，没有可比较的记录"
        raise LedgerError(message)
    atlas = cache.atlas()
    days = (
        (address.day, address.then) if address.mode == "told" else (address.first, address.second)
    )
    parks = tuple(park.id for park in atlas.book.parks)
    state = app_shelf().key()
    found = _found(state, view.ledger.url, address.mode, days, parks)
    return Stage(address, view, state, atlas, found, shifts_of(found, address.park), go)


@lru_cache(maxsize=2)
def _found(
    _key: tuple[object, ...], url: str, mode: str, days: tuple[date, date], parks: tuple[str, ...]
) -> Moved:
    """Compare once: turning a page or opening a parcel asks the same of the same ledger again."""
    compared = then_and_now if mode == "told" else two_days
    return compared(Ledger(url), *days, parks)


def _parks(stage: Stage) -> None:
    address = stage.address
    rows = park_rows(stage.atlas.book, stage.found)
    if stage.told:
        html = render(
            "compare_told.html", rows=rows, day=address.day, then=address.then,
            stamp=stage.stamp, park=address.park, moved=bool(stage.shown),
        )  # fmt: skip
    else:
        html = render(
            "compare_head.html", rows=rows, first=address.first, second=address.second,
            stamp=stage.stamp, park=address.park, moved=bool(stage.shown),
        )  # fmt: skip
    clickable("compare-head", html, stage.choose, sheet="compare")


def _plates(stage: Stage) -> None:
    address = stage.address
    shown = (
        address.mode, address.first, address.second, address.day, address.then,
        address.park, address.parcel, stage.state,
    )  # fmt: skip
    html = cache.once("compare-plates", shown, lambda: _plates_html(stage))
    clickable("compare-plates", html, stage.choose, sheet="compare")


def _plates_html(stage: Stage) -> str:
    address, found = stage.address, stage.found
    chosen = _family(found, address.parcel)
    picture = pictured(stage.ledger, found, stage.shown, park=address.park)
    titles = (
        (f"{address.then} 所知的 {address.day}", f"现在所知的 {address.day}")
        if stage.told
        else (str(address.first), str(address.second))
    )
    drawn = {side.outline.parcel_no for side in (*picture.before, *picture.after)}
    words = {
        s.parcel_no: f"{s.before.label} → {s.after.label}"
        for s in stage.shown
        if s.parcel_no in drawn
    }
    before, after = plates(
        picture, stage.fills, words, park=address.park, chosen=chosen, titles=titles
    )
    own = [shift for shift in found.shifts if shift.parcel_no in chosen]
    return render(
        "compare_plates.html", before=before, after=after, titles=titles, found=picture,
        fills=stage.fills, statuses=STATUSES, credit=credit(), chosen=address.parcel,
        tellings=_told_of(stage, own),
    )  # fmt: skip


def _family(found: Moved, parcel: str | None) -> list[str]:
    if parcel is None:
        return []
    return [parcel, *(no for no in found.families.get(parcel, []) if no != parcel)]


def _told_of(stage: Stage, own: Sequence[Shift]) -> list[str]:
    """Tell in words what became of the parcel that is open."""
    moves = with_lines(stage.ledger, stage.found, own[:PAGE_ROWS], stage.parks)
    return [_words(move, stage.parks) for move in moves]


def _words(move: Move, parks: Mapping[str, str]) -> str:
    line = decisive(move)
    place = parks.get(move.park_id or "", OUTSIDE_NAME)
    told = f"{place}：{move.before.label} → {move.after.label} {mu2(m2_to_mu(move.area_m2))} 亩"
    if line is None:
        return told
    paper = line.source_doc or "未注明文件"
    return (
        f"{told}（{line.day_text} {line.kind.label}；{paper}；"
        f"{line.recorded_by} {moment(line.recorded_at)} 录入）"
    )


def _flows(stage: Stage) -> None:
    address = stage.address
    first, second = (address.then, address.day) if stage.told else (address.first, address.second)
    scope = stage.scope
    name = {ALL: "全区五个平台", OUTSIDE_PARKS: OUTSIDE_NAME, **stage.parks}[scope]
    days = (f"{address.then} 所知", "现在所知") if stage.told else (str(first), str(second))
    html = render(
        "compare_flow.html", table=flow_table(stage.found, scope), name=name, fills=stage.fills,
        first=first, second=second, days=days, retold=stage.told, names=WORDS,
        others=("elsewhere", Account.OUTSIDE.value),
        figure="retold_mu" if stage.told else "moved_mu",
        words=("当时上报", "现核定") if stage.told else ("期初", "期末"),
        beside=_beside(stage),
    )  # fmt: skip
    clickable("compare-flow", html, stage.choose, sheet="compare")


def _beside(stage: Stage) -> str:
    """Name what moved in no park, where all parks together are shown."""
    stray = shifts_of(stage.found, OUTSIDE_PARKS) if stage.scope == ALL else ()
    if not stray:
        return ""
    land = mu2(m2_to_mu(sum(shift.area_m2 for shift in stray)))
    return f"园区外移动 {len({shift.parcel_no for shift in stray})} 宗 {land} 亩"


def _page_of(stage: Stage, numbers: Sequence[str]) -> tuple[int, int]:
    """Return which page is shown, of how many: that of the open parcel where none was asked for."""
    pages = max(1, -(-len(numbers) // PAGE_ROWS))
    page = stage.address.page
    if page is None:
        parcel = stage.address.parcel
        page = numbers.index(parcel) // PAGE_ROWS + 1 if parcel in numbers else 1
    return min(page, pages), pages


def _moves(stage: Stage) -> None:
    shown = stage.shown
    page, pages = _page_of(stage, [shift.parcel_no for shift in shown])
    some = shown[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    moves = with_lines(stage.ledger, stage.found, some, stage.parks)
    html = render(
        "compare_moves.html", moves=[(move, decisive(move)) for move in moves],
        parcels=len({shift.parcel_no for shift in shown}),
        total_mu=m2_to_mu(sum(shift.area_m2 for shift in shown)), parks=stage.parks,
        fills=stage.fills, chosen=stage.address.parcel, page=page, pages=pages,
        since=stage.address.first,
    )  # fmt: skip
    clickable("compare-moves", html, stage.choose, sheet="compare")
    if shown:
        _download(stage)


def _tellings(stage: Stage) -> None:
    shown = [telling for telling in stage.found.tellings if _concerns(telling, stage.address.park)]
    page, pages = _page_of(stage, [telling.parcel_no for telling in shown])
    some = shown[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    rows: list[TellingRow] = telling_rows(
        stage.ledger, stage.found, some, stage.parks, park=stage.address.park
    )
    html = render(
        "compare_tellings.html", rows=rows, count=len(shown), day=stage.address.day,
        chosen=stage.address.parcel, page=page, pages=pages,
    )  # fmt: skip
    clickable("compare-moves", html, stage.choose, sheet="compare")
    if stage.shown:
        _download(stage)


def _concerns(telling: Telling, park: str | None) -> bool:
    return park is None or (None if park == OUTSIDE_PARKS else park) in telling.parks


def _download(stage: Stage) -> None:
    address = stage.address
    span = (
        f"{address.day} 当时{address.then}与现核定"
        if stage.told
        else f"{address.first} 至 {address.second}"
    )
    place = (
        DISTRICT_NAME
        if address.park is None
        else {**stage.parks, OUTSIDE_PARKS: OUTSIDE_NAME}[address.park]
    )
    name = f"地块变动-{place}-{span}.xlsx".replace(" ", "")

    def make(now: LedgerView) -> MadeFile:
        anew = _stage(address, now, stage.go)
        rows = (anew.ledger, anew.found, anew.shown, anew.parks, anew.stamp)
        return MadeFile(name, XLSX, moved_workbook(*rows))

    with st.container(key="compare-foot"):
        asked = file_buttons([FileOffer("下载移动的地块 XLSX", "compare-xlsx", make)])
    hand_over(asked, stage.view)
