"""Proofs of 重大项目: counts and sums over a filter, with the projects behind them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dongtou_geo.domain.data_note import DataNote, notes_for
from dongtou_geo.domain.project_group import ProjectGroup
from dongtou_geo.services.dossier import PROJECT_PREFIX
from dongtou_geo.services.project_filter import (
    WAN_PER_YI,
    ProjectFilter,
    filter_words,
    found,
    parse_detail,
    printed_sum,
)
from dongtou_geo.services.projects import ProjectRow, invested_wan, project_rows, totals
from dongtou_geo.services.proof.ask import DISTRICT, FigureAsk
from dongtou_geo.services.proof.proof import Column, Proof, Sources, Term, fixed_table

COUNT, TOTAL, PLAN, INVESTED = (
    "projects_count", "projects_total_wan", "projects_plan_wan", "projects_invested_wan",
)  # fmt: skip
PROJECT_FIGURES = (COUNT, TOTAL, PLAN, INVESTED)
_TABLE4, _ANNEX = "规划表4", "规划附表"
_COLUMNS = (
    Column("序号", kind="number"),
    Column("项目"),
    Column("类别"),
    Column("片区或园区"),
    Column("建设期限"),
    Column("总投资", "万元", "wan"),
    Column("十三五投资", "万元", "wan"),
    Column("状态"),
    Column("状态来源"),
    Column("累计完成投资", "万元", "wan"),
)
_NAMES = {COUNT: "项数", TOTAL: "总投资", PLAN: "十三五投资", INVESTED: "累计完成投资"}
_SUMMED = {TOTAL: 5, PLAN: 6, INVESTED: 9}
_FORMULAS = {
    COUNT: "项数 = 附表中符合筛选的项目个数",
    TOTAL: "总投资 = 各项目附表总投资之和；待定的不计入，故为下限",
    PLAN: "十三五投资 = 各项目附表“十三五”计划投资之和；总投资待定的项目也计入",
    INVESTED: "累计完成投资 = 各项目台账所记最近一次累计数之和；未填报的不计入",
}


def prove_projects(sources: Sources, ask: FigureAsk) -> Proof | None:
    """Prove one figure of 重大项目.

    Parameters
    ----------
    sources : Sources
        Plan and ledger.
    ask : FigureAsk
        ``figure`` one of ``PROJECT_FIGURES``; ``subject`` a project, or ``all`` with a filter in
        ``detail`` as ``ProjectFilter.detail`` writes it; ``as_of`` the day of the statuses.

    Returns
    -------
    Proof or None
        None where the filter cannot be read, or there is no such project.
    """
    wanted = parse_detail(ask.detail)
    if wanted is None:
        return None
    everything = project_rows(sources.atlas, sources.ledger, ask.as_of or date.max)
    rows, words = found(everything, wanted), filter_words(wanted, sources.atlas)
    if ask.subject != DISTRICT:
        rows = [row for row in everything if f"{PROJECT_PREFIX}{row.project.no}" == ask.subject]
        if not rows:
            return None
        words = f"{rows[0].project.no} {rows[0].project.name}"
    dated = bool(wanted.status) or ask.figure == INVESTED
    return Proof(
        title=f"重大项目（{words}） · {_NAMES[ask.figure]}",
        value=_value(ask.figure, rows),
        unit="项" if ask.figure == COUNT else "亿元",
        formula=_FORMULAS[ask.figure],
        basis="金额、期限为附表规划数，照录；状态据公开报道与台账记录，未填报不等于未开工",
        as_of=ask.as_of if dated else None,
        terms=_terms(rows, printed_sum(wanted) if ask.subject == DISTRICT else None),
        tables=(
            fixed_table(
                "所计项目", _COLUMNS, [_cells(row) for row in rows],
                total_column=_SUMMED.get(ask.figure),
            ),
        ),
        notes=_notes(sources, ask, wanted),
    )  # fmt: skip


def _value(figure: str, rows: Sequence[ProjectRow]) -> float | None:
    sums = totals(rows)
    if figure == COUNT:
        return float(sums.count)
    if figure == INVESTED:
        return sums.invested_wan / WAN_PER_YI if sums.invested else None
    wan = sums.known_total_wan if figure == TOTAL else sums.plan_wan
    return None if wan is None else wan / WAN_PER_YI


def _terms(rows: Sequence[ProjectRow], printed: ProjectGroup | None) -> tuple[Term, ...]:
    sums = totals(rows)
    terms = [
        Term("项数", sums.count, "项", _ANNEX),
        Term("总投资之和", sums.total_wan, "万元", _ANNEX),
        Term("其中总投资待定", len(sums.undecided), "项", _ANNEX),
        Term("十三五投资之和", sums.plan_wan, "万元", _ANNEX),
        Term("已填报累计投资", sums.invested, "项", "地块台账中的项目记录"),
    ]
    if printed:
        terms += [
            Term("表4所印总投资", printed.table4_total_yi, "亿元", _TABLE4),
            Term("表4所印十三五投资", printed.table4_plan_yi, "亿元", _TABLE4),
        ]
    if printed and printed.annex_total_wan is not None:
        terms += [
            Term("附表所印总投资", printed.annex_total_wan, "万元", printed.source_ref),
            Term("附表所印十三五投资", printed.annex_plan_wan, "万元", printed.source_ref),
        ]
    return tuple(terms)


def _cells(row: ProjectRow) -> tuple[object, ...]:
    project, status = row.project, row.state.status
    return (
        project.no,
        project.name,
        row.group_name,
        f"{row.place}（{row.basis}）",
        f"{project.start_year}–{project.end_year}",
        project.total_investment_wan,
        project.plan_investment_wan,
        f"{row.state.label} {status.happened.text}" if status else row.state.label,
        status.source_text if status else None,
        invested_wan(row),
    )


def _notes(sources: Sources, ask: FigureAsk, wanted: ProjectFilter) -> tuple[DataNote, ...]:
    notes = sources.atlas.notes
    if ask.subject != DISTRICT:
        number = ask.subject.removeprefix(PROJECT_PREFIX)
        return tuple(notes_for(notes, f"project:{number}"))
    return tuple(group_notes(notes, wanted))


def group_notes(notes: Sequence[DataNote], wanted: ProjectFilter) -> list[DataNote]:
    """Return the notes on the sums that a filter takes.

    Parameters
    ----------
    notes : sequence of DataNote
        All notes.
    wanted : ProjectFilter
        The filter; one without a group sums over all groups.
    """
    if wanted.group is not None:
        return notes_for(notes, f"group:{wanted.group}")
    return [note for note in notes if any(key.startswith("group:") for key in note.bound_to)]
