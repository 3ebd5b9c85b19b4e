"""What moved, by park, account and day, in whole grains, however many events moved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dongtou_geo.errors import LedgerError
from dongtou_geo.store.posting import MOST_GRAINS, Deltas, Key

Ints = NDArray[np.int64]
# A sum of millions of parcels may leave 64 bits on its way: it runs over two halves.
_HALF = 32
_LOW = (1 << _HALF) - 1
# More moves than this are summed before the next ones come. So few, their halves are exact as
# floats: each is below 2**32, or its sum fits into 64 bits.
_MANY = 2**20
# As long as keys times days are no more than this, each has a place of its own in a table.
_CELLS = 2**22


@dataclass(frozen=True, slots=True)
class Summed:
    """One line a key and day, in that order; no line of zero.

    Parameters
    ----------
    keys : list of (str, str)
        Park ("" = 园区外) and account, in order.
    key : ndarray of int64
        Position in ``keys``.
    day : ndarray of int64
        Days since 1970-01-01.
    grains : ndarray of int64
        What moved.
    """

    keys: list[Key]
    key: Ints
    day: Ints
    grains: Ints


class Moves:
    """A sum of moves; exact, whatever the order."""

    def __init__(self) -> None:
        self._place: dict[Key, int] = {}
        self._parts: list[tuple[Ints, Ints, Ints, Ints]] = []

    @classmethod
    def of(cls, deltas: Deltas) -> Moves:
        """Return deltas as moves.

        Parameters
        ----------
        deltas : dict
            Grains by (park, account) and day.
        """
        moves = cls()
        moves.add_deltas(deltas)
        return moves

    def add(self, keys: Sequence[Key], key: Ints, day: Ints, grains: Ints) -> None:
        """Add moves.

        Parameters
        ----------
        keys : sequence of (str, str)
            Park and account.
        key : ndarray of int64
            Position in ``keys``, of each move.
        day : ndarray of int64
            Days since 1970-01-01.
        grains : ndarray of int64
            What moved.
        """
        place = np.array([self._place_of(own) for own in keys], dtype=np.int64)
        self._parts.append((place[key], day, grains >> _HALF, grains & _LOW))
        if sum(len(part[0]) for part in self._parts) > _MANY:
            self._parts = [self._reduced()]

    def add_deltas(self, deltas: Deltas) -> None:
        """Add deltas of single parcels.

        Parameters
        ----------
        deltas : dict
            Grains by (park, account) and day.
        """
        moved = [
            (self._place_of(key), day.toordinal() - _EPOCH, grains >> _HALF, grains & _LOW)
            for key, days in deltas.items()
            for day, grains in days.items()
        ]
        if moved:
            key, day, high, low = np.array(moved, dtype=np.int64).T
            self._parts.append((key, day, high, low))

    def summed(self) -> Summed:
        """Return the sums.

        Raises
        ------
        LedgerError
            If one is more than a ledger can hold.
        """
        key, day, high, low = self._reduced()
        keys = sorted(self._place)
        order = np.argsort([self._place[own] for own in keys])  # place -> position among the sorted
        grains = whole(high, low)
        some = grains != 0
        placed = order[key[some]] if keys else key[some]
        by_key = np.argsort(code(placed, day[some]))
        return Summed(keys, placed[by_key], day[some][by_key], grains[some][by_key])

    def _place_of(self, key: Key) -> int:
        return self._place.setdefault(key, len(self._place))

    def _reduced(self) -> tuple[Ints, Ints, Ints, Ints]:
        if not self._parts:
            none = np.zeros(0, dtype=np.int64)
            return none, none, none, none
        key, day, high, low = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        if not len(key):
            return key, day, high, low
        start, span = int(day.min()), int(day.max() - day.min()) + 1
        if len(self._place) * span <= _CELLS and len(key) < 2 * _MANY:
            cell, high, low = _tabled(key * span + (day - start), high, low)
            key, day = cell // span, cell % span + start
        else:
            key, day, high, low = _sorted(key, day, high, low)
        return key, day, high + (low >> _HALF), low & _LOW


def _tabled(cell: Ints, high: Ints, low: Ints) -> tuple[Ints, Ints, Ints]:
    highs, lows = np.bincount(cell, weights=high), np.bincount(cell, weights=low)
    there = np.flatnonzero((highs != 0) | (lows != 0)).astype(np.int64)
    return there, highs[there].astype(np.int64), lows[there].astype(np.int64)


def _sorted(key: Ints, day: Ints, high: Ints, low: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    moment = code(key, day)
    order = np.argsort(moment)
    first = starts(moment[order])
    high, low = (np.add.reduceat(part[order], first) for part in (high, low))
    return key[order][first], day[order][first], high, low


_EPOCH = 719_163  # 1970-01-01 as a proleptic ordinal


def code(key: Ints, when: Ints) -> Ints:
    """Return key and time as one number, in their order.

    Parameters
    ----------
    key : ndarray of int64
        Position among some keys.
    when : ndarray of int64
        Days or months since 1970.
    """
    return (key << _HALF) + when + _EPOCH


def starts(*columns: Ints) -> NDArray[np.intp]:
    """Return where in sorted columns each new combination begins.

    Parameters
    ----------
    *columns : ndarray of int64
        At least one, of one length.
    """
    new = np.zeros(len(columns[0]), dtype=bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)


def whole(high: Ints, low: Ints) -> Ints:
    """Put two halves of sums together.

    Parameters
    ----------
    high, low : ndarray of int64
        Grains // 2**32, and the rest from 0.

    Raises
    ------
    LedgerError
        If a sum is more than a ledger can hold.
    """
    refuse_overflow(high.astype(np.float64) * 2.0**_HALF)
    return (high << _HALF) + low


def refuse_overflow(grains: NDArray[np.float64]) -> None:
    """Refuse sums that do not fit a 64-bit column.

    Parameters
    ----------
    grains : ndarray of float64
        Sums, about.

    Raises
    ------
    LedgerError
        If one is too large.
    """
    if len(grains) and np.abs(grains).max() > MOST_GRAINS:
        msg = "地块面积合计超出台账可记的范围（约 922 亿平方米），请核对面积单位"
        raise LedgerError(msg)
