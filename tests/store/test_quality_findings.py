"""What does not fit together, found by the database."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from dongtou_geo.domain.event import EventKind
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.quality_findings import (
    FoundQuery,
    Told,
    found_rows,
    found_total,
    living_count,
    living_land,
    living_numbers,
    undone_imports,
    without_lines,
)
from dongtou_geo.store.stamps import ImportStamp
from tests.services.books import PARKS, box, copier, line, parcel, register

DAY = date(2020, 6, 30)
AT = datetime(2021, 3, 1, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Ledger]:
    return copier(tmp_path_factory.mktemp("empty"))


def found(ledger: Ledger, told: Told, as_of: date = DAY, **where: object) -> list[str]:
    wanted = FoundQuery(as_of, told, **where)  # type: ignore[arg-type]
    with ledger.reading() as snapshot:
        rows = found_rows(snapshot.connection, wanted)
        total = found_total(snapshot.connection, wanted)
    assert total.parcels == len(rows)
    assert total.area_m2 == pytest.approx(sum(row.area_m2 for row in rows))
    return [row.parcel_no for row in rows]


def test_agreed_dates_are_reversed_wherever_two_of_them_are(empty: Callable[[], Ledger]) -> None:
    ledger = empty()
    entries = [
        parcel("fine", agreed_start_on=date(2018, 1, 1), agreed_complete_on=date(2018, 1, 1)),
        parcel("next", agreed_start_on=date(2018, 1, 2), agreed_complete_on=date(2018, 1, 1)),
        # The two that are reversed have one between them that is not filled in.
        parcel("apart", agreed_start_on=date(2019, 1, 1), agreed_produce_on=date(2018, 1, 1)),
        parcel("handed", handed_over_on=date(2019, 1, 1), agreed_start_on=date(2018, 1, 1)),
        parcel("alone", agreed_produce_on=date(2000, 1, 1)),
        parcel("ended", agreed_start_on=date(2018, 1, 2), agreed_complete_on=date(2018, 1, 1)),
    ]
    parks = [PARKS[0], PARKS[0], PARKS[1], None, PARKS[0], PARKS[0]]
    lines = [register(e.parcel_no, 1000.0, park) for e, park in zip(entries, parks, strict=True)]
    ledger.append(entries, [*lines, line("ended", "end", date(2019, 1, 1))])
    assert found(ledger, "agreed_order") == ["apart", "handed", "next"]
    assert found(ledger, "agreed_order", park_ids=(PARKS[0],)) == ["next"]
    assert found(ledger, "agreed_order", outside_of=PARKS) == ["handed"]
    assert found(ledger, "agreed_order", text="PA") == ["apart"]
    assert found(ledger, "agreed_order", text="%") == []
    assert found(ledger, "agreed_order", date(2018, 6, 1)) == ["apart", "ended", "handed", "next"]


def test_later_lines_are_those_that_stand(empty: Callable[[], Ledger]) -> None:
    ledger = empty()
    entries = [parcel("a"), parcel("b")]
    ledger.append(entries, [register("a", 1000.0), register("b", 1000.0)])
    ledger.append(
        [], [line("a", "approve", date(2021, 1, 1)), line("a", "acquire", date(2021, 2, 1))]
    )
    ledger.append([], [line("b", "approve", date(2021, 1, 1))])
    wrong = next(e for e in ledger.events() if e.parcel_no == "b" and e.kind is EventKind.APPROVE)
    ledger.append(
        [], [line("b", "void", date(2021, 1, 1), supersedes=wrong.event_id, reason="录错")]
    )
    with ledger.reading() as snapshot:
        (row,) = found_rows(snapshot.connection, FoundQuery(DAY, "later"))
    assert (row.parcel_no, row.later_lines, row.later_on) == ("a", 2, date(2021, 1, 1))
    assert found(ledger, "later", date(2021, 2, 1)) == []


def test_an_undone_import_leaves_parcels_without_lines(empty: Callable[[], Ledger]) -> None:
    ledger = empty()
    with ledger.writing() as writer:
        writer.register_import(ImportStamp("i1", "<b>地块</b>.xlsx", "0" * 64, AT, "张三"))
        lines = [register("x", 1000.0), register("y", 1000.0)]
        own = [
            line(
                e.parcel_no,
                "register",
                e.effective_on,
                area_m2=1000.0,
                park_id=PARKS[0],
                import_id="i1",
            )
            for e in lines
        ]
        ids = writer.add([parcel("x"), parcel("y")], own)
        writer.add([], [line("x", "void", date(2016, 1, 1), supersedes=ids[0], reason="撤销")])
        writer.mark_undone("i1", AT, "李四")
    with ledger.reading() as snapshot:
        (told,) = undone_imports(snapshot.connection)
        assert (told.file, told.parcels, told.left, told.undone_by) == (
            "<b>地块</b>.xlsx",
            2,
            1,
            "李四",
        )
        assert without_lines(snapshot.connection) == (1, ["x"])
        assert without_lines(snapshot.connection, limit=1, offset=1) == (1, [])


def test_living_land_comes_with_all_its_areas(empty: Callable[[], Ledger]) -> None:
    ledger = empty()
    drawn = parcel("drawn", box(0, 0, 1, 1), ledger_area_mu=15.0, title_area_mu=14.0)
    ledger.append(
        [drawn, parcel("paper", contract_area_mu=3.0), parcel("ended")],
        [register("drawn", 10_000.0), register("paper", 2_000.0, None), register("ended", 9.0)],
    )
    ledger.append([], [line("ended", "end", date(2019, 1, 1))])
    with ledger.reading() as snapshot:
        rows = [tuple(row) for part in living_land(snapshot.connection, DAY) for row in part]
        assert living_count(snapshot.connection, DAY) == 2
        assert list(living_numbers(snapshot.connection, DAY)) == [
            ("drawn", PARKS[0]),
            ("paper", None),
        ]
    assert rows == [
        ("drawn", PARKS[0], drawn.geometry_wkb, 15.0, None, 14.0),
        ("paper", None, None, None, 3.0, None),
    ]
