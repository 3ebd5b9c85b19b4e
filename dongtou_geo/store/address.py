"""Where a ledger lives: SQLAlchemy URLs read, checked and shown without their password."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from dongtou_geo.errors import LedgerError

EXAMPLE = "sqlite:////绝对路径/ledger.sqlite"
_SECRET = re.compile(r"(?i)(pass\w*|pwd|token|secret)=[^&]*")


def file_url(path: Path) -> str:
    """Return the SQLAlchemy URL of a SQLite file.

    Parameters
    ----------
    path : Path
        The file; relative paths are made absolute.
    """
    return URL.create("sqlite", database=path.absolute().as_posix()).render_as_string()


def parsed(url: str) -> URL:
    """Read a ledger's address.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.

    Raises
    ------
    LedgerError
        If it is none.
    """
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        msg = f"台账地址“{shown(url)}”无法识别，应形如 {EXAMPLE}"
        raise LedgerError(msg) from None


def sqlite_path(url: str) -> Path | None:
    """Return the file behind a SQLite URL, or None for another database.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.

    Raises
    ------
    LedgerError
        If the text is no SQLAlchemy URL, or a SQLite URL without a file.
    """
    read = parsed(url)
    if read.get_backend_name() != "sqlite":
        return None
    if not read.database or read.database == ":memory:":
        msg = f"台账地址“{shown(url)}”没有文件名，应形如 {EXAMPLE}"
        raise LedgerError(msg)
    return Path(read.database)


def shown(url: str) -> str:
    """Return a ledger's address fit for a message: a file's path, no password anywhere.

    Parameters
    ----------
    url : str
        SQLAlchemy URL, or any text given for one.
    """
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
