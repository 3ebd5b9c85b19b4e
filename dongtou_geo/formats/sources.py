"""What a single file offers to read: its layers, and how each is read."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from dongtou_geo.formats.arrived import Arrived
from dongtou_geo.formats.gdal_gate import layer_sizes, linked, only, words
from dongtou_geo.formats.geojson import read_geojson
from dongtou_geo.formats.geopackage import DRIVER as GPKG
from dongtou_geo.formats.geopackage import check_whole, read_geopackage
from dongtou_geo.formats.kml import DRIVER as KML
from dongtou_geo.formats.kml import read_kml, with_plain_names
from dongtou_geo.formats.shapefile import read_shapefile, siblings_of
from dongtou_geo.formats.sniffing import Kind
from dongtou_geo.formats.text_files import in_utf8
from dongtou_geo.formats.vector import read_layer

GDB = "OpenFileGDB"
_WAL_MODE = 2
_KML_FOLDERS_COUNTED = 20


@dataclass(frozen=True, slots=True)
class Offer:
    """One layer that can be read.

    Parameters
    ----------
    name : str
        Its name.
    read : callable
        Reads it.
    rank : int, default 0
        0 for outlines, 1 for a table, 2 for an empty layer: the others are skipped where there
        is a better one.
    """

    name: str
    read: Callable[[], Arrived]
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """What a file offers.

    Parameters
    ----------
    offers : tuple of Offer
        Its layers.
    default : callable or None
        Reads the file when no layer is named, where the format has its own way of choosing.
    """

    offers: tuple[Offer, ...]
    default: Callable[[], Arrived] | None = None

    @property
    def best(self) -> tuple[Offer, ...]:
        """Return the offers without those that a better one makes superfluous."""
        rank = min((offer.rank for offer in self.offers), default=0)
        return tuple(offer for offer in self.offers if offer.rank == rank)


def source_of(path: Path, kind: Kind, folder: Path, *, name: str, encoding: str) -> Source:
    """Look into a file that is no archive.

    Parameters
    ----------
    path : Path
        The file.
    kind : Kind
        What it is.
    folder : Path
        Temporary folder, empty.
    name : str
        The file for people.
    encoding : str
        ``auto``, or the encoding of its texts.

    Returns
    -------
    Source
        What it offers.

    Raises
    ------
    FormatError
        If it is damaged.
    """
    if kind is Kind.GPKG:
        return _geopackage(path, folder, name)
    if kind is Kind.KML:
        return _kml(path, folder, name, encoding)
    if kind in (Kind.WORKBOOK, Kind.CSV):
        return _workbook(path, encoding)
    stem = Path(name).stem
    read: Callable[[], Arrived]
    if kind is Kind.SHAPEFILE:
        files = siblings_of(path)
        read = partial(read_shapefile, files, folder, shown_as=stem, encoding=encoding)
    elif kind is Kind.BOUNDARY_TXT:
        from dongtou_geo.formats.boundary_txt import read_boundary_txt

        read = partial(read_boundary_txt, path, encoding=encoding)
    elif kind is Kind.DXF:
        from dongtou_geo.formats.dxf import read_dxf

        read = partial(read_dxf, path, name=name, shown_as=stem, encoding=encoding)
    else:
        alias = linked(path, folder, "source.geojson")
        read = partial(read_geojson, alias, folder, name=name, shown_as=stem, encoding=encoding)
    return Source((Offer(stem, read),))


def geodatabase_source(path: Path, *, name: str) -> Source:
    """Look into an unpacked File GDB.

    Parameters
    ----------
    path : Path
        The folder, its name ending in ``.gdb``.
    name : str
        The file for people.

    Returns
    -------
    Source
        Its layers and tables.

    Raises
    ------
    FormatError
        If it is damaged.
    """
    with words(name), only(GDB):
        sizes = layer_sizes(path)
    return Source(tuple(
        Offer(layer, partial(read_layer, path, GDB, layer, name=name, shown_as=layer), _rank(*size))
        for layer, size in sizes.items()
    ))  # fmt: skip


def _rank(geometry: str | None, features: int) -> int:
    if features == 0:
        return 2
    return 0 if geometry else 1


def _geopackage(path: Path, folder: Path, name: str) -> Source:
    check_whole(path)
    alias = _without_journal(path, folder)
    with words(name), only(GPKG):
        sizes = layer_sizes(alias)
    return Source(tuple(
        Offer(layer, partial(read_geopackage, alias, layer, name=name), _rank(*size))
        for layer, size in sizes.items()
    ))  # fmt: skip


def _without_journal(path: Path, folder: Path) -> Path:
    """A GeoPackage that SQLite opens without making files beside the sender's."""
    with path.open("rb") as file:
        if file.read(20)[18:20] != bytes([_WAL_MODE, _WAL_MODE]):
            return linked(path, folder, "source.gpkg")
    copy = folder / "source.gpkg"
    shutil.copyfile(path, copy)
    with copy.open("r+b") as file:
        file.seek(18)
        file.write(b"\x01\x01")
    return copy


def _kml(path: Path, folder: Path, name: str, encoding: str) -> Source:
    alias, taken = in_utf8(linked(path, folder, "source.kml"), folder, name=name, encoding=encoding)
    alias, names = with_plain_names(alias, folder)
    with words(name), only(KML):
        sizes = layer_sizes(alias, counted=_KML_FOLDERS_COUNTED)

    def read(layer: str, shown_as: str) -> Arrived:
        arrived = read_kml(alias, layer, names=names, name=name, shown_as=shown_as)
        if taken is None:
            return arrived
        return replace(arrived, encoding=taken.label, encoding_reason=taken.reason)

    # A document without a name is called after our own copy.
    shown = {layer: Path(name).stem if layer == alias.stem else layer for layer in sizes}
    return Source(tuple(
        Offer(shown[layer], partial(read, layer, shown[layer]), _rank(*size))
        for layer, size in sizes.items()
    ))  # fmt: skip


def _workbook(path: Path, encoding: str) -> Source:
    from dongtou_geo.formats.workbook import read_workbook, sheets_of

    read = partial(read_workbook, path, encoding=encoding)
    offers = tuple(Offer(sheet, partial(read, sheet=sheet)) for sheet in sheets_of(path))
    return Source(offers, partial(read, sheet=None))
