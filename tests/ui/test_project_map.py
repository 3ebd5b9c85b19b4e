"""The projects on the plate: one circle each, where and as large as it may be taken for."""

import json
from datetime import date
from itertools import combinations
from math import hypot

import numpy as np
import pytest

from dongtou_geo import settings
from dongtou_geo.catalog.layers import load_layers
from dongtou_geo.maps.plate import DISTRICT_BOUNDS
from dongtou_geo.maps.plate_parts import sheet_for
from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.projects import ProjectRow, project_rows
from dongtou_geo.ui.components.project_html import group_fills
from dongtou_geo.ui.components.project_map import (
    HEIGHT_PX,
    WIDTH_PX,
    pale,
    project_map,
    project_points,
    radius_px,
    spots,
)

FILLS = group_fills(load_layers())
SHEET = sheet_for(DISTRICT_BOUNDS, WIDTH_PX, HEIGHT_PX)


@pytest.fixture(scope="module")
def rows() -> list[ProjectRow]:
    return project_rows(load_atlas(), None, date(2026, 6, 30))


def test_each_project_with_a_place_is_drawn_once(rows: list[ProjectRow]) -> None:
    text = (settings.GEODATA / "projects.geojson").read_text("utf-8")
    placed = {
        f"project:{f['properties']['no']}"
        for f in json.loads(text)["features"]
        if f["geometry"] is not None
    }
    drawn = [point.select for point in project_points(rows, FILLS, spots(), SHEET)]
    assert sorted(map(str, drawn)) == sorted(placed)
    svg = project_map(rows, FILLS, 17)
    assert all(f'data-select="{word}"' in svg for word in placed)
    assert 'data-select="project:24"' not in svg


def test_area_goes_with_investment_and_undecided_is_smallest() -> None:
    assert radius_px(1_080_000) / radius_px(270_000) == pytest.approx(2, abs=0.02)
    assert radius_px(None) == radius_px(100) == min(map(radius_px, (None, 0, 5, 50_000)))


def test_what_the_plan_does_not_place_is_pale_and_says_so(rows: list[ProjectRow]) -> None:
    points = {point.select: point for point in project_points(rows, FILLS, spots(), SHEET)}
    for row in rows:
        point = points.get(f"project:{row.project.no}")
        if point is None:
            continue
        plain = FILLS[row.project.group]
        hushed = row.project.sensitive or row.project.location_basis == "not_stated"
        assert point.fill == (pale(plain) if hushed else plain)
        words = str(point.title)
        assert ("涉敏感设施，只示所在片区" in words) == row.project.sensitive
        assert ("点位不代表实地" in words) == (hushed and not row.project.sensitive)


def test_sensitive_ones_stand_in_a_row_at_their_zones_point(rows: list[ProjectRow]) -> None:
    points = [
        (row.project.no, point)
        for row in rows
        for point in project_points([*rows], FILLS, spots(), SHEET)
        if row.project.sensitive and point.select == f"project:{row.project.no}"
    ]
    assert {no for no, _ in points} == {19, 20, 21, 38, 40, 41}
    pixels = {no: SHEET.pixels(np.array([[p.lon, p.lat]]))[0] for no, p in points}
    for (one, first), (other, second) in combinations(points, 2):
        apart = hypot(*(pixels[one] - pixels[other]))
        assert apart >= first.radius_px + second.radius_px
    place = SHEET.pixels(np.array([spots()[19]]))[0]
    assert all(hypot(*(at - place)) < 60 for at in pixels.values())
