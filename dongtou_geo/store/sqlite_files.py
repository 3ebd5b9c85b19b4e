"""SQLite files copied whole: as of one moment, while others read and write."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from dongtou_geo.domain.os_words import os_words
from dongtou_geo.errors import LedgerError
from dongtou_geo.store.engine import BUSY_SECONDS, cause, connected

# A file that SQLite keeps beside a database, while it is open or after a crash.
SIDE_FILES = ("-wal", "-shm", "-journal")


@contextmanager
def published(target: Path) -> Iterator[Path]:
    """Make a file beside its place, and put it there only once it is complete.

    Parameters
    ----------
    target : Path
        The place; nothing may be there.

    Yields
    ------
    Path
        Where to write; no file is there yet.

    Raises
    ------
    LedgerError
        If something is there already, or the folder cannot be written.
    """
    part = target.with_name(f"{target.name}.{os.getpid()}-{time.time_ns()}.part")
    try:
        if target.exists():
            raise _taken(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        yield part
        _move(part, target)
    except OSError as error:
        msg = f"文件 {target} 无法写入：{os_words(error)}"
        raise LedgerError(msg) from error
    finally:
        for path in (part, *side_files(part)):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def side_files(path: Path) -> list[Path]:
    """Return the places of what SQLite keeps beside a database."""
    return [path.with_name(path.name + ending) for ending in SIDE_FILES]


def copy_file(source: Path, target: Path, *, check: bool = True) -> None:
    """Copy a SQLite file as it is at one moment; readers and writers go on meanwhile.

    Parameters
    ----------
    source : Path
        The database.
    target : Path
        A file that does not exist yet; complete in itself, nothing beside it.
    check : bool
        Refuse a copy that is not sound.

    Raises
    ------
    LedgerError
        If the target exists, either cannot be read or written, or the copy is not sound; nothing
        is left behind then.
    """
    try:
        with published(target) as part:
            with closing(connected(source)) as old, closing(sqlite3.connect(part)) as new:
                old.backup(new)
                # Whoever opens a copy must not litter: it may lie on a share or a read-only disk.
                new.execute("PRAGMA journal_mode=DELETE")
                if check:
                    _refuse_unsound(new, target)
            _flush(part)
    except sqlite3.Error as error:
        msg = f"{source} 未能复制到 {target}：{cause(error)}"
        raise LedgerError(msg) from error


def damage(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong with a SQLite file, in its own words; empty when it is sound.

    Parameters
    ----------
    connection : sqlite3.Connection
        An open database.
    """
    try:
        said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
        broken = connection.execute("PRAGMA foreign_key_check").fetchmany(20)
    except sqlite3.DatabaseError as error:
        return [str(error)]
    found = [text for text in said if text != "ok"]
    return found + [
        f"{table} 第 {row} 行引用的 {parent} 不存在" for table, row, parent, _ in broken
    ]


def overwrite(source: Path, target: Path, before: Callable[[], None]) -> None:
    """Put a SQLite file's content into another one that may be in use; all of it, or nothing.

    Parameters
    ----------
    source : Path
        A file that nobody writes.
    target : Path
        An existing database.
    before : callable
        Called once nobody else can write the target any more, and before anything is changed.

    Raises
    ------
    sqlite3.Error
        If either is no database, or the target stays busy; the target is then as before.

    Notes
    -----
    SQLite's own locks and log are at work: whoever reads goes on with what it saw, whoever waits
    to write finds the new content, and a crash half-way leaves the old.
    """
    waiting = time.monotonic() + BUSY_SECONDS
    held = False

    def stepped(status: int, _remaining: int, _total: int) -> None:
        nonlocal held
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            if time.monotonic() > waiting:
                msg = "database is locked"
                raise sqlite3.OperationalError(msg)
        elif not held:
            held = True
            before()

    with closing(connected(source)) as new, closing(connected(target)) as old:
        # Only a file written ahead can be read, and so kept, while it is locked.
        old.execute("PRAGMA journal_mode=WAL")
        # One page a step: after the first the target is locked, and nothing is committed yet.
        new.backup(old, pages=1, progress=stepped, sleep=0.1)


def _refuse_unsound(connection: sqlite3.Connection, target: Path) -> None:
    found = damage(connection)
    if found:
        msg = f"{target} 没有写成：台账文件已损坏（{found[0]}）"
        raise LedgerError(msg)


def _taken(target: Path) -> LedgerError:
    return LedgerError(f"文件 {target} 已存在，不会覆盖；请换一个文件名")


def _move(part: Path, target: Path) -> None:
    """Give a file its name, unless somebody else took it meanwhile."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise _taken(target) from None
    except OSError:  # a file system without hard links
        if target.exists():
            raise _taken(target) from None
        part.rename(target)
    _flush(target.parent)


def _flush(path: Path) -> None:
    """Wait until the disk has it; Windows offers no such thing for a folder."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
