"""What an attempt to record led to, said where the clerk looks and read out to who cannot see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.services.record import Clerk, ConflictError
from dongtou_geo.ui.components.render import render

STATIC = Path(__file__).resolve().parent.parent / "static"
Region = Literal["record", "split", "merge"]
_TOLD, _TURN, _CLERK, _CONFLICT = "desk-told", "desk-turn", "clerk", "desk-conflict"


@dataclass(frozen=True, slots=True)
class Told:
    """One answer of the desk.

    Parameters
    ----------
    parcel_no : str
        The parcel whose card is open.
    region : {"record", "split", "merge"}
        Whose form was sent.
    done : bool
        Written, or refused.
    title : str
        In three or four words.
    lines : tuple of str
        What, in full.
    day : date or None
        When it happened on the ground.
    by, version : str
        Who wrote it, and the ledger's version that it led to.
    at : datetime or None
        When it was written, UTC.
    later_than : date or None
        The page's day where that is earlier.
    """

    parcel_no: str
    region: Region
    done: bool
    title: str
    lines: tuple[str, ...]
    day: date | None = None
    by: str = ""
    version: str = ""
    at: datetime | None = None
    later_than: date | None = None


@cache
def _component() -> Any:
    return st.components.v2.component(
        "dongtou_geo.told",
        html='<div class="told" role="status"></div>',
        css=(STATIC / "told.css").read_text(encoding="utf-8"),
        js=(STATIC / "told.js").read_text(encoding="utf-8"),
    )


def said(key: str, html: str, *, mark: str = "", block: str = "nearest") -> None:
    """Show words that are read out when they change.

    Parameters
    ----------
    key : str
        Unique on the page.
    html : str
        From a template, so escaped.
    mark : str
        What makes these words new: they are then brought into sight. "" = never.
    block : {"nearest", "start"}
        How they are brought into sight.
    """
    data = {"html": html, "mark": mark, "block": block}
    _component()(key=key, data=data, height="content")


def told_here(region: Region, parcel_no: str, as_of: date) -> None:
    """Show what the last attempt of one form led to.

    Parameters
    ----------
    region : {"record", "split", "merge"}
        The form.
    parcel_no : str
        The parcel that is open.
    as_of : date
        The day that the page shows: what happened later does not count on it.
    """
    told: Told | None = st.session_state.get(_TOLD)
    if told is not None and (told.region, told.parcel_no) != (region, parcel_no):
        told = None
    if told is not None and told.day is not None and told.day > as_of:
        told = replace(told, later_than=as_of)
    said(f"told-{region}", render("outcome.html", told=told), mark=_mark(told))


def forget(of_turn: int | None = None) -> None:
    """Take the last answer away: something else has begun.

    Parameters
    ----------
    of_turn : int, optional
        The turn in which it began: the second click of a double click still speaks of the turn
        that the first one ended, and begins nothing.
    """
    if of_turn is None or of_turn == turn():
        st.session_state.pop(_TOLD, None)


def turn() -> int:
    """Return the number of what is being filled in; each success begins a new one."""
    return int(st.session_state.get(_TURN, 0))


def was_conflict() -> bool:
    """Tell, once, whether the last attempt was refused because others had recorded meanwhile."""
    return bool(st.session_state.pop(_CONFLICT, False))


def clerk_known() -> str:
    """Return who recorded last in this window."""
    return str(st.session_state.get(_CLERK, ""))


def attempt(
    region: Region, parcel_no: str, by: object, of_turn: int, write: Callable[[Clerk], Told]
) -> bool:
    """Write, or keep everything as typed and say what was wrong.

    Parameters
    ----------
    region : {"record", "split", "merge"}
        The form.
    parcel_no : str
        The parcel that is open.
    by : object
        Who records, as typed.
    of_turn : int
        The turn whose form was sent: the second click of a double click writes nothing.
    write : callable
        Given who records and when.

    Returns
    -------
    bool
        Written.
    """
    if of_turn != turn():
        return False
    name = str(by or "").strip()
    st.session_state[_CLERK] = name
    try:
        told = write(_clerk(name))
    except DongtouGeoError as error:
        st.session_state[_CONFLICT] = isinstance(error, ConflictError)
        lines = tuple(str(error).split("；"))
        told = Told(
            parcel_no, region, done=False, title="没有记入", lines=lines, at=datetime.now(UTC)
        )
    st.session_state[_TOLD] = told
    if told.done:
        st.session_state[_TURN] = of_turn + 1
    return told.done


def _clerk(name: str) -> Clerk:
    if not name:
        msg = "请填写经办人"
        raise DongtouGeoError(msg)
    return Clerk(name, datetime.now(UTC))


def _mark(told: Told | None) -> str:
    return "" if told is None or told.at is None else told.at.isoformat()
