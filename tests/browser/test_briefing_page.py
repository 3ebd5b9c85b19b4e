"""汇报 as a speaker uses it: keys turn the sheets, a figure proves itself, and the files are the page."""

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, expect
from pptx import Presentation

from tests.browser.conftest import Watched, run_json, watching

pytestmark = pytest.mark.browser

AT = "2026-06-30"
WALK = [
    "cover", "district", "zones", "park_startup", "park_nantang", "park_yangwen",
    "park_ojk_industry", "park_rail", "gap", "projects", "next", "notes",
]  # fmt: skip

OFF_STAGE = """(sheet) => [...sheet.querySelectorAll(".part")].filter((part) => {
  const a = part.getBoundingClientRect(), b = sheet.getBoundingClientRect();
  return a.right > b.right + 1 || a.bottom > b.bottom + 1; }).length"""
TOO_LONG = """() => [...document.querySelectorAll("*")]
  .flatMap((e) => (e.shadowRoot ? [...e.shadowRoot.querySelectorAll(".sheet")] : []))
  .flatMap((sheet) => [...sheet.querySelectorAll(".text, .table")]
    .filter((p) => p.scrollHeight > p.clientHeight + 3 || p.scrollWidth > p.clientWidth + 3)
    .map((p) => `${sheet.dataset.sheet}: ${p.textContent.trim().slice(0, 40)}`))"""


@pytest.fixture
def clean(browser: Browser, app_url: str) -> Iterator[Watched]:
    """A page that may ask no other host for anything and complain of nothing."""
    for watched in watching(browser, app_url):
        yield watched
        assert watched.outside == []
        assert watched.complaints == []


def shown(watched: Watched) -> Locator:
    return watched.page.locator(".sheet.shown")


def on(watched: Watched, sheet: str) -> None:
    expect(shown(watched)).to_have_attribute("data-sheet", sheet)


def in_address(watched: Watched, pattern: str) -> None:
    expect(watched.page).to_have_url(re.compile(pattern))


def test_keys_walk_the_sheets_without_a_click_first(clean: Watched) -> None:
    clean.open("/briefing")
    on(clean, "cover")
    keys = clean.page.keyboard
    for key, sheet in [
        ("ArrowRight", "district"), ("PageDown", "zones"), ("Space", "park_startup"),
        ("ArrowDown", "park_nantang"), ("ArrowLeft", "park_startup"), ("PageUp", "zones"),
        ("End", "notes"), ("ArrowRight", "notes"), ("ArrowUp", "next"), ("Home", "cover"),
        ("ArrowLeft", "cover"),
    ]:  # fmt: skip
        keys.press(key)
        on(clean, sheet)


def test_keys_faster_than_the_server_never_turn_back(clean: Watched) -> None:
    clean.open("/briefing")
    on(clean, "cover")
    for sheet in WALK[1:]:
        clean.page.keyboard.press("ArrowRight")
        # At once: the browser turns, whatever the server still works on.
        assert shown(clean).get_attribute("data-sheet") == sheet
    in_address(clean, r"sheet=notes$")
    on(clean, "notes")


def test_the_address_is_the_sheet_and_back_works(clean: Watched) -> None:
    clean.open("/briefing?as_of=2020-12-31&sheet=gap")
    on(clean, "gap")
    clean.page.keyboard.press("ArrowRight")
    in_address(clean, r"sheet=projects")
    in_address(clean, r"as_of=2020-12-31")
    clean.page.go_back()
    on(clean, "gap")
    clean.page.locator("[data-list]").click()
    clean.page.keyboard.press("Escape")
    expect(clean.page.locator(".list")).to_be_hidden()
    clean.page.locator("[data-list]").click()
    clean.page.locator('[data-show="park_nantang"]').click()
    expect(clean.page.locator(".list")).to_be_hidden()
    on(clean, "park_nantang")
    in_address(clean, r"sheet=park_nantang")


def test_a_figure_opens_its_proof_and_closing_it_comes_back_to_the_sheet(
    clean: Watched, sample_url: str
) -> None:
    clean.open("/briefing?sheet=park_nantang")
    rate = next(
        row["rate"]
        for row in run_json("progress", "--ledger", sample_url, "--as-of", AT)
        if row["id"] == "park_nantang"
    )
    assert isinstance(rate, float)
    hero = shown(clean).locator(".hero .fig")
    expect(hero).to_have_text(f"{rate * 100:.1f}%")
    hero.click()
    dialog = clean.page.get_by_role("dialog")
    expect(dialog).to_contain_text("投产率（规划口径）")
    expect(dialog).to_contain_text(f"{rate * 100:.1f}%")
    clean.page.keyboard.press("ArrowRight")
    on(clean, "park_nantang")
    clean.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    on(clean, "park_nantang")
    in_address(clean, r"sheet=park_nantang$")
    clean.page.keyboard.press("ArrowRight")
    on(clean, "park_yangwen")


def test_the_parts_of_the_map_lead_to_their_parks(clean: Watched) -> None:
    clean.open("/briefing?sheet=zones")
    on(clean, "zones")
    shown(clean).locator('svg g[role="button"][data-select="sheet:park_yangwen"]').press("Enter")
    on(clean, "park_yangwen")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1440, 900), (1920, 1080)], ids=str)
def test_the_stage_fits_the_window_without_scrolling(
    clean: Watched, width: int, height: int
) -> None:
    clean.page.set_viewport_size({"width": width, "height": height})
    for query in ("?sheet=park_nantang", "?sheet=park_nantang&full=1"):
        clean.open(f"/briefing{query}")
        on(clean, "park_nantang")
        box = clean.page.locator(".stage").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= width + 0.5
        assert box["y"] + box["height"] <= height + 0.5
        assert box["width"] / box["height"] == pytest.approx(16 / 9, rel=0.002)
        scrolls = "() => document.scrollingElement.scrollHeight > window.innerHeight"
        assert clean.page.evaluate(scrolls) is False
        # As large as the window allows: one of the two sides is used up.
        assert box["height"] > height * 0.84 or box["width"] > width * 0.95
        # Every word of the sheet is on the stage.
        assert shown(clean).evaluate(OFF_STAGE) == 0
    size = shown(clean).locator(".hero").evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= 90 * width / 1920


def test_no_text_of_any_sheet_runs_out_of_its_place(clean: Watched) -> None:
    clean.open("/briefing")
    on(clean, "cover")
    assert clean.page.evaluate(TOO_LONG) == []


def test_full_screen_hides_the_frame_and_keeps_the_sample_mark(clean: Watched) -> None:
    clean.open("/briefing?sheet=district")
    on(clean, "district")
    expect(clean.page.locator(".st-key-header")).to_be_visible()
    clean.page.keyboard.press("f")
    in_address(clean, r"full=1")
    expect(clean.page.locator(".st-key-header")).to_be_hidden()
    on(clean, "district")
    expect(shown(clean)).to_contain_text("示例")
    # The proof lies over the full screen too, and Esc closes it alone.
    shown(clean).locator(".hero .fig").click()
    dialog = clean.page.get_by_role("dialog")
    dialog.get_by_role("button", name="下载 XLSX").click(trial=True)
    clean.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    on(clean, "district")
    expect(clean.page.locator(".st-key-header")).to_be_hidden()
    clean.page.keyboard.press("Escape")
    expect(clean.page.locator(".st-key-header")).to_be_visible()
    on(clean, "district")


def test_an_unknown_sheet_falls_back_and_says_so(clean: Watched) -> None:
    clean.open("/briefing?sheet=<b>nowhere")
    on(clean, "cover")
    expect(clean.page.locator(".dtg-remarks")).to_contain_text("“<b>nowhere”不存在")


def test_another_day_keeps_the_sheet_and_changes_the_figures(
    clean: Watched, sample_url: str
) -> None:
    clean.open("/briefing?sheet=park_yangwen&as_of=2018-12-31")
    on(clean, "park_yangwen")
    for row in run_json("progress", "--ledger", sample_url, "--as-of", "2018-12-31"):
        if row["id"] == "park_yangwen":
            assert isinstance(row["rate"], float)
            expect(shown(clean).locator(".hero")).to_have_text(f"{row['rate'] * 100:.1f}%")
    expect(shown(clean)).to_contain_text("截至 2018-12-31")


def test_the_files_hold_the_sheets(clean: Watched, tmp_path: Path) -> None:
    clean.open("/briefing?sheet=park_nantang")
    on(clean, "park_nantang")
    found = {}
    for label in ("下载 PPTX", "本页 PNG", "全部 PDF"):
        with clean.page.expect_download(timeout=60_000) as waited:
            clean.page.get_by_role("button", name=label).click()
        found[label] = tmp_path / waited.value.suggested_filename
        waited.value.save_as(found[label])
    slides = Presentation(BytesIO(found["下载 PPTX"].read_bytes())).slides
    assert len(slides) == len(WALK)
    with Image.open(found["本页 PNG"]) as picture:
        assert picture.size == (1920, 1080)
    assert found["全部 PDF"].read_bytes().startswith(b"%PDF")
    assert all("示例" in path.name for path in found.values())


SMALL = """(sheet) => [...sheet.querySelectorAll("*")].filter((own) => {
  const box = own.getBoundingClientRect();
  const says = [...own.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!says || !box.width || own.closest(".map")) { return false; }
  const scale = own.closest("svg")?.getScreenCTM().a ?? 1;
  return parseFloat(getComputedStyle(own).fontSize) * scale < 13.9
    || box.left < 0 || box.right > innerWidth; }).map((own) => own.textContent.trim())"""


@pytest.mark.parametrize("sheet", WALK)
def test_on_a_phone_a_sheet_reads_down(clean: Watched, sheet: str) -> None:
    page = clean.page
    page.set_viewport_size({"width": 390, "height": 844})
    clean.open(f"/briefing?sheet={sheet}")
    on(clean, sheet)
    expect(page.locator(".sheet:visible")).to_have_count(1)
    assert shown(clean).evaluate(SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    tops = shown(clean).evaluate(
        """(sheet) => [...sheet.querySelectorAll(".text, .table, .map, .caption")]
          .map((part) => part.getBoundingClientRect()).filter((box) => box.height)
          .map((box) => [box.top, box.bottom])"""
    )
    assert all(top >= above - 1 for (_, above), (top, _) in pairwise(tops)), "parts overlap"
    for button in page.locator(".strip button:visible").all():
        box = button.bounding_box()
        assert box and box["height"] >= 44


def test_a_phone_turns_the_sheets_by_its_buttons(clean: Watched) -> None:
    clean.page.set_viewport_size({"width": 390, "height": 844})
    clean.open("/briefing")
    on(clean, "cover")
    clean.page.get_by_role("button", name="下一页").click()
    on(clean, "district")
    in_address(clean, "sheet=district")
    row = shown(clean).locator(".table tbody tr").nth(1)
    expect(row.locator("td").nth(1)).to_have_attribute("data-label", re.compile("投产率"))
    row.locator(".fig").first.click()
    expect(clean.page.get_by_role("dialog")).to_be_visible()
