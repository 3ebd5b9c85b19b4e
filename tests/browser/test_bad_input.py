"""Bad input as a user sees it: a list or a message that helps, and never a script that runs."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.settings import ROOT
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import LedgerIdentity
from dongtou_geo.store.opening import create
from tests.browser.conftest import FRAME, Watched, serving, watching
from tests.checkout import Checkout, copied

pytestmark = pytest.mark.browser

Opened = Callable[..., Watched]
SCRIPT = "<script>window.hacked=1</script>"
IMAGE = '<img src=x onerror="window.hacked=1">'
NANTANG = (27.8193, 121.1318)
PLATFORMS = 5


@pytest.fixture
def copy(tmp_path: Path) -> Checkout:
    return copied(tmp_path / "repo")


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """Serve a checkout and watch a page of it, until the test is done."""
    with ExitStack() as stack:

        def start(root: Path = ROOT, **environment: str) -> Watched:
            log = tmp_path / "serve.log"
            own = {"DONGTOU_GEO_LEDGER": "", **environment}
            base = stack.enter_context(contextmanager(serving)(own, log, root=root))
            return stack.enter_context(contextmanager(watching)(browser, base))

        yield start


def edited(copy: Checkout, name: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the features of a dataset, by id."""
    path = copy.root / "geodata" / f"{name}.geojson"
    content = json.loads(path.read_text("utf-8"))
    change({feature["id"]: feature for feature in content["features"]})
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def texts(cells: Locator) -> list[str]:
    return [(text or "").strip() for text in cells.all_text_contents()]


def unhacked(watched: Watched) -> None:
    assert [frame.evaluate("window.hacked === undefined") for frame in watched.page.frames] == [
        True for _ in watched.page.frames
    ]


def test_the_page_lists_what_check_lists_instead_of_a_broken_map(
    copy: Checkout, opened: Opened
) -> None:
    def spoil(features: dict[str, Any]) -> None:
        ring = features["park_yangwen"]["geometry"]["coordinates"][0]
        features["park_nantang"]["geometry"]["coordinates"] = [list(ring)]  # on its sibling
        west, south = features["park_rail"]["geometry"]["coordinates"][0][0]
        bow = [(0.0, 0.0), (0.01, 0.01), (0.01, 0.0), (0.0, 0.01), (0.0, 0.0)]
        features["park_rail"]["geometry"]["coordinates"] = [[[west + x, south + y] for x, y in bow]]
        features["park_startup"]["properties"]["fidelity"] = SCRIPT

    edited(copy, "parks", spoil)  # and not sealed again: the hash is wrong too
    layer = copy.root / "layers" / "coast.toml"
    layer.write_text("colour = 1\n" + layer.read_text("utf-8"), encoding="utf-8")
    done = copy.run("check", "--json")
    assert done.returncode == 1
    errors = [problem for problem in json.loads(done.stdout) if problem["severity"] == "error"]

    watched = opened(copy.root)
    rows = watched.page.locator(".dtg-problems tbody tr")
    columns = ("file", "feature", "field", "value", "expected", "message")
    for path in ("/", "/progress", "/?sel=park_nantang"):
        watched.open(path)
        expect(rows).to_have_count(len(errors))
        for row, problem in zip(rows.all(), errors, strict=True):
            assert texts(row.locator("td")) == [problem[key] or "" for key in columns]
        expect(watched.page.locator(FRAME)).to_have_count(0)
        expect(watched.page.locator(".dtg-progress")).to_have_count(0)
        unhacked(watched)

    listed = watched.page.locator(".dtg-problems").inner_text()
    for word in (
        "geodata/parks.geojson", "park_rail", "park_nantang", "sha256", "layers/coast.toml", "colour", SCRIPT,
    ):  # fmt: skip
        assert word in listed


def test_the_map_comes_back_when_the_files_are_mended(copy: Checkout, opened: Opened) -> None:
    path = copy.root / "geodata" / "parks.toml"
    good = path.read_text("utf-8")
    path.write_text(good.replace("rows = 5", "rows = 6"), encoding="utf-8")
    watched = opened(copy.root).open("/")
    expect(watched.page.locator(".dtg-problems tbody tr")).to_have_count(1)
    path.write_text(good, encoding="utf-8")
    watched.page.reload()
    watched.map()
    expect(watched.page.locator(".dtg-problems")).to_have_count(0)


def test_names_with_markup_are_text_everywhere(copy: Checkout, opened: Opened) -> None:
    def rename(features: dict[str, Any]) -> None:
        if "park_nantang" in features:
            features["park_nantang"]["properties"]["name"] = SCRIPT
            features["park_yangwen"]["properties"]["name"] = IMAGE
        else:
            own = next(f for f in features.values() if f["properties"]["park_id"] == "park_nantang")
            own["properties"]["name"] = IMAGE

    for name in ("parks", "projects"):
        edited(copy, name, rename)
    assert copy.run(module="scripts.seal_geodata").returncode == 0
    assert copy.run("check", "--json").stdout == "[]\n"
    assert copy.run("sample").returncode == 0

    watched = opened(copy.root).open("/")
    page, frame = watched.page, watched.map()
    panel = page.locator(".panel")
    for name in (SCRIPT, IMAGE):
        expect(panel.locator(".platform .name").get_by_text(name, exact=True)).to_be_visible()
        expect(frame.locator(".dtg-label").get_by_text(name, exact=True)).to_be_visible()
    page.mouse.move(*watched.spot(*NANTANG))
    expect(frame.locator(".dtg-tip b")).to_have_text(SCRIPT)

    page.mouse.click(*watched.spot(*NANTANG))
    expect(panel.locator("h2")).to_contain_text(SCRIPT)
    expect(panel.locator(".list .name").get_by_text(IMAGE, exact=True)).to_be_attached()

    page.keyboard.press("/")
    field = frame.locator(".dtg-search input")
    field.fill("hacked")
    hits = frame.locator(".dtg-search li b")
    expect(hits).to_have_count(3)
    found = texts(hits)
    assert SCRIPT in found
    assert IMAGE in found
    assert any(re.fullmatch(rf"\d+ {re.escape(IMAGE)}", text) for text in found)
    field.press("Enter")
    unhacked(watched)

    watched.open("/progress")
    names = page.locator(".dtg-progress th a")
    expect(names.get_by_text(SCRIPT, exact=True)).to_be_visible()
    expect(names.get_by_text(IMAGE, exact=True)).to_be_visible()
    canvas = page.locator("canvas").first
    canvas.hover()
    page.wait_for_timeout(500)
    assert watched.outside == []
    assert watched.complaints == []
    unhacked(watched)


@pytest.mark.parametrize("folder", ["empty", "gone"])
def test_missing_leaflet_files_are_named_on_the_page(
    tmp_path: Path, opened: Opened, folder: str, sample_url: str
) -> None:
    package = tmp_path / "stub" / "xstatic" / "pkg" / "leaflet"
    package.mkdir(parents=True)
    data = tmp_path / folder
    package.joinpath("__init__.py").write_text(f"BASE_DIR = {str(data)!r}\n", encoding="utf-8")
    if folder == "empty":
        data.mkdir()

    watched = opened(PYTHONPATH=str(tmp_path / "stub"), DONGTOU_GEO_LEDGER=sample_url).open("/")
    message = watched.page.get_by_role("alert")
    expect(message).to_contain_text("地图缺少文件")
    for name in ("leaflet.js", "leaflet.css"):
        expect(message).to_contain_text(str(data / name))
    expect(watched.page.locator(FRAME)).to_have_count(0)
    watched.open("/progress")
    expect(watched.page.locator(".dtg-progress")).to_be_visible()


def test_a_ledger_that_is_none_is_a_message_and_no_figures(tmp_path: Path, opened: Opened) -> None:
    # The name is one that Markdown would change: what is shown must be what lies on the disk.
    junk = tmp_path / "__junk__ *a* $b$.sqlite"
    junk.write_bytes(b"junk" * 500)
    watched = opened(DONGTOU_GEO_LEDGER=file_url(junk))
    message = watched.page.get_by_role("alert")
    for path in ("/", "/progress"):
        watched.open(path)
        expect(message).to_contain_text("不是可读的地块台账")
        expect(message).to_contain_text(str(junk))
        for figures in (".panel", ".dtg-progress", ".dtg-sample-bar", FRAME):
            expect(watched.page.locator(figures)).to_have_count(0)
        body = watched.page.locator("body").inner_text()
        assert "%" not in body
        assert "Traceback" not in body


def test_an_empty_ledger_is_unreported_everywhere_and_no_sample(
    copy: Checkout, opened: Opened
) -> None:
    assert copy.run("ledger", "new").returncode == 0
    watched = opened(copy.root).open("/")
    page, frame = watched.page, watched.map()
    rates = page.locator(".panel .platform .rate")
    expect(rates).to_have_text(["未填报"] * PLATFORMS)
    assert watched.painted() == ""
    shown = page.locator("body").inner_text() + frame.locator("body").inner_text()

    watched.open("/progress")
    expect(page.locator(".dtg-progress td.big")).to_have_text(["未填报"] * PLATFORMS)
    expect(page.get_by_text("没有可画的曲线")).to_be_visible()
    shown += page.locator("body").inner_text()

    watched.open("/progress?by=zone")
    expect(page.locator(".dtg-progress td.big")).to_have_text(["未填报"] * 3)
    expect(page.get_by_text("没有可画的曲线")).to_be_visible()
    expect(page.locator("canvas")).to_have_count(0)
    shown += page.locator("body").inner_text()

    assert "示例" not in shown.replace("--ledger sample 看示例", "")  # how to see one
    assert not re.search(r"(?<![\d.])0\.0%", shown)
    assert watched.complaints == []


def made(path: Path, produced_mu: float) -> Path:
    """Make a ledger with one parcel, always of the same id and length."""
    line = Event(
        1, "A-1", EventKind.REGISTER, date(2016, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "张三",
        area_m2=mu_to_m2(680), park_id="park_nantang",
    )  # fmt: skip
    produced = replace(line, event_id=2, kind=EventKind.PRODUCE, area_m2=mu_to_m2(produced_mu))
    ledger = create(file_url(path), LedgerIdentity("one"))
    ledger.append([Parcel("A-1", Origin.LAND, AreaBasis.LEDGER)], [line, produced])
    return path


@pytest.mark.parametrize("way", ["moved", "copied"])
def test_a_ledger_replaced_under_the_running_app_is_seen_after_a_reload(
    tmp_path: Path, opened: Opened, way: str
) -> None:
    path = made(tmp_path / "ledger.sqlite", produced_mu=136)
    watched = opened(DONGTOU_GEO_LEDGER=file_url(path)).open("/?sel=park_nantang")
    hero = watched.page.locator(".panel .hero b")
    steps = """() => fetch(dtg.config.data_url + '/parcels.json?ids=1').then((answer) => answer.json())
      .then((found) => found[0].steps.map((step) => step.status).join())"""
    expect(hero).to_have_text("10.0%")
    assert watched.tiled().evaluate(steps) == "part_used"

    other = made(tmp_path / "other.sqlite", produced_mu=680)
    if way == "moved":
        other.replace(path)
    else:
        shutil.copyfile(other, path)
    watched.page.reload()
    expect(hero).to_have_text("50.0%")
    assert watched.tiled().evaluate(steps) == "in_production"
