"""The map's documents: made once, made again when their source changed, at a new address."""

import json
import os
import shutil
from pathlib import Path

import pytest

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.maps.documents import DOCUMENTS, MapDocuments
from dongtou_geo.settings import GEODATA, LAYERS


class Bench:
    """A copy of geodata/ and layers/ to change under the documents."""

    def __init__(self, folder: Path) -> None:
        self.geodata, self.layers = folder / "geodata", folder / "layers"
        shutil.copytree(GEODATA, self.geodata)
        shutil.copytree(LAYERS, self.layers)
        self.documents = MapDocuments(geodata=self.geodata, layers=self.layers)

    def read(self, name: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.documents.document(name)[1])
        return found


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
