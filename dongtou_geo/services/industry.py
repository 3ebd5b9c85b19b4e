"""产业布局: zone by industry with the projects in each cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from dongtou_geo.domain.layout import FamilyBasis, Industry, Layout, Placing, Strength
from dongtou_geo.domain.places import LocationBasis, Project
from dongtou_geo.services.dossier import Atlas

ALL = "all"
# Rows beside the zones, and columns beside the families.
ELSEWHERE, NOT_STATED = "elsewhere", "not_stated"
UNSORTED, INFRASTRUCTURE = "unsorted", "infrastructure"
ROW_NAMES = {
    ELSEWHERE: "跨片区或片区之外",
    NOT_STATED: "规划未写地点",
    ALL: "合计",
}
COLUMN_NAMES = {UNSORTED: "未归门类", INFRASTRUCTURE: "基础配套", ALL: "合计"}
_STATED = (
    LocationBasis.NAMED_PARK,
    LocationBasis.PHASE1_STAR,
    LocationBasis.NAMED_ISLAND,
    LocationBasis.NAMED_SUBDISTRICT,
)


@dataclass(frozen=True, slots=True)
class Placed:
    """One statement of the plan with the names of industry and place."""

    industry: Industry
    placing: Placing
    place_name: str

    @property
    def words(self) -> str:
        """Return the industry as a cell writes it."""
        return self.industry.name if self.industry.parent_id else "整个门类"

    @property
    def full_words(self) -> str:
        """Return the industry as a line writes it that names no family beside it."""
        whole = "" if self.industry.parent_id else "（整个门类）"
        return f"{self.industry.name}{whole}{'（择机）' if self.when_ready else ''}"

    @property
    def when_ready(self) -> bool:
        """Tell whether the plan says 择机."""
        return self.placing.strength is Strength.WHEN_READY


class Elsewhere(StrEnum):
    """At which level the plan gives an industry that the level asked for does not name."""

    ZONE = "zone"
    PARK = "park"

    @property
    def label(self) -> str:
        """Return the words of a cell; a zone's row stands above the rows of its parks."""
        return {"zone": "↑ 见片区", "park": "↓ 见平台"}[self.value]


@dataclass(frozen=True, slots=True)
class Cell:
    """What the plan gives to a place of an industry, and the projects that it ties to both.

    Parameters
    ----------
    row_id : str
        A zone, a park, ``elsewhere``, ``not_stated`` or ``all``.
    column_id : str
        A family, ``unsorted``, ``infrastructure`` or ``all``.
    """

    row_id: str
    column_id: str
    placed: tuple[Placed, ...]
    projects: tuple[Project, ...]

    @property
    def total_wan(self) -> float | None:
        """Return 总投资 of the projects that have one, 万元; None where there is none."""
        stated = [p.total_investment_wan for p in self.projects]
        known = [amount for amount in stated if amount is not None]
        return sum(known) if known else None

    @property
    def undecided(self) -> int:
        """Return how many projects are 待定."""
        return sum(project.total_investment_wan is None for project in self.projects)

    @property
    def industries(self) -> tuple[tuple[str, bool], ...]:
        """Return the industries' words, each once, and whether they are 择机."""
        found: dict[str, bool] = {}
        for each in self.placed:
            found[each.words] = each.when_ready and found.get(each.words, True)
        return tuple(found.items())


@dataclass(frozen=True, slots=True)
class RowHead:
    """A row of the matrix; ``zone_id`` is set for a park, which is part of the row of its zone."""

    id: str
    name: str
    zone_id: str | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Places by industries; a zone's row holds its parks' rows once more."""

    rows: tuple[RowHead, ...]
    columns: tuple[tuple[str, str], ...]
    cells: dict[tuple[str, str], Cell]

    def cell(self, row_id: str, column_id: str) -> Cell:
        """Return a cell; ``all`` sums a row or a column."""
        return self.cells[row_id, column_id]

    def row_name(self, row_id: str | None) -> str:
        """Return a row's name; None or ``all`` = 全部地点."""
        names = {head.id: head.name for head in self.rows}
        return "全部地点" if row_id in (None, ALL) else names[str(row_id)]

    def column_name(self, column_id: str | None) -> str:
        """Return a column's name; None or ``all`` = 全部产业."""
        return "全部产业" if column_id in (None, ALL) else dict(self.columns)[str(column_id)]

    def elsewhere(self, row_id: str, column_id: str) -> Elsewhere | None:
        """Tell where the plan gives an industry that a zone's or a park's cell does not name.

        Parameters
        ----------
        row_id : str
            A row.
        column_id : str
            A column.

        Returns
        -------
        Elsewhere or None
            Of a park its zone (or filled sea in it), of a zone a park of it; None where the cell
            names industries itself, or neither does.
        """
        if self.cells[row_id, column_id].placed:
            return None
        zone_id = next((head.zone_id for head in self.rows if head.id == row_id), None)
        if zone_id is not None:
            # A place named more narrowly than by an outline says nothing for the zone's parks.
            given = any(e.placing.place_text is None for e in self.cells[zone_id, column_id].placed)
            return Elsewhere.ZONE if given else None
        parks = (head.id for head in self.rows if head.zone_id == row_id)
        given = any(self.cells[park_id, column_id].placed for park_id in parks)
        return Elsewhere.PARK if given else None

    def placed(self, row_id: str | None, column_id: str | None) -> list[Placed]:
        """Return the plan's statements of a row, of a column or of a cell; a zone's with its parks'."""
        rows = [head.id for head in self.rows if row_id in (None, ALL, head.id, head.zone_id)]
        columns = [id_ for id_, _name in self.columns if column_id in (None, ALL, id_)]
        return [each for row in rows for id_ in columns for each in self.cells[row, id_].placed]


def matrix(atlas: Atlas, layout: Layout) -> Matrix:
    """Lay out places by industries.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    layout : Layout
        Its words on industries.

    Returns
    -------
    Matrix
        Each of the 43 projects stands in one zone row (or ``elsewhere``, ``not_stated``) and one
        column; a guess counts nowhere. A park's row is part of its zone's.
    """
    heads: list[RowHead] = []
    for zone in atlas.book.zones:
        heads.append(RowHead(zone.id, zone.name))
        parks = (park for park in atlas.book.parks if park.zone_id == zone.id)
        heads += [RowHead(park.id, park.name, zone.id) for park in parks]
    heads += [RowHead(key, ROW_NAMES[key]) for key in (ELSEWHERE, NOT_STATED, ALL)]
    families = [(f.id, COLUMN_NAMES.get(f.id, f.name)) for f in layout.families]
    families.sort(key=lambda column: column[0] == UNSORTED)
    columns = [*families, (INFRASTRUCTURE, COLUMN_NAMES[INFRASTRUCTURE]), (ALL, COLUMN_NAMES[ALL])]
    placed = list(placed_in(atlas, layout))
    tied = column_of(layout)
    cells = {
        (head.id, column_id): Cell(
            head.id,
            column_id,
            tuple(
                each
                for each in placed
                if head.id in _rows_of(each.placing, atlas) and column_id == each.industry.family_id
            ),
            tuple(
                project
                for project in atlas.projects
                if _stands_in(project, head) and column_id in (tied[project.no], ALL)
            ),
        )
        for head in heads
        for column_id, _name in columns
    }
    return Matrix(tuple(heads), tuple(columns), cells)


def row_of(project: Project) -> str:
    """Return where the plan itself puts a project.

    Parameters
    ----------
    project : Project
        One of the 43.

    Returns
    -------
    str
        A zone; ``elsewhere`` for what is district-wide, offshore, in several places or in no
        zone; ``not_stated`` where the plan is silent, whatever zone is guessed.
    """
    if project.location_basis is LocationBasis.NOT_STATED:
        return NOT_STATED
    if project.location_basis in _STATED and project.zone_id:
        return project.zone_id
    return ELSEWHERE


def column_of(layout: Layout) -> dict[int, str]:
    """Return the column of every project by its number.

    Parameters
    ----------
    layout : Layout
        The plan's words on industries.
    """
    return {
        each.no: INFRASTRUCTURE
        if each.basis is FamilyBasis.INFRASTRUCTURE
        else each.industry_id or UNSORTED
        for each in layout.projects
    }


def placed_in(atlas: Atlas, layout: Layout) -> Iterator[Placed]:
    """Yield the plan's statements with the names of industries and places.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    layout : Layout
        Its words on industries.
    """
    industries, names = layout.by_id, atlas.place_names
    for placing in layout.placings:
        name = placing.place_text or names[str(placing.place_id)]
        yield Placed(industries[placing.industry_id], placing, name)


def _rows_of(placing: Placing, atlas: Atlas) -> tuple[str, ...]:
    """Return the row that a statement stands in: its park's, or the zone's."""
    if placing.place_id is None:
        return (ELSEWHERE,)
    areas = {area.id: area.parent_id for area in atlas.reclamation}
    place = placing.place_id
    while place in areas:
        place = areas[place]
    return (place,)


def _stands_in(project: Project, head: RowHead) -> bool:
    if head.zone_id is not None:
        return project.park_id == head.id
    return head.id in (row_of(project), ALL)
