"""The navigation: plain links in their order, and the page that is open is told from the rest."""

import re

from dongtou_geo.api import known_pages
from dongtou_geo.ui.components.chrome import FIRST_OF_DESK, header_html

TITLES = {
    "map": "一张图",
    "progress": "用地进度",
    "gap": "<b>缺口",
}


def test_links_lead_to_our_pages_and_one_is_open() -> None:
    html = header_html("gap", TITLES)
    assert re.findall(r'<a href="([^"]+)"', html) == ["/", "/progress", "/gap"]
    assert re.findall(r'data-page="(\w+)"[^>]*aria-current="page"', html) == ["gap"]
    assert re.findall(r'data-page="(\w+)" class="desk"', html) == ["progress"]


def test_a_title_is_text() -> None:
    html = header_html("gap", TITLES)
    assert "<b>" not in html
    assert html.count("&lt;b&gt;缺口") == 2


def test_each_desk_begins_with_a_page_that_there_is() -> None:
    assert set(FIRST_OF_DESK) <= set(known_pages.PAGES)
