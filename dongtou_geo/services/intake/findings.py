"""What is found about the rows of a file, collected and told together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import Arrived

Rows = NDArray[np.intp]
_WEIGHTS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class _Found:
    """The same finding about several rows; the rows' numbers are known only at the end."""

    code: str
    severity: Severity
    rows: list[int]
    messages: list[str]
    column: str | None


class Findings:
    """The findings about one file.

    Parameters
    ----------
    arrived : Arrived
        The file; what was found while reading it comes first.
    """

    def __init__(self, arrived: Arrived) -> None:
        self._arrived = arrived
        self._found: list[_Found] = []
        self._of_file: list[IntakeProblem] = []
        # Rows that an error keeps out, by position.
        self.rejected = np.zeros(len(arrived.cells), dtype=bool)
        if any(problem.severity is Severity.ERROR for problem in arrived.problems):
            errors = [p.row for p in arrived.problems if p.severity is Severity.ERROR]
            self.rejected[
                np.isin(arrived.row_numbers, [row for row in errors if row is not None])
            ] = True

    def add(
        self,
        code: str,
        severity: Severity,
        rows: Iterable[int] | Rows,
        message: str | Callable[[int], str],
        *,
        column: str | None = None,
    ) -> None:
        """Note the same finding about some rows.

        Parameters
        ----------
        code : str
            Stable snake_case code.
        severity : Severity
            An error rejects the rows.
        rows : iterable of int
            Positions from 0.
        message : str or callable
            One for all, or made from the position.
        column : str, optional
            The column of the file that it is about.
        """
        at = [int(row) for row in rows]
        if not at:
            return
        messages = [message(row) for row in at] if callable(message) else [message] * len(at)
        self._found.append(_Found(code, severity, at, messages, column))
        if severity is Severity.ERROR:
            self.rejected[at] = True

    def about_file(self, code: str, severity: Severity, message: str) -> None:
        """Note a finding about the whole file.

        Parameters
        ----------
        code : str
            Stable snake_case code.
        severity : Severity
            How much it weighs; no single row is rejected by it.
        message : str
            One Chinese sentence.
        """
        self._of_file.append(IntakeProblem(None, None, None, code, severity, message))

    def told(self, numbers: Sequence[str | None]) -> list[IntakeProblem]:
        """Return everything found, with the parcels' numbers, in the order of the file.

        Parameters
        ----------
        numbers : sequence of str or None
            One a row.
        """
        problems = [*self._of_file, *self._read(numbers)]
        row_numbers = self._arrived.row_numbers.tolist()
        for found in self._found:
            column = found.column
            for at, message in zip(found.rows, found.messages, strict=True):
                cell = None if column is None else self._arrived.cell(column, at)
                row, number = row_numbers[at], numbers[at]
                problems.append(
                    IntakeProblem(row, cell, number, found.code, found.severity, message)
                )
        return sorted(
            problems,
            key=lambda p: (
                -1 if p.row is None else p.row,
                _WEIGHTS[p.severity],
                p.cell or "",
                p.code,
            ),
        )

    def _read(self, numbers: Sequence[str | None]) -> list[IntakeProblem]:
        """Return what was found while reading, with numbers where rows have them by now."""
        if not self._arrived.problems:
            return []
        at = dict(zip(self._arrived.row_numbers.tolist(), numbers, strict=True))
        return [
            p if p.row is None or p.parcel_no is not None else replace(p, parcel_no=at.get(p.row))
            for p in self._arrived.problems
        ]
