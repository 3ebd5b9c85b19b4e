"""What the plan says that an intake needs: parks, their names and indicative outlines."""

from __future__ import annotations

import json

import shapely

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import dataset_path
from dongtou_geo.catalog.features import read_records
from dongtou_geo.services.intake.choices import Ground

SURVEYED = "surveyed"


def ground() -> Ground:
    """Read the parks from geodata/.

    Raises
    ------
    DatasetError
        If the file cannot be read.
    """
    parks = read_records(dataset_path(settings.GEODATA, "parks"))
    names = {park.text("id"): park.text("name") for park in parks}
    outlines: dict[bool, dict[str, tuple[str, shapely.Geometry]]] = {True: {}, False: {}}
    for park in parks:
        if park.geometry is not None:
            outline = shapely.from_geojson(json.dumps(park.geometry))
            outlines[park.text("fidelity") == SURVEYED][park.text("id")] = (
                park.text("name"),
                outline,
            )
    return Ground(names, outlines[False], outlines[True])
