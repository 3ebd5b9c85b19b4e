"""Tiles from the running app over real sockets: crowds, clients that hang up, ledgers swapped."""

import gzip
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import shapely

from dongtou_geo.settings import ROOT
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import LedgerIdentity
from dongtou_geo.store.opening import create
from tests.services.books import parcel, register
from tests.tiles.decoding import by_gdal
from tests.tiles.land import quilt, tile_at, tiles_over

CROWD = 500
PATIENCE_S = 60.0
SIDE = 40
# What a crowd may leave behind: allocators keep some pages, tiles have their own limit.
MOST_GROWTH_MIB = 150


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def words(self) -> str:
        return self.body.decode()


@dataclass
class App:
    """The app as a process of its own, and the ledger's file that it shows."""

    process: subprocess.Popen[bytes]
    port: int
    ledger: Path
    log: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def asking(self, path: str, *headers: str) -> socket.socket:
        """A socket on which a question has been put and nothing read yet."""
        sock = self.connect()
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Connection: close"]
        sock.sendall("\r\n".join([*lines, *headers, "", ""]).encode("latin-1"))
        return sock

    def get(self, path: str, *headers: str) -> Answer:
        return read(self.asking(path, *headers))

    def rss_mib(self) -> float | None:
        """Memory of the process; None where no kernel tells it this way."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return None
        found = next(x for x in status.read_text().splitlines() if x.startswith("VmRSS"))
        return int(found.split()[1]) / 1024

    def ready(self) -> None:
        """Wait until the tiles of the present ledger are there."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if b'"busy":false' in self.get("/assets/data/tiles.json").body:
                return
            time.sleep(0.05)
        pytest.fail("the tiles never came")

    def lives(self) -> None:
        assert self.process.poll() is None
        assert self.get("/healthz").status == 200
        assert "Traceback" not in self.log.read_text(encoding="utf-8")


def read(sock: socket.socket) -> Answer:
    with sock:
        data = b"".join(iter(lambda: sock.recv(65536), b""))
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


def filled(path: Path, name: str, *, side: int = SIDE, seed: int = 1) -> Path:
    land = quilt(side, 60.0, seed)
    outlines = [bytes(each) for each in shapely.to_wkb(land.outlines)]
    numbers = [f"{name}-{row}" for row in range(len(outlines))]
    ledger = create(file_url(path), LedgerIdentity(name))
    parcels = [parcel(number, wkb) for number, wkb in zip(numbers, outlines, strict=True)]
    ledger.append(parcels, [register(number, 3600.0) for number in numbers])
    return path


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("socket")
    ledger = filled(folder / "ledger.sqlite", "one")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "dongtou_geo", "serve", "--port", str(port)]
    env = {**os.environ, "DONGTOU_GEO_LEDGER": file_url(ledger), "PYTHONUNBUFFERED": "1"}
    log = folder / "serve.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(words, cwd=ROOT, env=env, stdout=out, stderr=out) as process,
    ):
        running = App(process, port, ledger, log)
        try:
            _started(running)
            running.ready()
            yield running
        finally:
            process.terminate()


def _started(app: App) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            app.get("/healthz")
        except OSError:
            assert app.process.poll() is None, app.log.read_text(encoding="utf-8")
            time.sleep(0.1)
        else:
            return
    pytest.fail(app.log.read_text(encoding="utf-8"))


def url(tile: tuple[int, int, int]) -> str:
    return "/tiles/parcels/{}/{}/{}.mvt".format(*tile)


TILES = [url(tile) for z in (10, 13, 15, 16, 17) for tile in tiles_over(z, quilt(SIDE, 60.0))]
HERE = url(tile_at(16))


def test_five_hundred_at_the_same_time_are_all_answered(app: App) -> None:
    paths = [TILES[turn % len(TILES)] for turn in range(CROWD)]
    sockets = [app.asking(path) for path in paths]
    answers = [read(sock) for sock in sockets]
    assert {answer.status for answer in answers} <= {200, 204}
    by_path: dict[str, set[bytes]] = {}
    for path, answer in zip(paths, answers, strict=True):
        by_path.setdefault(path, set()).add(answer.body)
    assert {len(bodies) for bodies in by_path.values()} == {1}
    plain = answers[paths.index(HERE)].body
    assert by_gdal(plain)["parcels"]
    app.lives()


def test_memory_stays_where_it_was_however_many_ask(app: App) -> None:
    def crowd() -> None:
        with ThreadPoolExecutor(50) as pool:
            statuses = set(
                pool.map(lambda turn: app.get(TILES[turn % len(TILES)]).status, range(CROWD))
            )
        assert statuses <= {200, 204}

    crowd()
    before = app.rss_mib()
    for _ in range(3):
        crowd()
    after = app.rss_mib()
    assert before is None or after is None or after - before < MOST_GROWTH_MIB


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("40/0/0.mvt", 400), ("12/-1/0.mvt", 400), ("twelve/one/two.mvt", 400),
        ("12/%F0%9F%98%80/0.mvt", 400), ("1e1/0/0.mvt", 400),
        (f"12/{'9' * 5000}/0.mvt", 400), ("12/0/0.mvt?as_of=yesterday", 400),
        ("12/0/0", 404), ("12/0.mvt", 404),
    ],
)  # fmt: skip
def test_a_bad_address_is_refused_in_plain_words(app: App, path: str, status: int) -> None:
    answer = app.get(f"/tiles/parcels/{path}")
    assert answer.status == status
    assert answer.headers["content-type"].startswith("text/plain")
    assert 0 < len(answer.words) < 300
    assert "<" not in answer.words
    app.lives()


@pytest.mark.parametrize("path", ["12/%00/0.mvt", "../../../etc/passwd", "%2e%2e/%2e%2e/app.py"])
def test_a_path_that_is_an_attack_is_refused_before_it_is_read(app: App, path: str) -> None:
    answer = app.get(f"/tiles/parcels/{path}")
    assert answer.status in {400, 404}
    assert len(answer.body) < 300
    app.lives()


def test_what_is_no_http_at_all_hurts_nobody(app: App) -> None:
    for noise in (b"\x00\xff" * 2000, b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n" * 3000):
        with app.connect() as sock:
            sock.settimeout(1.0)
            try:
                sock.sendall(noise)
                sock.recv(4096)
            except OSError:
                pass  # it may hang up on us, or wait for more
    assert app.get(HERE).status == 200
    app.lives()


def test_clients_that_hang_up_leave_nothing_behind(app: App) -> None:
    before = _open_files(app)
    for turn in range(300):
        sock = app.asking(TILES[turn % len(TILES)])
        if turn % 3 == 1:
            sock.recv(20)  # mid-answer
        if turn % 3 == 2:
            # Reset instead of a goodbye.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
    half = [app.connect() for _ in range(100)]
    for sock in half:
        sock.sendall(b"GET /tiles/parcels/16/")
    assert app.get(HERE).status == 200  # while a hundred have not finished their question
    for sock in half:
        sock.close()
    app.lives()
    until = time.monotonic() + 10
    while _open_files(app) > before + 20 and time.monotonic() < until:
        time.sleep(0.1)
    assert _open_files(app) <= before + 20


def _open_files(app: App) -> int:
    folder = Path(f"/proc/{app.process.pid}/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def test_a_ledger_swapped_while_tiles_are_asked_for_is_another_map(
    app: App, tmp_path: Path
) -> None:
    was = app.get(HERE, "Accept-Encoding: gzip")
    assert by_gdal(gzip.decompress(was.body))["parcels"]
    seen: Counter[int] = Counter()
    wrong: list[Answer] = []
    done = threading.Event()

    def keep_asking(turn: int) -> None:
        while not done.is_set():
            turn += 1
            answer = app.get(TILES[turn % len(TILES)], f"If-None-Match: {was.headers['etag']}")
            seen[answer.status] += 1
            plain = answer.status != 503 or _said(answer)
            if answer.status not in {200, 204, 304, 503} or not plain:
                wrong.append(answer)

    with ThreadPoolExecutor(20) as pool:
        asking = [pool.submit(keep_asking, 7 * turn) for turn in range(20)]
        try:
            for turn in range(4):
                other = filled(tmp_path / f"{turn}.sqlite", f"other{turn}", side=25, seed=turn + 2)
                other.replace(app.ledger)
                time.sleep(0.3)
            app.ledger.write_bytes(b"no ledger at all" * 1000)
            time.sleep(1.5)
            assert app.get(HERE).status == 503
            app.ledger.unlink()
            time.sleep(1.5)
            assert app.get(HERE).status == 503
            filled(tmp_path / "last.sqlite", "last").replace(app.ledger)
            app.ready()
        finally:
            done.set()
    for each in asking:
        each.result()
    assert wrong == []
    assert seen[200] > 0
    assert seen[503] > 0
    now = app.get(HERE, "Accept-Encoding: gzip")
    assert now.status == 200
    assert now.headers["etag"] != was.headers["etag"]
    app.lives()


def _said(answer: Answer) -> bool:
    plain = answer.headers["content-type"].startswith("text/plain")
    words = any("一" <= sign <= "鿿" for sign in answer.words)
    return plain and words and answer.headers.get("retry-after") == "1"
