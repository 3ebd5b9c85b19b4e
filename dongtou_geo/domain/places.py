"""The nouns of the plan: zones, parks, reclamation areas and projects."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LocationBasis(StrEnum):
    """What the plan says of a project's place."""

    NAMED_PARK = "named_park"
    PHASE1_STAR = "phase1_star"
    NAMED_ISLAND = "named_island"
    NAMED_SUBDISTRICT = "named_subdistrict"
    NOT_STATED = "not_stated"
    DISTRICT_WIDE = "district_wide"
    OFFSHORE = "offshore"
    MULTI_SITE = "multi_site"

    @property
    def label(self) -> str:
        """Return the Chinese words shown to users."""
        return {
            "named_park": "规划写明园区",
            "phase1_star": "规划标*（瓯江口一期）",
            "named_island": "规划写明岛屿",
            "named_subdistrict": "规划写明街道",
            "not_stated": "规划未写地点",
            "district_wide": "全区性项目",
            "offshore": "区外海上",
            "multi_site": "多处地块",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Zone:
    """片区: one of the plan's three zones."""

    id: str
    name: str
    source_ref: str


@dataclass(frozen=True, slots=True)
class Park:
    """园区: the start-up area or one of the four parks.

    Parameters
    ----------
    planned_mu : float
        The plan's figure in 亩; it never follows a drawing.
    """

    id: str
    name: str
    zone_id: str
    planned_mu: float
    plan_area_value: float
    plan_area_unit: str
    source_ref: str
    industries: tuple[str, ...]
    plan_role: str
    managing_unit: str | None
    confidence: str = "low"
    method: str = ""


@dataclass(frozen=True, slots=True)
class Reclamation:
    """围垦区: a reclamation area; ``parent_id`` names the area it is part of, or its zone."""

    id: str
    name: str
    parent_id: str
    planned_mu: float | None
    plan_area_value: float | None
    plan_area_unit: str | None
    source_ref: str
    confidence: str = "low"
    method: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """重大项目: one of the annex's 43 projects; money in 万元, area in m2, as printed."""

    no: int
    name: str
    group: str
    subgroup: str | None
    start_year: int
    end_year: int
    total_investment_wan: float | None
    plan_investment_wan: float
    land_area_m2: float | None
    floor_area_m2: float | None
    land_area_text: str | None
    floor_area_text: str | None
    park_id: str | None
    zone_id: str | None
    location_basis: LocationBasis
    location_confidence: str
    sensitive: bool
    on_map: bool
    aliases: tuple[str, ...]
    note: str | None
