"""汇报: the sheet of the 43 projects."""

from __future__ import annotations

from collections.abc import Sequence

from dongtou_geo.catalog import plan
from dongtou_geo.domain import written
from dongtou_geo.domain.project_event import PublicReport
from dongtou_geo.services.briefing_figures import ALL, PLAN, Pen
from dongtou_geo.services.briefing_places import Standing
from dongtou_geo.services.briefing_sheet import Chart, Column, Figure, Series, Sheet, Table, Words
from dongtou_geo.services.dossier import PROJECT_PREFIX
from dongtou_geo.services.project_filter import WAN_PER_YI, ProjectFilter
from dongtou_geo.services.projects import ProjectRow, totals

COLOURS = ("#1A625F", "#45799F", "#BA80B0", "#DE9450", "#E8BE72", "#7A7466")
LARGEST = 3
TOTAL, PLANNED = "projects_total_wan", "projects_plan_wan"


def projects_sheet(standing: Standing, projects: Sequence[ProjectRow]) -> Sheet:
    """Write the sheet of the plan's projects.

    Parameters
    ----------
    standing : Standing
        How everything stood.
    projects : sequence of ProjectRow
        All of them, with their status on the day.
    """
    pen = standing.pen
    groups = _groups(standing, projects)
    rows = [_cells(pen, ProjectFilter(group=group), name, own) for group, name, own in groups]
    rows.append(_cells(pen, ProjectFilter(), "合计", projects))
    return Sheet(
        id="projects",
        name="重大项目",
        layout="projects",
        title=f"重大项目：规划列入 {len(projects)} 个",
        lead=_lead(pen, projects),
        tables=(
            Table(_COLUMNS, tuple(rows), frozenset({len(rows) - 1})),
            _largest(pen, _by_total(projects)[:LARGEST]),
        ),
        charts=(_chart(pen, groups),),
        points=(_progress_words(projects),),
        source=f"来源：{PLAN}附表，照录；总投资待定的项目未计入，合计为下限（DQ-23）。"
        "状态据公开报道与台账记录，报道之后的情况未填报；未填报不等于未开工",
    )


_COLUMNS = (
    Column("类别", share=2.3),
    Column("项目", "个", share=0.9, right=True),
    Column("总投资", "亿元", share=1.4, right=True),
    Column("其中待定", "个", share=1.3, right=True),
    Column("十三五投资", "亿元", share=1.8, right=True),
)


def _groups(
    standing: Standing, projects: Sequence[ProjectRow]
) -> list[tuple[str, str, list[ProjectRow]]]:
    """Return the groups of 表4 that are not made of others, with their projects."""
    parents = {group.parent_id for group in plan.load_project_groups()}
    found = []
    for group, name in standing.atlas.groups.items():
        own = [row for row in projects if group in (row.project.group, row.project.subgroup)]
        if own and group not in parents:
            found.append((group, name, own))
    return found


def _chart(pen: Pen, groups: Sequence[tuple[str, str, list[ProjectRow]]]) -> Chart:
    figures = tuple(_money(pen, TOTAL, name, own, group=group) for group, name, own in groups)
    return Chart(
        kind="amounts",
        title="总投资，亿元（规划数，不是进度）",
        categories=tuple(name for _, name, _ in groups),
        series=(Series("总投资（亿元）", tuple(figure.value for figure in figures)),),
        colours=COLOURS[: len(groups)],
        decimals=2,
        figures=figures,
    )


def _money(
    pen: Pen,
    figure: str,
    name: str,
    own: Sequence[ProjectRow],
    *,
    group: str | None = None,
    subject: str = ALL,
) -> Figure:
    """Write a sum of 万元 as 亿元; where nobody gives a number it is 待定."""
    sums = totals(own)
    label = "总投资" if figure == TOTAL else "十三五投资"
    wan = sums.known_total_wan if figure == TOTAL else sums.plan_wan
    text = "待定" if wan is None else written.yi(wan)
    detail = ProjectFilter(group=group).detail if subject == ALL and group else ""
    numbers = "" if wan is None else f" = {wan:,.10g} 万元 = {text} 亿元"
    of_all = f"{name}{len(own)} 个项目{label}之和" if len(own) > 1 else f"{name}{label}"
    return Figure(
        label=label,
        value=None if wan is None else wan / WAN_PER_YI,
        text=text,
        unit="亿元",
        formula=f"{of_all}{numbers}",
        source=f"{PLAN}附表",
        ask=pen.ask(figure, subject, detail),
    )


def _cells(
    pen: Pen, wanted: ProjectFilter, name: str, own: Sequence[ProjectRow]
) -> tuple[Words, ...]:
    open_ended = len(totals(own).undecided)
    return (
        (name,),
        (str(len(own)),),
        (_money(pen, TOTAL, name, own, group=wanted.group),),
        (str(open_ended) if open_ended else "—",),
        (_money(pen, PLANNED, name, own, group=wanted.group),),
    )


def _by_total(projects: Sequence[ProjectRow]) -> list[ProjectRow]:
    return sorted(projects, key=lambda row: -(row.project.total_investment_wan or 0.0))


def _largest(pen: Pen, projects: Sequence[ProjectRow]) -> Table:
    columns = (
        Column("总投资最大的三个", share=2.75),
        Column("年限", share=0.85),
        Column("总投资", "亿元", share=1.05, right=True),
        Column("状态与来源", share=4.95),
    )
    return Table(
        columns,
        tuple(
            (
                (f"{row.project.no}　{row.project.name}",),
                (f"{row.project.start_year}-{row.project.end_year}",),
                (
                    _money(
                        pen, TOTAL, row.project.name, [row],
                        subject=f"{PROJECT_PREFIX}{row.project.no}",
                    ),
                ),
                (_status_words(row),),
            )
            for row in projects
        ),
    )  # fmt: skip


def _status_words(row: ProjectRow) -> str:
    status = row.state.status
    if status is None:
        return row.state.label
    told = status.source_text
    if isinstance(status, PublicReport):
        told = f"{publisher(status.source_ref)}，{status.reported_on}"
    return f"{row.state.label} {status.happened.text}（{told}）"


def publisher(source_ref: str) -> str:
    """Return who published a report: a leader's sheet names a body, not the address of a page.

    Parameters
    ----------
    source_ref : str
        Host and path; the whole of it stands on 重大项目 and in its workbook.

    Returns
    -------
    str
        The body where the host is known to be its own; else only that it is a public report.
    """
    host = source_ref.partition("/")[0]
    own = (name for end, name in _PUBLISHERS.items() if host == end or host.endswith(f".{end}"))
    return next(own, "公开报道")


_PUBLISHERS = {
    "dongtou.gov.cn": "洞头区人民政府网站",
    "china.com.cn": "中国网",
    "66wz.com": "温州网",
}


def _lead(pen: Pen, projects: Sequence[ProjectRow]) -> Words:
    share = totals(_by_total(projects)[:LARGEST]).total_wan / totals(projects).total_wan
    return (
        "总投资 ", _money(pen, TOTAL, "合计", projects), " 亿元，其中十三五投资 ",
        _money(pen, PLANNED, "合计", projects),
        f" 亿元；最大的三个占总投资 {share * 100:.1f}%",
    )  # fmt: skip


def _progress_words(projects: Sequence[ProjectRow]) -> Words:
    known = [row for row in projects if row.state.status is not None]
    silent = len(projects) - len(known)
    numbers = "、".join(f"第 {row.project.no} 项{row.state.label}" for row in known[:6])
    if not known:
        return (f"{silent} 个项目状态均未填报",)
    return (
        f"状态已知 {len(known)} 个（{numbers}{'等' if len(known) > 6 else ''}），未填报 {silent} 个",
    )
