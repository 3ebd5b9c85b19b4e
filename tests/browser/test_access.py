"""axe-core on every page: no fault that keeps somebody out."""

from importlib.resources import files

import pytest
from playwright.sync_api import expect

from dongtou_geo.api.known_pages import PAGES
from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RUN = "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
IDLE = (
    "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
)
VIEWS = {
    "map": "/?sel=park_nantang",
    "gap": "/gap?park=park_nantang",
    "ledger": "/ledger?park=park_nantang&parcel=示例-南塘-A-010",
    "projects": "/projects?project=17",
    "briefing": "/briefing?sheet=park_nantang",
    "proof": "/progress?proof=rate~park_nantang~2026-06-30",
}


@pytest.mark.parametrize("name", sorted({*(page or "district" for page in PAGES), *VIEWS}))
def test_axe_finds_no_serious_fault(watched: Watched, name: str) -> None:
    address = VIEWS.get(name, "/" if name == "district" else f"/{name}")
    watched.open(address)
    expect(watched.page.locator("nav a[aria-current=page]")).to_be_visible()
    watched.page.wait_for_function(IDLE)
    watched.page.wait_for_timeout(500)
    watched.page.evaluate(AXE)
    found = watched.page.evaluate(RUN)["violations"]
    serious = [
        (fault["id"], fault["help"], [node["html"][:200] for node in fault["nodes"][:3]])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []
