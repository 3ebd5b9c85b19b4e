"""What a file is, by its first bytes; its suffix only settles what the bytes leave open."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum
from pathlib import Path

from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.encodings import utf_16_without_mark

HEAD_BYTES = 1024 * 1024


class Kind(StrEnum):
    """What can be read, in the words for people."""

    GPKG = "GeoPackage"
    SHAPEFILE = "Shapefile"
    ZIP = "ZIP 压缩包"
    GEOJSON = "GeoJSON"
    DXF = "DXF"
    KML = "KML"
    WORKBOOK = "Excel 工作簿"
    CSV = "CSV"
    BOUNDARY_TXT = "界址点 TXT"


READABLE = "GeoPackage、Shapefile、File GDB（zip）、GeoJSON、DXF、KML/KMZ、Excel、CSV、界址点 TXT"
_AS_XLSX = "请用 Excel 打开后另存为 .xlsx"
_AS_ZIP = "请解压后重新压缩为 .zip"
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"Rar!\x1a\x07", "RAR 压缩包", _AS_ZIP),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包", _AS_ZIP),
    (b"\x1f\x8b", "gzip 压缩文件", _AS_ZIP),
    (b"BZh", "bzip2 压缩文件", _AS_ZIP),
    (b"\xfd7zXZ\x00", "xz 压缩文件", _AS_ZIP),
    (b"AC10", "DWG 图纸", "请在 CAD 中另存为 DXF"),
    (b"\x00\x01\x00\x00Standard ", "Access 数据库（.mdb）", "请导出为 GeoPackage 或 Shapefile"),
    (b"%PDF", "PDF 文档", ""),
    (b"MZ", "Windows 程序", ""),
    (b"\x7fELF", "Linux 程序", ""),
    (b"\x89PNG", "PNG 图片", ""),
    (b"\xff\xd8\xff", "JPEG 图片", ""),
    (b"GIF8", "GIF 图片", ""),
    (b"II*\x00", "TIFF 图片", ""),
    (b"MM\x00*", "TIFF 图片", ""),
    (b"{\\rtf", "RTF 文档", ""),
)
_SIDE_FILES = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qpj", ".qix")
_XML_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_XML_PROLOGUE = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>", re.S | re.I)
# One way to match each line, so that no hostile file makes it try many.
_DXF_START = re.compile(rb"\s*(?:999[ \t]*\r?\n[^\n]*\n[ \t]*)*0[ \t]*\r?\n[ \t]*SECTION\b")
_GEOJSON_TYPE = re.compile(
    rb""""type"\s*:\s*"(?:Feature|FeatureCollection|GeometryCollection|(?:Multi)?(?:Point|LineString|Polygon))\""""
)
_OTHER_JSON = re.compile(
    rb""""type"\s*:\s*"(Topology|gdal_streamed_alg)"|"geometryType"\s*:\s*"(esri)Geometry"""
)
_PROLOGUE_BYTES = 4 * 1024
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_EXCEL = (".xlsx", ".xlsm", ".xls")
_SEPARATOR = re.compile(r"[,;\t\n]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_BOUNDARY_MARK = "[地块坐标]"
_BOUNDARY = b"|".join(re.escape(_BOUNDARY_MARK.encode(codec)) for codec in ("utf-8", "gbk"))
_BOUNDARY_TEXT = re.compile(_BOUNDARY)
_BOUNDARY_LINE = re.compile(b"^[ \t]*(?:" + _BOUNDARY + b")", re.M)


def kind_of(path: Path) -> Kind:
    """Recognise a file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Kind
        What its bytes are, whatever it is called.

    Raises
    ------
    FormatError
        If it is missing, empty, a folder, or nothing that can be read.
    """
    if path.is_dir():
        advice = "；File GDB 请压缩成 zip 再导入" if path.suffix.casefold() == ".gdb" else ""
        msg = f"“{path.name}”是文件夹，不是文件{advice}"
        raise FormatError(msg)
    if not path.is_file():
        msg = f"找不到文件“{path.name}”"
        raise FormatError(msg)
    with path.open("rb") as file:
        return recognised(file.read(HEAD_BYTES), path.name)


def recognised(head: bytes, name: str) -> Kind:
    """Recognise a file by its beginning.

    Parameters
    ----------
    head : bytes
        Its first ``HEAD_BYTES`` bytes.
    name : str
        Its name: decides between texts that look alike, and is named in refusals.

    Returns
    -------
    Kind
        What it is.

    Raises
    ------
    FormatError
        If it is empty or nothing that can be read.
    """
    suffix = Path(name).suffix.casefold()
    if not head:
        msg = f"“{name}”是空文件（0 字节），请重新导出或重新发送"
        raise FormatError(msg)
    if suffix in _SIDE_FILES:
        msg = f"“{name}”是 Shapefile 的附属文件，请选择 .shp，或把整套文件压缩成 zip"
        raise FormatError(msg)
    kind = _by_signature(head, name) or _by_text(head, name, suffix)
    if kind is None:
        msg = f"“{name}”的内容不是可以读取的格式（后缀 {suffix or '无'}）；可以读取：{READABLE}"
        raise FormatError(msg)
    return kind


def _by_signature(head: bytes, name: str) -> Kind | None:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Kind.ZIP
    if head.startswith(b"SQLite format 3\x00"):
        # GDAL must never touch a ledger: only a file that calls itself a GeoPackage is opened.
        if head[68:72] in (b"GPKG", b"GP10", b"GP11"):
            return Kind.GPKG
        raise _refusal(name, "SQLite 数据库，但不是 GeoPackage", "")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in head:
            msg = f"“{name}”设有打开密码，请去掉密码后重新导入"
            raise FormatError(msg)
        return Kind.WORKBOOK
    if head.startswith(b"\x00\x00\x27\x0a") and head[28:32] == b"\xe8\x03\x00\x00":
        return Kind.SHAPEFILE
    if head.startswith(b"AutoCAD Binary DXF\r\n\x1a\x00"):
        return Kind.DXF
    for magic, what, advice in _FOREIGN:
        if head.startswith(magic):
            raise _refusal(name, what, advice)
    if head[257:262] == b"ustar":
        raise _refusal(name, "tar 归档", _AS_ZIP)
    return None


def _refusal(name: str, what: str, advice: str) -> FormatError:
    suffix = Path(name).suffix or "无"
    end = f"；{advice}" if advice else f"；可以读取：{READABLE}"
    return FormatError(f"“{name}”后缀是 {suffix}，内容却是{what}，不能读取{end}")


def _by_text(head: bytes, name: str, suffix: str) -> Kind | None:
    wide = _wide(head)
    kind = _by_plain_text(_plain(head) if wide is None else wide.encode(), name, suffix)
    if wide is not None and kind not in (Kind.CSV, Kind.BOUNDARY_TXT):
        msg = (
            f"“{name}”是没有标记（BOM）的 UTF-16 文字，不能读取；"
            "请用记事本打开，另存时编码选 UTF-8，再导入"
        )
        raise FormatError(msg)
    if kind is None and suffix in _EXCEL and _is_text(head):
        advice = "请把后缀改为 .csv 再导入，或用 Excel 打开后另存为 .xlsx"
        raise _refusal(name, "纯文本（CSV 一类），不是 Excel 工作簿", advice)
    return kind


def _wide(head: bytes) -> str | None:
    """The text of UTF-16 without a byte order mark, None for anything else."""
    encoding = utf_16_without_mark(head) if b"\x00" in head else None
    if encoding is None or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    text = _decoded(head, encoding.codec)
    return text if text is not None and _SEPARATOR.search(text) else None


def _is_text(head: bytes) -> bool:
    return any(_decoded(head, codec) is not None for codec in ("utf-8-sig", "gb18030"))


def _decoded(head: bytes, codec: str) -> str | None:
    """The head as text, cut wherever it is cut; None if it has signs that no text has."""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(head)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def _by_plain_text(text: bytes, name: str, suffix: str) -> Kind | None:
    if b"\x00" in text:
        return None
    start = text.lstrip()
    if _BOUNDARY_LINE.search(text) or (suffix == ".txt" and _BOUNDARY_TEXT.search(text)):
        return Kind.BOUNDARY_TXT
    if suffix == ".txt":
        msg = f"“{name}”里没有 {_BOUNDARY_MARK}，不是界址点 TXT；表格请另存为 .xlsx 或 .csv"
        raise FormatError(msg)
    if start.startswith(b"MIME-Version:"):
        raise _refusal(name, "网页（MHTML）", _AS_XLSX)
    if start.startswith(b"<"):
        return _by_root(start, name)
    if suffix == ".csv":
        return Kind.CSV
    is_dxf = _DXF_START.match(text[:_PROLOGUE_BYTES])
    if start.startswith(b"{") and not is_dxf:
        return _by_members(start, name)
    return Kind.DXF if is_dxf else None


def _plain(head: bytes) -> bytes:
    """The text in UTF-8 or the file's own ASCII-based encoding, without a byte order mark."""
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return head[len(mark) :].decode(codec, "replace").encode()
    return head


def _by_members(start: bytes, name: str) -> Kind:
    other = _OTHER_JSON.search(start)
    if other:
        what = (other[1] or other[2]).decode()
        raise _refusal(name, f"另一种 JSON（{what}）", "请另存为 GeoJSON")
    if not _GEOJSON_TYPE.search(start):
        raise _refusal(name, "JSON，但不是 GeoJSON", "")
    return Kind.GEOJSON


def _by_root(start: bytes, name: str) -> Kind | None:
    if b'progid="Excel.Sheet"' in start[:1000]:
        raise _refusal(name, "XML 电子表格", _AS_XLSX)
    root = _XML_ROOT.search(_XML_PROLOGUE.sub(b"", start[:_PROLOGUE_BYTES]))
    what = root[1].decode("ascii", "replace") if root else ""
    if what.casefold() == "kml":
        return Kind.KML
    if what.casefold() in ("html", "table", "head", "body", "meta", "div", "style"):
        raise _refusal(name, "网页（HTML）", _AS_XLSX)
    raise _refusal(name, f"XML（<{what[:40]}>）" if what else "XML", "")
