"""The plan as nouns: what is read, what is refused, and how little is imported for it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dongtou_geo import settings
from dongtou_geo.catalog import plan
from dongtou_geo.domain.data_note import NoteKind
from dongtou_geo.domain.places import LocationBasis
from dongtou_geo.errors import DatasetError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    copy = tmp_path / "geodata"
    shutil.copytree(settings.GEODATA, copy)
    return copy


def change(path: Path, row: int, name: str, value: object) -> None:
    content = json.loads(path.read_text("utf-8"))
    content["features"][row]["properties"][name] = value
    path.write_text(json.dumps(content), "utf-8")


def test_parks_are_read_in_the_plans_order() -> None:
    parks = plan.load_parks()
    assert [park.name for park in parks] == [
        "临港石化产业岛启动区",
        "南塘工业区",
        "杨文工业区",
        "瓯江口一期工业功能区",
        "轨道交通装备产业示范区",
    ]
    assert (parks[0].plan_area_value, parks[0].plan_area_unit) == (2.2, "平方公里")
    assert parks[1].zone_id == "zone_main"
    assert "医药" in parks[1].industries


def test_zones_reclamation_projects_targets_groups_and_notes_are_read() -> None:
    assert [zone.name for zone in plan.load_zones()] == ["北翼集聚", "本岛提升", "西片联动"]
    parents = {area.id: area.parent_id for area in plan.load_reclamation()}
    assert parents["recl_lng"] == "recl_daxiaomen"
    assert parents["recl_daxiaomen"] == "zone_north"
    project = plan.load_projects()[15]
    assert project.location_basis is LocationBasis.NAMED_PARK
    assert project.on_map
    assert len(plan.load_targets()) == 8
    assert [group.id for group in plan.load_project_groups()][-1] == "total"
    note = plan.load_data_notes()[24]
    assert note.kind is NoteKind.UNIT
    assert note.bound_to == ("project:15",)


def test_notes_are_found_by_key() -> None:
    notes = plan.load_data_notes()
    found = plan.notes_for(notes, "indicator:T3.4")
    assert [note.id for note in found] == ["DQ-06", "DQ-07"]
    assert plan.notes_for(notes, "project:99") == []


def test_a_missing_file_is_named(root: Path) -> None:
    (root / "zones.geojson").unlink()
    (root / "plan" / "targets.csv").unlink()
    with pytest.raises(DatasetError, match=r"geodata/zones\.geojson：文件不存在"):
        plan.load_zones(root=root)
    with pytest.raises(DatasetError, match=r"geodata/plan/targets\.csv：文件不存在"):
        plan.load_targets(root=root)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "读不出"),
        ("[]", "不是 FeatureCollection"),
        ('{"type":"FeatureCollection","features":[1]}', "features"),
        ('{"type":"FeatureCollection","features":[],"x":NaN}', "NaN"),
        ("[" * 100_000, "读不出"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(root: Path, text: str, reason: str) -> None:
    (root / "parks.geojson").write_text(text, "utf-8")
    with pytest.raises(DatasetError, match=reason):
        plan.load_parks(root=root)


def test_bytes_that_are_no_utf_8_are_refused(root: Path) -> None:
    (root / "parks.geojson").write_bytes("{南塘".encode("gb18030"))
    with pytest.raises(DatasetError, match="UTF-8"):
        plan.load_parks(root=root)
    (root / "plan" / "data_notes.csv").write_bytes("南塘".encode("gb18030"))
    with pytest.raises(DatasetError, match="UTF-8"):
        plan.load_data_notes(root=root)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("plan_area_mu", "1360", "“1360”不合适，应为数字"),
        ("plan_area_mu", True, "“True”不合适，应为数字"),
        ("name", None, "应为文字"),
        ("industries", "医药", "应为列表"),
    ],
)
def test_a_property_of_the_wrong_kind_is_named(root: Path, name, value, words) -> None:
    change(root / "parks.geojson", 1, name, value)
    with pytest.raises(DatasetError) as caught:
        plan.load_parks(root=root)
    assert words in str(caught.value)
    assert f"geodata/parks.geojson park_nantang {name}" in str(caught.value)


def test_a_property_that_is_not_there_is_named(root: Path) -> None:
    path = root / "projects.geojson"
    content = json.loads(path.read_text("utf-8"))
    del content["features"][2]["properties"]["sensitive"]
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(DatasetError, match="project_3 缺少属性 sensitive，应为true 或 false"):
        plan.load_projects(root=root)


def test_an_unknown_location_basis_is_named(root: Path) -> None:
    change(root / "projects.geojson", 2, "location_basis", "somewhere")
    with pytest.raises(DatasetError, match="project_3 location_basis：“somewhere”"):
        plan.load_projects(root=root)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("0.9,2020-12-31", "90,2020-12-31", "rate：“90”"),
        ("0.9,2020-12-31", "nan,2020-12-31", "rate：“nan”"),
        ("0.9,2020-12-31", "0.9,2020-13-31", "due：“2020-13-31”"),
        ("0.9,2020-12-31", "0.9,20201231", "due：“20201231”"),
        (",yes,yes,以此", ",true,yes,以此", "scored：“true”"),
        ("90%以上", "", "phrase：“”"),
        (",以此计分", ",以此计分,多", "列数：“10”"),
        ("rate,due", "due,rate", "表头"),
    ],
)
def test_a_bad_cell_is_named_with_its_line(root: Path, old: str, new: str, words: str) -> None:
    path = root / "plan" / "targets.csv"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(DatasetError) as caught:
        plan.load_targets(root=root)
    assert words in str(caught.value)
    assert str(caught.value).startswith("geodata/plan/targets.csv")


def test_a_table_saved_by_excel_with_bom_is_read(root: Path) -> None:
    path = root / "plan" / "targets.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(plan.load_targets(root=root)) == 8


def test_reading_the_plan_imports_nothing_heavy() -> None:
    heavy = ("geopandas", "pandas", "numpy", "shapely", "pydantic", "pandera")
    script = (
        "import sys; from dongtou_geo.catalog import plan; plan.load_zones(); plan.load_parks();"
        "plan.load_targets(); plan.load_projects(); plan.load_data_notes();"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "[]"
