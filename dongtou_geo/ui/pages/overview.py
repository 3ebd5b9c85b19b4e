"""一张图: the plan and the parcels on the map, the selection's figures beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit_folium import st_folium

from dongtou_geo import settings
from dongtou_geo.catalog.layers import status_fills
from dongtou_geo.domain.progress import Progress
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.maps.documents import app_documents
from dongtou_geo.maps.offline import asset_folders
from dongtou_geo.maps.overview import MapState, base_map, state_group
from dongtou_geo.services.dossier import Atlas, is_known, open_dossier
from dongtou_geo.services.progress import LedgerView, progress, unreported
from dongtou_geo.ui import cache
from dongtou_geo.ui.components import chrome, hover, parcels
from dongtou_geo.ui.components.as_of import as_of_control
from dongtou_geo.ui.components.panel import panel, panel_html
from dongtou_geo.ui.state import Defaults, View, read_view, view_params

MAP_KEY = "map-view"
BEHIND = (
    '<p class="dtg-behind">'
    "地图正在载入……若长时间空白，请刷新页面，或联系管理员检查 /assets/ 地址。</p>"
)


def page(ledger: LedgerView) -> None:
    """Show the page, or say which of the map's files are missing.

    Parameters
    ----------
    ledger : LedgerView
        The ledger as it stands now.
    """
    missing = asset_folders().missing()
    if missing:
        files = "、".join(missing)
        # start.py alone would not install again: its stamp says that all is there.
        again = "请删除 .venv 文件夹后重新运行 python3 start.py"
        chrome.refusal(f"地图缺少文件，无法绘出：{files}。{again}。")
        return
    atlas = cache.atlas()
    defaults = _defaults(atlas, ledger)
    view = read_view(st.query_params.to_dict(), defaults)

    def go(changed: View) -> None:
        st.query_params.from_dict(view_params(changed, defaults))

    as_of_place, map_place = st.container(), st.container(key="map")
    first = MAP_KEY not in st.session_state
    if first:
        # A map takes the browser longest; later the figures are what is waited for.
        _map(map_place, ledger, atlas, view, go)
    with as_of_place:
        as_of_control(
            view.as_of, defaults.as_of, defaults.latest, lambda day: go(replace(view, as_of=day))
        )
    chrome.remarks(view)
    dossier = cache.once(
        "dossier",
        (view.selected, view.as_of),
        lambda: open_dossier(atlas, ledger, view.selected, view.as_of),
    )
    if dossier is not None:
        html = panel_html(dossier, ledger, view.as_of, status_fills(cache.layers()))
        with st.container(key="panel-side"):
            panel(html, lambda chosen: go(replace(view, selected=chosen)))
    if not first:
        _map(map_place, ledger, atlas, view, go)


def _defaults(atlas: Atlas, ledger: LedgerView) -> Defaults:
    layers = cache.layers()
    as_of = cache.default_as_of(ledger)
    return Defaults(
        as_of=as_of,
        latest=max(as_of, cache.today()),
        layers=[layer.id for layer in layers if layer.visible],
        layer_ids=[layer.id for layer in layers],
        exists=lambda feature_id: is_known(atlas, ledger, feature_id),
    )


def _map(
    place: DeltaGenerator,
    ledger: LedgerView,
    atlas: Atlas,
    view: View,
    go: Callable[[View], None],
) -> None:
    def _told() -> None:
        message = (st.session_state.get(MAP_KEY) or {}).get("last_active_drawing") or {}
        current = read_view(st.query_params.to_dict(), _defaults(atlas, ledger))
        if message.get("event") == "select":
            go(replace(current, selected=parcels.feature_id(message.get("id"))))
        elif message.get("event") == "as_of":
            go(replace(current, as_of=parcels.day_told(message, current.as_of)))
        elif message.get("event") == "layers":
            go(replace(current, layers=tuple(message.get("layers") or ())))

    prefix = settings.from_environment().prefix
    latest = _defaults(atlas, ledger).latest
    with place:
        st.html(BEHIND)
        st_folium(
            base_map(app_documents().addresses(prefix)),
            key=MAP_KEY,
            height=600,
            use_container_width=True,
            returned_objects=["last_active_drawing"],
            feature_group_to_add=state_group(_state(ledger, atlas, view, latest)),
            on_change=_told,
        )


def _rows(ledger: LedgerView, atlas: Atlas, as_of: date) -> tuple[list[Progress], list[Progress]]:
    return progress(atlas.book, ledger, as_of=as_of), progress(
        atlas.book, ledger, as_of=as_of, by="zone"
    )


def _state(ledger: LedgerView, atlas: Atlas, view: View, latest: date) -> MapState:
    rows, zones = cache.once("map-rows", (view.as_of,), lambda: _rows(ledger, atlas, view.as_of))
    silent = unreported(rows)
    totals = {status.value: sum(row.by_status_mu[status] for row in rows) for status in STATUSES}
    return MapState(
        as_of=view.as_of.isoformat(),
        selected=view.selected,
        layers=list(view.layers),
        hover={
            row.id: hover.one_figure(row, silent.get(row.id)) for row in (*rows, *zones) if row.id
        },
        source=hover.source(ledger.stamp, view.as_of),
        unrecorded=[row.id for row in rows if row.id and row.recorded_mu == 0],
        status_mu={status: round(mu, 1) for status, mu in totals.items()},
        **parcels.drawn(ledger, view, latest),
    )
