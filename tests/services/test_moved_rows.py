"""A comparison's tables: sums that close, 未填报 on its own side, land outside the parks told."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.domain.status import Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.metrics.movement import ALL, ELSEWHERE, OUTSIDE_PARKS
from dongtou_geo.services.moved import Moved, then_and_now, two_days
from dongtou_geo.services.moved_rows import ParkRow, flow_table, park_rows, shifts_of
from dongtou_geo.services.progress import PlanBook, plan_book, progress_of
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.services.books import line, parcel, register

FIRST, SECOND = date(2012, 12, 31), date(2026, 6, 30)
MU = 2000 / 3


@pytest.fixture(scope="module")
def book() -> PlanBook:
    return plan_book()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return make_sample(tmp_path_factory.mktemp("rows") / "sample.sqlite")


def rows_of(book: PlanBook, found: Moved) -> dict[str, ParkRow]:
    return {row.id: row for row in park_rows(book, found)}


def both(ledger: Ledger, book: PlanBook, first: date, second: date) -> Moved:
    return two_days(ledger, first, second, [park.id for park in book.parks])


@pytest.mark.parametrize("day", [date(2015, 12, 31), date(2020, 12, 31), SECOND])
def test_each_side_is_the_progress_of_its_day(sample: Ledger, book: PlanBook, day: date) -> None:
    rows = rows_of(book, both(sample, book, day, SECOND))
    for wanted in progress_of(sample, book, as_of=day, today=SECOND):
        own = rows[wanted.id or OUTSIDE_PARKS].before
        assert own.rate == pytest.approx(wanted.rate)
        if wanted.in_production_mu is None:
            assert (own.production_mu, own.recorded_mu) == (None, None)
            continue
        assert own.production_mu == pytest.approx(wanted.in_production_mu)
        assert own.recorded_mu == pytest.approx(wanted.recorded_mu)


def test_before_and_in_less_out_is_after_for_every_row(sample: Ledger, book: PlanBook) -> None:
    for row in park_rows(book, both(sample, book, date(2017, 6, 30), SECOND)):
        if row.id == "park_rail":
            assert (row.before.production_mu, row.grown_mu, row.parcels) == (None, None, 0)
            continue
        assert row.before.production_mu is not None
        closing = row.before.production_mu + row.came_mu - row.went_mu
        assert closing == pytest.approx(row.after.production_mu, abs=1e-6)


def test_before_the_first_record_a_park_is_unreported_and_has_no_difference(
    sample: Ledger, book: PlanBook
) -> None:
    rows = rows_of(book, both(sample, book, FIRST, SECOND))
    for park in ("park_nantang", "park_rail", ALL):
        assert (rows[park].before.production_mu, rows[park].grown_mu) == (None, None)
    assert rows["park_nantang"].after.production_mu is not None
    assert (rows[ALL].before.silent, rows[ALL].after.silent) == (5, 1)


def test_then_and_now_is_the_progress_known_then(sample: Ledger, book: PlanBook) -> None:
    day, then = date(2019, 12, 31), date(2020, 1, 10)
    found = then_and_now(sample, day, then, [park.id for park in book.parks])
    rows = rows_of(book, found)
    known = found.before.known_at
    for wanted in progress_of(sample, book, as_of=day, today=SECOND, known_at=known):
        own = rows[wanted.id or OUTSIDE_PARKS]
        if wanted.in_production_mu is None:
            assert own.before.production_mu is None
            continue
        assert own.before.production_mu == pytest.approx(wanted.in_production_mu)
        gained = m2_to_mu(own.added.production_m2 + own.corrected.production_m2)
        assert own.grown_mu == pytest.approx(gained, abs=1e-6)
    assert rows[ALL].added.times
    assert rows[ALL].corrected.times


@pytest.mark.parametrize("scope", ["park_nantang", "park_startup", OUTSIDE_PARKS, ALL])
def test_every_column_of_the_flow_table_closes(sample: Ledger, book: PlanBook, scope: str) -> None:
    table = flow_table(both(sample, book, date(2016, 12, 31), SECOND), scope)
    for status in table.statuses:
        closing = table.opening[status] + table.came[status] - table.went[status]
        assert closing == pytest.approx(table.closing[status], abs=0.01)
    assert set(table.sources) == {source for source, _ in table.cells}
    assert set(table.sinks) == {sink for _, sink in table.cells}


def test_land_that_changed_its_park_is_told_by_both_and_counted_once_in_all(
    tmp_path: Path, book: PlanBook
) -> None:
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    moved_on = date(2026, 4, 7)
    ledger.append(
        [parcel("A"), parcel("B"), parcel("N")],
        [
            register("A", 12 * MU),
            register("B", 6 * MU),
            register("N", 3 * MU, None, on=date(2026, 4, 1)),
            line("A", "move_park", moved_on, park_id="park_yangwen"),
            line("B", "move_park", moved_on, park_id=None),
        ],
    )
    found = both(ledger, book, date(2026, 3, 31), SECOND)
    planned = Account.PLANNED
    assert flow_table(found, ALL).cells.keys() == {(planned, ELSEWHERE)}
    assert flow_table(found, "park_yangwen").cells.keys() == {(ELSEWHERE, planned)}
    assert flow_table(found, OUTSIDE_PARKS).cells.keys() == {
        (ELSEWHERE, planned), (Account.OUTSIDE, planned),
    }  # fmt: skip
    rows = rows_of(book, found)
    assert (rows[ALL].parcels, rows[OUTSIDE_PARKS].parcels) == (1, 2)
    assert {s.parcel_no for s in shifts_of(found, None)} == {"A", "B", "N"}
    assert {s.parcel_no for s in shifts_of(found, "park_nantang")} == {"A", "B"}
    silent = flow_table(found, "park_yangwen").silent
    assert silent == (True, False)


def test_a_row_without_its_other_side_has_no_difference(book: PlanBook, sample: Ledger) -> None:
    row = rows_of(book, both(sample, book, SECOND, SECOND))["park_nantang"]
    assert row.grown_mu == 0.0
    assert row.rate_grown == 0.0
    bare = replace(row, before=replace(row.before, production_mu=None, rate=None))
    assert (bare.grown_mu, bare.rate_grown) == (None, None)
