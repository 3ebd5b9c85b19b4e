"""缺口清单 answers the bureau's questions 2, 3 and 4, checked against the raw rows of the file."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest
from playwright.sync_api import expect

from dongtou_geo.store.address import sqlite_path
from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

DAY = date(2026, 6, 30)
MU = 2000 / 3
# The plan, chapters 三 and 五: planned 亩 and target.
TARGETS = {
    "park_nantang": (1360, 0.9),
    "park_yangwen": (870, 0.9),
    "park_ojk_industry": (3000, 1.0),
}
NEXT = {"approve": "approved", "acquire": "acquired", "supply": "supplied", "start": "building",
        "complete": "completed", "withdraw": "acquired"}  # fmt: skip
ORDER = ("register", "redraw", "move_park", "approve", "acquire", "withdraw", "supply", "start",
         "complete", "produce", "halt", "resume", "stop", "restart", "end")  # fmt: skip


@dataclass
class Land:
    """One parcel, worked out from its rows."""

    row: sqlite3.Row
    park: str | None = None
    area: float = 0.0
    stage: str = "planned"
    producing: float = 0.0
    stopped: float = 0.0
    ended: bool = False

    def take(self, event: sqlite3.Row) -> None:
        kind, area = event["kind"], event["area_m2"]
        if kind == "register":
            self.park, self.area = event["park_id"], area
        elif kind == "redraw":
            whole = self.producing == self.area
            self.area = area
            self.producing = area if whole else self.producing
        elif kind == "move_park":
            self.park = event["park_id"]
        elif kind == "produce":
            self.stage, self.producing = "completed", self.area if area is None else area
            self.stopped = min(self.stopped, self.area - self.producing)
        elif kind == "stop":
            gone = self.producing if area is None else area
            self.producing, self.stopped = self.producing - gone, self.stopped + gone
        elif kind == "restart":
            back = self.stopped if area is None else area
            self.producing, self.stopped = self.producing + back, self.stopped - back
        elif kind in NEXT:
            self.stage = NEXT[kind]
            if kind == "withdraw" or not self.producing:
                self.stopped = 0.0
            if kind == "withdraw":
                self.producing = 0.0
        self.ended = kind == "end"

    @property
    def parts(self) -> dict[str, float]:
        """m2 by account, 投产 left out."""
        if not self.producing and not self.stopped:
            return {self.stage: self.area}
        rest = self.area - self.producing - self.stopped
        found = {"completed": self.stopped, "part_used": rest if rest > 1 else 0.0}
        return {account: m2 for account, m2 in found.items() if m2 > 0}

    @property
    def producing_whole(self) -> float:
        return self.area - sum(self.parts.values())

    @property
    def status(self) -> str:
        if self.producing:
            return "part_used" if "part_used" in self.parts else "in_production"
        return "completed" if self.stopped else self.stage


def land(path: Path, day: date) -> list[Land]:
    """Read every parcel's rows up to a day, oldest first, corrected ones left out."""
    with closing(sqlite3.connect(path)) as file:
        file.row_factory = sqlite3.Row
        found = {row["parcel_no"]: Land(row) for row in file.execute("SELECT * FROM parcels")}
        events = file.execute("SELECT * FROM events").fetchall()
    void = {event["supersedes"] for event in events}
    standing = [e for e in events if e["event_id"] not in void and e["kind"] != "void"]
    standing.sort(key=lambda e: (e["effective_on"], ORDER.index(e["kind"]), e["event_id"]))
    begun = set()
    for event in standing:
        if event["effective_on"] <= day.isoformat():
            begun.add(event["parcel_no"])
            found[event["parcel_no"]].take(event)
    return [one for number, one in found.items() if number in begun and not one.ended]


@pytest.fixture(scope="module")
def everything(sample_url: str) -> list[Land]:
    path = sqlite_path(sample_url)
    assert path is not None
    return land(path, DAY)


def numbers(text: str) -> list[float]:
    return [float(word.replace(",", "")) for word in re.findall(r"\d[\d,]*\.?\d*", text)]


def cells(watched: Watched, rows: str) -> Iterator[list[str]]:
    watched.page.wait_for_selector(rows)
    for row in watched.page.locator(rows).all():
        yield [cell.inner_text() for cell in row.locator("td").all()]


def test_question_2_the_gap_of_every_park(watched: Watched, everything: list[Land]) -> None:
    watched.open("/gap")
    found = {row[0]: row for row in cells(watched, "table.district tbody tr")}
    total = 0.0
    names = {"park_nantang": "南塘工业区", "park_yangwen": "杨文工业区",
             "park_ojk_industry": "瓯江口一期工业功能区"}  # fmt: skip
    for park, (planned, target) in TARGETS.items():
        own = [one for one in everything if one.park == park]
        producing = sum(one.producing_whole for one in own) / MU
        gap = target * planned - producing
        total += max(gap, 0.0)
        row = found[names[park]]
        assert numbers(row[2]) == [pytest.approx(producing / planned * 100, abs=0.051)]
        assert ("差" in row[3], "已达到，超" in row[3]) == (gap > 0, gap <= 0)
        assert numbers(row[3]) == [pytest.approx(abs(gap), abs=0.051)]
        recorded = sum(one.area for one in own) / MU
        assert numbers(row[5]) == [pytest.approx(recorded / planned * 100, abs=0.051)]
        assert numbers(row[6]) == [pytest.approx(planned - recorded, abs=0.051)]
    main = watched.page.locator(".fact.main b").inner_text()
    assert numbers(main) == [pytest.approx(total, abs=0.051)]
    beside = watched.page.locator(".fact.wide").inner_text()
    assert "临港石化产业岛启动区：目标有文字无数字" in beside
    assert "轨道交通装备产业示范区：未填报" in beside
    assert watched.complaints == []
    assert watched.outside == []


def test_question_3_who_must_act_next(watched: Watched, everything: list[Land]) -> None:
    watched.open("/gap?park=park_nantang")
    own = [one for one in everything if one.park == "park_nantang"]
    by_stage: dict[str, list[tuple[float, sqlite3.Row]]] = defaultdict(list)
    for one in own:
        for account, m2 in one.parts.items():
            stage = "stopped" if account == "completed" and one.stopped else account
            by_stage[stage].append((m2 / MU, one.row))
    watched.page.wait_for_selector("table.stages tbody tr")
    rows = watched.page.locator("table.stages tbody tr")
    seen = {str(row.get_attribute("data-stage")): row for row in rows.all()}
    assert set(seen) == {*by_stage, "unrecorded"}
    for account, parts in by_stage.items():
        area, count, on_land, at_sea, _, unit = (
            cell.inner_text() for cell in seen[account].locator("td").all()[1:]
        )
        assert numbers(area) == [pytest.approx(sum(mu for mu, _ in parts), abs=0.051)]
        assert numbers(count) == [len(parts)]
        for text, origin in ((on_land, "land"), (at_sea, "filled_sea")):
            mu = sum(mu for mu, row in parts if row["origin"] == origin)
            assert (numbers(text) or [0]) == [pytest.approx(mu, abs=0.051)]
        assert {row["responsible_unit"] for _, row in parts} == {unit}
    unrecorded = numbers(seen["unrecorded"].locator("td").nth(1).inner_text())
    assert unrecorded == [pytest.approx(1360 - sum(one.area for one in own) / MU, abs=0.051)]


def test_the_list_crosses_the_target_where_it_says(
    watched: Watched, everything: list[Land]
) -> None:
    watched.open("/gap?park=park_nantang")
    own = {one.row["parcel_no"]: one for one in everything if one.park == "park_nantang"}
    rows = list(cells(watched, "table.parcels tbody tr[data-parcel]"))
    assert {row[1].split()[0] for row in rows} == {no for no, one in own.items() if one.parts}
    producing = sum(one.producing_whole for one in own.values()) / MU
    running, crossed = 0.0, 0
    for place, row in enumerate(rows, 1):
        running += sum(own[row[1].split()[0]].parts.values()) / MU
        assert numbers(row[5]) == [pytest.approx(running, abs=0.051)]
        if not crossed and producing + running >= 0.9 * 1360:
            crossed = place
    goal = watched.page.locator("tr.goal").inner_text()
    assert f"前 {crossed} 宗可补足" in goal
    before = watched.page.locator("tr.goal").evaluate("row => row.previousElementSibling.innerText")
    assert str(before).startswith(str(crossed))
    near = [own[row[1].split()[0]].status for row in rows]
    tiers = [("completed part_used in_production", "building", "supplied", "acquired", "approved",
              "planned")]  # fmt: skip
    places = [next(i for i, words in enumerate(tiers[0]) if s in words.split()) for s in near]
    assert places == sorted(places)


def test_question_4_what_is_due_and_what_is_over(watched: Watched, everything: list[Land]) -> None:
    watched.open("/gap?view=due")
    waiting = {"start": ("supplied",), "complete": ("supplied", "building")}
    found: dict[tuple[str, str], list[Land]] = defaultdict(list)
    for kind, statuses in waiting.items():
        for one in everything:
            agreed = one.row[f"agreed_{kind}_on"]
            if agreed is None or one.status not in statuses:
                continue
            due = date.fromisoformat(agreed)
            if DAY <= due <= DAY + timedelta(days=90):
                found[kind, "soon"].append(one)
            if due < DAY:
                found[kind, "past"].append(one)
            if due <= date(DAY.year - 1, DAY.month, DAY.day):
                found[kind, "year"].append(one)
    watched.page.wait_for_selector("[data-cell]")
    for kind in waiting:
        for window in ("soon", "past", "year"):
            own = found[kind, window]
            text = watched.page.locator(f'[data-cell="{kind}.{window}"]').inner_text()
            assert numbers(text) == [
                len(own),
                pytest.approx(sum(o.area for o in own) / MU, abs=0.051),
            ]
    assert found["start", "year"]
    watched.page.locator('[data-cell="start.year"]').click()
    suspected = watched.page.locator("table.dues tbody tr")
    expect(suspected).to_have_count(len(found["start", "year"]))
    expect(watched.page.locator("table.dues .idle")).to_have_count(len(found["start", "year"]))
    assert "due=year" in watched.page.url
    assert "step=start" in watched.page.url
    shown = {row[0] for row in cells(watched, "table.dues tbody tr")}
    assert shown == {one.row["parcel_no"] for one in found["start", "year"]}
    assert "闲置土地" not in watched.page.locator("table.dues").inner_text()


def test_a_row_and_its_parcel_on_the_map_are_one(watched: Watched) -> None:
    page = watched.open("/gap?park=park_nantang").page
    row = page.locator("table.parcels tbody tr[data-parcel]").nth(2)
    number = row.get_attribute("data-parcel")
    row.locator("td.number button").click()
    expect(page.locator("tr.chosen")).to_have_attribute("data-parcel", str(number))
    expect(page.locator(".plate-chosen")).to_have_count(1)
    expect(page.locator(".plate-box .card")).to_contain_text(str(number))
    assert f"parcel={quote(str(number))}" in page.url
    other = page.locator("svg.plate [data-select^='parcel:']").last
    wanted = str(other.get_attribute("data-select")).removeprefix("parcel:")
    assert wanted != number
    other.dispatch_event("click")
    expect(page.locator("tr.chosen")).to_have_attribute("data-parcel", wanted)
    page.go_back()
    expect(page.locator("tr.chosen")).to_have_attribute("data-parcel", str(number))
    assert watched.complaints == []


def test_the_day_moves_everything_and_a_wrong_park_is_told(
    watched: Watched, sample_url: str
) -> None:
    path = sqlite_path(sample_url)
    assert path is not None
    then = [one for one in land(path, date(2018, 12, 31)) if one.park == "park_yangwen"]
    producing = sum(one.producing_whole for one in then) / MU
    page = watched.open("/gap?park=park_yangwen&as_of=2018-12-31").page
    main = page.locator(".fact.main b")
    expect(main).to_contain_text("差")
    assert numbers(main.inner_text()) == [pytest.approx(0.9 * 870 - producing, abs=0.051)]
    watched.open("/gap?park=park_moon")
    expect(page.locator(".dtg-remarks")).to_contain_text(
        "地址中的园区“park_moon”不存在，已显示全区"
    )
    expect(page.locator("table.district")).to_be_visible()
    watched.open("/gap?park=park_nantang&parcel=X-1")
    expect(page.locator(".dtg-remarks")).to_contain_text("不在本园区的缺口清单里")
    watched.open("/gap?park=park_rail")
    expect(page.locator(".fact.main b")).to_have_text("未填报")
    expect(page.locator("section.next")).to_contain_text("数据入库")


def test_the_list_can_be_taken_away(watched: Watched, everything: list[Land]) -> None:
    page = watched.open("/gap?park=park_startup").page
    expect(page.locator("table.parcels tbody tr[data-parcel]")).to_have_count(50)
    page.locator(".pages button", has_text="下一页").click()
    expect(page.locator("table.parcels tbody tr[data-parcel] td.place").first).to_have_text("51")
    own = [one for one in everything if one.park == "park_startup" and one.parts]
    with page.expect_download() as waiting:
        page.get_by_text("下载 XLSX").click()
    data = Path(str(waiting.value.path())).read_bytes()
    sheet = openpyxl.load_workbook(BytesIO(data))["缺口清单"]
    assert sheet.max_row - 1 == len(own)
    assert "目标线" not in page.locator("table.parcels").inner_text()
    expect(page.locator(".fact.main b")).to_have_text("目标无数字")


def test_a_figure_opens_its_proof(watched: Watched) -> None:
    page = watched.open("/gap?park=park_nantang").page
    page.locator(".fact .fig", has_text=re.compile(r"^36$")).click()
    expect(page.get_by_role("dialog")).to_contain_text("前几宗可补足")
    assert "proof=gap_closing" in page.url
