"""The templates of 对比分析: names are text, sides without records say 未填报, words are whole."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dongtou_geo.catalog.layers import load_layers, status_fills
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.domain.status import Account
from dongtou_geo.metrics.movement import ALL
from dongtou_geo.services.changes import LogFilter, change_log_of, start_of
from dongtou_geo.services.moved import decisive, then_and_now, two_days, with_lines
from dongtou_geo.services.moved_rows import flow_table, park_rows
from dongtou_geo.services.progress import PlanBook, plan_book
from dongtou_geo.services.proof.moves import WORDS
from dongtou_geo.services.retelling import telling_rows
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from dongtou_geo.store.stamps import ImportStamp
from dongtou_geo.ui.components.compare_log import KINDS, _groups
from dongtou_geo.ui.components.render import render
from tests.services.books import parcel, register

HOSTILE = "<script>alert('x')</script>"
FIRST, SECOND = date(2026, 3, 31), date(2026, 6, 30)
STAMP = LedgerStamp(True, "x-9", SECOND)
FILLS = status_fills(load_layers())
AT = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def book() -> PlanBook:
    return plan_book()


@pytest.fixture(scope="module")
def parks(book: PlanBook) -> dict[str, str]:
    return {park.id: park.name for park in book.parks}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = create(file_url(tmp_path / "ledger.sqlite"))
    with made.writing() as writer:
        writer.register_import(ImportStamp("I1", HOSTILE, "0" * 64, AT, HOSTILE))
        own = replace(register(HOSTILE, 6_000.0), import_id="I1", recorded_by=HOSTILE)
        done = Event(0, HOSTILE, EventKind.PRODUCE, date(2026, 5, 1), AT, HOSTILE, HOSTILE,
                     reason=HOSTILE, import_id="I1")  # fmt: skip
        writer.add([parcel(HOSTILE)], [own, done])
    return made


def safe(html: str) -> str:
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    return html


def test_moved_parcels_with_any_name_are_text(ledger: Ledger, parks: dict[str, str]) -> None:
    found = two_days(ledger, FIRST, SECOND, parks)
    moves = with_lines(ledger, found, found.shifts, parks)
    html = render(
        "compare_moves.html", moves=[(move, decisive(move)) for move in moves], parcels=1,
        total_mu=9.0, parks=parks, fills=FILLS, chosen=None, page=1, pages=1,
        since=FIRST,
    )  # fmt: skip
    assert "规划未批" in safe(html)
    assert "9.00" in html


def test_tellings_with_any_name_are_text(ledger: Ledger, parks: dict[str, str]) -> None:
    found = then_and_now(ledger, SECOND, date(2026, 5, 31), parks)
    rows = telling_rows(ledger, found, found.tellings, parks, park=None)
    html = render(
        "compare_tellings.html", rows=rows, count=1, day=SECOND, chosen=None, page=1, pages=1
    )
    assert "补录" in safe(html)
    assert "+9.0" in html


def test_the_log_with_any_name_is_text(ledger: Ledger) -> None:
    log = change_log_of(ledger, LogFilter(start_of(date(2020, 1, 1))))
    html = render(
        "compare_log.html", log=log, since=FIRST, stamp=STAMP, as_of=SECOND, kinds=KINDS,
        groups=_groups(log, {}), picked=[("person", HOSTILE, HOSTILE)],
    )  # fmt: skip
    assert "SHA-256 000000000000" in safe(html)
    assert "示例" in html


def test_a_park_is_unreported_on_the_side_where_nothing_was_recorded(
    ledger: Ledger, book: PlanBook, parks: dict[str, str]
) -> None:
    found = two_days(ledger, date(2012, 12, 31), SECOND, parks)
    html = render(
        "compare_head.html", rows=park_rows(book, found), first=date(2012, 12, 31), second=SECOND,
        stamp=STAMP, park=None, moved=True,
    )  # fmt: skip
    assert "两日之间没有地块移动" not in html
    row = html.split('data-id="park_nantang"')[1].split("</tr>")[0]
    before, after = (
        row.split(f'data-name="{name}"')[1].split("</td>")[0] for name in ("before", "after")
    )
    assert "未填报" in before
    assert "9.0" in after
    assert "前 5 个、后 4 个平台投产未填报" in html


def test_a_flow_table_names_both_ends_and_asks_for_each_cell(
    ledger: Ledger, parks: dict[str, str]
) -> None:
    found = two_days(ledger, FIRST, SECOND, parks)
    html = render(
        "compare_flow.html", table=flow_table(found, ALL), name="全区五个平台", fills=FILLS,
        first=FIRST, second=SECOND, days=("前", "后"), retold=False, names=WORDS,
        others=("elsewhere", Account.OUTSIDE.value), figure="moved_mu", words=("期初", "期末"),
        beside="",
    )  # fmt: skip
    assert "proof:moved_mu~all~2026-06-30~planned%3Ein_production~2026-03-31" in html
    assert html.count('data-from="') == 1


def test_nothing_to_compare_is_said(tmp_path: Path, parks: dict[str, str]) -> None:
    empty = create(file_url(tmp_path / "empty.sqlite"))
    found = two_days(empty, FIRST, SECOND, parks)
    html = render(
        "compare_flow.html", table=flow_table(found, ALL), name="全区五个平台", fills=FILLS,
        first=FIRST, second=SECOND, days=("前", "后"), retold=False, names=WORDS,
        others=(), figure="moved_mu", words=("期初", "期末"), beside="",
    )  # fmt: skip
    assert "两侧都未填报" in html
    html = render(
        "compare_moves.html", moves=[], parcels=0, total_mu=0.0, parks=parks, fills=FILLS,
        chosen=None, page=1, pages=1, since=FIRST,
    )  # fmt: skip
    assert "没有地块移动" in html
    assert 'data-select="log:"' in html
    html = render(
        "compare_head.html", rows=park_rows(plan_book(), found), first=FIRST, second=SECOND,
        stamp=STAMP, park=None, moved=False,
    )  # fmt: skip
    assert "两日之间没有地块移动" in html
    assert f"变动日志：{FIRST} 起录入的" in html
