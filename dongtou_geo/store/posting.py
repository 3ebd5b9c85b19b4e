"""Keeping the books: what events move is posted in the transaction that writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dongtou_geo.domain.account import ParcelState
from dongtou_geo.domain.status import Account

# Balances are whole numbers, so that adding and taking away leaves nothing behind: 1e-8 m2 each.
# A million parcels of 1 ha are 1e18 of them, within a 64-bit column.
GRAINS_PER_M2 = 10**8
# What a 64-bit column holds, less what a float leaves unsaid there.
MOST_GRAINS = 2**63 - 2**10
# Beside the accounts: land without an outline (未落图), counted once more.
UNMAPPED = "unmapped"
OUTSIDE_PARKS = ""

Key = tuple[str, str]
Deltas = dict[Key, dict[date, int]]


def post(deltas: Deltas, states: Iterable[ParcelState], sign: int, *, unmapped: bool) -> None:
    """Add what a parcel's states moved to the deltas.

    Parameters
    ----------
    deltas : dict
        Grains by (park, account) and day; added to.
    states : iterable of ParcelState
        One parcel, in order.
    sign : {-1, 1}
        -1 takes back what an earlier run posted.
    unmapped : bool
        The parcel has no outline.
    """
    before: dict[Key, int] = {}
    for state in states:
        after = holdings(state, unmapped=unmapped)
        for key in before.keys() | after.keys():
            moved = sign * (after.get(key, 0) - before.get(key, 0))
            if moved:
                day = deltas.setdefault(key, {})
                day[state.on] = day.get(state.on, 0) + moved
        before = after


def holdings(state: ParcelState, *, unmapped: bool) -> dict[Key, int]:
    """Return the grains that a parcel's state holds in each (park, account); they sum to zero.

    Parameters
    ----------
    state : ParcelState
        The state.
    unmapped : bool
        The parcel has no outline; its land is then counted once more, outside the sum.
    """
    park = state.park_id or OUTSIDE_PARKS
    held = {(park, a.value): round(m2 * GRAINS_PER_M2) for a, m2 in state.split().items()}
    land = sum(held.values())
    adjusted = round(state.adjusted_m2 * GRAINS_PER_M2)
    if unmapped:
        held[park, UNMAPPED] = land
    held[park, Account.ADJUSTMENT.value] = adjusted
    held[park, Account.OUTSIDE.value] = -land - adjusted
    return held
