"""Read tiles with decoders that are not ours: GDAL's, and mapbox-vector-tile where it is there.

mapbox-vector-tile 2.2.0 wants an older protobuf than the app's, so it cannot be pinned beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pandas as pd
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

from dongtou_geo.tiles.address import EXTENT


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature in tile units, y southward, with its numbers in the order of their keys."""

    id: int
    geometry: BaseGeometry
    numbers: list[int]


Decoder = Callable[[bytes], dict[str, list[Feature]]]


def by_gdal(tile: bytes) -> dict[str, list[Feature]]:
    layers = {}
    for name in pyogrio.list_layers(tile)[:, 0]:
        # GDAL would cut the buffer off.
        frame = pyogrio.read_dataframe(tile, layer=name, CLIP="NO")
        down = shapely.transform(frame.geometry.to_numpy(), lambda at: at * [1, -1] + [0, EXTENT])
        rows = frame.drop(columns="geometry").to_dict("records")
        layers[name] = [
            Feature(int(row.pop("mvt_id")), shape, _numbers(row))
            for row, shape in zip(rows, down, strict=True)
        ]
    return layers


def by_mapbox(tile: bytes) -> dict[str, list[Feature]]:
    decode = import_module("mapbox_vector_tile").decode
    return {
        name: [
            Feature(
                feature["id"],
                shapely.geometry.shape(feature["geometry"]),
                _numbers(feature["properties"]),
            )
            for feature in layer["features"]
        ]
        for name, layer in decode(tile, default_options={"y_coord_down": True}).items()
    }


def _numbers(properties: dict[str, Any]) -> list[int]:
    by_place = {int(key[1:]): value for key, value in properties.items() if not pd.isna(value)}
    assert sorted(by_place) == list(range(len(by_place)))
    return [int(by_place[place]) for place in range(len(by_place))]


DECODERS: list[Decoder] = [by_gdal]
if find_spec("mapbox_vector_tile"):
    DECODERS.append(by_mapbox)
