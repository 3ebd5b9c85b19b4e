"""Where things are and what the environment chose. Read once, at the door; standard library only."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dongtou_geo.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent
GEODATA = ROOT / "geodata"
PLAN = GEODATA / "plan"
LAYERS = ROOT / "layers"
DATA = ROOT / "data"
DEFAULT_LEDGER = DATA / "ledger.sqlite"
SAMPLE_LEDGER = DATA / "sample.sqlite"
# What clerks said about the columns of the files they get.
COLUMN_MEMORY = DATA / "columns.json"

LOOPBACK_HOSTS = ("127.0.0.1", "localhost")
STANDING_LINE = "示意 · 内部使用 · 非涉密系统，严禁存储、处理涉密信息"
MAX_PORT = 65_535
# What follows is a path, unless it is SQLite's own :memory: or file: address.
_SQLITE_FILE = re.compile(r"(?P<scheme>sqlite(?:\+\w+)?:///)(?!:memory:|file:)(?P<path>[^?]+)")
# One letter and a colon is a drive; more letters are the beginning of a (mistyped) URL.
_PLAIN_FILE = re.compile(r"(?![A-Za-z][\w+.-]+:).+\.(?:sqlite3?|db)", re.IGNORECASE)
_WINDOWS_PATH = re.compile(r"[A-Za-z]:[\\/]|\\\\")


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of one process.

    Parameters
    ----------
    ledger_url : str or None
        ``DONGTOU_GEO_LEDGER``: a SQLAlchemy URL or a plain path, a relative file made absolute;
        None = the default file if it exists.
    host : str
        Address to listen on; only loopback until sign-in exists.
    port : int
        TCP port.
    prefix : str
        Path prefix for pages and routes behind a reverse proxy, "" or "/gis".
    """

    ledger_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8501
    prefix: str = ""


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from environment variables.

    Parameters
    ----------
    environ : mapping of str to str, optional
        The variables; ``os.environ`` by default.

    Returns
    -------
    Settings
        The choices, checked.

    Raises
    ------
    UsageError
        If the host is not loopback, or the port or prefix cannot be used.
    """
    env = os.environ if environ is None else environ
    return Settings(
        ledger_url=_anchored(env.get("DONGTOU_GEO_LEDGER") or None),
        host=checked_host(env.get("DONGTOU_GEO_HOST") or "127.0.0.1"),
        port=checked_port(env.get("DONGTOU_GEO_PORT") or "8501"),
        prefix=_checked_prefix(env.get("DONGTOU_GEO_PREFIX") or ""),
    )


def checked_host(host: str) -> str:
    """Refuse any address but loopback: there is no sign-in yet.

    Parameters
    ----------
    host : str
        The address asked for.

    Returns
    -------
    str
        The same address.

    Raises
    ------
    UsageError
        If the address is not loopback.
    """
    if host not in LOOPBACK_HOSTS:
        msg = f"监听地址“{host}”被拒绝：尚无登录功能，只允许本机地址 {'、'.join(LOOPBACK_HOSTS)}"
        raise UsageError(msg)
    return host


def checked_port(text: str) -> int:
    """Read a TCP port.

    Parameters
    ----------
    text : str
        As written in the environment or on the command line.

    Returns
    -------
    int
        The port.

    Raises
    ------
    UsageError
        If it is no whole number from 1 to 65535.
    """
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= MAX_PORT:
        msg = f"端口“{text}”无效，应为 1-{MAX_PORT} 的整数"
        raise UsageError(msg)
    return int(text)


def ledger_file(address: str) -> Path | None:
    r"""Return the file that a ledger's address names plainly, or None where it is a URL.

    Parameters
    ----------
    address : str
        As given: ``/data/ledger.sqlite``, ``ledger.sqlite``, ``C:\data\ledger.sqlite``, or a URL.

    Notes
    -----
    Only a name that ends in .sqlite, .sqlite3 or .db is taken for a file: a slip of the keyboard
    must not make a ledger of that name.
    """
    return Path(address) if _PLAIN_FILE.fullmatch(address) else None


def is_foreign_path(address: str, *, windows: bool = os.name == "nt") -> bool:
    r"""Tell whether a path is Windows' (``C:\…``, ``\\server\…``) and this machine is not.

    Parameters
    ----------
    address : str
        As given.
    windows : bool, optional
        Whether this machine has drives.
    """
    return not windows and _WINDOWS_PATH.match(address) is not None


def _anchored(url: str | None) -> str | None:
    """Make a relative SQLite file absolute: serving changes the working folder."""
    plain = ledger_file(url) if url else None
    if url and plain is not None:
        return url if is_foreign_path(url) else str(plain.absolute())
    found = _SQLITE_FILE.match(url) if url else None
    if url is None or found is None:
        return url
    path = Path(found["path"]).absolute().as_posix()
    return f"{found['scheme']}{path}{url[found.end() :]}"


def _checked_prefix(text: str) -> str:
    prefix = text.strip("/")
    if not all(
        part.replace("-", "").replace("_", "").isalnum() for part in prefix.split("/") if prefix
    ):
        msg = f"路径前缀“{text}”无效，应形如 /gis"
        raise UsageError(msg)
    return f"/{prefix}" if prefix else ""
