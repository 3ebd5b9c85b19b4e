"""Start the app with uvicorn on this machine's own address."""

from __future__ import annotations

import os
import socket
import sys
import webbrowser
from threading import Timer

from dongtou_geo import settings
from dongtou_geo.errors import DongtouGeoError


class PortError(DongtouGeoError):
    """Raise when the port is taken by another program."""


def serve(*, host: str, port: int, prefix: str = "") -> None:
    """Run the app until it is stopped.

    Parameters
    ----------
    host : str
        A loopback address.
    port : int
        TCP port.
    prefix : str
        Path prefix, "" or "/gis".

    Raises
    ------
    PortError
        If the port is taken.

    Notes
    -----
    ``streamlit run`` stalls 40 ms on every kept-alive response (no TCP_NODELAY); uvicorn
    does not, so it is the one to start.
    """
    import uvicorn

    _free(host, port)
    os.chdir(settings.ROOT)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}{prefix}/"
    print(f"应用地址：{address} （按 Ctrl+C 停止）", flush=True)
    if _at_a_desk():
        # The server is not up yet; a moment later it is.
        Timer(2.0, webbrowser.open, [address]).start()
    sys.path.insert(0, str(settings.ROOT))
    uvicorn.run("app:app", host=host, port=port, log_level="warning", ws_max_size=2**27)


def _at_a_desk() -> bool:
    """Tell whether somebody sits before a screen: a server without one would open a text browser."""
    screen = os.name == "nt" or sys.platform == "darwin" or bool(os.environ.get("DISPLAY"))
    return screen and sys.stdout.isatty()


def _free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As uvicorn does: without it a port that has just been closed counts as taken.
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = f"端口 {port} 已被占用，请关闭占用它的程序，或用 --port 换一个端口（{error.strerror}）"
            raise PortError(msg) from error
