"""What the ledger's books tell of a park on any day: the same as a replay in memory."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from shutil import copyfile
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dongtou_geo.domain.balance import EMPTY, Balances
from dongtou_geo.domain.day import month_end
from dongtou_geo.domain.event import Event, EventKind, standing
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.store import schema
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger
from dongtou_geo.store.posting import GRAINS_PER_M2
from tests.domain.test_balance import FOREVER, PARKS, ledgers, with_voided_moves

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
DAY = date(2018, 3, 10)
NAMED = ("park_a", "park_b", "park_x")
DERIVED = (schema.balance_days, schema.balance_months, schema.parcel_states)
Fresh = Callable[[], Ledger]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """A maker of empty ledgers: copies of one, which is quicker than new ones."""
    folder = tmp_path_factory.mktemp("balances")
    create(f"sqlite:///{folder / 'empty'}")

    def made() -> Ledger:
        path = folder / uuid4().hex
        copyfile(folder / "empty", path)
        return open_ledger(f"sqlite:///{path}")

    return made


@pytest.fixture
def ledger(home: str) -> Ledger:
    return create(home)


def bare(parcel_no: str, basis: AreaBasis = AreaBasis.DRAWN) -> Parcel:
    return Parcel(parcel_no, Origin.LAND, basis)


def event(kind: str, on: date = DAY, parcel_no: str = "A", **given_fields: object) -> Event:
    return Event(0, parcel_no, EventKind(kind), on, NOON, "张三", **given_fields)  # type: ignore[arg-type]


def books(ledger: Ledger) -> dict[str, set[tuple[object, ...]]]:
    """Every derived row."""
    with ledger.reading() as snapshot:
        return {
            table.name: {tuple(row) for row in snapshot.connection.execute(select(table))}
            for table in DERIVED
        }


# Random ledgers


@settings(deadline=None, max_examples=60)
@given(ledgers(), st.data())
def test_the_books_tell_of_every_day_what_a_replay_tells(
    fresh: Fresh, drawn: tuple[list[Event], float], data: st.DataObject
) -> None:
    lines, unit = drawn
    registers = [e for e in lines if e.kind is EventKind.REGISTER and e.supersedes is None]
    lines = with_voided_moves(lines, data.draw(st.lists(st.sampled_from(registers), max_size=2)))
    unmapped = data.draw(st.frozensets(st.sampled_from([e.parcel_no for e in registers])))
    ledger = fresh()
    bases = {
        e.parcel_no: AreaBasis.LEDGER if e.parcel_no in unmapped else AreaBasis.DRAWN
        for e in registers
    }
    ledger.append([bare(number, basis) for number, basis in bases.items()], [])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=4)))
    for start, stop in zip([0, *cuts], [*cuts, len(lines)], strict=True):
        ledger.append([], lines[start:stop])
    check(ledger, Balances(standing(lines), unmapped=unmapped), unit)
    kept = books(ledger)
    with ledger.writing() as writer:
        writer.rebuild()
    assert books(ledger) == kept


def check(ledger: Ledger, balances: Balances, unit: float) -> None:
    """Compare every figure of the books with those of a replay."""
    moved = {day for park in (*PARKS, "park_x") for day in balances.days(park)}
    ends = {month_end(day) for day in moved}
    read = {day + timedelta(days=n) for day in moved | ends for n in (-1, 0, 1)} | {FOREVER}
    with ledger.reading() as snapshot:
        stored = StoredBalances(snapshot.connection)
        assert stored.park_ids == balances.park_ids
        for day in read:
            for park in (*PARKS, "park_x"):
                found, expected = stored.on(park, day), balances.on(park, day)
                parts, wanted = found.by_status_m2, expected.by_status_m2
                assert [parts[s] for s in STATUSES] == pytest.approx(
                    [wanted[s] for s in STATUSES], abs=1e-6
                )
                assert found.unmapped_m2 == pytest.approx(expected.unmapped_m2, abs=1e-6)
                assert found.has_records == expected.has_records
        for park in NAMED:
            for goal in {balances.on(park, day).in_production_m2 for day in moved} | {unit * 17}:
                for until in {max(read), min(read) + (max(read) - min(read)) / 3}:
                    if goal > 0:
                        reached = balances.first_reached(park, goal, until)
                        assert stored.first_reached(park, goal, until) == reached
            curve = stored.producing_curve(park, FOREVER)
            months = [end for end, _ in curve]
            assert months == sorted(months)
            wanted_m2 = [balances.on(park, end).in_production_m2 for end in months]
            assert [m2 for _, m2 in curve] == pytest.approx(wanted_m2, abs=1e-6)
            # Between the ends that are named nothing moved.
            along = dict(curve)
            held = 0.0
            for end in sorted(ends | set(months)):
                held = along.get(end, held)
                assert held == pytest.approx(balances.on(park, end).in_production_m2, abs=1e-6)


# Single rules


def test_an_empty_ledger_tells_nothing(ledger: Ledger) -> None:
    with ledger.reading() as snapshot:
        stored = StoredBalances(snapshot.connection)
        assert stored.park_ids == frozenset()
        assert stored.on("park_a", DAY) == stored.on(None, date.max) == EMPTY
        assert stored.first_reached("park_a", 1.0, date.max) is None
        assert stored.producing_curve("park_a", date.max) == []


def test_a_park_that_a_correction_took_away_never_held_land(ledger: Ledger) -> None:
    first = event("register", area_m2=100.0, park_id="park_x")
    ledger.append([bare("A")], [first])
    ledger.append([], [replace(first, park_id="park_a", supersedes=1, reason="园区写错")])
    with ledger.reading() as snapshot:
        stored = StoredBalances(snapshot.connection)
        assert stored.park_ids == {"park_a"}
        assert stored.on("park_x", DAY) == EMPTY


def test_the_first_day_with_enough_in_production(ledger: Ledger) -> None:
    lines = [
        event("register", date(2016, 1, 1), no, area_m2=100.0, park_id="park_a") for no in "AB"
    ]
    lines += [
        event("produce", date(2018, 3, 31), "A", area_m2=60.0),
        event("stop", date(2018, 4, 30), "A", area_m2=50.0),
        event("produce", date(2019, 2, 28), "B"),
    ]
    ledger.append([bare("A"), bare("B")], lines)
    with ledger.reading() as snapshot:
        stored = StoredBalances(snapshot.connection)

        def reached(goal: float, until: date = date.max, park: str = "park_a") -> date | None:
            return stored.first_reached(park, goal, until)

        assert reached(60.0) == reached(5.0) == date(2018, 3, 31)
        assert reached(60.0, until=date(2018, 3, 31)) == date(2018, 3, 31)
        assert reached(60.0, until=date(2018, 3, 30)) is None
        assert reached(60.1) == reached(110.0) == date(2019, 2, 28)
        assert reached(110.1) is None
        assert reached(5.0, park="park_b") is None


def test_plots_that_add_up_to_the_very_target_meet_it_whatever_their_floats(ledger: Ledger) -> None:
    numbers = [f"P{n}" for n in range(90)]
    area_m2 = 1360 * 2000 / 3 / 100
    ledger.append(
        [bare(no) for no in numbers],
        [
            line
            for no in numbers
            for line in (
                event("register", DAY, no, area_m2=area_m2, park_id="park_a"),
                event("produce", DAY, no),
            )
        ],
    )
    with ledger.reading() as snapshot:
        stored = StoredBalances(snapshot.connection)
        goal = 0.9 * 1360 * 2000 / 3
        assert stored.first_reached("park_a", goal, date.max) == DAY
        assert stored.first_reached("park_a", goal + 0.01, date.max) is None


def test_a_day_that_reached_the_goal_in_a_month_that_ended_below_it(ledger: Ledger) -> None:
    ledger.append(
        [bare("A"), bare("B")],
        [
            event("register", date(2016, 1, 1), area_m2=100.0, park_id="park_a"),
            event("register", date(2016, 1, 1), "B", area_m2=50.0, park_id="park_a"),
            event("produce", date(2017, 1, 31), area_m2=60.0),
            event("produce", date(2018, 3, 10), area_m2=100.0),
            event("stop", date(2018, 3, 11), area_m2=90.0),
            event("produce", date(2018, 3, 20), "B"),
        ],
    )
    with ledger.reading() as snapshot:
        stored = StoredBalances(snapshot.connection)

        def reached(goal: float, until: date = date.max) -> date | None:
            return stored.first_reached("park_a", goal, until)

        assert reached(60.0) == date(2017, 1, 31)
        assert reached(60.5) == reached(100.0) == date(2018, 3, 10)
        assert reached(60.5, until=date(2018, 3, 9)) is None
        assert reached(60.5, until=date(2018, 2, 28)) is None
        assert reached(100.5) is None


def test_the_curve_names_month_ends_on_which_production_changed(ledger: Ledger) -> None:
    ledger.append(
        [bare("A")],
        [
            event("register", date(2016, 1, 5), area_m2=100.0, park_id="park_a"),
            event("produce", date(2016, 2, 29), area_m2=40.0),
            event("produce", date(2017, 5, 1), area_m2=70.0),
            event("stop", date(2017, 5, 31), area_m2=20.0),
            event("supply", date(2016, 12, 1)),
        ],
    )
    with ledger.reading() as snapshot:
        curve = StoredBalances(snapshot.connection).producing_curve
        whole = [(date(2016, 2, 29), 40.0), (date(2017, 5, 31), 50.0)]
        assert curve("park_a", date.max) == curve("park_a", date(2017, 5, 31)) == whole
        assert curve("park_a", date(2017, 5, 30)) == whole[:1]
        assert curve("park_b", date.max) == []


def test_many_small_parcels_come_and_go_and_leave_no_dust(ledger: Ledger) -> None:
    numbers = [f"P{n}" for n in range(500)]
    areas = [1.0 + n * 7919 % 1_000 / 3 for n in range(500)]
    ledger.append(
        [bare(no, AreaBasis.LEDGER) for no in numbers],
        [event("register", DAY, no, area_m2=m2) for no, m2 in zip(numbers, areas, strict=True)],
    )
    with ledger.reading() as snapshot:
        full = StoredBalances(snapshot.connection).on(None, DAY)
    assert full.recorded_m2 == pytest.approx(sum(areas), abs=500 / GRAINS_PER_M2)
    assert full.unmapped_m2 == full.recorded_m2
    ledger.append([], [event("end", DAY + timedelta(days=1), no) for no in numbers])
    with ledger.reading() as snapshot:
        gone = StoredBalances(snapshot.connection).on(None, DAY + timedelta(days=1))
    assert gone == EMPTY


def test_one_reading_is_one_moment(ledger: Ledger) -> None:
    ledger.append([bare("A")], [event("register", area_m2=100.0, park_id="park_a")])
    with ledger.reading() as snapshot:
        stored = StoredBalances(snapshot.connection)
        assert stored.on("park_a", DAY).recorded_m2 == 100.0
        ledger.append([bare("B")], [event("register", DAY, "B", area_m2=7.0, park_id="park_a")])
        assert stored.on("park_a", DAY + timedelta(days=1)).recorded_m2 == 100.0
    with ledger.reading() as snapshot:
        assert StoredBalances(snapshot.connection).on("park_a", DAY).recorded_m2 == 107.0
