"""A proof says the figure again, from the parcels themselves, and names all it rests on."""

from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.domain.progress import Progress
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.services.dossier import Atlas, load_atlas
from dongtou_geo.services.progress import ledger_view, progress
from dongtou_geo.services.proof import FIGURES, prove
from dongtou_geo.services.proof.ask import FigureAsk, parse_ask
from dongtou_geo.services.proof.land import LAND_FIGURES
from dongtou_geo.services.proof.proof import Proof, Sources, outlines
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create

DAY = date(2026, 6, 30)
TERMS_OF = {
    "in_production_mu": "in_production_mu",
    "recorded_mu": "recorded_mu",
    "unmapped_mu": "unmapped_mu",
    "planned_mu": "planned_mu",
    "rate": "rate",
    "rate_at_due": "rate_at_due",
    "reachable_rate": "reachable_rate",
    "gap_mu": "gap_mu",
}


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return load_atlas()


@pytest.fixture(scope="module")
def sources(atlas: Atlas, tmp_path_factory: pytest.TempPathFactory) -> Sources:
    ledger = make_sample(tmp_path_factory.mktemp("proof") / "sample.sqlite")
    return Sources(atlas, ledger, ledger.stamp())


@pytest.fixture(scope="module")
def rows(atlas: Atlas, sources: Sources) -> list[Progress]:
    view = ledger_view(sources.ledger)
    parks = progress(atlas.book, view, as_of=DAY)
    return [*parks, *progress(atlas.book, view, as_of=DAY, by="zone")[:3]]


def proof_of(sources: Sources, *asked: object) -> Proof:
    found = prove(sources, FigureAsk(*asked).text)  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize("figure", TERMS_OF)
def test_a_proof_repeats_the_figure_of_every_place(
    sources: Sources, rows: list[Progress], figure: str
) -> None:
    for row in rows:
        shown = getattr(row, TERMS_OF[figure])
        proof = prove(sources, FigureAsk(figure, row.id or "outside", DAY).text)
        if shown is None and proof is None:
            continue  # a place without a target has no gap to prove
        assert proof is not None
        if row.recorded_mu == 0 and figure != "planned_mu":
            assert proof.value is None  # 未填报, never 0
        elif figure == "rate" and row.id is None:
            assert proof.value is None
        else:
            assert proof.value == pytest.approx(shown, abs=1e-6), (row.name, figure)


def test_the_parcels_of_every_status_sum_to_it(sources: Sources, rows: list[Progress]) -> None:
    checked = 0
    for row in rows:
        for status in STATUSES:
            if row.by_status_mu[status] <= 0:
                continue
            proof = proof_of(sources, "status_mu", row.id or "outside", DAY, status.value)
            (table,) = proof.tables
            counted = [line[2] for line in table.rows(10_000, 0)]
            assert len(counted) == table.count
            assert sum(counted) == pytest.approx(row.by_status_mu[status], abs=0.01)  # type: ignore[arg-type]
            checked += 1
    assert checked > 20


def test_terms_make_the_rate(sources: Sources) -> None:
    for figure in ("rate", "supply_rate", "ledger_rate", "reachable_rate"):
        proof = proof_of(sources, figure, "park_nantang", DAY)
        top, bottom = (term.value for term in proof.terms)
        assert top is not None
        assert bottom is not None
        assert proof.value == pytest.approx(top / bottom)
        assert proof.terms[1].name in proof.formula
        assert proof.unit == "%"
    gap = proof_of(sources, "gap_mu", "park_nantang", DAY)
    assert [term.name for term in gap.terms] == ["投产面积", "规划面积", "目标"]
    assert "第五章" in gap.terms[2].source


def test_a_rate_at_due_counts_the_parcels_of_that_day(sources: Sources) -> None:
    proof = proof_of(sources, "rate_at_due", "park_nantang", DAY)
    assert proof.as_of == date(2020, 12, 31)
    assert proof.terms[0].source.endswith("2020-12-31")


def test_each_row_names_paper_person_and_moment(sources: Sources) -> None:
    proof = proof_of(sources, "in_production_mu", "park_nantang", DAY)
    (table,) = proof.tables
    names = [column.name for column in table.columns]
    for line in table.rows(50, 0):
        told = dict(zip(names, line, strict=True))
        assert told["依据文号"]
        assert told["录入人"]
        assert told["录入时间"]


def test_the_map_draws_what_has_an_outline(sources: Sources) -> None:
    proof = proof_of(sources, "recorded_mu", "park_nantang", DAY)
    unmapped = proof_of(sources, "unmapped_mu", "park_nantang", DAY)
    drawn = outlines(sources, proof)
    assert len(drawn) == proof.tables[0].count - unmapped.tables[0].count
    assert outlines(sources, unmapped) == []


def test_an_empty_ledger_proves_that_nothing_is_recorded(atlas: Atlas, tmp_path: Path) -> None:
    empty = create(file_url(tmp_path / "empty.sqlite"))
    for ledger in (empty, None):
        own = Sources(atlas, ledger, empty.stamp())
        for figure in ("rate", "recorded_mu", "gap_mu", "in_production_mu"):
            proof = proof_of(own, figure, "park_nantang", DAY)
            assert proof.value is None
            assert [table.count for table in proof.tables] == [0]


@pytest.mark.parametrize(
    "word",
    ["", "rate", "rate~park_atlantis~2026-06-30", "rate~park_nantang", "nothing~all~2026-06-30",
     "rate~park_nantang~2026-13-01",
     "rate~park_nantang~0001-01-01", "gap_mu~park_nantang~9999-12-31", "status_mu~park_nantang~2026-06-30~asleep", "~~~~", "a~b~c~d~e~f",
     "x" * 3_001, "<script>~all~2026-06-30"],
)  # fmt: skip
def test_a_word_that_names_no_figure_proves_nothing(sources: Sources, word: str) -> None:
    assert prove(sources, word) is None


@pytest.mark.parametrize(
    "asked",
    [
        FigureAsk("rate", "park_nantang", DAY),
        FigureAsk("planned_mu"),
        FigureAsk("moved_mu", "all", DAY, "supplied>in_production", date(2025, 12, 31)),
        FigureAsk("found", "outside", DAY, "名~称 %/&?#"),
    ],
)
def test_a_word_is_read_back_as_it_was_written(asked: FigureAsk) -> None:
    assert parse_ask(asked.text) == asked
    assert asked.text.isascii()


def test_every_land_figure_has_a_prover() -> None:
    assert set(LAND_FIGURES) <= set(FIGURES)
