"""The gate to GDAL: one driver at a time, no network, its warnings kept, its errors in our words.

GDAL picks a driver by looking into a file, and a few of them (VRT, GDALG, WFS …) open whatever
else the file names. So only the driver that was decided on is registered while a file is open.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyogrio
import pyogrio.raw
from pyogrio.core import _register_drivers
from pyogrio.errors import (
    CRSError,
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    GeometryError,
)

from dongtou_geo.formats.arrived import FormatError

# As many as of a worksheet: with more of them GDAL's Arrow stream takes hours.
MAX_COLUMNS = 2_000

_GDAL_ERRORS = (
    CRSError,
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    GeometryError,
)
_NO_NETWORK = {
    "GDAL_HTTP_PROXY": "127.0.0.1:9",  # the discard port: nobody listens there
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_PAM_ENABLED": "NO",
}


@contextmanager
def only(driver: str, options: Mapping[str, str] | None = None) -> Iterator[list[str]]:
    """Let GDAL open files with one driver only, and without network, inside a ``with``.

    Parameters
    ----------
    driver : str
        GDAL's short name.
    options : mapping of str to str, optional
        Further configuration options.

    Yields
    ------
    list of str
        What GDAL warned of so far, in its own words.

    Notes
    -----
    Drivers and options belong to the process, not to a thread: two readings at the same time in
    one process would disturb each other. The app reads in a process of its own.
    """
    others = ",".join(name for name in pyogrio.list_drivers() if name != driver)
    wanted = {**_NO_NETWORK, "OGR_SKIP": others, **(options or {})}
    before = {name: pyogrio.get_gdal_config_option(name) for name in wanted}
    heard: list[str] = []
    pyogrio.set_gdal_config_options(wanted)
    # GDAL honours OGR_SKIP when drivers are registered, and takes up skipped ones again later.
    _register_drivers()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                yield heard
            finally:
                heard.extend(str(warning.message) for warning in caught)
    finally:
        pyogrio.set_gdal_config_options(before)
        _register_drivers()


@contextmanager
def words(name: str) -> Iterator[None]:
    """Turn what GDAL raises inside a ``with`` into a FormatError that names the file.

    Parameters
    ----------
    name : str
        The file as its sender knows it.

    Yields
    ------
    None
        Nothing.

    Raises
    ------
    FormatError
        Instead of GDAL's errors, which stay as its cause.
    """
    try:
        yield
    except CRSError as error:
        msg = f"“{name}”里的坐标系或数据表定义有误，无法读取，请在 GIS 软件中重新定义坐标系后导出"
        raise FormatError(msg) from error
    except (*_GDAL_ERRORS, OSError) as error:
        if getattr(error, "errno", None) is not None:
            raise
        # Arrow passes on what breaks half-way as an OSError without a number.
        msg = f"“{name}”不完整或已损坏，无法读取，请重新导出后发送"
        raise FormatError(msg) from error


def linked(path: Path, folder: Path, name: str) -> Path:
    """Give a file a plain name in a folder of ours, without copying where that can be avoided.

    Parameters
    ----------
    path : Path
        The file; its own name may hold signs that GDAL and pyogrio take for addresses.
    folder : Path
        Temporary folder.
    name : str
        Plain name, suffix included.

    Returns
    -------
    Path
        The file under its new name.
    """
    alias = folder / name
    for link in (os.symlink, os.link):
        try:
            link(path.resolve(), alias)
        except OSError:  # Windows without the right, or another disk
            continue
        return alias
    shutil.copyfile(path, alias)
    return alias


def layer_sizes(path: Path, *, counted: int = 10_000) -> dict[str, tuple[str | None, int]]:
    """List a file's layers.

    Parameters
    ----------
    path : Path
        A file with a plain name, inside ``only``.
    counted : int, default 10000
        With more layers than that their features are not counted: text formats are parsed anew
        for every layer. The features of an only layer never are.

    Returns
    -------
    dict of str to (str or None, int)
        Geometry type, None for a table; number of features, -1 where GDAL cannot say.
    """
    layers = [(str(name), geometry) for name, geometry in pyogrio.list_layers(path)]
    if not 1 < len(layers) <= counted:
        return {name: (geometry, -1) for name, geometry in layers}
    return {
        name: (geometry, int(pyogrio.read_info(path, layer=name)["features"]))
        for name, geometry in layers
    }


def too_many_columns(name: str, count: int | None = None) -> FormatError:
    """Return the refusal of a layer with more columns than ``MAX_COLUMNS``.

    Parameters
    ----------
    name : str
        The file for people.
    count : int, optional
        How many there are, where that is known.

    Returns
    -------
    FormatError
        To be raised.
    """
    how_many = f"有 {count} 列，" if count else ""
    return FormatError(
        f"“{name}”的属性{how_many}超过 {MAX_COLUMNS} 列，不能读取，请删去用不到的属性后重新导出"
    )


def arrow_table(
    path: Path, layer: str | int, *, name: str, **options: Any
) -> tuple[dict[str, Any], Any]:
    """Read a layer whole.

    Parameters
    ----------
    path : Path
        A file with a plain name, inside ``only``.
    layer : str or int
        Name or position.
    name : str
        The file for people.
    **options : Any
        Open options of the driver, and pyogrio's ``encoding``.

    Returns
    -------
    (dict, pyarrow.Table)
        pyogrio's meta data and the table.

    Raises
    ------
    FormatError
        If it has more than ``MAX_COLUMNS`` columns; it is not read then.
    """
    with pyogrio.raw.open_arrow(path, layer=layer, use_pyarrow=True, **options) as (meta, reader):
        if len(meta["fields"]) > MAX_COLUMNS:
            raise too_many_columns(name, len(meta["fields"]))
        return meta, reader.read_all()
