"""What a row changes, in words: field, before, after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.ledger_field import LEDGER_FIELDS
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.services.intake.changes import RowChange
from dongtou_geo.services.intake.entries import REGISTER_FIELDS


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changes.

    Parameters
    ----------
    what : str
        The field or the event, in Chinese.
    before, after : str
        As they read; "" = nothing.
    """

    what: str
    before: str
    after: str


def differences(change: RowChange, park_names: Mapping[str, str]) -> list[Difference]:
    """Name everything that a row changes.

    Parameters
    ----------
    change : RowChange
        The row.
    park_names : mapping of str to str
        Park id to name.
    """
    found = [_of_event(event, change, park_names) for event in change.events]
    if change.entry is not None:
        for name in (*REGISTER_FIELDS, "origin"):
            before, after = getattr(change.former, name), getattr(change.entry, name)
            if before != after:
                label = LEDGER_FIELDS[name].label
                found.append(Difference(label, _shown(before), _shown(after)))
    return found


def _of_event(event: Event, change: RowChange, park_names: Mapping[str, str]) -> Difference:
    if event.kind is EventKind.REDRAW and event.area_m2 is not None:
        first = change.former.geometry_wkb is None and change.entry is not None
        mapped = first and change.entry is not None and change.entry.geometry_wkb is not None
        what = "落图" if mapped else "图形与面积"
        return Difference(what, _mu(change.area_m2), _mu(event.area_m2))
    if event.kind is EventKind.MOVE_PARK:
        name = park_names.get(event.park_id, event.park_id) if event.park_id else "园区外"
        return Difference("调整园区", "", name)
    area = f"（{_mu(event.area_m2)}）" if event.kind is EventKind.PRODUCE and event.area_m2 else ""
    before = f"更正第 {event.supersedes} 号记录" if event.supersedes else ""
    return Difference(f"{event.kind.label}日期", before, f"{event.day_text}{area}")


def _mu(area_m2: float) -> str:
    return f"{m2_to_mu(area_m2):,.2f} 亩"


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.10g}"
    return str(getattr(value, "label", value))
