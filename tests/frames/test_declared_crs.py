"""What files declare: every zone recognised, old datums refused."""

import pytest
from pyproj import CRS

from dongtou_geo.frames.declared_crs import CrsRefusedError, header_facts, identify
from dongtou_geo.frames.placements import ZONES, Placement

ESRI = (
    'PROJCS["{name}",GEOGCS["{geogcs}",DATUM["{datum}",SPHEROID["{ellipsoid}",{axis},{flattening}]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",{easting}],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",{scale}],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["{unit}",{metres}]]'
)


def esri(name, meridian=120.0, easting=500000.0, **changed):
    cgcs2000 = {
        "geogcs": "GCS_China_Geodetic_Coordinate_System_2000",
        "datum": "D_China_2000",
        "ellipsoid": "CGCS2000",
        "axis": 6378137.0,
        "flattening": 298.257222101,
        "scale": 1.0,
        "unit": "Meter",
        "metres": 1.0,
    }
    return ESRI.format(name=name, meridian=meridian, easting=easting, **cgcs2000 | changed)


def code(declared):
    found = identify(declared)
    assert found is not None
    return found.epsg


def test_every_zone_is_as_epsg_has_it() -> None:
    assert len(ZONES) == 64
    for number, zone in ZONES.items():
        crs = CRS.from_epsg(number)
        operation = crs.coordinate_operation
        assert operation
        values: dict[str, object] = {param.name: param.value for param in operation.params}
        assert crs.name.startswith("CGCS2000 / ")
        assert ("3-degree" in crs.name) is (zone.width == 3)
        assert values["Longitude of natural origin"] == zone.meridian
        assert values["False easting"] == zone.false_easting_m


@pytest.mark.parametrize("version", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
@pytest.mark.parametrize("epsg", [4490, 4326, 3857, 32651, 4491, 4510, 4528, 4549, 4550])
def test_codes_survive_being_written_out(epsg, version) -> None:
    assert code(CRS.from_epsg(epsg).to_wkt(version)) == epsg
    assert code(CRS.from_epsg(epsg).to_json()) == epsg
    assert code(f"EPSG:{epsg}") == epsg


@pytest.mark.parametrize(
    ("wkt", "epsg"),
    [
        (esri("CGCS2000_3_Degree_GK_CM_120E"), 4549),
        (esri("CGCS2000_3_Degree_GK_Zone_40", easting=40500000.0), 4528),
        (esri("CGCS2000_GK_CM_123E", 123.0), 4510),
        (esri("CGCS2000_3_Degree_GK_CM_123E", 123.0), 4550),
        (esri("CGCS2000_GK_Zone_21", 123.0, 21500000.0), 4499),
        # The figures count, not what somebody called them.
        (esri("洞头坐标"), 4549),
        (esri("CGCS2000_3_Degree_GK_CM_120E", easting=40500000.0), 4528),
        (
            esri("TM_120", geogcs="GCS_WGS_1984", datum="D_WGS_1984", ellipsoid="WGS_1984",
                 flattening=298.257223563),
            4549,
        ),
        ("OGC:CRS84", 4326),
        ("urn:ogc:def:crs:EPSG::4490", 4490),
        ("+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=40500000 +y_0=0 +ellps=GRS80 +units=m", 4528),
    ],
)  # fmt: skip
def test_text_without_codes_is_recognised(wkt, epsg) -> None:
    assert code(wkt) == epsg


def test_heights_beside_the_coordinates_are_left_out() -> None:
    height = 'VERT_CS["1985",VERT_DATUM["1985",2005],UNIT["metre",1],AXIS["Up",UP]]'
    assert code(f'COMPD_CS["both",{esri("CGCS2000_3_Degree_GK_CM_120E")},{height}]') == 4549
    shifted = (
        CRS.from_epsg(4549)
        .to_wkt("WKT1_GDAL")
        .replace('298.257222101,AUTHORITY["EPSG","1024"]]', "298.257222101],TOWGS84[0,0,0,0,0,0,0]")
    )
    assert "TOWGS84" in shifted
    assert code(shifted) == 4549
    assert code("+proj=longlat +datum=WGS84 +towgs84=0,0,0,0,0,0,0 +type=crs") == 4326


@pytest.mark.parametrize("declared", [None, "", "  "])
def test_nothing_declared(declared) -> None:
    assert identify(declared) is None


@pytest.mark.parametrize(
    "name", ["Undefined Cartesian SRS with unknown unit", "Unknown", "Nonearth", "未知"]
)
def test_an_unknown_plane_says_nothing(name) -> None:
    assert identify(f'LOCAL_CS["{name}",UNIT["metre",1],AXIS["X",EAST],AXIS["Y",NORTH]]') is None


@pytest.mark.parametrize(
    "declared",
    [
        "rubbish 123",
        "EPSG:999999",
        'LOCAL_CS["温州城建坐标系",UNIT["metre",1],AXIS["X",EAST],AXIS["Y",NORTH]]',
    ],
)
def test_what_is_not_recognised_keeps_its_name(declared) -> None:
    found = identify(declared)
    assert found is not None
    assert found.epsg is None
    assert found.name in declared


@pytest.mark.parametrize(
    "declared",
    [
        *("EPSG:4214", "EPSG:2401", "EPSG:2437", "EPSG:21421", "EPSG:21461"),
        CRS.from_epsg(2437).to_wkt("WKT1_ESRI"),
        esri("Beijing_1954_3_Degree_GK_CM_120E"),
        esri("Own", ellipsoid="Krasovsky_1940", axis=6378245.0, flattening=298.3),
        "Beijing 1954 something",
    ],
)
def test_beijing_54_is_refused(declared) -> None:
    with pytest.raises(CrsRefusedError, match=r"1954 北京坐标系.*请测绘单位转换为 CGCS2000"):
        identify(declared)


@pytest.mark.parametrize("declared", ["EPSG:4555", "EPSG:4775"])
def test_new_beijing_is_refused(declared) -> None:
    with pytest.raises(CrsRefusedError, match="新 1954 北京坐标系"):
        identify(declared)


@pytest.mark.parametrize(
    "declared",
    [
        *("EPSG:4610", "EPSG:2327", "EPSG:2364", "EPSG:2385"),
        CRS.from_epsg(2385).to_wkt("WKT1_ESRI"),
        esri("Own", ellipsoid="IAG_1975", axis=6378140.0, flattening=298.257),
        "西安80 3度带",
    ],
)
def test_xian_80_is_refused(declared) -> None:
    with pytest.raises(CrsRefusedError, match=r"1980 西安坐标系.*请测绘单位转换为 CGCS2000"):
        identify(declared)


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("EPSG:4479", "地心"),
        ("EPSG:4480", "三维"),
        ("EPSG:2326", "没有可用的转换参数"),
        (esri("City", 120.6667), "没有 EPSG 编号"),
        (esri("Scaled", scale=0.9996), "没有 EPSG 编号"),
        (esri("Feet", unit="Foot", metres=0.3048), "没有 EPSG 编号"),
    ],
)
def test_others_are_refused_with_the_reason(declared, words) -> None:
    with pytest.raises(CrsRefusedError, match=words):
        identify(declared)


@pytest.mark.parametrize("datum", ["2000国家大地坐标系", "CGCS2000", "国家2000", "cgcs2000坐标系"])
def test_headers_in_cgcs2000(datum) -> None:
    facts = header_facts({"坐标系": datum, "几度分带": "3", "带号": "40", "计量单位": "米"})
    assert (facts.width, facts.number, facts.cgcs2000, facts.unknown) == (3, 40, True, None)
    assert facts.allow(Placement(4528))
    assert facts.allow(Placement(4549))
    assert not facts.allow(Placement(4529))
    assert not facts.allow(Placement(4490))


@pytest.mark.parametrize(
    ("datum", "system"),
    [
        ("80国家大地坐标系", "1980 西安坐标系"), ("1980西安坐标系", "1980 西安坐标系"),
        ("西安80", "1980 西安坐标系"), ("北京54", "1954 北京坐标系"),
        ("54坐标系", "1954 北京坐标系"), ("1954年北京坐标系", "1954 北京坐标系"),
    ],
)  # fmt: skip
def test_headers_in_old_datums_are_refused(datum, system) -> None:
    with pytest.raises(CrsRefusedError, match=system):
        header_facts({"坐标系": datum})


@pytest.mark.parametrize(
    ("facts", "width", "number"),
    [
        ({"几度分带": "3度带"}, 3, None), ({"几度分带": "六度"}, 6, None),
        ({"带号": "40"}, None, 40), ({"带号": ""}, None, None), ({"几度分带": "?"}, None, None),
    ],
)  # fmt: skip
def test_zones_of_headers(facts, width, number) -> None:
    found = header_facts(facts)
    assert (found.width, found.number) == (width, number)
    assert found.says_zone is (width is not None or number is not None)


@pytest.mark.parametrize("datum", ["温州城市独立坐标系", "温州2000独立坐标系", "某某坐标系"])
def test_a_grid_of_one_s_own_is_not_cgcs2000(datum) -> None:
    facts = header_facts({"坐标系": datum})
    assert not facts.cgcs2000
    assert facts.unknown == datum
