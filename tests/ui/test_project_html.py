"""The HTML of 重大项目: whole names as text, sums beside 表4, and what is not known said so."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from html.parser import HTMLParser

import pytest

from dongtou_geo.catalog.layers import load_layers
from dongtou_geo.domain.places import LocationBasis
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.domain.project_event import (
    Happened,
    Precision,
    ProjectEvent,
    ProjectEventKind,
    ProjectState,
    RollingStage,
)
from dongtou_geo.services.dossier import Atlas, load_atlas
from dongtou_geo.services.project_filter import ProjectFilter, found
from dongtou_geo.services.projects import ProjectRow, project_rows
from dongtou_geo.ui.components.project_html import head_html, history, side_html, table_html
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.project_address import ProjectAddress

TODAY = date(2026, 6, 30)
LAYERS = load_layers()
ALL = ProjectFilter()
OWN = LedgerStamp(ledger_version="x-3")
SAMPLE = LedgerStamp(sample=True, ledger_version="s-3")
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\'&amp;'
LONG = "长" * 200


class _Tags(HTMLParser):
    """Collect what the browser would build."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.words: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.words |= {name for name, _ in attrs}
        if tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.words |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return load_atlas()


@pytest.fixture(scope="module")
def rows(atlas: Atlas) -> list[ProjectRow]:
    return project_rows(atlas, None, TODAY)


def checked(html: str) -> str:
    """The text that is read, once every tag is one of ours."""
    tags = _Tags()
    tags.feed(html)
    assert tags.open == []
    assert not {"img", "script"} & tags.seen
    assert not {word for word in tags.words if word.startswith("on")}
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)))


def side(
    rows: list[ProjectRow], no: int | None, atlas: Atlas, stamp: LedgerStamp = OWN,
    wanted: ProjectFilter = ALL,
) -> str:  # fmt: skip
    chosen = next((row for row in rows if row.project.no == no), None)
    address = ProjectAddress(wanted, project=no)
    return checked(side_html(found(rows, wanted), chosen, address, atlas, LAYERS, stamp, TODAY))


def test_the_headline_has_the_sums_beside_table_4_and_their_notes(
    rows: list[ProjectRow], atlas: Atlas
) -> None:
    html = head_html(rows, rows, ProjectAddress(), atlas, TODAY)
    text = checked(html)
    for words in ("43 项", "319.88 亿元", "表4印 319.9", "第 26、30 项", "未计入", "286.53 亿元",
                  "表4印 286.5", "DQ-22", "DQ-23", "未填报"):  # fmt: skip
        assert words in text
    assert 'data-select="proof:projects_total_wan~all~2026-06-30' in html


def test_another_filter_says_that_table_4_has_no_such_sum(
    rows: list[ProjectRow], atlas: Atlas
) -> None:
    wanted = ProjectFilter(zone="zone_west")
    some = found(rows, wanted)
    text = checked(head_html(some, rows, ProjectAddress(wanted), atlas, TODAY))
    assert f"{len(some)} 项 共 43 项" in text
    assert "表4无此口径" in text
    assert "表4印" not in text
    assert "DQ-" not in text


@pytest.mark.parametrize(("zone", "count"), [("zone_north", 6), ("zone_main", 4), ("zone_west", 0)])
def test_projects_whose_zone_was_presumed_are_told_from_those_the_plan_places(
    rows: list[ProjectRow], atlas: Atlas, zone: str, count: int
) -> None:
    """Written out by hand from the annex: 产业布局 counts what the plan places and no more."""
    wanted = ProjectFilter(zone=zone)
    text = checked(head_html(found(rows, wanted), rows, ProjectAddress(wanted), atlas, TODAY))
    words = f"其中 {count} 项规划未写明地点，片区为推定，产业布局不计入"
    assert (words in text) is bool(count)
    assert ("推定" in text) is bool(count)


def test_the_table_has_facts_as_printed_and_statuses_with_their_source(
    rows: list[ProjectRow],
) -> None:
    html = table_html(rows, ProjectAddress(project=17), LAYERS, TODAY)
    text = checked(html)
    assert html.count('<tr class="') == 43
    assert html.count('<tr class="chosen"') == 1
    for words in ("约16200亩（围海）", "10,800,000 m²", "69391.9平方米", "104.1 亩", "1,080,000",
                  "待定", "规划未给", "投产 不晚于 2019-02-28", "m.21cnev.com", "有 2 条线索，未核实",
                  "规划未写明，推定", "状态未填报不等于未开工"):  # fmt: skip
        assert words in text
    assert "未开工" not in text.replace("状态未填报不等于未开工", "")


def test_a_name_of_200_characters_and_one_of_html_are_whole_text(
    rows: list[ProjectRow], atlas: Atlas
) -> None:
    hostile = replace(rows[16].project, name=HOSTILE, aliases=(HOSTILE,), note=HOSTILE)
    long = replace(rows[17].project, name=LONG, land_area_text=HOSTILE, land_area_m2=1.0)
    some = [replace(rows[16], project=hostile, place=HOSTILE), replace(rows[17], project=long)]
    table = checked(table_html(some, ProjectAddress(), LAYERS, TODAY))
    assert HOSTILE in table
    assert LONG in table
    assert HOSTILE in side(some, 17, atlas)
    assert LONG in side(some, 18, atlas)
    head = head_html(some, some, ProjectAddress(ProjectFilter(text="<b>x</b>")), atlas, TODAY)
    assert "<b>x</b>" in checked(head)


def test_a_project_without_place_or_investment_is_listed_beside_the_map(
    rows: list[ProjectRow], atlas: Atlas
) -> None:
    bare = replace(
        rows[0].project, total_investment_wan=None, zone_id=None, park_id=None, on_map=False,
        location_basis=LocationBasis.NOT_STATED,
    )  # fmt: skip
    row = replace(rows[0], project=bare, place="无片区", basis="规划未写明")
    text = side([row], None, atlas)
    assert "不在图上 1 项" in text
    assert "无片区 · 规划未写明" in text
    card = side([row], 1, atlas)
    assert "总投资（附表） 待定" in card
    assert "未上图" in card
    assert "待定" in checked(table_html([row], ProjectAddress(), LAYERS, TODAY))


def test_the_overview_answers_how_far_they_are_as_far_as_it_is_known(
    rows: list[ProjectRow], atlas: Atlas
) -> None:
    text = side(rows, None, atlas)
    assert "None" not in text
    assert "不在图上 6 项" in text
    assert "竣工 1 3.89" in text
    assert "投产 2 175.00" in text
    assert "状态未填报 40" in text
    assert "累计完成投资未填报，差额无从算起" in text
    assert "第 19、17、20 项）占当前筛选的 70.8%" in text
    none = side(rows, None, atlas, wanted=ProjectFilter(text="没有"))
    assert "没有符合条件的项目" in none
    assert "占当前筛选" not in none


def test_a_filter_set_already_is_not_set_again_in_the_overview(
    rows: list[ProjectRow], atlas: Atlas
) -> None:
    text = side(rows, None, atlas, wanted=ProjectFilter(zone="district_wide", status="unreported"))
    assert "全区性 3" in text
    assert "无片区" not in text
    assert "状态未填报 3" in text


def test_the_card_has_every_note_and_every_source(rows: list[ProjectRow], atlas: Atlas) -> None:
    card = side(rows, 19, atlas)
    for words in ("投产 不晚于 2024-07-03", "公开报道 big5.china.com.cn 2024-07-03", "2018年 开工",
                  "dongtou.gov.cn/art/2020/12/15/art_1229241402_3757837.html · 2020-12-15",
                  "图上只立在片区代表点", "附表建设期至 2020 年"):  # fmt: skip
        assert words in card
    assert "DQ-25" in side(rows, 15, atlas)
    assert "15.6平方米" in side(rows, 15, atlas)
    leads = side(rows, 35, atlas)
    assert "状态未填报" in leads
    assert "只作线索" in leads
    assert "不等于未开工" in side(rows, 2, atlas)
    assert "没有查到公开报道，台账也没有记录" in side(rows, 2, atlas)


def test_an_open_project_outside_the_filter_says_so(rows: list[ProjectRow], atlas: Atlas) -> None:
    assert "不在当前筛选内" in side(rows, 1, atlas, wanted=ProjectFilter(group="invite"))
    assert "不在当前筛选内" not in side(rows, 1, atlas)


def test_the_ledgers_lines_are_correctable_and_the_samples_card_has_none(
    rows: list[ProjectRow], atlas: Atlas
) -> None:
    now = datetime(2026, 6, 1, 4, tzinfo=UTC)
    day = Happened(date(2016, 5, 1), Precision.MONTH)
    events = (
        ProjectEvent(1, 2, ProjectEventKind.START, day, HOSTILE, now, "张三"),
        ProjectEvent(2, 2, ProjectEventKind.STAGE, day, "纪要", now, "张三", RollingStage.RESERVE),
        ProjectEvent(3, 2, ProjectEventKind.START, day, "批文", now, "李四", supersedes=1, reason="笔误"),
        ProjectEvent(4, 2, ProjectEventKind.INVEST, day, "月报", now, "李四", invested_wan=12.5),
    )  # fmt: skip
    state = ProjectState(status=events[2], stage=events[1], invested=events[3])
    row = replace(rows[1], events=events, state=state, contradictions=("甲早于乙",))
    assert [(line, stands) for line, stands in history(row)] == [
        (events[0], False), (events[1], True), (events[2], True), (events[3], True),
    ]  # fmt: skip
    html = side_html([row], row, ProjectAddress(project=2), atlas, LAYERS, OWN, TODAY)
    assert 'data-select="event:3"' in html
    assert 'data-select="event:1"' not in html
    card = checked(html)
    for words in (HOSTILE, "更正第 1 号：笔误", "已被更正或作废", "滚动阶段 储备 ，2016-05",
                  "12.5 万元", "相抵：甲早于乙", "李四 记于 2026-06-01 12:00"):  # fmt: skip
        assert words in card
    table = checked(table_html([row], ProjectAddress(), LAYERS, TODAY))
    assert "滚动阶段 储备" in table
    assert "记录与报道相抵" in table
    sample = side_html([row], row, ProjectAddress(project=2), atlas, LAYERS, SAMPLE, TODAY)
    assert 'data-select="event:' not in sample


def test_the_map_pages_panel_shows_the_status_when_it_is_given(rows: list[ProjectRow]) -> None:
    from dongtou_geo.services.dossier import ProjectDossier

    def panel(no: int) -> str:
        row = rows[no - 1]
        dossier = ProjectDossier(row.project, "西片联动", ("制造业",), [])
        return checked(render("project.html", dossier=dossier, project_state=row.state))

    assert "投产 不晚于 2019-02-28" in panel(17)
    assert "公开报道 m.21cnev.com" in panel(17)
    assert "状态未填报" in panel(35)
    assert "2 条线索未核实" in panel(35)
    assert "不等于未开工" in panel(2)
