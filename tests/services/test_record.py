"""Record: one event, checked against its parcel, or a refusal that says everything at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.status import Account
from dongtou_geo.errors import EventError
from dongtou_geo.services.record import (
    RECORDABLE,
    Clerk,
    ConflictError,
    Draft,
    Receipt,
    record,
    void,
)
from dongtou_geo.services.reshape import Child, split
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.services.books import CLERK, PARKS, START, assert_books, figures, line, parcel, register

AREA = 10_000.0
LIFE = ("approve", "acquire", "supply", "start", "complete", "produce")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A: registered on 2016-01-01 by event 1, supplied on 2017-01-01 by event 2."""
    made = create(file_url(tmp_path / "ledger.sqlite"))
    made.append([parcel("A")], [register("A", AREA), line("A", "supply", date(2017, 1, 1))])
    return made


def note(ledger: Ledger, kind: str, on: date, seen: int | None = None, **given: Any) -> Receipt:
    draft = replace(Draft("A", EventKind(kind), on), **given)
    return record(ledger, draft, CLERK, park_ids=PARKS, seen=seen)


def refused(ledger: Ledger, kind: str, on: date, **given: Any) -> str:
    """Say why an event was refused; the ledger is as before."""
    before = (ledger.events(), figures(ledger))
    with pytest.raises(EventError) as error:
        note(ledger, kind, on, **given)
    assert (ledger.events(), figures(ledger)) == before
    return str(error.value)


# What is written


def test_an_event_is_kept_with_who_when_and_from_which_paper(ledger: Ledger) -> None:
    receipt = note(ledger, "produce", date(2020, 5, 6), area_m2=6_000.0, source_doc="投产1号")
    assert receipt.event == ledger.events()[-1]
    assert receipt.event == Event(
        3, "A", EventKind.PRODUCE, date(2020, 5, 6), CLERK.now, "李四", "投产1号", 6_000.0
    )
    assert [state.status for state in receipt.states] == [
        Account.PLANNED,
        Account.SUPPLIED,
        Account.PART_USED,
    ]
    assert_books(ledger)


def test_a_whole_life_can_be_recorded_day_by_day(ledger: Ledger) -> None:
    note(ledger, "withdraw", date(2017, 6, 1))
    for month, kind in enumerate(LIFE[2:], start=1):
        note(ledger, kind, date(2018, month, 1))
    note(ledger, "stop", date(2019, 1, 1), area_m2=4_000.0)
    note(ledger, "restart", date(2019, 2, 1))
    note(ledger, "redraw", date(2019, 3, 1), area_m2=AREA + 50)
    note(ledger, "move_park", date(2019, 4, 1), park_id=PARKS[1])
    note(ledger, "move_park", date(2019, 5, 1), park_id=None)
    *_, last = note(ledger, "end", date(2019, 6, 1)).states
    assert last.ended
    assert_books(ledger)


def test_a_back_dated_event_changes_the_days_since(ledger: Ledger) -> None:
    note(ledger, "complete", date(2020, 1, 1))
    late = note(ledger, "start", date(2018, 1, 1))
    assert [state.stage for state in late.states] == [
        Account.PLANNED,
        Account.SUPPLIED,
        Account.BUILDING,
        Account.COMPLETED,
    ]
    assert_books(ledger)


def test_today_in_shanghai_is_no_future(ledger: Ledger) -> None:
    evening = Clerk("李四", datetime(2026, 5, 31, 16, 30, tzinfo=UTC))
    draft = Draft("A", EventKind.START, date(2026, 6, 1))
    assert record(ledger, draft, evening, park_ids=PARKS).event.event_id == 3


def test_a_correction_replaces_its_event_and_both_stay_in_the_ledger(ledger: Ledger) -> None:
    receipt = note(ledger, "supply", date(2017, 3, 1), supersedes=2, reason="批文日期")
    assert [state.on for state in receipt.states] == [START, date(2017, 3, 1)]
    assert [event.event_id for event in ledger.events()] == [1, 2, 3]
    assert (receipt.event.supersedes, receipt.event.reason) == (2, "批文日期")
    assert_books(ledger)


def test_the_registration_may_be_corrected(ledger: Ledger) -> None:
    earlier = START - timedelta(days=90)
    given: dict[str, Any] = {
        "area_m2": 9_000.0,
        "park_id": PARKS[1],
        "supersedes": 1,
        "reason": "重测",
    }
    receipt = note(ledger, "register", earlier, **given)
    assert [(s.on, s.area_m2, s.park_id) for s in receipt.states] == [
        (earlier, 9_000.0, PARKS[1]),
        (date(2017, 1, 1), 9_000.0, PARKS[1]),
    ]
    assert_books(ledger)


# What is refused


@pytest.mark.parametrize(
    ("kind", "on", "given_fields", "said"),
    [
        ("start", date(2026, 6, 2), {}, "日期 2026-06-02 晚于今天 2026-06-01"),
        ("start", date(2015, 1, 1), {}, "日期 2015-01-01 早于地块登记日 2016-01-01"),
        ("start", date(2016, 6, 1), {}, "动工日期 2016-06-01 早于供应日期 2017-01-01"),
        ("approve", date(2018, 1, 1), {}, "供应日期 2017-01-01 早于批准日期 2018-01-01"),
        ("supply", date(2018, 1, 1), {}, "已于 2017-01-01 供应（第 2 号）"),
        ("produce", date(2018, 1, 1), {"area_m2": 10_002.0}, "大于地块面积 10000.00 m²"),
        ("produce", date(2018, 1, 1), {"area_m2": -1.0}, "应为不小于 0 的数"),
        ("produce", date(2018, 1, 1), {"area_m2": float("nan")}, "面积 nan m² 无效"),
        ("redraw", date(2018, 1, 1), {}, "重绘须给出新的面积"),
        ("redraw", date(2018, 1, 1), {"area_m2": 0.0}, "应为大于 0 的数"),
        ("stop", date(2018, 1, 1), {}, "是“供而未用”，记“停产”没有意义"),
        ("restart", date(2018, 1, 1), {}, "记“复产”没有意义"),
        ("resume", date(2018, 1, 1), {}, "记“复工”没有意义"),
        ("move_park", date(2018, 1, 1), {"park_id": PARKS[0]}, "记“调整园区”没有意义"),
        ("move_park", date(2018, 1, 1), {"park_id": "nantang"}, "没有园区“nantang”，应为"),
        ("split", date(2018, 1, 1), {}, "“分割”不能直接记录"),
        ("merge", date(2018, 1, 1), {}, "“合并”不能直接记录"),
        ("register", date(2018, 1, 1), {"area_m2": 1.0}, "“登记”不能直接记录"),
        ("void", date(2018, 1, 1), {}, "“作废”不能直接记录"),
        ("start", date(2018, 1, 1), {"parcel_no": "X"}, "台账里没有地块 X；请核对"),
        ("supply", date(2018, 1, 1), {"supersedes": 2}, "更正须写明理由"),
        ("supply", date(2018, 1, 1), {"supersedes": 2, "reason": " "}, "更正须写明理由"),
        ("supply", date(2018, 1, 1), {"supersedes": 9, "reason": "x"}, "没有仍然有效的第 9 号"),
        ("start", date(2018, 1, 1), {"supersedes": 1, "reason": "x"}, "第一条记录是"),
        (
            "register",
            date(2018, 1, 1),
            {"area_m2": 1.0, "supersedes": 1, "reason": "x"},
            "第一条记录是“供应”",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(
    ledger: Ledger, kind: str, on: date, given_fields: dict[str, Any], said: str
) -> None:
    assert said in refused(ledger, kind, on, **given_fields)


def test_everything_wrong_is_told_at_once(ledger: Ledger) -> None:
    said = refused(ledger, "redraw", date(2030, 1, 1), park_id="x", supersedes=9)
    for part in ("晚于今天", "没有园区“x”", "重绘须给出", "第 9 号", "写明理由"):
        assert part in said


def test_nothing_follows_the_end(ledger: Ledger) -> None:
    note(ledger, "end", date(2018, 1, 1))
    assert "已于 2018-01-01 注销" in refused(ledger, "start", date(2019, 1, 1))
    assert "其后不能再有“动工”" in refused(ledger, "start", date(2019, 1, 1))


def test_an_end_is_not_put_before_what_happened_later(ledger: Ledger) -> None:
    note(ledger, "start", date(2019, 1, 1))
    assert "其后不能再有“动工”（2019-01-01）" in refused(ledger, "end", date(2018, 1, 1))


def test_a_redraw_below_what_produces_is_refused(ledger: Ledger) -> None:
    note(ledger, "produce", date(2018, 1, 1), area_m2=6_000.0)
    said = refused(ledger, "redraw", date(2019, 1, 1), area_m2=5_000.0)
    assert "小于投产面积 6000.00 m²" in said


def test_a_halt_is_halted_once(ledger: Ledger) -> None:
    note(ledger, "start", date(2018, 1, 1))
    note(ledger, "halt", date(2018, 2, 1))
    assert "没有意义" in refused(ledger, "halt", date(2018, 3, 1))
    assert not note(ledger, "resume", date(2018, 4, 1)).states[-1].halted


@pytest.mark.parametrize("kind", RECORDABLE)
def test_every_recordable_kind_has_its_day_in_the_books(ledger: Ledger, kind: EventKind) -> None:
    on = date(2021, 1, 1)
    if kind in {EventKind.APPROVE, EventKind.ACQUIRE}:
        on = date(2016, 6, 1)
    if kind is EventKind.SUPPLY:
        note(ledger, "withdraw", date(2018, 1, 1))
    if kind in {EventKind.HALT, EventKind.RESUME}:
        note(ledger, "start", date(2018, 1, 1))
    if kind is EventKind.RESUME:
        note(ledger, "halt", date(2019, 1, 1))
    if kind in {EventKind.STOP, EventKind.RESTART}:
        note(ledger, "produce", date(2018, 1, 1))
    if kind is EventKind.RESTART:
        note(ledger, "stop", date(2019, 1, 1))
    area_m2 = 8_000.0 if kind is EventKind.REDRAW else None
    assert note(ledger, kind, on, area_m2=area_m2).event.kind is kind
    assert_books(ledger)


@pytest.mark.parametrize(
    ("kind", "given_fields", "said"),
    [
        ("start", {"source_doc": "长" * 501}, "依据文号有 501 个字符，应不超过 500 个"),
        ("supply", {"supersedes": 2, "reason": "长" * 501}, "理由有 501 个字符"),
    ],
)
def test_what_makes_no_sense_is_refused(
    ledger: Ledger, kind: str, given_fields: dict[str, Any], said: str
) -> None:
    assert said in refused(ledger, kind, date(2018, 1, 1), **given_fields)


# A life before a withdrawal


@pytest.fixture
def twice(ledger: Ledger) -> Ledger:
    """A taken back in 2019, supplied again in 2020 (event 5) and started in 2021."""
    note(ledger, "start", date(2018, 1, 1))
    note(ledger, "withdraw", date(2019, 1, 1))
    note(ledger, "supply", date(2020, 1, 1))
    note(ledger, "start", date(2021, 1, 1))
    return ledger


def test_the_first_life_may_be_corrected_and_completed_late(twice: Ledger) -> None:
    note(twice, "start", date(2018, 3, 1), supersedes=3, reason="开工令")
    note(twice, "complete", date(2018, 9, 1))
    note(twice, "acquire", date(2016, 9, 1))
    assert_books(twice)


def test_each_life_has_its_own_order_and_each_stage_once(twice: Ledger) -> None:
    assert "竣工日期 2017-06-01 早于动工日期" in refused(twice, "complete", date(2017, 6, 1))
    assert "竣工日期 2020-06-01 早于动工日期" in refused(twice, "complete", date(2020, 6, 1))
    assert "已于 2018-01-01 动工（第 3 号）" in refused(twice, "start", date(2018, 6, 1))
    assert "已于 2021-01-01 动工（第 6 号）" in refused(twice, "start", date(2022, 6, 1))


# Lines of a split


@pytest.fixture
def parted(ledger: Ledger) -> Ledger:
    """A split in 2020 by event 4 into A1 (event 5) and A2 (event 6), in building."""
    note(ledger, "start", date(2018, 1, 1))
    split(ledger, "A", date(2020, 1, 1), [Child("A1", 4_000.0), Child("A2", 6_000.0)], CLERK)
    return ledger


@pytest.mark.parametrize(("number", "event_id"), [("A", 4), ("A1", 5)])
def test_a_line_of_a_split_is_not_changed_alone(parted: Ledger, number: str, event_id: int) -> None:
    before = parted.events()
    kind = EventKind.END if number == "A" else EventKind.REGISTER
    draft = Draft(number, kind, date(2020, 1, 1), area_m2=4_000.0, supersedes=event_id, reason="x")
    with pytest.raises(EventError, match="是分割或合并的一部分"):
        record(parted, draft, CLERK, park_ids=PARKS)
    with pytest.raises(EventError, match="请撤销整个分割或合并"):
        void(parted, number, event_id, "误录", CLERK)
    assert parted.events() == before


def test_what_a_parent_handed_over_is_not_changed_afterwards(parted: Ledger) -> None:
    assert "已于 2020-01-01 分割" in refused(parted, "complete", date(2019, 1, 1))
    with pytest.raises(EventError, match="请先撤销该次分割"):
        void(parted, "A", 3, "误录", CLERK)
    # A date that leaves the state handed over as it was may be corrected.
    note(parted, "start", date(2018, 2, 1), supersedes=3, reason="开工令")
    assert_books(parted)


# Two people


def test_who_has_not_seen_the_last_line_is_told_what_it_says(ledger: Ledger) -> None:
    note(ledger, "start", date(2018, 1, 1), seen=2)
    before = ledger.events()
    with pytest.raises(ConflictError) as conflict:
        note(ledger, "complete", date(2019, 1, 1), seen=2)
    assert "地块 A 刚由 李四 记了“动工”（2018-01-01），请看过后再提交" in str(conflict.value)
    with pytest.raises(ConflictError):
        void(ledger, "A", 2, "误录", CLERK, seen=2)
    assert ledger.events() == before
    note(ledger, "complete", date(2019, 1, 1), seen=3)


# Void


def test_a_void_takes_an_event_back_for_every_date(ledger: Ledger) -> None:
    before = figures(ledger)
    done = note(ledger, "produce", date(2018, 1, 1))
    receipt = void(ledger, "A", done.event.event_id, "误录", CLERK)
    assert receipt.states[-1].status is Account.SUPPLIED
    assert (receipt.event.kind, receipt.event.supersedes) == (EventKind.VOID, 3)
    after = figures(ledger)
    assert {key: after[key] for key in before} == before
    assert_books(ledger)


def test_a_void_of_a_correction_brings_the_first_back(ledger: Ledger) -> None:
    right = note(ledger, "supply", date(2018, 1, 1), supersedes=2, reason="批文")
    receipt = void(ledger, "A", right.event.event_id, "原来是对的", CLERK)
    assert receipt.states[-1].on == date(2017, 1, 1)


@pytest.mark.parametrize(
    ("event_id", "reason", "said"),
    [
        (9, "x", "没有仍然有效的第 9 号记录，无法作废"),
        (2, " ", "作废第 2 号记录须写明理由"),
        (1, "x", "第一条记录是“供应”"),
    ],
)
def test_a_void_that_does_not_fit_is_refused(
    ledger: Ledger, event_id: int, reason: str, said: str
) -> None:
    before = (ledger.events(), figures(ledger))
    with pytest.raises(EventError, match=said):
        void(ledger, "A", event_id, reason, CLERK)
    assert (ledger.events(), figures(ledger)) == before


def test_an_event_is_voided_once_and_a_void_not_at_all(ledger: Ledger) -> None:
    void(ledger, "A", 2, "误录", CLERK)
    for event_id in (2, 3):
        with pytest.raises(EventError, match=f"没有仍然有效的第 {event_id} 号"):
            void(ledger, "A", event_id, "误录", CLERK)


def test_another_parcels_event_is_not_voided(ledger: Ledger) -> None:
    ledger.append([parcel("B")], [register("B", 5.0)])
    with pytest.raises(EventError, match="地块 A 没有仍然有效的第 3 号"):
        void(ledger, "A", 3, "误录", CLERK)
