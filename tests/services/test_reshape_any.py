"""Splits and merges in any order: the books stay those of a replay, and nothing is lost outside."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dongtou_geo.domain.status import Account
from dongtou_geo.services.reshape import Child, cut_by_line, merge, split
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.services.books import (
    CLERK,
    EAST,
    LAT,
    LON,
    NORTH,
    assert_books,
    box,
    copier,
    days_of,
    drawn_m2,
    line,
    parcel,
    posted,
    register,
    state,
)

DAY = date(2022, 5, 6)


def test_a_drawn_line_cuts_children_that_split_accepts_and_merge_joins_again(
    tmp_path: Path,
) -> None:
    ledger, field = create(file_url(tmp_path / "ledger.sqlite")), box(0, 0, 2, 1)
    ledger.append([parcel("A", field)], [register("A", drawn_m2(field))])
    across = [(LON + 0.9 * EAST, LAT - NORTH), (LON + 1.1 * EAST, LAT + 2 * NORTH)]
    parts = cut_by_line(field, across)
    children = [Child(f"A-{i}", drawn_m2(part), part) for i, part in enumerate(parts)]
    split(ledger, "A", DAY, children, CLERK)
    joined = merge(
        ledger, ["A-0", "A-1"], DAY + timedelta(days=1), Child("A+", drawn_m2(field)), CLERK
    )
    (entry,) = joined.children
    assert entry.geometry_wkb is not None
    assert drawn_m2(entry.geometry_wkb) == pytest.approx(drawn_m2(field), abs=0.1)
    assert_books(ledger)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Ledger]:
    return copier(tmp_path_factory.mktemp("reshape"))


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_after_any_splits_and_merges_the_books_are_those_of_a_replay(
    fresh: Callable[[], Ledger], data: st.DataObject
) -> None:
    ledger = fresh()
    alive = ["P0", "P1", "P2"]
    areas = [data.draw(st.sampled_from([0.5, 40.0, 3333.33, 1e5 / 3])) for _ in alive]
    stage = data.draw(st.sampled_from(["supply", "start", "produce"]))
    lines = [register(number, area) for number, area in zip(alive, areas, strict=True)]
    for number, area in zip(alive, areas, strict=True):
        share = data.draw(st.sampled_from([0.3, 1.0]))
        part = share * area if stage == "produce" else None
        lines.append(line(number, stage, date(2018, 1, 1), area_m2=part))
    ledger.append([parcel(number) for number in alive], lines)
    for step in range(data.draw(st.integers(1, 5))):
        on = DAY + timedelta(days=data.draw(st.integers(step * 40, step * 40 + 39)))
        scale = data.draw(st.sampled_from([1.0, 1.0001, 0.93, 1.08]))
        if len(alive) > 1 and data.draw(st.booleans()):
            chosen = data.draw(st.permutations(alive))[:2]
            area = sum(s.area_m2 for n in chosen if (s := state(ledger, n, on)))
            child = Child(f"M{step}", area * scale)
            merge(ledger, chosen, on, child, CLERK)
            alive = [n for n in alive if n not in chosen] + [child.parcel_no]
        else:
            number = data.draw(st.sampled_from(alive))
            now = state(ledger, number, on)
            assert now is not None
            shares = data.draw(st.sampled_from([(0.5, 0.5), (0.01, 0.99), (0.2, 0.3, 0.5)]))
            children = [Child(f"{step}.{i}", now.area_m2 * scale * s) for i, s in enumerate(shares)]
            split(ledger, number, on, children, CLERK)
            alive = [n for n in alive if n != number] + [c.parcel_no for c in children]
    assert_books(ledger)
    events = ledger.events()
    for day in days_of(events):
        moved = posted(events, day)
        assert sum(moved.values()) == pytest.approx(0, abs=1e-6)
        if day >= DAY:
            # What a day's splits and merges leave outside is under the tolerance of each.
            outside = sum(m2 for (_, account), m2 in moved.items() if account is Account.OUTSIDE)
            assert abs(outside) <= 5.0
