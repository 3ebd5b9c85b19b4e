"""Features as their writer put them, read piece by piece."""

import json
from pathlib import Path

import pytest

from dongtou_geo.formats import geojson_features
from dongtou_geo.formats.geojson_features import features_of, rows_with_geometry

POINT = {"type": "Point", "coordinates": [1.5, 2]}


def written(path: Path, document: object, **options: object) -> Path:
    path.write_text(json.dumps(document, **options), "utf-8")  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize("chunk", [1, 2, 7, 64, 1 << 20])
@pytest.mark.parametrize("indent", [None, 2])
def test_pieces_of_any_size_make_the_same(
    chunk: int, indent: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geojson_features, "_CHUNK_BYTES", chunk)
    features = [
        {"type": "Feature", "properties": {"名": '𠮷\\"]}', "n": 12.5e3}, "geometry": POINT},
        {"type": "Feature", "properties": None, "geometry": None},
    ]
    document = {"type": "FeatureCollection", "n": 123, "features": features, "z": [1]}
    path = written(tmp_path / "a.geojson", document, indent=indent)
    assert list(features_of(path)) == features
    assert rows_with_geometry(path) == {0}


def test_bare_things_are_one_feature(tmp_path: Path) -> None:
    path = written(tmp_path / "a.geojson", {"type": "Feature", "geometry": None})
    assert rows_with_geometry(path) == set()
    assert rows_with_geometry(written(path, POINT)) == {0}


@pytest.mark.parametrize("text", ["", "[", '{"features": [{"type": 1}', "{'a': 1}", "[" * 100_000])
def test_no_json_is_not_known(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(text)
    assert rows_with_geometry(tmp_path / "a.geojson") is None
