"""Outlines: valid, beside their siblings, inside their parent, as large as planned."""

import geopandas as gpd
import shapely

from dongtou_geo.domain.problem import Severity
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.topology import invalid_outlines, off_plan_areas, sibling_overlaps, strays

FILE = "geodata/parks.geojson"
SQUARE = shapely.box(121.0, 27.9, 121.01, 27.91)
METRE = 1e-5


def frame_of(**shapes):
    columns = {
        "id": list(shapes),
        "parent_id": [None] * len(shapes),
        "plan_area_mu": [None] * len(shapes),
        "fidelity": ["indicative"] * len(shapes),
    }
    return gpd.GeoDataFrame(columns, geometry=list(shapes.values()), crs="EPSG:4490")


def moved(lon: float, lat: float = 0.0):
    return shapely.affinity.translate(SQUARE, lon, lat)


def test_a_bow_tie_is_named_with_its_crossing() -> None:
    bow = shapely.Polygon([(121, 27.9), (121.01, 27.91), (121.01, 27.9), (121, 27.91)])
    problems = invalid_outlines(frame_of(a=SQUARE, b=bow, c=shapely.Polygon(), d=None), FILE)
    assert [(p.feature, p.code) for p in problems] == [
        ("b", "invalid_outline"),
        ("c", "invalid_outline"),
    ]
    assert "121.005" in (problems[0].value or "")


def test_siblings_may_touch_but_not_overlap() -> None:
    assert sibling_overlaps(frame_of(a=SQUARE, b=moved(0.01)), FILE) == []
    problems = sibling_overlaps(frame_of(a=SQUARE, b=moved(0.009), c=moved(0.5)), FILE)
    assert [(p.feature, p.code) for p in problems] == [("b", "sibling_overlap")]
    shared_mu = m2_to_mu(area_m2([SQUARE])[0]) / 10
    assert problems[0].value == f"a，{shared_mu:.2f} 亩"


def test_an_overlap_thinner_than_the_limit_is_no_overlap() -> None:
    assert sibling_overlaps(frame_of(a=SQUARE, b=moved(0.01 - 0.05 * METRE)), FILE) == []
    assert sibling_overlaps(frame_of(a=SQUARE, b=moved(0.01 - 0.5 * METRE)), FILE)


def test_a_parent_in_the_same_file_is_no_sibling() -> None:
    inner = shapely.box(121.001, 27.901, 121.005, 27.905)
    core = shapely.box(121.002, 27.902, 121.003, 27.903)
    frame = frame_of(whole=SQUARE, part=inner, core=core)
    frame["parent_id"] = [None, "whole", "part"]
    assert sibling_overlaps(frame, FILE) == []


def test_parents_in_a_circle_do_not_hang() -> None:
    frame = frame_of(a=SQUARE, b=moved(0.02))
    frame["parent_id"] = ["b", "a"]
    assert sibling_overlaps(frame, FILE) == []


def test_a_child_outside_its_parent_is_named_with_its_area() -> None:
    frame = frame_of(inside=SQUARE, out=moved(0.005), lost=moved(0.3))
    frame["parent_id"] = ["zone", "zone", "nowhere"]
    problems = strays(frame, {"zone": SQUARE}, FILE)
    assert [(p.feature, p.code, p.field) for p in problems] == [
        ("out", "leaves_parent", "geometry"),
        ("lost", "unknown_parent", "parent_id"),
    ]
    assert problems[0].expected == "落在 zone 之内"
    assert problems[1].value == "nowhere"


def test_a_metre_of_drawing_is_forgiven() -> None:
    frame = frame_of(near=moved(0.5 * METRE), over=moved(2 * METRE))
    frame["parent_id"] = ["zone", "zone"]
    assert [p.feature for p in strays(frame, {"zone": SQUARE}, FILE)] == ["over"]


def test_an_area_off_the_plan_is_an_error_unless_surveyed() -> None:
    drawn_mu = m2_to_mu(area_m2([SQUARE])[0])
    frame = frame_of(good=SQUARE, bad=SQUARE, surveyed=SQUARE, silent=SQUARE)
    frame["plan_area_mu"] = [drawn_mu * 1.009, drawn_mu * 1.02, drawn_mu * 1.02, None]
    frame["fidelity"] = ["indicative", "indicative", "surveyed", "indicative"]
    problems = off_plan_areas(frame, FILE)
    assert [(p.feature, p.severity) for p in problems] == [
        ("bad", Severity.ERROR),
        ("surveyed", Severity.INFO),
    ]
    assert f"{drawn_mu * 1.02:g} 亩" in (problems[0].expected or "")
    assert "-2.0%" in (problems[0].value or "")
