"""对比分析 as a user sees it: questions 2 and 14 of the office, answered from the raw rows.

What must be shown is summed here from the rows of the ledger's file, without the program.
"""

import re
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, expect

from dongtou_geo.store.address import sqlite_path
from tests.browser.conftest import Watched
from tests.services.raw_land import MU_M2, Held, by_park, lands, rows_of

pytestmark = pytest.mark.browser

PARKS = {
    "park_startup": (3300.0, None), "park_nantang": (1360.0, 0.9), "park_yangwen": (870.0, 0.9),
    "park_ojk_industry": (3000.0, 1.0),
}  # fmt: skip
FIRST, SECOND = "2025-12-31", "2026-06-30"
DAY, THEN, UNTIL = "2019-12-31", "2020-01-10", "2020-01-10T15:59:59.999999+00:00"
WHOLE = {"planned", "approved", "acquired", "supplied", "building", "completed", "in_production"}


@pytest.fixture(scope="module")
def path(sample_url: str) -> Path:
    found = sqlite_path(sample_url)
    assert found is not None
    return found


def producing(path: Path, day: str, known_until: str = "9999") -> dict[str | None, float]:
    sums = by_park(lands(path, day, known_until))
    return {park: own["in_production"] for park, own in sums.items()}


def cell(watched: Watched, park: str, name: str) -> Locator:
    return watched.page.locator(f'tr[data-id="{park}"] td[data-name="{name}"]')


def shown(mu: float) -> str:
    return f"{mu:,.1f}"


def signed(mu: float) -> str:
    return ("+" if round(mu, 1) > 0 else "−" if round(mu, 1) < 0 else "") + shown(abs(mu))


def differing(before: dict[str, Held], after: dict[str, Held]) -> set[str]:
    """Parcels that stand otherwise on the second side."""
    return {
        number
        for number in {*before, *after}
        if (before[number].accounts() if number in before else {})
        != (after[number].accounts() if number in after else {})
        or (number in before and number in after and before[number].park != after[number].park)
    }


# Question 2: each park today against last quarter


def test_each_park_before_and_after_is_summed_from_the_rows(watched: Watched, path: Path) -> None:
    watched.open(f"/compare?a={FIRST}&b={SECOND}")
    before, after = producing(path, FIRST), producing(path, SECOND)
    for park, (planned, target) in PARKS.items():
        expect(cell(watched, park, "before")).to_have_text(shown(before[park]))
        expect(cell(watched, park, "after")).to_have_text(shown(after[park]))
        expect(cell(watched, park, "grown")).to_have_text(signed(after[park] - before[park]))
        expect(cell(watched, park, "rate-before")).to_have_text(f"{before[park] / planned:.1%}")
        expect(cell(watched, park, "rate-after")).to_have_text(f"{after[park] / planned:.1%}")
        tick = watched.page.locator(f'tr[data-id="{park}"] .change u')
        expect(tick).to_have_count(0 if target is None else 1)
        if target is not None:
            assert f"left:{target * 100}%" in str(tick.get_attribute("style"))
    total = sum(before[park] for park in PARKS), sum(after[park] for park in PARKS)
    expect(cell(watched, "all", "before")).to_have_text(shown(total[0]))
    expect(cell(watched, "all", "grown")).to_have_text(signed(total[1] - total[0]))
    expect(cell(watched, "park_rail", "after")).to_have_text("未填报")
    expect(watched.page.locator(".dtg-sample-bar")).to_contain_text("虚构")
    expect(watched.page.locator("h2 .tag.sample")).to_have_text("示例")
    assert watched.complaints == []
    assert watched.outside == []


def test_a_bare_address_is_last_quarter_against_the_last_day(watched: Watched, path: Path) -> None:
    watched.open("/compare")
    expect(watched.page.locator("h2").first).to_contain_text("2026-03-31 至 2026-06-30")
    before, after = producing(path, "2026-03-31"), producing(path, SECOND)
    for park in PARKS:
        expect(cell(watched, park, "before")).to_have_text(shown(before[park]))
        expect(cell(watched, park, "after")).to_have_text(shown(after[park]))
    moved = differing(lands(path, "2026-03-31"), lands(path, SECOND))
    rows = watched.page.locator(".moves tbody tr")
    expect(rows).to_have_count(len(moved))
    assert {row.get_attribute("data-parcel") for row in rows.all()} == moved


def test_the_flows_of_a_park_are_its_parcels_and_close(watched: Watched, path: Path) -> None:
    park = "park_nantang"
    watched.open(f"/compare?a=2018-12-31&b={SECOND}&park={park}")
    before, after = lands(path, "2018-12-31"), lands(path, SECOND)
    held = [by_park(side)[park] for side in (before, after)]
    flow = watched.page.locator(".flow")
    expect(flow.locator("thead")).to_contain_text("建成未投产")
    heads = [re.sub(r"\s", "", text) for text in flow.locator("thead th").all_inner_texts()]
    place = heads.index("投产") - 1

    def number(row: str) -> float:
        text = flow.locator("tr", has_text=row).last.locator("td").nth(place).inner_text()
        return float(re.sub(r"[^\d.]", "", text) or 0)

    expect(flow.locator("tbody tr").first).to_contain_text("期初")
    assert number("期初") == pytest.approx(held[0]["in_production"], abs=0.051)
    assert number("期末") == pytest.approx(held[1]["in_production"], abs=0.051)
    closing = number("期初") + number("转入合计") - number("转出合计")
    assert closing == pytest.approx(number("期末"), abs=0.21)
    # Whole parcels that went from building to production, row by row.
    wanted = sum(
        held_now.area / MU_M2
        for no, held_now in after.items()
        if no in before
        and held_now.park == park == before[no].park
        and set(before[no].accounts()) == {"building"}
        and set(held_now.accounts()) == {"in_production"}
    )
    told = flow.locator('tr[data-from="building"] td[data-to="in_production"] .fig')
    parted = [no for no, own in after.items() if own.park == park and len(own.accounts()) > 1]
    shown_mu = float(told.inner_text().replace(",", ""))
    assert shown_mu >= round(wanted, 1) - 0.05
    assert shown_mu == pytest.approx(wanted, abs=0.051) or parted


def test_a_figure_opens_its_proof_whose_rows_sum_to_it(watched: Watched, path: Path) -> None:
    watched.open(f"/compare?a={FIRST}&b={SECOND}")
    figure = cell(watched, "park_nantang", "came").locator(".fig")
    wanted = float(figure.inner_text().strip("+").replace(",", ""))
    figure.click()
    dialog = watched.page.get_by_role("dialog")
    expect(dialog).to_contain_text("转入投产")
    expect(dialog).to_contain_text(f"{FIRST} 至 {SECOND}")
    moved = {
        no
        for no in differing(lands(path, FIRST), lands(path, SECOND))
        if lands(path, SECOND)[no].park == "park_nantang"
        and "in_production" in lands(path, SECOND)[no].accounts()
    }
    for number in moved:
        expect(dialog).to_contain_text(number)
    assert wanted == pytest.approx(
        sum(lands(path, SECOND)[no].producing / MU_M2 for no in moved), abs=0.051
    )
    assert "proof=moved_mu" in watched.page.url


# The parcels: table, plates, address


def test_a_parcel_is_lit_on_both_plates_and_in_its_row(watched: Watched, path: Path) -> None:
    watched.open(f"/compare?a={FIRST}&b={SECOND}&park=park_nantang")
    page = watched.page
    (line,) = (r for r in rows_of(path) if r["kind"] == "produce" and r["effective_on"] > FIRST)
    number = line["parcel_no"]
    expect(page.locator(".plates svg")).to_have_count(2)
    expect(page.locator(".plate-chosen")).to_have_count(0)
    page.locator("figure").nth(1).locator(f'[data-select="parcel:{number}"]').first.click()
    expect(page.locator(".card")).to_contain_text(number)
    expect(page.locator(".plate-chosen")).to_have_count(2)
    row = page.locator("tr.chosen[data-parcel]")
    expect(row).to_have_attribute("data-parcel", number)
    for text in (line["effective_on"], line["source_doc"], line["recorded_by"]):
        expect(row).to_contain_text(text)
    assert "parcel=" in page.url
    page.reload()
    expect(page.locator(".card")).to_contain_text(number)
    page.get_by_role("button", name="取消选中").click()
    expect(page.locator(".card")).to_have_count(0)
    assert "parcel=" not in page.url


def test_many_parcels_stand_on_pages_and_the_open_one_is_found(
    watched: Watched, path: Path
) -> None:
    watched.open(f"/compare?a=2013-12-31&b={SECOND}")
    page = watched.page
    expect(page.locator(".moves tbody tr")).to_have_count(50)
    page.get_by_role("button", name="下一页").click()
    expect(page.locator(".pages")).to_contain_text("第 2 /")
    last = page.locator(".moves tbody tr").last.get_attribute("data-parcel")
    watched.open(f"/compare?a=2013-12-31&b={SECOND}&parcel={last}")
    expect(page.locator("tr.chosen[data-parcel]").first).to_have_attribute("data-parcel", str(last))
    expect(page.locator(".pages")).to_contain_text("第 2 /")


def test_a_click_on_a_park_shows_it_alone_and_back_brings_all_back(watched: Watched) -> None:
    watched.open(f"/compare?a={FIRST}&b={SECOND}")
    page = watched.page
    page.locator('tr[data-id="park_ojk_industry"] th button').click()
    expect(page.locator("h2.second").first).to_contain_text("瓯江口一期工业功能区")
    assert "park=park_ojk_industry" in page.url
    expect(page.locator(".moves tbody tr td:nth-child(2)").first).to_have_text(
        "瓯江口一期工业功能区"
    )
    page.go_back()
    expect(page.locator("h2.second").first).to_contain_text("全区五个平台")


def test_the_moved_parcels_are_downloaded_whole(watched: Watched, path: Path) -> None:
    watched.open(f"/compare?a=2018-12-31&b={SECOND}")
    button = watched.page.get_by_role("button", name="下载移动的地块 XLSX")
    with watched.page.expect_download() as download:
        button.click()
    book = openpyxl.load_workbook(BytesIO(Path(download.value.path()).read_bytes()))
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert {row[0] for row in rows} == differing(lands(path, "2018-12-31"), lands(path, SECOND))
    words = " ".join(str(row[0]) for row in book.worksheets[-1].iter_rows(values_only=True))
    assert "示例" in words


def test_two_days_lead_to_the_log_of_what_was_recorded_since(watched: Watched) -> None:
    watched.open("/compare?a=2026-06-26&b=2026-06-30")
    page = watched.page
    link = page.locator(".onward").get_by_role("button", name="变动日志：2026-06-26 起录入的")
    expect(link).to_be_visible()
    expect(page.locator(".onward")).to_contain_text("两日之间没有地块移动")
    box = link.bounding_box()
    assert box and box["y"] + box["height"] < 900, "the way to the log lies below the window"
    link.click()
    expect(page.locator("h2").first).to_contain_text("2026-06-26 零时起录入的变动")
    assert "log=1" in page.url
    page.go_back()
    expect(page.locator(".onward")).to_contain_text("两日之间没有地块移动")


# 当时上报 / 现核定


def test_what_was_reported_then_and_what_is_confirmed_now(watched: Watched, path: Path) -> None:
    watched.open(f"/compare?day={DAY}&then={THEN}")
    reported, confirmed = producing(path, DAY, UNTIL), producing(path, DAY)
    for park in PARKS:
        expect(cell(watched, park, "reported")).to_have_text(shown(reported[park]))
        expect(cell(watched, park, "confirmed")).to_have_text(shown(confirmed[park]))

        def value(name: str, park: str = park) -> float:
            text = cell(watched, park, name).inner_text().replace(",", "").replace("−", "-")
            return 0.0 if text.strip() == "—" else float(text)

        difference = confirmed[park] - reported[park]
        assert value("difference") == pytest.approx(difference, abs=0.051)
        assert value("added") + value("corrected") == pytest.approx(difference, abs=0.11)
    changed = differing(lands(path, DAY, UNTIL), lands(path, DAY))
    assert changed
    rows = watched.page.locator(".moves tbody tr")
    assert changed <= {row.get_attribute("data-parcel") for row in rows.all()}
    late = {
        row["event_id"]: row
        for row in rows_of(path)
        if row["recorded_at"] > UNTIL and (row["effective_on"] <= DAY or row["supersedes"])
    }
    reasons = {
        str(row["reason"])
        for row in late.values()
        if row["supersedes"] and row["parcel_no"] in changed
    }
    assert reasons
    for reason in reasons:
        expect(watched.page.locator(".moves")).to_contain_text(reason)
    expect(watched.page.locator(".moves tbody tr", has_text="更正").first).to_be_visible()
    expect(watched.page.locator(".moves tbody tr", has_text="补录").first).to_be_visible()


def test_reported_opens_a_proof_that_adds_up(watched: Watched, path: Path) -> None:
    watched.open(f"/compare?day={DAY}&then={THEN}")
    cell(watched, "all", "reported").locator(".fig").click()
    dialog = watched.page.get_by_role("dialog")
    reported = producing(path, DAY, UNTIL)
    total = sum(reported[park] for park in PARKS)
    expect(dialog).to_contain_text(f"{total:,.2f}")
    expect(dialog).to_contain_text("现核定 = 当时上报 + 其中补录 + 其中更正")


# Question 14: what changed since, who entered it, from which paper


def test_what_changed_since_a_day_who_entered_it_and_from_which_paper(
    watched: Watched, path: Path
) -> None:
    since, moment = "2026-02-01", "2026-01-31T16:00:00"
    watched.open(f"/compare?log=1&since={since}")
    wanted = [row for row in rows_of(path) if row["recorded_at"] >= moment]
    rows = watched.page.locator(".log tbody tr")
    expect(rows).to_have_count(len(wanted))
    numbers = [int(str(row.get_attribute("data-event"))) for row in rows.all()]
    assert numbers == sorted((row["event_id"] for row in wanted), reverse=True)
    for raw in wanted:
        line = watched.page.locator(f'tr[data-event="{raw["event_id"]}"]')
        for text in (raw["parcel_no"], raw["recorded_by"], raw["effective_on"], raw["source_doc"]):
            expect(line).to_contain_text(text)
    expect(watched.page.locator("h2").first).to_contain_text(f"{len(wanted)} 条")
    now = lands(path, "9999-12-31")
    land = sum(now[no].area for no in {raw["parcel_no"] for raw in wanted}) / MU_M2
    expect(watched.page.locator("h2").first).to_contain_text(f"涉及 {land:,.1f} 亩")

    clerk = wanted[0]["recorded_by"]
    own = [raw for raw in wanted if raw["recorded_by"] == clerk]
    watched.page.get_by_role("button", name=clerk).first.click()
    expect(rows).to_have_count(len(own))
    assert "who=" in watched.page.url


def test_the_log_shows_what_a_correction_replaced_and_why(watched: Watched, path: Path) -> None:
    (mended, *_) = (r for r in rows_of(path) if r["supersedes"] and r["kind"] != "void")
    (old,) = (r for r in rows_of(path) if r["event_id"] == mended["supersedes"])
    day = mended["recorded_at"][:10]
    watched.open(f"/compare?log=1&since={day}&on={day}")
    line = watched.page.locator(f'tr[data-event="{mended["event_id"]}"]')
    expect(line).to_contain_text(f"更正第 {old['event_id']} 号")
    expect(line).to_contain_text(old["effective_on"])
    expect(line).to_contain_text(mended["reason"])


# Addresses that cannot be meant


def test_reversed_future_and_unreadable_days_fall_back_with_words(watched: Watched) -> None:
    watched.open(f"/compare?a={SECOND}&b={FIRST}")
    expect(watched.page.locator(".dtg-remarks")).to_contain_text("对调")
    expect(watched.page.locator("h2").first).to_contain_text(f"{FIRST} 至 {SECOND}")
    watched.open("/compare?a=2099-01-01&b=<b>&park=park_x")
    remarks = watched.page.locator(".dtg-remarks")
    for words in ("2099-01-01", "<b>", "park_x"):
        expect(remarks).to_contain_text(words)
    expect(watched.page.locator("h2").first).to_contain_text("2026-03-31 至 2026-06-30")


def test_before_the_first_record_a_side_is_unreported(watched: Watched) -> None:
    watched.open(f"/compare?a=2012-12-31&b={SECOND}")
    expect(cell(watched, "park_nantang", "before")).to_have_text("未填报")
    expect(cell(watched, "park_nantang", "grown")).to_have_text("—")
    expect(cell(watched, "park_nantang", "after")).not_to_have_text("未填报")
    expect(cell(watched, "all", "before")).to_have_text("未填报")
