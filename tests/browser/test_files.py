"""Files made when asked for, while the ledger under the page is swapped, broken or taken away."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Download, Locator, expect
from pptx import Presentation

from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import LedgerIdentity
from dongtou_geo.store.opening import create
from tests.browser.conftest import Watched, serving, watching

pytestmark = pytest.mark.browser

PROOF = "/progress?proof=recorded_mu~park_nantang~2026-06-30"
PAGES = [
    ("/gap?park=park_nantang", "下载 XLSX"),
    ("/gap?view=due", "下载 XLSX"),
    ("/projects", "下载 XLSX"),
    ("/compare?since=2025-12-31", "下载移动的地块 XLSX"),
    ("/briefing?sheet=park_nantang", "下载 PPTX"),
    (PROOF, "下载 XLSX"),
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, from which every test begins."""
    path = tmp_path_factory.mktemp("kept") / "sample.sqlite"
    make_sample(path)
    return path


@pytest.fixture(scope="module")
def shown(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(kept, tmp_path_factory.mktemp("shown") / "ledger.sqlite"))


@pytest.fixture(scope="module")
def url(shown: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "serve.log"
    yield from serving({"DONGTOU_GEO_LEDGER": file_url(shown)}, log)


@pytest.fixture
def watched(browser: Browser, url: str, shown: Path, kept: Path) -> Iterator[Watched]:
    put(kept, shown)
    yield from watching(browser, url)


def put(ledger: Path, place: Path) -> None:
    """Put a ledger in another's place as an office does: whole, in one move."""
    part = place.with_suffix(".part")
    shutil.copy(ledger, part)
    part.replace(place)


def button(watched: Watched, path: str, label: str) -> Locator:
    found = watched.open(path).page.get_by_role("button", name=label)
    expect(found).to_be_visible()
    return found


def downloaded(watched: Watched, asked: Locator) -> Download:
    with watched.page.expect_download(timeout=60_000) as waiting:
        asked.click()
    return waiting.value


def collected(watched: Watched) -> list[Download]:
    """Collect whatever the browser is given from here on."""
    files: list[Download] = []

    def add(file: Download) -> None:
        files.append(file)

    watched.page.on("download", add)
    return files


def notes_of(file: Download) -> str:
    book = openpyxl.load_workbook(io.BytesIO(Path(file.path()).read_bytes()))
    return "\n".join(str(row[0]) for row in book["说明"].values)


@pytest.mark.parametrize("broken", [None, b"not a ledger"], ids=["gone", "broken"])
@pytest.mark.parametrize(("path", "label"), PAGES)
def test_without_its_ledger_a_click_says_so_in_chinese_and_the_page_comes_back(
    watched: Watched, shown: Path, kept: Path, path: str, label: str, broken: bytes | None
) -> None:
    files = collected(watched)
    asked = button(watched, path, label)
    if broken is None:
        shown.unlink()
    else:
        shown.write_bytes(broken)
    asked.click()
    words = watched.page.get_by_text("暂不能显示")
    expect(words).to_be_visible()
    expect(watched.page.locator("body")).to_contain_text(str(shown))
    expect(watched.page.locator("body")).not_to_contain_text("Failed")
    if path == PROOF:
        # The dialog says it, and closes as ever.
        watched.page.keyboard.press("Escape")
        expect(watched.page.get_by_role("dialog")).to_have_count(0)
        expect(words).to_be_visible()
        assert "proof=" not in watched.page.evaluate("location.href")
    assert files == []
    put(kept, shown)
    again = downloaded(watched, button(watched, path, label))
    assert again.suggested_filename.endswith((".xlsx", ".pptx"))
    assert (watched.outside, watched.complaints) == ([], [])


def test_after_a_swap_page_and_workbook_are_of_the_new_ledger(
    watched: Watched, shown: Path, tmp_path: Path
) -> None:
    asked = button(watched, "/gap?park=park_nantang", "下载 XLSX")
    expect(watched.page.locator(".dtg-sample-bar")).to_be_visible()
    put(empty(tmp_path), shown)
    told = notes_of(downloaded(watched, asked))
    assert "台账版本 other-0" in told
    assert "南塘工业区：未填报" in told
    assert "示例" not in told
    # The page was drawn anew by the same click: no figure of the old ledger beside the new file.
    expect(watched.page.locator(".dtg-sample-bar")).to_have_count(0)
    expect(watched.page.locator(".fact.main b")).to_have_text("未填报")


def test_after_a_swap_a_deck_is_of_the_new_ledger_and_no_longer_called_a_sample(
    watched: Watched, shown: Path, tmp_path: Path
) -> None:
    asked = button(watched, "/briefing?as_of=2018-12-31", "下载 PPTX")
    put(empty(tmp_path), shown)
    file = downloaded(watched, asked)
    assert "示例" not in file.suggested_filename
    slides = Presentation(io.BytesIO(Path(file.path()).read_bytes())).slides
    told = [s.text_frame.text for slide in slides for s in slide.shapes if s.has_text_frame]
    assert any(text.startswith("台账版本 other-0") for text in told)
    assert not any("示例" in text for text in told)


def test_after_a_swap_an_open_proof_follows_its_file(
    watched: Watched, shown: Path, tmp_path: Path
) -> None:
    asked = button(watched, PROOF, "下载 XLSX")
    expect(watched.page.locator(".proof")).to_contain_text("台账版本 sample-")
    put(empty(tmp_path), shown)
    told = notes_of(downloaded(watched, asked))
    assert "台账版本 other-0" in told
    expect(watched.page.locator(".proof")).to_contain_text("台账版本 other-0")
    expect(watched.page.locator(".proof .value")).to_contain_text("未填报")
    watched.page.keyboard.press("Escape")
    expect(watched.page.locator(".dtg-sample-bar")).to_have_count(0)


def test_one_click_is_one_file_however_often_the_page_is_drawn(watched: Watched) -> None:
    files = collected(watched)
    asked = button(watched, "/projects", "下载 XLSX")
    downloaded(watched, asked)
    watched.page.locator('[data-select^="sort:"]').first.click()
    expect(watched.page).to_have_url(re.compile("sort="))
    downloaded(watched, asked)
    assert len(files) == 2


def empty(folder: Path) -> Path:
    path = folder / "other.sqlite"
    create(file_url(path), LedgerIdentity("other"))
    return path
