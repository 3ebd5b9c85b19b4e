"""Only pages are pages; what Streamlit and our routes need still passes."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dongtou_geo.api.known_pages import KnownPages


def _client(prefix: str = "") -> TestClient:
    app = Starlette(routes=[Route("/{rest:path}", lambda _request: PlainTextResponse("in"))])
    return TestClient(KnownPages(app, prefix, ("assets", "healthz")))


@pytest.mark.parametrize(
    "path",
    ["/", "/progress", "/ledger", "/ledger/", "/assets/map/all.js", "/healthz", "/favicon.png",
     "/_stcore/health", "/component/x/index.html", "/progress/_stcore/health"],
)  # fmt: skip
def test_known_addresses_pass(path: str) -> None:
    assert _client().get(path).text == "in"
    assert _client("/gis").get(f"/gis{path}").text == "in"


@pytest.mark.parametrize("path", ["/map", "/admin", "/Progress", "/tiles2/1"])
def test_an_unknown_page_is_a_404_in_words(path: str) -> None:
    answer = _client().get(path)
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
