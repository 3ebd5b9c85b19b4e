"""Opening the map page and clicking a park, side by side with a bare st_folium page.

Run: ``.venv/bin/python -m benchmarks.open_page`` (Chromium is needed). Interleaved, one warm-up,
median of five; both pages behind the same uvicorn options, asset route and browser flags.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import shapely
from PIL import Image
from playwright.sync_api import Browser, Frame, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from dongtou_geo.services.sample import make_sample
from dongtou_geo.services.tile_source import stories_of
from dongtou_geo.settings import ROOT, SAMPLE_LEDGER

ROUNDS = 5
LONGEST_MS = 60_000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--lang=zh-CN"]
BARE_LAT, BARE_LON, BARE_COLOUR = 27.8375, 121.14, (0x12, 0x4A, 0x4A)
OURS = '.leaflet-container[data-tiles="ready"]'
BARE = "path.leaflet-interactive"
OUTLINE_BAR_S = 0.1
# From the click, as the browser hears of it, to the next picture that shows the outline.
OUTLINED = """() => { let clicked = 0;
  document.addEventListener('click', () => { clicked = performance.now(); }, true);
  new MutationObserver(() => { if (!dtg.map.getContainer().dataset.selected || !clicked) { return; }
    const at = clicked;
    clicked = 0;  // Python's answer marks it once more
    requestAnimationFrame(() => { window.outlined = performance.now() - at; }); })
    .observe(dtg.map.getContainer(), { attributes: true, attributeFilter: ['data-selected'] }); }"""
COLOURS = {"in_production": (0x12, 0x4A, 0x4A), "supplied": (0xB9, 0x74, 0x2C)}


class Served(str):
    """The address of a running app, and its process."""

    pid: int


@contextmanager
def server(app: str, port: int, ledger: str = "sample") -> Iterator[Served]:
    """Run an app with the options that ``serve`` uses, until the block ends."""
    words = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--log-level", "warning"]
    env = {**os.environ, "DONGTOU_GEO_LEDGER": ledger, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=ROOT, env=env) as process:
        url = Served(f"http://127.0.0.1:{port}/")
        url.pid = process.pid
        for _ in range(200):
            try:
                urllib.request.urlopen(url).close()
                break
            except OSError:
                time.sleep(0.1)
        try:
            yield url
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def map_frame(page: Page) -> Frame:
    """Return the frame that holds the map."""
    element = page.wait_for_selector("iframe[title*=streamlit_folium]")
    frame = element.content_frame() if element else None
    if frame is None:
        message = "no map frame on the page"
        raise RuntimeError(message)
    return frame


def spot(page: Page, lat: float, lon: float) -> tuple[float, float]:
    """Return where a place is on the page, in CSS pixels."""
    frame = map_frame(page)
    frame.wait_for_function("window.map !== undefined")
    at = frame.evaluate(
        "([lat, lon]) => { const p = window.map.latLngToContainerPoint([lat, lon]); return [p.x, p.y]; }",
        [lat, lon],
    )
    box = page.locator("iframe[title*=streamlit_folium]").bounding_box()
    assert box
    return box["x"] + at[0], box["y"] + at[1]


def until_painted(page: Page, at: tuple[float, float], colour: tuple[int, int, int]) -> None:
    """Wait until a pixel on the screen has a colour."""
    clip = {"x": at[0] - 1, "y": at[1] - 1, "width": 3, "height": 3}
    seen: object = None
    for _ in range(600):
        try:
            picture = page.screenshot(clip=clip)  # type: ignore[arg-type]  # a TypedDict of Playwright
        except PlaywrightError:  # between two documents there is nothing to take a picture of
            continue
        seen = Image.open(io.BytesIO(picture)).convert("RGB").getpixel((1, 1))
        if (
            isinstance(seen, tuple)
            and max(abs(a - b) for a, b in zip(seen, colour, strict=True)) < 6
        ):
            return
    message = f"the colour {colour} never came to {at}, there is {seen}"
    raise RuntimeError(message)


def timed_open(
    browser: Browser, url: str, at: tuple[float, float], colour: tuple[int, int, int]
) -> float:
    """Return seconds from navigation to the colour on the screen, in a fresh context."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
    start = time.perf_counter()
    page.goto(url, wait_until="commit")
    until_painted(page, at, colour)
    took = time.perf_counter() - start
    page.context.close()
    return took


def timed_click(page: Page, at: tuple[float, float], arrived: str) -> float:
    """Return seconds from a click to what it brings, told by a script that finds it."""
    page.evaluate(
        f"""() => {{ window.seen = new Promise((done, fail) => {{ setTimeout(fail, {LONGEST_MS}); const look = () => {{
          if ({arrived}) {{ done(performance.now()); }} else {{ requestAnimationFrame(look); }} }};
          look(); }}); }}"""
    )
    start = page.evaluate("performance.now()")
    page.mouse.click(*at)
    end = page.evaluate("window.seen")
    return float(end - start) / 1000


def panel_of(name: str) -> str:
    """Return a script that is true once the panel is about a place."""
    heading = "n.shadowRoot && n.shadowRoot.querySelector('.panel h2')"
    return (
        f"[...document.querySelectorAll('*')].map((n) => {heading}).filter(Boolean)"
        f".some((h) => h.textContent.includes('{name}'))"
    )


def figure_of(name: str) -> str:
    """Return a script that is true once the bare page names a polygon."""
    return f"[...document.querySelectorAll('p')].some((p) => p.textContent.trim() === '{name}')"


def largest_parcel() -> tuple[float, float, tuple[int, int, int]]:
    """Return the place and colour of the sample's largest parcel of a plain status."""
    ledger = make_sample(SAMPLE_LEDGER)
    stories = stories_of(ledger, [parcel.parcel_no for parcel in ledger.parcels()])
    found = []
    for number, (parcel, states) in stories.items():
        last = states[-1]
        if parcel.geometry_wkb and not last.ended and last.status.value in COLOURS:
            found.append((last.area_m2, number, parcel.geometry_wkb, last.status.value))
    _, _, outline, status = max(found)
    inside = shapely.from_wkb(outline).representative_point()
    return inside.y, inside.x, COLOURS[status]


def place(browser: Browser, url: str, drawn: str, lat: float, lon: float) -> tuple[float, float]:
    """Open a page once (the warm-up) and return where a place comes to lie."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
    page.goto(url)
    map_frame(page).wait_for_selector(drawn, state="attached")
    page.wait_for_timeout(1500)
    at = spot(page, lat, lon)
    page.context.close()
    return at


def report(name: str, ours: list[float], bare: list[float], limit: float) -> bool:
    """Print one comparison and tell whether it holds."""
    ratio = statistics.median(ours) / statistics.median(bare)
    print(
        f"{name}: ours {statistics.median(ours):.3f} s, bare {statistics.median(bare):.3f} s, "
        f"ratio {ratio:.2f} (bar {limit})"
    )
    return ratio <= limit


def interleaved(
    ours: Callable[[], float], bare: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Run two measurements in turn."""
    pairs = [(ours(), bare()) for _ in range(ROUNDS)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def clicks(
    browser: Browser, our_url: str, bare_url: str
) -> tuple[list[float], list[float], list[float]]:
    """Time clicks on a park, and on the bare map's polygon, in pages left open.

    The third list tells how long ours took to outline the park, which it does by itself.
    """
    size = {"width": 1440, "height": 900}
    ours, bare = (browser.new_context(viewport=size).new_page() for _ in range(2))  # type: ignore[arg-type]  # a TypedDict of Playwright
    for page, url, drawn in ((ours, our_url, OURS), (bare, bare_url, BARE)):
        page.goto(url)
        map_frame(page).wait_for_selector(drawn, state="attached")
        page.wait_for_timeout(2000)
    map_frame(ours).evaluate(OUTLINED)
    parks = [(27.8552, 121.164, "杨文工业区"), (27.8193, 121.1318, "南塘工业区")]
    squares = [(27.9475, 120.94, "one"), (27.8375, 121.14, "two")]
    found: tuple[list[float], list[float], list[float]] = ([], [], [])
    for turn in range(ROUNDS + 1):
        lat, lon, text = parks[turn % 2]
        ours.bring_to_front()  # a page behind another is not drawn
        ours.keyboard.press("Escape")
        ours.wait_for_function(f"() => {panel_of('洞头区')}")
        ours.wait_for_timeout(1000)
        map_frame(ours).evaluate("dtg.map.stop(); dtg.goHome()")
        ours.wait_for_timeout(500)
        one = timed_click(ours, spot(ours, lat, lon), panel_of(text))
        outlined = float(map_frame(ours).evaluate("window.outlined")) / 1000
        lat, lon, text = squares[turn % 2]
        bare.bring_to_front()
        two = timed_click(bare, spot(bare, lat, lon), figure_of(text))
        bare.wait_for_timeout(800)
        if turn:
            for times, took in zip(found, (one, two, outlined), strict=True):
                times.append(took)
    return found


def main() -> int:
    """Measure both and return 1 where a bar is missed."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    lat, lon, colour = largest_parcel()
    with (
        server("app:app", free_port()) as our_url,
        server("benchmarks.bare_app:app", free_port()) as bare_url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        our_spot = place(browser, our_url, OURS, lat, lon)
        bare_spot = place(browser, bare_url, BARE, BARE_LAT, BARE_LON)
        opened = interleaved(
            lambda: timed_open(browser, our_url, our_spot, colour),
            lambda: timed_open(browser, bare_url, bare_spot, BARE_COLOUR),
        )
        good = report("open to drawn", *opened, 1.5)
        ours, bare, outlined = clicks(browser, our_url, bare_url)
        good &= report("click to figures", ours, bare, 1.2)
        print(f"click to outline: {statistics.median(outlined):.3f} s (bar {OUTLINE_BAR_S})")
        good &= statistics.median(outlined) <= OUTLINE_BAR_S
        browser.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
