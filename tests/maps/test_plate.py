"""A plate: true shape and scale, names that never overlap or inject, parts that can be chosen."""

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pyproj
import pytest
import shapely

from dongtou_geo.catalog.features import read_records
from dongtou_geo.errors import DatasetError
from dongtou_geo.maps.plate import (
    DISTRICT_BOUNDS,
    PlatePoint,
    PlateShape,
    plan_credit,
    plan_shapes,
    plate,
)
from dongtou_geo.maps.plate_frame import LONGEST_BAR_PX, bar_metres, length_words
from dongtou_geo.maps.plate_labels import text_width
from dongtou_geo.maps.plate_parts import metres_per_degree, sheet_for
from dongtou_geo.settings import GEODATA

SVG = "{http://www.w3.org/2000/svg}"
GEOD = pyproj.Geod(ellps="GRS80")
SQUARE = shapely.box(121.0, 27.9, 121.02, 27.92)


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def labels(svg: str) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Every name with the box that it takes at most."""
    found = []
    for group in read(svg).iter(f"{SVG}g"):
        if group.get("class") != "plate-label":
            continue
        text = group.find(f"{SVG}text")
        assert text is not None and text.text
        x, y, size = (float(text.get(key, "nan")) for key in ("x", "y", "font-size"))
        wide = text_width(text.text, size, float(text.get("letter-spacing", "nan")))
        found.append((text.text, (x, y - size / 2, x + wide, y + size / 2)))
    return found


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_a_degree_is_as_long_as_on_the_ellipsoid() -> None:
    per_lon, per_lat = metres_per_degree(27.9)
    east = GEOD.inv(121.0, 27.9, 121.01, 27.9)[2] * 100
    north = GEOD.inv(121.0, 27.895, 121.0, 27.905)[2] * 100
    assert per_lon == pytest.approx(east, rel=1e-6)
    assert per_lat == pytest.approx(north, rel=1e-6)


@pytest.mark.parametrize(("width", "height"), [(860, 600), (1400, 300), (300, 900)])
def test_bounds_are_seen_whole_in_true_shape(width: int, height: int) -> None:
    sheet = sheet_for(DISTRICT_BOUNDS, width, height)
    west, south, east, north = DISTRICT_BOUNDS
    corners = sheet.pixels(np.array([[west, north], [east, south]]))
    assert corners.min() >= -1e-6
    assert corners[1][0] <= width + 1e-6 and corners[1][1] <= height + 1e-6
    # One direction fills the paper, the other lies in its middle.
    assert corners[0] == pytest.approx([width - corners[1][0], height - corners[1][1]], abs=1e-6)
    assert min(corners[0]) == pytest.approx(0, abs=1e-6)
    # A square kilometre on the ground is a square on the paper.
    lon, lat, _ = GEOD.fwd(121.07, 27.911, 90, 1000)
    down, below, _ = GEOD.fwd(121.07, 27.911, 180, 1000)
    here, right, lower = sheet.pixels(np.array([[121.07, 27.911], [lon, lat], [down, below]]))
    assert right[0] - here[0] == pytest.approx(lower[1] - here[1], rel=1e-4)
    assert right[0] - here[0] == pytest.approx(1000 / sheet.metres_per_px, rel=1e-4)


@pytest.mark.parametrize(
    ("bounds", "width"), [((1, 0, 1, 1), 10), ((0, 2, 1, 1), 10), ((0, 0, 1, 1), 0)]
)
def test_no_ground_or_no_paper_is_refused(
    bounds: tuple[float, float, float, float], width: float
) -> None:
    with pytest.raises(ValueError, match="西南东北依次递增"):
        sheet_for(bounds, width, 10)


@pytest.mark.parametrize("metres_per_px", [0.3, 1, 4.4, 40, 52, 333])
def test_scale_bar_is_a_round_length_and_as_long_as_it_says(metres_per_px: float) -> None:
    metres = bar_metres(metres_per_px)
    assert str(int(metres)).rstrip("0") in {"1", "2", "5"}
    assert LONGEST_BAR_PX / 2.6 < metres / metres_per_px <= LONGEST_BAR_PX


def test_scale_bar_measures_the_ground_that_is_drawn() -> None:
    root = read(plate([PlateShape(SQUARE, fill="#000000")], width_px=860, height_px=600))
    scale = next(g for g in root.iter(f"{SVG}g") if g.get("class") == "plate-scale")
    rect = scale.find(f"{SVG}rect")
    line = next(p for p in root.iter(f"{SVG}path") if p.get("class") == "plate-line")
    assert rect is not None
    xs = [float(x) for x in re.findall(r"[ML]([\d.]+) ", line.get("d", ""))]
    ground_m = GEOD.inv(121.0, 27.91, 121.02, 27.91)[2]
    bar_m = float(scale.get("data-metres", "nan"))
    drawn = (max(xs) - min(xs)) / float(rect.get("width", "nan"))
    assert drawn == pytest.approx(ground_m / bar_m, rel=5e-3)
    assert length_words(bar_m) in "".join(scale.itertext())


def test_lengths_are_written_in_metres_below_a_kilometre() -> None:
    assert [length_words(m) for m in (50, 500, 1000, 5000)] == [
        "50 米",
        "500 米",
        "1 公里",
        "5 公里",
    ]


def test_names_of_the_plan_have_room_and_none_lies_over_another() -> None:
    for width, height in ((860, 600), (620, 430), (1100, 760)):
        found = labels(plate(plan_shapes(), width_px=width, height_px=height))
        assert {"南塘工业区", "临港石化产业岛启动区", "北翼集聚", "瓯江口新区一期"} <= dict(
            found
        ).keys()
        for (one, a), (other, b) in combinations(found, 2):
            assert not overlap(a, b), f"{one} lies over {other}"
        for name, box in found:
            assert min(box) >= 0 and box[2] <= width and box[3] <= height, name


def test_crowded_points_are_led_aside_or_told_on_hovering() -> None:
    points = [
        PlatePoint(
            121.0 + 0.008 * (i % 6), 27.88 + 0.007 * (i // 6), 5, "#2F4B8F", label=f"第 {i} 项工程"
        )
        for i in range(36)
    ]
    svg = plate([], points, width_px=700, height_px=500)
    found = labels(svg)
    assert 5 < len(found) < 36
    assert any(g.find(f"{SVG}path") is not None for g in read(svg).iter(f"{SVG}g")), "no leader"
    for (_, a), (_, b) in combinations(found, 2):
        assert not overlap(a, b)
    circles = [
        (float(c.get("cx", 0)), float(c.get("cy", 0))) for c in read(svg).iter(f"{SVG}circle")
    ]
    assert not any(
        overlap(box, (x - 5, y - 5, x + 5, y + 5)) for _, box in found for x, y in circles
    )
    titles = {t.text for t in read(svg).iter(f"{SVG}title")}
    assert titles == {f"第 {i} 项工程" for i in range(36)}


def test_hostile_names_are_text() -> None:
    evil = "</title><script>alert(1)</script>\"'&"
    svg = plate(
        [PlateShape(SQUARE, stroke="#000000", select=evil, title=evil, label=evil, dash='1" x="')],
        [PlatePoint(121.05, 27.85, 4, '#fff" onload="alert(1)', evil, evil, evil)],
        width_px=1200,
        height_px=700,
        title=evil,
    )
    root = read(svg)
    assert not list(root.iter(f"{SVG}script"))
    assert {e.get("data-select") for e in root.iter() if e.get("data-select")} == {evil}
    assert root.get("aria-label") == evil
    assert not [e for e in root.iter() if {"onload", "x1"} & set(e.attrib)]
    assert evil in {name for name, _ in labels(svg)}


def test_clickable_parts_can_be_reached_and_tell_their_word() -> None:
    square = PlateShape(SQUARE, stroke="#000000", select="park:a", title="甲区", label="甲")
    root = read(plate([square, replace(square, select=None, title="乙区", label=None)]))
    buttons = [g for g in root.iter(f"{SVG}g") if g.get("role") == "button"]
    assert [(b.get("data-select"), b.get("tabindex"), b.get("aria-label")) for b in buttons] == [
        ("park:a", "0", "甲区")
    ]
    # The name can be clicked too; a screen reader hears it once.
    (name,) = [g for g in root.iter(f"{SVG}g") if g.get("class") == "plate-label"]
    assert (name.get("data-select"), name.get("aria-hidden")) == ("park:a", "true")
    assert root.get("role") == "group"


def test_a_map_without_clickable_parts_is_an_image() -> None:
    root = read(plate([PlateShape(SQUARE, fill="#F6F3EC")], title="园区分布"))
    assert (root.get("role"), root.get("aria-label")) == ("img", "园区分布")
    # What says nothing must not catch the mouse from what lies below it.
    assert next(g.get("pointer-events") for g in root.findall(f"{SVG}g")) == "none"


def test_what_is_chosen_is_outlined_above_the_rest() -> None:
    shapes = [
        PlateShape(SQUARE, stroke="#000000", select="a"),
        PlateShape(shapely.box(121.1, 27.9, 121.12, 27.92), stroke="#000000", select="b"),
    ]
    root = read(plate(shapes, chosen="a"))
    groups = list(root.findall(f"{SVG}g"))
    marks = [g for g in groups if g.get("class") == "plate-chosen"]
    assert len(marks) == 1
    assert groups.index(marks[0]) > max(
        n for n, g in enumerate(groups) if g.get("role") == "button"
    )
    first = next(p for p in root.iter(f"{SVG}path") if p.get("class") == "plate-line")
    assert {p.get("d") for p in marks[0]} == {first.get("d")}
    assert not [g for g in read(plate(shapes, chosen="z")) if g.get("class") == "plate-chosen"]


def test_ground_outside_is_cut_off_and_empty_outlines_are_left_out() -> None:
    far = PlateShape(shapely.box(100, 20, 101, 21), stroke="#000000", title="远", label="远")
    wide = PlateShape(shapely.box(100, 20, 140, 40), fill="#F6F3EC")
    root = read(plate([far, wide], width_px=400, height_px=300))
    (path,) = [p for p in root.iter(f"{SVG}path") if p.get("class") == "plate-line"]
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.get("d", ""))]
    assert min(numbers) >= -8.1 and max(numbers) <= 408.1
    assert "远" not in "".join(root.itertext())


def test_a_line_is_drawn_open_and_a_hole_stays_a_hole() -> None:
    ring = shapely.Polygon(
        SQUARE.exterior, [shapely.box(121.005, 27.905, 121.015, 27.915).exterior]
    )
    line = shapely.LineString([(121.1, 27.9), (121.15, 27.95)])
    root = read(plate([PlateShape(ring, fill="#000000"), PlateShape(line, stroke="#000000")]))
    hole, open_line = [
        p.get("d", "") for p in root.iter(f"{SVG}path") if p.get("class") == "plate-line"
    ]
    assert hole.count("M") == hole.count("Z") == 2
    assert open_line.count("M") == 1 and "Z" not in open_line


def test_plan_is_drawn_by_its_layers_and_the_parent_is_not_drawn_twice() -> None:
    shapes = plan_shapes(coast=False)
    ids = [shape.feature_id for shape in shapes]
    known = {
        name: [r.text("id") for r in read_records(GEODATA / f"{name}.geojson")]
        for name in ("reclamation", "zones", "parks")
    }
    assert ids == [
        *(i for i in known["reclamation"] if i != "recl_daxiaomen"), *known["zones"], *known["parks"]
    ]  # fmt: skip
    assert all(shape.select is None for shape in shapes)
    parks = [s for s in shapes if s.feature_id in known["parks"]]
    assert {(s.fill, s.stroke_px) for s in parks} == {(None, 2.0)}
    assert all(s.hatch for s in shapes if s.feature_id in known["reclamation"])
    assert len(plan_shapes(reclamation=False, parks=False)) > 200
    assert plan_shapes(coast=False, zones=False, parks=False, reclamation=False) == []


def test_credit_names_both_sources() -> None:
    assert "GSHHG" in plan_credit() and "OpenStreetMap" in plan_credit()


def test_a_dataset_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"zones\.geojson"):
        plan_shapes(coast=False, parks=False, reclamation=False, geodata=tmp_path)
    (tmp_path / "zones.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":null}]}'
    )
    with pytest.raises(DatasetError, match="图形读不出"):
        plan_shapes(coast=False, parks=False, reclamation=False, geodata=tmp_path)


def test_three_thousand_parcels_are_drawn_whole() -> None:
    cells = [
        PlateShape(
            shapely.box(120.95 + 0.003 * (i % 60), 27.83 + 0.002 * (i // 60), 120.9529 + 0.003 * (i % 60), 27.8319 + 0.002 * (i // 60)),
            fill="#124A4A", select=f"parcel:{i}", title=f"地块 {i}", label=f"{i}",
        )
        for i in range(3000)
    ]  # fmt: skip
    root = read(plate(cells, width_px=900, height_px=600))
    assert sum(g.get("role") == "button" for g in root.iter(f"{SVG}g")) == 3000
