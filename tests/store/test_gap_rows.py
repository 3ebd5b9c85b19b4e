"""The order that closes a gap, against a replay of the events that shares no line with it."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from shutil import copyfile
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import Account
from dongtou_geo.store import gap_rows
from dongtou_geo.store.gap_due import KINDS, DueFilter, Window, due_counts, due_rows, undated
from dongtou_geo.store.gap_stages import stage_rows, stage_sums
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.store.gap_lives import FIRST, Told, line, made_up, told

NANTANG = "park_nantang"
WINDOWS: tuple[Window, ...] = ("soon", "past", "year")


def filled(path: Path, rng: Random, count: int) -> tuple[Ledger, list[Told], date]:
    bare, own = path / "bare.sqlite", path / f"{uuid4().hex}.sqlite"
    if not bare.is_file():
        create(f"sqlite:///{bare}")
    copyfile(bare, own)
    ledger = Ledger(f"sqlite:///{own}")
    as_of = FIRST + timedelta(days=rng.randrange(300, 1_400))
    parcels, events = made_up(rng, count, as_of)
    ledger.append(parcels, events)
    return ledger, told(parcels, events, as_of), as_of


RANDOM = st.randoms(use_true_random=False)
SOME = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    # A random source shrinks for minutes and says no more for it.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@SOME
@given(RANDOM, st.integers(0, 14))
def test_the_order_is_the_one_the_decision_words(tmp_path: Path, rng: Random, count: int) -> None:
    ledger, everything, as_of = filled(tmp_path, rng, count)
    own = [one for one in everything if one.state.park_id == NANTANG and one.parts]
    wanted = sorted(own, key=lambda one: one.key)
    with ledger.reading() as snapshot:
        order = gap_rows.orders(snapshot.connection, as_of, [NANTANG, "park_rail"])
        rows = list(gap_rows.rows_of(snapshot.connection, as_of, order[NANTANG].numbers))
    assert order["park_rail"].numbers == []
    assert order[NANTANG].numbers == [one.state.parcel_no for one in wanted]
    assert order[NANTANG].tiers == [one.key[0] for one in wanted]
    added = [sum(one.parts.values()) for one in wanted]
    assert order[NANTANG].contribution_m2 == pytest.approx(added, rel=1e-12, abs=1e-9)
    assert [row.parcel_no for row in rows] == order[NANTANG].numbers
    for row, one in zip(rows, wanted, strict=True):
        assert (row.status, row.since_on) == (one.state.status, one.state.since)
        assert (row.halted_on, row.stopped_on) == (one.halted_on, one.stopped_on)
        assert (row.due_kind, row.due_on) == (one.due[0] if one.due else (None, None))
        assert row.contribution_m2 == pytest.approx(sum(one.parts.values()), rel=1e-12)


@SOME
@given(RANDOM, st.integers(0, 14))
def test_stages_sum_to_what_the_accounts_hold(tmp_path: Path, rng: Random, count: int) -> None:
    ledger, everything, as_of = filled(tmp_path, rng, count)
    wanted: dict[tuple[Account, bool, Origin, str | None], list[tuple[str, float, bool]]] = {}
    for one in everything:
        if one.state.park_id == NANTANG:
            for account, m2 in one.parts.items():
                unit = (one.parcel.responsible_unit or "").strip() or None
                stopped = account is Account.COMPLETED and one.state.stopped_m2 > 0
                line = (one.state.parcel_no, m2, one.state.halted)
                wanted.setdefault((account, stopped, one.parcel.origin, unit), []).append(line)
    with ledger.reading() as snapshot:
        found = stage_sums(snapshot.connection, as_of, NANTANG)
        lines = {
            (account, apart, origin): stage_rows(
                snapshot.connection, as_of, NANTANG, account,
                stopped=apart, origin=origin, limit=99,
            )
            for account, stopped, origin, _ in wanted
            for apart in (None, stopped)
        }  # fmt: skip
    assert {(s.account, s.stopped, s.origin, s.responsible_unit) for s in found} == set(wanted)
    for stage in found:
        own = wanted[stage.account, stage.stopped, stage.origin, stage.responsible_unit]
        assert stage.parcels == len(own)
        assert stage.area_m2 == pytest.approx(sum(m2 for _, m2, _ in own), rel=1e-12)
        halted = sum(m2 for _, m2, halted in own if halted)
        assert stage.halted_m2 == pytest.approx(halted, rel=1e-12)
    for (account, apart, origin), rows in lines.items():
        own = [
            line
            for key, some in wanted.items()
            if (key[0], key[2]) == (account, origin) and apart in (None, key[1])
            for line in some
        ]
        assert sorted(row.parcel_no for row in rows) == sorted(number for number, _, _ in own)
        assert [row.counted_m2 for row in rows] == pytest.approx(
            sorted((m2 for _, m2, _ in own), reverse=True), rel=1e-12
        )


@SOME
@given(RANDOM, st.integers(0, 14), st.sampled_from([None, NANTANG]))
def test_due_steps_are_those_still_to_come(
    tmp_path: Path, rng: Random, count: int, park_id: str | None
) -> None:
    ledger, everything, as_of = filled(tmp_path, rng, count)
    until, year = as_of + timedelta(days=90), as_of - timedelta(days=365)
    base = DueFilter(as_of, until, year, park_id)
    steps = [
        (on, KINDS.index(kind), one.state.parcel_no, kind, one.state.area_m2)
        for one in everything
        for kind, on in one.due
        if park_id is None or one.state.park_id == park_id
        if on <= until
    ]
    with ledger.reading() as snapshot:
        counts = due_counts(snapshot.connection, base)
        rows = due_rows(snapshot.connection, base, limit=None)
        filtered = {
            (window, kind): due_rows(
                snapshot.connection, replace(base, window=window, kind=kind), limit=None
            )
            for window in WINDOWS
            for kind in (None, *KINDS)
        }
        pages = [due_rows(snapshot.connection, base, limit=2, offset=n) for n in (0, 2, 4)]
        silent = undated(snapshot.connection, as_of, park_id)
    named = [
        (row.due_on, KINDS.index(row.kind), row.parcel_no, row.kind, row.area_m2) for row in rows
    ]
    assert named == sorted(steps)
    assert [row for page in pages for row in page] == rows[:6]
    windows = {"soon": (as_of, until), "past": (date.min, as_of - timedelta(days=1)),
               "year": (date.min, year)}  # fmt: skip
    for (window, kind), some in filtered.items():
        first, last = windows[window]
        assert some == [r for r in rows if first <= r.due_on <= last and kind in (None, r.kind)]
    for kind in KINDS:
        for window in WINDOWS:
            first, last = windows[window]
            own = [step for step in steps if step[3] == kind and first <= step[0] <= last]
            found = counts.get((kind, window))
            assert (found.parcels if found else 0) == len(own)
            assert (found.area_m2 if found else 0) == pytest.approx(sum(step[4] for step in own))
    waiting = {"start": "supplied", "complete": "building"}
    for kind, status in waiting.items():
        blank = [
            one
            for one in everything
            if one.state.status.value == status
            and (park_id is None or one.state.park_id == park_id)
            if getattr(one.parcel, f"agreed_{kind}_on") is None
        ]
        assert silent[kind].parcels == len(blank)
        assert silent[kind].area_m2 == pytest.approx(sum(one.state.area_m2 for one in blank))


def test_a_sliver_of_drawing_error_follows_the_larger_part(tmp_path: Path) -> None:
    ledger = create(f"sqlite:///{tmp_path / 'a.sqlite'}")
    parcels, events = [], []
    for number, stopped_m2, producing_m2 in (("MORE", 300.0, 599.7), ("LESS", 500.0, 399.7)):
        parcels.append(Parcel(number, Origin.LAND, AreaBasis.LEDGER))
        days = [FIRST + timedelta(days=n) for n in range(4)]
        events += [
            line(number, "register", days[0], 900.0, NANTANG), line(number, "produce", days[1], None),
            line(number, "stop", days[2], stopped_m2), line(number, "produce", days[3], producing_m2),
        ]  # fmt: skip
    ledger.append(parcels, events)
    with ledger.reading() as snapshot:
        order = gap_rows.orders(snapshot.connection, days[3], [NANTANG])[NANTANG]
        (stage,) = stage_sums(snapshot.connection, days[3], NANTANG)
    assert dict(zip(order.numbers, order.contribution_m2, strict=True)) == pytest.approx(
        {"MORE": 300.0, "LESS": 500.3}
    )
    assert stage.account is Account.COMPLETED
    assert stage.area_m2 == pytest.approx(800.3)


@pytest.mark.postgis
def test_both_homes_give_the_same_order(tmp_path: Path, postgis_url: str) -> None:
    parcels, events = made_up(Random(11), 300, date(2017, 8, 1))
    homes = [create(f"sqlite:///{tmp_path / 'a.sqlite'}"), create(postgis_url)]
    for ledger in homes:
        ledger.append(parcels, events)
    parks = [NANTANG, "park_yangwen"]
    for as_of in (date(2016, 9, 1), date(2017, 8, 1), date(2019, 5, 5)):
        told_by = []
        for ledger in homes:
            with ledger.reading() as snapshot:
                connection = snapshot.connection
                orders = gap_rows.orders(connection, as_of, parks)
                numbers = orders[NANTANG].numbers
                wanted = DueFilter(as_of, as_of + timedelta(days=90), as_of - timedelta(days=365))
                told_by.append(
                    (
                        orders,
                        list(gap_rows.rows_of(connection, as_of, numbers)),
                        [
                            (s.account, s.stopped, s.origin, s.responsible_unit, s.parcels,
                             f"{s.area_m2:.6f}", f"{s.halted_m2:.6f}")
                            for s in stage_sums(connection, as_of, NANTANG)
                        ],
                        stage_rows(connection, as_of, NANTANG, Account.COMPLETED, limit=500),
                        due_rows(connection, wanted, limit=None),
                        {key: c.parcels for key, c in due_counts(connection, wanted).items()},
                        undated(connection, as_of, None),
                        gap_rows.outlines(connection, as_of, numbers[:300]),
                    )
                )  # fmt: skip
        assert told_by[0] == told_by[1]
        assert len(told_by[0][1]) > 20
