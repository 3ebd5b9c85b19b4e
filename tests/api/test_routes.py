"""The routes beside the pages: what they answer, what they never answer, and to whom."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dongtou_geo import __version__
from dongtou_geo.api.routes import OWN_PREFIXES, routes
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.maps.documents import DOCUMENTS, MapDocuments
from dongtou_geo.maps.offline import BUNDLES, bundled
from dongtou_geo.services.ledger_choice import Places
from dongtou_geo.services.shelf import LedgerShelf
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import LedgerIdentity
from dongtou_geo.store.opening import create
from dongtou_geo.tiles.standing import TileShelf

PAGE = "a page of Streamlit's"
LINE = Event(
    1, "A-1", EventKind.REGISTER, date(2016, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "张三",
    area_m2=1000.0, park_id="park_nantang",
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return made(tmp_path / "ledger.sqlite")


@pytest.fixture
def fragile(ledger: Path) -> TestClient:
    """An app on a ledger that the test breaks."""
    return served(ledger)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    return served(made(tmp_path_factory.mktemp("ledger") / "ledger.sqlite"))


def made(path: Path) -> Path:
    ledger = create(file_url(path), LedgerIdentity("one"))
    ledger.append([Parcel("A-1", Origin.LAND, AreaBasis.LEDGER)], [LINE])
    return path


def served(ledger: Path, prefix: str = "") -> TestClient:
    """Mount our routes as Streamlit does: what they leave over is answered with its page."""
    shelf = LedgerShelf(None, Places(default=ledger, sample=ledger.with_name("sample.sqlite")))
    own = routes(MapDocuments(), shelf, TileShelf(shelf), prefix=prefix)
    streamlit = Route("/{rest:path}", lambda _request: PlainTextResponse(PAGE))
    return TestClient(Starlette(routes=[*own, streamlit]), raise_server_exceptions=False)


def address(client: TestClient, name: str) -> tuple[str, str]:
    """Return a document's current address and version."""
    version = client.get(f"/assets/data/{name}.json").headers["etag"].strip('"')
    return f"/assets/data/{name}.json?v={version}", version


def test_health_names_the_apps_and_the_ledgers_version(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": __version__, "ledger_version": "one-1"}


def test_an_unreadable_ledger_is_503_in_words_and_without_a_traceback(
    fragile: TestClient, ledger: Path
) -> None:
    ledger.write_bytes(b"junk" * 500)
    answer = fragile.get("/healthz")
    assert answer.status_code == 503
    assert "不是可读的地块台账" in answer.text
    assert "Traceback" not in answer.text
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_an_unreadable_ledger_leaves_the_plan_readable(fragile: TestClient, ledger: Path) -> None:
    ledger.write_bytes(b"junk" * 500)
    assert fragile.get("/assets/data/plan.json").status_code == 200


def test_a_ledger_that_was_mended_is_healthy_again(fragile: TestClient, ledger: Path) -> None:
    good = ledger.read_bytes()
    ledger.write_bytes(b"junk" * 500)
    assert fragile.get("/healthz").status_code == 503
    ledger.write_bytes(good)
    assert fragile.get("/healthz").status_code == 200


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_at_its_current_address_is_kept_for_ever(client: TestClient, name: str) -> None:
    url, version = address(client, name)
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["etag"] == f'"{version}"'
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.json()


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789abcdef", "?v=x&v=y"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_at_another_address_is_never_kept(
    client: TestClient, name: str, query: str
) -> None:
    answer = client.get(f"/assets/data/{name}.json{query}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize("name", ["Plan", "events", "..%2Fplan", "plan.json", "%00"])
def test_no_other_document_is_there(client: TestClient, name: str) -> None:
    assert client.get(f"/assets/data/{name}.json").status_code == 404


def test_leaflet_and_our_own_scripts_are_served_with_their_types(client: TestClient) -> None:
    own = [f"/assets/map/{name}" for name in BUNDLES]
    for path in ("/assets/leaflet/leaflet.js", "/assets/leaflet/leaflet.css", *own):
        answer = client.get(path)
        kind = "css" if path.endswith("css") else "javascript"
        assert (path, answer.status_code) == (path, 200)
        assert kind in answer.headers["content-type"]
        assert answer.text != PAGE


@pytest.mark.parametrize("name", BUNDLES)
def test_a_browser_may_keep_our_scripts_for_ever_where_it_asked_for_their_version(
    client: TestClient, name: str
) -> None:
    version, body = bundled(name)
    path = f"/assets/map/{name}"
    answers = [client.get(path + query) for query in (f"?v={version}", "?v=0", "")]
    assert [answer.content for answer in answers] == [body] * 3
    kept = ["private, max-age=31536000, immutable", "no-store", "no-store"]
    assert [answer.headers["cache-control"] for answer in answers] == kept


@pytest.mark.parametrize(
    "path",
    [
        *(f"/{own}" for own in OWN_PREFIXES if own != "healthz"),
        *(f"/{own}/" for own in OWN_PREFIXES if own != "healthz"),
        "/healthz/live", "/assets/nothing.js", "/assets/map/nothing.js", "/assets/map/map.js", "/assets/leaflet/x/y.png",
        "/assets/data", "/assets/data/", "/assets/data/plan", "/assets/map", "/assets/leaflet/",
        "/tiles/parcels/12/1/1.png", "/tiles/parcels/12/1", "/ogc/collections", "/assets/_stcore/health", "/tiles/_stcore/host-config",
        "/assets/%2e%2e/app.py", "/assets/map/..%2f..%2fsettings.py", "/assets/map/%2e%2e/payload.py",
    ],
)  # fmt: skip
def test_an_unknown_path_under_our_prefixes_is_404_and_not_a_page(
    client: TestClient, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert PAGE not in answer.text
    assert "html" not in answer.headers["content-type"]


@pytest.mark.parametrize("path", ["/", "/progress", "/assetsx", "/_stcore/health", "/static/a.js"])
def test_what_is_not_ours_is_left_to_streamlit(client: TestClient, path: str) -> None:
    assert client.get(path).text == PAGE


@pytest.mark.parametrize("probe", ["health", "host-config"])
def test_streamlits_probes_below_a_page_are_answered_silently(
    client: TestClient, probe: str
) -> None:
    answer = client.get(f"/progress/_stcore/{probe}")
    assert (answer.status_code, answer.content) == (304, b"")
    assert client.get(f"/_stcore/{probe}").text == PAGE


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/healthz", "/assets/data/plan.json", "/assets/x", "/ogc/y"])
def test_routes_are_read_only(client: TestClient, path: str, method: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code in (404, 405)
    assert PAGE not in answer.text


@pytest.mark.parametrize(
    "path", ["/healthz", "/assets/data/parcels.json", "/assets/map/all.js", "/assets/x"]
)
def test_no_other_site_may_read_an_answer(client: TestClient, path: str) -> None:
    asking = {"Origin": "http://evil.test", "Access-Control-Request-Method": "GET"}
    for method in ("GET", "OPTIONS"):
        headers = client.request(method, path, headers=asking).headers
        assert not [name for name in headers if name.lower().startswith("access-control-")]


def test_a_prefix_moves_every_route_and_leaves_nothing_behind(ledger: Path) -> None:
    client = served(ledger, "/gis")
    assert client.get("/gis/healthz").json()["status"] == "ok"
    assert client.get("/gis/assets/data/plan.json").status_code == 200
    assert client.get("/gis/assets/leaflet/leaflet.js").status_code == 200
    assert client.get("/gis/progress/_stcore/health").status_code == 304
    for own in OWN_PREFIXES:
        assert client.get(f"/gis/{own}/nothing").status_code == 404
    assert client.get("/healthz").text == PAGE
    assert client.get("/assets/data/plan.json").text == PAGE


def test_the_map_finds_its_documents_at_the_addresses_that_it_is_given(ledger: Path) -> None:
    shelf = LedgerShelf(None, Places(default=ledger, sample=ledger.with_name("sample.sqlite")))
    documents = MapDocuments()
    own = routes(documents, shelf, TileShelf(shelf), prefix="/gis")
    client = TestClient(Starlette(routes=own))
    addresses = documents.addresses("/gis")
    for url in (addresses.plan_url, addresses.coast_url):
        assert "immutable" in client.get(url).headers["cache-control"]
        assert re.search(r"\?v=[0-9a-f]{16}$", url)
