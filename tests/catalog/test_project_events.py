"""The public reports: each of a project, with its source and date, and no more than they say."""

import csv

from dongtou_geo import settings
from dongtou_geo.catalog.plan import load_projects
from dongtou_geo.catalog.project_events import load_project_reports
from dongtou_geo.domain.project_event import Confidence, Precision, ProjectEventKind

PATH = settings.GEODATA / "plan" / "project_events.csv"


def test_every_row_is_read_with_its_source_and_date() -> None:
    reports = load_project_reports()
    with PATH.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r.project_no, r.kind, str(r.happened.on)) for r in reports] == [
        (int(row["no"]), row["kind"], row["happened_on"]) for row in rows
    ]
    for report in reports:
        host = report.source_ref.partition("/")[0]
        assert "." in host
        assert report.source_text == f"公开报道 {host} {report.reported_on}"
        assert report.happened.on <= report.reported_on
        assert report.note


def test_they_are_of_projects_that_there_are_and_few() -> None:
    known = {project.no for project in load_projects()}
    told = {report.project_no for report in load_project_reports()}
    assert told <= known
    assert told == {16, 17, 19, 35, 36}


def test_what_may_be_another_project_is_only_a_lead() -> None:
    # 霓屿紫菜现代产业园 of the reports is not named in the annex.
    doubtful = [r for r in load_project_reports() if "霓屿紫菜" in r.note]
    assert {r.project_no for r in doubtful} == {35, 36}
    assert {r.confidence for r in doubtful} == {Confidence.LOW}
    assert not any(r.counts for r in doubtful)


def test_what_is_only_known_by_a_day_says_so() -> None:
    (weima,) = [r for r in load_project_reports() if r.project_no == 17]
    assert (weima.kind, weima.happened.precision) == (ProjectEventKind.PRODUCE, Precision.BY)
    assert weima.happened.earliest is None
