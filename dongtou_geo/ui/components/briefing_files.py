"""汇报 as files: the deck, this sheet as a picture, all of them as a PDF; made when asked for."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dongtou_geo.services.briefing import briefing
from dongtou_geo.services.briefing_sheet import Briefing, Sheet
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.ui import cache
from dongtou_geo.ui.components.file_order import FileOffer, MadeFile, file_buttons, hand_over

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
Make = Callable[[Briefing, Sheet, LedgerView], bytes]


def briefing_files(told: Briefing, sheet_id: str, ledger: LedgerView) -> None:
    """Show the buttons.

    Parameters
    ----------
    told : Briefing
        What the page shows.
    sheet_id : str
        The sheet that is shown.
    ledger : LedgerView
        Which it was written from.
    """

    def offer(label: str, mime: str, kind: str, make: Make) -> FileOffer:
        def made(view: LedgerView) -> MadeFile:
            # The page's own figures, unless the ledger has changed since they were written.
            now = told if view is ledger else briefing(cache.atlas(), view, told.as_of)
            name = f"洞头区产业用地投产情况-{now.as_of}{'-示例' if now.stamp.sample else ''}"
            sheet = now.sheet(sheet_id) or now.sheets[0]
            own = f"-{sheet.name}" if kind == "png" else ""
            return MadeFile(f"{name}{own}.{kind}", mime, make(now, sheet, view))

        return FileOffer(label, f"briefing-{kind}", made)

    offers = (
        offer("下载 PPTX", PPTX, "pptx", _deck),
        offer("本页 PNG", "image/png", "png", _png),
        offer("全部 PDF", "application/pdf", "pdf", _pdf),
    )
    with st.container(key="briefing-files", horizontal=True):
        asked = file_buttons(offers)
    hand_over(asked, ledger)


# matplotlib and python-pptx are seconds of waiting: not for those who only look.
def _deck(told: Briefing, _sheet: Sheet, ledger: LedgerView) -> bytes:
    from dongtou_geo.maps.briefing_map import picture_maker
    from dongtou_geo.reports.deck import deck

    return deck(told, picture_maker(ledger.ledger, told.as_of))


def _png(told: Briefing, sheet: Sheet, ledger: LedgerView) -> bytes:
    from dongtou_geo.maps.briefing_map import press_parts
    from dongtou_geo.reports.paper import Press, sheet_png

    return sheet_png(told, sheet, Press(*press_parts(ledger.ledger, told.as_of)))


def _pdf(told: Briefing, _sheet: Sheet, ledger: LedgerView) -> bytes:
    from dongtou_geo.maps.briefing_map import press_parts
    from dongtou_geo.reports.paper import Press, sheets_pdf

    return sheets_pdf(told, Press(*press_parts(ledger.ledger, told.as_of)))
