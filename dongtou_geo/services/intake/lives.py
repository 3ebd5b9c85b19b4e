"""The rows of new parcels as the ledger takes them: columns, not one object a parcel."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.domain.ledger_field import EVENT_DAY_FIELDS
from dongtou_geo.domain.parcel import AreaBasis, Origin
from dongtou_geo.services.intake.changes import KIND_OF_FIELD
from dongtou_geo.services.intake.columns import Values
from dongtou_geo.services.intake.entries import REGISTER_FIELDS
from dongtou_geo.services.intake.examine import Examined
from dongtou_geo.store.bulk import KIND_CODES, NewLives

Rows = NDArray[np.intp]
# Of each line: whose, what, when, how much, on which paper, and whether only the month is known.
_Lines = tuple[
    Rows,
    NDArray[np.int64],
    NDArray[np.datetime64],
    NDArray[np.float64],
    list[str | None],
    NDArray[np.bool_],
]
_NEVER = np.datetime64("9999-12-31")


def lives_of(
    examined: Examined, rows: Rows, *, clerk: str, now: datetime, import_id: str
) -> NewLives:
    """Return new parcels with their stories.

    Parameters
    ----------
    examined : Examined
        The file.
    rows : ndarray of int
        Accepted rows of parcels that the register does not have.
    clerk : str
        Who.
    now : datetime
        UTC.
    import_id : str
        The import.

    Returns
    -------
    NewLives
        A parcel is alive from its earliest date, else from the day of import.
    """
    arrival, values = examined.arrival, examined.arrival.values
    days = {name: values.days[name][rows] for name in EVENT_DAY_FIELDS if name in values.days}
    owners, kinds, on, area, docs, rough = _events(values, days, rows)
    first = np.full(len(rows), _NEVER)
    for column in days.values():
        first = np.fmin(first, column)
    registered = np.where(first == _NEVER, np.datetime64(examined.on), first)
    parks = values.texts.get("park_id")
    return NewLives(
        parcel_nos=values.numbers[rows].tolist(),
        register=_register(examined, rows),
        registered_on=registered,
        area_m2=arrival.area_m2[rows],
        park_ids=[None] * len(rows) if parks is None else parks[rows].tolist(),
        event_parcel=owners,
        event_kind=kinds,
        event_on=on,
        event_area_m2=area,
        recorded_at=now,
        recorded_by=clerk,
        import_id=import_id,
        event_docs=docs,
        registration_docs=_texts(values, "source_doc", rows),
        event_month_only=rough,
    )


def _register(examined: Examined, rows: Rows) -> dict[str, object]:
    arrival, values = examined.arrival, examined.arrival.values
    outlines = arrival.outlines[rows]
    drawn = ~shapely.is_missing(outlines)
    land = Origin.LAND.value
    register: dict[str, object] = {
        "geometry_wkb": shapely.to_wkb(outlines).tolist(),
        "area_basis": np.where(drawn, AreaBasis.DRAWN.value, AreaBasis.LEDGER.value).tolist(),
        "origin": [origin or land for origin in _texts(values, "origin", rows)],
    }
    for name in REGISTER_FIELDS:
        if name in values.texts:
            register[name] = values.texts[name][rows].tolist()
        elif name in values.days:
            register[name] = values.days[name][rows]
        elif name in values.amounts:
            register[name] = values.amounts[name][rows]
    return register


def _events(values: Values, days: dict[str, NDArray[np.datetime64]], rows: Rows) -> _Lines:
    """Return every dated field as lines."""
    owners: list[Rows] = [np.empty(0, dtype=np.intp)]
    kinds: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    on: list[NDArray[np.datetime64]] = [np.empty(0, dtype="datetime64[D]")]
    area: list[NDArray[np.float64]] = [np.empty(0)]
    docs: list[str | None] = []
    rough: list[NDArray[np.bool_]] = [np.empty(0, dtype=bool)]
    part = values.amounts.get("area_in_production_m2")
    for name, column in days.items():
        owner = np.flatnonzero(~np.isnat(column))
        owners.append(owner)
        kinds.append(np.full(len(owner), KIND_CODES[KIND_OF_FIELD[name]]))
        on.append(column[owner])
        rough.append(values.month_only[name][rows[owner]])
        produced = name == "produced_on" and part is not None
        area.append(
            part[rows[owner]] if produced and part is not None else np.full(len(owner), np.nan)
        )
        general = _texts(values, "source_doc", rows[owner])
        own = _texts(values, f"{name}_doc", rows[owner])
        docs += [doc or other for doc, other in zip(own, general, strict=True)]
    return (
        np.concatenate(owners), np.concatenate(kinds), np.concatenate(on), np.concatenate(area), docs,
        np.concatenate(rough),
    )  # fmt: skip


def _texts(values: Values, name: str, rows: Rows) -> list[str | None]:
    column = values.texts.get(name)
    return [None] * len(rows) if column is None else column[rows].tolist()
