"""The largest parcel of each park: found in one look, as by going through all of them."""

from datetime import date

import pytest

from dongtou_geo.domain.status import Account
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.largest import largest_by_park
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.parcel_query import OUTSIDE, ParcelFilter, page


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return make_sample(tmp_path_factory.mktemp("ledger") / "sample.sqlite")


@pytest.mark.parametrize("status", [Account.ACQUIRED, Account.SUPPLIED, Account.IN_PRODUCTION])
@pytest.mark.parametrize("day", [date(2016, 6, 30), date(2026, 6, 30)])
def test_it_is_the_first_of_the_sorted_list(ledger: Ledger, day: date, status: Account) -> None:
    places = [
        "park_startup",
        "park_nantang",
        "park_yangwen",
        "park_ojk_industry",
        "park_rail",
        OUTSIDE,
    ]
    expected = {}
    with ledger.reading() as snapshot:
        found = largest_by_park(snapshot.connection, day, status)
        for place in places:
            wanted = ParcelFilter(day, place, (status,))
            rows = page(snapshot.connection, wanted, sort="area_m2", descending=True, limit=1)
            if rows:
                key = None if place == OUTSIDE else place
                expected[key] = (rows[0].parcel_no, rows[0].area_m2)
    assert found == expected
    assert found or day.year < 2018
