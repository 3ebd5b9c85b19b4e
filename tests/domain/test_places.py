"""The plan's nouns: what they hold, and that they hold still."""

from dataclasses import FrozenInstanceError, replace

import pytest

from dongtou_geo.domain.places import LocationBasis, Park, Project, Reclamation, Zone

SOUTH_BAY = Park(
    id="park_nantang",
    name="南塘工业区",
    zone_id="zone_main",
    planned_mu=1360.0,
    plan_area_value=1360.0,
    plan_area_unit="亩",
    source_ref="第三章",
    industries=("海洋生物",),
    plan_role="主体",
    managing_unit=None,
)


def test_location_bases_are_the_contracts_words() -> None:
    assert [basis.value for basis in LocationBasis] == [
        "named_park",
        "phase1_star",
        "named_island",
        "named_subdistrict",
        "not_stated",
        "district_wide",
        "offshore",
        "multi_site",
    ]


def test_every_location_basis_has_a_chinese_label_of_its_own() -> None:
    labels = [basis.label for basis in LocationBasis]
    assert len(set(labels)) == len(labels)
    assert all(not label.isascii() for label in labels)


def test_a_planned_area_cannot_be_overwritten_by_a_drawing() -> None:
    with pytest.raises(FrozenInstanceError):
        SOUTH_BAY.planned_mu = 1.0  # type: ignore[misc] # the refusal is what is tested


def test_parks_are_equal_by_what_they_say() -> None:
    assert replace(SOUTH_BAY) == SOUTH_BAY
    assert replace(SOUTH_BAY, planned_mu=1361.0) != SOUTH_BAY


def test_a_zone_a_reclamation_area_and_a_project_can_lack_what_the_plan_lacks() -> None:
    zone = Zone("zone_west", "西片联动", "第三章")
    area = Reclamation("recl_lng", "陆域", "recl_daxiaomen", None, None, None, "第五章")
    undecided = Project(
        no=26,
        name="待定项目",
        group="implement",
        subgroup=None,
        start_year=2016,
        end_year=2021,
        total_investment_wan=None,
        plan_investment_wan=3000.0,
        land_area_m2=None,
        floor_area_m2=None,
        land_area_text="待定",
        floor_area_text=None,
        park_id=None,
        zone_id=zone.id,
        location_basis=LocationBasis.NOT_STATED,
        location_confidence="low",
        sensitive=False,
        on_map=False,
        aliases=(),
        note=None,
    )
    assert area.planned_mu is None
    assert undecided.total_investment_wan is None
    assert hash(undecided) == hash(replace(undecided))
