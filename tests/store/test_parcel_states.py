"""The table of parcels' states: on every day exactly one, and the one that the events tell."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from shutil import copyfile
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dongtou_geo.domain.account import state_on
from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.event import Event, EventKind, Opening, standing
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import Account
from dongtou_geo.errors import EventError
from dongtou_geo.store import schema
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger
from dongtou_geo.store.rows import FOREVER
from tests.domain.test_balance import ledgers, with_voided_moves

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
DAY = date(2018, 3, 10)
BARE = Parcel("A", Origin.LAND, AreaBasis.DRAWN)
Row = dict[str, Any]


@pytest.fixture
def ledger(home: str) -> Ledger:
    return create(home)


def event(kind: str, after: int = 0, **given_fields: Any) -> Event:
    on = DAY + timedelta(days=after)
    number = given_fields.pop("parcel_no", "A")
    return Event(0, number, EventKind(kind), on, NOON, "张三", **given_fields)


REGISTER = event("register", area_m2=900.0, park_id="park_a")


def rows(ledger: Ledger, parcel_no: str = "A") -> list[Row]:
    table = schema.parcel_states
    query = select(table).where(table.c.parcel_no == parcel_no).order_by(table.c.from_on)
    with ledger.reading() as snapshot:
        return [dict(row) for row in snapshot.connection.execute(query).mappings()]


def story(ledger: Ledger, *names: str) -> list[tuple[Any, ...]]:
    """Days from the first, and what is asked for, of each state."""
    return [((row["from_on"] - DAY).days, *(row[name] for name in names)) for row in rows(ledger)]


def append(ledger: Ledger, *events: Event) -> None:
    ledger.append([] if ledger.parcels() else [BARE], events)


def test_a_new_parcel_has_one_state_for_ever(ledger: Ledger) -> None:
    append(ledger, REGISTER)
    assert rows(ledger) == [
        {
            "parcel_no": "A",
            "from_on": DAY,
            "until_on": FOREVER,
            "since_on": DAY,
            "park_id": "park_a",
            "status": "planned",
            "area_m2": 900.0,
            "producing_m2": 0.0,
            "stopped_m2": 0.0,
            "halted": False,
        }
    ]


def test_each_event_begins_a_state_and_ends_the_one_before(ledger: Ledger) -> None:
    append(ledger, REGISTER, event("supply", 5), event("start", 9), event("produce", 20))
    assert [row["until_on"] - DAY for row in rows(ledger)[:-1]] == [
        timedelta(days=days) for days in (5, 9, 20)
    ]
    assert rows(ledger)[-1]["until_on"] == FOREVER
    assert story(ledger, "status") == [
        (0, "planned"),
        (5, "supplied"),
        (9, "building"),
        (20, "in_production"),
    ]


def test_of_several_on_one_day_the_last_to_take_effect_counts(ledger: Ledger) -> None:
    append(ledger, REGISTER, event("produce", 3), event("supply", 3), event("start", 3))
    assert story(ledger, "status") == [(0, "planned"), (3, "in_production")]
    append(ledger, event("stop", 3, area_m2=300.0))
    assert story(ledger, "status", "stopped_m2") == [(0, "planned", 0), (3, "in_production", 300)]


def test_a_parcel_registered_and_ended_on_one_day_was_never_there(ledger: Ledger) -> None:
    append(ledger, REGISTER, event("end"))
    assert story(ledger, "status", "area_m2") == [(0, "outside", 0.0)]


@pytest.mark.parametrize("kind", ["end", "split", "merge"])
def test_what_has_left_stands_outside_with_nothing(ledger: Ledger, kind: str) -> None:
    append(ledger, REGISTER, event("produce", 3), event(kind, 8))
    last = rows(ledger)[-1]
    assert (last["status"], last["until_on"]) == ("outside", FOREVER)
    assert (last["area_m2"], last["producing_m2"], last["stopped_m2"]) == (0, 0, 0)


def test_a_back_dated_event_goes_between(ledger: Ledger) -> None:
    append(ledger, REGISTER, event("produce", 20))
    append(ledger, event("supply", 5))
    assert story(ledger, "status") == [(0, "planned"), (5, "supplied"), (20, "in_production")]
    assert [row["until_on"] for row in rows(ledger)[:2]] == [
        DAY + timedelta(days=days) for days in (5, 20)
    ]


def test_a_back_dated_change_runs_on_through_all_later_states(ledger: Ledger) -> None:
    append(ledger, REGISTER, event("supply", 5), event("produce", 20, area_m2=300.0))
    append(ledger, event("redraw", 2, area_m2=1_200.0), event("move_park", 7, park_id=None))
    assert story(ledger, "area_m2", "park_id", "producing_m2") == [
        (0, 900.0, "park_a", 0.0),
        (2, 1_200.0, "park_a", 0.0),
        (5, 1_200.0, "park_a", 0.0),
        (7, 1_200.0, None, 0.0),
        (20, 1_200.0, None, 300.0),
    ]


def test_a_corrected_date_moves_the_state_and_a_void_takes_it_away(ledger: Ledger) -> None:
    append(ledger, REGISTER, event("supply", 5))
    append(ledger, event("supply", 9, supersedes=2, reason="日期写错"))
    assert story(ledger, "status") == [(0, "planned"), (9, "supplied")]
    append(ledger, event("void", 9, supersedes=3, reason="记错"))
    assert story(ledger, "status") == [(0, "planned"), (5, "supplied")]
    append(ledger, event("void", 5, supersedes=2, reason="记错"))
    assert story(ledger, "status") == [(0, "planned")]
    append(ledger, event("void", supersedes=1, reason="记错"))
    assert rows(ledger) == []


def test_a_status_keeps_the_day_on_which_it_was_reached(ledger: Ledger) -> None:
    append(ledger, REGISTER, event("start", 5), event("halt", 9), event("resume", 12))
    append(ledger, event("move_park", 15, park_id="park_b"), event("complete", 20))
    since = [(row["since_on"] - DAY).days for row in rows(ledger)]
    assert since == [0, 5, 5, 5, 5, 20]
    assert [row["halted"] for row in rows(ledger)] == [False, False, True, False, False, False]


def test_a_child_begins_where_its_parent_stood(ledger: Ledger) -> None:
    opening = Opening(Account.COMPLETED, 400.0, 100.0)
    append(ledger, replace(REGISTER, related_no="A-0", opening=opening))
    assert story(ledger, "status", "producing_m2", "stopped_m2") == [(0, "part_used", 400.0, 100.0)]
    append(ledger, replace(REGISTER, opening=Opening(Account.BUILDING, halted=True), supersedes=1))
    assert story(ledger, "status", "halted") == [(0, "building", True)]


def test_another_parcels_states_are_left_alone(ledger: Ledger) -> None:
    append(ledger, REGISTER, event("supply", 5))
    before = rows(ledger)
    ledger.append([replace(BARE, parcel_no="B")], [replace(REGISTER, parcel_no="B")])
    ledger.append([], [event("end", 7, parcel_no="B")])
    assert rows(ledger) == before


def test_an_event_that_does_not_fit_leaves_the_states_as_they_were(ledger: Ledger) -> None:
    append(ledger, REGISTER, event("supply", 5))
    before = rows(ledger)
    with pytest.raises(EventError):
        append(ledger, event("start", 8), event("produce", 9, area_m2=5_000.0))
    assert rows(ledger) == before


# Random ledgers


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Ledger]:
    """A maker of empty ledgers: copies of one, which is quicker than new ones."""
    folder = tmp_path_factory.mktemp("states")
    create(f"sqlite:///{folder / 'empty'}")

    def made() -> Ledger:
        path = folder / uuid4().hex
        copyfile(folder / "empty", path)
        return open_ledger(f"sqlite:///{path}")

    return made


def covering(table: Sequence[Row], on: date) -> list[Row]:
    return [row for row in table if row["from_on"] <= on < row["until_on"]]


@settings(deadline=None, max_examples=40)
@given(ledgers(), st.data())
def test_on_any_day_one_state_holds_and_it_is_the_one_that_the_events_tell(
    fresh: Callable[[], Ledger], drawn: tuple[list[Event], float], data: st.DataObject
) -> None:
    lines, _ = drawn
    registers = [e for e in lines if e.kind is EventKind.REGISTER and e.supersedes is None]
    lines = with_voided_moves(lines, data.draw(st.lists(st.sampled_from(registers), max_size=2)))
    ledger = fresh()
    ledger.append([replace(BARE, parcel_no=e.parcel_no) for e in registers], [])
    cut = data.draw(st.integers(0, len(lines)))
    for some in (lines[:cut], lines[cut:]):
        ledger.append([], some)
    for number, own in events_by_parcel(standing(lines)).items():
        table = rows(ledger, number)
        assert table[-1]["until_on"] == FOREVER
        assert [row["until_on"] for row in table[:-1]] == [row["from_on"] for row in table[1:]]
        assert covering(table, own[0].effective_on - timedelta(days=1)) == []
        for on in {line.effective_on + timedelta(days=shift) for line in own for shift in (0, 9)}:
            (row,) = covering(table, on)
            state = state_on(own, on)
            told = (row["status"], row["park_id"], row["halted"], row["since_on"])
            if state is None:
                assert (row["status"], row["area_m2"]) == ("outside", 0.0)
                continue
            assert told == (state.status.value, state.park_id, state.halted, state.since)
            areas = (row["area_m2"], row["producing_m2"], row["stopped_m2"])
            assert areas == (state.area_m2, state.producing_m2, state.stopped_m2)
