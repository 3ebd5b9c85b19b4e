"""撤销: an import, or a split or merge, taken back whole as if it had never been recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.event import Event, EventKind, standing
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.errors import EventError
from dongtou_geo.services.record import Clerk
from dongtou_geo.store import register, tracing
from dongtou_geo.store.ledger import Ledger, Writer
from dongtou_geo.store.register import FormerEntry

# A refusal names what stands in the way, and stays readable.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back.

    Parameters
    ----------
    voided : tuple of Event
        The lines that no longer stand.
    parcel_nos : tuple of str
        The parcels that are as before: of these lines, and of the entries.
    restored : tuple of Parcel
        The register entries that say again what they said before.
    """

    voided: tuple[Event, ...]
    parcel_nos: tuple[str, ...]
    restored: tuple[Parcel, ...] = ()


def undo(ledger: Ledger, import_id: str, clerk: Clerk) -> Undone:
    """Take an import back, its lines and its changes of the register, or refuse it whole.

    Parameters
    ----------
    ledger : Ledger
        Where.
    import_id : str
        The import.
    clerk : Clerk
        Who says so.

    Returns
    -------
    Undone
        What was voided, and which register entries came back.

    Raises
    ------
    EventError
        If there is no such import, it is undone already, or later lines or register changes on its
        parcels rest on it; the ledger is as before.
    LedgerError
        If the ledger cannot be written; it is as before.

    Notes
    -----
    A parcel that the import registered keeps its entry but has no line that stands: it counts
    nowhere, and its number is free to be registered again.
    """
    with ledger.writing() as writer:
        _check_import(writer, import_id)
        own = tracing.events_of_import(writer.connection, import_id)
        lines = events_by_parcel(writer.events(sorted({event.parcel_no for event in own})))
        gone = _void_ids(line for some in lines.values() for line in some)
        targets = [event for event in own if event.event_id not in gone]
        _refuse_resting(writer, import_id, targets, lines)
        former = _former(writer, import_id)
        voids = _voids(targets, f"撤销导入 {import_id}", clerk)
        writer.change(former, [], voids, at=clerk.now, by=clerk.name, import_id=import_id)
        writer.mark_undone(import_id, clerk.now, clerk.name)
    return _undone(targets, former)


def undo_reshape(
    ledger: Ledger, parcel_no: str, event_id: int, reason: str, clerk: Clerk
) -> Undone:
    """Take a split or merge back: its parents live on, its children never were.

    Parameters
    ----------
    ledger : Ledger
        Where.
    parcel_no : str
        A parent.
    event_id : int
        Its split or merge.
    reason : str
        Why.
    clerk : Clerk
        Who says so.

    Returns
    -------
    Undone
        What was voided.

    Raises
    ------
    EventError
        If there is no such split or merge, or later lines on the children rest on it; the ledger
        is as before.
    LedgerError
        If the ledger cannot be written; it is as before.
    """
    with ledger.writing() as writer:
        kinds = {EventKind.SPLIT, EventKind.MERGE}
        events = standing(writer.events([parcel_no]))
        parting = next((e for e in events if e.event_id == event_id and e.kind in kinds), None)
        if parting is None:
            msg = f"地块 {parcel_no} 没有仍然有效的第 {event_id} 号“分割”或“合并”记录，无法撤销"
            raise EventError(msg)
        if not reason.strip():
            msg = f"撤销{parting.kind.label}须写明理由"
            raise EventError(msg)
        partings = [parting]
        if parting.kind is EventKind.MERGE:
            partings = tracing.partings_into(writer.connection, parting)
        births = tracing.heirs_of(writer.connection, parting)
        lines = events_by_parcel(writer.events(sorted({event.parcel_no for event in births})))
        resting = _resting(births, lines, None)
        if resting:
            msg = (
                f"地块 {parcel_no} 的{parting.kind.label}不能撤销，其后还有记录以它为依据："
                f"{_named(resting)}；请先作废这些记录"
            )
            raise EventError(msg)
        writer.add([], _voids([*partings, *births], reason, clerk))
    return _undone([*partings, *births], [])


def _check_import(writer: Writer, import_id: str) -> None:
    known = tracing.import_record(writer.connection, import_id)
    if known is None:
        msg = f"台账里没有导入“{import_id}”；请核对导入编号"
        raise EventError(msg)
    if known.undone_at is not None:
        msg = (
            f"导入 {import_id}（{known.file}）已由 {known.undone_by} 于"
            f" {known.undone_at:%Y-%m-%d %H:%M} UTC 撤销，不能再次撤销"
        )
        raise EventError(msg)


def _refuse_resting(
    writer: Writer,
    import_id: str,
    targets: Sequence[Event],
    lines: Mapping[str, Sequence[Event]],
) -> None:
    """Refuse where something later rests on the import's lines, or on what it did to the register."""
    resting = _resting(targets, lines, import_id)
    registered = {
        event.parcel_no
        for event in targets
        if event.kind is EventKind.REGISTER and event.supersedes is None
    }
    changes = register.changes_after(writer.connection, import_id, sorted(registered))
    if not resting and not changes:
        return
    others = {event.import_id for event in resting} | {change.import_id for change in changes}
    later = sorted(other for other in others if other)
    cure = "请先作废这些记录" if resting else "登记信息其后另行改过，撤销会丢失这些改动"
    if later:
        cure = f"请先撤销导入 {'、'.join(later)}"
    named = [_named(resting)] if resting else []
    named += [_named_changes(changes)] if changes else []
    msg = f"导入 {import_id} 不能撤销，其后还有记录以它为依据：{'；'.join(named)}；{cure}"
    raise EventError(msg)


def _former(writer: Writer, import_id: str) -> list[Parcel]:
    """Return what the entries that an import changed said before it."""
    first: dict[str, Parcel] = {}
    for former in register.former_entries(writer.connection, import_id=import_id):
        first.setdefault(former.parcel.parcel_no, former.parcel)
    return list(first.values())


def _void_ids(lines: Iterable[Event]) -> set[int]:
    """Return the ids of lines that are void; a void that is void itself cancels nothing."""
    void: set[int] = set()
    for line in sorted(lines, key=lambda e: e.event_id, reverse=True):
        if line.kind is EventKind.VOID and line.event_id not in void and line.supersedes:
            void.add(line.supersedes)
    return void


def _resting(
    targets: Sequence[Event], lines: Mapping[str, Sequence[Event]], import_id: str | None
) -> list[Event]:
    """Find what stands on the same parcels, was recorded later, and came by another way."""
    first: dict[str, int] = {}
    for event in targets:
        first[event.parcel_no] = min(event.event_id, first.get(event.parcel_no, event.event_id))
    going = {event.event_id for event in targets}
    return [
        event
        for number, first_id in first.items()
        for event in standing(lines[number])
        if event.event_id > first_id
        and event.event_id not in going
        and (import_id is None or event.import_id != import_id)
    ]


def _named(events: Sequence[Event]) -> str:
    named = "、".join(
        f"地块 {e.parcel_no} 第 {e.event_id} 号“{e.kind.label}”（{e.effective_on}，{e.recorded_by}）"
        for e in events[:MOST_NAMED]
    )
    return named if len(events) <= MOST_NAMED else f"{named} 等 {len(events)} 条"


def _named_changes(changes: Sequence[FormerEntry]) -> str:
    named = "、".join(
        f"地块 {c.parcel.parcel_no} 的登记信息（{day_here(c.replaced_at)}，{c.replaced_by}"
        f"{f'，导入 {c.import_id}' if c.import_id else ''}）"
        for c in changes[:MOST_NAMED]
    )
    return named if len(changes) <= MOST_NAMED else f"{named} 等 {len(changes)} 处"


def _voids(targets: Sequence[Event], reason: str, clerk: Clerk) -> list[Event]:
    return [
        Event(
            event_id=0,
            parcel_no=event.parcel_no,
            kind=EventKind.VOID,
            effective_on=event.effective_on,
            recorded_at=clerk.now,
            recorded_by=clerk.name,
            supersedes=event.event_id,
            reason=reason,
        )
        for event in targets
    ]


def _undone(targets: Sequence[Event], restored: Sequence[Parcel]) -> Undone:
    numbers = {event.parcel_no for event in targets} | {entry.parcel_no for entry in restored}
    return Undone(tuple(targets), tuple(sorted(numbers)), tuple(restored))
