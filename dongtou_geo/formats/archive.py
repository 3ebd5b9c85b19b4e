"""Zip archives from strangers: names as they were meant, nothing outside, nothing endless."""

from __future__ import annotations

import errno
import re
import shutil
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self

from dongtou_geo.formats.arrived import FormatError

GIB = 2**30
MAX_UNPACKED_BYTES = 4 * GIB
MAX_ENTRIES = 10_000
# Coordinates written as text pack to a tenth; beyond this nobody packed real data.
MAX_RATIO = 200
RATIO_COUNTS_FROM_BYTES = 10 * 1024 * 1024

# What zipfile and the decompressors raise on damage; a wrong offset is an OSError of seek.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)

_DISK_FULL = (errno.ENOSPC, errno.EFBIG, errno.EACCES)
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive.

    Parameters
    ----------
    name : PurePosixPath
        Its path as it was meant, safe to join to a folder.
    info : ZipInfo
        What zipfile knows of it.
    """

    name: PurePosixPath
    info: zipfile.ZipInfo

    @property
    def size(self) -> int:
        """Return its unpacked size in bytes."""
        return self.info.file_size


class Archive:
    """A zip archive, checked when it is opened; hidden files and ``__MACOSX`` are left out.

    Parameters
    ----------
    path : Path
        The archive.

    Raises
    ------
    FormatError
        If it is no readable zip, has a password, links, names that leave the folder or occur
        twice, or unpacks to more than the limits of this module.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._zip = _open(path)
        try:
            self.members = self._checked(self._zip.infolist())
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        """Return the archive."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the archive."""
        self._zip.close()

    def head(self, member: Member, count: int) -> bytes:
        """Read the beginning of a member.

        Parameters
        ----------
        member : Member
            The file.
        count : int
            Bytes, at most.

        Returns
        -------
        bytes
            Its beginning.

        Raises
        ------
        FormatError
            If it cannot be unpacked.
        """
        with self._opened(member) as source:
            try:
                return source.read(count)
            except _BROKEN as error:
                raise self._damage(member, error) from error

    def unpack(self, member: Member, target: Path) -> Path:
        """Unpack a member to a place of the caller's choice.

        Parameters
        ----------
        member : Member
            The file.
        target : Path
            Where to; its folder is made.

        Returns
        -------
        Path
            ``target``.

        Raises
        ------
        FormatError
            If the member is damaged or packed in a way nobody here can undo.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._opened(member) as source, target.open("wb") as sink:
            try:
                shutil.copyfileobj(source, sink, 1024 * 1024)
            except _BROKEN as error:
                raise self._damage(member, error) from error
        return target

    def _opened(self, member: Member) -> IO[bytes]:
        try:
            return self._zip.open(member.info)
        except NotImplementedError as error:
            msg = f"“{self.path.name}”里的“{member.name}”用了不能解开的压缩方法，请用 Windows 自带的“压缩文件夹”重新压缩"
            raise FormatError(msg) from error
        except _BROKEN as error:
            raise self._damage(member, error) from error

    def _damage(self, member: Member, error: Exception) -> Exception:
        if isinstance(error, OSError) and error.errno in _DISK_FULL:
            return error
        return FormatError(f"“{self.path.name}”里的“{member.name}”已损坏，请重新压缩后发送")

    def _checked(self, infos: list[zipfile.ZipInfo]) -> tuple[Member, ...]:
        if len(infos) > MAX_ENTRIES:
            self._refuse(f"含有 {len(infos)} 个文件，最多 {MAX_ENTRIES} 个")
        members = [
            Member(self._safe_name(info), info)
            for info in infos
            if not info.orig_filename.endswith("/")
        ]
        total = sum(member.size for member in members)
        if total > MAX_UNPACKED_BYTES:
            self._refuse(f"解压后有 {total / GIB:.1f} GiB，最多 {MAX_UNPACKED_BYTES / GIB:g} GiB")
        for member in members:
            self._check(member)
        kept = tuple(member for member in members if not _hidden(member))
        self._check_names(kept)
        return kept

    def _check_names(self, members: tuple[Member, ...]) -> None:
        """Refuse two files of one name: nobody knows which of them is meant."""
        seen: set[str] = set()
        for member in members:
            # Windows and macOS take names that differ in case for one.
            name = member.name.as_posix().casefold()
            if name in seen:
                self._refuse(
                    f"里有重名文件“{member.name}”，无法判断以哪个为准，请删去多余的后重新压缩"
                )
            seen.add(name)

    def _check(self, member: Member) -> None:
        info = member.info
        if stat.S_ISLNK(info.external_attr >> 16):
            self._refuse(f"里的“{member.name}”是链接，请压缩文件本身")
        if info.flag_bits & _ENCRYPTED_FLAG:
            self._refuse("已加密，请去掉密码后重新压缩")
        if info.file_size > max(RATIO_COUNTS_FROM_BYTES, MAX_RATIO * info.compress_size):
            self._refuse(f"里的“{member.name}”压缩比超过 {MAX_RATIO}，不是正常数据")

    def _safe_name(self, info: zipfile.ZipInfo) -> PurePosixPath:
        # Backslashes become folders only now: in GBK one may be half of a character.
        name = _meant_name(info).partition("\x00")[0].replace("\\", "/")
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or _DRIVE.match(name) or not path.parts:
            self._refuse(f"里的文件名“{name[:100]}”指向压缩包以外，拒绝解压")
        return path

    def _refuse(self, why: str) -> None:
        msg = f"“{self.path.name}”{why}"
        raise FormatError(msg)


def names_in(path: Path) -> frozenset[str]:
    """List the names in a zip archive, without judging it.

    Parameters
    ----------
    path : Path
        The archive.

    Returns
    -------
    frozenset of str
        As zipfile reads them; enough to tell office files, whose own reader judges them.

    Raises
    ------
    FormatError
        If it is no readable zip.
    """
    with _open(path) as archive:
        return frozenset(archive.namelist())


def _open(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except _BROKEN as error:
        msg = f"“{path.name}”不完整或已损坏，不能打开，请重新发送"
        raise FormatError(msg) from error


def _meant_name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _UTF8_FLAG:
        return info.orig_filename
    # Without the flag zipfile reads CP437; Chinese Windows wrote CP936, macOS UTF-8.
    raw = info.orig_filename.encode("cp437")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def _hidden(member: Member) -> bool:
    return any(part == "__MACOSX" or part.startswith(".") for part in member.name.parts)
