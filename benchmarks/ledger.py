"""The ledger's books at a million parcels, side by side with DuckDB over the same events.

Run: ``.venv/bin/python -m benchmarks.ledger [PARCELS]`` (default 1,000,000 parcels with four
events each; DuckDB must be installed: ``pip install duckdb``). Building takes minutes and is not
timed. Medians; the two queries in turn.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.progress import LedgerStamp, progress_by_park
from dongtou_geo.services.progress import PlanBook, plan_book
from dongtou_geo.services.record import Clerk, Draft, record
from dongtou_geo.store.address import file_url
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create

PARKS = ("park_startup", "park_nantang", "park_yangwen", "park_ojk_industry", "park_rail", None)
STAGES = (EventKind.SUPPLY, EventKind.START, EventKind.PRODUCE)
AT_ONCE = 25_000
ROUNDS = 60
LAST_OF_EACH = """
    SELECT park_id, kind, SUM(area_m2) FROM (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY parcel_no ORDER BY effective_on DESC, event_id DESC)
        AS nth FROM read_parquet('{path}') WHERE effective_on <= DATE '{day}'
    ) WHERE nth = 1 GROUP BY park_id, kind
"""


def lives(count: int) -> Iterator[tuple[Parcel, list[Event]]]:
    """Make parcels up: a registration and up to three stages each."""
    rng = random.Random(1)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for index in range(count):
        number = f"P-{index:07d}"
        day = date(2013, 1, 1) + timedelta(days=rng.randrange(1500))
        area_m2 = round(rng.uniform(500, 20_000), 2)
        park = PARKS[index % len(PARKS)]
        events = [Event(0, number, EventKind.REGISTER, day, at, "x", area_m2=area_m2, park_id=park)]
        for kind in STAGES:
            day += timedelta(days=rng.randrange(30, 900))
            events.append(Event(0, number, kind, day, at, "x"))
        yield Parcel(number, Origin.LAND, AreaBasis.DRAWN), events


def build(folder: Path, count: int) -> tuple[Ledger, Path]:
    """Fill a ledger and the Parquet file that DuckDB reads."""
    ledger = create(file_url(folder / "big.sqlite"))
    rows: list[tuple[int, str, str, date, float, str | None]] = []
    parcels: list[Parcel] = []
    events: list[Event] = []

    def flush() -> None:
        with ledger.writing() as writer:
            writer.add(parcels, events)
        parcels.clear()
        events.clear()

    for parcel, own in lives(count):
        parcels.append(parcel)
        events.extend(own)
        area, park = own[0].area_m2 or 0.0, own[0].park_id
        rows += [(len(rows), e.parcel_no, e.kind.value, e.effective_on, area, park) for e in own]
        if len(parcels) == AT_ONCE:
            flush()
    flush()
    names = ["event_id", "parcel_no", "kind", "effective_on", "area_m2", "park_id"]
    parquet = folder / "events.parquet"
    frame = pd.DataFrame(rows, columns=names)  # noqa: F841 - DuckDB reads it by its name
    duckdb.sql(f"COPY (SELECT * FROM frame) TO '{parquet}' (FORMAT parquet)")
    return ledger, parquet


def seconds(action: object, *words: object) -> float:
    """Return how long a call takes."""
    assert callable(action)
    start = time.perf_counter()
    action(*words)
    return time.perf_counter() - start


def our_progress(ledger: Ledger, book: PlanBook, day: date) -> None:
    """Score every park on a day from the ledger's books, connection and all."""
    with ledger.reading() as snapshot:
        balances = StoredBalances(snapshot.connection)
        progress_by_park(book.parks, book.targets, balances, as_of=day, stamp=LedgerStamp())


def our_curve(ledger: Ledger, book: PlanBook) -> None:
    """Read every park's months."""
    with ledger.reading() as snapshot:
        balances = StoredBalances(snapshot.connection)
        for park in book.parks:
            balances.producing_curve(park.id, date(2026, 12, 31))


def one_event(ledger: Ledger, index: int) -> None:
    """Record one durable event."""
    draft = Draft(f"P-{index * 6:07d}", EventKind.HALT, date(2026, 1, 2))
    record(ledger, draft, Clerk("x", datetime.now(UTC)), park_ids=[])


def main(count: int = 1_000_000) -> int:
    """Measure and return 1 where a bar is missed."""
    book = plan_book()
    with tempfile.TemporaryDirectory() as name:
        ledger, parquet = build(Path(name), count)
        duck = duckdb.connect(config={"threads": 2})
        ours, theirs = [], []
        for turn in range(ROUNDS):
            day = date(2013, 6, 1) + timedelta(days=73 * turn)
            ours.append(seconds(our_progress, ledger, book, day))
            if turn % 6 == 0:
                query = LAST_OF_EACH.format(path=parquet, day=day)
                theirs.append(seconds(lambda query=query: duck.sql(query).fetchall()))
        curve = [seconds(our_curve, ledger, book) for _ in range(20)]
        events = [seconds(one_event, ledger, turn) for turn in range(20)]
    medians = [statistics.median(times) * 1000 for times in (ours, theirs[1:], curve, events)]
    print(f"{count:,} parcels, {4 * count:,} events")
    print(f"progress {medians[0]:.1f} ms (bar 10), DuckDB {medians[1]:.0f} ms (bar ours <= 1/10)")
    print(
        f"curve of all months {medians[2]:.1f} ms (bar 50), one event {medians[3]:.1f} ms (bar 50)"
    )
    bars = (medians[0] <= 10, medians[0] * 10 <= medians[1], medians[2] <= 50, medians[3] <= 50)
    return 0 if all(bars) else 1


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:])))
