"""The check of industries, policies and reclamation: what leads nowhere is named."""

import shutil
from pathlib import Path

import pytest

from dongtou_geo import settings
from dongtou_geo.domain.problem import Problem
from dongtou_geo.services.check import check_all
from scripts import seal_geodata

PLAN = "geodata/plan"


class Bench:
    """A copy of geodata/ to break."""

    def __init__(self, folder: Path) -> None:
        self.geodata = folder / "geodata"
        shutil.copytree(settings.GEODATA, self.geodata)

    def replace(self, table: str, old: str, new: str) -> "Bench":
        path = self.geodata / "plan" / f"{table}.csv"
        text = path.read_text("utf-8")
        assert text.count(old) >= 1
        path.write_text(text.replace(old, new, 1), "utf-8")
        return self

    def check(self) -> list[Problem]:
        seal_geodata.main(self.geodata)
        return check_all(geodata=self.geodata, layers=settings.LAYERS)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def told(problems: list[Problem]) -> set[tuple[str, str, str | None, object]]:
    return {(p.file.removeprefix(f"{PLAN}/"), p.code, p.field, p.value) for p in problems}


def test_references_that_lead_nowhere_are_named(bench: Bench) -> None:
    bench.replace("industries", "petrochem_lng,petrochem,", "petrochem_lng,petrol,")
    bench.replace("industries_places", "petrochem,recl_daxiaomen", "petrochem,recl_dongmen")
    bench.replace("industries_places", "traditional,park_yangwen", "tradition,park_yangwen")
    bench.replace("industries_projects", "8,equipment,", "8,equip,")
    bench.replace("policy_notes", "project:43", "project:44")
    bench.replace("reclamation_facts", "recl_lng,role", "recl_lgn,role")
    bench.replace("reclamation_facts", ",park_rail,", ",park_tram,")
    file = "unknown_reference"
    assert told(bench.check()) == {
        ("industries.csv", file, "parent_id", "petrol"),
        ("industries_places.csv", file, "place_id", "recl_dongmen"),
        ("industries_places.csv", file, "industry_id", "tradition"),
        ("industries_projects.csv", file, "industry_id", "equip"),
        # Its branch is no longer one of its family.
        ("industries_projects.csv", file, "branch_id", "petrochem_lng"),
        ("policy_notes.csv", file, "bound_to", "project:44"),
        ("reclamation_facts.csv", file, "subject_id", "recl_lgn"),
        ("reclamation_facts.csv", file, "words", "park_tram"),
    }


def test_cells_that_do_not_fit_are_named(bench: Bench) -> None:
    bench.replace("industries_places", ",main,", ",mainly,")
    bench.replace("reclamation_facts", "2018-09,", "2018.9,")
    bench.replace("reclamation_facts", "20.3,公顷", "20.3,顷")
    bench.replace("policy_notes", "2018-07", "2018-7")
    bench.replace("industries_projects", "none,", "nobody,")
    found = told(bench.check())
    assert ("industries_places.csv", "bad_cell", "strength", "mainly") in found
    assert ("reclamation_facts.csv", "bad_cell", "on", "2018.9") in found
    assert ("reclamation_facts.csv", "bad_cell", "unit", "顷") in found
    assert ("policy_notes.csv", "bad_cell", "issued_on", "2018-7") in found
    assert ("industries_projects.csv", "bad_cell", "basis", "nobody") in found


def test_every_project_is_told_once_and_with_a_basis(bench: Bench) -> None:
    bench.replace("industries_projects", "\n43,", "\n42,")
    bench.replace("industries_projects", "19,energy,,subgroup", "19,energy,,none")
    bench.replace("industries_projects", "1,,,none", "1,,,content")
    problems = bench.check()
    codes = {(p.code, p.feature) for p in problems}
    assert ("missing_value", "43") in codes
    assert sum(p.code == "duplicate_value" for p in problems) == 2
    wrong = {p.feature for p in problems if p.field == "basis"}
    assert wrong == {"19（第 20 行）", "1（第 2 行）"}


def test_a_branch_belongs_to_its_family(bench: Bench) -> None:
    bench.replace(
        "industries_projects", "3,traditional,traditional_machinery", "3,traditional,equipment_rail"
    )
    (problem,) = bench.check()
    assert (problem.field, problem.value) == ("branch_id", "equipment_rail")


def test_an_area_has_a_figure_and_a_unit_and_a_statement_has_a_place(bench: Bench) -> None:
    bench.replace("reclamation_facts", "2016-09,25.7,平方公里", "2016-09,25.7,")
    bench.replace("reclamation_facts", "recl_lng,stage,,,", "recl_lng,stage,,3,亩")
    bench.replace("industries_places", ",,霓屿海洋藻类深加工创业园,", ",,,")
    problems = bench.check()
    assert {(p.file, p.code, p.field) for p in problems} == {
        (f"{PLAN}/reclamation_facts.csv", "missing_value", "value"),
        (f"{PLAN}/industries_places.csv", "missing_value", "place_id"),
    }
    assert len(problems) == 3


def test_ids_do_not_repeat(bench: Bench) -> None:
    bench.replace("industries", "emerging_green,", "emerging_energy,")
    assert ("industries.csv", "duplicate_value", "id", "emerging_energy") in told(bench.check())
