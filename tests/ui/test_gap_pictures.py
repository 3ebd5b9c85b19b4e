"""The curve and the plates of 缺口清单, and its templates with hostile names."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.catalog.layers import load_layers, status_fills
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.metrics.gap import STEPS
from dongtou_geo.services.gap import park_gap
from dongtou_geo.services.gap_figures import ParkGap
from dongtou_geo.services.progress import LedgerView, ledger_view, plan_book
from dongtou_geo.services.proof.ask import LONGEST
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create
from dongtou_geo.ui.components.gap_address import GapAddress
from dongtou_geo.ui.components.gap_curve import gap_curve_option
from dongtou_geo.ui.components.gap_plate import district_plate, park_plate
from dongtou_geo.ui.components.render import render
from tests.store.gap_lives import line

DAY = date(2026, 6, 30)
FILLS = status_fills(load_layers())
NASTY = '<img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> LedgerView:
    return ledger_view(make_sample(tmp_path_factory.mktemp("pictures") / "sample.sqlite"))


def gap_of(view: LedgerView, park_id: str, as_of: date = DAY) -> ParkGap:
    return park_gap(view, plan_book(), park_id, as_of=as_of)


def option(gap: ParkGap) -> dict:
    found: dict = json.loads(json.dumps(gap_curve_option(gap, FILLS), allow_nan=False))
    return found


def drawn(gap: ParkGap, **given: object) -> str:
    address = GapAddress(gap.row.id)
    return render(
        "gap_park.html", gap=gap, address=address, fills=FILLS, steps=STEPS, longest=LONGEST,
        intake_link="/intake", **given,
    )  # fmt: skip


def test_the_curve_runs_from_todays_rate_to_what_can_be_reached(sample: LedgerView) -> None:
    gap = gap_of(sample, "park_nantang")
    chart = option(gap)
    points = [point for series in chart["series"] for point in series["data"]]
    assert points[0] == [0, round((gap.row.rate or 0) * 100, 1)]
    assert points[-1] == [gap.parcels, round((gap.row.reachable_rate or 0) * 100, 1)]
    assert points == sorted(points)
    for before, after in zip(chart["series"], chart["series"][1:], strict=False):
        assert before["data"][-1] == after["data"][0]
    marks = [mark["label"]["formatter"] for mark in chart["series"][0]["markLine"]["data"]]
    assert marks == ["目标 90%", "可达上限 92.1%"]
    (crossing,) = chart["series"][-1]["markPoint"]["data"]
    assert gap.closing is not None
    assert crossing["coord"][0] == gap.closing.parcels
    assert chart["animation"] is False


def test_without_a_number_there_is_no_target_line(sample: LedgerView) -> None:
    chart = option(gap_of(sample, "park_startup"))
    marks = [mark["label"]["formatter"] for mark in chart["series"][0]["markLine"]["data"]]
    assert marks == ["可达上限 82.7%"]
    assert not any("markPoint" in series for series in chart["series"])


def test_a_park_past_its_target_still_has_its_curve_inside(sample: LedgerView) -> None:
    chart = option(gap_of(sample, "park_yangwen"))
    rates = [rate for series in chart["series"] for _, rate in series["data"]]
    assert chart["yAxis"]["min"] <= min(rates)
    assert max(rates) <= chart["yAxis"]["max"]


def test_a_park_recorded_far_beyond_its_plan_is_drawn_in_few_steps(sample: LedgerView) -> None:
    gap = gap_of(sample, "park_nantang")
    far = replace(gap, points=[*gap.points, replace(gap.points[-1], parcels=99, rate=189.2)])
    axis = option(far)["yAxis"]
    assert axis["max"] >= 18_920
    assert "interval" not in axis


def test_parcels_are_drawn_by_status_and_can_be_chosen(sample: LedgerView) -> None:
    gap = gap_of(sample, "park_nantang")
    number = gap.outlines[0][0]
    svg = str(park_plate(gap, FILLS, number))
    assert svg.count('data-select="parcel:') == len(gap.outlines)
    assert "plate-chosen" in svg
    assert "plate-chosen" not in str(park_plate(gap, FILLS, None))
    bare = replace(gap, outlines=[])
    assert "data-select" not in str(park_plate(bare, FILLS, None))


def test_every_park_can_be_chosen_on_the_districts_plate() -> None:
    parks = [park.id for park in plan_book().parks]
    svg = str(district_plate(parks))
    assert set(re.findall(r'data-select="park:(\w+)"', svg)) == set(parks)


def test_hostile_names_are_text(tmp_path: Path) -> None:
    ledger = create(file_url(tmp_path / "a.sqlite"))
    number = NASTY + "x"
    entry = Parcel(
        number, Origin.LAND, AreaBasis.LEDGER, occupant=NASTY, responsible_unit=NASTY,
        contract_no=NASTY,
    )  # fmt: skip
    day = date(2018, 1, 1)
    ledger.append(
        [entry],
        [line(number, "register", day, 900.0, "park_nantang"), line(number, "halt", day, None)],
    )
    gap = gap_of(ledger_view(ledger), "park_nantang")
    html = drawn(gap)
    assert "&lt;img" in html
    assert "<img" not in html
    card = render(
        "gap_plate.html",
        plate="",
        words=NASTY,
        credit="",
        chosen=gap.lines[0],
        as_of=DAY,
        prefix="",
    )
    assert "<img" not in card
    assert "<img" not in str(park_plate(replace(gap, outlines=[]), FILLS, number))


@pytest.mark.parametrize(
    ("park_id", "as_of", "words"),
    [
        ("park_nantang", DAY, "可补足"),
        ("park_yangwen", DAY, "已达到"),
        ("park_ojk_industry", DAY, "仍差"),
        ("park_startup", DAY, "没有数字，不设目标线"),
        ("park_rail", DAY, "数据入库"),
        ("park_nantang", date(2010, 1, 1), "未填报"),
    ],
)
def test_each_kind_of_park_says_how_it_stands(
    sample: LedgerView, park_id: str, as_of: date, words: str
) -> None:
    html = drawn(gap_of(sample, park_id, as_of))
    assert words in html
    assert "None" not in html
