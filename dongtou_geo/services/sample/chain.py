"""A parcel's dated life, drawn backwards from the last stage it reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random

from dongtou_geo.domain.event import STAGE_CHAIN, EventKind
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.services.sample import papers

LEDGER_START = date(2013, 1, 7)
DATA_UNTIL = date(2026, 6, 30)


class Fate(StrEnum):
    """What has become of a parcel by the sample's last day."""

    PLANNED = "planned"
    APPROVED = "approved"
    ACQUIRED = "acquired"
    SUPPLIED = "supplied"
    STALLED = "stalled"
    BUILDING = "building"
    HALTED = "halted"
    BUILT = "built"
    PRODUCING = "producing"
    OLD_PLANT = "old_plant"
    PART_USED = "part_used"
    STOPPED = "stopped"


_LAST_STAGE = {
    Fate.PLANNED: None,
    Fate.APPROVED: EventKind.APPROVE,
    Fate.ACQUIRED: EventKind.ACQUIRE,
    Fate.SUPPLIED: EventKind.SUPPLY,
    Fate.STALLED: EventKind.SUPPLY,
    Fate.BUILDING: EventKind.START,
    Fate.HALTED: EventKind.START,
    Fate.BUILT: EventKind.COMPLETE,
    Fate.PRODUCING: EventKind.PRODUCE,
    Fate.OLD_PLANT: EventKind.PRODUCE,
    Fate.PART_USED: EventKind.PRODUCE,
    Fate.STOPPED: EventKind.PRODUCE,
}

# Days from a stage to the next; filling the sea takes years.
_DAYS_AFTER = {
    EventKind.APPROVE: (150, 420),
    EventKind.ACQUIRE: (120, 460),
    EventKind.SUPPLY: (90, 330),
    EventKind.START: (330, 700),
    EventKind.COMPLETE: (35, 210),
}
_DAYS_OF_FILLING = (480, 960)
_DAYS_BEFORE_FIRST_STAGE = (20, 260)
# 国发〔2018〕24号: no new fill was approved from then on. What was filled waits for its turn.
_LAST_SEA_APPROVAL = date(2018, 6, 29)
_EARLIER_SEA_APPROVALS = (date(2013, 6, 3), date(2017, 11, 30))
_SATURDAY = 5
_HOLIDAYS = {(1, 1), (5, 1), *((10, day) for day in range(1, 8))}
_WIDENED_SHARE = 0.35
_INTERRUPTED_SHARE = 0.08


@dataclass(frozen=True, slots=True)
class Lot:
    """A part of a park whose parcels share a fate.

    Parameters
    ----------
    fate : Fate
        What became of them.
    share : float
        Their area as a share of the park's planned area.
    since, until : date
        When they reached their last stage.
    stopped : (date, date) or None
        ``Fate.STOPPED``: when production stopped.
    """

    fate: Fate
    share: float
    since: date
    until: date
    stopped: tuple[date, date] | None = None


@dataclass(slots=True)
class Line:
    """One ledger line before it has a number.

    Parameters
    ----------
    replaces : Line or None
        The line that this one corrects or voids.
    recorded_at : datetime or None
        Set once the whole life is written.
    """

    kind: EventKind
    on: date
    source_doc: str | None = None
    area_m2: float | None = None
    park_id: str | None = None
    reason: str | None = None
    replaces: Line | None = None
    recorded_at: datetime | None = None
    recorded_by: str = ""


@dataclass(slots=True)
class Life:
    """One parcel with its ledger lines, in order of effect."""

    parcel_no: str
    park_id: str | None
    area_m2: float
    origin: Origin
    lot: Lot
    contract_no: str | None = None
    lines: list[Line] = field(default_factory=list)

    def last(self, kind: EventKind) -> Line | None:
        """Return the last line of a kind that no other line replaces."""
        replaced = {id(line.replaces) for line in self.lines}
        found = [line for line in self.lines if line.kind is kind and id(line) not in replaced]
        return max(found, key=lambda line: line.on, default=None)

    def day_of(self, kind: EventKind) -> date | None:
        """Return the day of the last standing line of a kind."""
        line = self.last(kind)
        return None if line is None else line.on


def lived(life: Life, county_code: str, rng: Random) -> Life:
    """Write the ledger lines of a parcel's fate.

    Parameters
    ----------
    life : Life
        Without lines.
    county_code : str
        County code of contracts before 2015-09, when 洞头 became a district.
    rng : Random
        Seeded.

    Returns
    -------
    Life
        The same, with its lines.
    """
    stages = _stages(life.lot, life.origin, rng)
    first = min(stages.values(), default=None)
    registered = workday(_between(life.lot.since, life.lot.until, rng))
    if first is not None:
        registered = workday(first - timedelta(days=rng.randint(*_DAYS_BEFORE_FIRST_STAGE)))
    life.lines.append(
        Line(
            EventKind.REGISTER,
            max(registered, LEDGER_START),
            source_doc=papers.REGISTER_DOC,
            area_m2=life.area_m2,
            park_id=life.park_id,
        )
    )
    if (supplied := stages.get(EventKind.SUPPLY)) is not None:
        life.contract_no = papers.contract_no(supplied, county_code, rng)
    for kind in STAGE_CHAIN:
        if kind in stages:
            doc = papers.stage_doc(kind, stages[kind], life.origin, life.contract_no, rng)
            life.lines.append(Line(kind, stages[kind], source_doc=doc))
    _after_last_stage(life, rng)
    return life


def _stages(lot: Lot, origin: Origin, rng: Random) -> dict[EventKind, date]:
    """Walk back from the last stage; what lies before the ledger began is not on record."""
    last = _LAST_STAGE[lot.fate]
    if last is None:
        return {}
    on = workday(_between(lot.since, lot.until, rng))
    stages = {last: on}
    if lot.fate is Fate.OLD_PLANT:
        return stages
    for kind in reversed(STAGE_CHAIN[: STAGE_CHAIN.index(last)]):
        filling = kind is EventKind.APPROVE and origin is Origin.FILLED_SEA
        days = rng.randint(*(_DAYS_OF_FILLING if filling else _DAYS_AFTER[kind]))
        on = workday(on - timedelta(days=days))
        if on < LEDGER_START:
            break
        stages[kind] = on
    if origin is Origin.FILLED_SEA and stages.get(EventKind.APPROVE, on) > _LAST_SEA_APPROVAL:
        approved = workday(_between(*_EARLIER_SEA_APPROVALS, rng))
        filled = workday(approved + timedelta(days=rng.randint(*_DAYS_OF_FILLING)))
        stages[EventKind.APPROVE] = approved
        if EventKind.ACQUIRE in stages:
            stages[EventKind.ACQUIRE] = min(filled, stages[EventKind.ACQUIRE])
    return stages


def _after_last_stage(life: Life, rng: Random) -> None:
    last = life.lines[-1]
    match life.lot.fate:
        case Fate.HALTED:
            halted = workday(last.on + timedelta(days=rng.randint(130, 420)))
            life.lines.append(incident(EventKind.HALT, halted, rng))
        case Fate.STOPPED if life.lot.stopped is not None:
            stopped = workday(_between(*life.lot.stopped, rng))
            life.lines.append(incident(EventKind.STOP, stopped, rng))
        case Fate.PART_USED:
            last.area_m2 = round(life.area_m2 * rng.uniform(0.3, 0.7), 2)
            if rng.random() < _WIDENED_SHARE and last.on < date(2023, 1, 1):
                _widened(life, last.on, last.area_m2, rng)
        case Fate.PRODUCING if rng.random() < _INTERRUPTED_SHARE:
            _interrupted(life, rng)
        case _:
            pass


def _widened(life: Life, first: date, area_m2: float, rng: Random) -> None:
    """Let a partly used parcel bring a second hall into production."""
    on = workday(first + timedelta(days=rng.randint(400, 1100)))
    doc = papers.stage_doc(EventKind.PRODUCE, on, life.origin, life.contract_no, rng)
    wider = round(area_m2 + (life.area_m2 - area_m2) * 0.4, 2)
    life.lines.append(Line(EventKind.PRODUCE, on, source_doc=doc, area_m2=wider))


def _interrupted(life: Life, rng: Random) -> None:
    """Halt building for some months between start and completion."""
    started, completed = life.day_of(EventKind.START), life.day_of(EventKind.COMPLETE)
    if started is None or completed is None:
        return
    quarter = (completed - started) / 4
    life.lines += [
        incident(EventKind.HALT, workday(started + quarter), rng),
        incident(EventKind.RESUME, workday(started + 2 * quarter), rng),
    ]


def incident(kind: EventKind, on: date, rng: Random, *, reason: str | None = None) -> Line:
    """Write a line for what is no stage, with its paper."""
    return Line(kind, on, source_doc=papers.incident_doc(kind, on, rng), reason=reason)


def workday(on: date) -> date:
    """Return the day itself or the next on which offices sign."""
    while on.weekday() >= _SATURDAY or (on.month, on.day) in _HOLIDAYS:
        on += timedelta(days=1)
    return on


def _between(since: date, until: date, rng: Random) -> date:
    return since + timedelta(days=rng.randint(0, (until - since).days))
