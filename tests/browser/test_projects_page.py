"""重大项目 as staff use it: filter, choose on map or in the table, read the sources, record."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, expect

from dongtou_geo.domain.project_event import ProjectEvent
from dongtou_geo.settings import ROOT
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create, open_ledger
from dongtou_geo.store.project_events import project_events
from tests.browser.conftest import Watched, serving, watching

pytestmark = pytest.mark.browser

RAW: list[dict[str, Any]] = [
    feature["properties"] | {"placed": feature["geometry"] is not None}
    for feature in json.loads((ROOT / "geodata" / "projects.geojson").read_text("utf-8"))[
        "features"
    ]
]


@pytest.fixture(scope="module")
def own_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return create(file_url(tmp_path_factory.mktemp("own") / "own.sqlite")).url


@pytest.fixture(scope="module")
def own_base(own_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "serve.log"
    yield from serving({"DONGTOU_GEO_LEDGER": own_url}, log)


@pytest.fixture
def clerk(browser: Browser, own_base: str) -> Iterator[Watched]:
    yield from watching(browser, own_base)


def lines(url: str, no: int) -> list[ProjectEvent]:
    with open_ledger(url).reading() as snapshot:
        return project_events(snapshot.connection, no)


def table(page: Watched) -> Locator:
    return page.page.locator("table.projects tbody tr")


def numbers(page: Watched) -> list[int]:
    return [int(text) for text in page.page.locator("table.projects td.no").all_inner_texts()]


def side(page: Watched) -> Locator:
    return page.page.locator(".st-key-panel-side")


def yi(wan: float) -> str:
    return f"{wan / 10_000:,.2f}"


def test_the_headline_is_the_sum_of_the_file_and_stands_beside_table_4(watched: Watched) -> None:
    watched.open("/projects")
    sums = watched.page.locator(".sums")
    expect(table(watched)).to_have_count(43)
    expect(sums).to_contain_text("43 项")
    expect(sums).to_contain_text(yi(sum(p["total_investment_wan"] or 0 for p in RAW)))
    expect(sums).to_contain_text(yi(sum(p["plan_investment_wan"] for p in RAW)))
    expect(sums).to_contain_text("第 26、30 项")
    expect(watched.page.locator(".sum-notes")).to_contain_text("DQ-22")
    expect(watched.page.locator(".sum-notes")).to_contain_text("DQ-23")
    assert numbers(watched) == [p["no"] for p in RAW]
    placed = {str(p["no"]) for p in RAW if p["placed"]}
    drawn = watched.page.locator("svg.plate g[data-select][tabindex]")
    expect(drawn).to_have_count(len(placed))
    words = [drawn.nth(n).get_attribute("data-select") for n in range(drawn.count())]
    assert {str(word).removeprefix("project:") for word in words} == placed
    expect(side(watched)).to_contain_text(f"不在图上 {43 - len(placed)} 项")
    assert watched.outside == []
    assert watched.complaints == []


@pytest.mark.parametrize(
    ("group", "total_wan", "plan_wan"),
    [
        ("implement", 2_660_937, 2_460_498),
        ("invite", 315_000, 325_000),
        ("infrastructure", 222_846, 79_846),
    ],
)
def test_each_group_sums_to_the_annexs_own_sum(
    watched: Watched, group: str, total_wan: int, plan_wan: int
) -> None:
    watched.open(f"/projects?group={group}")
    own = [p for p in RAW if p["group"] == group]
    expect(table(watched)).to_have_count(len(own))
    for wan in (total_wan, plan_wan):
        expect(watched.page.locator(".sums")).to_contain_text(yi(wan))
    watched.page.locator(".sums .fig").nth(1).click()
    proof = watched.page.locator(".proof")
    expect(proof).to_contain_text(f"{total_wan:,} 万元")
    expect(proof.locator("tfoot")).to_contain_text(f"{total_wan:,}")
    expect(proof.locator("tbody tr").filter(has_text=own[0]["name"])).to_have_count(1)


def test_a_filter_goes_into_the_address_and_comes_back_from_it(watched: Watched) -> None:
    watched.open("/projects")
    main = watched.page.locator(".st-key-projects-main")
    expect(table(watched)).to_have_count(43)
    main.get_by_role("combobox", name="片区").click()
    watched.page.get_by_role("option").filter(has_text="无片区").click()
    none = [p["no"] for p in RAW if p["zone_id"] is None]
    expect(table(watched)).to_have_count(len(none))
    assert numbers(watched) == none
    expect(watched.page).to_have_url(re.compile(r"zone=none"))
    watched.page.reload()
    expect(table(watched)).to_have_count(len(none))
    main.get_by_label("名称、首字母、序号").fill("zhcs")
    watched.page.keyboard.press("Enter")
    expect(table(watched)).to_have_count(1)
    expect(table(watched)).to_contain_text("智慧城市")
    expect(table(watched)).to_contain_text("待定")


def test_periods_overlap_and_investment_has_bounds(watched: Watched) -> None:
    watched.open("/projects?from=2021&min=5")
    expected = [
        p["no"] for p in RAW if p["end_year"] >= 2021 and (p["total_investment_wan"] or 0) >= 50_000
    ]
    expect(table(watched)).to_have_count(len(expected))
    assert numbers(watched) == expected != []
    expect(watched.page.locator(".foot")).to_contain_text("总投资待定的项目不列出")


def test_a_column_sorts_both_ways_with_undecided_last(watched: Watched) -> None:
    watched.open("/projects")
    by_total = sorted(
        (p for p in RAW if p["total_investment_wan"] is not None),
        key=lambda p: (p["total_investment_wan"], p["no"]),
    )
    head = watched.page.locator("table.projects thead").get_by_role("button", name="总投资")
    head.click()
    expect(watched.page).to_have_url(re.compile(r"sort=total"))
    expect(table(watched).first).to_contain_text(by_total[0]["name"])
    head.click()
    expect(table(watched).first).to_contain_text(by_total[-1]["name"])
    assert numbers(watched)[-2:] == [26, 30]


def test_map_and_table_choose_the_same_project(watched: Watched) -> None:
    watched.open("/projects")
    watched.page.locator('svg.plate g[data-select="project:42"]').click()
    card = side(watched).locator(".card")
    expect(card.locator("h2")).to_contain_text("大门加油站建设工程")
    chosen = watched.page.locator("table.projects tr.chosen")
    expect(chosen).to_contain_text("大门加油站建设工程")
    expect(chosen.locator("td").nth(1)).to_be_in_viewport()
    expect(watched.page).to_have_url(re.compile(r"project=42"))
    table(watched).filter(has_text="威马新能源").locator("button").click()
    expect(card.locator("h2")).to_contain_text("威马新能源汽车智能产业园")
    ring = watched.page.locator('svg.plate g[data-select="project:17"] circle')
    expect(ring).to_have_attribute("stroke-width", "3")
    expect(card).to_contain_text("不晚于 2019-02-28")
    expect(side(watched)).to_contain_text("m.21cnev.com")
    card.get_by_role("link", name="在一张图上看").click()
    expect(watched.page).to_have_url(re.compile(r"sel=project_17"))
    expect(watched.page.locator(".panel h2")).to_contain_text("威马新能源汽车智能产业园")


def test_an_unplaced_project_opens_from_the_list_and_shows_its_contradictions(
    watched: Watched,
) -> None:
    watched.open("/projects")
    side(watched).locator(".list button", has_text="丽水36-1").click()
    expect(side(watched).locator(".card")).to_contain_text("未上图（涉敏感设施）")
    notes = side(watched).locator("section.notes")
    expect(notes).to_contain_text("DQ-27")
    expect(notes).to_contain_text("内容写13.54亿元，栏内82900万元")
    expect(side(watched).locator(".card .hero")).to_contain_text("状态未填报")


def test_the_sample_refuses_claims_about_real_projects(watched: Watched) -> None:
    watched.open("/projects?project=5")
    expect(side(watched)).to_contain_text("示例台账不记项目事件")
    expect(side(watched).locator("[data-testid=stForm]")).to_have_count(0)


def test_wrong_words_in_the_address_are_said(watched: Watched) -> None:
    watched.open("/projects?project=99&group=%3Cb%3E&from=1066")
    remarks = watched.page.locator(".dtg-remarks")
    for words in ("项目“99”不存在", "类别“<b>”不存在", "年份“1066”不合适"):
        expect(remarks).to_contain_text(words)
    expect(table(watched)).to_have_count(43)


def test_the_workbook_is_the_filtered_table(watched: Watched) -> None:
    watched.open("/projects?group=energy&sort=-plan")
    expect(table(watched)).to_have_count(4)
    with watched.page.expect_download() as download:
        watched.page.get_by_role("button", name="下载 XLSX").click()
    book = openpyxl.load_workbook(BytesIO(Path(download.value.path()).read_bytes()))
    rows = list(book["重大项目"].values)
    expected = sorted(
        (p for p in RAW if p["subgroup"] == "energy"), key=lambda p: -p["plan_investment_wan"]
    )
    assert [row[0] for row in rows[1:]] == [p["no"] for p in expected]
    assert [row[1] for row in rows[1:]] == [p["name"] for p in expected]


def _record(page: Watched, kind: str, doc: str, by: str) -> None:
    form = page.page.locator(".st-key-projects-record [data-testid=stForm]")
    page.page.wait_for_timeout(500)  # no clerk types before the form stands still
    form.get_by_role("combobox", name="事项").click()
    page.page.keyboard.type(kind)
    page.page.get_by_role("option").filter(has_text=kind).first.click()
    form.get_by_label("依据文件（必填）").fill(doc)
    form.get_by_label("经办人（必填）").fill(by)
    form.get_by_role("button", name="提交").click()


def test_a_recorded_start_is_the_status_with_its_source(clerk: Watched, own_url: str) -> None:
    clerk.open("/projects?project=5")
    expect(side(clerk).locator(".card .hero")).to_contain_text("状态未填报")
    _record(clerk, "开工", "洞发改〔2018〕9号 <b>", "王经办")
    expect(clerk.page.get_by_text("已记第")).to_be_visible()
    expect(side(clerk).locator(".card .hero")).to_contain_text("开工")
    row = table(clerk).filter(has_text="大华玻璃")
    expect(row).to_contain_text("洞发改〔2018〕9号 <b>（王经办 记入台账）")
    (line,) = lines(own_url, 5)
    assert (line.kind.label, line.recorded_by, line.source_doc) == (
        "开工", "王经办", "洞发改〔2018〕9号 <b>",
    )  # fmt: skip
    _record(clerk, "开工", "又一份", "王经办")
    expect(clerk.page.locator("[data-testid=stAlert]")).to_contain_text("已记")
    assert len(lines(own_url, 5)) == 1


def test_the_second_of_two_clerks_overwrites_nothing_and_a_correction_has_a_reason(
    clerk: Watched, browser: Browser, own_url: str
) -> None:
    clerk.open("/projects?project=6")
    expect(side(clerk).locator(".card h2")).to_contain_text("花岗岩")
    for second in watching(browser, clerk.base):
        second.open("/projects?project=6")
        expect(side(second).locator(".card h2")).to_contain_text("花岗岩")
        _record(clerk, "前期", "甲文", "甲")
        expect(clerk.page.get_by_text("已记第")).to_be_visible()
        _record(second, "终止", "乙文", "乙")
        expect(second.page.locator("[data-testid=stAlert]")).to_contain_text("刚由 甲 记了“前期”")
        expect(second.page.get_by_label("依据文件（必填）")).to_have_value("乙文")
    (first,) = lines(own_url, 6)
    side(clerk).locator(".events button", has_text="前期").click()
    # For a moment the form before it is still there.
    form = clerk.page.locator(".st-key-projects-record [data-testid=stForm]").filter(
        has_text=f"更正第 {first.event_id} 号"
    )
    expect(form).to_be_visible()
    form.get_by_role("button", name="作废这条记录").click()
    expect(clerk.page.locator("[data-testid=stAlert]")).to_contain_text("须写明理由")
    form.get_by_label("更正或作废的理由（必填）").fill("记错项目")
    form.get_by_role("button", name="作废这条记录").click()
    expect(clerk.page.get_by_text("作废").first).to_be_visible()
    expect(side(clerk).locator(".events .gone")).to_have_count(2)
    assert [line.kind.label for line in lines(own_url, 6)] == ["前期", "作废"]
