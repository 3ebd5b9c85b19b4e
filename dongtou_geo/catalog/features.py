"""Features of a GeoJSON file, read as they stand and handed out field by field.

Notes
-----
Plain json, so that a command that needs only names and figures starts at once. Whether a file is
all right is told by ``services.check``; here the first thing that cannot be used is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dongtou_geo.catalog.datasets import shown_path
from dongtou_geo.errors import DatasetError

Feature = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FeatureRecord:
    """One feature's properties, each read as the type it must have.

    Parameters
    ----------
    where : str
        File and feature, for messages.
    properties : mapping
        As in the file.
    geometry : mapping or None
        GeoJSON geometry as in the file.
    """

    where: str
    properties: Mapping[str, Any]
    geometry: Mapping[str, Any] | None

    def text(self, name: str) -> str:
        """Return a text."""
        return str(self._typed(name, str, "文字"))

    def text_or_none(self, name: str) -> str | None:
        """Return a text, None where the file says null."""
        return None if self._is_null(name) else self.text(name)

    def number(self, name: str) -> float:
        """Return a number."""
        return float(self._typed(name, int | float, "数字"))

    def number_or_none(self, name: str) -> float | None:
        """Return a number, None where the file says null."""
        return None if self._is_null(name) else self.number(name)

    def integer(self, name: str) -> int:
        """Return a whole number."""
        return int(self._typed(name, int, "整数"))

    def flag(self, name: str) -> bool:
        """Return true or false."""
        return bool(self._typed(name, bool, "true 或 false"))

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(str(word) for word in self._typed(name, list, "列表"))

    def _is_null(self, name: str) -> bool:
        return name in self.properties and self.properties[name] is None

    def _typed(self, name: str, kind: Any, expected: str) -> Any:
        if name not in self.properties:
            msg = f"{self.where} 缺少属性 {name}，应为{expected}"
            raise DatasetError(msg)
        value = self.properties[name]
        # bool is an int to Python, but true is no number here.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            msg = f"{self.where} {name}：“{value}”不合适，应为{expected}"
            raise DatasetError(msg)
        return value


def read_collection(path: Path) -> dict[str, Any]:
    """Read a GeoJSON file as plain JSON values.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict
        A FeatureCollection whose features are objects; nothing deeper is checked.

    Raises
    ------
    DatasetError
        If the file is missing, is no JSON, or is no FeatureCollection.
    """
    name = shown_path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except FileNotFoundError as error:
        msg = f"{name}：文件不存在，应在 {path}"
        raise DatasetError(msg) from error
    except (OSError, ValueError, RecursionError) as error:
        msg = f"{name}：读不出（{error}），应为 UTF-8 的 GeoJSON"
        raise DatasetError(msg) from error
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        msg = f"{name}：不是 FeatureCollection，应为 RFC 7946 的 FeatureCollection"
        raise DatasetError(msg)
    features = content.get("features")
    if not isinstance(features, list) or not all(isinstance(item, dict) for item in features):
        msg = f"{name}：features 不是要素列表，应为要素组成的列表"
        raise DatasetError(msg)
    return content


def read_records(path: Path) -> list[FeatureRecord]:
    """Read a GeoJSON file feature by feature.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    list of FeatureRecord
        In the file's order.

    Raises
    ------
    DatasetError
        If the file cannot be read.
    """
    name = shown_path(path)
    return [
        FeatureRecord(
            where=f"{name} {feature.get('id') or f'第 {number} 个要素'}",
            properties=feature.get("properties") or {},
            geometry=feature.get("geometry"),
        )
        for number, feature in enumerate(read_collection(path)["features"], start=1)
    ]


def _refuse_constant(word: str) -> float:
    msg = f"{word} 不是 JSON 的数"
    raise ValueError(msg)
