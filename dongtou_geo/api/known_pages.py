"""An address that is no page is a 404 in words, not Streamlit's page with an English message."""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# What Streamlit itself answers beside its pages; files of its own have a dot in their name.
STREAMLIT = ("_stcore", "static", "media", "component", "bidi-components", "app", "oauth2callback")
PAGES = (
    "",
    "projects",
    "industry",
    "reclamation",
    "ledger",
    "intake",
    "progress",
    "gap",
    "compare",
    "quality",
    "briefing",
)


class KnownPages:
    """Answer 404 where a single word in the address names no page.

    Parameters
    ----------
    app : ASGIApp
        The app behind.
    prefix : str
        Path prefix, "" or "/gis".
    own : tuple of str
        First words of our own routes, which answer for themselves.
    """

    def __init__(self, app: ASGIApp, prefix: str, own: tuple[str, ...]) -> None:
        self.app = app
        self.prefix = prefix
        self.known = {*PAGES, *STREAMLIT, *own}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a known address on."""
        if scope["type"] == "http" and not self._is_known(scope["path"]):
            words = "没有这个页面；可从首页进入：" + (self.prefix or "") + "/"
            await PlainTextResponse(words, status_code=404)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_known(self, path: str) -> bool:
        inside = path.removeprefix(self.prefix) if self.prefix else path
        first = inside.strip("/").split("/")[0]
        return first in self.known or "." in first
