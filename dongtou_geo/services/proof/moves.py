"""Proofs of what moved: between two days, or between two moments' knowledge of one day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from dongtou_geo.domain.event import Event
from dongtou_geo.domain.progress import OUTSIDE_NAME
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.metrics.compare import Move
from dongtou_geo.metrics.movement import ALL, ELSEWHERE, OUTSIDE_PARKS, Shift, way
from dongtou_geo.metrics.restating import Telling
from dongtou_geo.services.moved import (
    Moved,
    ParkLooks,
    decisive,
    then_and_now,
    two_days,
    with_lines,
)
from dongtou_geo.services.proof.ask import FigureAsk
from dongtou_geo.services.proof.proof import Column, Proof, ProofTable, Row, Sources, Term
from dongtou_geo.services.retelling import lines_of, split_words

MOVE_FIGURES = ("moved_mu", "retold_mu", "restated_mu")
WORDS: dict[str, str] = {
    **{status.value: status.label for status in STATUSES},
    ELSEWHERE: "园区调整",
    Account.OUTSIDE.value: "账外",
}
_COLUMNS = (
    Column("地块编号", kind="parcel"),
    Column("园区"),
    Column("由"),
    Column("至"),
    Column("计入", "亩", "mu"),
    Column("生效", kind="day"),
    Column("事项"),
    Column("依据文号"),
    Column("录入人"),
    Column("录入时间", kind="moment"),
    Column("理由"),
)
_AMOUNT = 4
_BY_NOW = "两日均按现有记录推定；一宗地块部分投产时，投产部分与其余部分分计"
_BY_THEN = "同一日期，先按当时（{then} 日终）已录入的记录，再按现有记录推定"
_INSIDE = "；地块改列其他园区或园区外的，记作园区调整"
_TOLD = {
    "reported": "当时上报",
    "difference": "现核定与当时上报之差",
    "added": "其中补录",
    "corrected": "其中更正",
}


def prove_moves(sources: Sources, ask: FigureAsk) -> Proof | None:
    """Prove an area that moved.

    Parameters
    ----------
    sources : Sources
        Plan and ledger.
    ask : FigureAsk
        ``moved_mu``: from ``since`` to ``as_of``; ``retold_mu`` and ``restated_mu``: the day
        ``as_of`` by the knowledge at the end of ``since`` and now. ``subject`` is a park,
        ``outside`` or ``all``. ``detail`` of the first two is ``from>to`` (an empty side stands
        for any) or one status, for what it gained less what it lost; of ``restated_mu`` one of
        ``reported``, ``difference``, ``added``, ``corrected``, of the land in production, or
        with ``recorded_`` before it of all land.

    Returns
    -------
    Proof or None
        None where there is no such place, day or way.

    Notes
    -----
    现核定 = 当时上报 + 其中补录 + 其中更正. 期末 = 期初 + 转入 - 转出.
    """
    place = _place(sources, ask.subject)
    if place is None or ask.as_of is None or ask.since is None or sources.ledger is None:
        return None
    park_ids = [park.id for park in sources.atlas.book.parks]
    if ask.figure == "moved_mu":
        if ask.since > ask.as_of:
            return None
        found = two_days(sources.ledger, ask.since, ask.as_of, park_ids)
    else:
        found = then_and_now(sources.ledger, ask.as_of, ask.since, park_ids)
    if ask.figure == "restated_mu":
        return _restated(sources, ask, found, place)
    return _moved(sources, ask, found, place)


def signed(shift: Shift, scope: str, detail: str) -> float:
    """Return what a move counts in a figure, m2.

    Parameters
    ----------
    shift : Shift
        The move.
    scope : str
        A park's id, ``outside`` or ``all``.
    detail : str
        ``from>to`` or one status, as for ``prove_moves``.
    """
    went = way(shift, scope)
    if went is None:
        return 0.0
    if ">" not in detail:
        return shift.area_m2 * ((went[1] == detail) - (went[0] == detail))
    source, _, sink = detail.partition(">")
    fits = source in ("", went[0]) and sink in ("", went[1])
    return shift.area_m2 if fits else 0.0


def _place(sources: Sources, subject: str) -> str | None:
    names = {park.id: park.name for park in sources.atlas.book.parks}
    return {**names, OUTSIDE_PARKS: OUTSIDE_NAME, ALL: "全区五个平台"}.get(subject)


def _moved(sources: Sources, ask: FigureAsk, found: Moved, place: str) -> Proof | None:
    words = _words(ask.detail)
    if words is None:
        return None
    counted = [s for s in found.shifts if signed(s, ask.subject, ask.detail) != 0.0]
    amounts = [m2_to_mu(signed(shift, ask.subject, ask.detail)) for shift in counted]
    total = math.fsum(amounts)
    names = _park_names(sources)

    def rows(limit: int, offset: int) -> list[Row]:
        assert sources.ledger is not None
        some = counted[offset : offset + limit]
        moves = with_lines(sources.ledger, found, some, names)
        return [
            _row(move, amount, names)
            for move, amount in zip(moves, amounts[offset : offset + limit], strict=True)
        ]

    table = ProofTable("移动的地块", _COLUMNS, len(counted), total, rows, _AMOUNT)
    retold = ask.figure == "retold_mu"
    basis = (_BY_THEN.format(then=ask.since) if retold else _BY_NOW) + _INSIDE
    span = f"{ask.as_of} 现核定较 {ask.since} 所知" if retold else f"{ask.since} 至 {ask.as_of}"
    return Proof(
        f"{place} · {words} · {span}",
        total,
        "亩",
        _formula(ask.detail, words, retold=retold),
        basis,
        ask.as_of,
        terms=_terms(ask, found, counted),
        tables=(table,),
        parcels=tuple(dict.fromkeys(shift.parcel_no for shift in counted)),
    )


def _words(detail: str) -> str | None:
    """Write a way in words, or return None where there is none such."""
    if ">" not in detail:
        status = WORDS.get(detail) if detail in set(STATUSES) else None
        return f"{status}净变化" if status else None
    source, _, sink = detail.partition(">")
    if (source and source not in WORDS) or (sink and sink not in WORDS) or not (source or sink):
        return None
    if not source:
        return f"转入{WORDS[sink]}"
    return f"{WORDS[source]} → {WORDS[sink]}" if sink else f"转出{WORDS[source]}"


def _formula(detail: str, words: str, *, retold: bool) -> str:
    two = "两次所知" if retold else "两日"
    if ">" not in detail:
        return f"净变化 = 转入{WORDS[detail]} − 转出{WORDS[detail]}；期初 + 转入 − 转出 = 期末"
    return f"{words} = {two}之间状态如此变化的各宗面积之和"


def _terms(ask: FigureAsk, found: Moved, counted: Sequence[Shift]) -> tuple[Term, ...]:
    """Return opening, in, out and closing of a status's net change."""
    if ">" in ask.detail:
        return ()
    account = Account(ask.detail)
    looks = _looks(found, ask.subject)
    shares = [signed(shift, ask.subject, ask.detail) for shift in counted]
    held = [
        m2_to_mu(sum(side.by_status_m2[account] for side in sides))
        if any(side.has_records for side in sides)
        else None
        for sides in ([own.before for own in looks], [own.after for own in looks])
    ]
    source = "地块台账，按事件日期推定状态"
    return (
        Term("期初", held[0], "亩", source),
        Term("转入", m2_to_mu(math.fsum(m2 for m2 in shares if m2 > 0)), "亩", source),
        Term("转出", m2_to_mu(math.fsum(-m2 for m2 in shares if m2 < 0)), "亩", source),
        Term("期末", held[1], "亩", source),
    )


def _row(move: Move, amount: float, names: dict[str, str]) -> Row:
    line = decisive(move)
    park = names.get(move.park_id or move.park_before or "", OUTSIDE_NAME)
    if move.park_id != move.park_before:
        sides = [names.get(at or "", OUTSIDE_NAME) for at in (move.park_before, move.park_id)]
        park = " → ".join(sides)
    number, before, after = move.parcel_no, WORDS[move.before], WORDS[move.after]
    return number, park, before, after, amount, move.since, *_paper(line, move.events)


def _paper(line: Event | None, lines: Sequence[Event]) -> Row:
    if line is None:
        return None, None, None, None, None
    more = f"（等 {len(lines)} 条）" if len(lines) > 1 else ""
    return (
        f"{line.kind.label}{more}",
        line.source_doc,
        line.recorded_by,
        line.recorded_at,
        line.reason,
    )


def _park_names(sources: Sources) -> dict[str, str]:
    return {park.id: park.name for park in sources.atlas.book.parks}


def _looks(found: Moved, subject: str) -> list[ParkLooks]:
    if subject == ALL:
        return [own for park, own in found.parks.items() if park is not None]
    return [found.parks[None if subject == OUTSIDE_PARKS else subject]]


def _restated(sources: Sources, ask: FigureAsk, found: Moved, place: str) -> Proof | None:
    what = ask.detail.removeprefix("recorded_")
    account = None if ask.detail.startswith("recorded_") else Account.IN_PRODUCTION
    if what not in _TOLD:
        return None
    parks = [own.park_id for own in _looks(found, ask.subject)]
    kinds = {"added": (False,), "corrected": (True,)}.get(what, (False, True))
    counted = [
        (telling, amount)
        for telling in found.tellings
        if telling.corrects in kinds
        and (amount := m2_to_mu(sum(telling.gained_m2(park, account) for park in parks)))
    ]
    total = math.fsum(amount for _, amount in counted)
    reported, confirmed = (_held(found, ask.subject, side, account) for side in (0, 1))
    value = reported if what == "reported" else total
    land = "投产面积" if account else "已录入面积"
    return Proof(
        f"{place} · {land}{_TOLD[what]} · {ask.as_of}", value, "亩",
        "现核定 = 当时上报 + 其中补录 + 其中更正",
        f"{_BY_THEN.format(then=ask.since)}。补录：其后新录入、早于或等于该日生效的记录；"
        "更正：替换或作废了原有记录的，同一次录入兼有二者的计入更正",
        ask.as_of, _told_terms(found, ask.subject, account, (reported, confirmed)),
        (_told_table(sources, found, counted, total),),
        parcels=tuple(dict.fromkeys(telling.parcel_no for telling, _ in counted)),
    )  # fmt: skip


def _held(found: Moved, subject: str, side: int, account: Account | None) -> float | None:
    sides = [(own.before, own.after)[side] for own in _looks(found, subject)]
    if not any(own.has_records for own in sides):
        return None
    held = [own.by_status_m2[account] if account else own.recorded_m2 for own in sides]
    return m2_to_mu(math.fsum(held))


def _told_terms(
    found: Moved,
    subject: str,
    account: Account | None,
    told: tuple[float | None, float | None],
) -> tuple[Term, ...]:
    looks = _looks(found, subject)
    gained = [
        m2_to_mu(math.fsum(gain.production_m2 if account else gain.recorded_m2 for gain in some))
        for some in ([own.added for own in looks], [own.corrected for own in looks])
    ]
    source = "地块台账"
    return (
        Term("当时上报", told[0], "亩", f"{source}，当时已录入的记录"),
        Term("其中补录", gained[0], "亩", f"{source}，其后录入"),
        Term("其中更正", gained[1], "亩", f"{source}，其后更正或作废"),
        Term("现核定", told[1], "亩", f"{source}，现有记录"),
    )


def _told_table(
    sources: Sources, found: Moved, counted: Sequence[tuple[Telling, float]], total: float
) -> ProofTable:
    names = _park_names(sources)

    def rows(limit: int, offset: int) -> list[Row]:
        assert sources.ledger is not None
        some = counted[offset : offset + limit]
        lines = lines_of(sources.ledger, found, [telling for telling, _ in some])
        return [
            _told_row(telling, amount, own, names)
            for (telling, amount), own in zip(some, lines, strict=True)
        ]

    return ProofTable("其后的记录", _COLUMNS, len(counted), total, rows, _AMOUNT)


def _told_row(
    telling: Telling, amount: float, lines: Sequence[Event], names: dict[str, str]
) -> Row:
    places = "、".join(sorted(names.get(park or "", OUTSIDE_NAME) for park in telling.parks))
    line = lines[-1] if lines else None
    day: date | None = line.effective_on if line else None
    sides = split_words(telling.before), split_words(telling.after)
    return telling.parcel_no, places, *sides, amount, day, *_paper(line, lines)
