"""Time on the map: any day is painted by the browser alone, and Python hears of it at rest."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
import shapely
from PIL import Image
from playwright.sync_api import Frame, Page, WebSocket, expect

from dongtou_geo.catalog.layers import load_layers, status_fills
from dongtou_geo.store.opening import open_ledger
from tests.browser.conftest import FRAME, Watched
from tests.browser.held import Held, held

pytestmark = pytest.mark.browser

# Months' ends, where the knob stands still.
DAYS = ("2014-12-31", "2017-03-31", "2018-12-31", "2021-06-30", "2025-09-30")
PLAIN = ("approved", "acquired", "supplied", "completed", "in_production")
NEAR = "() => { dtg.map.setView([27.8193, 121.1318], 15.5, { animate: false }); }"
PARCELS_ONLY = "/?layers=parcels,coast"


@pytest.fixture(scope="module")
def ledger(sample_url: str) -> Held:
    return held(open_ledger(sample_url))


def near(watched: Watched, path: str = PARCELS_ONLY) -> Frame:
    frame = watched.open(path).tiled()
    frame.evaluate(NEAR)
    return watched.tiled()


def knob_at(watched: Watched, day: str) -> tuple[float, float]:
    """Where on the page the time bar stands for a day."""
    share = watched.map().evaluate(
        "(day) => { const [a, b] = dtg.time.span; return (dtg.dayOf(day) - a) / (b - a); }", day
    )
    track = watched.map().locator(".dtg-track").bounding_box()
    assert track
    return track["x"] + share * track["width"], track["y"] + track["height"] / 2


def picture(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def close(seen: object, fill: str) -> bool:
    wanted = tuple(int(fill[i : i + 2], 16) for i in (1, 3, 5))
    assert isinstance(seen, tuple)
    return max(abs(a - b) for a, b in zip(seen, wanted, strict=True)) <= 3


@contextmanager
def asked_nothing(watched: Watched) -> Iterator[list[str]]:
    """Log what the page asks of anybody, by HTTP or over its open connection."""
    log: list[str] = []
    page = watched.page
    watched.page.wait_for_timeout(600)  # what was still under way has come
    page.on("request", lambda request: log.append(request.url))
    for socket in SOCKETS.get(page, []):
        socket.on("framesent", lambda _frame: log.append("websocket"))
    yield log
    assert log == []


SOCKETS: dict[Page, list[WebSocket]] = {}


@pytest.fixture(autouse=True)
def sockets(watched: Watched) -> Iterator[None]:
    SOCKETS[watched.page] = []

    def opened(socket: WebSocket) -> None:
        SOCKETS[watched.page].append(socket)

    watched.page.on("websocket", opened)
    yield
    SOCKETS.clear()


def visible_parcels(watched: Watched, ledger: Held) -> dict[str, tuple[float, float]]:
    """Where inside each parcel in view a pixel can be looked at."""
    box = watched.page.locator(FRAME).bounding_box()
    assert box
    found = {}
    for number, parcel in sorted(ledger.parcels.items()):
        if parcel.geometry_wkb is None or "南塘" not in number:
            continue
        inside = shapely.from_wkb(parcel.geometry_wkb).representative_point()
        x, y = watched.spot(inside.y, inside.x)
        clear = 320 < x < box["width"] - 120 and box["y"] + 80 < y < box["y"] + box["height"] - 160
        if clear:
            found[number] = (x, y)
    return found


def test_named_parcels_have_the_colour_of_five_days_and_nobody_is_asked(
    watched: Watched, ledger: Held
) -> None:
    near(watched)
    fills = status_fills(load_layers())
    spots = visible_parcels(watched, ledger)
    assert len(spots) > 15
    page, seen = watched.page, set()
    with asked_nothing(watched):
        page.mouse.move(*knob_at(watched, "2016-06-30"))
        page.mouse.down()
        for day in DAYS:
            page.mouse.move(*knob_at(watched, day))
            watched.map().wait_for_selector(f'.leaflet-container[data-day="{day}"]')
            shown = picture(page)
            for number, (x, y) in spots.items():
                state = ledger.state_on(number, date.fromisoformat(day))
                pixel = shown.getpixel((round(x), round(y)))
                if state is None:
                    assert not any(close(pixel, fills[s].fill) for s in PLAIN)
                elif state.status.value in PLAIN:
                    words = (day, number, state.status, pixel)
                    assert close(pixel, fills[state.status].fill), words
                    seen.add(state.status)
    assert len(seen) >= 4
    page.mouse.up()
    page.wait_for_url("**as_of=2025-09-30**")


def test_at_rest_the_figures_and_the_address_follow(watched: Watched) -> None:
    watched.open("/?sel=park_nantang").tiled()
    day = watched.page.locator(".panel .denominator").first
    was = day.inner_text()
    watched.page.mouse.click(*knob_at(watched, "2018-12-31"))
    watched.drawn("2018-12-31")
    watched.page.wait_for_url("**as_of=2018-12-31**")
    expect(day).not_to_have_text(was)
    assert "2018-12-31" in watched.panel()
    assert watched.map().locator(".dtg-stale").count() == 0
    watched.page.reload()
    watched.drawn("2018-12-31")


def test_figures_of_another_day_are_dimmed_until_they_have_come(watched: Watched) -> None:
    watched.open("/").tiled()
    watched.page.mouse.move(*knob_at(watched, "2020-06-30"))
    watched.page.mouse.down()
    watched.page.mouse.move(*knob_at(watched, "2016-06-30"))
    expect(watched.map().locator(".dtg-stale")).to_have_count(1)
    watched.page.mouse.up()
    expect(watched.map().locator(".dtg-stale")).to_have_count(0)


def test_playing_asks_nobody_and_ends_where_figures_are_asked_for(watched: Watched) -> None:
    frame = watched.open("/?as_of=2015-12-31").tiled()
    watched.drawn("2015-12-31")
    frame.evaluate("() => { dtg.time.paceMs = 30; }")
    with asked_nothing(watched):
        frame.locator(".dtg-play").click()
        frame.wait_for_function("() => dtg.isoOf(dtg.parcels.day) > '2022'")
    frame.evaluate("() => { dtg.time.paceMs = 1e9; }")
    frame.locator(".dtg-play").click()
    expect(frame.locator(".dtg-play")).to_have_attribute("aria-label", "播放")
    day = frame.evaluate("dtg.isoOf(dtg.parcels.day)")
    assert day[5:] in {"03-31", "06-30", "09-30", "12-31"}
    watched.page.wait_for_url(f"**as_of={day}**")


def test_arrows_go_from_month_to_month(watched: Watched) -> None:
    watched.open("/?as_of=2018-12-15").drawn("2018-12-15")
    watched.page.keyboard.press("ArrowRight")
    watched.drawn("2018-12-31")
    watched.page.keyboard.press("ArrowRight")
    watched.drawn("2019-01-31")
    for _ in range(3):
        watched.page.keyboard.press("ArrowLeft")
    watched.drawn("2018-10-31")
    watched.map().locator(".dtg-track").press("PageDown")
    watched.drawn("2017-10-31")
    watched.map().locator(".dtg-track").press("Home")
    watched.drawn("2013-01-01")


def test_a_selection_survives_zoom_date_and_reload(watched: Watched, ledger: Held) -> None:
    frame = near(watched, "/")
    number, spot = next(iter(visible_parcels(watched, ledger).items()))
    watched.page.mouse.click(*spot)
    heading = watched.page.locator(".panel h2")
    expect(heading).to_contain_text(number)
    chosen = f'.leaflet-container[data-selected="parcel:{number}"]'
    expect(frame.locator(chosen)).to_have_count(1)
    marked = frame.locator(".leaflet-dtg-mark-pane path")
    expect(marked).to_have_count(2)

    frame.evaluate("() => { dtg.map.setZoom(13, { animate: false }); }")
    watched.tiled()
    expect(marked).to_have_count(2)
    watched.page.keyboard.press("ArrowLeft")
    watched.page.wait_for_url("**as_of=**")
    expect(heading).to_contain_text(number)
    expect(frame.locator(chosen)).to_have_count(1)
    watched.page.reload()
    expect(heading).to_contain_text(number)
    expect(watched.tiled().locator(chosen)).to_have_count(1)


def test_a_click_outlines_its_parcel_at_once(watched: Watched, ledger: Held) -> None:
    frame = near(watched, "/")
    number, spot = next(iter(visible_parcels(watched, ledger).items()))
    frame.evaluate(
        """() => { window.order = [];
          new MutationObserver(() => window.order.push(dtg.map.getContainer().dataset.selected))
            .observe(dtg.map.getContainer(), { attributes: true, attributeFilter: ['data-selected'] }); }"""
    )
    watched.page.mouse.click(*spot)
    expect(watched.page.locator(".panel h2")).to_contain_text(number)
    order = frame.evaluate("window.order")
    assert order[0].startswith("#")
    assert order[-1] == f"parcel:{number}"


def test_hovering_says_number_status_and_since_when(watched: Watched, ledger: Held) -> None:
    frame = near(watched, "/?as_of=2018-12-31")
    watched.drawn("2018-12-31")
    number, spot, state = next(
        (number, spot, state)
        for number, spot in visible_parcels(watched, ledger).items()
        if (state := ledger.state_on(number, date(2018, 12, 31)))
    )
    watched.page.mouse.move(*spot)
    tip = frame.locator(".dtg-tip:not(.dtg-under)")
    expect(tip).to_contain_text(number)
    expect(tip).to_contain_text(state.since.isoformat())
    expect(tip).to_contain_text("截至 2018-12-31")


def test_a_line_of_the_legend_hides_its_parcels_and_asks_nobody(watched: Watched) -> None:
    frame = near(watched)
    watched.page.mouse.move(5, 5)
    with asked_nothing(watched):
        before = picture(watched.page)
        line = frame.locator('[data-filter="in_production"]')
        line.click()
        expect(line).to_have_attribute("aria-pressed", "false")
        watched.page.mouse.move(5, 5)
        watched.page.wait_for_timeout(200)
        hidden = picture(watched.page)
        line.press("Enter")
        watched.page.wait_for_timeout(200)
        again = picture(watched.page)
    teal = (0x12, 0x4A, 0x4A)

    def count(shown: Image.Image) -> int:
        part = shown.crop((320, 160, 900, 700))
        return sum(n for n, colour in part.getcolors(10**6) or [] if colour == teal)

    assert count(before) > 10_000
    assert count(hidden) < count(before) / 4  # what is left is the ink of hatches
    assert count(again) == count(before)


def test_a_day_looks_the_same_however_it_was_come_to(watched: Watched) -> None:
    frame = watched.open(PARCELS_ONLY).tiled()
    days = ["2014-12-31", "2025-09-30", "2016-06-30", "2021-06-30", "2013-03-31", "2021-06-30"]
    for zoom in (10, 15):
        frame.evaluate(
            "(z) => { dtg.map.setView([27.8193, 121.1318], z, { animate: false }); }", zoom
        )
        for day in days:
            watched.tiled()
            frame.evaluate("(day) => dtg.parcels.setDay(dtg.dayOf(day))", day)
            come_to = watched.painted()
            frame.evaluate("() => dtg.parcels.wanted.forEach((t) => t.data && dtg.loosen(t.data))")
            assert watched.painted() == come_to


def test_from_afar_a_cell_has_the_colour_of_most_of_its_land(watched: Watched) -> None:
    frame = watched.open(PARCELS_ONLY).tiled()
    frame.evaluate("() => { dtg.map.setView([27.92, 121.05], 10, { animate: false }); }")
    watched.tiled()
    kinds = frame.evaluate("dtg.parcels.wanted.filter((t) => t.data).map((t) => t.data.kind)")
    assert kinds
    assert set(kinds) == {"grid"}
    first = watched.painted()
    frame.evaluate("() => dtg.parcels.setDay(dtg.dayOf('2014-12-31'))")
    assert watched.painted() != first
    assert watched.complaints == []
