"""Only this machine may ask: there is no sign-in yet."""

from __future__ import annotations

from ipaddress import ip_address

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dongtou_geo.settings import LOOPBACK_HOSTS

REFUSAL = "拒绝访问：尚无登录功能，本系统只接受本机访问（127.0.0.1）。"


class LoopbackOnly:
    """Refuse requests from another machine or under another host name.

    Parameters
    ----------
    app : ASGIApp
        The app behind.

    Notes
    -----
    The Host check defends against DNS rebinding: a page elsewhere that points its own name at
    127.0.0.1 would otherwise read the ledger through the user's browser.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a local request on; answer any other with 403."""
        if scope["type"] not in {"http", "websocket"} or _local(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(REFUSAL, status_code=403)(scope, receive, send)


def _local(scope: Scope) -> bool:
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    return len(hosts) == 1 and _host_name(hosts[0]) in LOOPBACK_HOSTS and _loopback_client(scope)


def _loopback_client(scope: Scope) -> bool:
    client = scope.get("client")
    if not client:
        return True
    try:
        return ip_address(client[0]).is_loopback
    except ValueError:
        return False


def _host_name(host: str) -> str:
    return host.rsplit(":", 1)[0].lower()
