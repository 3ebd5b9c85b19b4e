"""Columns for the map's tiles: every parcel with its states, and what has come since."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from dongtou_geo.domain.event import EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from dongtou_geo.store.tile_rows import (
    ENDED,
    TileMark,
    TileRows,
    mark_of,
    moved_by_month,
    read_rows,
    touched_since,
)
from tests.store.small_office import DRAWN, NOON, PARCELS, fill, line

FIRST = date(2000, 1, 1)


def rows_of(ledger: Ledger, numbers: list[str] | None = None) -> TileRows:
    with ledger.reading() as snapshot:
        return read_rows(snapshot.connection, numbers)


def marked(ledger: Ledger) -> TileMark:
    with ledger.reading() as snapshot:
        return mark_of(snapshot.connection)


def touched(ledger: Ledger, before: TileMark) -> list[str] | None:
    with ledger.reading() as snapshot:
        return touched_since(snapshot.connection, before)


def stories(rows: TileRows) -> dict[str, list[tuple[date, str]]]:
    words = [*(status.value for status in STATUSES), "ended"]
    found: dict[str, list[tuple[date, str]]] = {number: [] for number in rows.numbers}
    for row, day, code in zip(rows.parcel, rows.from_day, rows.status, strict=True):
        found[rows.numbers[row]].append((FIRST + timedelta(days=int(day)), words[code]))
    return found


def test_every_parcel_comes_with_its_outline_and_its_states_in_order(home: str) -> None:
    ledger = fill(create(home))
    rows = rows_of(ledger)
    assert rows.numbers == sorted(parcel.parcel_no for parcel in PARCELS)
    outlines = {parcel.parcel_no: parcel.geometry_wkb for parcel in ledger.parcels()}
    assert dict(zip(rows.numbers, rows.outlines, strict=True)) == outlines
    told = stories(rows)
    assert told[DRAWN.parcel_no] == [
        (date(2016, 1, 1), "planned"),
        (date(2018, 1, 5), "supplied"),
        (date(2020, 2, 29), "part_used"),
    ]
    assert told["B-10"][-1] == (date(2021, 1, 1), "ended")
    assert rows.status.max() == ENDED
    area = dict(zip(rows.numbers, rows.area_m2, strict=True))
    assert area["B-10"] == 1000 / 3 + 3  # an ended parcel counts with what it had


def test_an_id_is_the_parcels_first_line_whatever_comes_after(home: str) -> None:
    ledger = fill(create(home))
    before = rows_of(ledger)
    first = {event.parcel_no: event.event_id for event in reversed(ledger.events())}
    assert dict(zip(before.numbers, before.ids.tolist(), strict=True)) == first
    added = Parcel("A-0", Origin.LAND, AreaBasis.LEDGER)
    ledger.append([added], [line("A-0", EventKind.REGISTER, date(2020, 1, 1), area_m2=5.0)])
    after = rows_of(ledger)
    ids = dict(zip(after.numbers, after.ids.tolist(), strict=True))
    assert {number: ids[number] for number in first} == first
    assert ids["A-0"] > max(first.values())


def test_some_parcels_alone_read_as_among_all(home: str) -> None:
    ledger = fill(create(home))
    whole, some = rows_of(ledger), rows_of(ledger, ["B-1", "b-2", "nobody"])
    assert some.numbers == ["B-1", "b-2"]
    assert {number: stories(whole)[number] for number in some.numbers} == stories(some)
    assert np.isin(some.ids, whole.ids).all()


def test_an_empty_ledger_has_nothing_to_draw(home: str) -> None:
    ledger = create(home)
    rows = rows_of(ledger)
    assert (rows.numbers, len(rows.parcel), len(rows.outlines)) == ([], 0, 0)
    assert touched(ledger, marked(ledger)) == []


def test_an_event_touches_its_parcel_alone(home: str) -> None:
    ledger = fill(create(home))
    before = marked(ledger)
    assert touched(ledger, before) == []
    ledger.append([], [line("B-1", EventKind.APPROVE, date(2022, 1, 1))])
    assert touched(ledger, before) == ["B-1"]
    assert marked(ledger) != before


def test_a_new_outline_touches_its_parcel_though_no_event_tells(home: str) -> None:
    ledger = fill(create(home))
    before = marked(ledger)
    with ledger.writing() as writer:
        at = NOON + timedelta(days=1)
        writer.update_parcels(
            [replace(DRAWN, geometry_wkb=PARCELS[2].geometry_wkb)], at=at, by="甲"
        )
    assert touched(ledger, before) == [DRAWN.parcel_no]


def test_a_clock_set_back_is_noticed(home: str) -> None:
    ledger = fill(create(home))
    before = marked(ledger)
    with ledger.writing() as writer:
        at = NOON - timedelta(days=1)
        writer.update_parcels([replace(DRAWN, note="改")], at=at, by="甲")
    assert touched(ledger, before) is None


def test_another_ledger_of_the_same_id_and_length_is_not_taken_for_this_one(home: str) -> None:
    ledger = fill(create(home))
    mark = marked(ledger)
    other = replace(mark, last_event=(*mark.last_event[:-1], "another import"))
    assert touched(ledger, other) is None
    assert touched(ledger, replace(mark, ledger_id="another")) is None
    assert touched(ledger, replace(mark, books=("0", "0", "0", "0", "0", "0"))) is None


def test_months_are_those_in_which_land_moved(home: str) -> None:
    ledger = fill(create(home))
    with ledger.reading() as snapshot:
        months = moved_by_month(snapshot.connection)
    assert list(months) == sorted(months)
    assert {"2016-01", "2018-01", "2020-02", "2021-01"} <= set(months)
    assert "2017-06" not in months
    assert min(months.values()) > 0
