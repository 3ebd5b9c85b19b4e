"""The sheets as PDF and PNG: drawn without a browser, every word of a sheet on its page."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from dongtou_geo.maps.briefing_map import press_parts
from dongtou_geo.maps.printed_font import find_typeface
from dongtou_geo.reports.layout import laid_out
from dongtou_geo.reports.paper import Press, sheet_png, sheets_pdf
from dongtou_geo.reports.paper_words import advance
from dongtou_geo.reports.stage import TablePart, Text, clean, text_width, wrapped
from dongtou_geo.services.briefing_sheet import Briefing, plain
from dongtou_geo.store.ledger import Ledger
from tests.reports.briefings import BEFORE_DUE, LATEST, told


@pytest.fixture(scope="module")
def briefing(sample_ledger: Ledger) -> Briefing:
    return told(sample_ledger, LATEST)


@pytest.fixture(scope="module")
def press(sample_ledger: Ledger) -> Press:
    return Press(*press_parts(sample_ledger, LATEST))


@pytest.fixture(scope="module")
def pages(briefing: Briefing, press: Press) -> Iterator[list[str]]:
    with pypdfium2.PdfDocument(sheets_pdf(briefing, press)) as document:
        found = []
        for page in document:
            assert page.get_size() == pytest.approx((960, 540), abs=0.1)
            text = page.get_textpage()
            found.append("".join(text.get_text_range().split()))
            text.close()
            page.close()
    yield found


def test_each_page_of_the_pdf_holds_every_word_of_its_sheet(
    pages: list[str], briefing: Briefing
) -> None:
    assert len(pages) == len(briefing.sheets)
    for page, sheet in zip(pages, briefing.sheets, strict=True):
        letters = set(page)
        for figure in sheet.shown():
            assert figure.text in page, (sheet.id, figure.text)
        assert "".join(sheet.title.split()) in page
        assert "".join(briefing.corner.split()) in page
        for part in laid_out(briefing, sheet):
            lines = part.lines if isinstance(part, Text) else ()
            cells = (
                [cell for row in part.table.rows for cell in row]
                if isinstance(part, TablePart)
                else []
            )
            for words in (*lines, *cells):
                assert set(plain(words)) - {" ", "　"} <= letters, (sheet.id, plain(words))


def test_a_picture_is_1920_by_1080_and_changes_with_its_sheet(
    briefing: Briefing, press: Press
) -> None:
    drawn = {}
    for sheet_id in ("park_nantang", "park_rail"):
        sheet = briefing.sheet(sheet_id)
        assert sheet is not None
        picture = Image.open(BytesIO(sheet_png(briefing, sheet, press)))
        assert picture.size == (1920, 1080)
        drawn[sheet_id] = np.asarray(picture.convert("RGB")).astype(int)
    # The hero of a park in production is teal; nothing of it where nothing is reported.
    teal = {
        key: int((abs(pixels - (0x1A, 0x62, 0x5F)).sum(axis=2) < 12).sum())
        for key, pixels in drawn.items()
    }
    assert teal["park_nantang"] > 10_000
    assert teal["park_rail"] < 500


def test_signs_of_formulas_and_foreign_letters_are_drawn_as_they_are(
    briefing: Briefing, press: Press
) -> None:
    sheet = replace(
        briefing.sheets[1], lead=("$x^2$ \\frac{1}{2} <b> 甲",), charts=briefing.sheets[1].charts
    )
    one = replace(briefing, sheets=(sheet,))
    with pypdfium2.PdfDocument(sheets_pdf(one, press)) as document:
        page = document[0]
        text = page.get_textpage()
        assert "$x^2$ \\frac{1}{2} <b> 甲" in text.get_text_range()
        text.close()
        page.close()


@pytest.mark.parametrize("day", [LATEST, BEFORE_DUE])
def test_nothing_is_laid_out_over_something_else(sample_ledger: Ledger, day: Any) -> None:
    briefing = told(sample_ledger, day)
    for sheet in briefing.sheets:
        parts = [part for part in laid_out(briefing, sheet) if isinstance(part, TablePart)]
        for part in parts:
            assert sum(part.heights) <= part.box.height + 1e-6, sheet.id


def test_the_estimate_of_a_lines_width_is_never_too_small() -> None:
    face = find_typeface()
    for text in (
        "南塘工业区",
        "1,360.0 / 2,730.0 亩",
        "2026-06-30",
        "示例-瓯江口-R-004",
        "投产 63.0% ÷ 规划",
    ):
        for bold in (False, True):
            assert advance(text, face.font(14, bold=bold)) <= text_width(text, 14) * 1.03


def test_lines_break_where_they_should() -> None:
    assert wrapped("南塘工业区，杨文工业区", 72, 5.0) == ["南塘工业区，", "杨文工业区"]
    assert wrapped("截至 2026-06-30", 72, 7.0) == ["截至", "2026-06-30"]
    assert wrapped("", 72, 4.0) == [""]
    assert "".join(wrapped("一二三四五六七八九十", 72, 3.0)) == "一二三四五六七八九十"
    assert clean("a\x00b\tc\nd\u202ee\ud800") == "ab c de"
