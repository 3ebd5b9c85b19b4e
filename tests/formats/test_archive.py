"""Zip archives: names as they were meant, and nothing that harms."""

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from dongtou_geo.formats.archive import MAX_ENTRIES, Archive
from dongtou_geo.formats.arrived import FormatError

CENTRAL = b"PK\x01\x02"
LOCAL = b"PK\x03\x04"


def packed(path: Path, *names: str, content: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return path


def with_raw_name(path: Path, raw: bytes) -> Path:
    """An archive whose one name was written by a program that sets no UTF-8 flag."""
    packed(path, "n" * len(raw))
    path.write_bytes(path.read_bytes().replace(b"n" * len(raw), raw))
    return path


def patched(path: Path, offset: int, layout: str, value: int) -> Path:
    """Change a number in every central directory entry."""
    data = bytearray(path.read_bytes())
    at = data.find(CENTRAL)
    while at >= 0:
        struct.pack_into(layout, data, at + offset, value)
        at = data.find(CENTRAL, at + 1)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("南塘/宗地.shp".encode("gbk"), "南塘/宗地.shp"),
        ("南塘/宗地.shp".encode(), "南塘/宗地.shp"),
        # The second byte of 乗 in GBK is a backslash.
        ("乗\\地块.shp".encode("gbk"), "乗/地块.shp"),
        (b"plain.shp", "plain.shp"),
    ],
)
def test_names_without_a_flag_are_chinese(raw: bytes, name: str, tmp_path: Path) -> None:
    with Archive(with_raw_name(tmp_path / "a.zip", raw)) as archive:
        assert [member.name.as_posix() for member in archive.members] == [name]
        target = archive.unpack(archive.members[0], tmp_path / "out" / "x")
        assert target.read_bytes() == b"x"


def test_names_with_a_flag_are_kept(tmp_path: Path) -> None:
    with Archive(packed(tmp_path / "a.zip", "𠮷/宗地.shp")) as archive:
        assert archive.members[0].name.as_posix() == "𠮷/宗地.shp"


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", "a.shp", "__MACOSX/._a.shp", ".DS_Store", "b/.x/c", "d/")
    with Archive(path) as archive:
        assert [member.name.as_posix() for member in archive.members] == ["a.shp"]


@pytest.mark.parametrize(
    "name",
    ["../a.shp", "b/../../a.shp", "/etc/a.shp", "..\\a.shp", "C:\\a.shp", "c:a.shp", "\\\\x\\a"],
)
def test_names_that_lead_outside_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="指向压缩包以外"):
        Archive(packed(tmp_path / "a.zip", name))


def test_links_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.shp")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(FormatError, match="链接"):
        Archive(tmp_path / "a.zip")


def test_passwords_are_named(tmp_path: Path) -> None:
    path = patched(packed(tmp_path / "a.zip", "a.shp"), 8, "<H", 1)
    with pytest.raises(FormatError, match="加密"):
        Archive(path)


def test_bombs_are_refused_before_anything_is_unpacked(tmp_path: Path) -> None:
    zeros = packed(tmp_path / "a.zip", "a.shp", content=bytes(11 * 1024 * 1024))
    with pytest.raises(FormatError, match="压缩比超过 200"):
        Archive(zeros)
    huge = patched(packed(tmp_path / "b.zip", "a.shp", "b.shp"), 24, "<I", 0xF0000000)
    with pytest.raises(FormatError, match=r"解压后有 7\.5 GiB，最多 4 GiB"):
        Archive(huge)
    many = packed(tmp_path / "c.zip", *(f"{i}" for i in range(MAX_ENTRIES + 1)))
    with pytest.raises(FormatError, match="10001 个文件"):
        Archive(many)


def test_a_good_compression_of_a_small_file_is_no_bomb(tmp_path: Path) -> None:
    with Archive(packed(tmp_path / "a.zip", "a.dbf", content=bytes(9 * 1024 * 1024))) as archive:
        assert archive.members[0].size == 9 * 1024 * 1024


def test_damage_is_a_refusal(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", "a.shp", content=b"abcdef" * 100)
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    with pytest.raises(FormatError, match="不完整或已损坏"):
        Archive(path)
    broken = bytearray(whole)
    broken[40] ^= 0xFF
    path.write_bytes(broken)
    with Archive(path) as archive, pytest.raises(FormatError, match=r"a\.shp”已损坏"):
        archive.unpack(archive.members[0], tmp_path / "out")


def test_strange_compression_is_named(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", "a.shp")
    data = bytearray(patched(path, 10, "<H", 93).read_bytes())
    struct.pack_into("<H", data, data.find(LOCAL) + 8, 93)
    path.write_bytes(data)
    with Archive(path) as archive, pytest.raises(FormatError, match="压缩方法"):
        archive.head(archive.members[0], 10)


def test_two_files_with_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("地块/a.txt", "old")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("地块/a.txt", "new")
    with pytest.raises(FormatError, match=r"重名文件“地块/a\.txt”"):
        Archive(tmp_path / "a.zip")
    for names in (("a.shp", "A.SHP"), ("b/a.shp", "b\\a.shp")):
        with pytest.raises(FormatError, match="重名文件"):
            Archive(packed(tmp_path / "a.zip", *names))
    with Archive(packed(tmp_path / "a.zip", "a.shp", "b/a.shp", "a.dbf")) as archive:
        assert len(archive.members) == 3
