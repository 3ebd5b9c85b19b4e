"""A dataset as an unchecked GeoDataFrame, cells kept as JSON gave them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from dongtou_geo.catalog.features import Feature
from dongtou_geo.frames.schemas import CRS


def raw_frame(
    features: Sequence[Feature],
    geometries: Iterable[BaseGeometry | None],
    *,
    columns: Sequence[str],
) -> gpd.GeoDataFrame:
    """Put features into a frame without judging them.

    Parameters
    ----------
    features : sequence of mapping
        GeoJSON features.
    geometries : iterable of shapely geometry or None
        One a feature, lon/lat in EPSG:4490.
    columns : sequence of str
        Properties to take; one that a feature lacks becomes None, others are left out.

    Returns
    -------
    GeoDataFrame
        For ``frames.validate`` and ``frames.topology``; every property column has dtype object.
    """
    properties = [feature.get("properties") for feature in features]
    rows = [
        [own.get(name) if isinstance(own, dict) else None for name in columns] for own in properties
    ]
    cells = pd.DataFrame(rows, columns=list(columns), dtype=object)
    shapes = np.fromiter(geometries, dtype=object, count=len(features))
    return gpd.GeoDataFrame(cells, geometry=shapes, crs=CRS)


def geometry_of(feature: Feature) -> BaseGeometry | None:
    """Turn a feature's geometry into a shape.

    Parameters
    ----------
    feature : mapping
        A GeoJSON feature.

    Returns
    -------
    shapely geometry or None
        None where the file says null.

    Raises
    ------
    ValueError
        If it cannot be read as a geometry.
    """
    geometry = feature.get("geometry")
    if geometry is None:
        return None
    try:
        return shapely.geometry.shape(geometry)
    except (AttributeError, KeyError, IndexError, TypeError, shapely.errors.ShapelyError) as error:
        msg = str(error)
        raise ValueError(msg) from error
