"""What the map's tiles are made from, read from the ledger that the app shows."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dongtou_geo.domain.account import ParcelState, transitions
from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.event import standing
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.services.shelf import LedgerShelf, look_of
from dongtou_geo.store.address import sqlite_path
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import open_ledger
from dongtou_geo.store.present import entries_of
from dongtou_geo.store.tile_rows import (
    TileMark,
    TileRows,
    mark_of,
    moved_by_month,
    read_rows,
    touched_since,
)

MOST_FOUND = 8


@dataclass(frozen=True, slots=True)
class TileReading:
    """What was read of a ledger at one moment.

    Parameters
    ----------
    mark : TileMark
        By which the next reading knows what has come since.
    rows : TileRows
        All parcels, or those that changed.
    whole : bool
        Which of the two.
    months : dict of str to float
        Month to how much land moved in it, any unit.
    """

    mark: TileMark
    rows: TileRows
    whole: bool
    months: dict[str, float]


class TileSource:
    """Reads the parcels of the app's ledger, all of them once and then what changes.

    Parameters
    ----------
    shelf : LedgerShelf
        The app's ledger.
    """

    def __init__(self, shelf: LedgerShelf) -> None:
        self._shelf = shelf

    def footprint(self) -> tuple[object, ...]:
        """Return what changes whenever the ledger may have; quick enough to ask often.

        Raises
        ------
        LedgerError
            If the ledger is not there or cannot be read.
        """
        url = self._shelf.url()
        path = sqlite_path(url)
        if path is None:
            with open_ledger(url).reading() as snapshot:
                return url, mark_of(snapshot.connection)
        if not path.is_file():
            open_ledger(url)  # raises with the words for it
        return url, look_of(path), look_of(path.with_name(f"{path.name}-wal"))

    def read(self, before: TileMark | None) -> TileReading | None:
        """Read all parcels, or those that changed since an earlier reading.

        Parameters
        ----------
        before : TileMark or None
            The earlier reading's mark; None = there was none.

        Returns
        -------
        TileReading or None
            None where nothing has changed.

        Raises
        ------
        LedgerError
            If the ledger cannot be read.
        """
        with open_ledger(self._shelf.url()).reading() as snapshot:
            connection = snapshot.connection
            mark = mark_of(connection)
            if mark == before:
                return None
            changed = None if before is None else touched_since(connection, before)
            rows = read_rows(connection, changed)
            return TileReading(mark, rows, changed is None, moved_by_month(connection))


@dataclass(frozen=True)
class ParcelIds:
    """Parcels' numbers and the ids that tiles know them by.

    Parameters
    ----------
    numbers : list of str
        Ascending.
    ids : ndarray of uint64
        One a number.
    """

    numbers: list[str]
    ids: NDArray[np.uint64]

    def number(self, parcel_id: int) -> str | None:
        """Return the number of an id, or None."""
        order, ascending = self._by_id
        place = int(np.searchsorted(ascending, parcel_id))
        if place == len(ascending) or ascending[place] != parcel_id:
            return None
        return self.numbers[int(order[place])]

    def id(self, parcel_no: str) -> int | None:
        """Return the id of a number, or None."""
        place = bisect_left(self.numbers, parcel_no)
        if place == len(self.numbers) or self.numbers[place] != parcel_no:
            return None
        return int(self.ids[place])

    def find(self, text: str) -> list[str]:
        """Return a few numbers that hold a text, those first in which it stands further ahead.

        Parameters
        ----------
        text : str
            Upper and lower case are alike.
        """
        asked = text.strip().lower()
        if not asked or "\n" in asked:
            return []
        everything, starts = self._searched
        hits: dict[int, int] = {}
        at = everything.find(asked)
        while at >= 0 and len(hits) < 50 * MOST_FOUND:
            place = int(np.searchsorted(starts, at, side="right")) - 1
            hits[place] = at - int(starts[place])
            at = everything.find(asked, int(starts[place + 1]))
        best = sorted(hits, key=lambda place: (hits[place], len(self.numbers[place]), place))
        return [self.numbers[place] for place in best[:MOST_FOUND]]

    def with_rows(self, rows: TileRows) -> ParcelIds:
        """Return these and whatever new ones some rows bring."""
        new = [row for row, number in enumerate(rows.numbers) if self.id(number) is None]
        if not new:
            return self
        numbers = [*self.numbers, *(rows.numbers[row] for row in new)]
        ids = np.concatenate([self.ids, rows.ids[new]])
        order = sorted(range(len(numbers)), key=numbers.__getitem__)
        return ParcelIds([numbers[place] for place in order], ids[order])

    @cached_property
    def _by_id(self) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
        order = np.argsort(self.ids)
        return order, self.ids[order]

    @cached_property
    def _searched(self) -> tuple[str, NDArray[np.int64]]:
        """All numbers in one text, a line each: a million are looked through in milliseconds."""
        low = [number.replace("\n", " ").lower() for number in self.numbers]
        lengths = np.fromiter((len(number) + 1 for number in low), np.int64, len(low))
        return "\n".join(low), np.concatenate([[0], np.cumsum(lengths)])


def parcel_ids(rows: TileRows) -> ParcelIds:
    """Return the ids of all parcels.

    Parameters
    ----------
    rows : TileRows
        All of them.
    """
    return ParcelIds(rows.numbers, rows.ids)


def stories_of(ledger: Ledger, numbers: list[str]) -> dict[str, tuple[Parcel, list[ParcelState]]]:
    """Return what some parcels are and every state each has been in, from one moment.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    numbers : list of str
        Parcels; a few hundred at most, for their lines are replayed.

    Returns
    -------
    dict of str to (Parcel, list of ParcelState)
        By number; unknown ones are left out.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    with ledger.reading() as snapshot:
        entries = entries_of(snapshot.connection, numbers)
        lines = events_by_parcel(standing(snapshot.events(numbers)))
    return {
        number: (entries[number], list(transitions(lines.get(number, []))))
        for number in numbers
        if number in entries
    }
