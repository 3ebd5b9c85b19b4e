"""The JSON documents that the map draws the plan from, encoded once a version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

from dongtou_geo import settings
from dongtou_geo.catalog.layers import load_layers
from dongtou_geo.maps import payload
from dongtou_geo.maps.overview import Addresses

DOCUMENTS = ("plan", "coast")
# What a document looks like is the work of this file: a new one makes a new address, for browsers
# keep the old for a year.
_CODE = Path(payload.__file__)


class MapDocuments:
    """Build the map's documents and keep them until their source changes.

    Parameters
    ----------
    geodata : Path
        Folder of the datasets.
    layers : Path
        Folder of the layer files.
    """

    def __init__(self, *, geodata: Path = settings.GEODATA, layers: Path = settings.LAYERS) -> None:
        self._geodata = geodata
        self._layers = layers
        self._held: dict[str, tuple[str, bytes]] = {}

    def document(self, name: str) -> tuple[str, bytes]:
        """Return a document's version and bytes.

        Parameters
        ----------
        name : {"plan", "coast"}
            Which one.

        Raises
        ------
        DongtouGeoError
            If the plan cannot be read.
        """
        version, build = self._source(name)
        held = self._held.get(name)
        if held is None or held[0] != version:
            held = (
                version,
                json.dumps(build(), ensure_ascii=False, separators=(",", ":")).encode(),
            )
            self._held[name] = held
        return held

    def addresses(self, prefix: str) -> Addresses:
        """Return where the browser fetches each document; a new version is a new address."""
        base = f"{prefix}/assets/data"
        plan, coast = (f"{base}/{name}.json?v={self._source(name)[0]}" for name in DOCUMENTS)
        return Addresses(plan, coast, data_url=base, tiles_url=f"{prefix}/tiles/parcels")

    def _source(self, name: str) -> tuple[str, Callable[[], object]]:
        if name == "coast":
            path = self._geodata / "coast.geojson"
            return _fingerprint([path]), lambda: payload.read_source(path)
        files = [*self._geodata.glob("*.geojson"), *self._layers.glob("*.toml"), _CODE]
        return _fingerprint(files), lambda: payload.plan_document(
            load_layers(self._layers), geodata=self._geodata
        )


@cache
def app_documents() -> MapDocuments:
    """Return the documents of the running app, shared by pages and routes."""
    return MapDocuments()


def _fingerprint(files: list[Path]) -> str:
    """Tell whether files changed, by name, time and size: reading megabytes a rerun is too slow."""
    stats = (
        (path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files if path.exists()
    )
    return _digest(sorted(stats))


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]
