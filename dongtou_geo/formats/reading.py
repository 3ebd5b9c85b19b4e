"""The one way in: any file that a land office sends, read by what it is."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dongtou_geo.domain.os_words import os_words
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.formats.archive import Archive
from dongtou_geo.formats.arrived import Arrived, ChoiceNeededError, FormatError
from dongtou_geo.formats.encodings import AUTO
from dongtou_geo.formats.scratch import scratch_folder
from dongtou_geo.formats.sniffing import Kind, kind_of
from dongtou_geo.formats.sources import Source, source_of
from dongtou_geo.formats.zip_contents import is_workbook, source_in

FLAG = "--layer"
_NAMES_SHOWN = 50


def layers_of(path: Path) -> list[str]:
    """List what can be read from a file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    list of str
        Layers, worksheets, or the datasets of an archive; empty layers and tables without
        outlines are left out where there are others.

    Raises
    ------
    FormatError
        If the file cannot be read.
    """
    with _opened(path, AUTO) as source:
        return [offer.name for offer in source.best]


def read(path: Path, *, layer: str | None = None, encoding: str = AUTO) -> Arrived:
    """Read one layer of a file.

    Parameters
    ----------
    path : Path
        The file; its content decides what it is, its suffix only what the content leaves open.
    layer : str, optional
        Layer, worksheet or dataset; any of the file's, empty ones too.
    encoding : str, default "auto"
        Of its texts, where the format leaves that open.

    Returns
    -------
    Arrived
        What the layer held.

    Raises
    ------
    FormatError
        If the file cannot be read, whatever the reason; the library's own error is its cause.
    ChoiceNeededError
        If it holds several layers and none is named.

    Notes
    -----
    To be called in a process of its own: GDAL's drivers and options are set for the whole process
    while a file is open (``gdal_gate``), and a damaged file may end it.
    """
    with _opened(path, encoding) as source:
        if layer is None and source.default is not None:
            return source.default()
        offers = source.best if layer is None else source.offers
        names = tuple(offer.name for offer in offers)
        chosen = [offer for offer in offers if layer in (None, offer.name)]
        if not chosen:
            msg = f"“{path.name}”里没有图层“{layer}”，有：{'、'.join(names[:_NAMES_SHOWN]) or '无'}"
            raise FormatError(msg)
        if layer is None and len(chosen) > 1:
            msg = f"“{path.name}”里有 {len(names)} 个图层（{'、'.join(names[:_NAMES_SHOWN])}），请用 {FLAG} 指定一个"
            raise ChoiceNeededError(msg, FLAG, names)
        return chosen[0].read()


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[Source]:
    with (
        _in_our_words(path),
        scratch_folder() as folder,
    ):
        kind = kind_of(path)
        if kind is Kind.ZIP and is_workbook(path):
            kind = Kind.WORKBOOK
        if kind is Kind.ZIP:
            with Archive(path) as archive:
                yield source_in(archive, folder, encoding)
        else:
            yield source_of(path, kind, folder, name=path.name, encoding=encoding)


@contextmanager
def _in_our_words(path: Path) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (DongtouGeoError, MemoryError):
        raise
    except OSError as error:
        msg = f"“{path.name}”无法读取：{os_words(error)}"
        raise FormatError(msg) from error
    except Exception as error:
        msg = f"“{path.name}”无法读取，可能已损坏，请重新导出后发送"
        raise FormatError(msg) from error
