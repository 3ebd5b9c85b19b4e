"""Where a file lies against the parks' indicative outlines: named, told apart, never decisive."""

from pathlib import Path

import pytest
import shapely

from dongtou_geo.domain.problem import Severity
from dongtou_geo.frames.gcj02 import to_gcj02
from dongtou_geo.services.intake.choices import Choices, Ground
from dongtou_geo.services.intake.examine import Examined, examine_arrived
from dongtou_geo.store.ledger import Ledger
from tests.services.intake.arrivals import GROUND, NOW, SOURCE, layer, new_ledger

PARK = shapely.box(121.10, 27.80, 121.13, 27.83)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return new_ledger(tmp_path)


def square(west: float, south: float, side: float = 0.001) -> shapely.Polygon:
    return shapely.box(west, south, west + side, south + side)


def sent(ledger: Ledger, outlines: list[shapely.Polygon], crs: str = "auto") -> Examined:
    columns = {
        "parcel_no": [f"新-{nth}" for nth in range(len(outlines))],
        "park_id": ["南塘"] * len(outlines),
    }
    ground = Ground(GROUND.park_names, {"park_nantang": ("南塘工业区", PARK)})
    return examine_arrived(layer(columns, outlines), SOURCE, ledger, Choices(crs=crs), ground, NOW)


def told(found: Examined) -> list[tuple[Severity, str]]:
    return [(p.severity, p.message) for p in found.problems if p.code == "outside_indicative"]


def test_who_lies_outside_is_named_with_how_much_of_it(ledger: Ledger) -> None:
    inside, out = square(121.11, 27.81), square(121.1400, 27.81)
    quarter, half = square(121.12925, 27.81), square(121.10, 27.8294)
    found = sent(ledger, [inside, quarter, out, half])
    ((severity, words),) = told(found)
    assert severity is Severity.INFO
    assert "有 1 宗的中心不在示意范围内，2 宗有一部分在示意范围外" in words
    assert "“新-2”100%、“新-3”40%、“新-1”25%（占各宗面积）" in words
    assert "新-0" not in words
    assert "GCJ" not in words
    assert found.accepted == 4


def test_what_is_drawn_along_the_border_is_not_worth_a_word(ledger: Ledger) -> None:
    a_hair = square(121.129004, 27.81)  # 0.4 % of it
    assert told(sent(ledger, [a_hair, square(121.11, 27.81)])) == []


def test_new_parcels_that_fall_back_inside_once_unshifted_are_suspected(ledger: Ledger) -> None:
    true = [square(121.1275, 27.803 + 0.0015 * n, 0.0008) for n in range(3)]
    shifted = [shapely.transform(outline, to_gcj02) for outline in true]
    east_of_it = [square(121.15, 27.81)]
    (((severity, words),), ((plainly, plain),)) = (
        told(sent(ledger, shifted)),
        told(sent(ledger, east_of_it)),
    )
    assert severity is Severity.WARNING
    assert "反算则有 3 宗落回范围内，疑似 GCJ-02" in words
    assert plainly is Severity.INFO
    assert "GCJ" not in plain


def test_what_was_converted_back_is_not_suspected_again(ledger: Ledger) -> None:
    true = [square(121.1275, 27.803 + 0.0015 * n, 0.0008) for n in range(3)]
    shifted = [shapely.transform(outline, to_gcj02) for outline in true]
    assert told(sent(ledger, shifted, "EPSG:4490+gcj02")) == []
