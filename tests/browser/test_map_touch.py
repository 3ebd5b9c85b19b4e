"""一张图 under fingers: a tap selects, two fingers zoom, a drag of the time bar tells time."""

from collections.abc import Iterator

import pytest
import shapely
from playwright.sync_api import Browser, Frame, Page, expect

from dongtou_geo.store.opening import open_ledger
from tests.browser.conftest import FRAME, Watched
from tests.browser.held import held

pytestmark = pytest.mark.browser

NANTANG = (27.8193, 121.1318)
TABLET = {"width": 1180, "height": 820}


@pytest.fixture
def tablet(browser: Browser, app_url: str) -> Iterator[Watched]:
    context = browser.new_context(viewport=TABLET, locale="zh-CN", has_touch=True)  # type: ignore[arg-type]
    yield Watched(context.new_page(), app_url)
    context.close()


class Fingers:
    """Fingers that are put down, moved and lifted."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._down = False

    def at(self, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self._send("touchMove" if self._down else "touchStart", points)
        self._down = True
        self._page.wait_for_timeout(40)

    def lifted(self) -> None:
        self._send("touchEnd", [])
        self._down = False
        self._page.wait_for_timeout(600)

    def _send(self, kind: str, points: list[dict[str, float]]) -> None:
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def pinched(page: Page, middle: tuple[float, float], wide: list[float]) -> None:
    """Spread or close two fingers around a place, from one width to the next."""
    (x, y), two = middle, Fingers(page)
    for half in wide:
        two.at((x - half, y), (x + half, y))
    two.lifted()


def zoom(frame: Frame) -> float:
    return float(frame.evaluate("dtg.map.getZoom()"))


def test_a_tap_on_a_park_selects_it(tablet: Watched) -> None:
    frame = tablet.open("/").tiled()
    tablet.page.touchscreen.tap(*tablet.spot(*NANTANG))
    expect(tablet.page.locator(".panel h2")).to_contain_text("南塘工业区")
    expect(frame.locator('.leaflet-container[data-selected="park_nantang"]')).to_have_count(1)


def test_a_tap_on_a_parcel_selects_it_and_says_its_whole_number(
    tablet: Watched, sample_url: str
) -> None:
    frame = tablet.open("/").tiled()
    frame.evaluate("() => { dtg.map.setView([27.8193, 121.1318], 15.5, { animate: false }); }")
    tablet.tiled()
    ledger = held(open_ledger(sample_url))
    box = tablet.page.locator(FRAME).bounding_box()
    assert box
    for number, parcel in sorted(ledger.parcels.items()):
        if parcel.geometry_wkb is None or "南塘" not in number:
            continue
        inside = shapely.from_wkb(parcel.geometry_wkb).representative_point()
        x, y = tablet.spot(inside.y, inside.x)
        if 320 < x < box["width"] - 120 and box["y"] + 80 < y < box["y"] + box["height"] - 160:
            break
    else:
        pytest.fail("no parcel is in view")
    tablet.page.touchscreen.tap(x, y)
    expect(tablet.page.locator(".panel h2")).to_contain_text(number)
    expect(frame.locator(".dtg-tip:not(.dtg-under)")).to_contain_text(number)


def test_two_fingers_zoom_in_and_out_again(tablet: Watched) -> None:
    frame = tablet.open("/").tiled()
    before = zoom(frame)
    middle = tablet.spot(27.9, 121.06)
    pinched(tablet.page, middle, [40, 60, 80, 100, 120])
    tablet.tiled()
    near = zoom(frame)
    assert near >= before + 1
    pinched(tablet.page, middle, [120, 100, 80, 60])
    tablet.tiled()
    assert zoom(frame) < near
    assert tablet.complaints == []


def test_a_finger_on_the_time_bar_tells_time_and_does_not_move_the_map(tablet: Watched) -> None:
    frame = tablet.open("/").tiled()
    centre = frame.evaluate("dtg.map.getCenter().lng")
    track = frame.locator(".dtg-track").bounding_box()
    assert track
    y = track["y"] + track["height"] / 2
    places = [track["x"] + share * track["width"] for share in (0.9, 0.7, 0.5)]
    finger = Fingers(tablet.page)
    for x in places:
        finger.at((x, y))
    finger.lifted()
    tablet.page.wait_for_url("**as_of=20**")
    assert frame.evaluate("dtg.map.getCenter().lng") == centre


def test_a_long_name_in_the_search_is_shown_whole(tablet: Watched) -> None:
    frame = tablet.open("/").tiled()
    frame.locator(".dtg-search input").fill("项目")
    first = frame.locator(".dtg-search li b")
    expect(first.first).to_be_visible()
    cut = frame.evaluate(
        "() => [...document.querySelectorAll('.dtg-search li b')].filter((b) => b.scrollWidth > b.clientWidth + 1).length"
    )
    assert cut == 0
    name = frame.evaluate(
        """() => { const names = Object.values(dtg.features).filter((f) => f.layer.tooltip).map((f) => f.feature.properties.name);
          return names.sort((a, b) => b.length - a.length)[0]; }"""
    )
    frame.locator(".dtg-search input").fill(name)
    expect(first.first).to_have_text(name)
    first.first.tap()
    expect(tablet.page.locator(".panel h2")).to_contain_text(name.split(" ", 1)[-1])
