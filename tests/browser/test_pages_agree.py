"""What two pages say of one thing is the same, and 示例 stands at every page's figures."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

PARKS = ("park_startup", "park_nantang", "park_yangwen", "park_ojk_industry", "park_rail")


def told(watched: Watched, address: str) -> list[tuple[str | None, str]]:
    """The lines on a park's industries, by level."""
    lines = watched.open(address).page.locator("[data-level]:not(tr)")
    expect(lines.first).to_be_visible()
    return [
        (line.get_attribute("data-level"), re.sub(r"\s+", "", line.inner_text()))
        for line in lines.all()
    ]


@pytest.mark.parametrize("park", PARKS)
def test_map_and_layout_say_the_same_of_a_parks_industries(watched: Watched, park: str) -> None:
    beside = told(watched, f"/?sel={park}")
    assert told(watched, f"/industry?at={park}") == beside
    assert beside[0][0] == "park"
    assert beside[-1][0] == "zone" and beside[-1][1].startswith("所在片区（")
    listed = watched.page.locator("table.placed tr[data-level]")
    assert {row.get_attribute("data-level") for row in listed.all()} == {lv for lv, _ in beside}
    assert watched.complaints == []


def test_an_empty_cell_is_no_prohibition(watched: Watched) -> None:
    page = watched.open("/industry").page
    expect(page.locator('td[data-cell="park_ojk_industry~traditional"]')).to_contain_text(
        "整个门类"
    )
    expect(page.locator('td[data-cell="zone_west~traditional"]')).to_have_text("↓ 见平台")
    expect(page.locator('td[data-cell="park_ojk_industry~emerging"]')).to_have_text("↑ 见片区")
    expect(page.locator('[data-name="key"]')).to_contain_text("空格：规划没有写到，不等于不允许")
    expect(page.locator('th[data-column="unsorted"]')).to_contain_text("未归门类")


@pytest.mark.parametrize(
    "address", ["/progress", "/gap", "/gap?park=park_nantang", "/gap?view=due"]
)
def test_the_sample_is_called_so_beside_the_title(watched: Watched, address: str) -> None:
    title = watched.open(address).page.locator("h2.dtg-h2")
    expect(title.locator(".tag.sample")).to_have_text("示例")
    expect(title.locator(".tag.sample")).to_have_css("background-color", "rgb(138, 100, 22)")


def test_the_ledgers_own_headline_is_called_a_sample(watched: Watched) -> None:
    expect(watched.open("/ledger").page.locator(".found .tag.sample")).to_have_text("示例")
