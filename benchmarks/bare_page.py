"""The page to compare with: one bare st_folium map with three polygons, a click shows its name."""

import folium
import streamlit as st
from streamlit_folium import st_folium

COLOUR = "#124A4A"
SQUARES = {"one": (27.94, 120.93), "two": (27.83, 121.13), "three": (27.99, 121.05)}


def _square(name: str, lat: float, lon: float) -> dict[str, object]:
    ring = [
        [lon, lat],
        [lon + 0.02, lat],
        [lon + 0.02, lat + 0.015],
        [lon, lat + 0.015],
        [lon, lat],
    ]
    return {
        "type": "Feature",
        "properties": {"id": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


st.set_page_config(layout="wide")
bare = folium.Map(location=[27.9, 121.05], zoom_start=11, tiles=None)
folium.GeoJson(
    {"type": "FeatureCollection", "features": [_square(n, *at) for n, at in SQUARES.items()]},
    style_function=lambda _feature: {"fillColor": COLOUR, "fillOpacity": 1, "weight": 1},
).add_to(bare)
told = st_folium(
    bare, key="bare", height=600, use_container_width=True, returned_objects=["last_active_drawing"]
)
chosen = (told or {}).get("last_active_drawing")
st.html(f"<p id='figure'>{chosen['properties']['id'] if chosen else ''}</p>")
