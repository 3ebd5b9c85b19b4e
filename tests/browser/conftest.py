"""The running app and a Chromium that cannot reach any other host."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright

import start
from dongtou_geo.services.sample import make_sample
from dongtou_geo.settings import ROOT
from dongtou_geo.store.address import file_url

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--lang=zh-CN",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PAINTED = """() => dtg.parcels.wanted.filter((tile) => tile.data)
  .map((tile) => { dtg.settle(tile.data, dtg.parcels.day); return tile.key + ':' + [...tile.data.now]; }).join()"""
FRAME = "iframe[title*=streamlit_folium]"

# A busy machine draws late; a test still fails at once where something else is drawn.
expect.set_options(timeout=20_000)


def run_json(*words: str) -> list[dict[str, object]]:
    """Run a command of ours and read its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "dongtou_geo", *words, "--json"],
        cwd=ROOT, check=True, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="session")
def sample_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ledger") / "sample.sqlite"
    make_sample(path)
    return file_url(path)


@pytest.fixture(scope="session")
def app_url(sample_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "serve.log"
    yield from serving({"DONGTOU_GEO_LEDGER": sample_url}, log)


def serving(
    environment: dict[str, str], log: Path, root: Path = ROOT, before: Sequence[str] = ()
) -> Iterator[str]:
    """Run the app on a free port until the test is done; words before its command change what it may."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [*before, sys.executable, "-m", "dongtou_geo", "serve", "--port", str(port)]
    with (
        log.open("wb") as out,
        subprocess.Popen(
            words, cwd=root, env={**os.environ, **environment}, stdout=out, stderr=out
        ) as process,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url, process, log)
            yield url
        finally:
            process.terminate()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/healthz").close()
        except urllib.error.HTTPError:
            return
        except OSError:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the app did not start: {log.read_text(encoding='utf-8')}")


# Not for the session: its event loop would still run in tests that need one of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = start.find_browser(start.Machine(ROOT))
        chromium = playwright.chromium.launch(executable_path=str(found), args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Watched:
    """A page with everything that it asked for and complained of."""

    page: Page
    base: str
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> "Watched":
        self.page.goto(self.base + path)
        return self

    def map(self) -> Frame:
        """Wait until the map is drawn and return its frame."""
        element = self.page.wait_for_selector(FRAME)
        frame = element.content_frame() if element else None
        assert frame is not None
        frame.wait_for_selector('.leaflet-container[data-ready="true"]')
        return frame

    def tiled(self) -> Frame:
        """Wait until every tile in view is there."""
        frame = self.map()
        frame.wait_for_selector('.leaflet-container[data-tiles="ready"]')
        return frame

    def painted(self) -> str:
        """Return the status of every parcel in view, in a word that changes with any of them."""
        return str(self.tiled().evaluate(PAINTED))

    def drawn(self, day: str) -> Frame:
        """Wait until the map shows a day."""
        frame = self.tiled()
        frame.wait_for_selector(f'.leaflet-container[data-as-of="{day}"][data-day="{day}"]')
        return frame

    def spot(self, lat: float, lon: float) -> tuple[float, float]:
        """Return where a place is on the page, in CSS pixels."""
        script = (
            "([a, o]) => { const p = dtg.map.latLngToContainerPoint([a, o]); return [p.x, p.y]; }"
        )
        x, y = self.map().evaluate(script, [lat, lon])
        box = self.page.locator(FRAME).bounding_box()
        assert box
        return box["x"] + x, box["y"] + y

    def panel(self) -> str:
        return self.page.locator(".panel").inner_text()


@pytest.fixture
def watched(browser: Browser, app_url: str) -> Iterator[Watched]:
    yield from watching(browser, app_url)


def watching(browser: Browser, base: str) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    found = Watched(page, base)

    def asked(url: str) -> None:
        if not url.startswith((base, base.replace("http", "ws"), "data:", "blob:")):
            found.outside.append(url)

    page.on("request", lambda request: asked(request.url))
    page.on("websocket", lambda socket_: asked(socket_.url))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: found.complaints.append(message.text) if message.type == "error" else None,
    )
    yield found
    context.close()
