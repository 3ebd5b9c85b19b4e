"""Each story that the 示例 ledger is to tell can be found in its events."""

from collections import Counter
from datetime import date, timedelta

import pytest

from dongtou_geo.domain.account import ParcelState, state_on
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import Origin, Parcel
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.services.replay import ReplayedLedger, replayed
from dongtou_geo.services.sample import make_sample
from dongtou_geo.services.sample.chain import DATA_UNTIL
from dongtou_geo.store.ledger import Ledger

NANTANG, YANGWEN, OJK = "park_nantang", "park_yangwen", "park_ojk_industry"
STARTUP = "park_startup"
# A void never stands; no story of the sample splits or merges a parcel.
UNTOLD = {EventKind.VOID, EventKind.SPLIT, EventKind.MERGE}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return make_sample(tmp_path_factory.mktemp("sample") / "sample.sqlite")


@pytest.fixture(scope="module")
def view(ledger: Ledger) -> ReplayedLedger:
    return replayed(ledger)


@pytest.fixture(scope="module")
def lines(ledger: Ledger) -> list[Event]:
    return ledger.events()


def now(view: ReplayedLedger, park_id: str | None) -> list[tuple[Parcel, ParcelState]]:
    states = (
        (view.parcels[no], state_on(events, DATA_UNTIL)) for no, events in view.events.items()
    )
    return [(p, state) for p, state in states if state is not None and state.park_id == park_id]


def in_status(
    view: ReplayedLedger, park_id: str, status: Account
) -> list[tuple[Parcel, ParcelState]]:
    return [(p, state) for p, state in now(view, park_id) if state.status is status]


def days(view: ReplayedLedger, number: str, kind: EventKind) -> list[date]:
    return [event.effective_on for event in view.events[number] if event.kind is kind]


def test_nantang_has_supply_that_stalled_past_its_agreed_start(view: ReplayedLedger) -> None:
    stalled = [
        (parcel, state)
        for parcel, state in in_status(view, NANTANG, Account.SUPPLIED)
        if state.since < date(2020, 1, 1)
    ]
    assert sum(m2_to_mu(state.area_m2) for _, state in stalled) > 100
    for parcel, state in stalled:
        assert 2014 <= state.since.year <= 2019
        assert parcel.agreed_start_on is not None
        assert parcel.agreed_start_on < DATA_UNTIL - timedelta(days=365)
        assert parcel.occupant
        assert parcel.note


def test_building_stopped_with_little_built_and_little_spent(view: ReplayedLedger) -> None:
    halted = [(p, s) for p, s in in_status(view, NANTANG, Account.BUILDING) if s.halted]
    assert halted
    for parcel, state in halted:
        assert parcel.area_started_m2 is not None
        assert parcel.area_started_m2 < state.area_m2 / 3
        assert parcel.invested_wan is not None
        assert parcel.total_investment_wan is not None
        assert parcel.invested_wan < parcel.total_investment_wan * 0.25


def test_some_building_was_halted_and_resumed(view: ReplayedLedger) -> None:
    resumed = [no for no in view.events if days(view, no, EventKind.RESUME)]
    assert resumed
    for number in resumed:
        assert days(view, number, EventKind.HALT) < days(view, number, EventKind.RESUME)


def test_land_is_partly_used_and_some_of_it_widened(view: ReplayedLedger) -> None:
    part_used = in_status(view, NANTANG, Account.PART_USED)
    assert len(part_used) >= 4
    for _, state in part_used:
        assert 0.25 * state.area_m2 < state.producing_m2 < 0.9 * state.area_m2
    assert any(len(days(view, no, EventKind.PRODUCE)) == 2 for no in view.events)


def test_a_plant_in_nantang_stopped(view: ReplayedLedger) -> None:
    assert any(s.stopped_m2 == pytest.approx(s.area_m2) for _, s in now(view, NANTANG))


def test_the_largest_plant_stopped_in_2023_and_a_part_restarted(view: ReplayedLedger) -> None:
    stopped = {
        no: days(view, no, EventKind.STOP)[0]
        for no in view.events
        if no.startswith("示例-瓯江口") and days(view, no, EventKind.STOP)
    }
    assert {day.year for day in stopped.values()} == {2023}
    assert len({view.parcels[no].occupant for no in stopped}) == 1
    area_mu = {no: m2_to_mu(view.timeline[no][-1].area_m2) for no in stopped}
    assert sum(area_mu.values()) > 500
    restarted = [no for no in stopped if days(view, no, EventKind.RESTART)]
    assert len(restarted) == 1
    assert "复产" in (view.parcels[restarted[0]].note or "")


def test_the_startup_area_waits_on_its_fill(view: ReplayedLedger) -> None:
    waiting = Counter(
        state.status for parcel, state in now(view, STARTUP) if parcel.origin is Origin.FILLED_SEA
    )
    assert waiting[Account.APPROVED] >= 8
    assert waiting[Account.ACQUIRED] >= 8


def test_no_sea_was_approved_for_filling_after_the_state_council_forbade_it(
    view: ReplayedLedger,
) -> None:
    # 国发〔2018〕24号, 2018-07-25
    for number, parcel in view.parcels.items():
        if parcel.origin is Origin.FILLED_SEA:
            assert all(day < date(2018, 7, 25) for day in days(view, number, EventKind.APPROVE))


def test_origins_follow_the_ground(view: ReplayedLedger) -> None:
    origins = {
        park: {parcel.origin for parcel, _ in now(view, park)}
        for park in (NANTANG, YANGWEN, OJK, STARTUP)
    }
    both = {Origin.LAND, Origin.FILLED_SEA}
    assert origins == {NANTANG: both, YANGWEN: both, OJK: {Origin.FILLED_SEA}, STARTUP: both}


def test_every_status_is_on_the_map(view: ReplayedLedger) -> None:
    for park in (NANTANG, STARTUP):
        statuses = {state.status for _, state in now(view, park)}
        assert statuses == set(STATUSES), park


def test_old_plants_have_a_production_date_and_no_more(view: ReplayedLedger) -> None:
    old = [
        no
        for no, events in view.events.items()
        if [event.kind for event in events] == [EventKind.REGISTER, EventKind.PRODUCE]
    ]
    assert len(old) >= 10


@pytest.mark.parametrize(
    "kind", [kind for kind in EventKind if kind not in UNTOLD], ids=lambda kind: kind.value
)
def test_every_kind_of_event_occurs(kind: EventKind, view: ReplayedLedger) -> None:
    assert any(event.kind is kind for events in view.events.values() for event in events)


def test_corrections_name_what_they_correct_and_why(lines: list[Event]) -> None:
    by_id = {event.event_id: event for event in lines}
    corrections = [event for event in lines if event.supersedes is not None]
    assert len(corrections) >= 6
    assert {event.kind for event in corrections} >= {EventKind.PRODUCE, EventKind.VOID}
    for event in corrections:
        assert event.supersedes is not None
        replaced = by_id[event.supersedes]
        assert replaced.parcel_no == event.parcel_no
        assert replaced.event_id < event.event_id
        assert event.recorded_at > replaced.recorded_at
        assert event.reason


def test_most_lines_come_within_weeks_and_some_months_later(lines: list[Event]) -> None:
    lags = [
        (event.recorded_at.date() - event.effective_on).days
        for event in lines
        if event.supersedes is None
    ]
    late = sum(lag > 60 for lag in lags)
    assert sum(lag <= 24 for lag in lags) + late == len(lags)
    assert 0.03 < late / len(lags) < 0.1


def test_a_withdrawn_parcel_was_supplied_again(view: ReplayedLedger) -> None:
    again = [no for no in view.events if days(view, no, EventKind.WITHDRAW)]
    assert len(again) >= 2
    for number in again:
        first, second = days(view, number, EventKind.SUPPLY)
        assert first < days(view, number, EventKind.WITHDRAW)[0] < second
        assert view.timeline[number][-1].status is Account.IN_PRODUCTION


def test_a_moved_parcel_counted_outside_until_it_was_confirmed(view: ReplayedLedger) -> None:
    moved = [no for no in view.events if days(view, no, EventKind.MOVE_PARK)]
    assert moved
    for number in moved:
        states = view.timeline[number]
        assert states[0].park_id is None
        assert states[-1].park_id == STARTUP


def test_papers_and_people_say_sample(lines: list[Event], view: ReplayedLedger) -> None:
    assert all(event.recorded_by.startswith("示例·") for event in lines)
    papers = [event.source_doc for event in lines if event.kind is not EventKind.VOID]
    assert all(paper and "示例" in paper for paper in papers)
    for parcel in view.parcels.values():
        for text in (parcel.occupant, parcel.contract_no, parcel.supervision_no, parcel.note):
            assert text is None or text.startswith("示例")


def test_papers_are_of_the_year_in_which_they_were_signed(view: ReplayedLedger) -> None:
    for events in view.events.values():
        for event in events:
            if event.kind is not EventKind.REGISTER and event.supersedes is None:
                assert str(event.effective_on.year) in (event.source_doc or "")


def test_firms_are_many(view: ReplayedLedger) -> None:
    firms = {parcel.occupant for parcel in view.parcels.values() if parcel.occupant}
    assert 60 <= len(firms) <= 120


def test_supplied_land_has_terms_and_other_land_has_none(view: ReplayedLedger) -> None:
    for number, parcel in view.parcels.items():
        supplied = days(view, number, EventKind.SUPPLY)
        agreed = (parcel.agreed_start_on, parcel.agreed_complete_on, parcel.agreed_produce_on)
        if not supplied:
            assert agreed == (None, None, None)
            assert (parcel.contract_no, parcel.contract_area_mu) == (None, None)
            continue
        start, complete, produce = agreed
        assert start
        assert complete
        assert produce
        assert max(supplied) < start < complete < produce <= date(2028, 12, 31)
        assert parcel.handed_over_on
        assert parcel.handed_over_on > max(supplied)
        assert parcel.supply_mode in {"划拨", "出让", "租赁", "先租后让"}


def test_some_agreed_dates_are_still_to_come(view: ReplayedLedger) -> None:
    agreed = [p.agreed_produce_on for p in view.parcels.values() if p.agreed_produce_on]
    assert max(agreed).year == 2028


def test_paper_areas_mostly_agree_and_a_few_do_not(view: ReplayedLedger) -> None:
    off = [
        abs(p.contract_area_mu / p.ledger_area_mu - 1)
        for p in view.parcels.values()
        if p.contract_area_mu and p.ledger_area_mu
    ]
    deviating = [share for share in off if share > 1e-9]
    assert 0.02 < len(deviating) / len(off) < 0.15
    assert all(0.004 < share < 0.031 for share in deviating)


def test_responsible_units_are_the_parks_offices(view: ReplayedLedger) -> None:
    units = {park: {p.responsible_unit for p, _ in now(view, park)} for park in (NANTANG, OJK)}
    assert units == {NANTANG: {"示例·本岛园区管理办公室"}, OJK: {"示例·瓯江口管理单位"}}


def test_a_row_copied_out_of_the_app_cannot_be_taken_for_a_real_one(view: ReplayedLedger) -> None:
    for parcel in view.parcels.values():
        names = (parcel.parcel_no, parcel.occupant, parcel.responsible_unit, parcel.contract_no)
        assert all(name.startswith("示例") for name in names if name), names
