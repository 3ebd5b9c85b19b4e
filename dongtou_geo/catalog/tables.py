"""The plan's tables: CSV files whose every cell has a kind."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dongtou_geo.catalog.datasets import shown_path
from dongtou_geo.catalog.industry_columns import layout_columns
from dongtou_geo.domain.data_note import NoteKind
from dongtou_geo.domain.project_event import (
    PROJECT_STATUSES,
    Confidence,
    Precision,
    ProjectEventKind,
)
from dongtou_geo.errors import DatasetError

Cell = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that does not fit its column; ``expected`` says in Chinese what would be right."""

    column: str
    value: str
    expected: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its line in the file, its cells as values, and the cells that do not fit."""

    line: int
    values: dict[str, Any]
    bad_cells: tuple[BadCell, ...]


def text(cell: str) -> str:
    """Take a text that must not be empty."""
    if not cell.strip():
        msg = "非空文字"
        raise ValueError(msg)
    return cell


def text_or_none(cell: str) -> str | None:
    """Take a text, empty = None."""
    return cell.strip() or None


def amount_or_none(cell: str) -> float | None:
    """Take a positive number, empty = None."""
    return None if not cell.strip() else _positive(cell, float, "正数或空")


def count(cell: str) -> int:
    """Take a positive whole number."""
    return int(_positive(cell, int, "正整数"))


def share_or_none(cell: str) -> float | None:
    """Take a share above 0 and up to 1, empty = None."""
    expected = "大于 0、不大于 1 的小数，或空"
    share = None if not cell.strip() else _positive(cell, float, expected)
    if share is not None and share > 1.0:
        raise ValueError(expected)
    return share


def day(cell: str) -> date:
    """Take a day written 2020-12-31."""
    try:
        return date.fromisoformat(cell) if len(cell) == len("2020-12-31") else _no_day()
    except ValueError:
        return _no_day()


def yes(cell: str) -> bool:
    """Take yes or no."""
    if cell not in ("yes", "no"):
        msg = "yes 或 no"
        raise ValueError(msg)
    return cell == "yes"


def note_kind(cell: str) -> NoteKind:
    """Take the kind of a data note."""
    try:
        return NoteKind(cell)
    except ValueError:
        msg = f"{'、'.join(kind.value for kind in NoteKind)} 之一"
        raise ValueError(msg) from None


def project_status(cell: str) -> ProjectEventKind:
    """Take what can become of a project."""
    words = {kind.value: kind for kind in PROJECT_STATUSES}
    if cell not in words:
        msg = f"{'、'.join(words)} 之一"
        raise ValueError(msg)
    return words[cell]


def precision(cell: str) -> Precision:
    """Take how well a day is known."""
    try:
        return Precision(cell)
    except ValueError:
        msg = f"{'、'.join(Precision)} 之一"
        raise ValueError(msg) from None


def confidence(cell: str) -> Confidence:
    """Take how sure it is that a report speaks of the project."""
    try:
        return Confidence(cell)
    except ValueError:
        msg = f"{'、'.join(Confidence)} 之一"
        raise ValueError(msg) from None


def keys(cell: str) -> tuple[str, ...]:
    """Take keys separated by semicolons, at least one."""
    found = tuple(key for key in cell.split(";") if key)
    if not found:
        msg = "至少一个键，如 project:15，以分号分隔"
        raise ValueError(msg)
    return found


TARGET_COLUMNS: Mapping[str, Cell] = {
    "plan_id": text,
    "subject_id": text,
    "phrase": text,
    "chapter": text,
    "rate": share_or_none,
    "due": day,
    "scored": yes,
    "own": yes,
    "note": text_or_none,
}
PROJECT_GROUP_COLUMNS: Mapping[str, Cell] = {
    "id": text,
    "parent_id": text_or_none,
    "name": text,
    "project_count": count,
    "table4_total_yi": amount_or_none,
    "table4_plan_yi": amount_or_none,
    "annex_total_wan": amount_or_none,
    "annex_plan_wan": amount_or_none,
    "source_ref": text,
    "note": text_or_none,
}
DATA_NOTE_COLUMNS: Mapping[str, Cell] = {
    "id": text,
    "kind": note_kind,
    "title": text,
    "figures": text,
    "note": text,
    "bound_to": keys,
    "source_ref": text,
}
PROJECT_EVENT_COLUMNS: Mapping[str, Cell] = {
    "no": count,
    "kind": project_status,
    "happened_on": day,
    "precision": precision,
    "source_ref": text,
    "reported_on": day,
    "confidence": confidence,
    "note": text,
}
COLUMNS: Mapping[str, Mapping[str, Cell]] = {
    "targets": TARGET_COLUMNS,
    "project_groups": PROJECT_GROUP_COLUMNS,
    "data_notes": DATA_NOTE_COLUMNS,
    "project_events": PROJECT_EVENT_COLUMNS,
    **layout_columns(text, text_or_none, count, amount_or_none, keys),
}


def read_table(path: Path, columns: Mapping[str, Cell]) -> list[TableRow]:
    """Read a CSV file, cell by cell.

    Parameters
    ----------
    path : Path
        The file, UTF-8 with or without BOM.
    columns : mapping of str to callable
        What each column holds; a callable raises ValueError with what would be right.

    Returns
    -------
    list of TableRow
        In the file's order; cells that do not fit are kept apart, not raised.

    Raises
    ------
    DatasetError
        If the file is missing or unreadable, or its header differs.
    """
    name = shown_path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            rows = [(reader.line_num, cells) for cells in reader if cells]
    except FileNotFoundError as error:
        msg = f"{name}：文件不存在，应在 {path}"
        raise DatasetError(msg) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"{name}：读不出（{error}），应为 UTF-8 的 CSV"
        raise DatasetError(msg) from error
    if header != list(columns):
        msg = f"{name}：表头“{','.join(header)}”不符，应为“{','.join(columns)}”"
        raise DatasetError(msg)
    return [_row(line, cells, columns) for line, cells in rows]


def sound_values(path: Path, columns: Mapping[str, Cell]) -> list[dict[str, Any]]:
    """Read a CSV file of which every cell must fit.

    Parameters
    ----------
    path : Path
        The file.
    columns : mapping of str to callable
        What each column holds.

    Returns
    -------
    list of dict
        One a row.

    Raises
    ------
    DatasetError
        If the file cannot be read, or at the first cell that does not fit.
    """
    rows = read_table(path, columns)
    for row in rows:
        for bad in row.bad_cells:
            msg = (
                f"{shown_path(path)} 第 {row.line} 行 {bad.column}："
                f"“{bad.value}”不合适，应为{bad.expected}"
            )
            raise DatasetError(msg)
    return [row.values for row in rows]


def _row(line: int, cells: list[str], columns: Mapping[str, Cell]) -> TableRow:
    values: dict[str, Any] = {}
    bad_cells = []
    if len(cells) != len(columns):
        bad_cells.append(BadCell("列数", str(len(cells)), f"{len(columns)} 列"))
    for (column, take), cell in zip(columns.items(), cells, strict=False):
        try:
            values[column] = take(cell)
        except ValueError as error:
            bad_cells.append(BadCell(column, cell, str(error)))
    return TableRow(line, values, tuple(bad_cells))


def _positive(cell: str, kind: type[int] | type[float], expected: str) -> float:
    try:
        number = kind(cell)
    except ValueError:
        raise ValueError(expected) from None
    if not 0 < number < float("inf"):
        raise ValueError(expected)
    return number


def _no_day() -> date:
    msg = "形如 2020-12-31 的日期"
    raise ValueError(msg)
