"""The map with many parcels: opening it beside a bare st_folium page, and playing time on it.

Run: ``.venv/bin/python -m benchmarks.map [PARCELS ...]`` (Chromium is needed). Parcels are those of
``benchmarks.tiles``; the first page after a start, which reads the whole ledger, is reported apart.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import shapely
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.open_page import FLAGS, free_port, interleaved, map_frame, server
from benchmarks.tiles import land
from dongtou_geo.domain.event import STAGE_CHAIN
from dongtou_geo.store.address import file_url
from dongtou_geo.store.bulk import KIND_CODES, NewLives
from dongtou_geo.store.opening import create

BARS = {100_000: 1.3, 1_000_000: 1.5}
LEAST_FRAMES_A_SECOND = 20
FRAMES = 25
LONGEST_MS = 900_000
OURS = '.leaflet-container[data-tiles="ready"]'
BARE = "path.leaflet-interactive"
VIEWS = {"close": (27.9, 121.1, 15.0), "far": (27.9, 121.1, 11.0)}
SHOWN = "() => new Promise((d) => requestAnimationFrame(() => requestAnimationFrame(d)))"
PLAY = """(frames) => new Promise((done) => {
  dtg.time.paceMs = 1;
  dtg.parcels.setDay(dtg.time.span[0]);
  const from = dtg.parcels.frames, start = performance.now(), button = document.querySelector('.dtg-play');
  button.click();
  const look = () => {
    const seen = dtg.parcels.frames - from;
    if (seen < frames) { requestAnimationFrame(look); return; }
    button.click();
    done(1000 * seen / (performance.now() - start));
  };
  requestAnimationFrame(look); })"""


def filled(path: Path, count: int) -> str:
    """Make a ledger of so many parcels with four statuses each, and return its URL."""
    drawn = land(count)
    number = len(drawn.ids)
    days = np.datetime64("2000-01-01") + drawn.from_day.astype("timedelta64[D]")
    kinds = np.array([KIND_CODES[kind] for kind in STAGE_CHAIN])
    outlines = list(shapely.to_wkb(drawn.outlines))
    lives = NewLives(
        [f"P-{row:07d}" for row in range(number)],
        {"origin": "land", "area_basis": "drawn", "geometry_wkb": outlines},
        days.reshape(number, -1)[:, 0],
        drawn.area_m2,
        ["park_nantang"] * number,
        drawn.parcel,
        kinds[drawn.status.clip(0, len(kinds) - 1)],
        days,
        np.full(len(days), np.nan),
        datetime(2026, 1, 1, tzinfo=UTC),
        "benchmark",
    )
    with create(file_url(path)).writing() as writer:
        writer.add_lives(lives)
    return file_url(path)


def opened(browser: Browser, url: str, drawn: str) -> tuple[float, Page]:
    """Return seconds from navigation to what is drawn on the screen, and the page."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
    start = time.perf_counter()
    page.goto(url, timeout=LONGEST_MS)
    page.wait_for_selector("iframe[title*=streamlit_folium]", timeout=LONGEST_MS)
    frame = map_frame(page)
    frame.wait_for_selector(drawn, timeout=LONGEST_MS, state="attached")
    frame.evaluate(SHOWN)
    return time.perf_counter() - start, page


def timed(browser: Browser, url: str, drawn: str) -> float:
    """Return seconds to drawn, and close the page."""
    took, page = opened(browser, url, drawn)
    page.context.close()
    return took


def played(page: Page) -> dict[str, tuple[float, int]]:
    """Return frames a second and requests while time is played, near by and from afar."""
    found = {}
    frame = map_frame(page)
    for name, view in VIEWS.items():
        frame.evaluate("([a, o, z]) => { dtg.map.setView([a, o], z, {animate: false}); }", view)
        frame.wait_for_selector(OURS, timeout=LONGEST_MS)
        page.wait_for_timeout(1000)
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        found[name] = (float(frame.evaluate(PLAY, FRAMES)), len(asked))
        page.wait_for_timeout(1500)
    return found


def measured(browser: Browser, count: int, folder: Path) -> bool:
    """Measure one size, print it, and tell whether the bars hold."""
    ledger = filled(folder / f"{count}.sqlite", count)
    with (
        server("app:app", free_port(), ledger) as ours,
        server("benchmarks.bare_app:app", free_port()) as bare,
    ):
        print(f"{count:,} parcels: first page after the start {timed(browser, ours, OURS):.1f} s")
        timed(browser, bare, BARE)
        us, them = interleaved(
            lambda: timed(browser, ours, OURS), lambda: timed(browser, bare, BARE)
        )
        ratio = statistics.median(us) / statistics.median(them)
        words = f"{statistics.median(us):.2f} s, bare {statistics.median(them):.2f} s"
        print(f"open to drawn: {words}, ratio {ratio:.2f} (bar {BARS.get(count, 'none')})")
        good = ratio <= BARS.get(count, ratio)
        for name, (speed, asked) in played(opened(browser, ours, OURS)[1]).items():
            print(f"playing {name}: {speed:.0f} frames a second, {asked} requests")
            good &= speed >= LEAST_FRAMES_A_SECOND and asked == 0
    return good


def main() -> int:
    """Measure every size and return 1 where a bar is missed."""
    counts = [int(word) for word in sys.argv[1:]] or [100_000]
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        held = [measured(browser, count, Path(folder)) for count in counts]
        browser.close()
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
