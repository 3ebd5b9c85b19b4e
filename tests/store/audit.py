"""A ledger's books against sheets of paper, and against themselves."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Table, select

from dongtou_geo.domain.balance import BalanceReader
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.services.replay import replayed
from dongtou_geo.store import schema
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.posting import GRAINS_PER_M2, UNMAPPED
from tests.store.land_replay import FOREVER, Line, Sheet, land_on, lands

MU_M2 = 2000 / 3
PARKS = ("park_a", "park_b")
HOMES: tuple[str | None, ...] = (*PARKS, None)
# In the order of the program's statuses.
WORDS = (
    *("planned", "approved", "acquired", "supplied"),
    *("building", "completed", "in_production", "part_used"),
)
CLOSING = ("adjustment", "outside")
# Every area is rounded to 1e-8 m2 on its own.
CLOSE_M2 = 1e-5

Lines = Mapping[str, Sequence[Line]]
Held = dict[str | None, Counter[str]]


def lines_of(sheets: Mapping[str, Sheet]) -> dict[str, tuple[Line, ...]]:
    """The lines that count, by parcel."""
    return {number: sheet.standing() for number, sheet in sheets.items()}


def held_on(lines: Lines, unmapped: Iterable[str], on: date) -> Held:
    """What each park holds on a day by the sheets, in m2."""
    held: Held = {park: Counter() for park in HOMES}
    for number, own in lines.items():
        land = land_on(own, on, MU_M2)
        if land is None:
            continue
        accounts = land.accounts()
        for account, mu in accounts.items():
            held[land.park][account] += mu  # type: ignore[assignment]
        if number in unmapped:
            held[land.park][UNMAPPED] += land.area
    return held


def is_near(found: Iterable[float], mu: Iterable[Fraction | int]) -> bool:
    """Whether areas are what the sheets say, but for the rounding of every parcel."""
    pairs = zip(found, mu, strict=True)
    return all(abs(m2 - float(some) * MU_M2) <= CLOSE_M2 for m2, some in pairs)


def compare(balances: BalanceReader, held: Held, on: date) -> None:
    """Compare what a reader tells of a day with what the sheets tell."""
    for park in HOMES:
        holding, expected = balances.on(park, on), held[park]
        told = [*(holding.by_status_m2[account] for account in STATUSES), holding.unmapped_m2]
        counted = [*(expected[word] for word in WORDS), expected[UNMAPPED]]
        assert is_near(told, counted), (park, on, told, counted)
        assert holding.has_records == any(counted), (park, on)


def audit(ledger: Ledger, sheets: Mapping[str, Sheet], days: Iterable[date]) -> None:
    """Find that the books are in themselves sound, and on some days what the sheets say."""
    lines = lines_of(sheets)
    unmapped = {number for number, sheet in sheets.items() if sheet.unmapped}
    with ledger.reading() as snapshot:
        connection = snapshot.connection
        moved = _grains(connection, schema.balance_days, "day")
        ends = _grains(connection, schema.balance_months, "month_end")
        peaks = _grains(connection, schema.balance_months, "month_end", "peak_grains")
        states = _rows(connection, schema.parcel_states)
        balances = StoredBalances(connection)
        for on in sorted(days):
            held = held_on(lines, unmapped, on)
            compare(balances, held, on)
            _audit_closing(moved, held, on)
    _audit_sums(moved)
    _audit_months(moved, ends, peaks)
    _audit_states(states, lines)


def audit_knowledge(
    ledger: Ledger, sheets: Mapping[str, Sheet], then: Lines, moment: datetime, on: date
) -> None:
    """Find that by the knowledge of a moment the figures are what they were."""
    unmapped = {number for number, sheet in sheets.items() if sheet.unmapped}
    view = replayed(ledger, known_at=moment)
    compare(view.balances, held_on(then, unmapped, on), on)


def audit_rebuilt(ledger: Ledger) -> None:
    """Find that books built anew from the events are the same."""
    kept = _books(ledger)
    with ledger.writing() as writer:
        writer.rebuild()
    assert _books(ledger) == kept


def _books(ledger: Ledger) -> tuple[object, ...]:
    with ledger.reading() as snapshot:
        connection = snapshot.connection
        states = _rows(connection, schema.parcel_states)
        months = sorted(_rows(connection, schema.balance_months), key=str)
        days = _grains(connection, schema.balance_days, "day")
        return days, months, sorted(states, key=str)


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


Grains = dict[tuple[str | None, str], dict[date, int]]


def _grains(connection: Connection, table: Table, day: str, column: str = "grains") -> Grains:
    found: Grains = {}
    for row in _rows(connection, table):
        found.setdefault((row["park_id"] or None, row["account"]), {})[row[day]] = row[column]
    return found


def _audit_closing(moved: Grains, held: Held, on: date) -> None:
    """What lies outside, and what splits and merges lost, are in the books too."""
    for park in HOMES:
        for account in CLOSING:
            own = moved.get((park, account), {})
            m2 = sum(grains for day, grains in own.items() if day <= on) / GRAINS_PER_M2
            assert is_near([m2], [held[park][account]]), (park, account, on, m2)


def _audit_sums(moved: Grains) -> None:
    """On every day what a park's accounts gained others lost, to the last grain."""
    sums: Counter[tuple[str | None, date]] = Counter()
    for (park, account), own in moved.items():
        assert 0 not in own.values()
        for day, grains in own.items():
            sums[park, day] += grains if account != UNMAPPED else 0
    assert not any(sums.values())


def _audit_months(moved: Grains, ends: Grains, peaks: Grains) -> None:
    """Each month that moved, and no other, holds the sum at its end and its highest."""
    assert moved.keys() == ends.keys() == peaks.keys()
    for key, own in moved.items():
        held, sums = 0, dict[tuple[int, int], list[int]]()
        for day in sorted(own):
            held += own[day]
            sums.setdefault((day.year, day.month), []).append(held)
        for book, told in ((ends, lambda s: s[-1]), (peaks, max)):
            found = {(end.year, end.month): grains for end, grains in book[key].items()}
            assert found == {month: told(own_sums) for month, own_sums in sums.items()}


def _audit_states(states: list[dict[str, Any]], lines: Lines) -> None:
    """A parcel's states follow each other without a gap, and each is what its sheet says."""
    by_parcel: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(states, key=lambda row: row["from_on"]):
        by_parcel.setdefault(row["parcel_no"], []).append(row)
    assert set(by_parcel) == {number for number, own in lines.items() if own}
    for number, rows in by_parcel.items():
        last_of_day = {line.on: replace(land) for line, land in lands(lines[number], MU_M2)}
        starts = list(last_of_day)
        assert [row["from_on"] for row in rows] == starts
        assert [row["until_on"] for row in rows] == [*starts[1:], FOREVER]
        for row, land in zip(rows, last_of_day.values(), strict=True):
            words = (row["status"], row["park_id"], row["halted"], row["since_on"])
            assert words == (land.status, land.park, land.halted, land.since), number
            areas = (row["area_m2"], row["producing_m2"], row["stopped_m2"])
            assert is_near(areas, (land.area, land.producing, land.stopped)), number
