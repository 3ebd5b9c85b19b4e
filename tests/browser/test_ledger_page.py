"""地块台账 as a clerk uses it: find, record, correct; everybody sees the same figures afterwards."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, expect

from dongtou_geo.services.parcel_table import parcel_story
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import open_ledger
from tests.browser.clerking import DAY, DOC, PARCEL, form_of, own_ledger, record, told, type_day
from tests.browser.conftest import Watched, run_json, serving, watching

pytestmark = pytest.mark.browser


@pytest.fixture
def own_url(tmp_path: Path) -> str:
    return file_url(own_ledger(tmp_path))


@pytest.fixture
def clerk(browser: Browser, own_url: str, tmp_path: Path) -> Iterator[Watched]:
    for base in serving({"DONGTOU_GEO_LEDGER": own_url}, tmp_path / "serve.log"):
        yield from watching(browser, base)


def _rate(url: str) -> str:
    rows = run_json("progress", "--ledger", url, "--as-of", "2026-06-30")
    return f"{next(row['rate'] for row in rows if row['id'] == 'park_nantang'):.1%}"


def test_which_parcels_are_supplied_but_idle_takes_two_choices(
    clerk: Watched, own_url: str
) -> None:
    clerk.open("/ledger?park=park_nantang&status=supplied")
    found = clerk.page.locator(".found")
    rows = run_json("progress", "--ledger", own_url, "--as-of", "2026-06-30")
    row = next(row for row in rows if row["id"] == "park_nantang")
    by_status = row["by_status_mu"]
    assert isinstance(by_status, dict)
    expect(found).to_contain_text(f"{by_status['supplied']:,.1f} 亩")
    expect(clerk.page.locator(".grid tbody tr").first).to_contain_text("示例-南塘")


def test_recorded_production_shows_on_every_page_and_in_the_command(
    clerk: Watched, browser: Browser, own_url: str
) -> None:
    before = _rate(own_url)
    clerk.open(f"/ledger?parcel={PARCEL}")
    expect(clerk.page.locator("h2", has_text=PARCEL)).to_be_visible()
    record(clerk, "投产", DAY)
    expect(told(clerk, "已记第")).to_be_visible()
    expect(clerk.page.locator(".hero")).to_contain_text("投产")

    after = _rate(own_url)
    assert after != before
    story = parcel_story(open_ledger(own_url), PARCEL)
    assert story is not None
    assert (story.lines[-1].recorded_by, story.lines[-1].source_doc) == (
        "王经办",
        DOC,
    )
    for other in watching(browser, clerk.base):
        other.open("/?sel=park_nantang").drawn("2026-06-30")
        expect(other.page.locator(".panel .hero b").first).to_have_text(after)
        other.open("/progress")
        expect(other.page.locator('tr[data-id="park_nantang"]')).to_contain_text(after)
        assert other.outside == []


def test_a_wrong_event_is_refused_in_words_and_what_was_typed_stays(
    clerk: Watched, own_url: str
) -> None:
    before = open_ledger(own_url).stamp()
    clerk.open(f"/ledger?parcel={PARCEL}")
    record(clerk, "停产", DAY)
    expect(told(clerk, "没有意义")).to_be_in_viewport()
    expect(clerk.page.get_by_label("依据文号").first).to_have_value(DOC)
    assert open_ledger(own_url).stamp() == before


def test_the_second_of_two_clerks_sees_what_changed_and_overwrites_nothing(
    clerk: Watched, browser: Browser, own_url: str
) -> None:
    clerk.open(f"/ledger?parcel={PARCEL}")
    expect(clerk.page.locator("h2", has_text=PARCEL)).to_be_visible()
    for second in watching(browser, clerk.base):
        second.open(f"/ledger?parcel={PARCEL}")
        expect(second.page.locator("h2", has_text=PARCEL)).to_be_visible()
        record(clerk, "动工", "2026-06-01", by="甲")
        expect(told(clerk, "已记第")).to_be_visible()
        record(second, "收回", "2026-06-02", by="乙")
        expect(told(second, "刚由 甲 记了“动工”")).to_be_in_viewport()
        expect(second.page.locator(".events")).to_contain_text("动工")
    story = parcel_story(open_ledger(own_url), PARCEL)
    assert story is not None
    assert [line.kind.label for line in story.lines[-1:]] == ["动工"]


def test_a_correction_needs_a_reason_and_supersedes(clerk: Watched, own_url: str) -> None:
    clerk.open(f"/ledger?parcel={PARCEL}")
    clerk.page.get_by_role("button", name=re.compile("更正第 .*：供应")).click()
    expect(told(clerk, "更正第")).to_be_in_viewport()
    form = form_of(clerk)
    expect(form.get_by_label("更正的理由（必填）")).to_be_visible()
    clerk.page.wait_for_timeout(500)  # no clerk types before the form stands still
    form.get_by_label("经办人（必填）").fill("丙")
    form.get_by_role("button", name="提交更正").click()
    expect(told(clerk, "理由")).to_be_in_viewport()
    form.get_by_label("更正的理由（必填）").fill("合同日期录错")
    type_day(form, "2016-06-02")
    form.get_by_role("button", name="提交更正").click()
    expect(told(clerk, "已记第")).to_contain_text("更正第")
    expect(clerk.page.locator(".hero")).to_contain_text("自 2016-06-02")
    expect(clerk.page.locator(".events .gone")).to_have_count(1)


def _settled(element: Locator) -> FloatRect:
    """Wait until an element no longer moves: an expander unfolds, a form below grows."""
    before = None
    for _ in range(100):
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        if box is not None and box == before:
            return box
        before = box
        element.page.wait_for_timeout(250)
    pytest.fail("the drawing never stood still")


def test_a_parcel_is_split_by_a_drawn_line_and_merged_again(clerk: Watched, own_url: str) -> None:
    clerk.open("/ledger?parcel=示例-南塘-A-007")
    clerk.page.get_by_text("分割此地块").click()
    drawing = clerk.page.locator(".cutter svg")
    for count, share in enumerate((0.03, 0.97), start=1):
        box = _settled(drawing)
        clerk.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * share)
        expect(drawing.locator(".line")).to_have_attribute(
            "points", re.compile(rf"^\S+( \S+){{{count - 1}}}$")
        )
    form = clerk.page.locator("[data-testid=stForm]").filter(has_text="第 2 块")
    form.get_by_label("经办人（必填）").fill("丁")
    form.get_by_role("button", name="分割").click()
    expect(told(clerk, "示例-南塘-A-007-2")).to_be_in_viewport()

    ledger = open_ledger(own_url)
    children = [parcel_story(ledger, f"示例-南塘-A-007-{i}") for i in (1, 2)]
    parent = parcel_story(ledger, "示例-南塘-A-007")
    assert parent is not None
    assert parent.states[-1].ended
    assert all(
        child is not None and child.states[-1].status.value == "in_production" for child in children
    )
    whole = parent.states[-2].area_m2
    parts = [child.states[-1].area_m2 for child in children if child is not None]
    assert sum(parts) == pytest.approx(whole, abs=1.0)

    clerk.open("/ledger?parcel=示例-南塘-A-007-1")
    clerk.page.get_by_text("与相邻地块合并").click()
    merging = clerk.page.locator("[data-testid=stForm]").filter(has_text="与哪些相邻地块合并")
    merging.get_by_role("combobox").click()
    clerk.page.keyboard.type("A-007-2")
    option = clerk.page.get_by_role("option")
    # While the list still shrinks to what was typed, a click could fall beside it.
    expect(option).to_have_count(1)
    option.filter(has_text="示例-南塘-A-007-2").click()
    expect(merging).to_contain_text("示例-南塘-A-007-2")
    clerk.page.keyboard.press("Escape")
    merging.get_by_label("经办人（必填）").fill("丁")
    merging.get_by_role("button", name="合并").click()
    expect(told(clerk, "示例-南塘-A-007-1-合")).to_be_in_viewport()
    merged = parcel_story(open_ledger(own_url), "示例-南塘-A-007-1-合")
    assert merged is not None
    assert merged.states[-1].area_m2 == pytest.approx(whole, abs=1.0)
