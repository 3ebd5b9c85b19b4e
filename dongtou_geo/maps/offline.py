"""Leaflet from our own route: folium's addresses on the internet are replaced before any map.

Notes
-----
A stock folium map asks CDN hosts for Leaflet; without internet st_folium draws nothing and
says nothing. Files come from the PyPI package XStatic-Leaflet, the very version folium uses.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import folium

STATIC = Path(__file__).resolve().parent / "static"
SCRIPTS = (
    "map.js",
    "symbols.js",
    "mvt.js",
    "paint.js",
    "tiles.js",
    "touch.js",
    "time.js",
    "labels.js",
    "card.js",
)
STYLES = ("map.css",)


@dataclass(frozen=True, slots=True)
class AssetFolders:
    """Folders behind /assets/leaflet and /assets/map."""

    leaflet: Path | None
    own: Path = STATIC

    def missing(self) -> list[str]:
        """Name the files without which the map cannot be drawn."""
        needed = [(self.own, name) for name in (*SCRIPTS, *STYLES)]
        if self.leaflet is None:
            lost = ["Python 包 XStatic-Leaflet"]
        else:
            lost = []
            needed += [(self.leaflet, "leaflet.js"), (self.leaflet, "leaflet.css")]
        return lost + [
            str(folder / name) for folder, name in needed if not (folder / name).is_file()
        ]


@cache
def asset_folders() -> AssetFolders:
    """Find the folders that hold the map's files."""
    try:
        module = import_module("xstatic.pkg.leaflet")
    except ModuleNotFoundError:
        return AssetFolders(leaflet=None)
    return AssetFolders(leaflet=Path(module.BASE_DIR))


def point_folium_at(prefix: str) -> None:
    """Make every folium map load its files from our own routes.

    Parameters
    ----------
    prefix : str
        Path prefix of the app, "" or "/gis".
    """
    version = _version()
    own = f"{prefix}/assets/map"
    folium.Map.default_js = [
        ("leaflet", f"{prefix}/assets/leaflet/leaflet.js"),
        *((name, f"{own}/{name}?v={version}") for name in SCRIPTS),
    ]
    folium.Map.default_css = [
        ("leaflet_css", f"{prefix}/assets/leaflet/leaflet.css"),
        *((name, f"{own}/{name}?v={version}") for name in STYLES),
    ]


def _version() -> str:
    digest = hashlib.sha256()
    for name in (*SCRIPTS, *STYLES):
        path = STATIC / name
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()[:12]
