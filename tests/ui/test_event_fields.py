"""What the form asks of each event: the table knows every kind, and agrees with the service."""

import re
from datetime import date

import pytest

from dongtou_geo.domain.account import ParcelState
from dongtou_geo.domain.event import EventKind
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.status import Account
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.services.record import RECORDABLE, WITH_AREA
from dongtou_geo.ui.components.event_fields import fields_of

KINDS = [*RECORDABLE, EventKind.REGISTER]
STATE = ParcelState(
    "A", date(2020, 1, 1), date(2020, 1, 1), None, mu_to_m2(30), Account.COMPLETED,
    producing_m2=mu_to_m2(12), stopped_m2=mu_to_m2(8),
)  # fmt: skip


@pytest.mark.parametrize("origin", Origin)
@pytest.mark.parametrize("kind", KINDS)
def test_an_area_and_a_park_are_asked_where_the_event_takes_them(
    kind: EventKind, origin: Origin
) -> None:
    asked = fields_of(kind, origin, STATE)
    assert (asked.area is not None) == (kind in WITH_AREA or kind is EventKind.REGISTER)
    assert (asked.park is not None) == (kind in {EventKind.MOVE_PARK, EventKind.REGISTER})
    words = [asked.day, asked.day_hint, asked.doc]
    if asked.area is not None:
        words += [asked.area.label, asked.area.hint]
        assert "亩" in asked.area.label
        assert asked.area.required == (kind in {EventKind.REDRAW, EventKind.REGISTER})
        assert asked.area.required == ("必填" in asked.area.label)
    assert all(words)
    assert not re.search(r"[A-Za-z！!]", "".join(words))


def test_filled_sea_is_asked_for_its_own_papers() -> None:
    for kind in (EventKind.APPROVE, EventKind.ACQUIRE):
        assert "海" in fields_of(kind, Origin.FILLED_SEA, None).doc
        assert "海" not in fields_of(kind, Origin.LAND, None).doc


def test_an_empty_area_says_which_land_it_stands_for() -> None:
    blanks = {
        kind: asked.blank
        for kind in WITH_AREA
        if (asked := fields_of(kind, Origin.LAND, STATE).area) is not None
    }
    assert blanks == {
        EventKind.PRODUCE: "不填为整宗 30.00 亩",
        EventKind.STOP: "不填为在产的全部 12.00 亩",
        EventKind.RESTART: "不填为停产的全部 8.00 亩",
        EventKind.REDRAW: "原为 30.00 亩",
    }
    assert fields_of(EventKind.PRODUCE, Origin.LAND, None).area is not None
