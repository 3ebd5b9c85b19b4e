"""The map in one file: all of it inside, nothing asked for, names that cannot leave their place."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from dongtou_geo.catalog.layers import load_layers
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.errors import UsageError
from dongtou_geo.maps.one_file import (
    OneFileChoice,
    checked_layers,
    inline_json,
    one_file_html,
    write_one_file,
)
from dongtou_geo.maps.one_file_parcels import packed
from dongtou_geo.services.map_sheet import MapSheet, map_sheet
from dongtou_geo.services.sample import make_sample
from dongtou_geo.settings import STANDING_LINE
from dongtou_geo.store.day_parcels import DayParcels, no_parcels
from dongtou_geo.store.ledger import Ledger

TODAY = date(2026, 11, 24)
SCRIPT = re.compile(r"<script(?P<attrs>[^>]*)>(?P<text>.*?)</script>", re.DOTALL)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return make_sample(tmp_path_factory.mktemp("sample") / "sample.sqlite")


@pytest.fixture(scope="module")
def sheet(ledger: Ledger) -> MapSheet:
    return map_sheet(ledger, as_of=None, today=TODAY)


@pytest.fixture(scope="module")
def html(sheet: MapSheet) -> str:
    return one_file_html(sheet, OneFileChoice())[0]


def data(html: str, name: str) -> Any:
    found = re.search(rf'id="data-{name}">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


def visible(html: str) -> str:
    """What a reader can see: no scripts, no style, no marks."""
    text = SCRIPT.sub("", re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))
    return re.sub(r"<[^>]+>", "\n", text)


def numbers(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype=kind)


def test_the_pages_own_policy_forbids_every_request_and_every_other_script(html: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert set(rules) == {
        "default-src", "script-src", "style-src", "img-src", "base-uri", "form-action",
    }  # fmt: skip
    run = [m["text"] for m in SCRIPT.finditer(html) if "application/json" not in m["attrs"]]
    assert len(run) == 1
    digest = base64.b64encode(hashlib.sha256(run[0].encode()).digest()).decode()
    assert rules["script-src"] == f"'sha256-{digest}'"
    assert "\r" not in html


def test_no_mark_names_an_address(html: str) -> None:
    marks = SCRIPT.sub("", html)
    style = re.search(r"<style>(.*?)</style>", marks, re.DOTALL)
    assert style
    assert re.findall(r"""\b(?:src|href|action|srcset|poster)=["']?([^"'\s>]+)""", marks) == [
        "data:,"
    ]
    assert "@import" not in style[1]
    assert "url(" not in style[1]
    assert "sourceMappingURL" not in html


def test_what_stands_on_every_page_stands_here(html: str, sheet: MapSheet) -> None:
    text = visible(html)
    for words in (STANDING_LINE, "示例", "截至", sheet.as_of.isoformat(), sheet.version, "示意"):
        assert words in text, words
    credits = {layer.credit for layer in load_layers() if layer.credit}
    told = {layer["credit"] for layer in data(html, "plan")["layers"] if layer["credit"]}
    assert told == credits
    assert data(html, "config")["standing_line"] == STANDING_LINE


def test_the_figures_are_those_of_progress(html: str, sheet: MapSheet) -> None:
    assert data(html, "progress") == [row.as_dict() for row in sheet.rows]
    for row in sheet.rows:
        cells = re.findall(rf'data-row="{row.id}" data-figure="rate">([^<]+)<', html)
        if row.id is None:
            continue
        assert set(cells) == {"未填报" if row.rate is None else f"{row.rate:.1%}"}


def test_a_sheet_holds_one_state_of_the_ledger(ledger: Ledger) -> None:
    then = map_sheet(ledger, as_of=date(2018, 12, 31), today=TODAY)
    page = one_file_html(then, OneFileChoice())[0]
    state = data(page, "state")
    assert state["as_of"] == "2018-12-31"
    for account in STATUSES:
        total = sum(row.by_status_mu[account] for row in then.rows)
        assert state["status_mu"][account.value] == pytest.approx(total)
    drawn = numbers(data(page, "parcels")["status"], "u1")
    assert np.array_equal(drawn, then.parcels.status)


def test_without_a_ledger_everything_is_unreported() -> None:
    bare = map_sheet(None, as_of=date(2018, 12, 31), today=TODAY)
    page, notes = one_file_html(bare, OneFileChoice())
    assert notes == ()
    text = visible(page)
    assert "未填报" in text
    assert not re.search(r"(?<![\d.,])0(\.0)?%", text.replace("不是 0%", ""))
    assert "示例" not in text
    assert data(page, "parcels")["numbers"] == []
    assert len(data(page, "state")["unrecorded"]) == 5


def test_no_firm_is_named_in_a_file_that_leaves_the_house(ledger: Ledger, html: str) -> None:
    occupants = {parcel.occupant for parcel in ledger.parcels() if parcel.occupant}
    assert occupants
    assert [name for name in occupants if name in html] == []


def test_the_choice_is_what_the_page_opens_with(sheet: MapSheet) -> None:
    choice = OneFileChoice("park_nantang", ("coast", "parks"))
    state = data(one_file_html(sheet, choice)[0], "state")
    assert (state["selected"], sorted(state["layers"])) == ("park_nantang", ["coast", "parks"])


@pytest.mark.parametrize(
    "name", ["</script><script>x()</script>", "<!--", "&amp;", "\u2028", "a'\"b", "</ScRiPt >"]
)
def test_a_name_stays_within_its_block(sheet: MapSheet, name: str) -> None:
    assert not set("<>&\u2028\u2029") & set(inline_json([name]))
    assert json.loads(inline_json([name])) == [name]
    hostile = replace(sheet.parcels, numbers=[name, *sheet.parcels.numbers[1:]])
    page = one_file_html(replace(sheet, parcels=hostile), OneFileChoice())[0]
    assert data(page, "parcels")["numbers"][0] == name
    assert len(SCRIPT.findall(page)) == 7


def test_every_parcel_is_in_the_page_to_the_centimetre(sheet: MapSheet) -> None:
    document: Any = packed(sheet.parcels).document
    assert document["numbers"] == sheet.parcels.numbers
    corners = numbers(document["xy"], "<i4").reshape(-1, 2) * document["step"] + document["corner"]
    ring_at, vertex_at = (numbers(document[name], "<i4") for name in ("ring_at", "vertex_at"))
    assert len(ring_at) == len(sheet.parcels) + 1
    for row, wkb in enumerate(sheet.parcels.outlines):
        rings = [
            corners[vertex_at[ring] : vertex_at[ring + 1]]
            for ring in range(ring_at[row], ring_at[row + 1])
        ]
        if wkb is None:
            assert rings == []
            continue
        given = [shapely.get_coordinates(r) for r in shapely.get_rings(shapely.from_wkb(wkb))]
        assert len(rings) == len(given)
        assert all(np.abs(a - b).max() <= 6e-8 for a, b in zip(rings, given, strict=True))


def test_holes_and_parts_are_rings_of_their_parcel() -> None:
    hole = shapely.box(121.04, 27.84, 121.06, 27.86).exterior.coords
    ring = shapely.Polygon(shapely.box(121, 27.8, 121.1, 27.9).exterior.coords, [hole])
    parts = shapely.MultiPolygon([ring, shapely.box(121.2, 27.8, 121.3, 27.9)])
    shapes = np.empty(2, dtype=object)
    shapes[:] = [shapely.to_wkb(parts), None]
    document: Any = packed(many(shapes)).document
    assert numbers(document["ring_at"], "<i4").tolist() == [0, 3, 3]
    assert numbers(document["vertex_at"], "<i4").tolist() == [0, 5, 10, 15]


def many(shapes: np.ndarray) -> DayParcels:
    count = len(shapes)
    no = np.zeros(count, dtype=bool)
    return DayParcels(
        [f"P-{n}" for n in range(count)], [None] * count, ["2018-01-01"] * count,
        np.zeros(count, dtype=np.uint8), no, no, no, np.full(count, 100.0), shapes,
    )  # fmt: skip


def test_too_many_corners_are_made_fewer_and_the_page_says_so(sheet: MapSheet) -> None:
    wavy = shapely.Point(121.13, 27.82).buffer(0.004, quad_segs=500)
    shapes = np.empty(3, dtype=object)
    shapes[:] = [shapely.to_wkb(wavy), shapely.to_wkb(shapely.box(121, 27.8, 121.1, 27.9)), None]
    large = replace(sheet, parcels=many(shapes))
    page, notes = one_file_html(large, OneFileChoice(max_vertices=500))
    assert len(notes) == 1
    assert "已简化" in notes[0]
    assert notes[0] in visible(page)
    document = data(page, "parcels")
    assert document["numbers"] == ["P-0", "P-1", "P-2"]
    assert np.diff(numbers(document["ring_at"], "<i4")).tolist() == [1, 1, 0]
    assert len(numbers(document["xy"], "<i4")) <= 1000
    assert one_file_html(large, OneFileChoice())[1] == ()


def test_no_parcels_pack_to_nothing() -> None:
    document: Any = packed(no_parcels()).document
    assert document["numbers"] == []
    assert numbers(document["vertex_at"], "<i4").tolist() == [0]


def test_a_file_that_is_there_is_replaced_whole(sheet: MapSheet, tmp_path: Path) -> None:
    target = tmp_path / "map.html"
    target.write_text("before", encoding="utf-8")
    write_one_file(sheet, target)
    assert target.read_text(encoding="utf-8").lstrip().startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]


@pytest.mark.parametrize("given", ["", ",", "parcels,towns", "PARKS"])
def test_layers_that_do_not_exist_are_refused(given: str) -> None:
    with pytest.raises(UsageError, match="--layers"):
        checked_layers(given)


def test_layers_are_read_once_each() -> None:
    assert checked_layers("parks, coast,parks") == ("parks", "coast")
    assert checked_layers(None) is None
