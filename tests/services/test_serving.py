"""The served app: what listens answers this machine alone, under its prefix, and 404 means it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dongtou_geo.settings import ROOT
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create
from tests.checkout import bare_environment


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(
    ledger: Path, log: Path, **environment: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the app as its command does, until the test is done."""
    create(file_url(ledger))
    port = free_port()
    settings = {"DONGTOU_GEO_LEDGER": file_url(ledger), "DONGTOU_GEO_PORT": str(port)}
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, "-m", "dongtou_geo", "serve"],
            cwd=ROOT, env={**bare_environment(), **settings, **environment}, stdout=out, stderr=out,
        ) as process,
    ):  # fmt: skip
        try:
            for _ in range(300):
                assert process.poll() is None, log.read_text("utf-8")
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield process, port
        finally:
            process.terminate()


@dataclass(frozen=True)
class Answer:
    """What the app said."""

    status: int
    headers: dict[str, str]
    text: str


def got(port: int, path: str, **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    raw = connection.getresponse()
    names = {name.lower(): value for name, value in raw.getheaders()}
    answer = Answer(raw.status, names, raw.read().decode("utf-8", "replace"))
    connection.close()
    return answer


def test_the_served_app_answers_under_its_prefix_and_this_machine_alone(tmp_path: Path) -> None:
    log = tmp_path / "serve.log"
    with served(tmp_path / "a.sqlite", log, DONGTOU_GEO_PREFIX="/gis") as (process, port):
        health = got(port, "/gis/healthz")
        assert (health.status, '"status":"ok"' in health.text) == (200, True)
        for path in (
            "/gis/assets",
            "/gis/assets/no.js",
            "/gis/tiles/roads/1/1/1.mvt",
            "/gis/ogc/",
        ):
            assert (path, got(port, path).status) == (path, 404)
        page = got(port, "/gis/")
        assert (page.status, page.headers["content-type"][:9]) == (200, "text/html")

        foreign = got(port, "/gis/healthz", Origin="http://evil.test")
        assert not [name for name in foreign.headers if name.startswith("access-control-")]
        assert got(port, "/gis/healthz", Host="evil.test").status == 403
        assert got(port, "/gis/", Host=f"evil.test:{port}").status == 403

        text = log.read_text("utf-8")
        assert f"http://127.0.0.1:{port}/gis/" in text
        if os.name != "nt":
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            assert "Traceback" not in log.read_text("utf-8")


def test_only_loopback_listens(tmp_path: Path) -> None:
    outside = _own_address()
    with (
        served(tmp_path / "a.sqlite", tmp_path / "serve.log") as (_, port),
        socket.socket() as other,
    ):
        assert got(port, "/healthz").status == 200
        if outside is not None:
            other.settimeout(10)
            assert other.connect_ex((outside, port)) != 0


def _own_address() -> str | None:
    """Return this computer's address on its network, where it has one; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        found: str = probe.getsockname()[0]
        return found
