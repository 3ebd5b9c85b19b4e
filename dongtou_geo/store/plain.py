"""Plain lives, many at once: registered, then stage by stage, and nothing else.

Notes
-----
``account.transitions`` says what an event does; this module says the same of the many parcels
whose story has no turns, in whole columns. Whatever is not plain is left to ``transitions``; that
both agree is tested by letting each tell every random life.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dongtou_geo.domain.account import AREA_TOLERANCE_M2, LARGEST_M2
from dongtou_geo.domain.event import STAGE_CHAIN, EventKind
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.store.columns import Days, Values
from dongtou_geo.store.moves import Ints, Moves
from dongtou_geo.store.posting import GRAINS_PER_M2, OUTSIDE_PARKS, UNMAPPED
from dongtou_geo.store.rows import FOREVER

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

# A kind travels as its place in the enumeration.
KINDS: tuple[EventKind, ...] = tuple(EventKind)
KIND_CODES: dict[EventKind, int] = {kind: code for code, kind in enumerate(KINDS)}
_REGISTER, _PRODUCE = KIND_CODES[EventKind.REGISTER], KIND_CODES[EventKind.PRODUCE]
_RANKS = np.array([kind.rank for kind in KINDS], dtype=np.int64)
# Where in the chain a kind stands, registration first; 0 = nowhere.
_STEPS = np.array([1 if kind is EventKind.REGISTER else _chain for kind in KINDS for _chain in
                   [STAGE_CHAIN.index(kind) + 2 if kind in STAGE_CHAIN else 0]])  # fmt: skip
# The status that each step leads to: of production where nothing produces yet.
_AFTER = np.array([0, *range(len(STATUSES))], dtype=np.int64)
_COMPLETED, _PRODUCING, _PART = (
    STATUSES.index(account)
    for account in (Account.COMPLETED, Account.IN_PRODUCTION, Account.PART_USED)
)
_WORDS = [account.value for account in STATUSES]
_ACCOUNTS = (*_WORDS, Account.OUTSIDE.value, UNMAPPED)
# No day lies so far before 1970.
_EPOCH = 719_163
_OUTSIDE, _UNMAPPED = len(STATUSES), len(STATUSES) + 1


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of many parcels, each parcel's together and in order of effect.

    Parameters
    ----------
    owner : ndarray of intp
        The parcel: its place among the parcels.
    kind : ndarray of int
        See ``KIND_CODES``.
    on : ndarray of datetime64[D]
        When it happened on the ground.
    area_m2 : ndarray of float
        NaN = none given.
    """

    owner: Places
    kind: NDArray[np.integer]
    on: Days
    area_m2: Floats


@dataclass(frozen=True, slots=True)
class Owners:
    """What counts of the parcels beside their lines.

    Parameters
    ----------
    park_ids : list of str or None
        The park that each was registered in.
    unmapped : ndarray of bool
        No outline.
    """

    park_ids: list[str | None]
    unmapped: Flags


@dataclass(frozen=True, slots=True)
class States:
    """Rows of ``parcel_states``, as columns; nothing of them is halted or stopped."""

    owner: Places
    from_on: Days
    until_on: Days
    since_on: Days
    status: NDArray[np.int64]
    area_m2: Floats
    producing_m2: Floats


def in_order(owner: Places, kind: NDArray[np.integer], on: Days) -> Places:
    """Return the order of effect of each parcel's lines, as ``event.standing`` has it.

    Parameters
    ----------
    owner : ndarray of intp
        The parcel of each line.
    kind : ndarray of int
        See ``KIND_CODES``; of unknown kinds the order does not matter.
    on : ndarray of datetime64[D]
        Day.

    Returns
    -------
    ndarray of intp
        Places; lines of one kind and day stay in the order given.
    """
    # Parcels, days and ranks are far fewer than fit into one number.
    moment = ((owner.astype(np.int64) << 24) + on.astype(np.int64) + _EPOCH) * len(KINDS)
    moment += _RANKS[kind]
    if bool((moment[1:] >= moment[:-1]).all()):
        return np.arange(len(owner))
    order: Places = np.argsort(moment, kind="stable")
    return order


def plain_owners(lines: Lines, count: int) -> Flags:
    """Tell which parcels have led a plain life.

    Parameters
    ----------
    lines : Lines
        Of all parcels.
    count : int
        How many parcels.

    Returns
    -------
    ndarray of bool
        False also for what does not fit together: ``transitions`` says what is wrong there.
    """
    if not count:
        return np.zeros(0, dtype=bool)
    first = _first_of_each(lines.owner)
    step = _STEPS[lines.kind]
    odd = step == 0
    odd[1:] |= ~first[1:] & (step[1:] <= step[:-1])
    odd |= first != (lines.kind == _REGISTER)
    whole_m2 = lines.area_m2[_latest(first)]
    with np.errstate(invalid="ignore"):
        odd |= first & ~((lines.area_m2 > 0) & (lines.area_m2 <= LARGEST_M2))
        part = (lines.area_m2 >= 0) & (lines.area_m2 <= whole_m2 + AREA_TOLERANCE_M2)
    odd |= (lines.kind == _PRODUCE) & ~part & ~np.isnan(lines.area_m2)
    return np.asarray(np.bincount(lines.owner[odd], minlength=count) == 0)


def select(lines: Lines, owners: Owners, some: Flags) -> tuple[Lines, Owners]:
    """Return some parcels alone, counted anew.

    Parameters
    ----------
    lines : Lines
        Of all parcels.
    owners : Owners
        All parcels.
    some : ndarray of bool
        Which parcels.
    """
    if some.all():
        return lines, owners
    mine = some[lines.owner]
    place = np.cumsum(some) - 1
    chosen = Lines(place[lines.owner[mine]], lines.kind[mine], lines.on[mine], lines.area_m2[mine])
    parks = [park for park, own in zip(owners.park_ids, some.tolist(), strict=True) if own]
    return chosen, Owners(parks, owners.unmapped[some])


def states_of(lines: Lines) -> States:
    """Return the states of parcels that have led a plain life.

    Parameters
    ----------
    lines : Lines
        Of such parcels only.
    """
    owner = lines.owner
    first = _first_of_each(owner)
    area_m2 = lines.area_m2[_latest(first)]
    producing_m2 = _producing_m2(lines, area_m2)
    status = _AFTER[_STEPS[lines.kind]]
    produces = producing_m2 > 0
    rest = area_m2 - producing_m2 > _tolerance(area_m2)
    status = np.where(lines.kind == _PRODUCE, _COMPLETED, status)
    status = np.where(produces, np.where(rest, _PART, _PRODUCING), status)
    changed = first.copy()
    changed[1:] |= status[1:] != status[:-1]
    since = lines.on[_latest(changed)]
    # Of several on one day the last counts.
    last = np.ones(len(owner), dtype=bool)
    last[:-1] = (owner[1:] != owner[:-1]) | (lines.on[1:] != lines.on[:-1])
    owner, from_on = owner[last], lines.on[last]
    until = np.full(len(owner), np.datetime64(FOREVER, "D"))
    follows = owner[1:] == owner[:-1]
    until[:-1][follows] = from_on[1:][follows]
    return States(
        owner, from_on, until, since[last], status[last], area_m2[last], producing_m2[last]
    )


def state_columns(states: States, owners: Owners, numbers: list[str]) -> dict[str, Values]:
    """Return states as columns of ``parcel_states``.

    Parameters
    ----------
    states : States
        Of plain lives.
    owners : Owners
        Their parcels.
    numbers : list of str
        The parcels' numbers.
    """
    owner = states.owner.tolist()
    return {
        "parcel_no": [numbers[place] for place in owner],
        "from_on": states.from_on,
        "until_on": states.until_on,
        "since_on": states.since_on,
        "park_id": [owners.park_ids[place] for place in owner],
        "status": [_WORDS[code] for code in states.status.tolist()],
        "area_m2": states.area_m2,
        "producing_m2": states.producing_m2,
        "stopped_m2": 0.0,
        "halted": False,
    }


def post_plain(moves: Moves, states: States, owners: Owners, sign: int) -> None:
    """Add what plain lives moved, as ``posting.post`` does.

    Parameters
    ----------
    moves : Moves
        Added to.
    states : States
        All states of the parcels.
    owners : Owners
        The parcels.
    sign : {-1, 1}
        -1 takes back what an earlier run posted.
    """
    parks = [park or OUTSIDE_PARKS for park in owners.park_ids]
    names, park = np.unique(np.array(parks, dtype=object), return_inverse=True)
    park = park[states.owner].astype(np.int64)
    shown, shown_grains, rest_grains = _grains(states)
    land = shown_grains + rest_grains
    day, until = states.from_on.astype(np.int64), states.until_on.astype(np.int64)
    follows = np.zeros(len(day), dtype=bool)
    follows[:-1] = states.owner[1:] == states.owner[:-1]
    entered = land.copy()
    entered[1:][follows[:-1]] -= land[:-1][follows[:-1]]
    bare = owners.unmapped[states.owner]
    keys = [(str(name), account) for name in names for account in _ACCOUNTS]
    for chosen, account, when, grains in (
        (slice(None), shown, day, shown_grains),
        (follows, shown, until, -shown_grains),
        (rest_grains != 0, np.int64(_PART), day, rest_grains),
        (follows & (rest_grains != 0), np.int64(_PART), until, -rest_grains),
        (entered != 0, np.int64(_OUTSIDE), day, -entered),
        (bare & (entered != 0), np.int64(_UNMAPPED), day, entered),
    ):
        key = (park * len(_ACCOUNTS) + account)[chosen]
        moves.add(keys, key, when[chosen], sign * grains[chosen])


def _latest(flags: Flags) -> Places:
    """Return of each place the last one up to it that has the flag."""
    latest: Places = np.maximum.accumulate(np.where(flags, np.arange(len(flags)), 0))
    return latest


def _first_of_each(owner: Places) -> Flags:
    first = np.ones(len(owner), dtype=bool)
    first[1:] = owner[1:] != owner[:-1]
    return first


def _producing_m2(lines: Lines, area_m2: Floats) -> Floats:
    """Return what produces from each line on: production comes last in a plain life."""
    produce = lines.kind == _PRODUCE
    part_m2 = np.where(np.isnan(lines.area_m2), area_m2, lines.area_m2)
    tolerance_m2 = _tolerance(area_m2)
    snapped = np.where(part_m2 > tolerance_m2, part_m2, 0.0)
    snapped = np.where(part_m2 >= area_m2 - tolerance_m2, area_m2, snapped)
    return np.where(produce, snapped, 0.0)


def _tolerance(whole_m2: Floats) -> Floats:
    return np.minimum(AREA_TOLERANCE_M2, whole_m2 / 100)


def _grains(states: States) -> tuple[NDArray[np.int64], Ints, Ints]:
    """Return the account of each state's larger part, its grains, and those of the rest."""
    produces = states.producing_m2 > 0
    rest_m2 = states.area_m2 - states.producing_m2
    waits = states.status == _PART
    # A sliver of drawing error is no land that waits: it follows what produces.
    producing_m2 = np.where(waits, states.producing_m2, states.producing_m2 + rest_m2)
    shown_m2 = np.where(produces, producing_m2, states.area_m2)
    account = np.where(produces, _PRODUCING, states.status)
    return account, _rounded(shown_m2), np.where(waits, _rounded(rest_m2), 0)


def _rounded(m2: Floats) -> Ints:
    return np.rint(m2 * GRAINS_PER_M2).astype(np.int64)
