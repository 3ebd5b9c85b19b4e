"""Domain objects to rows of the ledger's tables, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from dongtou_geo.domain.account import ParcelState
from dongtou_geo.domain.event import Event, EventKind, Opening
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import Account
from dongtou_geo.errors import LedgerError

FOREVER = date(9999, 12, 31)
_REGISTER = tuple(f.name for f in fields(Parcel))
_PLAIN = tuple(f.name for f in fields(Event) if f.name not in {"kind", "opening", "month_only"})


def event_row(event: Event) -> dict[str, object]:
    """Return an event's row.

    Parameters
    ----------
    event : Event
        One line.
    """
    row = {name: getattr(event, name) for name in _PLAIN}
    row["kind"] = event.kind.value
    row["month_only"] = event.month_only or None
    opening = event.opening
    row["open_stage"] = opening.stage.value if opening else None
    row["open_producing_m2"] = opening.producing_m2 if opening else None
    row["open_stopped_m2"] = opening.stopped_m2 if opening else None
    row["open_halted"] = opening.halted if opening else None
    return row


def event_of(row: Mapping[Any, Any]) -> Event:
    """Return the event of a row.

    Parameters
    ----------
    row : mapping
        A row of ``events``.

    Raises
    ------
    LedgerError
        If a later version of this program wrote a kind that this one does not know.
    """
    try:
        kind = EventKind(row["kind"])
    except ValueError:
        msg = (
            f"第 {row['event_id']} 号记录的事项“{row['kind']}”本程序不认识，"
            "可能由更新的版本写入，请升级程序"
        )
        raise LedgerError(msg) from None
    opening = None
    if row["open_stage"] is not None:
        opening = Opening(
            Account(row["open_stage"]),
            row["open_producing_m2"],
            row["open_stopped_m2"],
            row["open_halted"],
        )
    month_only = bool(row["month_only"])
    plain = {name: row[name] for name in _PLAIN}
    return Event(kind=kind, opening=opening, month_only=month_only, **plain)


def parcel_row(parcel: Parcel) -> dict[str, object]:
    """Return a register entry's row.

    Parameters
    ----------
    parcel : Parcel
        One register entry.
    """
    row = {name: getattr(parcel, name) for name in _REGISTER}
    return {**row, "origin": parcel.origin.value, "area_basis": parcel.area_basis.value}


def parcel_of(row: Mapping[Any, Any]) -> Parcel:
    """Return the register entry of a row.

    Parameters
    ----------
    row : mapping
        A row of ``parcels``.
    """
    kinds = {"origin": Origin(row["origin"]), "area_basis": AreaBasis(row["area_basis"])}
    return Parcel(**{**row, **kinds})


def state_rows(states: list[ParcelState]) -> list[dict[str, object]]:
    """Return a parcel's states as rows, one a day on which it changed.

    Parameters
    ----------
    states : list of ParcelState
        In order; of several on one day the last counts.
    """
    last_of_day = {state.on: state for state in states}
    days = [*last_of_day, FOREVER]
    return [
        {
            "parcel_no": state.parcel_no,
            "from_on": state.on,
            "until_on": until,
            "since_on": state.since,
            "park_id": state.park_id,
            "status": state.status.value,
            "area_m2": state.area_m2,
            "producing_m2": state.producing_m2,
            "stopped_m2": state.stopped_m2,
            "halted": state.halted,
        }
        for state, until in zip(last_of_day.values(), days[1:], strict=True)
    ]
