"""The map with many parcels: opening it beside a bare st_folium page, and playing time on it.

Run: ``.venv/bin/python -m benchmarks.map [PARCELS ...] [--ledger FILE] [--tour FOLDER]`` (Chromium is
needed). Parcels are those of ``benchmarks.tiles``. How long they take to load is counted from the
moment when the app answers; meanwhile its page is asked for. The tour goes from afar to single
parcels and back, and leaves a picture of every stop in the folder.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import shapely
from playwright.sync_api import Browser, Frame, Page, sync_playwright

from benchmarks.open_page import (
    BARE,
    FLAGS,
    OURS,
    Served,
    free_port,
    interleaved,
    map_frame,
    server,
)
from benchmarks.tiles import land
from dongtou_geo.domain.event import STAGE_CHAIN
from dongtou_geo.store.address import file_url
from dongtou_geo.store.bulk import KIND_CODES, NewLives
from dongtou_geo.store.opening import create

BARS = {100_000: 1.3, 1_000_000: 1.5}
LEAST_FRAMES_A_SECOND = 20
LOADED_BAR_S = 10.0
MEMORY_BAR_MIB = 2560
LONGEST_MS = 900_000
FAR = (27.9, 121.1, 11.0)
# About ten thousand parcels on the screen.
NEAR_ZOOMS = {100_000: 14.5, 1_000_000: 16.25}
STOPS = {
    "home": (27.91, 121.05, 11.75),
    "far": FAR,
    "north": (27.95, 121.1, 13.0),
    "land": (27.93, 121.12, 14.0),
    "street": (27.93, 121.12, 16.0),
    "parcel": (27.93, 121.12, 18.0),
    "neighbours": (27.928, 121.128, 17.0),
    "back": (27.9, 121.1, 12.0),
}
FLY = """([lat, lon, zoom]) => new Promise((done) => {
  const gaps = []; let before = performance.now(), over = false;
  dtg.map.once('moveend', () => { over = true; });
  dtg.map.flyTo([lat, lon], zoom, { duration: 1.5 });
  const look = (now) => { gaps.push(now - before); before = now;
    if (!over) { requestAnimationFrame(look); } else { done(gaps.slice(1)); } };
  requestAnimationFrame(look); })"""
SHOWN = "() => new Promise((d) => requestAnimationFrame(() => requestAnimationFrame(d)))"
IN_VIEW = """() => { const ids = new Set();
  dtg.parcels.wanted.forEach((t) => { if (t.data) { t.data.ids.forEach((id) => ids.add(t.data.kind === 'grid' ? t.key + id : id)); } });
  return ids.size; }"""
# The last forty quarters, each as soon as the browser lets one follow the other.
PLAY = """() => new Promise((done) => {
  const last = dtg.time.span[1], layer = dtg.parcels, times = [];
  dtg.time.paceMs = 1;
  layer.setDay(last - 3652);
  document.querySelector('.dtg-play').click();
  let seen = layer.frames;
  const look = (now) => {
    if (layer.frames > seen) { seen = layer.frames; times.push(now); }
    if (dtg.time.timer) { requestAnimationFrame(look); return; }
    done(times.slice(1).map((at, i) => at - times[i]));
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


def goes(page: Page, view: tuple[float, float, float]) -> Frame:
    """Go to a view and wait until its tiles are there."""
    frame = map_frame(page)
    frame.evaluate("([a, o, z]) => { dtg.map.setView([a, o], z, {animate: false}); }", view)
    frame.wait_for_selector(OURS, timeout=LONGEST_MS, state="attached")
    page.wait_for_timeout(1000)
    return frame


def played(page: Page, count: int) -> bool:
    """Play ten years near by and from afar, print it, and tell whether the bars hold."""
    good = True
    near = (27.9, 121.1, NEAR_ZOOMS.get(count, 15.0))
    for name, view in {"near by": near, "from afar": FAR}.items():
        frame = goes(page, view)
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))  # type: ignore[misc]  # a default binds the list of this round
        seen = frame.evaluate(IN_VIEW)
        gaps = frame.evaluate(PLAY)
        during = len(asked)
        speed = 1000 * len(gaps) / sum(gaps)
        print(
            f"playing {name}, {seen:,} on the screen: {speed:.0f} frames a second, "
            f"longest {max(gaps):.0f} ms, {during} requests (bar {LEAST_FRAMES_A_SECOND}, 0)"
        )
        good &= speed >= LEAST_FRAMES_A_SECOND and during == 0
        page.wait_for_timeout(1500)
    return good


def toured(page: Page, folder: Path) -> None:
    """Fly from stop to stop, print the frames and leave a picture of each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, stop in STOPS.items():
        frame = map_frame(page)
        gaps = frame.evaluate(FLY, stop)
        begun = time.perf_counter()
        frame.wait_for_selector(OURS, timeout=LONGEST_MS, state="attached")
        rest = time.perf_counter() - begun
        page.wait_for_timeout(1200)
        page.screenshot(path=folder / f"{name}.png")
        print(
            f"tour, {name}: {1000 * len(gaps) / sum(gaps):.0f} frames a second, median "
            f"{statistics.median(gaps):.0f} ms, longest {max(gaps):.0f} ms; whole after {rest:.1f} s"
        )


def loaded(url: Served) -> float:
    """Return seconds until the parcels are there, and print how the app answered meanwhile."""
    begun, waits, busy = time.perf_counter(), [], True
    while busy:
        asked = time.perf_counter()
        urllib.request.urlopen(url).read()
        waits.append(time.perf_counter() - asked)
        busy = b'"busy":false' not in urllib.request.urlopen(f"{url}assets/data/tiles.json").read()
        time.sleep(0.1)
    took = time.perf_counter() - begun
    print(
        f"loaded in {took:.1f} s; the page answered {len(waits)} times, the longest {max(waits):.2f} s"
    )
    return took


def memory_mib(pid: int, line: str) -> float:
    """Memory of a process by the kernel's account."""
    status = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return float(next(each.split()[1] for each in status if each.startswith(line))) / 1024


def measured(browser: Browser, count: int, ledger: str, tour: Path | None) -> bool:
    """Measure one size, print it, and tell whether the bars hold."""
    print(f"{count:,} parcels")
    with (
        server("app:app", free_port(), ledger) as ours,
        server("benchmarks.bare_app:app", free_port()) as bare,
    ):
        good = loaded(ours) <= LOADED_BAR_S
        timed(browser, ours, OURS), timed(browser, bare, BARE)
        us, them = interleaved(
            lambda: timed(browser, ours, OURS), lambda: timed(browser, bare, BARE)
        )
        ratio = statistics.median(us) / statistics.median(them)
        words = f"{statistics.median(us):.2f} s, bare {statistics.median(them):.2f} s"
        print(f"open to drawn: {words}, ratio {ratio:.2f} (bar {BARS.get(count, 'none')})")
        good &= ratio <= BARS.get(count, ratio)
        page = opened(browser, ours, OURS)[1]
        good &= played(page, count)
        if tour is not None:
            toured(page, tour)
        now, most = (memory_mib(ours.pid, line) for line in ("VmRSS", "VmHWM"))
        print(f"memory of the app {now:.0f} MiB, at most {most:.0f} (bar {MEMORY_BAR_MIB})")
    return good and most <= MEMORY_BAR_MIB


def main() -> int:
    """Measure every size and return 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description="The map with many parcels.")
    parser.add_argument("parcels", nargs="*", type=int, default=[100_000])
    parser.add_argument("--ledger", type=Path, help="one that was made before, for one size")
    parser.add_argument("--tour", type=Path, metavar="FOLDER")
    words = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        held = []
        for count in words.parcels:
            made = words.ledger and file_url(words.ledger)
            ledger = made or filled(Path(folder) / f"{count}.sqlite", count)
            held.append(measured(browser, count, ledger, words.tour))
        browser.close()
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
