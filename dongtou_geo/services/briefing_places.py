"""汇报: the sheets of the district, its zones and its parks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dongtou_geo.catalog.layers import load_layers, status_fills
from dongtou_geo.domain import written
from dongtou_geo.domain.balance import BalanceReader
from dongtou_geo.domain.places import Park
from dongtou_geo.domain.progress import Progress, Verdict, rate_of
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.services.briefing_figures import Pen, Place, district_of, place_of, status_name
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
from dongtou_geo.services.dossier import Atlas

CURVE_START = date(2013, 1, 1)
RULE = "投产率（规划口径）= 投产面积 ÷ 规划面积；规划面积为规划文本所载（约数），图上范围为示意"


@dataclass(frozen=True, slots=True)
class Standing:
    """How everything stood on the day: what the sheets are written from.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    pen : Pen
        Writes the figures.
    parks, zones : list of Progress
        Rows of 用地进度; land outside the parks closes the parks.
    balances : BalanceReader
        For the curves.
    """

    atlas: Atlas
    pen: Pen
    parks: list[Progress]
    zones: list[Progress]
    balances: BalanceReader

    @property
    def scored(self) -> list[Progress]:
        """Return the platforms' rows, without the land outside them."""
        return [row for row in self.parks if row.id is not None]

    @property
    def silent(self) -> list[Progress]:
        """Return the platforms for which nothing is recorded."""
        return [row for row in self.scored if row.recorded_mu == 0]


def credit() -> str:
    """Return whom the outlines of a map are owed to, as the layers say."""
    owed = dict.fromkeys(layer.credit for layer in load_layers() if layer.credit)
    return "；".join(owed)


def district_sheet(standing: Standing) -> Sheet:
    """Write the sheet of the whole district.

    Parameters
    ----------
    standing : Standing
        How everything stood.
    """
    pen, rows = standing.pen, standing.scored
    place = district_of(rows)
    chart = Chart(
        kind="rates",
        title="各平台投产率（规划口径）与规划目标",
        categories=tuple(row.name for row in rows),
        series=(
            Series("投产率", tuple(row.rate for row in rows)),
            Series("规划目标", tuple(row.target_rate for row in rows)),
        ),
        figures=tuple(pen.rate(place_of(row)) for row in rows),
    )
    return Sheet(
        id="district",
        name="全区",
        layout="district",
        title="全区：五个产业平台的土地有多少投产",
        lead=_district_lead(standing),
        hero=pen.rate(place),
        hero_basis=_basis(pen, place),
        tables=(_district_table(standing),),
        charts=(chart,),
        points=_outside_points(standing),
        source=f"{RULE}；目标到期日 {rows[0].due}",
    )


def _district_lead(standing: Standing) -> Words:
    pen, silent = standing.pen, standing.silent
    place = district_of(standing.scored)
    if len(silent) == len(standing.scored):
        return (
            "五个产业平台规划 ",
            pen.planned(place),
            f" 亩，均{written.UNKNOWN}：没有记录不等于 0%",
        )
    names = "、".join(row.name for row in silent)
    rest = f"；{names}{written.UNKNOWN}，仍计入分母" if silent else ""
    return (
        "规划 ", pen.planned(place), " 亩，已录入 ", pen.recorded(place), " 亩，其中投产 ",
        pen.producing(place), f" 亩{rest}",
    )  # fmt: skip


def _district_table(standing: Standing) -> Table:
    pen = standing.pen
    columns = (
        Column("平台", share=2.5),
        Column("投产率", share=1.0, right=True),
        Column("目标", share=1.25, right=True),
        Column("已录入 / 规划", "亩", share=1.9, right=True),
        Column("距目标", "亩", share=1.2, right=True),
        Column("评定", share=1.65),
    )
    rows = []
    for row in standing.scored:
        place = place_of(row)
        rows.append((
            (row.name,),
            (pen.rate(place),),
            (target_word(row),),
            (pen.recorded(place), " / ", pen.planned(place)),
            gap_words(pen, row),
            (verdict_word(row),),
        ))  # fmt: skip
    return Table(columns, tuple(rows))


def _outside_points(standing: Standing) -> tuple[Words, ...]:
    return tuple(
        (
            "另有园区外地块 ", standing.pen.recorded(place_of(row)), " 亩，其中投产 ",
            standing.pen.producing(place_of(row)), " 亩，不计入以上各数",
        )
        for row in standing.parks
        if row.id is None
    )  # fmt: skip


def target_word(row: Progress) -> str:
    """Return a park's target in one word.

    Parameters
    ----------
    row : Progress
        Of a park.
    """
    if row.verdict is Verdict.NO_TARGET:
        return "未单列"
    return "有文字无数字" if row.target_rate is None else written.goal(row.target_rate)


def verdict_word(row: Progress) -> str | Late:
    """Return a park's verdict; 逾期 is the only one in red.

    Parameters
    ----------
    row : Progress
        Of a park.
    """
    words = row.verdict.label
    return Late(words) if row.verdict is Verdict.OVERDUE else words


def gap_words(pen: Pen, row: Progress) -> Words:
    """Return what is missing to a park's target, with the word for its direction.

    Parameters
    ----------
    pen : Pen
        Writes the figures.
    row : Progress
        Of a park.
    """
    if row.gap_mu is None:
        return (written.UNKNOWN if row.target_rate is not None else "—",)
    way = "差 " if row.gap_mu > 0 else "超 "
    return (Late(way) if row.verdict is Verdict.OVERDUE else way, pen.gap(row))


def _basis(pen: Pen, place: Place) -> tuple[Words, ...]:
    producing, planned, day = pen.producing(place), pen.planned(place), (f"截至 {pen.as_of}",)
    if producing.value is None:
        return (("没有地块记录，不是 0%；规划 ", planned, " 亩"), day)
    return (("投产 ", producing, " 亩 ÷ 规划 ", planned, " 亩"), day)


def zones_sheet(standing: Standing) -> Sheet:
    """Write the sheet of the three zones and their parks.

    Parameters
    ----------
    standing : Standing
        How everything stood.
    """
    pen = standing.pen
    columns = (
        Column("片区 / 平台", share=2.9),
        Column("规划", "亩", share=1.25, right=True),
        Column("已录入", "亩", share=1.25, right=True),
        Column("投产", "亩", share=1.25, right=True),
        Column("投产率", share=1.0, right=True),
    )
    rows: list[tuple[Words, ...]] = []
    strong = set()
    for zone in standing.zones:
        if zone.id is None:
            continue
        strong.add(len(rows))
        rows.append(_place_cells(pen, zone, ""))
        own = [row for row in standing.scored if row.zone_id == zone.id]
        rows += [_place_cells(pen, row, "　") for row in own]
    return Sheet(
        id="zones",
        name="三片区",
        layout="zones",
        title="三大片区：北翼集聚、本岛提升、西片联动",
        lead=_zones_lead(standing),
        tables=(Table(columns, tuple(rows), frozenset(strong)),),
        points=_outside_points(standing),
        map_subject="district",
        source=f"片区为所含平台之和，规划未给片区目标。{RULE}。{credit()}",
    )


def _place_cells(pen: Pen, row: Progress, indent: str) -> tuple[Words, ...]:
    place = place_of(row)
    return (
        (f"{indent}{row.name}",),
        (pen.planned(place),),
        (pen.recorded(place),),
        (pen.producing(place),),
        (pen.rate(place),),
    )


def _zones_lead(standing: Standing) -> Words:
    pen = standing.pen
    known = [row for row in standing.zones if row.id is not None and row.rate is not None]
    if not known:
        return (f"三个片区均{written.UNKNOWN}：没有记录不等于 0%",)
    parts: list[str | Figure | Late] = []
    for row in known:
        parts += ["，" if parts else "投产率：", f"{row.name} ", pen.rate(place_of(row))]
    silent = [row.name for row in standing.zones if row.id is not None and row.rate is None]
    return (*parts, f"；{'、'.join(silent)}{written.UNKNOWN}" if silent else "")


def park_sheet(standing: Standing, park: Park) -> Sheet:
    """Write the sheet of one park.

    Parameters
    ----------
    standing : Standing
        How everything stood.
    park : Park
        The park.
    """
    pen = standing.pen
    row = next(row for row in standing.parks if row.id == park.id)
    place = place_of(row)
    figures = [pen.recorded(place), pen.planned(place)]
    if row.unmapped_mu > 0:
        figures.append(pen.unmapped(place))
    if row.gap_mu is not None:
        figures.append(pen.gap(row))
    figures += pen.others(row)
    return Sheet(
        id=park.id,
        name=park.name,
        layout="park",
        title=park.name,
        lead=_park_lead(pen, row),
        hero=pen.rate(place),
        hero_basis=_basis(pen, place),
        figures=tuple(figures),
        charts=(_split_chart(pen, row), _curve_chart(standing, park, row))
        if row.recorded_mu
        else (),
        points=_target_points(standing.atlas, park, row),
        map_subject=park.id,
        source=f"{RULE}；{park.source_ref}。{credit()}",
    )


def _park_lead(pen: Pen, row: Progress) -> Words:
    if row.verdict is Verdict.NO_TARGET:
        head = "规划没有为本区单列投产目标"
        return (f"{head}；{written.UNKNOWN}" if row.rate is None else head,)
    if row.rate is None:
        return (f"{written.UNKNOWN}：台账里还没有本园区的地块",)
    if row.target_rate is None:
        return ("规划要求“基本实现全部”，没有数字，不评分",)
    goal = written.goal(row.target_rate)
    if (row.gap_mu or 0.0) <= 0:
        met = f"（首次达到 {row.met_on}）" if row.met_on else ""
        return (f"已达到规划目标 {goal}{met}，超过 ", pen.gap(row), " 亩")
    late = f"，规划已于 {row.due} 到期" if row.verdict is Verdict.OVERDUE else ""
    return (f"距规划目标 {goal} 还差 ", pen.gap(row), f" 亩{late}")


def _target_points(atlas: Atlas, park: Park, row: Progress) -> tuple[Words, ...]:
    target = atlas.book.targets.get(park.id)
    points: list[Words] = []
    for phrase in target.phrases if target else ():
        if phrase.scored and phrase.rate is not None:
            use = f"按 {written.goal(phrase.rate)} 评定"
        elif not phrase.own:
            use = "对所在一期的表述"
        else:
            use = "无数字，不评分" if phrase.scored else "并列显示，不作评定"
        points.append((f"“{phrase.phrase}”{phrase.chapter} · {use}",))
    points.append(("评定：", verdict_word(row)))
    return tuple(points)


def _split_chart(pen: Pen, row: Progress) -> Chart:
    fills = status_fills(load_layers())
    held = [status for status in STATUSES if row.by_status_mu[status] > 0]
    return Chart(
        kind="amounts",
        title="已录入土地的状态，亩",
        categories=tuple(status_name(status) for status in held),
        series=(Series("面积（亩）", tuple(row.by_status_mu[status] for status in held)),),
        colours=tuple(fills[status.value].fill for status in held),
        figures=tuple(pen.split(row)),
    )


def quarter_ends(start: date, until: date) -> list[date]:
    """Return the ends of the quarters between two days, and the last day itself.

    Parameters
    ----------
    start, until : date
        First and last day.
    """
    found: list[date] = []
    year, month = start.year, (start.month - 1) // 3 * 3 + 3
    while True:
        after = date(year + month // 12, month % 12 + 1, 1)
        end = date.fromordinal(after.toordinal() - 1)
        if end >= until:
            return [*found, until]
        found.append(end)
        year, month = (year + 1, 3) if month == 12 else (year, month + 3)


def _curve_chart(standing: Standing, park: Park, row: Progress) -> Chart:
    as_of = standing.pen.as_of
    days = quarter_ends(min(CURVE_START, as_of), as_of)
    rates = [rate_of(standing.balances.on(park.id, day), park.planned_mu) for day in days]
    series: Sequence[Series] = (Series("投产率", tuple(rates)),)
    if row.target_rate is not None:
        series = (
            *series,
            Series(f"目标 {written.goal(row.target_rate)}", (row.target_rate,) * len(days)),
        )
    return Chart(
        kind="curve",
        title="投产率（规划口径）变化，各季末",
        categories=tuple(day.isoformat() for day in days),
        series=tuple(series),
    )
