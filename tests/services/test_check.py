"""The check: clean on our own data, and everything wrong is named at once."""

import json
import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dongtou_geo import settings
from dongtou_geo.domain.problem import Problem
from dongtou_geo.services.check import check_all
from scripts import seal_geodata


class Workbench:
    """A copy of geodata/ and layers/ to break."""

    def __init__(self, folder: Path) -> None:
        self.geodata = folder / "geodata"
        self.layers = folder / "layers"
        shutil.copytree(settings.GEODATA, self.geodata)
        shutil.copytree(settings.LAYERS, self.layers)

    def check(self, *, seal: bool = True) -> list[Problem]:
        if seal:
            seal_geodata.main(self.geodata)
        return check_all(geodata=self.geodata, layers=self.layers)

    def read(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.geodata / name).read_text("utf-8"))
        return content

    def write(self, name: str, content: object) -> None:
        (self.geodata / name).write_text(json.dumps(content, ensure_ascii=False), "utf-8")

    def set(self, file: str, feature_id: str, **properties: object) -> None:
        content = self.read(file)
        self.feature(content, feature_id)["properties"].update(properties)
        self.write(file, content)

    def draw(self, name: str, feature_id: str, geometry: object) -> None:
        content = self.read(name)
        self.feature(content, feature_id)["geometry"] = geometry
        self.write(name, content)

    @staticmethod
    def feature(content: dict[str, Any], feature_id: str) -> dict[str, Any]:
        found: dict[str, Any] = next(f for f in content["features"] if f["id"] == feature_id)
        return found

    def replace(self, name: str, old: str, new: str) -> None:
        path = self.geodata / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


def square(west: float, south: float, size: float) -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def found(problems: list[Problem], code: str, feature: str | None = None) -> Problem:
    hits = [p for p in problems if p.code == code and (feature is None or p.feature == feature)]
    assert hits, [p.message for p in problems]
    return hits[0]


def test_our_own_data_is_clean() -> None:
    assert check_all() == []


def test_a_copy_is_as_clean_as_the_original(bench: Workbench) -> None:
    assert bench.check(seal=False) == []
    assert bench.check() == []


def test_a_changed_file_does_not_fit_its_sidecar(bench: Workbench) -> None:
    content = bench.read("parks.geojson")
    removed = content["features"].pop()
    assert removed["id"] == "park_rail"
    bench.write("parks.geojson", content)
    problems = bench.check(seal=False)
    sha, rows = found(problems, "sha256_mismatch"), found(problems, "rows_mismatch")
    assert (sha.file, sha.feature) == ("geodata/parks.toml", "sha256")
    assert (rows.file, rows.feature, rows.value) == ("geodata/parks.toml", "rows", "5")
    assert (rows.expected or "").startswith("4")
    assert "geodata/parks.geojson" in rows.message
    # What hangs on the park that went is told in the same breath.
    lost = [p for p in problems if p.code == "unknown_reference"]
    assert {p.file for p in lost} == {
        "geodata/projects.geojson",
        "geodata/plan/targets.csv",
        "geodata/plan/data_notes.csv",
        "geodata/plan/industries_places.csv",
        "geodata/plan/reclamation_facts.csv",
    }
    assert found(problems, "unknown_reference", "project_16").value == "park_rail"


def test_a_crs_that_does_not_fit_is_named(bench: Workbench) -> None:
    bench.replace("parks.toml", "EPSG:4490", "EPSG:4326")
    content = bench.read("zones.geojson")
    content["crs"] = {"type": "name", "properties": {"name": "EPSG:4326"}}
    bench.write("zones.geojson", content)
    problems = bench.check(seal=False)
    crs = found(problems, "bad_value", "crs")
    assert (crs.file, crs.value, crs.expected) == ("geodata/parks.toml", "EPSG:4326", "EPSG:4490")
    legacy = found(problems, "legacy_crs")
    assert (legacy.file, legacy.field) == ("geodata/zones.geojson", "crs")
    assert "EPSG:4326" in (legacy.value or "")


def test_coordinates_elsewhere_are_named_and_a_swap_is_recognised(bench: Workbench) -> None:
    bench.draw("projects.geojson", "project_3", {"type": "Point", "coordinates": [27.8, 121.1]})
    bench.draw("parks.geojson", "park_nantang", square(590_000.0, 3_080_000.0, 950.0))
    problems = bench.check()
    swapped = found(problems, "outside_extent", "project_3")
    assert "27.800000, 121.100000" in (swapped.value or "")
    assert "颠倒" in (swapped.expected or "")
    metres = found(problems, "outside_extent", "park_nantang")
    assert "120.5-122.5" in (metres.expected or "")
    assert "颠倒" not in (metres.expected or "")
    assert not [p for p in problems if p.code == "missing_value"]


def test_an_invalid_outline_is_named(bench: Workbench) -> None:
    bow = [[121.13, 27.82], [121.14, 27.83], [121.14, 27.82], [121.13, 27.83], [121.13, 27.82]]
    bench.draw("parks.geojson", "park_nantang", {"type": "Polygon", "coordinates": [bow]})
    problem = found(check_all(geodata=bench.geodata, layers=bench.layers), "invalid_outline")
    assert (problem.file, problem.feature) == ("geodata/parks.geojson", "park_nantang")
    assert "Self-intersection" in (problem.value or "")


def test_overlap_stray_and_area_are_told_together(bench: Workbench) -> None:
    content = bench.read("parks.geojson")
    yangwen = bench.feature(content, "park_yangwen")
    nantang = bench.feature(content, "park_nantang")
    yangwen["geometry"] = nantang["geometry"]
    bench.feature(content, "park_rail")["geometry"] = square(121.16, 27.83, 0.01)
    bench.write("parks.geojson", content)
    problems = bench.check()
    overlap = found(problems, "sibling_overlap", "park_yangwen")
    assert (overlap.value or "").startswith("park_nantang，1359.90 亩")
    assert overlap.expected == "与同级图形不重叠"
    area = found(problems, "area_off_plan", "park_yangwen")
    assert area.value == "1359.9 亩（+56.3%）"
    assert "870 亩" in (area.expected or "")
    stray = found(problems, "leaves_parent", "park_rail")
    assert stray.expected == "落在 recl_ojk_phase1 之内"
    assert {p.code for p in problems} == {"sibling_overlap", "area_off_plan", "leaves_parent"}


def test_a_surveyed_outline_off_the_plan_is_only_information(bench: Workbench) -> None:
    bench.set("parks.geojson", "park_nantang", fidelity="surveyed")
    bench.draw("parks.geojson", "park_nantang", square(121.124, 27.818, 0.01))
    problem = found(bench.check(), "area_off_plan")
    assert problem.severity.value == "info"


def test_unknown_words_and_reversed_years_are_named(bench: Workbench) -> None:
    bench.set("projects.geojson", "project_3", location_basis="somewhere")
    bench.set("projects.geojson", "project_6", end_year=2014)
    bench.set("projects.geojson", "project_8", group="done")
    bench.set("projects.geojson", "project_9", zone_id="zone_east", plan_investment_wan="7496")
    problems = bench.check()
    assert found(problems, "unknown_word", "project_3").value == "somewhere"
    reversed_years = found(problems, "reversed_years", "project_6")
    assert (reversed_years.field, reversed_years.value) == ("end_year", "2014")
    assert "implement" in (found(problems, "unknown_word", "project_8").expected or "")
    assert "zone_north" in (found(problems, "unknown_reference", "project_9").expected or "")
    assert found(problems, "bad_value", "project_9").field == "plan_investment_wan"


def test_a_park_by_guess_is_refused(bench: Workbench) -> None:
    bench.set("projects.geojson", "project_8", park_id="park_ojk_industry")
    problem = found(bench.check(), "park_by_guess", "project_8")
    assert (problem.field, problem.value) == ("park_id", "park_ojk_industry")


def test_a_sensitive_project_off_its_label_point_is_refused_unshown(bench: Workbench) -> None:
    place = {"type": "Point", "coordinates": [121.0123, 27.9123]}
    for number in (20, 22, 39):
        bench.draw("projects.geojson", f"project_{number}", place)
    problems = [p for p in bench.check() if p.code == "sensitive_exposed"]
    assert [p.feature for p in problems] == ["project_20", "project_22", "project_39"]
    assert not any("121.0123" in p.message for p in problems)
    assert "注记点" in (problems[0].expected or "")


def test_ids_that_repeat_or_differ_are_named(bench: Workbench) -> None:
    content = bench.read("projects.geojson")
    content["features"][4]["id"] = "project_50"
    content["features"][6]["properties"].update(id="project_6", no=6)
    bench.write("projects.geojson", content)
    problems = check_all(geodata=bench.geodata, layers=bench.layers)
    assert found(problems, "id_mismatch", "project_5").value == "project_50"
    assert {p.field for p in problems if p.code == "duplicate_value"} == {"id", "no"}


def test_missing_and_unknown_properties_are_named(bench: Workbench) -> None:
    content = bench.read("parks.geojson")
    own = bench.feature(content, "park_yangwen")["properties"]
    del own["plan_role"]
    own["colour"] = "red"
    bench.write("parks.geojson", content)
    problems = bench.check()
    assert [(p.code, p.field) for p in problems] == [
        ("unknown_property", "colour"),
        ("missing_property", "plan_role"),
    ]


def test_a_geometry_of_another_type_or_none_is_named(bench: Workbench) -> None:
    bench.draw("projects.geojson", "project_3", square(121.128, 27.822, 0.001))
    bench.draw("zones.geojson", "zone_main", {"type": "Polygon", "coordinates": [[["x", 1]]]})
    bench.draw("parks.geojson", "park_rail", None)
    problems = check_all(geodata=bench.geodata, layers=bench.layers)
    wrong = found(problems, "geometry_type", "project_3")
    assert (wrong.value, wrong.expected) == ("Polygon", "Point 之一")
    assert found(problems, "unreadable_geometry", "zone_main").field == "geometry"
    assert found(problems, "missing_value", "park_rail").field == "geometry"


def test_bad_cells_and_keys_of_the_tables_are_named(bench: Workbench) -> None:
    bench.replace("plan/targets.csv", "park_nantang,90%以上", "park_beitang,90%以上")
    bench.replace("plan/targets.csv", "2020-12-31,no,no", "2020.12,no,maybe")
    bench.replace("plan/targets.csv", "2020-12-31,no,yes", "2020-12-31,yes,yes")
    bench.replace("plan/data_notes.csv", "project:15", "project:51")
    bench.replace("plan/data_notes.csv", "indicator:T3.18", "indicator:T3.21")
    bench.replace("plan/data_notes.csv", "chapter:第三章三（一）", "chapter:第九章")
    bench.replace("plan/data_notes.csv", "DQ-02,rounding", "DQ-01,guess")
    bench.replace("plan/project_groups.csv", "infrastructure,total", "invite,total")
    problems = bench.check()
    bad = {(p.feature, p.field): p for p in problems if p.code == "bad_cell"}
    due = bad["park_ojk_industry（第 8 行）", "due"]
    assert (due.value, due.expected) == ("2020.12", "形如 2020-12-31 的日期")
    assert bad["park_ojk_industry（第 8 行）", "own"].value == "maybe"
    assert "rounding" in (bad["DQ-01（第 3 行）", "kind"].expected or "")
    dangling = {p.value for p in problems if p.code == "unknown_reference"}
    assert dangling == {"park_beitang", "project:51", "indicator:T3.21", "chapter:第九章"}
    twice = {(p.file, p.value) for p in problems if p.code == "duplicate_value"}
    assert twice == {
        ("geodata/plan/data_notes.csv", "DQ-01"),
        ("geodata/plan/project_groups.csv", "invite"),
    }


def test_two_scored_targets_of_one_park_are_refused(bench: Workbench) -> None:
    bench.replace("plan/targets.csv", "2020-12-31,no,yes", "2020-12-31,yes,yes")
    problem = found(bench.check(), "scored_twice")
    assert problem.feature == "park_nantang（第 4 行）"


def test_files_that_are_missing_or_broken_hide_nothing(bench: Workbench) -> None:
    (bench.geodata / "zones.geojson").unlink()
    (bench.geodata / "coast.toml").unlink()
    (bench.geodata / "parks.geojson").write_text('{"type": "Feat', "utf-8")
    (bench.geodata / "projects.toml").write_text("title = \n", "utf-8")
    (bench.geodata / "plan" / "targets.csv").write_text("a,b\n1,2\n", "utf-8")
    bench.replace("reclamation.toml", "rows = 8", 'rows = 7\nowner = "?"')
    problems = bench.check(seal=False)
    told = {(p.file, p.code) for p in problems}
    assert told == {
        ("geodata/zones.geojson", "missing_file"),
        ("geodata/coast.toml", "missing_file"),
        ("geodata/parks.geojson", "unreadable_file"),
        ("geodata/parks.toml", "sha256_mismatch"),
        ("geodata/projects.toml", "unreadable_file"),
        ("geodata/plan/targets.csv", "unreadable_file"),
        ("geodata/plan/targets.toml", "sha256_mismatch"),
        ("geodata/reclamation.toml", "rows_mismatch"),
        ("geodata/reclamation.toml", "unknown_key"),
    }
    header = found([p for p in problems if "targets.csv" in p.file], "unreadable_file")
    assert "a,b" in (header.value or "")
    assert "plan_id" in (header.expected or "")
    assert problems == sorted(problems, key=lambda p: (p.file, p.feature or "", p.field or ""))


def test_ids_of_the_contract_that_are_gone_are_named(bench: Workbench) -> None:
    for name, gone in (
        ("zones", "zone_west"),
        ("parks", "park_rail"),
        ("reclamation", "recl_qiantan2"),
        ("projects", "project_43"),
    ):
        content = bench.read(f"{name}.geojson")
        content["features"] = [f for f in content["features"] if f["id"] != gone]
        bench.write(f"{name}.geojson", content)
    problems = bench.check()
    missing = {(p.file, p.feature) for p in problems if p.code == "missing_feature"}
    assert missing == {
        ("geodata/zones.geojson", "zone_west"),
        ("geodata/parks.geojson", "park_rail"),
        ("geodata/reclamation.geojson", "recl_qiantan2"),
        ("geodata/projects.geojson", "project_43"),
    }
    counts = [p for p in problems if p.code == "group_sum_mismatch"]
    assert [(p.feature, p.field, p.value) for p in counts] == [
        ("infrastructure", "annex_plan_wan", "79846"),
        ("infrastructure", "annex_total_wan", "222846"),
        ("infrastructure", "project_count", "6"),
        ("total", "project_count", "43"),
    ]


def test_daxiaomen_is_its_four_parts_and_nothing_else(bench: Workbench) -> None:
    content = bench.read("reclamation.geojson")
    lng = bench.feature(content, "recl_lng")
    lng["geometry"] = bench.feature(content, "recl_qiantan2")["geometry"]
    bench.feature(content, "recl_ojk_phase2")["properties"]["parent_id"] = "recl_daxiaomen"
    bench.feature(content, "recl_xiaomen_west")["properties"]["parent_id"] = "zone_north"
    bench.write("reclamation.geojson", content)
    problems = bench.check()
    gap = found(problems, "unlike_its_parts", "recl_daxiaomen")
    assert (gap.value or "").endswith("亩")
    assert "recl_lng" in (gap.expected or "")
    assert found(problems, "wrong_parent", "recl_ojk_phase2").value == "recl_daxiaomen"
    assert found(problems, "wrong_parent", "recl_xiaomen_west").expected == "recl_daxiaomen"


def test_group_sums_follow_the_projects(bench: Workbench) -> None:
    bench.set("projects.geojson", "project_30", total_investment_wan=1000.0)
    bench.replace("plan/project_groups.csv", "1477900,1477900", "1477900,1477901")
    off = {(p.feature, p.field): p for p in bench.check() if p.code == "group_sum_mismatch"}
    assert off.keys() == {("invite", "annex_total_wan"), ("energy", "annex_plan_wan")}
    assert "316000 万元" in (off["invite", "annex_total_wan"].expected or "")
    assert off["energy", "annex_plan_wan"].file == "geodata/plan/project_groups.csv"


def test_layers_are_checked_in_the_same_breath(bench: Workbench) -> None:
    text = (bench.layers / "parks.toml").read_text("utf-8")
    text = text.replace('dataset = "parks"', 'dataset = "fields"\ncolour = "red"')
    (bench.layers / "parks.toml").write_text(text, "utf-8")
    bench.set("parks.geojson", "park_rail", confidence="sure")
    problems = bench.check()
    files = {p.file for p in problems}
    assert files == {"layers/parks.toml", "geodata/parks.geojson"}


def test_markup_in_a_name_is_a_name(bench: Workbench) -> None:
    bench.set("parks.geojson", "park_rail", name="<script>alert(1)</script>")
    assert bench.check() == []


JUNK: list[Any] = [None, True, 0, -1, 1.5, "", "x", [], [1], {}, {"a": [1]}, [None], [[[1, 2]]]]


def spots(node: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON tree where something else could stand."""
    if isinstance(node, dict):
        keys: list[Any] = list(node)
    else:
        keys = list(range(min(len(node), 6))) if isinstance(node, list) else []
    return [(node, key) for key in keys] + [spot for key in keys for spot in spots(node[key])]


@pytest.mark.parametrize("seed", range(25))
def test_no_broken_file_breaks_the_check(bench: Workbench, seed: int) -> None:
    dice = Random(seed)
    for name in ("zones", "parks", "reclamation", "projects"):
        content = bench.read(f"{name}.geojson")
        for _ in range(dice.randint(1, 3)):
            node, key = dice.choice(spots(content) or [(content, "type")])
            node[key] = dice.choice(JUNK)
        bench.write(f"{name}.geojson", content)
    problems = bench.check(seal=False)
    assert problems
    json.dumps([problem.as_dict() for problem in problems], ensure_ascii=False)


def test_figures_are_the_same_wherever_the_copy_stands(bench: Workbench) -> None:
    bench.set("projects.geojson", "project_6", end_year=2014)
    assert [p.file for p in bench.check()] == ["geodata/projects.geojson"]
