"""The map: what the browser needs to draw it, and the folium map that carries it."""
