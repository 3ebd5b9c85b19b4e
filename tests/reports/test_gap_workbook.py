"""缺口清单 as a workbook: all of it, and text stays text."""

from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.reports.gap_workbook import (
    DUE_HEADINGS,
    GAP_HEADINGS,
    due_workbook,
    gap_workbook,
)
from dongtou_geo.services.gap import park_gap
from dongtou_geo.services.progress import LedgerView, ledger_view, plan_book
from dongtou_geo.services.sample import make_sample
from dongtou_geo.settings import STANDING_LINE
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create
from tests.store.gap_lives import line

DAY = date(2026, 6, 30)
NANTANG = "park_nantang"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> LedgerView:
    return ledger_view(make_sample(tmp_path_factory.mktemp("book") / "sample.sqlite"))


def read(data: bytes) -> tuple[list[tuple[object, ...]], str]:
    book = openpyxl.load_workbook(BytesIO(data))
    notes = "\n".join(str(row[0]) for row in book["说明"].iter_rows(values_only=True))
    return [tuple(row) for row in book.worksheets[0].iter_rows(values_only=True)], notes


def test_the_sheet_holds_the_list_in_order(sample: LedgerView) -> None:
    book = plan_book()
    gap = park_gap(sample, book, NANTANG, as_of=DAY)
    rows, notes = read(gap_workbook(sample, book, DAY, NANTANG))
    assert rows[0] == GAP_HEADINGS
    assert [row[2] for row in rows[1:]] == [found.row.parcel_no for found in gap.lines]
    added = [float(str(row[7])) for row in rows[1:]]
    assert sum(added) == pytest.approx(gap.listed_mu, abs=0.01 * len(added))
    assert gap.closing is not None
    assert [row[10] for row in rows[1:]].index("是") + 1 == gap.closing.parcels
    assert {row[15] for row in rows[1:]} == {None, "逾期"}
    assert "示例台账" in notes
    assert f"截至 {DAY}" in notes
    assert STANDING_LINE in notes
    everything, notes = read(gap_workbook(sample, book, DAY, None))
    assert {row[0] for row in everything[1:]} >= {"南塘工业区", "杨文工业区"}
    assert "轨道交通装备产业示范区：未填报" in notes


def test_names_that_look_like_formulas_are_text(tmp_path: Path) -> None:
    ledger = create(file_url(tmp_path / "a.sqlite"))
    entry = Parcel(
        "=1+1", Origin.LAND, AreaBasis.LEDGER, occupant="@SUM(A1)", responsible_unit="-甲",
        contract_no="+8613", agreed_start_on=date(2020, 1, 1),
    )  # fmt: skip
    first = date(2018, 1, 1)
    ledger.append(
        [entry],
        [line("=1+1", "register", first, 900.0, NANTANG), line("=1+1", "supply", first, None)],
    )
    view = ledger_view(ledger)
    for data in (
        gap_workbook(view, plan_book(), DAY, NANTANG),
        due_workbook(view, {NANTANG: "南塘工业区"}, DAY, None, "year", "start"),
    ):
        sheet = openpyxl.load_workbook(BytesIO(data)).worksheets[0]
        cells = {str(cell.value): cell for cell in list(sheet.iter_rows())[1]}
        for word in ("=1+1", "@SUM(A1)", "-甲", "+8613"):
            assert cells[word].data_type == "s"


def test_due_steps_as_a_sheet(sample: LedgerView) -> None:
    rows, notes = read(due_workbook(sample, {NANTANG: "南塘工业区"}, DAY, NANTANG, "past", None))
    assert rows[0] == DUE_HEADINGS
    assert {row[1] for row in rows[1:]} == {"南塘工业区"}
    assert all(int(str(row[4])) > 0 for row in rows[1:])
    assert "已过" in notes
