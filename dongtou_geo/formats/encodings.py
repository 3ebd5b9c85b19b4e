"""In which encoding a file's text stands: what it declares, checked against its bytes."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass

from dongtou_geo.formats.arrived import FormatError

AUTO = "auto"
# GB 18030 holds GBK and GB 2312 whole, so nothing is lost by reading those with it.
_CODECS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("utf8", "utf8sig", "65001", "cp65001"), ("utf-8", "UTF-8")),
    **dict.fromkeys(
        ("gb18030", "gbk", "gb2312", "cp936", "936", "ms936", "ansi936", "54936", "euccn"),
        ("gb18030", "GB18030"),
    ),
    **dict.fromkeys(("big5", "cp950", "950", "ansi950"), ("cp950", "BIG5")),
    **dict.fromkeys(("utf16", "utf16le", "utf16be"), ("utf-16", "UTF-16")),
    **dict.fromkeys(
        ("iso88591", "latin1", "88591", "cp1252", "1252", "windows1252", "ansi1252"),
        ("cp1252", "Windows-1252"),
    ),
}
_KNOWN = "UTF-8、GBK、GB18030、GB2312、BIG5、UTF-16"
# From here on code points are East Asian: GBK read as UTF-8 by accident stays far below.
_FIRST_CJK = "\u2e80"
# Fewer characters could be GBK that happens to be valid UTF-8.
_ENOUGH_CHARACTERS = 4


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """An encoding and why it was taken.

    Parameters
    ----------
    codec : str
        Name for Python.
    label : str
        Name for people.
    reason : str
        Why, in Chinese.
    """

    codec: str
    label: str
    reason: str


def known(name: str, reason: str) -> TextEncoding | None:
    """Look up an encoding by one of its names.

    Parameters
    ----------
    name : str
        As people and files write it: ``GBK``, ``utf-8``, ``936``, ``ANSI 936``.
    reason : str
        Why this one, in Chinese.

    Returns
    -------
    TextEncoding or None
        None for a name nobody here uses.
    """
    bare = "".join(sign for sign in name.casefold() if sign.isalnum())
    found = _CODECS.get(bare)
    return TextEncoding(*found, reason) if found else None


def demanded(name: str) -> TextEncoding | None:
    """Turn what the user chose into an encoding.

    Parameters
    ----------
    name : str
        ``auto`` or a name.

    Returns
    -------
    TextEncoding or None
        None for ``auto``.

    Raises
    ------
    FormatError
        If nobody knows the name.
    """
    if name.strip().casefold() == AUTO:
        return None
    encoding = known(name, f"按指定的编码 {name} 读取")
    if encoding is None:
        msg = f"不认识编码“{name[:50]}”，可用 auto 或 {_KNOWN}"
        raise FormatError(msg)
    return encoding


def chosen(
    pieces: Iterable[bytes], *, declared: str | None = None, declared_by: str = ""
) -> TextEncoding:
    """Decide on an encoding from a declaration and from the bytes.

    Parameters
    ----------
    pieces : iterable of bytes
        Texts of the file; each may be cut in the middle of its last character.
    declared : str or None
        Name of the encoding that the file declares, if it does.
    declared_by : str
        Where it does, in Chinese, for the reason.

    Returns
    -------
    TextEncoding
        The declared one unless the bytes contradict it; without one UTF-8 where the bytes are
        valid UTF-8 with East Asian characters, else GB18030.

    Notes
    -----
    Chinese text in GBK is hardly ever valid UTF-8, and where it is, its byte pairs come out as
    Latin, Greek or Arabic letters; UTF-8 is often valid GB18030. So UTF-8 is what proves itself.
    """
    foreign = {piece for piece in pieces if not piece.isascii()}
    said = known(declared, f"{declared_by} 声明为 {declared}") if declared else None
    if not foreign:
        return said or TextEncoding("utf-8", "UTF-8", "文字全部是 ASCII 字符，编码不影响结果")
    decoded = [decoded_text(piece, "utf-8") for piece in foreign]
    cjk = [sum(sign >= _FIRST_CJK for sign in text) if clean else 0 for text, clean in decoded]
    proofs = sum(map(bool, cjk))
    failures = sum(not clean for _, clean in decoded)
    is_utf8 = proofs > 0 and proofs >= failures
    if said is None:
        why = f"{declared_by} 声明的“{declared}”不能识别，" if declared else "没有编码声明，"
        return _by_bytes(is_utf8, why)
    if said.codec == "utf-8":
        contradicted = failures > proofs
    elif said.codec == "gb18030":
        contradicted = not failures and sum(cjk) >= _ENOUGH_CHARACTERS
    elif said.codec == "cp1252":
        contradicted = is_utf8 or _all_chinese(foreign)
    else:
        unread = sum(not decoded_text(piece, said.codec)[1] for piece in foreign)
        contradicted = unread * 10 > len(foreign)
    return _by_bytes(is_utf8, f"{said.reason}，但与实际字节不符，") if contradicted else said


def _all_chinese(pieces: set[bytes]) -> bool:
    decoded = [decoded_text(piece, "gb18030") for piece in pieces]
    return all(clean and any(c >= _FIRST_CJK for c in text) for text, clean in decoded)


def _by_bytes(is_utf8: bool, why: str) -> TextEncoding:
    if is_utf8:
        return TextEncoding("utf-8", "UTF-8", f"{why}文字是有效的 UTF-8，按 UTF-8 读取")
    return TextEncoding("gb18030", "GB18030", f"{why}文字不是有效的 UTF-8，按 GB18030 读取")


def decoded_text(raw: bytes, codec: str) -> tuple[str, bool]:
    """Decode a text that its field's width may have cut.

    Parameters
    ----------
    raw : bytes
        The text.
    codec : str
        Name for Python.

    Returns
    -------
    str
        The text without the broken character at its end; other unreadable bytes become U+FFFD.
    bool
        True when nothing but such an end was unreadable.
    """
    try:
        return raw.decode(codec), True
    except UnicodeDecodeError:
        pass
    # Not "final": an unfinished character at the end is kept back, not an error.
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        return decoder.decode(raw), True
    except UnicodeDecodeError:
        return raw.decode(codec, errors="replace"), False


def utf_16_without_mark(data: bytes) -> TextEncoding | None:
    """Tell UTF-16 by the zero bytes of its digits, commas and line ends.

    Parameters
    ----------
    data : bytes
        A text, or its beginning.

    Returns
    -------
    TextEncoding or None
        None for what is no UTF-16, or not surely.
    """
    even, odd = data[0::2].count(0), data[1::2].count(0)
    few, many = sorted((even, odd))
    if not many or many * 10 < len(data) // 2 or few * 10 > many:
        return None
    codec = "utf-16-le" if odd > even else "utf-16-be"
    return TextEncoding(codec, "UTF-16", "隔一个字节是 0，是没有标记的 UTF-16")
