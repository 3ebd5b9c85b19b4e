"""What the clerk decides about a file, and the parks that it can be about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import shapely

from dongtou_geo.domain.day import day_here
from dongtou_geo.errors import UsageError


@dataclass(frozen=True, slots=True)
class Choices:
    """What the clerk decides; all else is found out.

    Parameters
    ----------
    layer : str or None
        Layer or worksheet; None = the only one.
    crs : str
        ``auto``, ``EPSG:n``, with ``+swap`` or ``+gcj02``.
    encoding : str
        ``auto`` or a name.
    columns : mapping of str to str
        Field to column.
    park_id : str or None
        The park of every row; None = as the file says.
    registered_on : date or None
        The day from which new parcels without dates are there; None = today.
    """

    layer: str | None = None
    crs: str = "auto"
    encoding: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    park_id: str | None = None
    registered_on: date | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What the plan says that an intake needs.

    Parameters
    ----------
    park_names : mapping of str to str
        Park id to name.
    park_outlines : mapping of str to (str, shapely geometry)
        Park id to name and indicative outline.
    surveyed : mapping of str to (str, shapely geometry)
        Feature id to name and surveyed outline: what no parcel may cross.
    """

    park_names: Mapping[str, str]
    park_outlines: Mapping[str, tuple[str, shapely.Geometry]] = field(default_factory=dict)
    surveyed: Mapping[str, tuple[str, shapely.Geometry]] = field(default_factory=dict)


def check_choices(choices: Choices, ground: Ground, now: datetime) -> None:
    """Refuse choices that cannot be.

    Parameters
    ----------
    choices : Choices
        What the clerk decided.
    ground : Ground
        Parks.
    now : datetime
        UTC.

    Raises
    ------
    UsageError
        If there is no such park, or the day is to come.
    """
    if choices.park_id is not None and choices.park_id not in ground.park_names:
        msg = f"没有园区“{choices.park_id}”，应为 {'、'.join(ground.park_names)} 之一"
        raise UsageError(msg)
    if choices.registered_on is not None and choices.registered_on > day_here(now):
        msg = f"登记日期 {choices.registered_on} 晚于今天 {day_here(now)}"
        raise UsageError(msg)
