"""Where a project would fit: parks that the plan gives its industry to, and land by the books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dongtou_geo.domain.balance import reaches
from dongtou_geo.domain.layout import Industry, Layout
from dongtou_geo.domain.places import Park
from dongtou_geo.domain.status import Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.industry import Placed, placed_in
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.largest import largest_by_park

# Land that the books hold ready: filled and accepted or expropriated, and what is approved.
FREE = (Account.ACQUIRED, Account.APPROVED)


class FitLevel(StrEnum):
    """How closely the plan ties an industry to a park."""

    PARK = "park"
    AREA = "area"
    ZONE = "zone"

    @property
    def label(self) -> str:
        """Return the Chinese words shown to users."""
        return {"park": "园区写明", "area": "所在围垦区写明", "zone": "所在片区写明"}[self.value]


@dataclass(frozen=True, slots=True)
class FreeLand:
    """What the books of a park hold ready on a day, 亩.

    Parameters
    ----------
    recorded_mu : float
        All recorded land; 0 = nothing recorded, then the others say nothing.
    acquired_mu, approved_mu : float
        征而未供 (填而未供) and 批而未征 (批而未填).
    unapproved_mu : float
        Recorded as 规划未批.
    largest_mu, largest_no : float or None, str or None
        The largest single parcel that can be supplied at once (征而未供, 填而未供).
    """

    recorded_mu: float
    acquired_mu: float
    approved_mu: float
    unapproved_mu: float
    largest_mu: float | None
    largest_no: str | None

    @property
    def free_mu(self) -> float:
        """Return what is not supplied yet of approved land."""
        return self.acquired_mu + self.approved_mu

    def verdict(self, wanted_mu: float) -> str:
        """Say in words whether so much land is there by the books.

        Parameters
        ----------
        wanted_mu : float
            What a project asks for.
        """
        if self.recorded_mu <= 0:
            return "未填报"
        if not reaches(self.free_mu, wanted_mu):
            return "台账所记不足"
        if not reaches(self.acquired_mu, wanted_mu):
            return "须先征收或验收填海"
        if self.largest_mu is not None and reaches(self.largest_mu, wanted_mu):
            return "合计够，单宗可容"
        return "合计够，须并宗"


@dataclass(frozen=True, slots=True)
class Fit:
    """A park that an industry may go to, with the plan's words for it and its land."""

    park: Park
    level: FitLevel
    placed: tuple[Placed, ...]
    land: FreeLand | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a project fits: parks first, then places that are no park."""

    industry: Industry
    wanted_mu: float
    fits: tuple[Fit, ...]
    elsewhere: tuple[Placed, ...]


def find_fits(
    atlas: Atlas, layout: Layout, view: LedgerView, industry_id: str, wanted_mu: float, as_of: date
) -> Answer:
    """Find the parks that an industry may go to, and the land that their books hold ready.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    layout : Layout
        Its words on industries.
    view : LedgerView
        The ledger.
    industry_id : str
        A branch, or a family.
    wanted_mu : float
        What the project asks for, 亩.
    as_of : date
        The day of the books.

    Returns
    -------
    Answer
        Parks that the plan names first; ``land`` None without a ledger.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    industry = layout.by_id[industry_id]
    matching = [each for each in placed_in(atlas, layout) if _is_about(each.industry, industry)]
    land = free_land(view, [park.id for park in atlas.book.parks], as_of)
    fits = []
    for park in atlas.book.parks:
        over = levels_of(park, atlas, layout)
        # A place named more narrowly than by an outline is not the park that lies beside it.
        own = [
            each
            for each in matching
            if each.placing.place_id in over and each.placing.place_text is None
        ]
        if own:
            level = min((over[str(each.placing.place_id)] for each in own), key=_LEVELS.index)
            fits.append(Fit(park, level, tuple(own), land.get(park.id)))
    fits.sort(key=lambda fit: (_LEVELS.index(fit.level), _rank(fit, wanted_mu)))
    answered = {id(each) for fit in fits for each in fit.placed}
    rest = tuple(each for each in matching if id(each) not in answered)
    return Answer(industry, wanted_mu, tuple(fits), rest)


def free_land(view: LedgerView, park_ids: Iterable[str], as_of: date) -> dict[str, FreeLand]:
    """Read what parks' books hold ready.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    park_ids : iterable of str
        Which parks.
    as_of : date
        The day.

    Returns
    -------
    dict of str to FreeLand
        Empty without a ledger.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    if view.ledger is None:
        return {}
    found = {}
    with view.ledger.reading() as snapshot:
        balances = StoredBalances(snapshot.connection)
        largest = largest_by_park(snapshot.connection, as_of, Account.ACQUIRED)
        for park_id in park_ids:
            holding = balances.on(park_id, as_of)
            number, m2 = largest.get(park_id, (None, None))
            by_status = holding.by_status_m2
            found[park_id] = FreeLand(
                recorded_mu=m2_to_mu(holding.recorded_m2),
                acquired_mu=m2_to_mu(by_status[Account.ACQUIRED]),
                approved_mu=m2_to_mu(by_status[Account.APPROVED]),
                unapproved_mu=m2_to_mu(by_status[Account.PLANNED]),
                largest_mu=None if m2 is None else m2_to_mu(m2),
                largest_no=number,
            )
    return found


_LEVELS = list(FitLevel)


def _rank(fit: Fit, wanted_mu: float) -> tuple[int, float]:
    if fit.land is None or fit.land.recorded_mu <= 0:
        return 2, 0.0
    return int(not reaches(fit.land.free_mu, wanted_mu)), -fit.land.free_mu


def _is_about(stated: Industry, asked: Industry) -> bool:
    """A family is meant with its branches, and a branch where its family is given as a whole."""
    return stated.id in (asked.id, asked.parent_id) or stated.parent_id == asked.id


def levels_of(park: Park, atlas: Atlas, layout: Layout) -> dict[str, FitLevel]:
    """Return every place that says something for a park, and how closely.

    Parameters
    ----------
    park : Park
        The park.
    atlas : Atlas
        The plan.
    layout : Layout
        Its words on industries, and which reclamation area lies under which park.
    """
    areas = {area.id: area for area in atlas.reclamation}
    over = {park.zone_id: FitLevel.ZONE}
    for fact in layout.facts:
        if fact.words == park.id:
            area_id: str | None = fact.subject_id
            while area_id in areas:
                over[area_id] = FitLevel.AREA
                area_id = areas[area_id].parent_id
    return {**over, park.id: FitLevel.PARK}
