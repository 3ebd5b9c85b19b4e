"""Network shares: a ledger must not lie on one, and how to tell."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from dongtou_geo.errors import LedgerError

_NETWORK = re.compile(
    r"(nfs\d?|cifs|smb\w*|ncpfs|afs|9p|ceph|glusterfs|lustre|gpfs|beegfs|davfs\w*"
    r"|fuse\.(sshfs|smb\w*|rclone|davfs\w*|gvfsd?-fuse|glusterfs|ceph\w*|s3fs|nfs\w*))"
)
_OCTAL = re.compile(r"\\([0-7]{3})")
_REMOTE_DRIVE = 4  # DRIVE_REMOTE


def refuse_share(path: Path, *, share_of: Callable[[Path], str | None] | None = None) -> None:
    """Refuse a ledger's place on a network share.

    Parameters
    ----------
    path : Path
        The file, there already or not.
    share_of : callable, optional
        Asks the system about a file; ``network_share`` by default.

    Raises
    ------
    LedgerError
        If the file lies on a share; the message says why that cannot be.
    """
    share = (share_of or network_share)(path)
    if share is not None:
        msg = (
            f"台账 {path} 在网络共享盘上（{share}）：共享盘上的 SQLite 不能保证多人读写时"
            "不丢记录，请把台账放在本机磁盘，或改用 PostgreSQL；备份文件可以放在共享盘"
        )
        raise LedgerError(msg)


def network_share(path: Path) -> str | None:
    """Return what kind of network share a file lies on, or None on a disk of this computer.

    Parameters
    ----------
    path : Path
        The file, there already or not.
    """
    if sys.platform == "win32":
        return windows_share(str(path.absolute()), drive_type=_drive_type)
    mounts = Path("/proc/mounts")
    if not mounts.is_file():
        return None
    return mounted_share(path.resolve(), mounts.read_text("utf-8", "surrogateescape"))


def mounted_share(path: Path, mounts: str) -> str | None:
    """Return the network file system that a path lies on, by the system's table of mounts.

    Parameters
    ----------
    path : Path
        Absolute, links followed.
    mounts : str
        Lines as in ``/proc/mounts``.
    """
    found, depth = "", -1
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        place = Path(_OCTAL.sub(lambda octal: chr(int(octal[1], 8)), fields[1]))
        # The deepest mount holds the file; of two on one folder the later covers the earlier.
        if path.is_relative_to(place) and len(place.parts) >= depth:
            found, depth = fields[2], len(place.parts)
    return found if _NETWORK.fullmatch(found) else None


def windows_share(path: str, *, drive_type: Callable[[str], int]) -> str | None:
    r"""Return what makes a Windows path a network share: ``\\server\share``, or a mapped drive.

    Parameters
    ----------
    path : str
        Absolute path.
    drive_type : callable
        What Windows says of a drive such as ``Z:\``.
    """
    plain = path.replace("/", "\\")
    for prefix in ("\\\\?\\UNC\\", "\\\\.\\UNC\\"):
        if plain.upper().startswith(prefix):
            return "UNC"
    for prefix in ("\\\\?\\", "\\\\.\\"):
        plain = plain.removeprefix(prefix)
    if plain.startswith("\\\\"):
        return "UNC"
    drive = plain[:2]
    if drive[1:] == ":" and drive_type(drive + "\\") == _REMOTE_DRIVE:
        return f"网络驱动器 {drive}"
    return None


def _drive_type(root: str) -> int:
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 # mypy elsewhere knows no windll
    return int(kernel.GetDriveTypeW(root))
