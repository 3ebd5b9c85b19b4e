"""The map in one file, opened from the disk in Chromium without a network."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Browser, Page, expect

from dongtou_geo.cli import main
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create
from tests.browser.conftest import run_json

pytestmark = pytest.mark.browser

DAY = "2020-12-31"
BREAKOUT = "</script><script>window.broken=1</script>"
MARKUP = '"><img src=x onerror="window.broken=1">'


@dataclass
class Opened:
    """A page from the disk, with everything that it asked for and complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: Path, hash_: str = "") -> "Opened":
        self.page.goto(path.as_uri() + hash_)
        self.page.wait_for_selector('.leaflet-container[data-ready="true"][data-tiles="ready"]')
        return self

    def figures(self, place: str) -> dict[str, str]:
        """What the panel shows of a place."""
        nodes = self.page.locator(f'#panel [data-row="{place}"]').all()
        return {str(n.get_attribute("data-figure")): n.inner_text() for n in nodes}


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.set_offline(True)
    page = context.new_page()
    found = Opened(page)
    page.on("request", lambda request: found.asked.append(request.url))
    page.on("websocket", lambda socket: found.asked.append(socket.url))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("console", lambda message: found.complaints.append(message.text))
    yield found
    context.close()


@pytest.fixture(scope="module")
def sample_page(sample_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("stick") / "洞头 一张图.html"
    assert main(["map", str(target), "--ledger", sample_url, "--as-of", DAY]) == 0
    return target


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    url = file_url(folder / "ledger.sqlite")
    parcels, events = [], []
    for number, west in ((BREAKOUT, 121.126), (MARKUP, 121.130)):
        outline = bytes(shapely.to_wkb(shapely.box(west, 27.820, west + 0.003, 27.823)))
        parcels.append(Parcel(number, Origin.LAND, AreaBasis.DRAWN, geometry_wkb=outline))
        events.append(
            Event(
                0, number, EventKind.REGISTER, date(2016, 1, 1), datetime(2017, 1, 1, tzinfo=UTC),
                "张三", area_m2=98_000.0, park_id="park_nantang",
            )
        )  # fmt: skip
    create(url).append(parcels, events)
    target = folder / "map.html"
    assert main(["map", str(target), "--ledger", url]) == 0
    return target


def test_it_opens_without_a_network_and_asks_for_nothing(opened: Opened, sample_page: Path) -> None:
    opened.open(sample_page)
    page = opened.page
    expect(page.locator("#panel h2")).to_contain_text("洞头区")
    expect(page.locator(".sample-bar")).to_contain_text("示例")
    expect(page.locator(".dtg-credits")).to_contain_text("OpenStreetMap contributors")
    expect(page.locator(".dtg-credits b")).to_contain_text("非涉密系统")
    expect(page.locator(".top")).to_contain_text(DAY)
    expect(page.locator(".dtg-card")).to_contain_text("建成未投产")
    for _ in range(3):
        page.locator(".leaflet-control-zoom-in").click()
    page.mouse.move(500, 400)
    page.wait_for_selector('.leaflet-container[data-tiles="ready"]')
    page.wait_for_timeout(500)
    assert opened.asked == [page.url.split("#")[0]]
    assert opened.complaints == []


def test_a_request_would_be_refused_by_the_page_itself(opened: Opened, sample_page: Path) -> None:
    opened.open(sample_page)
    refused = opened.page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", (e) => done(e.effectiveDirective));
          document.body.appendChild(new Image()).src = "x.png"; })"""
    )
    assert refused == "img-src"


def test_its_figures_are_those_of_progress(
    opened: Opened, sample_page: Path, sample_url: str
) -> None:
    opened.open(sample_page)
    rows = run_json("progress", "--ledger", sample_url, "--as-of", DAY)
    for row in rows[:-1]:
        place = str(row["id"])
        seen = opened.figures(place)
        silent = row["recorded_mu"] == 0
        assert seen["rate"] == ("未填报" if row["rate"] is None else f"{row['rate']:.1%}")
        assert seen["recorded_mu"] == ("未填报" if silent else f"{row['recorded_mu']:,.1f}")
        assert seen["planned_mu"] == f"{row['planned_mu']:,.0f}"
    opened.page.locator('#panel [data-select="park_nantang"]').click()
    expect(opened.page.locator("#panel h2")).to_contain_text("南塘工业区")
    row = rows[1]
    seen = opened.figures("park_nantang")
    assert seen["rate"] == f"{row['rate']:.1%}"
    assert seen["reachable_rate"] == f"{row['reachable_rate']:.1%}"
    for name in ("in_production_mu", "recorded_mu", "unmapped_mu", "gap_mu"):
        assert seen[name] == f"{row[name]:,.1f}", name
    by_status = row["by_status_mu"]
    assert isinstance(by_status, dict)
    for status, mu in by_status.items():
        assert seen.get(f"by_status_mu.{status}", "0.0") == f"{mu:,.1f}"


def test_the_legends_figures_are_the_districts(
    opened: Opened, sample_page: Path, sample_url: str
) -> None:
    opened.open(sample_page)
    rows = run_json("progress", "--ledger", sample_url, "--as-of", DAY)
    for account in STATUSES:
        total = sum(row["by_status_mu"][account.value] for row in rows)  # type: ignore[index]
        cell = opened.page.locator(f'.dtg-card [data-status="{account.value}"]')
        assert cell.inner_text() == (f"{total:,.1f}" if total else "")


def test_a_parcel_is_found_by_its_number_and_the_address_keeps_it(
    opened: Opened, sample_page: Path
) -> None:
    opened.open(sample_page)
    page = opened.page
    page.keyboard.press("/")
    page.keyboard.type("南塘-a-006")
    expect(page.locator(".dtg-search li").first).to_contain_text("示例-南塘-A-006")
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_contain_text("示例-南塘-A-006")
    expect(page.locator("#panel")).to_contain_text("南塘工业区")
    address = page.url
    page.keyboard.press("Escape")
    expect(page.locator("#panel h2")).to_contain_text("洞头区")
    page.go_back()
    expect(page.locator("#panel h2")).to_contain_text("示例-南塘-A-006")
    opened.open(sample_page, "#" + address.split("#")[1])
    expect(page.locator("#panel h2")).to_contain_text("示例-南塘-A-006")
    assert opened.complaints == []


def test_hostile_numbers_are_text(opened: Opened, hostile_page: Path) -> None:
    opened.open(hostile_page, "#sel=park_nantang")
    page = opened.page
    for number, lon in ((BREAKOUT, 121.1275), (MARKUP, 121.1315)):
        spot = page.evaluate(
            "(o) => { const p = dtg.map.latLngToContainerPoint([27.8215, o]); return [p.x, p.y]; }",
            lon,
        )
        box = page.locator("#map").bounding_box()
        assert box
        page.mouse.click(box["x"] + spot[0], box["y"] + spot[1])
        expect(page.locator("#panel h2 [data-word=name]")).to_have_text(number)
        page.locator(".dtg-search input").fill(number[:12])
        expect(page.locator(".dtg-search li b").first).to_have_text(number)
        page.locator(".dtg-search input").fill("")
    assert page.evaluate("window.broken") is None
    assert page.locator("#panel img, .dtg-search img").count() == 0
    assert len(opened.asked) == 1
    assert opened.complaints == []
