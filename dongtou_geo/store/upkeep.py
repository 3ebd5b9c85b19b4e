"""Looking after a ledger: backup, restore, copy to another home, verify."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from dongtou_geo.domain.os_words import os_words
from dongtou_geo.domain.problem import Problem, Severity
from dongtou_geo.errors import LedgerError
from dongtou_geo.store import postgis, schema
from dongtou_geo.store.address import file_url, shown, sqlite_path
from dongtou_geo.store.engine import WRITING, cause, connected, engine_of
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import made, open_ledger
from dongtou_geo.store.shares import refuse_share
from dongtou_geo.store.sqlite_files import copy_file, damage, overwrite, side_files
from dongtou_geo.store.transfer import copy_rows
from dongtou_geo.store.verifying import problems_of


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy to another home brought over.

    Parameters
    ----------
    ledger : Ledger
        The copy.
    rows : dict of str to int
        How many rows of each table.
    """

    ledger: Ledger
    rows: dict[str, int]


def verify(ledger: Ledger) -> list[Problem]:
    """Check a ledger from the file up to the books; nothing is changed.

    Parameters
    ----------
    ledger : Ledger
        Which.

    Returns
    -------
    list of Problem
        Empty when all is well.

    Raises
    ------
    LedgerError
        If it cannot even be read.
    """
    with ledger.reading() as snapshot:
        return problems_of(snapshot.connection, shown(ledger.url))


def backup(ledger: Ledger, target: Path) -> None:
    """Write a ledger as it is at one moment into a SQLite file of its own.

    Parameters
    ----------
    ledger : Ledger
        Which; others read and write it meanwhile.
    target : Path
        A file that does not exist yet; it may lie on a share.

    Raises
    ------
    LedgerError
        If the target exists or cannot be written, or the ledger is damaged; no file is left.
    """
    source = sqlite_path(ledger.url)
    if source is not None:
        copy_file(source, target)
        return
    # Rows are written here first: SQLite should not write row by row across a network.
    with TemporaryDirectory() as folder:
        local = Path(folder) / "ledger.sqlite"
        _carry(ledger, file_url(local))
        copy_file(local, target)


def copy(ledger: Ledger, target_url: str) -> Copied:
    """Copy a ledger to another home: same identity, same ids, nothing lost.

    Parameters
    ----------
    ledger : Ledger
        From where.
    target_url : str
        Where no ledger is yet.

    Returns
    -------
    Copied
        The new ledger.

    Raises
    ------
    LedgerError
        If there is a ledger already, either cannot be used, or the books do not follow from the
        events; nothing is left there then.
    """
    return _carry(ledger, target_url, check_books=True)


def restore(source: Path, url: str, *, force: bool = False, aside: Path) -> Path | None:
    """Put a backup into a ledger's place.

    Parameters
    ----------
    source : Path
        A backup.
    url : str
        The place.
    force : bool
        Put it there even where a ledger is; that one is kept aside.
    aside : Path
        Where to keep it; no file may be there.

    Returns
    -------
    Path or None
        Where the former ledger lies now; None if there was none.

    Raises
    ------
    LedgerError
        If the backup is none or damaged, a ledger is there and ``force`` is not given, or a place
        cannot be written; everything is then as before.
    """
    _refuse_no_backup(source)
    target = sqlite_path(url)
    if target is None:
        return _restore_rows(source, url, aside, force=force)
    refuse_share(target)
    if not target.exists():
        # What a vanished ledger left behind would be read into the restored one.
        _move_aside(side_files(target), side_files(aside))
        copy_file(source, target)
        open_ledger(url)
        return None
    if not force:
        raise _occupied(url)
    if target.resolve() == source.resolve():
        msg = f"备份 {source} 就是要恢复的台账本身，请指定另一个备份文件"
        raise LedgerError(msg)
    _restore_file(source, target, aside)
    open_ledger(url)
    return aside


def _occupied(url: str) -> LedgerError:
    return LedgerError(
        f"台账 {shown(url)} 已存在，恢复会取代它；确要恢复请加 --force，原台账会另存在旁边"
    )


def _carry(ledger: Ledger, target_url: str, *, check_books: bool = False) -> Copied:
    rows: dict[str, int] = {}

    def fill(connection: Connection) -> None:
        rows.update(copy_rows(snapshot.connection, connection))
        if check_books:
            _refuse_wrong_books(connection, ledger.url)

    with ledger.reading() as snapshot:
        copied = made(target_url, fill)
    return Copied(copied, rows)


def _refuse_wrong_books(connection: Connection, url: str) -> None:
    wrong = [
        found for found in problems_of(connection, shown(url)) if found.severity is Severity.ERROR
    ]
    if wrong:
        msg = f"台账 {shown(url)} 的账簿与记录不符，未复制；请先运行 ledger verify：{wrong[0].message}"
        raise LedgerError(msg)


def _refuse_no_backup(source: Path) -> None:
    if not source.is_file():
        msg = f"备份文件 {source} 不存在"
        raise LedgerError(msg)
    with Ledger(file_url(source)).reading() as snapshot:
        snapshot.identity()
    try:
        with closing(connected(source)) as connection:
            found = damage(connection)
    except sqlite3.Error as error:
        found = [cause(error)]
    if found:
        msg = f"备份文件 {source} 已损坏，没有恢复：{found[0]}"
        raise LedgerError(msg)


def _restore_file(source: Path, target: Path, aside: Path) -> None:
    try:
        if _is_database(target):
            overwrite(source, target, lambda: copy_file(target, aside, check=False))
        else:
            _swap(source, target, aside)
    except sqlite3.Error as error:
        msg = f"台账 {target} 没有恢复，内容未改变：{cause(error)}"
        raise LedgerError(msg) from error
    except OSError as error:
        msg = f"台账 {target} 没有恢复：{os_words(error)}"
        raise LedgerError(msg) from error


def _is_database(path: Path) -> bool:
    try:
        with closing(connected(path)) as connection:
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if cause(error) == cause(sqlite3.OperationalError("database is locked")):
            raise
        return False
    return bool(tables > 0)


def _swap(source: Path, target: Path, aside: Path) -> None:
    """Move a file that is no database (any more) aside, with what lies beside it."""
    if aside.exists():
        msg = f"文件 {aside} 已存在，不会覆盖"
        raise LedgerError(msg)
    ready = target.with_name(f"{target.name}.restored")
    copy_file(source, ready)
    _move_aside([target, *side_files(target)], [aside, *side_files(aside)])
    ready.rename(target)


def _move_aside(files: Sequence[Path], places: Sequence[Path]) -> None:
    for file, place in zip(files, places, strict=True):
        if file.exists():
            file.rename(place)


def _restore_rows(source: Path, url: str, aside: Path, *, force: bool) -> Path | None:
    """Put a backup into PostgreSQL, in one transaction."""
    with TemporaryDirectory() as folder:
        # An older backup is brought up to date here, not where it lies.
        local = Path(folder) / "ledger.sqlite"
        copy_file(source, local)
        ready = open_ledger(file_url(local))
        try:
            with ready.reading() as snapshot, _turn(url) as connection:
                occupied = bool(postgis.taken(connection))
                if occupied and not force:
                    raise _occupied(url)
                if occupied:
                    backup(open_ledger(url), aside)
                    schema.metadata.drop_all(connection)
                postgis.prepare(connection, shown(url))
                schema.metadata.create_all(connection, checkfirst=False)
                copy_rows(snapshot.connection, connection)
        except SQLAlchemyError as error:
            msg = f"台账 {shown(url)} 没有恢复，内容未改变：{cause(error)}"
            raise LedgerError(msg) from error
    return aside if occupied else None


def _turn(url: str) -> AbstractContextManager[Connection]:
    return engine_of(url).execution_options(**WRITING).begin()
