"""Outlines laid out flat: read from WKB without objects, or taken apart by shapely, the same."""

import struct
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import shapely

from dongtou_geo.tiles.columns import DrawnParcels, ParcelColumns, parcel_columns
from tests.tiles.land import LAT, LON, box, drawn

PLAIN = box(0, 0, 100, 100)
HOLED = shapely.Polygon(
    [(LON, LAT), (LON, LAT + 0.003), (LON + 0.003, LAT + 0.003), (LON + 0.003, LAT)],
    [[(LON + 0.001, LAT + 0.001), (LON + 0.002, LAT + 0.001), (LON + 0.001, LAT + 0.002)]],
)
SEVERAL = shapely.MultiPolygon([shapely.affinity.translate(HOLED, 0.01), PLAIN])
TRIANGLE = shapely.Polygon([(LON, LAT), (LON + 0.001, LAT), (LON, LAT + 0.001)])
EVERY_KIND = [PLAIN, HOLED, TRIANGLE, None, SEVERAL, shapely.Polygon(), PLAIN.reverse(), TRIANGLE]


def columns_of(outlines: list[object]) -> ParcelColumns:
    shapes = np.empty(len(outlines), dtype=object)
    shapes[:] = outlines
    count = len(outlines)
    return parcel_columns(replace(_land(count), outlines=shapes))


def _land(count: int) -> DrawnParcels:
    return drawn([PLAIN] * count, [[(6000, 3)]] * count)


def same(one: ParcelColumns, other: ParcelColumns) -> None:
    for field in fields(ParcelColumns):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        np.testing.assert_array_equal(mine, theirs, err_msg=field.name)
        assert mine.dtype == theirs.dtype, field.name


def written(outline: Any, **how: Any) -> Any:
    return None if outline is None else shapely.to_wkb(outline, **how)


@pytest.mark.parametrize(
    "order", [EVERY_KIND, EVERY_KIND[::-1], [HOLED, SEVERAL], [PLAIN], [None, PLAIN]]
)
def test_wkb_of_every_kind_gives_what_its_shapes_give(order: list[object]) -> None:
    same(columns_of([written(outline) for outline in order]), columns_of(order))


@pytest.mark.parametrize(
    "how", [{"byte_order": 0}, {"include_srid": True}, {"output_dimension": 3}]
)
def test_wkb_of_another_hand_is_read_too(how: dict[str, object]) -> None:
    outline = shapely.set_srid(shapely.force_3d(PLAIN, 4.0), 4490)
    same(columns_of([written(outline, **how), written(TRIANGLE)]), columns_of([PLAIN, TRIANGLE]))


def test_all_unmapped_parcels_draw_nothing() -> None:
    columns = columns_of([None, None])
    assert len(columns) == 2
    assert (columns.bounds[:, 0] > columns.bounds[:, 2]).all()


@pytest.mark.parametrize("cut", [1, 12, 40, -1, -16])
def test_wkb_that_is_cut_off_is_an_error_and_no_other_shape(cut: int) -> None:
    with pytest.raises(shapely.errors.GEOSException):
        columns_of([written(PLAIN), written(PLAIN)[:cut]])


def test_a_ring_that_does_not_close_is_an_error() -> None:
    corners = [(LON, LAT), (LON + 0.001, LAT), (LON, LAT + 0.001), (LON + 0.001, LAT + 0.001)]
    open_ring = struct.pack("<BIII", 1, 3, 1, 4) + struct.pack("<8d", *np.ravel(corners))
    with pytest.raises(shapely.errors.GEOSException):
        columns_of([open_ring])
