"""数据质量 in the other home: PostgreSQL with PostGIS finds the same."""

from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.progress import LedgerView, ledger_view
from dongtou_geo.services.quality_land import land_check
from dongtou_geo.services.quality_ledger import ISSUES, Scope, issue_counts, issue_rows
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from dongtou_geo.store.quality_rows import FLAGS, GapQuery, gap_lots, gap_total, park_gaps
from tests.services.books import PARKS, line, parcel, register
from tests.troubled_ledger import put_trouble

DAY = date(2020, 6, 30)
LONG_AFTER = date(2026, 6, 30)


def filled(url: str) -> LedgerView:
    ledger = create(url)
    put_trouble(ledger)
    ledger.append(
        [parcel("chain")],
        [register("chain", 900.0, PARKS[0]), line("chain", "produce", date(2018, 1, 1))],
    )
    wrong = line("A-1", "approve", date(2018, 1, 1), source_doc="文1")
    ledger.append([], [wrong])
    last = max(event.event_id for event in ledger.events())
    ledger.append([], [line("A-1", "void", date(2018, 1, 1), supersedes=last, reason="录错")])
    return ledger_view(ledger)


def told(view: LedgerView, as_of: date) -> object:
    check, atlas = land_check(view, as_of), load_atlas()
    counts = issue_counts(atlas, view, Scope(as_of), check)
    rows = {code: issue_rows(atlas, view, Scope(as_of), check, code) for code in ISSUES}
    return [(each.issue.code, each.count) for each in counts], rows, gaps(view.ledger, as_of)


def gaps(ledger: Ledger | None, as_of: date) -> object:
    assert ledger is not None
    with ledger.reading() as snapshot:
        connection = snapshot.connection
        parks = sorted(park_gaps(connection, as_of), key=lambda own: own.park_id or "")
        lots = {flag: gap_lots(connection, GapQuery(as_of, flag)) for flag in FLAGS}
        totals = [gap_total(connection, GapQuery(as_of, flag)).parcels for flag in FLAGS]
    return parks, lots, totals


@pytest.mark.postgis
def test_postgis_finds_what_sqlite_finds(postgis_url: str, tmp_path: Path) -> None:
    there, here = filled(postgis_url), filled(file_url(tmp_path / "ledger.sqlite"))
    for as_of in (DAY, LONG_AFTER):
        assert told(there, as_of) == told(here, as_of)
