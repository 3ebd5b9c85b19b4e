"""Proofs of 缺口清单: how many parcels close a gap, what is not recorded, what is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.places import Park
from dongtou_geo.domain.status import Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.metrics.gap import STEPS
from dongtou_geo.services.gap import STAGE_WORDS, district_gap, gap_lines, park_gap
from dongtou_geo.services.gap_due import WINDOWS, DueLine, due_filter, due_page, due_slice
from dongtou_geo.services.gap_figures import STOPPED, DistrictGap, GapLine, ParkGap
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.proof.ask import DISTRICT, FigureAsk
from dongtou_geo.services.proof.proof import (
    MOST_OUTLINES,
    Column,
    Proof,
    ProofTable,
    Row,
    Sources,
    Term,
    fixed_table,
)
from dongtou_geo.store.gap_stages import stage_rows

_LIST = (
    Column("序", kind="number"), Column("地块编号", kind="parcel"), Column("状态"),
    Column("自", kind="day"), Column("可补", "亩", "mu"), Column("累计", "亩", "mu"),
    Column("使用权人"), Column("责任单位"), Column("下一约定日期", kind="day"), Column("卡在哪里"),
)  # fmt: skip
_ADDED = 4
_DUE = (
    Column("地块编号", kind="parcel"), Column("约定事项"), Column("约定日期", kind="day"),
    Column("已过", "天", "number"), Column("面积", "亩", "mu"), Column("状态"), Column("使用权人"),
    Column("合同编号"), Column("责任单位"), Column("疑似闲置起算日", kind="day"),
)  # fmt: skip
_STAGE = (
    Column("地块编号", kind="parcel"), Column("计入", "亩", "mu"), Column("地块面积", "亩", "mu"),
    Column("来源"), Column("自", kind="day"), Column("使用权人"), Column("责任单位"),
)  # fmt: skip
_RULE = (
    "先看阶段，离投产近的在先；同一阶段停工、停产的在后；再看下一个约定日期，早的在先；"
    "再看面积，大的在先；最后按编号"
)
_ADDS = "可补面积 = 该宗尚未投产的面积；假定清单上的地块按先后全部投产"
_STAGE_BASIS = (
    "停产指投过产、现已停产的面积，在土地账上计入建成未投产，此处单列；"
    "部分投产的地块，停产部分列入停产，余下列入用而未尽"
)
_UNRECORDED = "规划面积里的道路、绿地和尚未录入的地块都在其内，台账分不开；规划称“约”"


def prove_gap(sources: Sources, ask: FigureAsk) -> Proof | None:
    """Prove one figure of 缺口清单.

    Parameters
    ----------
    sources : Sources
        Plan and ledger.
    ask : FigureAsk
        ``figure`` one of ``GAP_FIGURES``; ``subject`` a park, or ``all`` for ``gap_sum_mu`` and
        ``gap_due``; ``detail`` a stage with its origin (``supplied.land``, ``stopped``) for
        ``gap_stage_mu``, a step with its window (``start.year``) for ``gap_due``, a parcel's number
        for ``gap_parcel_mu``, how many parcels for ``gap_cumulative_mu`` and its rate.

    Returns
    -------
    Proof or None
        None where there is no such figure.

    Notes
    -----
    未录入 = 规划面积 − 已录入面积. 仍差 = 目标率 × 规划面积 − 已录入面积.
    """
    park = next((park for park in sources.atlas.book.parks if park.id == ask.subject), None)
    if ask.as_of is None or (park is None and ask.subject != DISTRICT):
        return None
    if ask.figure == "gap_due":
        return _due(sources, ask, park, ask.as_of)
    if park is None:
        return _sum(sources, ask.as_of) if ask.figure == "gap_sum_mu" else None
    prover = _OF_PARK.get(ask.figure)
    return prover(sources, park, ask.detail, ask.as_of) if prover else None


def _parcel(sources: Sources, park: Park, number: str, as_of: date) -> Proof | None:
    gap = park_gap(_view(sources), sources.atlas.book, park.id, as_of=as_of, parcel_no=number)
    line = next((line for line in gap.lines if line.row.parcel_no == number), None)
    if line is None:
        return None
    row, ledger = line.row, f"地块台账，截至 {as_of}"
    terms = (
        Term("地块面积", m2_to_mu(row.area_m2), "亩", f"{row.area_basis.label}，{ledger}"),
        Term("投产面积", m2_to_mu(row.area_m2 - row.contribution_m2), "亩", ledger),
        Term("其中停产", m2_to_mu(row.stopped_m2), "亩", ledger),
    )
    return Proof(
        f"{number} · 可补面积", line.contribution_mu, "亩", "可补面积 = 地块面积 − 投产面积",
        f"{line.status_label}，自 {row.since_on}；{line.obstacle.text}", as_of, terms,
        parcels=(number,),
    )  # fmt: skip


def _cumulative(sources: Sources, park: Park, word: str, as_of: date) -> Proof | None:
    place = int(word) if word.isascii() and word.isdigit() and len(word) < 8 else 0
    last = _lines(sources, park, as_of, 1, place - 1) if place else []
    if not last:
        return None
    table = _table(sources, park, as_of, int(word), last[0].cumulative_mu)
    term = Term(f"前 {word} 宗累计可补", last[0].cumulative_mu, "亩", f"地块台账，截至 {as_of}")
    return Proof(
        f"{park.name} · 前 {word} 宗累计可补", last[0].cumulative_mu, "亩",
        "累计可补 = 清单前几宗可补面积之和", f"{_RULE}。{_ADDS}", as_of, (term,), (table,),
    )  # fmt: skip


def _cumulative_rate(sources: Sources, park: Park, word: str, as_of: date) -> Proof | None:
    added = _cumulative(sources, park, word, as_of)
    if added is None:
        return None
    row = _gap(sources, park, as_of).row
    terms = (
        *added.terms,
        Term("投产面积", row.in_production_mu, "亩", f"地块台账，截至 {as_of}"),
        Term("规划面积", park.planned_mu, "亩", f"规划，{park.source_ref}"),
    )
    whole_mu = (row.in_production_mu or 0.0) + (added.value or 0.0)
    return Proof(
        f"{park.name} · 前 {word} 宗投产后的投产率（规划口径）", whole_mu / park.planned_mu, "%",
        "投产率 = （投产面积 + 累计可补） ÷ 规划面积", added.basis, as_of, terms, added.tables,
    )  # fmt: skip


def _closing(sources: Sources, park: Park, _detail: str, as_of: date) -> Proof | None:
    gap = _gap(sources, park, as_of)
    found = gap.closing
    if found is None or found.parcels is None:
        return None
    most = min(found.parcels, MOST_OUTLINES)
    numbers = [line.row.parcel_no for line in _lines(sources, park, as_of, most, 0)]
    terms = (
        Term("距目标还差", found.gap_mu, "亩", _target_source(sources, park)),
        Term("这些地块可补", found.added_mu, "亩", f"地块台账，截至 {as_of}"),
    )
    return Proof(
        f"{park.name} · 前几宗可补足", found.parcels, "宗",
        "前几宗可补足 = 按清单先后累加可补面积，第一次不小于距目标还差时的宗数", f"{_RULE}。{_ADDS}",
        as_of, terms, (_table(sources, park, as_of, found.parcels, found.added_mu),),
        parcels=tuple(numbers),
    )  # fmt: skip


def _listed(sources: Sources, park: Park, _detail: str, as_of: date) -> Proof:
    gap = _gap(sources, park, as_of)
    value = gap.listed_mu if gap.row.recorded_mu > 0 else None
    return Proof(
        f"{park.name} · 未投产的已录入面积", value, "亩",
        "未投产的已录入面积 = 清单各宗可补面积之和 = 已录入面积 − 投产面积", _ADDS, as_of,
        _recorded_terms(gap, as_of), (_table(sources, park, as_of, gap.parcels, value),),
        parcels=tuple(number for number, _status, _wkb in gap.outlines),
    )  # fmt: skip


def _short(sources: Sources, park: Park, _detail: str, as_of: date) -> Proof | None:
    gap = _gap(sources, park, as_of)
    if gap.closing is None:
        return None
    terms = (
        Term("距目标还差", gap.closing.gap_mu, "亩", _target_source(sources, park)),
        Term("清单全部投产可补", gap.listed_mu, "亩", f"地块台账，截至 {as_of}"),
        Term("未录入", gap.unrecorded_mu, "亩", "规划 − 已录入"),
    )
    return Proof(
        f"{park.name} · 全部投产后仍差", gap.closing.short_mu, "亩",
        "仍差 = 距目标还差 − 清单全部投产可补；不小于 0", _UNRECORDED, as_of, terms,
        (_table(sources, park, as_of, gap.parcels, gap.listed_mu),),
    )  # fmt: skip


def _unrecorded(sources: Sources, park: Park, _detail: str, as_of: date) -> Proof:
    row = _gap(sources, park, as_of).row
    terms = (
        Term("规划面积", park.planned_mu, "亩", f"规划，{park.source_ref}"),
        Term("已录入面积", row.recorded_mu, "亩", f"地块台账，截至 {as_of}"),
    )
    return Proof(
        f"{park.name} · 未录入", max(park.planned_mu - row.recorded_mu, 0.0), "亩",
        "未录入 = 规划面积 − 已录入面积；不小于 0", _UNRECORDED, as_of, terms,
    )  # fmt: skip


def _stage(sources: Sources, park: Park, detail: str, as_of: date) -> Proof | None:
    word, _, kind = detail.partition(".")
    account, stopped = STAGE_WORDS.get(word, (None, False))
    origin = next((origin for origin in Origin if origin.value == kind), None)
    if account is None or bool(kind) != (origin is not None):
        return None
    gap = _gap(sources, park, as_of)
    stage = next((stage for stage in gap.stages if stage.key == word), None)
    value, count = 0.0, 0
    if stage is not None:
        by_origin = {
            None: (stage.area_mu, stage.parcels),
            Origin.LAND: (stage.land_mu, stage.land_parcels),
            Origin.FILLED_SEA: (stage.filled_sea_mu, stage.filled_sea_parcels),
        }
        value, count = by_origin[origin]

    def rows(limit: int, offset: int) -> list[Row]:
        if sources.ledger is None:
            return []
        with sources.ledger.reading() as snapshot:
            found = stage_rows(
                snapshot.connection, as_of, park.id, account,
                stopped=stopped if account is Account.COMPLETED else None, origin=origin, limit=limit, offset=offset,
            )  # fmt: skip
        return [
            (row.parcel_no, m2_to_mu(row.counted_m2), m2_to_mu(row.area_m2), row.origin.label,
             row.since_on, row.occupant, row.responsible_unit)
            for row in found
        ]  # fmt: skip

    name = account.filled_sea_label if origin is Origin.FILLED_SEA else account.label
    name = STOPPED if stopped else name
    where = f"（{origin.label}）" if origin else ""
    return Proof(
        f"{park.name} · {name}{where}", value if gap.row.recorded_mu > 0 else None, "亩",
        f"{name}面积 = 当日处于该状态的面积之和", _STAGE_BASIS,
        as_of, tables=(ProofTable("地块", _STAGE, count, value, rows, 1),),
        parcels=tuple(str(row[0]) for row in rows(300, 0)),
    )  # fmt: skip


def _sum(sources: Sources, as_of: date) -> Proof:
    found: DistrictGap = district_gap(_view(sources), sources.atlas.book, as_of=as_of)
    rows: list[Row] = [
        (line.row.name, line.row.target_rate, line.row.planned_mu, line.row.in_production_mu,
         line.row.gap_mu, None if line.row.gap_mu is None else max(line.row.gap_mu, 0.0))
        for line in found.lines
    ]  # fmt: skip
    columns = (
        Column("园区"), Column("目标", kind="percent"), Column("规划面积", "亩", "mu"),
        Column("投产面积", "亩", "mu"), Column("距目标还差", "亩", "mu"), Column("计入", "亩", "mu"),
    )  # fmt: skip
    return Proof(
        "全区 · 距目标合计", found.gap_mu, "亩", "距目标合计 = 有数字目标且已填报的园区，各自缺口之和",
        "已达到目标的园区按 0 计，不抵别处的缺口；目标没有数字、未列目标或未填报的园区不在其内",
        as_of, tables=(fixed_table("园区", columns, rows, total_column=5),),
    )  # fmt: skip


def _due(sources: Sources, ask: FigureAsk, park: Park | None, as_of: date) -> Proof | None:
    kind, _, word = ask.detail.partition(".")
    window = next((window for window in WINDOWS if window == word), None)
    if kind not in STEPS or window is None:
        return None
    view = _view(sources)
    wanted = due_filter(as_of, park.id if park else None, window, kind)
    cell = due_page(view, wanted).cells[kind, window]

    def rows(limit: int, offset: int) -> list[Row]:
        return [_due_row(line) for line in due_slice(view, wanted, limit=limit, offset=offset)]

    return Proof(
        f"{park.name if park else '全区'} · {STEPS[kind]}{WINDOWS[window]}", cell.parcels, "宗",
        f"数到 {as_of} 尚未完成、{STEPS[kind]}日期在范围内的地块："
        f"90 天内至 {wanted.until}；已过在 {as_of} 以前；已过一年在 {wanted.year_before} 及以前",
        "只看供应之后的约定；约定动工满一年未动工的标疑似闲置（国土资源部令第53号第二条），是否构成闲置由有关部门认定",
        as_of, tables=(ProofTable("约定", _DUE, cell.parcels, cell.area_mu, rows, _ADDED),),
        parcels=tuple(str(row[0]) for row in rows(300, 0)),
    )  # fmt: skip


def _due_row(line: DueLine) -> Row:
    row = line.row
    return (
        row.parcel_no, line.step, row.due_on, line.days, line.area_mu, line.status_label,
        row.occupant, row.contract_no, row.responsible_unit, line.idle_since,
    )  # fmt: skip


def _view(sources: Sources) -> LedgerView:
    return LedgerView(sources.stamp, sources.ledger)


def _gap(sources: Sources, park: Park, as_of: date) -> ParkGap:
    return park_gap(_view(sources), sources.atlas.book, park.id, as_of=as_of)


def _lines(sources: Sources, park: Park, as_of: date, limit: int, offset: int) -> list[GapLine]:
    view, book = _view(sources), sources.atlas.book
    return gap_lines(view, book, park.id, as_of=as_of, limit=limit, offset=offset)


def _table(
    sources: Sources, park: Park, as_of: date, count: int, total_mu: float | None
) -> ProofTable:
    def rows(limit: int, offset: int) -> list[Row]:
        some = _lines(sources, park, as_of, max(min(limit, count - offset), 0), offset)
        return [
            (line.place, line.row.parcel_no, line.status_label, line.row.since_on,
             line.contribution_mu, line.cumulative_mu, line.row.occupant,
             line.row.responsible_unit, line.row.due_on, line.obstacle.text)
            for line in some
        ]  # fmt: skip

    return ProofTable("清单", _LIST, count, total_mu, rows, _ADDED)


def _recorded_terms(gap: ParkGap, as_of: date) -> tuple[Term, ...]:
    ledger = f"地块台账，截至 {as_of}"
    return (
        Term("已录入面积", gap.row.recorded_mu, "亩", ledger),
        Term("投产面积", gap.row.in_production_mu, "亩", ledger),
    )


def _target_source(sources: Sources, park: Park) -> str:
    target = sources.atlas.book.targets.get(park.id)
    return f"目标：{target.text}" if target else "规划"


_OF_PARK: dict[str, Callable[[Sources, Park, str, date], Proof | None]] = {
    "gap_closing": _closing,
    "gap_listed_mu": _listed,
    "gap_short_mu": _short,
    "gap_unrecorded_mu": _unrecorded,
    "gap_stage_mu": _stage,
    "gap_parcel_mu": _parcel,
    "gap_cumulative_mu": _cumulative,
    "gap_cumulative_rate": _cumulative_rate,
}
GAP_FIGURES = (*_OF_PARK, "gap_sum_mu", "gap_due")
