"""围垦区 as a user sees it: figures once, silence kept, the policy where it bites, map and table linked."""

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.proof import prove
from dongtou_geo.services.proof.proof import Sources
from dongtou_geo.store.opening import open_ledger
from tests.browser.conftest import Watched
from tests.browser.test_industry_page import MU_M2, standing_rows

pytestmark = pytest.mark.browser

AT = "2026-06-30"
AREAS = (
    "recl_daxiaomen", "recl_xiaomen_west", "recl_lng", "recl_port_logistics", "recl_damen_lingang",
    "recl_ojk_phase1", "recl_ojk_phase2", "recl_qiantan2",
)  # fmt: skip
STEPS = {"approve": 1, "acquire": 2, "supply": 3, "start": 4, "complete": 5, "produce": 6}


def cells(watched: Watched, area: str) -> list[str]:
    texts = watched.page.locator(f'tr[data-area="{area}"] td').all_inner_texts()
    return [re.sub(r"\s+", " ", text).strip() for text in texts]


def filled_sea(path: str, parks: tuple[str, ...], day: str) -> list[float]:
    """Filled sea of parks in 亩, from the raw rows: approved, accepted, supplied and beyond."""
    with closing(sqlite3.connect(path)) as file:
        sea = {
            n for (n,) in file.execute("SELECT parcel_no FROM parcels WHERE origin='filled_sea'")
        }
    found = [0.0, 0.0, 0.0]
    for number, rows in standing_rows(path).items():
        past = [row for row in rows if row["effective_on"] <= day]
        if number not in sea or not past or past[-1]["kind"] == "end":
            continue
        reached = 0
        for row in past:
            stage = 2 if row["kind"] == "withdraw" else STEPS.get(row["kind"], 0)
            reached = stage if row["kind"] == "withdraw" else max(reached, stage)
        area = [row["area_m2"] for row in past if row["kind"] in ("register", "redraw")][-1]
        park = [row["park_id"] for row in past if row["kind"] in ("register", "move_park")][-1]
        if park in parks:
            for stage in range(3):
                found[stage] += area / MU_M2 if reached > stage else 0.0
    return found


@pytest.mark.parametrize("day", [AT, "2017-06-30"])
def test_the_books_figures_are_those_of_the_raw_rows(
    watched: Watched, sample_url: str, day: str
) -> None:
    watched.open(f"/reclamation?as_of={day}")
    expect(watched.page.locator("tr[data-area]")).to_have_count(len(AREAS))
    path = sample_url.removeprefix("sqlite:///")
    for area, parks in (
        ("recl_daxiaomen", ("park_startup",)), ("recl_xiaomen_west", ("park_startup",)),
        ("recl_ojk_phase1", ("park_ojk_industry", "park_rail")),
    ):  # fmt: skip
        expected = [f"{mu:,.1f}" for mu in filled_sea(path, parks, day)]
        assert cells(watched, area)[-3:] == expected, area


def test_question_10_names_what_is_missing(watched: Watched) -> None:
    page = watched.open("/reclamation").page
    expect(page.locator("tr[data-area]")).to_have_count(len(AREAS))
    for area in AREAS:
        approved, filled, accepted = cells(watched, area)[1:4]
        assert approved == accepted == "未填报"
        known = area == "recl_ojk_phase2"
        assert filled == ("38,550.0 25.7 平方公里 2016-09" if known else "未填报")
    expect(page.locator("[data-policy]")).to_contain_text(
        "2018-07　国发〔2018〕24号　除国家重大战略项目外，全面停止新增围填海项目审批"
    )
    expect(page.locator("[data-policy]")).to_contain_text("各处后来如何处置，未填报")
    marked = page.locator("tr[data-area]:has(abbr)").all()
    assert [row.get_attribute("data-area") for row in marked] == [
        "recl_daxiaomen", "recl_port_logistics", "recl_damen_lingang", "recl_qiantan2"
    ]  # fmt: skip


def test_gross_areas_are_as_printed_and_the_parent_counts_once(watched: Watched) -> None:
    watched.open("/reclamation")
    expect(watched.page.locator("tr[data-area]")).to_have_count(len(AREAS))
    assert cells(watched, "recl_daxiaomen")[0] == "29,700.0 约 19.8 平方公里 含下列各块"
    assert cells(watched, "recl_damen_lingang")[0] == "16,200.0 约 16,200 亩"
    assert cells(watched, "recl_ojk_phase1")[0] == "36,000.0 约 24 平方公里"
    assert cells(watched, "recl_qiantan2")[0] == "规划未给"
    total = watched.page.locator(".areas-table tr.bottom")
    expect(total).to_contain_text("65,700.0")
    expect(total).to_contain_text("上级与其下各块只计一次")


def test_map_and_table_lead_to_the_same_area(watched: Watched) -> None:
    page = watched.open("/reclamation").page
    page.locator('tr[data-area="recl_damen_lingang"] th button').click()
    detail = page.locator('[data-detail="recl_damen_lingang"]')
    expect(detail).to_contain_text("43 大门临港产业区围海工程，2019–2025")
    expect(detail).to_contain_text("此后本区处置：未填报")
    expect(detail).to_contain_text("数据注记 2")
    expect(page.locator(".plate-chosen")).to_have_count(1)
    assert "at=recl_damen_lingang" in page.url
    part = page.locator('svg [data-select="at:recl_ojk_phase1"][role="button"]')
    part.focus()
    page.keyboard.press("Enter")
    expect(page.locator('tr[data-area="recl_ojk_phase1"]')).to_have_class(re.compile("chosen"))
    detail = page.locator('[data-detail="recl_ojk_phase1"]')
    expect(detail.locator('tr[data-park="park_ojk_industry"]')).to_contain_text("（示意）")
    expect(detail.locator('tr[data-park="park_rail"]')).to_contain_text("未填报")
    page.go_back()
    expect(page.locator('[data-detail="recl_damen_lingang"]')).to_be_visible()
    # The parent has no outline of its own: its parts are lit.
    page.locator('tr[data-area="recl_daxiaomen"] th button').click()
    expect(page.locator('[data-detail="recl_daxiaomen"]')).to_contain_text("小门岛西片围涂工程")
    lit = page.locator('svg [data-select="at:recl_lng"][role="button"] path')
    expect(lit).to_have_attribute("stroke", "#1A625F")


def test_every_figure_has_its_proof(watched: Watched, sample_url: str) -> None:
    ledger = open_ledger(sample_url)
    sources = Sources(load_atlas(), ledger, ledger.stamp())
    seen = set()
    for area in AREAS:
        page = watched.open(f"/reclamation?at={area}").page
        expect(page.locator(f'[data-detail="{area}"]')).to_be_visible()
        figures = page.locator(".fig").evaluate_all(
            "all => all.map(f => [f.dataset.select, f.innerText])"
        )
        for word, text in figures:
            proof = prove(sources, word.removeprefix("proof:"))
            assert proof is not None and proof.value is not None, word
            number = float(re.sub(r"[^\d.]", "", text))
            assert number == pytest.approx(proof.value, abs=0.051), word
            seen.add(word.split("~")[0])
    assert seen == {
        "proof:recl_area_mu", "proof:recl_sea_mu", "proof:recl_fact_mu", "proof:layout_project_wan",
    }  # fmt: skip
    watched.page.locator('.fig[data-select^="proof:recl_area_mu~all"]').click()
    expect(watched.page.locator(".proof .formula")).to_contain_text("上级与其下各块只计一次")


def test_a_wrong_address_falls_back_and_both_screens_hold_it(watched: Watched) -> None:
    page = watched.open("/reclamation?at=%3Cscript%3E").page
    expect(page.locator(".dtg-remarks")).to_contain_text("不存在，已显示全部")
    for width, height in ((1440, 900), (1366, 768)):
        page.set_viewport_size({"width": width, "height": height})
        watched.open("/reclamation")
        table = page.locator(".areas-table")
        expect(table).to_be_visible()
        box, plate = table.bounding_box(), page.locator("svg.plate").bounding_box()
        assert box and plate and box["x"] + box["width"] <= width
        assert plate["y"] + plate["height"] <= height, "the map is below the fold"
    assert watched.outside == [] and watched.complaints == []
