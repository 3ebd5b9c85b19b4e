"""对比分析: two days, one day by two moments' knowledge, and the log of what was recorded."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dongtou_geo.services.progress import LedgerView
from dongtou_geo.ui import cache
from dongtou_geo.ui.compare_address import Bounds, CompareAddress, compare_params, read_compare
from dongtou_geo.ui.components import chrome
from dongtou_geo.ui.components.compare_controls import controls
from dongtou_geo.ui.components.compare_log import log
from dongtou_geo.ui.components.compare_looks import looks
from dongtou_geo.ui.state import Defaults, read_view, view_params


def page(ledger: LedgerView) -> None:
    """Show the page.

    Parameters
    ----------
    ledger : LedgerView
        The ledger as it stands now.
    """
    as_of = cache.default_as_of(ledger)
    defaults = Defaults(as_of, max(as_of, cache.today()), (), (), exists=lambda _id: True)
    params = st.query_params.to_dict()
    view = read_view(params, defaults)
    parks = {park.id: park.name for park in cache.atlas().book.parks}
    bounds = Bounds(view.as_of, defaults.latest, parks)
    address = read_compare(params, bounds)

    def go(changed: CompareAddress) -> None:
        st.query_params.from_dict(
            {**view_params(view, defaults), **compare_params(changed, bounds)}
        )

    chrome.remarks(replace(view, remarks=(*view.remarks, *address.remarks)))
    controls(address, parks, bounds.latest, go)
    if ledger.ledger is None:
        st.html('<p class="dtg-source">尚无台账：可在“数据入库”导入，台账随之建立</p>')
    elif address.mode == "log":
        log(address, ledger.ledger, ledger.stamp, go)
    else:
        looks(address, ledger, go)
    chrome.standing_line()
