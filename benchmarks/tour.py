"""A tour of every page: from a click to a settled screen, with many parcels, with the sample, bare.

Run: ``.venv/bin/python -m benchmarks.tour [PARCELS]`` (Chromium is needed). The three are walked in
turn, one warm-up, median of five rounds; a screen is settled when its page is there and Streamlit
runs nothing any more.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.map import filled
from benchmarks.open_page import FLAGS, free_port, server

ROUNDS = 5
LONGEST_MS = 120_000
BAR_SAMPLE, BAR_BARE = 1.5, 2.0
IDLE = (
    "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
)
HERE = "nav [aria-current=page][data-page={name}]"
PARK = "park_nantang"

Step = tuple[str, Callable[[Page], None], str]


def _link(title: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("link", name=title, exact=True).click()


def _click(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).first.click()


# A name, what is done, and what must be on the screen then.
TOUR: list[Step] = [
    ("用地进度", _link("用地进度"), HERE.format(name="progress")),
    ("用地进度，上一季度", _click("[data-keep=back]"), ".dtg-progress"),
    ("用地进度，按片区", _click(".st-key-by_zone button"), ".dtg-progress [data-id=zone_north]"),
    ("打开证据", _click(".fig[data-select^='proof:rate~zone_main']"), ".proof .value"),
    ("关上证据", lambda page: page.keyboard.press("Escape"), ".dtg-progress"),
    ("缺口清单", _link("缺口清单"), HERE.format(name="gap")),
    ("缺口清单，换园区", _click(f".panel [data-select$='{PARK}']"), ".panel table"),
    ("对比分析", _link("对比分析"), HERE.format(name="compare")),
    ("重大项目", _link("重大项目"), HERE.format(name="projects")),
    ("产业布局", _link("产业布局"), HERE.format(name="industry")),
    ("围垦区", _link("围垦区"), HERE.format(name="reclamation")),
    ("地块台账", _link("地块台账"), HERE.format(name="ledger")),
    ("地块台账，按面积排序", _click("[data-select='sort:area_m2']"), "[aria-sort=ascending]"),
    ("数据质量", _link("数据质量"), HERE.format(name="quality")),
    ("汇报", _link("汇报"), HERE.format(name="briefing")),
    ("一张图", _link("一张图"), HERE.format(name="map")),
    ("一张图，点园区", _click(f".platform[data-select={PARK}]"), ".panel h2:has-text('南塘')"),
]
BARE: list[Step] = [
    ("two", _link("two"), ".shown:has-text('two')"),
    ("one", _link("one"), ".shown:has-text('one')"),
]


def walked(page: Page, url: str, tour: list[Step]) -> dict[str, float]:
    """Return seconds to a settled screen for each step."""
    page.goto(url, timeout=LONGEST_MS)
    page.wait_for_selector(".shown, .platform", timeout=LONGEST_MS)
    page.wait_for_function(IDLE, timeout=LONGEST_MS)
    took = {}
    for name, do, awaited in tour:
        page.wait_for_timeout(300)
        start = time.perf_counter()
        do(page)
        page.wait_for_selector(awaited, timeout=LONGEST_MS, state="attached")
        page.wait_for_timeout(30)  # the run that the click asked for has begun by then
        page.wait_for_function(IDLE, timeout=LONGEST_MS)
        took[name] = time.perf_counter() - start
    return took


def main(count: int) -> int:
    """Walk, print every step and the ratios, and return 1 where a bar is missed."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        server("app:app", free_port(), filled(Path(folder) / "many.sqlite", count)) as many,
        server("app:app", free_port()) as sample,
        server("benchmarks.bare_table_app:app", free_port()) as bare,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        size = {"width": 1440, "height": 900}
        places = [(many, TOUR), (sample, TOUR), (bare, BARE)]
        pages = [browser.new_page(viewport=size, locale="zh-CN") for _ in places]  # type: ignore[arg-type]  # a TypedDict of Playwright
        rounds = [
            [walked(page, *place) for page, place in zip(pages, places, strict=True)]
            for _ in range(ROUNDS + 1)
        ][1:]
        browser.close()
    return 0 if judged(rounds, count) else 1


def judged(rounds: list[list[dict[str, float]]], count: int) -> bool:
    """Print the medians and tell whether the bars hold."""
    bare = statistics.median(seconds for _, _, told in rounds for seconds in told.values())
    print(f"bare page with one table: {bare:.2f} s")
    slow = []
    ratios = []
    for name, _, _ in TOUR:
        many = statistics.median(told[name] for told, _, _ in rounds)
        sample = statistics.median(told[name] for _, told, _ in rounds)
        ratios.append(many / sample)
        slow += [name] if sample > BAR_BARE * bare or many > BAR_BARE * bare else []
        print(f"{name}: {many:.2f} s with {count:,}, {sample:.2f} s with the sample, "
              f"{many / sample:.2f}x, {sample / bare:.2f}x bare")  # fmt: skip
    middle = statistics.median(ratios)
    print(f"tour: {middle:.2f}x the sample (bar {BAR_SAMPLE})")
    print(f"over {BAR_BARE}x a bare page: {'、'.join(slow) or 'none'}")
    return middle <= BAR_SAMPLE and not slow


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
