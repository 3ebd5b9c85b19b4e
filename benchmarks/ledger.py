"""The ledger's books at a million parcels: a SQLite file, PostgreSQL, and DuckDB over the events.

Run: ``.venv/bin/python -m benchmarks.ledger [PARCELS] [--postgis URL | --no-postgis]`` (default
1,000,000 parcels with four events each; ``pip install duckdb`` first). Without a URL a server of
its own is started where PostgreSQL with PostGIS is installed; a URL must name an empty database.
Medians, in turn. Figures with a bar decide the exit code.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import shapely

import start
from dongtou_geo.domain.event import EventKind
from dongtou_geo.domain.progress import LedgerStamp, progress_by_park
from dongtou_geo.services.progress import PlanBook, plan_book
from dongtou_geo.services.record import Clerk, Draft, record
from dongtou_geo.store.address import file_url
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.bulk import KIND_CODES, NewLives
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from dongtou_geo.store.writing import ImportStamp
from tests.postgis.server import PostgisServer

PARKS = ("park_startup", "park_nantang", "park_yangwen", "park_ojk_industry", "park_rail", None)
STAGES = (EventKind.SUPPLY, EventKind.START, EventKind.PRODUCE)
AT = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = 100_000
ROUNDS = 60
LAST_OF_EACH = """
    SELECT park_id, kind, SUM(area_m2) FROM (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY parcel_no ORDER BY effective_on DESC, event_id DESC)
        AS nth FROM read_parquet('{path}') WHERE effective_on <= DATE '{day}'
    ) WHERE nth = 1 GROUP BY park_id, kind
"""


def lives(count: int) -> NewLives:
    """Make parcels up: an outline of seven corners, a registration and three stages each."""
    rng = np.random.default_rng(1)
    registered = np.datetime64("2013-01-01") + rng.integers(0, 1500, count)
    gaps = rng.integers(30, 900, (count, len(STAGES))).cumsum(axis=1)
    corners = np.array([(0, 0), (2, 0), (2, 1), (1, 2), (1, 3), (0, 3), (0, 1), (0, 0)]) * 1e-4
    places = rng.uniform((120.9, 27.8), (121.2, 28.0), (count, 1, 2))
    outlines = shapely.to_wkb(shapely.polygons(places + corners))
    return NewLives(
        parcel_nos=[f"P-{index:07d}" for index in range(count)],
        register={"origin": "land", "area_basis": "drawn", "geometry_wkb": outlines.tolist()},
        registered_on=registered,
        area_m2=rng.uniform(500, 20_000, count).round(2),
        park_ids=[PARKS[index % len(PARKS)] for index in range(count)],
        event_parcel=np.repeat(np.arange(count), len(STAGES)),
        event_kind=np.tile([KIND_CODES[kind] for kind in STAGES], count),
        event_on=(registered[:, None] + gaps).ravel(),
        event_area_m2=np.full(len(STAGES) * count, np.nan),
        recorded_at=AT,
        recorded_by="x",
        import_id="made-up",
    )


def fill(url: str, made_up: NewLives) -> tuple[Ledger, float]:
    """Import parcels into a new ledger, and tell how long that took."""
    ledger = create(url)
    begun = time.perf_counter()
    with ledger.writing() as writer:
        writer.register_import(ImportStamp("made-up", "made-up.gpkg", "0" * 64, AT, "x"))
        writer.add_lives(made_up)
    return ledger, time.perf_counter() - begun


def parquet_of(folder: Path, made_up: NewLives) -> Path:
    """Write the same events for DuckDB."""
    count, each = len(made_up.parcel_nos), 1 + len(STAGES)
    days = np.column_stack([made_up.registered_on, made_up.event_on.reshape(count, -1)])
    kinds = [EventKind.REGISTER.value, *(kind.value for kind in STAGES)]
    frame = pd.DataFrame(  # noqa: F841 - DuckDB reads it by its name
        {
            "event_id": np.arange(count * each),
            "parcel_no": np.repeat(np.array(made_up.parcel_nos, dtype=object), each),
            "kind": np.tile(np.array(kinds, dtype=object), count),
            "effective_on": days.ravel().astype("M8[s]"),
            "area_m2": np.repeat(made_up.area_m2, each),
            "park_id": np.repeat(np.array(made_up.park_ids, dtype=object), each),
        }
    )
    path = folder / "events.parquet"
    duckdb.sql(f"COPY (SELECT * FROM frame) TO '{path}' (FORMAT parquet)")
    return path


def seconds(action: Callable[..., object], *words: object) -> float:
    """Return how long a call takes."""
    begun = time.perf_counter()
    action(*words)
    return time.perf_counter() - begun


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


def measured(ledger: Ledger, book: PlanBook) -> dict[str, float]:
    """Return medians in ms: progress on a day, all months, one event."""
    days = [date(2013, 6, 1) + timedelta(days=73 * turn) for turn in range(ROUNDS)]
    times = {
        "progress": [seconds(our_progress, ledger, book, day) for day in days],
        "curve": [seconds(our_curve, ledger, book) for _ in range(20)],
        "one event": [seconds(one_event, ledger, turn) for turn in range(20)],
    }
    return {name: statistics.median(own) * 1000 for name, own in times.items()}


def duckdb_ms(parquet: Path) -> float:
    """Return DuckDB's median for a day's sums over the events."""
    duck = duckdb.connect(config={"threads": 2})
    times = []
    for turn in range(0, ROUNDS, 6):
        query = LAST_OF_EACH.format(path=parquet, day=date(2013, 6, 1) + timedelta(days=73 * turn))
        times.append(seconds(lambda query=query: duck.sql(query).fetchall()))
    return statistics.median(times[1:]) * 1000


@contextmanager
def database(url: str | None) -> Iterator[str | None]:
    """Give an empty database's URL: the one that is named, or one of a server of our own."""
    programs = None if url else start.find_postgis(start.Machine(Path.cwd()))
    if programs is None:
        yield url
        return
    server = PostgisServer(Path(programs), durable=True)
    try:
        yield server.new_database()
    finally:
        server.stop()


def report(bars: list[tuple[str, float, float, str]]) -> int:
    """Print every figure with its bar, and return 1 where one is missed."""
    for name, found, bar, unit in bars:
        verdict = "ok" if found <= bar else "MISSED"
        print(f"{name:<34}{found:>9.1f} {unit:<3} bar {bar:>7.1f} {unit:<3} {verdict}")
    return 0 if all(found <= bar for _, found, bar, _ in bars) else 1


def main(count: int, postgis: str | None, *, with_postgis: bool) -> int:
    """Measure and return 1 where a bar is missed."""
    book, made_up = plan_book(), lives(count)
    print(f"{count:,} parcels, {(1 + len(STAGES)) * count:,} events")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, small = fill(file_url(folder / "small.sqlite"), lives(SMALL))
        ledger, built = fill(file_url(folder / "big.sqlite"), made_up)
        ours, duck = measured(ledger, book), duckdb_ms(parquet_of(folder, made_up))
    bars = [
        (f"import of {SMALL:,} parcels", small, 3.0, "s"),
        (f"import of {count:,} parcels", built, 40.0, "s"),
        ("progress of all parks", ours["progress"], 10.0, "ms"),
        ("progress, against 1/10 of DuckDB", ours["progress"], duck / 10, "ms"),
        ("curve of all months", ours["curve"], 50.0, "ms"),
        ("one event", ours["one event"], 50.0, "ms"),
    ]
    with database(postgis) if with_postgis else nullcontext() as url:
        if url is not None:
            there, built = fill(url, made_up)
            print(f"import into PostGIS {built:.0f} s")
            theirs = measured(there, book)
            bars += [(f"PostGIS: {name}", theirs[name], 2 * ours[name], "ms") for name in ours]
    return report(bars)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The ledger's books at a million parcels.")
    parser.add_argument("parcels", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--postgis", metavar="URL", help="an empty database with PostGIS")
    parser.add_argument("--no-postgis", action="store_true")
    words = parser.parse_args()
    sys.exit(main(words.parcels, words.postgis, with_postgis=not words.no_postgis))
