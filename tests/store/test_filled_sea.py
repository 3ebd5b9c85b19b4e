"""Filled sea by park and stage: the database's sums are those of the parcels one by one."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.domain.account import state_on
from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.event import standing
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.filled_sea import from_stage, sea_by_park, sea_lots, sea_total
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create

DAYS = (date(2014, 6, 30), date(2018, 12, 31), date(2026, 6, 30))


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return make_sample(tmp_path_factory.mktemp("ledger") / "sample.sqlite")


def one_by_one(ledger: Ledger, day: date) -> dict[str | None, dict[Account, float]]:
    sea = {p.parcel_no for p in ledger.parcels() if p.origin is Origin.FILLED_SEA}
    found: dict[str | None, dict[Account, float]] = defaultdict(lambda: defaultdict(float))
    for number, events in events_by_parcel(standing(ledger.events())).items():
        state = state_on(events, day)
        if number in sea and state is not None:
            found[state.park_id][state.status] += state.area_m2
    return found


@pytest.mark.parametrize("day", DAYS)
def test_sums_are_those_of_the_parcels(ledger: Ledger, day: date) -> None:
    expected = one_by_one(ledger, day)
    with ledger.reading() as snapshot:
        found = sea_by_park(snapshot.connection, day)
        assert found.keys() == expected.keys()
        for park, by_status in expected.items():
            assert found[park] == pytest.approx(dict(by_status), rel=1e-9)
            places = None if park is None else [park]
            for first in (Account.APPROVED, Account.ACQUIRED, Account.SUPPLIED):
                wanted = from_stage(first)
                count, m2 = sea_total(snapshot.connection, day, places, wanted)
                lots = sea_lots(snapshot.connection, day, places, wanted)
                assert count == len(lots)
                assert m2 == pytest.approx(sum(lot.area_m2 for lot in lots))
                assert m2 == pytest.approx(sum(by_status.get(s, 0.0) for s in wanted))
    assert expected or day.year < 2015


def test_lots_come_in_pages_the_largest_first(ledger: Ledger) -> None:
    with ledger.reading() as snapshot:
        ask = (snapshot.connection, DAYS[-1], ["park_startup"], STATUSES)
        everything = sea_lots(*ask)
        paged = [*sea_lots(*ask, limit=3), *sea_lots(*ask, limit=4, offset=3)]
    assert paged == everything[:7]
    areas = [lot.area_m2 for lot in everything]
    assert areas == sorted(areas, reverse=True)


def test_stages_lie_one_within_the_other() -> None:
    assert from_stage(Account.PLANNED) == STATUSES
    assert set(from_stage(Account.SUPPLIED)) < set(from_stage(Account.ACQUIRED))
    assert Account.ACQUIRED not in from_stage(Account.SUPPLIED)


def test_an_empty_ledger_has_none(tmp_path: Path) -> None:
    with create(file_url(tmp_path / "empty.sqlite")).reading() as snapshot:
        assert sea_by_park(snapshot.connection, DAYS[-1]) == {}
        assert sea_total(snapshot.connection, DAYS[-1], ["park_rail"], STATUSES) == (0, 0.0)
