"""DXF drawings: every closed polyline an outline, the text in it its number."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
from ezdxf.document import Drawing
from ezdxf.filemanagement import readfile

from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.dxf_drawing import Drawn, drawn_in
from dongtou_geo.formats.dxf_outlines import label_of, outlines_in
from dongtou_geo.formats.encodings import TextEncoding, chosen, demanded
from dongtou_geo.formats.row_problems import RowProblems

TEXT, LAYER = "文字", "图层"
_HEAD_BYTES = 64 * 1024
_CODE_PAGE = re.compile(rb"\$DWGCODEPAGE\s+3\s+([\w.-]+)")
_VERSION = re.compile(rb"\$ACADVER\s+1\s+(AC\d+)")
_FIRST_UTF8_VERSION = b"AC1021"
# From a line's first foreign byte on: what comes before it is ASCII.
_FOREIGN = re.compile(rb"[\x80-\xff][^\r\n]*")


def read_dxf(path: Path, *, name: str, shown_as: str, encoding: str = "auto") -> Arrived:
    """Read a drawing.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        The file for people.
    shown_as : str
        Name of the layer.
    encoding : str, default "auto"
        Of its texts, in drawings older than 2007.

    Returns
    -------
    Arrived
        Columns ``文字`` and ``图层``. Rows are numbered by the polyline's place in the drawing, open
        ones count too.

    Raises
    ------
    FormatError
        If it is damaged or cut short, or holds no closed polyline.
    """
    document, taken = _document(path, name, demanded(encoding))
    drawn = drawn_in(document)
    problems = RowProblems(np.arange(1, len(drawn.lines) + 1, dtype=np.int64))
    outlines = outlines_in(drawn, problems)
    if not outlines:
        raise _nothing_closed(name, drawn, document)
    if drawn.nested_blocks:
        message = f"图块里还套有 {drawn.nested_blocks} 个图块，里层的图形没有读取，请先炸开"
        problems.note("nested_block_skipped", message, warning=True)
    cells = pd.DataFrame({
        TEXT: pd.array([label_of(outline, problems) for outline in outlines], dtype="str"),
        LAYER: pd.array([outline.layer for outline in outlines], dtype="str"),
    })  # fmt: skip
    shapes = np.empty(len(outlines), dtype=object)
    shapes[:] = [outline.shape for outline in outlines]
    rows = problems.row_numbers[[outline.position for outline in outlines]]
    return Arrived(
        shown_as, cells, rows, shapes, encoding=taken.label if taken else None,
        encoding_reason=taken.reason if taken else None, problems=problems.all(),
    )  # fmt: skip


def _document(
    path: Path, name: str, wanted: TextEncoding | None
) -> tuple[Drawing, TextEncoding | None]:
    raw = path.read_bytes()
    taken = None
    if not raw.startswith(b"AutoCAD Binary DXF"):
        taken = wanted or _encoding_of(raw)
    del raw
    try:
        return readfile(path, encoding=taken.codec if taken else None), taken
    except MemoryError:
        raise
    except Exception as error:  # ezdxf raises nearly anything on a damaged file
        msg = f"“{name}”不完整或结构有误，无法读取，请在 CAD 中核查（AUDIT）后另存为 DXF"
        raise FormatError(msg) from error


def _encoding_of(raw: bytes) -> TextEncoding:
    head = raw[:_HEAD_BYTES]
    version, page = _VERSION.search(head), _CODE_PAGE.search(head)
    pieces = set(_FOREIGN.findall(raw))
    if version and version[1] >= _FIRST_UTF8_VERSION:
        return chosen(pieces, declared="UTF-8", declared_by="DXF 版本（2007 及以后）")
    declared = page[1].decode("ascii", "replace") if page else None
    return chosen(pieces, declared=declared, declared_by="DXF 文件头（$DWGCODEPAGE）")


def _nothing_closed(name: str, drawn: Drawn, document: Drawing) -> FormatError:
    loose = len(document.modelspace().query("LINE ARC SPLINE"))
    return FormatError(
        f"“{name}”里没有闭合的多段线：有 {len(drawn.lines)} 条未闭合的多段线、{loose} 条直线或弧线；"
        "请在 CAD 中把地块界线做成闭合多段线（PEDIT 或 BOUNDARY）后重新保存"
    )
