"""分割、合并: parcels that end in others, with their land, state and papers handed over whole."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dongtou_geo.domain import inheritance
from dongtou_geo.domain.account import ParcelState, state_on
from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.event import Event, EventKind, Opening, standing
from dongtou_geo.domain.inheritance import Child
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.errors import EventError
from dongtou_geo.frames.partition import cut_by_line, partition_problems, united
from dongtou_geo.services.record import Clerk, check_seen
from dongtou_geo.store import tracing
from dongtou_geo.store.ledger import Ledger, Snapshot, Writer

__all__ = ["Child", "Reshaped", "cut_by_line", "merge", "split"]

LONGEST_NUMBER = 64


@dataclass(frozen=True, slots=True)
class Reshaped:
    """What a split or merge wrote.

    Parameters
    ----------
    partings : tuple of Event
        The split, or one merge a parent.
    children : tuple of Parcel
        The new register entries.
    registrations : tuple of Event
        The children's first lines, in the same order.
    """

    partings: tuple[Event, ...]
    children: tuple[Parcel, ...]
    registrations: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Parent:
    parcel: Parcel
    state: ParcelState


def split(
    ledger: Ledger,
    parcel_no: str,
    effective_on: date,
    children: Sequence[Child],
    clerk: Clerk,
    *,
    source_doc: str | None = None,
    seen: int | None = None,
) -> Reshaped:
    """Split a parcel, or refuse it with everything that is wrong with it.

    Parameters
    ----------
    ledger : Ledger
        Where.
    parcel_no : str
        The parent; it ends.
    effective_on : date
        The day from which its children stand in its place.
    children : sequence of Child
        Two or more, with new numbers.
    clerk : Clerk
        Who says so.
    source_doc : str, optional
        The paper.
    seen : int, optional
        The parent's last event id that the clerk saw; a newer one refuses the split.

    Returns
    -------
    Reshaped
        The events with their ids.

    Raises
    ------
    EventError
        If it does not fit; the ledger is as before.
    ConflictError
        If somebody else recorded on the parent meanwhile.
    LedgerError
        If the ledger cannot be written; it is as before.
    """
    children = [_cleaned(child) for child in children]
    with ledger.writing() as writer:
        _check_seen(writer, {} if seen is None else {parcel_no: seen})
        parents, problems = _parents(writer, [parcel_no], effective_on, clerk, "分割")
        problems += _paper_problems(source_doc)
        if len(children) < 2:
            problems.append(f"分割后有 {len(children)} 宗地块，应为至少 2 宗")
        problems += _child_problems(writer, children)
        drawn = {c.parcel_no: c.geometry_wkb for c in children if c.geometry_wkb is not None}
        outline = parents[0].parcel.geometry_wkb if parents else None
        problems += partition_problems(outline, drawn)
        problems += _fit_problems(parents, children, "分割")
        _refuse(problems)
        total_m2 = math.fsum(child.area_m2 for child in children)
        parting = _parting(EventKind.SPLIT, parcel_no, effective_on, clerk, source_doc)
        return _write(writer, parents, children, [replace(parting, area_m2=total_m2)], parcel_no)


def merge(
    ledger: Ledger,
    parcel_nos: Sequence[str],
    effective_on: date,
    child: Child,
    clerk: Clerk,
    *,
    source_doc: str | None = None,
    seen: Mapping[str, int] | None = None,
) -> Reshaped:
    """Merge neighbouring parcels, or refuse it with everything that is wrong with it.

    Parameters
    ----------
    ledger : Ledger
        Where.
    parcel_nos : sequence of str
        The parents, two or more of one park, stage and origin; they end.
    effective_on : date
        The day from which the child stands in their place.
    child : Child
        With a new number; without an outline it takes the parents', where all have one.
    clerk : Clerk
        Who says so.
    source_doc : str, optional
        The paper.
    seen : mapping of str to int, optional
        Each parent's last event id that the clerk saw; a newer one refuses the merge.

    Returns
    -------
    Reshaped
        The events with their ids.

    Raises
    ------
    EventError
        If it does not fit; the ledger is as before.
    ConflictError
        If somebody else recorded on a parent meanwhile.
    LedgerError
        If the ledger cannot be written; it is as before.
    """
    numbers, child = list(dict.fromkeys(parcel_nos)), _cleaned(child)
    with ledger.writing() as writer:
        _check_seen(writer, seen or {})
        parents, problems = _parents(writer, numbers, effective_on, clerk, "合并")
        problems += _paper_problems(source_doc)
        if len(numbers) < 2:
            problems.append(f"合并前有 {len(numbers)} 宗地块，应为至少 2 宗不同的地块")
        problems += _difference_problems(parents)
        problems += _child_problems(writer, [child])
        if len(parents) == len(numbers):
            outline, troubles = _joined_outline(parents, child)
            child, problems = replace(child, geometry_wkb=outline), [*problems, *troubles]
        problems += _fit_problems(parents, [child], "合并")
        _refuse(problems)
        shares = inheritance.taken_over([p.state.area_m2 for p in parents], child.area_m2)
        partings = [
            replace(
                _parting(EventKind.MERGE, parent.parcel.parcel_no, effective_on, clerk, source_doc),
                area_m2=share,
                related_no=child.parcel_no,
            )
            for parent, share in zip(parents, shares, strict=True)
        ]
        return _write(writer, parents, [child], partings, None)


def _cleaned(child: Child) -> Child:
    return replace(child, parcel_no=unicodedata.normalize("NFKC", child.parcel_no).strip())


def _check_seen(snapshot: Snapshot, seen: Mapping[str, int]) -> None:
    for number, last_seen in seen.items():
        check_seen(snapshot.events([number]), number, last_seen)


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise EventError("；".join(problems))


def _parents(
    snapshot: Snapshot, numbers: Sequence[str], on: date, clerk: Clerk, what: str
) -> tuple[list[_Parent], list[str]]:
    """Read the parents as they stand on the day; those that cannot end then are named instead."""
    parents, problems = [], []
    today = day_here(clerk.now)
    if on > today:
        problems.append(f"{what}日期 {on} 晚于今天，应不晚于 {today}")
    for number in numbers:
        parcel, events = snapshot.parcel(number), standing(snapshot.events([number]))
        if parcel is None or not events:
            problems.append(f"台账里没有地块 {number}；请核对地块编号")
            continue
        later = [event for event in events if event.effective_on > on]
        state = state_on(events, on)
        if events[0].effective_on > on:
            problems.append(
                f"地块 {number} 于 {events[0].effective_on} 登记，{what}日期 {on} 应不早于它"
            )
        elif state is None:
            end = [event for event in events if event.effective_on <= on][-1]
            problems.append(
                f"地块 {number} 已于 {end.effective_on} {end.kind.label}，不能在 {on} {what}"
            )
        elif later:
            named = "、".join(
                f"第 {e.event_id} 号“{e.kind.label}”（{e.effective_on}）" for e in later
            )
            problems.append(
                f"地块 {number} 在 {on} 之后还有 {named}；{what}日期应不早于 {later[-1].effective_on}"
            )
        else:
            parents.append(_Parent(parcel, state))
    return parents, problems


def _paper_problems(source_doc: str | None) -> list[str]:
    length = len(source_doc or "")
    if length <= inheritance.LONGEST_TEXT:
        return []
    return [f"依据文号有 {length} 个字符，应不超过 {inheritance.LONGEST_TEXT} 个"]


def _child_problems(snapshot: Snapshot, children: Sequence[Child]) -> Iterator[str]:
    numbers = [child.parcel_no for child in children]
    for number in sorted({number for number in numbers if numbers.count(number) > 1}):
        yield f"地块编号“{number}”用了 {numbers.count(number)} 次，应各不相同"
    for child in children:
        number = child.parcel_no
        if not number or len(number) > LONGEST_NUMBER:
            yield f"地块编号“{number}”有 {len(number)} 个字符，应为 1–{LONGEST_NUMBER} 个"
        elif any(unicodedata.category(letter) in {"Cc", "Cf"} for letter in number):
            yield f"地块编号 {number!r} 含控制字符，应去掉"
        elif snapshot.parcel(number) is not None and not _is_free(snapshot, number):
            yield f"地块编号“{number}”已在台账中，应为新编号"
        if not (math.isfinite(child.area_m2) and child.area_m2 > 0):
            yield f"地块 {number} 的面积 {child.area_m2} m² 无效，应为大于 0 的数"


def _is_free(snapshot: Snapshot, number: str) -> bool:
    """Tell whether every line of a number is void, as after an undone split."""
    lines = snapshot.events([number])
    return bool(lines) and not standing(lines)


def _difference_problems(parents: Sequence[_Parent]) -> Iterator[str]:
    shown = {
        "所在园区": {p.parcel.parcel_no: p.state.park_id or "园区外" for p in parents},
        "状态": {p.parcel.parcel_no: p.state.stage.label for p in parents},
        "停工情况": {p.parcel.parcel_no: "停工" if p.state.halted else "未停工" for p in parents},
        "土地来源": {p.parcel.parcel_no: p.parcel.origin.label for p in parents},
    }
    for what, values in shown.items():
        if len(set(values.values())) > 1:
            listed = "、".join(f"{number} {value}" for number, value in values.items())
            yield f"{what}不同（{listed}），应相同才能合并"


def _joined_outline(parents: Sequence[_Parent], child: Child) -> tuple[bytes | None, list[str]]:
    outlines = {
        parent.parcel.parcel_no: parent.parcel.geometry_wkb
        for parent in parents
        if parent.parcel.geometry_wkb is not None
    }
    own = {} if child.geometry_wkb is None else {child.parcel_no: child.geometry_wkb}
    if len(outlines) < max(2, len(parents)):
        return child.geometry_wkb, partition_problems(None, own)
    try:
        joined = united(outlines)
    except EventError as error:
        return child.geometry_wkb, [str(error)]
    return child.geometry_wkb or joined, partition_problems(joined, own)


def _fit_problems(
    parents: Sequence[_Parent], children: Sequence[Child], what: str
) -> Iterator[str]:
    """Compare areas, where there are sound ones to compare."""
    sound = children and all(math.isfinite(c.area_m2) and c.area_m2 > 0 for c in children)
    if not parents or not sound:
        return
    whole = inheritance.whole_of([parent.state for parent in parents])
    problem = inheritance.area_problem(what, whole.area_m2, children)
    if problem:
        yield problem
        return
    yield from inheritance.opening_problems(whole, children, inheritance.openings(whole, children))


def _parting(kind: EventKind, number: str, on: date, clerk: Clerk, source_doc: str | None) -> Event:
    return Event(0, number, kind, on, clerk.now, clerk.name, source_doc)


def _write(
    writer: Writer,
    parents: Sequence[_Parent],
    children: Sequence[Child],
    partings: Sequence[Event],
    came_from: str | None,
) -> Reshaped:
    whole = inheritance.whole_of([parent.state for parent in parents])
    total_m2 = math.fsum(child.area_m2 for child in children)
    parcels = [parent.parcel for parent in parents]
    entries = [inheritance.heir(parcels, child, child.area_m2 / total_m2) for child in children]
    registrations = [
        _registration(child, opening, partings[0], whole.park_id, came_from)
        for child, opening in zip(children, inheritance.openings(whole, children), strict=True)
    ]
    again = [entry for entry in entries if writer.parcel(entry.parcel_no) is not None]
    tracing.replace_entries(writer.connection, again)
    new = [entry for entry in entries if entry not in again]
    lines = [*partings, *registrations]
    ids = writer.add(new, lines)
    written = [replace(line, event_id=own) for line, own in zip(lines, ids, strict=True)]
    count = len(partings)
    return Reshaped(tuple(written[:count]), tuple(entries), tuple(written[count:]))


def _registration(
    child: Child, opening: Opening, parting: Event, park_id: str | None, came_from: str | None
) -> Event:
    return replace(
        parting,
        parcel_no=child.parcel_no,
        kind=EventKind.REGISTER,
        area_m2=child.area_m2,
        park_id=park_id,
        related_no=came_from,
        opening=opening,
    )
