"""The plan's outlines for a plate, in the colours of their layers."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import shapely

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import dataset_path
from dongtou_geo.catalog.features import FeatureRecord, read_records
from dongtou_geo.catalog.layers import Label, Layer, load_layers
from dongtou_geo.errors import DatasetError
from dongtou_geo.maps.plate_parts import PlateShape

# Reclamation is drawn as land, so above the coast; the same order as on 一张图.
DRAWN = ("coast", "reclamation", "zones", "parks")


def plan_shapes(
    *,
    coast: bool = True,
    zones: bool = True,
    parks: bool = True,
    reclamation: bool = True,
    geodata: Path = settings.GEODATA,
    layers: Path = settings.LAYERS,
) -> list[PlateShape]:
    """Return the plan's outlines as the layers draw them, with their names as labels.

    Parameters
    ----------
    coast, zones, parks, reclamation : bool
        Which of them.
    geodata, layers : Path
        Folders of the datasets and of the layer files.

    Returns
    -------
    list of PlateShape
        Bottom first. None is clickable: give ``select`` to those that are, by ``feature_id``.
        The parent of four reclamation areas is left out, as it is these four once more.

    Raises
    ------
    DatasetError
        If a dataset or a layer cannot be read.
    """
    wanted = dict(zip(DRAWN, (coast, reclamation, zones, parks), strict=True))
    style = {layer.dataset: layer for layer in load_layers(layers)}
    return [
        shape
        for dataset_id in DRAWN
        if wanted[dataset_id] and dataset_id in style
        for shape in _shapes(dataset_path(geodata, dataset_id), style[dataset_id])
    ]


def plan_credit(*, layers: Path = settings.LAYERS) -> str:
    """Return whom the outlines of a plate are owed to; it stands under every plate.

    Parameters
    ----------
    layers : Path
        Folder of the layer files.
    """
    credits = [layer.credit for layer in load_layers(layers) if layer.credit]
    return "；".join(dict.fromkeys(credits))


def _shapes(path: Path, layer: Layer) -> list[PlateShape]:
    try:
        stat = path.stat()
    except OSError as error:
        msg = f"{path.name}：文件不存在或读不出，应在 {path}"
        raise DatasetError(msg) from error
    features = _features(path, stat.st_mtime_ns, stat.st_size)
    parents = {record.properties.get("parent_id") for record, _outline in features}
    return [
        _shape(record, outline, layer)
        for record, outline in features
        if record.properties.get("id") not in parents
    ]


@lru_cache(maxsize=16)
def _features(
    path: Path, _changed_ns: int, _size: int
) -> list[tuple[FeatureRecord, shapely.geometry.base.BaseGeometry]]:
    """Read a dataset once for as long as its file stays the same."""
    try:
        return [
            (record, shapely.geometry.shape(record.geometry))  # type: ignore[arg-type]
            for record in read_records(path)
        ]
    except (AttributeError, LookupError, TypeError, shapely.errors.ShapelyError) as error:
        msg = f"{path.name} 有要素的图形读不出（{error}）；请运行 python -m dongtou_geo check"
        raise DatasetError(msg) from error


def _shape(
    record: FeatureRecord, outline: shapely.geometry.base.BaseGeometry, layer: Layer
) -> PlateShape:
    style, props = layer.style, record.properties
    label = layer.label or Label(size=12, color=style.stroke)
    at = props.get("label_point")
    name = str(props["name"]) if "name" in props else None
    return PlateShape(
        outline=outline,
        fill=style.fill,
        stroke=style.stroke,
        stroke_px=style.weight,
        hatch=style.hatch,
        dash=style.dash,
        title=name,
        label=name.split("（", maxsplit=1)[0] if name and layer.label else None,
        label_px=label.size,
        label_spacing_px=label.spacing,
        label_colour=label.color,
        label_rank=label.priority,
        label_at=(at[0], at[1]) if at else None,
        feature_id=props.get("id"),
    )
