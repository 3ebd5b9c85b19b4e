"""What tiles are made from: parcels in flat arrays, an index of their bounds, and what changed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dongtou_geo.tiles.address import BUFFER, Box, tile_address
from dongtou_geo.tiles.bounds import BlockIndex, Bounds, along_curve, touching
from dongtou_geo.tiles.columns import (
    DrawnParcels,
    ParcelColumns,
    Rows,
    joined,
    lonlat,
    parcel_columns,
)
from dongtou_geo.tiles.rings import runs

# Past this many changed parcels they are merged into the whole, and a new index is built.
MAX_CHANGED = 20_000
# Past this many changed places every older tile counts as changed: one refresh, bounded memory.
MAX_CHANGES = 4_096

Found = list[tuple[ParcelColumns, Rows]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Base:
    """The bulk of the parcels, which indexes share from one event to the next."""

    columns: ParcelColumns
    blocks: BlockIndex
    by_id: NDArray[np.intp]
    sorted_ids: NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Changes:
    """Where something changed since the base was read, and with which version."""

    versions: tuple[str, ...]
    boxes: Bounds
    version: NDArray[np.int64]

    def at(self, box: Box) -> str:
        hits = self.version[touching(self.boxes, box)]
        return self.versions[int(hits.max(initial=0))]

    def followed_by(self, version: str, boxes: Bounds) -> _Changes:
        boxes = boxes[boxes[:, 0] <= boxes[:, 2]]
        if len(boxes) == 0:
            return self
        number = len(self.versions)
        marks = np.concatenate([self.version, np.full(len(boxes), number)])
        if len(marks) > MAX_CHANGES:
            return _Changes((version,), _NO_BOXES, marks[:0])
        return _Changes((*self.versions, version), np.concatenate([self.boxes, boxes]), marks)


_NO_BOXES = np.empty((0, 4), dtype=np.int32)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TileIndex:
    """Parcels ready for tiles; never changed, so any number of threads may read it.

    Make one with :meth:`build`, and the next one with :meth:`updated`.
    """

    version: str
    _base: _Base
    _replaced: NDArray[np.bool_]
    _changed: ParcelColumns
    _changes: _Changes

    @classmethod
    def build(cls, drawn: DrawnParcels, version: str) -> TileIndex:
        """Make an index of parcels.

        Parameters
        ----------
        drawn : DrawnParcels
            All parcels.
        version : str
            Which ledger in which state; no other may have the same.

        Returns
        -------
        TileIndex
            The index.
        """
        changes = _Changes((version,), _NO_BOXES, _no_rows())
        return cls._over(parcel_columns(drawn), version, changes)

    @classmethod
    def _over(cls, columns: ParcelColumns, version: str, changes: _Changes) -> TileIndex:
        columns = columns.take(along_curve(columns.bounds))
        by_id = np.argsort(columns.ids, kind="stable")
        base = _Base(columns, BlockIndex(columns.bounds), by_id, columns.ids[by_id])
        replaced = np.zeros(len(columns), dtype=bool)
        return cls(version, base, replaced, columns.take(_no_rows()), changes)

    def __len__(self) -> int:
        """Return the number of parcels, also of those that are never drawn."""
        return len(self._replaced) - int(self._replaced.sum()) + len(self._changed)

    @property
    def nbytes(self) -> int:
        """Return the memory that the arrays take."""
        base = self._base
        own = base.by_id.nbytes + base.sorted_ids.nbytes + self._replaced.nbytes
        return base.columns.nbytes + self._changed.nbytes + own

    def degrees(self) -> tuple[float, float, float, float] | None:
        """Return west, south, east, north of all that is ever drawn, EPSG:4490; None = nothing.

        A parcel that was replaced still counts: too wide a box only costs a few empty tiles.
        """
        found = np.vstack([self._base.blocks.bounds(), self._changed.bounds])
        found = found[found[:, 0] <= found[:, 2]]
        if len(found) == 0:
            return None
        west, north = found[:, :2].min(axis=0)
        east, south = found[:, 2:].max(axis=0)
        return *lonlat(west, south), *lonlat(east, north)

    def touching(self, box: Box) -> Found:
        """Find the parcels whose bounds touch a box.

        Parameters
        ----------
        box : tuple of int
            West, north, east, south, world units.

        Returns
        -------
        list of (ParcelColumns, ndarray of int)
            Columns and which of their rows, in rising order; empty where there is none.
        """
        rows = self._base.blocks.touching(box)
        rows = rows[~self._replaced[rows]]
        changed = np.flatnonzero(touching(self._changed.bounds, box))
        found = ((self._base.columns, rows), (self._changed, changed))
        return [(columns, some) for columns, some in found if len(some)]

    def tile_version(self, z: int, x: int, y: int) -> str:
        """Return the version of the last change that a tile shows.

        Parameters
        ----------
        z, x, y : int
            The tile.

        Returns
        -------
        str
            The version of the event, or of the index as built; equal strings mean equal tiles.

        Raises
        ------
        TileAddressError
            If there is no such tile.
        """
        return self._changes.at(tile_address(z, x, y).box(BUFFER))

    def updated(
        self, drawn: DrawnParcels, version: str, *, removed: NDArray[np.uint64] | None = None
    ) -> TileIndex:
        """Make the index after an event.

        Parameters
        ----------
        drawn : DrawnParcels
            The parcels that changed or are new, whole, with all their states: they take the place
            of every row with one of their ids.
        version : str
            The ledger's version after it.
        removed : ndarray of uint64, optional
            Ids of parcels that are to vanish from all dates, as by 作废.

        Returns
        -------
        TileIndex
            Shares the unchanged arrays with this one, which stays as it was.
        """
        fresh = parcel_columns(drawn)
        gone = fresh.ids if removed is None else np.concatenate([fresh.ids, removed])
        lost = self._rows_of(gone)
        before = np.isin(self._changed.ids, gone)
        boxes = np.concatenate(
            [self._base.columns.bounds[lost], self._changed.bounds[before], fresh.bounds]
        )
        changes = self._changes.followed_by(version, boxes)
        replaced = self._replaced.copy()
        replaced[lost] = True
        changed = joined([self._changed.take(np.flatnonzero(~before)), fresh])
        after = replace(
            self, version=version, _replaced=replaced, _changed=changed, _changes=changes
        )
        return after if len(changed) <= MAX_CHANGED else after._merged()

    def _rows_of(self, ids: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Rows of the base that still stand under some ids."""
        names, base = np.unique(ids), self._base
        first = np.searchsorted(base.sorted_ids, names, side="left")
        counts = np.searchsorted(base.sorted_ids, names, side="right") - first
        rows = base.by_id[runs(first, counts)]
        return rows[~self._replaced[rows]]

    def _merged(self) -> TileIndex:
        kept = self._base.columns.take(np.flatnonzero(~self._replaced))
        return self._over(joined([kept, self._changed]), self.version, self._changes)


def _no_rows() -> NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)
