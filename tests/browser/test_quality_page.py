"""数据质量: its counts are those of the raw file, its links lead to the feature, text stays text."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, expect

from dongtou_geo.store.address import file_url, sqlite_path
from dongtou_geo.store.opening import create
from tests.browser.conftest import Watched, serving, watching
from tests.raw_quality import raw_lacks
from tests.troubled_ledger import HOSTILE, put_trouble

pytestmark = pytest.mark.browser

AT = "2026-06-30"
FLAGS = ("unmapped", "unit", "document", "stage", "occupant", "agreed", "contract", "stale")
MU = 3 / 2000


@pytest.fixture(scope="module")
def troubled_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("troubled")
    url = file_url(folder / "ledger.sqlite")
    put_trouble(create(url))
    yield from serving({"DONGTOU_GEO_LEDGER": url}, folder / "serve.log")


@pytest.fixture
def troubled(browser: Browser, troubled_url: str) -> Iterator[Watched]:
    yield from watching(browser, troubled_url)


@pytest.fixture
def file(sample_url: str) -> Path:
    found = sqlite_path(sample_url)
    assert found is not None
    return found


def number(text: str) -> float:
    return float(re.sub(r"[^0-9.\-]", "", text))


def figures(cell: Locator) -> list[float]:
    return [number(text) for text in cell.locator(".fig").all_inner_texts()]


def query(link: Locator) -> tuple[str, dict[str, list[str]]]:
    address = urlsplit(link.get_attribute("href") or "")
    return address.path, parse_qs(address.query)


def test_the_counts_of_every_park_are_those_of_the_raw_file(watched: Watched, file: Path) -> None:
    for day in (AT, "2019-12-31"):
        watched.open(f"/quality?part=recorded&as_of={day}")
        expect(watched.page.locator("tr[data-subject]")).to_have_count(7)
        raw = raw_lacks(file, day)
        for subject, park in (("park_nantang", "park_nantang"), ("outside", None), ("all", "any")):
            for flag in FLAGS:
                own = [p for p in raw[flag].values() if park in ("any", p.park)]
                cell = watched.page.locator(f'tr[data-subject="{subject}"] td[data-flag="{flag}"]')
                shown = figures(cell)
                assert shown[0] == len(own), (day, subject, flag)
                if own:
                    total = sum(p.area for p in own) * MU
                    assert shown[1] == pytest.approx(total, abs=0.051), (day, subject, flag)
        silent = watched.page.locator('tr[data-subject="park_rail"]')
        expect(silent).to_contain_text("未填报")
        expect(silent.locator("td[data-flag] .fig")).to_have_count(0)
    assert (watched.outside, watched.complaints) == ([], [])


def test_a_count_opens_its_parcels(watched: Watched, file: Path) -> None:
    watched.open("/quality?part=recorded")
    cell = watched.page.locator('tr[data-subject="park_nantang"] td[data-flag="stage"]')
    cell.locator(".fig").first.click()
    rows = watched.page.locator(".proof .scroll tbody tr")
    own = {n for n, p in raw_lacks(file, AT)["stage"].items() if p.park == "park_nantang"}
    expect(rows).to_have_count(len(own))
    assert {row.split("\t")[0].strip() for row in rows.all_inner_texts()} == own
    expect(watched.page.get_by_role("button", name="下载 XLSX")).to_be_visible()


def test_notes_are_found_by_word_and_lead_to_what_they_concern(watched: Watched) -> None:
    page = watched.open("/quality").page
    notes = page.locator("tr[data-note]")
    expect(notes).to_have_count(37)
    page.get_by_label("搜索").fill("15.6")
    page.get_by_label("搜索").press("Enter")
    expect(notes).to_have_count(1)
    assert query(notes.locator(".things a"))[0].endswith("/projects")
    assert query(notes.locator(".things a"))[1]["project"] == ["15"]
    watched.open("/quality?bound=park")
    note = page.locator('tr[data-note="DQ-24"]')
    expect(note).to_contain_text("90%以上")
    link = note.locator(".things a", has_text="南塘工业区")
    assert query(link)[1] == {"sel": ["park_nantang"], "as_of": [AT]}
    link.click()
    expect(page.locator(".panel h2")).to_contain_text("南塘工业区")


def test_a_thing_says_the_plans_words_and_back_leads_to_the_list(watched: Watched) -> None:
    page = watched.open("/quality").page
    page.locator('[data-select="about:park:park_nantang"]').click()
    said = page.locator(".said")
    expect(said).to_contain_text("90%以上")
    expect(said).to_contain_text("第三章一（二）")
    expect(said.locator(".odd")).to_have_count(2)
    expect(page.locator("tr[data-note]")).to_have_count(2)
    page.go_back()
    expect(page.locator("tr[data-note]")).to_have_count(37)


def test_outlines_say_how_far_off_they_may_be(watched: Watched) -> None:
    page = watched.open("/quality?part=outlines").page
    expect(page.locator("tr[data-key]")).to_have_count(59)
    expect(page.locator('tr[data-key="park:park_nantang"]')).to_contain_text("可能偏差数公里")
    page.locator('[data-select="standing:label"]').click()
    expect(page.locator("tr[data-key]")).to_have_count(6)
    expect(page.locator("tr[data-key]").first).to_contain_text("涉敏感设施")
    assert (watched.outside, watched.complaints) == ([], [])


def test_findings_lead_to_the_parcel_on_the_same_day(watched: Watched) -> None:
    page = watched.open("/quality?part=ledger").page
    rows = page.locator("tr[data-parcel]")
    expect(rows).to_have_count(10)
    name = rows.first.get_attribute("data-parcel")
    assert name
    link = rows.first.locator("a")
    assert query(link)[1] == {"parcel": [name], "as_of": [AT]}
    link.click()
    expect(page.locator(".panel h2").last).to_contain_text(name)
    watched.open("/quality?part=ledger&q=南塘-A-001&areas=all")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("以内")


def test_hostile_numbers_are_shown_as_text(troubled: Watched) -> None:
    page = troubled.open("/quality?part=ledger&issue=agreed_order").page
    row = page.locator("tr[data-parcel]")
    expect(row).to_have_count(1)
    expect(row.locator("a")).to_have_text(HOSTILE)
    expect(row).to_contain_text("早于")
    expect(row.locator("img")).to_have_count(0)
    troubled.open("/quality?part=ledger&q=%3Cimg&place=%3Cscript%3E&kind=%3Cb%3E")
    expect(page.locator(".dtg-remarks")).to_contain_text("<script>")
    troubled.open("/quality?q=%3Cimg src=x%3E")
    expect(page.locator(".found")).to_contain_text("<img src=x>")
    page.locator('[data-part="ledger"] .whole').click()
    expect(page.locator('tr[data-issue="overlap"] .fig').first).to_have_text("1")
    assert troubled.complaints == []
