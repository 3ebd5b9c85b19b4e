"""A comparison's figures park by park, in 亩, as the page's tables show them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dongtou_geo.domain.balance import Holding
from dongtou_geo.domain.progress import OUTSIDE_NAME, rate_of
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.metrics.movement import ALL, ELSEWHERE, OUTSIDE_PARKS, Part, Shift, parts, way
from dongtou_geo.metrics.restating import Gain
from dongtou_geo.services.moved import Moved, ParkLooks
from dongtou_geo.services.progress import PlanBook

DISTRICT_NAME = "合计"
_PRODUCING = Account.IN_PRODUCTION.value


@dataclass(frozen=True, slots=True)
class SideFigures:
    """One look at a place: 亩 and a fraction; None = 未填报.

    Parameters
    ----------
    production_mu, recorded_mu : float or None
        Land in production, and all recorded land.
    rate : float or None
        投产率(规划口径); None also where the plan gives no area.
    silent : int
        How many of its parks are unreported.
    """

    production_mu: float | None
    recorded_mu: float | None
    rate: float | None
    silent: int = 0


@dataclass(frozen=True, slots=True)
class ParkRow:
    """One place in both looks.

    Parameters
    ----------
    id : str
        A park's id, ``outside`` or ``all`` (the parks together).
    name : str
        Its name.
    planned_mu, target_rate : float or None
        The plan's figure and target.
    target_text : str or None
        The plan's words.
    before, after : SideFigures
        Either look.
    came_mu, went_mu : float
        Land that entered and left production.
    parcels : int
        How many parcels moved.
    added, corrected : Gain
        Of then and now: 补录 and 更正, m2.
    """

    id: str
    name: str
    planned_mu: float | None
    target_rate: float | None
    target_text: str | None
    before: SideFigures
    after: SideFigures
    came_mu: float
    went_mu: float
    parcels: int
    added: Gain
    corrected: Gain

    @property
    def grown_mu(self) -> float | None:
        """Return the difference in production, or None where a side is 未填报."""
        return _less(self.after.production_mu, self.before.production_mu)

    @property
    def recorded_grown_mu(self) -> float | None:
        """Return the difference of recorded land, or None where a side is 未填报."""
        return _less(self.after.recorded_mu, self.before.recorded_mu)

    @property
    def rate_grown(self) -> float | None:
        """Return the difference of the rates, or None where a side is 未填报."""
        return _less(self.after.rate, self.before.rate)


@dataclass(frozen=True, slots=True)
class FlowTable:
    """What moved of a place from which status to which, m2, and that it closes.

    Parameters
    ----------
    scope : str
        As for ``ParkRow.id``.
    sources, sinks : list of str
        Words from and to which anything moved, in the pipeline's order.
    cells : mapping of (str, str) to Part
        What moved.
    statuses : list of Account
        Those that hold anything in either look, or had part in a movement.
    opening, closing, came, went : mapping of Account to float
        opening + came - went = closing, for each status.
    silent : (bool, bool)
        Whether the place is unreported in either look.
    """

    scope: str
    sources: list[str]
    sinks: list[str]
    cells: Mapping[tuple[str, str], Part]
    statuses: list[Account]
    opening: Mapping[Account, float]
    closing: Mapping[Account, float]
    came: Mapping[Account, float]
    went: Mapping[Account, float]
    silent: tuple[bool, bool]


def park_rows(book: PlanBook, found: Moved) -> list[ParkRow]:
    """Return a row a park in the plan's order, their sum, and 园区外 where there is any.

    Parameters
    ----------
    book : PlanBook
        What the plan asks.
    found : Moved
        The comparison.
    """
    by_place = _shifts_by_place(found)
    rows = [
        _row(park.id, park.name, [found.parks[park.id]], by_place.get(park.id, []), book)
        for park in book.parks
    ]
    inside = [found.parks[park.id] for park in book.parks]
    rows.append(_row(ALL, DISTRICT_NAME, inside, list(found.shifts), book))
    stray = found.parks[None]
    own = by_place.get(OUTSIDE_PARKS, [])
    if stray.before.has_records or stray.after.has_records or own:
        rows.append(_row(OUTSIDE_PARKS, OUTSIDE_NAME, [stray], own, book))
    return rows


def shifts_of(found: Moved, park: str | None) -> tuple[Shift, ...]:
    """Return what moved within, into or out of a park.

    Parameters
    ----------
    found : Moved
        The comparison.
    park : str or None
        A park's id or ``outside``; None = everything.
    """
    if park is None:
        return found.shifts
    return tuple(shift for shift in found.shifts if way(shift, park) is not None)


def flow_table(found: Moved, scope: str) -> FlowTable:
    """Return what moved of a place by status.

    Parameters
    ----------
    found : Moved
        The comparison.
    scope : str
        A park's id, ``outside`` or ``all``.
    """
    cells = parts(found.shifts, scope)
    looks = _looks(found, scope)
    opening, closing = (
        {status: sum(side.by_status_m2[status] for side in sides) for status in STATUSES}
        for sides in ([own.before for own in looks], [own.after for own in looks])
    )
    came, went = (
        {
            status: math.fsum(part.area_m2 for key, part in cells.items() if key[end] == status)
            for status in STATUSES
        }
        for end in (1, 0)
    )
    order = [*STATUSES, ELSEWHERE, Account.OUTSIDE.value]
    return FlowTable(
        scope,
        [word for word in order if any(key[0] == word for key in cells)],
        [word for word in order if any(key[1] == word for key in cells)],
        cells,
        [s for s in STATUSES if opening[s] or closing[s] or came[s] or went[s]],
        opening, closing, came, went,
        (
            not any(own.before.has_records for own in looks),
            not any(own.after.has_records for own in looks),
        ),
    )  # fmt: skip


def _looks(found: Moved, scope: str) -> list[ParkLooks]:
    if scope == ALL:
        return [own for park, own in found.parks.items() if park is not None]
    return [found.parks[None if scope == OUTSIDE_PARKS else scope]]


def _shifts_by_place(found: Moved) -> dict[str, list[Shift]]:
    """Give each place its own shifts once, for there may be very many."""
    places: dict[str, list[Shift]] = {}
    for shift in found.shifts:
        for park in {shift.park_before, shift.park_id}:
            places.setdefault(park or OUTSIDE_PARKS, []).append(shift)
    return places


def _row(
    subject: str, name: str, looks: Sequence[ParkLooks], shifts: Sequence[Shift], book: PlanBook
) -> ParkRow:
    planned = {park.id: park.planned_mu for park in book.parks}
    target = book.targets.get(subject)
    came, went, numbers = _production(shifts, subject)
    return ParkRow(
        subject,
        name,
        sum(planned.values()) if subject == ALL else planned.get(subject),
        target.rate if target else None,
        target.text if target and target.has_own_words else None,
        _side([own.before for own in looks], planned.get(subject)),
        _side([own.after for own in looks], planned.get(subject)),
        m2_to_mu(came),
        m2_to_mu(went),
        len(numbers),
        _gain([own.added for own in looks]),
        _gain([own.corrected for own in looks]),
    )


def _production(shifts: Sequence[Shift], subject: str) -> tuple[float, float, set[str]]:
    """Return what entered and left production, m2, and every parcel that moved."""
    came: list[float] = []
    went: list[float] = []
    numbers: set[str] = set()
    for shift in shifts:
        own = way(shift, subject)
        if own is None:
            continue
        numbers.add(shift.parcel_no)
        if own[1] == _PRODUCING:
            came.append(shift.area_m2)
        elif own[0] == _PRODUCING:
            went.append(shift.area_m2)
    return math.fsum(came), math.fsum(went), numbers


def _side(holdings: Sequence[Holding], planned_mu: float | None) -> SideFigures:
    known = [own for own in holdings if own.has_records]
    silent = len(holdings) - len(known)
    if not known:
        return SideFigures(None, None, None, silent)
    return SideFigures(
        m2_to_mu(sum(own.in_production_m2 for own in known)),
        m2_to_mu(sum(own.recorded_m2 for own in known)),
        rate_of(known[0], planned_mu) if len(holdings) == 1 else None,
        silent,
    )


def _gain(some: Sequence[Gain]) -> Gain:
    return Gain(
        math.fsum(gain.production_m2 for gain in some),
        math.fsum(gain.recorded_m2 for gain in some),
        sum(gain.times for gain in some),
    )


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other
