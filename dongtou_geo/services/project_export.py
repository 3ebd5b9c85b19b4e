"""重大项目 as a workbook: the filtered table as it stands on the page, whole names, every source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO

from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.formats.workbook_writing import Sheet, write_sheets
from dongtou_geo.services.projects import ProjectRow, invested_wan, totals
from dongtou_geo.settings import STANDING_LINE

HEADINGS = (
    "序号", "项目名称", "类别", "片区或园区", "位置依据", "开始年", "完成年", "总投资（万元）",
    "十三五投资（万元）", "用地（附表所印）", "用地（m²）", "建筑面积（附表所印）", "状态", "状态自",
    "状态来源", "滚动阶段", "累计完成投资（万元）", "线索（未核实，不计入状态）", "数据注记",
)  # fmt: skip
EVENT_HEADINGS = ("序号", "项目名称", "事项", "日期", "来源", "可信度或更正", "说明")


def projects_workbook(
    rows: Sequence[ProjectRow], *, words: str, as_of: date, stamp: LedgerStamp
) -> bytes:
    """Return the filtered table as XLSX.

    Parameters
    ----------
    rows : sequence of ProjectRow
        In the order of the page.
    words : str
        The filter in Chinese.
    as_of : date
        The day of the statuses.
    stamp : LedgerStamp
        Which ledger they were read from.
    """
    out = BytesIO()
    sheets = [
        Sheet("重大项目", list(HEADINGS), (_cells(row) for row in rows)),
        Sheet("经过", list(EVENT_HEADINGS), (cells for row in rows for cells in _lines(row))),
    ]
    write_sheets(out, sheets, notes=_notes(rows, words, as_of, stamp))
    return out.getvalue()


def _cells(row: ProjectRow) -> tuple[object, ...]:
    project, state = row.project, row.state
    leads = "；".join(
        f"{lead.kind.label} {lead.happened.text}（{lead.source_text}）" for lead in state.leads
    )
    return (
        project.no,
        project.name,
        row.group_name,
        row.place,
        row.basis,
        project.start_year,
        project.end_year,
        "待定" if project.total_investment_wan is None else project.total_investment_wan,
        project.plan_investment_wan,
        project.land_area_text,
        project.land_area_m2,
        project.floor_area_text,
        state.label,
        state.status.happened.text if state.status else None,
        state.status.source_text if state.status else None,
        state.stage.stage.label if state.stage and state.stage.stage else None,
        invested_wan(row),
        leads or None,
        "；".join(f"{note.id} {note.title}" for note in row.notes) or None,
    )


def _lines(row: ProjectRow) -> list[tuple[object, ...]]:
    project = row.project
    standing = {event.event_id for event in row.standing}
    reports = [
        (
            project.no, project.name, report.kind.label, report.happened.text,
            f"{report.source_text} {report.source_ref}", report.confidence.label, report.note,
        )
        for report in row.reports
    ]  # fmt: skip
    events = [
        (
            project.no, project.name, event.kind.label, event.happened.text, event.source_text,
            "" if event.event_id in standing else "已被更正或作废", event.reason,
        )
        for event in row.events
    ]  # fmt: skip
    return [*reports, *events]


def _notes(rows: Sequence[ProjectRow], words: str, as_of: date, stamp: LedgerStamp) -> list[str]:
    found = totals(rows)
    undecided = "、".join(map(str, found.undecided))
    missing = f"；第 {undecided} 项待定，未计入" if undecided else ""
    sample = ["示例台账：不含项目事件，状态只据公开报道"] if stamp.sample else []
    return [
        *sample,
        f"筛选：{words}；{found.count} 项",
        f"总投资合计 {found.total_wan:,.10g} 万元{missing}；十三五投资合计 {found.plan_wan:,.10g} 万元",
        "金额、面积、期限为附表规划数，照录；状态未填报不等于未开工",
        f"状态截至 {as_of}；台账版本 {stamp.ledger_version or '无台账'}",
        "来源：《洞头区工业和信息化发展“十三五”规划》附表；状态据所列公开报道与台账记录",
        STANDING_LINE,
    ]
