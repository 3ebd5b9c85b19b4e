"""A tile that is made already, asked for over loopback: the app with all that stands before it.

Run: ``.venv/bin/python -m benchmarks.warm_tiles [PARCELS | LEDGER.sqlite]`` (default 100,000 parcels,
those of ``benchmarks.tiles``). The tiles of a screen at z14, whole and by their tag, by one client
that keeps its connection and by six at once as a browser has. Times as the client sees them.
"""

from __future__ import annotations

import http.client
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.map import filled
from benchmarks.open_page import free_port, server
from benchmarks.tiles import addresses
from dongtou_geo.store.address import file_url

BAR_MS = 5.0
AT_ONCE = 6
ROUNDS = 20
BUSY_S = 0.2


class Client:
    """One connection, kept."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=600)
        self._connection.connect()

    def get(self, path: str, **headers: str) -> tuple[float, int, str, bytes]:
        """Return milliseconds, status, tag and body."""
        begun = time.perf_counter()
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - begun) * 1000
        return took, answer.status, answer.headers.get("ETag", ""), body


def warmed(url: str, paths: list[str]) -> dict[str, str]:
    """Ask for every tile until all have been made, and return their tags."""
    client = Client(url)
    while b'"busy":false' not in client.get("/assets/data/tiles.json")[3]:
        time.sleep(BUSY_S)
    tags = {}
    for path in paths:
        _, status, tags[path], body = client.get(path, **{"Accept-Encoding": "gzip"})
        assert status == 200, status
        assert body
    return tags


def times(
    url: str, paths: list[str], clients: int, words: Callable[[str], dict[str, str]]
) -> list[float]:
    """Return milliseconds of every answer, so many clients asking at once."""
    found: list[float] = []

    def ask(first: int) -> None:
        client = Client(url)
        for turn in range(ROUNDS * len(paths) // clients):
            path = paths[(first + turn) % len(paths)]
            found.append(client.get(path, **words(path))[0])

    threads = [threading.Thread(target=ask, args=(7 * each,)) for each in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def report(name: str, found: list[float], *, bar: bool) -> bool:
    """Print a line, and tell whether the bar holds."""
    p95 = statistics.quantiles(found, n=20)[-1]
    words = f" (bar {BAR_MS:.0f})" if bar else ""
    print(
        f"{name}: median {statistics.median(found):.2f} ms, p95 {p95:.2f} ms{words}, {len(found)} tiles"
    )
    return not bar or p95 <= BAR_MS


def measure(ledger: str) -> bool:
    """Measure one ledger and tell whether the bar holds."""
    paths = [f"/tiles/parcels/{z}/{x}/{y}.mvt" for z, x, y in addresses()]
    with server("app:app", free_port(), ledger) as url:
        tags = warmed(url, paths)
        whole = times(url, paths, 1, lambda _path: {"Accept-Encoding": "gzip"})
        known = times(url, paths, 1, lambda path: {"If-None-Match": tags[path]})
        crowd = times(url, paths, AT_ONCE, lambda _path: {"Accept-Encoding": "gzip"})
    good = report("whole", whole, bar=True)
    good &= report("by its tag (304)", known, bar=True)
    report(f"whole, {AT_ONCE} clients at once", crowd, bar=False)
    return good


def main(word: str) -> int:
    """Measure and return 1 where the bar is missed."""
    if word.endswith(".sqlite"):
        return 0 if measure(file_url(Path(word))) else 1
    with tempfile.TemporaryDirectory() as folder:
        return 0 if measure(filled(Path(folder) / "ledger.sqlite", int(word))) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "100000"))
