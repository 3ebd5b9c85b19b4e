"""汇报 as plain data: every figure is 用地进度's, proves itself, and is never a zero for want of records."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dongtou_geo.domain import written
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.services.briefing import briefing
from dongtou_geo.services.briefing_places import quarter_ends
from dongtou_geo.services.briefing_sheet import Briefing, Figure, Sheet, plain
from dongtou_geo.services.dossier import Atlas, load_atlas
from dongtou_geo.services.progress import LedgerView, ledger_view, progress
from dongtou_geo.services.proof import prove
from dongtou_geo.services.proof.proof import Sources
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import LedgerIdentity
from dongtou_geo.store.opening import create, open_ledger

LATEST, BEFORE_DUE = date(2026, 6, 30), date(2018, 12, 31)
DAYS = [LATEST, BEFORE_DUE, date(2010, 1, 1)]


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return load_atlas()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> LedgerView:
    path = tmp_path_factory.mktemp("ledger") / "sample.sqlite"
    make_sample(path)
    return ledger_view(open_ledger(file_url(path)))


@pytest.fixture
def empty(tmp_path: Path) -> LedgerView:
    return ledger_view(create(file_url(tmp_path / "empty.sqlite"), LedgerIdentity("leer")))


def sheet_of(told: Briefing, sheet_id: str) -> Sheet:
    found = told.sheet(sheet_id)
    assert found is not None
    return found


def figures(sheet: Sheet) -> Iterator[tuple[str, str, Figure]]:
    """Every figure that can be asked for: what, of which place."""
    for figure in sheet.shown():
        if figure.ask is not None:
            yield figure.ask.figure, figure.ask.subject, figure


@pytest.mark.parametrize("day", DAYS)
def test_the_land_figures_of_every_sheet_are_those_of_progress(
    atlas: Atlas, sample: LedgerView, day: date
) -> None:
    rows = {
        row.id or "outside": row
        for by in ("park", "zone")
        for row in progress(atlas.book, sample, as_of=day, by=by)
    }
    seen = set()
    for sheet in briefing(atlas, sample, day).sheets:
        for name, subject, figure in figures(sheet):
            if subject not in rows or not hasattr(rows[subject], name):
                continue
            row, value = rows[subject], getattr(rows[subject], name)
            if name in ("recorded_mu", "unmapped_mu") and row.recorded_mu == 0:
                value = None
            wanted = abs(value) if name == "gap_mu" and value is not None else value
            assert figure.value == wanted, (sheet.id, name, subject)
            text = written.percent(wanted) if "rate" in name else written.mu(wanted)
            assert figure.text == text
            seen.add((name, subject))
    parks = {park.id for park in atlas.book.parks}
    assert {
        (name, park) for name in ("rate", "planned_mu", "recorded_mu") for park in parks
    } <= seen


@pytest.mark.parametrize("day", DAYS)
def test_every_figure_proves_itself(atlas: Atlas, sample: LedgerView, day: date) -> None:
    sources = Sources(atlas, sample.ledger, sample.stamp)
    proved: dict[str, list[float | None]] = {}
    for sheet in briefing(atlas, sample, day).sheets:
        for name, _subject, figure in figures(sheet):
            assert figure.ask is not None
            proof = prove(sources, figure.ask.text)
            assert proof is not None, (sheet.id, figure)
            proved.setdefault(figure.ask.text, []).append(figure.value)
            if name == "gap_due":  # one proof for how many and how much
                continue
            value = (
                abs(proof.value) if name == "gap_mu" and proof.value is not None else proof.value
            )
            if figure.value is None:
                assert value is None, (sheet.id, figure)
            else:
                assert value == pytest.approx(figure.value, rel=1e-9, abs=1e-6), (sheet.id, figure)
    # One word never stands for two different figures.
    for text, values in proved.items():
        assert len(set(values)) == (2 if text.startswith("gap_due") else 1), text


@pytest.mark.parametrize("day", DAYS)
def test_the_chart_of_a_park_is_its_split_and_its_curve_ends_at_its_rate(
    atlas: Atlas, sample: LedgerView, day: date
) -> None:
    told = briefing(atlas, sample, day)
    for row in progress(atlas.book, sample, as_of=day):
        if row.id is None:
            continue
        sheet = sheet_of(told, row.id)
        if row.recorded_mu == 0:
            assert sheet.charts == ()
            continue
        split, curve = sheet.charts
        assert list(split.series[0].values) == [mu for mu in row.by_status_mu.values() if mu > 0]
        assert [figure.value for figure in split.figures] == list(split.series[0].values)
        assert sum(value or 0.0 for value in split.series[0].values) == pytest.approx(
            row.recorded_mu
        )
        assert curve.categories[-1] == day.isoformat()
        assert curve.series[0].values[-1] == row.rate
        targets = [series.values for series in curve.series[1:]]
        wanted = [] if row.target_rate is None else [(row.target_rate,) * len(curve.categories)]
        assert targets == wanted


def test_the_district_counts_the_unreported_in_its_denominator_and_says_so(
    atlas: Atlas, sample: LedgerView
) -> None:
    rows = [row for row in progress(atlas.book, sample, as_of=LATEST) if row.id]
    sheet = sheet_of(briefing(atlas, sample, LATEST), "district")
    producing = sum(row.in_production_mu or 0.0 for row in rows)
    planned = sum(row.planned_mu or 0.0 for row in rows)
    assert sheet.hero is not None
    assert sheet.hero.value == pytest.approx(producing / planned)
    assert "轨道交通装备产业示范区未填报，仍计入分母" in plain(sheet.lead)
    assert "不计入以上各数" in plain(sheet.points[0])


def test_the_gap_names_the_parks_furthest_behind_and_only_parcels_of_theirs(
    atlas: Atlas, sample: LedgerView
) -> None:
    rows = progress(atlas.book, sample, as_of=LATEST)
    behind = sorted((row for row in rows if (row.gap_mu or 0) > 0), key=lambda r: -(r.gap_mu or 0))
    parks, parcels = sheet_of(briefing(atlas, sample, LATEST), "gap").tables
    assert [plain(row[0]) for row in parks.rows][: len(behind)] == [row.name for row in behind]
    assert {plain(row[1]) for row in parcels.rows} == {row.name for row in behind}
    late = [row for row in parks.rows if any(getattr(part, "late", False) for part in row[2])]
    assert len(late) == len(behind)


def test_next_steps_come_from_facts(atlas: Atlas, sample: LedgerView) -> None:
    (table,) = sheet_of(briefing(atlas, sample, LATEST), "next").tables
    told = {(plain(row[0]), plain(row[1])): plain(row[2]) for row in table.rows}
    assert told["补录", "轨道交通装备产业示范区"] == "规划 1,500.0 亩，没有地块记录"
    assert "没有数字" in told["明确口径", "临港石化产业岛启动区"]
    assert "（DQ-24）" in told["明确口径", "投产目标前后不一"]
    assert "2020-12-31 到期" in told["追赶进度", "南塘工业区"]
    assert re.search(
        r"约定动工日已过 \d+ 宗 [\d,.]+ 亩", told["督促履约", "合同约定日期已过的地块"]
    )
    # Before the plan's due day nothing is overdue against it.
    (then,) = sheet_of(briefing(atlas, sample, BEFORE_DUE), "next").tables
    assert "追赶进度" not in {plain(row[0]) for row in then.rows}


def test_the_projects_sum_to_the_annex_and_an_unknown_status_is_said(
    atlas: Atlas, sample: LedgerView
) -> None:
    sheet = sheet_of(briefing(atlas, sample, LATEST), "projects")
    groups, largest = sheet.tables
    *parts, whole = [[plain(cell) for cell in row] for row in groups.rows]
    assert [sum(int(row[1]) for row in parts), int(whole[1])] == [43, 43]
    assert whole[2] == "319.88"
    assert sum(float(row[2]) for row in parts) == pytest.approx(float(whole[2]), abs=0.03)
    assert [plain(row[0])[:2] for row in largest.rows] == ["19", "17", "20"]
    assert plain(largest.rows[2][3]) == "状态未填报"
    assert "不是进度" in sheet.charts[0].title


@pytest.mark.parametrize("has_ledger", [True, False])
def test_without_records_nothing_is_zero(atlas: Atlas, empty: LedgerView, has_ledger: bool) -> None:
    told = briefing(atlas, empty if has_ledger else ledger_view(None), LATEST)
    land = {"rate", "recorded_mu", "in_production_mu", "unmapped_mu", "gap_mu"}
    for sheet in told.sheets:
        for name, _subject, figure in figures(sheet):
            if name in land:
                assert (figure.value, figure.text) == (None, "未填报"), sheet.id
        words = [
            plain(sheet.lead),
            *(plain(cell) for t in sheet.tables for r in t.rows for cell in r),
        ]
        assert not [
            text
            for text in words
            if re.search(r"(?<![\d.])0(\.0)?(%| 亩| 宗)", text) and "不等于 0%" not in text
        ]
        assert all(
            value is None for c in sheet.charts if c.kind == "rates" for value in c.series[0].values
        )
    assert "均未填报" in plain(sheet_of(told, "district").lead)
    assert sheet_of(told, "gap").tables[1].rows == ()
    assert ("无台账" in told.corner) is not has_ledger
    assert ("尚无记录" in told.corner) is has_ledger


def test_the_corner_names_ledger_version_and_days(atlas: Atlas, sample: LedgerView) -> None:
    told = briefing(atlas, sample, BEFORE_DUE)
    assert told.corner == (
        f"示例台账版本 {sample.stamp.ledger_version} · 数据截止 2026-06-30 · 截至 2018-12-31"
    )
    own = replace(told, stamp=replace(told.stamp, sample=False))
    assert own.corner.startswith("台账版本 ")


def test_hostile_names_stay_text_and_a_single_parcel_is_all_there_is(
    atlas: Atlas, tmp_path: Path
) -> None:
    ledger = create(file_url(tmp_path / "one.sqlite"), LedgerIdentity("eins"))
    number, firm = '=HYPERLINK("http://x.test")', "<b>甲</b>$x$"
    at = datetime(2026, 4, 1, tzinfo=UTC)
    register = Event(
        1, number, EventKind.REGISTER, date(2016, 1, 1), at, "张三",
        area_m2=mu_to_m2(100), park_id="park_nantang",
    )  # fmt: skip
    entry = Parcel(number, Origin.LAND, AreaBasis.LEDGER, occupant=firm, ledger_area_mu=100.0)
    ledger.append([entry], [register])
    told = briefing(atlas, ledger_view(ledger), LATEST)
    row = sheet_of(told, "gap").tables[1].rows[0]
    assert [plain(cell) for cell in row][:3] == [number, "南塘工业区", firm]
    hero = sheet_of(told, "park_nantang").hero
    assert hero is not None
    # Recorded, but nothing produces: that is a zero, and an honest one.
    assert (hero.value, hero.text) == (0.0, "0.0%")


def test_quarters_end_where_they_should() -> None:
    assert quarter_ends(date(2013, 1, 1), date(2013, 12, 31)) == [
        date(2013, 3, 31), date(2013, 6, 30), date(2013, 9, 30), date(2013, 12, 31),
    ]  # fmt: skip
    assert quarter_ends(date(2019, 11, 5), date(2020, 2, 29)) == [
        date(2019, 12, 31), date(2020, 2, 29),
    ]  # fmt: skip
    assert quarter_ends(date(2010, 1, 1), date(2010, 1, 1)) == [date(2010, 1, 1)]
    assert len(STATUSES) == 8
