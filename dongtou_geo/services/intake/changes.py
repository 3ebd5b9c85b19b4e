"""What a row changes on a parcel that the ledger holds: lines to add, a register entry to replace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NoReturn

import numpy as np

from dongtou_geo.domain.account import AREA_TOLERANCE_M2, ParcelState, transitions
from dongtou_geo.domain.event import Event, EventKind, standing
from dongtou_geo.domain.ledger_field import EVENT_DAY_FIELDS, LEDGER_FIELDS
from dongtou_geo.domain.parcel import AreaBasis, Parcel
from dongtou_geo.services.event_rules import fitting_problems
from dongtou_geo.services.intake.columns import Values
from dongtou_geo.services.intake.entries import Arrival, day_of, entry_of, text_of

KIND_OF_FIELD = dict(
    zip(
        EVENT_DAY_FIELDS,
        (
            EventKind.APPROVE,
            EventKind.ACQUIRE,
            EventKind.SUPPLY,
            EventKind.START,
            EventKind.COMPLETE,
            EventKind.PRODUCE,
            EventKind.HALT,
            EventKind.STOP,
        ),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Moment:
    """Who brings the file in, and when.

    Parameters
    ----------
    file : str
        Name of the file, for reasons.
    on : date
        The day on which outlines and parks change, and new parcels without dates begin.
    now : datetime
        Moment of recording, UTC.
    clerk : str
        Who.
    import_id : str or None
        The import, once there is one.
    """

    file: str
    on: date
    now: datetime
    clerk: str
    import_id: str | None = None


@dataclass(frozen=True, slots=True)
class RowChange:
    """What one row changes.

    Parameters
    ----------
    row : int
        Position in the file.
    former : Parcel
        The register entry as it is.
    area_m2 : float
        The area that the parcel counts with now, m2.
    entry : Parcel or None
        The register entry as it will be; None = unchanged.
    events : tuple of Event
        Lines to add.
    kinds : frozenset of str
        Of ``geometry``, ``dates``, ``park``, ``attributes``; empty = unchanged.
    """

    row: int
    former: Parcel
    area_m2: float
    entry: Parcel | None
    events: tuple[Event, ...]
    kinds: frozenset[str]


class RowRefusedError(Exception):
    """Raise inside the intake when a row does not fit the parcel; becomes a finding.

    Parameters
    ----------
    code : str
        Code of the rule.
    message : str
        Chinese sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


def change_of(
    arrival: Arrival, row: int, own: Sequence[Event], former: Parcel, moment: Moment
) -> RowChange:
    """Compare one row with the parcel that the ledger holds.

    Parameters
    ----------
    arrival : Arrival
        The file.
    row : int
        Position.
    own : sequence of Event
        Every line of the parcel.
    former : Parcel
        Its register entry.
    moment : Moment
        Who and when.

    Raises
    ------
    RowRefusedError
        If the parcel has ended, or the row's dates do not fit what is recorded.
    """
    standing_now = standing(own)
    state = list(transitions(standing_now))[-1]
    if state.ended:
        _refuse("parcel_ended", f"地块已于 {state.on} 注销（或已分割、合并），请核对地块编号")
    entry = entry_of(arrival, row, former)
    drafts = _Drafts(arrival.values, row, moment)
    kinds = set()
    redrawn = entry.geometry_wkb is not former.geometry_wkb
    if redrawn or _counts_anew(entry, arrival.area_m2[row], state):
        drafts.add(EventKind.REDRAW, moment.on, area_m2=float(arrival.area_m2[row]))
        kinds.add("geometry")
    park_id = text_of(arrival.values, "park_id", row)
    if arrival.parks_given and park_id != state.park_id:
        drafts.add(EventKind.MOVE_PARK, moment.on, park_id=park_id)
        kinds.add("park")
    life = _last_life(standing_now)
    dated = [_dated(drafts, name, life, state) for name in EVENT_DAY_FIELDS]
    if any(dated):
        kinds.add("dates")
        _register_earlier(drafts, standing_now[0])
    if replace(entry, geometry_wkb=None) != replace(former, geometry_wkb=None):
        kinds.add("attributes")
    if problems := fitting_problems(own, drafts.events) if drafts.events else []:
        _refuse("does_not_fit", "与台账已有记录不符：" + "；".join(problems))
    changed = None if entry == former else entry
    return RowChange(row, former, state.area_m2, changed, tuple(drafts.events), frozenset(kinds))


def opening_events(arrival: Arrival, row: int, moment: Moment) -> list[Event]:
    """Return all lines of a parcel that begins with this row.

    Parameters
    ----------
    arrival : Arrival
        The file.
    row : int
        Position.
    moment : Moment
        Who and when; ``on`` is its first day where it has no date.
    """
    drafts = _Drafts(arrival.values, row, moment)
    dates = {
        name: on
        for name in EVENT_DAY_FIELDS
        if (on := day_of(arrival.values, name, row)) is not None
    }
    park_id = text_of(arrival.values, "park_id", row)
    area_m2 = float(arrival.area_m2[row])
    first = min(dates.values(), default=moment.on)
    drafts.add(EventKind.REGISTER, first, area_m2=area_m2, park_id=park_id)
    for name, on in dates.items():
        kind = KIND_OF_FIELD[name]
        part = _production(arrival.values, row) if kind is EventKind.PRODUCE else None
        doc, rough = text_of(arrival.values, f"{name}_doc", row), _rough(arrival.values, name, row)
        drafts.add(kind, on, area_m2=part, doc=doc, rough=rough)
    return drafts.events


def _refuse(code: str, message: str) -> NoReturn:
    raise RowRefusedError(code, message)


class _Drafts:
    """Lines that a row adds."""

    def __init__(self, values: Values, row: int, moment: Moment) -> None:
        self.values, self.row, self.moment = values, row, moment
        self.number = str(values.numbers[row])
        self.events: list[Event] = []

    def add(
        self,
        kind: EventKind,
        on: date,
        *,
        area_m2: float | None = None,
        park_id: str | None = None,
        doc: str | None = None,
        supersedes: int | None = None,
        rough: bool = False,
    ) -> None:
        self.events.append(
            Event(
                event_id=0,
                parcel_no=self.number,
                kind=kind,
                effective_on=on,
                recorded_at=self.moment.now,
                recorded_by=self.moment.clerk,
                source_doc=doc or text_of(self.values, "source_doc", self.row),
                area_m2=area_m2,
                park_id=park_id,
                supersedes=supersedes,
                reason=None if supersedes is None else f"按导入文件更正：{self.moment.file}",
                import_id=self.moment.import_id,
                month_only=rough,
            )
        )


def _register_earlier(drafts: _Drafts, register: Event) -> None:
    """A parcel is alive from its earliest date: registration moves back to it."""
    earliest = min(event.effective_on for event in drafts.events)
    if earliest >= register.effective_on or register.opening or register.related_no:
        return
    drafts.add(
        EventKind.REGISTER,
        earliest,
        area_m2=register.area_m2,
        park_id=register.park_id,
        doc=register.source_doc,
        supersedes=register.event_id,
    )


def _dated(drafts: _Drafts, name: str, life: Sequence[Event], state: ParcelState) -> bool:
    """Add or correct the line of one dated field; tell whether anything changes."""
    values, row, kind = drafts.values, drafts.row, KIND_OF_FIELD[name]
    on = day_of(values, name, row)
    if on is None:
        return False
    area_m2 = _production(values, row) if kind is EventKind.PRODUCE else None
    doc = text_of(values, f"{name}_doc", row)
    lines = _lines_of(kind, life, state)
    producing = state.producing_m2 > 0 or "produced_on" in values.days
    if kind is EventKind.STOP and not lines and not producing:
        _refuse("turn_without_stage", "有停产日期，而地块没有投产；应先有投产日期")
    if not lines:
        drafts.add(kind, on, area_m2=area_m2, doc=doc, rough=_rough(values, name, row))
        return True
    first = lines[0]
    area_same = kind is not EventKind.PRODUCE or _same_part(area_m2, values, row, state)
    if first.effective_on == on and area_same and (doc is None or doc == first.source_doc):
        return False
    if len(lines) > 1:
        label = LEDGER_FIELDS[name].label
        _refuse(
            "several_lines",
            f"{label}在台账里有 {len(lines)} 条记录，不能按文件一并更正；请在地块台账页更正",
        )
    drafts.add(
        kind,
        on,
        area_m2=area_m2 if "area_in_production_m2" in values.amounts else first.area_m2,
        doc=doc or first.source_doc,
        supersedes=first.event_id,
        rough=_rough(values, name, row),
    )
    return True


def _lines_of(kind: EventKind, life: Sequence[Event], state: ParcelState) -> list[Event]:
    """Return the lines that a dated field speaks of: a halt or a stop only while it lasts."""
    lines = [event for event in life if event.kind is kind]
    if kind is EventKind.HALT:
        return lines[-1:] if state.halted else []
    if kind is EventKind.STOP:
        return lines[-1:] if state.stopped_m2 > 0 else []
    return lines


def _same_part(area_m2: float | None, values: Values, row: int, state: ParcelState) -> bool:
    if "area_in_production_m2" not in values.amounts:
        return True
    whole_m2 = state.producing_m2 + state.stopped_m2
    said = state.area_m2 if area_m2 is None else area_m2
    return abs(said - whole_m2) <= AREA_TOLERANCE_M2


def _production(values: Values, row: int) -> float | None:
    part = values.amounts.get("area_in_production_m2")
    return None if part is None or np.isnan(part[row]) else float(part[row])


def _counts_anew(entry: Parcel, area_m2: float, state: ParcelState) -> bool:
    """Tell whether a parcel without outline counts with another area than before."""
    return (
        entry.area_basis is AreaBasis.LEDGER
        and not np.isnan(area_m2)
        and abs(area_m2 - state.area_m2) > 0.01
    )


def _last_life(events: Sequence[Event]) -> list[Event]:
    withdrawn = [at for at, event in enumerate(events) if event.kind is EventKind.WITHDRAW]
    return list(events[withdrawn[-1] + 1 :] if withdrawn else events)


def _rough(values: Values, name: str, row: int) -> bool:
    return bool(values.month_only[name][row])
