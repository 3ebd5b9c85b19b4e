"""One finding about a file: what was wrong, where, and what would be right."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: only an error refuses something."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def label(self) -> str:
        """Return the Chinese word shown to users."""
        return {"error": "错误", "warning": "警告", "info": "提示"}[self.value]


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding, with the keys of ``check --json``.

    Parameters
    ----------
    file : str
        Path relative to the repository, with forward slashes.
    feature : str or None
        Feature id, row id or TOML key the finding is about; None = the whole file.
    field : str or None
        Property or column; None = the geometry or the file itself.
    value : str or None
        The value found, as text.
    expected : str or None
        What would be right, in Chinese.
    code : str
        Stable snake_case code of the rule.
    severity : Severity
        Only ``error`` makes ``check`` exit 1.
    message : str
        One Chinese sentence for the screen.
    """

    file: str
    feature: str | None
    field: str | None
    value: str | None
    expected: str | None
    code: str
    severity: Severity
    message: str

    def __lt__(self, other: Problem) -> bool:
        """Sort by file, then feature, field, code and value; the whole file comes first."""
        return self._order < other._order

    @property
    def _order(self) -> tuple[str, ...]:
        parts = (self.file, self.feature, self.field, self.code, self.value, self.message)
        return tuple("" if part is None else part for part in parts)

    def as_dict(self) -> dict[str, str | None]:
        """Return the finding as plain JSON values, keys in the contract's order."""
        return {**asdict(self), "severity": self.severity.value}
