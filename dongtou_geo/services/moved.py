"""对比分析 as a page asks it: what moved between two days, or between two moments' knowledge.

Notes
-----
``services.compare`` replays every parcel concerned, and says everything; here the ledger's own
books say what moved, and only the parcels of the page that is looked at are replayed, to name the
lines responsible. So 100,000 parcels take about a second. Both are tested to say the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from dongtou_geo.domain.balance import Holding, events_by_parcel
from dongtou_geo.domain.day import SHANGHAI
from dongtou_geo.domain.event import Event, standing
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.metrics.compare import Look, Move, compared
from dongtou_geo.metrics.movement import Shift, families_of, kin_of, shifts
from dongtou_geo.metrics.restating import Gain, Split, Telling, gains, retold
from dongtou_geo.store import between
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.ledger import Ledger, Snapshot

_DUST_M2 = 1e-3
_MOST_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class ParkLooks:
    """One park in both looks: m2 by status, and whether anything was recorded."""

    park_id: str | None
    before: Holding
    after: Holding
    added: Gain
    corrected: Gain


@dataclass(frozen=True, slots=True)
class Moved:
    """Everything that two looks tell apart.

    Parameters
    ----------
    before, after : Look
        The looks.
    parks : dict of str or None to ParkLooks
        Of every park asked for, and of 园区外 (None).
    shifts : tuple of Shift
        What moved, by park and number.
    families : dict of str to list of str
        Parcels that a split or merge between the looks makes one, by each number.
    stood : tuple of (dict, dict)
        The land of every parcel concerned in either look, m2 by park and account.
    tellings : tuple of Telling
        Of then and now: what each moment since has changed, by parcel and moment.
    """

    before: Look
    after: Look
    parks: dict[str | None, ParkLooks]
    shifts: tuple[Shift, ...]
    families: dict[str, list[str]]
    stood: tuple[dict[str, Split], dict[str, Split]]
    tellings: tuple[Telling, ...] = ()


def end_of(day: date) -> datetime:
    """Return the last moment of a day in Asia/Shanghai.

    Parameters
    ----------
    day : date
        The day.
    """
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=SHANGHAI)
    return midnight - timedelta(microseconds=1)


def two_days(ledger: Ledger, first: date, second: date, park_ids: Collection[str]) -> Moved:
    """Compare two days by all we know.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    first, second : date
        The days, in order.
    park_ids : collection of str
        The plan's parks; land of any other counts as 园区外.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    with ledger.reading() as snapshot:
        found = list(between.changed_between(snapshot.connection, first, second))
        numbers = [each.parcel_no for each in found]
        lines = standing(between.related_lines(snapshot.connection, numbers))
        books = StoredBalances(snapshot.connection)
        held = [{park: books.on(park, day) for park in books.park_ids} for day in (first, second)]
    kin = kin_of(e for e in lines if first < e.effective_on <= second)
    before = {each.parcel_no: _known(each.before, park_ids) for each in found}
    after = {each.parcel_no: _known(each.after, park_ids) for each in found}
    looks = [_gathered(some, park_ids) for some in held]
    parks = {
        park: ParkLooks(park, looks[0][park], looks[1][park], Gain(), Gain())
        for park in (*park_ids, None)
    }
    moved = shifts(before, after, kin)
    families = families_of(kin, before)
    return Moved(Look(first), Look(second), parks, tuple(moved), families, (before, after))


def then_and_now(ledger: Ledger, day: date, then: date, park_ids: Collection[str]) -> Moved:
    """Compare one day by the knowledge at a day's end with what we know of it now.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    day : date
        The day that is told twice.
    then : date
        By the knowledge at its end.
    park_ids : collection of str
        The plan's parks; land of any other counts as 园区外.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    EventError
        If the lines known then do not fit together.
    """
    moment = end_of(then)
    with ledger.reading() as snapshot:
        late = between.told_later(snapshot.connection, day, moment)
        numbers = [each.parcel_no for each in late]
        now = between.splits_on(snapshot.connection, numbers, day)
        replays = [each.parcel_no for each in late if each.known or each.corrected]
        lines = events_by_parcel(snapshot.events(replays))
        akin = between.related_lines(snapshot.connection, numbers)
        books = StoredBalances(snapshot.connection)
        held = {park: books.on(park, day) for park in books.park_ids}
    now = {number: _known(split, park_ids) for number, split in now.items()}
    before, tellings = _reported(numbers, lines, now, (day, moment), park_ids)
    confirmed = _gathered(held, park_ids)
    reported, gained = _without(confirmed, before, now), gains(tellings)
    parks = {
        park: ParkLooks(
            park, reported[park], confirmed[park],
            gained.get((park, False), Gain()), gained.get((park, True), Gain()),
        )
        for park in (*park_ids, None)
    }  # fmt: skip
    kin = kin_of(_differing(akin, day, moment))
    return Moved(
        Look(day, moment), Look(day), parks, tuple(shifts(before, now, kin)),
        families_of(kin, {*before, *now}), (before, now), tuple(tellings),
    )  # fmt: skip


def _reported(
    numbers: Iterable[str],
    lines: dict[str, list[Event]],
    now: dict[str, Split],
    looks: tuple[date, datetime],
    park_ids: Collection[str],
) -> tuple[dict[str, Split], list[Telling]]:
    """Replay the parcels of which something was known; of the others all is new."""
    before: dict[str, Split] = {}
    found: list[Telling] = []
    for number in numbers:
        if number in lines:
            split, own = retold(lines[number], *looks)
            before[number] = _known(split, park_ids)
            found += [
                each._replace(
                    before=_known(each.before, park_ids), after=_known(each.after, park_ids)
                )
                for each in own
            ]
        elif number in now:
            found.append(Telling(number, {}, now[number], None, corrects=False))
    return before, found


def with_lines(
    ledger: Ledger, moved: Moved, some: Sequence[Shift], park_ids: Collection[str]
) -> list[Move]:
    """Name the lines responsible for some of what moved, with their papers.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    moved : Moved
        The comparison.
    some : sequence of Shift
        Of it; a page.
    park_ids : collection of str
        As for the comparison.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    with ledger.reading() as snapshot:
        return [
            move
            for start in range(0, len(some), _MOST_AT_ONCE)
            for move in _lined(snapshot, moved, some[start : start + _MOST_AT_ONCE], park_ids)
        ]


def decisive(move: Move) -> Event | None:
    """Return the line that a move is told by: the last that takes effect by its day.

    Parameters
    ----------
    move : Move
        With its lines; of several the rest is there for whoever asks.
    """
    if not move.events:
        return None
    on_the_day = [line for line in move.events if line.effective_on == move.since]
    return (on_the_day or list(move.events))[-1]


def _lined(
    snapshot: Snapshot, moved: Moved, some: Sequence[Shift], park_ids: Collection[str]
) -> list[Move]:
    numbers = {
        number
        for shift in some
        for number in moved.families.get(shift.parcel_no, [shift.parcel_no])
    }
    lines = events_by_parcel(snapshot.events(sorted(numbers)))
    found = {
        _key(_shift_of(move, park_ids)): move
        for move in compared(lines, {}, moved.before, moved.after).moves
    }
    return [_move_of(shift, found.get(_key(shift))) for shift in some]


def _key(shift: Shift) -> tuple[object, ...]:
    return shift[:-1]


def _shift_of(move: Move, park_ids: Collection[str]) -> Shift:
    return Shift(
        move.parcel_no,
        move.came_from,
        _park(move.park_before, park_ids),
        _park(move.park_id, park_ids),
        move.before,
        move.after,
        move.area_m2,
    )


def _move_of(shift: Shift, move: Move | None) -> Move:
    if move is None:  # the ledger was written between the comparison and this look
        return Move(*shift, since=None, events=())
    return replace(move, park_before=shift.park_before, park_id=shift.park_id)


def _park(park_id: str | None, park_ids: Collection[str]) -> str | None:
    return park_id if park_id in park_ids else None


def _known(split: Split, park_ids: Collection[str]) -> Split:
    """Count land of a park that the plan does not know as 园区外."""
    if all(park is None or park in park_ids for park, _ in split):
        return split
    found: Split = {}
    for (park, account), m2 in split.items():
        key = (_park(park, park_ids), account)
        found[key] = found.get(key, 0.0) + m2
    return found


def _differing(lines: Iterable[Event], day: date, then: datetime) -> list[Event]:
    """Return the lines that stand on the day by one knowledge and not by the other."""
    found = []
    for own in events_by_parcel(lines).values():
        sides = [
            {e.event_id: e for e in standing(own, known_at=known_at) if e.effective_on <= day}
            for known_at in (then, None)
        ]
        one, other = sides
        found += [e for key, e in {**one, **other}.items() if (key in one) is not (key in other)]
    return found


def _gathered(
    held: dict[str | None, Holding], park_ids: Collection[str]
) -> dict[str | None, Holding]:
    return {
        park: _sum([own for at, own in held.items() if _park(at, park_ids) == park])
        for park in (*park_ids, None)
    }


def _sum(holdings: Sequence[Holding]) -> Holding:
    return _holding(
        {a: sum(own.by_status_m2[a] for own in holdings) for a in STATUSES},
        sum(own.unmapped_m2 for own in holdings),
    )


def _holding(by_status_m2: dict[Account, float], unmapped_m2: float = 0.0) -> Holding:
    clean = {a: 0.0 if abs(m2) < _DUST_M2 else m2 for a, m2 in by_status_m2.items()}
    return Holding(clean, unmapped_m2, has_records=any(clean.values()))


def _without(
    confirmed: dict[str | None, Holding], old: dict[str, Split], new: dict[str, Split]
) -> dict[str | None, Holding]:
    """Return what was told then: the books of today without what was learnt since."""
    by_park = {park: dict(own.by_status_m2) for park, own in confirmed.items()}
    for sign, splits in ((-1.0, new), (1.0, old)):
        for split in splits.values():
            for (park, account), m2 in split.items():
                by_park[park][account] += sign * m2
    return {park: _holding(by_status_m2) for park, by_status_m2 in by_park.items()}
