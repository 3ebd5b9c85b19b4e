"""Tables in their boxes: names as long as the law of the ledger lets them be, and none run off."""

from io import BytesIO
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.util import Inches

from dongtou_geo.reports.stage import CELL_PAD, Box, column_widths, text_width, wrapped
from dongtou_geo.reports.tables import Shortened, fitted_table, left_out
from dongtou_geo.services.briefing_sheet import Column, Figure, Table, plain
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.ui.components.briefing_html import briefing_html
from tests.reports.briefings import LATEST, deck_of, hostile_copy, told

COLUMNS = (Column("地块", share=2.0), Column("使用权人", share=2.6), Column("可补", share=1.0))
BOX, SIZES = Box(0, 0, 8, 2.0), (14, 12, 10)
LONG = "A-" + "0" * 59 + "317"


def table_of(*names: str, firm: str = "甲公司") -> Table:
    amount = Figure("可补", 1.5, "1.5")
    return Table(COLUMNS, tuple(((name,), (firm,), (amount,)) for name in names))


def test_a_run_longer_than_a_line_is_broken_where_the_line_ends() -> None:
    lines = wrapped(f"号 {LONG}", 12, 1.5)
    assert "".join(lines).replace(" ", "") == f"号{LONG}"
    assert max(text_width(line, 12) for line in lines) <= 1.5
    assert wrapped("W" * 5, 12, 0.01) == ["W"] * 5


def test_what_fits_is_whole() -> None:
    part = fitted_table(BOX, table_of(LONG), SIZES)
    assert plain(part.table.rows[0][0]) == LONG
    assert left_out(part.table) == []


@pytest.mark.parametrize("name", [LONG, "W" * 64, "地" * 64, "A" * 20 + " " + "B" * 43])
def test_what_does_not_fit_is_shortened_in_the_middle_and_kept_whole_beside(name: str) -> None:
    firm = "洞头区某某" * 39 + "公司末尾甲"
    part = fitted_table(BOX, table_of(*[name] * 5, firm=firm), SIZES)
    assert sum(part.heights) <= BOX.height
    widths = column_widths(part.table, BOX.width)
    for row, height in zip(part.table.rows, part.heights[1:], strict=True):
        for cell, width in zip(row[:2], widths, strict=False):
            (shown,) = cell
            assert isinstance(shown, Shortened)
            head, tail = shown.split("…")
            assert shown.whole.startswith(head)
            assert shown.whole.endswith(tail)
            assert len(tail) >= 3
            lines = wrapped(shown, part.size, width - 2 * CELL_PAD)
            assert len(lines) * part.size / 72 < height
        # A figure is never shortened.
        assert plain(row[2]) == "1.5"
    assert left_out(part.table) == [name, firm]


def test_long_names_stay_on_their_slide_and_stand_whole_in_the_notes(
    sample_ledger: Ledger, tmp_path: Path
) -> None:
    ledger, names = hostile_copy(sample_ledger, tmp_path / "long.sqlite")
    assert {len(name) for name in names} == {64, 200}
    (slide,) = (
        slide
        for slide in Presentation(BytesIO(deck_of(ledger, LATEST))).slides
        if slide.shapes.title.text_frame.text.startswith("缺口")
    )
    parcels = [shape for shape in slide.shapes if shape.has_table][1]
    assert parcels.top + parcels.height <= Inches(6.56)
    rows = [[cell.text_frame.text for cell in row.cells] for row in parcels.table.rows][1:]
    assert len({row[0] for row in rows}) == len(rows) == 6
    notes = slide.notes_slide.notes_text_frame.text.splitlines()
    for row in rows:
        for shown in (row[0], row[2]):
            head, _, tail = shown.partition("…")
            own = [n for n in names if n.startswith(head) and n.endswith(tail or head)]
            assert len(own) == 1
            assert own[0] in notes


def test_on_screen_the_pointer_shows_the_whole_name(sample_ledger: Ledger, tmp_path: Path) -> None:
    ledger, names = hostile_copy(sample_ledger, tmp_path / "long.sqlite")
    html = briefing_html(told(ledger, LATEST), lambda _subject: [])
    assert sum(f'title="{name}"' in html for name in names) == 7
