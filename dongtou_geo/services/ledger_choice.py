"""Which ledger a command or the app reads: the contract's order, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dongtou_geo import settings
from dongtou_geo.store.address import file_url, ledger_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import open_ledger

SAMPLE_WORD = "sample"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the default and the sample ledger lie; tests point them elsewhere."""

    default: Path = settings.DEFAULT_LEDGER
    sample: Path = settings.SAMPLE_LEDGER


def chosen_url(
    named: str | None, environment_url: str | None, *, places: Places | None = None
) -> str | None:
    """Return the ledger's URL: named, else from the environment, else the default file.

    Parameters
    ----------
    named : str or None
        What ``--ledger`` said, a path or a URL; the word ``sample`` names the sample.
    environment_url : str or None
        ``DONGTOU_GEO_LEDGER``.
    places : Places, optional
        Where the default and the sample lie.

    Returns
    -------
    str or None
        None = no ledger. The sample is never fallen back to: it must be named.
    """
    where = places or Places()
    url = named or environment_url
    if url == SAMPLE_WORD:
        return file_url(where.sample)
    if url:
        return ledger_url(url)
    return file_url(where.default) if where.default.is_file() else None


def chosen_ledger(
    named: str | None, environment_url: str | None, *, places: Places | None = None
) -> Ledger | None:
    """Open the ledger that ``chosen_url`` names.

    Parameters
    ----------
    named, environment_url : str or None
        As for ``chosen_url``.
    places : Places, optional
        Where the default and the sample lie.

    Returns
    -------
    Ledger or None
        None = no ledger.

    Raises
    ------
    LedgerError
        If a ledger was named and cannot be opened.
    """
    url = chosen_url(named, environment_url, places=places)
    return None if url is None else open_ledger(url)
