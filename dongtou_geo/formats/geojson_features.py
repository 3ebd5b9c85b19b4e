"""The features of a GeoJSON text as their writer put them, next to what GDAL makes of them.

GDAL drops a geometry that it cannot read, and half of a character, without a word of which
feature it was.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_CHUNK_BYTES = 1024 * 1024
_COUNTED_BYTES = 32 * 1024 * 1024
_SPACE = re.compile(r"[\s,]*")
_KEY = re.compile(rb'"([^"\\]{0,200})"\s*:')
# Half of a UTF-16 pair, escaped: no character of any writing system.
_LONE_SURROGATE = re.compile(
    rb"\\u[dD][89aAbB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89aAbB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def features_of(path: Path) -> Iterator[dict[str, Any]]:
    """Go through the features in the text's order, as GDAL numbers them.

    Parameters
    ----------
    path : Path
        UTF-8.

    Yields
    ------
    dict
        A feature; of a text that is a bare geometry, one made around it.

    Raises
    ------
    ValueError
        If the text is no JSON from there on, or none that GDAL would read.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        text = _Text(file)
        text.expect("{")
        rest: dict[str, Any] = {}
        while text.peek() != "}":
            key = text.value()
            text.expect(":")
            if str(key).casefold() == "features" and text.peek() == "[":
                yield from _members(text)
                return
            rest[str(key)] = text.value()
    if rest.get("type") == "Feature":
        yield rest
    else:
        yield {"type": "Feature", "geometry": rest}


def _members(text: _Text) -> Iterator[dict[str, Any]]:
    text.expect("[")
    while text.peek() != "]":
        member = text.value()
        # GDAL passes over what is no feature, and gives it no number.
        if isinstance(member, dict) and member.get("type") == "Feature":
            yield member


class _Text:
    """JSON read value by value, without holding the whole."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._buffer = ""
        self._at = 0
        self._decoder = json.JSONDecoder(strict=False)

    def peek(self) -> str:
        while True:
            found = _SPACE.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more(_CHUNK_BYTES):
                msg = "text ends too early"
                raise ValueError(msg)

    def expect(self, sign: str) -> None:
        if self.peek() != sign:
            msg = f"no {sign}"
            raise ValueError(msg)
        self._at += 1

    def value(self) -> Any:
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except RecursionError as error:
                raise ValueError(str(error)) from error
            except ValueError:
                # Cut by the end of the buffer, perhaps: twice as much next time.
                if not self._more(max(_CHUNK_BYTES, len(self._buffer) - self._at)):
                    raise
                continue
            if end == len(self._buffer) and self._more(_CHUNK_BYTES):
                continue  # a number may go on
            self._at = end
            return value

    def _more(self, count: int) -> bool:
        piece = self._file.read(count)
        if piece:
            self._buffer = self._buffer[self._at :] + piece
            self._at = 0
        return bool(piece)


def rows_with_geometry(path: Path) -> set[int] | None:
    """Tell which features say that they have a geometry.

    Parameters
    ----------
    path : Path
        UTF-8.

    Returns
    -------
    set of int or None
        Positions from 0; None where the text is JSON to GDAL only.
    """
    try:
        return {row for row, each in enumerate(features_of(path)) if _geometry(each) is not None}
    except ValueError:
        return None


def _geometry(feature: dict[str, Any]) -> Any:
    return next((value for key, value in feature.items() if key.casefold() == "geometry"), None)


def has_more_columns(path: Path, limit: int) -> bool:
    """Tell whether the features have more properties than anybody reads, before GDAL does.

    Parameters
    ----------
    path : Path
        UTF-8.
    limit : int
        As many names are still good.

    Returns
    -------
    bool
        False also where only the end of a long text has them.
    """
    with path.open("rb") as file:
        head = file.read(_COUNTED_BYTES)
    # Every name of a property is a key; not every key is one.
    if not _more_than(limit, (key[1] for key in _KEY.finditer(head))):
        return False
    try:
        return _more_than(limit, _property_names(path))
    except ValueError:
        return False


def _property_names(path: Path) -> Iterator[str]:
    for feature in features_of(path):
        properties = feature.get("properties")
        if isinstance(properties, dict):
            yield from properties


def _more_than(limit: int, names: Iterator[str] | Iterator[bytes]) -> bool:
    seen = set()
    for name in names:
        seen.add(name)
        if len(seen) > limit:
            return True
    return False


def has_lone_surrogate(path: Path) -> bool:
    """Tell whether a text has half of a character, which becomes U+FFFD on the way.

    Parameters
    ----------
    path : Path
        UTF-8, not empty.

    Returns
    -------
    bool
        True if one of the escapes D800 to DFFF stands without its other half.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        if text.find(b"\\ud") < 0 and text.find(b"\\uD") < 0:
            return False
        return _LONE_SURROGATE.search(text) is not None
