"""What the plan says of a park's industries, nearest first: of the park, its filled sea, its zone."""

from __future__ import annotations

from dataclasses import dataclass

from dongtou_geo.domain.places import Park
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.industry import Placed, placed_in
from dongtou_geo.services.industry_fit import FitLevel, levels_of


@dataclass(frozen=True, slots=True)
class Stated:
    """What the plan gives one place that says something for a park.

    Parameters
    ----------
    level : FitLevel
        Whether the place is the park itself, the reclamation area under it or its zone.
    place_name : str
        The place.
    placed : tuple of Placed
        The statements, in the plan's order; empty = the plan says nothing at this level.
    """

    level: FitLevel
    place_name: str
    placed: tuple[Placed, ...]

    @property
    def where(self) -> str:
        """Return the level in the words that stand before its industries."""
        return {
            FitLevel.PARK: "园区写明",
            FitLevel.AREA: f"所在围垦区（{self.place_name}）",
            FitLevel.ZONE: f"所在片区（{self.place_name}）",
        }[self.level]

    @property
    def words(self) -> tuple[str, ...]:
        """Return the industries, each once."""
        return tuple(dict.fromkeys(each.full_words for each in self.placed))

    @property
    def source_ref(self) -> str:
        """Return where the plan says so, each chapter once."""
        refs = (ref for each in self.placed for ref in each.placing.source_ref.split("；"))
        return "；".join(dict.fromkeys(refs))


def park_industries(atlas: Atlas, park: Park) -> tuple[Stated, ...]:
    """Gather what the plan gives a park, and what it gives the places around it.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    park : Park
        The park.

    Returns
    -------
    tuple of Stated
        The park's own level stands first, and always; a level around it only where the plan says
        something there. The levels are kept apart: what the plan gives a zone it does not give to
        each park of it.

    Notes
    -----
    A place that the plan names more narrowly than by an outline (大门花岗岩深加工产业园) says
    nothing for the parks of its zone.
    """
    names, levels = atlas.place_names, levels_of(park, atlas, atlas.layout)
    every = list(placed_in(atlas, atlas.layout))
    found = [
        Stated(
            level,
            names[place_id],
            tuple(
                each
                for each in every
                if each.placing.place_id == place_id and each.placing.place_text is None
            ),
        )
        for place_id, level in levels.items()
    ]
    found.sort(key=lambda stated: list(FitLevel).index(stated.level))
    return tuple(own for own in found if own.placed or own.level is FitLevel.PARK)
