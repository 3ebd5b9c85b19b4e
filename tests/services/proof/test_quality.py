"""Each figure of 数据质量 is proved by as many rows as it counts, with their land."""

from datetime import date

import pytest

from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.progress import NO_LEDGER, LedgerView
from dongtou_geo.services.proof import FIGURES, prove
from dongtou_geo.services.proof.ask import FigureAsk
from dongtou_geo.services.proof.proof import Proof, Sources, outlines
from dongtou_geo.services.proof.quality import QUALITY_FIGURES
from dongtou_geo.services.quality_ledger import ISSUES
from dongtou_geo.services.quality_recorded import FLAG_NAMES, gaps_of, recorded_rows
from dongtou_geo.services.sample import make_sample

DAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    ledger = make_sample(tmp_path_factory.mktemp("proof") / "sample.sqlite")
    return Sources(load_atlas(), ledger, ledger.stamp())


def proof_of(sources: Sources, *asked: object) -> Proof:
    found = prove(sources, FigureAsk(*asked).text)  # type: ignore[arg-type]
    assert found is not None
    return found


def listed(proof: Proof) -> list[tuple[object, ...]]:
    (table,) = proof.tables
    found = table.rows(10_000, 0)
    assert len(found) == table.count
    assert all(len(row) == len(table.columns) for row in found)
    assert [row for at in range(0, len(found), 40) for row in table.rows(40, at)] == found
    return found


def test_all_figures_are_known() -> None:
    assert set(QUALITY_FIGURES) <= set(FIGURES)


@pytest.mark.parametrize(
    ("figure", "detail", "count"),
    [
        ("quality_notes", "", 37),
        ("quality_notes", "about=park%3Apark_nantang", 2),
        ("quality_notes", "kind=nothing", 0),
        ("quality_outlines", "", 59),
        ("quality_outlines", "standing=off", 6),
    ],
)
def test_the_plans_counts_are_proved(
    sources: Sources, figure: str, detail: str, count: int
) -> None:
    proof = proof_of(sources, figure, "all", None, detail)
    assert proof.value == len(listed(proof)) == count


def test_every_cell_of_the_parks_is_proved(sources: Sources) -> None:
    view = LedgerView(sources.stamp, sources.ledger)
    for row in recorded_rows(sources.atlas, view, DAY, gaps_of(view, DAY)):
        for flag in FLAG_NAMES:
            proof = proof_of(sources, "quality_lots", row.subject, DAY, flag)
            land = proof_of(sources, "quality_lots_mu", row.subject, DAY, flag)
            if not row.reported:
                assert proof.value is None  # 未填报, never 0
                continue
            share = row.gaps.by_flag[flag]
            lots = listed(proof)
            assert proof.value == len(lots) == share.parcels
            total = sum(float(str(lot[3])) for lot in lots)
            assert land.value == pytest.approx(total)
            assert land.value == pytest.approx(share.area_m2 * 3 / 2000)
            assert proof.parcels == tuple(lot[0] for lot in lots)


def test_the_list_says_what_is_missing_and_the_map_draws_it(sources: Sources) -> None:
    proof = proof_of(sources, "quality_lots", "park_nantang", DAY, "stage")
    lacks = {row[0]: row[4] for row in listed(proof)}
    assert lacks["示例-南塘-A-008"] == "批准"
    assert {number for number, _wkb, _status in outlines(sources, proof)} <= set(lacks)
    agreed = listed(proof_of(sources, "quality_lots", "park_nantang", DAY, "agreed"))
    assert all("约定" in str(row[4]) for row in agreed)


@pytest.mark.parametrize("code", ISSUES)
def test_every_kind_of_finding_is_proved(sources: Sources, code: str) -> None:
    count = proof_of(sources, "quality_found", "all", date(2019, 12, 31), f"code={code}")
    rows = listed(count)
    assert count.value == len(rows)
    if ISSUES[code].area and rows and count.tables[0].total_column is not None:
        column = count.tables[0].total_column
        area = proof_of(sources, "quality_found_mu", "all", date(2019, 12, 31), f"code={code}")
        known = [row[column] for row in rows if row[column] is not None]
        assert area.value == pytest.approx(sum(known))  # type: ignore[arg-type]


def test_the_headline_sums_what_is_to_be_looked_at(sources: Sources) -> None:
    proof = proof_of(sources, "quality_found", "all", DAY)
    rows = listed(proof)
    assert len(rows) == len(ISSUES)
    assert proof.value == sum(int(row[2]) for row in rows if row[1] == "待核对")  # type: ignore[call-overload]
    silent = proof_of(sources, "quality_parks", "all", DAY, "silent")
    assert [row[0] for row in listed(silent)] == ["轨道交通装备产业示范区"]
    stale = proof_of(sources, "quality_parks", "all", DAY, "stale")
    assert [row[0] for row in listed(stale)] == ["杨文工业区"]


@pytest.mark.parametrize(
    "asked",
    [
        ("quality_lots", "park_x", DAY, "stage"),
        ("quality_lots", "park_nantang", None, "stage"),
        ("quality_lots", "park_nantang", DAY, "nothing"),
        ("quality_found", "all", DAY, "code=nothing"),
        ("quality_found", "park_x", DAY, "code=area"),
        ("quality_parks", "all", DAY, "other"),
    ],
)
def test_what_there_is_not_has_no_proof(sources: Sources, asked: tuple[object, ...]) -> None:
    assert prove(sources, FigureAsk(*asked).text) is None  # type: ignore[arg-type]


def test_without_a_ledger_nothing_is_a_number() -> None:
    none = Sources(load_atlas(), None, NO_LEDGER)
    assert proof_of(none, "quality_lots", "all", DAY, "stage").value is None
    assert proof_of(none, "quality_found", "all", DAY, "code=later").value == 0
