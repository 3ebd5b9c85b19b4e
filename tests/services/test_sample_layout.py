"""The 示例 parcels as shapes: inside their park, apart from each other, roads between."""

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
import shapely
from shapely import Polygon
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from dongtou_geo import settings
from dongtou_geo.domain.account import state_on
from dongtou_geo.domain.parcel import AreaBasis
from dongtou_geo.domain.units import m2_to_mu, mu_to_m2
from dongtou_geo.frames.area import area_m2
from dongtou_geo.services.replay import ReplayedLedger, replayed
from dongtou_geo.services.sample import make_sample
from dongtou_geo.services.sample.chain import DATA_UNTIL
from dongtou_geo.services.sample.layout import Plot, cut, turned_rectangle
from dongtou_geo.services.sample.sheet import Grid, Hill, River, Road, Sheet

BOX = turned_rectangle(121.1, 27.9, length_m=900.0, width_m=600.0, turn_deg=35.0)
PLAIN = Grid(plot_mu=(8, 30), setback_m=2.0, spines=(), crosses=())


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> ReplayedLedger:
    return replayed(make_sample(tmp_path_factory.mktemp("sample") / "sample.sqlite"))


@pytest.fixture(scope="module")
def outlines() -> dict[str, BaseGeometry]:
    features = json.loads((settings.GEODATA / "parks.geojson").read_text("utf-8"))["features"]
    return {feature["properties"]["id"]: shape(feature["geometry"]) for feature in features}


def drawn(view: ReplayedLedger, park_id: str | None) -> list[BaseGeometry]:
    """Outlines of all parcels that ever counted into a park, and last did."""
    return [
        shapely.from_wkb(parcel.geometry_wkb)
        for number, parcel in view.parcels.items()
        if parcel.geometry_wkb and _park_of(view, number) == park_id
    ]


def _park_of(view: ReplayedLedger, number: str) -> str | None:
    return view.timeline[number][-1].park_id


def test_there_are_some_hundreds_with_numbers_that_say_sample(view: ReplayedLedger) -> None:
    assert 300 <= len(view.parcels) <= 500
    assert all(number.startswith("示例-") for number in view.parcels)


@pytest.mark.parametrize(
    ("park_id", "least", "most"),
    [
        ("park_startup", 50, 110),
        ("park_nantang", 80, 130),
        ("park_yangwen", 20, 40),
        ("park_ojk_industry", 90, 150),
        ("park_rail", 0, 0),
        (None, 2, 4),
    ],
)
def test_each_park_has_its_number_of_parcels(
    park_id: str | None, least: int, most: int, view: ReplayedLedger
) -> None:
    assert least <= sum(_park_of(view, number) == park_id for number in view.parcels) <= most


def test_every_outline_is_one_valid_polygon_with_a_park_around_it(
    view: ReplayedLedger, outlines: dict[str, BaseGeometry]
) -> None:
    for park_id, outline in outlines.items():
        plots = drawn(view, park_id)
        assert all(plot.geom_type == "Polygon" and plot.is_valid for plot in plots)
        assert area_m2([plot.difference(outline) for plot in plots]).sum() < 1.0


def test_no_two_parcels_overlap(view: ReplayedLedger) -> None:
    plots = np.array([p for park in {*_parks(view)} for p in drawn(view, park)])
    tree = shapely.STRtree(plots)
    left, right = tree.query(plots, predicate="intersects")
    pairs = left < right
    common = shapely.intersection(plots[left[pairs]], plots[right[pairs]])
    assert area_m2(common).max() < 1.0


def _parks(view: ReplayedLedger) -> set[str | None]:
    return {_park_of(view, number) for number in view.parcels}


def test_a_parcel_counts_with_its_drawn_area_or_else_with_its_paper(view: ReplayedLedger) -> None:
    for number, parcel in view.parcels.items():
        state = state_on(view.events[number], DATA_UNTIL)
        assert parcel.ledger_area_mu is not None
        if state is None:
            continue
        if parcel.area_basis is AreaBasis.LEDGER:
            assert parcel.geometry_wkb is None
            assert m2_to_mu(state.area_m2) == pytest.approx(parcel.ledger_area_mu, abs=1e-9)
        else:
            measured = float(area_m2([shapely.from_wkb(parcel.geometry_wkb)])[0])
            assert state.area_m2 == pytest.approx(measured, abs=1e-6)
            assert parcel.ledger_area_mu == pytest.approx(m2_to_mu(measured), rel=0.002, abs=0.01)


def test_plots_are_of_a_size_to_build_on(view: ReplayedLedger) -> None:
    sizes = [
        m2_to_mu(area)
        for park in _parks(view)
        for area in area_m2(np.array(drawn(view, park), dtype=object))
    ]
    assert min(sizes) > 3
    assert 10 < float(np.median(sizes)) < 40


def test_roads_part_the_blocks(view: ReplayedLedger, outlines: dict[str, BaseGeometry]) -> None:
    for park_id in ("park_startup", "park_nantang", "park_yangwen", "park_ojk_industry"):
        plots = shapely.union_all(drawn(view, park_id))
        blocks = shapely.get_parts(plots.buffer(2e-5))  # 2 m: neighbours touch, roads do not
        assert len(blocks) >= 6, park_id


def test_the_estate_holds_a_fifth_of_its_park_in_a_few_large_plots(view: ReplayedLedger) -> None:
    holders: dict[str | None, list[float]] = {}
    for parcel in view.parcels.values():
        holders.setdefault(parcel.occupant, []).append(parcel.ledger_area_mu or 0.0)
    holders.pop(None)
    largest = max(holders.values(), key=sum)
    assert 600 < sum(largest) < 1100
    assert 4 <= len(largest) <= 8


def cut_box(grid: Grid, seed: int = 1) -> list[Plot]:
    return cut(BOX, grid, Random(seed))


def test_a_seed_cuts_the_same_plots_and_another_cuts_others() -> None:
    assert cut_box(PLAIN) == cut_box(PLAIN)
    assert cut_box(PLAIN) != cut_box(PLAIN, seed=2)


def test_plots_fill_the_ground_between_the_verges() -> None:
    whole = float(area_m2([BOX])[0])
    taken = sum(plot.area_m2 for plot in cut_box(PLAIN))
    assert taken == pytest.approx((900 - 4) * (600 - 4), rel=2e-3)
    assert taken < whole


@pytest.mark.parametrize(
    ("grid", "width_m"),
    [
        (Grid((8, 30), 2.0, spines=(Road(0.5, 24.0),), crosses=()), 24.0),
        (Grid((8, 30), 2.0, spines=(), crosses=(Road(0.4, 16.0, 2.0),)), 16.0),
        (Grid((8, 30), 2.0, spines=(), crosses=(), rivers=(River(0.5, 30.0, 20.0),)), 28.0),
    ],
)
def test_a_road_or_river_keeps_its_width_free(grid: Grid, width_m: float) -> None:
    sheet = Sheet.along(BOX)
    plots = cut_box(grid)
    sides: dict[str, list[Polygon]] = {plot.number[0]: [] for plot in plots}
    for plot in plots:
        sides[plot.number[0]].append(sheet.flat(plot.polygon))
    first, second = (shapely.union_all(side) for side in sides.values())
    assert first.distance(second) == pytest.approx(width_m, rel=0.1)


def test_a_hill_is_left_as_it_is() -> None:
    grid = Grid((8, 30), 2.0, spines=(), crosses=(), hills=(Hill(0.5, 0.0, 0.2, 0.3),))
    middle = BOX.centroid
    plots = cut_box(grid)
    less = sum(p.area_m2 for p in cut_box(PLAIN)) - sum(p.area_m2 for p in plots)
    assert less > mu_to_m2(40)
    assert any(plot.polygon.covers(middle) for plot in plots)


def test_slivers_join_a_neighbour_and_a_narrow_strip_is_no_plot() -> None:
    wedge = Polygon([(121.1, 27.9), (121.11, 27.9), (121.1, 27.9025)])
    plots = cut(wedge, PLAIN, Random(3))
    assert min(plot.area_m2 for plot in plots) >= mu_to_m2(5) * 0.999
    strip = turned_rectangle(121.1, 27.9, length_m=400.0, width_m=20.0, turn_deg=0.0)
    assert cut(strip, PLAIN, Random(3)) == []


def test_an_estate_gets_large_plots_and_the_rest_do_not() -> None:
    grid = Grid((8, 20), 2.0, (Road(0.5, 24.0),), (), estate=(0.5, 0.2), estate_mu=90.0)
    plots = cut_box(grid)
    large = [plot.area_m2 for plot in plots if plot.estate]
    small = [plot.area_m2 for plot in plots if not plot.estate]
    assert large
    assert small
    assert min(large) > max(small)


def test_coordinates_carry_ten_decimals(tmp_path: Path) -> None:
    points = shapely.get_coordinates(cut_box(PLAIN)[0].polygon)
    assert np.array_equal(points, np.round(points, 10))
    assert not np.allclose(points, np.round(points, 7), rtol=0, atol=1e-9)
