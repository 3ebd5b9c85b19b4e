"""Tiles of parcels too small to see: cells of 4 px that hold area by status, over all dates.

The layer ``grid`` is 4096 units wide and holds one point for each cell of 64 x 64 units in which
there ever was land: the cell's centre (32, 96, 160, ...), so that it covers centre - 32 to
centre + 32. Its id is row * 64 + column. Its tags ``s0``, ``s1``, ... are postings, as in the land
account: on a day an area goes from one status to another. Each is one unsigned number::

    s = ((area_m2 * 9 + from) * 9 + to) * 65536 + day + 32768

with from and to as codes (place in ``STATUSES``; 8 = outside: not there yet, or ended) and day
counted from 2000-01-01. They stand in order of day. A number may pass 2**32 but not 2**53: take it
apart with division, not with shifts. A cell on day D, in JavaScript::

    const area = new Float64Array(9);
    for (const s of steps) {
        if (s % 65536 - 32768 > D) break;
        const rest = Math.floor(s / 65536), m2 = Math.floor(rest / 81);
        area[Math.floor(rest / 9) % 9] -= m2;
        area[rest % 9] += m2;
    }

Where so many cells hold so much history that their colours would be left to rounding, the layer is
``grid2`` or ``grid4``: a point then stands for 2 x 2 or 4 x 4 cells, in their middle, and its id is
that of the north-western one.

``area[0]`` to ``area[7]`` is then the cell's land by status, never negative; the largest names its
colour; sums over cells are the land in view.

Notes
-----
Cells. A parcel no larger than a cell counts whole in the cell of its middle. A larger one is cut
at the tile's edge, and the tile's share of its area spread evenly over the cells whose centres lie
in it. So the tiles of a zoom level add up to the account.

Size. Areas are counted in lots of q m2, 1 m2 where that fits. In a tile of many cells with much
history dates fall back to the first of their month, so that the end of a month stays right. What
is counted in lots is not the land of a status but the land that has come at least as far as it, in
the order of ``STATUSES``: all that rounds alike, so no status goes below zero and no lot is lost
between two. A cell counts floor(area / q + phase), its phase from a sequence that is even over the
plane (Roberts' R2): neighbours round at different fill, and over many cells the errors cancel.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.tiles.address import EXTENT, TileAddress
from dongtou_geo.tiles.columns import ENDED, STEP_BITS, ParcelColumns, Rows
from dongtou_geo.tiles.index import TileIndex
from dongtou_geo.tiles.protobuf import POINT, Features, layer, point_geometry
from dongtou_geo.tiles.rings import polygons, ranges, runs

GRID = "grid"
CELL_BITS = 6
CELL = 1 << CELL_BITS
CELLS = EXTENT >> CELL_BITS
# A point for at most 4 x 4 cells: 16 px still show where the land lies.
COARSEST = 4
LEVELS = ENDED
CODES = ENDED + 1
DAY_BITS = 16
DAY_OFFSET = 1 << (DAY_BITS - 1)
# A million parcels at once would want 600 MB beside the result.
PORTION = 50_000
# With the table of values, in which a posting on its own day hardly finds its like.
BYTES_A_POSTING_BY_DAY, BYTES_A_POSTING_BY_MONTH = 11, 4
# As many let each of the usual four changes go by in eight lots.
ENOUGH_A_CELL = 32
# 1 / p and 1 / p**2 with p**3 = p + 1.
R2 = (0.7548776662466927, 0.5698402909980532)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shares:
    """Land of parcels in cells of one tile.

    Parameters
    ----------
    cell : ndarray of int
        row * 64 + column.
    area_m2 : ndarray of float
        How much.
    steps : ndarray of int32
        Steps of the parcels, one share's after another.
    step_counts : ndarray of int
        How many steps each share has.
    """

    cell: Ints
    area_m2: Floats
    steps: NDArray[np.int32]
    step_counts: Ints


@dataclass(frozen=True, slots=True)
class Flow:
    """Area that reached a level or fell back from it, in cm2-exact whole numbers.

    Parameters
    ----------
    key : ndarray of int32
        (cell * 8 + level - 1) * 65536 + day + 32768: 31 bits.
    area : ndarray of int64
        1/100 m2, signed.
    """

    key: NDArray[np.int32]
    area: Ints


def encode_grid(index: TileIndex, tile: TileAddress, most_bytes: int) -> bytes:
    """Encode a tile as cells.

    Parameters
    ----------
    index : TileIndex
        The parcels.
    tile : TileAddress
        The tile.
    most_bytes : int
        How large the tile may become.

    Returns
    -------
    bytes
        The tile, not compressed; empty where there is nothing.
    """
    portions = [
        _moves(_shares(columns, rows[begin : begin + PORTION], tile))
        for columns, rows in index.touching(tile.box())
        for begin in range(0, len(rows), PORTION)
    ]
    if not portions:
        return b""
    moves = Flow(
        np.concatenate([portion.key for portion in portions]),
        np.concatenate([portion.area for portion in portions]),
    )
    del portions
    cells = np.count_nonzero(np.bincount(moves.key // (LEVELS << DAY_BITS)))
    by_day, size = most_bytes // BYTES_A_POSTING_BY_DAY, 1
    if len(moves.key) <= by_day or cells * ENOUGH_A_CELL <= by_day:
        flow, wanted = _summed(moves), float(by_day)
    else:
        flow = _summed(Flow(_by_month(moves.key), moves.area))
        wanted = most_bytes / BYTES_A_POSTING_BY_MONTH
        while size < COARSEST and len(flow.key) > wanted and cells * ENOUGH_A_CELL > wanted:
            size, cells = 2 * size, -(-cells // 4)
            flow = _summed(_blocks(flow, size))
    while True:
        lot_m2 = _lot_m2(flow, wanted)
        encoded = _layer(_in_lots(flow, lot_m2, tile), lot_m2, size)
        if len(encoded) <= most_bytes:
            return encoded
        wanted *= 0.9 * most_bytes / len(encoded)


def _shares(columns: ParcelColumns, rows: Rows, tile: TileAddress) -> Shares:
    west, north = tile.origin
    bounds = columns.bounds[rows].astype(np.int64)
    size = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    small = size <= CELL << tile.shift
    column = (((bounds[:, 0] + bounds[:, 2]) >> 1) - west) >> (tile.shift + CELL_BITS)
    row = (((bounds[:, 1] + bounds[:, 3]) >> 1) - north) >> (tile.shift + CELL_BITS)
    here = small & (column >= 0) & (column < CELLS) & (row >= 0) & (row < CELLS)
    large = rows[~small]
    owner, cells, part = _spread(columns, large, tile)
    taken = np.concatenate([rows[here], large[owner]])
    cell = np.concatenate([(row * CELLS + column)[here], cells])
    area_m2 = columns.area_m2[taken] * np.concatenate([np.ones(int(here.sum())), part])
    return Shares(cell, area_m2, *columns.steps_of(taken))


def _spread(columns: ParcelColumns, rows: Rows, tile: TileAddress) -> tuple[Ints, Ints, Floats]:
    """Cells of large parcels: which of the rows, the cell, and the part of the row's area in it."""
    nothing = np.empty(0, dtype=np.int64)
    if len(rows) == 0:
        return nothing, nothing, np.empty(0)
    shapes, owner = polygons(columns.rings(rows), tile)
    cut = shapely.clip_by_rect(shapes, 0, 0, EXTENT, EXTENT)
    with np.errstate(invalid="ignore"):
        part = shapely.area(cut) / shapely.area(shapes)
    left = part > 0
    owner, cut, part = owner[left], cut[left], part[left]
    which, cell = _centres_in(cut)
    counts = np.bincount(which, minlength=len(cut))
    # Thin as it may be, what has no centre in it is somewhere.
    thin = np.flatnonzero(counts == 0)
    points = shapely.point_on_surface(cut[thin])
    x, y = (np.clip(get(points) // CELL, 0, CELLS - 1) for get in (shapely.get_x, shapely.get_y))
    which = np.concatenate([which, thin])
    cell = np.concatenate([cell, (y * CELLS + x).astype(np.int64)])
    return owner[which], cell, (part / np.maximum(counts, 1))[which]


def _centres_in(shapes: NDArray[np.object_]) -> tuple[Ints, Ints]:
    """Shapes and the cells whose centres lie in them."""
    shapely.prepare(shapes)
    bounds = shapely.bounds(shapes)
    low = np.ceil((bounds[:, :2] - CELL / 2) / CELL).astype(np.int64).clip(0)
    high = np.floor((bounds[:, 2:] - CELL / 2) / CELL).astype(np.int64).clip(None, CELLS - 1)
    wide, tall = (high - low + 1).clip(0).T
    edges = np.concatenate([[0], np.cumsum(wide * tall)])
    which = np.repeat(np.arange(len(shapes)), wide * tall)
    number = ranges(edges, np.arange(len(shapes)))[0] - edges[which]
    column = low[which, 0] + number % wide[which]
    row = low[which, 1] + number // wide[which]
    x, y = (column + 0.5) * CELL, (row + 0.5) * CELL
    within = shapely.contains_xy(shapes[which], x, y)
    return which[within], (row * CELLS + column)[within]


def _moves(shares: Shares) -> Flow:
    """Every change of every share, one entry for each level that it passes; in no order."""
    counts, steps = shares.step_counts, shares.steps
    area = np.rint(shares.area_m2 * 100).astype(np.int64)
    code = steps & ((1 << STEP_BITS) - 1)
    level = np.where(code < ENDED, code + 1, 0)
    before = np.zeros_like(level)
    before[1:] = level[:-1]
    before[(np.cumsum(counts) - counts)[counts > 0]] = 0
    passed = np.abs(level - before)
    step = np.repeat(np.arange(len(steps)), passed)
    share = np.repeat(np.arange(len(area)), counts)[step]
    nth = runs(np.zeros_like(passed), passed)
    line = shares.cell[share] * LEVELS + np.minimum(level, before)[step] + nth
    day = np.clip(steps[step] >> STEP_BITS, -DAY_OFFSET, DAY_OFFSET - 1) + DAY_OFFSET
    signed = np.where((level > before)[step], 1, -1) * area[share]
    return Flow((line << DAY_BITS | day).astype(np.int32), signed)


def _blocks(flow: Flow, size: int) -> Flow:
    """Put what lies in size x size cells into the north-western one of them."""
    line, rest = flow.key // (LEVELS << DAY_BITS), flow.key % (LEVELS << DAY_BITS)
    column, row = line % CELLS // size * size, line // CELLS // size * size
    return Flow(((row * CELLS + column) * (LEVELS << DAY_BITS) + rest).astype(np.int32), flow.area)


def _by_month(key: NDArray[np.int32]) -> NDArray[np.int32]:
    day = key & ((1 << DAY_BITS) - 1)
    return key - day + _first_of_month()[day]


@cache
def _first_of_month() -> NDArray[np.int32]:
    """The first of the month of every day that a key can hold."""
    origin = np.datetime64("2000-01-01", "D") - DAY_OFFSET
    days = origin + np.arange(1 << DAY_BITS)
    first = days.astype("datetime64[M]").astype("datetime64[D]")
    return (first - origin).astype(np.int64).clip(0).astype(np.int32)


def _summed(moves: Flow) -> Flow:
    order = np.argsort(moves.key)
    key, area = moves.key[order], moves.area[order]
    first = np.ones(len(key), dtype=bool)
    first[1:] = key[1:] != key[:-1]
    starts = np.flatnonzero(first)
    if len(starts) == 0:
        return moves
    return Flow(key[starts], np.add.reduceat(area, starts))


def _lot_m2(flow: Flow, wanted: float) -> int:
    """The smallest lot with which about so many changes are left."""
    some = np.abs(flow.area[:: len(flow.area) // 100_000 + 1]) / 100.0
    scale = len(flow.area) / max(len(some), 1)
    low, high = 0.0, 40.0
    for _ in range(20):
        middle = (low + high) / 2
        expected = np.minimum(some / 2.0**middle, 1.0).sum() * scale
        low, high = (middle, high) if expected > wanted else (low, middle)
    return int(2.0**high)


def _in_lots(flow: Flow, lot_m2: int, tile: TileAddress) -> Flow:
    """Changes of the whole lots that each level of each cell holds; `area` counts lots."""
    if len(flow.key) == 0:
        return flow
    line = flow.key >> DAY_BITS
    first = np.ones(len(line), dtype=bool)
    first[1:] = line[1:] != line[:-1]
    starts = np.flatnonzero(first)
    height = np.cumsum(flow.area)
    below = (height - flow.area)[starts]
    lot = lot_m2 * 100
    phase = (_phase(line[starts] // LEVELS, tile) * lot).astype(np.int64)
    lots = (height + np.repeat(phase - below, np.diff(np.append(starts, len(line))))) // lot
    change = lots.copy()
    change[1:] -= lots[:-1]
    change[starts] = lots[starts]
    kept = np.flatnonzero(change)
    return Flow(flow.key[kept], change[kept])


def _phase(cell: NDArray[np.integer], tile: TileAddress) -> Floats:
    column = tile.x * CELLS + cell % CELLS
    row = tile.y * CELLS + cell // CELLS
    return (column * R2[0] + row * R2[1]) % 1.0


def _layer(lots: Flow, lot_m2: int, size: int) -> bytes:
    if len(lots.key) == 0:
        return b""
    key = lots.key.astype(np.int64)
    line, day = key >> DAY_BITS, key & ((1 << DAY_BITS) - 1)
    cell, level = line // LEVELS, line % LEVELS + 1
    order = np.lexsort((level, day, cell))
    cell, level, day, amount = cell[order], level[order], day[order], lots.area[order]
    # Land that passes several levels on a day is one posting.
    new = np.ones(len(cell), dtype=bool)
    same = (cell[1:] == cell[:-1]) & (day[1:] == day[:-1]) & (amount[1:] == amount[:-1])
    new[1:] = ~(same & (level[1:] == level[:-1] + 1))
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(cell)) - 1
    under, upper = _code(level[first] - 1), _code(level[last])
    up = amount[first] > 0
    origin, goal = np.where(up, under, upper), np.where(up, upper, under)
    value = (np.abs(amount[first]) * lot_m2 * CODES + origin) * CODES + goal
    cells, counts = np.unique(cell[first], return_counts=True)
    centres = np.column_stack([cells % CELLS, cells // CELLS]) * CELL + size * CELL // 2
    commands, per_point = point_geometry(centres)
    posted = value << DAY_BITS | day[first]
    name = GRID if size == 1 else f"{GRID}{size}"
    return layer(name, "s", Features(POINT, cells, counts, posted, per_point, commands))


def _code(level: Ints) -> Ints:
    return np.where(level > 0, level - 1, ENDED)
