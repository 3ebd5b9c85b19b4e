"""What a check of a ledger finds."""

from __future__ import annotations

from dongtou_geo.domain.problem import Problem, Severity


def found(
    code: str,
    message: str,
    *,
    feature: str | None = None,
    field_name: str | None = None,
    value: object = None,
    expected: object = None,
    severity: Severity = Severity.ERROR,
) -> Problem:
    """Return a finding; which ledger it is about is said later.

    Parameters
    ----------
    code : str
        Stable snake_case code of the rule.
    message : str
        One Chinese sentence.
    feature, field_name : str, optional
        As ``Problem`` has them.
    value, expected : object, optional
        Shown as text.
    severity : Severity
        How much it weighs.
    """
    return Problem(
        file="",
        feature=feature,
        field=field_name,
        value=None if value is None else str(value),
        expected=None if expected is None else str(expected),
        code=code,
        severity=severity,
        message=message,
    )
