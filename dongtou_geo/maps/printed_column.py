"""Blocks beside a printed map, written one under another: figures, legend, projects, sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dongtou_geo.catalog.layers import ClassStyle, Layer
from dongtou_geo.domain import written
from dongtou_geo.domain.places import Park, Project
from dongtou_geo.domain.progress import Progress, Verdict
from dongtou_geo.domain.status import Account
from dongtou_geo.maps import printed_words as words
from dongtou_geo.maps.overview import legend_label
from dongtou_geo.maps.printed_ground import WATER_HATCH, paint
from dongtou_geo.maps.printed_page import INK, LATE, MM_PER_PX, PT_PER_MM, RULE, SOFT, Box, Page
from dongtou_geo.services.map_sheet import MapSheet

BODY, SMALL, HEAD = 6.5, 5.6, 7.5


@dataclass
class Column:
    """A column on the page and how far down it is written.

    Parameters
    ----------
    page : Page
        The sheet.
    box : Box
        Its room.
    y : float
        The next line's upper edge, mm.
    """

    page: Page
    box: Box
    y: float = field(init=False)

    def __post_init__(self) -> None:
        """Start at the top."""
        self.y = self.box.y

    @property
    def left(self) -> float:
        """Return how much room is left, mm."""
        return self.box.foot - self.y

    def gap(self, mm: float) -> None:
        """Leave room, mm on A4."""
        self.y += mm * self.page.unit

    def heading(self, text: str, aside: str = "") -> None:
        """Write a heading over a rule, something small at its right end."""
        page = self.page
        height = page.line_height(HEAD)
        page.text(self.box.x, self.y + height / 2, text, HEAD, bold=True)
        if aside:
            page.text(self.box.right, self.y + height / 2, aside, SMALL, color=SOFT, align="right")
        self.y += height + 0.3
        page.rule(self.box.x, self.y, self.box.width, 0.7)
        self.gap(0.7)

    def paragraph(
        self, text: str, size: float = SMALL, *, color: str = SOFT, bold: bool = False
    ) -> None:
        """Write a text in as many lines as it takes."""
        for line in self.page.wrapped(text, self.box.width, size, bold=bold):
            height = self.page.line_height(size)
            self.page.text(self.box.x, self.y + height / 2, line, size, color=color, bold=bold)
            self.y += height

    def pair(self, label: str, value: str, *, color: str = INK) -> None:
        """Write a label at the left and a figure at the right."""
        height = self.page.line_height(BODY)
        middle = self.y + height / 2
        self.page.text(self.box.x, middle, label, BODY, color=SOFT)
        self.page.text(self.box.right, middle, value, BODY, bold=True, color=color, align="right")
        self.y += height


def figures(column: Column, sheet: MapSheet, rows: Sequence[Progress]) -> None:
    """Write the parks' figures as a table.

    Parameters
    ----------
    column : Column
        Where.
    sheet : MapSheet
        What is shown.
    rows : sequence of Progress
        The parks'.
    """
    page, box = column.page, column.box
    column.heading("投产土地与规划目标", f"截至 {sheet.as_of}")
    unit = page.unit
    # Right edges of 规划, 已录入, 投产, 投产率, 目标, from the right.
    edges = [box.right - step * unit for step in (34.5, 25.5, 16.5, 7.5, 0)]
    height = page.line_height(SMALL)
    for edge, title in zip(edges, ("规划", "已录入", "投产", "投产率", "目标"), strict=True):
        page.text(edge, column.y + height / 2, title, SMALL, color=SOFT, align="right")
    page.text(box.x, column.y + height / 2, "平台（亩）", SMALL, color=SOFT)
    column.y += height + 0.4
    for row in rows:
        page.rule(box.x, column.y, box.width, 0.3, RULE)
        _figure_row(column, row, edges)
    page.rule(box.x, column.y, box.width, 0.3, RULE)
    column.gap(0.8)
    for row in sheet.rows:
        if row.id is None:
            producing = written.mu(row.in_production_mu)
            column.paragraph(
                f"另有园区外地块 {written.mu(row.recorded_mu)} 亩，其中投产 {producing} 亩，不计入上表"
            )
    column.paragraph("投产率（规划口径）= 投产面积 ÷ 规划面积；目标期限 2020-12-31")
    if sheet.unmapped:
        column.paragraph(f"全区有 {sheet.unmapped} 宗未落图：计入面积，图上没有轮廓")


def _figure_row(column: Column, row: Progress, edges: Sequence[float]) -> None:
    page = column.page
    line, small = page.line_height(BODY), page.line_height(SMALL)
    y = column.y + line / 2 + 0.3
    room = edges[0] - column.box.x - page.text_width("0,000", BODY) - 1
    name = page.wrapped(row.name, room, BODY, bold=True)
    for number, part in enumerate(name):
        page.text(column.box.x, y + number * line, part, BODY, bold=True)
    late = row.verdict is Verdict.OVERDUE
    under = y + (len(name) - 0.5) * line + small / 2
    color = LATE if late else SOFT
    page.text(column.box.x, under, words.verdict(row), SMALL, color=color, bold=late)
    cells = (
        written.plain(row.planned_mu),
        words.own_mu(row, row.recorded_mu),
        written.mu(row.in_production_mu),
        words.rate(row),
        written.goal(row.target_rate),
    )
    for place, (edge, text) in enumerate(zip(edges, cells, strict=True)):
        empty = text == written.UNKNOWN
        size, ink = (SMALL, SOFT) if empty else (BODY, INK)
        page.text(edge, y, text, size, bold=place == 3 and not empty, color=ink, align="right")
    column.y = under + small / 2 + 0.3


def park_figures(column: Column, sheet: MapSheet, park: Park, row: Progress) -> None:
    """Write one park's own figures.

    Parameters
    ----------
    column : Column
        Where.
    sheet : MapSheet
        What is shown.
    park : Park
        The park.
    row : Progress
        Its row.
    """
    page, box = column.page, column.box
    column.heading(park.name, f"截至 {sheet.as_of}")
    size = 12 if row.rate is None else 20
    height = page.line_height(size)
    rate = page.text(box.x, column.y + height / 2, words.rate(row), size, bold=True)
    page.text(rate.right + 1.5, column.y + height / 2 + 0.8, "投产率（规划口径）", BODY, color=SOFT)
    if row.target_rate is not None:
        goal = f"目标 {written.goal(row.target_rate)}"
        page.text(box.right, column.y + height / 2 + 0.8, goal, BODY, bold=True, align="right")
    column.y += height + 0.5
    planned = written.mu(row.planned_mu)
    if row.rate is None:
        column.paragraph(f"尚无地块记录：未填报，不是 0%；规划 {planned} 亩")
    else:
        column.paragraph(f"投产 {written.mu(row.in_production_mu)} 亩 ÷ 规划 {planned} 亩")
        column.gap(0.8)
        column.pair("已录入", f"{written.mu(row.recorded_mu)} 亩")
        if row.unmapped_mu > 0:
            column.pair("其中未落图", f"{written.mu(row.unmapped_mu)} 亩")
        if row.gap_mu is not None:
            label = "距目标还差" if row.gap_mu > 0 else "超过目标"
            column.pair(label, f"{written.mu(abs(row.gap_mu))} 亩")
        if row.rate_at_due is not None:
            column.pair(f"到期时（{row.due}）", written.percent(row.rate_at_due))
        column.pair("可达上限", written.percent(row.reachable_rate))
        late = row.verdict is Verdict.OVERDUE
        column.pair("评定", words.verdict(row), color=LATE if late else INK)
    column.gap(0.8)
    column.paragraph(f"规划目标：{row.target_text or '规划未提出目标'}")
    column.paragraph(
        f"规划约 {written.plain(park.plan_area_value)} {park.plan_area_unit}，{park.source_ref}"
    )


def facts(column: Column, title: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Write what is known of one parcel, project or area.

    Parameters
    ----------
    column : Column
        Where.
    title : str
        Its name.
    pairs : sequence of (str, str)
        What, and how much.
    """
    shown = column.page.shortened(title, column.box.width, HEAD, bold=True)
    column.heading(shown)
    for label, value in pairs:
        room = column.box.width - column.page.text_width(label, BODY) - 2
        column.pair(label, column.page.shortened(value, room, BODY, bold=True))
    column.gap(2)


@dataclass(frozen=True, slots=True)
class Figures:
    """What stands beside the statuses in the legend: 亩 of whom."""

    whose: str
    by_status_mu: Mapping[Account, float]


def legend(column: Column, layers: Sequence[Layer], figures: Figures | None) -> None:
    """Write the legend of the layers that are on, top layer first.

    Parameters
    ----------
    column : Column
        Where.
    layers : sequence of Layer
        Bottom first.
    figures : Figures or None
        亩 beside each status; None = nothing recorded.
    """
    column.heading("图例", f"{figures.whose}，亩" if figures else "")
    for layer in reversed(layers):
        if layer.style.symbol == "status":
            for kind in layer.classes:
                account = Account(kind.value)
                value = figures.by_status_mu[account] if figures else 0.0
                _line(column, kind, legend_label(account), written.mu(value) if value else "")
            if any(other.dataset == "parks" for other in layers):
                _swatch_line(column, _SILENT, "园区虚线：未填报")
        elif layer.style.symbol == "circle":
            for kind in layer.classes:
                _circle_line(column, kind)
        else:
            _swatch_line(column, _swatch_of(layer), "；".join(line.label for line in layer.legend))
    for layer in layers:
        if layer.style.symbol == "circle":
            column.paragraph("圆内数字为规划附表序号。" + "".join(n.label for n in layer.legend))


_SILENT = {"facecolor": "none", "edgecolor": "#23282D", "linestyle": (0, (3, 2))}


def _swatch_of(layer: Layer) -> dict[str, Any]:
    style = layer.style
    swatch: dict[str, Any] = {
        "facecolor": style.fill or "none",
        "edgecolor": style.stroke,
        "lw": min(style.weight, 2) * MM_PER_PX * PT_PER_MM * 0.7,
    }
    if style.dash:
        swatch["linestyle"] = (0, (4, 2.5))
    if style.symbol == "hatch":
        swatch |= {"hatch": WATER_HATCH, "hatchcolor": style.hatch}
    return swatch


def _line(column: Column, kind: ClassStyle, label: str, figure: str) -> None:
    page = column.page
    height = page.line_height(BODY)
    middle = column.y + height / 2
    style = {**paint(kind), "edgecolor": RULE, "linewidth": 0.3}
    page.rectangle(_swatch_box(column, middle), **style)
    page.text(column.box.x + 7 * page.unit, middle, label, BODY)
    page.text(column.box.right, middle, figure, BODY, align="right")
    column.y += height + 0.2 * page.unit


def _swatch_line(column: Column, style: dict[str, Any], label: str) -> None:
    page = column.page
    height = page.line_height(BODY)
    page.rectangle(_swatch_box(column, column.y + height / 2), **{"lw": 0.6, **style})
    for line in page.wrapped(label, column.box.width - 7 * page.unit, BODY):
        page.text(column.box.x + 7 * page.unit, column.y + height / 2, line, BODY)
        column.y += height
    column.gap(0.2)


def _circle_line(column: Column, kind: ClassStyle) -> None:
    page = column.page
    height = page.line_height(BODY)
    middle = column.y + height / 2
    radius = 1.2 * page.unit
    page.circle(
        column.box.x + 2.6 * page.unit, middle, radius, facecolor=kind.fill, edgecolor="#FFFFFF"
    )
    page.text(column.box.x + 7 * page.unit, middle, kind.label or kind.value, BODY)
    column.y += height + 0.2 * page.unit


def _swatch_box(column: Column, middle: float) -> Box:
    unit = column.page.unit
    return Box(column.box.x + 0.2, middle - 1.2 * unit, 5 * unit, 2.4 * unit)


def unplaced_projects(column: Column, sheet: MapSheet) -> None:
    """Write which projects are not on the map.

    Parameters
    ----------
    column : Column
        Where.
    sheet : MapSheet
        What is shown.
    """
    missing = [project for project in sheet.atlas.projects if not project.on_map]
    column.heading("未上图项目", f"{len(missing)} 项，总投资亿元")
    for project in missing:
        _project_line(column, project)
    column.paragraph("规划没有给出可落点的位置，或不宜标注")


def placed_projects(page: Page, box: Box, projects: Sequence[Project], title: str) -> bool:
    """Write projects' names in as many columns as the room has, or none at all.

    Parameters
    ----------
    page : Page
        The sheet.
    box : Box
        Room that is left.
    projects : sequence of Project
        Which.
    title : str
        The heading.

    Returns
    -------
    bool
        Whether there was room.
    """
    line, gap = page.line_height(SMALL), 5 * page.unit
    head = Column(page, box)
    count = max(1, int((box.width + gap) // (44 * page.unit + gap)))
    lines = -(-len(projects) // count)
    if not projects or box.height < lines * line + page.line_height(HEAD) + 2 * page.unit:
        return False
    head.heading(title, "附表序号；总投资，亿元")
    width = (box.width - (count - 1) * gap) / count
    for number in range(count):
        column = Column(page, Box(box.x + number * (width + gap), head.y, width, head.left))
        for project in projects[number * lines : (number + 1) * lines]:
            _project_line(column, project)
    return True


def _project_line(column: Column, project: Project) -> None:
    page, box = column.page, column.box
    height = page.line_height(SMALL)
    middle = column.y + height / 2
    page.text(box.x + 3.4 * page.unit, middle, str(project.no), SMALL, color=SOFT, align="right")
    money = page.text(
        box.right, middle, written.yi(project.total_investment_wan), SMALL, align="right"
    )
    room = money.x - box.x - 5.5 * page.unit
    name = page.shortened(project.name, room, SMALL)
    page.text(box.x + 4.6 * page.unit, middle, name, SMALL)
    column.y += height


def sources(column: Column, sheet: MapSheet, layers: Sequence[Layer]) -> None:
    """Write where the plan, the figures and the outlines come from.

    Parameters
    ----------
    column : Column
        Where.
    sheet : MapSheet
        What is shown.
    layers : sequence of Layer
        That are on.
    """
    column.heading("资料来源")
    column.paragraph("规划：《洞头区工业和信息化发展“十三五”规划》及附表")
    column.paragraph(f"地块与数字：{sheet.margin}")
    if any(layer.credit for layer in layers):
        column.paragraph("范围与点位均为示意，不是红线，可能偏差数公里；海岸线早于围垦")
