"""The hint of the first visit: there once, gone when put away."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser


def test_the_hint_is_put_away_once_and_stays_away(watched: Watched) -> None:
    watched.open("/")
    hint = watched.page.locator("[data-hint=start]")
    expect(hint).to_be_visible()
    hint.get_by_role("button", name="不再显示此提示").click()
    expect(hint).to_be_hidden()
    watched.open("/")
    expect(watched.page.locator(".platform").first).to_be_visible()
    expect(hint).to_be_hidden()
    assert (watched.outside, watched.complaints) == ([], [])
