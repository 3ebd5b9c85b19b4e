"""What is wrong with one row of a file that came in, and where the sender finds it."""

from __future__ import annotations

from dataclasses import dataclass

from dongtou_geo.domain.problem import Severity


@dataclass(frozen=True, slots=True)
class IntakeProblem:
    """A finding about a row, with the keys of ``ledger import --json``.

    Parameters
    ----------
    row : int or None
        The number by which the sender finds the row: of the worksheet, or of the feature from 1;
        None = the whole file.
    cell : str or None
        ``Sheet1!D17`` for tables, the field's name for features; None = the whole row.
    parcel_no : str or None
        The parcel, where the row names one.
    code : str
        Stable snake_case code of the rule.
    severity : Severity
        Only ``error`` rejects the row.
    message : str
        One Chinese sentence: what was wrong, the value, what would be right.
    """

    row: int | None
    cell: str | None
    parcel_no: str | None
    code: str
    severity: Severity
    message: str

    def as_dict(self) -> dict[str, str | int | None]:
        """Return the finding as plain JSON values, keys in the contract's order."""
        return {
            "row": self.row,
            "cell": self.cell,
            "parcel_no": self.parcel_no,
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
        }
