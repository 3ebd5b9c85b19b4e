"""GeoJSON: WGS 84 unless it says otherwise, and never another host."""

import http.server
import json
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.gdal_gate import arrow_table, only
from dongtou_geo.formats.reading import layers_of, read
from tests.formats.gis_samples import feature, geojson


def named(crs: object) -> dict[str, object]:
    return {"type": "name", "properties": {"name": crs}}


@pytest.fixture(scope="module")
def host() -> Iterator[tuple[str, list[str]]]:
    """A host that remembers who called."""
    calls: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/crs", calls
        server.shutdown()


@pytest.fixture
def listener(host: tuple[str, list[str]]) -> tuple[str, list[str]]:
    host[1].clear()
    return host


def test_cells_and_outlines(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "地块.geojson",
        feature(地块编号="001", 投产日期="2019-01-02", 面积=1.5, 标签=["甲", "乙"], 其他={"a": 1}),
        feature(地块编号=2, 投产日期="19-1-2", 面积=None),
    )
    arrived = read(path)
    assert layers_of(path) == [arrived.layer] == ["地块"]
    assert arrived.cells["地块编号"].tolist() == ["001", "2"]
    assert arrived.cells["投产日期"].tolist() == ["2019-01-02", "19-1-2"]
    assert arrived.cells["面积"].tolist()[0] == 1.5
    assert json.loads(arrived.cells["标签"][0]) == ["甲", "乙"]
    assert json.loads(arrived.cells["其他"][0]) == {"a": 1}
    assert arrived.declared_crs == "EPSG:4326"
    assert (arrived.encoding, arrived.problems) == (None, ())


def test_a_date_stays_the_text_that_it_is(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", feature(日="2019-01-02"), feature(日="2019/01/03"))
    assert read(path).cells["日"].tolist() == ["2019-01-02", "2019/01/03"]


@pytest.mark.parametrize(
    ("crs", "declared"),
    [
        (named("urn:ogc:def:crs:EPSG::4549"), "EPSG:4549"),
        (named("EPSG:4490"), "EPSG:4490"),
        (named("urn:ogc:def:crs:OGC:1.3:CRS84"), "EPSG:4326"),
        (None, None),
    ],
)
@pytest.mark.parametrize("last", [False, True])
def test_the_old_member_counts(
    crs: object, declared: str | None, last: bool, tmp_path: Path
) -> None:
    features = [feature(n=i) for i in range(300)]
    document: dict[str, object] = {"type": "FeatureCollection"}
    document |= {"features": features, "crs": crs} if last else {"crs": crs, "features": features}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(document), "utf-8")
    assert read(path).declared_crs == declared


def test_a_property_of_that_name_does_not(tmp_path: Path) -> None:
    for value in ("EPSG:4549", None, 7, named("EPSG:4549")):
        path = geojson(tmp_path / "a.geojson", feature(crs=value), feature(a="crs"))
        assert read(path).declared_crs == "EPSG:4326"


def test_an_unknown_system_is_refused(tmp_path: Path) -> None:
    """GDAL would have said WGS 84."""
    path = geojson(tmp_path / "a.geojson", feature(), crs=named("EPSG:999999"))
    with pytest.raises(FormatError, match="“EPSG:999999”不认识"):
        read(path)


@pytest.mark.parametrize("key", ['"crs"', '"\\u0063rs"', '"CRS"', "'crs'", '"crs"/**/'])
@pytest.mark.parametrize("kind", ["link", "l\\u0069nk", "url"])
def test_no_address_is_ever_called(key: str, kind: str, listener, tmp_path: Path) -> None:
    address, calls = listener
    member = (
        f'{key}: {{"type": "{kind}", "properties": {{"href": "{address}", "url": "{address}"}}}}'
    )
    point = '"type": "Point", "coordinates": [121, 28]'
    path = tmp_path / "a.geojson"
    for text in (
        f'{{"type": "FeatureCollection", {member}, "features": [{{"type": "Feature", '
        f'"properties": {{}}, "geometry": {{{point}}}}}]}}',
        f'{{"type": "Feature", "properties": {{}}, "geometry": {{{point}, {member}}}}}',
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(FormatError):
            read(path)
    assert calls == []


def test_the_gate_alone_keeps_gdal_from_calling(listener, tmp_path: Path) -> None:
    address, calls = listener
    crs = {"type": "link", "properties": {"href": address}}
    path = geojson(tmp_path / "a.geojson", feature(), crs=crs)
    with only("GeoJSON"):
        pyogrio.raw.read_arrow(path)
    assert calls == []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.raw.read_arrow(path)
    assert calls == ["/crs"], "without the gate GDAL calls: this test would see it"


def test_the_gate_lets_one_driver_in_and_then_all_again(tmp_path: Path) -> None:
    before = set(pyogrio.list_drivers())
    with only("GeoJSON"):
        assert set(pyogrio.list_drivers()) == {"GeoJSON"}
    assert set(pyogrio.list_drivers()) == before
    assert pyogrio.get_gdal_config_option("OGR_SKIP") is None


@pytest.mark.parametrize(
    "text",
    [
        '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{0}</SrcDataSource></OGRVRTLayer>'
        "</OGRVRTDataSource>",
        '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {0}"}}',
        '{{"type": "FeatureCollection", "x": {{"type": "gdal_streamed_alg", "command_line": '
        '"gdal vector pipeline ! read {0}"}}}}',
        "/vsicurl/http://127.0.0.1:9/a.geojson",
        "{0}",
    ],
)
@pytest.mark.parametrize("name", ["x.geojson", "x.kml", "x.gpkg", "x.dxf"])
def test_a_disguised_recipe_opens_no_other_file(text: str, name: str, tmp_path: Path) -> None:
    secret = geojson(tmp_path / "secret.geojson", feature(a="secret"))
    path = tmp_path / name
    path.write_text(text.format(secret), "utf-8")
    with pytest.raises(FormatError):
        read(path)


def test_gbk_and_utf16_are_read_and_said(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", feature(地块编号="南塘𠮷䶮"))
    text = path.read_text("utf-8")
    for codec, label in (("gb18030", "GB18030"), ("utf-16", "UTF-16")):
        path.write_bytes(text.encode(codec))
        arrived = read(path)
        assert arrived.cells.loc[0, "地块编号"] == "南塘𠮷䶮"
        assert arrived.encoding == label
        assert arrived.encoding_reason


def test_text_in_no_encoding_is_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", feature(地块编号="南塘工业区甲乙丙丁"))
    path.write_bytes(path.read_bytes().replace("甲".encode(), b"\xff\xff\xff"))
    with pytest.raises(FormatError, match="不是 UTF-8"):
        read(path)


def test_rings_and_odd_numbers(tmp_path: Path) -> None:
    open_ring = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}
    path = geojson(tmp_path / "a.geojson", feature(open_ring), feature(None))
    text = path.read_text("utf-8").replace("121.2", "NaN").replace("[1, 1]", "[1, Infinity]")
    path.write_text(text, "utf-8")
    arrived = read(path)
    assert [(p.row, p.code) for p in arrived.problems] == [(1, "ring_closed")]
    assert arrived.outlines is not None
    assert np.isinf(shapely.get_coordinates(arrived.outlines[0])).any()
    assert np.isnan(shapely.get_coordinates(arrived.outlines[1])).any()


def numbered(count: int) -> dict[str, Any]:
    """So many properties."""
    return {f"c{i}": i for i in range(count)}


def test_long_names_do_no_harm(tmp_path: Path) -> None:
    long = "长" * 10_000
    properties = numbered(1_997) | {
        long + "甲": 1,
        long + "乙": 2,
        "": 3,
    }
    arrived = read(geojson(tmp_path / "a.geojson", feature(**properties)))
    names = list(arrived.cells.columns)
    assert len(names) == 2_000
    assert len(set(names)) == 2_000
    assert max(map(len, names)) == 500
    assert names[-3:-1] == ["长" * 500, "长" * 498 + "_2"]


def test_more_columns_than_a_worksheet_has_are_refused(tmp_path: Path) -> None:
    one = feature(**numbered(100_000))
    many = [feature(None, **{name: i}) for name, i in numbered(2_001).items()]
    for features in ([one], many):
        with pytest.raises(FormatError, match="超过 2000 列"):
            read(geojson(tmp_path / "a.geojson", *features))
    # Keys further inside are no columns.
    inside = feature(其他=numbered(5_000))
    assert list(read(geojson(tmp_path / "a.geojson", inside)).cells.columns) == ["其他"]


def test_the_gate_refuses_many_columns_of_any_format(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", feature(**numbered(2_001)))
    with only("GeoJSON"), pytest.raises(FormatError, match=r"“甲\.gdb”的属性有 2001 列"):
        arrow_table(path, 0, name="甲.gdb")


BROKEN: list[Any] = [
    {"type": "Polygon", "coordinates": [[["a", "b"], ["c", "d"]]]},
    {"type": "Polygon", "coordinates": [[None, None]]},
    {"type": "Polygon", "coordinates": None},
    {"type": "Foo", "coordinates": []},
    {},
    "POLYGON EMPTY",
]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("others", [0, 3])
def test_a_geometry_that_does_not_arrive_rejects_its_row(
    broken: object, others: int, tmp_path: Path
) -> None:
    lost = feature(n=0) | {"geometry": broken}
    none = feature(n=1) | {"geometry": None}
    path = tmp_path / "a.geojson"
    # What is no feature gets no number.
    geojson(path, *(feature(n=i) for i in range(others)), 7, {"type": "x"}, none, lost)  # type: ignore[arg-type]
    arrived = read(path)
    assert [(p.row, p.code, p.severity) for p in arrived.problems] == [
        (others + 2, "geometry_unreadable", Severity.ERROR)
    ]


def test_a_lone_feature_or_geometry_that_does_not_arrive_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(feature(n=1) | {"geometry": BROKEN[0]}), "utf-8")
    assert [p.code for p in read(path).problems] == ["geometry_unreadable"]
    path.write_text(json.dumps(feature(n=1) | {"geometry": None}), "utf-8")
    assert read(path).problems == ()


def test_in_a_dialect_of_json_a_missing_geometry_is_an_error(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", feature(n=1), feature(n=1) | {"geometry": None})
    path.write_text(path.read_text("utf-8").replace('"n": 1', '"n": .5'), "utf-8")
    (told,) = read(path).problems
    assert (told.row, told.code, told.severity) == (2, "geometry_unreadable", Severity.ERROR)
    assert "无法确认" in told.message


@pytest.mark.parametrize(
    "escape", ["\\ud800", "\\uDC00", "\\ud83d\\ud83d\\ude00", "\\ude00\\ud83d"]
)
def test_half_a_character_rejects_its_row(escape: str, tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", feature(n="A"), feature(n="B@"))
    path.write_text(path.read_text("utf-8").replace("@", escape), "utf-8")
    (told,) = read(path).problems
    assert (told.row, told.cell, told.code) == (2, "n", "text_undecodable")
    assert told.severity is Severity.ERROR


def test_whole_characters_may_be_escaped(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature(n="𠮷😀")]}))
    arrived = read(path)
    assert arrived.cells["n"].tolist() == ["𠮷😀"]
    assert arrived.problems == ()


def test_cut_files_are_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", *(feature(n=i) for i in range(50)))
    data = path.read_bytes()
    for share in (0.1, 0.5, 0.99):
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(FormatError):
            read(path)
