"""A cold tile at z14: ours, PostGIS's ST_AsMVT, and mapbox-vector-tile over an STRtree.

Run: ``.venv/bin/python -m benchmarks.tiles [PARCELS ...]`` (PostgreSQL with PostGIS is needed, and
``pip install --no-deps mapbox-vector-tile==2.2.0 pyclipper``). The three take turns tile by tile;
medians. Each sends the same parcels with the same id and four dated statuses, decoded once and
compared. PostGIS is warm, its table in the order of its index, and without JIT, which only costs.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

import start
from dongtou_geo.frames.area import area_m2
from dongtou_geo.tiles.address import BUFFER, EXTENT
from dongtou_geo.tiles.columns import DrawnParcels
from dongtou_geo.tiles.encoder import encode, encode_parcels
from dongtou_geo.tiles.index import TileIndex
from tests.postgis.server import PostgisServer

ZOOM = 14
HALF_WORLD_M = 20_037_508.342789244
WIDTH_M = 2 * HALF_WORLD_M / 2**ZOOM
TURNS = {"ours": 40, "PostGIS": 40, "mapbox-vector-tile": 5}
BARS = {100_000: 0.8, 1_000_000: 0.6}
MAPBOX_BAR = 0.1
QUERY = f"""
    WITH found AS (
        SELECT id, t0, t1, t2, t3,
            ST_AsMVTGeom(geom, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), {EXTENT}, {BUFFER}, true) AS geom
        FROM parcels
        WHERE geom && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {BUFFER}.0 / {EXTENT})
    )
    SELECT ST_AsMVT(found, 'parcels', {EXTENT}, 'geom', 'id') FROM found WHERE geom IS NOT NULL
"""

Address = tuple[int, int, int]
Maker = Callable[[Address], bytes]


def land(count: int) -> DrawnParcels:
    """Divide 121.0-121.2 E, 27.8-28.0 N into parcels of eight corners with four states each."""
    rng = np.random.default_rng(1)
    side = round(count**0.5)
    lattice = np.stack(np.meshgrid(*[np.arange(2 * side + 1)] * 2, indexing="ij"), axis=-1)
    knots = lattice + rng.uniform(-0.35, 0.35, lattice.shape)
    lonlat = knots * (0.1 / side) + [121.0, 27.8]
    west, south = (2 * axis.ravel() for axis in np.meshgrid(*[np.arange(side)] * 2, indexing="ij"))
    around = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (0, 0)]
    rings = np.stack([lonlat[west + east, south + north] for east, north in around], axis=1)
    outlines = shapely.polygons(rings)
    number = side * side
    days = np.sort(rng.integers(2_000, 9_500, (number, 4)), axis=1)
    codes = rng.integers(0, 4, number)[:, None] + np.arange(4)
    return DrawnParcels(
        outlines,
        rng.permutation(number).astype(np.uint64) + np.uint64(1),
        area_m2(outlines),
        np.repeat(np.arange(number), 4),
        days.ravel().astype(np.int32),
        codes.ravel().astype(np.uint8),
    )


def in_metres(outlines: NDArray[Any]) -> NDArray[Any]:
    """Project to EPSG:3857."""
    project = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    return np.asarray(
        shapely.transform(outlines, lambda at: np.column_stack(project.transform(*at.T)))
    )


def tables(server: PostgisServer, outlines: NDArray[Any], drawn: DrawnParcels) -> str:
    """Fill a PostGIS table and give its database's name."""
    name = server.new_database().rpartition("/")[2]
    steps = (drawn.from_day.astype(np.int64) * 16 + drawn.status).reshape(-1, 4)
    with closing(server.connection(name)) as connection:
        columns = "id bigint, t0 int, t1 int, t2 int, t3 int, geom geometry(Polygon, 3857)"
        connection.execute(f"CREATE TABLE parcels ({columns})")
        with connection.cursor().copy("COPY parcels FROM STDIN") as copy:
            for start_row in range(0, len(outlines), 50_000):
                some = slice(start_row, start_row + 50_000)
                texts = shapely.to_wkb(
                    shapely.set_srid(outlines[some], 3857), hex=True, include_srid=True
                )
                for number, row, text in zip(drawn.ids[some], steps[some], texts, strict=True):
                    copy.write_row([int(number), *map(int, row), text])
        connection.execute("CREATE INDEX parcels_geom ON parcels USING gist (geom)")
        connection.execute("CLUSTER parcels USING parcels_geom")
        connection.execute("VACUUM ANALYZE parcels")
    return name


def postgis(connection: psycopg.Connection[tuple[Any, ...]]) -> Maker:
    """Return what asks PostGIS for a tile."""
    connection.execute("SET jit = off")

    def make(address: Address) -> bytes:
        words = dict(zip("zxy", address, strict=True))
        row = connection.execute(QUERY, words, binary=True).fetchone()
        assert row is not None
        return bytes(row[0])

    return make


def mapbox(outlines: NDArray[Any], drawn: DrawnParcels) -> Maker:
    """Return what makes a tile with mapbox-vector-tile."""
    tree = shapely.STRtree(outlines)
    tree.query(shapely.box(0, 0, 1, 1))
    steps = (drawn.from_day.astype(np.int64) * 16 + drawn.status).reshape(-1, 4)

    def make(address: Address) -> bytes:
        west, south, east, north = bounds_m(address)
        margin = WIDTH_M * BUFFER / EXTENT
        wide = (west - margin, south - margin, east + margin, north + margin)
        rows = tree.query(shapely.box(*wide))
        cut = shapely.clip_by_rect(outlines[rows], *wide)
        features = [
            {
                "geometry": shape,
                "id": int(drawn.ids[row]),
                "properties": {f"t{place}": int(step) for place, step in enumerate(steps[row])},
            }
            for row, shape in zip(rows, cut, strict=True)
            if not shape.is_empty
        ]
        layer = {"name": "parcels", "features": features}
        options = {"quantize_bounds": (west, south, east, north), "extents": EXTENT}
        return bytes(mapbox_vector_tile.encode(layer, default_options=options))

    return make


def bounds_m(address: Address) -> tuple[float, float, float, float]:
    """West, south, east, north in EPSG:3857."""
    _, x, y = address
    west, north = x * WIDTH_M - HALF_WORLD_M, HALF_WORLD_M - y * WIDTH_M
    return west, north - WIDTH_M, west + WIDTH_M, north


def addresses() -> list[Address]:
    """Tiles that lie wholly in the land, from the middle outwards."""
    middle = in_metres(np.array([shapely.Point(121.1, 27.9)], dtype=object))[0]
    column = int((middle.x + HALF_WORLD_M) / WIDTH_M)
    row = int((HALF_WORLD_M - middle.y) / WIDTH_M)
    around = [(ZOOM, column + i, row + j) for i in range(-3, 4) for j in range(-3, 4)]
    return sorted(around, key=lambda at: abs(at[1] - column) + abs(at[2] - row))


def decoded(tile: bytes) -> dict[int, tuple[Any, dict[str, int]]]:
    """Shapes and properties by id."""
    layer = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})["parcels"]
    return {
        feature["id"]: (
            shapely.make_valid(shapely.geometry.shape(feature["geometry"])),
            feature["properties"],
        )
        for feature in layer["features"]
    }


def compare(ours: bytes, theirs: bytes, whose: str) -> None:
    """Refuse tiles that differ by more than the rounding of corners."""
    mine, other = decoded(ours), decoded(theirs)
    # A sliver of less than a unit may round to nothing in one and not in the other.
    for number in mine.keys() ^ other.keys():
        shape = (mine.get(number) or other[number])[0]
        assert shape.area <= shape.length, f"{whose}: {number} is missing"
    shared = sorted(mine.keys() & other.keys())
    assert len(shared) > 0.99 * len(mine)
    assert all(mine[number][1] == other[number][1] for number in shared), whose
    one, two = (np.array([each[number][0] for number in shared]) for each in (mine, other))
    difference = shapely.area(shapely.symmetric_difference(one, two))
    assert (difference <= shapely.length(one) + 2).all(), whose
    same = float(np.mean(shapely.equals(one, two)))
    print(f"  {len(shared)} parcels equal to {whose}'s, {same:.1%} of them to the unit")


def timed(makers: dict[str, Maker]) -> dict[str, float]:
    """Median milliseconds a tile, taking turns."""
    places = addresses()
    for maker in makers.values():
        maker(places[0])
    times: dict[str, list[float]] = {name: [] for name in makers}
    for turn, place in enumerate(places[: max(TURNS.values())]):
        for name, maker in makers.items():
            if turn < TURNS[name]:
                begun = time.perf_counter()
                maker(place)
                times[name].append((time.perf_counter() - begun) * 1000)
    return {name: statistics.median(each) for name, each in times.items()}


def memory_mib(line: str) -> float:
    """Memory of this process by the kernel's account: VmRSS now, VmHWM at its highest."""
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    return float(next(each.split()[1] for each in status if each.startswith(line))) / 1024


def built(drawn: DrawnParcels) -> TileIndex:
    """Build the index and say what it took."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the highest mark counts from here
    before, begun = memory_mib("VmRSS"), time.perf_counter()
    index = TileIndex.build(drawn, "1")
    took = time.perf_counter() - begun
    print(
        f"{len(index):,} parcels: index in {took:.1f} s (bar 8), {index.nbytes / 2**20:.0f} MiB; "
        f"process with the outlines {before:.0f} -> {memory_mib('VmRSS'):.0f} MiB, "
        f"at most {memory_mib('VmHWM'):.0f} meanwhile (bar 2048)"
    )
    changed = DrawnParcels(
        drawn.outlines[:1], drawn.ids[:1], drawn.area_m2[:1], *_first_four(drawn)
    )
    times = []
    for turn in range(20):
        begun = time.perf_counter()
        index.updated(changed, str(turn))
        times.append((time.perf_counter() - begun) * 1000)
    print(f"  an event on one parcel: {statistics.median(times):.1f} ms (bar 50)")
    return index


def _first_four(drawn: DrawnParcels) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    return drawn.parcel[:4], drawn.from_day[:4], drawn.status[:4]


def whole_ladder(index: TileIndex) -> None:
    """Print what the middle tile of each zoom weighs and takes, as it is served."""
    _, x, y = addresses()[0]
    for z in range(6, 19):
        shift = z - ZOOM
        at = (z, x << shift, y << shift) if shift >= 0 else (z, x >> -shift, y >> -shift)
        begun = time.perf_counter()
        tile = encode(index, *at)
        took = (time.perf_counter() - begun) * 1000
        kind = "grid" if tile[4:16].find(b"grid") >= 0 else "parcels"
        print(f"  z{z}: {kind}, {len(tile) / 1000:.0f} kB, {took:.1f} ms")


def measure(server: PostgisServer, count: int) -> bool:
    """Measure at one size and tell whether all bars are met."""
    drawn = land(count)
    index = built(drawn)
    outlines = in_metres(drawn.outlines)
    database = tables(server, outlines, drawn)
    with closing(server.connection(database)) as connection:
        makers: dict[str, Maker] = {
            "ours": lambda at: encode_parcels(index, *at),
            "PostGIS": postgis(connection),
            "mapbox-vector-tile": mapbox(outlines, drawn),
        }
        gc.collect()
        place = addresses()[0]
        for whose in ("PostGIS", "mapbox-vector-tile"):
            compare(makers["ours"](place), makers[whose](place), whose)
        took = timed(makers)
    bar = BARS.get(count, max(BARS.values()))
    ratio, small = took["ours"] / took["PostGIS"], took["ours"] / took["mapbox-vector-tile"]
    print("  z14, ms: " + ", ".join(f"{name} {each:.1f}" for name, each in took.items()))
    print(f"  {ratio:.2f} of PostGIS (bar {bar}), {small:.3f} of mapbox (bar {MAPBOX_BAR})")
    whole_ladder(index)
    return ratio <= bar and small <= MAPBOX_BAR


def main(*counts: int) -> int:
    """Measure and return 1 where a bar is missed."""
    programs = start.find_postgis(start.Machine(Path.cwd()))
    assert programs is not None, "PostgreSQL with PostGIS is not installed"
    server = PostgisServer(Path(programs))
    try:
        met = [measure(server, count) for count in counts or tuple(BARS)]
    finally:
        server.stop()
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:])))
