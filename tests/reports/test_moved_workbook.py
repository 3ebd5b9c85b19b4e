"""The workbook of what moved: every row, names as text, moments of the clock here."""

from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.reports.moved_workbook import HEADINGS, moved_workbook
from dongtou_geo.services.moved import then_and_now, two_days
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.services.books import line, parcel, register

PARKS = {"park_nantang": "南塘工业区"}
HOSTILE = '=HYPERLINK("x")'


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = create(file_url(tmp_path / "ledger.sqlite"))
    made.append(
        [parcel(HOSTILE), parcel("330305001007GB00001"), parcel("乙")],
        [
            register(HOSTILE, 6_000.0),
            register("330305001007GB00001", 2_000.0),
            register("乙", 500.0, None),
            line(HOSTILE, "produce", date(2026, 5, 1), area_m2=4_000.0, source_doc="@文1",
                 recorded_at=datetime.fromisoformat("2026-05-03T16:30:00+00:00")),
            line("330305001007GB00001", "approve", date(2026, 5, 2), reason="+补"),
        ],
    )  # fmt: skip
    return made


def test_every_row_stands_as_text_and_sums_to_the_note(ledger: Ledger) -> None:
    found = two_days(ledger, date(2026, 3, 31), date(2026, 6, 30), PARKS)
    stamp = LedgerStamp(True, "x-5", date(2026, 6, 30))
    book = openpyxl.load_workbook(
        BytesIO(moved_workbook(ledger, found, found.shifts, PARKS, stamp))
    )
    table, notes = book.worksheets
    rows = list(table.iter_rows(values_only=True))
    assert rows[0] == HEADINGS
    assert [row[0] for row in rows[1:]] == ["330305001007GB00001", HOSTILE, HOSTILE]
    for row in table.iter_rows(min_row=2):
        for cell in row:
            assert cell.data_type != "f"
            if isinstance(cell.value, str) and cell.value[:1] in "=+@":
                assert cell.quotePrefix
    own = dict(zip(HEADINGS, rows[2], strict=True))
    assert own["面积（亩）"] == pytest.approx(6.0)
    assert (own["由"], own["至"], own["园区"]) == ("规划未批", "投产", "南塘工业区")
    assert own["录入时间"] == datetime(2026, 5, 4, 0, 30)
    assert own["依据文号"] == "@文1"
    words = [row[0] for row in notes.iter_rows(values_only=True)]
    assert any("示例" in str(word) for word in words)
    assert "共 3 行，合计 12.00 亩" in str(words[2])


def test_two_knowledges_are_named(ledger: Ledger) -> None:
    found = then_and_now(ledger, date(2026, 5, 31), date(2026, 5, 3), PARKS)
    stamp = LedgerStamp(False, "x-5", date(2026, 6, 30))
    book = openpyxl.load_workbook(
        BytesIO(moved_workbook(ledger, found, found.shifts, PARKS, stamp))
    )
    words = [str(row[0]) for row in book.worksheets[-1].iter_rows(values_only=True)]
    assert words[0] == "2026-05-31 的数：2026-05-03 日终所知与现在所知"
    # 2026-05-03 16:30 UTC is the fourth here: nobody knew it at the end of the third.
    assert [row[0] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)] == [
        HOSTILE
    ] * 2
