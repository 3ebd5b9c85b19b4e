"""Finished tiles, compressed, as many as memory allows; each is encoded once."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from dongtou_geo.tiles.encoder import encode
from dongtou_geo.tiles.index import TileIndex

# Beside its bytes an entry takes a key, a slot and a header.
ENTRY_BYTES = 400
# Level 6 saves 1 % of the bytes and takes half as long again; 1 costs 1 to 3 %.
GZIP_LEVEL = 4


class TileKey(NamedTuple):
    """A tile in the state of one version."""

    version: str
    z: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Tile:
    """A finished tile.

    Parameters
    ----------
    version : str
        Changes exactly when the tile may have changed: what an ETag is made of.
    gzipped : bytes
        The tile under gzip; empty, not a gzip file, where there is nothing to draw.
    """

    version: str
    gzipped: bytes


@dataclass(slots=True)
class _Turn:
    """A tile that somebody is encoding, and what became of it."""

    done: threading.Event = field(default_factory=threading.Event)
    gzipped: bytes = b""
    error: BaseException | None = None


class TileCache:
    """Least recently asked for goes first; safe for any number of threads.

    Parameters
    ----------
    limit_bytes : int
        Memory for tiles; one larger than all of it is passed on and not kept.
    at_once : int
        How many tiles are encoded at the same time, which bounds their working memory.
    """

    def __init__(self, limit_bytes: int, *, at_once: int = 2) -> None:
        self._limit_bytes = limit_bytes
        self._places = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._kept: OrderedDict[TileKey, bytes] = OrderedDict()
        self._turns: dict[TileKey, _Turn] = {}
        self._size = 0

    @property
    def size_bytes(self) -> int:
        """Return the memory that the tiles kept now take."""
        return self._size

    def __len__(self) -> int:
        """Return the number of tiles kept."""
        return len(self._kept)

    def tile(self, index: TileIndex, z: int, x: int, y: int) -> Tile:
        """Return a tile of an index, encoded now or kept from before.

        Parameters
        ----------
        index : TileIndex
            The parcels; after an event, the new index. Tiles that the event did not touch are
            still those of the old one.
        z, x, y : int
            The tile.

        Returns
        -------
        Tile
            The tile.

        Raises
        ------
        TileAddressError
            If there is no such tile.
        """
        version = index.tile_version(z, x, y)

        def compressed() -> bytes:
            plain = encode(index, z, x, y)
            return gzip.compress(plain, GZIP_LEVEL, mtime=0) if plain else b""

        return Tile(version, self.get(TileKey(version, z, x, y), compressed))

    def get(self, key: TileKey, make: Callable[[], bytes]) -> bytes:
        """Return what is kept under a key, or make it; whoever else asks meanwhile waits for it.

        Parameters
        ----------
        key : TileKey
            The tile.
        make : callable
            Makes it. If it raises, all who wait see the error, and the next one tries anew.

        Returns
        -------
        bytes
            The tile.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            turn = self._turns.get(key)
            mine = turn is None
            if turn is None:
                turn = self._turns[key] = _Turn()
        if mine:
            self._make(key, turn, make)
        else:
            turn.done.wait()
        if turn.error is not None:
            raise turn.error
        return turn.gzipped

    def forget_all_but(self, index: TileIndex) -> None:
        """Drop what an index no longer shows, rather than wait until it is the oldest.

        Parameters
        ----------
        index : TileIndex
            The index in use.
        """
        with self._lock:
            for key in list(self._kept):
                if key.version != index.tile_version(key.z, key.x, key.y):
                    self._drop(key)

    def _make(self, key: TileKey, turn: _Turn, make: Callable[[], bytes]) -> None:
        try:
            with self._places:
                turn.gzipped = make()
        except BaseException as error:
            turn.error = error
        with self._lock:
            del self._turns[key]
            if turn.error is None:
                self._keep(key, turn.gzipped)
        turn.done.set()

    def _keep(self, key: TileKey, gzipped: bytes) -> None:
        size = len(gzipped) + ENTRY_BYTES
        if size > self._limit_bytes:
            return
        self._kept[key] = gzipped
        self._size += size
        while self._size > self._limit_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: TileKey) -> None:
        self._size -= len(self._kept.pop(key)) + ENTRY_BYTES
