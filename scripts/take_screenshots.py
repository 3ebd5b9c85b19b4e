"""Take the pictures of docs/screenshots/ from the running app, on the 示例 ledger.

Run by hand after the look has changed: ``.venv/bin/python -m scripts.take_screenshots``, with
``python -m dongtou_geo serve`` running beside it and no ledger of one's own.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

import start
from dongtou_geo.formats.workbook_writing import write_workbook

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "screenshots"
SIZES = ((1440, 900), (1920, 1080), (390, 844))
PAGES = {
    "map": ("/", "iframe[title*=streamlit_folium]"),
    "park": ("/?sel=park_nantang", "iframe[title*=streamlit_folium]"),
    "ledger": ("/ledger?park=park_nantang&status=supplied&parcel=示例-南塘-A-010", ".grid"),
    "intake": ("/intake", "input[type=file]"),
    "progress": ("/progress", ".dtg-progress"),
    "proof": ("/progress?proof=not_producing_mu~park_nantang~2026-06-30", ".proof .value"),
    "gap": ("/gap?park=park_nantang", ".panel table"),
    "compare": ("/compare", ".panel table"),
    "projects": ("/projects?project=17", ".panel table"),
    "industry": ("/industry", ".panel table"),
    "reclamation": ("/reclamation", ".panel table"),
    "quality": ("/quality", ".panel table"),
    "briefing": ("/briefing?sheet=park_nantang", ".briefing"),
}

HEADINGS = ("地块编号", "园区", "用地单位", "合同面积（亩）", "供地时间", "开工时间", "投产时间")
ROWS = (
    ("示例-新-01", "南塘", "示例甲公司", 20.5, "2018.6", "2019年3月1日", "2021-05-06"),
    ("示例-新-02", "南塘", "示例乙公司", "30亩", "2017-05-04", "2018", None),
    ("示例-新-03", "杨文", "示例丙公司", 12, "2019-06-01", "2018-06-01", None),
    ("示例-新-04", "杨文", "示例丁公司", 8, "2019.6", "未开工", None),
)


def drop_a_workbook(page: Page) -> None:
    """Drop a made-up workbook, as a clerk would, and wait for its report."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "示例来表.xlsx"
        write_workbook(path, "台账", HEADINGS, ROWS)
        page.locator("input[type=file]").set_input_files(path)
        page.wait_for_selector(".dtg-counts")


def main(base: str = "http://127.0.0.1:8501") -> None:
    """Take every page at every size."""
    OUT.mkdir(parents=True, exist_ok=True)
    browser_path = start.find_browser(start.Machine(ROOT))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(browser_path), args=["--no-sandbox", "--lang=zh-CN"]
        )
        for width, height in SIZES:
            size = ViewportSize(width=width, height=height)
            page = browser.new_context(viewport=size, locale="zh-CN").new_page()
            for name, (path, awaited) in PAGES.items():
                page.goto(base + path)
                page.wait_for_selector(awaited, state="attached")
                if name == "intake":
                    drop_a_workbook(page)
                page.wait_for_timeout(2500)
                page.screenshot(path=OUT / f"{name}-{width}x{height}.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
