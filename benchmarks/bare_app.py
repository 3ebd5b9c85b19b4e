"""The bare page behind the same server and the same asset route as ours."""

from pathlib import Path

import streamlit as st
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from dongtou_geo.maps.offline import asset_folders, point_folium_at

point_folium_at("")
app = st.App(
    Path(__file__).with_name("bare_page.py"),
    routes=[
        Mount("/assets/leaflet", StaticFiles(directory=asset_folders().leaflet)),
        Mount("/assets/map", StaticFiles(directory=asset_folders().own)),
    ],
)
