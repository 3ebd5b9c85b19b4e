"""The ledger as a file, in the format that its name asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from dongtou_geo.errors import UsageError
from dongtou_geo.formats.boundary_txt_writing import Parcel, write_boundary_txt
from dongtou_geo.formats.export_dxf import write_dxf
from dongtou_geo.formats.export_geojson import write_geojson
from dongtou_geo.formats.export_gpkg import write_gpkg
from dongtou_geo.formats.export_kml import write_kml
from dongtou_geo.formats.export_shapefile import write_shapefile_zip
from dongtou_geo.formats.exporting import Written, published
from dongtou_geo.formats.workbook_writing import write_csv, write_workbook
from dongtou_geo.frames.crs import from_lonlat
from dongtou_geo.services.ledger_export import ACCOUNT, Outgoing, renamed

# Land bureaus here survey in 3-degree zone 40; the TXT keeps the zone before the easting.
ZONE, CENTRAL_MERIDIAN_EPSG, ZONE_EPSG = 40, 4549, 4528
# Their header names no maker but the one who writes the file.
CRS_NAME = "2000国家大地坐标系"
PRODUCER = "洞头区产业空间一张图"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written.

    Parameters
    ----------
    going : Outgoing
        The ledger on a day.
    path : Path
        Where to.
    chinese : bool
        The template's headings instead of the contract's names.
    park_names : mapping of str to str
        Park id to name.
    overwrite : bool
        Whether a file that is there may be replaced.
    """

    going: Outgoing
    path: Path
    chinese: bool
    park_names: Mapping[str, str]
    overwrite: bool = False

    @property
    def cells(self) -> pd.DataFrame:
        """Return the table with the names that were asked for."""
        return renamed(self.going, self.park_names) if self.chinese else self.going.cells


def write_ledger(order: Order) -> Written:
    """Write the ledger in the format of the file's name.

    Parameters
    ----------
    order : Order
        What, and where to.

    Returns
    -------
    Written
        How many rows, and which parcels the format could not hold (未落图).

    Raises
    ------
    UsageError
        If no format has such a name.
    FormatError
        If the file cannot be written; what was there is still there.
    """
    name = order.path.name.lower()
    for suffix, write in _WRITERS.items():
        if name.endswith(suffix):
            return write(order)
    msg = f"文件名“{order.path.name}”的后缀无法识别，应为 {'、'.join(_WRITERS)} 之一"
    raise UsageError(msg)


def _gis(write: Callable[..., Written]) -> Callable[[Order], Written]:
    def written(order: Order) -> Written:
        going = order.going
        return write(
            order.path, order.cells, going.outlines, layer=going.layer, notes=going.notes,
            overwrite=order.overwrite,
        )  # fmt: skip

    return written


def _dxf(order: Order) -> Written:
    going = order.going
    outlines = from_lonlat(going.outlines, CENTRAL_MERIDIAN_EPSG)
    cells = going.cells.rename(columns={ACCOUNT: "status"})
    return write_dxf(
        order.path, cells, outlines, layer=going.layer, epsg=CENTRAL_MERIDIAN_EPSG,
        notes=going.notes, overwrite=order.overwrite,
    )  # fmt: skip


def _txt(order: Order) -> Written:
    going = order.going
    metres = from_lonlat(going.outlines, ZONE_EPSG)
    drawn = ~shapely.is_missing(going.outlines)
    cells = going.cells
    parcels: list[Parcel] = [
        (
            str(cells["parcel_no"].iloc[at]),
            str(cells["occupant"].iloc[at] or ""),
            "",
            str(cells["land_use_code"].iloc[at] or ""),
            metres[at],
        )
        for at in np.flatnonzero(drawn)
    ]
    with published(order.path, overwrite=order.overwrite) as part:
        write_boundary_txt(
            part, parcels, crs_name=CRS_NAME, degree=3, zone=ZONE,
            producer=PRODUCER, produced_on=going.as_of,
        )  # fmt: skip
    return Written(len(parcels), tuple(cells["parcel_no"][~drawn]))


def _xlsx(order: Order) -> Written:
    cells = order.cells
    with published(order.path, overwrite=order.overwrite) as part:
        write_workbook(
            part, order.going.layer, _headings(cells), _rows(cells), notes=order.going.notes
        )
    return Written(len(cells))


def _csv(order: Order) -> Written:
    cells = order.cells
    with published(order.path, overwrite=order.overwrite) as part:
        write_csv(part, _headings(cells), _rows(cells))
    return Written(len(cells))


def _headings(cells: pd.DataFrame) -> list[str]:
    return [str(column) for column in cells.columns]


def _rows(cells: pd.DataFrame) -> Iterable[Sequence[object]]:
    return cells.itertuples(index=False, name=None)


_WRITERS: dict[str, Callable[[Order], Written]] = {
    ".gpkg": _gis(write_gpkg),
    ".shp.zip": _gis(write_shapefile_zip),
    ".geojson": _gis(write_geojson),
    ".dxf": _dxf,
    ".kml": _gis(write_kml),
    ".kmz": _gis(write_kml),
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".txt": _txt,
}
KNOWN_SUFFIXES: tuple[str, ...] = tuple(_WRITERS)
