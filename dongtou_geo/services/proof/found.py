"""Proof of what a filter of 地块台账 finds: the parcels themselves."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from dongtou_geo.domain.status import STATUSES
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.services.proof.ask import FigureAsk
from dongtou_geo.services.proof.proof import Column, Proof, ProofTable, Row, Rows, Sources, Term
from dongtou_geo.store import parcel_query
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.parcel_query import OUTSIDE, ParcelFilter

FOUND = "found_mu"
FLAGS = ("halted", "stopped", "unmapped")
_WORDS = {"halted": "停工", "stopped": "停产", "unmapped": "未落图"}
_COLUMNS = (
    Column("地块编号", kind="parcel"),
    Column("园区"),
    Column("状态"),
    Column("面积", "亩", "mu"),
    Column("其中投产", "亩", "mu"),
    Column("自", kind="day"),
    Column("使用权人"),
    Column("约定竣工", kind="day"),
    Column("责任单位"),
)
_AREA = 3


def ask_found(wanted: ParcelFilter) -> FigureAsk:
    """Name the area that a filter finds.

    Parameters
    ----------
    wanted : ParcelFilter
        The filter.
    """
    statuses = ",".join(status.value for status in wanted.statuses)
    named = {"status": statuses, "flag": wanted.flag or "", "q": wanted.text}
    detail = urlencode({key: value for key, value in named.items() if value})
    return FigureAsk(FOUND, wanted.park_id or "all", wanted.as_of, detail)


@dataclass(frozen=True, slots=True)
class _Asked:
    wanted: ParcelFilter
    words: str


def prove_found(sources: Sources, ask: FigureAsk) -> Proof | None:
    """Prove how much land a filter of 地块台账 finds.

    Parameters
    ----------
    sources : Sources
        Plan and ledger.
    ask : FigureAsk
        As ``ask_found`` makes it.

    Returns
    -------
    Proof or None
        None where it names no park, status or day.
    """
    asked = _read(sources, ask)
    if asked is None or sources.ledger is None:
        return None
    ledger, names = sources.ledger, {park.id: park.name for park in sources.atlas.book.parks}
    with ledger.reading() as snapshot:
        own = parcel_query.total(snapshot.connection, asked.wanted)
        everything = parcel_query.total(snapshot.connection, ParcelFilter(asked.wanted.as_of))
    table = ProofTable(
        "地块",
        _COLUMNS,
        own.parcels,
        m2_to_mu(own.area_m2),
        _rows(ledger, asked.wanted, names),
        _AREA,
    )
    source = f"地块台账，截至 {asked.wanted.as_of}"
    terms = (
        Term("符合条件的地块", own.parcels, "宗", source),
        Term("其中投产", m2_to_mu(own.producing_m2), "亩", source),
        Term("全部在册面积", m2_to_mu(everything.area_m2), "亩", source),
    )
    return Proof(
        f"地块台账 · {asked.words}", m2_to_mu(own.area_m2), "亩", "面积 = 符合条件的各宗面积之和",
        "按整宗的状态筛选：用而未尽的地块整宗列出，其中投产部分另列一栏", asked.wanted.as_of,
        terms, (table,),
    )  # fmt: skip


def _read(sources: Sources, ask: FigureAsk) -> _Asked | None:
    names = {park.id: park.name for park in sources.atlas.book.parks} | {OUTSIDE: "园区外"}
    told = dict(parse_qsl(ask.detail))
    named = [word for word in told.get("status", "").split(",") if word]
    statuses = tuple(status for status in STATUSES if status.value in named)
    flag = next((flag for flag in FLAGS if flag == told.get("flag")), None)
    unknown = len(statuses) < len(set(named)) or ("flag" in told and flag is None)
    if ask.as_of is None or ask.subject not in {*names, "all"} or unknown:
        return None
    park = None if ask.subject == "all" else ask.subject
    wanted = ParcelFilter(ask.as_of, park, statuses, told.get("q", "")[:100], flag)  # type: ignore[arg-type]
    words = [
        names.get(ask.subject, "全部园区"),
        *(status.label for status in statuses),
        *([_WORDS[flag]] if flag else []),
        *([f"“{wanted.text}”"] if wanted.text else []),
    ]
    return _Asked(wanted, "，".join(words))


def _rows(ledger: Ledger, wanted: ParcelFilter, names: dict[str, str]) -> Rows:
    def rows(limit: int, offset: int) -> list[Row]:
        with ledger.reading() as snapshot:
            found = parcel_query.page(snapshot.connection, wanted, limit=limit, offset=offset)
        return [
            (
                row.parcel_no, names.get(row.park_id or "", "园区外"), row.status.label,
                m2_to_mu(row.area_m2), m2_to_mu(row.producing_m2), row.since_on, row.occupant,
                row.agreed_complete_on, row.responsible_unit,
            )
            for row in found
        ]  # fmt: skip

    return rows
