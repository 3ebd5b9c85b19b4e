"""The dBASE table of a Shapefile, as its bytes say: what GDAL would round or guess is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dongtou_geo.formats.arrived import FormatError

# Language driver bytes that stand for a code page Chinese software uses; of the others (87 is
# "ANSI", whatever that was where the file was made) none says anything reliable.
_CODE_PAGES = {0x4D: "936", 0x7A: "936", 0x4F: "950", 0x78: "950"}
_DELETED = 0x2A
_BLANK = b" \x00\t"
_DESCRIPTOR = 32
_END_OF_FIELDS = 0x0D
_DAY = re.compile(rb"\d{8}")
_WHOLE = re.compile(rb"[+-]?\d+(?:\.0*)?")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class DbfField:
    """One column.

    Parameters
    ----------
    name : bytes
        As it stands, up to 11 bytes.
    kind : str
        dBASE type: C, N, F, D, L …
    offset : int
        First byte in the record, counted from its deletion mark.
    width : int
        Bytes.
    decimals : int
        Of a number.
    """

    name: bytes
    kind: str
    offset: int
    width: int
    decimals: int


@dataclass(frozen=True, slots=True)
class Dbf:
    """A table's header.

    Parameters
    ----------
    path : Path
        The file.
    fields : tuple of DbfField
        Its columns.
    records : int
        Rows, deleted ones too.
    header_bytes : int
        Where the first row begins.
    record_bytes : int
        Length of a row.
    language : int
        The language driver byte.
    """

    path: Path
    fields: tuple[DbfField, ...]
    records: int
    header_bytes: int
    record_bytes: int
    language: int

    @property
    def code_page(self) -> str | None:
        """Return the code page its language driver names, None where that says nothing."""
        return _CODE_PAGES.get(self.language)

    @property
    def living(self) -> int:
        """Return the number of rows that are not deleted."""
        return int(self._alive(self._every()).sum()) if self.records else 0

    def misfits(self) -> dict[int, dict[int, bytes]]:
        """Find what is no number or day in a column for such, and decimals in one for integers.

        Returns
        -------
        dict of int to (dict of int to bytes)
            By column from 0, what stands there by row from 0; deleted rows do not count.
        """
        if not self.records:
            return {}
        every = self._every()
        alive = self._alive(every)
        found = {}
        for position, field in enumerate(self.fields):
            fits = _rule(field)
            if fits is None or not field.width:
                continue
            block = np.ascontiguousarray(every[alive, field.offset : field.offset + field.width])
            texts = block.view(f"S{field.width}").reshape(-1)
            values, inverse = np.unique(texts, return_inverse=True)
            bad = [i for i, value in enumerate(values) if not fits(bytes(value))]
            if bad:
                rows = np.flatnonzero(np.isin(inverse, bad))
                found[position] = {int(row): bytes(texts[row]).strip() for row in rows}
        return found

    def _every(self) -> NDArray[np.uint8]:
        shape = (self.records, self.record_bytes)
        return np.memmap(self.path, np.uint8, "r", self.header_bytes, shape)

    @staticmethod
    def _alive(every: NDArray[np.uint8]) -> NDArray[np.bool_]:
        return np.asarray(every[:, 0] != _DELETED)


def is_number(raw: bytes) -> bool:
    """Tell whether a cell holds a number.

    Parameters
    ----------
    raw : bytes
        The cell.

    Returns
    -------
    bool
        True for a decimal number and nothing else.
    """
    return bool(_NUMBER.fullmatch(raw.strip(_BLANK)))


def _rule(field: DbfField) -> Callable[[bytes], bool] | None:
    if field.kind == "D":
        return _is_day
    if field.kind not in ("N", "F"):
        return None
    pattern = _NUMBER if field.decimals or field.kind == "F" else _WHOLE

    def fits(raw: bytes) -> bool:
        bare = raw.strip(_BLANK)
        # Stars are how dBASE writes a number too wide for its column.
        return not bare.strip(b"*") or bool(pattern.fullmatch(bare))

    return fits


def _is_day(raw: bytes) -> bool:
    bare = raw.strip(_BLANK)
    if not bare.strip(b"0"):
        return True
    try:
        return bool(_DAY.fullmatch(bare)) and bool(date(*map(int, (bare[:4], bare[4:6], bare[6:]))))
    except ValueError:
        return False


def read_header(path: Path, name: str) -> Dbf:
    """Read a table's header, and see that the rows it announces are there.

    Parameters
    ----------
    path : Path
        The ``.dbf``.
    name : str
        The file for people.

    Returns
    -------
    Dbf
        The header.

    Raises
    ------
    FormatError
        If it is no such table, or shorter than it says.
    """
    with path.open("rb") as file:
        start = file.read(_DESCRIPTOR)
        header_bytes = int.from_bytes(start[8:10], "little")
        head = start + file.read(max(0, header_bytes - _DESCRIPTOR))
    records = int.from_bytes(start[4:8], "little")
    record_bytes = int.from_bytes(start[10:12], "little")
    fields = _fields(head, record_bytes)
    if len(head) < header_bytes or header_bytes < _DESCRIPTOR or not record_bytes or fields is None:
        msg = f"“{name}”的属性表（.dbf）已损坏，请重新导出后发送"
        raise FormatError(msg)
    held = (path.stat().st_size - header_bytes) // record_bytes
    if held < records:
        msg = (
            f"“{name}”的属性表（.dbf）不完整：应有 {records} 行，只有 {held} 行，请重新发送整套文件"
        )
        raise FormatError(msg)
    return Dbf(path, fields, records, header_bytes, record_bytes, head[29])


def _fields(head: bytes, record_bytes: int) -> tuple[DbfField, ...] | None:
    """The columns; None where they do not fit into a row."""
    fields, offset = [], 1
    for start in range(_DESCRIPTOR, len(head) - _DESCRIPTOR + 1, _DESCRIPTOR):
        if head[start] == _END_OF_FIELDS:
            break
        block = head[start : start + _DESCRIPTOR]
        kind = chr(block[11])
        # Wide text columns carry the high byte of their width where numbers keep their decimals.
        width = block[16] + (block[17] << 8 if kind == "C" else 0)
        name = block[:11].split(b"\x00")[0]
        fields.append(DbfField(name, kind, offset, width, 0 if kind == "C" else block[17]))
        offset += width
    return tuple(fields) if offset <= record_bytes else None
