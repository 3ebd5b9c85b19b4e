"""打开证据: two clicks from the start page, and the parcels sum to the figure by the raw lines."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, expect

from dongtou_geo.store.address import sqlite_path
from tests.browser.conftest import Watched
from tests.raw_events import Raw, raw_parcels, raw_sums

pytestmark = pytest.mark.browser

AT = "2026-06-30"
WAITING = ("supplied", "building", "completed", "part_used")


@pytest.fixture
def file(sample_url: str) -> Path:
    found = sqlite_path(sample_url)
    assert found is not None
    return found


def number(text: str) -> float:
    return float(re.sub(r"[^0-9.\-]", "", text))


def open_rows(watched: Watched) -> list[list[str]]:
    table = watched.page.locator(".proof .scroll table")
    expect(table).to_be_visible()
    return [
        [cell.strip() for cell in row.locator("td").all_inner_texts()]
        for row in table.locator("tbody tr").all()
    ]


def value(watched: Watched) -> float:
    shown = watched.page.locator(".proof .value")
    expect(shown).to_be_visible()
    return number(shown.inner_text().split("亩")[0].split("%")[0])


def test_question_1_takes_two_clicks_and_names_parcels_people_and_days(
    watched: Watched, file: Path
) -> None:
    watched.open("/")
    watched.page.locator('.platform[data-select="park_nantang"]').click()
    watched.page.locator('.fig[data-select^="proof:not_producing_mu~park_nantang"]').click()
    rows = open_rows(watched)
    own = [p for p in raw_parcels(file, AT).values() if p.park == "park_nantang"]
    waiting = {p.number: p for p in own if any(p.mu().get(account) for account in WAITING)}
    assert {row[0] for row in rows} == set(waiting)
    for row in rows:
        _equal(row, waiting[row[0]])
    total = sum(p.mu().get(account, 0.0) for p in waiting.values() for account in WAITING)
    assert value(watched) == pytest.approx(total, abs=0.01)
    assert (watched.outside, watched.complaints) == ([], [])


def _equal(row: list[str], raw: Raw) -> None:
    counted = sum(raw.mu().get(account, 0.0) for account in WAITING)
    assert number(row[2]) == pytest.approx(counted, abs=0.006)
    assert row[4] == raw.since
    assert row[5] == (raw.occupant or "—")
    assert row[6] == (raw.unit or "—")


@pytest.mark.parametrize("day", [AT, "2019-12-31"])
def test_three_figures_of_the_progress_page_sum_to_the_raw_lines(
    watched: Watched, file: Path, day: str
) -> None:
    sums = raw_sums(file, day)
    for figure, park, account in (
        ("recorded_mu", "park_nantang", None),
        ("rate", "park_yangwen", "in_production"),
        ("reachable_rate", "park_ojk_industry", None),
    ):
        watched.open(f"/progress?as_of={day}")
        watched.page.locator(f'.fig[data-select="proof:{figure}~{park}~{day}"]').click()
        foot = watched.page.locator(".proof tfoot td")
        expect(foot.first).to_be_visible()
        held = sums[park]
        wanted = held[account] if account else sum(held.values())
        assert number(foot.nth(2).inner_text()) == pytest.approx(wanted, abs=0.01)


def test_a_proof_closes_to_the_same_view_and_back_works(watched: Watched) -> None:
    watched.open(f"/progress?as_of={AT}&by=zone")
    page = watched.page
    page.locator('.fig[data-select^="proof:rate~zone_main"]').click()
    expect(page.locator(".proof .formula")).to_contain_text("投产面积 ÷ 规划面积")
    assert "proof=" in page.url
    page.keyboard.press("Escape")
    expect(page.locator(".proof")).to_have_count(0)
    expect(page.locator(".dtg-progress tbody tr").first).to_contain_text("北翼集聚")
    expect(page).to_have_url(re.compile(r"^(?!.*proof=).*by=zone"))
    assert (watched.outside, watched.complaints) == ([], [])


def test_a_pasted_address_opens_the_proof_and_a_wrong_one_says_so(watched: Watched) -> None:
    watched.open(f"/progress?proof=gap_mu~park_nantang~{AT}")
    expect(watched.page.locator(".proof .value")).to_contain_text("亩")
    watched.open("/progress?proof=gap_mu~park_atlantis~2026-06-30")
    expect(watched.page.locator(".dtg-remarks")).to_contain_text("park_atlantis")
    expect(watched.page.locator(".dtg-progress tbody tr")).to_have_count(6)


def test_the_table_downloads_as_a_workbook_with_every_row(watched: Watched, file: Path) -> None:
    watched.open(f"/progress?proof=recorded_mu~park_ojk_industry~{AT}")
    expect(watched.page.locator(".proof .value")).to_be_visible()
    with watched.page.expect_download() as waiting:
        watched.page.get_by_role("button", name="下载 XLSX").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    lines = list(book["地块"].values)
    held = raw_sums(file, AT)["park_ojk_industry"]
    own = [p for p in raw_parcels(file, AT).values() if p.park == "park_ojk_industry"]
    assert len(lines) == len(own) + 2  # its head and its sum
    assert lines[-1][2] == pytest.approx(sum(held.values()), abs=0.01)
    told = "".join(str(row[0]) for row in book["说明"].values)
    assert "示例" in told
    assert "非涉密系统" in told
    assert AT in told


def test_the_ledger_page_proves_what_its_filter_finds(watched: Watched, file: Path) -> None:
    watched.open("/ledger?park=park_nantang&status=supplied")
    watched.page.locator(".found .fig").click()
    rows = open_rows(watched)
    own = [p for p in raw_parcels(file, AT).values() if p.park == "park_nantang"]
    assert {row[0] for row in rows} == {p.number for p in own if p.mu().get("supplied")}
    assert value(watched) == pytest.approx(raw_sums(file, AT)["park_nantang"]["supplied"], abs=0.01)


def test_a_proof_is_reached_and_left_by_keyboard(watched: Watched) -> None:
    watched.open("/progress")
    figure: Locator = watched.page.locator('.fig[data-select^="proof:rate~park_nantang"]')
    figure.focus()
    watched.page.keyboard.press("Enter")
    expect(watched.page.locator(".proof .value")).to_be_visible()
    watched.page.keyboard.press("Escape")
    expect(watched.page.locator(".proof")).to_have_count(0)


def test_a_row_leads_to_its_parcel_without_a_reload(watched: Watched) -> None:
    watched.open(f"/progress?proof=status_mu~park_nantang~{AT}~supplied")
    page = watched.page
    link = page.locator(".proof tbody a").first
    number_ = link.inner_text()
    page.evaluate("window.sameDocument = true")
    link.click()
    expect(page.locator(".st-key-panel-side")).to_contain_text(number_)
    assert page.evaluate("window.sameDocument")
    expect(page.locator(".proof")).to_have_count(0)
    page.go_back()
    expect(page.locator(".proof .value")).to_be_visible()
    assert (watched.outside, watched.complaints) == ([], [])


RESTING = """() => {
  const rests = document.querySelector('[data-test-script-state="notRunning"]');
  window.restingFrames = rests ? window.restingFrames + 1 : 0;
  return window.restingFrames > 20;
}"""
FIGURE = '.fig[data-select^="proof:rate~park_nantang"]'


def closed(watched: Watched, address: str) -> None:
    """Wait until no proof is open and the page is where it was."""
    expect(watched.page.get_by_role("dialog")).to_have_count(0)
    expect(watched.page).to_have_url(f"{watched.base}{address}")
    at_rest(watched)


def opened(watched: Watched) -> None:
    expect(watched.page.locator(".proof .value")).to_be_visible()
    expect(watched.page).to_have_url(re.compile("proof="))
    at_rest(watched)


def at_rest(watched: Watched) -> None:
    """Wait until nothing is drawn: Streamlit adds entries for a run that Back overtakes.

    A run is told of a few frames after its address: only a page that rests for a while is at rest.
    """
    watched.page.evaluate("window.restingFrames = 0")
    watched.page.wait_for_function(RESTING)


def close(watched: Watched, way: str) -> None:
    dialog = watched.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    if way == "Escape":
        watched.page.keyboard.press("Escape")
    elif way == "button":
        dialog.get_by_role("button", name="关闭").click()
    else:
        watched.page.mouse.click(5, 700)


@pytest.mark.parametrize("way", ["Escape", "button", "outside"])
def test_back_after_closing_leaves_the_page_and_forward_opens_the_proof(
    watched: Watched, way: str
) -> None:
    watched.open("/gap")
    page = watched.page
    expect(page.locator(".dtg-standing")).to_be_visible()
    page.get_by_role("link", name="用地进度").first.click()
    # The page that is left shows the same figure.
    closed(watched, "/progress")
    page.locator(FIGURE).click()
    opened(watched)
    close(watched, way)
    closed(watched, "/progress")
    page.go_forward()
    opened(watched)
    close(watched, way)
    closed(watched, "/progress")
    page.go_back()
    closed(watched, "/gap")
    expect(page.get_by_role("heading", name="缺口清单")).to_be_visible()
    page.go_forward()
    closed(watched, "/progress")
    page.go_forward()
    opened(watched)
    page.go_back()
    closed(watched, "/progress")
    assert (watched.outside, watched.complaints) == ([], [])


def test_a_proof_closes_to_the_entry_before_it_after_a_reload_and_after_a_parcel(
    watched: Watched,
) -> None:
    watched.open("/progress")
    page = watched.page
    page.locator(FIGURE).click()
    opened(watched)
    before = page.evaluate("history.length")
    page.reload()
    opened(watched)
    close(watched, "Escape")
    closed(watched, "/progress")
    page.locator(FIGURE).click()
    opened(watched)
    page.locator(".proof tbody a").first.click()
    expect(page).to_have_url(re.compile("/ledger"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.go_back()
    opened(watched)
    close(watched, "Escape")
    closed(watched, "/progress")
    # Page, proof, parcel: closing has added nothing.
    assert page.evaluate("history.length") == before + 1
    page.go_forward()
    opened(watched)
    page.go_forward()
    expect(page).to_have_url(re.compile("/ledger"))
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_pasted_proof_is_closed_without_a_step_that_opens_it_again(watched: Watched) -> None:
    watched.open("/progress?by=zone")
    expect(watched.page.locator(".dtg-progress tbody tr").first).to_contain_text("北翼集聚")
    watched.open(f"/progress?by=zone&proof=rate~zone_main~{AT}")
    opened(watched)
    before = watched.page.evaluate("history.length")
    close(watched, "Escape")
    closed(watched, "/progress?by=zone")
    assert watched.page.evaluate("history.length") == before
    watched.page.go_back()
    closed(watched, "/progress?by=zone")
    watched.page.go_forward()
    closed(watched, "/progress?by=zone")


def test_in_a_briefing_closing_a_proof_comes_back_to_the_same_sheet(watched: Watched) -> None:
    watched.open("/briefing?sheet=park_nantang")
    page = watched.page
    page.locator('.sheet[data-sheet="park_nantang"] .fig:visible').first.click()
    opened(watched)
    close(watched, "Escape")
    closed(watched, "/briefing?sheet=park_nantang")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("sheet=park_yangwen"))
    page.locator('.sheet[data-sheet="park_yangwen"] .fig:visible').first.click()
    opened(watched)
    close(watched, "Escape")
    closed(watched, "/briefing?sheet=park_yangwen")
    page.go_forward()
    opened(watched)
    close(watched, "Escape")
    closed(watched, "/briefing?sheet=park_yangwen")


def test_escape_closes_a_proof_whose_rows_were_turned_to_the_last_page(watched: Watched) -> None:
    watched.open("/?sel=park_ojk_industry&proof=recorded_mu~park_ojk_industry~2026-06-30")
    page, dialog = watched.page, watched.page.get_by_role("dialog")
    first = page.locator(".proof .scroll tbody tr").first
    expect(first).to_be_visible()
    turn, turned = dialog.get_by_role("button", name="下一页"), 0
    while turn.count():
        before = first.inner_text()
        turn.click()
        expect(first).not_to_have_text(before, use_inner_text=True)
        turned += 1
    assert turned
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    # The map under it kept its place: the key was the dialog's.
    expect(page.locator(".panel h2")).to_contain_text("工业功能区")
    assert "sel=park_ojk_industry" in page.url
