"""Tiles over HTTP: what is answered, what is kept by whom, and what is refused in words."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pyogrio
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dongtou_geo.api.routes import routes
from dongtou_geo.maps.documents import MapDocuments
from dongtou_geo.services.ledger_choice import Places
from dongtou_geo.services.shelf import LedgerShelf
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create
from dongtou_geo.tiles.standing import TileShelf
from tests.services.books import LAT, LON, box, line, parcel, register
from tests.tiles.decoding import by_gdal
from tests.tiles.land import tile_at

HERE = tile_at(16, LON + 0.0005, LAT + 0.0005)
FAR = tile_at(16, LON + 0.05, LAT + 0.05)
NOWHERE = tile_at(16, LON - 0.5, LAT)


def url(tile: tuple[int, int, int], query: str = "") -> str:
    z, x, y = tile
    return f"/tiles/parcels/{z}/{x}/{y}.mvt{query}"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = create(file_url(tmp_path / "ledger.sqlite"), LedgerIdentity("one"))
    secret = {"occupant": "某某公司", "note": "密"}
    parcels = [parcel("A-1", box(0, 0, 1, 1), **secret), parcel("A-2", box(49, 55, 50, 56))]
    ledger.append(parcels, [register(p.parcel_no, 10_000.0) for p in parcels])
    ledger.append([], [line("A-1", "approve", date(2019, 1, 1), source_doc="机密文号")])
    ledger.append([], [line("A-1", "end", date(2021, 1, 1))])
    return ledger


@pytest.fixture
def tiles(ledger: Ledger) -> TileShelf:
    return TileShelf(LedgerShelf(ledger.url))


@pytest.fixture
def client(ledger: Ledger, tiles: TileShelf) -> TestClient:
    tiles.look(patience_s=30)
    return served(ledger, tiles)


def served(ledger: Ledger, tiles: TileShelf, prefix: str = "") -> TestClient:
    own = routes(MapDocuments(), LedgerShelf(ledger.url), tiles, prefix=prefix)
    return TestClient(Starlette(routes=own), raise_server_exceptions=False)


def raw(client: TestClient, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """What travels, not unpacked."""
    with client.stream("GET", path, headers=headers) as answer:
        return answer.status_code, dict(answer.headers), b"".join(answer.iter_raw())


def test_a_tile_travels_packed_with_a_tag_and_is_asked_for_again_each_time(
    client: TestClient,
) -> None:
    status, headers, body = raw(client, url(HERE))
    assert status == 200
    assert headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert headers["content-encoding"] == "gzip"
    assert headers["cache-control"] == "private, no-cache"
    assert headers["etag"].startswith('W/"')
    assert headers["x-content-type-options"] == "nosniff"
    assert [f.id for f in by_gdal(gzip.decompress(body))["parcels"]] == [1]


def test_who_cannot_unpack_gets_the_tile_plain(client: TestClient) -> None:
    packed = raw(client, url(HERE))[2]
    status, headers, body = raw(client, url(HERE), **{"accept-encoding": "identity"})
    assert status == 200
    assert "content-encoding" not in headers
    assert body == gzip.decompress(packed)


def test_a_known_tag_is_answered_without_a_body(client: TestClient) -> None:
    tag = client.get(url(HERE)).headers["etag"]
    for known in (tag, f'"x", {tag}', "*"):
        answer = client.get(url(HERE), headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    assert client.get(url(HERE), headers={"If-None-Match": '"x"'}).status_code == 200


def test_an_event_renews_the_tag_of_its_tile_alone(
    client: TestClient, tiles: TileShelf, ledger: Ledger
) -> None:
    before = [client.get(url(tile)).headers["etag"] for tile in (HERE, FAR)]
    ledger.append([], [line("A-2", "approve", date(2019, 1, 1))])
    tiles.look(patience_s=30)
    after = [client.get(url(tile)).headers["etag"] for tile in (HERE, FAR)]
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_where_nothing_lies_there_is_no_content(client: TestClient) -> None:
    answer = client.get(url(NOWHERE))
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    "path",
    [
        "40/0/0", "-1/0/0", "12/-1/0", "12/0/-1", "12/4096/0", "1/0/2", "a/b/c", "12/1e3/0",
        "12/1.5/0", "12/１/0", "12/%20/0", "99999999999999999999/0/0", "12/<script>/0",
    ],
)  # fmt: skip
def test_an_address_that_names_no_tile_is_refused_in_words(client: TestClient, path: str) -> None:
    answer = client.get(f"/tiles/parcels/{path}.mvt")
    assert answer.status_code == 400
    assert answer.text.startswith("瓦片地址无效")
    assert answer.headers["content-type"].startswith("text/plain")
    assert len(answer.text) < 200


@pytest.mark.parametrize("path", ["12/1.mvt", "12/1/1", "12/1/1.pbf", "12/1/1/1.mvt"])
def test_another_address_is_not_there(client: TestClient, path: str) -> None:
    assert client.get(f"/tiles/parcels/{path}").status_code == 404


@pytest.mark.parametrize(
    ("day", "status"),
    [("2015-12-31", None), ("2016-01-01", "planned"), ("2020-01-01", "approved"), ("2021-01-01", None)],
)  # fmt: skip
def test_a_day_gives_what_was_there_and_its_status(
    client: TestClient, day: str, status: str | None
) -> None:
    answer = client.get(url(HERE, f"?as_of={day}"))
    if status is None:
        assert answer.status_code == 204
        return
    frame = pyogrio.read_dataframe(answer.content, layer="parcels")
    assert frame.drop(columns="geometry").to_dict("records") == [{"mvt_id": 1, "status": status}]


@pytest.mark.parametrize("day", ["", "yesterday", "2018-13-01", "20181231", "<script>"])
def test_a_word_that_is_no_day_is_refused(client: TestClient, day: str) -> None:
    answer = client.get(url(HERE, f"?as_of={day}"))
    assert answer.status_code == 400
    assert "2018-12-31" in answer.text


def test_no_name_firm_or_paper_is_in_a_tile(client: TestClient) -> None:
    content = client.get(url(HERE)).content
    for word in ("A-1", "某某公司", "密", "机密文号"):
        assert word.encode() not in content


def test_until_parcels_are_read_the_answer_is_later(ledger: Ledger, tiles: TileShelf) -> None:
    answer = served(ledger, tiles).get(url(HERE))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert "正在读取" in answer.text


def test_an_unreadable_ledger_is_503_and_a_mended_one_is_drawn(
    client: TestClient, tiles: TileShelf, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.sqlite"
    good = path.read_bytes()
    path.write_bytes(b"junk" * 500)
    tiles.look(patience_s=30)
    for asked in (url(HERE), "/assets/data/tiles.json", "/assets/data/parcels.json?ids=1"):
        answer = client.get(asked)
        assert (asked, answer.status_code) == (asked, 503)
        assert "不是可读的地块台账" in answer.text
    path.write_bytes(good)
    tiles.look(patience_s=30)
    assert client.get(url(HERE)).status_code == 200


def test_five_hundred_at_once_are_all_answered(client: TestClient) -> None:
    asked = [url(tile) for tile in (HERE, FAR, NOWHERE, tile_at(12))] * 125
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda path: client.get(path).status_code, asked))
    assert set(found) == {200, 204}
    assert client.get("/healthz").status_code == 200


def test_numbers_and_steps_of_single_parcels_by_id(client: TestClient) -> None:
    found = client.get("/assets/data/parcels.json?ids=1,2,99,x,-1,,１").json()
    assert [(p["tile_id"], p["name"]) for p in found] == [(1, "A-1"), (2, "A-2")]
    assert [step["status"] for step in found[0]["steps"]] == ["planned", "approved", None]
    assert "公司" not in str(found)
    assert client.get("/assets/data/parcels.json").json() == []


def test_parcels_are_found_by_a_part_of_their_number(client: TestClient) -> None:
    assert client.get("/assets/data/find.json?q=a-").json() == ["A-1", "A-2"]
    assert client.get("/assets/data/find.json?q=2").json() == ["A-2"]
    assert client.get("/assets/data/find.json").json() == []


def test_the_state_of_the_tiles_is_told(client: TestClient, tiles: TileShelf) -> None:
    answer = client.get("/assets/data/tiles.json")
    told = answer.json()
    west, south, east, north = told.pop("bounds")
    assert told == {"busy": False, "version": tiles.standing().version}
    assert (west, south) == pytest.approx((LON, LAT), abs=1e-6)
    assert east > LON + 0.05
    assert north > LAT + 0.05
    assert answer.headers["cache-control"] == "no-store"


def test_a_prefix_moves_the_tiles_too(ledger: Ledger, tiles: TileShelf) -> None:
    tiles.look(patience_s=30)
    client = served(ledger, tiles, "/gis")
    assert client.get(f"/gis{url(HERE)}").status_code == 200
    assert client.get(url(HERE)).status_code == 404


def test_places_are_those_of_the_sample_by_default(tmp_path: Path) -> None:
    shelf = LedgerShelf(None, Places(default=tmp_path / "no.sqlite", sample=tmp_path / "s.sqlite"))
    tiles = TileShelf(shelf)
    assert not tiles.look(patience_s=60)
    assert len(tiles.standing().index) > 100
