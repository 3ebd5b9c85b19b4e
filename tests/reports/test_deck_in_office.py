"""What LibreOffice makes of the deck: every page, every word, every letter drawn."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from fontTools.ttLib import TTFont
from pptx import Presentation

from dongtou_geo.store.ledger import Ledger
from tests.reports.briefings import LATEST, deck_of

SOFFICE = shutil.which("soffice") or "/usr/bin/soffice"
IMPRESS = Path(os.path.realpath(SOFFICE)).with_name("libsdlo.so")

pytestmark = pytest.mark.skipif(
    not (os.access(SOFFICE, os.X_OK) and IMPRESS.is_file()),
    reason="未找到 LibreOffice Impress / no LibreOffice Impress (libreoffice-impress-nogui) found",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, sample_ledger: Ledger) -> Path:
    made = tmp_path_factory.mktemp("office")
    (made / "deck.pptx").write_bytes(deck_of(sample_ledger, LATEST))
    profile = (made / "profile").as_uri()
    command = [SOFFICE, "--headless", "--norestore", f"-env:UserInstallation={profile}"]
    command += ["--convert-to", "pdf", "--outdir", str(made), str(made / "deck.pptx")]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return made


@pytest.fixture
def pages(folder: Path) -> Iterator[list[Any]]:
    document = pypdfium2.PdfDocument(folder / "deck.pdf")
    found = [document[number] for number in range(len(document))]
    yield found
    for page in found:
        page.close()
    document.close()


def words_of(page: Any) -> str:
    text = page.get_textpage()
    try:
        return str(text.get_text_range())
    finally:
        text.close()


def letters(text: str) -> set[str]:
    return {char for char in text if not char.isspace()}


def test_every_slide_is_a_page_with_all_its_letters(pages: list[Any], folder: Path) -> None:
    slides = Presentation(str(folder / "deck.pptx")).slides
    assert len(pages) == len(slides)
    for page, slide in zip(pages, slides, strict=True):
        told = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        told += [
            cell.text_frame.text
            for shape in slide.shapes
            if shape.has_table
            for row in shape.table.rows
            for cell in row.cells
        ]
        for shape in slide.shapes:
            if shape.has_chart and shape.chart.plots[0].categories:
                names = [str(category) for category in shape.chart.plots[0].categories]
                told += names if shape.chart.chart_type != 4 else []  # a line's are dates
        drawn = words_of(page)
        assert letters("".join(told)) <= letters(drawn)
        assert not letters(drawn) & set("\ufffd\u25a1\ufffe")
        # The whole title stands on the page, not only its letters.
        joined = "".join(drawn.split())
        assert "".join(slide.shapes.title.text_frame.text.split()) in joined


@cache
def repertoire(font: str) -> frozenset[int]:
    """Which letters an installed font has, by its PostScript name."""
    asked = ["fc-match", "-f", "%{file}\t%{index}\t%{postscriptname}", f":postscriptname={font}"]
    answer = subprocess.run(asked, check=True, capture_output=True, encoding="utf-8").stdout
    file, index, name = answer.split("\t")
    assert name == font
    with TTFont(file, fontNumber=int(index) % 65_536, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def test_no_glyph_is_missing_each_letter_is_in_the_font_that_draws_it(pages: list[Any]) -> None:
    fonts = set()
    for page in pages:
        text = page.get_textpage()
        for drawn in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], textpage=text):
            # LibreOffice adds to the name which table of the font it took its letters by.
            font = drawn.get_font().get_base_name().split("+")[-1].removesuffix("-VKana")
            told = {ord(char) for char in drawn.extract() if not char.isspace()}
            missing = [chr(code) for code in told - repertoire(font)]
            assert missing == [], (font, missing)
            fonts.add(font)
        text.close()
    assert any("CJK" in font or "Hei" in font or "Song" in font for font in fonts)
