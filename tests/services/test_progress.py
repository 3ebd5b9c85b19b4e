"""Progress from a ledger on disk: no ledger, an empty one, and one with two times in it."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.places import Park, Zone
from dongtou_geo.domain.progress import LedgerStamp, Verdict
from dongtou_geo.domain.status import Account
from dongtou_geo.domain.target import Target, by_park
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.errors import EventError, LedgerError
from dongtou_geo.services.progress import PlanBook, ledger_view, progress
from dongtou_geo.services.replay import replayed
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create

START, DUE, TODAY = date(2016, 1, 1), date(2020, 12, 31), date(2026, 6, 30)
MEETING = datetime(2026, 4, 1, tzinfo=UTC)
PARK = Park("park_a", "甲园", "zone_a", 100.0, 100.0, "亩", "第五章", (), "", None)
OTHER = replace(PARK, id="park_b", name="乙园", planned_mu=50.0)
WORDS = Target("135", "park_a", "90%以上", "第五章", 0.9, DUE, scored=True, own=True)
BOOK = PlanBook((Zone("zone_a", "甲片", "第三章"),), (PARK, OTHER), by_park([WORDS]))
DRAWN = Parcel("A-1", Origin.LAND, AreaBasis.DRAWN, geometry_wkb=b"\x01")
UNMAPPED = Parcel("A-2", Origin.LAND, AreaBasis.LEDGER, ledger_area_mu=40.0)
REGISTER = Event(
    1, "A-1", EventKind.REGISTER, START, MEETING, "张三", area_m2=mu_to_m2(60), park_id="park_a"
)
LINES = [
    REGISTER,
    replace(REGISTER, event_id=2, parcel_no="A-2", area_m2=mu_to_m2(40)),
    replace(REGISTER, event_id=3, kind=EventKind.PRODUCE, effective_on=DUE, area_m2=None),
]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = create(file_url(tmp_path / "ledger.sqlite"), LedgerIdentity("abc"))
    made.append([DRAWN, UNMAPPED], LINES)
    return made


@pytest.mark.parametrize("by", ["park", "zone"])
def test_without_a_ledger_every_row_is_there_and_every_figure_null(by: str) -> None:
    rows = progress(BOOK, ledger_view(None), as_of=TODAY, by=by)
    assert [row.id for row in rows] == {"park": ["park_a", "park_b"], "zone": ["zone_a"]}[by]
    for row in rows:
        assert (row.rate, row.gap_mu, row.in_production_mu, row.rate_at_due) == (None,) * 4
        assert (row.ledger_version, row.data_until, row.sample) == (None, None, False)
        assert row.recorded_mu == 0.0


def test_verdicts_without_and_with_an_empty_ledger_are_the_same(tmp_path: Path) -> None:
    empty = create(file_url(tmp_path / "empty.sqlite"))
    for ledger in (None, empty):
        rows = progress(BOOK, ledger_view(ledger), as_of=TODAY)
        assert [row.verdict for row in rows] == [Verdict.UNKNOWN, Verdict.NO_TARGET]
        assert [row.rate for row in rows] == [None, None]


def test_a_ledgers_figures_reach_the_row(ledger: Ledger) -> None:
    row, other = progress(BOOK, ledger_view(ledger), as_of=TODAY)
    assert row.recorded_mu == pytest.approx(100.0)
    assert row.unmapped_mu == pytest.approx(40.0)
    assert row.by_status_mu[Account.PLANNED] == pytest.approx(40.0)
    assert (row.rate, row.rate_at_due, row.gap_mu) == pytest.approx((0.6, 0.6, 30.0))
    assert (row.ledger_version, row.data_until) == ("abc-3", MEETING.date())
    assert row.verdict is Verdict.OVERDUE
    assert other.rate is None


def test_zones_sum_their_parks(ledger: Ledger) -> None:
    (row,) = progress(BOOK, ledger_view(ledger), as_of=TODAY, by="zone")
    assert (row.id, row.planned_mu, row.target_rate) == ("zone_a", 150.0, None)
    assert row.rate == pytest.approx(60 / 150)


def test_as_of_looks_at_the_ground(ledger: Ledger) -> None:
    row, _ = progress(BOOK, ledger_view(ledger), as_of=DUE - timedelta(days=1))
    assert (row.rate, row.rate_at_due) == (0.0, None)


def test_known_at_gives_the_figures_of_an_earlier_meeting(ledger: Ledger) -> None:
    before = progress(BOOK, replayed(ledger, known_at=MEETING), as_of=TODAY)
    later = MEETING + timedelta(days=1)
    corrected = replace(LINES[2], event_id=4, area_m2=mu_to_m2(15), recorded_at=later, supersedes=3)
    ledger.append([], [corrected])
    then, _ = progress(BOOK, replayed(ledger, known_at=MEETING), as_of=TODAY)
    now, _ = progress(BOOK, ledger_view(ledger), as_of=TODAY)
    assert (then.rate, then.gap_mu) == (before[0].rate, before[0].gap_mu)
    assert now.rate == pytest.approx(0.15)
    assert now.by_status_mu[Account.PART_USED] == pytest.approx(45.0)


def test_before_anything_was_known_nothing_is_recorded(ledger: Ledger) -> None:
    row, _ = progress(
        BOOK, replayed(ledger, known_at=datetime(2000, 1, 1, tzinfo=UTC)), as_of=TODAY
    )
    assert (row.rate, row.recorded_mu, row.verdict) == (None, 0.0, Verdict.UNKNOWN)


def test_a_voided_event_counts_until_its_void_is_known(ledger: Ledger) -> None:
    void = replace(LINES[2], event_id=4, kind=EventKind.VOID, supersedes=3)
    ledger.append([], [replace(void, recorded_at=MEETING + timedelta(days=1))])
    then, _ = progress(BOOK, replayed(ledger, known_at=MEETING), as_of=TODAY)
    now, _ = progress(BOOK, ledger_view(ledger), as_of=TODAY)
    assert then.rate == pytest.approx(0.6)
    assert now.rate == 0.0


def test_land_outside_the_parks_closes_both_lists(ledger: Ledger) -> None:
    moved = replace(REGISTER, event_id=4, kind=EventKind.MOVE_PARK, area_m2=None, park_id=None)
    ledger.append([], [moved])
    for by in ("park", "zone"):
        last = progress(BOOK, ledger_view(ledger), as_of=TODAY, by=by)[-1]
        assert (last.id, last.name) == (None, "园区外")
        assert last.in_production_mu == pytest.approx(60.0)


def test_a_sample_is_marked_on_every_row(tmp_path: Path) -> None:
    until = date(2026, 6, 30)
    identity = LedgerIdentity("s", sample=True, data_until=until)
    view = ledger_view(create(file_url(tmp_path / "sample.sqlite"), identity))
    assert view.stamp == LedgerStamp(sample=True, ledger_version="s-0", data_until=until)
    assert all(row.sample for row in progress(BOOK, view, as_of=TODAY))


def test_a_replay_tells_each_parcels_states_in_order(ledger: Ledger) -> None:
    whole = replayed(ledger)
    assert [state.status for state in whole.timeline["A-1"]] == [
        Account.PLANNED,
        Account.IN_PRODUCTION,
    ]
    assert whole.state_on("unknown", TODAY) is None
    assert whole.parcels == {"A-1": DRAWN, "A-2": UNMAPPED}


def test_books_and_replay_tell_the_same(ledger: Ledger) -> None:
    for by in ("park", "zone"):
        for day in (START, DUE, TODAY):
            told = progress(BOOK, ledger_view(ledger), as_of=day, by=by)
            again = progress(BOOK, replayed(ledger), as_of=day, by=by)
            for one, other in zip(told, again, strict=True):
                # The books keep whole grains of 1e-8 m2, the replay finer ones.
                assert one.by_status_mu == pytest.approx(other.by_status_mu, abs=1e-9)
                assert (one.rate, one.gap_mu) == pytest.approx((other.rate, other.gap_mu), abs=1e-9)
                assert (one.verdict, one.met_on) == (other.verdict, other.met_on)


def test_events_that_do_not_fit_are_refused_and_name_their_parcel(ledger: Ledger) -> None:
    early = replace(LINES[2], event_id=4, effective_on=START - timedelta(days=1))
    before = (ledger.events(), progress(BOOK, ledger_view(ledger), as_of=TODAY))
    with pytest.raises(EventError, match="A-1"):
        ledger.append([], [early])
    assert (ledger.events(), progress(BOOK, ledger_view(ledger), as_of=TODAY)) == before


def test_events_that_do_not_fit_and_were_written_past_the_program_name_their_parcel(
    ledger: Ledger, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as connection:
        connection.execute(
            "INSERT INTO events (parcel_no, kind, effective_on, recorded_at, recorded_by)"
            " SELECT parcel_no, kind, '2015-12-31', recorded_at, '外人'"
            " FROM events WHERE event_id = 3"
        )
        connection.commit()
    with pytest.raises(EventError, match="A-1"):
        replayed(ledger)


def test_a_ledger_that_vanished_is_an_error(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").unlink()
    with pytest.raises(LedgerError):
        ledger_view(ledger)
    assert list(tmp_path.iterdir()) == []
