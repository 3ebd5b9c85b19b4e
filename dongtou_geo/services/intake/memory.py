"""What a clerk once said about the columns of a file, for the next file with the same columns."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

MOST_KEPT = 200


class ColumnMemory:
    """A small file of column choices.

    Parameters
    ----------
    path : Path
        A JSON file; it need not exist. One that cannot be read is as good as none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self, columns: Sequence[str]) -> dict[str, str]:
        """Return what was chosen for a file with these columns; nothing where there was none.

        Parameters
        ----------
        columns : sequence of str
            As the file names them; their order does not matter.
        """
        chosen = self._read().get(_key(columns), {})
        return {str(name): str(column) for name, column in chosen.items()}

    def keep(self, columns: Sequence[str], chosen: Mapping[str, str]) -> None:
        """Remember what was chosen; the oldest choices are forgotten.

        Parameters
        ----------
        columns : sequence of str
            As the file names them.
        chosen : mapping of str to str
            Field to column.
        """
        kept = self._read()
        kept.pop(_key(columns), None)
        kept[_key(columns)] = dict(chosen)
        latest = dict(list(kept.items())[-MOST_KEPT:])
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        part.write_text(json.dumps(latest, ensure_ascii=False, indent=1), encoding="utf-8")
        part.replace(self._path)

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {key: chosen for key, chosen in found.items() if isinstance(chosen, dict)}


def _key(columns: Sequence[str]) -> str:
    words = "\x1f".join(sorted(columns)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(words).hexdigest()
