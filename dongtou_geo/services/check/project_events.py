"""Public reports on projects: of projects that there are, each told once, in an order that can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from dongtou_geo.catalog.project_events import report_of
from dongtou_geo.catalog.tables import TableRow
from dongtou_geo.domain.problem import Problem
from dongtou_geo.domain.project_event import PublicReport, order_problem
from dongtou_geo.frames.finding import finding
from dongtou_geo.services.check.datasets import CheckedDataset


def project_event_problems(
    file: str, rows: Iterable[TableRow], projects: CheckedDataset
) -> Iterator[Problem]:
    """Check the reports whose cells are sound.

    Parameters
    ----------
    file : str
        The table, for the findings.
    rows : iterable of TableRow
        Its rows.
    projects : CheckedDataset
        The projects that they must be about.

    Yields
    ------
    Problem
        Row by row, then project by project.
    """
    known = projects.ids("no")
    sound = [(row, report_of(row.values)) for row in rows if not row.bad_cells]
    by_project: dict[int, list[PublicReport]] = defaultdict(list)
    for row, report in sound:
        # Where the dataset itself cannot be read, that is the finding.
        if known and report.project_no not in known:
            yield finding(
                file,
                "unknown_reference",
                f"在 {projects.file} 中没有",
                expected="附表的项目序号",
                feature=f"第 {row.line} 行",
                field="no",
                value=report.project_no,
            )
        yield from _row_problems(file, row, report, by_project[report.project_no])
        by_project[report.project_no].append(report)
    for number, reports in sorted(by_project.items()):
        wrong = order_problem([report for report in reports if report.counts])
        if wrong:
            yield finding(
                file,
                "order_reversed",
                f"先后颠倒：{wrong}",
                expected="后一步不早于前一步",
                feature=str(number),
                field="happened_on",
            )


def _row_problems(
    file: str, row: TableRow, report: PublicReport, earlier: Iterable[PublicReport]
) -> Iterator[Problem]:
    name = f"{report.project_no}（第 {row.line} 行）"
    first = report.happened.earliest or report.happened.on
    if first > report.reported_on:
        yield finding(
            file,
            "reported_before",
            "报道早于所报道的事",
            expected=f"不早于 {first}",
            feature=name,
            field="reported_on",
            value=report.reported_on,
        )
    if any((r.kind, r.source_ref) == (report.kind, report.source_ref) for r in earlier):
        yield finding(
            file,
            "duplicate_value",
            "同一项目、同一出处已有一行",
            expected="每件事每个出处一行",
            feature=name,
            field="kind",
            value=report.kind,
        )
