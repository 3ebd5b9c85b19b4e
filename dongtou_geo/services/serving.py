"""Start the app with uvicorn on this machine's own address."""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

from dongtou_geo import settings
from dongtou_geo.domain.os_words import os_words
from dongtou_geo.errors import DongtouGeoError

# A cold start takes seconds; whoever waits longer opens the address by hand.
LONGEST_START_S = 120.0
LOOK_EVERY_S = 0.1


class PortError(DongtouGeoError):
    """Raise when the port cannot be listened on, taken by another program for one."""


class StartError(DongtouGeoError):
    """Raise when the app did not come up; the server has said why."""


def serve(*, host: str, port: int, prefix: str = "", ledger_url: str | None = None) -> None:
    """Run the app until it is stopped.

    Parameters
    ----------
    host : str
        A loopback address.
    port : int
        TCP port.
    prefix : str
        Path prefix, "" or "/gis".
    ledger_url : str, optional
        The environment's ledger, with an absolute path: the app reads it in another folder.

    Raises
    ------
    PortError
        If the port is taken or the address is not this machine's.
    StartError
        If the app cannot be started.

    Notes
    -----
    ``streamlit run`` stalls 40 ms on every kept-alive response (no TCP_NODELAY); uvicorn
    does not, so it is the one to start.
    """
    import uvicorn

    _free(host, port)
    if ledger_url is not None:
        os.environ["DONGTOU_GEO_LEDGER"] = ledger_url
    # Streamlit reads .streamlit/config.toml from the working folder.
    os.chdir(settings.ROOT)
    sys.path.insert(0, str(settings.ROOT))
    address = f"http://{host}:{port}{prefix}/"
    print(f"应用地址：{address} （按 Ctrl+C 停止）", flush=True)
    config = uvicorn.Config(
        "app:app", host=host, port=port, log_level="warning", access_log=False, ws_max_size=2**27
    )
    server = uvicorn.Server(config)
    if _at_a_desk():
        # A daemon: it never outlives a server that failed or was stopped.
        Thread(target=_show, args=(address, lambda: server.started), daemon=True).start()
    # uvicorn ends with its own exit codes, and repeats the Ctrl+C that stopped it.
    with suppress(KeyboardInterrupt, SystemExit):
        server.run()
    if not server.started:
        msg = f"应用没有启动，原因见上（{address}）"
        raise StartError(msg)


def _show(address: str, is_up: Callable[[], bool]) -> None:
    """Open a browser tab as soon as the server answers, and never if it does not."""
    until = time.monotonic() + LONGEST_START_S
    while time.monotonic() < until:
        if is_up():
            webbrowser.open(address)
            return
        time.sleep(LOOK_EVERY_S)


def _at_a_desk() -> bool:
    """Tell whether somebody sits before a screen: a server without one would open a text browser."""
    displays = (os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    screen = os.name == "nt" or sys.platform == "darwin" or any(displays)
    return screen and sys.stdout is not None and sys.stdout.isatty()


def _free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As uvicorn does: without it a port that has just been closed counts as taken.
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortError(_refusal(host, port, error)) from error


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"端口 {port} 已被占用，请关闭占用它的程序，或用 --port 换一个端口"
    return f"{host} 的端口 {port} 不能监听（{os_words(error)}），请用 --port 换一个端口"
