"""The tiles of the app's ledger: made ready in the background, and again when it has changed."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.services.shelf import LedgerShelf, app_shelf
from dongtou_geo.services.tile_source import ParcelIds, TileReading, TileSource, parcel_ids
from dongtou_geo.store.tile_rows import TileMark, TileRows
from dongtou_geo.tiles.cache import Tile, TileCache
from dongtou_geo.tiles.columns import DrawnParcels
from dongtou_geo.tiles.index import TileIndex

CACHE_BYTES = 128 * 1024 * 1024
# A ledger changed by another program is seen after so long at the latest.
LOOK_EVERY_S = 1.0
RETRY_AFTER_S = 1


class TilesNotReadyError(DongtouGeoError):
    """Raise while the parcels are still being read."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The tiles of one ledger in one state; never changed.

    Parameters
    ----------
    version : str
        Tells it from any other.
    footprint : tuple
        What the ledger's home looked like when it was read.
    mark : TileMark
        What was read.
    index : TileIndex
        The parcels.
    ids : ParcelIds
        Their numbers.
    months : dict of str to float
        Months in which land moved, and how much.
    """

    version: str
    footprint: tuple[object, ...] = field(repr=False)
    mark: TileMark = field(repr=False)
    index: TileIndex = field(repr=False)
    ids: ParcelIds = field(repr=False)
    months: dict[str, float] = field(repr=False)


class TileShelf:
    """Keep the tiles of the app's ledger for pages and routes alike.

    Parameters
    ----------
    shelf : LedgerShelf
        The app's ledger.
    cache_bytes : int
        Memory for finished tiles.

    Notes
    -----
    One thread reads at a time; whoever asks meanwhile gets the state before it while the ledger is
    the same one grown older, and ``TilesNotReadyError`` while it is another one.
    """

    def __init__(self, shelf: LedgerShelf, *, cache_bytes: int = CACHE_BYTES) -> None:
        self._source = TileSource(shelf)
        self._cache = TileCache(cache_bytes)
        self._state = threading.Condition()
        self._held: Standing | None = None
        self._error: DongtouGeoError | None = None
        self._failed_at: tuple[object, ...] | None = None
        self._reading = False
        self._looked_at = float("-inf")

    def look(self, *, patience_s: float = 0.0) -> bool:
        """See whether the ledger has changed, and read it in the background if so.

        Parameters
        ----------
        patience_s : float
            How long to wait for what is being read.

        Returns
        -------
        bool
            Whether something is still being read.
        """
        try:
            footprint: tuple[object, ...] | None = self._source.footprint()
        except DongtouGeoError as error:
            footprint = None
            with self._state:
                self._held, self._error = None, error
        with self._state:
            self._looked_at = time.monotonic()
            known = self._held.footprint if self._held else self._failed_at
            if footprint is not None and footprint != known and not self._reading:
                self._reading = True
                threading.Thread(target=self._read, name="tiles", daemon=True).start()
            if patience_s > 0:
                self._state.wait_for(lambda: not self._reading, patience_s)
            return self._reading

    def standing(self) -> Standing:
        """Return what can be shown now.

        Raises
        ------
        TilesNotReadyError
            If the parcels are still being read.
        DongtouGeoError
            If they cannot be read.
        """
        if time.monotonic() - self._looked_at > LOOK_EVERY_S:
            self.look()
        with self._state:
            if self._held is not None:
                return self._held
            if self._error is not None and not self._reading:
                raise self._error
        message = "地块正在读取，请稍候再试"
        raise TilesNotReadyError(message)

    def tile(self, z: int, x: int, y: int) -> Tile:
        """Return a tile as ``TileCache.tile`` does.

        Parameters
        ----------
        z, x, y : int
            The tile.

        Raises
        ------
        TileAddressError
            If there is no such tile.
        TilesNotReadyError
            If the parcels are still being read.
        DongtouGeoError
            If they cannot be read.
        """
        return self._cache.tile(self.standing().index, z, x, y)

    def _read(self) -> None:
        footprint: tuple[object, ...] | None = None
        try:
            while True:
                footprint = self._source.footprint()
                self._take(footprint)
                with self._state:
                    # What changed while it was read is read now, not when somebody asks next.
                    if self._source.footprint() == footprint:
                        self._reading = False
                        self._state.notify_all()
                        return
        except DongtouGeoError as error:
            self._fail(error, footprint)
        except BaseException:
            self._fail(DongtouGeoError("地块读取失败，请查看服务日志"), footprint)
            raise

    def _take(self, footprint: tuple[object, ...]) -> None:
        before = self._held
        reading = self._source.read(before.mark if before else None)
        if reading is None:
            assert before is not None
            after = Standing(
                before.version, footprint, before.mark, before.index, before.ids, before.months
            )
        elif reading.whole or before is None:
            with self._state:
                # What is shown is of another ledger.
                self._held = None
            after = _whole(reading, footprint)
        else:
            after = _grown(before, reading, footprint)
        with self._state:
            self._held, self._error, self._failed_at = after, None, None
        self._cache.forget_all_but(after.index)

    def _fail(self, error: DongtouGeoError, footprint: tuple[object, ...] | None) -> None:
        with self._state:
            self._held, self._error, self._failed_at = None, error, footprint
            self._reading = False
            self._state.notify_all()


@cache
def app_tiles() -> TileShelf:
    """Return the tiles of the running app: pages and routes must show the same ones."""
    return TileShelf(app_shelf())


def _whole(reading: TileReading, footprint: tuple[object, ...]) -> Standing:
    version = _version(reading.mark)
    index = TileIndex.build(_drawn(reading.rows), version)
    ids = parcel_ids(reading.rows)
    return Standing(version, footprint, reading.mark, index, ids, reading.months)


def _grown(before: Standing, reading: TileReading, footprint: tuple[object, ...]) -> Standing:
    version = _version(reading.mark)
    index = before.index.updated(_drawn(reading.rows), version)
    ids = before.ids.with_rows(reading.rows)
    return Standing(version, footprint, reading.mark, index, ids, reading.months)


def _drawn(rows: TileRows) -> DrawnParcels:
    return DrawnParcels(
        rows.outlines, rows.ids, rows.area_m2, rows.parcel, rows.from_day, rows.status
    )


def _version(mark: TileMark) -> str:
    return hashlib.sha256(f"{_code()}{mark!r}".encode()).hexdigest()[:16]


@cache
def _code() -> str:
    """What tiles look like is the work of this folder: browsers keep those of an older version."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
