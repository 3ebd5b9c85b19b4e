"""Proofs of 数据质量: the notes, outlines, parcels and findings that its counts count."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

from dongtou_geo.domain.event import EventKind
from dongtou_geo.domain.ledger_field import LEDGER_FIELDS
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.proof.ask import FigureAsk
from dongtou_geo.services.proof.proof import (
    Column,
    Proof,
    ProofTable,
    Row,
    Sources,
    Term,
    fixed_table,
)  # fmt: skip
from dongtou_geo.services.quality import bound_things, found_notes, parse_note_filter
from dongtou_geo.services.quality_land import land_check
from dongtou_geo.services.quality_ledger import (
    ISSUES,
    PAPER_NAMES,
    IssueRow,
    Scope,
    issue_count,
    issue_counts,
    issue_rows,
)  # fmt: skip
from dongtou_geo.services.quality_outlines import (
    CONFIDENCES,
    FIDELITIES,
    KINDS,
    STANDINGS,
    found_outlines,
    outline_rows,
    parse_outline_filter,
)  # fmt: skip
from dongtou_geo.services.quality_recorded import (
    DISTRICT,
    FLAG_NAMES,
    FLAG_RULES,
    OUTSIDE,
    gap_query,
    gaps_of,
    recorded_rows,
)  # fmt: skip
from dongtou_geo.store import quality_rows
from dongtou_geo.store.quality_rows import STALE_DAYS, GapLot, GapQuery

NOTES, OUTLINES, LOTS, LOTS_MU, PARKS, FOUND, FOUND_MU = (
    "quality_notes", "quality_outlines", "quality_lots", "quality_lots_mu", "quality_parks",
    "quality_found", "quality_found_mu",
)  # fmt: skip
QUALITY_FIGURES = (NOTES, OUTLINES, LOTS, LOTS_MU, PARKS, FOUND, FOUND_MU)
SUPPLIED = "supplied"
# So many parcels the map draws; asking for all of a large ledger would only take time.
DRAWN = 1_000
_LOT_COLUMNS = (
    Column("地块编号", kind="parcel"), Column("园区"), Column("状态"), Column("面积", "亩", "mu"),
    Column("缺什么"), Column("使用权人"), Column("责任单位"), Column("最后录入", kind="moment"),
)  # fmt: skip
_AREA = 3
_FOUND_COLUMNS = (
    Column("地块编号", kind="parcel"), Column("园区"), Column("现状"), Column("应为"),
    Column("面积", "亩", "mu"), Column("另一宗", kind="parcel"),
)  # fmt: skip
_CELL_COLUMNS = (
    Column("地块编号", kind="parcel"), Column("园区"), Column("计入面积", "亩", "mu"),
    Column("图形面积", "亩", "mu"),
    *(
        column
        for name in PAPER_NAMES.values()
        for column in (Column(f"{name}面积", "亩", "mu"), Column(f"{name}相差", "亩", "mu"))
    ),
    Column("超差的可能原因"),
)  # fmt: skip


def prove_quality(sources: Sources, ask: FigureAsk) -> Proof | None:
    """Prove one figure of 数据质量.

    Parameters
    ----------
    sources : Sources
        Plan and ledger.
    ask : FigureAsk
        ``quality_notes`` and ``quality_outlines`` with a filter as ``detail``; ``quality_lots`` (宗)
        and ``quality_lots_mu`` of a place, ``detail`` one of ``store.quality_rows.FLAGS``;
        ``quality_parks``, ``detail`` ``silent`` or ``stale``; ``quality_found`` and
        ``quality_found_mu`` of a place, ``detail`` ``code=…&q=…``.

    Returns
    -------
    Proof or None
        None where there is no such place, filter or day.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    if ask.figure == NOTES:
        return _notes(sources, ask)
    if ask.figure == OUTLINES:
        return _outlines(sources, ask)
    if ask.as_of is None:
        return None
    if ask.figure == PARKS:
        return _parks(sources, ask)
    return _lots(sources, ask) if ask.figure in (LOTS, LOTS_MU) else _found(sources, ask)


def _notes(sources: Sources, ask: FigureAsk) -> Proof:
    found = found_notes(sources.atlas, parse_note_filter(ask.detail))
    rows: list[Row] = [
        (
            note.id, note.kind.label, note.title, note.figures, note.note,
            "；".join(bound.name for bound in bound_things(sources.atlas, note)), note.source_ref,
        )
        for note in found
    ]  # fmt: skip
    heads = ("编号", "类别", "标题", "所印数字", "说明", "涉及", "出处")
    return Proof(
        "规划矛盾 · 条数", len(found), "条", "条数 = 符合筛选的数据注记条数",
        "规划所印照录，只注明、不改动；一条注记可涉及多处",
        tables=(fixed_table("数据注记", tuple(Column(head) for head in heads), rows),),
    )  # fmt: skip


def _outlines(sources: Sources, ask: FigureAsk) -> Proof:
    rows = outline_rows(sources.atlas)
    found = found_outlines(sources.atlas, rows, parse_outline_filter(ask.detail))
    heads = (
        "类别",
        "名称",
        "精度",
        "可信度",
        "位置依据",
        "画法与说明",
        "可能误差",
        "怎样上图",
        "出处",
    )
    cells: list[Row] = [
        (
            KINDS[row.kind], row.name, FIDELITIES.get(row.fidelity, row.fidelity),
            CONFIDENCES.get(row.confidence, row.confidence), row.basis, row.method, row.error,
            STANDINGS[row.standing], row.source_ref,
        )
        for row in found
    ]  # fmt: skip
    return Proof(
        "示意轮廓与点位 · 处数", len(found), "处", "处数 = 片区、园区、围垦区轮廓与重大项目点位之和",
        "规划没有坐标：轮廓按规划文字、面积与海岸手绘，不能代替红线；可信度是对位置的估计",
        tables=(fixed_table("轮廓与点位", tuple(Column(head) for head in heads), cells),),
    )  # fmt: skip


def _names(sources: Sources) -> dict[str, str]:
    return {**sources.atlas.place_names, OUTSIDE: "园区外", DISTRICT: "全部地块", "": "全部地块"}


def _lots(sources: Sources, ask: FigureAsk) -> Proof | None:
    assert ask.as_of is not None
    flag = next((flag for flag in FLAG_NAMES if flag == ask.detail), None)
    wanted = gap_query(sources.atlas, ask.subject, ask.as_of, flag)
    if wanted is None or (flag is None and ask.detail not in ("", SUPPLIED)):
        return None
    if ask.detail == SUPPLIED:
        wanted = GapQuery(ask.as_of, None, wanted.park_ids, wanted.outside_of, supplied_only=True)
    names, ledger = _names(sources), sources.ledger
    share, total = quality_rows.Share(), None
    first: list[GapLot] = []
    count: int | None = None
    if ledger is not None:
        with ledger.reading() as snapshot:
            share = quality_rows.gap_total(snapshot.connection, wanted)
            first = quality_rows.gap_lots(snapshot.connection, wanted, limit=DRAWN)
            everything = GapQuery(ask.as_of, None, wanted.park_ids, wanted.outside_of)
            if share.parcels or quality_rows.gap_total(snapshot.connection, everything).parcels:
                count, total = share.parcels, m2_to_mu(share.area_m2)

    def rows(limit: int, offset: int) -> list[Row]:
        if ledger is None or offset + limit <= len(first) or len(first) == share.parcels:
            return [_lot(lot, ask.detail, names) for lot in first[offset : offset + limit]]
        with ledger.reading() as snapshot:
            found = quality_rows.gap_lots(snapshot.connection, wanted, limit=limit, offset=offset)
        return [_lot(lot, ask.detail, names) for lot in found]

    what = FLAG_NAMES[flag] if flag else ("供而未用及以后" if ask.detail else "在册")
    rule = FLAG_RULES[flag] if flag else "截至日在册的地块"
    mu = ask.figure == LOTS_MU
    return Proof(
        f"{names[ask.subject]} · {what}", total if mu else count, "亩" if mu else "宗",
        f"{what} = {rule}", "整宗计入，面积为台账计入面积；登记项是现在的台账，状态和记录截至当日",
        ask.as_of, (Term("面积", total, "亩", f"地块台账，截至 {ask.as_of}"),),
        (ProofTable("地块", _LOT_COLUMNS, share.parcels, total, rows, _AREA),),
        parcels=tuple(lot.parcel_no for lot in first),
    )  # fmt: skip


def _lot(lot: GapLot, flag: str, names: dict[str, str]) -> Row:
    lacks = {
        "stage": "、".join(EventKind(kind).label for kind in lot.missing_stages),
        "agreed": "、".join(LEDGER_FIELDS[name].label for name in lot.agreed_missing),
    }
    named = next((name for known, name in FLAG_NAMES.items() if known == flag), "")
    return (
        lot.parcel_no, names.get(lot.park_id or OUTSIDE, "园区外"), lot.status.label,
        m2_to_mu(lot.area_m2), lacks.get(flag, named.removeprefix("缺")), lot.occupant,
        lot.responsible_unit, lot.last_at,
    )  # fmt: skip


def _parks(sources: Sources, ask: FigureAsk) -> Proof | None:
    assert ask.as_of is not None
    if ask.detail not in ("silent", "stale"):
        return None
    view = LedgerView(sources.stamp, sources.ledger)
    told = gaps_of(view, ask.as_of)
    rows = [
        row
        for row in recorded_rows(sources.atlas, view, ask.as_of, told)
        if row.subject not in (DISTRICT, OUTSIDE)
        and (row.stale if ask.detail == "stale" else not row.reported)
    ]
    cells: list[Row] = [
        (row.name, row.planned_mu, row.last.recorded_at if row.last else None,
         row.last.recorded_by if row.last else None, row.silent_days)
        for row in rows
    ]  # fmt: skip
    columns = (
        Column("园区"), Column("规划面积", "亩", "mu"), Column("最后录入", kind="moment"),
        Column("录入人"), Column("距截至日", "天", "number"),
    )  # fmt: skip
    what = f"超过 {STALE_DAYS} 天无新记录" if ask.detail == "stale" else "未填报"
    rule = (
        f"最后一次录入距截至日超过 {STALE_DAYS} 天的园区" if ask.detail == "stale"
        else "截至日台账里一宗地块也没有的园区；未填报不是零"
    )  # fmt: skip
    return Proof(
        f"园区 · {what}", len(rows), "个", f"{what} = {rule}", "录入日按北京时间计，是录入而不是事件发生的日期",
        ask.as_of, tables=(fixed_table("园区", columns, cells),),
    )  # fmt: skip


def _found(sources: Sources, ask: FigureAsk) -> Proof | None:
    assert ask.as_of is not None
    told = dict(parse_qsl(ask.detail))
    place = "" if ask.subject == DISTRICT else ask.subject
    names = _names(sources)
    if place not in names:
        return None
    view, code = LedgerView(sources.stamp, sources.ledger), told.get("code", "")
    scope = Scope(ask.as_of, place, told.get("q", "")[:100])
    if code not in ISSUES:
        return _every(sources, ask, view, scope) if not code else None
    issue = ISSUES[code]
    check = land_check(view, ask.as_of) if issue.drawn else None
    counted = issue_count(sources.atlas, view, scope, check, code)

    def rows(limit: int, offset: int) -> list[Row]:
        found = issue_rows(sources.atlas, view, scope, check, code, limit=limit, offset=offset)
        return [
            _cells(row, names) if row.cells else _finding(row, issue.right, names) for row in found
        ]

    columns = _CELL_COLUMNS if code == "area" else _FOUND_COLUMNS
    place_words = f"{names[place]}" + (f"，编号含“{scope.text}”" if scope.text else "")
    mu = ask.figure == FOUND_MU
    shown = issue_rows(sources.atlas, view, scope, check, code, limit=DRAWN)
    pairs = [(row.parcel_no, row.other_no) for row in shown]
    numbers = tuple(dict.fromkeys(number for pair in pairs for number in pair if number))
    column = {"overlap": 4, "area": 2}.get(code, 4 if issue.area else None)
    return Proof(
        f"{place_words} · {issue.name}", counted.area_mu if mu else counted.count,
        "亩" if mu else issue.unit, f"应为：{issue.right}",
        f"亩数是{issue.area}" if issue.area else "只计条数", ask.as_of,
        tables=(
            ProofTable(issue.name, columns, counted.count or 0, counted.area_mu, rows, column),
        ),
        parcels=numbers,
    )  # fmt: skip


def _every(sources: Sources, ask: FigureAsk, view: LedgerView, scope: Scope) -> Proof:
    assert ask.as_of is not None
    found = issue_counts(sources.atlas, view, scope, land_check(view, ask.as_of))
    rows: Sequence[Row] = [
        (each.issue.name, "供参考" if each.issue.information else "待核对", each.count,
         each.issue.unit, each.area_mu, each.issue.right)
        for each in found
    ]  # fmt: skip
    columns = (
        Column("问题"), Column("性质"), Column("数量", kind="number"), Column("单位"),
        Column("涉及面积", "亩", "mu"), Column("应为"),
    )  # fmt: skip
    total = sum(each.count or 0 for each in found if not each.issue.information)
    return Proof(
        "台账问题 · 待核对", total, "处", "待核对 = 各类问题数量之和，供参考的不计",
        "一宗地块可有几类问题，各计一次", ask.as_of, tables=(fixed_table("各类问题", columns, rows),),
    )  # fmt: skip


def _finding(row: IssueRow, right: str, names: dict[str, str]) -> Row:
    park = names.get(row.park_id or OUTSIDE, "园区外") if row.parcel_no else None
    return (row.parcel_no, park, row.value, row.right or right, row.area_mu, row.other_no)


def _cells(row: IssueRow, names: dict[str, str]) -> Row:
    papers = [value for cell in row.cells[1:] for value in (cell.mu, cell.difference_mu)]
    drawn = row.cells[0].mu
    return (
        row.parcel_no, names.get(row.park_id or OUTSIDE, "园区外"), row.area_mu, drawn, *papers,
        row.right,
    )  # fmt: skip
