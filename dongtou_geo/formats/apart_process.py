"""The process in which a sent file is parsed: how it is started, heard and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from dongtou_geo.domain.os_words import os_words
from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.settings import ROOT

_TAIL_BYTES = 8192
# What a Python with GDAL needs to start at all; the rest, secrets among it, stays with the parent.
_KEPT_VARIABLES = frozenset((
    "PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "HOME", "USERPROFILE", "APPDATA",
    "LOCALAPPDATA", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT",
    "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH", "CONDA_PREFIX", "VIRTUAL_ENV", "GDAL_DATA", "PROJ_DATA",
    "PROJ_LIB", "PYTHONHOME", "PYTHONUTF8", "PYTHONUSERBASE", "__PYVENV_LAUNCHER__",
))  # fmt: skip
_SET_VARIABLES = {
    # No file may make GDAL or PROJ call another host: the proxy is a port where nobody listens.
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_HTTP_TIMEOUT": "1",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "PROJ_NETWORK": "OFF",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_PAM_ENABLED": "NO",  # no .aux.xml beside the sender's file
    "CPL_DEBUG": "OFF",
    # Thread pools reserve address space, which counts against the limit, used or not.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "PYTHONWARNINGS": "ignore",
}


def started(folder: Path) -> subprocess.Popen[bytes]:
    """Start the process that does what a folder asks for.

    Parameters
    ----------
    folder : Path
        Holds the request, and a folder ``work``.

    Returns
    -------
    Popen
        In a group of its own; it ends itself when its standard input ends, as it does when this
        process is gone, however it went.

    Raises
    ------
    FormatError
        If the system starts no more processes.
    """
    command = [sys.executable, "-P", "-m", "dongtou_geo.formats.apart_child", str(folder)]
    group: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        group = {"creationflags": subprocess.CREATE_NO_WINDOW}
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            command,
            cwd=folder / "work",
            env=_environment(folder / "work"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **group,
        )
    except OSError as error:
        msg = f"无法启动读取进程：{os_words(error)}"
        raise FormatError(msg) from error


def _environment(work: Path) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if name.upper() in _KEPT_VARIABLES}
    paths = [str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP", "CPL_TMPDIR"), str(work))
    return {**kept, **_SET_VARIABLES, **temporary, "PYTHONPATH": os.pathsep.join(paths)}


def listen(pipe: IO[bytes], words: bytearray) -> None:
    """Empty a pipe, lest its writer wait; keep the last words.

    Parameters
    ----------
    pipe : binary file
        What the process writes to.
    words : bytearray
        Takes the last 8 KiB.
    """
    while chunk := os.read(pipe.fileno(), 65_536):
        words += chunk
        del words[:-_TAIL_BYTES]


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started; one that has ended stays as it is.

    Parameters
    ----------
    process : Popen
        What ``started`` returned.
    """
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
