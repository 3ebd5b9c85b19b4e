"""Yes: what was examined is written, all of it in one transaction, under one import."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

import numpy as np

from dongtou_geo.domain.event import Event
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.services.intake.changes import Moment, opening_events
from dongtou_geo.services.intake.entries import entry_of
from dongtou_geo.services.intake.examine import Examined
from dongtou_geo.services.intake.lives import Rows, lives_of
from dongtou_geo.services.record import ConflictError
from dongtou_geo.store.ledger import Ledger, Writer
from dongtou_geo.store.present import entries_of
from dongtou_geo.store.writing import ImportStamp


def apply(ledger: Ledger, examined: Examined, clerk: str, now: datetime) -> str | None:
    """Write what was accepted.

    Parameters
    ----------
    ledger : Ledger
        The ledger that the file was compared with.
    examined : Examined
        The file.
    clerk : str
        Who confirms.
    now : datetime
        UTC.

    Returns
    -------
    str or None
        The import's id; None = nothing changes, nothing was written.

    Raises
    ------
    ConflictError
        If the ledger has changed since the comparison.
    LedgerError
        If it cannot be written; it is as before.
    """
    changed = [change for change in examined.changes if change.kinds]
    new = np.flatnonzero(examined.new)
    if not changed and not len(new):
        return None
    import_id = f"{now:%Y%m%d}-{secrets.token_hex(4)}"
    with ledger.writing() as writer:
        if writer.stamp().ledger_version != examined.ledger_version:
            msg = "台账在检查之后又有人改动，没有写入；请重新检查这个文件，看过新的差异再确认"
            raise ConflictError(msg)
        writer.register_import(ImportStamp(import_id, examined.file, examined.sha256, now, clerk))
        fresh, entries, events = _returning(writer, examined, new, clerk, now, import_id)
        writer.add_lives(lives_of(examined, fresh, clerk=clerk, now=now, import_id=import_id))
        entries += [change.entry for change in changed if change.entry is not None]
        events += [
            replace(event, recorded_at=now, recorded_by=clerk, import_id=import_id)
            for change in changed
            for event in change.events
        ]
        writer.change(entries, [], events, at=now, by=clerk, import_id=import_id)
    return import_id


def _returning(
    writer: Writer, examined: Examined, new: Rows, clerk: str, now: datetime, import_id: str
) -> tuple[Rows, list[Parcel], list[Event]]:
    """Set parcels apart whose name an undone import left in the register: they begin anew."""
    numbers = examined.arrival.values.numbers
    known = entries_of(writer.connection, numbers[new].tolist())
    if not known:
        return new, [], []
    moment = Moment(examined.file, examined.on, now, clerk, import_id)
    back = np.array([number in known for number in numbers[new]], dtype=bool)
    entries, events = [], []
    for row in new[back].tolist():
        entries.append(entry_of(examined.arrival, row, None))
        events += opening_events(examined.arrival, row, moment)
    return new[~back], entries, events
