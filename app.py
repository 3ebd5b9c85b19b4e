"""The door: one ASGI app = the pages + the mounted HTTP routes, on one port.

``python -m dongtou_geo serve`` (uvicorn) is the one to start; ``streamlit run app.py`` works too.
"""

from __future__ import annotations

import sys

import streamlit as st
import streamlit.config
from starlette.middleware import Middleware

from dongtou_geo import settings
from dongtou_geo.api.guard import LoopbackOnly
from dongtou_geo.api.known_pages import KnownPages
from dongtou_geo.api.routes import OWN_PREFIXES, routes
from dongtou_geo.maps.documents import app_documents
from dongtou_geo.maps.offline import point_folium_at
from dongtou_geo.services.shelf import app_shelf
from dongtou_geo.tiles.standing import app_tiles

# Files and tiles are answered while a page is being computed in another thread: with Python's own
# 5 ms each of their few steps would wait that long for its turn.
sys.setswitchinterval(0.001)
_chosen = settings.from_environment()
settings.checked_host(st.get_option("server.address") or "127.0.0.1")
# Streamlit does not put its base path before our routes: one prefix serves both.
streamlit.config.set_option("server.baseUrlPath", _chosen.prefix.strip("/"))
point_folium_at(_chosen.prefix)
# The first page asks for tiles at once: by then they are being made, or are there.
app_tiles().look()

app = st.App(
    settings.ROOT / "dongtou_geo" / "ui" / "script" / "main.py",
    routes=routes(app_documents(), app_shelf(), app_tiles(), prefix=_chosen.prefix),
    middleware=[
        Middleware(LoopbackOnly),
        Middleware(KnownPages, prefix=_chosen.prefix, own=OWN_PREFIXES),
    ],
)
