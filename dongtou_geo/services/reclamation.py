"""围垦区: what the plan wants of each, what is known to have happened, and what nobody has told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import shapely

from dongtou_geo import settings
from dongtou_geo.catalog import plan
from dongtou_geo.catalog.datasets import dataset_path
from dongtou_geo.catalog.features import read_records
from dongtou_geo.domain.data_note import DataNote
from dongtou_geo.domain.layout import AreaFact, FactKind, Layout, PolicyNote, policies_for
from dongtou_geo.domain.places import Park, Project, Reclamation
from dongtou_geo.domain.status import Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.errors import DatasetError
from dongtou_geo.frames.area import area_m2
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.store.filled_sea import from_stage, sea_by_park

# What is asked of filled sea, and from which status on the books answer it.
STAGES = {
    "approved": ("已批", Account.APPROVED),
    "accepted": ("填成验收", Account.ACQUIRED),
    "supplied": ("已供", Account.SUPPLIED),
}
# Of a park's drawn outline; less is drawing error.
LEAST_SHARE = 0.02
PROJECT_OF = {"recl_damen_lingang": 43, "recl_lng": 19}


@dataclass(frozen=True, slots=True)
class ParkOn:
    """A park on a reclamation area.

    Parameters
    ----------
    stated_in : str or None
        The chapter that says so; None where only the drawn outlines do.
    share : float
        Part of the park's indicative outline that lies on the area's.
    sea_mu : mapping of str to float, or None
        Filled sea in the park's books, by ``STAGES``, 亩; None where they have none.
    """

    park: Park
    stated_in: str | None
    note: str | None
    share: float
    sea_mu: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class AreaStory:
    """One reclamation area with all that is known of it.

    Parameters
    ----------
    figures : dict of FactKind to AreaFact or None
        批复, 已填成, 已验收; None = 未填报.
    sea_mu : mapping of str to float, or None
        The sum of its parks' filled sea; None where no park's books have any.
    """

    area: Reclamation
    parent: Reclamation | None
    parts: tuple[Reclamation, ...]
    role: AreaFact | None
    stages: tuple[AreaFact, ...]
    reported: AreaFact | None
    figures: Mapping[FactKind, AreaFact | None]
    parks: tuple[ParkOn, ...]
    sea_mu: Mapping[str, float] | None
    project: Project | None
    policies: tuple[PolicyNote, ...]
    notes: tuple[DataNote, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """All reclamation areas, and the plan's sum in which none counts twice."""

    stories: tuple[AreaStory, ...]
    planned_mu: float
    counted: tuple[Reclamation, ...]
    unmeasured: tuple[Reclamation, ...]
    policies: tuple[PolicyNote, ...]
    outside_sea_mu: float

    def story(self, area_id: str) -> AreaStory | None:
        """Return the story of one area, or None where there is no such area."""
        return next((own for own in self.stories if own.area.id == area_id), None)


def ground(
    atlas: Atlas, layout: Layout, view: LedgerView, as_of: date, *, geodata: Path = settings.GEODATA
) -> Ground:
    """Tell of every reclamation area what is known on a day.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    layout : Layout
        Facts and policies.
    view : LedgerView
        The ledger.
    as_of : date
        The day of its books; facts are told whatever their date.
    geodata : Path
        Folder of the outlines.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    DatasetError
        If an outline cannot be read.
    """
    sea = _sea(view, as_of)
    shares = park_shares(geodata=geodata)
    areas = {area.id: area for area in atlas.reclamation}
    counted = counted_once(atlas.reclamation)
    covered = {area.id for own in counted for area in (own, *_parts(own, atlas.reclamation))}
    return Ground(
        stories=tuple(_story(area, areas, atlas, layout, shares, sea) for area in areas.values()),
        planned_mu=sum(area.planned_mu or 0.0 for area in counted),
        counted=counted,
        unmeasured=tuple(own for own in atlas.reclamation if own.id not in covered),
        policies=tuple(
            policy
            for policy in layout.policies
            if any(key.startswith("recl:") for key in policy.bound_to)
        ),
        outside_sea_mu=m2_to_mu(sum(sea.get(None, {}).values())),
    )


def counted_once(areas: Sequence[Reclamation]) -> tuple[Reclamation, ...]:
    """Return the areas whose figures may be summed: a part is within its parent's figure.

    Parameters
    ----------
    areas : sequence of Reclamation
        All of them.
    """
    by_id = {area.id: area for area in areas}

    def is_within(area: Reclamation) -> bool:
        parent = by_id.get(area.parent_id)
        return parent is not None and (parent.planned_mu is not None or is_within(parent))

    return tuple(area for area in areas if area.planned_mu is not None and not is_within(area))


def park_shares(*, geodata: Path = settings.GEODATA) -> dict[tuple[str, str], float]:
    """Measure how much of each park's outline lies on each reclamation area's.

    Parameters
    ----------
    geodata : Path
        Folder of the datasets.

    Returns
    -------
    dict of (str, str) to float
        Area and park to a fraction; slivers are left out. Both outlines are indicative.

    Raises
    ------
    DatasetError
        If an outline cannot be read.
    """
    areas, parks = _outlines(geodata, "reclamation"), _outlines(geodata, "parks")
    pairs = [(a, p) for a in areas for p in parks]
    common = [shapely.intersection(areas[a], parks[p]) for a, p in pairs]
    whole = dict(zip(parks, area_m2(list(parks.values())), strict=True))
    shares = zip(pairs, area_m2(common), strict=True)
    found = {pair: float(m2) / float(whole[pair[1]]) for pair, m2 in shares}
    return {pair: share for pair, share in found.items() if share >= LEAST_SHARE}


def _outlines(geodata: Path, dataset_id: str) -> dict[str, shapely.geometry.base.BaseGeometry]:
    path = dataset_path(geodata, dataset_id)
    try:
        return {
            record.text("id"): shapely.geometry.shape(record.geometry)  # type: ignore[arg-type]
            for record in read_records(path)
        }
    except (AttributeError, LookupError, TypeError, shapely.errors.ShapelyError) as error:
        msg = f"{path.name} 有要素的图形读不出（{error}）；请运行 python -m dongtou_geo check"
        raise DatasetError(msg) from error


def _sea(view: LedgerView, as_of: date) -> dict[str | None, dict[Account, float]]:
    if view.ledger is None:
        return {}
    with view.ledger.reading() as snapshot:
        return sea_by_park(snapshot.connection, as_of)


def _story(
    area: Reclamation,
    areas: Mapping[str, Reclamation],
    atlas: Atlas,
    layout: Layout,
    shares: Mapping[tuple[str, str], float],
    sea: Mapping[str | None, Mapping[Account, float]],
) -> AreaStory:
    facts = [fact for fact in layout.facts if fact.subject_id == area.id]
    parks = _parks_on(area, areas.values(), atlas, layout, shares, sea)
    projects = {project.no: project for project in atlas.projects}
    return AreaStory(
        area=area,
        parent=areas.get(area.parent_id),
        parts=tuple(_parts(area, areas.values())),
        role=_first(facts, FactKind.ROLE),
        stages=tuple(fact for fact in facts if fact.kind is FactKind.STAGE),
        reported=_first(facts, FactKind.REPORTED_AREA),
        figures={
            kind: _first(facts, kind)
            for kind in (FactKind.APPROVED_AREA, FactKind.FILLED_AREA, FactKind.ACCEPTED_AREA)
        },
        parks=parks,
        sea_mu=_sum([on.sea_mu for on in parks if on.sea_mu is not None]),
        project=projects.get(PROJECT_OF.get(area.id, 0)),
        policies=tuple(policies_for(layout.policies, f"recl:{area.id}")),
        notes=tuple(plan.notes_for(atlas.notes, f"recl:{area.id}")),
    )


def parks_of(area_id: str, atlas: Atlas, layout: Layout) -> tuple[Park, ...]:
    """Return the parks that the plan's words put on an area or on one of its parts.

    Parameters
    ----------
    area_id : str
        The area.
    atlas : Atlas
        The plan.
    layout : Layout
        Its words.
    """
    within = {area_id, *(a.id for a in atlas.reclamation if a.parent_id == area_id)}
    named = {f.words for f in layout.facts if f.kind is FactKind.PARK and f.subject_id in within}
    return tuple(park for park in atlas.book.parks if park.id in named)


def _parks_on(
    area: Reclamation,
    areas: Iterable[Reclamation],
    atlas: Atlas,
    layout: Layout,
    shares: Mapping[tuple[str, str], float],
    sea: Mapping[str | None, Mapping[Account, float]],
) -> tuple[ParkOn, ...]:
    within = {area.id, *(part.id for part in _parts(area, areas))}
    stated = {
        f.words: f for f in layout.facts if f.kind is FactKind.PARK and f.subject_id in within
    }
    found = []
    for park in atlas.book.parks:
        fact, share = stated.get(park.id), shares.get((area.id, park.id), 0.0)
        if fact or share:
            ref, note = (fact.source_ref, fact.note) if fact else (None, None)
            book = sea.get(park.id)
            found.append(ParkOn(park, ref, note, share, None if book is None else _stages(book)))
    return tuple(found)


def _stages(book: Mapping[Account, float]) -> dict[str, float]:
    return {
        stage: m2_to_mu(sum(book.get(own, 0.0) for own in from_stage(first)))
        for stage, (_label, first) in STAGES.items()
    }


def _sum(books: Sequence[Mapping[str, float]]) -> dict[str, float] | None:
    return {stage: sum(book[stage] for book in books) for stage in STAGES} if books else None


def _parts(area: Reclamation, areas: Iterable[Reclamation]) -> list[Reclamation]:
    return [own for own in areas if own.parent_id == area.id]


def _first(facts: Iterable[AreaFact], kind: FactKind) -> AreaFact | None:
    return next((fact for fact in facts if fact.kind is kind), None)
