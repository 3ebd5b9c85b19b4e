"""Only this machine is answered, and only under its own names."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dongtou_geo.api.guard import LoopbackOnly


def _client(address: str = "127.0.0.1") -> TestClient:
    app = Starlette(routes=[Route("/", lambda _request: PlainTextResponse("in"))])
    return TestClient(LoopbackOnly(app), client=(address, 50_000))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8501", "localhost:8501", "localhost", "LocalHost:8501"]
)
def test_our_own_names_pass(host: str) -> None:
    assert _client().get("/", headers={"host": host}).text == "in"


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "127.0.0.1.evil.test",
        "localhost.evil.test:8501",
        "10.1.2.3",
        "",
        "[::1]:8501",
        "[::1]",
        "::1",
    ],
)
def test_another_name_is_refused(host: str) -> None:
    answer = _client().get("/", headers={"host": host})
    assert answer.status_code == 403
    assert "本机" in answer.text


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.0.9", "2001:db8::1", "testclient", "x"])
def test_another_machine_is_refused(address: str) -> None:
    answer = _client(address).get("/", headers={"host": "127.0.0.1:8501"})
    assert answer.status_code == 403


def test_a_client_that_localhost_led_to_ipv6_passes() -> None:
    assert _client("::1").get("/", headers={"host": "localhost:8501"}).text == "in"
