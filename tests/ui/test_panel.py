"""The panel's HTML: every kind of record, the figures of its row, and names as text."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dongtou_geo.catalog.layers import load_layers, status_fills
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.services.dossier import Atlas, load_atlas, open_dossier
from dongtou_geo.services.progress import LedgerView, ledger_view
from dongtou_geo.services.proof import prove
from dongtou_geo.services.proof.proof import Sources
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create
from dongtou_geo.ui.components.panel import panel_html

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\'&amp;'
TODAY, UNTIL = date(2026, 11, 24), date(2026, 6, 30)
FILLS = status_fills(load_layers())
LINE = Event(
    1, "A-1", EventKind.REGISTER, date(2016, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "张三",
    area_m2=mu_to_m2(136), park_id="park_nantang", source_doc=HOSTILE,
)  # fmt: skip
# Tags and attributes that our templates use; a name that became HTML would bring others.
TAGS = {
    "a", "aside", "kbd",
    "header", "nav", "button", "h2", "h3", "span", "p", "b", "em", "section", "div", "i", "u", "dl", "dt",
    "dd", "details", "summary", "ul", "li", "ol", "small", "svg", "line", "text", "polyline", "circle", "br", "time",
}  # fmt: skip


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
def sample(tmp_path_factory: pytest.TempPathFactory) -> LedgerView:
    return ledger_view(make_sample(tmp_path_factory.mktemp("ledger") / "sample.sqlite"))


def html_of(atlas: Atlas, view: LedgerView, name: str | None, as_of: date = UNTIL) -> str:
    dossier = open_dossier(atlas, view, name, as_of)
    assert dossier is not None
    html = panel_html(dossier, view, as_of, FILLS)
    tags = _Tags()
    tags.feed(html)
    assert tags.open == []
    assert tags.seen <= TAGS
    assert not {word for word in tags.words if word.startswith("on")}
    return html


def text_of(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html)))


def assert_no_sample(html: str) -> None:
    """Nothing is marked as a sample; how to see one may be said."""
    assert "sample" not in html.replace("--ledger sample 看示例", "")
    assert "示例" not in text_of(html).replace("--ledger sample 看示例", "")


def ids_of(atlas: Atlas, view: LedgerView) -> list[str | None]:
    return [
        None,
        *atlas.place_names,
        *(f"project_{project.no}" for project in atlas.projects),
        *(
            f"parcel:{parcel.parcel_no}"
            for parcel in (view.ledger.parcels() if view.ledger else [])
        ),
    ]


@pytest.mark.parametrize("day", ["2026-06-30", "2018-12-31", "2010-01-01"])
def test_every_record_has_a_whole_panel_on_every_day(
    atlas: Atlas, sample: LedgerView, day: str
) -> None:
    for name in ids_of(atlas, sample):
        html = html_of(atlas, sample, name, date.fromisoformat(day))
        assert "None" not in html, name
        assert "nan" not in text_of(html), name


def test_everything_that_can_be_clicked_leads_somewhere(atlas: Atlas, sample: LedgerView) -> None:
    for name in ids_of(atlas, sample):
        for target in re.findall(r'data-select="([^"]*)"', html_of(atlas, sample, name)):
            known = None if target == "district" else unescape(target)
            if known is not None and known.startswith("proof:"):
                sources = Sources(atlas, sample.ledger, sample.stamp)
                assert prove(sources, known.removeprefix("proof:")) is not None, (name, target)
            else:
                assert open_dossier(atlas, sample, known, UNTIL) is not None, (name, target)


def test_figures_of_a_sample_are_marked_wherever_a_figure_is_shown(
    atlas: Atlas, sample: LedgerView
) -> None:
    names = [None, *(park.id for park in atlas.book.parks), *(zone.id for zone in atlas.book.zones)]
    for name in [*names, ids_of(atlas, sample)[-1]]:
        assert "示例" in text_of(html_of(atlas, sample, name))


def test_outlines_are_called_indicative(atlas: Atlas, sample: LedgerView) -> None:
    for name in atlas.place_names:
        assert "示意" in text_of(html_of(atlas, sample, name))


def test_nantangs_panel_has_both_phrases_with_their_chapters(
    atlas: Atlas, sample: LedgerView
) -> None:
    text = text_of(html_of(atlas, sample, "park_nantang"))
    for words in (
        "1,360 亩",
        "90%以上",
        "第五章一（二）1",
        "基本实现全部",
        "第三章一（二）",
        "按 90% 评定",
    ):
        assert words in text


def test_a_startup_area_has_words_without_a_number(atlas: Atlas, sample: LedgerView) -> None:
    text = text_of(html_of(atlas, sample, "park_startup"))
    assert "2.2 平方公里（3,300 亩）" in text
    assert "目标无数字，不评分" in text
    assert "距目标" not in text


def test_nothing_recorded_is_unreported_and_never_a_zero(atlas: Atlas, sample: LedgerView) -> None:
    text = text_of(html_of(atlas, sample, "park_rail"))
    assert "未填报" in text
    assert "不是 0%" in text
    assert " 0.0%" not in text
    assert "spark" not in html_of(atlas, sample, "park_rail")


def test_without_a_ledger_the_district_says_so(atlas: Atlas) -> None:
    html = html_of(atlas, ledger_view(None), None, TODAY)
    text = text_of(html)
    assert "尚无台账" in text
    assert_no_sample(html)
    assert text.count("未填报") >= 5


def test_before_the_first_record_a_ledger_is_not_said_to_be_missing(
    atlas: Atlas, sample: LedgerView
) -> None:
    text = text_of(html_of(atlas, sample, None, date(2010, 6, 30)))
    assert "尚无台账" not in text
    assert "未填报" in text


def test_an_empty_ledger_is_not_said_to_be_missing(atlas: Atlas, tmp_path: Path) -> None:
    empty = ledger_view(create(file_url(tmp_path / "empty.sqlite")))
    html = html_of(atlas, empty, None, TODAY)
    text = text_of(html)
    assert "尚无台账" not in text
    assert "台账还没有地块记录" in text
    assert_no_sample(html)
    assert "未填报" in text


def test_undecided_money_is_written_in_words(atlas: Atlas, sample: LedgerView) -> None:
    undecided = [project for project in atlas.projects if project.total_investment_wan is None]
    assert undecided
    for project in undecided:
        assert "待定" in text_of(html_of(atlas, sample, f"project_{project.no}"))


def test_a_sensitive_projects_place_is_said_to_be_no_place(
    atlas: Atlas, sample: LedgerView
) -> None:
    for project in atlas.projects:
        text = text_of(html_of(atlas, sample, f"project_{project.no}"))
        assert ("不表示实地位置" in text) == (project.sensitive and project.on_map)
        assert ("未上图（涉敏感设施）" in text) == (project.sensitive and not project.on_map)


def test_hostile_names_are_text_in_every_panel(atlas: Atlas, tmp_path: Path) -> None:
    book = replace(
        atlas.book,
        parks=tuple(
            replace(park, name=HOSTILE, managing_unit=HOSTILE) for park in atlas.book.parks
        ),
        zones=tuple(replace(zone, name=HOSTILE) for zone in atlas.book.zones),
    )
    hostile = replace(
        atlas,
        book=book,
        projects=tuple(replace(p, name=HOSTILE, aliases=(HOSTILE,), note=HOSTILE) for p in atlas.projects),
        reclamation=tuple(replace(area, name=HOSTILE) for area in atlas.reclamation),
        notes=tuple(replace(note, title=HOSTILE, note=HOSTILE) for note in atlas.notes),
    )  # fmt: skip
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    number = f'"{HOSTILE}'
    parcel = Parcel(
        number, Origin.LAND, AreaBasis.LEDGER,
        occupant=HOSTILE, responsible_unit=HOSTILE, contract_no=HOSTILE, note=HOSTILE,
    )  # fmt: skip
    ledger.append([parcel], [replace(LINE, parcel_no=number)])
    view = ledger_view(ledger)
    for name in ids_of(hostile, view):
        html = html_of(hostile, view, name, TODAY)
        assert "<img" not in html
        assert "<script" not in html
        assert "&lt;script&gt;window.hacked=1" in html


def test_the_panels_script_takes_the_html_and_reports_a_click_alone() -> None:
    text = (Path(panel_html.__code__.co_filename).parents[1] / "static" / "panel.js").read_text(
        "utf-8"
    )
    assert text.count("innerHTML") == 1
    assert "eval" not in text
    assert "://" not in text


def test_a_parcels_history_tells_what_is_still_to_come(atlas: Atlas, tmp_path: Path) -> None:
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    approved = replace(
        LINE, event_id=2, kind=EventKind.APPROVE, effective_on=date(2018, 1, 1), area_m2=None
    )
    ledger.append([Parcel("A-1", Origin.FILLED_SEA, AreaBasis.LEDGER)], [LINE, approved])
    view = ledger_view(ledger)
    before, after = (html_of(atlas, view, "parcel:A-1", date(year, 6, 1)) for year in (2017, 2019))
    assert "规划未批" in before
    assert 'class="later"' in before
    assert "批而未填" in after
    assert 'class="later"' not in after
    assert "未落图" in text_of(after)
    unknown = text_of(html_of(atlas, view, "parcel:A-1", date(2015, 1, 1)))
    assert "尚未入账" in unknown
    assert "园区外" not in unknown


def test_a_parcel_that_ended_says_since_when_and_is_in_no_park(
    atlas: Atlas, tmp_path: Path
) -> None:
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    ended = replace(
        LINE, event_id=2, kind=EventKind.END, effective_on=date(2018, 1, 1), area_m2=None
    )
    ledger.append([Parcel("A-1", Origin.LAND, AreaBasis.LEDGER)], [LINE, ended])
    text = text_of(html_of(atlas, ledger_view(ledger), "parcel:A-1", date(2019, 1, 1)))
    assert "已注销自 2018-01-01" in text
    assert "尚未入账" not in text
    assert "园区外" not in text
