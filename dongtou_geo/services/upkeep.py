"""备份、恢复、复制、核验: looking after a ledger, for commands and pages alike."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from dongtou_geo import settings
from dongtou_geo.domain.day import SHANGHAI
from dongtou_geo.domain.problem import Problem
from dongtou_geo.store import upkeep
from dongtou_geo.store.address import shown, sqlite_path
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.upkeep import Copied


def verify(ledger: Ledger) -> list[Problem]:
    """Check a ledger: its file, that nothing can change an event, and every book by a replay.

    Parameters
    ----------
    ledger : Ledger
        Which; nothing is changed.

    Returns
    -------
    list of Problem
        Empty when all is well; ``file`` names the ledger, ``feature`` the parcel or park.

    Raises
    ------
    LedgerError
        If it cannot even be read.
    """
    return upkeep.verify(ledger)


def backup(ledger: Ledger, target: Path | None = None, *, now: datetime) -> Path:
    """Write a ledger as it is at one moment into a SQLite file, and check that file.

    Parameters
    ----------
    ledger : Ledger
        Which; others read and write it meanwhile.
    target : Path, optional
        A file that does not exist yet; by default in ``backups/`` beside the ledger, named after
        it and the time.
    now : datetime
        An aware moment, for that name.

    Returns
    -------
    Path
        The backup.

    Raises
    ------
    LedgerError
        If the target exists or cannot be written, or the ledger is damaged; no file is left.
    """
    place = target or _folder(ledger.url) / "backups" / f"{_stem(ledger.url)}-{_moment(now)}.sqlite"
    upkeep.backup(ledger, place)
    return place


def restore(source: Path, url: str, *, force: bool = False, now: datetime) -> Path | None:
    """Put a backup into a ledger's place.

    Parameters
    ----------
    source : Path
        A backup; one of an older version is brought up to date.
    url : str
        The ledger's place, a SQLite file or a PostgreSQL database.
    force : bool
        Put it there even where a ledger is; that one is kept aside.
    now : datetime
        An aware moment, for the name under which the former ledger is kept.

    Returns
    -------
    Path or None
        Where the former ledger lies now: beside the file, or in ``data/`` where it was in a
        database; None if there was none.

    Raises
    ------
    LedgerError
        If the backup is none or damaged, a ledger is there and ``force`` is not given, or a place
        cannot be written; everything is then as before.
    """
    name = f"{_stem(url)}.before-restore-{_moment(now)}.sqlite"
    return upkeep.restore(source, url, force=force, aside=_folder(url) / name)


def copy(ledger: Ledger, target_url: str) -> Copied:
    """Copy a ledger to another home: same identity, same ids, nothing lost.

    Parameters
    ----------
    ledger : Ledger
        From where.
    target_url : str
        SQLAlchemy URL where no ledger is yet.

    Returns
    -------
    Copied
        The new ledger, and how many rows of each table; each was compared after it arrived, and
        the books with a replay of the events.

    Raises
    ------
    LedgerError
        If there is a ledger already, either cannot be used, or the books do not follow from the
        events; nothing is left there then.
    """
    return upkeep.copy(ledger, target_url)


def _folder(url: str) -> Path:
    path = sqlite_path(url)
    return path.absolute().parent if path else settings.DATA


def _stem(url: str) -> str:
    path = sqlite_path(url)
    # A database's name stands last in its address, before any options.
    name = path.stem if path else shown(url).rpartition("/")[2].partition("?")[0]
    return re.sub(r'[\\/:*?"<>|\s]', "_", name) or "ledger"


def _moment(now: datetime) -> str:
    return f"{now.astimezone(SHANGHAI):%Y%m%d-%H%M%S}"
