"""Proofs of 产业布局 and 围垦区: sums of projects, areas as printed, land held ready, filled sea."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from dongtou_geo.catalog import plan
from dongtou_geo.domain.data_note import DataNote
from dongtou_geo.domain.layout import FactKind
from dongtou_geo.domain.places import Park, Project
from dongtou_geo.domain.status import Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.services.industry import ALL, matrix
from dongtou_geo.services.industry_fit import FREE
from dongtou_geo.services.proof.ask import DISTRICT, OUTSIDE, FigureAsk
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
from dongtou_geo.services.reclamation import STAGES, counted_once, parks_of
from dongtou_geo.store import filled_sea, lots
from dongtou_geo.store.lots import LotQuery

PROJECT_COLUMNS = (
    Column("序号", kind="number"),
    Column("项目"),
    Column("总投资", "万元", "wan"),
    Column("十三五投资", "万元", "wan"),
    Column("产业依据"),
    Column("地点依据"),
    Column("出处"),
)
LOT_COLUMNS = (
    Column("地块编号", kind="parcel"),
    Column("状态"),
    Column("面积", "亩", "mu"),
    Column("自", kind="day"),
    Column("使用权人"),
    Column("责任单位"),
)
_COUNTED = 2
LAYOUT_FIGURES = (
    "layout_total_wan",
    "layout_project_wan",
    "layout_free_mu",
    "recl_area_mu",
    "recl_fact_mu",
    "recl_sea_mu",
)


def prove_layout(sources: Sources, ask: FigureAsk) -> Proof | None:
    """Prove one figure of 产业布局 or 围垦区.

    Parameters
    ----------
    sources : Sources
        Plan and ledger.
    ask : FigureAsk
        ``layout_total_wan`` of a row and (``detail``) a column of the matrix;
        ``layout_project_wan`` of ``project_3`` and total or plan; ``layout_free_mu``
        of a park; ``recl_area_mu`` of an area or ``all``; ``recl_fact_mu`` of an area and a kind
        of fact; ``recl_sea_mu`` of an area, a park or 园区外 and one of ``STAGES`` or recorded.

    Returns
    -------
    Proof or None
        None where there is no such place, column or day.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    provers = {
        "layout_total_wan": _total,
        "layout_project_wan": _project,
        "layout_free_mu": _free,
        "recl_area_mu": _area,
        "recl_fact_mu": _fact,
        "recl_sea_mu": _sea,
    }
    prover = provers.get(ask.figure)
    return prover(sources, ask) if prover else None


def _total(sources: Sources, ask: FigureAsk) -> Proof | None:
    layout = sources.atlas.layout
    table = matrix(sources.atlas, layout)
    cell = table.cells.get((ask.subject, ask.detail))
    if cell is None:
        return None
    by_no = {each.no: each for each in layout.projects}
    rows: list[Row] = [
        (
            project.no, project.name, project.total_investment_wan, project.plan_investment_wan,
            by_no[project.no].basis.label, project.location_basis.label, f"附表第{project.no}项",
        )
        for project in cell.projects
    ]  # fmt: skip
    stated = len(cell.projects) - cell.undecided
    sums = sum_notes(sources.atlas.notes) if ask.subject == ALL == ask.detail else ()
    terms = (
        Term("计入的项目", float(stated), "项", "附表"),
        Term("总投资待定，未计入", float(cell.undecided), "项", "附表"),
    )
    return Proof(
        f"{table.row_name(cell.row_id)} · {table.column_name(cell.column_id)} · 总投资", cell.total_wan, "万元",
        "总投资 = 各项目附表总投资之和，待定的不计",
        "地点和产业只按规划自己的说法，推定的不计入片区或产业；规划只给所列行业，不给项目产业代码",
        None, terms,
        (fixed_table("项目", PROJECT_COLUMNS, rows, total_column=_COUNTED),),
        notes=tuple(dict.fromkeys([*sums, *cell_notes(sources.atlas.notes, cell.projects)])),
    )  # fmt: skip


def cell_notes(notes: tuple[DataNote, ...], projects: tuple[Project, ...]) -> tuple[DataNote, ...]:
    """Return the data notes on any of some projects, each once.

    Parameters
    ----------
    notes : tuple of DataNote
        All notes.
    projects : tuple of Project
        Which projects.
    """
    keys = {f"project:{project.no}" for project in projects}
    return tuple(note for note in notes if keys.intersection(note.bound_to))


def sum_notes(notes: tuple[DataNote, ...]) -> tuple[DataNote, ...]:
    """Return the data notes on the annex's sums.

    Parameters
    ----------
    notes : tuple of DataNote
        All notes.
    """
    keys = {"group:total", "group:implement", "group:invite"}
    return tuple(note for note in notes if keys.intersection(note.bound_to))


def _project(sources: Sources, ask: FigureAsk) -> Proof | None:
    number = ask.subject.removeprefix("project_")
    project = next((own for own in sources.atlas.projects if str(own.no) == number), None)
    names = {"total": "总投资", "plan": "十三五投资"}
    if project is None or ask.detail not in names:
        return None
    total = ask.detail == "total"
    value = project.total_investment_wan if total else project.plan_investment_wan
    return Proof(
        f"{project.name} · {names[ask.detail]}", value, "万元", "照录附表，不作换算",
        "附表所列为规划数，不是已完成投资；待定的不按零计",
        terms=(Term(names[ask.detail], value, "万元", f"附表第{project.no}项"),),
        notes=cell_notes(sources.atlas.notes, (project,)),
    )  # fmt: skip


def _free(sources: Sources, ask: FigureAsk) -> Proof | None:
    park = next((own for own in sources.atlas.book.parks if own.id == ask.subject), None)
    if park is None or ask.as_of is None:
        return None
    query = LotQuery(ask.as_of, (park.id,), accounts=FREE)
    terms, value, count = [], None, 0
    if sources.ledger is not None:
        with sources.ledger.reading() as snapshot:
            recorded = lots.lot_total(snapshot.connection, LotQuery(ask.as_of, (park.id,)))
            held = lots.lot_totals(snapshot.connection, query)
        source = f"地块台账，截至 {ask.as_of}"
        if recorded.parcels:
            terms = [
                Term(account.label, m2_to_mu(held[account].counted_m2), "亩", source)
                for account in FREE
            ]
            value = sum(term.value or 0.0 for term in terms)
            count = sum(each.parcels for each in held.values())
    return Proof(
        f"{park.name} · 台账可供土地", value, "亩",
        "台账可供 = 征而未供（填而未供）+ 批而未征（批而未填）",
        "未供的不等于能供：是否净地、规划条件、已有意向，台账不记；未录入的土地不在其内",
        ask.as_of, tuple(terms), (_lots(sources, query, count, value),),
        tuple(plan.notes_for(sources.atlas.notes, f"park:{park.id}")), query,
    )  # fmt: skip


def _lots(sources: Sources, query: LotQuery, count: int, total_mu: float | None) -> ProofTable:
    def rows(limit: int, offset: int) -> list[Row]:
        if sources.ledger is None:
            return []
        with sources.ledger.reading() as snapshot:
            found = lots.lots(snapshot.connection, query, limit=limit, offset=offset)
        return [
            (
                lot.parcel_no, lot.status.label, m2_to_mu(lot.counted_m2), lot.since_on,
                lot.occupant, lot.responsible_unit,
            )
            for lot in found
        ]  # fmt: skip

    return ProofTable("地块", LOT_COLUMNS, count, total_mu, rows, _COUNTED)


def _area(sources: Sources, ask: FigureAsk) -> Proof | None:
    areas = sources.atlas.reclamation
    if ask.subject == DISTRICT:
        counted = counted_once(areas)
        terms = tuple(
            Term(own.name, own.planned_mu, "亩", f"规划，{own.source_ref}") for own in counted
        )
        silent = [own.name for own in areas if own.planned_mu is None]
        return Proof(
            "围垦区 · 规划面积合计", sum(own.planned_mu or 0.0 for own in counted), "亩",
            "合计 = 规划给出的面积之和，上级与其下各块只计一次",
            f"规划称“约”；未给面积的不计：{'、'.join(silent)}。前言另有约120多平方公里的说法，"
            "含规划中的，口径不同，不能与此相加",
            terms=terms, notes=_notes(sources, *(own.id for own in counted)),
        )  # fmt: skip
    area = next((own for own in areas if own.id == ask.subject), None)
    if area is None or area.planned_mu is None:
        return None
    return Proof(
        f"{area.name} · 规划面积", area.planned_mu, "亩",
        "1 平方公里 = 1,500 亩；1 亩 = 2000/3 平方米",
        "规划称“约”，是围垦毛面积，不是可供用地；轮廓为示意，面积不随图形改变",
        terms=(
            Term("规划所印", area.plan_area_value, str(area.plan_area_unit), f"规划，{area.source_ref}"),
        ),
        notes=_notes(sources, area.id),
    )  # fmt: skip


def _fact(sources: Sources, ask: FigureAsk) -> Proof | None:
    area = next((own for own in sources.atlas.reclamation if own.id == ask.subject), None)
    for fact in sources.atlas.layout.facts:
        if area is None or fact.subject_id != area.id or fact.kind.value != ask.detail:
            continue
        if fact.kind is FactKind.PARK or fact.area_m2 is None:
            continue
        when = f"（{fact.on}）" if fact.on else ""
        return Proof(
            f"{area.name} · {fact.kind.label}", m2_to_mu(fact.area_m2), "亩",
            "换算：1 公顷 = 15 亩，1 平方公里 = 1,500 亩",
            f"{fact.words}{when}；公开报道，未经核实。{fact.note or ''}",
            terms=(Term(fact.kind.label, fact.value, str(fact.unit), fact.source_ref),),
            notes=_notes(sources, area.id),
        )  # fmt: skip
    return None


def _sea(sources: Sources, ask: FigureAsk) -> Proof | None:
    """Prove filled sea of an area's parks, of one park, or of 园区外 (all that is recorded)."""
    names = sources.atlas.place_names | {OUTSIDE: "园区外"}
    stages = {**STAGES, "recorded": ("已录入", Account.PLANNED)}
    parks = _sea_parks(sources, ask.subject)
    if parks is None or ask.as_of is None or ask.detail not in stages:
        return None
    as_of, (label, first) = ask.as_of, stages[ask.detail]
    statuses = filled_sea.from_stage(first)
    terms: list[Term] = []
    ids = None if ask.subject == OUTSIDE else [park.id for park in parks]
    numbers: tuple[str, ...] = ()
    count, value = 0, None
    if sources.ledger is not None:
        with sources.ledger.reading() as snapshot:
            sea = filled_sea.sea_by_park(snapshot.connection, as_of)
            shown = filled_sea.sea_lots(
                snapshot.connection, as_of, ids, statuses, limit=MOST_OUTLINES
            )
            numbers, count = tuple(lot.parcel_no for lot in shown), len(shown)
            if count == MOST_OUTLINES:
                count, _m2 = filled_sea.sea_total(snapshot.connection, as_of, ids, statuses)
        sums = {place: _mu_of(book, statuses) for place, book in sea.items()}
        source = f"地块台账，截至 {as_of}"
        terms = [Term(park.name, sums.get(park.id), "亩", source) for park in parks]
        places: list[str | None] = [None] if ids is None else [*ids]
        found = [sums[place] for place in places if place in sums]
        value = sum(found) if found else None
    return Proof(
        f"{names[ask.subject]} · 填海地块{label}", value, "亩",
        f"{label} = 来源为填海、状态在“{first.filled_sea_label}”及以后的地块面积之和",
        "只是园区台账里的填海地块，不是整个围垦区；园区里别处的填海地块也在其内",
        as_of, tuple(terms), (_sea_table(sources, as_of, ids, statuses, count, value),),
        _notes(sources, ask.subject), numbers,
    )  # fmt: skip


def _mu_of(book: Mapping[Account, float], statuses: Sequence[Account]) -> float:
    return m2_to_mu(sum(book.get(status, 0.0) for status in statuses))


def _sea_parks(sources: Sources, subject: str) -> tuple[Park, ...] | None:
    if subject == OUTSIDE:
        return ()
    if any(area.id == subject for area in sources.atlas.reclamation):
        return parks_of(subject, sources.atlas, sources.atlas.layout)
    own = tuple(park for park in sources.atlas.book.parks if park.id == subject)
    return own or None


def _sea_table(
    sources: Sources,
    as_of: date,
    ids: Sequence[str] | None,
    statuses: Sequence[Account],
    count: int,
    total_mu: float | None,
) -> ProofTable:
    def rows(limit: int, offset: int) -> list[Row]:
        if sources.ledger is None:
            return []
        with sources.ledger.reading() as snapshot:
            page = filled_sea.sea_lots(
                snapshot.connection, as_of, ids, statuses, limit=limit, offset=offset
            )
        return [
            (
                lot.parcel_no, lot.status.filled_sea_label, m2_to_mu(lot.area_m2), lot.since_on,
                lot.occupant, lot.responsible_unit,
            )
            for lot in page
        ]  # fmt: skip

    return ProofTable("地块", LOT_COLUMNS, count, total_mu, rows, _COUNTED)


def _notes(sources: Sources, *area_ids: str) -> tuple[DataNote, ...]:
    keys = {f"recl:{area_id}" for area_id in area_ids}
    return tuple(note for note in sources.atlas.notes if keys.intersection(note.bound_to))
