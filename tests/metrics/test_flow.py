"""Flows: every m2 of both looks is in exactly one, and land that stayed is not said to move."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dongtou_geo.domain.status import Account
from dongtou_geo.metrics.flow import Lot, flows

LOTS = st.lists(
    st.builds(
        Lot,
        st.sampled_from("AB"),
        st.sampled_from([None, "park_a", "park_b"]),
        st.sampled_from([Account.BUILDING, Account.IN_PRODUCTION, Account.PART_USED]),
        st.integers(1, 50).map(float),
    ),
    max_size=5,
    unique_by=lambda lot: (lot.parcel_no, lot.park_id, lot.account),
)


@given(LOTS, LOTS)
def test_no_land_is_lost_or_told_twice(before: list[Lot], after: list[Lot]) -> None:
    out: Counter[Lot] = Counter()
    into: Counter[Lot] = Counter()
    found = flows(before, after)
    for flow in found:
        assert flow.area_m2 > 0
        for lot, told in ((flow.source, out), (flow.sink, into)):
            if lot is not None:
                told[lot] += int(flow.area_m2)
    assert out == {lot: lot.area_m2 for lot in before}
    assert into == {lot: lot.area_m2 for lot in after}
    # What both looks hold in a park and account stayed there.
    still = sum(flow.area_m2 for flow in found if flow.is_still)
    held: list[Counter[tuple[str | None, Account]]] = [Counter(), Counter()]
    for side, lots in zip(held, (before, after), strict=True):
        for lot in lots:
            side[lot.park_id, lot.account] += int(lot.area_m2)
    assert still == sum((held[0] & held[1]).values())


def test_land_changes_its_account_rather_than_its_parcel() -> None:
    before = [Lot("A", None, Account.BUILDING, 10.0), Lot("B", None, Account.BUILDING, 10.0)]
    after = [Lot("B", None, Account.COMPLETED, 10.0), Lot("A", None, Account.SUPPLIED, 10.0)]
    told = [(f.source, f.sink) for f in flows(before, after)]
    assert [(a and a.parcel_no, b and b.parcel_no) for a, b in told] == [("A", "A"), ("B", "B")]


def test_a_squarecentimetre_is_no_flow() -> None:
    lot = Lot("A", None, Account.BUILDING, 10.0)
    (flow,) = flows([lot], [Lot("A", None, Account.BUILDING, 10.0 + 5e-5)])
    assert flow.is_still
    assert flow.area_m2 == pytest.approx(10.0)
