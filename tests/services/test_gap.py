"""缺口清单 adds up to 用地进度: on the 示例 ledger, on small ones, and without any."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.progress import Verdict
from dongtou_geo.domain.status import Account
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.services import gap
from dongtou_geo.services.gap_due import due_filter, due_page, due_slice
from dongtou_geo.services.gap_figures import GapLine
from dongtou_geo.services.progress import (
    NO_LEDGER,
    LedgerView,
    PlanBook,
    ledger_view,
    plan_book,
    progress,
)
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.store.gap_lives import line, made_up

NANTANG, STARTUP, RAIL = "park_nantang", "park_startup", "park_rail"
DAYS = (
    date(2012, 1, 1),
    date(2015, 6, 30),
    date(2018, 12, 31),
    date(2022, 2, 28),
    date(2026, 6, 30),
)


@pytest.fixture(scope="module")
def book() -> PlanBook:
    return plan_book()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> LedgerView:
    path = tmp_path_factory.mktemp("gap") / "sample.sqlite"
    make_sample(path)
    return ledger_view(Ledger(file_url(path)))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> LedgerView:
    """Some hundred parcels that led all kinds of lives."""
    ledger = create(file_url(tmp_path_factory.mktemp("many") / "a.sqlite"))
    ledger.append(*made_up(Random(3), 260, date(2018, 1, 1)))
    return ledger_view(ledger)


def every_line(view: LedgerView, book: PlanBook, as_of: date) -> Iterator[GapLine]:
    first = gap.park_gap(view, book, NANTANG, as_of=as_of)
    for page in range(1, first.pages + 1):
        yield from gap.park_gap(view, book, NANTANG, as_of=as_of, page=page).lines


@pytest.mark.parametrize("as_of", DAYS)
def test_every_park_adds_up_to_its_progress(
    sample: LedgerView, many: LedgerView, book: PlanBook, as_of: date
) -> None:
    for view in (sample, many):
        for row in progress(book, view, as_of=as_of):
            if row.id is None:
                continue
            found = gap.park_gap(view, book, row.id, as_of=as_of)
            assert found.row == row
            waiting = row.recorded_mu - (row.in_production_mu or 0.0)
            assert found.listed_mu == pytest.approx(waiting, abs=1e-6)
            by_account: dict[Account, float] = defaultdict(float)
            for stage in found.stages:
                by_account[stage.account] += stage.area_mu
                assert stage.land_mu + stage.filled_sea_mu == pytest.approx(stage.area_mu)
                assert sum(mu for _, mu in stage.units) == pytest.approx(stage.area_mu)
                assert stage.land_parcels + stage.filled_sea_parcels == stage.parcels
            # 停产 stands apart in the list and in no account of its own.
            for account, area_mu in by_account.items():
                assert area_mu == pytest.approx(row.by_status_mu[account], abs=1e-6)
            stopped = [stage.key for stage in found.stages if stage.label == "停产"]
            assert stopped == (["stopped"] if found.stopped_mu else [])
            assert sum(s.area_mu for s in found.stages) == pytest.approx(waiting, abs=1e-6)
            assert (found.closing is None) == (row.gap_mu is None)
            if found.closing is not None and row.gap_mu is not None:
                assert found.closing.gap_mu == pytest.approx(row.gap_mu, abs=1e-9)
                assert (found.closing.parcels == 0) == (row.verdict is Verdict.MET)
                short = row.target_rate is not None and (row.reachable_rate or 0) < row.target_rate
                assert (found.closing.parcels is None) == short
            if found.points:
                assert found.points[0].rate == pytest.approx(row.rate)
                assert found.points[-1].rate == pytest.approx(row.reachable_rate)


def test_the_target_is_crossed_by_the_parcel_that_is_named(
    sample: LedgerView, book: PlanBook
) -> None:
    as_of = date(2026, 6, 30)
    found = gap.park_gap(sample, book, NANTANG, as_of=as_of)
    assert found.closing is not None
    assert found.closing.parcels
    before, last = found.lines[found.closing.parcels - 2], found.lines[found.closing.parcels - 1]
    assert before.rate < 0.9 <= last.rate
    assert last.cumulative_mu == found.closing.added_mu
    assert any(point.parcels == found.closing.parcels for point in found.points)
    assert found.closing.added_mu + found.closing.spare_mu == pytest.approx(found.listed_mu)


def test_pages_hold_the_whole_list_once(many: LedgerView, book: PlanBook) -> None:
    as_of = date(2018, 1, 1)
    lines = list(every_line(many, book, as_of))
    assert len(lines) > 2 * gap.PAGE_ROWS
    assert [found.place for found in lines] == list(range(1, len(lines) + 1))
    running = 0.0
    for found in lines:
        running += found.contribution_mu
        assert found.cumulative_mu == pytest.approx(running)
    asked = lines[gap.PAGE_ROWS + 3].row.parcel_no
    shown = gap.park_gap(many, book, NANTANG, as_of=as_of, parcel_no=asked)
    assert (shown.page, shown.missing) == (2, False)
    assert asked in {found.row.parcel_no for found in shown.lines}
    assert gap.park_gap(many, book, NANTANG, as_of=as_of, page=99).page == shown.pages
    assert gap.park_gap(many, book, NANTANG, as_of=as_of, parcel_no="=1+1").missing
    some = gap.gap_lines(many, book, NANTANG, as_of=as_of, limit=7, offset=48)
    assert some == lines[48:55]
    whole = [found for _, found in gap.whole_list(many, book, [NANTANG], as_of=as_of)]
    assert whole == lines


def test_the_district_sums_only_what_has_a_number(sample: LedgerView, book: PlanBook) -> None:
    as_of = date(2026, 6, 30)
    found = gap.district_gap(sample, book, as_of=as_of)
    rows = {row.id: row for row in progress(book, sample, as_of=as_of)}
    named = ("park_nantang", "park_yangwen", "park_ojk_industry")
    assert tuple(one.row.id for one in found.counted) == named
    assert {one.row.id for one in found.left_out} == {STARTUP, RAIL}
    gaps = [rows[park].gap_mu or 0.0 for park in named]
    assert min(gaps) < 0
    assert found.gap_mu == pytest.approx(sum(max(value, 0.0) for value in gaps))
    assert found.outside_mu == pytest.approx(rows[None].recorded_mu)
    for one in found.lines:
        first = gap.park_gap(sample, book, str(one.row.id), as_of=as_of)
        assert one.closing == first.closing
        assert one.first == first.lines[:3]


def test_a_park_without_a_number_has_a_list_and_no_line(sample: LedgerView, book: PlanBook) -> None:
    found = gap.park_gap(sample, book, STARTUP, as_of=date(2026, 6, 30))
    assert found.closing is None
    assert found.row.verdict is Verdict.WORDS_ONLY
    assert found.parcels > gap.PAGE_ROWS
    assert len(found.points) > 2


@pytest.mark.parametrize("view", [LedgerView(NO_LEDGER, None), None])
def test_nothing_recorded_is_no_gap_of_nothing(
    view: LedgerView | None, book: PlanBook, tmp_path: Path
) -> None:
    view = view or ledger_view(create(file_url(tmp_path / "bare.sqlite")))
    found = gap.park_gap(view, book, NANTANG, as_of=DAYS[2], parcel_no="A")
    assert (found.row.gap_mu, found.closing, found.lines, found.points) == (None, None, [], [])
    assert found.missing
    assert found.unrecorded_mu == 1360.0
    assert gap.district_gap(view, book, as_of=DAYS[2]).gap_mu is None
    due = due_page(view, due_filter(DAYS[2], None))
    assert (due.count, due.lines, due.pages) == (0, [], 1)
    assert {cell.parcels for cell in due.cells.values()} == {0}


def test_more_recorded_than_planned_leaves_nothing_unrecorded(
    book: PlanBook, tmp_path: Path
) -> None:
    ledger = create(file_url(tmp_path / "a.sqlite"))
    entry = Parcel("A", Origin.LAND, AreaBasis.LEDGER)
    ledger.append([entry], [line("A", "register", DAYS[0], mu_to_m2(1400.0), NANTANG)])
    found = gap.park_gap(ledger_view(ledger), book, NANTANG, as_of=DAYS[1])
    assert found.unrecorded_mu == 0.0
    assert found.over_recorded_mu == pytest.approx(40.0)
    assert found.closing is not None
    assert found.closing.parcels == 1


def test_due_steps_are_paged_and_tell_what_is_suspected(many: LedgerView) -> None:
    as_of = date(2018, 1, 1)
    wanted = due_filter(as_of, None)
    first = due_page(many, wanted)
    assert first.count > gap.PAGE_ROWS
    everything = due_slice(many, wanted, limit=10_000, offset=0)
    pages = [due_page(many, wanted, page=page).lines for page in range(1, first.pages + 1)]
    assert [found for page in pages for found in page] == everything
    assert len(everything) == first.count
    for found in everything:
        assert found.row.due_on + timedelta(days=found.days) == as_of
        suspected = found.row.kind == "start" and found.row.due_on <= date(2017, 1, 1)
        assert (found.idle_since is not None) == suspected
    year = due_page(many, due_filter(as_of, None, "year", "start"))
    assert year.count == first.cells["start", "year"].parcels
    assert all(found.idle_since for found in year.lines)


def test_what_produced_and_was_stopped_is_a_stage_of_its_own(
    tmp_path: Path, book: PlanBook
) -> None:
    ledger = create(file_url(tmp_path / "a.sqlite"))
    on = [date(2015, 1, 1) + timedelta(days=n) for n in range(4)]
    parcels = [Parcel(no, Origin.LAND, AreaBasis.LEDGER) for no in ("STOOD", "NEVER", "HALF")]
    events = [
        *(line(p.parcel_no, "register", on[0], mu_to_m2(100), NANTANG) for p in parcels),
        *(line(p.parcel_no, "complete", on[1], None) for p in parcels),
        *(line(no, "produce", on[2], None) for no in ("STOOD", "HALF")),
        line("STOOD", "stop", on[3], None), line("HALF", "stop", on[3], mu_to_m2(40)),
    ]  # fmt: skip
    ledger.append(parcels, events)
    found = gap.park_gap(ledger_view(ledger), book, NANTANG, as_of=on[3])
    told = {stage.key: (stage.label, stage.account, stage.parcels) for stage in found.stages}
    assert told == {
        "completed": ("建成未投产", Account.COMPLETED, 1),
        "stopped": ("停产", Account.COMPLETED, 2),
    }
    assert [round(stage.area_mu, 6) for stage in found.stages] == [100, 140]
    assert found.row.by_status_mu[Account.COMPLETED] == pytest.approx(240)
    assert found.row.in_production_mu == pytest.approx(60)
    words = {ln.row.parcel_no: (ln.status_label, ln.obstacle.words) for ln in found.lines}
    assert words["STOOD"] == ("停产", f"投产后停产，自 {on[3]}")
    assert words["HALF"] == ("投产", f"部分停产 40.0 亩，自 {on[3]}")
    assert words["NEVER"] == ("建成未投产", "建成未投产，约定投产未填报")
