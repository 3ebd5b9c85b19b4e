"""亩, m2, 公顷 and 平方公里: whole plan figures come back whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dongtou_geo.domain.units import M2_PER_MU, m2_to_mu, mu_to_m2, plan_area_mu

PARKS_AND_PROJECT_43_MU = (3300, 1360, 870, 3000, 1500, 16_200)


@pytest.mark.parametrize("mu", PARKS_AND_PROJECT_43_MU)
def test_a_whole_plan_figure_survives_m2_exactly(mu: int) -> None:
    assert m2_to_mu(mu_to_m2(mu)) == mu


@given(st.integers(1, 1_000_000))
def test_any_whole_number_of_mu_survives_m2_exactly(mu: int) -> None:
    assert m2_to_mu(mu_to_m2(mu)) == mu


def test_three_mu_are_two_thousand_m2() -> None:
    assert mu_to_m2(3) == 2000.0
    assert m2_to_mu(2000) == 3.0
    assert pytest.approx(2000 / 3, rel=1e-15) == M2_PER_MU


@pytest.mark.parametrize(
    ("value", "unit", "mu"),
    [
        (1360, "亩", 1360.0),
        (0.1 + 0.2, "亩", 0.1 + 0.2),
        (2.2, "平方公里", 3300.0),
        (19.8, "平方公里", 29_700.0),
        (24, "平方公里", 36_000.0),
        (20.3, "公顷", 304.5),
        (109_967, "平方米", 164.9505),
    ],
)
def test_plan_figures_convert_exactly_and_mu_stay_as_printed(
    value: float, unit: str, mu: float
) -> None:
    assert plan_area_mu(value, unit) == mu


@pytest.mark.parametrize("unit", ["", "km2", "mu", "万亩", " 亩"])
def test_an_unknown_unit_is_refused_and_named(unit: str) -> None:
    with pytest.raises(ValueError, match="无法识别，应为亩、公顷、平方公里、平方米之一") as refusal:
        plan_area_mu(1.0, unit)
    assert f"“{unit}”" in str(refusal.value)
