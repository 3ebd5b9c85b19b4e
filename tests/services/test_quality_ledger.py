"""台账问题 and 填报 on a ledger in which every kind of trouble was put on purpose."""

from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.services.dossier import Atlas, load_atlas
from dongtou_geo.services.progress import NO_LEDGER, LedgerView, ledger_view
from dongtou_geo.services.quality_land import LandCheck, held_check, land_check
from dongtou_geo.services.quality_ledger import (
    ISSUES,
    IssueRow,
    Scope,
    compared,
    issue_count,
    issue_counts,
    issue_rows,
)
from dongtou_geo.services.quality_recorded import gaps_of, recorded_rows
from dongtou_geo.services.sample import make_sample
from tests.raw_quality import raw_lacks
from tests.services.books import PARKS, box, copier, drawn_m2
from tests.troubled_ledger import HOSTILE, put_trouble

DAY = date(2020, 6, 30)


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return load_atlas()


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> LedgerView:
    ledger = copier(tmp_path_factory.mktemp("trouble"))()
    put_trouble(ledger)
    return ledger_view(ledger)


@pytest.fixture(scope="module")
def check(view: LedgerView) -> LandCheck:
    found = land_check(view, DAY)
    assert found is not None
    return found


def rows(
    atlas: Atlas, view: LedgerView, check: LandCheck, code: str, **where: str
) -> list[IssueRow]:
    scope = Scope(DAY, **where)
    found = issue_rows(atlas, view, scope, check, code)
    assert issue_count(atlas, view, scope, check, code).count == len(found)
    pages = [
        row
        for at in range(len(found))
        for row in issue_rows(atlas, view, scope, check, code, limit=1, offset=at)
    ]
    assert pages == found
    return found


def test_every_finding_is_found_and_nothing_else(
    atlas: Atlas, view: LedgerView, check: LandCheck
) -> None:
    numbers = {code: [row.parcel_no for row in rows(atlas, view, check, code)] for code in ISSUES}
    assert numbers == {
        "overlap": ["A-1"], "area": ["A-1", "a—1", "paper"], "agreed_order": [HOSTILE],
        "alike": ["A-1"], "no_lines": [], "undone": [], "later": ["A-2"],
        # 园区外 outside of every outline is where it should be; the rest lies on 霓屿.
        "outline": ["A-1", "A-2", "a—1"],
    }  # fmt: skip


def test_an_overlap_names_both_and_how_much(
    atlas: Atlas, view: LedgerView, check: LandCheck
) -> None:
    (pair,) = rows(atlas, view, check, "overlap")
    assert pair.other_no == "A-2"
    assert pair.area_mu == pytest.approx(m2_to_mu(drawn_m2(box(0.9, 0, 1, 1))), rel=1e-3)
    count = issue_count(atlas, view, Scope(DAY), check, "overlap")
    assert count.area_mu == pytest.approx(pair.area_mu)


def test_areas_stand_side_by_side_with_why(
    atlas: Atlas, view: LedgerView, check: LandCheck
) -> None:
    contract, title, paper = rows(atlas, view, check, "area")
    drawn, ledger, promised, _title = contract.cells
    assert drawn.mu is not None
    assert (ledger.off, promised.off) == (False, True)
    assert promised.share == pytest.approx(0.05)
    assert promised.difference_mu == pytest.approx(drawn.mu * 0.05)
    assert "合同面积大于图形" in contract.right
    assert "平方米" in title.right
    assert paper.cells[0].mu is None  # 未落图: held against the ledger's area
    assert (paper.cells[1].difference_mu, paper.cells[2].difference_mu) == (None, 2.0)
    everything = compared(atlas, Scope(DAY), check)
    assert [check.numbers[at] for at in everything] == ["A-1", "A-2", "a—1", "paper"]


def test_findings_are_looked_for_where_asked(
    atlas: Atlas, view: LedgerView, check: LandCheck
) -> None:
    def found(code: str, **where: str) -> list[str | None]:
        return [row.parcel_no for row in rows(atlas, view, check, code, **where)]

    assert found("area", place=PARKS[0]) == ["A-1"]
    assert found("area", place="zone_main") == ["A-1", "a—1", "paper"]
    assert found("area", text="APER") == ["paper"]
    assert found("agreed_order", place="outside") == [HOSTILE]
    assert found("agreed_order", place=PARKS[0]) == []
    assert found("overlap", text="A-2") == ["A-1"]
    assert found("alike", place=PARKS[1]) == ["A-1"]  # one of the two lies there


def test_without_the_check_only_the_database_answers(atlas: Atlas, view: LedgerView) -> None:
    counts = {c.issue.code: c.count for c in issue_counts(atlas, view, Scope(DAY), None)}
    assert counts["overlap"] is counts["area"] is counts["outline"] is None
    assert counts["agreed_order"] == 1
    none = LedgerView(NO_LEDGER, None)
    assert {c.count for c in issue_counts(atlas, none, Scope(DAY), None)} == {0}
    assert land_check(none, DAY) is None


def test_the_check_is_kept_until_the_ledger_changes(view: LedgerView, check: LandCheck) -> None:
    assert land_check(view, DAY) is check
    assert held_check(view, DAY) is check
    assert held_check(view, date(2019, 1, 1)) is None
    changed = LedgerView(type(view.stamp)(ledger_version="another"), view.ledger)
    assert held_check(changed, DAY) is None


def test_the_parks_of_the_sample_and_their_sum_follow_a_count_by_hand(
    atlas: Atlas, tmp_path: Path
) -> None:
    path = tmp_path / "sample.sqlite"
    view, day = ledger_view(make_sample(path)), date(2026, 6, 30)
    raw = raw_lacks(path, str(day))
    found = {row.subject: row for row in recorded_rows(atlas, view, day, gaps_of(view, day))}
    assert [*found][-2:] == ["outside", "all"]
    assert not found["park_rail"].reported
    for flag, share in found["all"].gaps.by_flag.items():
        assert share.parcels == len(raw[flag])
    assert found["all"].gaps.everything.parcels == len(raw["all"])
    yangwen = found["park_yangwen"]
    assert (yangwen.stale, yangwen.silent_days) == (True, 330)
    assert not found["park_nantang"].stale
    zone = recorded_rows(atlas, view, day, gaps_of(view, day), "zone_main")
    assert [row.subject for row in zone] == ["park_nantang", "park_yangwen", "zone_main"]
    assert zone[-1].planned_mu == 2230.0
    (only,) = recorded_rows(atlas, view, day, gaps_of(view, day), "outside")
    assert only.gaps.everything.parcels == 3
