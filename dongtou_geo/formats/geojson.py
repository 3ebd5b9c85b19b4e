"""GeoJSON: longitude and latitude by definition, unless an old file says otherwise."""

from __future__ import annotations

import json
import mmap
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyproj

from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.text_files import in_utf8
from dongtou_geo.formats.vector import read_layer

DRIVER = "GeoJSON"
LON_LAT = "EPSG:4326"
_END_BYTES = 64 * 1024
# The key as it may be written: any letter can be an escape, and GDAL takes any case.
_CRS_KEY = re.compile(
    rb"""["'](?:c|\\u0063|\\u0043)(?:r|\\u0072|\\u0052)(?:s|\\u0073|\\u0053)["']\s*""", re.I
)


def read_geojson(path: Path, folder: Path, *, name: str, shown_as: str, encoding: str) -> Arrived:
    """Read a GeoJSON file.

    Parameters
    ----------
    path : Path
        The file under a plain name.
    folder : Path
        Temporary folder.
    name : str
        The file for people.
    shown_as : str
        Name of the layer.
    encoding : str
        ``auto``, or one that overrules UTF-8.

    Returns
    -------
    Arrived
        The layer; dates are the text that the file has, for JSON knows no dates.

    Raises
    ------
    FormatError
        If it is damaged, another dialect of JSON, or points to another host.

    Notes
    -----
    RFC 7946 knows only WGS 84; the ``crs`` member of the 2008 format still counts where it is.
    """
    path, taken = in_utf8(path, folder, name=name, encoding=encoding)
    crs = _declared(path, name)
    arrived = read_layer(
        path, DRIVER, 0, name=name, shown_as=shown_as, DATE_AS_STRING="YES", ARRAY_AS_STRING="YES"
    )  # fmt: skip
    if taken is None:
        return replace(arrived, declared_crs=crs)
    return replace(
        arrived, declared_crs=crs, encoding=taken.label,
        encoding_reason=taken.reason,
    )  # fmt: skip


def _declared(path: Path, name: str) -> str | None:
    """What the old ``crs`` member says; GDAL would fetch its definition from the address in it."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        crs: Any = LON_LAT
        for key in _CRS_KEY.finditer(text):
            if text[key.end() : key.end() + 1] in (b"", b",", b"]", b"}"):
                continue  # a value, not a key
            member = _member(text[key.end() : key.end() + _END_BYTES], name)
            if isinstance(member, dict) and str(member.get("type")).casefold() != "name":
                msg = f"“{name}”的坐标系（crs）写的是链接或不认识的形式，请改用 EPSG 代码"
                raise FormatError(msg)
            if _at_top(text, key.start()):
                crs = member
    return _code(crs, name)


def _member(follows: bytes, name: str) -> Any:
    try:
        if follows.startswith(b":"):
            after = follows[1:].decode("utf-8", "replace").lstrip()
            return json.JSONDecoder().raw_decode(after)[0]
    except (ValueError, RecursionError):
        pass
    msg = f"“{name}”的坐标系（crs）写法有误，无法读取"
    raise FormatError(msg)


def _at_top(text: mmap.mmap, position: int) -> bool:
    """Whether a key belongs to the outermost object, and not to a feature's properties."""
    ends = []
    if position < _END_BYTES:
        ends.append(text[:position] + b'"x": 0}')
    if len(text) - position < _END_BYTES:
        ends.append(b"{" + text[position:])
    for end in ends:
        try:
            json.loads(end.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            continue
        return True
    return False


def _code(member: Any, name: str) -> str | None:
    if member is None or member == LON_LAT:
        return LON_LAT if member else None
    properties = member.get("properties") if isinstance(member, dict) else None
    said = properties.get("name") if isinstance(properties, dict) else None
    try:
        crs = pyproj.CRS.from_user_input(said)
    except pyproj.exceptions.CRSError as error:
        msg = f"“{name}”声明的坐标系（crs）“{str(said)[:100]}”不认识，请改用 EPSG 代码"
        raise FormatError(msg) from error
    code = crs.to_epsg()
    if code:
        return f"EPSG:{code}"
    return LON_LAT if crs.to_authority() == ("OGC", "CRS84") else crs.to_wkt()
