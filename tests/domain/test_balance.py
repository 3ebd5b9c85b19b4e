"""Balances of every park on any day, against a replay that shares no code with the domain."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dongtou_geo.domain.balance import EMPTY, Balances, events_by_parcel
from dongtou_geo.domain.event import Event, EventKind, Opening, standing
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.errors import EventError

DAY = date(2016, 1, 1)
FOREVER = date(2100, 1, 1)
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
PARKS = (None, "park_a", "park_b")


def event(event_id: int, parcel_no: str, kind: str, on: date, **given_fields: Any) -> Event:
    moment = RECORDED + timedelta(minutes=event_id)
    return Event(event_id, parcel_no, EventKind(kind), on, moment, "张三", **given_fields)


# The independent replay: the rules of design.md, on whole units of land.

STAGES = {
    "approve": "approved",
    "acquire": "acquired",
    "supply": "supplied",
    "start": "building",
    "complete": "completed",
}
ENDS = ("end", "split", "merge")


@dataclass(slots=True)
class Land:
    """One parcel while its events are read one after the other."""

    area: int
    park: str | None
    stage: str = "planned"
    producing: int = 0
    stopped: int = 0
    alive: bool = True

    def happen(self, kind: str, area: int | None = None, park: str | None = None) -> None:
        if kind in STAGES:
            self.stage = STAGES[kind]
        elif kind == "produce":
            self.stage, self.producing = "completed", self.area if area is None else area
            self.stopped = min(self.stopped, self.area - self.producing)
        elif kind == "stop":
            part = self.producing if area is None else area
            self.producing, self.stopped = self.producing - part, self.stopped + part
        elif kind == "restart":
            part = self.stopped if area is None else area
            self.producing, self.stopped = self.producing + part, self.stopped - part
        elif kind == "withdraw":
            self.stage, self.producing, self.stopped = "acquired", 0, 0
        elif kind == "redraw":
            assert area is not None
            self.area, self.stopped = area, min(self.stopped, area - self.producing)
        elif kind == "move_park":
            self.park = park
        elif kind in ENDS:
            self.alive = False
        else:
            assert kind in ("halt", "resume")  # a halt keeps building

    def accounts(self) -> dict[str, int]:
        used = self.producing + self.stopped
        if not self.alive:
            return {}
        if used == 0:
            return {self.stage: self.area}
        return {
            "in_production": self.producing,
            "completed": self.stopped,
            "part_used": self.area - used,
        }


def replay(lines: list[Event], unit: float, on: date, known: datetime) -> list[tuple[str, Land]]:
    """Every parcel's land on a day, read from the ledger's lines as a clerk would."""
    book: dict[int, Event] = {}
    for entry in sorted(lines, key=lambda entry: entry.recorded_at):
        if entry.recorded_at <= known:
            if entry.supersedes:
                del book[entry.supersedes]
            if entry.kind != "void":
                book[entry.event_id] = entry
    lands: dict[str, Land] = {}
    for entry in sorted(book.values(), key=lambda entry: entry.effective_on):
        units = None if entry.area_m2 is None else round(entry.area_m2 / unit)
        if entry.effective_on > on:
            continue
        if entry.kind == "register":
            assert units is not None
            opening = entry.opening or Opening()
            producing, stopped = opening.producing_m2 / unit, opening.stopped_m2 / unit
            lands[entry.parcel_no] = Land(
                units, entry.park_id, opening.stage.value, round(producing), round(stopped)
            )
        else:
            lands[entry.parcel_no].happen(entry.kind, units, entry.park_id)
    return list(lands.items())


# Lives of parcels that a clerk could record, with mistakes that were corrected later


Life = list[tuple[str, int | None, str | None]]


@st.composite
def lives(draw: st.DrawFn) -> tuple[Life, Land]:
    """One parcel's possible life: kind, units of area, park; and what it opens with."""
    tens = st.integers(1, 50).map(lambda n: 10 * n)
    park = draw(st.sampled_from(PARKS))
    land = Land(draw(tens), park)
    if draw(st.booleans()):  # a child goes on where its parent stood
        land.stage = draw(st.sampled_from([*STAGES.values(), "planned"]))
        land.producing = 10 * draw(st.integers(0, land.area // 10))
        land.stopped = 10 * draw(st.integers(0, (land.area - land.producing) // 10))
    life: Life = [("register", land.area, park)]
    opening = replace(land)
    for _ in range(draw(st.integers(0, 12))):
        kinds = ["produce", "withdraw", "move_park"]
        kinds += ["stop"] if land.producing else []
        kinds += ["restart"] if land.stopped else []
        if not land.producing and not land.stopped:
            kinds += [*STAGES, "halt", "resume"]
        kinds += ["redraw"] if land.producing + land.stopped < land.area else []
        kind, units, park = draw(st.sampled_from(kinds)), None, None
        if kind == "redraw":
            units = land.producing + draw(tens)
        elif kind == "move_park":
            park = draw(st.sampled_from(PARKS))
        elif kind in ("produce", "stop", "restart") and draw(st.booleans()):
            most = {"produce": land.area, "stop": land.producing, "restart": land.stopped}[kind]
            units = 10 * draw(st.integers(0, most // 10))
        land.happen(kind, units, park)
        life.append((kind, units, park))
    if draw(st.booleans()):
        life.append((draw(st.sampled_from(ENDS)), None, None))
    return life, opening


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[Event], float]:
    """Lines of a few parcels and the m2 of one unit; ids follow the recording."""
    unit = draw(st.sampled_from([1.0, 2000 / 3, 0.37]))
    lines: list[Event] = []
    for number, (life, first) in enumerate(draw(st.lists(lives(), min_size=1, max_size=4))):
        on = DAY + timedelta(days=draw(st.integers(0, 400)))
        for kind, units, park in life:
            area_m2 = None if units is None else units * unit
            entry = event(len(lines) + 1, f"P-{number}", kind, on, area_m2=area_m2, park_id=park)
            if kind == "register" and first != Land(first.area, first.park):
                used = (first.producing * unit, first.stopped * unit)
                entry = replace(entry, opening=Opening(Account(first.stage), *used))
            lines.append(entry)
            on += timedelta(days=draw(st.integers(10, 400)))
    for entry in draw(st.lists(st.sampled_from(lines), max_size=4, unique=True)):
        lines = corrected(draw, lines, entry)
    return lines, unit


def corrected(draw: st.DrawFn, lines: list[Event], right: Event) -> list[Event]:
    """Turn a line into a mistake that is put right later, in one correction or in two."""
    park_id, wrong = right.park_id, []
    for _ in range(draw(st.integers(1, 2))):
        on = right.effective_on + timedelta(days=draw(st.integers(0, 4)))
        if right.kind in (EventKind.REGISTER, EventKind.MOVE_PARK):
            park_id = draw(st.sampled_from(PARKS))
        wrong.append(replace(right, effective_on=on, park_id=park_id))
    lines = [wrong[0] if entry is right else entry for entry in lines]
    replaced = right.event_id
    for entry in [*wrong[1:], right]:
        moment = RECORDED + timedelta(minutes=len(lines) + 1)
        lines.append(
            replace(entry, event_id=len(lines) + 1, recorded_at=moment, supersedes=replaced)
        )
        replaced = len(lines)
    return lines


def with_voided_moves(lines: list[Event], after: Iterable[Event]) -> list[Event]:
    """Add moves that never were, five days after a registration, and their voids."""
    added = list(lines)
    for entry in after:
        on = entry.effective_on + timedelta(days=5)
        move = event(len(added) + 1, entry.parcel_no, "move_park", on, park_id="park_x")
        void = event(len(added) + 2, entry.parcel_no, "void", on, supersedes=move.event_id)
        added += [move, void]
    return added


@settings(deadline=None, max_examples=300)  # a slow machine is no wrong figure
@given(ledgers(), st.data())
def test_balances_equal_an_independent_replay_on_any_day_by_any_knowledge(
    ledger: tuple[list[Event], float], data: st.DataObject
) -> None:
    lines, unit = ledger
    registers = [e for e in lines if e.kind is EventKind.REGISTER and e.supersedes is None]
    lines = with_voided_moves(lines, data.draw(st.lists(st.sampled_from(registers), max_size=2)))
    unmapped = data.draw(st.frozensets(st.sampled_from([e.parcel_no for e in registers])))
    known = data.draw(st.sampled_from([e.recorded_at for e in lines] + [RECORDED]))
    shuffled = data.draw(st.permutations(lines))
    balances = Balances(standing(shuffled, known_at=known), unmapped=unmapped)
    days = {e.effective_on + timedelta(days=shift) for e in lines for shift in (-1, 0)}
    for on in {*days, FOREVER}:
        lands = replay(lines, unit, on, known)
        for park in (*PARKS, "park_x"):
            own = [(no, land.accounts()) for no, land in lands if land.park == park]
            expected = [sum(parts.get(s.value, 0) for _, parts in own) * unit for s in STATUSES]
            holding = balances.on(park, on)
            held = [holding.by_status_m2[status] for status in STATUSES]
            assert held == pytest.approx(expected, abs=1e-6)
            assert min(held) >= 0.0
            blank = sum(sum(parts.values()) for no, parts in own if no in unmapped) * unit
            assert holding.unmapped_m2 == pytest.approx(blank, abs=1e-6)
            assert holding.recorded_m2 == pytest.approx(sum(expected), abs=1e-6)
            assert holding.has_records == (sum(expected) > 0)


# Single rules


def test_opening_plus_entered_minus_left_is_closing() -> None:
    lines = [
        event(1, "A", "register", DAY, area_m2=100.0, park_id="park_a"),
        event(2, "B", "register", DAY + timedelta(1), area_m2=30.0, park_id="park_a"),
        event(3, "A", "move_park", DAY + timedelta(2), park_id="park_b"),
        event(4, "B", "end", DAY + timedelta(3)),
    ]
    balances = Balances(standing(lines))
    held = [balances.on("park_a", DAY + timedelta(n)).recorded_m2 for n in range(-1, 4)]
    assert held == [0.0, 100.0, 130.0, 30.0, 0.0]
    assert balances.on("park_b", FOREVER).recorded_m2 == 100.0


def test_nothing_recorded_is_no_record_and_not_zero_production() -> None:
    balances = Balances([])
    assert balances.on("park_a", FOREVER) == EMPTY
    assert not EMPTY.has_records
    assert balances.park_ids == frozenset()
    assert balances.days("park_a") == ()


def test_a_park_that_was_emptied_has_no_records_again() -> None:
    lines = [
        event(1, "A", "register", DAY, area_m2=0.1 + 0.2, park_id="park_a"),
        event(2, "B", "register", DAY, area_m2=700.7, park_id="park_a"),
        event(3, "A", "end", DAY + timedelta(1)),
        event(4, "B", "end", DAY + timedelta(2)),
    ]
    holding = Balances(standing(lines)).on("park_a", FOREVER)
    assert not holding.has_records
    assert set(holding.by_status_m2.values()) == {0.0}


def test_an_account_that_many_parcels_have_left_holds_exactly_nothing() -> None:
    # 20,000 parcels: adding and subtracting floats leaves 3e-6 m2 of dust, or as much missing.
    numbers = range(20_000)
    areas = [(100 + number * 7919 % 19_901) / 100 * 2000 / 3 for number in numbers]
    lines = [event(n + 1, f"P{n}", "register", DAY, area_m2=areas[n]) for n in numbers]
    left = sorted(numbers, key=lambda n: n * 104_729 % 20_011)
    lines += [
        event(20_001 + i, f"P{n}", "end", DAY + timedelta(days=1 + i)) for i, n in enumerate(left)
    ]
    holding = Balances(lines).on(None, FOREVER)
    assert holding.by_status_m2[Account.PLANNED] == 0.0
    assert not holding.has_records


@pytest.mark.parametrize(
    ("area_m2", "kind", "areas"),
    [
        (84_133.33333333333, "redraw", [13_233.333333333334]),
        (108_066.66666666667, "produce", [3_255.65, 43_233.57]),
    ],
)
def test_a_parcel_leaves_nothing_behind_whatever_its_areas_were(
    area_m2: float, kind: str, areas: list[float]
) -> None:
    # In floats (b - a) + a is not always b.
    changes = [
        event(i + 2, "A", kind, DAY + timedelta(days=i), area_m2=area)
        for i, area in enumerate(areas)
    ]
    lines = [event(1, "A", "register", DAY, area_m2=area_m2), *changes]
    lines.append(event(9, "A", "end", DAY + timedelta(days=9)))
    assert Balances(standing(lines)).on(None, FOREVER) == EMPTY


def test_a_square_metre_is_no_dust() -> None:
    holding = Balances([event(1, "A", "register", DAY, area_m2=1.0)]).on(None, DAY)
    assert holding.recorded_m2 == 1.0
    assert holding.has_records


def test_an_unmapped_parcel_takes_its_unmapped_area_along_and_out() -> None:
    lines = [
        event(1, "A", "register", DAY, area_m2=100.0, park_id="park_a"),
        event(2, "B", "register", DAY, area_m2=50.0, park_id="park_a"),
        event(3, "A", "move_park", DAY + timedelta(1), park_id="park_b"),
        event(4, "A", "redraw", DAY + timedelta(2), area_m2=80.0),
        event(5, "A", "end", DAY + timedelta(3)),
    ]
    balances = Balances(standing(lines), unmapped=frozenset("A"))
    held = {p: [balances.on(p, DAY + timedelta(n)).unmapped_m2 for n in range(4)] for p in PARKS}
    assert held["park_a"] == [100.0, 0.0, 0.0, 0.0]
    assert held["park_b"] == [0.0, 100.0, 80.0, 0.0]
    assert balances.on("park_a", FOREVER).recorded_m2 == 50.0


def test_only_parks_that_ever_held_land_are_named() -> None:
    lines = [
        event(1, "A", "register", DAY, area_m2=100.0, park_id=None),
        event(2, "A", "move_park", DAY + timedelta(1), park_id="park_b"),
    ]
    assert Balances(standing(lines)).park_ids == {None, "park_b"}


def test_days_are_those_on_which_something_moved_in_order() -> None:
    lines = [
        event(1, "A", "register", DAY, area_m2=100.0, park_id="park_a"),
        event(2, "A", "start", DAY + timedelta(2)),
        event(3, "A", "halt", DAY + timedelta(3)),
        event(4, "B", "register", DAY + timedelta(1), area_m2=1.0, park_id="park_a"),
    ]
    days = Balances(standing(lines)).days("park_a")
    assert list(days) == [DAY, DAY + timedelta(1), DAY + timedelta(2)]


def test_all_stages_of_one_day_leave_the_land_in_the_last() -> None:
    kinds = ["produce", "complete", "start", "supply", "acquire", "approve", "register"]
    lines = [event(i + 1, "A", kind, DAY) for i, kind in enumerate(kinds)]
    lines[-1] = replace(lines[-1], area_m2=100.0)
    holding = Balances(standing(lines)).on(None, DAY)
    assert holding.in_production_m2 == holding.recorded_m2 == 100.0


def test_an_event_that_does_not_fit_names_its_parcel() -> None:
    lines = [event(1, "A", "register", DAY, area_m2=1e3), event(2, "南塘-7", "supply", DAY)]
    with pytest.raises(EventError, match="南塘-7"):
        Balances(standing(lines))


def test_events_are_split_by_parcel_in_their_order() -> None:
    lines = [event(n, no, "supply", DAY) for n, no in ((3, "B"), (1, "A"), (2, "B"))]
    grouped = events_by_parcel(lines)
    assert {no: [e.event_id for e in own] for no, own in grouped.items()} == {"B": [3, 2], "A": [1]}


def test_a_holding_before_the_first_day_is_empty() -> None:
    lines = [event(1, "A", "register", DAY, area_m2=100.0)]
    assert Balances(lines).on(None, DAY - timedelta(days=1)) == EMPTY
