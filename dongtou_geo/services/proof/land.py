"""Proofs of what the land account says: areas by status, rates and gaps of a park, zone or all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dongtou_geo.catalog import plan
from dongtou_geo.domain.data_note import DataNote
from dongtou_geo.domain.places import Park
from dongtou_geo.domain.progress import OUTSIDE_NAME, PLAN_DUE
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.services.proof.ask import DISTRICT, OUTSIDE, FigureAsk
from dongtou_geo.services.proof.proof import Column, Proof, ProofTable, Row, Sources, Term
from dongtou_geo.store import lots
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.lots import Lot, LotQuery, Paper

NOT_PRODUCING = (Account.SUPPLIED, Account.BUILDING, Account.COMPLETED, Account.PART_USED)
_ACCOUNTS = {"in_production_mu": (Account.IN_PRODUCTION,), "not_producing_mu": NOT_PRODUCING}
SUPPLIED_AND_BEYOND = STATUSES[STATUSES.index(Account.SUPPLIED) :]
_COLUMNS = (
    Column("地块编号", kind="parcel"),
    Column("状态"),
    Column("计入", "亩", "mu"),
    Column("地块面积", "亩", "mu"),
    Column("自", kind="day"),
    Column("使用权人"),
    Column("责任单位"),
    Column("依据文号"),
    Column("录入人"),
    Column("录入时间", kind="moment"),
    Column("导入文件"),
)
_COUNTED = 2
_BY_EVENTS = "地块台账，按事件日期推定状态"
_NAMES = {
    "recorded_mu": "已录入面积",
    "unmapped_mu": "其中未落图",
    "in_production_mu": "投产面积",
    "not_producing_mu": "已供未投产面积",
    "planned_mu": "规划面积",
    "rate": "投产率（规划口径）",
    "supply_rate": "投产率（供地口径）",
    "ledger_rate": "投产率（台账口径）",
    "rate_at_due": "到期时投产率（规划口径）",
    "reachable_rate": "可达上限",
    "gap_mu": "距目标还差",
}
LAND_FIGURES = (*_NAMES, "status_mu")


@dataclass(frozen=True, slots=True)
class _Place:
    """What a subject stands for: its name, parks and planned area."""

    name: str
    parks: tuple[Park, ...] | None
    planned_mu: float | None
    target_rate: float | None
    notes: tuple[DataNote, ...]

    def query(self, sources: Sources, as_of: date, accounts: tuple[Account, ...]) -> LotQuery:
        """Return which land of the ledger lies here."""
        known = tuple(park.id for park in sources.atlas.book.parks)
        if self.parks is None:
            return LotQuery(as_of, outside_of=known, accounts=accounts)
        return LotQuery(as_of, tuple(park.id for park in self.parks), accounts=accounts)


def prove_land(sources: Sources, ask: FigureAsk) -> Proof | None:
    """Prove one figure of the land account.

    Parameters
    ----------
    sources : Sources
        Plan and ledger.
    ask : FigureAsk
        ``figure`` one of ``LAND_FIGURES``; ``subject`` a park, a zone, ``outside`` or ``all``.

    Returns
    -------
    Proof or None
        None where there is no such place, status or day.

    Notes
    -----
    投产率(规划口径) = 投产面积 / 规划面积; 供地口径 divides by 已供应及以后各状态面积, 台账口径 by
    已录入面积. 可达上限 = 已录入面积 / 规划面积. 距目标还差 = 目标率 × 规划面积 − 投产面积.
    """
    place = _place(sources, ask.subject)
    if place is None or ask.as_of is None:
        return None
    if ask.figure == "status_mu":
        return _of_status(sources, place, ask)
    if ask.figure == "planned_mu":
        return _planned(place, ask)
    if ask.figure in ("recorded_mu", "unmapped_mu", "in_production_mu", "not_producing_mu"):
        return _of_land(sources, place, ask)
    return _of_share(sources, place, ask)


def _place(sources: Sources, subject: str) -> _Place | None:
    book, notes = sources.atlas.book, sources.atlas.notes
    if subject == OUTSIDE:
        return _Place(OUTSIDE_NAME, None, None, None, ())
    if subject == DISTRICT:
        return _of_parks("全区五个平台", book.parks, None, ())
    for park in book.parks:
        if park.id == subject:
            target = book.targets.get(park.id)
            own = tuple(plan.notes_for(notes, f"park:{park.id}"))
            return _of_parks(park.name, (park,), target.rate if target else None, own)
    for zone in book.zones:
        if zone.id == subject:
            parks = tuple(park for park in book.parks if park.zone_id == zone.id)
            return _of_parks(
                zone.name, parks, None, tuple(plan.notes_for(notes, f"zone:{zone.id}"))
            )
    return None


def _of_parks(
    name: str, parks: tuple[Park, ...], rate: float | None, notes: tuple[DataNote, ...]
) -> _Place:
    return _Place(name, parks, sum(park.planned_mu for park in parks), rate, notes)


def _of_status(sources: Sources, place: _Place, ask: FigureAsk) -> Proof | None:
    account = next((own for own in STATUSES if own.value == ask.detail), None)
    if account is None or ask.as_of is None:
        return None
    query = place.query(sources, ask.as_of, (account,))
    table = _parcels(sources, query)
    basis = f"{_BY_EVENTS}；一宗地块部分投产时，投产部分与其余部分分计"
    return Proof(
        f"{place.name} · {account.label}", _sum_mu(sources, place, table, ask.as_of), "亩",
        f"{account.label}面积 = 当日处于该状态的各宗计入面积之和", basis, ask.as_of,
        tables=(table,), notes=place.notes, parcels=query,
    )  # fmt: skip


def _of_land(sources: Sources, place: _Place, ask: FigureAsk) -> Proof:
    assert ask.as_of is not None
    accounts = _ACCOUNTS.get(ask.figure, STATUSES)
    query = place.query(sources, ask.as_of, accounts)
    if ask.figure == "unmapped_mu":
        query = LotQuery(
            query.as_of, query.park_ids, query.outside_of, query.accounts, unmapped_only=True
        )
    table = _parcels(sources, query)
    formula = {
        "recorded_mu": "已录入面积 = 当日在册各宗面积之和，不论状态",
        "unmapped_mu": "其中未落图 = 当日在册而没有图形的各宗台账面积之和",
        "in_production_mu": "投产面积 = 当日各宗投产面积之和",
        "not_producing_mu": "已供未投产 = 供而未用 + 在建 + 建成未投产 + 用而未尽",
    }[ask.figure]
    drawn = "图形面积为 CGCS2000 椭球面积，没有图形的用台账面积"
    basis = _PRODUCING if accounts == (Account.IN_PRODUCTION,) else drawn
    return Proof(
        f"{place.name} · {_NAMES[ask.figure]}", _sum_mu(sources, place, table, ask.as_of), "亩",
        formula, basis, ask.as_of, tables=(table,), notes=place.notes, parcels=query,
    )  # fmt: skip


_PRODUCING = (
    "投产没有全国统一的法定定义：这里以台账“投产”事件的日期和面积为准，停产面积自停产日起不计"
)


def _planned(place: _Place, ask: FigureAsk) -> Proof:
    terms = tuple(
        Term(park.name, park.planned_mu, "亩", f"规划，{park.source_ref}")
        for park in place.parks or ()
    )
    return Proof(
        f"{place.name} · 规划面积", place.planned_mu, "亩", "规划面积 = 规划文本所列面积之和",
        "规划称“约”，含道路、绿地；不随图形改变", ask.as_of, terms, notes=place.notes,
    )  # fmt: skip


def _of_share(sources: Sources, place: _Place, ask: FigureAsk) -> Proof | None:
    assert ask.as_of is not None
    as_of = PLAN_DUE if ask.figure == "rate_at_due" else ask.as_of
    recorded_mu = _recorded_mu(sources, place, as_of)
    query = place.query(sources, as_of, (Account.IN_PRODUCTION,))
    if ask.figure == "reachable_rate":
        query = place.query(sources, as_of, STATUSES)
    table = _parcels(sources, query)
    top = None if recorded_mu is None else table.total
    bottom, bottom_term = _bottom(sources, place, ask.figure, as_of, recorded_mu)
    name = "已录入面积" if ask.figure == "reachable_rate" else "投产面积"
    terms = [Term(name, top, "亩", f"地块台账，截至 {as_of}"), bottom_term]
    if ask.figure == "gap_mu":
        if place.target_rate is None or place.planned_mu is None:
            return None
        terms.append(Term("目标", place.target_rate, "%", _target_source(sources, ask.subject)))
        value = None if top is None else place.target_rate * place.planned_mu - top
        unit, formula = "亩", "距目标还差 = 目标 × 规划面积 − 投产面积；负数为超过目标"
    else:
        value = None if top is None or not bottom else top / bottom
        unit, formula = "%", f"{_NAMES[ask.figure]} = {name} ÷ {bottom_term.name}"
    return Proof(
        f"{place.name} · {_NAMES[ask.figure]}", value, unit, formula, _basis(ask.figure), as_of,
        tuple(terms), (table,), place.notes, query,
    )  # fmt: skip


def _bottom(
    sources: Sources, place: _Place, figure: str, as_of: date, recorded_mu: float | None
) -> tuple[float | None, Term]:
    ledger = f"地块台账，截至 {as_of}"
    if figure == "supply_rate":
        supplied = _parcels(sources, place.query(sources, as_of, SUPPLIED_AND_BEYOND))
        return supplied.total, Term("已供应及以后各状态面积", supplied.total, "亩", ledger)
    if figure == "ledger_rate":
        return recorded_mu, Term("已录入面积", recorded_mu, "亩", ledger)
    chapters = "、".join(sorted({park.source_ref for park in place.parks or ()}))
    return place.planned_mu, Term("规划面积", place.planned_mu, "亩", f"规划，{chapters}")


def _target_source(sources: Sources, subject: str) -> str:
    target = sources.atlas.book.targets.get(subject)
    phrases = target.phrases if target else ()
    return "；".join(f"“{p.phrase}”{p.chapter}" for p in phrases if p.scored) or "规划"


def _basis(figure: str) -> str:
    if figure == "reachable_rate":
        return (
            "假定在册地块全部投产：规划面积里的道路、绿地和未录入的地块不在其内，因此可能低于目标"
        )
    if figure in ("supply_rate", "ledger_rate"):
        return f"备用口径，分母不是规划面积。{_PRODUCING}"
    return f"分母是规划面积，含道路和绿地。{_PRODUCING}"


def _sum_mu(sources: Sources, place: _Place, table: ProofTable, as_of: date) -> float | None:
    """Return the table's sum; where nothing at all is recorded here it is 未填报, not 0."""
    recorded = table.count > 0 or _recorded_mu(sources, place, as_of) is not None
    return table.total if recorded else None


def _recorded_mu(sources: Sources, place: _Place, as_of: date) -> float | None:
    """Return how much land is recorded here, by the books; None where there is nothing."""
    if sources.ledger is None:
        return None
    known = {park.id for park in sources.atlas.book.parks}
    with sources.ledger.reading() as snapshot:
        books = StoredBalances(snapshot.connection)
        own = {park.id for park in place.parks} if place.parks else books.park_ids - known
        held = [books.on(park_id, as_of) for park_id in own]
    there = any(holding.has_records for holding in held)
    return m2_to_mu(sum(holding.recorded_m2 for holding in held)) if there else None


def _parcels(sources: Sources, query: LotQuery) -> ProofTable:
    """Return the parcels behind a figure, each with the line and paper it rests on."""
    ledger = sources.ledger
    if ledger is None:
        return ProofTable("地块", _COLUMNS, 0, None, lambda _limit, _offset: [], _COUNTED)
    with ledger.reading() as snapshot:
        total = lots.lot_total(snapshot.connection, query)

    def rows(limit: int, offset: int) -> list[Row]:
        with ledger.reading() as snapshot:
            found = lots.lots(snapshot.connection, query, limit=limit, offset=offset)
            since = {lot.parcel_no: lot.since_on for lot in found}
            papers = lots.papers(snapshot.connection, list(since), since)
        return [_row(lot, papers.get(lot.parcel_no)) for lot in found]

    return ProofTable("地块", _COLUMNS, total.parcels, m2_to_mu(total.counted_m2), rows, _COUNTED)


def _row(lot: Lot, paper: Paper | None) -> Row:
    flags = [word for word, there in (("停工", lot.halted), ("停产", lot.stopped_m2 > 0)) if there]
    status = "，".join([lot.status.label, *flags])
    return (
        lot.parcel_no, status, m2_to_mu(lot.counted_m2), m2_to_mu(lot.area_m2), lot.since_on,
        lot.occupant, lot.responsible_unit,
        paper.source_doc if paper else None,
        paper.recorded_by if paper else None,
        paper.recorded_at if paper else None,
        paper.file if paper else None,
    )  # fmt: skip
