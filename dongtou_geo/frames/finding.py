"""How a finding about a file is worded: file, feature, field, value, and what would be right."""

from __future__ import annotations

from dongtou_geo.domain.problem import Problem, Severity

LONGEST_VALUE = 120


def finding(
    file: str,
    code: str,
    wrong: str,
    *,
    expected: str,
    feature: str | None = None,
    field: str | None = None,
    value: object = None,
    severity: Severity = Severity.ERROR,
) -> Problem:
    """Word one finding.

    Parameters
    ----------
    file : str
        Path relative to the repository.
    code : str
        Stable snake_case code of the rule.
    wrong : str
        What is wrong, a few Chinese words.
    expected : str
        What would be right, in Chinese.
    feature, field : str, optional
        Where in the file.
    value : object, optional
        The value found; shown as text, cut where it is long.
    severity : Severity
        Only an error makes ``check`` exit 1.

    Returns
    -------
    Problem
        With its Chinese sentence.
    """
    text = None if value is None else _short(str(value))
    where = " ".join(part for part in (file, feature, field) if part)
    found = "" if text is None else f"“{text}”"
    return Problem(
        file=file,
        feature=feature,
        field=field,
        value=text,
        expected=expected,
        code=code,
        severity=severity,
        message=f"{where}：{found}{wrong}，应为{expected}",
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_VALUE else f"{line[:LONGEST_VALUE]}…"
