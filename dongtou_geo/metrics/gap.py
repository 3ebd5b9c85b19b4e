"""缺口: how many parcels close it, in which order, and what keeps each of them from production.

Notes
-----
疑似闲置 is said of supplied land on which nothing was started a full year after the agreed day
(闲置土地处置办法, 国土资源部令第53号, 第二条). The words are "suspected": whether land is idle is
found by an authority, not by a date.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import isleap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MINYEAR, date, timedelta
from typing import Protocol

from dongtou_geo.domain.account import AREA_TOLERANCE_M2
from dongtou_geo.domain.balance import reaches
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.status import Account
from dongtou_geo.domain.units import m2_to_mu

NEAR_DAYS = 90
STEPS = {"start": "约定动工", "complete": "约定竣工", "produce": "约定投产"}


class GapFacts(Protocol):
    """What the ledger says of a parcel that is not in production, or not wholly."""

    @property
    def status(self) -> Account:
        """Return the status shown for the whole parcel."""
        ...

    @property
    def origin(self) -> Origin:
        """Return where the land came from."""
        ...

    @property
    def contribution_m2(self) -> float:
        """Return the area not yet in production, m2."""
        ...

    @property
    def stopped_m2(self) -> float:
        """Return the area that is 停产, m2."""
        ...

    @property
    def halted_on(self) -> date | None:
        """Return since when it is 停工, or None."""
        ...

    @property
    def stopped_on(self) -> date | None:
        """Return since when it is 停产, or None."""
        ...

    @property
    def due_kind(self) -> str | None:
        """Return which step is still to come, or None."""
        ...

    @property
    def due_on(self) -> date | None:
        """Return the day agreed for it, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps a parcel from production, in the words of the field.

    Parameters
    ----------
    words : str
        Facts only.
    idle_since : date or None
        疑似闲置 since that day.
    """

    words: str
    idle_since: date | None = None

    @property
    def text(self) -> str:
        """Return all of it in one line."""
        idle = "" if self.idle_since is None else f"；疑似闲置，自 {self.idle_since}"
        return self.words + idle


@dataclass(frozen=True, slots=True)
class Closing:
    """How a park's parcels, one after the other, close its gap; areas in 亩.

    Parameters
    ----------
    gap_mu : float
        What is missing to the target; below zero where it is passed.
    parcels : int or None
        The first so many reach the target; 0 = it is met already, None = all together do not.
    added_mu : float
        What these add; all of them where they do not reach it.
    spare_mu : float
        What the parcels after these could add.
    short_mu : float
        What is missing still when every recorded parcel produces; 0 where they suffice.
    """

    gap_mu: float
    parcels: int | None
    added_mu: float
    spare_mu: float
    short_mu: float


def closing(
    target_rate: float, planned_mu: float, in_production_mu: float, cumulative_mu: Sequence[float]
) -> Closing:
    """Find where the parcels, taken in their order, reach the target.

    Parameters
    ----------
    target_rate : float
        A fraction of the planned area.
    planned_mu, in_production_mu : float
        The park's, 亩.
    cumulative_mu : sequence of float
        What the first 1, 2, … parcels add together, 亩; ascending.

    Notes
    -----
    By the rule by which a park's verdict is found: a target is reached at a billionth less.
    """
    goal_mu = target_rate * planned_mu
    gap_mu = goal_mu - in_production_mu
    total_mu = cumulative_mu[-1] if cumulative_mu else 0.0

    def reached(added_mu: float) -> bool:
        return reaches((in_production_mu + added_mu) / planned_mu, target_rate)

    if reached(0.0):
        return Closing(gap_mu, 0, 0.0, total_mu, 0.0)
    if not reached(total_mu):
        return Closing(gap_mu, None, total_mu, 0.0, gap_mu - total_mu)
    first = bisect_left(cumulative_mu, True, key=reached)
    added_mu = cumulative_mu[first]
    return Closing(gap_mu, first + 1, added_mu, total_mu - added_mu, 0.0)


def sampled(count: int, most: int, kept: Sequence[int]) -> list[int]:
    """Choose which of many points a curve is drawn through: evenly, and those that must be there.

    Parameters
    ----------
    count : int
        There are points 0 … count - 1.
    most : int
        About so many are chosen.
    kept : sequence of int
        These are chosen in any case, where they exist.
    """
    step = max(1, -(-count // most))
    chosen = {*range(0, count, step), count - 1, *kept}
    return sorted(place for place in chosen if 0 <= place < count)


def obstacle(facts: GapFacts, as_of: date) -> Obstacle:
    """Say what keeps a parcel from production on a day.

    Parameters
    ----------
    facts : GapFacts
        The parcel on that day.
    as_of : date
        The day.
    """
    idle_since = idle_from(facts.status, facts.due_kind, facts.due_on, as_of)
    return Obstacle("，".join(_words(facts, as_of)), idle_since)


def idle_from(status: Account, kind: str | None, due_on: date | None, as_of: date) -> date | None:
    """Return since when a parcel is suspected idle, or None.

    Parameters
    ----------
    status : Account
        Its status on the day.
    kind : str or None
        Which step its agreed day is about.
    due_on : date or None
        The agreed day.
    as_of : date
        The day.
    """
    if status is not Account.SUPPLIED or kind != "start" or due_on is None or due_on >= as_of:
        return None
    since = anniversary(due_on)
    return since if since <= as_of else None


def anniversary(day: date) -> date:
    """Return the day a full year later; of 29 February it is 28 February.

    Parameters
    ----------
    day : date
        Any day before the year 9999.

    Notes
    -----
    民法典第二百零二条: where the month has no such day, its last day ends the period.
    """
    return _in_year(day, day.year + 1)


def year_before(day: date) -> date:
    """Return the last day whose anniversary has come by a day.

    Parameters
    ----------
    day : date
        Any day; in the year 1 it is the calendar's first.
    """
    if day.year == MINYEAR:
        return date.min
    before = _in_year(day, day.year - 1)
    ends_february = (day.month, day.day) == (2, 28)
    return before.replace(day=29) if ends_february and isleap(before.year) else before


def near_until(day: date) -> date:
    """Return the last day that is near: 90 days on.

    Parameters
    ----------
    day : date
        Any day before the year 9999.
    """
    return day + timedelta(days=NEAR_DAYS)


def due_words(kind: str, due_on: date | None, as_of: date) -> str:
    """Say how far an agreed day is.

    Parameters
    ----------
    kind : {"start", "complete", "produce"}
        The step.
    due_on : date or None
        The agreed day; None = 未填报.
    as_of : date
        The day.
    """
    if due_on is None:
        return f"{STEPS[kind]}未填报"
    days = (as_of - due_on).days
    if days > 0:
        return f"{STEPS[kind]}已过 {days:,} 天"
    return f"{STEPS[kind]}还有 {-days:,} 天" if days else f"{STEPS[kind]}即当日"


def _in_year(day: date, year: int) -> date:
    leapless = (day.month, day.day) == (2, 29) and not isleap(year)
    return date(year, day.month, 28 if leapless else day.day)


# The step that is waited for in each status.
_AWAITED = {
    Account.SUPPLIED: "start",
    Account.BUILDING: "complete",
    Account.COMPLETED: "produce",
}
_STANDS = {
    Account.PLANNED: "待批准",
    Account.SUPPLIED: "供而未动工",
    Account.BUILDING: "在建",
    Account.COMPLETED: "建成未投产",
}


def _words(facts: GapFacts, as_of: date) -> list[str]:
    status = facts.status
    found: list[str] = []
    if facts.halted_on is not None:
        found.append(f"停工，自 {facts.halted_on}")
    elif status in _STANDS and not facts.stopped_m2 > 0:
        found.append(_STANDS[status])
    elif status in (Account.APPROVED, Account.ACQUIRED):
        filled = facts.origin is Origin.FILLED_SEA
        found.append(status.filled_sea_label if filled else status.label)
    rest_m2 = facts.contribution_m2 - facts.stopped_m2
    if status is Account.PART_USED or (facts.stopped_m2 > 0 and rest_m2 > AREA_TOLERANCE_M2):
        found.append(f"用而未尽，余 {m2_to_mu(rest_m2):,.1f} 亩")
    if facts.stopped_m2 > 0:
        part = status in (Account.PART_USED, Account.IN_PRODUCTION)
        amount = f"部分停产 {m2_to_mu(facts.stopped_m2):,.1f} 亩" if part else "投产后停产"
        found.append(f"{amount}，自 {facts.stopped_on}")
    elif status in _AWAITED:
        found += _due(facts, as_of)
    return found


def _due(facts: GapFacts, as_of: date) -> list[str]:
    """Say what was agreed for the step that is waited for; of a later step, that it was agreed."""
    awaited = _AWAITED[facts.status]
    if facts.due_kind == awaited:
        return [due_words(awaited, facts.due_on, as_of)]
    found = [due_words(awaited, None, as_of)]
    if facts.due_kind is not None:
        found.append(due_words(facts.due_kind, facts.due_on, as_of))
    return found
