"""Where a command's file goes: refused before anything is read where it could not be put there."""

from __future__ import annotations

import os
from pathlib import Path, PureWindowsPath

from dongtou_geo.domain.os_words import os_words
from dongtou_geo.errors import DongtouGeoError

# For the help of every command that writes a file.
FOLDER_RULE = "所在文件夹须已存在"
_FORBIDDEN = '<>:"|?*'


class TargetError(DongtouGeoError):
    """Raise when a file cannot be put where it was asked for."""


def checked_target(target: Path, *, folder: bool = False, windows: bool = os.name == "nt") -> None:
    """Refuse a place where no file can be put.

    A folder that is not there is not made: a typing error would make a tree of folders, and the
    file would lie where nobody looks for it.

    Parameters
    ----------
    target : Path
        As it was typed.
    folder : bool
        Whether the target itself is a folder for several files; it may be new.
    windows : bool
        Whether Windows' own rules for names hold.

    Raises
    ------
    TargetError
        If its folder is missing or no folder, or its name cannot be one.
    """
    reason = (_windows_reason(target.name) if windows else None) or _reason(target, folder=folder)
    if reason is not None:
        msg = f"文件 {target} 无法写入：{reason}"
        raise TargetError(msg)


def _reason(target: Path, *, folder: bool) -> str | None:
    try:
        # A path that is too long speaks up here.
        if target.is_dir():
            return None if folder else "这是文件夹，应写到文件名"
        parent = target.parent
        if parent.exists() and not parent.is_dir():
            return f"{parent} 是文件，不是文件夹"
        if not parent.exists():
            missing = next(at for at in (parent, *parent.parents) if at.parent.is_dir())
            return f"文件夹 {missing} 不存在；请核对路径，或先建好文件夹"
        if folder and target.exists():
            return "这是文件，应为文件夹"
    except OSError as error:
        return os_words(error)
    return None


def _windows_reason(name: str) -> str | None:
    """Return why Windows takes no file of this name, or takes it for a device or a hidden stream."""
    found = sorted(set(name) & set(_FORBIDDEN))
    if found:
        return f"文件名不能含 {' '.join(found)}"
    if PureWindowsPath(name).is_reserved():
        return f"“{name}”是 Windows 保留的名称，请换一个文件名"
    if name != name.rstrip(" ."):
        return "文件名不能以空格或句点结尾"
    return None
