"""Every figure of 缺口清单 is proved by the rows behind it."""

from datetime import date

import pytest

from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.gap import district_gap, park_gap
from dongtou_geo.services.gap_due import WINDOWS, due_filter, due_page
from dongtou_geo.services.progress import NO_LEDGER, LedgerView
from dongtou_geo.services.proof import FIGURES, prove
from dongtou_geo.services.proof.ask import FigureAsk
from dongtou_geo.services.proof.gap import GAP_FIGURES
from dongtou_geo.services.proof.proof import Proof, ProofTable, Sources, outlines
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.gap_due import KINDS

DAY = date(2026, 6, 30)
NANTANG, OJK = "park_nantang", "park_ojk_industry"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    ledger = make_sample(tmp_path_factory.mktemp("proof") / "sample.sqlite")
    return Sources(load_atlas(), ledger, ledger.stamp())


def view(sources: Sources) -> LedgerView:
    return LedgerView(sources.stamp, sources.ledger)


def proof_of(sources: Sources, figure: str, subject: str = NANTANG, detail: str = "") -> Proof:
    found = prove(sources, FigureAsk(figure, subject, DAY, detail).text)
    assert found is not None
    return found


def summed(table: ProofTable) -> float:
    assert table.total_column is not None
    rows = table.rows(10_000, 0)
    assert len(rows) == table.count
    assert table.rows(3, 2) == rows[2:5]
    return sum(float(str(row[table.total_column])) for row in rows)


def test_all_figures_are_known() -> None:
    assert set(GAP_FIGURES) <= set(FIGURES)


def test_the_closing_parcels_are_named_and_reach_the_gap(sources: Sources) -> None:
    gap = park_gap(view(sources), sources.atlas.book, NANTANG, as_of=DAY)
    found = proof_of(sources, "gap_closing")
    assert gap.closing is not None
    assert found.value == gap.closing.parcels
    (table,) = found.tables
    assert table.count == found.value
    assert summed(table) == pytest.approx(gap.closing.added_mu)
    assert table.total == pytest.approx(gap.closing.added_mu)
    gap_term, added = found.terms
    assert gap_term.value is not None
    assert added.value is not None
    assert added.value >= gap_term.value
    last = table.rows(1, table.count - 1)[0]
    assert added.value - float(str(last[4])) < gap_term.value
    assert len(outlines(sources, found)) > 20


def test_list_short_and_unrecorded_fit_together(sources: Sources) -> None:
    listed = proof_of(sources, "gap_listed_mu", OJK)
    short = proof_of(sources, "gap_short_mu", OJK)
    unrecorded = proof_of(sources, "gap_unrecorded_mu", OJK)
    recorded, producing = (term.value or 0.0 for term in listed.terms)
    assert listed.value == pytest.approx(recorded - producing)
    assert summed(listed.tables[0]) == pytest.approx(listed.value)
    # The target there is 全部, so that what no parcel closes is all that nobody recorded.
    assert short.value == pytest.approx(unrecorded.value)
    planned, again = (term.value or 0.0 for term in unrecorded.terms)
    assert unrecorded.value == pytest.approx(planned - again)


def test_stages_are_proved_parcel_by_parcel(sources: Sources) -> None:
    gap = park_gap(view(sources), sources.atlas.book, NANTANG, as_of=DAY)
    for stage in gap.stages:
        whole = proof_of(sources, "gap_stage_mu", detail=stage.key)
        assert whole.value == pytest.approx(stage.area_mu)
        assert summed(whole.tables[0]) == pytest.approx(stage.area_mu)
        for origin, mu in (("land", stage.land_mu), ("filled_sea", stage.filled_sea_mu)):
            part = proof_of(sources, "gap_stage_mu", detail=f"{stage.key}.{origin}")
            assert part.value == pytest.approx(mu)
            assert summed(part.tables[0]) == pytest.approx(mu)


def test_a_lines_own_figures(sources: Sources) -> None:
    gap = park_gap(view(sources), sources.atlas.book, NANTANG, as_of=DAY)
    for line in gap.lines[::7]:
        own = proof_of(sources, "gap_parcel_mu", detail=line.row.parcel_no)
        area, producing, _ = (term.value or 0.0 for term in own.terms)
        assert own.value == pytest.approx(line.contribution_mu)
        assert own.value == pytest.approx(area - producing)
        cumulative = proof_of(sources, "gap_cumulative_mu", detail=str(line.place))
        assert summed(cumulative.tables[0]) == pytest.approx(line.cumulative_mu)
        rate = proof_of(sources, "gap_cumulative_rate", detail=str(line.place))
        assert rate.value == pytest.approx(line.rate)


def test_the_districts_sum(sources: Sources) -> None:
    found = proof_of(sources, "gap_sum_mu", "all")
    assert found.value == district_gap(view(sources), sources.atlas.book, as_of=DAY).gap_mu
    counted = [row[5] for row in found.tables[0].rows(9, 0)]
    assert counted.count(None) == 2
    assert counted.count(0.0) == 1
    assert found.tables[0].total == pytest.approx(found.value)


@pytest.mark.parametrize("park_id", [None, NANTANG])
def test_due_counts_are_their_rows(sources: Sources, park_id: str | None) -> None:
    cells = due_page(view(sources), due_filter(DAY, park_id)).cells
    for kind in KINDS:
        for window in WINDOWS:
            found = proof_of(sources, "gap_due", park_id or "all", f"{kind}.{window}")
            assert found.value == cells[kind, window].parcels
            assert summed(found.tables[0]) == pytest.approx(cells[kind, window].area_mu)


@pytest.mark.parametrize(
    ("figure", "subject", "detail"),
    [
        ("gap_closing", "park_startup", ""),
        ("gap_closing", OJK, ""),
        ("gap_closing", "all", ""),
        ("gap_sum_mu", NANTANG, ""),
        ("gap_due", "all", "start.never"),
        ("gap_due", "all", "x.past"),
        ("gap_stage_mu", NANTANG, "in_production"),
        ("gap_stage_mu", NANTANG, "supplied.moon"),
        ("gap_parcel_mu", NANTANG, "没有"),
        ("gap_cumulative_mu", NANTANG, "0"),
        ("gap_cumulative_rate", NANTANG, "9999999"),
        ("gap_cumulative_rate", NANTANG, "²"),
        ("gap_short_mu", "zone_main", ""),
    ],
)
def test_what_is_no_figure_has_no_proof(
    sources: Sources, figure: str, subject: str, detail: str
) -> None:
    assert prove(sources, FigureAsk(figure, subject, DAY, detail).text) is None


def test_without_a_ledger_nothing_is_proved_to_be_zero() -> None:
    bare = Sources(load_atlas(), None, NO_LEDGER)
    assert proof_of(bare, "gap_listed_mu").value is None
    assert proof_of(bare, "gap_stage_mu", detail="supplied").value is None
    assert proof_of(bare, "gap_sum_mu", "all").value is None
    assert proof_of(bare, "gap_unrecorded_mu").value == 1360.0
