"""Who wrote something into a ledger, when, and with which file it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ImportStamp:
    """One import: which file, from whom, when."""

    import_id: str
    file: str
    sha256: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class ChangeStamp:
    """Who changed register entries, and when.

    Parameters
    ----------
    at : datetime
        Aware moment.
    by : str
        Who.
    import_id : str or None
        The import that changes them, or whose change is taken back; None = by hand.
    """

    at: datetime
    by: str
    import_id: str | None = None
