"""What a file says of its own coordinates, identified; old datums are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pyproj import CRS
from pyproj.exceptions import CRSError

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.frames.placements import LONLAT, WGS84, ZONES, Placement, Zone


class CrsRefusedError(DongtouGeoError):
    """Raise when coordinates cannot be taken as they are, whatever anybody chooses."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a file declares.

    Parameters
    ----------
    name : str
        As the file names it, shortened.
    epsg : int or None
        None = not recognised.
    """

    name: str
    epsg: int | None


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What the header of a 界址点 TXT says, as far as it is understood.

    Parameters
    ----------
    width : int or None
        几度分带: 3 or 6.
    number : int or None
        带号.
    cgcs2000 : bool
        坐标系 is CGCS2000.
    unknown : str or None
        坐标系 as written, where it is neither CGCS2000 nor a refused one.
    """

    width: int | None = None
    number: int | None = None
    cgcs2000: bool = False
    unknown: str | None = None

    @property
    def says_zone(self) -> bool:
        """Tell whether a zone is named at all."""
        return self.width is not None or self.number is not None

    def allow(self, placement: Placement) -> bool:
        """Tell whether a placement agrees.

        Parameters
        ----------
        placement : Placement
            The reading to judge.
        """
        zone = ZONES.get(placement.epsg)
        if zone is None:
            return not self.says_zone and not (self.cgcs2000 and placement.epsg != LONLAT)
        if self.width not in {None, zone.width}:
            return False
        return self.number in {None, zone.number}


_OLD = (
    (re.compile(r"xi.?an|西安", re.IGNORECASE), "1980 西安坐标系"),
    (re.compile(r"new.?beijing|新.{0,6}北京", re.IGNORECASE), "新 1954 北京坐标系"),
    (re.compile(r"beijing|北京|krass?ov?w?sky", re.IGNORECASE), "1954 北京坐标系"),
)
# In a header the year alone says it; in WKT it would catch the ellipsoid GRS 80.
_OLD_YEARS = (
    (re.compile(r"(?<!\d)(19)?80(?!\d)"), "1980 西安坐标系"),
    (re.compile(r"(?<!\d)(19)?54(?!\d)"), "1954 北京坐标系"),
)
# Semi-major axes: IAG 1975 and Krassovsky 1940.
_OLD_AXES_M = {6_378_140.0: "1980 西安坐标系", 6_378_245.0: "1954 北京坐标系"}
_AXIS_M = 6_378_137.0
_NOTHING = re.compile(r"un(known|defined|named)|non.?earth|local|arbitrary|未知", re.IGNORECASE)
_OWN_GRID = re.compile(r"独立|地方|城建|城市|温州|local", re.IGNORECASE)
_CGCS2000 = re.compile(r"2000|cgcs", re.IGNORECASE)
_LONGEST_NAME = 60
_USE = "应为 CGCS2000（如 EPSG:4490、EPSG:4549、EPSG:4528）"


@lru_cache(maxsize=64)
def _read(declared: str) -> CRS | None:
    """Read WKT, PROJJSON or a code; looking a name up in PROJ's database takes 80 ms and more."""
    try:
        return CRS.from_user_input(declared)
    except CRSError:
        return None


def identify(declared: str | None) -> Declared | None:
    """Identify a declared coordinate system.

    Parameters
    ----------
    declared : str or None
        WKT, PROJJSON or ``EPSG:n``.

    Returns
    -------
    Declared or None
        None = the file says nothing (an unknown or undefined plane included).

    Raises
    ------
    CrsRefusedError
        For 1954 北京, 1980 西安 and other datums without official parameters, for coordinates
        from the earth's centre or with heights, and for projections that have no EPSG code.
    """
    if declared is None or not declared.strip():
        return None
    read = _read(declared)
    crs = None if read is None else _horizontal(read)
    if crs is None:
        _refuse_old(declared)
        return Declared(_short(declared), None)
    if crs.is_engineering:
        return None if _NOTHING.search(crs.name) else Declared(_short(crs.name), None)
    _refuse_datum(crs)
    if crs.is_geocentric or len(crs.axis_info) != 2:
        msg = f"文件的坐标系是{_short(crs.name)}（{_axes(crs)}），{_USE}"
        raise CrsRefusedError(msg)
    epsg = _epsg(crs)
    if epsg is None:
        msg = f"文件的坐标系“{_short(crs.name)}”没有 EPSG 编号，请转换后报送，{_USE}"
        raise CrsRefusedError(msg)
    return Declared(_short(crs.name), epsg)


def header_facts(facts: Mapping[str, str]) -> HeaderFacts:
    """Read the facts that a 界址点 TXT states of its coordinates.

    Parameters
    ----------
    facts : mapping of str to str
        坐标系, 几度分带, 带号; others are left alone.

    Returns
    -------
    HeaderFacts
        What is understood.

    Raises
    ------
    CrsRefusedError
        If 坐标系 is an old one.
    """
    datum = facts.get("坐标系", "").strip()
    _refuse_old(datum, _OLD + _OLD_YEARS)
    own_grid = _OWN_GRID.search(datum) is not None
    cgcs2000 = not own_grid and _CGCS2000.search(datum) is not None
    known = cgcs2000 or (not own_grid and "WGS" in datum.upper())
    width = re.search(r"[36三六]", facts.get("几度分带", ""))
    number = re.search(r"\d{2}", facts.get("带号", ""))
    return HeaderFacts(
        width={"3": 3, "三": 3, "6": 6, "六": 6}[width[0]] if width else None,
        number=int(number[0]) if number else None,
        cgcs2000=cgcs2000,
        unknown=_short(datum) if datum and not known else None,
    )


def _refuse_old(name: str, signs: tuple[tuple[re.Pattern[str], str], ...] = _OLD) -> None:
    for pattern, system in signs:
        if pattern.search(name):
            raise CrsRefusedError(_refusal(system, name))


def _refuse_datum(crs: CRS) -> None:
    _refuse_old(f"{crs.name} {crs.datum.name if crs.datum else ''}")
    axis_m = crs.ellipsoid.semi_major_metre if crs.ellipsoid else 0.0
    if axis_m in _OLD_AXES_M:
        raise CrsRefusedError(_refusal(_OLD_AXES_M[axis_m], crs.name))
    if axis_m != _AXIS_M:
        msg = f"文件的坐标系“{_short(crs.name)}”与 CGCS2000 之间没有可用的转换参数，{_USE}"
        raise CrsRefusedError(msg)


def _refusal(system: str, name: str) -> str:
    return (
        f"文件的坐标系是{system}（{_short(name)}），与 CGCS2000 相差可达百米，没有正式转换参数不能换算；"
        "请测绘单位转换为 CGCS2000 后再报送"
    )


def _horizontal(crs: CRS) -> CRS:
    """Leave out heights and shifts that are told beside the coordinates."""
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    return crs


def _epsg(crs: CRS) -> int | None:
    zones = _zone_codes(crs)
    # PROJ takes the 3 degree zone about 123 for the 6 degree one and back: they are one.
    own = crs.to_json_dict().get("id", {}).get("code")
    if own in zones:
        return int(own)
    code = crs.to_epsg()
    if code is not None:
        return code
    if zones:
        return zones[-1]
    datum = crs.datum.name if crs.is_geographic and crs.datum else ""
    if re.search(r"cgcs|china|2000", datum, re.IGNORECASE):
        return LONLAT
    return WGS84 if re.search(r"wgs|world geodetic", datum, re.IGNORECASE) else None


def _zone_codes(crs: CRS) -> list[int]:
    """Recognise Gauss-Kruger by its figures, whatever it is called; 3 degree zones last."""
    operation = crs.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return []
    if any(axis.unit_conversion_factor != 1.0 for axis in crs.axis_info):
        return []
    values: dict[str, object] = {param.name: param.value for param in operation.params}
    return [code for code, zone in ZONES.items() if values == _figures(zone)]


def _figures(zone: Zone) -> dict[str, float]:
    return {
        "Latitude of natural origin": 0.0,
        "Longitude of natural origin": float(zone.meridian),
        "Scale factor at natural origin": 1.0,
        "False easting": zone.false_easting_m,
        "False northing": 0.0,
    }


def _axes(crs: CRS) -> str:
    return "地心直角坐标" if crs.is_geocentric else "带大地高的三维坐标"


def _short(name: str) -> str:
    line = " ".join(name.split())
    return line if len(line) <= _LONGEST_NAME else f"{line[:_LONGEST_NAME]}…"
