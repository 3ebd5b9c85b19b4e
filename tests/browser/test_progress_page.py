"""用地进度 as a user sees it: every figure is the command's, and the date goes with the reader."""

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.ui.components.curve_chart import LINES
from tests.browser.conftest import Watched, run_json

pytestmark = pytest.mark.browser

Row = dict[str, Any]
AT = "2026-06-30"
LABELS = {status.value: status.label for status in STATUSES}
VERDICTS = {
    "no_target": "规划未单列目标", "unknown": "未填报", "words_only": "目标无数字，不评分", "met": "已达到",
    "overdue": "逾期未达到", "on_track": "进度正常", "behind": "进度滞后",
}  # fmt: skip


def figures(sample_url: str, day: str, by: str = "park") -> list[Row]:
    return run_json("progress", "--ledger", sample_url, "--as-of", day, "--by", by)


def cells(row: Locator) -> list[str]:
    return [re.sub(r"\s+", " ", text).strip() for text in row.locator("td").all_inner_texts()]


def percent(rate: float | None, none: str = "—") -> str:
    return none if rate is None else f"{rate * 100:.1f}%"


def goal(rate: float | None) -> str:
    """Write a target as the plan prints it."""
    return "—" if rate is None else f"{rate * 100:.10g}%"


def rate_cell(row: Row) -> str:
    """Return the rate as the page must write it, with its two alternates."""
    if row["rate"] is None:
        return "—" if row["planned_mu"] is None else "未填报"
    mu = row["by_status_mu"]
    beyond = list(mu)[list(mu).index(Account.SUPPLIED.value) :]
    supplied = sum(mu[status] for status in beyond)
    by_supply = percent(row["in_production_mu"] / supplied)
    by_ledger = percent(row["in_production_mu"] / row["recorded_mu"])
    return f"{percent(row['rate'])} 供地口径 {by_supply} · 台账口径 {by_ledger}"


def gap_cell(gap_mu: float | None) -> str:
    return "—" if gap_mu is None else f"{'差' if gap_mu > 0 else '超'} {abs(gap_mu):,.1f}"


def written(row: Row) -> list[str]:
    """Return the cells that a row of ``progress --json`` must lead to."""
    recorded = f"{row['recorded_mu']:,.1f}" if row["recorded_mu"] > 0 else "未填报"
    planned = "—" if row["planned_mu"] is None else f"{row['planned_mu']:,.1f}"
    in_words = row["target_rate"] is None and row["target_text"] and row["verdict"] != "no_target"
    target = "有文字无数字" if in_words else goal(row["target_rate"])
    # Only a platform is scored: a zone and land outside the parks have no target of their own.
    scored = str(row["id"]).startswith("park_")
    return [
        f"{recorded} / {planned}",
        f"{row['unmapped_mu']:,.1f}" if row["recorded_mu"] > 0 else "—",
        rate_cell(row),
        percent(row["reachable_rate"]),
        target,
        gap_cell(row["gap_mu"]),
        percent(row["rate_at_due"]),
        row["met_on"] or "—",
        VERDICTS[row["verdict"]] if scored else "—",
    ]


def equal(watched: Watched, rows: list[Row]) -> None:
    """Compare every row on the page with the command's."""
    shown = watched.page.locator(".dtg-progress tbody tr")
    expect(shown).to_have_count(len(rows))
    for line, row in zip(shown.all(), rows, strict=True):
        expect(line.locator("th")).to_contain_text(row["name"])
        own = cells(line)
        del own[2]  # the bar: it has no text
        assert own == written(row), row["name"]
        bars = [bar.get_attribute("title") for bar in line.locator(".stack i").all()]
        wanted = {
            f"{LABELS[key]} {mu:,.1f} 亩" for key, mu in row["by_status_mu"].items() if mu > 0
        }
        assert set(bars) == wanted
        assert len(bars) == len(wanted)
        if row["target_text"]:
            expect(line.locator("th")).to_contain_text(row["target_text"])


@pytest.mark.parametrize("day", [AT, "2020-12-31", "2018-12-31", "2012-12-31"])
def test_every_figure_of_every_row_is_the_commands(
    watched: Watched, sample_url: str, day: str
) -> None:
    watched.open(f"/progress?as_of={day}")
    equal(watched, figures(sample_url, day))


def test_a_bare_address_shows_the_samples_last_day_and_says_that_it_is_a_sample(
    watched: Watched, sample_url: str
) -> None:
    watched.open("/progress")
    equal(watched, figures(sample_url, AT))
    expect(watched.page.locator(".dtg-sample-bar")).to_contain_text("虚构")
    expect(watched.page.locator(".dtg-source")).to_contain_text(f"截至 {AT} · 示例台账")
    expect(watched.page.locator(".dtg-standing")).to_contain_text("严禁存储、处理涉密信息")


def test_a_platform_without_records_is_unreported(watched: Watched) -> None:
    row = watched.open("/progress").page.locator('tr[data-id="park_rail"]')
    expect(row.locator("td.big")).to_have_text("未填报")
    expect(row.locator(".stack.blank")).to_have_count(1)
    assert "0.0%" not in row.inner_text()


def test_zones_are_their_parks_sums_and_stay_in_the_address(
    watched: Watched, sample_url: str
) -> None:
    watched.open("/progress?as_of=2020-12-31")
    watched.page.get_by_role("button", name="按片区").click()
    expect(watched.page.locator('tr[data-id="zone_main"]')).to_be_visible()
    equal(watched, figures(sample_url, "2020-12-31", by="zone"))
    assert "by=zone" in watched.page.url
    assert "as_of=2020-12-31" in watched.page.url

    watched.page.reload()
    expect(watched.page.locator('tr[data-id="zone_main"]')).to_be_visible()
    watched.page.get_by_role("button", name="按平台").click()
    expect(watched.page.locator('tr[data-id="park_rail"]')).to_be_visible()
    equal(watched, figures(sample_url, "2020-12-31"))


def test_the_date_moves_the_figures_and_back_brings_them_back(
    watched: Watched, sample_url: str
) -> None:
    source = watched.open("/progress").page.locator(".dtg-source")
    watched.page.get_by_role("button", name="上一季度末").click()
    expect(source).to_contain_text("截至 2026-03-31")
    equal(watched, figures(sample_url, "2026-03-31"))
    assert "as_of=2026-03-31" in watched.page.url

    watched.page.get_by_role("button", name="上一季度末").click()
    expect(source).to_contain_text("截至 2025-12-31")
    watched.page.go_back()
    expect(source).to_contain_text("截至 2026-03-31")
    equal(watched, figures(sample_url, "2026-03-31"))

    watched.page.get_by_role("button", name="最新").click()
    expect(source).to_contain_text(f"截至 {AT}")
    assert "as_of" not in watched.page.url


def test_a_typed_date_moves_the_figures(watched: Watched, sample_url: str) -> None:
    field = watched.open("/progress").page.get_by_role("textbox", name="截至日期")
    field.fill("2019年5月20日")
    field.press("Enter")
    expect(watched.page.locator(".dtg-source")).to_contain_text("截至 2019-05-20")
    equal(watched, figures(sample_url, "2019-05-20"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2019-02-30", "不是日期"),
        ("去年", "不是日期"),
        ("2999-01-01", "不在可查范围内，应在 2010-01-01 至"),
        ("1999.1.1", "1999-01-01 不在可查范围内"),
    ],
)
def test_what_is_no_day_to_ask_for_is_said_and_stays_to_be_mended(
    watched: Watched, written: str, said: str
) -> None:
    page = watched.open("/progress").page
    field = page.get_by_role("textbox", name="截至日期")
    field.fill(written)
    field.press("Enter")
    expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
    expect(field).to_have_value(written)
    expect(page.locator(".dtg-source")).to_contain_text(f"截至 {AT}")
    field.fill("20181231")
    field.press("Enter")
    expect(page.locator(".dtg-source")).to_contain_text("截至 2018-12-31")
    expect(field).to_have_value("2018-12-31")


def test_steps_are_taken_by_keyboard_without_losing_the_button(watched: Watched) -> None:
    page = watched.open("/progress").page
    page.get_by_role("button", name="上一季度末").focus()
    for day in ("2026-03-31", "2025-12-31", "2025-09-30"):
        page.keyboard.press("Enter")
        expect(page.locator(".dtg-source")).to_contain_text(f"截至 {day}")
        expect(page.get_by_role("button", name="上一季度末")).to_be_focused()


def test_a_row_opens_the_map_on_that_park_and_day(watched: Watched, sample_url: str) -> None:
    watched.open("/progress?as_of=2018-12-31")
    watched.page.locator('tr[data-id="park_yangwen"] a').click()
    expect(watched.page.locator(".panel h2")).to_contain_text("杨文工业区")
    frame = watched.drawn("2018-12-31")
    expect(frame.locator('.leaflet-container[data-selected="park_yangwen"]')).to_have_count(1)
    row = next(r for r in figures(sample_url, "2018-12-31") if r["id"] == "park_yangwen")
    expect(watched.page.locator(".panel .hero b")).to_have_text(percent(row["rate"]))


def test_a_zones_row_opens_the_map_on_that_zone(watched: Watched) -> None:
    watched.open("/progress?by=zone")
    watched.page.locator('tr[data-id="zone_main"] a').click()
    expect(watched.page.locator(".panel h2")).to_contain_text("本岛提升")


def test_the_date_goes_along_from_page_to_page(watched: Watched) -> None:
    watched.open("/progress")
    watched.page.get_by_role("button", name="上一季度末").click()
    expect(watched.page.locator(".dtg-source")).to_contain_text("截至 2026-03-31")
    watched.page.get_by_role("link", name="一张图").click()
    watched.drawn("2026-03-31")

    watched.page.get_by_role("button", name="上一季度末").click()
    watched.drawn("2025-12-31")
    watched.page.get_by_role("link", name="用地进度").click()
    expect(watched.page.locator(".dtg-source")).to_contain_text("截至 2025-12-31")


def test_the_curve_is_drawn(watched: Watched) -> None:
    watched.open("/progress")
    canvas = watched.page.locator("canvas").first
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()
    watched.page.wait_for_timeout(500)
    picture = Image.open(io.BytesIO(canvas.screenshot())).convert("RGB")
    counted = picture.getcolors(picture.width * picture.height) or []
    seen = {colour for _, colour in counted}
    for colour, _ in LINES[:4]:  # four platforms have records
        assert tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) in seen, colour


def test_before_the_first_record_there_is_no_curve_and_a_word_why(watched: Watched) -> None:
    watched.open("/progress?as_of=2012-12-31")
    expect(watched.page.get_by_text("没有可画的曲线")).to_be_visible()
    expect(watched.page.locator("canvas")).to_have_count(0)


def test_a_wrong_address_says_so_and_still_shows_the_table(
    watched: Watched, sample_url: str
) -> None:
    watched.open("/progress?as_of=<b>2018</b>&by=town")
    expect(watched.page.locator(".dtg-remarks")).to_contain_text("<b>2018</b>")
    equal(watched, figures(sample_url, AT))
