"""The books: deltas by day, sums at month ends, and that a correction reaches every later month."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from dongtou_geo.domain.account import ParcelState
from dongtou_geo.domain.balance import Holding
from dongtou_geo.domain.day import month_end
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import Account
from dongtou_geo.store import books, posting, schema
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.moves import Moves
from dongtou_geo.store.opening import create
from dongtou_geo.store.posting import GRAINS_PER_M2, UNMAPPED, Deltas

BUILDING = ("park_a", "building")
OTHER = ("park_b", "building")
NO_PARK = ("", "building")
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def ledger(home: str) -> Ledger:
    return create(home)


@pytest.fixture(scope="module")
def used_again(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """One ledger for many random examples, emptied by each."""
    return create(f"sqlite:///{tmp_path_factory.mktemp('books') / 'ledger.sqlite'}")


def write(ledger: Ledger, *deltas: Deltas) -> None:
    """Write each of the deltas in a transaction of its own."""
    for some in deltas:
        with ledger.writing() as writer:
            books.write(writer.connection, Moves.of(some))


def days(ledger: Ledger) -> dict[tuple[str, str, date], int]:
    table = schema.balance_days
    with ledger.reading() as snapshot:
        rows = list(snapshot.connection.execute(select(table)))
    return {(row.park_id, row.account, row.day): row.grains for row in rows}


def same_month(one: date, other: date) -> bool:
    return month_end(one) == month_end(other)


def peaks(ledger: Ledger, key: tuple[str, str] = BUILDING) -> dict[date, int]:
    table = schema.balance_months
    query = select(table).where(table.c.park_id == key[0], table.c.account == key[1])
    with ledger.reading() as snapshot:
        return {row.month_end: row.peak_grains for row in snapshot.connection.execute(query)}


def months(ledger: Ledger, key: tuple[str, str] = BUILDING) -> dict[date, int]:
    with ledger.reading() as snapshot:
        return _months(snapshot.connection, key)


def _months(connection: Connection, key: tuple[str, str]) -> dict[date, int]:
    table = schema.balance_months
    query = select(table).where(table.c.park_id == key[0], table.c.account == key[1])
    return {row.month_end: row.grains for row in connection.execute(query)}


def held(ledger: Ledger, *on: date, park: str | None = "park_a") -> list[int]:
    """Grains that a park is told to have under construction on some days."""
    with ledger.reading() as snapshot:
        read = StoredBalances(snapshot.connection)
        found = [read.on(park, day).by_status_m2[Account.BUILDING] for day in on]
    return [round(m2 * GRAINS_PER_M2) for m2 in found]


# Month ends


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2016, 2, 1), date(2016, 2, 29)),
        (date(2016, 2, 29), date(2016, 2, 29)),
        (date(2018, 2, 28), date(2018, 2, 28)),
        (date(2000, 2, 10), date(2000, 2, 29)),  # a century that leaps
        (date(2100, 2, 10), date(2100, 2, 28)),  # and one that does not
        (date(2019, 4, 30), date(2019, 4, 30)),
        (date(2019, 12, 1), date(2019, 12, 31)),
        (date(9999, 12, 31), date(9999, 12, 31)),
        (date(1, 1, 1), date(1, 1, 31)),
    ],
)
def test_a_month_ends_on_its_last_day(day: date, end: date) -> None:
    assert month_end(day) == end


@given(st.dates())
def test_a_month_end_is_in_the_month_and_the_next_day_is_not(day: date) -> None:
    end = month_end(day)
    assert end >= day
    assert (end.year, end.month) == (day.year, day.month)
    assert end == date.max or (end + timedelta(days=1)).month != end.month


# Writing


def test_a_delta_stands_on_its_day_and_in_its_months_end(ledger: Ledger) -> None:
    write(ledger, {BUILDING: {date(2018, 3, 5): 7, date(2018, 3, 20): -3, date(2018, 5, 1): 2}})
    assert days(ledger) == {
        (*BUILDING, date(2018, 3, 5)): 7,
        (*BUILDING, date(2018, 3, 20)): -3,
        (*BUILDING, date(2018, 5, 1)): 2,
    }
    assert months(ledger) == {date(2018, 3, 31): 4, date(2018, 5, 31): 6}


def test_deltas_of_one_day_add_up(ledger: Ledger) -> None:
    write(ledger, {BUILDING: {date(2018, 3, 5): 7}}, {BUILDING: {date(2018, 3, 5): 5}})
    assert days(ledger) == {(*BUILDING, date(2018, 3, 5)): 12}
    assert months(ledger) == {date(2018, 3, 31): 12}


def test_a_back_dated_delta_changes_every_later_month_and_no_earlier_one(ledger: Ledger) -> None:
    ends = [date(2017, 12, 31), date(2018, 3, 31), date(2019, 1, 31), date(2024, 2, 29)]
    write(ledger, {BUILDING: dict.fromkeys(ends, 10)})
    write(ledger, {BUILDING: {date(2018, 3, 2): 1}})
    assert months(ledger) == dict(zip(ends, [10, 21, 31, 41], strict=True))
    write(ledger, {BUILDING: {date(2018, 6, 2): 100}})
    assert months(ledger) == {
        date(2017, 12, 31): 10,
        date(2018, 3, 31): 21,
        date(2018, 6, 30): 121,
        date(2019, 1, 31): 131,
        date(2024, 2, 29): 141,
    }
    write(ledger, {BUILDING: {date(1999, 1, 1): 5}})
    assert months(ledger)[date(1999, 1, 31)] == 5
    assert months(ledger)[date(2024, 2, 29)] == 146


def test_several_back_dated_deltas_at_once_each_reach_the_months_after_them(ledger: Ledger) -> None:
    write(ledger, {BUILDING: {date(2018, month, 15): 10 for month in (2, 4, 6)}})
    write(ledger, {BUILDING: {date(2018, 1, 1): 1, date(2018, 4, 30): 2, date(2018, 5, 1): 4}})
    assert months(ledger) == {
        date(2018, 1, 31): 1,
        date(2018, 2, 28): 11,
        date(2018, 4, 30): 23,
        date(2018, 5, 31): 27,
        date(2018, 6, 30): 37,
    }


def test_other_parks_and_accounts_are_left_alone(ledger: Ledger) -> None:
    write(ledger, {key: {date(2018, 3, 5): 7} for key in (BUILDING, OTHER, NO_PARK)})
    write(ledger, {BUILDING: {date(2016, 1, 1): 1}, ("park_a", "completed"): {date(2017, 1, 1): 9}})
    for key in (OTHER, NO_PARK):
        assert months(ledger, key) == {date(2018, 3, 31): 7}
    assert months(ledger, ("park_a", "completed")) == {date(2017, 1, 31): 9}
    assert held(ledger, date(2018, 3, 31), park=None) == [7]


def test_what_cancels_leaves_no_row_of_a_day(ledger: Ledger) -> None:
    day, later = date(2018, 3, 5), date(2018, 3, 6)
    write(ledger, {BUILDING: {day: 7, later: 1}}, {BUILDING: {day: -7}})
    assert days(ledger) == {(*BUILDING, later): 1}
    assert held(ledger, day, later, date(2018, 3, 31)) == [0, 1, 1]
    write(ledger, {BUILDING: {later: -1}})
    assert days(ledger) == {}
    assert held(ledger, day, later, date(2018, 3, 31), date(2030, 1, 1)) == [0, 0, 0, 0]


def test_deltas_of_zero_and_no_deltas_write_nothing(ledger: Ledger) -> None:
    write(ledger, {}, {BUILDING: {}}, {BUILDING: {date(2018, 3, 5): 0}, OTHER: {}})
    assert days(ledger) == {}
    assert months(ledger) == {}
    write(ledger, {BUILDING: {date(2018, 3, 5): 0, date(2018, 4, 5): 3}})
    assert days(ledger) == {(*BUILDING, date(2018, 4, 5)): 3}
    assert months(ledger) == {date(2018, 4, 30): 3}


def test_sums_of_a_million_hectares_keep_every_grain(ledger: Ledger) -> None:
    million = 10**6 * 10**4 * GRAINS_PER_M2
    write(ledger, {BUILDING: {date(2018, 3, 5): million}}, {BUILDING: {date(2018, 4, 5): 1}})
    write(ledger, {BUILDING: {date(2018, 4, 6): -million}})
    assert months(ledger) == {date(2018, 3, 31): million, date(2018, 4, 30): 1}


# Reading what was written


def test_a_month_without_a_checkpoint_reads_from_the_last_one_before_it(ledger: Ledger) -> None:
    write(ledger, {BUILDING: {date(2018, 1, 31): 5, date(2018, 9, 10): 2}})
    assert list(months(ledger)) == [date(2018, 1, 31), date(2018, 9, 30)]
    read = [date(2018, 1, 30), date(2018, 1, 31), date(2018, 2, 1), date(2018, 2, 28)]
    read += [date(2018, 8, 31), date(2018, 9, 9), date(2018, 9, 10), date(2018, 10, 1)]
    assert held(ledger, *read) == [0, 5, 5, 5, 5, 5, 7, 7]


@pytest.mark.parametrize(
    "last", [date(2018, 1, 31), date(2016, 2, 29), date(2018, 2, 28), date(2018, 12, 31)]
)
def test_a_delta_on_a_months_last_day_counts_from_that_day_and_once(
    ledger: Ledger, last: date
) -> None:
    write(ledger, {BUILDING: {last: 5}}, {BUILDING: {last + timedelta(days=1): 2}})
    around = [last + timedelta(days=n) for n in (-1, 0, 1, 2, 40)]
    assert held(ledger, *around) == [0, 5, 7, 7, 7]


@pytest.mark.parametrize("year", [2000, 2016, 2018, 2024, 2100])
def test_every_day_of_a_february_and_its_neighbours_is_read_right(
    ledger: Ledger, year: int
) -> None:
    start = date(year, 1, 30)
    written = [start + timedelta(days=n) for n in range(32)]
    write(ledger, *({BUILDING: {day: 1}} for day in reversed(written)))
    assert held(ledger, *written) == list(range(1, 33))
    leaps = month_end(date(year, 2, 1)).day == 29
    assert months(ledger)[date(year, 2, 29 if leaps else 28)] == (31 if leaps else 30)


DELTAS = st.dictionaries(
    st.sampled_from([BUILDING, OTHER, NO_PARK]),
    st.dictionaries(
        st.dates(date(2015, 11, 1), date(2017, 4, 30)), st.integers(-(10**12), 10**12), max_size=8
    ),
    max_size=3,
)


@settings(deadline=None, max_examples=60)
@given(st.lists(DELTAS, min_size=1, max_size=6))
def test_in_whatever_order_deltas_come_a_day_holds_their_sum(
    used_again: Ledger, portions: list[Deltas]
) -> None:
    ledger = used_again
    with ledger.writing() as writer:
        books.clear(writer.connection)
    write(ledger, *portions)
    for key in (BUILDING, OTHER, NO_PARK):
        moved = [item for some in portions for item in some.get(key, {}).items()]
        shifts = (-1, 0, 1, 31)
        read = sorted({day + timedelta(days=n) for day, _ in moved for n in shifts})
        expected = [sum(grains for day, grains in moved if day <= on) for on in read]
        found = held(ledger, *read, park=key[0] or None)
        assert found == pytest.approx(expected, abs=1)  # read as m2, in floats
        kept = [(day, grains) for (*own, day), grains in days(ledger).items() if tuple(own) == key]
        sums = {day: sum(delta for other, delta in kept if other <= day) for day, _ in kept}
        assert months(ledger, key) == {
            month_end(day): sum(delta for other, delta in moved if other <= month_end(day))
            for day in sums
        }
        assert peaks(ledger, key) == {
            month_end(day): max(held for other, held in sums.items() if same_month(other, day))
            for day in sums
        }
    assert 0 not in days(ledger).values()


def test_a_peak_is_the_highest_sum_after_any_day_of_its_month(ledger: Ledger) -> None:
    write(ledger, {BUILDING: {date(2018, 3, 5): 7, date(2018, 3, 9): -5, date(2018, 3, 20): 1}})
    assert peaks(ledger) == {date(2018, 3, 31): 7}
    write(ledger, {BUILDING: {date(2018, 4, 30): -9}})
    assert peaks(ledger) == {date(2018, 3, 31): 7, date(2018, 4, 30): -6}
    write(ledger, {BUILDING: {date(2018, 3, 6): 10}})
    assert peaks(ledger) == {date(2018, 3, 31): 17, date(2018, 4, 30): 4}
    assert months(ledger) == {date(2018, 3, 31): 13, date(2018, 4, 30): 4}
    write(ledger, {BUILDING: {date(2018, 3, 5): -7}, OTHER: {date(2018, 3, 5): 99}})
    assert peaks(ledger) == {date(2018, 3, 31): 10, date(2018, 4, 30): -3}


def test_what_was_held_before_a_month_counts_for_its_peak_only_once_it_moves(
    ledger: Ledger,
) -> None:
    write(ledger, {BUILDING: {date(2017, 12, 31): 100}})
    write(ledger, {BUILDING: {date(2018, 1, 15): -40, date(2018, 1, 20): 10}})
    assert peaks(ledger) == {date(2017, 12, 31): 100, date(2018, 1, 31): 70}


def test_a_month_in_which_nothing_moves_any_more_is_gone(ledger: Ledger) -> None:
    write(ledger, {BUILDING: {date(2018, 3, 5): 7, date(2018, 5, 5): 1}})
    write(ledger, {BUILDING: {date(2018, 3, 5): -7}})
    assert months(ledger) == {date(2018, 5, 31): 1}


def test_many_accounts_at_once_are_written_like_one_after_the_other(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From some number of accounts on the books are read whole."""
    keys = [(f"park_{n}", "building") for n in range(5)]
    first = {key: {date(2018, 3, 5): 7, date(2018, 4, 1): n} for n, key in enumerate(keys)}
    then: Deltas = {key: {date(2018, 3, n + 1): 3} for n, key in enumerate(keys[1:])}
    monkeypatch.setattr(books, "_ASKED_ONE_BY_ONE", 1)
    write(ledger, first, then)
    for n, key in enumerate(keys):
        more = 3 if n else 0
        ends = {date(2018, 3, 31): 7 + more, date(2018, 4, 30): 7 + more + n}
        assert months(ledger, key) == (ends if n else {date(2018, 3, 31): 7})


# What a parcel's states post


def state(on: date, stage: Account = Account.PLANNED, **given_fields: object) -> ParcelState:
    fields: dict[str, object] = {"park_id": "park_a", "area_m2": 100.0, **given_fields}
    return ParcelState("A-1", on, on, stage=stage, **fields)  # type: ignore[arg-type]


def total(held_grains: Iterable[tuple[tuple[str, str], int]]) -> int:
    return sum(grains for (_, account), grains in held_grains if account != UNMAPPED)


STATES = st.builds(
    lambda stage, area, producing, stopped, adjusted, park: ParcelState(
        "A-1",
        date(2018, 1, 1),
        date(2018, 1, 1),
        park,
        area,
        stage,
        min(producing, area),
        min(stopped, max(area - producing, 0.0)),
        adjusted_m2=adjusted,
    ),
    st.sampled_from([a for a in Account if a is not Account.ADJUSTMENT]),
    st.floats(1, 1e6),
    st.floats(0, 1e6),
    st.floats(0, 1e6),
    st.floats(-1e6, 1e6),
    st.sampled_from([None, "park_a"]),
)


@given(STATES, st.booleans())
def test_what_a_state_holds_sums_to_zero_over_all_accounts(
    given_state: ParcelState, unmapped: bool
) -> None:
    grains = posting.holdings(given_state, unmapped=unmapped)
    assert total(grains.items()) == 0
    land = sum(given_state.split().values()) * GRAINS_PER_M2
    park = given_state.park_id or ""
    assert (park, UNMAPPED) in grains if unmapped else (park, UNMAPPED) not in grains
    assert grains.get((park, UNMAPPED), round(land)) == pytest.approx(land, abs=5)


def test_an_adjustment_is_held_against_outside() -> None:
    gone = state(date(2018, 1, 1), Account.OUTSIDE, area_m2=0.0, adjusted_m2=-2.5)
    assert posting.holdings(gone, unmapped=False) == {
        ("park_a", "adjustment"): -250_000_000,
        ("park_a", "outside"): 250_000_000,
    }


@given(st.lists(STATES, max_size=6), st.booleans())
def test_taking_back_what_was_posted_leaves_nothing(
    states: list[ParcelState], unmapped: bool
) -> None:
    deltas: Deltas = {}
    posting.post(deltas, states, 1, unmapped=unmapped)
    by_day = [(key, grains) for key, own in deltas.items() for grains in own.values()]
    assert total(by_day) == 0
    posting.post(deltas, states, -1, unmapped=unmapped)
    assert {grains for own in deltas.values() for grains in own.values()} <= {0}


def test_a_state_that_moves_nothing_posts_nothing() -> None:
    deltas: Deltas = {}
    first, second = state(date(2018, 1, 1)), state(date(2018, 2, 1), halted=True)
    posting.post(deltas, [first, second], 1, unmapped=False)
    assert {day for own in deltas.values() for day in own} == {date(2018, 1, 1)}


def test_land_without_an_outline_is_counted_once_more(ledger: Ledger) -> None:
    drawn = Parcel("A", Origin.LAND, AreaBasis.DRAWN, geometry_wkb=shapely.Point(121, 27).wkb)
    bare = Parcel("B", Origin.LAND, AreaBasis.LEDGER)
    register = Event(0, "A", EventKind.REGISTER, date(2018, 1, 1), RECORDED, "张三", area_m2=60.0)
    other = Event(0, "B", EventKind.REGISTER, date(2018, 1, 1), RECORDED, "张三", area_m2=40.0)
    ledger.append([drawn, bare], [register, other])
    with ledger.reading() as snapshot:
        holding: Holding = StoredBalances(snapshot.connection).on(None, date(2018, 1, 1))
    assert (holding.recorded_m2, holding.unmapped_m2) == (100.0, 40.0)
