"""Progress: the contract's row, its rates and nulls, and the verdict in the contract's order."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dongtou_geo.domain.balance import Balances
from dongtou_geo.domain.event import Event, EventKind, standing
from dongtou_geo.domain.places import Park, Zone
from dongtou_geo.domain.progress import (
    LedgerStamp,
    Progress,
    Verdict,
    progress_by_park,
    progress_by_zone,
    rate_of,
    verdict_on,
)
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.domain.target import ParkTarget, Target, by_park
from dongtou_geo.domain.units import mu_to_m2

START, DUE = date(2016, 1, 1), date(2020, 12, 31)
TODAY = date(2026, 6, 30)
STAMP = LedgerStamp(sample=True, ledger_version="abc-7", data_until=TODAY)
ZONES = (Zone("zone_main", "本岛提升", "第三章"), Zone("zone_west", "西片联动", "第三章"))


def park(park_id: str, zone_id: str, planned_mu: float) -> Park:
    return Park(park_id, park_id, zone_id, planned_mu, planned_mu, "亩", "第五章", (), "", None)


PARKS = (
    park("park_nantang", "zone_main", 1360.0),
    park("park_yangwen", "zone_main", 870.0),
    park("park_startup", "zone_west", 3300.0),
    park("park_rail", "zone_west", 1500.0),
)


def words(
    park_id: str, rate: float | None, *, scored: bool = True, own: bool = True, due: date = DUE
) -> Target:
    return Target("135", park_id, "全部", "第五章", rate, due, scored=scored, own=own)


TARGETS = by_park(
    [
        words("park_nantang", 0.9),
        words("park_yangwen", 0.9),
        words("park_startup", None),
        words("park_rail", None, scored=False, own=False),
    ]
)


def event(parcel_no: str, kind: str, on: date, *, mu: float | None = None, **given: Any) -> Event:
    area_m2 = None if mu is None else mu_to_m2(mu)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Event(0, parcel_no, EventKind(kind), on, moment, "张三", area_m2=area_m2, **given)


def plant(
    parcel_no: str, mu: float, produced_on: date, *, park_id: str | None = "park_nantang"
) -> list[Event]:
    """A parcel registered at the plan's start and wholly in production from a day on."""
    register = event(parcel_no, "register", START, mu=mu, park_id=park_id)
    return [register, event(parcel_no, "produce", produced_on)]


def rows(
    *events: Event,
    as_of: date = TODAY,
    unmapped: str = "",
    targets: dict[str, ParkTarget] = TARGETS,
) -> dict[str | None, Progress]:
    balances = Balances(standing(events), unmapped=frozenset(unmapped))
    found = progress_by_park(PARKS, targets, balances, as_of=as_of, stamp=STAMP)
    return {row.id: row for row in found}


def nantang(*events: Event, as_of: date = TODAY, unmapped: str = "") -> Progress:
    return rows(*events, as_of=as_of, unmapped=unmapped)["park_nantang"]


# The contract's row

CONTRACT_KEYS = (  # as design.md prints them
    "id, name, zone_id, as_of, sample, ledger_version, data_until, planned_mu, recorded_mu, "
    "unmapped_mu, by_status_mu, in_production_mu, rate, rate_at_due, reachable_rate, met_on, "
    "target_rate, target_text, due, gap_mu, verdict"
)


@pytest.mark.parametrize("events", [[], plant("A", 1300, date(2018, 5, 6))])
def test_a_row_has_exactly_the_contracts_keys_in_order_and_survives_json(
    events: list[Event],
) -> None:
    for row in rows(*events).values():
        plain = row.as_dict()
        assert list(plain) == CONTRACT_KEYS.split(", ")
        by_status = plain["by_status_mu"]
        assert isinstance(by_status, dict)
        assert list(by_status) == [account.value for account in STATUSES]
        assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_days_and_verdict_are_plain_iso_text() -> None:
    plain = nantang(*plant("A", 1300, date(2018, 5, 6))).as_dict()
    texts = {key: plain[key] for key in ("as_of", "data_until", "met_on", "due", "verdict")}
    assert texts == {
        "as_of": "2026-06-30",
        "data_until": "2026-06-30",
        "met_on": "2018-05-06",
        "due": "2020-12-31",
        "verdict": "met",
    }
    assert {type(text) for text in texts.values()} == {str}


def test_the_ledgers_stamp_is_on_every_row() -> None:
    for row in rows(*plant("A", 1, START, park_id=None)).values():
        assert (row.sample, row.ledger_version, row.data_until) == (True, "abc-7", TODAY)


# Null is not zero


def test_with_nothing_recorded_rates_are_null_and_areas_zero() -> None:
    row = nantang()
    nulls = (row.rate, row.gap_mu, row.in_production_mu, row.rate_at_due, row.reachable_rate)
    assert nulls == (None,) * 5
    assert (row.recorded_mu, row.unmapped_mu, row.met_on) == (0.0, 0.0, None)
    assert set(row.by_status_mu.values()) == {0.0}
    assert row.verdict is Verdict.UNKNOWN


def test_with_land_but_no_production_rates_are_zero_and_not_null() -> None:
    row = nantang(event("A", "register", START, mu=68, park_id="park_nantang"))
    assert (row.rate, row.in_production_mu, row.gap_mu) == (0.0, 0.0, 1224.0)
    assert row.rate_at_due == 0.0
    assert row.verdict is Verdict.OVERDUE


def test_a_park_whose_land_all_left_is_unknown_again() -> None:
    row = nantang(*plant("A", 1300, START), event("A", "end", date(2019, 1, 1)))
    assert (row.rate, row.verdict) == (None, Verdict.UNKNOWN)


# Figures


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(EventKind), st.floats(0.1, 400)), max_size=9))
def test_the_eight_statuses_sum_to_recorded(parts: list[tuple[EventKind, float]]) -> None:
    events = []
    for number, (kind, mu) in enumerate(parts):
        events.append(event(f"P{number}", "register", START, mu=mu, park_id="park_nantang"))
        if kind not in (EventKind.REGISTER, EventKind.VOID):
            area = mu if kind is EventKind.REDRAW else mu / 3
            events.append(event(f"P{number}", kind, DUE, mu=area, park_id="park_nantang"))
    row = nantang(*events)
    assert sum(row.by_status_mu.values()) == row.recorded_mu
    ends = (EventKind.END, EventKind.SPLIT, EventKind.MERGE)
    living = sum(mu for kind, mu in parts if kind not in ends)
    assert row.recorded_mu == pytest.approx(living)


def test_rates_are_unclipped_and_unrounded() -> None:
    row = nantang(*plant("A", 1700, START), *plant("B", 1 / 3, TODAY))
    assert row.rate == pytest.approx((1700 + 1 / 3) / 1360, rel=1e-12)
    assert row.rate_at_due == pytest.approx(1.25, rel=1e-12)


def test_the_gap_is_what_is_missing_and_negative_beyond_the_target() -> None:
    assert nantang(*plant("A", 1000, START)).gap_mu == 224.0
    assert nantang(*plant("A", 1224, START)).gap_mu == 0.0
    assert nantang(*plant("A", 1300, START)).gap_mu == -76.0


def test_reachable_is_the_rate_if_every_recorded_plot_produced() -> None:
    idle = event("B", "register", START, mu=340, park_id="park_nantang")
    row = nantang(*plant("A", 680, START), idle)
    assert (row.rate, row.reachable_rate) == (0.5, 0.75)


def test_unmapped_land_counts_in_full_and_is_named() -> None:
    row = nantang(*plant("A", 100, START), *plant("B", 20, START), unmapped="B")
    assert (row.recorded_mu, row.in_production_mu) == (120.0, 120.0)
    assert row.unmapped_mu == 20.0


def test_stopped_land_is_no_production_and_part_use_counts_its_part() -> None:
    stop = event("A", "stop", date(2019, 1, 1), mu=60)
    part = event("B", "produce", date(2018, 1, 1), mu=10)
    row = nantang(*plant("A", 100, START), stop, *plant("B", 50, START), part)
    assert row.in_production_mu == pytest.approx(50.0)
    assert row.by_status_mu[Account.COMPLETED] == pytest.approx(60.0)
    assert row.by_status_mu[Account.PART_USED] == pytest.approx(40.0)


# Days


def test_the_rate_at_due_is_null_until_the_due_day() -> None:
    events = (*plant("A", 680, START), *plant("B", 340, DUE + timedelta(1)))
    assert nantang(*events, as_of=DUE - timedelta(1)).rate_at_due is None
    assert nantang(*events, as_of=DUE).rate_at_due == 0.5
    later = nantang(*events, as_of=TODAY)
    assert (later.rate_at_due, later.rate) == (0.5, 0.75)


def test_the_rate_at_due_is_null_where_nothing_was_recorded_by_then() -> None:
    late = event("A", "register", TODAY, mu=1, park_id="park_nantang")
    assert nantang(late).rate_at_due is None


def test_a_park_with_a_due_day_of_its_own_is_judged_on_it() -> None:
    own_due = date(2025, 12, 31)
    targets = by_park([words("park_nantang", 0.9, due=own_due)])
    events = (*plant("A", 680, START), *plant("B", 340, own_due))
    row = rows(*events, as_of=own_due + timedelta(1), targets=targets)["park_nantang"]
    assert (row.due, row.rate_at_due, row.verdict) == (own_due, 0.75, Verdict.OVERDUE)


def test_the_day_met_is_the_first_on_which_the_rate_reached_the_target() -> None:
    met = date(2019, 3, 4)
    events = (*plant("A", 1000, START), *plant("B", 224, met), *plant("C", 100, TODAY))
    assert nantang(*events).met_on == met
    assert nantang(*events, as_of=met).met_on == met
    assert nantang(*events, as_of=met - timedelta(1)).met_on is None


def test_the_day_met_is_judged_at_the_days_end() -> None:
    day = date(2019, 3, 4)
    moved_out = event("B", "move_park", day, park_id="park_yangwen")
    assert nantang(*plant("A", 1000, START), *plant("B", 224, day), moved_out).met_on is None


def test_without_a_number_there_is_no_day_met_and_no_gap() -> None:
    row = rows(*plant("A", 3300, START, park_id="park_startup"))["park_startup"]
    assert (row.met_on, row.gap_mu, row.target_rate) == (None, None, None)
    assert row.target_text == "全部（第五章）"


# Verdict, in the contract's order

NUMBER = by_park([words("p", 0.9)])["p"]
WORDS = by_park([words("p", None)])["p"]
FOREIGN = by_park([words("p", 0.9, own=False)])["p"]
NOON = date(2018, 7, 2)  # 913 of the 1826 days from 2016-01-01 to 2020-12-31: half


@pytest.mark.parametrize(
    ("target", "rate", "recorded", "as_of", "verdict"),
    [
        # no words of its own comes before everything
        (None, None, False, TODAY, "no_target"),
        (None, 1.0, True, TODAY, "no_target"),
        (FOREIGN, 1.0, True, TODAY, "no_target"),
        # then nothing recorded
        (NUMBER, None, False, TODAY, "unknown"),
        (WORDS, None, False, TODAY, "unknown"),
        # then words without a number
        (WORDS, 0.0, True, TODAY, "words_only"),
        (WORDS, 1.0, True, START, "words_only"),
        # then met, before and after due, from the very target on
        (NUMBER, 0.9, True, TODAY, "met"),
        (NUMBER, 0.9, True, START, "met"),
        (NUMBER, 1.2, True, DUE, "met"),
        # then overdue, only after due
        (NUMBER, 0.8999, True, DUE + timedelta(1), "overdue"),
        (NUMBER, 0.0, True, TODAY, "overdue"),
        # on the due day all of the time has passed
        (NUMBER, 0.8999, True, DUE, "behind"),
        # before due: the share of the time that has passed
        (NUMBER, 0.45, True, NOON, "on_track"),
        (NUMBER, 0.4499, True, NOON, "behind"),
        (NUMBER, 0.0, True, START, "on_track"),
        (NUMBER, 0.0, True, START + timedelta(1), "behind"),
        # before the plan nothing is asked yet
        (NUMBER, 0.0, True, date(2013, 1, 1), "on_track"),
    ],
)
def test_verdicts_follow_the_contracts_order_and_bounds(
    target: ParkTarget | None, rate: float | None, recorded: bool, as_of: date, verdict: str
) -> None:
    assert verdict_on(target, rate, recorded, as_of).value == verdict


def test_every_verdict_has_chinese_words_of_its_own() -> None:
    labels = {verdict.label for verdict in Verdict}
    assert len(labels) == len(Verdict) == 7
    assert all(not label.isascii() for label in labels)


@settings(deadline=None)
@example([100] * 9 + [7_689, 9_000])  # floats add these up to a hair less than 1224 亩
@given(st.lists(st.integers(100, 9_000), min_size=11, max_size=11))
def test_plots_that_add_up_to_the_very_target_meet_it(hundredths: list[int]) -> None:
    plots = [*hundredths, 122_400 - sum(hundredths)]
    events = [e for n, mu in enumerate(plots) for e in plant(f"P{n}", mu / 100, START)]
    row = nantang(*events)
    assert row.verdict is Verdict.MET
    assert row.met_on == START


def test_a_rate_needs_records_and_a_planned_area() -> None:
    holding = Balances(standing(plant("A", 680, START))).on("park_nantang", TODAY)
    assert rate_of(holding, 1360.0) == 0.5
    assert rate_of(holding, None) is None
    assert rate_of(Balances([]).on("park_nantang", TODAY), 1360.0) is None


# Rows: 园区外 and zones


def test_parks_keep_the_plans_order_and_no_row_outside_without_land() -> None:
    assert list(rows(*plant("A", 1, START))) == [place.id for place in PARKS]


@pytest.mark.parametrize("park_id", [None, "park_unknown"])
def test_land_in_no_park_of_the_plan_closes_the_list(park_id: str | None) -> None:
    found = rows(*plant("A", 30, START, park_id=park_id))
    assert list(found) == [*(place.id for place in PARKS), None]
    row = found[None]
    assert (row.name, row.zone_id, row.planned_mu) == ("园区外", None, None)
    assert (row.recorded_mu, row.in_production_mu) == (30.0, 30.0)
    nulls = (row.rate, row.rate_at_due, row.reachable_rate, row.met_on, row.target_rate)
    assert (*nulls, row.target_text, row.gap_mu) == (None,) * 7
    assert row.verdict is Verdict.NO_TARGET


def test_land_that_moved_into_a_park_leaves_no_row_outside() -> None:
    moved = event("A", "move_park", date(2018, 1, 1), park_id="park_rail")
    events = (*plant("A", 30, START, park_id=None), moved)
    assert None not in rows(*events)
    assert None in rows(*events, as_of=date(2017, 12, 31))


def zone_rows(*events: Event, as_of: date = TODAY, unmapped: str = "") -> list[Progress]:
    balances = Balances(standing(events), unmapped=frozenset(unmapped))
    return progress_by_zone(ZONES, PARKS, balances, as_of=as_of, stamp=STAMP)


def test_a_zone_sums_its_parks() -> None:
    late = date(2022, 1, 1)
    main, west, outside = zone_rows(
        *plant("A", 600, START),
        *plant("B", 515, late, park_id="park_yangwen"),
        *plant("C", 7, START, park_id=None),
        unmapped="B",
    )
    assert (main.id, main.name, main.zone_id) == ("zone_main", "本岛提升", "zone_main")
    assert main.planned_mu == 2230.0
    assert (main.recorded_mu, main.in_production_mu, main.unmapped_mu) == (1115.0, 1115.0, 515.0)
    assert (main.rate, main.reachable_rate) == (0.5, 0.5)
    assert main.rate_at_due == pytest.approx(600 / 2230, rel=1e-12)
    assert (west.id, west.planned_mu, west.rate) == ("zone_west", 4800.0, None)
    assert (outside.id, outside.name, outside.recorded_mu) == (None, "园区外", 7.0)


def test_a_zone_has_no_target() -> None:
    for row in zone_rows(*plant("A", 1360, START)):
        assert (row.target_rate, row.target_text, row.gap_mu, row.met_on) == (None,) * 4
        assert row.verdict is Verdict.NO_TARGET
        assert row.due == DUE


def test_a_zone_with_nothing_recorded_is_null_not_zero() -> None:
    row = zone_rows()[0]
    nulls = (row.rate, row.rate_at_due, row.reachable_rate, row.in_production_mu)
    assert nulls == (None,) * 4
    assert row.recorded_mu == 0.0
    assert json.loads(json.dumps(row.as_dict())) == row.as_dict()
