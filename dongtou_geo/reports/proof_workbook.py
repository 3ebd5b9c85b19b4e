"""A figure's proof as a workbook: its rows on sheets, what it means on the last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

from dongtou_geo.domain.day import SHANGHAI
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.formats.workbook_writing import Sheet, write_sheets
from dongtou_geo.services.proof.proof import Proof, ProofTable, Row, Term
from dongtou_geo.settings import STANDING_LINE

AT_ONCE = 5_000
UNKNOWN = "未填报"


def proof_workbook(proof: Proof, stamp: LedgerStamp) -> bytes:
    """Return a proof as XLSX: every row, however many the screen showed.

    Parameters
    ----------
    proof : Proof
        The proof.
    stamp : LedgerStamp
        Which ledger it was read from.
    """
    sheets = [
        Sheet(
            table.title,
            [f"{c.name}（{c.unit}）" if c.unit else c.name for c in table.columns],
            _rows(table),
        )
        for table in proof.tables
    ]
    out = BytesIO()
    write_sheets(out, sheets, notes=_notes(proof, stamp))
    return out.getvalue()


def _rows(table: ProofTable) -> Iterator[Row]:
    for start in range(0, table.count, AT_ONCE):
        for row in table.rows(AT_ONCE, start):
            yield tuple(_here(value) for value in row)
    if table.total is not None and table.total_column is not None:
        last: list[object] = [None] * len(table.columns)
        last[0], last[table.total_column] = f"合计 {table.count} 行", table.total
        yield tuple(last)


def _here(value: object) -> object:
    """Return a moment as the clock here shows it: a cell of Excel knows no zone."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(SHANGHAI).replace(tzinfo=None)
    return value


def _notes(proof: Proof, stamp: LedgerStamp) -> list[str]:
    # A proof may rest on the plan alone, whose figures are no sample.
    sample = (
        ["示例台账：出自台账的数字均为示例，不是实情；出自规划的数字照规划所印"]
        if stamp.sample
        else []
    )
    day = [f"截至 {proof.as_of}，数据截止 {stamp.data_until or '未知'}"] if proof.as_of else []
    version = [f"台账版本 {stamp.ledger_version}"] if stamp.ledger_version else ["无台账"]
    value = UNKNOWN if proof.value is None else _written(Term("", proof.value, proof.unit, ""))
    return [
        *sample,
        f"{proof.title}：{value}",
        proof.formula,
        f"口径：{proof.basis}",
        *(f"{term.name}：{_written(term)}（{term.source}）" for term in proof.terms),
        *(f"{note.id} {note.title}：{note.figures} {note.note}" for note in proof.notes),
        *day,
        *version,
        STANDING_LINE,
    ]


def _written(term: Term) -> str:
    if term.value is None:
        return UNKNOWN
    return f"{term.value:.2%}" if term.unit == "%" else f"{term.value:,.10g} {term.unit}"
