"""Sidecars: every key that does not fit is named, with what would be right."""

from pathlib import Path
from typing import Any

import pytest

from dongtou_geo import settings
from dongtou_geo.catalog.sidecar import (
    DatasetSidecar,
    TableSidecar,
    read_sidecar,
    sidecar_problems,
)
from dongtou_geo.errors import DatasetError

FILE = "geodata/parks.toml"


@pytest.fixture
def content() -> dict[str, Any]:
    return read_sidecar(settings.GEODATA / "parks.toml")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("title", "", "非空文字"),
        ("credits", "GSHHG", "文字列表"),
        ("sha256", "abc", "64 位"),
        ("rows", -1, "不小于 0"),
        ("rows", "5", "不小于 0"),
        ("rows", True, "不小于 0"),
        ("geometry", ["Line"], "Point、Polygon、MultiPolygon"),
        ("geometry", [], "Point、Polygon、MultiPolygon"),
        ("crs", "EPSG:4326", "EPSG:4490"),
        ("fidelity", "exact", "surveyed、digitised、indicative"),
    ],
)
def test_a_bad_value_is_named(content: dict[str, Any], key: str, value, expected: str) -> None:
    content[key] = value
    problems = sidecar_problems(content, DatasetSidecar, FILE)
    assert [(p.file, p.feature, p.code) for p in problems] == [(FILE, key, "bad_value")]
    assert expected in (problems[0].expected or "")
    assert problems[0].value == str(value)


def test_all_keys_are_told_at_once(content: dict[str, Any]) -> None:
    del content["licence"]
    content |= {"colour": "red", "crs": "EPSG:3857"}
    problems = sidecar_problems(content, DatasetSidecar, FILE)
    assert {(p.feature, p.code) for p in problems} == {
        ("licence", "missing_key"),
        ("colour", "unknown_key"),
        ("crs", "bad_value"),
    }


def test_a_table_has_no_crs(content: dict[str, Any]) -> None:
    codes = {(p.feature, p.code) for p in sidecar_problems(content, TableSidecar, FILE)}
    assert codes == {(key, "unknown_key") for key in ("geometry", "crs", "fidelity")}


def test_a_missing_or_broken_sidecar_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="文件不存在"):
        read_sidecar(tmp_path / "parks.toml")
    (tmp_path / "parks.toml").write_text("title =", "utf-8")
    with pytest.raises(DatasetError, match="UTF-8 的 TOML"):
        read_sidecar(tmp_path / "parks.toml")
