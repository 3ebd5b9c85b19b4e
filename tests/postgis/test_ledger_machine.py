"""The ledger machine on PostgreSQL: the same rules, as often, against the same sheets by hand."""

import pytest

from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.postgis.server import PostgisServer
from tests.store.ledger_machine import RULES, run_machine


@pytest.mark.postgis
@pytest.mark.timeout(900)
def test_books_equal_sheets_kept_by_hand_on_postgresql_too(postgis_server: PostgisServer) -> None:
    last = [""]

    def fresh() -> Ledger:
        if last[0]:
            postgis_server.drop(last[0])
        last[0] = postgis_server.new_database()
        return create(last[0])

    taken = run_machine(fresh, often=50)
    assert {name: taken[name] for name in RULES if taken[name] < 50} == {}
