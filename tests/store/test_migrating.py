"""A ledger of version 1, as the first release made it, opened by today's program."""

import os
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.errors import LedgerError
from dongtou_geo.store import migrating, schema, upkeep, writing
from dongtou_geo.store.address import file_url
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.opening import create, open_ledger

# What the first release wrote, word for word; its program is gone.
V1 = """
CREATE TABLE meta ("key" VARCHAR(64) NOT NULL, value VARCHAR(500) NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE parcels (
    parcel_no VARCHAR(64) NOT NULL, origin VARCHAR(16) NOT NULL, area_basis VARCHAR(16) NOT NULL,
    geometry_wkb BLOB, ledger_area_mu FLOAT, contract_area_mu FLOAT, title_area_mu FLOAT,
    land_use_code VARCHAR(500), occupant VARCHAR(500), handed_over_on DATE, agreed_start_on DATE,
    agreed_complete_on DATE, agreed_produce_on DATE, area_started_m2 FLOAT,
    total_investment_wan FLOAT, invested_wan FLOAT, supply_mode VARCHAR(500),
    contract_no VARCHAR(500), supervision_no VARCHAR(500), responsible_unit VARCHAR(500),
    note VARCHAR(500), PRIMARY KEY (parcel_no)
);
CREATE TABLE events (
    event_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, parcel_no VARCHAR(64) NOT NULL,
    kind VARCHAR(16) NOT NULL, effective_on DATE NOT NULL, recorded_at VARCHAR(32) NOT NULL,
    recorded_by VARCHAR(500) NOT NULL, source_doc VARCHAR(500), area_m2 FLOAT,
    park_id VARCHAR(64), supersedes INTEGER, reason VARCHAR(500),
    FOREIGN KEY(parcel_no) REFERENCES parcels (parcel_no),
    FOREIGN KEY(supersedes) REFERENCES events (event_id)
);
CREATE INDEX ix_events_parcel_no ON events (parcel_no);
CREATE TRIGGER events_no_update BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are only ever appended'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are only ever appended'); END;
CREATE TRIGGER events_no_insert BEFORE INSERT ON events
    WHEN EXISTS (SELECT 1 FROM events WHERE event_id = NEW.event_id)
    BEGIN SELECT RAISE(ABORT, 'events are only ever appended'); END;
INSERT INTO meta VALUES ('schema_version', '1'), ('ledger_id', 'v1'), ('data_until', '2026-06-30');
INSERT INTO parcels (parcel_no, origin, area_basis, geometry_wkb, note) VALUES
    ('A', 'land', 'drawn', X'0102', '注'), ('B', 'filled_sea', 'ledger', NULL, NULL);
"""
AT = "2026-06-01T04:00:00.123456+00:00"
LINES = (
    f"(1, 'A', 'register', '2016-01-01', '{AT}', '张三', NULL, 1000.25, 'park_a', NULL, NULL)",
    f"(2, 'B', 'register', '2016-02-01', '{AT}', '张三', NULL, 500.0, NULL, NULL, NULL)",
    f"(3, 'A', 'produce', '2018-03-10', '{AT}', '李四', '批文', 400.5, NULL, NULL, NULL)",
    f"(4, 'A', 'produce', '2018-04-10', '{AT}', '李四', NULL, 400.5, NULL, 3, '日期写错')",
)
EVENTS = f"INSERT INTO events VALUES {', '.join(LINES)}"


def made(path: Path, *more: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(V1)
        for statement in (EVENTS, *more):
            connection.execute(statement)
        connection.commit()
    return path


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return made(tmp_path / "台账 1.sqlite")


def backups(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.v1-*.bak"))


def test_an_old_ledger_opens_with_everything_in_it_and_books_beside_it(old: Path) -> None:
    ledger = open_ledger(file_url(old))
    assert ledger.parcels() == [
        Parcel("A", Origin.LAND, AreaBasis.DRAWN, b"\x01\x02", note="注"),
        Parcel("B", Origin.FILLED_SEA, AreaBasis.LEDGER),
    ]
    at = datetime(2026, 6, 1, 4, 0, 0, 123_456, tzinfo=UTC)
    kind = EventKind
    assert ledger.events() == [
        Event(1, "A", kind.REGISTER, date(2016, 1, 1), at, "张三", None, 1000.25, "park_a"),
        Event(2, "B", kind.REGISTER, date(2016, 2, 1), at, "张三", None, 500.0),
        Event(3, "A", kind.PRODUCE, date(2018, 3, 10), at, "李四", "批文", 400.5),
        Event(
            4, "A", kind.PRODUCE, date(2018, 4, 10), at, "李四", None, 400.5, None, 3, "日期写错"
        ),
    ]
    assert (ledger.identity().ledger_id, ledger.stamp().ledger_version) == ("v1", "v1-4")
    assert ledger.identity().data_until == date(2026, 6, 30)
    with ledger.reading() as snapshot:
        balances = StoredBalances(snapshot.connection)
        assert balances.on("park_a", date(2018, 4, 9)).in_production_m2 == 0
        assert balances.on("park_a", date(2018, 4, 10)).in_production_m2 == 400.5
        assert balances.on(None, date(2018, 4, 10)).unmapped_m2 == 500.0
    assert upkeep.verify(ledger) == []


def test_the_backup_beside_it_is_the_ledger_as_it_was(old: Path) -> None:
    before = dump(old)
    open_ledger(file_url(old))
    (kept,) = backups(old)
    assert dump(kept) == before
    assert dump(old) != before


def test_it_is_brought_up_to_date_once(old: Path) -> None:
    for _ in range(3):
        open_ledger(file_url(old))
    assert len(backups(old)) == 1


def test_it_takes_new_events_afterwards_and_refuses_to_change_old_ones(old: Path) -> None:
    ledger = open_ledger(file_url(old))
    at = datetime(2026, 6, 2, tzinfo=UTC)
    ledger.append([], [Event(0, "B", EventKind.APPROVE, date(2020, 1, 1), at, "王五")])
    assert ledger.events()[-1].event_id == 5
    assert upkeep.verify(ledger) == []
    with closing(sqlite3.connect(old)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("DELETE FROM events")


def test_readers_go_on_while_it_is_brought_up_to_date(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []
    take_steps = migrating.take_steps

    def watched(connection: object, *, after: int) -> None:
        take_steps(connection, after=after)  # type: ignore[arg-type]
        with closing(sqlite3.connect(old)) as reader:
            rows.extend(row[0] for row in reader.execute("SELECT count(*) FROM events"))

    monkeypatch.setattr(migrating, "take_steps", watched)
    open_ledger(file_url(old))
    assert rows == [4]


def test_of_many_who_open_it_at_once_one_brings_it_up_to_date(old: Path) -> None:
    failed: list[Exception] = []

    def run() -> None:
        try:
            assert len(open_ledger(file_url(old)).events()) == 4
        except Exception as error:  # a thread's failure is told below
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(backups(old)) == 1


# What cannot be


def refused(path: Path) -> str:
    """Opening is refused, and nothing has changed."""
    before = dump(path)
    with pytest.raises(LedgerError) as error:
        open_ledger(file_url(path))
    assert dump(path) == before
    assert backups(path) == []
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_events_that_do_not_fit_are_named_and_the_file_is_as_before(tmp_path: Path) -> None:
    columns = "parcel_no, kind, effective_on, recorded_at, recorded_by"
    second = f"'B', 'register', '2017-01-01', '{AT}', '张三'"
    bad = f"INSERT INTO events ({columns}) VALUES ({second})"
    message = refused(made(tmp_path / "bad.sqlite", bad))
    assert "已登记，不能再次" in message


def test_a_step_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: object) -> None:
        msg = "演练"
        raise LedgerError(msg)

    monkeypatch.setattr(writing, "rebuild", broken)
    assert "演练" in refused(old)


def test_a_backup_that_cannot_be_written_stops_it(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object) -> None:
        msg = "磁盘已满"
        raise LedgerError(msg)

    monkeypatch.setattr(migrating, "copy_file", full)
    assert "磁盘已满" in refused(old)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be nobody in particular: no file permission stops root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are set the POSIX way")
@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o444, 0o555)])
def test_an_old_ledger_that_cannot_be_written_says_so(file_mode: int, folder_mode: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = made(Path(name) / "ledger.sqlite")
        path.chmod(file_mode)
        path.parent.chmod(folder_mode)
        before = path.read_bytes()
        with unprivileged(), pytest.raises(LedgerError) as error:
            open_ledger(file_url(path))
        path.parent.chmod(0o755)
        assert path.read_bytes() == before
        assert backups(path) == []
    assert str(path) in str(error.value)
    assert "只读" in str(error.value) or "无法打开" in str(error.value)


@pytest.mark.postgis
def test_a_database_that_calls_itself_older_is_refused(postgis_url: str) -> None:
    ledger = create(postgis_url)
    with ledger.writing() as writer:
        writer.connection.execute(text("UPDATE meta SET value = '1' WHERE key = 'schema_version'"))
    with pytest.raises(LedgerError, match="早于本程序"):
        open_ledger(postgis_url)


# The steps themselves


def structure(path: Path) -> dict[str, object]:
    """Tables with their columns, keys, references, indices; and what triggers say."""
    looked_at = inspect(create_engine(file_url(path)))
    tables: dict[str, object] = {
        name: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in looked_at.get_columns(name)],
            looked_at.get_pk_constraint(name)["constrained_columns"],
            sorted(
                (f["constrained_columns"], f["referred_table"])
                for f in looked_at.get_foreign_keys(name)
            ),
            sorted((i["name"], i["column_names"]) for i in looked_at.get_indexes(name)),
        )
        for name in looked_at.get_table_names()
    }
    looked_at.engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {**tables, "triggers": {name: sql.split() for name, sql in triggers}}


def test_an_old_ledger_brought_up_to_date_is_built_like_a_new_one(
    old: Path, tmp_path: Path
) -> None:
    open_ledger(file_url(old))
    create(file_url(tmp_path / "new.sqlite"))
    assert structure(old) == structure(tmp_path / "new.sqlite")


def test_the_first_step_builds_what_the_first_release_built(old: Path, tmp_path: Path) -> None:
    path = tmp_path / "one.sqlite"
    engine = create_engine(file_url(path))
    with engine.begin() as connection:
        migrating.take_steps(connection, after=0, until=1)
    engine.dispose()
    assert structure(path) == structure(old)


def test_there_is_a_step_to_every_version() -> None:
    numbers = sorted(path.name[1:5] for path in migrating.MIGRATIONS.glob("v*.py"))
    assert numbers == [f"{n:04}" for n in range(1, schema.SCHEMA_VERSION + 1)]
