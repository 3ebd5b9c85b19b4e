"""The clerk's own workbook back, with what is wrong marked where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.apart import made_apart
from dongtou_geo.formats.limits import DEFAULT_LIMITS, Limits
from dongtou_geo.formats.marked_workbook import write_marked
from dongtou_geo.formats.workbook_writing import write_workbook

MAKER = "dongtou_geo.services.intake.marked:mark"
MARKABLE = (".xlsx", ".xlsm", ".xls", ".csv")


def can_be_marked(name: str) -> bool:
    """Tell whether a file is a table that comes back marked.

    Parameters
    ----------
    name : str
        File name.
    """
    return name.lower().endswith(MARKABLE)


def marked(
    path: Path,
    target: Path,
    problems: Sequence[IntakeProblem],
    *,
    limits: Limits = DEFAULT_LIMITS,
) -> list[str]:
    """Write a workbook with its problems marked; the workbook is opened in another process.

    Parameters
    ----------
    path : Path
        The workbook as it was sent.
    target : Path
        The .xlsx to write.
    problems : sequence of IntakeProblem
        What was found.
    limits : Limits
        What it may take.

    Returns
    -------
    list of str
        What could not be kept, in Chinese.
    """
    found = [problem.as_dict() for problem in problems]
    return made_apart(path, target, MAKER, {"problems": found}, limits=limits)


def mark(path: Path, target: Path, problems: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Do the marking; called in the other process.

    Parameters
    ----------
    path, target : Path
        As for ``marked``.
    problems : sequence of dict
        As ``IntakeProblem.as_dict`` gives them.
    """
    found = [IntakeProblem(**{**p, "severity": Severity(p["severity"])}) for p in problems]
    return write_marked(path, target, found)


def problem_table(target: Path, problems: Sequence[IntakeProblem]) -> None:
    """Write all problems as a workbook.

    Parameters
    ----------
    target : Path
        The .xlsx to write.
    problems : sequence of IntakeProblem
        What was found.
    """
    headings = ("行", "单元格或字段", "地块编号", "程度", "问题", "代码")
    rows = [(p.row, p.cell, p.parcel_no, p.severity.label, p.message, p.code) for p in problems]
    write_workbook(target, "问题清单", headings, rows)
