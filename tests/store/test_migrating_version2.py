"""A ledger of version 2, in a file or a database, opened by today's program."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.errors import LedgerError
from dongtou_geo.store import schema, upkeep, writing
from dongtou_geo.store.address import file_url, sqlite_path
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger
from tests.postgis.server import PostgisServer
from tests.store.second_release import OUTLINE, in_postgresql, in_sqlite
from tests.store.test_migrating import dump, structure

NOON = datetime(2026, 6, 1, 4, 0, 0, 123_456, tzinfo=UTC)
A = Parcel("A", Origin.LAND, AreaBasis.DRAWN, OUTLINE.wkb, note="注")
BAD = (
    "INSERT INTO events (parcel_no, kind, effective_on, recorded_at, recorded_by)"
    " VALUES ('B', 'register', '2017-01-01', '2026-06-01T04:00:00.123456+00:00', '张三')"
)


@pytest.fixture
def old(request: pytest.FixtureRequest, home: str) -> str:
    """The URL of a ledger of version 2."""
    path = sqlite_path(home)
    if path is not None:
        in_sqlite(path)
        return home
    server: PostgisServer = request.getfixturevalue("postgis_server")
    with server.connection(home.rpartition("/")[2]) as connection:
        in_postgresql(connection)
    return home


def execute(ledger: Ledger, sql: str) -> None:
    with ledger.writing() as writer:
        writer.connection.execute(text(sql))


def version(url: str) -> str:
    with Ledger(url).reading() as snapshot:
        query = text("SELECT value FROM meta WHERE key = 'schema_version'")
        return str(snapshot.connection.execute(query).scalar())


def test_it_opens_with_everything_in_it_and_new_books_beside_it(old: str) -> None:
    ledger = open_ledger(old)
    assert version(old) == str(schema.SCHEMA_VERSION)
    assert ledger.parcels() == [A, Parcel("B", Origin.FILLED_SEA, AreaBasis.LEDGER)]
    kind = EventKind
    register = Event(
        1, "A", kind.REGISTER, date(2016, 1, 1), NOON, "张三", area_m2=1000.25, park_id="park_a",
        import_id="imp-1",
    )  # fmt: skip
    assert ledger.events()[0] == register
    assert [event.event_id for event in ledger.events()] == [1, 2, 3, 4, 5]
    with ledger.reading() as snapshot:
        balances = StoredBalances(snapshot.connection)
        assert balances.on("park_a", date(2018, 4, 9)).in_production_m2 == 0
        assert balances.on("park_a", date(2018, 4, 10)).in_production_m2 == 400.5
        assert balances.on("park_a", date(2018, 4, 30)).in_production_m2 == 300.5
        assert balances.on(None, date(2018, 4, 10)).unmapped_m2 == 500.0
        assert balances.first_reached("park_a", 400.0, date.max) == date(2018, 4, 10)
    assert upkeep.verify(ledger) == []


def test_a_months_peak_is_there_though_the_month_ended_lower(old: str) -> None:
    ledger = open_ledger(old)
    with ledger.reading() as snapshot:
        query = text(
            "SELECT grains, peak_grains FROM balance_months WHERE account = 'in_production'"
        )
        rows = [tuple(row) for row in snapshot.connection.execute(query)]
    assert rows == [(30_050_000_000, 40_050_000_000)]


def test_it_takes_lines_and_changes_afterwards(old: str) -> None:
    ledger = open_ledger(old)
    with ledger.writing() as writer:
        halt = Event(0, "B", EventKind.APPROVE, date(2020, 1, 1), NOON, "王五")
        assert writer.change([replace(A, note="改")], [], [halt], at=NOON, by="王五") == [6]
    assert ledger.parcels()[0].note == "改"
    assert upkeep.verify(ledger) == []


def test_events_stay_guarded(old: str) -> None:
    ledger = open_ledger(old)
    for table in ("events", "parcel_versions"):
        execute(ledger, f"DELETE FROM {table} WHERE 1 = 0")
    with ledger.writing() as writer:
        writer.update_parcels([replace(A, note="改")], at=NOON, by="王五")
    for table in ("events", "parcel_versions"):
        with pytest.raises(LedgerError, match="only ever appended"):
            execute(ledger, f"DELETE FROM {table}")


def test_it_is_brought_up_to_date_once_by_many_at_once(old: str) -> None:
    failed: list[Exception] = []

    def run() -> None:
        try:
            assert len(open_ledger(old).events()) == 5
        except Exception as error:  # a thread's failure is told below
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    path = sqlite_path(old)
    if path is not None:
        assert len(list(path.parent.glob(f"{path.name}.v2-*.bak"))) == 1
    assert upkeep.verify(open_ledger(old)) == []


def test_what_fails_changes_nothing(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: object) -> None:
        msg = "演练"
        raise LedgerError(msg)

    monkeypatch.setattr(writing, "rebuild", broken)
    with pytest.raises(LedgerError, match="未能升级，内容未改变：演练"):
        open_ledger(old)
    assert version(old) == "2"
    monkeypatch.undo()
    assert upkeep.verify(open_ledger(old)) == []


def test_a_file_is_kept_as_it_was_beside_it(tmp_path: Path) -> None:
    path = in_sqlite(tmp_path / "台账.sqlite")
    before = dump(path)
    open_ledger(file_url(path))
    (kept,) = path.parent.glob("*.v2-*.bak")
    assert dump(kept) == before != dump(path)


def test_a_file_whose_events_do_not_fit_stays_as_it_was(tmp_path: Path) -> None:
    path = in_sqlite(tmp_path / "台账.sqlite", BAD)
    before = dump(path)
    with pytest.raises(LedgerError, match="已登记，不能再次"):
        open_ledger(file_url(path))
    assert dump(path) == before
    assert [p.name for p in path.parent.glob("*.bak")] == []


def test_a_file_brought_up_to_date_is_built_like_a_new_one(tmp_path: Path) -> None:
    path = in_sqlite(tmp_path / "a.sqlite")
    open_ledger(file_url(path))
    create(file_url(tmp_path / "new.sqlite"))
    assert structure(path) == structure(tmp_path / "new.sqlite")
    with (
        closing(sqlite3.connect(path)) as one,
        closing(sqlite3.connect(tmp_path / "new.sqlite")) as other,
    ):
        flat = "SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%' ORDER BY name"
        assert one.execute(flat).fetchall() == other.execute(flat).fetchall() != []


@pytest.mark.postgis
def test_a_database_brought_up_to_date_is_built_like_a_new_one(
    postgis_server: PostgisServer, postgis_url: str
) -> None:
    other = postgis_server.new_database()
    create(other)
    with postgis_server.connection(postgis_url.rpartition("/")[2]) as connection:
        in_postgresql(connection)
    open_ledger(postgis_url)
    assert _database(postgis_server, postgis_url) == _database(postgis_server, other)
    postgis_server.drop(other)


CATALOG = (
    """SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        a.attcollation::regcollation::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0
        AND NOT a.attisdropped AND c.relname <> 'spatial_ref_sys' ORDER BY c.relname, a.attnum""",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 2",
    """SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
)


def _database(server: PostgisServer, url: str) -> list[list[tuple[object, ...]]]:
    """Columns with types and collations, indices, keys and references, triggers."""
    with server.connection(url.rpartition("/")[2]) as connection:
        return [connection.execute(query).fetchall() for query in CATALOG]


@pytest.mark.postgis
def test_an_old_backup_is_restored_into_a_database(tmp_path: Path, postgis_url: str) -> None:
    source = in_sqlite(tmp_path / "backup.sqlite")
    upkeep.restore(source, postgis_url, aside=tmp_path / "former.sqlite")
    assert open_ledger(postgis_url).parcels()[0] == A
    assert upkeep.verify(open_ledger(postgis_url)) == []
