"""Do the derived tables say what the events say: every parcel is run once more and compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, select, text, type_coerce
from sqlalchemy.types import NullType

from dongtou_geo.domain.account import transitions
from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.event import Event, standing
from dongtou_geo.domain.problem import Problem
from dongtou_geo.errors import EventError, LedgerError
from dongtou_geo.store import books, plain, posting, replaying, schema
from dongtou_geo.store.columns import day_texts
from dongtou_geo.store.findings import found
from dongtou_geo.store.moves import Ints, Moves, Summed
from dongtou_geo.store.reading import events_of
from dongtou_geo.store.replaying import Portion
from dongtou_geo.store.rows import state_rows

_UNBALANCED = text(f"""
    SELECT park_id, day, SUM(grains) AS grains FROM balance_days
    WHERE account <> '{posting.UNMAPPED}' GROUP BY park_id, day HAVING SUM(grains) <> 0
    ORDER BY park_id, day
""")  # noqa: S608 # a constant of ours

BookKey = tuple[str, str, date]
StateRow = tuple[Any, ...]
_STATE_COLUMNS = schema.parcel_states.c.keys()


@dataclass(slots=True)
class _Replay:
    """What the events give when every parcel is run once more."""

    moves: Moves = field(default_factory=Moves)
    whole: bool = True


def book_problems(connection: Connection) -> Iterator[Problem]:
    """Compare states and balances with what the events give.

    Parameters
    ----------
    connection : Connection
        A reading transaction.

    Yields
    ------
    Problem
        Of the parcels in the order of their numbers, then of the books.
    """
    replay, last = _Replay(), None
    for portion in replaying.portions_of(connection):
        yield from _parcels(connection, portion, replay)
        last = portion.numbers[-1]
    yield from _state_problems(_stored_states(connection, last, None), [], set())
    yield from _unbalanced(connection)
    if replay.whole:
        yield from _books(connection, replay.moves.summed())


# States


def _parcels(connection: Connection, portion: Portion, replay: _Replay) -> Iterator[Problem]:
    as_text = connection.dialect.name == "sqlite"
    expected, unreadable = _plain_rows(portion, replay, as_text=as_text), set[str]()
    for own in _odd_rows(connection, portion, replay):
        if isinstance(own, Problem):
            replay.whole = False
            unreadable.add(own.feature or "")
            yield own
        else:
            expected += [tuple(map(_day_text, row)) for row in own] if as_text else own
    expected.sort(key=lambda row: row[:2])
    stored = _stored_states(connection, portion.after, portion.numbers[-1])
    if expected != stored:
        yield from _state_problems(stored, expected, unreadable)


def _state_problems(
    stored: Iterable[StateRow], expected: Iterable[StateRow], unreadable: set[str]
) -> Iterator[Problem]:
    kept, wanted = _by_parcel(stored), _by_parcel(expected)
    for number in sorted((kept.keys() | wanted.keys()) - unreadable):
        if kept.get(number) != wanted.get(number):
            message = f"地块 {number} 的状态表与其记录不符"
            yield found("state_differs", message, feature=number)


def _plain_rows(portion: Portion, replay: _Replay, *, as_text: bool) -> list[StateRow]:
    states = plain.states_of(portion.lines)
    plain.post_plain(replay.moves, states, portion.owners, 1)
    columns = plain.state_columns(states, portion.owners, portion.numbers)
    count = len(states.owner)

    def listed(values: Any) -> list[Any]:
        if isinstance(values, list):
            return values
        if not isinstance(values, np.ndarray):
            return [values] * count
        if values.dtype.kind != "M":
            return list(values.tolist())
        return day_texts(values) if as_text else list(values.astype(object).tolist())

    return list(zip(*(listed(columns[name]) for name in _STATE_COLUMNS), strict=True))


def _day_text(value: Any) -> Any:
    """Return a day as SQLite keeps it, and anything else as it is."""
    return value.isoformat() if isinstance(value, date) else value


def _odd_rows(
    connection: Connection, portion: Portion, replay: _Replay
) -> Iterator[list[StateRow] | Problem]:
    deltas: posting.Deltas = {}
    unmapped = portion.unmapped
    for own in _events(connection, portion.odd):
        if isinstance(own, Problem):
            yield own
            continue
        number = own[0].parcel_no
        try:
            states = list(transitions(standing(own)))
        except EventError as error:
            yield found("events_do_not_fit", str(error), feature=number)
            continue
        posting.post(deltas, states, 1, unmapped=number in unmapped)
        yield [tuple(row[name] for name in _STATE_COLUMNS) for row in state_rows(states)]
    replay.moves.add_deltas(deltas)


def _events(connection: Connection, numbers: Sequence[str]) -> Iterator[Problem | list[Event]]:
    """Yield the events of each parcel that has any; where a line cannot be read, which."""
    try:
        yield from events_by_parcel(events_of(connection, numbers)).values()
    except (LedgerError, ValueError, TypeError, KeyError) as error:
        if len(numbers) > 1:
            half = len(numbers) // 2
            yield from _events(connection, numbers[:half])
            yield from _events(connection, numbers[half:])
            return
        message = f"地块 {numbers[0]} 有读不懂的记录：{error}"
        yield found("event_unreadable", message, feature=numbers[0], value=error)


def _stored_states(connection: Connection, after: str | None, last: str | None) -> list[StateRow]:
    """Read the states of the parcels after one and up to another, registered or not.

    Days stay as the database keeps them: so what is no day differs from any.
    """
    table = schema.parcel_states
    query = select(*(type_coerce(column, NullType()) for column in table.columns))
    query = query.order_by(*table.primary_key)
    if after is not None:
        query = query.where(table.c.parcel_no > after)
    if last is not None:
        query = query.where(table.c.parcel_no <= last)
    return [tuple(row) for row in connection.execute(query).all()]


def _by_parcel(rows: Iterable[StateRow]) -> dict[str, list[StateRow]]:
    grouped: dict[str, list[StateRow]] = {}
    for row in rows:
        grouped.setdefault(row[0], []).append(row)
    return grouped


# Balances


def _unbalanced(connection: Connection) -> Iterator[Problem]:
    for row in connection.execute(_UNBALANCED):
        off_m2 = int(row.grains) / posting.GRAINS_PER_M2
        message = f"{row.park_id or '园区外'} 在 {row.day} 的借贷不平，差 {off_m2} m²"
        yield found("unbalanced", message, feature=row.park_id, value=off_m2, expected=0)


def _books(connection: Connection, days: Summed) -> Iterator[Problem]:
    months = books.months_of(days, np.zeros(len(days.keys), dtype=np.int64))
    ends = books.month_ends(months.month)
    stored = _stored(connection, schema.balance_days, "day", "grains")
    moved = _keyed(days.keys, days.key, days.day.astype("M8[D]"), days.grains)
    yield from _differing("day_book_differs", "当日变动", stored, moved)
    for column, what, grains in (
        ("grains", "月末余额", months.grains),
        ("peak_grains", "月内最高余额", months.peak),
    ):
        stored = _stored(connection, schema.balance_months, "month_end", column)
        expected = _keyed(days.keys, months.key, ends, grains)
        yield from _differing("month_book_differs", what, stored, expected)


def _keyed(keys: Sequence[posting.Key], key: Ints, when: Any, grains: Ints) -> dict[BookKey, int]:
    own = zip(key.tolist(), when.astype(object).tolist(), grains.tolist(), strict=True)
    return {(*keys[place], day): some for place, day, some in own}


def _stored(connection: Connection, table: Table, day: str, column: str) -> dict[BookKey, int]:
    query = select(table.c.park_id, table.c.account, table.c[day], table.c[column])
    return {tuple(row[:3]): int(row[3]) for row in connection.execute(query).all()}


def _differing(
    code: str, what: str, stored: Mapping[BookKey, int], expected: Mapping[BookKey, int]
) -> Iterator[Problem]:
    if stored == expected:
        return
    for key in sorted(stored.keys() | expected.keys()):
        kept, wanted = stored.get(key), expected.get(key)
        if kept != wanted:
            park, account, day = key
            told = [None if n is None else n / posting.GRAINS_PER_M2 for n in (kept, wanted)]
            words = ["没有这一行" if m2 is None else f"{m2} m²" for m2 in told]
            message = (
                f"{park or '园区外'} 账户 {account} 在 {day} 的{what}记为 {words[0]}，"
                f"按记录应为 {words[1]}"
            )
            yield found(
                code, message, feature=park or None, field_name=account,
                value=told[0], expected=told[1],
            )  # fmt: skip
