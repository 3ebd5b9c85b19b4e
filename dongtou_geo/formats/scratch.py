"""Temporary folders that name the process they belong to, so that no dead one leaves them behind."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME = re.compile(r"dongtou-geo-(\d{1,10})-.+")


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a temporary folder for the time of a ``with``.

    Yields
    ------
    Path
        The folder, empty.
    """
    with tempfile.TemporaryDirectory(
        prefix=f"dongtou-geo-{os.getpid()}-", ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


def sweep_scratch() -> None:
    """Remove the temporary folders of processes that are gone; what resists stays.

    Notes
    -----
    A process that was killed removes nothing, and such a folder may hold a whole sent file.
    """
    try:
        found = list(Path(tempfile.gettempdir()).iterdir())
    except OSError:
        return
    for folder in found:
        name = _NAME.fullmatch(folder.name)
        if name and _is_ours(folder) and not is_running(int(name[1])):
            shutil.rmtree(folder, ignore_errors=True)


def is_running(pid: int) -> bool:
    """Tell whether there is a process of this number.

    Parameters
    ----------
    pid : int
        Number of a process.

    Returns
    -------
    bool
        True also where that cannot be found out.
    """
    if sys.platform == "win32":
        return _is_running_on_windows(pid)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _is_ours(folder: Path) -> bool:
    try:
        if folder.is_symlink() or not folder.is_dir():
            return False
        return sys.platform == "win32" or folder.stat().st_uid == os.getuid()
    except OSError:
        return False


def _is_running_on_windows(pid: int) -> bool:
    # os.kill would end the process: Windows has no signal 0.
    import ctypes

    synchronize, invalid_parameter, ended = 0x0010_0000, 87, 0
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined, unused-ignore]  # Windows only
    kernel.OpenProcess.restype = ctypes.c_void_p
    kernel.WaitForSingleObject.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
    kernel.CloseHandle.argtypes = (ctypes.c_void_p,)
    handle = kernel.OpenProcess(synchronize, False, pid)
    if not handle:
        return ctypes.get_last_error() != invalid_parameter  # type: ignore[attr-defined, unused-ignore]  # Windows only
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) != ended)
    finally:
        kernel.CloseHandle(handle)
