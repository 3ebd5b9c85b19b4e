"""A ledger in a folder that this process cannot write to: it can be read, and only read."""

from __future__ import annotations

import os
from pathlib import Path

_LOGS = ("-wal", "-shm", "-journal")


def is_closed(path: Path) -> bool:
    """Tell whether a SQLite file must be opened as one that nobody changes.

    Parameters
    ----------
    path : Path
        The file.

    Notes
    -----
    A file that is written ahead (WAL) needs an index beside it even to be read, and in a closed
    folder SQLite can make none: it refuses. Opened as immutable the file is read alone. That is
    right only while no log lies beside it: a log holds lines that the file does not have yet, and
    whoever writes makes one; then SQLite must be asked, and its refusal told.
    """
    if os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return False
    return not any(path.with_name(path.name + suffix).exists() for suffix in _LOGS)
