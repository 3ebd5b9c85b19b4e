"""The two plates: the same frame, statuses' colours on their side, and a parcel that can be seen."""

import re

import pytest
import shapely

from dongtou_geo.catalog.layers import load_layers, status_fills
from dongtou_geo.domain.status import Account
from dongtou_geo.services.moved_outlines import Pictured, Side
from dongtou_geo.store.between import Outline
from dongtou_geo.ui.components.compare_plates import plates

FILLS = status_fills(load_layers())
HOSTILE = "<script>'\"&"


def outline(number: str, west: float = 121.13, south: float = 27.82, size: float = 2e-4) -> Outline:
    return Outline(number, shapely.box(west, south, west + size, south + size).wkb)


def drawn(
    before: list[Side], after: list[Side], *, park: str | None = None, chosen: tuple[str, ...] = ()
) -> tuple[str, str]:
    found = Pictured(before, after, [outline("静", 121.131)], len(after), len(after), 0)
    return plates(found, FILLS, {}, park=park, chosen=chosen, titles=("前", "后"))


def part(svg: str, word: str) -> list[str]:
    return re.findall(rf'<g data-select="parcel:{re.escape(word)}".*?</g>', svg)


def test_a_parcel_has_each_sides_colour_and_both_tell_it_when_clicked() -> None:
    one = outline("A", size=4e-3)
    before, after = drawn([Side(one, Account.SUPPLIED)], [Side(one, Account.IN_PRODUCTION)])
    assert FILLS["supplied"].fill in part(before, "A")[0]
    assert FILLS["in_production"].fill in part(after, "A")[0]
    scale = re.compile(r"<text[^>]*>([\d.]+ (?:公里|米))</text>")
    assert len(scale.findall(before)) == 1
    assert scale.findall(before) == scale.findall(after)


def test_a_parcel_too_small_to_see_is_marked_by_a_circle() -> None:
    near, far = outline("A", size=1e-3), outline("B", 120.95, 27.95, 1e-3)
    sides = [Side(near, Account.BUILDING), Side(far, Account.BUILDING)]
    _, after = drawn([], sides)
    assert after.count("<circle") == 2
    _, alone = drawn([], sides[:1])
    assert "<circle" not in alone
    assert part(alone, "A")


def test_the_open_parcel_is_outlined_on_both_and_its_parent_with_it() -> None:
    parent, child = outline("P", size=4e-3), outline("C", size=2e-3)
    before, after = drawn(
        [Side(parent, Account.BUILDING)], [Side(child, Account.COMPLETED)], chosen=("C", "P")
    )
    assert before.count("plate-chosen") == after.count("plate-chosen") == 1
    assert part(before, "C")


def test_names_are_text() -> None:
    side = [Side(outline(HOSTILE, size=4e-3), Account.PLANNED)]
    for svg in drawn(side, side):
        assert "<script>" not in svg
        assert "parcel:&lt;script&gt;" in svg


def test_a_park_fills_the_frame_and_parks_can_be_chosen() -> None:
    before, _ = drawn([], [], park="park_nantang")
    assert "米" in re.findall(r"<text[^>]*>([^<]*(?:公里|米))</text>", before)[-1]
    assert 'data-select="park:park_yangwen"' in drawn([], [])[0]


@pytest.mark.parametrize("park", [None, "outside", "park_x"])
def test_where_nothing_moved_the_district_is_shown(park: str | None) -> None:
    before, after = drawn([], [], park=park)
    assert "公里" in before
    assert before.replace("前", "后") == after
