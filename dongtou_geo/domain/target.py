"""目标: what the plan asks of a park, in its own operative phrase."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Target:
    """One phrase of a plan about one park.

    Parameters
    ----------
    plan_id : str
        The plan that says it; later plans are added as rows.
    subject_id : str
        The park.
    phrase : str
        The operative words, as printed.
    chapter : str
        Where they stand.
    rate : float or None
        The number, as a fraction; None where the words carry none.
    due : date
        The day by which.
    scored : bool
        The phrase that progress is measured against (at most one a park and plan).
    own : bool
        False where the phrase is about a larger area that covers the park.
    """

    plan_id: str
    subject_id: str
    phrase: str
    chapter: str
    rate: float | None
    due: date
    scored: bool
    own: bool

    @property
    def text(self) -> str:
        """Return the phrase with its chapter."""
        return f"{self.phrase}（{self.chapter}）"


@dataclass(frozen=True, slots=True)
class ParkTarget:
    """All that a plan asks of one park: the scored phrase first, the others beside it."""

    due: date
    rate: float | None
    phrases: tuple[Target, ...]

    @property
    def text(self) -> str:
        """Return every phrase with its chapter, the scored one first."""
        return "；".join(target.text for target in self.phrases)

    @property
    def has_own_words(self) -> bool:
        """Tell whether the plan says anything about this very park."""
        return any(target.own for target in self.phrases)


def by_park(targets: Iterable[Target]) -> dict[str, ParkTarget]:
    """Gather the phrases about each park.

    Parameters
    ----------
    targets : iterable of Target
        Rows of one plan.

    Returns
    -------
    dict of str to ParkTarget
        Keyed by park id.
    """
    grouped: dict[str, list[Target]] = {}
    for target in targets:
        grouped.setdefault(target.subject_id, []).append(target)
    return {park_id: _park_target(rows) for park_id, rows in grouped.items()}


def _park_target(rows: list[Target]) -> ParkTarget:
    phrases = tuple(sorted(rows, key=lambda target: not target.scored))
    first = phrases[0]
    return ParkTarget(due=first.due, rate=first.rate if first.scored else None, phrases=phrases)
