"""打开证据: what a figure rests on, over the page that shows it."""

from __future__ import annotations

from datetime import date, datetime

import shapely
import streamlit as st
from markupsafe import Markup

from dongtou_geo.catalog.layers import status_fills
from dongtou_geo.domain.written import moment, mu2, percent, plain
from dongtou_geo.errors import DongtouGeoError, LedgerError
from dongtou_geo.maps.plate import PlateShape, plan_shapes, plate
from dongtou_geo.reports.proof_workbook import proof_workbook
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.proof import prove
from dongtou_geo.services.proof.proof import Column, Proof, Sources, outlines
from dongtou_geo.ui import cache
from dongtou_geo.ui.components import chrome
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.file_order import FileOffer, MadeFile, file_buttons, hand_over
from dongtou_geo.ui.components.proof_address import PROOF_KEY, close_proof
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.state import clipped

ROWS = 100
WIDTH_PX, HEIGHT_PX = 380, 300
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def proof_over(view: LedgerView) -> None:
    """Show the proof that the address asks for, if it asks for one.

    Parameters
    ----------
    view : LedgerView
        The ledger that the page shows.
    """
    word = st.query_params.get(PROOF_KEY)
    if not word:
        return
    sources = Sources(cache.atlas(), view.ledger, view.stamp)
    proof = cache.once("proof", (word,), lambda: prove(sources, word))
    if proof is None:
        chrome.remark(f"地址中的证据“{clipped(word)}”不存在，已略去")
        return
    # A dialog's title is Markdown: a name in it could fetch a picture. The template says it.
    st.dialog("证据", width="large", on_dismiss=close_proof)(_body)(word)


def _body(word: str) -> None:
    """Draw the dialog from the ledger as it stands: it is drawn again without the page under it."""
    try:
        view = cache.ledger()
        sources = Sources(cache.atlas(), view.ledger, view.stamp)
        proof = cache.once("proof", (word,), lambda: prove(sources, word))
        if proof is None:
            chrome.refusal("台账改动后已没有这个数，请关闭后重看本页")
            return
        _shown(sources, proof, word)
    except DongtouGeoError as error:
        chrome.refusal(str(error))
        return
    hand_over(
        file_buttons([FileOffer("下载 XLSX", "proof-xlsx", lambda at: _file(at, word))]), view
    )


def _shown(sources: Sources, proof: Proof, word: str) -> None:
    # A page belongs to its proof: the next one begins at its own first row.
    turned_to, page = st.session_state.get("proof-page", (word, 0))
    page = page if turned_to == word else 0
    first = page * ROWS
    rows = cache.once(
        "proof-rows", (word, page),
        lambda: [table.rows(ROWS, 0 if place else first) for place, table in enumerate(proof.tables)],
    )  # fmt: skip
    tables = list(zip(proof.tables, rows, strict=True))
    html = render(
        "proof.html", proof=proof, stamp=sources.stamp, tables=tables, page=page, size=ROWS,
        picture=cache.once("proof-map", (word,), lambda: _picture(sources, proof)), amount=amount, cell=cell,
    )  # fmt: skip

    def chosen(told: str) -> None:
        if told.startswith("page:"):
            st.session_state["proof-page"] = (word, int(told.removeprefix("page:")))

    clickable("proof-body", html, chosen, sheet="proof")


def _file(view: LedgerView, word: str) -> MadeFile:
    """Prove anew for the file: the ledger may be another one than when the page was drawn."""
    proof = prove(Sources(cache.atlas(), view.ledger, view.stamp), word)
    if proof is None:
        message = "台账改动后已没有这个数，请关闭后重看本页"
        raise LedgerError(message)
    name = f"证据-{proof.title.replace(' · ', '-')}.xlsx"
    return MadeFile(name, XLSX, proof_workbook(proof, view.stamp))


def amount(value: float | None, unit: str) -> str:
    """Write a figure in its unit: 亩 with two decimals, a fraction as a percentage.

    Parameters
    ----------
    value : float or None
        None = 未填报.
    unit : str
        As for ``Term``.
    """
    if unit == "%":
        return percent(value)
    if unit == "亩":
        return mu2(value)
    return "未填报" if value is None else f"{value:,.10g}"


def cell(value: object, column: Column) -> str:
    """Write one cell of a proof's table.

    Parameters
    ----------
    value : object
        As the proof gives it; None = not given.
    column : Column
        Its column.
    """
    if value is None or value == "":
        return "—"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        kinds = {"mu": mu2, "percent": percent}
        return kinds.get(column.kind, plain)(float(value))
    return str(value)


def _picture(sources: Sources, proof: Proof) -> Markup | None:
    drawn = outlines(sources, proof)
    if not drawn:
        return None
    fills = status_fills(cache.layers())
    shapes = [
        PlateShape(
            shapely.from_wkb(wkb), fills[status].fill if status else "#45799F", "#FFFFFF", 0.5,
            title=number,
        )
        for number, wkb, status in drawn
    ]  # fmt: skip
    west, south, east, north = shapely.total_bounds([shape.outline for shape in shapes])
    margin = 0.12 * max(east - west, north - south, 0.004)
    bounds = (west - margin, south - margin, east + margin, north + margin)
    ground = plan_shapes(zones=False)
    return plate([*ground, *shapes], bounds=bounds, width_px=WIDTH_PX, height_px=HEIGHT_PX)
