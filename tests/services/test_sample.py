"""The 示例 ledger as a file and as figures: always the same, whole or absent, sound to the m2."""

import json
import os
import re
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from dongtou_geo import settings
from dongtou_geo.domain.account import AREA_TOLERANCE_M2, stage_order_problems, transitions
from dongtou_geo.domain.balance import Balances
from dongtou_geo.domain.event import STAGE_CHAIN, Event, standing
from dongtou_geo.domain.parcel import AreaBasis, Parcel
from dongtou_geo.domain.progress import Progress, Verdict
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.errors import DatasetError, LedgerError
from dongtou_geo.services.progress import plan_book, progress
from dongtou_geo.services.replay import ReplayedLedger, replayed
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create

DATA_UNTIL = date(2026, 6, 30)
MID_PLAN, DUE = date(2018, 12, 31), date(2020, 12, 31)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return make_sample(tmp_path_factory.mktemp("sample") / "sample.sqlite")


@pytest.fixture(scope="module")
def view(ledger: Ledger) -> ReplayedLedger:
    return replayed(ledger)


def rows(view: ReplayedLedger, as_of: date) -> dict[str | None, Progress]:
    return {row.id: row for row in progress(plan_book(), view, as_of=as_of)}


def lines(ledger: Ledger) -> tuple[LedgerIdentity, list[Parcel], list[Event]]:
    return ledger.identity(), ledger.parcels(), ledger.events()


def test_it_says_that_it_is_a_sample_and_until_when(ledger: Ledger) -> None:
    stamp = ledger.stamp()
    assert (stamp.sample, stamp.data_until) == (True, DATA_UNTIL)
    assert re.fullmatch(rf"sample-[0-9a-f]{{8}}-{len(ledger.events())}", stamp.ledger_version or "")


def test_it_is_the_same_every_time_in_every_process(ledger: Ledger, tmp_path: Path) -> None:
    other = tmp_path / "made" / "elsewhere.sqlite"
    script = (
        "import pathlib, sys; from dongtou_geo.services.sample import make_sample; "
        "make_sample(pathlib.Path(sys.argv[1]))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(settings.ROOT)}
    subprocess.run([sys.executable, "-c", script, other], env=environment, check=True)
    assert lines(Ledger(file_url(other))) == lines(ledger)


def test_it_is_one_plain_file_made_within_seconds(tmp_path: Path) -> None:
    path = tmp_path / "sample.sqlite"
    (tmp_path / "sample.sqlite-wal").write_bytes(b"left by a process that died")
    began = time.perf_counter()
    make_sample(path)
    assert time.perf_counter() - began < 5
    assert [entry.name for entry in tmp_path.iterdir()] == ["sample.sqlite"]


def test_an_earlier_sample_is_replaced_only_where_allowed(tmp_path: Path) -> None:
    path = tmp_path / "sample.sqlite"
    create(file_url(path), LedgerIdentity("sample", sample=True))
    with pytest.raises(LedgerError, match="已存在"):
        make_sample(path, replace=False)
    assert Ledger(file_url(path)).parcels() == []
    assert make_sample(path).parcels()


@pytest.mark.parametrize("content", ["ledger", "junk", "folder"])
def test_what_is_no_sample_is_never_replaced(content: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    if content == "ledger":
        create(file_url(path), LedgerIdentity("real"))
    elif content == "junk":
        path.write_text("地块编号,面积", "utf-8")
    else:
        path.mkdir()
    with pytest.raises(LedgerError, match="不是示例台账"):
        make_sample(path)
    if content == "ledger":
        assert Ledger(file_url(path)).identity().ledger_id == "real"


def test_a_failure_leaves_the_earlier_sample_and_no_scraps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sample.sqlite"
    before = lines(make_sample(path))

    def full(*_: object) -> int:
        msg = "台账写入失败：磁盘已满"
        raise LedgerError(msg)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "append", full)
        with pytest.raises(LedgerError, match="磁盘已满"):
            make_sample(path)
    assert lines(Ledger(file_url(path))) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["sample.sqlite"]


def test_a_file_that_cannot_be_moved_into_place_is_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(self: Path, target: Path) -> Path:
        raise PermissionError(13, "文件被占用")

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(LedgerError, match="没有权限，或正被其他程序打开"):
        make_sample(tmp_path / "sample.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, "{}", "no json", '{"features": [{"properties": {}}]}'])
def test_unreadable_outlines_are_named(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "parks.geojson").write_text(content, "utf-8")
    monkeypatch.setattr(settings, "GEODATA", tmp_path)
    with pytest.raises(DatasetError, match=r"parks\.geojson"):
        make_sample(tmp_path / "sample.sqlite")


def test_an_outline_that_is_no_polygon_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = {"type": "Point", "coordinates": [121, 28]}
    feature = {"properties": {"id": "park_x", "plan_area_mu": 1}, "geometry": point}
    (tmp_path / "parks.geojson").write_text(json.dumps({"features": [feature]}), "utf-8")
    monkeypatch.setattr(settings, "GEODATA", tmp_path)
    with pytest.raises(DatasetError, match="park_x 的图形是 Point，应为 Polygon"):
        make_sample(tmp_path / "sample.sqlite")


def test_lines_are_numbered_as_they_were_entered(ledger: Ledger) -> None:
    events = ledger.events()
    assert [event.event_id for event in events] == list(range(1, len(events) + 1))
    assert all(a.recorded_at <= b.recorded_at for a, b in pairwise(events))
    assert all(event.recorded_at.date() >= event.effective_on for event in events)
    assert max(event.recorded_at for event in events) <= datetime(2026, 6, 30, 10, tzinfo=UTC)
    days = [event.effective_on for event in events]
    assert date(2013, 1, 1) <= min(days) <= date(2013, 3, 1)
    assert max(days) <= DATA_UNTIL
    assert all(day.weekday() < 5 for day in days)


def test_every_parcel_lives_a_sound_life(ledger: Ledger, view: ReplayedLedger) -> None:
    parcels = {parcel.parcel_no: parcel for parcel in ledger.parcels()}
    assert set(view.events) == set(parcels)
    for number, events in view.events.items():
        states = list(transitions(events))
        assert all(state.producing_m2 <= state.area_m2 + AREA_TOLERANCE_M2 for state in states)
        stages = {e.kind: e.effective_on for e in events if e.kind in STAGE_CHAIN}
        assert stage_order_problems(stages) == [], number


def test_it_is_sound_by_the_knowledge_of_any_day(ledger: Ledger) -> None:
    events = ledger.events()
    for year in range(2013, 2027):
        for month in (2, 5, 8, 11):
            Balances(standing(events, known_at=datetime(year, month, 11, tzinfo=UTC)))


def test_statuses_sum_to_what_is_recorded_and_that_to_the_parcels(
    ledger: Ledger, view: ReplayedLedger
) -> None:
    now = rows(view, DATA_UNTIL)
    living = [states[-1] for n in view.parcels if not (states := view.timeline[n])[-1].ended]
    for row in now.values():
        own = sum(m2_to_mu(state.area_m2) for state in living if state.park_id == row.id)
        assert row.recorded_mu == pytest.approx(own, abs=1e-6)
        assert sum(row.by_status_mu.values()) == pytest.approx(row.recorded_mu, abs=1e-9)
    unmapped = [p for p in ledger.parcels() if p.area_basis is AreaBasis.LEDGER]
    paper_mu = sum(parcel.ledger_area_mu or 0.0 for parcel in unmapped)
    assert sum(row.unmapped_mu for row in now.values()) == pytest.approx(paper_mu, abs=1e-6)


# Rate at mid-plan, at due and now; recorded share now.
BANDS = {
    "park_startup": ((0.05, 0.12), (0.07, 0.13), (0.10, 0.20), (0.78, 0.86)),
    "park_nantang": ((0.35, 0.44), (0.45, 0.50), (0.60, 0.64), (0.905, 0.94)),
    "park_yangwen": ((0.60, 0.80), (0.905, 0.94), (0.905, 0.94), (0.93, 0.96)),
    "park_ojk_industry": ((0.15, 0.30), (0.45, 0.60), (0.48, 0.58), (0.85, 0.90)),
}


@pytest.mark.parametrize("park_id", BANDS)
def test_each_park_stands_where_its_story_puts_it(park_id: str, view: ReplayedLedger) -> None:
    *rates, (least, most) = BANDS[park_id]
    for day, (low, high) in zip((MID_PLAN, DUE, DATA_UNTIL), rates, strict=True):
        rate = rows(view, day)[park_id].rate
        assert rate is not None
        assert low <= rate <= high, day
    row = rows(view, DATA_UNTIL)[park_id]
    assert row.planned_mu is not None
    assert row.reachable_rate is not None
    assert least <= row.recorded_mu / row.planned_mu <= most
    assert row.reachable_rate == pytest.approx(row.recorded_mu / row.planned_mu)


def test_every_verdict_of_the_contract_but_one_is_seen(view: ReplayedLedger) -> None:
    now = rows(view, DATA_UNTIL)
    assert {row_id: row.verdict for row_id, row in now.items()} == {
        "park_startup": Verdict.WORDS_ONLY,
        "park_nantang": Verdict.OVERDUE,
        "park_yangwen": Verdict.MET,
        "park_ojk_industry": Verdict.OVERDUE,
        "park_rail": Verdict.NO_TARGET,
        None: Verdict.NO_TARGET,
    }
    early = rows(view, MID_PLAN)
    assert early["park_yangwen"].verdict is Verdict.ON_TRACK
    assert early["park_nantang"].verdict is Verdict.BEHIND


def test_yangwen_passed_its_target_a_year_before_the_end(view: ReplayedLedger) -> None:
    row = rows(view, DATA_UNTIL)["park_yangwen"]
    assert row.met_on is not None
    assert date(2019, 6, 1) <= row.met_on <= date(2019, 12, 31)
    assert row.gap_mu is not None
    assert row.gap_mu < 0


def test_nantang_never_met_its_target_but_could(view: ReplayedLedger) -> None:
    row = rows(view, DATA_UNTIL)["park_nantang"]
    assert row.met_on is None
    assert row.reachable_rate is not None
    assert row.target_rate is not None
    assert row.reachable_rate > row.target_rate
    assert 4 <= sum(no.startswith("示例-南塘") for no in _unmapped(view)) <= 6
    assert row.unmapped_mu > 0


def test_ojk_rises_then_falls_and_cannot_reach_all(view: ReplayedLedger) -> None:
    rates = [
        rows(view, date(year, 12, 31))["park_ojk_industry"].rate or 0.0
        for year in range(2015, 2026)
    ]
    assert rates[:8] == sorted(rates[:8])
    assert rates[7] > 0.6
    assert rates[8] < rates[7] - 0.15
    row = rows(view, DATA_UNTIL)["park_ojk_industry"]
    assert row.target_rate == 1.0
    assert row.reachable_rate is not None
    assert row.reachable_rate < 0.9


def test_rail_is_left_unfilled_and_some_land_lies_in_no_park(view: ReplayedLedger) -> None:
    now = rows(view, DATA_UNTIL)
    rail, outside = now["park_rail"], now[None]
    assert (rail.recorded_mu, rail.rate, rail.gap_mu) == (0.0, None, None)
    assert (outside.name, outside.rate) == ("园区外", None)
    assert outside.recorded_mu > 20


def _unmapped(view: ReplayedLedger) -> list[str]:
    return [n for n, p in view.parcels.items() if p.area_basis is AreaBasis.LEDGER]
