"""Proofs of what moved: their rows add up to the figure, and both to the ledger's raw rows."""

import math
from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.proof import prove
from dongtou_geo.services.proof.ask import FigureAsk
from dongtou_geo.services.proof.proof import Proof, Row, Sources
from dongtou_geo.services.sample import make_sample
from tests.services.raw_land import by_park, lands, moved_mu

PARKS = ("park_startup", "park_nantang", "park_yangwen", "park_ojk_industry")
FIRST, SECOND = date(2018, 12, 31), date(2026, 6, 30)
THEN, UNTIL = date(2020, 1, 10), "2020-01-10T15:59:59.999999+00:00"
DAY = date(2019, 12, 31)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("moves") / "sample.sqlite"
    make_sample(found)
    return found


@pytest.fixture(scope="module")
def sources(path: Path) -> Sources:
    ledger = make_sample(path)
    return Sources(load_atlas(), ledger, ledger.stamp())


def proved(sources: Sources, ask: FigureAsk) -> tuple[Proof, list[Row]]:
    """Prove through the address's word; read the rows in pages."""
    proof = prove(sources, ask.text)
    assert proof is not None
    (table,) = proof.tables
    rows = [row for start in range(0, table.count, 40) for row in table.rows(40, start)]
    assert len(rows) == table.count
    assert all(len(row) == len(table.columns) for row in rows)
    assert table.total_column is not None
    total = math.fsum(float(str(row[table.total_column])) for row in rows)
    assert total == pytest.approx(table.total, abs=0.01)
    assert set(proof.parcels or ()) == {row[0] for row in rows}  # type: ignore[arg-type]
    return proof, rows


@pytest.mark.parametrize("park", PARKS)
@pytest.mark.parametrize(
    ("source", "sink"),
    [("supplied", "building"), ("building", "in_production"), ("acquired", "supplied"),
     ("outside", "in_production"), ("completed", "in_production")],
)  # fmt: skip
def test_land_that_moved_is_that_of_the_raw_rows(
    sources: Sources, path: Path, park: str, source: str, sink: str
) -> None:
    ask = FigureAsk("moved_mu", park, SECOND, f"{source}>{sink}", FIRST)
    proof, rows = proved(sources, ask)
    before, after = lands(path, FIRST.isoformat()), lands(path, SECOND.isoformat())
    wanted, numbers = moved_mu(before, after, park, source, sink)
    whole = {row[0] for row in rows} & numbers
    assert whole == numbers
    # Beside them stand only parcels in two accounts, and those that a survey made larger.
    for number in {str(row[0]) for row in rows} - numbers:
        was = before.get(number)
        parted = len(after[number].accounts()) > 1 or (was and len(was.accounts()) > 1)
        assert parted or (was and was.area != after[number].area)
    summed = math.fsum(float(str(row[4])) for row in rows if row[0] in numbers)
    assert summed == pytest.approx(wanted, abs=0.01)
    assert proof.value == pytest.approx(math.fsum(float(str(row[4])) for row in rows), abs=0.01)


@pytest.mark.parametrize("park", [*PARKS, "park_rail", "outside", "all"])
@pytest.mark.parametrize("status", ["in_production", "building", "supplied"])
def test_a_net_change_is_closing_less_opening_and_its_terms_close(
    sources: Sources, path: Path, park: str, status: str
) -> None:
    ask = FigureAsk("moved_mu", park, SECOND, status, FIRST)
    proof, _ = proved(sources, ask)
    held = [by_park(lands(path, day.isoformat())) for day in (FIRST, SECOND)]
    parks = list(PARKS) if park == "all" else [None if park == "outside" else park]
    opening, closing = (sum(own[each][status] for each in parks) for own in held)
    assert proof.value == pytest.approx(closing - opening, abs=0.01)
    terms = {term.name: term.value for term in proof.terms}
    if park == "park_rail":
        assert terms == {"期初": None, "转入": 0.0, "转出": 0.0, "期末": None}
        return
    assert terms["期初"] == pytest.approx(opening, abs=0.01)
    assert terms["期末"] == pytest.approx(closing, abs=0.01)
    came, went = terms["转入"], terms["转出"]
    assert came is not None
    assert went is not None
    assert opening + came - went == pytest.approx(closing, abs=0.01)


def test_what_came_in_is_the_sum_of_where_it_came_from(sources: Sources) -> None:
    park = "park_nantang"
    into, _ = proved(sources, FigureAsk("moved_mu", park, SECOND, ">in_production", FIRST))
    words = ["outside", "planned", "approved", "acquired", "supplied", "building", "completed"]
    each = [
        proved(sources, FigureAsk("moved_mu", park, SECOND, f"{w}>in_production", FIRST))[0].value
        for w in [*words, "part_used", "elsewhere"]
    ]
    assert math.fsum(value or 0.0 for value in each) == pytest.approx(into.value, abs=0.01)


@pytest.mark.parametrize("park", [*PARKS, "outside", "all"])
def test_reported_added_and_corrected_make_what_is_confirmed(
    sources: Sources, path: Path, park: str
) -> None:
    def value(detail: str) -> float:
        proof, _ = proved(sources, FigureAsk("restated_mu", park, DAY, detail, THEN))
        assert proof.value is not None
        return proof.value

    parks = list(PARKS) if park == "all" else [None if park == "outside" else park]
    then = by_park(lands(path, DAY.isoformat(), UNTIL))
    now = by_park(lands(path, DAY.isoformat()))
    reported, confirmed = (sum(own[each]["in_production"] for each in parks) for own in (then, now))
    assert value("reported") == pytest.approx(reported, abs=0.01)
    assert value("difference") == pytest.approx(confirmed - reported, abs=0.01)
    assert value("added") + value("corrected") == pytest.approx(confirmed - reported, abs=0.01)
    recorded = [sum(sum(own[each].values()) for each in parks) for own in (then, now)]
    assert value("recorded_reported") == pytest.approx(recorded[0], abs=0.01)
    assert value("recorded_difference") == pytest.approx(recorded[1] - recorded[0], abs=0.01)


def test_the_sample_tells_something_anew_of_that_day(sources: Sources) -> None:
    """Else the test above would compare nothing with nothing."""
    ask = FigureAsk("restated_mu", "all", DAY, "difference", THEN)
    proof, rows = proved(sources, ask)
    assert rows
    terms = {term.name: term.value for term in proof.terms}
    assert terms["其中补录"]
    assert terms["其中更正"]
    flow, moved = proved(sources, FigureAsk("retold_mu", "all", DAY, "in_production", THEN))
    assert moved
    assert flow.value == pytest.approx(proof.value, abs=0.01)
    assert "2020-01-10" in flow.title


@pytest.mark.parametrize(
    "ask",
    [
        FigureAsk("moved_mu", "park_x", SECOND, "building>completed", FIRST),
        FigureAsk("moved_mu", "all", SECOND, "building>flying", FIRST),
        FigureAsk("moved_mu", "all", SECOND, ">", FIRST),
        FigureAsk("moved_mu", "all", SECOND, "outside", FIRST),
        FigureAsk("moved_mu", "all", SECOND, "building>completed"),
        FigureAsk("moved_mu", "all", None, "building>completed", FIRST),
        FigureAsk("moved_mu", "all", FIRST, "building>completed", SECOND),
        FigureAsk("restated_mu", "all", DAY, "added>", THEN),
    ],
)
def test_what_is_no_figure_has_no_proof(sources: Sources, ask: FigureAsk) -> None:
    assert prove(sources, ask.text) is None


def test_without_a_ledger_nothing_moved(sources: Sources) -> None:
    bare = Sources(sources.atlas, None, sources.stamp)
    assert prove(bare, FigureAsk("moved_mu", "all", SECOND, "building", FIRST).text) is None
