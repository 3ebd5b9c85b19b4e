"""变动日志: who entered what since a day, from which paper, and what it replaced; in both homes."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from dongtou_geo.domain.day import SHANGHAI
from dongtou_geo.domain.event import EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.services.changes import (
    BY_HAND,
    PAGE_ROWS,
    ChangeLog,
    LogFilter,
    change_log_of,
    changed_fields,
    start_of,
)
from dongtou_geo.services.record import Clerk, void
from dongtou_geo.services.undo import undo
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from dongtou_geo.store.stamps import ImportStamp
from tests.services.books import PARKS, box, line, parcel, register

MU = 2000 / 3
FRIDAY = date(2026, 5, 29)
SHA = "ab12cd34ef56" + "0" * 52


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of May 2026 in Shanghai."""
    return datetime(2026, 5, day, hour, minute, tzinfo=SHANGHAI)


def fill(ledger: Ledger) -> Ledger:
    """An old office, then a week: papers, a correction, a void, an import that was undone."""
    ledger.append(
        [parcel("A"), parcel("B"), parcel("C")],
        [
            register("A", 30 * MU), register("B", 12 * MU), register("C", 6 * MU, PARKS[1]),
            line("A", "start", date(2018, 1, 1)),
            # A minute before midnight in Shanghai, and a minute after.
            line("B", "start", date(2018, 1, 1), recorded_at=at(28, 23, 59), source_doc="晚一分"),
            line("B", "complete", date(2019, 1, 1), recorded_at=at(29, 0, 1), source_doc="文1"),
        ],
    )  # fmt: skip
    started, late = (e for e in ledger.events() if e.kind in (EventKind.START, EventKind.COMPLETE)
                     if e.source_doc in (None, "文1"))  # fmt: skip
    again = line("A", "start", date(2018, 3, 1), recorded_at=at(30, 10), source_doc="文1",
                 supersedes=started.event_id, reason="写错月份")  # fmt: skip
    ledger.append([], [again])
    void(ledger, "B", late.event_id, "重复录入", Clerk("李四", at(30, 11)))
    with ledger.writing() as writer:
        writer.register_import(ImportStamp("I1", "台账 <b>.xlsx", SHA, at(31, 9), "王五"))
        made = [replace(register("N", 3 * MU, None), import_id="I1", recorded_at=at(31, 9))]
        writer.add([parcel("N")], [replace(made[0], recorded_by="王五")])
        entry = Parcel("A", Origin.LAND, AreaBasis.LEDGER, occupant="甲厂", contract_area_mu=1234.5)
        writer.update_parcels([entry], at=at(31, 9), by="王五", import_id="I1")
    undo(ledger, "I1", Clerk("王五", at(31, 10)))
    return ledger


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return fill(create(file_url(tmp_path_factory.mktemp("changes") / "ledger.sqlite")))


def told(log: ChangeLog, by: str) -> dict[str, tuple[int, int, float]]:
    return {
        group.key: (group.lines, group.parcels, round(group.area_m2 / MU, 3))
        for group in log.groups[by].shown  # type: ignore[index]
    }


def assert_week(ledger: Ledger) -> None:
    log = change_log_of(ledger, LogFilter(start_of(FRIDAY)))
    total = log.total
    assert (total.lines, total.parcels, total.corrections, total.voids) == (5, 3, 1, 2)
    # N was undone: no line of it stands, so it counts nothing.
    assert total.area_m2 == pytest.approx(42 * MU)
    assert list(told(log, "day").items()) == [
        ("2026-05-31", (2, 1, 0.0)), ("2026-05-30", (2, 2, 42.0)), ("2026-05-29", (1, 1, 12.0)),
    ]  # fmt: skip
    assert told(log, "person") == {
        "王五": (2, 1, 0.0), "张三": (2, 2, 42.0), "李四": (1, 1, 12.0),
    }  # fmt: skip
    assert told(log, "import") == {BY_HAND: (4, 3, 42.0), "I1": (1, 1, 0.0)}
    assert told(log, "document") == {"文1": (2, 2, 42.0), "": (3, 2, 12.0)}
    # Every line since the day is there once, the last recorded first.
    since = start_of(FRIDAY)
    wanted = [event.event_id for event in ledger.events() if event.recorded_at >= since]
    assert [row.event.event_id for row in log.lines] == wanted[::-1]


def test_a_week_is_told_by_day_person_source_and_paper(ledger: Ledger) -> None:
    assert_week(ledger)


@pytest.mark.postgis
def test_a_week_is_told_alike_in_postgis(postgis_url: str) -> None:
    ledger = fill(create(postgis_url))
    assert_week(ledger)
    found = change_log_of(ledger, LogFilter(start_of(FRIDAY), day="2026-05-29"))
    assert [row.event.source_doc for row in found.lines] == ["文1"]
    assert found.entry_count == 2


def test_corrections_and_voids_are_shown_with_what_they_replaced_and_why(ledger: Ledger) -> None:
    log = change_log_of(ledger, LogFilter(start_of(FRIDAY)))
    rows = {(row.event.kind, row.event.parcel_no): row for row in log.lines}
    mended = rows[EventKind.START, "A"]
    assert mended.replaced is not None
    assert mended.replaced.effective_on == date(2018, 1, 1)
    assert mended.event.reason == "写错月份"
    assert mended.area_mu == pytest.approx(30.0)
    gone, by = rows[EventKind.COMPLETE, "B"], rows[EventKind.VOID, "B"]
    assert by.replaced is not None
    assert by.replaced.event_id == gone.event.event_id
    assert by.event.reason == "重复录入"
    assert gone.replaced_by is not None
    assert gone.replaced_by.event_id == by.event.event_id


def test_an_import_is_named_by_its_file_and_whether_it_was_undone(ledger: Ledger) -> None:
    log = change_log_of(ledger, LogFilter(start_of(FRIDAY), import_id="I1"))
    (row,) = log.lines
    assert row.source is not None
    assert (row.source.file, row.source.sha256, row.source.undone_by) == (
        "台账 <b>.xlsx", SHA, "王五",
    )  # fmt: skip
    assert row.source.undone_at == at(31, 10)
    assert row.area_mu is None
    assert log.total.lines == 1
    # The groups stay those of the whole week, so that another can be picked.
    assert told(log, "person").keys() == {"王五", "张三", "李四"}


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"day": "2026-05-30"}, 2),
        ({"day": "2026-05-28"}, 0),
        ({"person": "张三"}, 2),
        ({"person": "张三", "day": "2026-05-29"}, 1),
        ({"import_id": BY_HAND}, 4),
        ({"document": ""}, 3),
        ({"document": "文1"}, 2),
        ({"document": "' OR 1=1"}, 0),
        ({"park_id": PARKS[0]}, 3),
        ({"park_id": PARKS[1]}, 0),
        ({"park_id": "outside"}, 0),
    ],
)
def test_the_log_is_filtered(ledger: Ledger, wanted: dict[str, str], count: int) -> None:
    log = change_log_of(ledger, LogFilter(start_of(FRIDAY), **wanted))
    assert (log.total.lines, len(log.lines)) == (count, count)


def test_changes_of_register_entries_name_the_fields(ledger: Ledger) -> None:
    log = change_log_of(ledger, LogFilter(start_of(FRIDAY)))
    assert log.entry_count == 2
    back, forth = log.entries
    assert (forth.parcel_no, forth.by, forth.at) == ("A", "王五", at(31, 9))
    assert forth.changed == [("合同面积（亩）", "未填", "1,234.5"), ("用地单位", "未填", "甲厂")]
    assert back.changed == [("合同面积（亩）", "1,234.5", "未填"), ("用地单位", "甲厂", "未填")]
    assert forth.source is not None
    assert forth.source.file == "台账 <b>.xlsx"


def test_every_field_of_an_entry_has_a_name() -> None:
    plain = Parcel("A", Origin.LAND, AreaBasis.LEDGER)
    drawn = Parcel(
        "A", Origin.FILLED_SEA, AreaBasis.DRAWN, box(0, 0, 1, 1), 1.0, 2.0, 3.0, "0601", "甲",
        FRIDAY, FRIDAY, FRIDAY, FRIDAY, 4.0, 5.0, 6.0, "出让", "H1", "J1", "管委会", "备注",
    )  # fmt: skip
    changed = changed_fields(plain, drawn)
    assert len(changed) == 20
    assert ("图形", "未填", "有图形") in changed
    assert ("土地来源", "陆地", "填海") in changed
    assert ("交地日期", "未填", "2026-05-29") in changed


def test_pages_go_from_the_last_recorded_back(tmp_path: Path) -> None:
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    days = [date(2018, 1, 1 + n % 28) for n in range(PAGE_ROWS + 5)]
    ledger.append(
        [parcel("A")],
        [register("A", MU), *(line("A", "halt", day, recorded_at=at(30, 8)) for day in days)],
    )
    first, last = (
        change_log_of(ledger, LogFilter(start_of(FRIDAY)), page=page) for page in (1, 99)
    )
    assert (len(first.lines), first.page, first.pages) == (PAGE_ROWS, 1, 2)
    assert (len(last.lines), last.page) == (5, 2)
    ids = [row.event.event_id for row in (*first.lines, *last.lines)]
    assert ids == sorted(ids, reverse=True)


def test_nothing_since_is_nothing(ledger: Ledger) -> None:
    log = change_log_of(ledger, LogFilter(start_of(date(2026, 6, 1))))
    assert (log.total.lines, log.lines, log.pages, log.entry_count) == (0, [], 1, 0)
