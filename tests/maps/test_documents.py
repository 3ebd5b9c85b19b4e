"""The map's documents: made once, made again when their source changed, at a new address."""

import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.maps.documents import DOCUMENTS, MapDocuments
from dongtou_geo.services.ledger_choice import Places
from dongtou_geo.services.shelf import LedgerShelf
from dongtou_geo.settings import GEODATA, LAYERS
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create

LINE = Event(
    1, "A-1", EventKind.REGISTER, date(2016, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "张三",
    area_m2=1000.0, park_id="park_nantang",
)  # fmt: skip


class Bench:
    """A copy of geodata/ and layers/, and a ledger, to change under the documents."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ledger.sqlite"
        self.ledger = made(self.path)
        self.geodata, self.layers = folder / "geodata", folder / "layers"
        shutil.copytree(GEODATA, self.geodata)
        shutil.copytree(LAYERS, self.layers)
        shelf = LedgerShelf(None, Places(default=self.path, sample=folder / "sample.sqlite"))
        self.documents = MapDocuments(shelf, geodata=self.geodata, layers=self.layers)

    def read(self, name: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.documents.document(name)[1])
        return found


def made(path: Path, *, area_m2: float = 1000.0) -> Ledger:
    ledger = create(file_url(path), LedgerIdentity("one"))
    ledger.append([Parcel("A-1", Origin.LAND, AreaBasis.LEDGER)], [replace(LINE, area_m2=area_m2)])
    return ledger


def touched(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    os.utime(path, (1, 1))  # another time stamp, whatever the clock's grain


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_utf_8_json_and_stays_while_nothing_changes(bench: Bench, name: str) -> None:
    version, body = bench.documents.document(name)
    assert json.loads(body.decode("utf-8"))
    assert bench.documents.document(name) == (version, body)
    assert bench.documents.document(name)[1] is body


@pytest.mark.parametrize("prefix", ["", "/gis"])
def test_an_address_names_document_and_version(bench: Bench, prefix: str) -> None:
    addresses = bench.documents.addresses(prefix)
    for name in DOCUMENTS:
        version, _ = bench.documents.document(name)
        wanted = f"{prefix}/assets/data/{name}.json?v={version}"
        assert getattr(addresses, f"{name}_url") == wanted


def test_an_event_gives_the_parcels_a_new_address_and_leaves_the_others(bench: Bench) -> None:
    before = bench.documents.addresses("")
    bench.ledger.append([], [replace(LINE, event_id=0, kind=EventKind.APPROVE, area_m2=None)])
    after = bench.documents.addresses("")
    assert before.parcels_url != after.parcels_url
    assert (before.plan_url, before.coast_url) == (after.plan_url, after.coast_url)
    assert "approved" in str(bench.read("parcels"))


def test_another_ledger_of_the_same_version_gives_another_address(
    bench: Bench, tmp_path: Path
) -> None:
    # The browser keeps what lies at an address for a year: other content is another address.
    before, address = bench.documents.document("parcels"), bench.documents.addresses("").parcels_url
    made(tmp_path / "other.sqlite", area_m2=2000.0)
    (tmp_path / "other.sqlite").replace(bench.path)
    after = bench.documents.document("parcels")
    assert b'"area_mu":1.5' in before[1]
    assert b'"area_mu":3.0' in after[1]
    assert before[0] != after[0]
    assert bench.documents.addresses("").parcels_url != address


def test_a_changed_dataset_or_layer_gives_the_plan_a_new_address(bench: Bench) -> None:
    first = bench.documents.addresses("").plan_url
    touched(bench.geodata / "parks.geojson", "南塘工业区", "南塘新区")
    second = bench.documents.addresses("").plan_url
    assert "南塘新区" in str(bench.read("plan"))
    touched(bench.layers / "parks.toml", "园区与启动区", "园区名")
    third = bench.documents.addresses("").plan_url
    assert "园区名" in str(bench.read("plan"))
    assert len({first, second, third}) == 3


def test_a_changed_coast_gives_the_coast_a_new_address(bench: Bench) -> None:
    before = bench.documents.addresses("").coast_url
    touched(bench.geodata / "coast.geojson", '"FeatureCollection"', '"FeatureCollection","id":1')
    assert bench.documents.addresses("").coast_url != before


def test_a_ledger_that_cannot_be_read_is_an_error_of_ours(bench: Bench) -> None:
    bench.documents.document("parcels")
    bench.path.write_bytes(b"junk" * 500)
    with pytest.raises(DongtouGeoError):
        bench.documents.document("parcels")
    assert bench.documents.document("plan")


@pytest.mark.parametrize(
    ("name", "file", "content"),
    [
        ("plan", "parks", "{"),
        ("plan", "parks", "[]"),
        ("plan", "parks", '{"features":[{}]}'),
        ("plan", "projects", None),
        ("coast", "coast", "{"),
        ("coast", "coast", None),
    ],
)
def test_geodata_that_cannot_be_read_is_an_error_of_ours(
    bench: Bench, name: str, file: str, content: str | None
) -> None:
    path = bench.geodata / f"{file}.geojson"
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(DongtouGeoError, match=file):
        bench.documents.document(name)


def test_a_layer_that_does_not_fit_is_an_error_of_ours(bench: Bench) -> None:
    touched(bench.layers / "parks.toml", "order =", "colour = 1\norder =")
    with pytest.raises(DongtouGeoError, match=r"parks\.toml"):
        bench.documents.document("plan")
