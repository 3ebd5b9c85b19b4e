"""Proofs of 产业布局 and 围垦区: terms and rows add up to the figure, and strangers get none."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.industry_fit import free_land
from dongtou_geo.services.progress import ledger_view
from dongtou_geo.services.proof import prove
from dongtou_geo.services.proof.ask import FigureAsk
from dongtou_geo.services.proof.proof import Proof, ProofTable, Sources, outlines
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.services.books import line, parcel

ATLAS = load_atlas()
DAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return make_sample(tmp_path_factory.mktemp("ledger") / "sample.sqlite")


@pytest.fixture(scope="module")
def sources(ledger: Ledger) -> Sources:
    return Sources(ATLAS, ledger, ledger.stamp())


def proof(
    sources: Sources, figure: str, subject: str, detail: str = "", day: date | None = None
) -> Proof:
    found = prove(sources, FigureAsk(figure, subject, day, detail).text)
    assert found is not None
    return found


def column_sum(table: ProofTable) -> float:
    assert table.total_column is not None
    rows = [row for start in range(0, table.count, 7) for row in table.rows(7, start)]
    assert len(rows) == table.count
    return sum(float(str(row[table.total_column] or 0)) for row in rows)


def test_a_cells_sum_is_its_projects(sources: Sources) -> None:
    found = proof(sources, "layout_total_wan", "zone_west", "equipment")
    assert found.title == "西片联动 · 装备制造 · 总投资"
    assert found.value == column_sum(found.tables[0]) == 36_000 + 48_873
    assert [term.value for term in found.terms] == [2, 0]
    assert found.as_of is None and found.parcels is None


def test_the_whole_is_43_projects_and_names_what_is_undecided(sources: Sources) -> None:
    found = proof(sources, "layout_total_wan", "all", "all")
    assert (found.value, found.tables[0].count) == (3_198_783, 43)
    assert [term.value for term in found.terms] == [41, 2]
    assert {"DQ-22", "DQ-23"} <= {note.id for note in found.notes}
    assert len({note.id for note in found.notes}) == len(found.notes)
    undecided = proof(sources, "layout_total_wan", "not_stated", "petrochem")
    assert undecided.value is None, "待定 is not 0"


def test_a_project_is_the_annexes_figure(sources: Sources) -> None:
    assert proof(sources, "layout_project_wan", "project_26", "total").value is None
    found = proof(sources, "layout_project_wan", "project_22", "total")
    assert found.value == 82_900 and "DQ-27" in {note.id for note in found.notes}
    assert proof(sources, "layout_project_wan", "project_43", "plan").value == 10_000


def test_free_land_is_its_terms_and_its_parcels(sources: Sources, ledger: Ledger) -> None:
    for park in ("park_startup", "park_nantang", "park_yangwen"):
        found = proof(sources, "layout_free_mu", park, day=DAY)
        assert found.value == pytest.approx(
            free_land(ledger_view(ledger), [park], DAY)[park].free_mu
        )
        assert found.value == pytest.approx(sum(term.value or 0 for term in found.terms))
        assert found.value == pytest.approx(column_sum(found.tables[0]), abs=1e-6)
    unknown = proof(sources, "layout_free_mu", "park_rail", day=DAY)
    assert (unknown.value, unknown.terms) == (None, ()), "nothing recorded is not 0"


def test_areas_are_as_printed_and_their_sum_counts_once(sources: Sources) -> None:
    one = proof(sources, "recl_area_mu", "recl_daxiaomen")
    assert (one.value, one.terms[0].value, one.terms[0].unit) == (29_700, 19.8, "平方公里")
    assert "DQ-37" in {note.id for note in one.notes}
    whole = proof(sources, "recl_area_mu", "all")
    assert whole.value == sum(term.value or 0 for term in whole.terms) == 65_700
    fact = proof(sources, "recl_fact_mu", "recl_ojk_phase2", "filled_area")
    assert fact.value == pytest.approx(25.7 * 1500)
    assert fact.terms[0].source.startswith("wzojk.com")


def test_filled_sea_is_its_parks_and_parcels(sources: Sources) -> None:
    for subject, stage in (
        ("recl_daxiaomen", "approved"), ("recl_ojk_phase1", "supplied"), ("park_startup", "accepted"),
    ):  # fmt: skip
        found = proof(sources, "recl_sea_mu", subject, stage, DAY)
        assert found.value is not None and found.value > 0
        assert found.value == pytest.approx(sum(term.value or 0 for term in found.terms))
        assert found.value == pytest.approx(column_sum(found.tables[0]))
        assert isinstance(found.parcels, tuple) and len(found.parcels) == found.tables[0].count
        assert len(outlines(sources, found)) > 0
    assert proof(sources, "recl_sea_mu", "recl_qiantan2", "approved", DAY).value is None
    assert proof(sources, "recl_sea_mu", "park_rail", "supplied", DAY).value is None
    assert proof(sources, "recl_sea_mu", "outside", "recorded", DAY).title.startswith("园区外")


def test_filled_sea_outside_the_parks_is_nobodys_area(tmp_path: Path) -> None:
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    event = line("far", "register", date(2016, 1, 1), area_m2=mu_to_m2(5), park_id=None)
    ledger.append([parcel("far", origin=Origin.FILLED_SEA)], [replace(event, event_id=1)])
    own = Sources(ATLAS, ledger, ledger.stamp())
    outside = proof(own, "recl_sea_mu", "outside", "recorded", DAY)
    assert outside.value == pytest.approx(5)
    assert outside.tables[0].count == 1
    assert proof(own, "recl_sea_mu", "outside", "approved", DAY).value == 0
    assert proof(own, "recl_sea_mu", "recl_qiantan2", "approved", DAY).value is None


def test_without_a_ledger_land_is_unknown() -> None:
    bare = Sources(ATLAS, None, ledger_view(None).stamp)
    for figure, subject, detail in (
        ("layout_free_mu", "park_nantang", ""), ("recl_sea_mu", "recl_ojk_phase1", "supplied"),
    ):  # fmt: skip
        found = proof(bare, figure, subject, detail, DAY)
        assert found.value is None
        assert [list(table.rows(10, 0)) for table in found.tables] == [[]]


@pytest.mark.parametrize(
    "word",
    [
        "layout_total_wan~zone_east~~energy", "layout_total_wan~zone_west~~steel", "layout_total_wan~zone_west",
        "layout_project_wan~project_44~~total", "layout_project_wan~project_3~~half", "layout_free_mu~park_x~2020-01-01",
        "layout_free_mu~park_rail", "recl_area_mu~recl_x", "recl_area_mu~recl_lng", "recl_fact_mu~recl_lng~~approved_area",
        "recl_fact_mu~recl_lng~~stage", "recl_fact_mu~recl_x~~filled_area", "recl_sea_mu~recl_x~2020-01-01~supplied",
        "recl_sea_mu~recl_lng~~supplied", "recl_sea_mu~recl_lng~2020-01-01~sold",
    ],
)  # fmt: skip
def test_what_is_no_figure_has_no_proof(sources: Sources, word: str) -> None:
    assert prove(sources, word) is None
