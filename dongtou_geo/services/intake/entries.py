"""What a row makes of a register entry."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np
import shapely

from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.services.intake.columns import Floats, Objects, Values

# 2 mm: a TXT keeps three decimals of a metre, and that is no new outline.
SAME_PLACE_DEG = 2e-8
REGISTER_FIELDS = tuple(
    f.name
    for f in fields(Parcel)
    if f.name not in {"parcel_no", "origin", "area_basis", "geometry_wkb"}
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """All rows that came in, read and measured.

    Parameters
    ----------
    values : Values
        What the rows say.
    outlines : ndarray of object
        Shapely outlines in EPSG:4490 lon/lat, repaired; None = 未落图.
    area_m2 : ndarray of float
        The area that each row counts with, m2.
    parks_given : bool
        The file or the clerk names parks; else parcels stay where they are.
    """

    values: Values
    outlines: Objects
    area_m2: Floats
    parks_given: bool


def entry_of(arrival: Arrival, row: int, former: Parcel | None) -> Parcel:
    """Return the register entry that a row asks for; an empty cell erases nothing.

    Parameters
    ----------
    arrival : Arrival
        The file.
    row : int
        Position.
    former : Parcel or None
        The entry so far.
    """
    values, outline = arrival.values, arrival.outlines[row]
    origin = text_of(values, "origin", row)
    base = former or Parcel(str(values.numbers[row]), Origin.LAND, AreaBasis.LEDGER)
    given: dict[str, object] = {}
    for name in REGISTER_FIELDS:
        if name in values.texts:
            given[name] = values.texts[name][row]
        elif name in values.days:
            given[name] = day_of(values, name, row)
        elif name in values.amounts:
            figure = float(values.amounts[name][row])
            given[name] = None if np.isnan(figure) else figure
    kept = {name: value for name, value in given.items() if value is not None}
    entry = replace(base, **kept, origin=Origin(origin) if origin else base.origin)  # type: ignore[arg-type]  # by field
    if outline is None or same_outline(base.geometry_wkb, outline):
        return entry
    return replace(entry, area_basis=AreaBasis.DRAWN, geometry_wkb=shapely.to_wkb(outline))


def same_outline(wkb: bytes | None, outline: shapely.Geometry) -> bool:
    """Tell whether an outline is the one that the ledger has, whatever ring point comes first.

    Parameters
    ----------
    wkb : bytes or None
        The ledger's.
    outline : shapely geometry
        The file's.
    """
    if wkb is None:
        return False
    former = shapely.from_wkb(wkb)
    if shapely.equals_exact(former, outline, SAME_PLACE_DEG):
        return True
    return bool(
        shapely.equals_exact(shapely.normalize(former), shapely.normalize(outline), SAME_PLACE_DEG)
    )


def day_of(values: Values, name: str, row: int) -> date | None:
    """Return a row's date, or None.

    Parameters
    ----------
    values : Values
        All rows.
    name : str
        The field.
    row : int
        Position.
    """
    on = values.days.get(name)
    found = None if on is None else on[row].item()
    return found if isinstance(found, date) else None


def text_of(values: Values, name: str, row: int) -> str | None:
    """Return a row's text, or None.

    Parameters
    ----------
    values : Values
        All rows.
    name : str
        The field.
    row : int
        Position.
    """
    found = values.texts.get(name)
    return None if found is None else found[row]
