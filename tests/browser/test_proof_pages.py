"""打开证据 on 一张图, 重大项目, 产业布局, 围垦区 and 汇报: a figure is the sum of its raw rows.

Each figure is opened by a click, its rows are added up here, and both are compared with what the
ledger's and the plan's own rows give without the program.
"""

import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dongtou_geo.store.address import sqlite_path
from tests.browser.conftest import Watched
from tests.browser.proven import Proofs, Proven, figures
from tests.raw_events import raw_parcels, raw_sums
from tests.raw_plan import Properties, planned_mu, raw_features, raw_rows, target_rate

pytestmark = pytest.mark.browser

AT = "2026-06-30"
DUE = "2020-12-31"
EXACT_MU = 0.01
# What rounding to one decimal on a page, and to two in a proof, may hide.
TENTH, HUNDREDTH = 0.0501, 0.00501
COUNTED, AREA, OPEN = "计入", "面积", "可补"
TOTAL, PLAN = "总投资", "十三五投资"
PRODUCING = ("in_production",)


@pytest.fixture
def proofs(watched: Watched) -> Proofs:
    return Proofs(watched)


@pytest.fixture
def file(sample_url: str) -> Path:
    found = sqlite_path(sample_url)
    assert found is not None
    return found


def registered(file: Path, column: str) -> dict[str, object]:
    """Return what the ledger's own table of parcels says in a column, by number."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return dict(connection.execute(f"SELECT parcel_no, {column} FROM parcels"))


def land(
    file: Path, day: str, parks: Collection[str | None], accounts: Collection[str] | None = None
) -> dict[str, float]:
    """Return 亩 by parcel of the parks' land that stands in some accounts; None = in any."""
    found = {}
    for number, parcel in raw_parcels(file, day).items():
        own = [mu for name, mu in parcel.mu().items() if accounts is None or name in accounts]
        if parcel.park in parks and own:
            found[number] = sum(own)
    return found


def parks_of(zone: str) -> list[str]:
    return [name for name, park in raw_features("parks").items() if park["zone_id"] == zone]


def rests_on(seen: Proven, raw: dict[str, float], column: str = COUNTED) -> None:
    """Require the proof's rows to be these parcels, each with this area, and their sum."""
    assert raw, "a proof of nothing proves nothing"
    shown = seen.amounts("地块编号", column)
    assert len(seen.rows) == len(raw)
    assert shown == {number: pytest.approx(mu, abs=HUNDREDTH) for number, mu in raw.items()}
    assert figures(seen.foot[column]) == [pytest.approx(sum(raw.values()), abs=EXACT_MU)]


def says(seen: Proven, value: float, *, page: float = TENTH, proof: float = HUNDREDTH) -> None:
    """Require page and proof to say a value, as finely as each writes it."""
    assert figures(seen.on_page) == [pytest.approx(value, abs=page)]
    assert seen.value == pytest.approx(value, abs=proof)


def area(seen: Proven, raw: dict[str, float], column: str = COUNTED) -> None:
    rests_on(seen, raw, column)
    says(seen, sum(raw.values()), proof=EXACT_MU)


def rate(seen: Proven, raw: dict[str, float], planned: float) -> None:
    rests_on(seen, raw)
    assert "%" in seen.on_page
    assert "%" in seen.value_text
    says(seen, sum(raw.values()) / planned * 100, proof=TENTH)


def test_three_figures_of_a_parks_panel(watched: Watched, proofs: Proofs, file: Path) -> None:
    watched.open("/?sel=park_nantang")
    own = land(file, AT, ["park_nantang"])
    paper = {n for n, basis in registered(file, "area_basis").items() if basis == "ledger"}
    unmapped = {number: mu for number, mu in own.items() if number in paper}
    area(proofs.of(f"unmapped_mu~park_nantang~{AT}"), unmapped)
    then = land(file, DUE, ["park_nantang"], PRODUCING)
    seen = proofs.of(f"rate_at_due~park_nantang~{AT}")
    rate(seen, then, planned_mu("park_nantang"))
    producing = land(file, AT, ["park_nantang"], PRODUCING)
    seen = proofs.of(f"gap_mu~park_nantang~{AT}")
    rests_on(seen, producing)
    wanted = target_rate("park_nantang") * planned_mu("park_nantang")
    says(seen, wanted - sum(producing.values()))
    assert (watched.outside, watched.complaints) == ([], [])


@pytest.mark.parametrize(("zone", "day"), [("zone_main", AT), ("zone_north", "2021-09-30")])
def test_a_zones_panel(watched: Watched, proofs: Proofs, file: Path, zone: str, day: str) -> None:
    watched.open(f"/?sel={zone}&as_of={day}")
    parks = parks_of(zone)
    raw = land(file, day, parks, PRODUCING)
    rate(proofs.of(f"rate~{zone}~{day}"), raw, planned_mu(*parks))
    area(proofs.of(f"in_production_mu~{zone}~{day}"), raw)


def test_the_districts_panel(watched: Watched, proofs: Proofs, file: Path) -> None:
    watched.open("/")
    area(proofs.of(f"recorded_mu~outside~{AT}"), land(file, AT, [None]))
    area(
        proofs.of(f"in_production_mu~outside~{AT}"),
        land(file, AT, [None], PRODUCING),
    )
    # Each platform's line names two areas: its parcels' and the plan's.
    sums = raw_sums(file, AT)
    for park in raw_features("parks"):
        line = watched.page.locator(f'.platform[data-select="{park}"] .sub').inner_text()
        producing = [sums[park]["in_production"]] if park in sums else []
        wanted = [*producing, planned_mu(park)]
        assert figures(line) == [pytest.approx(mu, abs=TENTH) for mu in wanted], park


def test_a_large_park_over_all_pages_of_its_table(
    watched: Watched, proofs: Proofs, file: Path
) -> None:
    watched.open("/?sel=park_ojk_industry")
    raw = land(file, AT, ["park_ojk_industry"])
    assert len(raw) > 100, "it fits on one page"
    area(proofs.of(f"recorded_mu~park_ojk_industry~{AT}"), raw)


def annex(rows: Iterable[Properties], column: str) -> dict[str, float]:
    found = {str(row["no"]): row[column] for row in rows}
    return {no: float(wan) for no, wan in found.items() if wan is not None}


def money(seen: Proven, raw: dict[str, float], column: str) -> None:
    """Require the proof's rows to be these projects, each with this 万元, and their sum in 亿元."""
    assert raw, "a proof of nothing proves nothing"
    assert seen.amounts("序号", column) == raw
    total = sum(raw.values())
    assert figures(seen.foot[column]) == [total]
    assert figures(seen.on_page) == [pytest.approx(total / 10_000, abs=HUNDREDTH)]
    unit = 1 if "万元" in seen.value_text else 10_000
    assert seen.value == pytest.approx(total / unit, abs=EXACT_MU / unit)


def test_five_figures_of_the_projects(watched: Watched, proofs: Proofs) -> None:
    watched.open("/projects")
    everything = list(raw_features("projects").values())
    seen = proofs.of("projects_count~all")
    assert seen.on_page == "43"
    assert seen.value == len(seen.rows) == len(everything) == 43
    total = proofs.of("projects_total_wan~all")
    money(total, annex(everything, "total_investment_wan"), TOTAL)
    assert [row["序号"] for row in total.rows if row[TOTAL] == "—"] == ["26", "30"]  # 待定
    money(
        proofs.of("projects_plan_wan~all"),
        annex(everything, "plan_investment_wan"), PLAN,
    )  # fmt: skip
    north = [one for one in everything if one["zone_id"] == "zone_north"]
    word = f"projects_plan_wan~all~{AT}~%2Czone_north"
    money(proofs.of(word), annex(north, "plan_investment_wan"), PLAN)
    told = {row["no"] for row in raw_rows("project_events") if row["kind"] == "produce"}
    running = [one for one in everything if str(one["no"]) in told]
    word = f"projects_plan_wan~all~{AT}~%2C%2C2012-2025%2C%2C%2Cproduce"
    money(proofs.of(word), annex(running, "plan_investment_wan"), PLAN)
    assert (watched.outside, watched.complaints) == ([], [])


STATED = ("named_park", "phase1_star", "named_island", "named_subdistrict")


def test_four_figures_of_the_industries(watched: Watched, proofs: Proofs, file: Path) -> None:
    watched.open("/industry?want=traditional_seafood&mu=60")
    everything = raw_features("projects")
    industry = {row["no"]: row["industry_id"] for row in raw_rows("industries_projects")}

    def of(name: str, key: str, place: str) -> dict[str, float]:
        own = [
            one
            for no, one in everything.items()
            if industry[no] == name and one["location_basis"] in STATED and one[key] == place
        ]
        return annex(own, "total_investment_wan")

    for word, raw in (
        ("zone_west~~equipment", of("equipment", "zone_id", "zone_west")),
        ("park_nantang~~traditional", of("traditional", "park_id", "park_nantang")),
        (
            "all~~services",
            annex(
                [one for no, one in everything.items() if industry[no] == "services"],
                "total_investment_wan",
            ),
        ),
    ):
        money(proofs.of(f"layout_total_wan~{word}"), raw, TOTAL)
    seen = proofs.of(f"layout_free_mu~park_nantang~{AT}")
    area(seen, land(file, AT, ["park_nantang"], ("approved", "acquired")), AREA)
    assert (watched.outside, watched.complaints) == ([], [])


def test_four_figures_of_the_reclamation(watched: Watched, proofs: Proofs, file: Path) -> None:
    watched.open("/reclamation?at=recl_ojk_phase1")
    sea = {n for n, origin in registered(file, "origin").items() if origin == "filled_sea"}
    held = {row["subject_id"]: set[str]() for row in raw_rows("reclamation_facts")}
    for row in raw_rows("reclamation_facts"):
        if row["kind"] == "park":
            held[row["subject_id"]].add(row["words"])
    areas = raw_features("reclamation")
    later = ("supplied", "building", "completed", "in_production", "part_used")
    for area_id, stage, accounts in (
        ("recl_ojk_phase1", "approved", ("approved", "acquired", *later)),
        ("recl_daxiaomen", "supplied", later),
    ):
        parts = [own for own in areas if area_id in (own, areas[own]["parent_id"])]
        parks = set().union(*(held.get(part, set()) for part in parts))
        raw = {n: mu for n, mu in land(file, AT, parks, accounts).items() if n in sea}
        area(proofs.of(f"recl_sea_mu~{area_id}~{AT}~{stage}"), raw, AREA)
    # Its parts lie within the parent: they are not counted again.
    once = [own for own in areas.values() if own["parent_id"] not in areas]
    total = sum(own["plan_area_mu"] or 0 for own in once)
    says(proofs.of("recl_area_mu~all"), total)
    (fact,) = (row for row in raw_rows("reclamation_facts") if row["kind"] == "filled_area")
    assert fact["unit"] == "平方公里"
    says(proofs.of("recl_fact_mu~"), float(fact["value"]) * 1500)
    assert (watched.outside, watched.complaints) == ([], [])


def on_sheet(watched: Watched, sheet: str) -> None:
    watched.open(f"/briefing?sheet={sheet}")
    expect(watched.page.locator(".sheet.shown")).to_have_attribute("data-sheet", sheet)


STAGE = ".sheet.shown"


def test_rate_and_gap_of_the_briefing(watched: Watched, proofs: Proofs, file: Path) -> None:
    on_sheet(watched, "district")
    parks = list(raw_features("parks"))
    raw = land(file, AT, parks, PRODUCING)
    rate(proofs.of(f"rate~all~{AT}", within=STAGE), raw, planned_mu())
    on_sheet(watched, "gap")
    seen = proofs.of(f"gap_closing~park_nantang~{AT}", within=STAGE)
    park = land(file, AT, ["park_nantang"])
    producing = land(file, AT, ["park_nantang"], PRODUCING)
    unfinished = {number: mu - producing.get(number, 0.0) for number, mu in park.items()}
    listed = seen.amounts("地块编号", OPEN)
    rests_on(seen, {number: unfinished[number] for number in listed}, OPEN)
    says(seen, len(listed))
    gap = target_rate("park_nantang") * planned_mu("park_nantang") - sum(producing.values())
    # So many and no fewer: without the last of them the gap stays open.
    closed = sum(unfinished[number] for number in listed)
    last = unfinished[seen.rows[-1]["地块编号"]]
    assert closed - last < gap <= closed


def test_money_and_overdue_contracts_of_the_briefing(
    watched: Watched, proofs: Proofs, file: Path
) -> None:
    on_sheet(watched, "projects")
    everything = list(raw_features("projects").values())
    made = [one for one in everything if one["subgroup"] == "manufacturing"]
    word = f"projects_total_wan~all~{AT}~manufacturing"
    seen = proofs.of(word, within=STAGE)
    money(seen, annex(made, "total_investment_wan"), TOTAL)
    on_sheet(watched, "next")
    agreed = registered(file, "agreed_start_on")
    late = {
        number: parcel.area * 3 / 2000
        for number, parcel in raw_parcels(file, AT).items()
        if set(parcel.mu()) == {"supplied"} and agreed[number] and str(agreed[number]) < AT
    }
    seen = proofs.of(f"gap_due~all~{AT}~start.past", within=STAGE)
    rests_on(seen, late, AREA)
    says(seen, len(late))
    beside = watched.page.locator(f'{STAGE} .fig[data-select="proof:gap_due~all~{AT}~start.past"]')
    assert figures(beside.nth(1).inner_text()) == [pytest.approx(sum(late.values()), abs=TENTH)]
    assert (watched.outside, watched.complaints) == ([], [])
