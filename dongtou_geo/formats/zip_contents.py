"""What a zip archive holds: Shapefiles, geodatabases and single files, each a source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from dongtou_geo.formats.archive import Archive, Member, names_in
from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.shapefile import HEADER_BYTES, SIBLINGS, read_shapefile
from dongtou_geo.formats.sniffing import HEAD_BYTES, Kind, kind_of, recognised
from dongtou_geo.formats.sources import Offer, Source, geodatabase_source, source_of

_SINGLE_FILES = frozenset((
    ".gpkg", ".geojson", ".json", ".dxf", ".kml", ".xlsx", ".xlsm", ".xls", ".csv", ".txt",
))  # fmt: skip
# Such files lie in archives for many reasons: only what is inside says whether they count.
_DOUBTFUL = {".txt": Kind.BOUNDARY_TXT, ".json": Kind.GEOJSON}
_ADVICE = {
    ".zip": "里面还有压缩包，请先解压再导入",
    ".kmz": "里面还有压缩包，请先解压再导入",
    ".rar": "里面还有压缩包，请先解压再导入",
    ".7z": "里面还有压缩包，请先解压再导入",
    ".dwg": "里面是 DWG，请在 CAD 中另存为 DXF",
    ".dbf": "缺少 .shp 文件，请把整套 Shapefile 一并压缩",
    ".mdb": "里面是 Access 数据库，请导出为 GeoPackage 或 Shapefile",
}
_OFFICE = {
    "xl/workbook.bin": "Excel 二进制工作簿（.xlsb），请另存为 .xlsx",
    "word/document.xml": "Word 文档，请把表格另存为 .xlsx",
    "ppt/presentation.xml": "PowerPoint 文档",
    "META-INF/manifest.xml": "OpenDocument 文档或程序包，表格请另存为 .xlsx",
}
_GDB_FILE = re.compile(r"[A-Za-z0-9_]{1,40}(?:\.[A-Za-z0-9_]{1,40}){0,3}")
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_MAX_STEM = 80


@dataclass(frozen=True, slots=True)
class _Dataset:
    """Files of an archive that belong together."""

    name: PurePosixPath
    open: Callable[[Path], Source]


def is_workbook(path: Path) -> bool:
    """Tell whether a zip archive is an Excel workbook; refuse other office files.

    Parameters
    ----------
    path : Path
        The archive.

    Returns
    -------
    bool
        True for .xlsx and .xlsm.

    Raises
    ------
    FormatError
        If it is a document, a presentation, or a workbook in another format.
    """
    names = names_in(path)
    if "xl/workbook.xml" in names:
        return True
    for mark, what in _OFFICE.items():
        if mark in names:
            msg = f"“{path.name}”的内容是 {what}"
            raise FormatError(msg)
    return False


def source_in(archive: Archive, folder: Path, encoding: str) -> Source:
    """Look into an archive.

    Parameters
    ----------
    archive : Archive
        The archive; it must stay open until the source is read.
    folder : Path
        Temporary folder.
    encoding : str
        ``auto``, or the encoding of the texts.

    Returns
    -------
    Source
        Of its only dataset, or of all with the datasets' names before those of their layers.

    Raises
    ------
    FormatError
        If it holds nothing that can be read.
    """
    datasets = _datasets(archive, encoding)
    if not datasets:
        raise _nothing(archive)
    if len(datasets) == 1:
        return datasets[0].open(folder / "0")
    stems = Counter(dataset.name.stem for dataset in datasets)
    offers: list[Offer] = []
    for number, dataset in enumerate(datasets):
        alone = stems[dataset.name.stem] == 1
        label = dataset.name.stem if alone else dataset.name.as_posix()
        source = dataset.open(folder / str(number))
        if source.default is not None:
            offers.append(Offer(label, source.default))
        elif len(source.offers) == 1:
            offers.append(replace(source.offers[0], name=label))
        else:
            offers += [replace(offer, name=f"{label}/{offer.name}") for offer in source.offers]
    return Source(tuple(offers))


def _datasets(archive: Archive, encoding: str) -> list[_Dataset]:
    geodatabases, rest = _geodatabases(archive)
    taken = _shapefiles(archive, rest, encoding)
    documents = [member for member in rest if member.name.as_posix().casefold() == "doc.kml"]
    for member in rest:
        suffix = member.name.suffix.casefold()
        # KMZ: the others are pieces that doc.kml refers to.
        beside_document = suffix == ".kml" and documents and member not in documents
        if suffix in _SINGLE_FILES and not beside_document and _counts(archive, member, suffix):
            taken.append(_single(archive, member, encoding))
    return [*geodatabases, *taken]


def _counts(archive: Archive, member: Member, suffix: str) -> bool:
    if suffix not in _DOUBTFUL:
        return True
    try:
        kind = recognised(archive.head(member, HEAD_BYTES), member.name.name)
    except FormatError:
        return False
    return kind is _DOUBTFUL[suffix]


def _geodatabases(archive: Archive) -> tuple[list[_Dataset], list[Member]]:
    """File GDBs, and the members that belong to none."""
    groups: dict[PurePosixPath, list[Member]] = {}
    rest = []
    for member in archive.members:
        is_part = _GDB_FILE.fullmatch(member.name.name) and (
            member.name.parent.suffix.casefold() == ".gdb"
            or member.name.suffix in (".gdbtable", ".gdbtablx", ".gdbindexes", ".atx", ".spx")
        )
        if is_part:
            groups.setdefault(member.name.parent, []).append(member)
        else:
            rest.append(member)
    found = []
    for root, members in groups.items():
        if any(member.name.suffix == ".gdbtable" for member in members):
            # Packed without its folder, it is called after the archive.
            name = root if root.name else PurePosixPath(archive.path.name.split(".")[0] + ".gdb")
            found.append(_geodatabase(archive, name, members))
    return found, rest


def _geodatabase(archive: Archive, name: PurePosixPath, members: list[Member]) -> _Dataset:
    def unpack(folder: Path) -> Source:
        root = folder / "source.gdb"
        for member in members:
            archive.unpack(member, root / member.name.name)
        return geodatabase_source(root, name=name.name)

    return _Dataset(name, unpack)


def _shapefiles(archive: Archive, members: Iterable[Member], encoding: str) -> list[_Dataset]:
    groups: dict[tuple[PurePosixPath, str], dict[str, Member]] = {}
    for member in members:
        suffix = member.name.suffix.casefold()
        if suffix in SIBLINGS:
            key = (member.name.parent, member.name.stem.casefold())
            groups.setdefault(key, {})[suffix] = member
    return [_shapefile(archive, group, encoding) for group in groups.values() if ".shp" in group]


def _shapefile(archive: Archive, group: dict[str, Member], encoding: str) -> _Dataset:
    name = group[".shp"].name

    def unpack(folder: Path) -> Source:
        def read() -> Arrived:
            files = {
                suffix: archive.unpack(member, folder / f"member{suffix}")
                for suffix, member in group.items()
            }
            return read_shapefile(files, folder, shown_as=name.stem, encoding=encoding)

        empty = group[".shp"].size <= HEADER_BYTES
        return Source((Offer(name.stem, read, 2 if empty else 0),))

    return _Dataset(name, unpack)


def _single(archive: Archive, member: Member, encoding: str) -> _Dataset:
    def unpack(folder: Path) -> Source:
        stem = _UNSAFE.sub("_", member.name.stem)[:_MAX_STEM].rstrip(". ") or "_"
        path = archive.unpack(member, folder / "member" / f"{stem}{member.name.suffix}")
        kind = kind_of(path)
        if kind is Kind.ZIP:
            if not is_workbook(path):
                msg = f"“{archive.path.name}”{_ADVICE['.zip']}"
                raise FormatError(msg)
            kind = Kind.WORKBOOK
        return source_of(path, kind, folder, name=member.name.name, encoding=encoding)

    return _Dataset(member.name, unpack)


def _nothing(archive: Archive) -> FormatError:
    suffixes = {member.name.suffix.casefold() for member in archive.members}
    for suffix, advice in _ADVICE.items():
        if suffix in suffixes:
            return FormatError(f"“{archive.path.name}”{advice}")
    held = "、".join(member.name.name[:50] for member in archive.members[:5]) or "没有文件"
    return FormatError(f"“{archive.path.name}”里没有可以读取的数据（{held}）")
