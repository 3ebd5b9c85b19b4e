"""汇报: the sheets of the gap, the next steps and the notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dongtou_geo.domain import written
from dongtou_geo.domain.progress import Progress, Verdict
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.metrics.gap import STEPS
from dongtou_geo.services.briefing_figures import (
    ALL,
    PLAN,
    Pen,
    district_of,
    furthest_behind,
    place_of,
)
from dongtou_geo.services.briefing_places import (
    Standing,
    credit,
    gap_words,
    target_word,
    verdict_word,
)
from dongtou_geo.services.briefing_sheet import (
    Chart,
    Column,
    Figure,
    Late,
    Series,
    Sheet,
    Table,
    Words,
)
from dongtou_geo.services.gap_figures import DistrictGap, GapLine, ParkLine
from dongtou_geo.settings import STANDING_LINE
from dongtou_geo.store.gap_due import DueCount, Window

FIRST_PARCELS = 6
ORDER_RULE = "地块按离投产远近排列，与“缺口清单”同序；可补 = 地块面积 − 已投产面积"


def gap_sheet(standing: Standing, gap: DistrictGap) -> Sheet:
    """Write the sheet of what is missing to the targets, and the parcels that close it first.

    Parameters
    ----------
    standing : Standing
        How everything stood.
    gap : DistrictGap
        缺口清单 of the same day.
    """
    pen = standing.pen
    behind = furthest_behind(standing.parks)
    lines = {line.row.id: line for line in gap.lines}
    first = [line for row in behind for line in lines[row.id].first[: FIRST_PARCELS // len(behind)]]
    return Sheet(
        id="gap",
        name="缺口",
        layout="gap",
        title="缺口：离规划目标还差多少亩，先做哪些地块",
        lead=_gap_lead(standing, behind),
        tables=(_gap_table(pen, standing.scored, behind, lines), _parcel_table(standing, first)),
        charts=(_gap_chart(pen, behind),) if behind else (),
        source=f"{ORDER_RULE}。距目标 = 目标 × 规划面积 − 投产面积",
    )


def _gap_chart(pen: Pen, behind: Sequence[Progress]) -> Chart:
    return Chart(
        kind="amounts",
        title="距目标还差，亩",
        categories=tuple(row.name for row in behind),
        series=(Series("距目标还差（亩）", tuple(row.gap_mu for row in behind)),),
        figures=tuple(pen.gap(row) for row in behind),
    )


def _gap_lead(standing: Standing, behind: Sequence[Progress]) -> Words:
    pen = standing.pen
    if not behind:
        known = [row for row in standing.scored if row.gap_mu is not None]
        return (
            "有数字目标的平台均已达到"
            if known
            else f"有数字目标的平台均{written.UNKNOWN}，无从计算缺口",
        )
    parts: list[str | Figure | Late] = ["差得最多："]
    for row in behind:
        parts += [f"{row.name} ", pen.gap(row), " 亩", "，"]
    return tuple(parts[:-1])


def _gap_table(
    pen: Pen,
    rows: Sequence[Progress],
    behind: Sequence[Progress],
    lines: dict[str | None, ParkLine],
) -> Table:
    columns = (
        Column("平台", share=2.3),
        Column("目标", share=1.35, right=True),
        Column("距目标", "亩", share=1.4, right=True),
        Column("评定", share=1.85),
        Column("补足", share=2.6),
    )
    ordered = [*behind, *(row for row in rows if row not in behind)]
    return Table(
        columns,
        tuple(
            (
                (row.name,),
                (target_word(row),),
                gap_words(pen, row),
                (verdict_word(row),),
                _closing_words(pen, lines[row.id]),
            )
            for row in ordered
        ),
    )


def _closing_words(pen: Pen, line: ParkLine) -> Words:
    """Return how the recorded parcels could close a park's gap."""
    found, park_id = line.closing, line.row.id or ""
    if found is None or found.parcels == 0:
        return ("—",)
    if found.parcels is None:
        short = Figure(
            label="仍差",
            value=found.short_mu,
            text=written.mu(found.short_mu),
            unit="亩",
            formula=f"{line.row.name}距目标还差 {written.mu(found.gap_mu)} 亩 − 全部地块可补 "
            f"{written.mu(found.added_mu)} 亩 = {written.mu(found.short_mu)} 亩",
            source=pen.ledger,
            ask=pen.ask("gap_short_mu", park_id),
        )
        return ("全部投产仍差 ", short, " 亩")
    count = Figure(
        label="可补足的宗数",
        value=found.parcels,
        text=f"{found.parcels:,}",
        unit="宗",
        formula=f"{line.row.name}前 {found.parcels:,} 宗可补 {written.mu(found.added_mu)} 亩，"
        f"不小于缺口 {written.mu(found.gap_mu)} 亩",
        source=pen.ledger,
        ask=pen.ask("gap_closing", park_id),
    )
    return ("前 ", count, " 宗投产即可补足")


def _parcel_table(standing: Standing, lines: Sequence[GapLine]) -> Table:
    columns = (
        Column("可先补的地块", share=2.0),
        Column("园区", share=2.1),
        Column("使用权人", share=2.6),
        Column("卡在哪里", share=3.2),
        Column("责任单位", share=1.9),
        Column("可补", "亩", share=0.95, right=True),
    )
    names = standing.atlas.place_names
    return Table(
        columns,
        tuple(
            (
                (line.row.parcel_no,),
                (names.get(line.row.park_id or "", "园区外"),),
                (line.row.occupant or "—",),
                (line.obstacle.text,),
                (line.row.responsible_unit or "—",),
                (_open_area(standing.pen, line),),
            )
            for line in lines
        ),
    )


def _open_area(pen: Pen, line: GapLine) -> Figure:
    text = written.mu(line.contribution_mu)
    return Figure(
        label="可补",
        value=line.contribution_mu,
        text=text,
        unit="亩",
        formula=f"{line.row.parcel_no} 未投产面积 {text} 亩（{line.obstacle.text}）",
        source=pen.ledger,
        ask=pen.ask("parcel_open_mu", line.row.parcel_no),
    )


def next_sheet(standing: Standing, due: Mapping[tuple[str, Window], DueCount]) -> Sheet:
    """Write the sheet of what to do next: from facts of the ledger and the plan only.

    Parameters
    ----------
    standing : Standing
        How everything stood.
    due : mapping of (str, Window) to DueCount
        Steps of contracts that are near or past, by kind and window.
    """
    rows = [
        *_report(standing),
        *_reach(standing),
        *_agreed(standing.pen, due),
        *_words(standing),
    ]
    columns = (Column("事项", share=1.1), Column("对象", share=2.9), Column("依据", share=5.2))
    return Sheet(
        id="next",
        name="下一步",
        layout="next",
        title="下一步：按台账与规划的事实列出",
        lead=("补齐记录、盯住逾期、明确口径",),
        tables=(Table(columns, tuple(rows)),),
        source="只列台账与规划里查得到的事实，不含判断；逾期地块是否闲置须另依规定认定",
    )


def _report(standing: Standing) -> list[tuple[Words, ...]]:
    pen = standing.pen
    rows: list[tuple[Words, ...]] = []
    for row in standing.silent:
        basis: Words = ("规划 ", pen.planned(place_of(row)), " 亩，没有地块记录")
        rows.append((("补录",), (row.name,), basis))
    partly = [r for r in standing.scored if 0 < r.recorded_mu < (r.planned_mu or 0.0)]
    if partly:
        names = "、".join(row.name for row in partly)
        parts: list[str | Figure | Late] = ["已录入 "]
        for row in partly:
            place = place_of(row)
            parts += [pen.recorded(place), " / ", pen.planned(place), "、"]
        rows.append((("核对未录入",), (names,), (*parts[:-1], " 亩（未录入的可能是道路、绿地）")))
    place = district_of(standing.scored)
    if place.unmapped_mu > 0:
        rows.append((("补图形",), ("未落图地块",), (pen.unmapped(place), " 亩没有图形")))
    return rows


def _reach(standing: Standing) -> list[tuple[Words, ...]]:
    pen = standing.pen
    late = [row for row in standing.scored if row.verdict is Verdict.OVERDUE]
    return [
        (
            ("追赶进度",),
            (row.name,),
            (verdict_word(row), f"（{row.due} 到期），目标 {written.goal(row.target_rate or 0.0)}，还差 ",
             pen.gap(row), " 亩"),
        )
        for row in sorted(late, key=lambda row: -(row.gap_mu or 0.0))
    ]  # fmt: skip


def _agreed(pen: Pen, due: Mapping[tuple[str, Window], DueCount]) -> list[tuple[Words, ...]]:
    parts: list[str | Figure | Late] = []
    for kind, step in STEPS.items():
        cell = due.get((kind, "past"), DueCount())
        if cell.parcels:
            parts += [f"{step}日已过 ", *_count(pen, kind, step, cell), "；"]
    return [(("督促履约",), ("合同约定日期已过的地块",), tuple(parts[:-1]))] if parts else []


def _count(pen: Pen, kind: str, step: str, cell: DueCount) -> Words:
    ask = pen.ask("gap_due", ALL, f"{kind}.past")
    area_mu = m2_to_mu(cell.area_m2)
    words = f"截至 {pen.as_of}，{step}日早于当日而尚未做到的地块：{cell.parcels:,} 宗 "
    words += f"{written.mu(area_mu)} 亩"
    return (
        Figure("宗数", cell.parcels, f"{cell.parcels:,}", "宗", words, pen.ledger, ask, late=True),
        " 宗 ",
        Figure("面积", area_mu, written.mu(area_mu), "亩", words, pen.ledger, ask, late=True),
        " 亩",
    )


def _words(standing: Standing) -> list[tuple[Words, ...]]:
    rows: list[tuple[Words, ...]] = []
    for row in standing.scored:
        if row.verdict is Verdict.NO_TARGET:
            rows.append((("明确目标",), (row.name,), ("规划没有单列投产目标，无从评定",)))
        elif row.target_rate is None:
            rows.append(
                (("明确口径",), (row.name,), (f"目标“{row.target_text}”没有数字，无从评定",))
            )
    note = next((note for note in standing.atlas.notes if note.id == "DQ-24"), None)
    if note is not None:
        rows.append((("明确口径",), (note.title,), (f"{note.figures}（{note.id}）",)))
    return rows


def notes_sheet(standing: Standing) -> Sheet:
    """Write the sheet of 口径, sources and notes.

    Parameters
    ----------
    standing : Standing
        How everything stood.
    """
    shown = ("DQ-23", "DQ-24", "DQ-37")
    notes = [note for note in standing.atlas.notes if note.id in shown]
    points: tuple[Words, ...] = (
        ("投产率（规划口径）= 投产面积 ÷ 规划面积；国家没有统一的“投产率”，口径依规划“90%以上的土地实现投产”的用语",),
        ("没有记录写“未填报”，不写 0%；片区与全区的分母包含未填报的平台",),
        ("距目标 = 目标 × 规划面积 − 投产面积；到期时 = 规划到期日的投产率；可达上限 = 已录入 ÷ 规划",),
        ("地块状态由日期与文号推出，不手工填写；部分投产的地块，其余面积记为用而未尽",),
        (f"数据：{standing.pen.ledger}；规划数字：{PLAN}",),
        (f"片区、园区、围垦区范围均为示意，可能偏差数百米至数公里。{credit()}",),
        *((f"{note.id} {note.title}：{note.figures}",) for note in notes),
    )  # fmt: skip
    return Sheet(
        id="notes",
        name="数据说明",
        layout="notes",
        title="数据说明",
        lead=(STANDING_LINE,),
        points=points,
        source=f"规划数据质量注记共 {len(standing.atlas.notes)} 条，见“一张图”与数据质量",
    )
