"""Proofs of 重大项目: the rows sum to the figure, and 表4 stands beside it."""

from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.domain.project_event import Happened, ProjectEvent, ProjectEventKind
from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.project_filter import ProjectFilter
from dongtou_geo.services.proof import prove
from dongtou_geo.services.proof.ask import FigureAsk
from dongtou_geo.services.proof.projects import PROJECT_FIGURES
from dongtou_geo.services.proof.proof import Proof, Sources
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create
from dongtou_geo.store.project_events import add_project_events
from tests.services.books import NOW

TODAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    ledger = create(file_url(tmp_path_factory.mktemp("ledger") / "a.sqlite"))
    day = Happened(date(2020, 12, 31))
    event = ProjectEvent(
        0, 20, ProjectEventKind.INVEST, day, "月报", NOW, "张三", invested_wan=12_345.0
    )
    with ledger.writing() as writer:
        add_project_events(writer.connection, [event])
    return Sources(load_atlas(), ledger, ledger.stamp())


def proof_of(sources: Sources, figure: str, wanted: ProjectFilter, subject: str = "all") -> Proof:
    proof = prove(sources, FigureAsk(figure, subject, TODAY, wanted.detail).text)
    assert proof is not None
    return proof


@pytest.mark.parametrize("group", [None, "implement", "invite", "infrastructure", "energy"])
def test_the_rows_sum_to_the_figure_and_table_4_stands_beside(
    sources: Sources, group: str | None
) -> None:
    wanted = ProjectFilter(group=group)
    for figure in ("projects_total_wan", "projects_plan_wan"):
        proof = proof_of(sources, figure, wanted)
        (table,) = proof.tables
        assert table.total_column is not None
        rows = table.rows(100, 0)
        summed = sum(row[table.total_column] or 0 for row in rows)  # type: ignore[misc]
        assert (proof.value, proof.unit) == (summed / 10_000, "亿元")
        assert table.total == summed
        assert any(term.name.startswith("表4所印") for term in proof.terms)
        assert proof.as_of is None
    assert proof_of(sources, "projects_count", wanted).value == len(rows)


def test_other_filters_have_no_printed_sum_and_no_notes_of_other_groups(sources: Sources) -> None:
    proof = proof_of(
        sources, "projects_plan_wan", ProjectFilter(zone="none", group="infrastructure")
    )
    assert not any("表4" in term.name for term in proof.terms)
    assert "重点基础配套设施" in proof.title
    assert [note.id for note in proof.notes] == []


def test_the_notes_on_the_sums_are_shown(sources: Sources) -> None:
    notes = proof_of(sources, "projects_total_wan", ProjectFilter()).notes
    assert {"DQ-22", "DQ-23"} <= {note.id for note in notes}


def test_a_figure_of_statuses_names_its_day(sources: Sources) -> None:
    proof = proof_of(sources, "projects_count", ProjectFilter(status="produce"))
    assert (proof.value, proof.as_of) == (2.0, TODAY)


def test_investment_is_unreported_until_recorded(sources: Sources) -> None:
    assert proof_of(sources, "projects_invested_wan", ProjectFilter()).value == 1.2345
    empty = Sources(sources.atlas, None, sources.stamp)
    assert proof_of(empty, "projects_invested_wan", ProjectFilter()).value is None


def test_one_project_is_proved_with_its_own_notes(sources: Sources) -> None:
    proof = proof_of(sources, "projects_total_wan", ProjectFilter(), "project_15")
    assert proof.value == 5.48
    assert "15 温州新科" in proof.title
    assert "DQ-25" in {note.id for note in proof.notes}
    assert proof_of(sources, "projects_total_wan", ProjectFilter(), "project_26").value is None


@pytest.mark.parametrize("figure", PROJECT_FIGURES)
def test_what_nobody_wrote_is_no_figure(sources: Sources, figure: str, tmp_path: Path) -> None:
    assert prove(sources, FigureAsk(figure, "all", TODAY, "nonsense").text) is None
    assert prove(sources, FigureAsk(figure, "project_99", TODAY).text) is None
