"""The problems found while a layer is read, each with the number of its row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.problem import Severity


class RowProblems:
    """Collect problems by the position of their row.

    Parameters
    ----------
    row_numbers : ndarray of int64
        The number by which the sender finds each row.
    """

    def __init__(self, row_numbers: NDArray[np.int64]) -> None:
        self.row_numbers = row_numbers
        self._found: list[IntakeProblem] = []

    def error(self, position: int, column: str | None, code: str, message: str) -> None:
        """Reject a row.

        Parameters
        ----------
        position : int
            The row, from 0.
        column : str or None
            The cell's column; None = the whole row.
        code : str
            Code of the rule.
        message : str
            One Chinese sentence.
        """
        self._add(int(self.row_numbers[position]), column, code, Severity.ERROR, message)

    def warn(self, position: int, code: str, message: str) -> None:
        """Say what was done to a row.

        Parameters
        ----------
        position : int
            The row, from 0.
        code : str
            Code of the rule.
        message : str
            One Chinese sentence.
        """
        self._add(int(self.row_numbers[position]), None, code, Severity.WARNING, message)

    def note(
        self, code: str, message: str, column: str | None = None, *, warning: bool = False
    ) -> None:
        """Say something of the whole file.

        Parameters
        ----------
        code : str
            Code of the rule.
        message : str
            One Chinese sentence.
        column : str, optional
            The column it is about.
        warning : bool, default False
            A warning, not just information.
        """
        severity = Severity.WARNING if warning else Severity.INFO
        self._add(None, column, code, severity, message)

    def all(self) -> tuple[IntakeProblem, ...]:
        """Return what was found: the whole file first, then row by row."""
        return tuple(sorted(self._found, key=lambda problem: problem.row or 0))

    def _add(
        self, row: int | None, cell: str | None, code: str, severity: Severity, message: str
    ) -> None:
        self._found.append(IntakeProblem(row, cell, None, code, severity, message))
