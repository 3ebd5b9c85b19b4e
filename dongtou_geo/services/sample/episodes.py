"""What befell single parcels: corrections, withdrawal, redrawing, a move, an end."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from dongtou_geo.domain.event import EventKind
from dongtou_geo.services.sample import papers
from dongtou_geo.services.sample.chain import LEDGER_START, Life, Line, incident, workday

_ROAD_WIDENED_ON = date(2024, 9, 11)


def date_corrected(life: Life, rng: Random) -> None:
    """Enter production some months late; a later line puts the day right."""
    right = _standing(life, EventKind.PRODUCE)
    wrong_day = workday(right.on + timedelta(days=rng.randint(90, 190)))
    right.replaces = Line(EventKind.PRODUCE, wrong_day, source_doc=right.source_doc)
    right.reason = f"投产日期更正：原按认定表落款日 {wrong_day} 录入，应为首月生产用电之日（示例）"
    life.lines.append(right.replaces)


def area_corrected(life: Life, rng: Random) -> None:
    """Enter the whole parcel as producing; an inspection finds a part of it empty."""
    whole = _standing(life, EventKind.PRODUCE)
    found = Line(EventKind.PRODUCE, whole.on, source_doc=whole.source_doc, replaces=whole)
    found.area_m2 = round(life.area_m2 * rng.uniform(0.5, 0.7), 2)
    found.reason = "现场核查：二号厂房空置，投产面积由全部更正为实际使用部分（示例）"
    life.lines.append(found)


def entered_twice(life: Life, rng: Random) -> None:
    """Enter the start of building twice; the second line is voided."""
    start = _standing(life, EventKind.START)
    twice = Line(EventKind.START, workday(start.on + timedelta(days=rng.randint(10, 40))))
    twice.source_doc = start.source_doc
    void = Line(EventKind.VOID, twice.on, replaces=twice, reason="重复录入，作废（示例）")
    life.lines += [twice, void]


def withdrawn(life: Life, rng: Random) -> None:
    """Let a first holder lose the parcel (收回) before the present one got it."""
    again = _standing(life, EventKind.SUPPLY)
    for line in [line for line in life.lines if line.on < again.on]:
        line.on = workday(line.on - timedelta(days=770))
        if line.kind is EventKind.REGISTER:
            line.on = max(line.on, LEDGER_START)
            continue
        line.source_doc = papers.stage_doc(line.kind, line.on, life.origin, None, rng)
        if line.on < LEDGER_START:
            life.lines.remove(line)
    first = workday(again.on - timedelta(days=rng.randint(580, 640)))
    taken = workday(again.on - timedelta(days=rng.randint(90, 150)))
    number = papers.contract_no(first, papers.DISTRICT_CODE, rng)
    reason = "原受让人逾期未动工，收回后重新供应（示例）"
    life.lines += [
        Line(EventKind.SUPPLY, first, source_doc=f"示例合同 {number}"),
        incident(EventKind.WITHDRAW, taken, rng, reason=reason),
    ]


def redrawn(life: Life, rng: Random) -> None:
    """Register with the area of the plan's sheet; the cadastral survey changes it."""
    _standing(life, EventKind.REGISTER).area_m2 = round(life.area_m2 * rng.uniform(0.97, 1.03), 2)
    surveyed = workday(_standing(life, EventKind.SUPPLY).on + timedelta(days=25))
    reason = "以宗地测绘成果替换规划图斑（示例）"
    line = incident(EventKind.REDRAW, surveyed, rng, reason=reason)
    line.area_m2 = life.area_m2
    life.lines.append(line)


def moved_in(life: Life, rng: Random) -> None:
    """Count outside the parks at first; the park's extent is then confirmed."""
    register = _standing(life, EventKind.REGISTER)
    moved = workday(register.on + timedelta(days=rng.randint(300, 420)))
    line = incident(EventKind.MOVE_PARK, moved, rng, reason="园区范围核定后划入（示例）")
    line.park_id, register.park_id = register.park_id, None
    life.lines.append(line)


def ended(life: Life, rng: Random) -> None:
    """Take the parcel out of the ledger: a road was widened over it."""
    reason = "道路拓宽占用，退出台账（示例）"
    life.lines.append(incident(EventKind.END, _ROAD_WIDENED_ON, rng, reason=reason))


def restarted(life: Life, rng: Random) -> None:
    """Bring a stopped plant back into production under a new holder."""
    stopped = _standing(life, EventKind.STOP)
    on = workday(stopped.on + timedelta(days=rng.randint(900, 1000)))
    life.lines.append(incident(EventKind.RESTART, on, rng))


def _standing(life: Life, kind: EventKind) -> Line:
    line = life.last(kind)
    assert line is not None, f"{life.parcel_no}: {kind} is no part of {life.lot.fate}"
    return line
