"""产业布局 as a user sees it: cells, their projects, the map, and the answer to 项目找地."""

import json
import re
import sqlite3
from collections import defaultdict
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.proof import prove
from dongtou_geo.services.proof.proof import Sources
from dongtou_geo.settings import GEODATA
from dongtou_geo.store.opening import open_ledger
from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

AT = "2026-06-30"
EARLIER = "2016-03-31"
MU_M2 = 2000 / 3
SIZES = ((1440, 900), (1366, 768))
IDLE = (
    "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
)


def printed() -> list[dict[str, Any]]:
    content = json.loads((GEODATA / "projects.geojson").read_text("utf-8"))
    return [feature["properties"] for feature in content["features"]]


def standing_rows(path: str) -> dict[str, list[sqlite3.Row]]:
    """The raw lines of every parcel, those that were voided left out."""
    with closing(sqlite3.connect(path)) as file:
        file.row_factory = sqlite3.Row
        rows = file.execute("SELECT * FROM events ORDER BY effective_on, event_id").fetchall()
    gone = {row["supersedes"] for row in rows if row["supersedes"] is not None}
    found = defaultdict(list)
    for row in rows:
        if row["event_id"] not in gone and row["kind"] != "void":
            found[row["parcel_no"]].append(row)
    return found


def waiting_land(path: str, day: str) -> dict[str, dict[str, list[float]]]:
    """Areas in 亩 of every parcel that is approved or acquired and no further, by park."""
    steps = ("approve", "acquire", "supply", "start", "complete", "produce")
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for rows in standing_rows(path).values():
        past = [row for row in rows if row["effective_on"] <= day]
        if not past or past[-1]["kind"] == "end":
            continue
        reached = -1
        for row in past:
            if row["kind"] in steps:
                reached = max(reached, steps.index(row["kind"]))
            elif row["kind"] == "withdraw":
                reached = steps.index("acquire")
        area = [row["area_m2"] for row in past if row["kind"] in ("register", "redraw")][-1]
        park = [row["park_id"] for row in past if row["kind"] in ("register", "move_park")][-1]
        status = {-1: "planned", 0: "approved", 1: "acquired"}.get(reached, "beyond")
        found[str(park)][status].append(area / MU_M2)
    return found


def cell(watched: Watched, row: str, column: str) -> Locator:
    return watched.page.locator(f'td[data-cell="{row}~{column}"]')


def fit_row(watched: Watched, park: str) -> list[str]:
    tds = watched.page.locator(f'tr[data-fit="{park}"] td').all_inner_texts()
    return [re.sub(r"\s+", " ", text).strip() for text in tds]


@pytest.mark.parametrize(
    ("branch", "option", "wanted"),
    [("traditional_seafood", "水产品加工", 60), ("traditional_stone", "建材", 100)],
)
@pytest.mark.parametrize("day", [AT, EARLIER])
def test_question_9_is_answered_from_the_raw_rows(
    watched: Watched, sample_url: str, branch: str, option: str, wanted: int, day: str
) -> None:
    page = watched.open(f"/industry?as_of={day}").page
    expect(page.locator("td[data-cell]").first).to_be_visible()
    page.wait_for_function(IDLE)
    page.get_by_role("combobox", name="产业").click()
    page.keyboard.type(option)
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    page.get_by_label("用地（亩）").fill(str(wanted))
    page.get_by_role("button", name="查找").click()
    expect(page.locator(f'[data-answer="{branch}"]')).to_contain_text(f"{wanted} 亩")
    assert f"want={branch}" in page.url and f"mu={wanted}" in page.url

    land = waiting_land(sample_url.removeprefix("sqlite:///"), day)
    rows = page.locator("tr[data-fit]")
    shown = [row.get_attribute("data-fit") for row in rows.all()]
    # 第三章二（二）: 传统特色 goes to 杨文, 南塘 and 工业功能区.
    assert set(shown) == {"park_nantang", "park_yangwen", "park_ojk_industry"}
    for park in map(str, shown):
        own = land[park]
        acquired, approved = sum(own["acquired"]), sum(own["approved"])
        free = acquired + approved
        largest = max(own["acquired"], default=0.0)
        cells = fit_row(watched, park)
        assert cells[1] == f"{free:,.1f}"
        best = cells[2].split(" ")
        assert best[0] == f"{acquired:,.1f}"
        assert best[-1] == (f"{largest:,.1f}" if largest else "无")
        assert cells[3:5] == [f"{approved:,.1f}", f"{sum(own['planned']):,.1f}"]
        expected = (
            "台账所记不足" if free < wanted
            else "须先征收或验收填海" if acquired < wanted
            else "合计够，单宗可容" if largest >= wanted
            else "合计够，须并宗"
        )  # fmt: skip
        assert cells[-1] == expected, park
    unknown = page.locator("section.answer")
    expect(unknown).to_contain_text("净地与否、道路、容积率限制、环保和安全准入、已有意向：未填报")
    expect(unknown).to_contain_text("霓屿" if wanted == 60 else "大门花岗岩深加工产业园")
    expect(unknown).to_contain_text("示例")


def test_every_cell_counts_and_sums_the_annex(watched: Watched) -> None:
    watched.open("/industry")
    expect(cell(watched, "all", "all")).to_contain_text("43 项")
    annex = printed()
    zones = ("zone_north", "zone_main", "zone_west")
    stated = {"named_park", "phase1_star", "named_island", "named_subdistrict"}
    for zone in zones:
        own = [p for p in annex if p["zone_id"] == zone and p["location_basis"] in stated]
        total = sum(p["total_investment_wan"] or 0 for p in own)
        expect(cell(watched, zone, "all")).to_have_text(
            re.compile(rf"^\s*{len(own)} 项\s*{total / 1e4:,.2f}\s*$")
        )
    silent = [p for p in annex if p["location_basis"] == "not_stated"]
    expect(cell(watched, "not_stated", "all")).to_contain_text(f"{len(silent)} 项")
    total = sum(p["total_investment_wan"] or 0 for p in annex)
    expect(cell(watched, "all", "all")).to_contain_text(f"{total / 1e4:,.2f}")
    expect(cell(watched, "all", "all")).to_contain_text("另 2 项待定")


def test_a_cell_lists_its_projects_and_lights_the_map(watched: Watched) -> None:
    page = watched.open("/industry").page
    cell(watched, "zone_west", "equipment").get_by_text("高性能轻工机械").click()
    expect(page.locator(".detail h3")).to_contain_text("西片联动 · 装备制造")
    assert "at=zone_west" in page.url and "industry=equipment" in page.url
    listed = [row.get_attribute("data-project") for row in page.locator("tr[data-project]").all()]
    assert listed == ["8", "16"]
    expect(page.locator('tr[data-project="16"]')).to_contain_text("48,873")
    expect(page.locator(".plate-chosen")).to_have_count(1)
    lit = page.locator('svg [aria-label="轨道交通装备产业示范区"] path')
    assert lit.get_attribute("fill") == "#C9DFDA"
    page.reload()
    expect(page.locator("tr[data-project]")).to_have_count(2)
    page.get_by_role("button", name="显示全部").click()
    expect(page.locator("tr[data-project]")).to_have_count(43)
    page.go_back()
    expect(page.locator("tr[data-project]")).to_have_count(2)


def test_the_map_leads_to_the_row_and_the_keyboard_does_as_well(watched: Watched) -> None:
    page = watched.open("/industry").page
    page.locator('svg [data-select="at:park_nantang"][role="button"]').click(force=True)
    expect(page.locator('tr[data-row="park_nantang"]')).to_have_class(re.compile("chosen"))
    expect(page.locator("tr[data-project]")).to_have_count(4)
    part = page.locator('svg [data-select="at:park_rail"][role="button"]')
    part.focus()
    page.keyboard.press("Enter")
    expect(page.locator('tr[data-row="park_rail"]')).to_have_class(re.compile("chosen"))
    expect(page.locator("tr[data-project]")).to_have_count(1)


def test_every_figure_has_its_proof(watched: Watched, sample_url: str) -> None:
    page = watched.open("/industry?want=petrochem_lng&mu=60").page
    expect(page.locator("tr[data-fit]")).to_have_count(1)
    ledger = open_ledger(sample_url)
    sources = Sources(load_atlas(), ledger, ledger.stamp())
    figures = page.locator(".fig").evaluate_all(
        "all => all.map(f => [f.dataset.select, f.innerText])"
    )
    assert len(figures) > 100
    for word, text in figures:
        proof = prove(sources, word.removeprefix("proof:"))
        assert proof is not None and proof.value is not None, word
        divisor = 1e4 if "layout_total_wan" in word else 1
        assert float(text.replace(",", "")) == pytest.approx(proof.value / divisor, abs=0.051), word
    page.locator('.fig[data-select^="proof:layout_total_wan~zone_main~~traditional"]').click()
    expect(page.locator(".proof .formula")).to_contain_text("总投资 = 各项目附表总投资之和")


def test_nothing_recorded_is_unreported(watched: Watched) -> None:
    page = watched.open("/industry?want=equipment_rail&mu=20").page
    expect(page.locator('tr[data-fit="park_rail"] td.verdict')).to_have_text("未填报")
    assert fit_row(watched, "park_rail")[1:] == [*["未填报"] * 4, "未填报 / 1,500.0", "未填报"]


def test_a_wrong_address_falls_back_and_says_so(watched: Watched) -> None:
    page = watched.open("/industry?at=zone_east&want=steel&mu=-1&industry=%3Cimg%3E").page
    expect(page.locator(".dtg-remarks p")).to_have_count(4)
    expect(page.locator("tr[data-project]")).to_have_count(43)
    assert watched.complaints == []


def test_both_screens_hold_map_and_matrix_and_nothing_is_fetched_outside(watched: Watched) -> None:
    for width, height in SIZES:
        watched.page.set_viewport_size({"width": width, "height": height})
        page = watched.open("/industry").page
        table, plate = page.locator("table.matrix"), page.locator("svg.plate")
        expect(table).to_be_visible()
        boxes = [where.bounding_box() for where in (plate, table)]
        assert boxes[0] and boxes[1]
        assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
        assert boxes[1]["x"] + boxes[1]["width"] <= width, "the matrix is cut off"
        words = page.locator("svg.plate text").all()
        assert len(words) >= 8 and all(word.is_visible() for word in words)
    assert watched.outside == []
    assert watched.complaints == []
