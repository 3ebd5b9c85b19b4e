"""Split and merge: the land, its state and its papers go over whole, or nothing happens."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dongtou_geo.domain.event import EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin
from dongtou_geo.domain.status import Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.errors import EventError
from dongtou_geo.services.record import ConflictError, Draft, record
from dongtou_geo.services.reshape import Child, Reshaped, merge, split
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.services.books import (
    CLERK,
    PARKS,
    START,
    assert_books,
    box,
    drawn_m2,
    figures,
    line,
    parcel,
    posted,
    register,
    state,
)

DAY = date(2022, 5, 6)
FIELD = box(0, 0, 2, 1)  # about 2 ha
AREA = drawn_m2(FIELD)
WEST, EASTERN = box(0, 0, 1.2, 1), box(1.2, 0, 2, 1)
PAPERS: dict[str, Any] = {
    "origin": Origin.FILLED_SEA,
    "ledger_area_mu": 30.0,
    "contract_area_mu": 29.0,
    "title_area_mu": None,
    "occupant": "甲公司",
    "contract_no": "C-1",
    "agreed_produce_on": date(2024, 1, 1),
    "total_investment_wan": 1000.0,
}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A: drawn, 60 % of it in production; B beside it, C far off, both in building; D 未落图."""
    made = create(file_url(tmp_path / "ledger.sqlite"))
    outlines = {"B": box(2, 0, 3, 1), "C": box(9, 0, 10, 1), "E": box(3, 0, 4, 1)}
    made.append(
        [parcel("A", FIELD, **PAPERS), parcel("D"), *(parcel(n, o) for n, o in outlines.items())],
        [
            register("A", AREA),
            *(register(number, drawn_m2(o)) for number, o in outlines.items()),
            register("D", 5000.0),
            line("A", "supply", date(2017, 1, 1)),
            line("A", "produce", date(2019, 1, 1), area_m2=0.6 * AREA),
            *(line(number, "start", date(2018, 3, 1)) for number in "BCDE"),
        ],
    )
    assert_books(made)
    return made


def halves(**given_fields: Any) -> list[Child]:
    return [
        Child("A-1", drawn_m2(WEST), WEST, **given_fields),
        Child("A-2", drawn_m2(EASTERN), EASTERN),
    ]


def halved(ledger: Ledger, children: Sequence[Child] | None = None, **given: Any) -> Reshaped:
    return split(ledger, "A", DAY, halves() if children is None else children, CLERK, **given)


def merged(ledger: Ledger, numbers: str = "BE", **given: Any) -> Reshaped:
    area_m2 = given.pop("area_m2", sum(s.area_m2 for n in numbers if (s := state(ledger, n, DAY))))
    child = Child(given.pop("number", "BE"), area_m2, given.pop("wkb", None))
    return merge(ledger, list(numbers), DAY, child, CLERK, **given)


# Split


def test_children_stand_where_the_parent_stood_and_share_what_produces_by_area(
    ledger: Ledger,
) -> None:
    done = halved(ledger, source_doc="分割〔2022〕1号")
    assert [event.kind for event in done.partings] == [EventKind.SPLIT]
    assert state(ledger, "A", DAY) is None
    assert state(ledger, "A", DAY - timedelta(days=1)) is not None
    for child in halves():
        now = state(ledger, child.parcel_no, DAY)
        assert now is not None
        assert (now.stage, now.status, now.park_id) == (
            Account.COMPLETED,
            Account.PART_USED,
            PARKS[0],
        )
        assert now.area_m2 == child.area_m2
        assert now.producing_m2 == pytest.approx(0.6 * child.area_m2)
        assert state(ledger, child.parcel_no, DAY - timedelta(days=1)) is None
    for event in (*done.partings, *done.registrations):
        assert event.event_id > 0
        assert (event.source_doc, event.recorded_by) == ("分割〔2022〕1号", CLERK.name)
    assert {event.related_no for event in done.registrations} == {"A"}
    assert_books(ledger)


def test_children_inherit_the_papers_and_share_the_areas_on_them(ledger: Ledger) -> None:
    children = halved(ledger).children
    for child, share in zip(children, (0.6, 0.4), strict=True):
        assert child in ledger.parcels()
        assert child.origin is Origin.FILLED_SEA
        assert (child.occupant, child.contract_no) == ("甲公司", "C-1")
        assert child.agreed_produce_on == date(2024, 1, 1)
        assert child.ledger_area_mu == pytest.approx(30 * share, rel=1e-6)
        assert child.contract_area_mu == pytest.approx(29 * share, rel=1e-6)
        assert child.total_investment_wan == pytest.approx(1000 * share, rel=1e-6)
        assert child.title_area_mu is None
        assert child.area_basis is AreaBasis.DRAWN


def test_the_clerk_may_say_which_child_produces(ledger: Ledger) -> None:
    halved(ledger, halves(producing_m2=0.6 * AREA - 1000.0))
    parts = [state(ledger, number, DAY) for number in ("A-1", "A-2")]
    assert [part.producing_m2 for part in parts if part] == pytest.approx([0.6 * AREA - 1000, 1000])
    assert_books(ledger)


def test_a_parcel_that_produces_whole_leaves_children_that_produce_whole(ledger: Ledger) -> None:
    record(ledger, Draft("A", EventKind.PRODUCE, date(2020, 1, 1)), CLERK, park_ids=PARKS)
    smaller = [replace(child, area_m2=child.area_m2 * 0.97) for child in halves()]
    halved(ledger, smaller)
    for number in ("A-1", "A-2"):
        now = state(ledger, number, DAY)
        assert now is not None
        assert now.status is Account.IN_PRODUCTION
        assert now.producing_m2 == pytest.approx(now.area_m2)
    assert posted(ledger.events())[PARKS[0], Account.ADJUSTMENT] == pytest.approx(0.03 * AREA)
    assert_books(ledger)


def test_what_was_stopped_and_what_was_halted_goes_over(ledger: Ledger) -> None:
    record(ledger, Draft("A", EventKind.STOP, date(2021, 1, 1)), CLERK, park_ids=PARKS)
    done = halved(ledger)
    for child, event in zip(halves(), done.registrations, strict=True):
        assert event.opening is not None
        assert (event.opening.stage, event.opening.producing_m2) == (Account.COMPLETED, 0.0)
        assert event.opening.stopped_m2 == pytest.approx(0.6 * child.area_m2)
    record(ledger, Draft("B", EventKind.HALT, date(2021, 1, 1)), CLERK, park_ids=PARKS)
    area_m2 = drawn_m2(box(2, 0, 3, 1)) / 2
    split(ledger, "B", DAY, [Child("B-1", area_m2), Child("B-2", area_m2)], CLERK)
    for number in ("B-1", "B-2"):
        now = state(ledger, number, DAY)
        assert now is not None
        assert (now.stage, now.halted) == (Account.BUILDING, True)
    assert_books(ledger)


def test_a_child_without_outline_counts_as_unmapped_with_its_own_area(ledger: Ledger) -> None:
    first, second = halves()
    halved(ledger, [first, replace(second, geometry_wkb=None)])
    child = next(p for p in ledger.parcels() if p.parcel_no == "A-2")
    assert child.area_basis is AreaBasis.LEDGER
    assert child.ledger_area_mu == pytest.approx(m2_to_mu(second.area_m2))
    assert_books(ledger)


def test_a_parent_without_outline_may_get_one_through_its_children(ledger: Ledger) -> None:
    outlines = box(20, 0, 20.25, 1), box(20.25, 0, 20.5, 1)
    children = [Child(f"D-{i}", drawn_m2(o), o) for i, o in enumerate(outlines)]
    split(ledger, "D", DAY, children, CLERK)
    assert_books(ledger)


@pytest.mark.parametrize("more_m2", [0.9, -0.9, 1.1, -1.1, 900.0, -900.0])
def test_a_difference_over_1_m2_is_posted_to_adjustment_and_nothing_stays_outside(
    ledger: Ledger, more_m2: float
) -> None:
    first, second = halves()
    halved(ledger, [first, replace(second, area_m2=second.area_m2 + more_m2)])
    moved = posted(ledger.events(), DAY)
    expected = -more_m2 if abs(more_m2) > 1 else 0.0
    assert moved[PARKS[0], Account.ADJUSTMENT] == pytest.approx(expected, abs=1e-6)
    left = 0.0 if abs(more_m2) > 1 else -more_m2
    assert moved[PARKS[0], Account.OUTSIDE] == pytest.approx(left, abs=1e-6)
    assert sum(moved.values()) == pytest.approx(0, abs=1e-6)
    assert_books(ledger)


def test_numbers_are_trimmed_and_normalised(ledger: Ledger) -> None:
    first, second = halves()
    done = halved(ledger, [replace(first, parcel_no=" Ａ-1\n"), second])
    assert [child.parcel_no for child in done.children] == ["A-1", "A-2"]


def bad(**changes: Any) -> Callable[[], list[Child]]:
    """Two halves of which the first is wrong."""
    return lambda: [replace(halves()[0], **changes), halves()[1]]


@pytest.mark.parametrize(
    ("children", "said"),
    [
        (lambda: halves()[:1], "分割后有 1 宗地块，应为至少 2 宗"),
        (lambda: halves()[:1], "分割后的面积不符"),
        (list, "至少 2 宗"),
        (bad(parcel_no="A-2"), "地块编号“A-2”用了 2 次，应各不相同"),
        (bad(parcel_no="B"), "地块编号“B”已在台账中，应为新编号"),
        (bad(parcel_no="A"), "地块编号“A”已在台账中"),
        (bad(parcel_no="  "), "有 0 个字符，应为 1–64 个"),
        (bad(parcel_no="长" * 65), "有 65 个字符"),
        (bad(parcel_no="A\u202e1"), "含控制字符"),
        (bad(area_m2=0.0), "面积 0.0 m² 无效，应为大于 0 的数"),
        (bad(area_m2=float("nan")), "面积 nan m² 无效"),
        (bad(area_m2=float("inf")), "面积 inf m² 无效"),
        (bad(area_m2=AREA), "分割后的面积不符"),
        (bad(area_m2=0.11 * AREA), "相差 -49.0%，应不超过 10%"),
        (bad(producing_m2=-1.0), "应不小于 0"),
        (bad(producing_m2=float("nan")), "无效"),
        (bad(producing_m2=0.61 * AREA), "投产面积合计"),
        (bad(stopped_m2=500.0), "停产面积合计 500.00 m²，应等于原有的 0.00 m²"),
        (bad(geometry_wkb=b"\x01"), "地块 A-1 的图形无法读取"),
        (bad(geometry_wkb=box(-0.2, 0, 1, 1)), "子地块 A-1 超出原地块 20"),
        (bad(geometry_wkb=box(0.2, 0, 1.4, 1)), "子地块 A-1 与 A-2 重叠 20"),
    ],
)
def test_children_that_do_not_fit_are_refused_and_nothing_is_written(
    ledger: Ledger, children: Callable[[], list[Child]], said: str
) -> None:
    before = (ledger.events(), ledger.parcels(), figures(ledger))
    with pytest.raises(EventError) as refused:
        halved(ledger, children())
    assert said in str(refused.value)
    assert (ledger.events(), ledger.parcels(), figures(ledger)) == before


def test_everything_wrong_is_told_at_once(ledger: Ledger) -> None:
    wrong = [Child("B", -1.0), Child("", 10.0, b"")]
    with pytest.raises(EventError) as refused:
        split(ledger, "X", date(2030, 1, 1), wrong, CLERK, source_doc="长" * 501)
    for said in (
        "晚于今天",
        "没有地块 X",
        "编号“B”已",
        "0 个字符",
        "-1.0 m²",
        "无法读取",
        "501 个字符",
    ):
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (START - timedelta(days=1), "于 2016-01-01 登记，分割日期 2015-12-31 应不早于它"),
        (date(2018, 12, 31), "之后还有 第 7 号“投产”（2019-01-01）；分割日期应不早于 2019-01-01"),
        (date(2026, 6, 2), "分割日期 2026-06-02 晚于今天，应不晚于 2026-06-01"),
    ],
)
def test_the_day_must_suit_the_parent(ledger: Ledger, on: date, said: str) -> None:
    assert ledger.events()[6].kind is EventKind.PRODUCE
    with pytest.raises(EventError) as refused:
        split(ledger, "A", on, halves(), CLERK)
    assert said in str(refused.value)


def test_an_ended_parcel_is_not_split_again(ledger: Ledger) -> None:
    halved(ledger)
    with pytest.raises(EventError, match=f"地块 A 已于 {DAY} 分割，不能在 {DAY} 分割"):
        split(ledger, "A", DAY, [Child("x", AREA / 2), Child("y", AREA / 2)], CLERK)
    with pytest.raises(EventError, match=r"之后还有 .*“分割”"):
        split(ledger, "A", DAY - timedelta(days=9), [Child("x", 1.0), Child("y", 1.0)], CLERK)


def test_who_has_not_seen_the_last_line_is_told_what_it_says(ledger: Ledger) -> None:
    last = max(e.event_id for e in ledger.events() if e.parcel_no == "A")
    record(ledger, Draft("A", EventKind.STOP, date(2021, 1, 1)), CLERK, park_ids=PARKS)
    with pytest.raises(ConflictError, match="地块 A 刚由 李四 记了“停产”"):
        halved(ledger, seen=last)
    halved(ledger, seen=last + len(ledger.events()))


# Merge


def test_neighbours_become_one_with_their_outlines_and_sums(ledger: Ledger) -> None:
    done = merged(ledger)
    assert [(e.kind, e.related_no) for e in done.partings] == [(EventKind.MERGE, "BE")] * 2
    (child,) = done.children
    assert child.geometry_wkb is not None
    whole = drawn_m2(box(2, 0, 4, 1))
    assert drawn_m2(child.geometry_wkb) == pytest.approx(whole)
    assert sum(e.area_m2 or 0 for e in done.partings) == pytest.approx(whole)
    now = state(ledger, "BE", DAY)
    assert now is not None
    assert now.stage is Account.BUILDING
    assert now.area_m2 == pytest.approx(whole)
    assert state(ledger, "B", DAY) is None
    assert_books(ledger)


def test_what_produces_is_summed_and_papers_that_differ_are_listed(ledger: Ledger) -> None:
    plots = {"P": box(30, 0, 31, 1), "Q": box(31, 0, 32, 1)}
    papers: dict[str, dict[str, Any]] = {
        "P": {"occupant": "甲", "ledger_area_mu": 15.0},
        "Q": {"occupant": "乙"},
    }
    ledger.append(
        [parcel(n, o, contract_no="C", **papers[n]) for n, o in plots.items()],
        [
            *(register(n, drawn_m2(o)) for n, o in plots.items()),
            line("P", "produce", date(2020, 1, 1), area_m2=4000.0),
            line("Q", "produce", date(2020, 1, 1)),
            line("Q", "stop", date(2021, 1, 1), area_m2=1000.0),
        ],
    )
    merged(ledger, "PQ", number="R")
    now, entry = state(ledger, "R", DAY), next(p for p in ledger.parcels() if p.parcel_no == "R")
    assert now is not None
    assert now.producing_m2 == pytest.approx(4000 + drawn_m2(plots["Q"]) - 1000)
    assert now.stopped_m2 == pytest.approx(1000)
    assert (entry.occupant, entry.contract_no, entry.ledger_area_mu) == ("甲、乙", "C", None)
    assert_books(ledger)


@pytest.mark.parametrize("more_m2", [0.9, 1.5, -1.5, 800.0, -800.0])
def test_a_merge_posts_its_whole_difference(ledger: Ledger, more_m2: float) -> None:
    areas = {"M": 9000.0, "N": 700.0, "O": 700.0}
    ledger.append([parcel(n) for n in areas], [register(n, a) for n, a in areas.items()])
    merged(ledger, "MNO", number="W", area_m2=10_400.0 + more_m2)
    moved = posted(ledger.events(), DAY)
    expected = -more_m2 if abs(more_m2) > 1 else 0.0
    assert moved[PARKS[0], Account.ADJUSTMENT] == pytest.approx(expected, abs=1e-6)
    assert sum(moved.values()) == pytest.approx(0, abs=1e-6)
    assert_books(ledger)


def test_a_parent_without_outline_leaves_the_childs_own(ledger: Ledger) -> None:
    done = merged(ledger, "BD", number="BD")
    assert done.children[0].area_basis is AreaBasis.LEDGER
    assert_books(ledger)


@pytest.mark.parametrize(
    ("numbers", "given_fields", "said"),
    [
        ("B", {}, "合并前有 1 宗地块，应为至少 2 宗"),
        ("BB", {}, "至少 2 宗不同的地块"),
        ("BC", {}, "地块 B、C 不相邻：图形合并后是 2 块"),
        ("AB", {}, "状态不同（A 建成未投产、B 在建），应相同才能合并"),
        ("AB", {}, "土地来源不同（A 填海、B 陆地）"),
        ("BX", {}, "台账里没有地块 X"),
        ("BE", {"number": "C"}, "地块编号“C”已在台账中"),
        ("BE", {"area_m2": 9000.0}, "合并后的面积不符"),
        ("BE", {"wkb": box(2, 0, 4.2, 1)}, "超出原地块"),
        ("BE", {"wkb": b"\x00"}, "地块 BE 的图形无法读取"),
    ],
)
def test_parcels_that_do_not_belong_together_are_refused(
    ledger: Ledger, numbers: str, given_fields: dict[str, Any], said: str
) -> None:
    before = (ledger.events(), ledger.parcels(), figures(ledger))
    with pytest.raises(EventError) as refused:
        merged(ledger, numbers, **given_fields)
    assert said in str(refused.value)
    assert (ledger.events(), ledger.parcels(), figures(ledger)) == before


def test_parks_and_halts_must_be_the_same(ledger: Ledger) -> None:
    move = Draft("E", EventKind.MOVE_PARK, date(2020, 1, 1), park_id=PARKS[1])
    record(ledger, move, CLERK, park_ids=PARKS)
    record(ledger, Draft("B", EventKind.HALT, date(2021, 1, 1)), CLERK, park_ids=PARKS)
    with pytest.raises(EventError) as refused:
        merged(ledger)
    assert "所在园区不同（B park_nantang、E park_yangwen）" in str(refused.value)
    assert "停工情况不同（B 停工、E 未停工）" in str(refused.value)


def test_each_parent_must_have_been_seen(ledger: Ledger) -> None:
    last = ledger.events()[-1].event_id
    record(ledger, Draft("E", EventKind.HALT, date(2021, 1, 1)), CLERK, park_ids=PARKS)
    with pytest.raises(ConflictError, match="地块 E 刚由 李四 记了“停工”"):
        merged(ledger, seen={"B": last, "E": last})
