"""The ledger that the running app shows, looked at again whenever it has changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dongtou_geo import settings
from dongtou_geo.services.ledger_choice import Places, chosen_url
from dongtou_geo.services.progress import LedgerView, ledger_view
from dongtou_geo.store.address import file_url, sqlite_path
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import open_ledger


@dataclass(frozen=True, slots=True)
class _Shelved:
    key: tuple[object, ...]
    view: LedgerView


class LedgerShelf:
    """Tell pages and routes alike which ledger is shown, and in which state.

    Parameters
    ----------
    environment_url : str or None
        ``DONGTOU_GEO_LEDGER``.
    places : Places, optional
        Where the default and the sample lie.

    Notes
    -----
    The app without a ledger shows the sample, under a permanent bar; commands never do.
    """

    def __init__(self, environment_url: str | None, places: Places | None = None) -> None:
        self._environment_url = environment_url
        self._places = places or Places()
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._shelved: _Shelved | None = None

    def view(self) -> LedgerView:
        """Return the ledger as it stands now.

        Returns
        -------
        LedgerView
            The same object until an event is recorded or the file is replaced.

        Raises
        ------
        LedgerError
            If the chosen ledger cannot be read; the sample never stands in for it.
        """
        with self._lock:
            return self._current().view

    def key(self) -> tuple[object, ...]:
        """Return what tells this ledger, as it stands now, from any other."""
        with self._lock:
            return self._current().key

    def _current(self) -> _Shelved:
        url = self.url()
        held = self._shelved
        key = _key(url)
        if held is None or held.key != key:
            open_ledger(url)  # migrates, or says what is wrong
            held = _Shelved(_key(url), ledger_view(Ledger(url)))
            self._shelved = held
        return held

    def ledger(self) -> Ledger:
        """Return the ledger itself.

        Raises
        ------
        LedgerError
            If the chosen ledger cannot be opened.
        """
        with self._lock:
            return open_ledger(self.url())

    def url(self) -> str:
        """Return the address of the ledger that is shown, the sample's where none was chosen."""
        with self._making:
            return self._url()

    def chosen_url(self) -> str | None:
        """Return the address of the ledger that was chosen; None = the sample stands in for one."""
        return chosen_url(None, self._environment_url, places=self._places)

    def default_url(self) -> str:
        """Return where a new ledger of this app is put."""
        return file_url(self._places.default)

    def _url(self) -> str:
        url = chosen_url(None, self._environment_url, places=self._places)
        sample = self._places.sample
        if url is None:
            url = file_url(sample)
        if url == file_url(sample) and not sample.is_file():
            from dongtou_geo.services.sample import make_sample

            make_sample(sample)
        return url


def _key(url: str) -> tuple[object, ...]:
    """Return the ledger's version, and its file's number, size and times.

    A file put in another's place, or copied over it, may carry the same version.
    """
    path = sqlite_path(url)
    if path is not None and not path.is_file():
        open_ledger(url)  # raises with the words for it
    # What is no parcel's event leaves the version as it is, but not the log beside the file.
    looks = (look_of(path), look_of(path.with_name(f"{path.name}-wal"))) if path else ()
    return (url, Ledger(url).stamp().ledger_version, *looks)


def look_of(file: Path) -> tuple[int, ...]:
    """Return what a file looks like from outside; an empty log is as good as none.

    Whoever looks into the ledger makes a log beside it, and takes it away with him.

    Parameters
    ----------
    file : Path
        There or not.
    """
    try:
        stat = file.stat()
    except FileNotFoundError:
        return ()
    look = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    return look if stat.st_size else ()


@cache
def app_shelf() -> LedgerShelf:
    """Return the shelf of the running app: pages and routes must show the same ledger."""
    return LedgerShelf(settings.from_environment().ledger_url)
