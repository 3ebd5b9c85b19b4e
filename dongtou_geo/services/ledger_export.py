"""The ledger on a day as a table that goes out: the fields of the contract, ready to come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from dongtou_geo.domain.account import AREA_TOLERANCE_M2, ParcelState, transitions
from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.event import Event, EventKind, standing
from dongtou_geo.domain.ledger_field import EVENT_DAY_FIELDS, LEDGER_FIELDS
from dongtou_geo.domain.parcel import AreaBasis, Parcel
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.services.intake.changes import KIND_OF_FIELD
from dongtou_geo.services.intake.entries import REGISTER_FIELDS
from dongtou_geo.settings import STANDING_LINE
from dongtou_geo.store.ledger import Ledger

# The state on the day, beside what a clerk types: it follows from the dates.
ACCOUNT = "account"
CREDITS = (
    "图斑来源见各地块依据文号；底图 GSHHG（LGPL-3.0）、© OpenStreetMap contributors（ODbL-1.0）"
)
AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A ledger on a day, as a table with outlines.

    Parameters
    ----------
    cells : DataFrame
        One row a parcel, contract names plus ``account``; str, float, date or None.
    outlines : ndarray of object
        Shapely outlines in EPSG:4490 lon/lat; None = 未落图.
    stamp : LedgerStamp
        Which ledger, which version, sample or not.
    as_of : date
        The day.
    """

    cells: pd.DataFrame
    outlines: NDArray[np.object_]
    stamp: LedgerStamp
    as_of: date

    @property
    def notes(self) -> tuple[str, ...]:
        """Return the lines that go with the table wherever it goes."""
        sample = ("示例台账：所有数字均为示例，不是实情",) if self.stamp.sample else ()
        version = self.stamp.ledger_version or "未知"
        return (
            *sample,
            f"截至 {self.as_of}，数据截止 {self.stamp.data_until or '未知'}，台账版本 {version}",
            STANDING_LINE,
            CREDITS,
        )

    @property
    def layer(self) -> str:
        """Return the layer's name; a sample says so."""
        return "示例地块台账" if self.stamp.sample else "地块台账"


def outgoing(ledger: Ledger, as_of: date) -> Outgoing:
    """Read the ledger as it stood on a day, by today's knowledge.

    Parameters
    ----------
    ledger : Ledger
        Which.
    as_of : date
        Parcels registered later, or ended before, are left out.

    Returns
    -------
    Outgoing
        The table, by parcel number.

    Notes
    -----
    Register entries have no dates of their own, so they are the latest ones.
    """
    rows: list[dict[str, object]] = []
    outlines: list[bytes | None] = []
    with ledger.reading() as snapshot:
        stamp, parcels = snapshot.stamp(), snapshot.parcels()
        for start in range(0, len(parcels), AT_ONCE):
            some = parcels[start : start + AT_ONCE]
            lines = events_by_parcel(snapshot.events([parcel.parcel_no for parcel in some]))
            for parcel in some:
                row = _row(parcel, lines.get(parcel.parcel_no, ()), as_of)
                if row is not None:
                    rows.append(row)
                    outlines.append(parcel.geometry_wkb)
    cells = pd.DataFrame(rows, columns=[*LEDGER_FIELDS, ACCOUNT], dtype=object)
    drawn = np.array(outlines, dtype=object) if outlines else np.empty(0, dtype=object)
    return Outgoing(cells, np.asarray(shapely.from_wkb(drawn), dtype=object), stamp, as_of)


def renamed(going: Outgoing, park_names: Mapping[str, str]) -> pd.DataFrame:
    """Return the table with the template's Chinese headings and words.

    Parameters
    ----------
    going : Outgoing
        The table.
    park_names : mapping of str to str
        Park id to name.
    """
    cells = going.cells.copy()
    cells["park_id"] = [park_names.get(i, i) if i else "园区外" for i in cells["park_id"]]
    cells["origin"] = [{"land": "陆地", "filled_sea": "填海"}[value] for value in cells["origin"]]
    headings = {name: field.heading for name, field in LEDGER_FIELDS.items()}
    return cells.rename(columns={**headings, ACCOUNT: f"账户（截至 {going.as_of}）"})


def _row(parcel: Parcel, lines: Sequence[Event], as_of: date) -> dict[str, object] | None:
    events = [event for event in standing(lines) if event.effective_on <= as_of]
    if not events:
        return None
    state = list(transitions(events))[-1]
    if state.ended:
        return None
    drawn = parcel.area_basis is AreaBasis.DRAWN
    row: dict[str, object] = {name: getattr(parcel, name) for name in REGISTER_FIELDS}
    row |= {
        "parcel_no": parcel.parcel_no,
        "park_id": state.park_id,
        "area_m2": round(state.area_m2, 4) if drawn else None,
        "origin": parcel.origin.value,
        "source_doc": events[0].source_doc,
        ACCOUNT: state.status.label,
    }
    for name in EVENT_DAY_FIELDS:
        event = _told(KIND_OF_FIELD[name], events, state)
        row[name] = event.effective_on if event else None
        row[f"{name}_doc"] = event.source_doc if event else None
    producing_m2 = state.producing_m2 + state.stopped_m2
    part = row["produced_on"] is not None and state.area_m2 - producing_m2 > AREA_TOLERANCE_M2
    row["area_in_production_m2"] = producing_m2 if part else None
    return row


def _told(kind: EventKind, events: Sequence[Event], state: ParcelState) -> Event | None:
    """Return the line that a dated field speaks of, as an import will look for it."""
    withdrawn = [at for at, event in enumerate(events) if event.kind is EventKind.WITHDRAW]
    life = events[withdrawn[-1] + 1 :] if withdrawn else events
    own = [event for event in life if event.kind is kind]
    if kind is EventKind.HALT:
        return own[-1] if own and state.halted else None
    if kind is EventKind.STOP:
        # Who stopped in part is told by the area in production alone.
        return own[-1] if own and state.stopped_m2 > 0 and state.producing_m2 <= 0 else None
    return own[0] if own else None
