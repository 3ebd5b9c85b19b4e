"""Files made when asked for, from the very ledger that the page then shows; or words why not.

A deferred ``st.download_button`` makes its file outside the page's run: where that fails it says so
in English for five seconds, and the page beside it goes on showing figures of a ledger that is gone.
A click here draws the page anew first, as every other click does, and makes the file in that run.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache as once_a_process
from pathlib import Path
from typing import Any

import streamlit as st

from dongtou_geo.domain.day import SHANGHAI
from dongtou_geo.errors import DongtouGeoError, LedgerError
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.ui import cache
from dongtou_geo.ui.components.chrome import remark

STATIC = Path(__file__).resolve().parent.parent / "static"
TRIES = 3


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file as the browser saves it."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FileOffer:
    """A file that can be asked for.

    Parameters
    ----------
    label : str
        On its button.
    key : str
        Unique on the page.
    make : callable
        Makes it, name and all, from the ledger it is given.
    """

    label: str
    key: str
    make: Callable[[LedgerView], MadeFile]


def file_buttons(offers: Sequence[FileOffer]) -> FileOffer | None:
    """Show a button for each file.

    Parameters
    ----------
    offers : sequence of FileOffer
        In reading order.

    Returns
    -------
    FileOffer or None
        What was asked for, for ``hand_over``.
    """
    asked = [offer for offer in offers if st.button(offer.label, key=offer.key)]
    return asked[0] if asked else None


def hand_over(offer: FileOffer | None, view: LedgerView) -> None:
    """Make the file that was asked for and give it to the browser, or say why there is none.

    Parameters
    ----------
    offer : FileOffer or None
        None = nothing was asked for.
    view : LedgerView
        The ledger whose figures the page shows.
    """
    if offer is None:
        return
    try:
        with st.spinner("正在生成文件…"):
            made, read = made_anew(offer, cache.ledger)
    except DongtouGeoError as error:
        remark(f"没有下载：{error}")
        return
    except Exception:
        when = datetime.now(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        logging.getLogger(__name__).exception("file failed")
        remark(f"没有下载：文件没能生成，详情已记入服务日志（{when}），请告知管理员")
        return
    if read is not view:
        remark(
            "生成文件时台账有改动：文件按现在的台账，版本 "
            f"{read.stamp.ledger_version or '无台账'}；请刷新页面，使页面与文件一致"
        )
    st.html(STATIC / "file_order.css")
    with st.container(key=f"file-out-{offer.key}"):
        _component()(key=f"{offer.key}-file", data=_packed(made))


def made_anew(offer: FileOffer, ledger: Callable[[], LedgerView]) -> tuple[MadeFile, LedgerView]:
    """Make a file from one state of the ledger: nothing in it may be of another.

    Parameters
    ----------
    offer : FileOffer
        What to make.
    ledger : callable
        Returns the ledger as it stands now: the same object until it changes.

    Returns
    -------
    tuple of (MadeFile, LedgerView)
        The file, and the ledger that it was made from.

    Raises
    ------
    LedgerError
        If the ledger cannot be read, or changes whenever the file is being made.
    """
    for _try in range(TRIES):
        view = ledger()
        made = offer.make(view)
        if ledger() is view:
            return made, view
    message = "台账正在改动，请稍候再下载"
    raise LedgerError(message)


def _packed(made: MadeFile) -> bytes:
    """Return name and content as one: Streamlit sends bytes only by themselves."""
    head = {"name": made.name, "mime": made.mime, "order": uuid.uuid4().hex}
    words = json.dumps(head).encode()
    return len(words).to_bytes(4, "big") + words + made.content


@once_a_process
def _component() -> Any:
    return st.components.v2.component(
        "dongtou_geo.file_order",
        html="<span></span>",
        js=(STATIC / "file_order.js").read_text(encoding="utf-8"),
    )
