"""Many new parcels at once: columns in, no object an event, the same rows as one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select, text

from dongtou_geo.domain.account import transitions
from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.event import Event, EventKind, standing
from dongtou_geo.domain.parcel import AreaBasis
from dongtou_geo.errors import EventError
from dongtou_geo.store import books, plain, posting, schema
from dongtou_geo.store.columns import Days, Values, insert_columns
from dongtou_geo.store.loading import insert_rows
from dongtou_geo.store.moves import Moves
from dongtou_geo.store.plain import KIND_CODES, KINDS, Flags, Floats, Lines, Owners, Places
from dongtou_geo.store.rows import state_rows

__all__ = ["KINDS", "KIND_CODES", "NewLives", "add_lives"]

PARCELS_AT_A_TIME = 10_000
# From so many lines on a file is prepared for them.
_MANY = 5_000
# So much of the file SQLite may keep at hand while it is filled.
_CACHE_KIB = 256 * 1024
_FILLED = (
    schema.parcels, schema.events, schema.parcel_states,
    schema.balance_days, schema.balance_months,
)  # fmt: skip
_FIRST, _LAST = np.datetime64(date.min), np.datetime64(date.max)
_KIND_WORDS = np.array([kind.value for kind in KINDS], dtype=object)


@dataclass(frozen=True, slots=True)
class NewLives:
    """New parcels with their whole stories, as columns.

    Parameters
    ----------
    parcel_nos : sequence of str
        Numbers that the register does not have.
    register : mapping of str to values
        The other fields of ``Parcel`` by name, one value a parcel or one for all: ``origin`` and
        ``area_basis`` always, others where there are any. Days as datetime64[D] or dates, numbers
        as float64 (NaN = none) or numbers, text and WKB as lists; None = none.
    registered_on : ndarray of datetime64[D]
        From which day each parcel is alive.
    area_m2 : ndarray of float
        The area that each counts with, m2.
    park_ids : sequence of str or None
        The park of each; None = 园区外.
    event_parcel : ndarray of intp
        Of each event beside the registrations: which parcel, by its place in ``parcel_nos``.
    event_kind : ndarray of int
        What happened, see ``KIND_CODES``.
    event_on : ndarray of datetime64[D]
        When.
    event_area_m2 : ndarray of float
        As ``Event.area_m2``; NaN = None.
    recorded_at, recorded_by
        Of all lines.
    import_id : str or None
        Of all lines.
    event_docs : sequence of str or None, optional
        The paper of each event.
    registration_docs : sequence of str or None, optional
        The paper of each registration.
    event_month_only : ndarray of bool, optional
        Of which events only the month is known.

    Notes
    -----
    Lines are numbered parcel by parcel: the registration, then its events as they are given.
    """

    parcel_nos: Sequence[str]
    register: Mapping[str, Values]
    registered_on: Days
    area_m2: Floats
    park_ids: Sequence[str | None]
    event_parcel: Places
    event_kind: NDArray[np.integer[Any]]
    event_on: Days
    event_area_m2: Floats
    recorded_at: datetime
    recorded_by: str
    import_id: str | None = None
    event_docs: Sequence[str | None] | None = None
    registration_docs: Sequence[str | None] | None = None
    event_month_only: Flags | None = None


@dataclass(frozen=True, slots=True)
class _Portion:
    """The lines of some of the parcels, in the order in which they are numbered."""

    numbers: list[str]
    owners: Owners
    first_id: int
    lines: Lines
    docs: list[str | None] | None
    registers: Flags
    own: Places


def add_lives(connection: Connection, lives: NewLives) -> int:
    """Write new parcels and their events, and keep the books.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    lives : NewLives
        The parcels.

    Returns
    -------
    int
        How many events were written.

    Raises
    ------
    EventError
        If a parcel's events do not fit together; the transaction must then be rolled back.
    LedgerError
        If the land is more than a ledger can hold; likewise.
    """
    count = len(lives.parcel_nos)
    _refuse_undated(lives)
    # Each parcel's events together; those of one parcel stay as they are given.
    given, owner = np.arange(len(lives.event_parcel)), lives.event_parcel
    if bool((owner[1:] < owner[:-1]).any()):
        given = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[given], np.arange(count + 1))
    last_id = connection.execute(select(func.max(schema.events.c.event_id))).scalar() or 0
    moves, written = Moves(), 0
    with _filling(connection, count + len(given)):
        for start in range(0, count, PARCELS_AT_A_TIME):
            some = slice(start, min(start + PARCELS_AT_A_TIME, count))
            own = given[bounds[some.start] : bounds[some.stop]]
            portion = _portion(lives, some, own, last_id + written + 1)
            _write_parcels(connection, lives, some)
            _write_events(connection, lives, portion)
            _write_states(connection, lives, portion, moves)
            written += len(portion.registers)
        books.write(connection, moves)
    return written


def _refuse_undated(lives: NewLives) -> None:
    places = (np.arange(len(lives.parcel_nos)), lives.event_parcel)
    for days, place in zip((lives.registered_on, lives.event_on), places, strict=True):
        bad = np.flatnonzero(~((days >= _FIRST) & (days <= _LAST)))  # NaT is in no order
        if len(bad):
            number = lives.parcel_nos[place[bad[0]]]
            msg = f"地块 {number} 有记录没有日期，或日期 {days[bad[0]]} 无效，应为公历年月日"
            raise EventError(msg)


def _portion(lives: NewLives, some: slice, own: Places, first_id: int) -> _Portion:
    count = some.stop - some.start
    lengths = 1 + np.bincount(lives.event_parcel[own] - some.start, minlength=count)
    registers = np.zeros(int(lengths.sum()), dtype=bool)
    registers[np.cumsum(lengths) - lengths] = True

    def merged(of_parcel: Any, of_event: Any, dtype: Any) -> NDArray[Any]:
        values = np.empty(len(registers), dtype=dtype)
        values[registers], values[~registers] = of_parcel, of_event
        return values

    lines = Lines(
        np.repeat(np.arange(count), lengths),
        merged(KIND_CODES[EventKind.REGISTER], lives.event_kind[own], np.int64),
        merged(lives.registered_on[some], lives.event_on[own], "datetime64[D]"),
        merged(lives.area_m2[some], lives.event_area_m2[own], np.float64),
    )
    docs = None
    if lives.event_docs is not None or lives.registration_docs is not None:
        of_parcel, of_event = lives.registration_docs, lives.event_docs
        papers = None if of_event is None else np.array(of_event, dtype=object)[own]
        docs = merged(None if of_parcel is None else list(of_parcel[some]), papers, object).tolist()
    bare = [word == AreaBasis.LEDGER for word in _some(lives.register["area_basis"], some)]
    owners = Owners(list(lives.park_ids[some]), np.array(bare, dtype=bool))
    return _Portion(list(lives.parcel_nos[some]), owners, first_id, lines, docs, registers, own)


def _some(values: Values, some: slice) -> Sequence[Any]:
    """Return some of a column's values, one a parcel."""
    if isinstance(values, list | tuple | np.ndarray):
        return list(values[some])
    return [values] * (some.stop - some.start)


def _write_parcels(connection: Connection, lives: NewLives, some: slice) -> None:
    columns: dict[str, Values] = {"parcel_no": list(lives.parcel_nos[some])}
    for name, values in lives.register.items():
        many = isinstance(values, list | tuple | np.ndarray)
        columns[name] = values[some] if many else values
    for name in ("origin", "area_basis"):  # words of an enumeration, as the table has them
        columns[name] = [str(word) for word in _some(lives.register[name], some)]
    insert_columns(connection, schema.parcels, columns, some.stop - some.start)


def _write_events(connection: Connection, lives: NewLives, portion: _Portion) -> None:
    lines = portion.lines
    owner, count = lines.owner.tolist(), len(lines.owner)
    parks = np.full(count, None, dtype=object)
    parks[portion.registers] = portion.owners.park_ids
    columns: dict[str, Values] = {
        "event_id": np.arange(portion.first_id, portion.first_id + count),
        "parcel_no": [portion.numbers[place] for place in owner],
        "kind": _KIND_WORDS[lines.kind].tolist(),
        "effective_on": lines.on,
        "recorded_at": lives.recorded_at,
        "recorded_by": lives.recorded_by,
        "source_doc": portion.docs,
        "area_m2": lines.area_m2,
        "park_id": parks.tolist(),
        "import_id": lives.import_id,
    }
    if lives.event_month_only is not None and lives.event_month_only.any():
        rough = np.full(count, None, dtype=object)
        flags = lives.event_month_only[portion.own].tolist()
        rough[~portion.registers] = [flag or None for flag in flags]
        columns["month_only"] = rough.tolist()
    insert_columns(connection, schema.events, columns, count)


def _write_states(connection: Connection, lives: NewLives, portion: _Portion, moves: Moves) -> None:
    count, given = len(portion.numbers), portion.lines
    order = plain.in_order(given.owner, given.kind, given.on)
    lines = Lines(given.owner[order], given.kind[order], given.on[order], given.area_m2[order])
    is_plain = plain.plain_owners(lines, count)
    _write_odd(connection, lives, portion, ~is_plain, moves)
    lines, owners = plain.select(lines, portion.owners, is_plain)
    numbers = [no for no, own in zip(portion.numbers, is_plain.tolist(), strict=True) if own]
    states = plain.states_of(lines)
    plain.post_plain(moves, states, owners, 1)
    columns = plain.state_columns(states, owners, numbers)
    insert_columns(connection, schema.parcel_states, columns, len(states.owner))


def _write_odd(
    connection: Connection, lives: NewLives, portion: _Portion, odd: Flags, moves: Moves
) -> None:
    """Write the states of lives with turns, one by one."""
    deltas: posting.Deltas = {}
    rows: list[dict[str, object]] = []
    events = standing(_events(lives, portion, np.flatnonzero(odd[portion.lines.owner])))
    bare = dict(zip(portion.numbers, portion.owners.unmapped.tolist(), strict=True))
    for number, own in events_by_parcel(events).items():
        states = list(transitions(own))
        posting.post(deltas, states, 1, unmapped=bare[number])
        rows += state_rows(states)
    moves.add_deltas(deltas)
    insert_rows(connection, schema.parcel_states, rows)


def _events(lives: NewLives, portion: _Portion, places: Places) -> Iterator[Event]:
    lines = portion.lines
    for place in places.tolist():
        owner, area_m2 = int(lines.owner[place]), float(lines.area_m2[place])
        yield Event(
            event_id=portion.first_id + place,
            parcel_no=portion.numbers[owner],
            kind=KINDS[lines.kind[place]],
            effective_on=lines.on[place].item(),
            recorded_at=lives.recorded_at,
            recorded_by=lives.recorded_by,
            source_doc=portion.docs[place] if portion.docs else None,
            area_m2=None if np.isnan(area_m2) else area_m2,
            park_id=portion.owners.park_ids[owner] if portion.registers[place] else None,
            import_id=lives.import_id,
        )


@contextmanager
def _filling(connection: Connection, lines: int) -> Iterator[None]:
    """Have a database take many events quickly, and look them up quickly afterwards.

    In a file the guard that looks each id up before it is taken is put aside: these ids are new.
    Nobody else sees or writes the ledger meanwhile, and an error rolls that back as well.
    PostgreSQL is told at once how much there is now, instead of finding out some time later.
    """
    if lines < _MANY:
        yield
    elif connection.dialect.name == "postgresql":
        yield
        names = ", ".join(table.name for table in _FILLED)
        connection.exec_driver_sql(f"ANALYZE {names}")
    else:
        yield from _unguarded(connection)


def _unguarded(connection: Connection) -> Iterator[None]:
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
    guard = "events_no_insert"
    there = text("SELECT 1 FROM sqlite_master WHERE name = :name")
    guarded = connection.execute(there, {"name": guard}).scalar()
    if guarded:
        connection.execute(text(f"DROP TRIGGER {guard}"))
    yield
    if guarded:
        connection.exec_driver_sql(schema.SQLITE_TRIGGERS[guard])
