"""Backup, restore and copy: nothing is lost, nothing is overwritten, and what fails leaves no trace."""

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import shapely
from sqlalchemy import text

from dongtou_geo.domain.event import EventKind
from dongtou_geo.errors import LedgerError
from dongtou_geo.store import sqlite_files, upkeep
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create, open_ledger
from tests.store.small_office import DRAWN, contents, fill, line, names_in

LATER = line(DRAWN.parcel_no, EventKind.COMPLETE, date(2019, 12, 1))


@pytest.fixture
def ledger(home: str) -> Ledger:
    return fill(create(home, LedgerIdentity("abc", data_until=date(2026, 6, 30))))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where a former ledger is kept."""
    return tmp_path / "former.sqlite"


def raw(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def backup_of(ledger: Ledger, path: Path) -> Path:
    upkeep.backup(ledger, path)
    return path


# Backup


def test_a_backup_is_one_file_that_holds_everything(ledger: Ledger, tmp_path: Path) -> None:
    target = tmp_path / "备份 #1" / "a%20b.sqlite"
    upkeep.backup(ledger, target)
    before = target.read_bytes()
    assert names_in(target.parent) == [target.name]
    copied = open_ledger(file_url(target))
    assert contents(copied) == contents(ledger)
    assert upkeep.verify(copied) == []
    assert target.read_bytes() == before
    assert names_in(target.parent) == [target.name]


def test_a_backup_is_one_moment_while_others_write(ledger: Ledger, tmp_path: Path) -> None:
    before = contents(ledger)
    with ledger.writing() as writer:
        writer.add([], [LATER])
        upkeep.backup(open_ledger(ledger.url), tmp_path / "during")
    upkeep.backup(ledger, tmp_path / "after")
    assert contents(open_ledger(file_url(tmp_path / "during"))) == before
    assert contents(open_ledger(file_url(tmp_path / "after"))) == contents(ledger) != before


def test_a_backup_overwrites_nothing(ledger: Ledger, tmp_path: Path) -> None:
    target = tmp_path / "minutes.txt"
    target.write_text("minutes")
    with pytest.raises(LedgerError, match="已存在"):
        upkeep.backup(ledger, target)
    assert target.read_text() == "minutes"


def test_a_backup_into_a_folder_that_is_none_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "minutes.txt").write_text("minutes")
    with pytest.raises(LedgerError, match="无法写入"):
        upkeep.backup(ledger, tmp_path / "minutes.txt" / "a.sqlite")


def test_a_damaged_ledger_is_not_backed_up_as_if_it_were_sound(
    ledger: Ledger, path: Path, tmp_path: Path
) -> None:
    damage(path)
    before = names_in(tmp_path)
    with pytest.raises(LedgerError, match="损坏"):
        upkeep.backup(ledger, tmp_path / "a.sqlite")
    assert names_in(tmp_path) == before


def damage(path: Path) -> None:
    """Overwrite the pages of the events' table in the middle of the file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_events_parcel_no'"
        ).fetchone()
    whole = bytearray(path.read_bytes())
    whole[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(whole)


@pytest.mark.skipif(sys.platform == "win32", reason="limits are set the POSIX way")
def test_a_full_disk_leaves_no_half_a_backup(ledger: Ledger, tmp_path: Path) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        with pytest.raises(LedgerError):
            upkeep.backup(ledger, tmp_path / "a.sqlite")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [name for name in names_in(tmp_path) if not name.startswith("ledger.sqlite")] == []


# Copy


def test_a_copy_loses_nothing(ledger: Ledger, tmp_path: Path) -> None:
    copied = upkeep.copy(ledger, file_url(tmp_path / "other.sqlite"))
    assert contents(copied.ledger) == contents(ledger)
    assert copied.rows == {name: len(rows) for name, rows in contents(ledger).items()}
    assert copied.ledger.identity() == ledger.identity()
    assert copied.ledger.stamp() == ledger.stamp()
    assert upkeep.verify(copied.ledger) == []


@pytest.mark.postgis
def test_a_copy_goes_to_postgis_and_back(tmp_path: Path, postgis_url: str) -> None:
    ledger = fill(create(file_url(tmp_path / "a.sqlite")))
    there = upkeep.copy(ledger, postgis_url).ledger
    back = upkeep.copy(there, file_url(tmp_path / "b.sqlite")).ledger
    assert contents(back) == contents(there) == contents(ledger)
    for each in (there, back):
        each.append([], [LATER])
        assert upkeep.verify(each) == []
    assert contents(back) == contents(there)


@pytest.mark.postgis
def test_the_same_outline_in_other_bytes_is_the_same(tmp_path: Path, postgis_url: str) -> None:
    ledger = create(file_url(tmp_path / "a.sqlite"))
    outline = shapely.Point(121, 27).buffer(0.001)
    big_endian = shapely.to_wkb(outline, byte_order=0)
    ledger.append([replace(DRAWN, geometry_wkb=big_endian)], [])
    (arrived,) = upkeep.copy(ledger, postgis_url).ledger.parcels()
    assert arrived.geometry_wkb != big_endian
    assert arrived.geometry_wkb == shapely.to_wkb(outline, byte_order=1)


@pytest.mark.postgis
def test_a_copy_that_cannot_arrive_whole_leaves_nothing(tmp_path: Path, postgis_url: str) -> None:
    ledger = fill(create(file_url(tmp_path / "a.sqlite")))
    raw(tmp_path / "a.sqlite", f"UPDATE parcels SET note = '{'x' * 501}'")
    with pytest.raises(LedgerError, match="超过允许的长度"):
        upkeep.copy(ledger, postgis_url)
    create(postgis_url)


def test_a_copy_refuses_a_place_that_is_taken(ledger: Ledger, tmp_path: Path) -> None:
    other = create(file_url(tmp_path / "other.sqlite"))
    for place in (other.url, ledger.url):
        with pytest.raises(LedgerError, match="已存在"):
            upkeep.copy(ledger, place)
    assert other.events() == []


def test_books_that_do_not_follow_from_the_events_are_not_copied(
    ledger: Ledger, tmp_path: Path
) -> None:
    with ledger.writing() as writer:
        writer.connection.execute(text("UPDATE balance_days SET grains = grains + 1"))
    target = tmp_path / "other.sqlite"
    with pytest.raises(LedgerError, match="ledger verify"):
        upkeep.copy(ledger, file_url(target))
    assert not target.exists()


# Restore


def test_a_restored_ledger_is_what_the_backup_was(
    ledger: Ledger, tmp_path: Path, kept: Path
) -> None:
    source = backup_of(ledger, tmp_path / "backup")
    place = file_url(tmp_path / "new" / "ledger.sqlite")
    assert upkeep.restore(source, place, aside=kept) is None
    restored = open_ledger(place)
    assert contents(restored) == contents(ledger)
    restored.append([], [LATER])
    assert upkeep.verify(restored) == []


def test_restore_replaces_a_ledger_only_when_told_and_keeps_it(
    ledger: Ledger, tmp_path: Path, kept: Path
) -> None:
    source, then = backup_of(ledger, tmp_path / "backup"), contents(ledger)
    ledger.append([], [LATER])
    now = contents(ledger)
    with pytest.raises(LedgerError, match="--force"):
        upkeep.restore(source, ledger.url, aside=kept)
    assert contents(ledger) == now
    assert not kept.exists()
    assert upkeep.restore(source, ledger.url, force=True, aside=kept) == kept
    assert contents(ledger) == then
    assert contents(open_ledger(file_url(kept))) == now
    ledger.append([], [LATER])
    assert contents(ledger) == now
    assert upkeep.verify(ledger) == []


@pytest.mark.postgis
def test_a_backup_restores_into_an_empty_database(
    tmp_path: Path, postgis_url: str, kept: Path
) -> None:
    ledger = fill(create(file_url(tmp_path / "a.sqlite")))
    source = backup_of(ledger, tmp_path / "backup")
    assert upkeep.restore(source, postgis_url, force=True, aside=kept) is None
    assert contents(open_ledger(postgis_url)) == contents(ledger)


@pytest.mark.postgis
def test_restore_leaves_a_database_of_others_alone(
    tmp_path: Path, postgis_url: str, kept: Path, postgis_server
) -> None:
    ledger = fill(create(file_url(tmp_path / "a.sqlite")))
    with postgis_server.connection(postgis_url.rpartition("/")[2]) as connection:
        connection.execute("CREATE TABLE events (a text)")
    with pytest.raises(LedgerError):
        upkeep.restore(backup_of(ledger, tmp_path / "backup"), postgis_url, force=True, aside=kept)
    with postgis_server.connection(postgis_url.rpartition("/")[2]) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)


def test_a_writer_that_waited_for_a_restore_writes_into_the_restored_ledger(
    ledger: Ledger, tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An acknowledged event is in the ledger, whenever it came."""
    source = backup_of(ledger, tmp_path / "backup")
    thread = threading.Thread(target=lambda: ledger.append([], [LATER]))
    copied = sqlite_files.copy_file

    def slow(old: Path, new: Path, *, check: bool = True) -> None:
        copied(old, new, check=check)
        if new == kept:
            thread.start()  # waits: the turn is the restore's

    monkeypatch.setattr(upkeep, "copy_file", slow)
    before = contents(ledger)
    upkeep.restore(source, ledger.url, force=True, aside=kept)
    thread.join()
    assert contents(open_ledger(file_url(kept))) == before
    assert ledger.events()[-1].kind is EventKind.COMPLETE
    assert upkeep.verify(ledger) == []


def test_a_reader_goes_on_with_what_it_saw(ledger: Ledger, path: Path, kept: Path) -> None:
    source = backup_of(ledger, path.parent / "backup")
    ledger.append([], [LATER])
    with ledger.reading() as snapshot:
        seen = snapshot.events()
        upkeep.restore(source, ledger.url, force=True, aside=kept)
        assert snapshot.events() == seen
    assert len(ledger.events()) == len(seen) - 1


def test_restore_over_a_busy_ledger_gives_up_and_changes_nothing(
    ledger: Ledger, path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dongtou_geo.store.engine.BUSY_SECONDS", 0.3)
    monkeypatch.setattr(sqlite_files, "BUSY_SECONDS", 0.3)
    source = backup_of(ledger, path.parent / "backup")
    with ledger.writing() as writer:
        writer.add([], [LATER])
        with pytest.raises(LedgerError, match="另一处正在写入"):
            upkeep.restore(source, ledger.url, force=True, aside=kept)
    assert ledger.events()[-1].kind is EventKind.COMPLETE
    assert not kept.exists()


@pytest.mark.parametrize(
    "content", [b"", b"junk" * 5_000, b"SQLite format 3\x00" + b"\xff" * 5_000]
)
def test_restore_over_a_wreck_keeps_the_wreck(
    ledger: Ledger, path: Path, kept: Path, content: bytes
) -> None:
    source, then = backup_of(ledger, path.parent / "backup"), contents(ledger)
    path.write_bytes(content)
    upkeep.restore(source, ledger.url, force=True, aside=kept)
    assert contents(ledger) == then
    if content:
        assert kept.read_bytes() == content
    ledger.append([], [LATER])


def test_restore_over_a_damaged_ledger_keeps_what_there_is(
    ledger: Ledger, path: Path, kept: Path
) -> None:
    source, then = backup_of(ledger, path.parent / "backup"), contents(ledger)
    damage(path)
    upkeep.restore(source, ledger.url, force=True, aside=kept)
    assert contents(ledger) == then
    assert kept.stat().st_size == source.stat().st_size
    assert upkeep.verify(ledger) == []


def test_a_log_left_behind_by_a_vanished_ledger_is_not_read_into_the_restored_one(
    ledger: Ledger, path: Path, kept: Path
) -> None:
    source, then = backup_of(ledger, path.parent / "backup"), contents(ledger)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE meta SET value = 'other' WHERE key = 'ledger_id'")
        connection.commit()
        log = path.with_name("ledger.sqlite-wal").read_bytes()
    path.unlink()
    path.with_name("ledger.sqlite-wal").write_bytes(log)
    upkeep.restore(source, ledger.url, aside=kept)
    assert contents(ledger) == then


@pytest.mark.parametrize("damaged", ["missing", "empty", "junk", "another program's", "broken"])
def test_what_is_no_backup_is_refused_and_the_ledger_stays(
    ledger: Ledger, tmp_path: Path, kept: Path, damaged: str
) -> None:
    source, before = tmp_path / "backup", contents(ledger)
    if damaged == "broken":
        damage(backup_of(ledger, source))
    elif damaged == "another program's":
        raw(source, "CREATE TABLE meta (a)")
    elif damaged != "missing":
        source.write_bytes(b"junk" * 5_000 if damaged == "junk" else b"")
    with pytest.raises(LedgerError) as refused:
        upkeep.restore(source, ledger.url, force=True, aside=kept)
    assert str(source) in str(refused.value)
    assert contents(ledger) == before
    assert not kept.exists()


def test_a_ledger_is_no_backup_of_itself(ledger: Ledger, path: Path, kept: Path) -> None:
    with pytest.raises(LedgerError, match="本身"):
        upkeep.restore(path, ledger.url, force=True, aside=kept)


KILLED = """
import os, sys
from pathlib import Path
from dongtou_geo.store import upkeep
from dongtou_geo.store.address import file_url
upkeep.copy_file = lambda *a, **k: os._exit(9)
upkeep.restore(Path(sys.argv[1]), file_url(Path(sys.argv[2])), force=True, aside=Path(sys.argv[3]))
"""


def test_a_restore_that_is_killed_leaves_the_ledger_as_before(
    ledger: Ledger, path: Path, kept: Path
) -> None:
    source = backup_of(ledger, path.parent / "backup")
    ledger.append([], [LATER])
    before = contents(ledger)
    command = [sys.executable, "-c", KILLED, str(source), str(path), str(kept)]
    assert subprocess.run(command, check=False, env={**os.environ}).returncode == 9
    assert contents(ledger) == before
    assert upkeep.verify(ledger) == []
