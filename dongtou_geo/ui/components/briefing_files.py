"""汇报 as files: the deck, this sheet as a picture, all of them as a PDF; made when asked for."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dongtou_geo.services.briefing_sheet import Briefing
from dongtou_geo.services.progress import LedgerView

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def briefing_files(told: Briefing, sheet_id: str, ledger: LedgerView) -> None:
    """Show the buttons.

    Parameters
    ----------
    told : Briefing
        What they hold.
    sheet_id : str
        The sheet that is shown.
    ledger : LedgerView
        For the parcels on the maps.
    """
    name = f"洞头区产业用地投产情况-{told.as_of}{'-示例' if told.stamp.sample else ''}"
    sheet = told.sheet(sheet_id) or told.sheets[0]
    files: list[tuple[str, Callable[[], bytes], str, str]] = [
        ("下载 PPTX", lambda: _deck(told, ledger), f"{name}.pptx", PPTX),
        ("本页 PNG", lambda: _png(told, sheet.id, ledger), f"{name}-{sheet.name}.png", "image/png"),
        ("全部 PDF", lambda: _pdf(told, ledger), f"{name}.pdf", "application/pdf"),
    ]
    with st.container(key="briefing-files", horizontal=True):
        for label, make, file, mime in files:
            st.download_button(
                label, data=make, file_name=file, mime=mime, key=f"briefing-{mime}",
                on_click="ignore",
            )  # fmt: skip


# matplotlib and python-pptx are seconds of waiting: not for those who only look.
def _deck(told: Briefing, ledger: LedgerView) -> bytes:
    from dongtou_geo.maps.briefing_map import picture_maker
    from dongtou_geo.reports.deck import deck

    return deck(told, picture_maker(ledger.ledger, told.as_of))


def _png(told: Briefing, sheet_id: str, ledger: LedgerView) -> bytes:
    from dongtou_geo.maps.briefing_map import press_parts
    from dongtou_geo.reports.paper import Press, sheet_png

    sheet = told.sheet(sheet_id) or told.sheets[0]
    return sheet_png(told, sheet, Press(*press_parts(ledger.ledger, told.as_of)))


def _pdf(told: Briefing, ledger: LedgerView) -> bytes:
    from dongtou_geo.maps.briefing_map import press_parts
    from dongtou_geo.reports.paper import Press, sheets_pdf

    return sheets_pdf(told, Press(*press_parts(ledger.ledger, told.as_of)))
