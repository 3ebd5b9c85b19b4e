"""The bare page behind the same server and the same asset route as ours."""

from pathlib import Path

import folium
import streamlit as st
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from dongtou_geo.maps.offline import asset_folders

# Leaflet alone: our own scripts are not part of a bare map.
folium.Map.default_js = [("leaflet", "/assets/leaflet/leaflet.js")]
folium.Map.default_css = [("leaflet_css", "/assets/leaflet/leaflet.css")]
app = st.App(
    Path(__file__).with_name("bare_page.py"),
    routes=[
        Mount("/assets/leaflet", StaticFiles(directory=asset_folders().leaflet)),
    ],
)
