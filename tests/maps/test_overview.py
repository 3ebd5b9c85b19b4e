"""The constant map and the small state: what may change, what must not, what cannot escape."""

import json
import re
from dataclasses import asdict, replace

import pytest

from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.maps.offline import point_folium_at
from dongtou_geo.maps.overview import (
    PARCEL_ZOOM,
    Addresses,
    MapState,
    base_map,
    legend_label,
    script_json,
    state_group,
)
from dongtou_geo.settings import STANDING_LINE

ADDRESSES = Addresses(
    "/assets/data/plan.json?v=1", "/assets/data/coast.json?v=1", "/assets/data", "/tiles/parcels"
)
STATE = MapState(
    as_of="2018-12-31",
    selected="park_nantang",
    layers=["parks", "coast"],
    hover={"park_nantang": "投产 5.0%"},
    status_mu={"building": 12.5},
    source="截至 2018-12-31 · 示例台账",
    unrecorded=["park_rail"],
    parcel={"properties": {"id": "parcel:A-1", "tile_id": 7}, "geometry": None},
    tiles={"busy": False, "version": "0123"},
    months={"2018-12": 1.0},
    span=("2013-01-01", "2024-06-30"),
)
HOSTILE = "</script><script>window.hacked=1</script><!--<img src=x onerror=alert(1)>&\u2028'\"\\"


@pytest.fixture(autouse=True, scope="module")
def offline() -> None:
    point_folium_at("")


def script_of(element) -> str:
    """Return the JavaScript that a folium element adds to the page."""
    figure = element.get_root()
    figure.render()
    return str(figure.script.render())


def mounted(addresses: Addresses = ADDRESSES) -> dict[str, object]:
    script = script_of(base_map(addresses))
    (argument,) = re.findall(r"dtg\.mount\(map_\w+, (\{.*\})\);", script)
    found: dict[str, object] = json.loads(argument)
    return found


def updated(state: MapState) -> dict[str, object]:
    view = base_map(ADDRESSES)
    state_group(state).add_to(view)
    (argument,) = re.findall(r"dtg\.update\((\{.*\})\);", script_of(view))
    found: dict[str, object] = json.loads(argument)
    return found


@pytest.mark.parametrize("value", [HOSTILE, {HOSTILE: [HOSTILE]}, None, 1.5, ["甲", True]])
def test_json_in_a_script_survives_and_cannot_leave_it(value: object) -> None:
    text = script_json(value)
    assert json.loads(text) == value
    assert not set(text) & set("<>&\u2028\u2029")
    assert text.isascii()


def test_the_map_asks_no_host_for_tiles_or_scripts() -> None:
    page = base_map(ADDRESSES).get_root().render()
    assert "tileLayer" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert "/assets/leaflet/leaflet.js" in page


def test_the_map_is_told_where_to_fetch_and_what_to_write() -> None:
    config = mounted()
    assert {key: config[key] for key in asdict(ADDRESSES)} == asdict(ADDRESSES)
    assert config["statuses"] == [status.value for status in STATUSES]
    assert (config["standing_line"], config["parcel_zoom"]) == (STANDING_LINE, PARCEL_ZOOM)


def test_filled_sea_has_words_of_its_own() -> None:
    labels = mounted()["status_labels"]
    assert isinstance(labels, dict)
    assert set(labels) == {"land", "filled_sea"}
    assert labels["land"]["acquired"] == "征而未供"
    assert labels["filled_sea"]["acquired"] == "填而未供"
    assert all(set(words) == {status.value for status in STATUSES} for words in labels.values())


@pytest.mark.parametrize(
    ("account", "label"),
    [
        (Account.APPROVED, "批而未征 / 批而未填"),
        (Account.ACQUIRED, "征而未供 / 填而未供"),
        (Account.IN_PRODUCTION, "投产"),
    ],
)
def test_the_legend_has_both_words_where_they_differ(account: Account, label: str) -> None:
    labels = mounted()["legend_labels"]
    assert isinstance(labels, dict)
    assert (legend_label(account), labels[account.value]) == (label, label)


def test_the_base_map_is_the_same_text_on_every_run_but_for_its_own_name() -> None:
    first, second = script_of(base_map(ADDRESSES)), script_of(base_map(ADDRESSES))
    unnamed = [re.sub(r"map_[0-9a-f]{32}", "map", text) for text in (first, second)]
    assert unnamed[0] == unnamed[1]


def test_the_state_travels_whole_and_apart_from_the_map() -> None:
    assert updated(STATE) == {
        "as_of": "2018-12-31",
        "selected": "park_nantang",
        "layers": ["parks", "coast"],
        "hover": {"park_nantang": "投产 5.0%"},
        "status_mu": {"building": 12.5},
        "source": "截至 2018-12-31 · 示例台账",
        "unrecorded": ["park_rail"],
        "parcel": {"properties": {"id": "parcel:A-1", "tile_id": 7}, "geometry": None},
        "tiles": {"busy": False, "version": "0123"},
        "months": {"2018-12": 1.0},
        "span": ["2013-01-01", "2024-06-30"],
    }
    assert "2018-12-31" not in script_of(base_map(ADDRESSES))


def test_names_in_the_state_stay_text() -> None:
    state = replace(STATE, selected=HOSTILE, hover={"park_nantang": HOSTILE}, source=HOSTILE)
    view = base_map(ADDRESSES)
    state_group(state).add_to(view)
    assert "</script>" not in script_of(view)
    assert updated(state)["selected"] == HOSTILE
