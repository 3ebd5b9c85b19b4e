"""A parcel's register entry: areas on paper, occupant, agreed dates, money."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from shapely import Polygon

from dongtou_geo.domain.event import EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.services.sample import papers
from dongtou_geo.services.sample.chain import Fate, Life, workday

_LAST_AGREED = date(2028, 12, 29)
_INDUSTRY, _STORAGE = "0601", "0604"  # GB/T 21010-2017

# What part of the money is spent, and of the ground built on, by fate.
_SPENT = {
    Fate.STALLED: (0.0, 0.03),
    Fate.BUILDING: (0.25, 0.7),
    Fate.HALTED: (0.08, 0.24),
    Fate.BUILT: (0.8, 1.0),
    Fate.PRODUCING: (0.85, 1.05),
    Fate.OLD_PLANT: (0.9, 1.0),
    Fate.PART_USED: (0.5, 0.85),
    Fate.STOPPED: (0.9, 1.1),
}
_BUILT_ON = {Fate.BUILDING: (0.4, 0.9), Fate.HALTED: (0.1, 0.32)}

_NOTES = {
    Fate.APPROVED: ("示例：安置补偿未谈妥，征收未启动",),
    Fate.ACQUIRED: ("示例：配套道路、供电未通，待供应", "示例：已预留，招商洽谈中"),
    Fate.STALLED: (
        "示例：资金未到位，逾约定动工日期未动工",
        "示例：项目调整产业方向，未动工",
        "示例：企业涉诉，未动工",
    ),
    Fate.HALTED: ("示例：基础完成后停工，设备撤场", "示例：股东变更，停工待复"),
    Fate.BUILT: ("示例：设备安装调试中", "示例：厂房建成，用电增容未批"),
    Fate.PART_USED: ("示例：二期未建，围墙内余地闲置", "示例：部分厂房空置"),
    Fate.STOPPED: ("示例：订单不足停产", "示例：企业重整，停产"),
}
_NOTE_RESTARTED = "示例：停产后由新主体盘活复产"
_NOTE_NOT_FILLED = "示例：国发〔2018〕24号后未再施工，批而未填"


def entry(life: Life, outline: Polygon | None, occupant: str, unit: str, rng: Random) -> Parcel:
    """Write a parcel's register entry.

    Parameters
    ----------
    life : Life
        With its lines.
    outline : Polygon or None
        Lon/lat EPSG:4490; None = 未落图.
    occupant : str
        Who holds it once supplied.
    unit : str
        Who must act next.
    rng : Random
        Seeded.

    Returns
    -------
    Parcel
        The entry.
    """
    drawn = outline is not None
    # Paper and drawing agree to 0.1 %; without a drawing the paper is what counts.
    noise = 1 + 0.002 * (rng.random() - 0.5) if drawn else 1.0
    ledger_mu = round(m2_to_mu(life.area_m2) * noise, 2)
    supplied = life.day_of(EventKind.SUPPLY)
    contract_mu = _close_to(ledger_mu, rng) if supplied else None
    has_title = life.day_of(EventKind.COMPLETE) is not None and rng.random() < 0.85
    agreed = _agreed(supplied, rng)
    total_wan = round(ledger_mu * rng.uniform(180, 420), -1) if supplied else None
    return Parcel(
        parcel_no=life.parcel_no,
        origin=life.origin,
        area_basis=AreaBasis.DRAWN if drawn else AreaBasis.LEDGER,
        geometry_wkb=None if outline is None else outline.wkb,
        ledger_area_mu=ledger_mu,
        contract_area_mu=contract_mu,
        title_area_mu=_close_to(contract_mu, rng) if contract_mu and has_title else None,
        land_use_code=_STORAGE if rng.random() < 0.07 else _INDUSTRY,
        occupant=occupant if supplied or life.lot.fate is Fate.OLD_PLANT else None,
        handed_over_on=_days_later(supplied, 20, 60, rng),
        agreed_start_on=agreed[0],
        agreed_complete_on=agreed[1],
        agreed_produce_on=agreed[2],
        area_started_m2=_started_m2(life, rng),
        total_investment_wan=total_wan,
        invested_wan=_spent(total_wan, life.lot.fate, rng),
        supply_mode=_supply_mode(supplied, rng),
        contract_no=life.contract_no,
        supervision_no=papers.supervision_no(life.contract_no) if life.contract_no else None,
        responsible_unit=unit,
        note=_note(life, rng),
    )


def _close_to(area_mu: float, rng: Random) -> float:
    """Mostly the same area; now and then 0.5-3 % more or less, as paper will have it."""
    if rng.random() > 0.07:
        return area_mu
    return round(area_mu * (1 + rng.choice((-1, 1)) * rng.uniform(0.005, 0.03)), 2)


def _agreed(supplied: date | None, rng: Random) -> tuple[date | None, date | None, date | None]:
    start = _days_later(supplied, 180, 365, rng)
    complete = _days_later(start, 420, 600, rng)
    return start, complete, _days_later(complete, 90, 240, rng)


def _days_later(on: date | None, least: int, most: int, rng: Random) -> date | None:
    if on is None:
        return None
    return min(workday(on + timedelta(days=rng.randint(least, most))), _LAST_AGREED)


def _started_m2(life: Life, rng: Random) -> float | None:
    if life.day_of(EventKind.START) is None:
        return None
    built_m2 = life.area_m2 * rng.uniform(*_BUILT_ON.get(life.lot.fate, (1.0, 1.0)))
    produced = life.last(EventKind.PRODUCE)
    if produced is not None and produced.area_m2 is not None:
        built_m2 = produced.area_m2 + (life.area_m2 - produced.area_m2) * rng.uniform(0.0, 0.5)
    return round(built_m2, 2)


def _spent(total_wan: float | None, fate: Fate, rng: Random) -> float | None:
    if total_wan is None:
        return None
    return round(total_wan * rng.uniform(*_SPENT.get(fate, (0.0, 0.0))), -1)


def _supply_mode(supplied: date | None, rng: Random) -> str | None:
    if supplied is None:
        return None
    chance = rng.random()
    if chance < 0.05:
        return "划拨"
    if chance < 0.09:
        return "租赁"
    return "先租后让" if chance < 0.18 and supplied.year >= 2017 else "出让"


def _note(life: Life, rng: Random) -> str | None:
    fate = life.lot.fate
    if fate is Fate.APPROVED and life.origin is Origin.FILLED_SEA:
        return _NOTE_NOT_FILLED
    if life.last(EventKind.RESTART) is not None:
        return _NOTE_RESTARTED
    return rng.choice(_NOTES[fate]) if fate in _NOTES else None
