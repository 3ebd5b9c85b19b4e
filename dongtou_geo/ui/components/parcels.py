"""The parcels of the map: tiles know them by id, the address and the panel by number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dongtou_geo.domain.day import parse_day
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.maps.payload import PARCEL_PREFIX, parcel_outline, parcel_properties
from dongtou_geo.services.dossier import CURVE_START
from dongtou_geo.services.parcel_table import parcel_story
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.tiles.standing import Standing, app_tiles
from dongtou_geo.ui.state import EARLIEST, View

TILE_MARK = "#"
# An event is in the tiles within milliseconds; a whole ledger is not waited for.
PATIENCE_S = 0.4


def feature_id(told: object) -> str | None:
    """Return the id that the address has for what was chosen on the map.

    Parameters
    ----------
    told : object
        A feature id; or ``#`` and the number by which the tiles know a parcel; or None.
    """
    if not isinstance(told, str) or not told.startswith(TILE_MARK):
        return told if isinstance(told, str) else None
    standing, digits = _standing(), told.removeprefix(TILE_MARK)
    if standing is None or not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        return None
    number = standing.ids.number(int(digits))
    return None if number is None else f"{PARCEL_PREFIX}{number}"


def day_told(message: Mapping[str, Any], current: date) -> date:
    """Return the day that the time bar came to rest on.

    Parameters
    ----------
    message : mapping
        What the map told.
    current : date
        What holds where it told no day.
    """
    return parse_day(str(message.get("as_of"))) or current


def drawn(ledger: LedgerView, view: View, latest: date) -> dict[str, Any]:
    """Return what the map's state says of the parcels.

    Parameters
    ----------
    ledger : LedgerView
        The ledger.
    view : View
        What the page shows.
    latest : date
        The last day that may be asked for.
    """
    busy = app_tiles().look(patience_s=PATIENCE_S)
    standing = _standing()
    months = dict(standing.months) if standing else {}
    most = max(months.values(), default=1.0)
    first = min([*months, f"{CURVE_START:%Y-%m}"])
    return {
        "parcel": _selected(ledger, view, standing),
        "tiles": {
            "busy": busy,
            "version": standing.version if standing else None,
            "bounds": standing.index.degrees() if standing else None,
        },
        "months": {month: round(moved / most, 3) for month, moved in months.items()},
        "span": (max(f"{first[:4]}-01-01", EARLIEST.isoformat()), latest.isoformat()),
    }


def _selected(
    ledger: LedgerView, view: View, standing: Standing | None
) -> dict[str, object] | None:
    number = (view.selected or "").removeprefix(PARCEL_PREFIX)
    if number == view.selected or ledger.ledger is None:
        return None
    story = parcel_story(ledger.ledger, number)
    if story is None:
        return None
    tile_id = standing.ids.id(number) if standing else None
    shown = parcel_properties(story.parcel, story.states, tile_id or 0)
    return {"properties": shown, "geometry": parcel_outline(story.parcel), "type": "Feature"}


def _standing() -> Standing | None:
    try:
        return app_tiles().standing()
    except DongtouGeoError:
        return None
