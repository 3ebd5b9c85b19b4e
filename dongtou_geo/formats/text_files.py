"""Text formats that must be UTF-8, and files that are not."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.encodings import TextEncoding, chosen, demanded, known

_CHUNK_BYTES = 1024 * 1024
_BOM_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# None of them is ever part of a character of GB 18030.
_DELIMITERS = re.compile(rb"""["'<>\r\n]+""")
_XML_ENCODING = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']"""
)


def in_utf8(
    path: Path, folder: Path, *, name: str, encoding: str
) -> tuple[Path, TextEncoding | None]:
    """Give GDAL a text file in the one encoding that it reads.

    Parameters
    ----------
    path : Path
        JSON or XML.
    folder : Path
        Temporary folder.
    name : str
        The file for people.
    encoding : str
        ``auto``, or what the user says it is.

    Returns
    -------
    Path
        The file itself, or a copy in UTF-8 (of XML without its declaration).
    TextEncoding or None
        What it was, None where it was UTF-8 as it should.

    Raises
    ------
    FormatError
        If it is in no encoding that makes sense.
    """
    wanted = demanded(encoding)
    with path.open("rb") as file:
        head = file.read(1024)
    said = _XML_ENCODING.match(head)
    declared = said[1].decode("ascii") if said else None
    declares_utf8 = known(declared or "utf-8", "") in (None, known("utf-8", ""))
    if wanted is None and declares_utf8 and not head.startswith(_BOM_16) and _is_utf8(path):
        return path, None
    raw = path.read_bytes()
    taken = wanted or _chosen(raw, declared)
    try:
        text = raw.decode(taken.codec)
    except UnicodeError as error:
        msg = f"“{name}”的文字有一部分不是 {taken.label}，无法读取，请以 UTF-8 编码另存"
        raise FormatError(msg) from error
    text = re.sub(r"\A\s*<\?xml.*?\?>", "", text.removeprefix("\ufeff"), count=1, flags=re.S)
    copy = folder / f"utf8{path.suffix}"
    copy.write_text(text, "utf-8", newline="")
    return copy, taken


def _chosen(raw: bytes, declared: str | None) -> TextEncoding:
    if raw.startswith(_BOM_16):
        return TextEncoding("utf-16", "UTF-16", "文件开头有 UTF-16 标记")
    return chosen(_DELIMITERS.split(raw), declared=declared, declared_by="XML 文件头")


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK_BYTES):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
