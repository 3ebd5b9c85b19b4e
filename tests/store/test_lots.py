"""Which parcels hold land in an account: the same as the account itself says of each."""

from datetime import date
from itertools import pairwise

import pytest

from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.services.replay import ReplayedLedger, replayed
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store import lots
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.lots import LotQuery

DAYS = [date(2013, 6, 30), date(2018, 12, 31), date(2023, 3, 15), date(2026, 6, 30)]
PARKS = ("park_startup", "park_nantang", "park_yangwen", "park_ojk_industry")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return make_sample(tmp_path_factory.mktemp("lots") / "sample.sqlite")


@pytest.fixture(scope="module")
def whole(ledger: Ledger) -> ReplayedLedger:
    return replayed(ledger)


def told(whole: ReplayedLedger, day: date, account: Account) -> dict[str, float]:
    states = [whole.state_on(number, day) for number in whole.timeline]
    return {
        state.parcel_no: state.split()[account]
        for state in states
        if state is not None and account in state.split()
    }


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("account", STATUSES)
def test_the_database_splits_land_as_the_account_does(
    ledger: Ledger, whole: ReplayedLedger, day: date, account: Account
) -> None:
    with ledger.reading() as snapshot:
        found = lots.lots(snapshot.connection, LotQuery(day, accounts=(account,)))
        total = lots.lot_total(snapshot.connection, LotQuery(day, accounts=(account,)))
        among_all = lots.lot_totals(snapshot.connection, LotQuery(day))[account]
    assert {lot.parcel_no: lot.counted_m2 for lot in found} == pytest.approx(
        told(whole, day, account)
    )
    assert total.parcels == among_all.parcels == len(found)
    assert total.counted_m2 == pytest.approx(sum(lot.counted_m2 for lot in found))
    assert among_all.counted_m2 == pytest.approx(total.counted_m2)


def test_some_land_stands_in_every_account_of_the_sample(whole: ReplayedLedger) -> None:
    assert all(told(whole, DAYS[-1], account) for account in STATUSES)


@pytest.mark.parametrize("day", DAYS)
def test_parcels_sum_to_the_books_of_every_park(ledger: Ledger, day: date) -> None:
    with ledger.reading() as snapshot:
        books = StoredBalances(snapshot.connection)
        for park in (*PARKS, None):
            place = LotQuery(day, (park,)) if park else LotQuery(day, outside_of=PARKS)
            held = books.on(park, day).by_status_m2
            split = lots.lot_totals(snapshot.connection, place)
            for account in STATUSES:
                assert split[account].counted_m2 == pytest.approx(held[account], abs=1e-4)


def test_the_largest_come_first_and_pages_join(ledger: Ledger) -> None:
    wanted = LotQuery(DAYS[-1], accounts=(Account.IN_PRODUCTION,))
    with ledger.reading() as snapshot:
        every = lots.lots(snapshot.connection, wanted)
        first = lots.lots(snapshot.connection, wanted, limit=7)
        rest = lots.lots(snapshot.connection, wanted, limit=len(every), offset=7)
    assert [*first, *rest] == every
    assert all(a.counted_m2 >= b.counted_m2 for a, b in pairwise(every))


def test_only_the_unmapped_and_only_what_holds_a_text(ledger: Ledger) -> None:
    with ledger.reading() as snapshot:
        unmapped = lots.lots(snapshot.connection, LotQuery(DAYS[-1], unmapped_only=True))
        books = StoredBalances(snapshot.connection)
        held_m2 = sum(books.on(park, DAYS[-1]).unmapped_m2 for park in (*PARKS, None))
        named = lots.lots(snapshot.connection, LotQuery(DAYS[-1], text="100%"))
    assert sum(lot.counted_m2 for lot in unmapped) == pytest.approx(held_m2)
    assert unmapped
    assert named == []  # a percent sign is a letter, not a pattern


def test_outlines_belong_to_the_parcels_that_have_one(ledger: Ledger) -> None:
    wanted = LotQuery(DAYS[-1], ("park_nantang",))
    with ledger.reading() as snapshot:
        drawn = lots.lot_outlines(snapshot.connection, wanted, 10_000)
        found = lots.lots(snapshot.connection, wanted)
    mapped = {lot.parcel_no: lot.status for lot in found if lot.area_basis == "drawn"}
    assert {number: status for number, _, status in drawn} == mapped


def test_the_paper_is_a_line_of_the_day_that_stands(ledger: Ledger, whole: ReplayedLedger) -> None:
    with ledger.reading() as snapshot:
        found = lots.lots(snapshot.connection, LotQuery(DAYS[-1], ("park_nantang",)))
        since = {lot.parcel_no: lot.since_on for lot in found}
        papers = lots.papers(snapshot.connection, list(since), since)
    assert set(papers) == set(since)
    for number, paper in papers.items():
        own = [e for e in whole.events[number] if e.effective_on == since[number]]
        assert paper.event_id in {event.event_id for event in own}
        assert paper.effective_on == since[number]
