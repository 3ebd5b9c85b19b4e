"""The bar of a project on the axis from 2012 to 2025."""

from datetime import date

import pytest

from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.projects import ProjectRow, project_rows
from dongtou_geo.ui.components.project_timeline import now, share, timeline

TODAY = date(2025, 7, 2)


@pytest.fixture(scope="module")
def rows() -> dict[int, ProjectRow]:
    return {row.project.no: row for row in project_rows(load_atlas(), None, TODAY)}


def test_the_axis_runs_from_the_first_to_the_last_year() -> None:
    assert share(date(2012, 1, 1)) == 0
    assert share(date(2026, 1, 1)) == 100
    assert share(date(2019, 1, 1)) == 50
    assert (now(date(2011, 12, 31)), now(date(2026, 1, 1))) == (None, None)
    assert now(date(2025, 12, 31)) == pytest.approx(100, abs=0.05)


def test_every_bar_is_its_period_and_stays_on_the_axis(rows: dict[int, ProjectRow]) -> None:
    for row in rows.values():
        bar, project = timeline(row, TODAY), row.project
        years = project.end_year - project.start_year + 1
        assert bar.width == pytest.approx(years / 14 * 100, abs=0.02)
        assert bar.left == pytest.approx((project.start_year - 2012) / 14 * 100, abs=0.01)
        assert bar.left >= 0
        assert bar.left + bar.width <= 100.01
        assert f"建设期 {project.start_year}–{project.end_year}" in bar.words


def test_only_what_counts_by_the_day_is_marked(rows: dict[int, ProjectRow]) -> None:
    assert [mark.left for mark in timeline(rows[16], TODAY).marks] == [share(date(2018, 4, 10))]
    assert timeline(rows[16], date(2018, 4, 9)).marks == ()
    assert len(timeline(rows[19], TODAY).marks) == 2
    assert len(timeline(rows[19], date(2024, 7, 2)).marks) == 1
    assert timeline(rows[35], TODAY).marks == ()  # a lead is no mark
    assert "公开报道" in timeline(rows[17], TODAY).marks[0].words
