"""Text files: which encoding they are in, and CSV as one worksheet."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.encodings import AUTO, TextEncoding, demanded, utf_16_without_mark
from dongtou_geo.formats.workbook_cells import Book, Fault, Grid, Value
from dongtou_geo.formats.workbook_heads import known_fields

MAX_TEXT_BYTES = 256 << 20

_BOM_8 = "文件开头有 UTF-8 标记（BOM）"
_BOM_16 = "文件开头有 UTF-16 标记（BOM）"
_MARKS = (
    (codecs.BOM_UTF8, TextEncoding("utf-8", "UTF-8", _BOM_8)),
    (codecs.BOM_UTF16_LE, TextEncoding("utf-16-le", "UTF-16", _BOM_16)),
    (codecs.BOM_UTF16_BE, TextEncoding("utf-16-be", "UTF-16", _BOM_16)),
)
# Words that stand in nearly every file of a land office; read in the wrong encoding they vanish.
_WORDS = ("地块", "面积", "编号", "日期", "坐标", "属性描述", "园区", "单位", "备注")

_DELIMITERS = (",", ";", "\t")
_DELIMITER_ROWS = 40
_ERRORS = (
    "#NULL!",
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "#N/A",
    "#SPILL!",
    "#CALC!",
)
# What makes a spreadsheet take a text for a formula, or drop its first sign (OWASP, CSV injection).
# An error value is no formula, but would be read back as an error.
_ACTIVE = re.compile(rf"'*(?:[=+\-@\t\r\n＝＋－＠]|(?:{'|'.join(map(re.escape, _ERRORS))})\Z)")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text file in characters.

    Parameters
    ----------
    text : str
        The whole file, without a byte order mark.
    encoding : TextEncoding
        Which it was in, and why.
    """

    text: str
    encoding: TextEncoding


def read_text(path: Path, encoding: str = AUTO) -> Decoded:
    """Read a text file.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str
        Name of an encoding, or ``auto``.

    Returns
    -------
    Decoded
        Its characters and the encoding they were in.

    Raises
    ------
    FormatError
        If the file is too large or is not in that encoding (auto: in none of UTF-8, UTF-16 and
        GB 18030), however little of it.
    """
    if path.stat().st_size > MAX_TEXT_BYTES:
        msg = f"文本文件大于 {MAX_TEXT_BYTES >> 20} MB，请分成几个文件再导入"
        raise FormatError(msg)
    data = path.read_bytes()
    taken = demanded(encoding)
    if taken is None:
        taken = _marked(data) or _by_bytes(data)
    elif taken.label == "UTF-16":
        # Python would take a missing mark for little-endian.
        codec = (_marked(data) or utf_16_without_mark(data) or taken).codec
        taken = TextEncoding(codec, taken.label, taken.reason)
    try:
        text = data.decode(taken.codec)
    except UnicodeDecodeError as error:
        msg = (
            f"按 {taken.label} 读到{_place(data, error)}无法解读（{taken.reason}），"
            "请换一种编码，或用 auto 让程序判断"
        )
        raise FormatError(msg) from error
    return Decoded(text.removeprefix("\ufeff"), taken)


def _place(data: bytes, error: UnicodeDecodeError) -> str:
    line = data.count(b"\n", 0, error.start) + 1
    return f"第 {line} 行（第 {error.start + 1} 个字节）"


def _marked(data: bytes) -> TextEncoding | None:
    return next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)


def _by_bytes(data: bytes) -> TextEncoding:
    wide = utf_16_without_mark(data)
    if wide is not None:
        return wide
    if data.isascii():
        return TextEncoding("utf-8", "UTF-8", "文字全部是 ASCII 字符，编码不影响结果")
    as_gb = _try(data, "gb18030")
    try:
        as_utf8 = data.decode("utf-8")
    except UnicodeDecodeError as error:
        # One broken byte must not turn a whole file of UTF-8 into nonsense.
        nonsense = as_gb is None or not _words(as_gb)
        if as_gb is None or (nonsense and _words(data.decode("utf-8", "replace"))):
            msg = (
                f"无法判断文字编码：{_place(data, error)}不是 UTF-8，整个文件也不是 GB18030（GBK）；"
                "文件可能已损坏，请另存为 UTF-8 再导入，或指明编码"
            )
            raise FormatError(msg) from error
        return TextEncoding("gb18030", "GB18030", "文字不是有效的 UTF-8，按 GB18030 读取")
    if as_gb is not None and _words(as_gb) and not _words(as_utf8):
        # Two or three characters of GBK may pass for UTF-8 by chance.
        return TextEncoding("gb18030", "GB18030", "按 GB18030 读取才有认得的词")
    return TextEncoding("utf-8", "UTF-8", "文字是有效的 UTF-8，按 UTF-8 读取")


def _try(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def _words(text: str) -> int:
    return sum(word in text for word in _WORDS)


def open_csv(path: Path, encoding: str = AUTO) -> Book:
    """Open a CSV file as a workbook of one sheet, named by the file's stem.

    Parameters
    ----------
    path : Path
        Text with comma, semicolon or tab between the fields.
    encoding : str
        Name of an encoding, or ``auto``.

    Returns
    -------
    Book
        Cells are texts as they stand; an error value of a spreadsheet is a fault. An apostrophe
        before a sign that would make a formula is the writer's guard and is taken off again.

    Raises
    ------
    FormatError
        If the text cannot be decoded or its quotes do not pair.
    """
    decoded = read_text(path, encoding)
    grid = Grid(path.stem)
    for number, fields in enumerate(_records(decoded.text), start=1):
        grid.add_row(number, [_value(text) for text in fields])
    grid.close()
    taken = decoded.encoding
    return Book({grid.name: True}, lambda _: grid, (), taken.label, taken.reason)


def _value(text: str) -> Value:
    if text in _ERRORS:
        return Fault("cell_error", text)
    return unguarded(text) or None


def guarded(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text made text, as OWASP's page on CSV injection advises.
    """
    return f"'{text}" if _ACTIVE.match(text) else text


def unguarded(text: str) -> str:
    """Take the apostrophe of ``guarded`` off again; other apostrophes are text.

    Parameters
    ----------
    text : str
        A field of a CSV file.

    Returns
    -------
    str
        The text that ``guarded`` was given.
    """
    return text[1:] if text.startswith("'") and _ACTIVE.match(text) else text


def _records(text: str) -> list[list[str]]:
    delimiter = _delimiter(text)
    try:
        return _split(text, delimiter, strict=True)
    except csv.Error as error:
        if "unexpected end" in str(error):
            msg = "CSV 的引号没有成对，最后一个引号之后读到了文件末尾，请检查带引号的单元格"
            raise FormatError(msg) from error
    try:
        # A sign after a closing quote is careless, not wrong.
        return _split(text, delimiter, strict=False)
    except csv.Error as error:
        # The one thing left that csv refuses: a field longer than its limit.
        msg = (
            f"CSV 无法拆成单元格：有一个单元格超过 {csv.field_size_limit()} 个字符，"
            "多半是引号没有成对或分隔符不对，请检查后重新导出"
        )
        raise FormatError(msg) from error


def _split(text: str, delimiter: str, *, strict: bool) -> list[list[str]]:
    lines = io.StringIO(text, newline="")
    return list(csv.reader(lines, delimiter=delimiter, strict=strict))


def _delimiter(text: str) -> str:
    """Choose the delimiter under which most column names are known; the comma if none is."""
    if text[:4].lower() == "sep=" and text[4:5] in _DELIMITERS:
        return text[4]
    opening = "".join(io.StringIO(text[: 1 << 18], newline="").readlines()[:_DELIMITER_ROWS])

    def known(delimiter: str) -> int:
        try:
            rows = _split(opening, delimiter, strict=False)
        except csv.Error:
            return 0
        return max((len(known_fields(row)) for row in rows), default=0)

    return max(_DELIMITERS, key=known)
