"""Names, numbers and circles on a printed map, in the order in which they take their places."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from dongtou_geo.catalog.features import FeatureRecord
from dongtou_geo.catalog.layers import LEDGER_DATASET, PROJECTS_DATASET, Layer
from dongtou_geo.maps.printed_content import Content
from dongtou_geo.maps.printed_ground import Shapes, View, point_in_metres
from dongtou_geo.maps.printed_labels import LabelBoard, Name, common_start
from dongtou_geo.maps.printed_page import Box, Page
from dongtou_geo.maps.printed_projects import draw_spots, other_spots, stated_spots
from dongtou_geo.services.map_sheet import MapSheet

# Places within an outline that are tried for its name, along its longer side.
_TRIES = 14


def write_names(
    page: Page, view: View, board: LabelBoard, content: Content, sheet: MapSheet
) -> None:
    """Write names and circles: what has its place first, the rest by priority.

    Parameters
    ----------
    page : Page
        The sheet.
    view : View
        What is seen.
    board : LabelBoard
        What is taken already.
    content : Content
        What is drawn.
    sheet : MapSheet
        What is shown.
    """
    on = {layer.dataset: layer for layer in content.layers}
    circles = on.get(PROJECTS_DATASET)
    records = content.records.get(PROJECTS_DATASET, [])
    if circles:
        draw_spots(stated_spots(records, page, view), circles, page, view, board)
    zones = _name_outlines(view, board, on["zones"], content) if "zones" in on else {}
    if circles:
        others = other_spots(records, page, view, zones or _zone_points(view, content))
        draw_spots(others, circles, page, view, board)
    rest = [layer for layer in content.layers if layer.label and layer.dataset != "zones"]
    for layer in sorted(rest, key=lambda layer: layer.label.priority if layer.label else 9):
        if layer.dataset == LEDGER_DATASET:
            _number(view, board, layer, content, sheet)
        elif layer.dataset in content.shapes and layer.dataset != PROJECTS_DATASET:
            _name_outlines(view, board, layer, content)
            if layer.dataset == "parks":
                _keep_off_parks(view, board, content)


def _number(view: View, board: LabelBoard, layer: Layer, content: Content, sheet: MapSheet) -> None:
    """Write parcels' numbers; what all in sight begin with is told once, under the map."""
    seen = shapely.intersects(content.parcels, shapely.box(*view.bounds))
    drawn = np.flatnonzero(content.drawn)[seen]
    numbers = [sheet.parcels.numbers[row] for row in drawn]
    start = common_start(numbers)
    short = [number.removeprefix(start) for number in numbers]
    if layer.label and board.numbers(short, content.parcels[seen], layer.label) and start:
        board.remarks.append(f"图上地块号省略了开头的“{start}”")


def _name_outlines(view: View, board: LabelBoard, layer: Layer, content: Content) -> dict[str, Box]:
    """Write the names of a layer's outlines; return where those that found a place stand."""
    placed: dict[str, Box] = {}
    if layer.label is None or view.zoom < layer.label.min_zoom:
        return placed
    records = content.records[layer.dataset]
    parks = shapely.union_all(content.shapes["parks"])
    # What is its parts once more has no name of its own beside theirs.
    parents = {record.properties.get("parent_id") for record in records}
    for record, shape in zip(records, content.shapes[layer.dataset], strict=True):
        named = "name" in record.properties and record.properties["id"] not in parents
        if shape is None or not named or not shapely.intersects(shape, shapely.box(*view.bounds)):
            continue
        name = _wanted(view, board, layer, record, shape, parks)
        box = board.place(name, layer.label) if name else None
        if box is not None:
            placed[record.text("id")] = box
    return placed


def _wanted(
    view: View, board: LabelBoard, layer: Layer, record: FeatureRecord, shape: Any, parks: Any
) -> Name | None:
    point, text = record.properties.get("label_point"), record.text("name")
    if point:
        x, y = view.on_page(*point_in_metres(*point))
        return Name(text, Box(x, y, 0, 0), fixed=True)
    around = view.box_on_page(tuple(shapely.bounds(shape)))
    if layer.dataset == "parks":
        # A park's name lies beside its parcels, not over them.
        return Name(text, around, inside=False)
    assert layer.label is not None
    size = board.size_of(text, layer.label)
    if around.width <= size[0] or around.height <= 3 * size[1]:
        return Name(text, around)
    seen = shapely.intersection(shape, shapely.box(*view.bounds))
    # Parks hold parcels, and those have numbers of their own.
    free = shapely.difference(seen, parks)
    if free.area < seen.area / 4:
        return None
    return Name(text, around, within=_places_within(view, free, size))


def _places_within(
    view: View, shape: Any, size_mm: tuple[float, float]
) -> tuple[tuple[float, float], ...]:
    """Return places in an outline on the page: first where the name fits in, widest ground first."""
    deepest = shapely.get_point(shapely.maximum_inscribed_circle(shape), 0)
    west, south, east, north = shapely.bounds(shape)
    step = max(east - west, north - south) / _TRIES
    across, up = np.meshgrid(np.arange(west, east, step), np.arange(south, north, step))
    grid: Shapes = np.asarray(shapely.points(across.ravel(), up.ravel()), dtype=object)
    tries: Shapes = np.append(grid, deepest)
    tries = tries[shapely.contains(shape, tries)]
    x, y = shapely.get_x(tries), shapely.get_y(tries)
    wide, high = (side * view.denominator / 2000 for side in size_mm)
    fits = shapely.contains(shape, shapely.box(x - wide, y - high, x + wide, y + high))
    order = np.lexsort((shapely.distance(tries, deepest), ~fits))
    return tuple(view.on_page(float(x[row]), float(y[row])) for row in order)


def _keep_off_parks(view: View, board: LabelBoard, content: Content) -> None:
    """Keep the names of whatever lies below off the parks' parcels, while parks are small."""
    for bounds in shapely.bounds(content.shapes["parks"]):
        box = view.box_on_page(tuple(bounds))
        if box.width < view.frame.width / 4:
            board.block(box)


def _zone_points(view: View, content: Content) -> dict[str, Box]:
    """Return where the zones' names would stand."""
    points = {}
    for record in content.records["zones"]:
        x, y = view.on_page(*point_in_metres(*record.properties["label_point"]))
        points[record.text("id")] = Box(x, y, 0.0, 0.0)
    return points
