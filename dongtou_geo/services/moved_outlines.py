"""The outlines of a comparison's two plates: what moved, and the pale rest around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from dongtou_geo.domain.status import Account
from dongtou_geo.metrics.movement import OUTSIDE_PARKS, Shift
from dongtou_geo.services.moved import Moved
from dongtou_geo.store import between
from dongtou_geo.store.between import Outline
from dongtou_geo.store.ledger import Ledger

# On both plates together; a browser that draws more keeps its reader waiting.
MOST_OUTLINES = 3_000


@dataclass(frozen=True, slots=True)
class Side:
    """A moved parcel on one plate: its outline, and its status as a whole in that look."""

    outline: Outline
    status: Account


@dataclass(frozen=True, slots=True)
class Pictured:
    """What both plates draw.

    Parameters
    ----------
    before, after : list of Side
        Moved parcels that were in the ledger in either look.
    still : list of Outline
        The largest of those that did not move.
    moved, drawn : int
        How many parcels moved, and how many of them are drawn: the largest.
    unmapped : int
        How many of the latter have no outline (未落图).
    """

    before: list[Side]
    after: list[Side]
    still: list[Outline]
    moved: int
    drawn: int
    unmapped: int


def pictured(
    ledger: Ledger,
    found: Moved,
    some: Sequence[Shift],
    *,
    park: str | None,
    most: int = MOST_OUTLINES,
) -> Pictured:
    """Return what the plates of a comparison draw.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    found : Moved
        The comparison.
    some : sequence of Shift
        What of it is shown.
    park : str or None
        Draw the unmoved parcels of this park only; None = of all.
    most : int
        At most so many outlines on both plates: half of them each.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    areas: dict[str, float] = {}
    for shift in some:
        for number in found.families.get(shift.parcel_no, [shift.parcel_no]):
            areas[number] = areas.get(number, 0.0) + shift.area_m2
    largest = nsmallest(most // 2, areas, key=lambda number: (-areas[number], number))
    with ledger.reading() as snapshot:
        moved = between.outlines_of(snapshot.connection, largest)
        # Some of the largest may be among the moved, which are not drawn twice.
        room = most // 2 - len(moved)
        around: list[Outline] = []
        if room > 0 and park != OUTSIDE_PARKS:
            around = between.outlines_standing(
                snapshot.connection, found.after.as_of, park, room + len(moved)
            )
    still = [each for each in around if each.parcel_no not in areas][:room]
    before, after = (
        [Side(each, status) for each in moved if (status := _status(stood, each.parcel_no))]
        for stood in found.stood
    )
    own = {shift.parcel_no for shift in some}
    drawn = own.intersection(largest)
    unmapped = drawn.difference(each.parcel_no for each in moved)
    return Pictured(before, after, still, len(own), len(drawn), len(unmapped))


def _status(
    stood: Mapping[str, Mapping[tuple[str | None, Account], float]], number: str
) -> Account | None:
    """Return the one status of a whole parcel, as ``ParcelState.status`` says it."""
    accounts = {account for _, account in stood.get(number, {})}
    if len(accounts) <= 1:
        return next(iter(accounts), None)
    if Account.IN_PRODUCTION not in accounts:
        return Account.COMPLETED
    return Account.PART_USED if Account.PART_USED in accounts else Account.IN_PRODUCTION
