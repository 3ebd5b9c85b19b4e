"""Split, merge, undo and compare in the other home: PostgreSQL with PostGIS."""

from datetime import date, timedelta

import pytest

from dongtou_geo.domain.event import EventKind
from dongtou_geo.services.compare import compare
from dongtou_geo.services.record import Clerk, Draft, record
from dongtou_geo.services.reshape import Child, cut_by_line, merge, split
from dongtou_geo.services.undo import undo, undo_reshape
from dongtou_geo.store.opening import create
from dongtou_geo.store.writing import ImportStamp
from tests.services.books import (
    CLERK,
    EAST,
    LAT,
    LON,
    NORTH,
    NOW,
    PARKS,
    assert_books,
    box,
    drawn_m2,
    line,
    parcel,
    register,
)

DAY = date(2022, 5, 6)
FIELD = box(0, 0, 2, 1)


@pytest.mark.postgis
def test_the_services_work_alike_in_postgis(postgis_url: str) -> None:
    ledger = create(postgis_url)
    area_m2 = drawn_m2(FIELD)
    ledger.append(
        [parcel("A", FIELD)], [register("A", area_m2), line("A", "start", date(2018, 1, 1))]
    )
    parts = cut_by_line(FIELD, [(LON + EAST, LAT - NORTH), (LON + EAST, LAT + 2 * NORTH)])
    children = [Child(f"A{i}", drawn_m2(part), part) for i, part in enumerate(parts)]
    wrong = split(ledger, "A", DAY, children, CLERK)
    undo_reshape(ledger, "A", wrong.partings[0].event_id, "画错", CLERK)
    split(ledger, "A", DAY, children, CLERK)
    done = merge(ledger, ["A0", "A1"], DAY + timedelta(days=1), Child("A+", area_m2), CLERK)
    (entry,) = done.children
    assert entry in ledger.parcels()
    record(ledger, Draft("A+", EventKind.PRODUCE, date(2023, 1, 1)), CLERK, park_ids=PARKS)
    assert_books(ledger)
    with ledger.writing() as writer:
        writer.register_import(ImportStamp("I1", "a.xlsx", "0" * 64, NOW, "张三"))
        writer.add([parcel("N")], [register("N", 800.0)])
        halt = line("N", "supply", date(2020, 1, 1), import_id="I1", recorded_at=NOW)
        writer.add([], [halt])
    later = Clerk("王五", NOW + timedelta(hours=1))
    undo(ledger, "I1", later)
    assert_books(ledger)
    found = compare(ledger, (date(2021, 1, 1), NOW), (date(2024, 1, 1), None))
    assert [(m.parcel_no, m.before.value, m.after.value) for m in found.moves] == [
        ("A+", "building", "in_production"),
        ("N", "supplied", "planned"),
    ]
    assert found.moves[0].came_from == "A"
