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
SCRIPT, STYLE = "all.js", "all.css"
BUNDLES = {SCRIPT: SCRIPTS, STYLE: STYLES}


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
    own = f"{prefix}/assets/map"
    leaflet = f"{prefix}/assets/leaflet"
    folium.Map.default_js = [("leaflet", f"{leaflet}/leaflet.js")]
    folium.Map.default_css = [("leaflet_css", f"{leaflet}/leaflet.css")]
    for bundle, listed in ((SCRIPT, folium.Map.default_js), (STYLE, folium.Map.default_css)):
        listed.append((bundle, f"{own}/{bundle}?v={bundled(bundle)[0]}"))


def bundled(name: str, folder: Path = STATIC) -> tuple[str, bytes]:
    """Return the version and the bytes of all our scripts, or all our styles, as one file.

    Parameters
    ----------
    name : {"all.js", "all.css"}
        Which.
    folder : Path, optional
        Where they lie.

    Notes
    -----
    st_folium loads scripts one after another: nine of them cost nine round trips before the map
    is drawn. A file that is gone is left out here; the page names it before it shows a map.
    """
    parts = [folder / part for part in BUNDLES[name]]
    # The semicolon ends a script that forgot to; in a style sheet it would be a mistake.
    glue = b"\n;\n" if name == SCRIPT else b"\n"
    body = glue.join(part.read_bytes() for part in parts if part.is_file())
    return hashlib.sha256(body).hexdigest()[:12], body
