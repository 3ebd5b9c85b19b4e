"""What holds for every file of geodata/: it is there, it can be read, and its sidecar fits it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dongtou_geo.catalog.datasets import shown_path, sidecar_path
from dongtou_geo.catalog.sidecar import TableSidecar, read_sidecar, sidecar_problems
from dongtou_geo.domain.problem import Problem
from dongtou_geo.errors import DatasetError
from dongtou_geo.frames.finding import finding

Content = TypeVar("Content")


def read_or_tell(
    path: Path, read: Callable[[Path], Content], problems: list[Problem], *, expected: str
) -> Content | None:
    """Read a file, or add the one finding that says why it cannot be read.

    Parameters
    ----------
    path : Path
        The file.
    read : callable
        Raises DatasetError where the file cannot be used.
    problems : list of Problem
        Takes the finding.
    expected : str
        What would be right, in Chinese.

    Returns
    -------
    content or None
        None where it could not be read.
    """
    file = shown_path(path)
    if not path.is_file():
        problems.append(finding(file, "missing_file", "文件不存在", expected=expected))
        return None
    try:
        return read(path)
    except DatasetError as error:
        reason = str(error).removeprefix(f"{file}：")
        problems.append(
            finding(file, "unreadable_file", "无法使用", expected=expected, value=reason)
        )
        return None


def check_sidecar(
    path: Path, model: type[TableSidecar], *, rows: int | None, problems: list[Problem]
) -> dict[str, object]:
    """Check the sidecar of a file, and the file against it.

    Parameters
    ----------
    path : Path
        The dataset or table itself.
    model : type
        ``DatasetSidecar`` or ``TableSidecar``.
    rows : int or None
        Features or rows in the file; None where it could not be read.
    problems : list of Problem
        Takes the findings.

    Returns
    -------
    dict
        The sidecar's content, unchecked; empty where it could not be read.
    """
    sidecar = sidecar_path(path)
    content = read_or_tell(sidecar, read_sidecar, problems, expected="UTF-8 的 TOML 说明文件")
    if content is None:
        return {}
    file = shown_path(sidecar)
    problems.extend(sidecar_problems(content, model, file))
    if path.is_file() and "sha256" in content:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if content["sha256"] != digest:
            problems.append(_unlike(file, "sha256", content["sha256"], digest, path))
    if rows is not None and "rows" in content and content["rows"] != rows:
        problems.append(_unlike(file, "rows", content["rows"], str(rows), path))
    return content


def _unlike(file: str, key: str, value: object, expected: str, path: Path) -> Problem:
    return finding(
        file,
        f"{key}_mismatch",
        f"与 {shown_path(path)} 不符",
        expected=f"{expected}（改过数据后运行 python -m scripts.seal_geodata）",
        feature=key,
        value=value,
    )
