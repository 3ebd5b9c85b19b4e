"""The address: what it says is shown, what it says wrongly is named and falls back."""

from datetime import date

import pytest

from dongtou_geo.ui.state import Defaults, View, read_view, view_params

DEFAULTS = Defaults(
    as_of=date(2026, 6, 30),
    latest=date(2026, 11, 24),
    layers=("zones", "parks"),
    layer_ids=("zones", "parks", "coast"),
    exists=lambda feature_id: feature_id == "park_nantang",
)


def test_a_bare_address_is_the_default_view() -> None:
    assert read_view({}, DEFAULTS) == View(date(2026, 6, 30), None, ("zones", "parks"))


def test_a_view_survives_the_address() -> None:
    view = View(date(2018, 12, 31), "park_nantang", ("coast",))
    assert read_view(view_params(view, DEFAULTS), DEFAULTS) == view


def test_all_layers_off_survives_the_address() -> None:
    view = View(date(2018, 12, 31), None, ())
    assert read_view(view_params(view, DEFAULTS), DEFAULTS) == view


def test_what_equals_the_default_is_left_out() -> None:
    assert view_params(read_view({}, DEFAULTS), DEFAULTS) == {}


@pytest.mark.parametrize("text", ["2018-13-31", "20181231", "昨天", "", "2018-W01-1", "9" * 500])
def test_an_unreadable_date_is_named(text: str) -> None:
    view = read_view({"as_of": text}, DEFAULTS)
    assert view.as_of == DEFAULTS.as_of
    (remark,) = view.remarks
    assert "无法识别" in remark
    assert len(remark) < 120


@pytest.mark.parametrize("text", ["2009-12-31", "2026-11-25"])
def test_a_date_out_of_range_is_named(text: str) -> None:
    (remark,) = read_view({"as_of": text}, DEFAULTS).remarks
    assert text in remark


def test_the_last_day_itself_is_allowed() -> None:
    assert read_view({"as_of": "2026-11-24"}, DEFAULTS).remarks == ()


def test_unknown_selection_and_layer_are_both_named() -> None:
    view = read_view({"sel": "<script>", "layers": "parks,mine"}, DEFAULTS)
    assert (view.selected, view.layers) == (None, ("parks",))
    assert len(view.remarks) == 2
