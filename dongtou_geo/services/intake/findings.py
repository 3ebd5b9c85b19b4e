"""What is found about the rows of a file, collected and told together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import Arrived

Rows = NDArray[np.intp]


class Findings:
    """The findings about one file.

    Parameters
    ----------
    arrived : Arrived
        The file; what was found while reading it comes first.
    """

    def __init__(self, arrived: Arrived) -> None:
        self._arrived = arrived
        self._rows: list[int | None] = []
        self._found: list[IntakeProblem] = []
        # Rows that an error keeps out, by position.
        self.rejected = np.zeros(len(arrived.cells), dtype=bool)
        position = {int(number): at for at, number in enumerate(arrived.row_numbers)}
        for problem in arrived.problems:
            at = None if problem.row is None else position.get(problem.row)
            self._keep(at, problem)

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
        for row in rows:
            at = int(row)
            text = message(at) if callable(message) else message
            cell = self._arrived.cell(column, at) if column is not None else None
            number = int(self._arrived.row_numbers[at])
            self._keep(at, IntakeProblem(number, cell, None, code, severity, text))

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
        self._keep(None, IntakeProblem(None, None, None, code, severity, message))

    def told(self, numbers: Sequence[str | None]) -> list[IntakeProblem]:
        """Return everything found, with the parcels' numbers, in the order of the file.

        Parameters
        ----------
        numbers : sequence of str or None
            One a row.
        """
        named = [
            problem
            if at is None or problem.parcel_no is not None
            else replace(problem, parcel_no=numbers[at])
            for at, problem in zip(self._rows, self._found, strict=True)
        ]
        weight = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
        return sorted(
            named,
            key=lambda p: (p.row is not None, p.row or 0, weight[p.severity], p.cell or "", p.code),
        )

    def _keep(self, at: int | None, problem: IntakeProblem) -> None:
        self._rows.append(at)
        self._found.append(problem)
        if at is not None and problem.severity is Severity.ERROR:
            self.rejected[at] = True
