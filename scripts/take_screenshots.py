"""Take the pictures of docs/screenshots/ from the running app, on the 示例 ledger.

Run by hand after the look has changed: ``.venv/bin/python -m scripts.take_screenshots``, with
``python -m dongtou_geo serve`` running beside it and no ledger of one's own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

import start

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "screenshots"
SIZES = ((1440, 900), (1920, 1080))
PAGES = {
    "map": ("/", "iframe[title*=streamlit_folium]"),
    "park": ("/?sel=park_nantang", "iframe[title*=streamlit_folium]"),
    "ledger": ("/ledger?park=park_nantang&status=supplied&parcel=示例-南塘-A-010", ".grid"),
    "progress": ("/progress", ".dtg-progress"),
}


def main(base: str = "http://127.0.0.1:8501") -> None:
    """Take every page at every size."""
    OUT.mkdir(parents=True, exist_ok=True)
    browser_path = start.find_browser(start.Machine(ROOT))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(browser_path), args=["--no-sandbox", "--lang=zh-CN"]
        )
        for width, height in SIZES:
            size = {"width": width, "height": height}
            page = browser.new_context(viewport=size, locale="zh-CN").new_page()  # type: ignore[arg-type]
            for name, (path, awaited) in PAGES.items():
                page.goto(base + path)
                page.wait_for_selector(awaited)
                page.wait_for_timeout(3000)
                page.screenshot(path=OUT / f"{name}-{width}x{height}.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
