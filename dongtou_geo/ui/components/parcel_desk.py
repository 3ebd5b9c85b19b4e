"""Under a parcel's card: record, correct, void, split or merge; one of them at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, cast, get_args

import streamlit as st

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.services.event_rules import PARTINGS
from dongtou_geo.services.kinship import Kin
from dongtou_geo.ui import cache
from dongtou_geo.ui.components.record_form import Desk, correct_form, record_form
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.components.reshape_forms import merge_form, split_form
from dongtou_geo.ui.components.sketch import Drawing
from dongtou_geo.ui.components.told import forget, said, told_here, turn, was_conflict
from dongtou_geo.ui.components.void_form import undo_form, void_form

Act = Literal["correct", "void", "undo"]
_DOING, _SEEN = "desk-doing", "desk-seen"


@dataclass(frozen=True, slots=True)
class Doing:
    """The line of the story that a clerk has taken up.

    Parameters
    ----------
    act : {"correct", "void", "undo"}
        What is to be done with it.
    event_id : int
        The line.
    of_turn : int
        When: a success ends it.
    """

    act: Act
    event_id: int
    of_turn: int


def take_up(word: str) -> bool:
    """Take up a line, as the card's buttons name it.

    Parameters
    ----------
    word : str
        Such as ``correct:719``.

    Returns
    -------
    bool
        It named one.
    """
    act, _, number = word.partition(":")
    if act not in get_args(Act) or not number.isdecimal():
        return False
    forget()
    st.session_state[_DOING] = Doing(cast("Act", act), int(number), turn())
    return True


def leave() -> None:
    """Put down what was taken up: another parcel is opened."""
    forget()
    for key in (_DOING, _SEEN):
        st.session_state.pop(key, None)


def acts_of(event: Event, standing: list[Event]) -> tuple[Act, ...]:
    """Return what may be done with a standing line.

    Parameters
    ----------
    event : Event
        The line.
    standing : list of Event
        All lines of the parcel that stand.
    """
    if event.kind in PARTINGS:
        return ("undo",)
    if event.opening is not None:
        return ()  # part of a split or merge: taken back at its parent
    # Without its registration a parcel's other lines hang in the air.
    first_of_many = event.kind is EventKind.REGISTER and len(standing) > 1
    return ("correct",) if first_of_many else ("correct", "void")


def parcel_desk(desk: Desk, kin: Kin, drawing: Drawing | None, as_of: date) -> None:
    """Show what can be done with a parcel.

    Parameters
    ----------
    desk : Desk
        The parcel.
    kin : Kin
        Its relations.
    drawing : Drawing or None
        The parcel among its neighbours; None = 未落图.
    as_of : date
        The day that the page shows.
    """
    desk = replace(desk, seen=_seen(desk))
    doing = _doing(desk)
    latest = desk.story.on(cache.today())
    with st.container(key="record-form"):
        if doing is not None:
            _line_form(desk, kin, *doing)
        elif latest is not None:
            said("desk-title", render("desk_title.html", title="记一件事", words=""))
            record_form(desk)
        told_here("record", desk.parcel_no, as_of)
    if drawing is None or latest is None or doing is not None:
        return
    with st.expander("分割此地块"):
        split_form(desk, drawing, cache.outline_area_m2)
        told_here("split", desk.parcel_no, as_of)
    with st.expander("与相邻地块合并"):
        merge_form(desk, cache.neighbours(desk.story, latest), cache.last_event_id())
        told_here("merge", desk.parcel_no, as_of)


def _doing(desk: Desk) -> tuple[Doing, Event] | None:
    doing: Doing | None = st.session_state.get(_DOING)
    if doing is None or doing.of_turn != turn():
        return None
    line = next((e for e in desk.story.events if e.event_id == doing.event_id), None)
    return None if line is None else (doing, line)


def _seen(desk: Desk) -> int:
    """Say what others recorded since the parcel was opened, and return what the clerk has seen.

    Their lines stand above, out of sight, and drawing the page anew proves no reading: only a
    refusal that named them does.
    """
    held: _Opened | None = st.session_state.get(_SEEN)
    last = desk.story.last_id
    if held is None or (held.parcel_no, held.of_turn) != (desk.parcel_no, turn()):
        # Opened just now, or the clerk's own line was written.
        held = _Opened(desk.parcel_no, turn(), last, last)
    if was_conflict():
        held = replace(held, read=last)
    st.session_state[_SEEN] = held
    lines = [line for line in desk.story.lines if line.event_id > held.last]
    mark = str(last) if lines else ""
    said("desk-newer", render("newer_lines.html", lines=lines), mark=mark)
    return held.read


@dataclass(frozen=True, slots=True)
class _Opened:
    """The last line when a parcel was opened, and the last that its clerk was told of."""

    parcel_no: str
    of_turn: int
    last: int
    read: int


_TITLES: dict[Act, str] = {"correct": "更正", "void": "作废", "undo": "撤销"}
_WORDS: dict[Act, Callable[[Event, Kin], str]] = {
    "correct": lambda _event, _kin: "原记录留痕，以更正后的为准",
    "void": lambda _event, _kin: "作废后视同没有记过，状态随之重算；原记录留痕",
    "undo": lambda event, kin: (
        f"作废这次{event.kind.label}和由它产生的地块 {'、'.join(kin.children)}，原地块恢复；"
        "其后若有记录以它为依据，则不作改动并指出是哪些"
    ),
}


def _line_form(desk: Desk, kin: Kin, doing: Doing, line: Event) -> None:
    title = (
        f"{_TITLES[doing.act]}第 {line.event_id} 号：{desk.parcel_no} "
        f"{line.kind.label} {line.day_text}"
    )
    html = render("desk_title.html", title=title, words=_WORDS[doing.act](line, kin))
    said("desk-title", html, mark=f"{doing.act}-{doing.event_id}", block="start")
    if doing.act == "correct":
        correct_form(desk, line)
    elif doing.act == "void":
        void_form(desk, line)
    else:
        undo_form(desk, line)
    st.button("返回，不改动", key="desk-back", on_click=_put_down, type="tertiary")


def _put_down() -> None:
    forget()
    st.session_state.pop(_DOING, None)
