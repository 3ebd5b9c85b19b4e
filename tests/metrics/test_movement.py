"""Movement: the short way for plain parcels is that of the flows, and every way has its words."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dongtou_geo.domain.status import Account
from dongtou_geo.metrics.flow import Lot, flows
from dongtou_geo.metrics.movement import (
    ALL,
    ELSEWHERE,
    OUTSIDE_PARKS,
    Shift,
    Split,
    families_of,
    parts,
    shifts,
    way,
)

BUILDING, DONE, PRODUCING, GONE = (
    Account.BUILDING, Account.COMPLETED, Account.IN_PRODUCTION, Account.OUTSIDE,
)  # fmt: skip
PLACES = st.tuples(
    st.sampled_from([None, "park_a", "park_b"]), st.sampled_from([BUILDING, DONE, PRODUCING])
)
SPLITS = st.dictionaries(PLACES, st.integers(1, 60).map(float), max_size=3)


@given(SPLITS, SPLITS)
def test_one_parcel_is_laid_side_by_side_as_flows_do(before: Split, after: Split) -> None:
    told: Counter[tuple[object, ...]] = Counter()
    for shift in shifts({"A": before}, {"A": after}, []):
        told[shift[2:6]] += int(shift.area_m2)
    wanted: Counter[tuple[object, ...]] = Counter()
    lots = [[Lot("A", *key, m2) for key, m2 in side.items()] for side in (before, after)]
    for flow in flows(*lots):
        if flow.is_still:
            continue
        source, sink = flow.source or flow.sink, flow.sink or flow.source
        assert source is not None
        assert sink is not None
        ends = (
            flow.source.account if flow.source else GONE,
            flow.sink.account if flow.sink else GONE,
        )
        wanted[source.park_id, sink.park_id, *ends] += int(flow.area_m2)
    assert told == wanted


def test_a_family_is_one_land() -> None:
    before: dict[str, Split] = {"P": {("park_a", BUILDING): 10.0}}
    after: dict[str, Split] = {"C": {("park_a", BUILDING): 6.0}, "D": {("park_a", DONE): 4.0}}
    kin = [("C", "P"), ("D", "P")]
    assert shifts(before, after, kin) == [Shift("D", "P", "park_a", "park_a", BUILDING, DONE, 4.0)]
    assert len(shifts(before, after, [])) == 3


def test_families_join_over_several_splits_and_leave_strangers_out() -> None:
    found = families_of([("B", "A"), ("D", "C"), ("C", "B"), ("X", "A"), ("A", "A")], "ABCDE")
    assert {no: set(own) for no, own in found.items()} == {no: set("ABCD") for no in "ABCD"}


@pytest.mark.parametrize(
    ("shift", "scope", "wanted"),
    [
        (("park_a", "park_a", BUILDING, DONE), "park_a", (BUILDING, DONE)),
        (("park_a", "park_a", BUILDING, DONE), "park_b", None),
        (("park_a", "park_a", BUILDING, DONE), OUTSIDE_PARKS, None),
        (("park_a", "park_b", BUILDING, BUILDING), "park_a", (BUILDING, ELSEWHERE)),
        (("park_a", "park_b", BUILDING, DONE), "park_b", (ELSEWHERE, DONE)),
        (("park_a", "park_b", BUILDING, BUILDING), ALL, None),
        (("park_a", "park_b", BUILDING, DONE), ALL, (BUILDING, DONE)),
        (("park_a", None, BUILDING, BUILDING), ALL, (BUILDING, ELSEWHERE)),
        (("park_a", None, BUILDING, BUILDING), OUTSIDE_PARKS, (ELSEWHERE, BUILDING)),
        (("park_a", "park_a", GONE, BUILDING), "park_a", (GONE, BUILDING)),
        (("park_a", "park_a", BUILDING, GONE), ALL, (BUILDING, GONE)),
        ((None, None, GONE, BUILDING), ALL, None),
        ((None, None, GONE, BUILDING), OUTSIDE_PARKS, (GONE, BUILDING)),
        ((None, None, GONE, BUILDING), "park_a", None),
    ],
)
def test_each_place_sees_a_movement_from_its_side(
    shift: tuple[str | None, str | None, Account, Account],
    scope: str,
    wanted: tuple[str, str] | None,
) -> None:
    assert way(Shift("A", None, *shift, 1.0), scope) == wanted


def test_parts_stand_in_the_pipelines_order_and_count_each_parcel_once() -> None:
    def moved(number: str, before: Account, after: Account, m2: float) -> Shift:
        return Shift(number, None, "park_a", "park_a", before, after, m2)

    found = parts(
        [moved("A", GONE, BUILDING, 1.0), moved("B", DONE, PRODUCING, 2.0),
         moved("B", DONE, PRODUCING, 3.0), moved("C", BUILDING, DONE, 4.0)],
        "park_a",
    )  # fmt: skip
    assert [(key, part.area_m2, part.parcels) for key, part in found.items()] == [
        ((BUILDING, DONE), 4.0, 1), ((DONE, PRODUCING), 5.0, 1), ((GONE, BUILDING), 1.0, 1),
    ]  # fmt: skip
