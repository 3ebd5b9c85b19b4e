"""Serving: the tab opens when the app answers and only then, and the console stays quiet."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import webbrowser
from pathlib import Path
from typing import Any

import pytest

from dongtou_geo import settings
from dongtou_geo.services import serving
from dongtou_geo.services.serving import PortError, StartError, serve
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create

LONGEST_START_S = 60


class Terminal:
    """A stdout that people look at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses for which a tab was opened."""
    tabs: list[str] = []
    monkeypatch.setattr(webbrowser, "open", tabs.append)
    monkeypatch.setattr(serving, "LOOK_EVERY_S", 0.01)
    return tabs


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.skipif("sys.platform in ('win32', 'darwin')")
@pytest.mark.parametrize(
    ("environ", "sits"),
    [({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True), ({}, False)],
)
def test_somebody_sits_before_x_or_wayland(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], sits: bool
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert serving._at_a_desk() is sits


def test_the_tab_waits_for_the_app(opened: list[str]) -> None:
    asked = 0

    def is_up() -> bool:
        nonlocal asked
        asked += 1
        assert opened == []
        return asked == 5

    serving._show("http://127.0.0.1:1/", is_up)
    assert (asked, opened) == (5, ["http://127.0.0.1:1/"])


def test_no_tab_for_an_app_that_never_comes_up(
    opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "LONGEST_START_S", 0.05)
    serving._show("http://127.0.0.1:1/", lambda: False)
    assert opened == []


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another app.py than ours: serving changes folder, path and environment, put back after."""
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(Path.cwd())
    monkeypatch.setenv("DONGTOU_GEO_LEDGER", "")
    monkeypatch.setattr(serving, "_at_a_desk", lambda: True)
    monkeypatch.delitem(sys.modules, "app", raising=False)
    return tmp_path / "app.py"


def test_an_app_that_fails_to_start_is_one_error_and_opens_no_tab(
    stand_in: Path, opened: list[str]
) -> None:
    stand_in.write_text(
        "async def app(scope, receive, send):\n"
        "    await receive()\n"
        "    await send({'type': 'lifespan.startup.failed', 'message': 'no'})\n",
        "utf-8",
    )
    with pytest.raises(StartError, match="没有启动"):
        serve(host="127.0.0.1", port=free_port(), ledger_url="sqlite:////a.sqlite")
    time.sleep(0.1)
    assert opened == []
    assert os.environ["DONGTOU_GEO_LEDGER"] == "sqlite:////a.sqlite"


def test_a_port_in_use_or_an_address_of_others_is_refused_by_its_own_reason() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortError, match=f"{port} 已被占用"):
            serve(host="127.0.0.1", port=port)
    # 192.0.2.1 is reserved for documentation: no computer has it.
    with pytest.raises(PortError, match="不能监听") as refused:
        serve(host="192.0.2.1", port=free_port())
    assert "占用" not in str(refused.value)


def _running(tmp_path: Path, log: Path, port: int) -> subprocess.Popen[bytes]:
    environ: dict[str, Any] = {
        **{k: v for k, v in os.environ.items() if not k.startswith("DONGTOU_GEO_")},
        "PYTHONPATH": str(settings.ROOT),
        "DONGTOU_GEO_LEDGER": "sqlite:///own.sqlite",
    }
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "dongtou_geo", "serve", "--port", str(port)],
            cwd=tmp_path,
            env=environ,
            stdout=out,
            stderr=out,
        )


def _got(address: str, process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(LONGEST_START_S * 10):
        assert process.poll() is None, log.read_text("utf-8")
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                return str(answer.read().decode("utf-8"))
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))


def test_the_served_app_reads_the_relative_ledger_and_says_its_address_only(
    tmp_path: Path,
) -> None:
    ledger = create(file_url(tmp_path / "own.sqlite"))
    version = ledger.stamp().ledger_version
    log, port = tmp_path / "serve.log", free_port()
    process = _running(tmp_path, log, port)
    try:
        health = _got(f"http://127.0.0.1:{port}/healthz", process, log)
        _got(f"http://127.0.0.1:{port}/", process, log)
        assert str(version) in health
    finally:
        if os.name == "nt":
            process.terminate()
        else:
            process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    lines = log.read_text("utf-8").splitlines()
    assert lines == [f"应用地址：http://127.0.0.1:{port}/ （按 Ctrl+C 停止）"]
    if os.name != "nt":
        assert process.returncode == 0
