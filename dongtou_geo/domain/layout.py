"""产业布局 and 围垦区: which industry the plan gives to which place, and what is known of filled sea."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

# Square metres a unit, as the plan and reports print areas.
M2_IN = {"亩": 2000 / 3, "公顷": 10_000.0, "平方公里": 1_000_000.0}


class Strength(StrEnum):
    """How firmly the plan gives an industry to a place."""

    MAIN = "main"
    PLANNED = "planned"
    WHEN_READY = "when_ready"

    @property
    def label(self) -> str:
        """Return the plan's word."""
        return {"main": "重点", "planned": "规划建设", "when_ready": "择机"}[self.value]


class FamilyBasis(StrEnum):
    """By whose word a project belongs to an industry."""

    SUBGROUP = "subgroup"
    NAMED = "named"
    CONTENT = "content"
    INFRASTRUCTURE = "infrastructure"
    NONE = "none"

    @property
    def label(self) -> str:
        """Return the Chinese words shown to users."""
        return {
            "subgroup": "附表分类",
            "named": "正文点名",
            "content": "内容与所列行业相同",
            "infrastructure": "基础配套，不分产业",
            "none": "规划未归入门类",
        }[self.value]


class FactKind(StrEnum):
    """What is told of a reclamation area."""

    ROLE = "role"
    STAGE = "stage"
    PARK = "park"
    REPORTED_AREA = "reported_area"
    APPROVED_AREA = "approved_area"
    FILLED_AREA = "filled_area"
    ACCEPTED_AREA = "accepted_area"

    @property
    def label(self) -> str:
        """Return the Chinese words shown to users."""
        return {
            "role": "定位",
            "stage": "进展",
            "park": "其上园区",
            "reported_area": "报道面积",
            "approved_area": "批复用海面积",
            "filled_area": "已填成面积",
            "accepted_area": "已验收面积",
        }[self.value]

    @property
    def is_area(self) -> bool:
        """Tell whether it is a figure with a unit."""
        return self.value.endswith("_area")


@dataclass(frozen=True, slots=True)
class Industry:
    """A family of industries, or one of its branches.

    Parameters
    ----------
    parent_id : str or None
        The family; None for a family itself.
    words : tuple of str
        What else it is looked for by: 海藻, 石材.
    """

    id: str
    parent_id: str | None
    name: str
    words: tuple[str, ...]
    source_ref: str
    note: str | None

    @property
    def family_id(self) -> str:
        """Return the family's id."""
        return self.parent_id or self.id


@dataclass(frozen=True, slots=True)
class Placing:
    """One statement of the plan: this industry belongs here.

    Parameters
    ----------
    industry_id : str
        A branch, or a family where the plan gives it as a whole.
    place_id : str or None
        A zone, a park or a reclamation area.
    place_text : str or None
        The plan's word for a place that is narrower than that, or none of them.
    """

    industry_id: str
    place_id: str | None
    place_text: str | None
    strength: Strength
    source_ref: str
    note: str | None


@dataclass(frozen=True, slots=True)
class ProjectIndustry:
    """Which family one of the 43 projects belongs to, by the plan's own word."""

    no: int
    industry_id: str | None
    branch_id: str | None
    basis: FamilyBasis
    source_ref: str
    note: str | None


@dataclass(frozen=True, slots=True)
class PolicyNote:
    """A dated rule from above that bites on what the plan asks.

    Parameters
    ----------
    issued_on : str
        As exactly as it is known: 2018-07.
    bound_to : tuple of str
        Keys as in ``DataNote.bound_to``.
    effect : str
        What it means here, and what is not known.
    """

    id: str
    issued_on: str
    document: str
    phrase: str
    bound_to: tuple[str, ...]
    effect: str
    source_ref: str


@dataclass(frozen=True, slots=True)
class AreaFact:
    """One thing that is known of a reclamation area, and by whose word.

    Parameters
    ----------
    on : str or None
        2016, 2018-09 or 2018-09-25; None = the plan's text, or no date known.
    value, unit : float or None, str or None
        An area as printed.
    """

    subject_id: str
    kind: FactKind
    on: str | None
    value: float | None
    unit: str | None
    words: str
    source_ref: str
    note: str | None

    @property
    def area_m2(self) -> float | None:
        """Return the printed area in m2."""
        return None if self.value is None or self.unit is None else self.value * M2_IN[self.unit]


@dataclass(frozen=True, slots=True)
class Layout:
    """All that the plan says of industries and places, and what is known of filled sea."""

    industries: tuple[Industry, ...]
    placings: tuple[Placing, ...]
    projects: tuple[ProjectIndustry, ...]
    policies: tuple[PolicyNote, ...]
    facts: tuple[AreaFact, ...]

    @property
    def families(self) -> tuple[Industry, ...]:
        """Return the families in the plan's order."""
        return tuple(own for own in self.industries if own.parent_id is None)

    @property
    def by_id(self) -> dict[str, Industry]:
        """Return families and branches by id."""
        return {own.id: own for own in self.industries}


def policies_for(policies: Iterable[PolicyNote], key: str) -> list[PolicyNote]:
    """Pick the policy notes that bite on one thing.

    Parameters
    ----------
    policies : iterable of PolicyNote
        All of them.
    key : str
        ``recl:recl_damen_lingang``, ``project:43``.
    """
    return [policy for policy in policies if key in policy.bound_to]
