"""The lives that a ledger holds, run once more: plain ones in columns, the others one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select, type_coerce
from sqlalchemy.types import NullType

from dongtou_geo.domain.account import transitions
from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.event import EventKind, standing
from dongtou_geo.domain.parcel import AreaBasis
from dongtou_geo.store import plain, posting, schema
from dongtou_geo.store.columns import days_of, insert_columns
from dongtou_geo.store.loading import insert_rows
from dongtou_geo.store.moves import Ints, Moves
from dongtou_geo.store.plain import KIND_CODES, Flags, Lines, Owners, Places
from dongtou_geo.store.reading import events_of, portions
from dongtou_geo.store.rows import state_rows

PARCELS_AT_A_TIME = 50_000
_REGISTER, _VOID = KIND_CODES[EventKind.REGISTER], KIND_CODES[EventKind.VOID]
_CODES = {kind.value: code for kind, code in KIND_CODES.items()}
_UNKNOWN, _NOTHING = -1, -1
_P, _E = schema.parcels, schema.events
_ENTRIES = select(_P.c.parcel_no, _P.c.area_basis).order_by(_P.c.parcel_no)
_LINES = select(
    _E.c.parcel_no, _E.c.event_id, _E.c.kind, type_coerce(_E.c.effective_on, NullType()),
    _E.c.area_m2, _E.c.park_id, _E.c.supersedes, _E.c.open_stage,
).order_by(_E.c.parcel_no, _E.c.event_id)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Portion:
    """Some parcels of a ledger and what happened to them.

    Parameters
    ----------
    numbers : list of str
        The parcels, in order.
    owners : Owners
        What counts of them beside their lines.
    lines : Lines
        The lines that stand, of those that have led a plain life; by their place in ``numbers``.
    odd : list of str
        The others.
    after : str or None
        The last parcel of the portion before.
    """

    numbers: list[str]
    owners: Owners
    lines: Lines
    odd: list[str]
    after: str | None = None

    @property
    def unmapped(self) -> set[str]:
        """Return the numbers of parcels without an outline."""
        flags = self.owners.unmapped.tolist()
        return {number for number, bare in zip(self.numbers, flags, strict=True) if bare}


def portions_of(connection: Connection) -> Iterator[Portion]:
    """Read all parcels, some at a time.

    Parameters
    ----------
    connection : Connection
        Any transaction.

    Yields
    ------
    Portion
        In the order of their numbers.
    """
    query, after = _ENTRIES.limit(PARCELS_AT_A_TIME), None
    rows = connection.execute(query).all()
    while rows:
        own = _LINES.where(_E.c.parcel_no.between(rows[0].parcel_no, rows[-1].parcel_no))
        yield replace(_portion(rows, connection.execute(own).all()), after=after)
        after = rows[-1].parcel_no
        rows = connection.execute(query.where(_P.c.parcel_no > after)).all()


def post_stored(
    connection: Connection,
    numbers: Sequence[str],
    moves: Moves,
    sign: int,
    *,
    with_states: bool = False,
) -> None:
    """Post what the lines of some parcels moved.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    numbers : sequence of str
        The parcels.
    moves : Moves
        Added to.
    sign : {-1, 1}
        -1 takes back what was posted before.
    with_states : bool
        Write the parcels' states, too; there are none yet.

    Raises
    ------
    EventError
        If a parcel's events do not fit together.
    """
    for some in portions(numbers):
        rows = connection.execute(_ENTRIES.where(_P.c.parcel_no.in_(some))).all()
        if rows:
            lines = connection.execute(_LINES.where(_E.c.parcel_no.in_(some))).all()
            post(connection, _portion(rows, lines), moves, sign, with_states=with_states)


def post(
    connection: Connection, portion: Portion, moves: Moves, sign: int, *, with_states: bool
) -> None:
    """Post what the lines of a portion moved.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    portion : Portion
        The parcels.
    moves : Moves
        Added to.
    sign : {-1, 1}
        -1 takes back what was posted before.
    with_states : bool
        Write the parcels' states, too; there are none yet.

    Raises
    ------
    EventError
        If a parcel's events do not fit together.
    """
    states = plain.states_of(portion.lines)
    plain.post_plain(moves, states, portion.owners, sign)
    deltas: posting.Deltas = {}
    rows: list[dict[str, object]] = []
    unmapped = portion.unmapped if portion.odd else set()
    lives = events_by_parcel(standing(events_of(connection, portion.odd)))
    for number, own in lives.items():
        turns = list(transitions(own))
        posting.post(deltas, turns, sign, unmapped=number in unmapped)
        rows += state_rows(turns)
    moves.add_deltas(deltas)
    if with_states:
        columns = plain.state_columns(states, portion.owners, portion.numbers)
        insert_columns(connection, schema.parcel_states, columns, len(states.owner))
        insert_rows(connection, schema.parcel_states, rows)


def _portion(entries: Sequence[Row[*tuple[Any, ...]]], rows: Sequence[Row[Any]]) -> Portion:
    numbers, bases = (list(column) for column in zip(*entries, strict=True))
    bare = np.array([basis == AreaBasis.LEDGER.value for basis in bases], dtype=bool)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_LINES.selected_columns)
    place = {number: own for own, number in enumerate(numbers)}
    owner = np.array([place[number] for number in columns[0]], dtype=np.intp)
    kind = np.array([_CODES.get(word, _UNKNOWN) for word in columns[2]], dtype=np.int64)
    area_m2, parks = np.array(columns[4], dtype=np.float64), np.array(columns[5], dtype=object)
    try:
        on = days_of(columns[3])
    except ValueError:  # whoever reads these one by one finds out which
        none = Lines(owner[:0], kind[:0], np.zeros(0, "M8[D]"), area_m2[:0])
        return Portion(numbers, Owners([None] * len(numbers), bare), none, numbers)
    odd = (kind == _UNKNOWN) | np.array([stage is not None for stage in columns[7]], dtype=bool)
    stands = np.ones(len(owner), dtype=bool)
    if any(number is not None for number in columns[6]):
        targets = [_NOTHING if number is None else number for number in columns[6]]
        stands, crossed = _standing(owner, kind, np.array(columns[1]), np.array(targets))
        odd |= crossed
    is_plain = np.bincount(owner[odd], minlength=len(numbers)) == 0
    mine = is_plain[owner] & stands
    registers = mine & (kind == _REGISTER)
    own_parks = np.full(len(numbers), None, dtype=object)
    own_parks[owner[registers]] = parks[registers]
    lines = Lines(owner[mine], kind[mine], on[mine], area_m2[mine])
    return _sorted_out(numbers, Owners(own_parks.tolist(), bare), lines, is_plain)


def _standing(owner: Places, kind: Ints, number: Ints, target: Ints) -> tuple[Flags, Flags]:
    """Return which lines stand where corrections are simple, and which lines are not so simple."""
    names = target != _NOTHING
    order = np.argsort(number)
    place = np.searchsorted(number[order], target[names])
    inside = place < len(number)
    aimed = order[np.where(inside, place, 0)]
    source = np.flatnonzero(names)
    inside &= (number[aimed] == target[names]) & (owner[aimed] == owner[source])
    inside &= aimed < source
    crossed = np.zeros(len(owner), dtype=bool)
    crossed[source[~inside]] = True  # a line of elsewhere, which cannot be
    times = np.bincount(aimed[inside], minlength=len(owner))
    # A line that is aimed at twice, or is itself a correction, needs to be thought about.
    crossed |= (times > 1) | ((times > 0) & names)
    return (times == 0) & (kind != _VOID), crossed


def _sorted_out(numbers: list[str], owners: Owners, lines: Lines, is_plain: Flags) -> Portion:
    order = plain.in_order(lines.owner, lines.kind, lines.on)
    lines = Lines(lines.owner[order], lines.kind[order], lines.on[order], lines.area_m2[order])
    is_plain = is_plain & plain.plain_owners(lines, len(numbers))
    mine = is_plain[lines.owner]
    own = Lines(lines.owner[mine], lines.kind[mine], lines.on[mine], lines.area_m2[mine])
    left = [number for number, even in zip(numbers, is_plain.tolist(), strict=True) if not even]
    return Portion(numbers, owners, own, left)
