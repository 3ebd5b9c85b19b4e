"""Land that stands elsewhere in a second look, parcel by parcel, and its sums by status."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dongtou_geo.domain.event import Event
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.metrics.flow import Lot, flows

ALL, OUTSIDE_PARKS = "all", "outside"
# Where land comes from or goes that stays in the ledger: another park, or none.
ELSEWHERE = "elsewhere"
Split = Mapping[tuple[str | None, Account], float]
_ORDER = {word: place for place, word in enumerate([*STATUSES, ELSEWHERE, Account.OUTSIDE])}
_DUST_M2 = 1e-4


class Shift(NamedTuple):
    """Land of one parcel that stands elsewhere in the second look.

    Parameters
    ----------
    parcel_no : str
        The parcel; one that left the ledger under its old number.
    came_from : str or None
        Its parent, where it was split from or merged with others between the looks.
    park_before, park_id : str or None
        Its park in either look; None = 园区外.
    before, after : Account
        From which account to which; ``OUTSIDE`` = not in the ledger.
    area_m2 : float
        How much.
    """

    parcel_no: str
    came_from: str | None
    park_before: str | None
    park_id: str | None
    before: Account
    after: Account
    area_m2: float


@dataclass(frozen=True, slots=True)
class Part:
    """Land that moved one way, m2, and on how many parcels."""

    area_m2: float
    parcels: int


def shifts(
    before: Mapping[str, Split], after: Mapping[str, Split], kin: Iterable[tuple[str, str]]
) -> list[Shift]:
    """Lay two looks at some parcels side by side.

    Parameters
    ----------
    before, after : mapping of str to mapping of (park id, Account) to float
        What each holds in either look, m2; one that is missing holds nothing.
    kin : iterable of (str, str)
        Parcels that a split or merge between the looks makes one.

    Returns
    -------
    list of Shift
        By park (园区外 last) and number; land that stayed is left out.
    """
    found: list[Shift] = []
    nothing: Split = {}
    numbers = {**dict.fromkeys(before), **dict.fromkeys(after)}
    families = families_of(kin, numbers)
    for number in numbers:
        if number in families:
            continue
        one, other = before.get(number, nothing), after.get(number, nothing)
        if len(one) <= 1 and len(other) <= 1:
            found += _plain(number, one, other)
        else:
            found += _laid([number], before, after)
    for family in {id(own): own for own in families.values()}.values():
        found += _laid(family, before, after)
    return sorted(found, key=lambda s: (s.park_id is None, s.park_id or "", s.parcel_no))


def families_of(kin: Iterable[tuple[str, str]], numbers: Collection[str]) -> dict[str, list[str]]:
    """Group parcels that splits and merges make one.

    Parameters
    ----------
    kin : iterable of (str, str)
        Two numbers each.
    numbers : collection of str
        Pairs of which one is not among these are left out.

    Returns
    -------
    dict of str to list of str
        The whole family by each member's number.
    """
    group: dict[str, list[str]] = {}
    for one, other in kin:
        if one not in numbers or other not in numbers or one == other:
            continue
        own, others = group.get(one, [one]), group.get(other, [other])
        if own is not others:
            joined = own + others
            group.update(dict.fromkeys(joined, joined))
    return group


def way(shift: Shift, scope: str) -> tuple[str, str] | None:
    """Name from which account to which land moved, as a place sees it.

    Parameters
    ----------
    shift : Shift
        The land.
    scope : str
        A park's id, ``OUTSIDE_PARKS`` (land in no park), or ``ALL`` (all parks together).

    Returns
    -------
    (str, str) or None
        Accounts, or ``ELSEWHERE`` for land that the place takes over from another or leaves to
        it; None where the place has no part in it, or nothing of it changes there.
    """
    here = shift.before is not Account.OUTSIDE and _lies(shift.park_before, scope)
    there = shift.after is not Account.OUTSIDE and _lies(shift.park_id, scope)
    if not (here or there) or (here and there and shift.before is shift.after):
        return None
    source = shift.before if here or shift.before is Account.OUTSIDE else ELSEWHERE
    sink = shift.after if there or shift.after is Account.OUTSIDE else ELSEWHERE
    return source, sink


def _lies(park_id: str | None, scope: str) -> bool:
    if scope == ALL:
        return park_id is not None
    return park_id == (None if scope == OUTSIDE_PARKS else scope)


def parts(found: Iterable[Shift], scope: str) -> dict[tuple[str, str], Part]:
    """Sum what moved by where from and where to, in the pipeline's order.

    Parameters
    ----------
    found : iterable of Shift
        What moved.
    scope : str
        As for ``way``.
    """
    areas: dict[tuple[str, str], list[float]] = {}
    numbers: dict[tuple[str, str], set[str]] = {}
    for shift in found:
        key = way(shift, scope)
        if key is not None:
            areas.setdefault(key, []).append(shift.area_m2)
            numbers.setdefault(key, set()).add(shift.parcel_no)
    ordered = sorted(areas, key=lambda key: (_ORDER[key[0]], _ORDER[key[1]]))
    return {key: Part(math.fsum(areas[key]), len(numbers[key])) for key in ordered}


def kin_of(lines: Iterable[Event]) -> list[tuple[str, str]]:
    """Name the parcels that lines of splits and merges make one.

    Parameters
    ----------
    lines : iterable of Event
        Lines by which two looks differ.
    """
    return [(e.parcel_no, e.related_no) for e in lines if e.related_no is not None]


def _plain(number: str, one: Split, other: Split) -> list[Shift]:
    """Lay one lot against one, as ``flows`` would."""
    source, here = next(iter(one.items()), (None, 0.0))
    sink, there = next(iter(other.items()), (None, 0.0))
    found = []
    stays = min(here, there)
    if source is not None and sink is not None and source != sink and stays > _DUST_M2:
        found.append(Shift(number, None, source[0], sink[0], source[1], sink[1], stays))
    if source is not None and here - stays > _DUST_M2:
        gone = here - stays
        found.append(Shift(number, None, source[0], source[0], source[1], Account.OUTSIDE, gone))
    if sink is not None and there - stays > _DUST_M2:
        come = there - stays
        found.append(Shift(number, None, sink[0], sink[0], Account.OUTSIDE, sink[1], come))
    return found


def _laid(
    family: Sequence[str], before: Mapping[str, Split], after: Mapping[str, Split]
) -> list[Shift]:
    lots = [
        [Lot(no, *key, m2) for no in family for key, m2 in side.get(no, {}).items()]
        for side in (before, after)
    ]
    found = []
    for flow in flows(*lots):
        if flow.is_still:
            continue
        own = flow.sink or flow.source
        assert own is not None
        source = flow.source or own
        parent = source.parcel_no if source.parcel_no != own.parcel_no else None
        found.append(
            Shift(
                own.parcel_no,
                parent,
                source.park_id,
                own.park_id,
                flow.source.account if flow.source else Account.OUTSIDE,
                flow.sink.account if flow.sink else Account.OUTSIDE,
                flow.area_m2,
            )
        )
    return found
