"""The plan's figures as printed, and the honesty of what we drew and guessed."""

from datetime import date

import pytest
import shapely

from dongtou_geo import settings
from dongtou_geo.catalog import plan
from dongtou_geo.catalog.datasets import dataset_path
from dongtou_geo.catalog.features import read_collection
from dongtou_geo.domain.places import LocationBasis
from dongtou_geo.domain.target import by_park
from dongtou_geo.domain.units import m2_to_mu, mu_to_m2
from dongtou_geo.frames.area import area_m2

SENSITIVE = {19, 20, 21, 22, 38, 39, 40, 41}
NAMED_PARK = {3: "park_nantang", 16: "park_rail"} | dict.fromkeys((28, 29, 36), "park_nantang")


def features_of(name):
    return read_collection(dataset_path(settings.GEODATA, name))["features"]


def shapes_of(name):
    return {
        feature["id"]: shapely.geometry.shape(feature["geometry"])
        for feature in features_of(name)
        if feature["geometry"] is not None
    }


def projects():
    return {project.no: project for project in plan.load_projects()}


def sums(chosen):
    chosen = list(chosen)
    total = sum(project.total_investment_wan or 0 for project in chosen)
    return len(chosen), total, sum(project.plan_investment_wan for project in chosen)


@pytest.mark.parametrize(
    ("group", "printed"),
    [
        ("implement", (29, 2660937, 2460498)),
        ("invite", (8, 315000, 325000)),
        ("infrastructure", (6, 222846, 79846)),
        ("manufacturing", (18, 1138437, 941968)),
        ("energy", (4, 1477900, 1477900)),
        ("information", (4, 20800, 16830)),
        ("producer_services", (3, 23800, 23800)),
    ],
)
def test_projects_add_up_to_the_annexes_printed_sums(group: str, printed: tuple) -> None:
    members = [p for p in projects().values() if group in (p.group, p.subgroup)]
    assert sums(members) == printed
    line = next(line for line in plan.load_project_groups() if line.id == group)
    assert (line.project_count, line.annex_total_wan, line.annex_plan_wan) == printed


def test_there_are_43_projects_and_table_4_is_the_annex_rounded() -> None:
    assert list(projects()) == list(range(1, 44))
    lines = {line.id: line for line in plan.load_project_groups()}
    for line in lines.values():
        members = [p for p in projects().values() if line.id in ("total", p.group, p.subgroup)]
        count, total_wan, plan_wan = sums(members)
        assert line.project_count == count
        # 0.05 亿 is the rounding of one decimal; 表4 prints 246.0 for 246.05.
        assert line.table4_total_yi == pytest.approx(total_wan / 1e4, abs=0.0501)
        assert line.table4_plan_yi == pytest.approx(plan_wan / 1e4, abs=0.0501)
    total = lines["total"]
    assert (total.table4_total_yi, total.table4_plan_yi) == (319.9, 286.5)
    assert total.annex_total_wan is None


def test_what_is_undecided_is_null_and_not_zero() -> None:
    undecided = [no for no, p in projects().items() if p.total_investment_wan is None]
    assert undecided == [26, 30]


def test_floor_area_of_15_stays_as_printed_and_is_noted() -> None:
    assert projects()[15].floor_area_m2 == 15.6
    printed = features_of("projects")[14]["properties"]["floor_area_text"]
    assert printed == "15.6平方米"
    notes = plan.notes_for(plan.load_data_notes(), "project:15")
    assert "DQ-25" in [note.id for note in notes]
    assert "15.6" in next(note.figures for note in notes if note.id == "DQ-25")


def test_areas_in_mu_are_converted_and_keep_their_printed_words() -> None:
    land = {no: p.land_area_m2 for no, p in projects().items() if p.land_area_m2}
    assert len(land) == 25
    assert m2_to_mu(sum(land.values()) - land[43]) == pytest.approx(4332, abs=1)
    assert land[17] == pytest.approx(mu_to_m2(1000), abs=1e-3)
    for feature in features_of("projects"):
        own = feature["properties"]
        assert (own["land_area_m2"] is None) == (own["land_area_text"] is None)
        assert (own["floor_area_m2"] is None) == (own["floor_area_text"] is None)


@pytest.mark.parametrize("name", ["parks", "reclamation"])
def test_every_outline_with_a_plan_figure_is_within_one_per_cent(name: str) -> None:
    planned = 0
    for feature in features_of(name):
        planned_mu = feature["properties"]["plan_area_mu"]
        if planned_mu is not None:
            planned += 1
            drawn_mu = m2_to_mu(area_m2([shapely.geometry.shape(feature["geometry"])])[0])
            assert drawn_mu == pytest.approx(planned_mu, rel=0.01)
    assert planned == {"parks": 5, "reclamation": 3}[name]


def test_planned_areas_are_the_plans() -> None:
    assert [park.planned_mu for park in plan.load_parks()] == [3300, 1360, 870, 3000, 1500]
    figures = {area.id: area.planned_mu for area in plan.load_reclamation() if area.planned_mu}
    assert figures == {
        "recl_daxiaomen": 29700,
        "recl_damen_lingang": 16200,
        "recl_ojk_phase1": 36000,
    }


def test_daxiaomen_is_its_four_children_and_counts_once() -> None:
    shapes = shapes_of("reclamation")
    parents = {f["id"]: f["properties"]["parent_id"] for f in features_of("reclamation")}
    children = [name for name, parent in parents.items() if parent == "recl_daxiaomen"]
    assert len(children) == 4
    leaves = [name for name in parents if name not in parents.values()]
    assert len(leaves) == 7
    assert "recl_daxiaomen" not in leaves
    whole = area_m2([shapes["recl_daxiaomen"]])[0]
    assert area_m2([shapes[name] for name in children]).sum() == pytest.approx(whole, rel=1e-6)
    assert shapely.union_all([shapes[name] for name in children]).equals(shapes["recl_daxiaomen"])
    together = area_m2([shapely.union_all([shapes[name] for name in parents])])[0]
    assert area_m2([shapes[name] for name in leaves]).sum() == pytest.approx(together, rel=1e-6)


def test_sensitive_projects_stand_at_their_zones_label_point_or_nowhere() -> None:
    labels = {f["id"]: f["properties"]["label_point"] for f in features_of("zones")}
    for feature in features_of("projects"):
        own = feature["properties"]
        assert own["sensitive"] is (own["no"] in SENSITIVE)
        if own["sensitive"]:
            label = labels.get(own["zone_id"])
            expected = {"type": "Point", "coordinates": label} if label else None
            assert feature["geometry"] == expected
    nowhere = [no for no in sorted(SENSITIVE) if not projects()[no].on_map]
    assert nowhere == [22, 39]


def test_label_points_lie_in_their_zone() -> None:
    for feature in features_of("zones"):
        point = shapely.Point(feature["properties"]["label_point"])
        assert shapely.geometry.shape(feature["geometry"]).contains(point)


def test_no_project_counts_into_a_park_on_a_guess() -> None:
    assert {no: p.park_id for no, p in projects().items() if p.park_id} == NAMED_PARK
    parks = shapes_of("parks")
    for name, point in shapes_of("projects").items():
        number = int(name.removeprefix("project_"))
        around = [park for park, shape in parks.items() if shape.intersects(point)]
        assert around == ([NAMED_PARK[number]] if number in NAMED_PARK else [])


def test_starred_projects_stand_in_phase_one_and_claim_no_park() -> None:
    starred = {no: p for no, p in projects().items() if p.location_basis == "phase1_star"}
    assert list(starred) == [*range(8, 16), 17, 18]
    phase1, points = shapes_of("reclamation")["recl_ojk_phase1"], shapes_of("projects")
    for number, project in starred.items():
        assert project.zone_id == "zone_west"
        assert phase1.contains(points[f"project_{number}"])
    assert not any("*" in project.name for project in projects().values())


def test_what_has_no_place_is_listed_and_not_drawn() -> None:
    off_map = {no: p.location_basis for no, p in projects().items() if not p.on_map}
    assert off_map == {
        22: LocationBasis.OFFSHORE,
        24: LocationBasis.DISTRICT_WIDE,
        25: LocationBasis.DISTRICT_WIDE,
        26: LocationBasis.DISTRICT_WIDE,
        37: LocationBasis.MULTI_SITE,
        39: LocationBasis.NOT_STATED,
    }
    unstated = [no for no, p in projects().items() if p.location_basis == "not_stated"]
    assert unstated == [1, 2, 4, 5, 7, 20, 21, 23, 30, 31, 39]
    assert all(projects()[no].location_confidence == "low" for no in unstated)


def test_targets_are_the_plans_words() -> None:
    found = by_park(plan.load_targets())
    rates = {name: target.rate for name, target in found.items()}
    assert rates == {
        "park_startup": None,
        "park_nantang": 0.9,
        "park_yangwen": 0.9,
        "park_ojk_industry": 1.0,
        "park_rail": None,
    }
    assert found["park_nantang"].text.startswith("90%以上（第五章一（二）1）")
    assert "第三章" in found["park_nantang"].text
    assert found["park_startup"].has_own_words
    assert not found["park_rail"].has_own_words
    assert {target.due for target in plan.load_targets()} == {date(2020, 12, 31)}


def test_notes_are_complete_and_each_says_what_it_concerns() -> None:
    notes = plan.load_data_notes()
    assert [note.id for note in notes] == [f"DQ-{number:02}" for number in range(1, 38)]
    assert all(note.bound_to for note in notes)
    for key in ("park:park_nantang", "park:park_yangwen", "park:park_ojk_industry"):
        assert "DQ-24" in [note.id for note in plan.notes_for(notes, key)]
    nantang = [note.id for note in plan.notes_for(notes, "park:park_nantang")]
    assert nantang == ["DQ-24", "DQ-37"]


def test_aliases_lead_to_the_same_project() -> None:
    assert "温州南车整车修造基地" in projects()[16].aliases
    assert "大门岛临港工业围垦工程" in projects()[43].aliases


def test_management_is_named_only_where_the_plan_names_it() -> None:
    units = {park.id: park.managing_unit for park in plan.load_parks()}
    assert units == {
        "park_startup": "大门园区管理办公室",
        "park_nantang": "本岛园区管理办公室",
        "park_yangwen": "本岛园区管理办公室",
        "park_ojk_industry": None,
        "park_rail": None,
    }
