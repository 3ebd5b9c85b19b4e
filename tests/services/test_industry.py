"""产业布局: every project stands in one row and one column by the plan's own word, sums are the annex's."""

import json
from collections import Counter
from typing import Any

import pytest

from dongtou_geo.catalog.industries import load_layout
from dongtou_geo.catalog.plan import load_project_groups
from dongtou_geo.domain.layout import FamilyBasis, Layout
from dongtou_geo.services.dossier import Atlas, load_atlas
from dongtou_geo.services.industry import (
    ALL,
    ELSEWHERE,
    INFRASTRUCTURE,
    NOT_STATED,
    UNSORTED,
    Matrix,
    column_of,
    matrix,
)
from dongtou_geo.settings import GEODATA

ATLAS, LAYOUT = load_atlas(), load_layout()


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return ATLAS


@pytest.fixture(scope="module")
def layout() -> Layout:
    return LAYOUT


@pytest.fixture(scope="module")
def table(atlas: Atlas, layout: Layout) -> Matrix:
    return matrix(atlas, layout)


@pytest.fixture(scope="module")
def printed() -> dict[int, dict[str, Any]]:
    """The annex as it lies in the file, read without our code."""
    content = json.loads((GEODATA / "projects.geojson").read_text("utf-8"))
    return {f["properties"]["no"]: f["properties"] for f in content["features"]}


def numbers(table: Matrix, row: str, column: str) -> list[int]:
    return [project.no for project in table.cell(row, column).projects]


def test_every_project_stands_in_one_row_and_one_column(table: Matrix) -> None:
    rows = [h.id for h in table.rows if h.zone_id is None and h.id != ALL]
    columns = [c for c, _ in table.columns if c != ALL]
    told = Counter(no for r in rows for c in columns for no in numbers(table, r, c))
    assert told == Counter(range(1, 44))
    assert numbers(table, ALL, ALL) == list(range(1, 44))


def test_rows_and_columns_sum_to_the_whole_without_their_parks(
    table: Matrix, printed: dict[int, dict[str, Any]]
) -> None:
    whole = sum(p["total_investment_wan"] or 0 for p in printed.values())
    assert table.cell(ALL, ALL).total_wan == whole == 3_198_783
    assert table.cell(ALL, ALL).undecided == 2
    rows = [h.id for h in table.rows if h.zone_id is None and h.id != ALL]
    assert sum(table.cell(r, ALL).total_wan or 0 for r in rows) == whole
    assert sum(table.cell(ALL, c).total_wan or 0 for c, _ in table.columns if c != ALL) == whole
    for head in table.rows:
        for column, _name in table.columns:
            cell = table.cell(head.id, column)
            amounts = [printed[p.no]["total_investment_wan"] for p in cell.projects]
            assert cell.undecided == amounts.count(None)
            assert cell.total_wan == (sum(a or 0 for a in amounts) if any(amounts) else None)
            if head.zone_id:
                assert {p.no for p in cell.projects} <= set(numbers(table, head.zone_id, column))


def test_columns_that_are_the_annexes_own_groups_have_its_sums(table: Matrix) -> None:
    sums = {group.id: group.annex_total_wan for group in load_project_groups()}
    for column, group in (
        ("energy", "energy"), ("information", "information"),
        ("services", "producer_services"), (INFRASTRUCTURE, "infrastructure"),
    ):  # fmt: skip
        assert table.cell(ALL, column).total_wan == sums[group], column


def test_a_guess_counts_in_no_zone(table: Matrix, printed: dict[int, dict[str, Any]]) -> None:
    silent = {no for no, p in printed.items() if p["location_basis"] == "not_stated"}
    assert set(numbers(table, NOT_STATED, ALL)) == silent
    guessed = {no for no in silent if printed[no]["zone_id"]}
    assert guessed, "the file guesses zones, or this test shows nothing"
    for zone in ("zone_north", "zone_main", "zone_west"):
        assert not guessed & set(numbers(table, zone, ALL))
    assert set(numbers(table, ELSEWHERE, ALL)) == {22, 24, 25, 26, 35, 37}
    assert numbers(table, "park_rail", ALL) == [16]


def test_a_family_is_the_plans_word_or_none(layout: Layout, table: Matrix) -> None:
    groups = {
        n: g for g, ns in {"energy": range(19, 23), "information": range(23, 27), "services": range(27, 30)}.items() for n in ns
    }  # fmt: skip
    for own in layout.projects:
        if own.basis is FamilyBasis.SUBGROUP:
            assert groups[own.no] == own.industry_id
        elif own.basis is FamilyBasis.NONE:
            assert own.industry_id is None and own.note
    assert {own.no for own in layout.projects if own.basis is FamilyBasis.SUBGROUP} == set(groups)
    assert set(numbers(table, ALL, INFRASTRUCTURE)) == set(range(38, 44))
    assert 17 in numbers(table, "zone_west", UNSORTED), "the plan ties 威马 to no family"


def test_content_that_ties_a_project_uses_a_word_of_the_branch(
    layout: Layout, printed: dict[int, dict[str, Any]]
) -> None:
    for own in layout.projects:
        if own.basis not in (FamilyBasis.CONTENT, FamilyBasis.NAMED):
            continue
        branch = layout.by_id[own.branch_id or str(own.industry_id)]
        words = (branch.name, *branch.words)
        text = printed[own.no]["name"] + "".join(printed[own.no]["aliases"])
        assert any(word[:2] in text for word in words), (own.no, words)


def test_industries_stand_where_the_plan_puts_them(table: Matrix) -> None:
    def words(row: str, column: str) -> set[str]:
        return {word for word, _ready in table.cell(row, column).industries}

    assert words("zone_main", "traditional") == {
        "机械汽配",
        "电子电器",
        "医药",
        "水产品加工",
        "建材",
    }
    assert words("park_ojk_industry", "traditional") == {"整个门类"}
    assert dict(table.cell("park_startup", "petrochem").industries)["精细化工"] is True
    assert dict(table.cell("park_startup", "petrochem").industries)["LNG产业链"] is False
    assert words("zone_north", "equipment") == {"重大关键及成套设备", "临港装备"}
    assert "水产品加工" in words(ELSEWHERE, "traditional"), "霓屿 lies in no zone"
    assert "建材" in words("zone_north", "traditional"), "大门 lies in 北翼"
    assert words("zone_north", UNSORTED) == {"临港物流", "原材料深加工"}


def test_a_zone_has_its_parks_statements_in_the_list(table: Matrix) -> None:
    listed = {each.place_name for each in table.placed("zone_main", "traditional")}
    assert listed == {"本岛提升", "南塘工业区", "杨文工业区"}
    assert table.placed("park_yangwen", None) == table.placed("park_yangwen", ALL)
    assert len(table.placed(None, None)) == len(LAYOUT.placings)


def test_every_project_has_a_column() -> None:
    assert sorted(column_of(LAYOUT)) == list(range(1, 44))
