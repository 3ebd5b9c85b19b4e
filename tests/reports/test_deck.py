"""The deck read back: its figures are the command's, its charts and tables are native, its face Chinese."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.util import Inches

from dongtou_geo.reports.deck import deck
from dongtou_geo.reports.deck_text import FACE
from dongtou_geo.services.briefing_sheet import Chart, Series
from dongtou_geo.settings import STANDING_LINE
from dongtou_geo.store.ledger import Ledger
from tests.reports.briefings import BEFORE_DUE, LATEST, deck_of, progress_json, told

Slides = dict[str, Any]
EMPTY = "empty"


@pytest.fixture(scope="module")
def decks(sample_ledger: Ledger, empty_ledger: Ledger) -> dict[object, Any]:
    """Opened decks: of the sample on two days, and of a ledger in which nothing is recorded."""
    made = {
        LATEST: deck_of(sample_ledger, LATEST),
        BEFORE_DUE: deck_of(sample_ledger, BEFORE_DUE),
        EMPTY: deck_of(empty_ledger, LATEST),
    }
    return {key: Presentation(BytesIO(content)) for key, content in made.items()}


def by_title(slides: Any) -> Slides:
    return {slide.shapes.title.text_frame.text: slide for slide in slides.slides}


def texts(slide: Any) -> list[str]:
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def tables(slide: Any) -> list[list[list[str]]]:
    return [
        [[cell.text_frame.text for cell in row.cells] for row in shape.table.rows]
        for shape in slide.shapes
        if shape.has_table
    ]


def charts(slide: Any) -> list[Any]:
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def values(chart: Any) -> list[list[float | None]]:
    return [list(series.values) for series in chart.plots[0].series]


def mu(value: float | None) -> str:
    return "未填报" if value is None else f"{value:,.1f}"


def percent(value: float | None) -> str:
    return "未填报" if value is None else f"{value * 100:.1f}%"


CASES = [(LATEST, "sample"), (BEFORE_DUE, "sample"), (EMPTY, "empty")]


@pytest.mark.parametrize(("key", "which"), CASES)
def test_every_park_slide_has_the_commands_figures(
    decks: dict[object, Any], sample_ledger: Ledger, empty_ledger: Ledger, key: object, which: str
) -> None:
    url = (sample_ledger if which == "sample" else empty_ledger).url
    day = key if isinstance(key, date) else LATEST
    slides = by_title(decks[key])
    for row in progress_json(url, day):
        if row["id"] is None:
            continue
        slide = slides[row["name"]]
        told_there = texts(slide)
        assert percent(row["rate"]) in told_there
        rows = dict(tables(slide)[0])
        recorded = row["recorded_mu"] or None
        assert rows["已录入 / 规划"] == f"{mu(recorded)} / {mu(row['planned_mu'])} 亩"
        if row["gap_mu"] is not None:
            label = "超过目标" if row["gap_mu"] < 0 else "距目标还差"
            assert rows[label] == f"{mu(abs(row['gap_mu']))} 亩"
        else:
            assert not {"超过目标", "距目标还差"} & set(rows)
        for label, name in (
            ("可达上限", "reachable_rate"),
            (f"到期时 {row['due']}", "rate_at_due"),
        ):
            assert rows.get(label) == (None if row[name] is None else percent(row[name]))
        if recorded is None:
            assert charts(slide) == []
            assert not [text for text in told_there if re.fullmatch(r"0(\.0)?%", text)]
            continue
        split, curve = charts(slide)
        assert values(split) == [[v for v in row["by_status_mu"].values() if v > 0]]
        assert values(curve)[0][-1] == row["rate"]
        if row["target_rate"] is not None:
            assert set(values(curve)[1]) == {row["target_rate"]}


@pytest.mark.parametrize(("key", "which"), CASES)
def test_district_and_zones_have_the_commands_figures(
    decks: dict[object, Any], sample_ledger: Ledger, empty_ledger: Ledger, key: object, which: str
) -> None:
    url = (sample_ledger if which == "sample" else empty_ledger).url
    day = key if isinstance(key, date) else LATEST
    parks = [row for row in progress_json(url, day) if row["id"]]
    zones = [row for row in progress_json(url, day, "zone") if row["id"]]
    slides = by_title(decks[key])
    district = next(slide for title, slide in slides.items() if title.startswith("全区"))
    shown = {row[0]: row[1:] for row in tables(district)[0][1:]}
    for row in parks:
        rate, _target, both, gap, _verdict = shown[row["name"]]
        assert rate == percent(row["rate"])
        assert both == f"{mu(row['recorded_mu'] or None)} / {mu(row['planned_mu'])}"
        if row["gap_mu"] is not None:
            assert gap == f"{'差' if row['gap_mu'] > 0 else '超'} {mu(abs(row['gap_mu']))}"
    (rates,) = charts(district)
    assert values(rates) == [[row["rate"] for row in parks], [row["target_rate"] for row in parks]]
    place = next(slide for title, slide in slides.items() if title.startswith("三大片区"))
    shown = {row[0].strip(): row[1:] for row in tables(place)[0][1:]}
    for row in [*zones, *parks]:
        numbers = (row["planned_mu"], row["recorded_mu"] or None, row["in_production_mu"])
        assert shown[row["name"]] == [*map(mu, numbers), percent(row["rate"])]


def test_a_charts_own_workbook_holds_what_it_draws_and_gaps_stay_empty(
    decks: dict[object, Any],
) -> None:
    for slide in decks[LATEST].slides:
        for chart in charts(slide):
            book = load_workbook(BytesIO(chart.part.chart_workbook.xlsx_part.blob))
            columns = list(book.worksheets[0].iter_cols(values_only=True))
            # The workbook keeps sixteen digits.
            for column, drawn in zip(columns[1:], values(chart), strict=True):
                assert [v is None for v in column[1:]] == [v is None for v in drawn]
                kept = [[v for v in own if v is not None] for own in (column[1:], drawn)]
                assert kept[0] == pytest.approx(kept[1], rel=1e-15)
    district = by_title(decks[LATEST])["全区：五个产业平台的土地有多少投产"]
    assert None in values(charts(district)[0])[0]
    assert "（未填报）" in charts(district)[0].plots[0].categories[4]


def test_every_slide_has_its_title_corner_standing_line_and_sample_mark(
    decks: dict[object, Any],
) -> None:
    for key in (LATEST, EMPTY):
        slides = decks[key]
        assert (slides.slide_width, slides.slide_height) == (Inches(40 / 3), Inches(7.5))
        assert len(slides.slides) == 12
        for number, slide in enumerate(slides.slides, start=1):
            kinds = [shape.placeholder_format.type for shape in slide.placeholders]
            assert kinds == [PP_PLACEHOLDER.TITLE]
            words = texts(slide)
            assert any("截至 2026-06-30" in text and "版本" in text for text in words)
            assert f"{STANDING_LINE}　　{number} / 12" in words
            assert ("示例" in words) is (key == LATEST)
            assert any(text.startswith("示例台账版本") for text in words) is (key == LATEST)


def test_nothing_stands_outside_its_slide_and_no_table_grows_over_what_follows(
    decks: dict[object, Any],
) -> None:
    for slides in decks.values():
        for slide in slides.slides:
            for shape in slide.shapes:
                assert shape.left >= 0
                assert shape.top >= 0
                assert shape.left + shape.width <= slides.slide_width
                assert shape.top + shape.height <= slides.slide_height
                if shape.has_table:
                    assert shape.top + shape.height <= Inches(6.56)


def test_every_run_and_chart_names_the_east_asian_face(decks: dict[object, Any]) -> None:
    seen = 0
    for slide in decks[LATEST].slides:
        parts = [slide._element, *(chart._chartSpace for chart in charts(slide))]
        for properties in iter_properties(parts):
            faces = {tag: properties.find(qn(tag)) for tag in ("a:latin", "a:ea")}
            assert {tag: face.get("typeface") for tag, face in faces.items() if face is not None} == {
                "a:latin": FACE, "a:ea": FACE,
            }  # fmt: skip
            seen += 1
    assert seen > 500
    # What an office types into it later is in the same face.
    theme = decks[LATEST].slide_masters[0].part.part_related_by(RELATIONSHIP_TYPE.THEME).blob
    assert set(re.findall(rb'<a:(?:latin|ea) typeface="([^"]*)"', theme)) == {FACE.encode()}


def iter_properties(parts: list[Any]) -> Iterator[Any]:
    for part in parts:
        yield from part.iter(qn("a:rPr"))
        # An axis that is hidden has no text; every other text of a chart has its own properties.
        yield from (p for p in part.iter(qn("a:defRPr")) if len(p))


def test_the_notes_say_formula_and_source_of_every_figure(
    decks: dict[object, Any], sample_ledger: Ledger
) -> None:
    for slide, sheet in zip(decks[LATEST].slides, told(sample_ledger, LATEST).sheets, strict=True):
        notes = slide.notes_slide.notes_text_frame.text
        for figure in sheet.shown():
            if figure.formula:
                assert f"{figure.formula}（{figure.source}）" in notes
    park = by_title(decks[LATEST])["南塘工业区"].notes_slide.notes_text_frame.text
    assert "投产率（规划口径）= 投产 857.3 亩 ÷ 规划 1,360.0 亩 = 63.0%" in park
    assert "示例台账（版本 sample-" in park


def test_late_is_the_only_red(decks: dict[object, Any]) -> None:
    red = set()
    for slide in decks[LATEST].slides:
        for properties in slide._element.iter(qn("a:rPr")):
            paint = properties.find(qn("a:solidFill"))
            if paint is not None and paint[0].get("val") == "B3261E":
                red.add(properties.getparent().find(qn("a:t")).text)
    assert "逾期未达到" in red
    assert not red & {"已达到", "63.0%", "未填报", "目标无数字，不评分"}


def test_hostile_words_are_text_and_what_xml_cannot_hold_is_gone(sample_ledger: Ledger) -> None:
    words = '=1+1\x07<a:t>&"\u202e\ud800\n𠮷'
    briefing = told(sample_ledger, LATEST)
    chart = Chart("amounts", words, (words,), (Series(words, (1.0,)),), figures=())
    sheets = tuple(
        replace(
            sheet, title=words, lead=(words,), map_subject=None,
            charts=(chart, *sheet.charts[1:]) if sheet.layout == "gap" else sheet.charts,
        )
        for sheet in briefing.sheets
    )  # fmt: skip
    content = deck(replace(briefing, sheets=sheets), lambda *_: b"")
    opened = Presentation(BytesIO(content))
    left = '=1+1<a:t>&" 𠮷'
    for slide in opened.slides:
        assert slide.shapes.title.text_frame.text == left
    gap = opened.slides[8]
    (drawn,) = charts(gap)
    assert list(drawn.plots[0].categories) == [f"　{left}"]
    book = load_workbook(BytesIO(drawn.part.chart_workbook.xlsx_part.blob))
    assert {book.worksheets[0][cell].data_type for cell in ("A2", "B1")} == {"s"}


def test_there_is_one_map_a_place_and_each_is_a_picture(decks: dict[object, Any]) -> None:
    pictures = [
        sum(shape.shape_type == 13 for shape in slide.shapes) for slide in decks[LATEST].slides
    ]
    assert pictures == [1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
