"""Where a ledger lives: a plain path or a SQLAlchemy URL, read and shown without its password."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from dongtou_geo.errors import LedgerError
from dongtou_geo.settings import is_foreign_path, ledger_file

FORMS = (
    "应为文件路径，如 /data/ledger.sqlite 或 C:\\data\\ledger.sqlite，"
    "或数据库地址，如 sqlite:////data/ledger.sqlite"
)
_SECRET = re.compile(r"(?i)(pass\w*|pwd|token|secret)=[^&]*")


def file_url(path: Path) -> str:
    """Return the SQLAlchemy URL of a SQLite file.

    Parameters
    ----------
    path : Path
        The file; relative paths are made absolute.
    """
    return URL.create("sqlite", database=path.absolute().as_posix()).render_as_string()


def ledger_url(address: str) -> str:
    """Return the one way in which a ledger's address is written: a plain path made a URL.

    Parameters
    ----------
    address : str
        Path of a .sqlite file, or SQLAlchemy URL; a URL stays as it is, right or wrong.

    Raises
    ------
    LedgerError
        If it is a Windows path and this is no Windows.
    """
    path = ledger_file(address)
    if path is None:
        return address
    if is_foreign_path(address):
        msg = f"台账地址“{address}”是 Windows 的路径，这台机器不是 Windows；{FORMS}"
        raise LedgerError(msg)
    return file_url(path)


def parsed(url: str) -> URL:
    """Read a ledger's address.

    Parameters
    ----------
    url : str
        SQLAlchemy URL, or a plain path.

    Raises
    ------
    LedgerError
        If it is neither.
    """
    try:
        return make_url(ledger_url(url))
    except (ArgumentError, ValueError):
        msg = f"台账地址“{shown(url)}”无法识别，{FORMS}"
        raise LedgerError(msg) from None


def sqlite_path(url: str) -> Path | None:
    """Return the file behind a SQLite URL or a plain path, or None for another database.

    Parameters
    ----------
    url : str
        SQLAlchemy URL, or a plain path.

    Raises
    ------
    LedgerError
        If the text is no ledger's address, or a SQLite URL without a file.
    """
    read = parsed(url)
    if read.get_backend_name() != "sqlite":
        return None
    if not read.database or read.database == ":memory:":
        msg = f"台账地址“{shown(url)}”没有文件名，{FORMS}"
        raise LedgerError(msg)
    return Path(read.database)


def shown(url: str) -> str:
    """Return a ledger's address fit for a message: a file's path, no password anywhere.

    Parameters
    ----------
    url : str
        SQLAlchemy URL, plain path, or any text given for one.
    """
    if (plain := ledger_file(url)) is not None:
        return str(plain)
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        read = None
    if (
        read is not None
        and read.get_backend_name() == "sqlite"
        and read.database not in (None, "", ":memory:")
    ):
        return str(read.database)
    # Even a mistyped address may hold a password: whatever stands before the last @ is hidden.
    masked = _SECRET.sub(r"\1=***", url)
    if "@" not in masked:
        return masked
    head, tail = masked.rsplit("@", 1)
    scheme = re.match(r"[\w+.-]*", head)
    return f"{scheme.group() if scheme else ''}://***@{tail}"
