"""Reading on a phone: the navigation is a menu, nothing is wider than the window, the map is free."""

import pytest
from playwright.sync_api import expect

from dongtou_geo.api.known_pages import PAGES
from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
WIDER = "() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def phone(watched: Watched) -> Watched:
    watched.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict of Playwright
    return watched


def test_the_menu_leads_to_every_page_and_takes_the_day_along(phone: Watched) -> None:
    page = phone.open("/progress?as_of=2018-12-31").page
    menu = page.locator(".menu")
    expect(menu).to_have_text("用地进度")
    expect(page.get_by_role("link", name="围垦区")).to_be_hidden()
    menu.click()
    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(page.locator("nav a")).to_have_count(len(PAGES))
    page.get_by_role("link", name="围垦区").click()
    expect(page.locator("nav a[aria-current=page]")).to_have_attribute("data-page", "reclamation")
    expect(menu).to_have_text("围垦区")
    expect(menu).to_have_attribute("aria-expanded", "false")
    assert page.url.endswith("/reclamation?as_of=2018-12-31")


def test_the_legend_is_shut_and_opens_under_the_search(phone: Watched) -> None:
    frame = phone.open("/").tiled()
    head = frame.get_by_role("button", name="图层与图例")
    assert head.get_attribute("aria-expanded") == "false"
    assert frame.locator(".dtg-card-body").is_hidden()
    head.click()
    frame.locator(".dtg-card-body").wait_for(state="visible")
    field, card = (frame.locator(name).bounding_box() for name in (".dtg-search", ".dtg-card"))
    assert field
    assert card
    assert field["y"] + field["height"] <= card["y"]


@pytest.mark.parametrize("name", [name or "map" for name in PAGES])
def test_no_page_is_wider_than_the_phone(phone: Watched, name: str) -> None:
    page = phone.open("/" if name == "map" else f"/{name}").page
    expect(page.locator("nav a[aria-current=page]")).to_have_attribute("data-page", name)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
    )
    assert page.evaluate(WIDER) <= 0
