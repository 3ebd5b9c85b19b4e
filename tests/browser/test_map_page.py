"""一张图 as a user sees it, with every other host out of reach."""

import io
import re
from datetime import date

import pytest
import shapely
from PIL import Image
from playwright.sync_api import expect

from dongtou_geo.catalog.layers import load_layers, status_fills
from dongtou_geo.store.opening import open_ledger
from tests.browser.conftest import Watched, run_json
from tests.browser.held import held

pytestmark = pytest.mark.browser

# Inside the outline, clear of the project circles.
NANTANG = (27.8193, 121.1318)
AT = date(2026, 6, 30)
PLAIN = ("approved", "acquired", "supplied", "completed", "in_production")


def _row(sample_url: str, day: str, park_id: str = "park_nantang") -> dict[str, object]:
    rows = run_json("progress", "--ledger", sample_url, "--as-of", day)
    return next(row for row in rows if row["id"] == park_id)


def _pixel(watched: Watched, at: tuple[float, float]) -> tuple[int, ...]:
    clip = {"x": at[0] - 1, "y": at[1] - 1, "width": 3, "height": 3}
    picture = watched.page.screenshot(clip=clip)  # type: ignore[arg-type] # a plain dict is a Clip
    pixel = Image.open(io.BytesIO(picture)).convert("RGB").getpixel((1, 1))
    assert isinstance(pixel, tuple)
    return pixel


def _close(seen: tuple[int, ...], fill: str) -> bool:
    wanted = tuple(int(fill[i : i + 2], 16) for i in (1, 3, 5))
    return max(abs(a - b) for a, b in zip(seen, wanted, strict=True)) <= 3


def test_a_named_parcel_has_its_status_colour_where_it_should_be(
    watched: Watched, sample_url: str
) -> None:
    view = held(open_ledger(sample_url))
    fills = status_fills(load_layers())
    parcel = next(
        parcel
        for number, parcel in sorted(view.parcels.items())
        if parcel.geometry_wkb and view.timeline[number][-1].status in PLAIN
    )
    outline = shapely.from_wkb(parcel.geometry_wkb)
    assert outline is not None
    inside = outline.representative_point()
    states = view.timeline[parcel.parcel_no]

    watched.open(f"/?sel=parcel:{parcel.parcel_no}&layers=parcels,coast")
    watched.drawn(AT.isoformat())
    watched.page.wait_for_timeout(800)

    seen = _pixel(watched, watched.spot(inside.y + 1e-5, inside.x))
    assert _close(seen, fills[states[-1].status].fill), (parcel.parcel_no, states[-1].status, seen)


def test_nothing_leaves_the_host_and_nothing_complains(watched: Watched) -> None:
    for path in ("/", "/?sel=park_nantang&as_of=2018-12-31", "/progress", "/progress?by=zone"):
        watched.open(path)
        if path.startswith("/progress"):
            expect(watched.page.locator(".dtg-progress")).to_be_visible()
            expect(watched.page.locator("canvas").first).to_be_visible()
        else:
            watched.map()
        watched.page.wait_for_timeout(500)
    assert watched.outside == []
    assert watched.complaints == []


def test_a_click_on_nantang_shows_the_plan_and_the_commands_figures(
    watched: Watched, sample_url: str
) -> None:
    watched.open("/").map()
    watched.page.mouse.click(*watched.spot(*NANTANG))
    expect(watched.page.locator(".panel h2")).to_contain_text("南塘工业区")

    row = _row(sample_url, AT.isoformat())
    text = watched.panel()
    for figure in (
        "1,360", "90%", "第五章一（二）1", "第三章一（二）", "90%以上", "示例", "示意",
        f"{row['rate']:.1%}", f"{row['in_production_mu']:,.1f}", f"{row['recorded_mu']:,.1f}",
        f"{row['unmapped_mu']:,.1f}", f"{row['gap_mu']:,.1f}", f"{row['reachable_rate']:.1%}",
        f"{row['rate_at_due']:.1%}", "逾期未达到", AT.isoformat(),
    ):  # fmt: skip
        assert figure in text, figure
    by_status = row["by_status_mu"]
    assert isinstance(by_status, dict)
    for mu in by_status.values():
        assert mu == 0 or f"{mu:,.1f}" in text
    assert watched.map().locator('.leaflet-container[data-selected="park_nantang"]').count() == 1
    assert "sel=park_nantang" in watched.page.url


def test_the_outline_answers_before_the_figures(watched: Watched) -> None:
    frame = watched.open("/").map()
    at = watched.spot(*NANTANG)
    frame.evaluate(
        """() => { window.order = [];
          new MutationObserver(() => window.order.push('outline:' + dtg.map.getContainer().dataset.selected))
            .observe(dtg.map.getContainer(), { attributes: true, attributeFilter: ['data-selected'] });
          const update = dtg.update;
          dtg.update = (state) => { window.order.push('python:' + state.selected); update(state); }; }"""
    )
    watched.page.mouse.click(*at)
    expect(watched.page.locator(".panel h2")).to_contain_text("南塘工业区")
    assert frame.evaluate("window.order")[:1] == ["outline:park_nantang"]


def test_the_date_moves_map_panel_and_figures_together(watched: Watched, sample_url: str) -> None:
    watched.open("/?sel=park_nantang").drawn(AT.isoformat())
    before = watched.panel()
    was = watched.painted()

    for _ in range(8):
        day = watched.page.locator(".panel .denominator").first.inner_text()
        watched.page.get_by_role("button", name="上一季度末").click()
        expect(watched.page.locator(".panel .denominator").first).not_to_have_text(day)

    watched.drawn("2024-06-30")
    assert f"{_row(sample_url, '2024-06-30')['rate']:.1%}" in watched.panel()
    assert watched.panel() != before
    assert watched.painted() != was
    assert "as_of=2024-06-30" in watched.page.url


def test_reload_back_and_a_pasted_link_keep_the_view(watched: Watched) -> None:
    watched.open("/?sel=park_yangwen&as_of=2018-12-31").drawn("2018-12-31")
    heading = watched.page.locator(".panel h2")
    expect(heading).to_contain_text("杨文工业区")
    watched.page.locator(".crumbs button").first.click()
    expect(heading).to_contain_text("洞头区")
    watched.page.locator('[data-select="park_nantang"]').click()
    expect(heading).to_contain_text("南塘工业区")

    watched.page.go_back()
    expect(heading).to_contain_text("洞头区")
    watched.page.go_back()
    expect(heading).to_contain_text("杨文工业区")
    watched.drawn("2018-12-31")

    watched.page.reload()
    expect(heading).to_contain_text("杨文工业区")
    assert "as_of=2018-12-31" in watched.page.url
    watched.drawn("2018-12-31")


def test_layers_switch_in_the_browser_and_stay_in_the_address(watched: Watched) -> None:
    frame = watched.open("/").tiled()
    canvas = frame.locator(".leaflet-dtg-parcels-pane canvas")
    expect(canvas).to_be_visible()
    frame.locator('input[data-layer="parcels"]').click()
    expect(canvas).to_be_hidden()
    watched.page.wait_for_url(re.compile("layers="))
    assert "parcels" not in watched.page.url

    watched.page.reload()
    frame = watched.map()
    expect(frame.locator('input[data-layer="parcels"]')).not_to_be_checked()
    expect(frame.locator(".leaflet-dtg-parcels-pane canvas")).to_have_count(0)


@pytest.mark.parametrize(
    ("typed", "heading"),
    [
        ("nt", "南塘工业区"),
        ("杨文", "杨文工业区"),
        ("cnss", None),
        ("示例-南塘-A-0", "示例-南塘-A-0"),
    ],
)
def test_search_by_name_initials_and_number(
    watched: Watched, typed: str, heading: str | None
) -> None:
    frame = watched.open("/").map()
    watched.page.keyboard.press("/")
    field = frame.locator(".dtg-search input")
    expect(field).to_be_focused()
    field.fill(typed)
    if heading is None:
        expect(frame.locator(".dtg-none")).to_be_visible()
        return
    field.press("Enter")
    expect(watched.page.locator(".panel h2")).to_contain_text(heading)


def test_escape_clears_the_selection(watched: Watched) -> None:
    watched.open("/?sel=park_nantang").map()
    expect(watched.page.locator(".panel h2")).to_contain_text("南塘工业区")
    watched.page.keyboard.press("Escape")
    expect(watched.page.locator(".panel h2")).to_contain_text("洞头区")
    assert "sel=" not in watched.page.url


def test_a_wrong_address_says_so_and_still_shows_the_page(watched: Watched) -> None:
    watched.open("/?as_of=yesterday&sel=<script>alert(1)</script>&layers=parks,nonsense").map()
    remarks = watched.page.locator(".dtg-remarks")
    expect(remarks).to_contain_text("yesterday")
    expect(remarks).to_contain_text("<script>")
    expect(remarks).to_contain_text("nonsense")
    expect(watched.page.locator(".panel h2")).to_contain_text("洞头区")


def test_the_standing_line_credits_scale_and_north_are_on_the_map(watched: Watched) -> None:
    frame = watched.open("/").map()
    credit = frame.locator(".dtg-credits")
    expect(credit).to_contain_text("示意 · 内部使用 · 非涉密系统，严禁存储、处理涉密信息")
    expect(credit).to_contain_text("OpenStreetMap")
    expect(credit).to_contain_text("GSHHG")
    expect(frame.locator(".leaflet-control-scale-line")).to_be_visible()
    expect(frame.locator(".dtg-north")).to_be_visible()
    expect(watched.page.locator(".dtg-sample-bar")).to_contain_text("虚构")


OVERLAYS = ".dtg-card, .dtg-search input, .dtg-credits, .dtg-time, .leaflet-bar"
COVERED = """(overlays) => { const box = (node) => node.getBoundingClientRect();
  const over = [...document.querySelectorAll(overlays)].map(box);
  return [...document.querySelectorAll('.dtg-label')].filter((label) => { const a = box(label);
    return over.some((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom);
  }).map((label) => label.textContent); }"""
PARKS = (
    "南塘工业区",
    "杨文工业区",
    "瓯江口一期工业功能区",
    "临港石化产业岛启动区",
    "轨道交通装备产业示范区",
)


@pytest.mark.parametrize("size", [(1440, 900), (1366, 768), (1920, 1080)])
def test_at_first_sight_every_park_has_its_name_clear_of_the_furniture(
    watched: Watched, size: tuple[int, int]
) -> None:
    watched.page.set_viewport_size({"width": size[0], "height": size[1]})
    frame = watched.open("/").tiled()
    shown = frame.locator(".dtg-label").all_inner_texts()
    assert set(PARKS) <= set(shown)
    assert frame.evaluate(COVERED, OVERLAYS) == []
    outlines = frame.evaluate(
        """() => Object.values(dtg.features).filter((f) => f.layer.id === 'parks').map((f) => {
          const b = f.shape.getBounds(), a = dtg.map.latLngToContainerPoint(b.getNorthWest()),
            c = dtg.map.latLngToContainerPoint(b.getSouthEast()), size = dtg.map.getSize();
          return a.x > 242 && a.y > 0 && c.x < size.x && c.y < size.y - 84; })"""
    )
    assert outlines == [True] * len(PARKS)


def test_names_keep_clear_of_the_furniture_wherever_the_map_is(watched: Watched) -> None:
    frame = watched.open("/").tiled()
    for by in ([0, -160], [500, 0], [-700, 300]):
        frame.evaluate("(by) => { dtg.map.panBy(by, { animate: false }); }", by)
        assert frame.evaluate(COVERED, OVERLAYS) == []


def test_plus_and_minus_zoom_and_the_arrows_still_belong_to_time(watched: Watched) -> None:
    frame = watched.open("/").tiled()
    zoom = frame.evaluate("dtg.map.getZoom()")

    def pressed(key: str) -> float:
        watched.page.keyboard.press(key)
        watched.page.wait_for_timeout(500)
        return float(frame.evaluate("dtg.map.getZoom()"))

    assert pressed("+") == zoom + 0.5
    assert pressed("=") == zoom + 1
    assert pressed("-") == zoom + 0.5
    before = frame.evaluate("[dtg.map.getCenter().lng, dtg.parcels.day]")
    watched.page.keyboard.press("ArrowLeft")
    watched.page.wait_for_url("**as_of=**")
    after = frame.evaluate("[dtg.map.getCenter().lng, dtg.parcels.day]")
    assert after[0] == before[0]
    assert after[1] < before[1]
    field = frame.locator(".dtg-search input")
    field.fill("a")
    field.press("+")
    assert field.input_value() == "a+"
    assert frame.evaluate("dtg.map.getZoom()") == zoom + 0.5
