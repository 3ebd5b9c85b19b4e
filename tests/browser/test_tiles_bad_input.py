"""The open map when its tiles cannot be had: it says so in words, and goes on when they can."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from dongtou_geo.store.address import file_url, sqlite_path
from tests.browser.conftest import Watched, serving, watching

pytestmark = pytest.mark.browser

AWAY = "() => { dtg.map.setView([27.8193, 121.1318], %s, { animate: false }); }"
ASKED = """async (path) => { const answer = await fetch(dtg.config.tiles_url + path);
  return [answer.status, answer.headers.get('content-type'), await answer.text()]; }"""


@pytest.fixture(scope="module")
def ledger(sample_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = sqlite_path(sample_url)
    assert source is not None
    return Path(shutil.copyfile(source, tmp_path_factory.mktemp("own") / "ledger.sqlite"))


@pytest.fixture(scope="module")
def own_url(ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "serve.log"
    yield from serving({"DONGTOU_GEO_LEDGER": file_url(ledger)}, log)


@pytest.fixture
def own(browser: Browser, own_url: str) -> Iterator[Watched]:
    yield from watching(browser, own_url)


@pytest.mark.parametrize("path", ["/40/0/0.mvt", "/12/-1/0.mvt", "/twelve/one/two.mvt"])
def test_no_tile_of_that_address_is_said_in_plain_words(own: Watched, path: str) -> None:
    status, kind, words = own.open("/").tiled().evaluate(ASKED, path)
    assert status == 400
    assert kind.startswith("text/plain")
    assert words.startswith("瓦片地址无效")


def test_a_ledger_that_breaks_under_an_open_map_is_said_and_a_mended_one_drawn(
    own: Watched, ledger: Path
) -> None:
    frame = own.open("/").tiled()
    good = ledger.read_bytes()
    try:
        ledger.write_bytes(b"no ledger at all" * 1000)
        own.page.wait_for_timeout(1200)
        frame.evaluate(AWAY % 16)
        note = frame.locator(".dtg-note")
        expect(note).to_contain_text("不是可读的地块台账")
        assert frame.locator(".leaflet-container").count() == 1
    finally:
        ledger.write_bytes(good)
    expect(note).to_be_hidden()
    own.tiled()
    assert own.painted() != ""
    frame.evaluate(AWAY % 15)
    assert own.painted() != ""
