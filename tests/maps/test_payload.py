"""What the browser draws from: the plan as printed, parcels with their dated status, no names."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely

from dongtou_geo.catalog.datasets import DATASETS
from dongtou_geo.catalog.layers import load_layers
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.maps.payload import (
    parcel_outline,
    parcel_properties,
    plan_document,
    search_keys,
)
from dongtou_geo.services.replay import ReplayedLedger, replayed
from dongtou_geo.services.sample import make_sample
from dongtou_geo.settings import GEODATA
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create

SQUARE = shapely.box(121.123456789123, 27.81, 121.13, 27.82)
LINE = Event(
    1, "A-1", EventKind.REGISTER, date(2016, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "张三",
    area_m2=mu_to_m2(60), park_id="park_nantang", source_doc="洞国土〔2016〕1号",
)  # fmt: skip
DRAWN = Parcel(
    "A-1", Origin.FILLED_SEA, AreaBasis.DRAWN, SQUARE.wkb, occupant="某某公司", note="密"
)
Json = dict[str, Any]


@pytest.fixture(scope="module")
def plan() -> Json:
    return plan_document(load_layers())


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> ReplayedLedger:
    return replayed(make_sample(tmp_path_factory.mktemp("ledger") / "sample.sqlite"))


def view_of(tmp_path: Path, *events: Event, parcel: Parcel = DRAWN) -> ReplayedLedger:
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    numbered = [replace(event, event_id=i) for i, event in enumerate([LINE, *events], start=1)]
    ledger.append([parcel], numbered)
    return replayed(ledger)


def step(day: str, status: str | None, since: str, area_mu: float = 60.0, **flag: str) -> Json:
    return {"from": day, "since": since, "status": status, "area_mu": area_mu, **flag}


def properties_of(view: ReplayedLedger, number: str = "A-1") -> Json:
    found: Json = parcel_properties(view.parcels[number], view.timeline[number], 7)
    return found


def all_properties(view: ReplayedLedger) -> list[Json]:
    return [properties_of(view, number) for number in view.parcels]


def on(day: str, kind: EventKind, *, area_mu: float | None = None) -> Event:
    area_m2 = None if area_mu is None else mu_to_m2(area_mu)
    return replace(LINE, kind=kind, effective_on=date.fromisoformat(day), area_m2=area_m2)


def shown(plan: Json, dataset: str) -> dict[str, Json]:
    return {f["properties"]["id"]: f["properties"] for f in plan["features"][dataset]["features"]}


def test_the_plan_has_its_layers_bottom_first_and_every_dataset_but_the_coast(plan: Json) -> None:
    assert [layer["id"] for layer in plan["layers"]] == [layer.id for layer in load_layers()]
    assert set(plan["features"]) == set(DATASETS) - {"coast"}
    assert {name: len(c["features"]) for name, c in plan["features"].items()} == {
        "zones": 3, "parks": 5, "reclamation": 8, "projects": 43,
    }  # fmt: skip


def test_the_documents_are_plain_json(plan: Json, sample: ReplayedLedger) -> None:
    for document in (plan, all_properties(sample)):
        assert json.loads(json.dumps(document, allow_nan=False)) == json.loads(json.dumps(document))


def test_outlines_are_those_of_geodata(plan: Json) -> None:
    for name in ("zones", "parks", "reclamation"):
        source = json.loads((GEODATA / f"{name}.geojson").read_text("utf-8"))
        drawn = plan["features"][name]["features"]
        assert [f["geometry"] for f in drawn] == [f["geometry"] for f in source["features"]]


def test_hovering_a_park_without_figures_gives_the_plans_area_as_printed(plan: Json) -> None:
    parks = shown(plan, "parks")
    assert "1360 亩" in parks["park_nantang"]["hover"].replace(",", "")
    assert "2.2 平方公里" in parks["park_startup"]["hover"]
    assert "未给" in shown(plan, "zones")["zone_main"]["hover"]
    assert all("示意" in park["hover"] for park in parks.values())


def test_large_plan_figures_are_never_written_as_powers_of_ten(tmp_path: Path) -> None:
    text = (GEODATA / "parks.geojson").read_text("utf-8")
    for name in ("zones", "reclamation", "projects"):
        (tmp_path / f"{name}.geojson").write_bytes((GEODATA / f"{name}.geojson").read_bytes())
    changed = re.sub(r'"plan_area_value": ?1360\b', '"plan_area_value":13600001', text)
    assert changed != text
    (tmp_path / "parks.geojson").write_text(changed, encoding="utf-8")
    park = shown(plan_document(load_layers(), geodata=tmp_path), "parks")["park_nantang"]
    assert "13600001" in park["hover"].replace(",", "")


def test_projects_say_whether_their_place_is_the_plans(plan: Json) -> None:
    source = json.loads((GEODATA / "projects.geojson").read_text("utf-8"))["features"]
    projects = shown(plan, "projects")
    for feature in source:
        own = feature["properties"]
        project = projects[f"project_{own['no']}"]
        assert project["place_stated"] or "不代表实地" in project["hover"]
        if own["sensitive"]:
            assert not project["place_stated"]
        assert ("待定" in project["hover"]) == (own["total_investment_wan"] is None)
    assert not any(
        projects[f"project_{no}"]["place_stated"] for no in (19, 20, 21, 22, 38, 39, 40, 41)
    )


def test_circles_grow_in_area_with_the_investment(plan: Json) -> None:
    source = json.loads((GEODATA / "projects.geojson").read_text("utf-8"))["features"]
    money = {
        f"project_{f['properties']['no']}": f["properties"]["total_investment_wan"] for f in source
    }
    radii = {name: project["radius"] for name, project in shown(plan, "projects").items()}
    smallest = min(radii.values())
    assert {radii[name] for name, wan in money.items() if wan is None} == {smallest}
    large = sorted(
        (wan, radii[name]) for name, wan in money.items() if wan and radii[name] > smallest
    )
    assert len(large) > 5
    for (few, r), (many, larger) in pairwise(large):
        assert larger >= r
        assert (larger / r) ** 2 == pytest.approx(many / few, rel=0.05)


def test_a_name_is_found_by_initials_pinyin_and_alias() -> None:
    keys = search_keys("南塘工业区", ["NT Park", "南塘"])
    for key in ("ntgyq", "nantanggongyequ", "nt park", "nantang"):
        assert key in keys
    assert all(key == key.lower() for key in keys)
    assert len(keys) == len(set(keys))


def test_a_parcel_carries_number_origin_and_dated_steps_alone(tmp_path: Path) -> None:
    assert properties_of(view_of(tmp_path, on("2019-05-01", EventKind.APPROVE))) == {
        "id": "parcel:A-1",
        "tile_id": 7,
        "name": "A-1",
        "origin": "filled_sea",
        "steps": [
            step("2016-01-01", "planned", "2016-01-01"),
            step("2019-05-01", "approved", "2019-05-01"),
        ],
    }


def test_no_person_firm_or_paper_reaches_the_browser_with_the_map(sample: ReplayedLedger) -> None:
    text = json.dumps(all_properties(sample), ensure_ascii=False)
    for parcel in sample.parcels.values():
        for word in (parcel.occupant, parcel.contract_no, parcel.responsible_unit, parcel.note):
            assert not word or word not in text
    for events in sample.events.values():
        for event in events:
            assert not event.source_doc or event.source_doc not in text


def test_a_screens_outline_is_within_a_centimetre_of_the_ledgers() -> None:
    geometry = parcel_outline(DRAWN)
    assert geometry["coordinates"][0][0][0] in (121.1234568, 121.13)
    assert shapely.hausdorff_distance(shapely.geometry.shape(geometry), SQUARE) < 1e-7


def test_a_parcel_without_an_outline_has_none_on_the_map() -> None:
    assert parcel_outline(replace(DRAWN, area_basis=AreaBasis.LEDGER, geometry_wkb=None)) is None


def test_halts_and_stops_are_flagged_from_their_day_to_their_end(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        on("2017-01-01", EventKind.START),
        on("2018-01-01", EventKind.HALT),
        on("2019-01-01", EventKind.RESUME),
        on("2020-01-01", EventKind.PRODUCE),
        on("2021-01-01", EventKind.STOP),
        on("2022-01-01", EventKind.RESTART),
    )
    assert properties_of(view)["steps"] == [
        step("2016-01-01", "planned", "2016-01-01"),
        step("2017-01-01", "building", "2017-01-01"),
        step("2018-01-01", "building", "2017-01-01", flag="停工"),
        step("2019-01-01", "building", "2017-01-01"),
        step("2020-01-01", "in_production", "2020-01-01"),
        step("2021-01-01", "completed", "2021-01-01", flag="停产"),
        step("2022-01-01", "in_production", "2022-01-01"),
    ]


def test_of_several_steps_on_one_day_the_last_counts(tmp_path: Path) -> None:
    day = "2018-01-01"
    view = view_of(tmp_path, on(day, EventKind.SUPPLY), on(day, EventKind.START))
    assert properties_of(view)["steps"][1:] == [step(day, "building", day)]


def test_part_use_has_a_status_of_its_own_and_an_ended_parcel_none(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        on("2018-01-01", EventKind.PRODUCE, area_mu=20),
        on("2024-01-01", EventKind.END),
    )
    assert properties_of(view)["steps"][1:] == [
        step("2018-01-01", "part_used", "2018-01-01"),
        step("2024-01-01", None, "2024-01-01", 0.0),
    ]


def test_every_step_has_a_status_that_the_layer_paints_in_order_of_days(
    sample: ReplayedLedger,
) -> None:
    painted = {status.value for status in STATUSES} | {None}
    seen = set()
    for properties in all_properties(sample):
        steps = properties["steps"]
        days = [step["from"] for step in steps]
        assert days == sorted(set(days))
        seen |= {step["status"] for step in steps}
    assert seen <= painted
    assert len(seen) >= len(STATUSES)


def test_names_stay_text_in_the_document(tmp_path: Path) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    parcel, event = replace(DRAWN, parcel_no=hostile), replace(LINE, parcel_no=hostile)
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    ledger.append([parcel], [event])
    assert properties_of(replayed(ledger), hostile)["name"] == hostile
