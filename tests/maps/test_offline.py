"""Leaflet from our own route: folium's addresses are ours, and a missing file is named."""

import re
from pathlib import Path

import folium
import pytest

from dongtou_geo.maps.offline import (
    BUNDLES,
    SCRIPTS,
    STATIC,
    STYLES,
    AssetFolders,
    asset_folders,
    bundled,
    point_folium_at,
)


@pytest.fixture
def leaflet(tmp_path: Path) -> Path:
    for name in ("leaflet.js", "leaflet.css"):
        (tmp_path / name).write_text("/**/", encoding="utf-8")
    return tmp_path


def test_nothing_is_missing_here() -> None:
    assert asset_folders().missing() == []


def test_leaflet_is_the_very_version_that_folium_asks_for() -> None:
    text = (Path(folium.__file__).parent / "folium.py").read_text("utf-8")
    (wanted,) = set(re.findall(r"leaflet@([\d.]+)/dist/leaflet\.js", text))
    leaflet = asset_folders().leaflet
    assert leaflet is not None
    assert f"Leaflet {wanted}" in (leaflet / "leaflet.js").read_text("utf-8")[:200]


def test_a_missing_package_is_named(leaflet: Path) -> None:
    (lost,) = AssetFolders(leaflet=None).missing()
    assert "XStatic-Leaflet" in lost
    assert AssetFolders(leaflet=leaflet).missing() == []


@pytest.mark.parametrize("name", ["leaflet.js", "leaflet.css"])
def test_a_missing_leaflet_file_is_named_with_its_path(leaflet: Path, name: str) -> None:
    (leaflet / name).unlink()
    assert AssetFolders(leaflet=leaflet).missing() == [str(leaflet / name)]


def test_a_missing_folder_names_every_file(leaflet: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    lost = AssetFolders(leaflet=gone, own=gone).missing()
    names = [*SCRIPTS, *STYLES, "leaflet.js", "leaflet.css"]
    assert lost == [str(gone / name) for name in names]


@pytest.mark.parametrize("prefix", ["", "/gis"])
def test_folium_loads_from_our_own_route_alone(prefix: str) -> None:
    try:
        point_folium_at(prefix)
        addresses = [url for _, url in (*folium.Map.default_js, *folium.Map.default_css)]
    finally:
        point_folium_at("")
    assert len(addresses) == 4
    assert all(url.startswith(f"{prefix}/assets/") for url in addresses)
    assert f"{prefix}/assets/leaflet/leaflet.js" in addresses
    for name in BUNDLES:
        (own,) = [url for url in addresses if f"/assets/map/{name}?v=" in url]
        assert own.rsplit("=", 1)[1] == bundled(name)[0]


@pytest.mark.parametrize("name", BUNDLES)
def test_one_file_holds_all_of_them_in_their_order_and_has_a_version(
    name: str, tmp_path: Path
) -> None:
    version, body = bundled(name)
    texts = [(STATIC / part).read_text("utf-8") for part in BUNDLES[name]]
    found = [body.decode("utf-8").find(text) for text in texts]
    assert -1 not in found
    assert found == sorted(found)
    for part in BUNDLES[name]:
        (tmp_path / part).write_bytes((STATIC / part).read_bytes())
    assert bundled(name, tmp_path) == (version, body)
    (tmp_path / BUNDLES[name][0]).write_text("/* changed */", "utf-8")
    assert bundled(name, tmp_path)[0] != version


def test_our_own_files_ask_no_other_host() -> None:
    for name in (*SCRIPTS, *STYLES):
        text = (STATIC / name).read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.findall(r"https?://|@import|url\(['\"]?//", text), name


def test_our_scripts_never_write_html() -> None:
    for name in SCRIPTS:
        text = (STATIC / name).read_text("utf-8")
        assert not re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text
        ), name
