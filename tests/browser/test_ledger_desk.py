"""地块台账, the clerk's desk: what is asked, what is said afterwards, and what two clerks meet."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from dongtou_geo.services.parcel_table import ParcelStory, parcel_story
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import open_ledger
from tests.browser.clerking import DAY, PARCEL, choose, form_of, own_ledger, record, told
from tests.browser.conftest import Watched, serving, watching

pytestmark = pytest.mark.browser


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return own_ledger(tmp_path)


@pytest.fixture
def clerk(browser: Browser, path: Path, tmp_path: Path) -> Iterator[Watched]:
    # A plain path, as somebody types it who knows no URLs.
    for base in serving({"DONGTOU_GEO_LEDGER": str(path)}, tmp_path / "serve.log"):
        yield from watching(browser, base)


def story(path: Path, number: str = PARCEL) -> ParcelStory:
    found = parcel_story(open_ledger(file_url(path)), number)
    assert found is not None
    return found


def opened(page: Watched, number: str = PARCEL) -> Watched:
    page.open(f"/ledger?parcel={number}")
    expect(page.page.locator("h2", has_text=number)).to_be_visible()
    expect(told(page, "记一件事")).to_be_visible()
    return page


def test_only_what_the_event_needs_is_asked_and_no_park_is_preset(clerk: Watched) -> None:
    opened(clerk)
    expect(form_of(clerk)).to_have_count(0)
    form = choose(clerk, "动工")
    expect(form.get_by_text("实际动工的日期，不是约定动工日期")).to_be_visible()
    expect(form.get_by_label("依据文号")).to_be_visible()
    expect(form.get_by_text("面积")).to_have_count(0)
    expect(form.get_by_text("园区")).to_have_count(0)
    form = choose(clerk, "投产")
    expect(form.get_by_label("投产面积（亩）")).to_have_attribute(
        "placeholder", "不填为整宗 13.47 亩"
    )
    expect(form.get_by_text("调整到")).to_have_count(0)
    form = choose(clerk, "调整园区")
    expect(form.get_by_text("面积")).to_have_count(0)
    expect(form.get_by_text("现在：南塘工业区")).to_be_visible()
    expect(form.get_by_role("combobox", name="调整到（必选）")).to_have_value("")
    form.get_by_label("经办人（必填）").fill("王经办")
    form.get_by_role("button", name="提交").click()
    expect(told(clerk, "请选择园区")).to_be_in_viewport()


def test_what_was_written_is_said_in_sight_with_its_version(clerk: Watched, path: Path) -> None:
    record(opened(clerk), "投产", DAY)
    said = told(clerk, "已记第")
    expect(said).to_be_in_viewport()
    expect(said).to_contain_text(f"地块 {PARCEL}：投产 {DAY}")
    expect(said).to_contain_text("王经办 记于")
    expect(said).to_contain_text(f"台账版本 {open_ledger(str(path)).stamp().ledger_version}")
    # The next thing begins with an empty form.
    expect(form_of(clerk)).to_have_count(0)


def test_a_double_click_records_once(clerk: Watched, path: Path) -> None:
    before = len(story(path).lines)
    form = choose(opened(clerk), "投产")
    form.get_by_label("经办人（必填）").fill("王经办")
    form.get_by_role("button", name="提交").dblclick()
    expect(told(clerk, "已记第")).to_be_in_viewport()
    # What a third answer would take: another record, and what it says.
    form = choose(clerk, "停工")
    form.get_by_label("经办人（必填）").fill("王经办")
    form.get_by_role("button", name="提交").click()
    expect(told(clerk, "停工")).to_be_in_viewport()
    assert [line.kind.value for line in story(path).lines[before:]].count("produce") == 1


def test_every_line_of_the_story_offers_its_correction_and_its_void(
    clerk: Watched, path: Path
) -> None:
    opened(clerk)
    lines = clerk.page.locator(".events li")
    for line in lines.all()[1:]:
        expect(line.get_by_role("button", name="更正第")).to_have_text("更正")
        expect(line.get_by_role("button", name="作废第")).to_have_text("作废")
    # Without its registration a parcel's other lines hang in the air.
    expect(lines.first.get_by_role("button", name="作废第")).to_have_count(0)

    lines.last.get_by_role("button", name="作废第").click()
    expect(told(clerk, f"{PARCEL} 供应 2016-05-02")).to_be_in_viewport()
    form = form_of(clerk)
    form.get_by_label("经办人（必填）").fill("王经办")
    form.get_by_role("button", name="作废这条记录").click()
    expect(told(clerk, "须写明理由")).to_be_in_viewport()
    form.get_by_label("作废的理由（必填）").fill("录错地块")
    form.get_by_role("button", name="作废这条记录").click()
    expect(told(clerk, "已作废第")).to_be_in_viewport()
    expect(clerk.page.locator(".hero")).to_contain_text("征而未供")
    assert story(path).states[-1].status.value == "acquired"

    lines.nth(1).get_by_role("button", name="更正第").click()
    expect(form_of(clerk).get_by_label("更正的理由（必填）")).to_be_visible()
    clerk.page.get_by_role("button", name="返回，不改动").click()
    expect(told(clerk, "记一件事")).to_be_visible()


def test_what_another_clerk_records_meanwhile_is_said_before_one_records_too(
    clerk: Watched, browser: Browser, path: Path
) -> None:
    opened(clerk)
    before = len(story(path).lines)
    for second in watching(browser, clerk.base):
        form = choose(opened(second), "动工")
        form.get_by_label("经办人（必填）").fill("乙")
        record(clerk, "动工", DAY, by="甲")
        expect(told(clerk, "已记第")).to_be_in_viewport()
        # Sent without having seen it: refused, and what was typed stays.
        form.get_by_role("button", name="提交").click()
        expect(told(second, "刚由 甲 记了“动工”")).to_be_in_viewport()
        expect(told(second, "您打开后，这宗地又有新记录")).to_contain_text(f"甲 记了“动工” {DAY}")
        expect(form.get_by_label("经办人（必填）")).to_have_value("乙")
        # Sent again, having seen it: the same stage cannot be reached twice.
        form.get_by_role("button", name="提交").click()
        expect(told(second, f"已于 {DAY} 动工")).to_be_in_viewport()
        assert len(story(path).lines) == before + 1

        # Looking at another form draws the page anew: the other's line must not pass unseen.
        record(clerk, "停工", DAY, by="甲")
        expect(told(clerk, "停工")).to_be_in_viewport()
        form = choose(second, "竣工")
        expect(told(second, "您打开后，这宗地又有新记录")).to_contain_text("甲 记了“停工”")
        form.get_by_role("button", name="提交").click()
        expect(told(second, "刚由 甲 记了“停工”")).to_be_in_viewport()
    assert [line.kind.label for line in story(path).lines[before:]] == ["动工", "停工"]


def test_a_split_parcel_says_what_became_of_it_and_is_taken_back(
    clerk: Watched, path: Path
) -> None:
    from datetime import UTC, date, datetime

    from dongtou_geo.services.record import Clerk
    from dongtou_geo.services.reshape import Child, split

    area_m2 = story(path).states[-1].area_m2
    parts = [Child(f"{PARCEL}-{name}", area_m2 / 2, None) for name in ("东", "西")]
    split(
        open_ledger(str(path)), PARCEL, date(2026, 6, 1), parts, Clerk("甲", datetime.now(UTC)),
        source_doc=None,
    )  # fmt: skip
    clerk.open(f"/ledger?parcel={PARCEL}")
    expect(clerk.page.locator(".hero")).to_contain_text("已分割")
    kin = clerk.page.locator(".kin")
    expect(kin).to_have_text(f"2026-06-01 分割为 {PARCEL}-东、{PARCEL}-西")
    kin.get_by_role("button", name=f"{PARCEL}-东").click()
    expect(clerk.page.locator("h2", has_text=f"{PARCEL}-东")).to_be_visible()
    expect(clerk.page.locator(".kin")).to_have_text(f"由 {PARCEL} 分割而来")
    expect(clerk.page.locator(".events")).to_contain_text("随分割产生，到原地块撤销")

    # The old number leads to what became of it, though the table has it no longer.
    clerk.open("/ledger?q=" + PARCEL + "&as_of=2026-06-30")
    expect(clerk.page.locator(".found")).to_contain_text("2 宗")
    gone = clerk.page.locator(".gone-parcel")
    expect(gone).to_contain_text(f"地块 {PARCEL} 已于 2026-06-01 分割")
    gone.get_by_role("button", name=PARCEL).click()
    clerk.page.get_by_role("button", name="撤销分割第").click()
    form = form_of(clerk)
    form.get_by_label("撤销分割的理由（必填）").fill("分错了")
    form.get_by_label("经办人（必填）").fill("甲")
    form.get_by_role("button", name="撤销分割").click()
    expect(told(clerk, "已撤销分割")).to_be_in_viewport()
    expect(clerk.page.locator(".hero")).to_contain_text("供而未用")
    assert not story(path).states[-1].ended


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are set the POSIX way")
def test_a_ledger_that_may_not_be_written_is_shown_and_says_why_it_takes_nothing(
    browser: Browser, path: Path, tmp_path: Path
) -> None:
    drop = _without_roots_power()
    closed = tmp_path / "closed"
    closed.mkdir()
    file = closed / "ledger.sqlite"
    shutil.copy(path, file)
    file.chmod(0o444)
    closed.chmod(0o555)
    try:
        log = tmp_path / "closed.log"
        for base in serving({"DONGTOU_GEO_LEDGER": str(file)}, log, before=drop):
            for page in watching(browser, base):
                for where in ("progress", "gap", "quality", "intake"):
                    page.open(f"/{where}")
                    expect(page.page.locator(".dtg-standing")).to_be_visible()
                    expect(page.page.get_by_text("暂不能显示")).to_have_count(0)
                record(opened(page), "投产", DAY)
                expect(told(page, "文件或文件夹只读，无法写入")).to_be_in_viewport()
                expect(told(page, "内容未改变")).to_contain_text("没有记入")
    finally:
        closed.chmod(0o755)
    assert file.read_bytes() == path.read_bytes()
    assert re.search(r"Traceback", log.read_text(encoding="utf-8")) is None


def _without_roots_power() -> list[str]:
    """Return what must stand before a command so that permissions hold for root too."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv (util-linux) takes root's power over permissions; it is not here")
    powers = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={powers}", f"--inh-caps={powers}"]
