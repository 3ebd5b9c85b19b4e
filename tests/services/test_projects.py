"""The 43: sums that the plan prints, filters checked against the raw file, and what is known."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dongtou_geo import settings
from dongtou_geo.domain.project_event import Happened, Precision, ProjectEvent, ProjectEventKind
from dongtou_geo.services.dossier import Atlas, load_atlas
from dongtou_geo.services.project_filter import (
    LONGEST_TEXT,
    SORT_KEYS,
    ProjectFilter,
    filter_words,
    found,
    in_order,
    parse_detail,
    printed_sum,
    status_choices,
)
from dongtou_geo.services.projects import (
    ProjectRow,
    largest,
    project_rows,
    shortfalls,
    state_of,
    totals,
)
from dongtou_geo.services.proof.ask import LONGEST, FigureAsk, parse_ask
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from dongtou_geo.store.project_events import add_project_events

TODAY = date(2026, 6, 30)
NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
Raw = dict[str, Any]


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return load_atlas()


@pytest.fixture(scope="module")
def rows(atlas: Atlas) -> list[ProjectRow]:
    return project_rows(atlas, None, TODAY)


@pytest.fixture(scope="module")
def raw() -> list[Raw]:
    text = (settings.GEODATA / "projects.geojson").read_text("utf-8")
    return [feature["properties"] for feature in json.loads(text)["features"]]


def numbers(rows: list[ProjectRow]) -> list[int]:
    return [row.project.no for row in rows]


@pytest.mark.parametrize(
    ("group", "count", "total_wan", "plan_wan"),
    [
        ("implement", 29, 2_660_937, 2_460_498),
        ("invite", 8, 315_000, 325_000),
        ("infrastructure", 6, 222_846, 79_846),
        (None, 43, 3_198_783, 2_865_344),
    ],
)
def test_the_groups_sum_to_what_the_annex_prints(
    rows: list[ProjectRow], group: str | None, count: int, total_wan: float, plan_wan: float
) -> None:
    sums = totals(found(rows, ProjectFilter(group=group)))
    assert (sums.count, sums.total_wan, sums.plan_wan) == (count, total_wan, plan_wan)


def test_every_line_of_table_4_is_within_its_rounding(rows: list[ProjectRow]) -> None:
    with (settings.GEODATA / "plan" / "project_groups.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            wanted = ProjectFilter(group=None if line["id"] == "total" else line["id"])
            sums, printed = totals(found(rows, wanted)), printed_sum(wanted)
            assert printed is not None
            assert printed.name == line["name"]
            assert sums.count == int(line["project_count"])
            # 表4 rounds its lines one by one, its sums by hand: within a tenth of 亿元.
            assert sums.total_wan / 1e4 == pytest.approx(printed.table4_total_yi, abs=0.1)
            assert sums.plan_wan / 1e4 == pytest.approx(printed.table4_plan_yi, abs=0.1)


def test_undecided_totals_are_named_and_not_counted(rows: list[ProjectRow]) -> None:
    assert totals(rows).undecided == (26, 30)
    only = totals(found(rows, ProjectFilter(text="智慧城市")))
    assert (only.count, only.known_total_wan, only.plan_wan) == (1, None, 3000)
    assert totals([]).known_total_wan == 0


FILTERS: list[tuple[ProjectFilter, Callable[[Raw], bool]]] = [
    (ProjectFilter(group="energy"), lambda p: p["subgroup"] == "energy"),
    (ProjectFilter(zone="zone_west"), lambda p: p["zone_id"] == "zone_west"),
    (ProjectFilter(zone="none"), lambda p: p["zone_id"] is None),
    (ProjectFilter(zone="district_wide"), lambda p: p["location_basis"] == "district_wide"),
    (ProjectFilter(years=(2021, 2025)), lambda p: p["end_year"] >= 2021),
    (ProjectFilter(years=(2012, 2013)), lambda p: p["start_year"] <= 2013),
    (ProjectFilter(least_yi=10), lambda p: (p["total_investment_wan"] or 0) >= 100_000),
    (ProjectFilter(most_yi=0.5), lambda p: p["total_investment_wan"] is not None
                                           and p["total_investment_wan"] <= 5_000),
    (ProjectFilter(status="produce"), lambda p: p["no"] in (17, 19)),
    (ProjectFilter(status="complete"), lambda p: p["no"] == 16),
    (ProjectFilter(status="unreported"), lambda p: p["no"] not in (16, 17, 19)),
    (ProjectFilter(status="stage:plan"), lambda _p: False),
    (ProjectFilter(text="17"), lambda p: p["no"] == 17),
    (ProjectFilter(text="lng"), lambda p: "LNG" in p["name"]),
    (ProjectFilter(text="整车修造"), lambda p: p["no"] == 16),
    (ProjectFilter(text="zhsc"), lambda _p: False),
    (ProjectFilter(text="zhcs"), lambda p: p["no"] == 26),
    (ProjectFilter(text="zhihuicheng"), lambda p: p["no"] == 26),
    (ProjectFilter(group="invite", zone="zone_north", years=(2018, 2018), least_yi=2),
     lambda p: p["group"] == "invite" and p["zone_id"] == "zone_north"
               and p["start_year"] <= 2018 <= p["end_year"]
               and (p["total_investment_wan"] or 0) >= 20_000),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "expected"), FILTERS, ids=lambda value: str(value)[:60])
def test_filters_find_what_the_file_says(
    rows: list[ProjectRow], raw: list[Raw], wanted: ProjectFilter, expected: Callable[[Raw], bool]
) -> None:
    assert numbers(found(rows, wanted)) == [p["no"] for p in raw if expected(p)]


@pytest.mark.parametrize("wanted", [wanted for wanted, _ in FILTERS], ids=lambda w: w.detail)
def test_a_filter_travels_in_a_figures_address(wanted: ProjectFilter, atlas: Atlas) -> None:
    assert parse_detail(wanted.detail) == wanted
    ask = FigureAsk("projects_total_wan", "all", TODAY, wanted.detail)
    assert parse_ask(ask.text) == ask
    assert filter_words(wanted, atlas)


def test_the_longest_filter_has_room_in_a_figures_address() -> None:
    longest_status = max(status_choices(), key=len)
    wanted = ProjectFilter(
        "producer_services", "district_wide", (2013, 2024), 0.123456789, 999.999999,
        longest_status, "𠮷" * LONGEST_TEXT,
    )  # fmt: skip
    assert len(FigureAsk("projects_invested_wan", "all", TODAY, wanted.detail).text) <= LONGEST


@pytest.mark.parametrize("detail", ["x", "a,b,c,d,e,f", ",,2012,,,,", ",,2012-2025,x,,,"])
def test_a_detail_that_nobody_wrote_is_none(detail: str) -> None:
    assert parse_detail(detail) is None


@pytest.mark.parametrize("sort", SORT_KEYS)
def test_sorting_turns_round_and_keeps_the_valueless_last(
    rows: list[ProjectRow], sort: Any
) -> None:
    up, down = in_order(rows, sort), in_order(rows, sort, descending=True)
    assert sorted(numbers(up)) == sorted(numbers(down)) == list(range(1, 44))
    assert up != down
    if sort == "total":
        assert numbers(up)[-2:] == numbers(down)[-2:] == [26, 30]
        assert numbers(down)[:3] == [19, 17, 20]


def test_places_say_what_the_plan_says(rows: list[ProjectRow]) -> None:
    by_no = {row.project.no: (row.place, row.basis) for row in rows}
    assert by_no[16] == ("轨道交通装备产业示范区", "规划写明园区")
    assert by_no[1] == ("北翼集聚", "规划未写明，推定")
    assert by_no[39] == ("无片区", "规划未写明")
    assert by_no[35] == ("无片区", "规划写明岛屿")
    assert by_no[24][0] == "全区性"
    assert by_no[22][0] == "区外海上"
    assert by_no[37][0] == "多处地块"


def test_without_a_ledger_public_reports_alone_count(rows: list[ProjectRow]) -> None:
    told = {row.project.no: row.state.label for row in rows if row.state.status}
    assert told == {16: "竣工", 17: "投产", 19: "投产"}
    assert {row.project.no for row in rows if row.state.leads} == {35, 36}
    assert {row.state.label for row in rows if row.project.no not in told} == {"状态未填报"}


def test_before_a_report_nothing_is_claimed(atlas: Atlas) -> None:
    early = project_rows(atlas, None, date(2018, 4, 9))
    assert not [row for row in early if row.state.status]
    assert state_of(None, 16, date(2018, 4, 10)).kind is ProjectEventKind.COMPLETE


def event(no: int, kind: str, on: date, **given: Any) -> ProjectEvent:
    happened = Happened(on, Precision.DAY)
    return ProjectEvent(0, no, ProjectEventKind(kind), happened, "批文", NOW, "张三", **given)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = create(file_url(tmp_path / "ledger.sqlite"))
    with made.writing() as writer:
        add_project_events(
            writer.connection,
            [
                event(1, "start", date(2016, 5, 1)),
                event(1, "invest", date(2018, 12, 31), invested_wan=15_000.0),
                event(20, "invest", date(2020, 12, 31), invested_wan=100_000.0),
                event(19, "start", date(2025, 1, 1)),
            ],
        )
    return made


def test_the_ledgers_lines_count_beside_the_reports(atlas: Atlas, ledger: Ledger) -> None:
    rows = {row.project.no: row for row in project_rows(atlas, ledger, TODAY)}
    assert (rows[1].state.label, rows[1].last_id) == ("开工", 2)
    assert rows[17].state.label == "投产"
    assert state_of(ledger, 1, TODAY) == rows[1].state
    assert state_of(ledger, 2, TODAY).label == "状态未填报"


def test_a_line_against_a_report_is_shown_as_a_contradiction(atlas: Atlas, ledger: Ledger) -> None:
    rows = {row.project.no: row for row in project_rows(atlas, ledger, TODAY)}
    (words,) = rows[19].contradictions
    assert "2025-01-01" in words
    assert "2024-07-03" in words
    assert rows[1].contradictions == ()


def test_what_is_missing_is_counted_only_where_investment_is_recorded(
    atlas: Atlas, ledger: Ledger
) -> None:
    rows = project_rows(atlas, ledger, TODAY)
    sums = totals(rows)
    assert (sums.invested, sums.invested_wan, sums.invested_of_wan) == (2, 115_000, 296_000)
    assert [(row.project.no, wan) for row, wan in shortfalls(rows)] == [(20, 180_000), (1, 1_000)]
    assert shortfalls(project_rows(atlas, None, TODAY)) == []


def test_the_three_largest_are_most_of_the_plan(rows: list[ProjectRow]) -> None:
    top = largest(rows)
    assert numbers(top) == [19, 17, 20]
    assert (totals(top).plan_wan, totals(rows).plan_wan) == (2_030_000, 2_865_344)
