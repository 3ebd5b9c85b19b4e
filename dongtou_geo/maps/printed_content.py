"""What a printed map draws: layers that are on, their outlines projected, and what must be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import dataset_path
from dongtou_geo.catalog.features import FeatureRecord, read_records
from dongtou_geo.catalog.layers import LEDGER_DATASET, Layer, load_layers
from dongtou_geo.errors import UsageError
from dongtou_geo.maps.printed_ground import Bounds, Shapes, in_metres, point_in_metres
from dongtou_geo.services.dossier import PARCEL_PREFIX
from dongtou_geo.services.map_sheet import MapSheet

# Of a project, which is a point: so many metres around it.
AROUND_POINT_M = 1_500


@dataclass(frozen=True, slots=True)
class Content:
    """What is drawn.

    Parameters
    ----------
    layers : list of Layer
        That are on, bottom first.
    records : dict of str to list of FeatureRecord
        By dataset.
    shapes : dict of str to ndarray of shapely geometry
        The same in metres of the map's projection; None where there is no geometry.
    parcels : ndarray of shapely geometry
        Those with an outline, in metres.
    drawn : ndarray of bool
        Which of the sheet's parcels those are.
    """

    layers: list[Layer]
    records: dict[str, list[FeatureRecord]]
    shapes: dict[str, Shapes]
    parcels: Shapes
    drawn: NDArray[np.bool_]

    def row_of(self, sheet: MapSheet, feature_id: str) -> int:
        """Return which of ``parcels`` a parcel is.

        Parameters
        ----------
        sheet : MapSheet
            What is shown.
        feature_id : str
            ``parcel:`` and its number.

        Raises
        ------
        UsageError
            If it has no outline.
        """
        row = sheet.parcels.numbers.index(feature_id.removeprefix(PARCEL_PREFIX))
        if not self.drawn[row]:
            msg = f"--select {feature_id}：这个地块未落图，图上没有它的位置"
            raise UsageError(msg)
        return int(np.count_nonzero(self.drawn[:row]))


def read_content(sheet: MapSheet, on: tuple[str, ...] | None) -> Content:
    """Read and project what a map draws.

    Parameters
    ----------
    sheet : MapSheet
        What it shows.
    on : tuple of str or None
        Layers that are on; None = as the layer files say.

    Raises
    ------
    DatasetError
        If a layer or dataset cannot be read.
    """
    layers = [layer for layer in load_layers() if (layer.visible if on is None else layer.id in on)]
    records, shapes = {}, {}
    # Zones carry the points under which unplaced projects stand, drawn or not.
    for name in sorted({layer.dataset for layer in layers} - {LEDGER_DATASET} | {"zones", "parks"}):
        records[name] = read_records(dataset_path(settings.GEODATA, name))
        found = [
            None if record.geometry is None else shapely.geometry.shape(dict(record.geometry))
            for record in records[name]
        ]
        shapes[name] = in_metres(np.array([*found, None], dtype=object)[:-1])
    drawn = sheet.parcels.drawn
    parcels = in_metres(np.asarray(shapely.from_wkb(sheet.parcels.outlines[drawn]), dtype=object))
    return Content(layers, records, shapes, parcels, drawn)


def bounds_of(sheet: MapSheet, content: Content, selected: str | None) -> Bounds:
    """Return what must be seen, metres: the selection, or all that the plan draws.

    Parameters
    ----------
    sheet : MapSheet
        What is shown.
    content : Content
        What is drawn.
    selected : str or None
        Feature id; None = 全区.

    Raises
    ------
    UsageError
        If the selection has no place on a map.
    """
    if selected is not None and selected.startswith(PARCEL_PREFIX):
        return _grown(content.parcels[content.row_of(sheet, selected)], 1.5)
    if selected is not None:
        for name in ("zones", "parks", "reclamation", "projects"):
            records = content.records.get(name) or read_records(
                dataset_path(settings.GEODATA, name)
            )
            for record in records:
                if record.properties.get("id") == selected:
                    return _feature_bounds(record, selected)
    plan = np.concatenate([content.shapes[n] for n in ("zones", "parks")])
    return tuple(float(edge) for edge in shapely.total_bounds(plan))  # type: ignore[return-value]


def _feature_bounds(record: FeatureRecord, selected: str) -> Bounds:
    if record.geometry is None:
        msg = f"--select {selected}：它未上图，图上没有它的位置"
        raise UsageError(msg)
    if record.geometry["type"] == "Point":
        east, north = point_in_metres(*record.geometry["coordinates"])
        half = AROUND_POINT_M
        return (east - half, north - half, east + half, north + half)
    shape = shapely.geometry.shape(dict(record.geometry))
    return _grown(in_metres(np.array([shape], dtype=object))[0], 0.05)


def _grown(shape: Any, share: float) -> Bounds:
    west, south, east, north = shapely.bounds(shape)
    by = share * max(east - west, north - south)
    return (west - by, south - by, east + by, north + by)
