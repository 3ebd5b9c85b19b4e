"""One day by the knowledge of a moment and by today's: what later lines added or corrected.

Notes
-----
现核定 = 当时上报 + 其中补录 + 其中更正, to the last m2: the knowledge of a parcel grows a moment at a
time, and what the figures gain by a moment's lines is theirs. 更正: one of the moment's lines
replaces or voids another; 补录: none does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from dongtou_geo.domain.account import ParcelState, transitions
from dongtou_geo.domain.event import Event, standing
from dongtou_geo.domain.status import Account

Split = dict[tuple[str | None, Account], float]


class Telling(NamedTuple):
    """What one moment's lines changed of one parcel on the day.

    Parameters
    ----------
    parcel_no : str
        The parcel.
    before, after : dict of (park id, Account) to float
        Its land on the day, without and with these lines, m2.
    recorded_at : datetime or None
        The moment; None = all of them: nothing was known of the parcel before, and nothing was
        corrected since.
    corrects : bool
        更正: a line among them replaces or voids another. Otherwise 补录.
    """

    parcel_no: str
    before: Split
    after: Split
    recorded_at: datetime | None
    corrects: bool

    @property
    def parks(self) -> set[str | None]:
        """Return the parks whose figures it changed; None = 园区外."""
        return {park for park, _ in [*self.before, *self.after]}

    def gained_m2(self, park: str | None, account: Account | None = None) -> float:
        """Return what a park gained by it, m2.

        Parameters
        ----------
        park : str or None
            The park; None = 园区外.
        account : Account, optional
            Land in this account only.
        """
        sides = [
            math.fsum(
                m2
                for (at, own), m2 in split.items()
                if at == park and (account is None or own is account)
            )
            for split in (self.after, self.before)
        ]
        return sides[0] - sides[1]


@dataclass(frozen=True, slots=True)
class Gain:
    """What 补录 or 更正 changed of one park's figures on the day, m2, and how many times."""

    production_m2: float = 0.0
    recorded_m2: float = 0.0
    times: int = 0


def gains(tellings: Iterable[Telling]) -> dict[tuple[str | None, bool], Gain]:
    """Sum what moments changed.

    Parameters
    ----------
    tellings : iterable of Telling
        Of any parcels.

    Returns
    -------
    dict of (park id, corrects) to Gain
        Those that there are.
    """
    produced: dict[tuple[str | None, bool], list[float]] = {}
    recorded: dict[tuple[str | None, bool], list[float]] = {}
    for telling in tellings:
        for park in telling.parks:
            key = park, telling.corrects
            own = telling.gained_m2(park, Account.IN_PRODUCTION)
            produced.setdefault(key, []).append(own)
            recorded.setdefault(key, []).append(telling.gained_m2(park))
    return {
        key: Gain(math.fsum(own), math.fsum(recorded[key]), len(own))
        for key, own in produced.items()
    }


def known_split(lines: Sequence[Event], day: date, known_at: datetime | None) -> Split:
    """Return one parcel's land on a day by the knowledge of a moment.

    Parameters
    ----------
    lines : sequence of Event
        Every line ever recorded of it.
    day : date
        The day; lines of the day itself count.
    known_at : datetime or None
        Aware moment; None = all are known.

    Returns
    -------
    dict of (park id, Account) to float
        m2; empty where the parcel was not in the ledger.
    """
    seen = [e for e in standing(lines, known_at=known_at) if e.effective_on <= day]
    state: ParcelState | None = None
    for state in transitions(seen):  # noqa: B007 # the last is wanted
        pass
    if state is None:
        return {}
    return {(state.park_id, account): m2 for account, m2 in state.split().items()}


def retold(lines: Sequence[Event], day: date, then: datetime) -> tuple[Split, list[Telling]]:
    """Follow one parcel from the knowledge of a moment to today's.

    Parameters
    ----------
    lines : sequence of Event
        Every line ever recorded of the parcel.
    day : date
        The day that is told anew.
    then : datetime
        Aware moment of the earlier knowledge.

    Returns
    -------
    tuple of (dict, list of Telling)
        Its land on the day as told then, and what each moment since has changed of it.
    """
    reported = before = known_split(lines, day, then)
    tellings = []
    for moment in sorted({line.recorded_at for line in lines if line.recorded_at > then}):
        own = [line for line in lines if line.recorded_at == moment]
        corrects = any(line.supersedes is not None for line in own)
        if not corrects and all(line.effective_on > day for line in own):
            continue
        after = known_split(lines, day, moment)
        if after != before:
            tellings.append(Telling(lines[0].parcel_no, before, after, moment, corrects))
        before = after
    return reported, tellings
